//! Arrows between crates point down, as `docs/architecture.md` draws them.

use toml::{Table, Value};

use super::{Fault, Tree};
use crate::tidy::tree::File;

/// Every crate with its layer. Layer 9 is for development: it may use anything below, and nothing ships with it.
pub const LAYERS: &[(&str, u8)] = &[
    // tidy: sorted
    ("tranship", 4),
    ("tranship-analyze", 3),
    ("tranship-audit", 3),
    ("tranship-compose", 2),
    ("tranship-data", 3),
    ("tranship-emit", 3),
    ("tranship-fuzz", 9),
    ("tranship-harden", 3),
    ("tranship-image", 2),
    ("tranship-infer", 3),
    ("tranship-inspect", 3),
    ("tranship-kube", 2),
    ("tranship-model", 1),
    ("tranship-ops", 3),
    ("tranship-proxy", 2),
    ("tranship-seal", 3),
    ("tranship-source", 0),
    ("tranship-testing", 8),
    ("xtask", 9),
    // tidy: end
];

/// The one arrow within a layer.
const SIBLINGS: &[(&str, &str)] = &[("tranship-data", "tranship-ops")];

/// Libraries with a home: what they bring is wanted there and nowhere else.
const HOMES: &[(&str, &[&str])] = &[
    // tidy: sorted
    ("anyhow", &["tranship", "tranship-fuzz", "xtask"]),
    ("bollard", &["tranship-data", "tranship-ops"]),
    ("clap", &["tranship", "tranship-fuzz", "xtask"]),
    ("kube", &["tranship-data", "tranship-ops"]),
    ("nix", &["tranship", "tranship-testing", "xtask"]),
    ("tokio", &["tranship", "tranship-data", "tranship-ops"]),
    ("ureq", &["tranship-inspect"]),
    // tidy: end
];

/// Reads the manifest of each crate.
pub fn check(tree: &Tree) -> Vec<Fault> {
    let manifests =
        tree.files.iter().filter(|file| file.path.starts_with("crates/") && file.path.ends_with("/Cargo.toml"));
    manifests.flat_map(manifest).collect()
}

fn manifest(file: &File) -> Vec<Fault> {
    let fault = |what: String| Fault { path: file.path.clone(), line: 0, what };
    let table: Table = match file.text.parse() {
        Ok(table) => table,
        Err(error) => return vec![fault(format!("cannot be read: {error}"))],
    };
    let name = table.get("package").and_then(|package| package.get("name")).and_then(Value::as_str).unwrap_or("");
    let Some(own) = layer(name) else {
        return vec![fault(format!("`{name}` has no layer; give it one in tidy/arrows.rs"))];
    };
    let mut wrong = Vec::new();
    for dependency in names(&table, &["dependencies", "build-dependencies"]) {
        if let Some(other) = layer(dependency) {
            if other >= own && !SIBLINGS.contains(&(name, dependency)) {
                wrong.push(format!(
                    "`{name}` (layer {own}) must not use `{dependency}` (layer {other}): arrows point down"
                ));
            }
        } else if HOMES.iter().any(|(library, homes)| *library == dependency && !homes.contains(&name)) {
            wrong.push(format!("`{dependency}` does not belong in `{name}`"));
        }
    }
    for dependency in names(&table, &["dev-dependencies"]) {
        if layer(dependency).is_some_and(|other| other >= own && other < 8) {
            wrong.push(format!("the tests of `{name}` must not use `{dependency}`: arrows point down there too"));
        }
    }
    if table.contains_key("features") {
        wrong.push("Cargo features are no switches here: a setting is a value".to_owned());
    }
    if table.get("lints").and_then(|lints| lints.get("workspace")).and_then(Value::as_bool) != Some(true) {
        wrong.push("`[lints] workspace = true` is missing".to_owned());
    }
    wrong.into_iter().map(fault).collect()
}

fn layer(name: &str) -> Option<u8> {
    LAYERS.iter().find(|(known, _)| *known == name).map(|(_, layer)| *layer)
}

fn names<'a>(table: &'a Table, sections: &[&str]) -> Vec<&'a str> {
    let tables = sections.iter().filter_map(|section| table.get(*section)?.as_table());
    tables.flat_map(|section| section.keys().map(String::as_str)).collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::Tree;

    fn faults(name: &str, rest: &str) -> Vec<String> {
        let text = format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n{rest}");
        check(&Tree::of("crates/x/Cargo.toml", &text)).into_iter().map(|fault| fault.what).collect()
    }

    #[test]
    fn arrows_that_point_down_pass() {
        assert_eq!(faults("tranship-kube", "[dependencies]\ntranship-model = {}\n"), [""; 0]);
        assert_eq!(faults("tranship-data", "[dependencies]\ntranship-ops = {}\ntokio = {}\n"), [""; 0]);
        assert_eq!(faults("tranship-kube", "[dev-dependencies]\ntranship-testing = {}\n"), [""; 0]);
    }

    #[test]
    fn arrows_up_and_across_are_faults() {
        let up = faults("tranship-model", "[dependencies]\ntranship-kube = {}\n");
        assert_eq!(up, ["`tranship-model` (layer 1) must not use `tranship-kube` (layer 2): arrows point down"]);
        assert_eq!(faults("tranship-compose", "[dependencies]\ntranship-kube = {}\n").len(), 1);
        assert_eq!(faults("tranship-compose", "[dev-dependencies]\ntranship-kube = {}\n").len(), 1);
        assert_eq!(faults("tranship-emit", "[dependencies]\ntranship-testing = {}\n").len(), 1);
    }

    #[test]
    fn libraries_stay_in_their_home_and_every_crate_has_a_layer() {
        assert_eq!(
            faults("tranship-compose", "[dependencies]\ntokio = {}\n"),
            ["`tokio` does not belong in `tranship-compose`"]
        );
        assert_eq!(faults("tranship-new", ""), ["`tranship-new` has no layer; give it one in tidy/arrows.rs"]);
        assert_eq!(faults("tranship-kube", "[features]\nfast = []\n").len(), 1);
        assert_eq!(check(&Tree::of("crates/x/Cargo.toml", "[package]\nname = \"xtask\"\n")).len(), 1);
    }
}
