//! What a container finds mounted: volumes, paths of the machine, configs, secrets, memory, and those of other services.

use std::borrow::Cow;
use std::path::Path;

use tranship_model::ImageKnowledge;
use tranship_model::launch::{File, Seen, What};
use tranship_source::yaml::{Map, Node};

use super::read::flag;
use crate::project::Project;
use crate::typed::bytes;

/// Mode of a file that docker compose writes into the container itself.
const WRITTEN_MODE: u32 = 0o444;

/// The mounts sorted by path. What stands first at a path wins; `/dev/shm` counts as shared memory elsewhere only where
/// nothing is mounted there.
pub(super) fn mounts<'a>(
    project: &'a Project,
    services: &'a Map,
    name: &str,
    service: &'a Node,
    image: Option<&'a ImageKnowledge>,
) -> Vec<Seen<'a>> {
    let mut out = Vec::new();
    own(project, name, service, &mut out);
    for (index, line) in service.items_at("tmpfs").iter().enumerate() {
        out.extend(line.as_text().and_then(|line| memory(&line, index)));
    }
    of_others(project, services, service, services.len(), &mut out);
    for (index, path) in image.into_iter().flat_map(|image| &image.volumes).enumerate() {
        let target = clean(Cow::Borrowed(&path.value));
        if out.iter().all(|seen| seen.target != target) {
            out.push(Seen { target, read_only: false, what: What::OfImage, at: ("image", index) });
        }
    }
    // Stable, so that of several at one path the first stays first.
    out.sort_by(|a, b| a.target.cmp(&b.target));
    out.dedup_by(|later, first| later.target == first.target);
    out
}

/// Volumes, binds, configs and secrets of a service.
fn own<'a>(project: &'a Project, name: &str, service: &'a Node, out: &mut Vec<Seen<'a>>) {
    let volumes = service.items_at("volumes").iter().enumerate();
    out.extend(volumes.filter_map(|(index, mount)| volume(name, mount, index)));
    for (key, base) in [("configs", "/"), ("secrets", "/run/secrets/")] {
        for (index, reference) in service.items_at(key).iter().enumerate() {
            out.extend(handed(project, key, base, reference, index));
        }
    }
}

fn volume<'a>(service: &str, mount: &'a Node, index: usize) -> Option<Seen<'a>> {
    let target = clean(mount.text_at("target")?);
    let source = mount.text_at("source").filter(|source| !source.is_empty());
    let kind = mount.text_at("type");
    let what = match (kind.as_deref().unwrap_or("volume"), source) {
        ("bind" | "npipe", Some(source)) => What::Machine(path(source)),
        ("tmpfs", _) => {
            let section = mount.get("tmpfs");
            let size = section.and_then(|section| section.text_at("size")).and_then(|text| bytes(&text));
            let mode = section.and_then(|section| section.get("mode")).and_then(mode);
            What::Memory { size: size.and_then(|size| u64::try_from(size.0).ok()).filter(|size| *size > 0), mode }
        }
        ("image", Some(source)) => What::Image(source),
        (_, source) => {
            let folder = mount.at(&["volume", "subpath"]).and_then(Node::as_text).unwrap_or_default();
            // A volume without a name is this mount's own; no name holds a `:`.
            let each = source.is_none();
            let id = source.unwrap_or_else(|| Cow::Owned(format!("{service}:{target}")));
            What::Storage { id, folder, each }
        }
    };
    Some(Seen { target, read_only: flag(mount, "read_only"), what, at: ("volumes", index) })
}

