//! `docs/products.md`: the products of the catalog, so that a reader sees at a glance what the tool knows; and the table
//! by which the product of an image is found without a look into any of the files.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::Generated;

const CATALOG: &str = "crates/tranship-model/catalog";
const NAMES: &str = "crates/tranship-model/src/catalog/names.rs";

/// One page with a table per category, and the table of image names.
pub fn generate(root: &Path) -> Result<Vec<Generated>> {
    let mut products = Vec::new();
    for entry in fs::read_dir(root.join(CATALOG)).with_context(|| format!("listing {CATALOG}"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            products.push(text.parse::<Table>().with_context(|| format!("reading {}", path.display()))?);
        }
    }
    Ok(vec![("docs/products.md".to_owned(), page(&products)), (NAMES.to_owned(), names(&products))])
}

/// Every image name with its product, sorted.
fn names(products: &[Table]) -> String {
    let images = |product: &Table| {
        let lists = ["images", "variants"].map(|key| product.get(key).and_then(Value::as_array).cloned());
        let names = lists.into_iter().flatten().flatten().filter_map(|name| name.as_str().map(str::to_owned));
        let product = text(product, "name").to_owned();
        names.map(|name| (name, product.clone())).collect::<Vec<_>>()
    };
    let sorted: BTreeMap<String, String> = products.iter().flat_map(images).collect();
    let mut file =
        "//! Image names and the products they belong to, sorted. Written by `cargo xtask gen` from `catalog/`.\n\n\
                    /// Image name and product.\npub(super) const NAMES: &[(&str, &str)] = &[\n"
            .to_owned();
    for (name, product) in sorted {
        let _infallible = writeln!(file, "    ({name:?}, {product:?}),");
    }
    file + "];\n"
}

fn page(products: &[Table]) -> String {
    let mut by_category: BTreeMap<&str, BTreeMap<&str, &Table>> = BTreeMap::new();
    for product in products {
        by_category.entry(text(product, "category")).or_default().insert(text(product, "name"), product);
    }
    let mut page = format!(
        "<!-- Written by `cargo xtask gen` from {CATALOG}; edit the files there. -->\n# Products tranship knows\n\n\
         {} products. Each is one file of data in `{CATALOG}`, which also names the pages its facts were read from.\n",
        products.len()
    );
    for (category, products) in by_category {
        let _infallible = write!(
            page,
            "\n## {category}\n\n| product | images | role | runs as | ports | data |\n|---|---|---|---|---|---|\n"
        );
        for product in products.values() {
            page.push_str(&row(product));
        }
    }
    page
}

fn row(product: &Table) -> String {
    let images = product.get("images").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let images: Vec<String> = images.iter().filter_map(Value::as_str).map(|image| format!("`{image}`")).collect();
    format!(
        "| {} | {} | {} | {} | {} | {} |\n",
        text(product, "title"),
        images.join(", "),
        text(product, "role"),
        text(product, "kind"),
        each(product, "ports", |port| Some(port.get("port")?.as_integer()?.to_string())),
        each(product, "data", |data| Some(format!("`{}`", data.get("path")?.as_str()?))),
    )
}

/// One value of each table of a list, without repetitions, in the order of the file.
fn each(product: &Table, list: &str, value: impl Fn(&Value) -> Option<String>) -> String {
    let mut seen: Vec<String> = Vec::new();
    for found in product.get(list).and_then(Value::as_array).into_iter().flatten().filter_map(value) {
        if !seen.contains(&found) {
            seen.push(found);
        }
    }
    seen.join(", ")
}

fn text<'a>(product: &'a Table, key: &str) -> &'a str {
    product.get(key).and_then(Value::as_str).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn products_stand_in_their_category_by_name() {
        let product = |text: &str| text.parse().unwrap();
        let page = page(&[
            product(
                "name = 'b'\ntitle = 'Bee'\ncategory = 'databases'\nrole = 'database'\nkind = 'service'\nimages = ['bee']\n[[ports]]\nport = 1\n[[ports]]\nport = 1\n",
            ),
            product("name = 'a'\ntitle = 'Ay'\ncategory = 'databases'\n"),
        ]);
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
        assert_eq!(rows, ["| Ay |  |  |  |  |  |", "| Bee | `bee` | database | service | 1 |  |"]);
    }
}
