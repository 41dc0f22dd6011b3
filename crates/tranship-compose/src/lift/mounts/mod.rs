//! What a service mounts: volumes, files of the project, configs and secrets, memory, parts of the machine.
//!
//! Each mount is classified by `classify.rs` with a reason; this file makes the class's source of it: data becomes a
//! volume of the stack, configuration becomes files of the stack, and what belongs to the machine stays a path.

mod bind;
mod classify;
mod evidence;
mod memory;
mod reference;

pub(super) use evidence::secret as holds_secret;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use tranship_model::catalog::Product;
use tranship_model::{At, Build, Mount, MountClass, MountSource, Origin, Role, Service, Traced, Volume};
use tranship_source::Diagnostic;

use super::account::Leaves;
use super::context::{Lifting, free_key, slug};
use super::env::texts;
use super::said;
use crate::overrides::{self, MountSaid};
use crate::typed::{self, FileReference, ImageOptions, Pairs, VolumeOptions};

/// The keys of a service that mounts are made of.
pub(super) struct Keys<'a> {
    pub volumes: &'a [typed::Mount],
    pub tmpfs: &'a [Traced<String>],
    pub configs: &'a [FileReference],
    pub secrets: &'a [FileReference],
}

/// What is known of the service when its mounts are classified.
pub(super) struct About<'a> {
    pub service: &'a str,
    pub product: Option<&'static Product>,
    pub image: Option<&'a Traced<String>>,
    pub build: Option<&'a Build>,
    pub role: Role,
    pub working_dir: Option<&'a str>,
    /// Whether other services take its mounts for their own.
    pub gives_mounts: bool,
    /// What the user said of mounts, by their paths.
    pub said: Option<&'a overrides::Pairs<MountSaid>>,
}

impl About<'_> {
    /// The image's tag.
    fn tag(&self) -> Option<&str> {
        self.image.and_then(|image| tranship_model::catalog::ImageRef::parse(&image.value).tag)
    }

    /// The catalog's data directory that a path lies in, is, or holds.
    fn data_dir(&self, target: &str) -> Option<&'static str> {
        let dirs = self.product.into_iter().flat_map(|product| product.data_for(self.tag()));
        dirs.map(|dir| dir.path.as_str()).find(|dir| within(target, dir) || within(dir, target))
    }

    /// The product's name for people.
    fn title(&self) -> &'static str {
        self.product.map_or("the image", |product| product.title.as_str())
    }
}

