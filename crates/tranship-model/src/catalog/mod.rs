//! Products the tool knows: what an image is, where it keeps data, who it runs as, how it is asked for its health.
//!
//! The facts are TOML files in `catalog/`, one per product, whose format is described there. They are embedded and
//! found by image reference with [`find`], for which `names.rs` is generated; a file is parsed only when its product is asked for. This module holds no
//! fact of its own. Start reading at [`Product`].

pub mod image;
mod list;
#[rustfmt::skip]
mod names;
pub mod product;
pub mod registries;
pub mod tags;
pub mod written;

use std::sync::OnceLock;

pub use image::ImageRef;
pub use product::{Account, Cluster, Decision, ProductRole, Purpose, Start, TagUser};
pub use product::{Category, Credential, CredentialKind, DataDir, DumpMethod, Kind, Port, Probe, ProbeCheck, Product};

/// The product an image reference names, whatever its registry, tag and digest.
pub fn find(image: &str) -> Option<&'static Product> {
    let reference = ImageRef::parse(image);
    reference.names().find_map(owner).and_then(by_name)
}

/// The name of the product an image's name belongs to.
fn owner(image: &str) -> Option<&'static str> {
    let at = names::NAMES.binary_search_by(|(known, _)| (*known).cmp(image)).ok()?;
    names::NAMES.get(at).map(|(_, product)| *product)
}

/// The product of a name such as `postgres`.
pub fn by_name(name: &str) -> Option<&'static Product> {
    list::PRODUCTS.binary_search_by(|(known, _)| (*known).cmp(name)).ok().and_then(product)
}

/// Every product, sorted by name. Parses them all.
pub fn all() -> impl Iterator<Item = &'static Product> {
    (0..list::PRODUCTS.len()).filter_map(product)
}

