//! PodDisruptionBudgets: one bound, and a sensible one.

use super::super::look::Look;
use super::super::report::Report;
use super::{Subject, ask};

/// Reports a budget with two bounds or a bad one.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(spec) = subject.object.get(&["spec"]) else { return };
    for key in ["minAvailable", "maxUnavailable"] {
        ask::share(spec, key, true, report);
    }
    if spec.field("minAvailable").is_some() && spec.field("maxUnavailable").is_some() {
        report.fault_at(spec, "maxUnavailable", "kube-budget", "excludes `minAvailable`", "keep one of them");
    }
}