/// Whether a path in a container is a folder or lies below it.
fn within(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The mounts of a service, in the order of its keys.
pub(super) fn lift(cx: &mut Lifting<'_>, about: &About<'_>, keys: &Keys<'_>) -> Vec<Mount> {
    let Keys { volumes, tmpfs, configs, secrets } = keys;
    let mut out = Vec::new();
    for mount in *volumes {
        out.extend(one(cx, about, mount));
    }
    out.extend(tmpfs.iter().filter_map(|line| memory::short(cx, line)));
    out.extend(configs.iter().filter_map(|config| reference::lift(cx, config, reference::Kind::Config)));
    out.extend(secrets.iter().filter_map(|secret| reference::lift(cx, secret, reference::Kind::Secret)));
    remove_shields(cx, &mut out);
    out
}

/// The parts of a mount that all kinds share.
struct Shared {
    origin: Origin,
    target: String,
    read_only: bool,
}

impl Shared {
    fn mount(self, source: MountSource, mut class: Traced<MountClass>) -> Mount {
        let Self { origin, target, read_only } = self;
        if let Origin::Decided { from, .. } = &mut class.origin
            && from.is_empty()
        {
            from.extend(evidence_leaf(&origin).cloned());
        }
        Mount { origin, target, read_only, source, class }
    }
}

/// The leaf that a mount's class is told from: its source, else its target.
fn evidence_leaf(origin: &Origin) -> Option<&At> {
    let ends = |key: &str| origin.leaves().iter().find(|at| at.path.ends_with(key));
    ends(".source").or_else(|| ends(".target")).or_else(|| origin.leaves().first())
}

fn one(cx: &mut Lifting<'_>, about: &About<'_>, mount: &typed::Mount) -> Option<Mount> {
    let typed::Mount { at, kind, source, target, read_only, consistency, bind, volume, tmpfs, image, extensions } =
        mount;
    cx.decided(extensions, "`x-` keys of a mount are the project's own notes");
    cx.decided(consistency, "how far a mount may lag behind the machine mattered to Docker Desktop for Mac alone");
    bind::options(cx, bind.as_ref());
    let options = volume_options(cx, volume.as_ref());
    let sub_image = image.as_ref().and_then(|ImageOptions { at: _, subpath, extensions }| {
        cx.decided(extensions, "`x-` keys of an image mount are the project's own notes");
        subpath.clone()
    });
    let Some(target) = target.as_ref().filter(|target| !target.value.is_empty()) else {
        cx.dropped(&at.whole(), "a mount needs a path in the container", "write its `target`");
        return None;
    };
    let mut origin = Lifting::origin(&[kind, source, target, read_only, &options.leaves, &sub_image]);
    if let Some(memory) = tmpfs {
        origin = origin.and(&memory::leaves(cx, memory));
    }
    let shared = Shared {
        origin,
        target: clean(&target.value),
        read_only: read_only.as_ref().is_some_and(|read_only| read_only.value),
    };
    let from = source.as_ref().map(|source| source.value.as_str()).filter(|source| !source.is_empty());
    Some(match (kind.as_ref().map_or("volume", |kind| kind.value.as_str()), from) {
        ("bind", Some(from)) => bind::lift(cx, about, shared, from, bind.as_ref()),
        ("tmpfs", _) => memory::long(shared, tmpfs.as_ref()),
        ("npipe", Some(from)) => {
            let class = Traced::decided(MountClass::Socket, "pipe", "a named pipe is a socket of a Windows machine");
            shared.mount(host(cx, from), class)
        }
        ("image", Some(from)) => {
            let class = Traced::decided(MountClass::Image, "image", "the mount's `type` says so");
            let subpath = sub_image.map(|path| path.value);
            shared.mount(MountSource::Image { image: from.to_owned(), subpath }, class)
        }
        (_, named) => of_volume(cx, about, shared, named, options),
    })
}

/// A mount of a volume, named or the service's own. What the user says is an empty folder is one.
///
/// Docker keeps a volume without a name as long as the container and hands it on when the container is made anew, so that
/// what it holds must survive a pod: it becomes a volume of the stack, unless its files can be made again.
fn of_volume(cx: &mut Lifting<'_>, about: &About<'_>, shared: Shared, named: Option<&str>, options: Options) -> Mount {
    let Options { subpath, fill, leaves: _ } = options;
    let said = class_said(cx, about, &shared);
    let is_said = said.is_some();
    let class = said.unwrap_or_else(|| classify::volume(about, named, &shared.target));
    let is_made_again = matches!(class.value, MountClass::Cache | MountClass::Logs | MountClass::Scratch);
    if is_made_again && (is_said || (named.is_none() && !about.gives_mounts)) {
        return shared.mount(MountSource::Scratch { size: None, mode: None, memory: false, fill }, class);
    }
    let key = match named {
        Some(named) => named.to_owned(),
        None => free_key(&cx.volumes, &format!("{}-{}", about.service, slug(&shared.target))),
    };
    if !cx.volumes.contains_key(&key) {
        cx.volumes.insert(key.clone(), plain_volume(shared.origin.clone()));
    }
    shared.mount(MountSource::Volume { volume: key, subpath, fill }, class)
}

/// What the user says a volume is for: it holds no files of the project and no path of the machine.
fn class_said(cx: &mut Lifting<'_>, about: &About<'_>, shared: &Shared) -> Option<Traced<MountClass>> {
    let said = said::class(about.said, &shared.target)?;
    match said.value {
        MountClass::Data | MountClass::Logs | MountClass::Cache | MountClass::Scratch => Some(said),
        _ => {
            let message = format!("a volume at `{}` has no files or path of the machine behind it", shared.target);
            let fault = Diagnostic::error("override-contradiction", message).at(said.span());
            let fault = fault.related(shared.origin.span(), "the volume is mounted here");
            cx.diagnostics.push(fault.help("write `data` or `emptyDir`, or mount a path of the machine"));
            None
        }
    }
}

/// A path of the machine.
fn host(cx: &Lifting<'_>, path: &str) -> MountSource {
    let full = std::path::Path::new(path);
    MountSource::Host {
        path: path.to_owned(),
        project_path: cx.project_path(full),
        exists: cx.world.stat(full).is_ok(),
    }
}

fn plain_volume(origin: Origin) -> Volume {
    Volume {
        origin,
        name: None,
        external: None,
        driver: None,
        driver_opts: Vec::new(),
        labels: Vec::new(),
        host_path: None,
        said: None,
    }
}

/// An absolute, cleaned path in a container.
fn clean(target: &str) -> String {
    let absolute = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
    tranship_source::path::clean(std::path::Path::new(&absolute)).to_string_lossy().into_owned()
}

struct Options {
    subpath: Option<String>,
    fill: Traced<bool>,
    leaves: Vec<At>,
}

fn volume_options(cx: &mut Lifting<'_>, options: Option<&VolumeOptions>) -> Options {
    let Some(VolumeOptions { at: _, labels, nocopy, subpath, extensions }) = options else {
        return Options { subpath: None, fill: fill(None, None), leaves: Vec::new() };
    };
    cx.decided(extensions, "`x-` keys of a volume mount are the project's own notes");
    for (_, label) in texts(labels) {
        let why = "labels of a mount are put on the volume the engine makes for it; a claim takes those of its volume";
        cx.dropped(&label, why, "put the label on the volume under the top-level `volumes`");
    }
    let folder = subpath.as_ref().filter(|path| !path.value.is_empty());
    Options {
        subpath: folder.map(|path| path.value.clone()),
        fill: fill(nocopy.as_ref(), folder),
        leaves: [nocopy.list(), subpath.list()].concat(),
    }
}

/// Whether an empty volume gets the image's files, as far as the project says so; what the image has is looked at later.
fn fill(nocopy: Option<&Traced<bool>>, folder: Option<&Traced<String>>) -> Traced<bool> {
    let (value, by, because, from) = match (nocopy, folder) {
        (Some(nocopy), _) if nocopy.value => {
            (false, "nocopy", "`nocopy` asks that the image's files stay out of the volume", nocopy.list())
        }
        (_, Some(folder)) => {
            let because = "a folder of a volume has to be there before it is mounted, so that the volume is not empty";
            (false, "subpath", because, folder.list())
        }
        (_, None) => {
            (true, "copy-up", "the engine fills an empty volume with what the image has at the path", Vec::new())
        }
    };
    Traced::new(value, Origin::Decided { by, because: because.to_owned(), from })
}

/// Removes volumes that only keep a folder of the image from being hidden by mounted source code: the code is in the
/// image on the other side, and an empty volume would hide what the image has.
fn remove_shields(cx: &mut Lifting<'_>, mounts: &mut Vec<Mount>) {
    let code: Vec<String> =
        mounts.iter().filter(|m| m.class.value == MountClass::Source).map(|m| m.target.clone()).collect();
    mounts.retain(|mount| {
        let below = code.iter().any(|folder| mount.target != *folder && within(&mount.target, folder));
        let volume = match &mount.source {
            MountSource::Volume { volume, .. } => Some(volume),
            MountSource::Scratch { memory: false, .. } => None,
            _ => return true,
        };
        let anonymous = volume.is_none_or(|key| cx.volumes.get(key).is_some_and(|v| v.origin == mount.origin));
        if !below || !(anonymous || mount.class.value == MountClass::Cache) {
            return true;
        }
        let why = format!(
            "it keeps `{}` of the image from being hidden by the source mount; with the code in the image nothing has to \
             be kept",
            mount.target
        );
        cx.decided(&mount.origin.leaves().to_vec(), &why);
        if let Some(volume) = volume {
            if anonymous {
                cx.volumes.shift_remove(volume);
            } else {
                cx.shields.insert(volume.clone());
            }
        }
        false
    });
}

/// Removes volumes that were shields everywhere, and gives services the mounts of others they ask for.
pub(super) fn from_other_services(
    cx: &mut Lifting<'_>,
    services: &Pairs<Box<typed::Service>>,
    lifted: &mut IndexMap<String, Service>,
) {
    let mut done = BTreeSet::new();
    for pair in services.iter().filter(|pair| !pair.value.volumes_from.is_empty()) {
        take_all(cx, &pair.key, services, lifted, &mut done);
    }
    let used = |volume: &str| {
        let mut mounts = lifted.values().flat_map(|service| &service.mounts);
        mounts.any(|mount| matches!(&mount.source, MountSource::Volume { volume: key, .. } if key == volume))
    };
    let unused: BTreeSet<String> = cx.shields.iter().filter(|volume| !used(volume)).cloned().collect();
    for key in unused {
        if let Some(volume) = cx.volumes.shift_remove(&key) {
            let why = "the volume only keeps a folder of an image from being hidden by mounted source code";
            cx.decided(&volume.origin.leaves().to_vec(), why);
        }
    }
}

/// Every service whose mounts others take, by name or by the name of its container.
pub(super) fn givers(services: &Pairs<Box<typed::Service>>) -> BTreeSet<&str> {
    let items = services.iter().flat_map(|pair| &pair.value.volumes_from);
    items.map(|item| giver(&item.value).1).collect()
}

/// Whether `volumes_from` names a container, the name, and how its mounts may be used: `service`, `service:ro`,
/// `container:name:ro`.
fn giver(item: &str) -> (bool, &str, &str) {
    let (is_container, rest) = item.strip_prefix("container:").map_or((false, item), |rest| (true, rest));
    let (name, mode) = rest.split_once(':').unwrap_or((rest, "rw"));
    (is_container, name, mode)
}

/// Takes what `volumes_from` asks for, after the services asked have taken theirs. The loader refuses circles.
fn take_all(
    cx: &mut Lifting<'_>,
    taker: &str,
    services: &Pairs<Box<typed::Service>>,
    lifted: &mut IndexMap<String, Service>,
    done: &mut BTreeSet<String>,
) {
    let Some(pair) = services.iter().find(|pair| pair.key == taker) else { return };
    if pair.value.volumes_from.is_empty() || !done.insert(taker.to_owned()) {
        return;
    }
    for item in &pair.value.volumes_from {
        let (is_container, name, mode) = giver(&item.value);
        let by_container = |service: &&Service| service.aliases.iter().any(|alias| alias.value == name);
        let known = if is_container {
            lifted.values().find(by_container).map(|service| service.name.clone())
        } else {
            Some(name.to_owned())
        };
        let Some(giver) = known else {
            let why = format!("the container `{name}` is outside the project, and its volumes are not known");
            cx.dropped(item, &why, "name the volumes under `volumes`, as `external` ones");
            cx.warn("volumes-outside", item.span(), why.clone(), "name the volumes under `volumes`");
            continue;
        };
        take_all(cx, &giver, services, lifted, done);
        take_mounts(cx, taker, item, &giver, mode == "ro", lifted);
    }
}

/// Gives a service the mounts of another, but for those in memory, which every container has for itself.
fn take_mounts(
    cx: &mut Lifting<'_>,
    taker: &str,
    item: &Traced<String>,
    giver: &str,
    read_only: bool,
    lifted: &mut IndexMap<String, Service>,
) {
    let Some(mounts) = lifted.get(giver).map(|service| service.mounts.clone()) else {
        cx.dropped(item, &format!("there is no service `{giver}` to take mounts from"), "remove the entry");
        return;
    };
    let Some(service) = lifted.get_mut(taker) else { return };
    let before = service.mounts.len();
    for mount in mounts.into_iter().filter(|mount| !matches!(mount.source, MountSource::Scratch { .. })) {
        if service.mounts.iter().all(|own| own.target != mount.target) {
            let read_only = mount.read_only || read_only;
            service.mounts.push(Mount { origin: item.origin.clone(), read_only, ..mount });
        }
    }
    if service.mounts.len() == before {
        cx.decided(item, &format!("`{giver}` mounts nothing that this service does not mount itself"));
    }
}
