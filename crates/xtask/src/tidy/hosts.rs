//! No registry host names in code, scripts and docs: images are written as in Compose, packages come as configured.

use super::{Fault, Tree};

/// Hosts of image registries, written in two halves so that this file passes its own rule.
const HOSTS: &[(&str, &str)] = &[
    // tidy: sorted
    ("docker", ".io"),
    ("gcr", ".io"),
    ("ghcr", ".io"),
    ("mcr.microsoft", ".com"),
    ("public.ecr", ".aws"),
    ("quay", ".io"),
    ("registry.k8s", ".io"),
    // tidy: end
];

/// Where such names are data: products are told apart by them, projects use them, tests repeat them.
const DATA: &[&str] =
    &["crates/tranship-model/catalog/", "docs/products.md", "examples/", "/tests/", "/fixtures/", "/cases/"];

/// Looks at the code before the tests of Rust files, and at all of the others.
pub fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in tree.files.iter().filter(|file| !DATA.iter().any(|data| file.path.contains(data))) {
        for (number, line) in file.code() {
            let found = HOSTS.iter().map(|(a, b)| format!("{a}{b}")).find(|host| names(line, host));
            faults.extend(found.and_then(|host| file.fault("hosts", number, format!("names the registry `{host}`"))));
        }
    }
    faults
}

/// Whether a line has the host as a whole name: `notquay.io` and the label prefix `x.docker.iota` are others.
fn names(line: &str, host: &str) -> bool {
    line.match_indices(host).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        let after = line.get(at + host.len()..).and_then(|tail| tail.chars().next());
        !before.is_some_and(|c| c.is_alphanumeric() || c == '-')
            && !after.is_some_and(|c| c.is_alphanumeric() || c == '-')
    })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::Tree;

    #[test]
    fn a_registry_in_a_script_is_a_fault_and_in_data_it_is_not() {
        let line = ["docker pull quay", ".io/a/b\n"].concat();
        assert_eq!(check(&Tree::of(".ci/run", &line)).len(), 1);
        assert_eq!(check(&Tree::of("examples/a/compose.yaml", &line)), []);
        assert_eq!(check(&Tree::of("docs/a.md", "notquay.iot\n")), []);
    }
}
