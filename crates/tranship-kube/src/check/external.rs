//! Names promised to exist outside the set of objects.

use std::collections::BTreeSet;

use crate::lower::Lowered;

/// The annotation by which an object promises that what it refers to exists: `Secret/shop-tls, ConfigMap/ca`.
pub const ANNOTATION: &str = "tranship.dev/external";

/// Objects that exist in the cluster already, by kind and name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct External {
    names: BTreeSet<(String, String)>,
}

impl External {
    /// No promise.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds the promise of an object of this kind and name.
    #[must_use]
    pub fn with(mut self, kind: &str, name: &str) -> Self {
        self.names.insert((kind.to_owned(), name.to_owned()));
        self
    }

    /// What a project says exists already: its external volumes, configs and secrets.
    pub fn of(lowered: &Lowered) -> Self {
        let kinds = [
            ("PersistentVolumeClaim", &lowered.external_claims),
            ("ConfigMap", &lowered.external_config_maps),
            ("Secret", &lowered.external_secrets),
            ("ServiceAccount", &lowered.external_accounts),
        ];
        let names = kinds.into_iter().flat_map(|(kind, names)| names.iter().map(move |name| (kind, name)));
        Self { names: names.map(|(kind, name)| (kind.to_owned(), name.clone())).collect() }
    }

    /// Reads promises as the annotation holds them: `Kind/name` separated by commas. What does not read is left out.
    pub fn parse(text: &str) -> Self {
        let pairs = text.split(',').filter_map(|item| item.trim().split_once('/'));
        Self { names: pairs.map(|(kind, name)| (kind.to_owned(), name.to_owned())).collect() }
    }

    /// Whether the object was promised.
    pub fn has(&self, kind: &str, name: &str) -> bool {
        self.names.iter().any(|(k, n)| k == kind && n == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_are_read_from_an_annotation() {
        let external = External::parse("Secret/shop-tls, ConfigMap/ca,oddity");
        assert!(external.has("Secret", "shop-tls") && external.has("ConfigMap", "ca"));
        assert!(!external.has("Secret", "ca"));
    }
}
