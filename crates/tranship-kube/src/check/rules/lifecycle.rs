//! Hooks that run after the start and before the stop of a container.

use super::super::look::Look;
use super::super::pod::{Pod, Role};
use super::super::report::Report;
use super::probes;
use crate::KubeVersion;

/// Reports hooks without an action, with several, or where none is allowed.
pub fn check(pod: &Pod<'_>, version: KubeVersion, report: &mut Report<'_>) {
    let grace = pod.spec.int("terminationGracePeriodSeconds").unwrap_or(30);
    for (role, container) in pod.containers() {
        let Some(lifecycle) = container.field("lifecycle") else { continue };
        if role == Role::Debug || (role == Role::Init && container.text("restartPolicy") != Some("Always")) {
            report.fault(lifecycle, "kube-lifecycle", "is not allowed for this container", "leave it out");
            continue;
        }
        for hook in ["postStart", "preStop"] {
            let Some(hook) = lifecycle.field(hook) else { continue };
            probes::handler(hook, &["exec", "httpGet", "tcpSocket", "sleep"], report);
            let Some(sleep) = hook.field("sleep") else { continue };
            let least = i64::from(version.minor() < 33);
            let seconds = sleep.int("seconds").unwrap_or(0);
            if !(least..=grace).contains(&seconds) {
                let what = format!("{seconds} is not from {least} to the pod's grace period of {grace}");
                let help = "shorten it, or raise `terminationGracePeriodSeconds`";
                report.fault_at(sleep, "seconds", "kube-lifecycle", what, help);
            }
        }
    }
}
