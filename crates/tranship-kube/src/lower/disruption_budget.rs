//! PodDisruptionBudgets: how many replicas may be taken away at once on purpose.

use tranship_model::Service;
use tranship_source::yaml::Node;

use super::fields::{Fields, blamed, whole};
use super::workload::Place;
use super::{Lowering, metadata};
use crate::object::Object;

/// The budget of a service's pods. Pods that are not ready may always go: they serve nobody, and a node could never be
/// emptied of them otherwise.
pub(crate) fn lower(cx: &mut Lowering<'_>, service: &Service, place: &Place, selector: Node) {
    let Some(disruption) = &service.operations.disruption else { return };
    if service.workload.value.ends() {
        return;
    }
    let spec = Fields::new()
        .put("maxUnavailable", blamed(disruption, whole(u64::from(disruption.value))))
        .put("unhealthyPodEvictionPolicy", "AlwaysAllow")
        .put("selector", Node::from([("matchLabels", selector)]));
    let mut object = Object::new("policy/v1", "PodDisruptionBudget", Node::from(place.name.as_str()));
    object.set(&["metadata", "labels"], metadata::labels(cx, &place.name));
    object.set(&["spec"], spec.node());
    cx.add(object);
}
