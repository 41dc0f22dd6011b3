//! StatefulSets: replicas that keep their name and their claim.

use tranship_model::Rollout;
use tranship_source::yaml::Node;

use super::deployment::{note_restart, note_rollout, replicas, settle};
use super::fields::Fields;
use super::workload::{Parts, object};
use super::{Lowering, service};
use crate::object::Object;

/// The StatefulSet of a service.
pub(crate) fn lower(cx: &mut Lowering<'_>, parts: &mut Parts<'_>) -> Object {
    let governing = service::governing(cx, parts.service);
    let mut spec = Fields::new().put("serviceName", governing);
    spec = replicas(cx, parts, spec);
    note_restart(cx, parts);
    spec = spec.put("selector", Node::from([("matchLabels", parts.selector.clone())]));
    spec = updates(cx, parts, spec);
    let spec = spec.put("template", parts.take_template()).filled("volumeClaimTemplates", parts.own_claims.clone());
    object(cx, "apps/v1", parts, spec)
}

/// One replica after the other, the highest number first: a StatefulSet knows no other way.
fn updates(cx: &mut Lowering<'_>, parts: &Parts<'_>, spec: Fields) -> Fields {
    let Rollout { parallelism, delay, monitor, start_first, failure_action: _, max_failure_ratio: _, back: _ } =
        &parts.service.rollout;
    note_rollout(cx, &parts.service.rollout);
    let why = "a StatefulSet replaces one pod after the other and stops the old one first";
    let origins = parallelism.iter().map(|p| &p.origin).chain(start_first.iter().map(|s| &s.origin));
    for origin in origins {
        cx.ledger.decided(origin, why);
    }
    spec.maybe("minReadySeconds", settle(cx, &parts.place, monitor.as_ref(), delay.as_ref()))
}
