//! Containers have names, each its own.

use super::super::look::Look;
use super::super::names;
use super::super::pod::{Pod, Role};
use super::super::report::Report;
use super::ask;
use crate::KubeVersion;

/// Reports bad and repeated names of containers, and fields only some containers may have.
pub fn check(pod: &Pod<'_>, version: KubeVersion, report: &mut Report<'_>) {
    let mut seen: Vec<&str> = Vec::new();
    for (role, container) in pod.containers() {
        ask::filled(container, "name", report);
        ask::name(container, "name", names::label, report);
        let Some(name) = container.text("name") else { continue };
        if seen.contains(&name) {
            let what = format!("another container is called `{name}` too");
            report.fault_at(container, "name", "kube-duplicate-name", what, "choose another name");
        }
        seen.push(name);
        restart(role, container, version, report);
    }
}

/// `restartPolicy` of a single container: `Always` for init containers; the rest came with 1.35.
fn restart(role: Role, container: &tranship_source::yaml::Node, version: KubeVersion, report: &mut Report<'_>) {
    let Some(policy) = container.text("restartPolicy") else { return };
    let allowed: &[&str] = match (role, version.minor() >= 35) {
        (Role::Main | Role::Init, true) => &["Always", "Never", "OnFailure"],
        (Role::Init, false) => &["Always"],
        _ => &[],
    };
    if !allowed.contains(&policy) {
        let what = format!("`{policy}` is not allowed for this container in Kubernetes {version}");
        let help = match allowed {
            [] => "leave it out; the pod's `restartPolicy` counts".to_owned(),
            _ => format!("write one of {}", allowed.join(", ")),
        };
        report.fault_at(container, "restartPolicy", "kube-restart-policy", what, help);
    }
}
