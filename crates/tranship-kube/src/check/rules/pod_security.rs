//! The pod's own security settings.

use super::super::look::Look;
use super::super::pod::Pod;
use super::super::report::Report;
use super::security_context::{ids, profiles};
use crate::KubeVersion;

/// Reports security settings of the pod that the server refuses.
pub fn check(pod: &Pod<'_>, _: KubeVersion, report: &mut Report<'_>) {
    let Some(context) = pod.spec.field("securityContext") else { return };
    ids(context, report);
    profiles(context, report);
    for group in context.items("supplementalGroups") {
        if group.as_int().is_some_and(|id| !(0..=i64::from(i32::MAX)).contains(&id)) {
            report.fault(group, "kube-range", "is no group number", "write a number from 0 to 2147483647");
        }
    }
}
