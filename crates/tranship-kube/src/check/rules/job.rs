//! Jobs: counts, and what goes only with indexed completion.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::report::Report;
use super::{Subject, ask};

/// Reports a Job the server refuses.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(spec) = subject.object.get(&["spec"]) else { return };
    job(spec, report);
    if spec.is_true("manualSelector") {
        if let (Some(wanted), Some(pod)) = (spec.field("selector"), &subject.pod)
            && !super::super::selector::matches(wanted, pod.labels())
        {
            let help = "give the pod template every label of the selector";
            report.fault(wanted, "kube-selector", "does not match the labels of the pod template", help);
        }
    } else if let Some(selector) = spec.field("selector") {
        let help = "leave it out; the server makes one";
        report.fault(selector, "kube-selector", "is not allowed without `manualSelector: true`", help);
    }
}

/// Reports what a Job's spec has wrong, wherever it stands.
pub fn job(spec: &Node, report: &mut Report<'_>) {
    for count in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        ask::at_least(spec, count, 0, report);
    }
    let indexed = spec.text("completionMode") == Some("Indexed");
    if indexed && spec.field("completions").is_none() {
        let help = "say how many completions there are";
        report.fault_at(spec, "completions", "kube-job", "is missing although the mode is Indexed", help);
    }
    for key in ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"] {
        if !indexed && spec.field(key).is_some() {
            let help = "leave it out, or write `completionMode: Indexed`";
            report.fault_at(spec, key, "kube-job", "goes only with `completionMode: Indexed`", help);
        }
    }
}