/// The product at a place of the list, parsed once. `None` would be a fault in the file, which the tests refuse.
fn product(position: usize) -> Option<&'static Product> {
    static PARSED: OnceLock<Vec<OnceLock<Option<Product>>>> = OnceLock::new();
    let cells = PARSED.get_or_init(|| list::PRODUCTS.iter().map(|_| OnceLock::new()).collect());
    let (_, text) = list::PRODUCTS.get(position)?;
    cells.get(position)?.get_or_init(|| toml::from_str(text).ok()).as_ref()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn folder() -> std::path::PathBuf {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog")
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "compares the list with the folder it is made from")]
    fn the_list_names_every_file_of_the_folder_in_order() {
        let mut files: Vec<String> = std::fs::read_dir(folder())
            .unwrap()
            .filter_map(|entry| {
                entry.unwrap().file_name().into_string().unwrap().strip_suffix(".toml").map(str::to_owned)
            })
            .collect();
        files.sort();
        let listed: Vec<&str> = list::PRODUCTS.iter().map(|(name, _)| *name).collect();
        let line = |name: &String| format!("    (\"{name}\", include_str!(\"../../catalog/{name}.toml\")),");
        let lines = files.iter().map(line).collect::<Vec<_>>().join("\n");
        assert!(listed == files, "src/catalog/list.rs should list these products:\n{lines}");
    }

    #[test]
    fn every_file_parses_and_is_found_by_its_names() {
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for (position, (name, text)) in list::PRODUCTS.iter().enumerate() {
            let parsed: Product = toml::from_str(text).unwrap_or_else(|fault| panic!("{name}.toml: {fault}"));
            assert_eq!(parsed.name, *name, "the name is the file's name");
            let product = product(position).unwrap();
            for image in product.images.iter().chain(&product.variants) {
                if let Some(other) = owners.insert(image, name) {
                    panic!("{image} is claimed by {other} and {name}");
                }
                assert_eq!(find(image).map(|p| p.name.as_str()), Some(*name), "{image}");
            }
            assert_eq!(by_name(name).map(|p| p.name.as_str()), Some(*name));
        }
        assert!(names::NAMES.iter().copied().eq(owners), "`cargo xtask gen` writes src/catalog/names.rs");
    }

    #[test]
    fn every_product_keeps_the_rules_of_the_format() {
        let faults: Vec<String> =
            all().flat_map(|p| p.faults().into_iter().map(|fault| format!("{}.toml: {fault}", p.name))).collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn no_tag_sees_a_port_or_a_directory_twice() {
        let samples = ["latest", "alpine", "1", "1.2-alpine", "2", "2.7", "6", "6-fpm-alpine", "7.17.0", "8", "8.15.0"];
        let samples = samples.into_iter().chain(["3-management", "9.0", "16", "18", "25.1", "2025.12", "latest-pg17"]);
        for (product, tag) in all().flat_map(|product| samples.clone().map(move |tag| (product, tag))) {
            let mut ports: Vec<_> =
                product.ports_for(Some(tag)).map(|port| (port.port, format!("{:?}", port.protocol))).collect();
            let mut names: Vec<_> = product.ports_for(Some(tag)).map(|port| port.name.as_str()).collect();
            let mut paths: Vec<_> = product.data_for(Some(tag)).map(|dir| dir.path.as_str()).collect();
            let count = (ports.len(), names.len(), paths.len());
            ports.sort();
            ports.dedup();
            names.sort_unstable();
            names.dedup();
            paths.sort_unstable();
            paths.dedup();
            assert_eq!((ports.len(), names.len(), paths.len()), count, "{}:{tag}", product.name);
        }
    }

    #[test]
    fn users_ports_and_directories_follow_the_tag() {
        let user = |name, tag| by_name(name).and_then(|p| p.user_for(Some(tag))).map(|user| (user.uid, user.gid));
        for (name, tag, expect) in [
            ("postgres", "16", Some((999, Some(999)))),
            ("postgres", "16-alpine", Some((70, Some(70)))),
            ("redis", "4-alpine", Some((100, Some(101)))),
            ("redis", "7-alpine", Some((999, Some(1000)))),
            ("prometheus", "v3.9.0-distroless", Some((65532, Some(65532)))),
            ("prometheus", "v3.9.0", Some((65534, Some(65534)))),
            ("grafana", "5.0.4", Some((104, Some(107)))),
            ("grafana", "7.2.1", Some((472, Some(472)))),
            ("grafana", "11.1.0", Some((472, Some(0)))),
            ("kafka-confluent", "5.5.1-1-ubi8", Some((1000, Some(1000)))),
            ("kafka-confluent", "5.5.1", Some((0, Some(0)))),
            ("apisix", "2.15.0-alpine", None),
        ] {
            assert_eq!(user(name, tag), expect, "{name}:{tag}");
        }
        let plain = |tag| by_name("elasticsearch").unwrap().ports_for(Some(tag)).find(|p| p.port == 9200).unwrap().http;
        assert_eq!((plain("7.17.9"), plain("8.15.0"), plain("latest")), (true, false, false));
        let first = |name: &str, tag| by_name(name).unwrap().data_for(tag).next().unwrap().path.as_str();
        assert_eq!(first("postgres", Some("17")), "/var/lib/postgresql/data");
        assert_eq!(first("postgres", None), "/var/lib/postgresql");
        assert_eq!(first("postgis-mdillon", None), "/var/lib/postgresql/data");
        assert_eq!(first("chroma", Some("0.6.3")), "/chroma/chroma");
    }

    #[test]
    fn products_are_found_whatever_registry_and_tag() {
        for (image, expect) in [
            ("postgres", Some("postgres")),
            ("postgres:16-alpine", Some("postgres")),
            ("docker.io/library/postgres:16", Some("postgres")),
            ("library/redis", Some("redis")),
            ("registry.example:5000/postgres@sha256:00", Some("postgres")),
            ("public.ecr.aws/docker/library/redis:7", Some("redis")),
            ("nobody/postgres", None),
            ("", None),
        ] {
            assert_eq!(find(image).map(|p| p.name.as_str()), expect, "{image}");
        }
    }
}
