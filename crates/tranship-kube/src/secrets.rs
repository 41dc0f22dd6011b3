//! Secrets that are not written: taken from the set because they exist already, or fetched from a store outside the cluster
//! by the External Secrets operator.
//!
//! Whatever refers to a Secret refers to it by the same name in every form, so that nothing else changes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tranship_source::yaml::{Map, Node};

use crate::object::{Object, ObjectSet};

/// Where values are fetched from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// `SecretStore` or `ClusterSecretStore`.
    pub kind: &'static str,
    /// The store's name.
    pub name: String,
    /// What is behind it; `None` for a store that is there already.
    pub provider: Option<Provider>,
}

/// What is behind a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provider {
    /// AWS Secrets Manager in a region.
    Aws(String),
    /// Google Secret Manager of a project.
    Google(String),
    /// An Azure Key Vault by its URL.
    Azure(String),
    /// A Vault by its URL: the key-value engine, version 2, at `secret`.
    Vault(String),
}

impl Provider {
    /// What separates the project from the Secret in the name of an entry: some stores take no slash.
    fn separator(&self) -> char {
        match self {
            Self::Aws(_) | Self::Vault(_) => '/',
            Self::Google(_) | Self::Azure(_) => '-',
        }
    }
}

/// A Secret that was taken out of the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its name.
    pub name: String,
    /// Its keys, in order.
    pub keys: Vec<String>,
    /// What has to be in the store for it; empty without a store.
    pub entries: Vec<Entry>,
}

/// One entry of a store: several values under one name.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name in the store.
    pub name: String,
    /// Keys and values. Values that are no text stand in base64.
    pub values: Vec<(String, String)>,
}

/// Values are not shown.
impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).field("values", &self.values.len()).finish()
    }
}

/// Takes every Secret out of a set. With a store, an ExternalSecret that makes it stands in its place, and the store itself
/// where it is not there already.
pub fn take(set: &mut ObjectSet, project: &str, store: Option<&Store>) -> Vec<Taken> {
    let mut taken = Vec::new();
    let mut objects = Vec::with_capacity(set.objects.len() + 1);
    for object in std::mem::take(&mut set.objects) {
        if object.kind() != "Secret" {
            objects.push(object);
            continue;
        }
        let entries = store.map_or_else(Vec::new, |store| entries(&object, project, store));
        let keys = ["stringData", "data"].iter().flat_map(|field| pairs(&object, field).map(|(key, _)| key)).collect();
        if let Some(store) = store {
            if taken.is_empty()
                && let Some(provider) = &store.provider
            {
                objects.push(store_object(store, provider, &object, project));
            }
            objects.push(external(&object, store, &entries));
        }
        taken.push(Taken { name: object.name().to_owned(), keys, entries });
    }
    set.objects = objects;
    taken
}

/// Keys and values of a field of a Secret.
fn pairs<'a>(secret: &'a Object, field: &'a str) -> impl Iterator<Item = (String, String)> + 'a {
    let map = secret.get(&[field]).and_then(Node::as_map);
    map.into_iter().flatten().filter_map(|(key, value)| Some((key.text.clone(), value.as_str()?.to_owned())))
}

/// What the store has to hold for a Secret: its texts, and what is no text apart.
fn entries(secret: &Object, project: &str, store: &Store) -> Vec<Entry> {
    let separator = store.provider.as_ref().map_or('/', Provider::separator);
    let name = format!("{project}{separator}{}", secret.name());
    let (mut texts, mut others): (Vec<_>, Vec<_>) = (pairs(secret, "stringData").collect(), Vec::new());
    for (key, value) in pairs(secret, "data") {
        match STANDARD.decode(&value).map(String::from_utf8) {
            Ok(Ok(text)) => texts.push((key, text)),
            _ => others.push((key, value)),
        }
    }
    let mut out = Vec::new();
    if !texts.is_empty() {
        out.push(Entry { name: name.clone(), values: texts });
    }
    if !others.is_empty() {
        out.push(Entry { name: format!("{name}-binary"), values: others });
    }
    out
}

