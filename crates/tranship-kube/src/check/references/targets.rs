//! What an autoscaler scales, and the Service that governs a StatefulSet.

use super::super::look::Look;
use super::super::report::Report;
use super::{Index, named};
use crate::Object;

/// Reports absent targets.
pub fn check(object: &Object, index: &Index<'_>, report: &mut Report<'_>) {
    let Some(spec) = object.get(&["spec"]) else { return };
    match object.kind() {
        "HorizontalPodAutoscaler" => {
            let Some(target) = spec.field("scaleTargetRef") else { return };
            let scalable = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"];
            if let Some(kind) = scalable.into_iter().find(|kind| target.text("kind") == Some(kind)) {
                named(object, index, target, "name", kind, report);
            }
        }
        "StatefulSet" if object.api_version() == "apps/v1" => {
            named(object, index, spec, "serviceName", "Service", report);
        }
        _ => {}
    }
}