/// A config or secret: one of a file is bound like any path, and its owner and mode are those of the file. One of a text
/// is written into the container.
fn handed<'a>(
    project: &'a Project,
    key: &'static str,
    base: &str,
    reference: &'a Node,
    index: usize,
) -> Option<Seen<'a>> {
    let source = reference.text_at("source").or_else(|| reference.as_text())?;
    let target = reference.text_at("target").filter(|target| !target.is_empty());
    let target = match target {
        Some(target) if target.starts_with('/') => target,
        Some(target) => Cow::Owned(format!("{base}{target}")),
        None => Cow::Owned(format!("{base}{source}")),
    };
    let object = project.section(key).and_then(|all| all.get(&*source));
    let external = object.is_none_or(|object| flag(object, "external"));
    let part = |key: &str| object.filter(|_| !external).and_then(|object| object.text_at(key));
    let number = |key: &str| reference.text_at(key).and_then(|id| id.parse().ok());
    let written = |bytes: Cow<'a, [u8]>| {
        let bits = reference.get("mode").and_then(mode).unwrap_or(WRITTEN_MODE);
        let (owner, group) = (number("uid").unwrap_or(0), number("gid").unwrap_or(0));
        What::File(File { bytes, mode: Some(bits), owner: Some(owner), group: Some(group) })
    };
    let what = if let Some(content) = part("content") {
        written(raw(content))
    } else if let Some(file) = part("file") {
        What::Machine(path(file))
    } else if let Some(value) = part("environment").and_then(|name| project.environment.get(&name)) {
        written(Cow::Borrowed(value.as_bytes()))
    } else {
        What::Elsewhere
    };
    // What is written into the container is a file like any other of its layer.
    let read_only = matches!(what, What::Machine(_));
    Some(Seen { target: clean(target), read_only, what, at: (key, index) })
}

/// `/run` or `/run:size=64m,mode=1777`.
fn memory<'a>(line: &str, index: usize) -> Option<Seen<'a>> {
    let (target, options) = line.split_once(':').unwrap_or((line, ""));
    if target.is_empty() {
        return None;
    }
    let option = |name: &str| options.split(',').find_map(|option| option.strip_prefix(name)?.strip_prefix('='));
    let size = option("size").and_then(bytes).and_then(|size| u64::try_from(size.0).ok()).filter(|size| *size > 0);
    let mode = option("mode").and_then(|mode| u32::from_str_radix(mode.trim_start_matches("0o"), 8).ok());
    let read_only = options.split(',').any(|option| option == "ro");
    let target = clean(Cow::Owned(target.to_owned()));
    Some(Seen { target, read_only, what: What::Memory { size, mode }, at: ("tmpfs", index) })
}

/// Mounts taken from other services, where a path is still free. The engine hands on volumes, bound paths and
/// images (moby, `daemon/volumes.go`).
fn of_others<'a>(project: &'a Project, services: &'a Map, service: &'a Node, left: usize, out: &mut Vec<Seen<'a>>) {
    for (index, item) in service.items_at("volumes_from").iter().enumerate() {
        let Some(item) = item.as_text().filter(|_| left > 0) else { continue };
        let (name, access) = item.split_once(':').unwrap_or((&item, "rw"));
        let Some(giver) = services.get(name) else { continue };
        let mut theirs = Vec::new();
        own(project, name, giver, &mut theirs);
        of_others(project, services, giver, left - 1, &mut theirs);
        for seen in theirs {
            let carried = matches!(seen.what, What::Storage { .. } | What::Machine(_) | What::Image(_));
            if carried && out.iter().all(|own| own.target != seen.target) {
                let read_only = seen.read_only || access == "ro";
                out.push(Seen { read_only, at: ("volumes_from", index), ..seen });
            }
        }
    }
}

fn mode(node: &Node) -> Option<u32> {
    let number = node.as_int().and_then(|number| u32::try_from(number).ok());
    number.or_else(|| u32::from_str_radix(node.as_text()?.trim_start_matches("0o"), 8).ok())
}

fn raw(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

fn path(text: Cow<'_, str>) -> Cow<'_, Path> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(Path::new(text)),
        Cow::Owned(text) => Cow::Owned(text.into()),
    }
}

/// An absolute path without dots, double slashes or a slash at its end.
fn clean(target: Cow<'_, str>) -> Cow<'_, str> {
    let plain = target.starts_with('/')
        && (target.len() == 1 || !target.ends_with('/'))
        && !target.contains("//")
        && !target.contains("/.");
    if plain {
        return target;
    }
    let rooted = format!("/{target}");
    Cow::Owned(tranship_source::path::clean(Path::new(&rooted)).to_string_lossy().into_owned())
}
