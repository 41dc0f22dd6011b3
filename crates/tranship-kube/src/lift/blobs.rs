//! ConfigMaps and Secrets as files.

use std::collections::BTreeMap;

use base64::Engine;
use tranship_model::{Blob, BlobContent, BlobFile, Stack};
use tranship_source::Secret;
use tranship_source::yaml::Node;

use super::read::{scalar, template};
use super::{Lifting, origin, source_name};
use crate::object::{Object, ObjectSet};

/// Adds the files of a ConfigMap or Secret that a pod mounts; one that only fills variables is part of those.
pub(crate) fn lift(cx: &mut Lifting<'_>, object: &Object, stack: &mut Stack) {
    let is_secret = object.kind() == "Secret";
    let Some(items) = mounted_items(cx.set, object) else { return };
    let mut files: Vec<BlobFile> = files(object)
        .into_iter()
        .map(|(key, bytes)| {
            let (path, mode) = items.get(&key).cloned().unwrap_or((key, 0o644));
            BlobFile { path, bytes: Secret::new(bytes), mode }
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let origin = origin(object, "data", &object.tree);
    let blob = Blob { origin, name: None, content: BlobContent::Files(files), labels: Vec::new(), said: None };
    let blobs = if is_secret { &mut stack.secrets } else { &mut stack.configs };
    blobs.insert(source_name(object), blob);
}

/// Whether a pod mounts the object, so that its files are part of the stack.
pub(crate) fn is_mounted(set: &ObjectSet, object: &Object) -> bool {
    mounted_items(set, object).is_some()
}

/// Path and mode of each key, as the first volume that mounts the object has them; `None` when no pod mounts it.
fn mounted_items(set: &ObjectSet, object: &Object) -> Option<BTreeMap<String, (String, u32)>> {
    let (field, name) = if object.kind() == "Secret" { ("secret", "secretName") } else { ("configMap", "name") };
    let source = set.iter().find_map(|workload| {
        let volumes = template(workload)?.at(&["spec", "volumes"])?.as_seq()?;
        let mut sources = volumes.iter().filter_map(|volume| volume.get(field));
        sources.find(|source| source.get(name).and_then(Node::as_str) == Some(object.name()))
    })?;
    let mode = |node: Option<&Node>| node.and_then(Node::as_int).and_then(|mode| u32::try_from(mode).ok());
    let default = mode(source.get("defaultMode")).unwrap_or(0o644);
    let items = source.get("items").and_then(Node::as_seq).unwrap_or_default();
    let one = |item: &Node| {
        let path = item.get("path")?.as_str()?.to_owned();
        Some((item.get("key")?.as_str()?.to_owned(), (path, mode(item.get("mode")).unwrap_or(default))))
    };
    Some(items.iter().filter_map(one).collect())
}

/// Keys and bytes of a ConfigMap or Secret, sorted; `stringData` wins over `data`, as the server has it.
pub(crate) fn files(object: &Object) -> BTreeMap<String, Vec<u8>> {
    let is_secret = object.kind() == "Secret";
    let mut out = BTreeMap::new();
    for (field, encoded) in [("data", is_secret), ("binaryData", true), ("stringData", false)] {
        let Some(map) = object.get(&[field]).and_then(Node::as_map) else { continue };
        for (key, node) in map {
            let Some(text) = scalar(node) else { continue };
            let bytes = if encoded { decode(&text) } else { Some(text.into_bytes()) };
            out.extend(bytes.map(|bytes| (key.text.clone(), bytes)));
        }
    }
    out
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(packed).ok()
}
