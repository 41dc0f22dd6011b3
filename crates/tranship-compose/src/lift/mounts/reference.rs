//! Configs and secrets handed to a service, at the paths docker compose gives them.

use tranship_model::{BlobContent, BlobMount, Mount, MountClass, MountSource, Traced};

use super::clean;
use crate::lift::context::Lifting;
use crate::typed::FileReference;

/// What is handed over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// From the top-level `configs`.
    Config,
    /// From the top-level `secrets`.
    Secret,
}

/// One reference. Configs stand at `/NAME` and secrets at `/run/secrets/NAME` unless a target is written.
pub(super) fn lift(cx: &mut Lifting<'_>, reference: &FileReference, kind: Kind) -> Option<Mount> {
    let FileReference { at, source, target, uid, gid, mode, extensions } = reference;
    cx.decided(extensions, "`x-` keys of a config or secret reference are the project's own notes");
    let Some(source) = source.as_ref() else {
        cx.dropped(&at.whole(), "a reference needs the name of what it refers to", "write its `source`");
        return None;
    };
    let key = &source.value;
    let base = if kind == Kind::Config { "/" } else { "/run/secrets/" };
    let written = target.as_ref().map(|target| target.value.as_str()).filter(|target| !target.is_empty());
    let path = match written {
        Some(target) if target.starts_with('/') => target.to_owned(),
        Some(target) => format!("{base}{target}"),
        None => format!("{base}{key}"),
    };
    let hidden = cx.hidden_configs.get(key).filter(|_| kind == Kind::Config).cloned();
    let held = hidden.as_ref().map_or(key, |(given, _)| given);
    let blobs = if kind == Kind::Config && hidden.is_none() { &cx.configs } else { &cx.secrets };
    let file = match blobs.get(held).map(|blob| &blob.content) {
        Some(BlobContent::Files(files)) => match files.as_slice() {
            [single] => Some(single.path.clone()),
            _ => None,
        },
        // The object exists outside; its key is taken to be the name it is known by here.
        _ => Some(key.clone()),
    };
    let text =
        |value: &Option<Traced<String>>| value.as_ref().map(|value| value.value.clone()).filter(|id| !id.is_empty());
    let mount = BlobMount {
        blob: held.clone(),
        file,
        mode: mode.as_ref().map(|mode| mode.value.0),
        uid: text(uid),
        gid: text(gid),
    };
    let origin = Lifting::origin(&[source, target, uid, gid, mode]);
    let target = clean(&path);
    if let Some((_, because)) = hidden {
        let class = Traced::decided(MountClass::Secret, "secret-file", because);
        return Some(Mount { origin, target, read_only: true, source: MountSource::Secret(mount), class });
    }
    let (class, source_of, word) = match kind {
        Kind::Config => (MountClass::Config, MountSource::Config(mount), "config"),
        Kind::Secret => (MountClass::Secret, MountSource::Secret(mount), "secret"),
    };
    Some(Mount {
        origin,
        target,
        read_only: true,
        source: source_of,
        class: Traced::decided(class, "reference", format!("the project calls it a {word}")),
    })
}
