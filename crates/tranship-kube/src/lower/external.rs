//! Names of volumes, configs and secrets that exist already: the one they have outside counts, not the project's key.

use tranship_model::{Blob, BlobContent, Stack, Traced};

use super::Lowering;
use crate::check::names::subdomain;
use crate::names::{NameKind, Names, label};

/// Takes the names of what exists already, before others are given. What the user said of one counts more.
pub(super) fn names(stack: &Stack, names: &mut Names) {
    let mut take = |kind: NameKind, key: &str, name: &Traced<String>| {
        if names.get(kind, key).is_none() {
            names.insist_outside(kind, key, &carried(&name.value));
        }
    };
    for (key, volume) in &stack.volumes {
        let external = volume.external.as_ref().is_some_and(|external| external.value);
        if let Some(name) = volume.name.as_ref().filter(|_| external) {
            take(NameKind::Claim, key, name);
        }
    }
    for (kind, blobs) in [(NameKind::ConfigMap, &stack.configs), (NameKind::Secret, &stack.secrets)] {
        for (key, blob) in blobs {
            if let Some(name) = blob.name.as_ref().filter(|_| is_external(blob)) {
                take(kind, key, name);
            }
        }
    }
}

/// Whether the files of a config or secret are somebody else's.
pub(super) fn is_external(blob: &Blob) -> bool {
    blob.content == BlobContent::External
}

/// The name itself where an object can have it, else the nearest one.
fn carried(name: &str) -> String {
    if subdomain(name).is_none() {
        name.to_owned()
    } else {
        label(name).chars().take(63).collect::<String>().trim_end_matches('-').to_owned()
    }
}

/// Says in the ledger by which name something is called that exists already.
pub(super) fn note(cx: &mut Lowering<'_>, written: &Traced<String>, label: &str) {
    let given = label.split_once('/').map_or(label, |(_, name)| name);
    let why = if given == written.value {
        "it is called by the name it has outside of the project"
    } else {
        "no object of a cluster can have that name; this is the nearest one"
    };
    cx.ledger.translated(&written.origin, label, why);
}
