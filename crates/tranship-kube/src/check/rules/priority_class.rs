//! PriorityClasses: the highest values are the system's.

use super::super::look::Look;
use super::super::report::Report;
use super::Subject;

/// Reports names and values that are kept for the system.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let tree = &subject.object.tree;
    if subject.object.name().starts_with("system-") {
        let help = "choose a name that does not start with `system-`";
        if let Some(metadata) = tree.field("metadata") {
            report.fault_at(metadata, "name", "kube-name", "is kept for the system", help);
        }
    }
    if tree.int("value").is_some_and(|value| value > 1_000_000_000) {
        report.fault_at(tree, "value", "kube-range", "is more than 1000000000", "write at most 1000000000");
    }
}
