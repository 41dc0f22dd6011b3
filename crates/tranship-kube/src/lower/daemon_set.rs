//! DaemonSets: one pod on each node.

use tranship_model::Rollout;
use tranship_source::yaml::Node;

use super::Lowering;
use super::deployment::{note_restart, note_rollout, settle};
use super::fields::{Fields, whole};
use super::workload::{Parts, object};
use crate::object::Object;

/// The DaemonSet of a service.
pub(crate) fn lower(cx: &mut Lowering<'_>, parts: &mut Parts<'_>) -> Object {
    if let Some(replicas) = &parts.service.replicas {
        cx.ledger.dropped(&replicas.origin, "there is one pod on each node, however many replicas are asked for", "");
    }
    note_restart(cx, parts);
    let spec = Fields::new().put("selector", Node::from([("matchLabels", parts.selector.clone())]));
    let spec = updates(cx, parts, spec).put("template", parts.take_template());
    object(cx, "apps/v1", parts, spec)
}

fn updates(cx: &mut Lowering<'_>, parts: &Parts<'_>, spec: Fields) -> Fields {
    let Rollout { parallelism, delay, monitor, start_first, failure_action: _, max_failure_ratio: _, back: _ } =
        &parts.service.rollout;
    note_rollout(cx, &parts.service.rollout);
    let spec = spec.maybe("minReadySeconds", settle(cx, &parts.place, monitor.as_ref(), delay.as_ref()));
    if parallelism.is_none() && start_first.is_none() {
        return spec;
    }
    let to = parts.place.spec("updateStrategy");
    for origin in parallelism.iter().map(|p| &p.origin).chain(start_first.iter().map(|s| &s.origin)) {
        cx.ledger.translated(origin, &to, "as many nodes are updated at once, in the order asked for");
    }
    let at_once = parallelism.as_ref().map_or(1, |p| p.value);
    let amount = if at_once == 0 { Node::from("100%") } else { whole(at_once) };
    let first = start_first.as_ref().is_some_and(|s| s.value);
    let (surge, unavailable) = if first { (amount, whole(0)) } else { (whole(0), amount) };
    let rolling = Fields::new().put("maxSurge", surge).put("maxUnavailable", unavailable).node();
    spec.put("updateStrategy", Node::from([("type", "RollingUpdate".into()), ("rollingUpdate", rolling)]))
}
