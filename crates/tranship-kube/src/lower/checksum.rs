//! Marks on pods' templates of the files and credentials their pods are given, so that a change of one replaces the pods.
//!
//! Of files the mark is a plain hash. Of credentials it is keyed, since the hash of a weak password gives the password to
//! anyone with a word list, and a manifest lies in Git. The key is derived from all credentials of the project together, as
//! the same project has to give the same bytes everywhere: whoever has the manifests alone would have to guess every one of
//! them at once. So a change of one credential replaces the pods of all that are given any. The mark is short besides, and
//! is left out where all credentials together are too short to make a key.

use std::collections::{BTreeMap, BTreeSet};

use tranship_source::yaml::{Map, Node, Value};

use super::Lowering;
use crate::object::Object;

/// The annotation with the mark of the ConfigMaps.
pub(crate) const CONFIG: &str = "tranship.dev/config-hash";
/// The annotation with the mark of the Secrets.
pub(crate) const SECRET: &str = "tranship.dev/secret-hash";

/// How many bytes all credentials together need to make a key.
const ENOUGH: usize = 16;

/// Puts the marks in. It comes when all objects are as they will be written.
pub(crate) fn lower(cx: &mut Lowering<'_>) {
    if cx.refreshed.is_empty() {
        return;
    }
    let wanted: BTreeSet<&str> = cx.refreshed.iter().map(String::as_str).collect();
    let of_kind = |kind: &str| -> BTreeMap<&str, &Object> {
        cx.objects.iter().filter(|object| object.kind() == kind).map(|object| (object.name(), object)).collect()
    };
    let (configs, secrets) = (of_kind("ConfigMap"), of_kind("Secret"));
    let key = key(&secrets);
    let mut marks = Vec::new();
    for (at, object) in cx.objects.iter().enumerate().filter(|(_, object)| wanted.contains(object.label().as_str())) {
        let Some(template) = object.get(&["spec", "template"]) else { continue };
        let mut used = Used::default();
        used.of_pod(template);
        let hasher = |all: &BTreeMap<&str, &Object>, names: &BTreeSet<&str>, start: blake3::Hasher| {
            let mut hasher = start;
            let mut any = false;
            for object in names.iter().filter_map(|name| all.get(name)) {
                any = true;
                digest(&mut hasher, object);
            }
            any.then(|| hasher.finalize().to_hex().as_str().get(..10).unwrap_or_default().to_owned())
        };
        let config = hasher(&configs, &used.configs, blake3::Hasher::new());
        let secret = key.and_then(|key| hasher(&secrets, &used.secrets, blake3::Hasher::new_keyed(&key)));
        marks.push((at, config, secret));
    }
    for (at, config, secret) in marks {
        let Some(object) = cx.objects.get_mut(at) else { continue };
        for (name, mark) in [(CONFIG, config), (SECRET, secret)] {
            if let Some(mark) = mark {
                object.set(&["spec", "template", "metadata", "annotations", name], mark);
            }
        }
    }
}

/// The key of all credentials; `None` where they are too short together.
fn key(secrets: &BTreeMap<&str, &Object>) -> Option<[u8; 32]> {
    let mut hasher = blake3::Hasher::new_derive_key("tranship pod templates, marks of credentials, version 1");
    let mut length = 0;
    for object in secrets.values() {
        length += digest(&mut hasher, object);
    }
    (length >= ENOUGH).then(|| *hasher.finalize().as_bytes())
}

/// Hashes what an object holds, and says how many bytes its values have.
fn digest(hasher: &mut blake3::Hasher, object: &Object) -> usize {
    let mut length = 0;
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    part(object.name().as_bytes());
    for field in ["data", "binaryData", "stringData"] {
        let entries: Option<&Map> = object.get(&[field]).and_then(Node::as_map);
        for (key, node) in entries.into_iter().flatten() {
            let value = node.as_str().unwrap_or_default();
            length += value.len();
            part(key.text.as_bytes());
            part(value.as_bytes());
        }
    }
    length
}

/// The objects a pod is given values or files of.
#[derive(Default)]
struct Used<'a> {
    configs: BTreeSet<&'a str>,
    secrets: BTreeSet<&'a str>,
}

impl<'a> Used<'a> {
    /// Everything a pod's template refers to, wherever it stands: in variables, in volumes and in sources of these.
    fn of_pod(&mut self, node: &'a Node) {
        match &node.value {
            Value::Sequence(items) => items.iter().for_each(|item| self.of_pod(item)),
            Value::Mapping(map) => {
                for (key, value) in map {
                    let name = |field: &str| value.get(field).and_then(Node::as_str);
                    match key.text.as_str() {
                        "configMapKeyRef" | "configMapRef" | "configMap" => self.configs.extend(name("name")),
                        "secretKeyRef" | "secretRef" => self.secrets.extend(name("name")),
                        "secret" => self.secrets.extend(name("secretName").or_else(|| name("name"))),
                        _ => self.of_pod(value),
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Node {
        tranship_source::yaml::parse(tranship_source::Sources::new().add("t.yaml", text), text).value.remove(0)
    }

    #[test]
    fn references_are_found_wherever_they_stand() {
        let pod = tree(
            "{spec: {containers: [{env: [{valueFrom: {secretKeyRef: {name: a}}}], envFrom: [{configMapRef: {name: b}}]}], \
             volumes: [{secret: {secretName: c}}, {projected: {sources: [{configMap: {name: d}}, {secret: {name: e}}]}}]}}",
        );
        let mut used = Used::default();
        used.of_pod(&pod);
        assert_eq!(used.configs.into_iter().collect::<Vec<_>>(), ["b", "d"]);
        assert_eq!(used.secrets.into_iter().collect::<Vec<_>>(), ["a", "c", "e"]);
    }
}
