//! Service accounts and priority classes of pods.

use super::super::look::Look;
use super::super::pod::pod;
use super::super::report::Report;
use super::{Index, named};
use crate::Object;

/// Reports pods that run as an account, or with a priority, that is not there.
pub fn check(object: &Object, index: &Index<'_>, report: &mut Report<'_>) {
    let Some(pod) = pod(object) else { return };
    // Every namespace has the account `default`.
    if pod.spec.text("serviceAccountName") != Some("default") {
        named(object, index, pod.spec, "serviceAccountName", "ServiceAccount", report);
    }
    let Some(class) = pod.spec.text("priorityClassName") else { return };
    if !class.starts_with("system-") && !index.has_global("PriorityClass", class) {
        named(object, index, pod.spec, "priorityClassName", "PriorityClass", report);
    }
}
