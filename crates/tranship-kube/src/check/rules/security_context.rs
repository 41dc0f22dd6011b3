//! What one container may do: users, privileges, profiles.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::pod::Pod;
use super::super::report::Report;
use super::ask;
use crate::KubeVersion;

/// Reports security settings of containers that the server refuses.
pub fn check(pod: &Pod<'_>, _: KubeVersion, report: &mut Report<'_>) {
    for (_, container) in pod.containers() {
        let Some(context) = container.field("securityContext") else { continue };
        ids(context, report);
        profiles(context, report);
        if context.field("allowPrivilegeEscalation").and_then(Node::as_bool) != Some(false) {
            continue;
        }
        let added = context.field("capabilities").map(|all| all.items("add")).unwrap_or_default();
        let admin = added.iter().any(|capability| capability.as_str() == Some("CAP_SYS_ADMIN"));
        if context.is_true("privileged") || admin {
            let what = "is false although the container is privileged";
            let help = "remove the privilege, or `allowPrivilegeEscalation`";
            report.fault_at(context, "allowPrivilegeEscalation", "kube-security", what, help);
        }
    }
}

/// Reports user and group numbers out of range.
pub fn ids(context: &Node, report: &mut Report<'_>) {
    for key in ["runAsUser", "runAsGroup", "fsGroup"] {
        ask::between(context, key, 0, i64::from(i32::MAX), report);
    }
}

/// Reports seccomp and AppArmor profiles whose file is absent or not asked for.
pub fn profiles(context: &Node, report: &mut Report<'_>) {
    for key in ["seccompProfile", "appArmorProfile"] {
        let Some(profile) = context.field(key) else { continue };
        let named = profile.text("localhostProfile").is_some_and(|name| !name.is_empty());
        let local = profile.text("type") == Some("Localhost");
        if local && !named {
            let what = "is missing although the type is Localhost";
            report.fault_at(profile, "localhostProfile", "kube-security", what, "name the profile");
        }
        if !local && profile.field("localhostProfile").is_some() {
            let what = "goes only with the type Localhost";
            report.fault_at(profile, "localhostProfile", "kube-security", what, "leave it out");
        }
    }
}
