//! The Namespace.

use tranship_model::Traced;

use super::fields::blamed;
use super::{Lowering, metadata};
use crate::object::Object;

/// Adds the Namespace all other objects are in.
pub(crate) fn lower(cx: &mut Lowering<'_>, project: &Traced<String>) {
    let mut object = Object::new("v1", "Namespace", blamed(project, cx.namespace.clone()));
    object.set(&["metadata", "labels"], metadata::project_labels(cx));
    cx.ledger.translated(
        &project.origin,
        &format!("Namespace/{} metadata.name", cx.namespace),
        "a project is a namespace",
    );
    cx.add(object);
}
