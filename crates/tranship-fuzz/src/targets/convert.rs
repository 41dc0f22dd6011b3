//! The way from a Compose file to objects: what loads also converts, loses no leaf, and gives objects a server takes.

use std::collections::BTreeSet;

use tranship_compose::{LoadOptions, lift, load};
use tranship_kube::lower::{self, Lowered, lower};
use tranship_kube::{External, KubeVersion, check};

use crate::world::around;

/// Faults of the project itself, of which the user is told; the tree can be applied nevertheless.
const OF_THE_PROJECT: &[&str] = &["kube-dangling-", "kube-size"];

/// Converts the bytes, and where they are a project, holds the outcome against the promises.
pub fn run(bytes: &[u8]) {
    let world = around(bytes);
    let loaded = load(&world, &LoadOptions::default());
    let Some(project) = &loaded.project else { return };
    let lifted = lift::lift(project, &loaded.sources, &world).value;
    let lowered = lower(&lifted.stack, &lower::Options::default(), lifted.ledger).value;
    let lost: BTreeSet<&str> = lowered.ledger.unaccounted(&lifted.leaves).iter().map(|at| &*at.path).collect();
    assert!(lost.is_empty(), "lost in silence: {lost:?}");
    let refused: Vec<_> = check(&lowered.objects, KubeVersion::default(), &promised(&lowered))
        .into_iter()
        .filter(|found| !OF_THE_PROJECT.iter().any(|code| found.code.starts_with(code)))
        .map(|found| found.message)
        .collect();
    assert!(refused.is_empty(), "a server would refuse: {refused:#?}");
}

/// What the project says is not its own.
fn promised(lowered: &Lowered) -> External {
    let kinds = [
        ("PersistentVolumeClaim", &lowered.external_claims),
        ("ConfigMap", &lowered.external_config_maps),
        ("Secret", &lowered.external_secrets),
    ];
    let names = kinds.into_iter().flat_map(|(kind, names)| names.iter().map(move |name| (kind, name)));
    names.fold(External::none(), |external, (kind, name)| external.with(kind, name))
}
