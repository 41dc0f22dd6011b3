//! The role of a binding, and the accounts it is given to.

use super::super::look::Look;
use super::super::report::Report;
use super::{Index, named};
use crate::Object;

/// Roles every cluster has; those of the system start with `system:`.
const BUILT_IN: [&str; 4] = ["cluster-admin", "admin", "edit", "view"];

/// Reports bindings of roles, or to accounts, that are not there.
pub fn check(object: &Object, index: &Index<'_>, report: &mut Report<'_>) {
    if !matches!(object.kind(), "RoleBinding" | "ClusterRoleBinding") {
        return;
    }
    if let Some(role) = object.tree.field("roleRef") {
        let name = role.text("name").unwrap_or("");
        if role.text("kind") == Some("Role") {
            named(object, index, role, "name", "Role", report);
        } else if !BUILT_IN.contains(&name) && !name.starts_with("system:") && !index.has_global("ClusterRole", name) {
            named(object, index, role, "name", "ClusterRole", report);
        }
    }
    let Some(metadata) = object.get(&["metadata"]) else { return };
    for subject in object.tree.items("subjects").iter().filter(|one| one.text("kind") == Some("ServiceAccount")) {
        let here = subject.text("namespace").is_some_and(|namespace| Some(namespace) == metadata.text("namespace"));
        if here && subject.text("name") != Some("default") {
            named(object, index, subject, "name", "ServiceAccount", report);
        }
    }
}
