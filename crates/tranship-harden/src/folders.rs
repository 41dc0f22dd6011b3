//! Empty folders for what a process writes outside its volumes.

use tranship_model::ledger::child_path;
use tranship_model::said::is_chosen;
use tranship_model::{Mount, MountClass, MountSource, Origin, Service, Traced};

use crate::notes::Notes;
use crate::start::{product, within};

const MEGABYTES: u64 = 1 << 20;

/// A folder that has to be writable.
pub(crate) struct Folder {
    /// Where it is.
    pub(crate) path: String,
    /// Whether it gets the files that the image has there.
    pub(crate) fill: bool,
}

/// The folders that a service's product writes to and nothing is mounted at; `None` where they are not known, or one of
/// them lies in something that cannot be written.
pub(crate) fn missing(service: &Service) -> Option<Vec<Folder>> {
    let (product, tag) = product(service)?;
    let writable = product.writable.as_ref()?;
    let mut out: Vec<Folder> = Vec::new();
    let data = product.data_for(tag).map(|dir| (dir.path.as_str(), !dir.empty));
    let templates = product.rewrites.iter().filter(|rewrite| {
        service.mounts.iter().any(|mount| within(&mount.target, &rewrite.with) || within(&rewrite.with, &mount.target))
    });
    let wanted = data
        .chain(writable.iter().map(|path| (path.as_str(), false)))
        .chain(templates.map(|rewrite| (rewrite.path.as_str(), true)))
        .chain([("/tmp", false)]);
    for (path, fill) in wanted {
        let above = service.mounts.iter().filter(|mount| within(path, &mount.target));
        match above.max_by_key(|mount| mount.target.len()) {
            Some(mount) if mount.read_only || !is_folder(mount) => return None,
            Some(_) => {}
            None if out.iter().any(|known| within(path, &known.path)) => {}
            None => out.push(Folder { path: place(service, path), fill }),
        }
    }
    Some(out)
}

/// `/var/run` is a link to `/run` in every image; what is mounted there by its own name must not be hidden.
fn place(service: &Service, path: &str) -> String {
    let hidden = |mount: &Mount| within(&mount.target, "/run");
    match path.strip_prefix("/var/run") {
        Some(rest) if service.mounts.iter().any(hidden) => format!("/run{rest}"),
        _ => path.to_owned(),
    }
}

fn is_folder(mount: &Mount) -> bool {
    match &mount.source {
        MountSource::Volume { .. } | MountSource::Scratch { .. } => true,
        MountSource::Host { .. } => {
            matches!(mount.class.value, MountClass::Logs | MountClass::Cache) || is_chosen(&mount.class.origin)
        }
        MountSource::Config(_) | MountSource::Secret(_) | MountSource::Image { .. } => false,
    }
}

/// Mounts an empty folder.
pub(crate) fn mount(service: &mut Service, folder: Folder, by: &'static str, notes: &mut Notes) {
    let Folder { path, fill } = folder;
    let because = format!("the process writes to `{path}`, which is a folder of the pod's own");
    let filled = if fill { "it gets the files that the image has there" } else { "nothing there is needed" };
    let source = MountSource::Scratch {
        size: Some(size(&path)),
        mode: None,
        memory: false,
        fill: Traced::decided(fill, by, filled),
    };
    notes.change(&service.name, child_path("volumes", &path), because.clone());
    service.mounts.push(Mount {
        origin: Origin::decided(by, because.clone()),
        target: path,
        read_only: false,
        source,
        class: Traced::decided(MountClass::Scratch, by, because),
    });
}

/// How large a folder may grow before the pod is ended: a guard of the node, and no estimate.
fn size(path: &str) -> u64 {
    if path.starts_with("/run") || path.starts_with("/var/run") { 64 * MEGABYTES } else { 1024 * MEGABYTES }
}
