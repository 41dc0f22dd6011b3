//! Kernel parameters of the pod.

use super::super::look::Look;
use super::super::names;
use super::super::pod::Pod;
use super::super::report::Report;
use crate::KubeVersion;

/// Reports parameters that are none, given twice, or not the pod's own to set.
pub fn check(pod: &Pod<'_>, _: KubeVersion, report: &mut Report<'_>) {
    let sysctls = pod.spec.field("securityContext").map(|context| context.items("sysctls")).unwrap_or_default();
    let mut seen: Vec<String> = Vec::new();
    for sysctl in sysctls {
        let Some(name) = sysctl.text("name") else { continue };
        if let Some(why) = names::sysctl(name) {
            report.fault_at(sysctl, "name", "kube-sysctl", format!("`{name}` {why}"), "write the parameter's name");
        } else if seen.iter().any(|known| known == name) {
            report.fault_at(sysctl, "name", "kube-sysctl", format!("`{name}` is set twice"), "keep one of them");
        }
        seen.push(name.to_owned());
        let dotted = name.replace('/', ".");
        let ipc = ["kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue."].iter().any(|head| dotted.starts_with(head));
        for (shared, concerned) in [("hostNetwork", dotted.starts_with("net.")), ("hostIPC", ipc)] {
            if concerned && pod.spec.is_true(shared) {
                let what = format!("`{name}` is the host's with `{shared}`");
                report.fault_at(sysctl, "name", "kube-sysctl", what, "set it on the host, or leave it out");
            }
        }
    }
}
