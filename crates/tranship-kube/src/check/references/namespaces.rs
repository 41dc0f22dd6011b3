//! The namespace of every object, where the set brings its own.

use super::super::look::Look;
use super::super::report::Report;
use super::Index;
use crate::Object;

/// Reports an object in a namespace that the set does not make, if it makes any.
pub fn check(object: &Object, index: &Index<'_>, report: &mut Report<'_>) {
    let namespace = object.namespace();
    let given = namespace.is_empty() || namespace == "default" || namespace.starts_with("kube-");
    if given
        || !index.makes_namespaces
        || index.has_global("Namespace", namespace)
        || index.is_external(object, "Namespace", namespace)
    {
        return;
    }
    let Some(metadata) = object.tree.field("metadata") else { return };
    let what = format!("the set has no Namespace `{namespace}`");
    report.fault_at(
        metadata,
        "namespace",
        "kube-dangling-namespace",
        what,
        "add the Namespace, or name one of the set",
    );
}
