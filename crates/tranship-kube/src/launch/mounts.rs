//! What a process finds at each path a container mounts.

use std::borrow::Cow;
use std::path::Path;

use tranship_model::launch::{File, Seen, What};
use tranship_source::yaml::Node;

use super::Cluster;
use super::files::{content, contents};
use super::read::{flag, name_at};
use crate::lift::quantity::bytes;
use crate::object::Object;

/// Mode of files of ConfigMaps and Secrets that ask for no other.
const DEFAULT_MODE: u32 = 0o644;

/// What a group that owns the pod's volumes may do with files that nobody may write.
const GROUP_READS: u32 = 0o440;

/// The mounts sorted by path.
pub(super) fn mounts<'a>(
    world: &Cluster<'a>,
    workload: &'a Object,
    pod: &'a Node,
    container: &'a Node,
    fs_group: Option<&str>,
) -> Vec<Seen<'a>> {
    let volumes = pod.items_at("volumes");
    let templates = workload.get(&["spec", "volumeClaimTemplates"]).and_then(Node::as_seq).unwrap_or_default();
    let mut out = Vec::new();
    for (index, mount) in container.items_at("volumeMounts").iter().enumerate() {
        let name = name_at(mount, "name");
        let sub = mount.text_at("subPath").map(|sub| trimmed(sub)).filter(|sub| !sub.is_empty());
        let template =
            templates.iter().any(|claim| claim.at(&["metadata", "name"]).and_then(Node::as_str) == Some(name));
        let volume = volumes.iter().find(|volume| name_at(volume, "name") == name);
        let (what, read_only) = match volume {
            _ if template => {
                let id = Cow::Owned(format!("{} {name}", workload.name()));
                let each = workload.get(&["spec", "replicas"]).and_then(Node::as_int).is_some_and(|count| count > 1);
                (What::Storage { id, folder: sub.unwrap_or_default(), each }, false)
            }
            Some(volume) => held(world, volume, sub.as_ref(), fs_group),
            None => continue,
        };
        let target = mount.text_at("mountPath").map(clean).unwrap_or_default();
        out.push(Seen { target, read_only: read_only || flag(mount, "readOnly"), what, at: ("volumeMounts", index) });
    }
    out.sort_by(|a, b| a.target.cmp(&b.target));
    out
}

/// What a volume holds at a folder in it, and whether nobody may write there.
fn held<'a>(
    world: &Cluster<'a>,
    volume: &'a Node,
    sub: Option<&Cow<'a, str>>,
    fs_group: Option<&str>,
) -> (What<'a>, bool) {
    let folder = sub.cloned().unwrap_or_default();
    if let Some(claim) = volume.get("persistentVolumeClaim") {
        let id = Cow::Borrowed(name_at(claim, "claimName"));
        return (What::Storage { id, folder, each: false }, flag(claim, "readOnly"));
    }
    if let Some(share) = volume.get("nfs") {
        let id = format!("{}:{}", name_at(share, "server"), name_at(share, "path"));
        return (What::Storage { id: Cow::Owned(id), folder, each: false }, flag(share, "readOnly"));
    }
    if let Some(empty) = volume.get("emptyDir") {
        let size = empty.text_at("sizeLimit").and_then(|size| bytes(&size));
        let memory = name_at(empty, "medium") == "Memory";
        return (if memory { What::Memory { size, mode: None } } else { What::Empty }, false);
    }
    for (field, key, known) in [("configMap", "name", &world.config_maps), ("secret", "secretName", &world.secrets)] {
        let Some(source) = volume.get(field) else { continue };
        let Some(object) = known.get(name_at(source, key)) else { return (What::Elsewhere, true) };
        return (below(projected(source, object, fs_group), sub.map(|sub| &**sub)), true);
    }
    if let Some(host) = volume.get("hostPath") {
        let path = Path::new(name_at(host, "path"));
        return (What::Machine(Cow::Owned(path.join(&*folder))), false);
    }
    if let Some(image) = volume.get("image") {
        return (What::Image(image.text_at("reference").unwrap_or_default()), true);
    }
    (What::Elsewhere, true)
}

/// The files of a ConfigMap or Secret as the kubelet writes them: by `items`, or each key under its own name.
fn projected<'a>(source: &'a Node, object: &'a Object, fs_group: Option<&str>) -> Vec<(Cow<'a, str>, File<'a>)> {
    let bits = |node: Option<&Node>| node.and_then(Node::as_int).and_then(|mode| u32::try_from(mode).ok());
    let default = bits(source.get("defaultMode")).unwrap_or(DEFAULT_MODE);
    let group = fs_group.and_then(|group| group.parse().ok());
    let file = |bytes: Cow<'a, [u8]>, mode: u32| {
        // Handing a volume to a group gives that group the right to read.
        let mode = if group.is_some() { mode | GROUP_READS } else { mode };
        File { bytes, mode: Some(mode), owner: Some(0), group: Some(group.unwrap_or(0)) }
    };
    let items = source.get("items").and_then(Node::as_seq);
    let mut out: Vec<(Cow<'a, str>, File<'a>)> = match items {
        Some(items) => items
            .iter()
            .filter_map(|item| {
                let bytes = content(object, name_at(item, "key"))?;
                let path = trimmed(item.text_at("path")?);
                Some((path, file(bytes, bits(item.get("mode")).unwrap_or(default))))
            })
            .collect(),
        None => contents(object).into_iter().map(|(key, bytes)| (Cow::Borrowed(key), file(bytes, default))).collect(),
    };
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out
}

/// One file, or those below a folder.
fn below<'a>(mut files: Vec<(Cow<'a, str>, File<'a>)>, sub: Option<&str>) -> What<'a> {
    let Some(sub) = sub else { return What::Folder(files) };
    if let Some(at) = files.iter().position(|(path, _)| path == sub) {
        return What::File(files.swap_remove(at).1);
    }
    let inside = files.into_iter().filter_map(|(path, file)| {
        let rest = path.strip_prefix(sub)?.strip_prefix('/')?.to_owned();
        Some((Cow::Owned(rest), file))
    });
    let inside: Vec<_> = inside.collect();
    if inside.is_empty() { What::Missing } else { What::Folder(inside) }
}

/// A relative path without dots and slashes at its ends.
fn trimmed(path: Cow<'_, str>) -> Cow<'_, str> {
    if !path.starts_with(['/', '.']) && !path.ends_with('/') && !path.contains("//") && !path.contains("/.") {
        return path;
    }
    let clean = tranship_source::path::clean(Path::new(&*path));
    Cow::Owned(clean.to_string_lossy().trim_start_matches('/').to_owned())
}

/// An absolute path without dots, double slashes or a slash at its end.
fn clean(path: Cow<'_, str>) -> Cow<'_, str> {
    if (path.len() == 1 || !path.ends_with('/')) && !path.contains("//") && !path.contains("/.") {
        return path;
    }
    Cow::Owned(tranship_source::path::clean(Path::new(&*path)).to_string_lossy().into_owned())
}
