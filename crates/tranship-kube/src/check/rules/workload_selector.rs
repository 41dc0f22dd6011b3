//! A workload's selector must be there and select its own pods.

use super::super::look::Look;
use super::super::report::Report;
use super::super::selector;
use super::Subject;

/// Reports an absent, empty or foreign selector.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(pod) = subject.pod.as_ref().filter(|pod| pod.runs_for_ever()) else { return };
    let Some(spec) = subject.object.get(&["spec"]) else { return };
    let Some(wanted) = spec.field("selector") else { return };
    let plain = pod.kind == "ReplicationController";
    if !plain && selector::is_empty(wanted) {
        let help = "select the pods by labels of the template";
        report.fault(wanted, "kube-selector", "is empty, and would select every pod", help);
        return;
    }
    let matches = if plain { selector::equal(wanted, pod.labels()) } else { selector::matches(wanted, pod.labels()) };
    if !matches {
        let help = "give `template.metadata.labels` every label of `selector.matchLabels`";
        report.fault(wanted, "kube-selector", "does not match the labels of the pod template", help);
    }
}
