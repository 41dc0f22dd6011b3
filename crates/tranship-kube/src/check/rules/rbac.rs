//! Roles and their bindings.

use super::super::look::Look;
use super::super::names;
use super::super::report::Report;
use super::{Subject, ask};

const GROUP: &str = "rbac.authorization.k8s.io";

/// Reports rules that allow nothing or mix what does not mix.
pub fn check_rules(subject: &Subject<'_>, report: &mut Report<'_>) {
    let namespaced = subject.object.kind() == "Role";
    for rule in subject.object.tree.items("rules") {
        ask::filled(rule, "verbs", report);
        let lists = ["apiGroups", "resources", "resourceNames"];
        if rule.items("nonResourceURLs").is_empty() {
            for key in ["apiGroups", "resources"] {
                if rule.items(key).is_empty() {
                    report.fault_at(rule, key, "kube-role", "names nothing", format!("list at least one of `{key}`"));
                }
            }
        } else if namespaced || lists.iter().any(|key| !rule.items(key).is_empty()) {
            let what = "goes neither into a Role nor beside resources";
            report.fault_at(rule, "nonResourceURLs", "kube-role", what, "make it a rule of its own in a ClusterRole");
        }
    }
}

/// Reports bindings that name role or subjects wrongly.
pub fn check_binding(subject: &Subject<'_>, report: &mut Report<'_>) {
    let namespaced = subject.object.kind() == "RoleBinding";
    let tree = &subject.object.tree;
    if let Some(role) = tree.field("roleRef") {
        // The server fills in an absent group.
        if role.text("apiGroup").is_some_and(|group| !group.is_empty() && group != GROUP) {
            report.fault_at(role, "apiGroup", "kube-role", format!("is not {GROUP}"), format!("write `{GROUP}`"));
        }
        if !namespaced && role.text("kind") == Some("Role") {
            let what = "a ClusterRoleBinding takes only a ClusterRole";
            report.fault_at(role, "kind", "kube-role", what, "write `kind: ClusterRole`, or make it a RoleBinding");
        }
        ask::filled(role, "name", report);
        ask::name(role, "name", names::path_segment, report);
    }
    for one in tree.items("subjects") {
        ask::filled(one, "name", report);
        let account = one.text("kind") == Some("ServiceAccount");
        if account {
            ask::name(one, "name", names::subdomain, report);
            if !namespaced && one.text("namespace").is_none_or(str::is_empty) {
                report.fault_at(one, "namespace", "kube-required", "is missing", "name the account's namespace");
            }
        }
        let group = one.text("apiGroup").filter(|group| !group.is_empty());
        let right = if account { group.is_none() } else { group.is_none_or(|group| group == GROUP) };
        if !right {
            let help = if account { "leave it out" } else { "write `rbac.authorization.k8s.io`" };
            report.fault_at(one, "apiGroup", "kube-role", "is not the group of this kind of subject", help);
        }
    }
}