/// The ExternalSecret that makes a Secret of what the store holds.
fn external(secret: &Object, store: &Store, entries: &[Entry]) -> Object {
    let mut object = Object::new("external-secrets.io/v1", "ExternalSecret", secret.name());
    copy(secret, &mut object);
    object.set(&["spec", "refreshInterval"], "1h0m0s");
    let reference = Node::from([("kind", store.kind.into()), ("name", store.name.as_str().into())]);
    object.set(&["spec", "secretStoreRef"], reference);
    object.set(&["spec", "target"], Node::from([("name", secret.name().into()), ("creationPolicy", "Owner".into())]));
    let one = |entry: &Entry| {
        let mut extract = Map::default();
        extract.insert("key".into(), entry.name.as_str().into());
        if entry.name.ends_with("-binary") {
            extract.insert("decodingStrategy".into(), "Base64".into());
        }
        Node::from([("extract", Node::from(extract))])
    };
    object.set(&["spec", "dataFrom"], entries.iter().map(one).collect::<Vec<_>>());
    object
}

/// The store, for a provider that was named.
fn store_object(store: &Store, provider: &Provider, secret: &Object, project: &str) -> Object {
    let mut object = Object::new("external-secrets.io/v1", store.kind, store.name.as_str());
    object.set(&["metadata", "namespace"], secret.namespace());
    for label in ["app.kubernetes.io/instance", "app.kubernetes.io/managed-by"] {
        if let Some(value) = secret.get(&["metadata", "labels", label]) {
            object.set(&["metadata", "labels", label], value.clone());
        }
    }
    let (key, settings) = match provider {
        Provider::Aws(region) => {
            ("aws", Node::from([("service", "SecretsManager".into()), ("region", region.as_str().into())]))
        }
        Provider::Google(id) => ("gcpsm", Node::from([("projectID", Node::from(id.as_str()))])),
        Provider::Azure(url) => {
            ("azurekv", Node::from([("authType", "WorkloadIdentity".into()), ("vaultUrl", url.as_str().into())]))
        }
        Provider::Vault(url) => {
            let login = Node::from([("mountPath", "kubernetes".into()), ("role", project.into())]);
            let settings = [
                ("server", url.as_str().into()),
                ("path", "secret".into()),
                ("version", "v2".into()),
                ("auth", Node::from([("kubernetes", login)])),
            ];
            ("vault", Node::from(settings))
        }
    };
    object.set(&["spec", "provider", key], settings);
    object
}

/// Gives an object the metadata of the Secret it stands for.
fn copy(secret: &Object, object: &mut Object) {
    if let Some(metadata) = secret.get(&["metadata"]) {
        object.set(&["metadata"], metadata.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set() -> ObjectSet {
        let mut secret = Object::new("v1", "Secret", "web-env");
        secret.set(&["metadata", "namespace"], "shop");
        secret.set(&["stringData", "PASSWORD"], "hunter2");
        secret.set(&["data", "key.bin"], STANDARD.encode([0xff, 0xfe]));
        ObjectSet { objects: vec![Object::new("v1", "Service", "web"), secret] }
    }

    #[test]
    fn secrets_that_exist_are_taken_out_with_their_keys_named() {
        let mut set = set();
        let taken = take(&mut set, "shop", None);
        assert_eq!(set.iter().map(Object::label).collect::<Vec<_>>(), ["Service/web"]);
        assert_eq!(taken.first().map(|one| one.keys.join(" ")).as_deref(), Some("PASSWORD key.bin"));
        assert!(taken.iter().all(|one| one.entries.is_empty()));
    }

    #[test]
    fn a_store_gives_the_same_secret_and_no_value_is_in_the_objects() {
        let vault = Provider::Vault("https://vault.example.com".to_owned());
        let store = Store { kind: "SecretStore", name: "shop".to_owned(), provider: Some(vault) };
        let mut set = set();
        let taken = take(&mut set, "shop", Some(&store));
        let labels: Vec<_> = set.iter().map(Object::label).collect();
        assert_eq!(labels, ["Service/web", "SecretStore/shop", "ExternalSecret/web-env"]);
        let text: String = set.iter().map(|object| tranship_source::yaml::write(&object.tree)).collect();
        assert!(!text.contains("hunter2") && text.contains("key: shop/web-env\n"), "{text}");
        let entries: Vec<_> = taken.iter().flat_map(|one| &one.entries).map(|entry| entry.name.as_str()).collect();
        assert_eq!(entries, ["shop/web-env", "shop/web-env-binary"]);
        assert!(!format!("{taken:?}").contains("hunter2"));
    }

    #[test]
    fn stores_that_take_no_slash_get_none() {
        let google = Provider::Google("p".to_owned());
        let store = Store { kind: "SecretStore", name: "shop".to_owned(), provider: Some(google) };
        let taken = take(&mut set(), "shop", Some(&store));
        let name = taken.first().and_then(|one| one.entries.first()).map(|entry| entry.name.as_str());
        assert_eq!(name, Some("shop-web-env"));
    }
}
