//! HorizontalPodAutoscalers: how the number of replicas follows the load.

use tranship_model::{Scaling, Service, Workload};
use tranship_source::yaml::Node;

use super::fields::{Fields, blamed, whole};
use super::workload::Place;
use super::{Lowering, metadata};
use crate::object::Object;

/// The autoscaler of a service's workload, which then says no number of replicas itself.
pub(crate) fn lower(cx: &mut Lowering<'_>, service: &Service, place: &Place) {
    let Some(scaling) = &service.operations.scaling else { return };
    if !matches!(service.workload.value, Workload::Stateless | Workload::Stateful) {
        return;
    }
    let Scaling { min, max, cpu_percent } = scaling.value;
    let kind = place.object.split('/').next().unwrap_or_default();
    let target = Fields::new().put("apiVersion", "apps/v1").put("kind", kind).put("name", place.name.as_str());
    let percent = Fields::new().put("type", "Utilization").put("averageUtilization", whole(u64::from(cpu_percent)));
    let resource = Fields::new().put("name", "cpu").put("target", percent.node());
    let metric = Fields::new().put("type", "Resource").put("resource", resource.node());
    let spec = Fields::new()
        .put("scaleTargetRef", target.node())
        .put("minReplicas", blamed(scaling, whole(u64::from(min))))
        .put("maxReplicas", blamed(scaling, whole(u64::from(max))))
        .put("metrics", Node::from(vec![metric.node()]));
    let mut object = Object::new("autoscaling/v2", "HorizontalPodAutoscaler", Node::from(place.name.as_str()));
    object.set(&["metadata", "labels"], metadata::labels(cx, &place.name));
    object.set(&["spec"], spec.node());
    cx.add(object);
}
