//! When the pod's containers are started again: some kinds run for ever, jobs end.

use super::super::look::Look;
use super::super::pod::Pod;
use super::super::report::Report;
use crate::KubeVersion;

/// Reports a restart policy the kind does not take.
pub fn check(pod: &Pod<'_>, _: KubeVersion, report: &mut Report<'_>) {
    let policy = pod.spec.text("restartPolicy").filter(|policy| !policy.is_empty()).unwrap_or("Always");
    if pod.runs_for_ever() {
        if matches!(policy, "OnFailure" | "Never") {
            let what = format!("a {} takes only `Always`", pod.kind);
            report.fault_at(pod.spec, "restartPolicy", "kube-restart-policy", what, "leave it out, or make it a Job");
        }
        if pod.spec.field("activeDeadlineSeconds").is_some() {
            let what = format!("is not allowed in a {}", pod.kind);
            report.fault_at(pod.spec, "activeDeadlineSeconds", "kube-restart-policy", what, "leave it out");
        }
    }
    if matches!(pod.kind, "Job" | "CronJob") && policy == "Always" {
        let help = "write `restartPolicy: OnFailure` or `Never`";
        report.fault_at(pod.spec, "restartPolicy", "kube-restart-policy", "a job's pod must be able to end", help);
    }
}
