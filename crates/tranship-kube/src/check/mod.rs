//! The native check: what a real API server would refuse, said before anything is written, and dangling references.
//!
//! Three layers: `schema` compares every object with the embedded schemas of its version, `rules` holds what the
//! server validates in code, `references` looks from object to object. Nothing here changes an object. Every
//! diagnostic names object and field path and points at the span of the nearest value that has one.

pub(crate) mod cidr;
mod enums;
mod external;
mod look;
pub(crate) mod names;
pub(crate) mod pack;
mod pod;
mod quantity;
mod references;
mod report;
mod rules;
mod schema;
mod selector;
mod suggest;

use tranship_source::Diagnostic;

use crate::{KubeVersion, Object, ObjectSet};

pub use external::External;
pub(crate) use look::Look;
pub(crate) use pod::pod;
pub use suggest::nearest;

/// Everything a server of a version would refuse in a set of objects, and references that lead nowhere.
///
/// Objects of kinds that are not built in are only checked for what all objects share. Names in `external` are taken
/// to exist outside the set. The order is that of the objects; for each object structure, then rules, then references.
pub fn check(set: &ObjectSet, version: KubeVersion, external: &External) -> Vec<Diagnostic> {
    let index = references::Index::new(set, external);
    let mut diagnostics = Vec::new();
    for object in set {
        let mut report = report::Report::new(object);
        schema::check(object, version, &mut report);
        rules::check(object, version, &mut report);
        references::check(object, &index, &mut report);
        diagnostics.append(&mut report.into_diagnostics());
    }
    diagnostics
}

/// Whether an object is of a group that Kubernetes itself brings, not a custom resource.
fn is_built_in(object: &Object) -> bool {
    pack::pack().has_group(object.api_version())
}

#[cfg(test)]
mod tests;
