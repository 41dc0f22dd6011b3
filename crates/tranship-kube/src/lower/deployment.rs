//! Deployments: replicas any of which can be replaced by another.

use std::time::Duration;

use tranship_model::{Origin, Outcome, Rollout, Traced};
use tranship_source::yaml::Node;

use super::Lowering;
use super::fields::{Fields, blamed, whole};
use super::workload::{Parts, Place, object};
use crate::object::Object;

/// The Deployment of a service.
pub(crate) fn lower(cx: &mut Lowering<'_>, parts: &mut Parts<'_>) -> Object {
    let mut spec = replicas(cx, parts, Fields::new());
    note_restart(cx, parts);
    spec = spec.put("selector", Node::from([("matchLabels", parts.selector.clone())]));
    spec = strategy(cx, &parts.place, spec, &parts.service.rollout, parts.writes_to_claim);
    let spec = spec.put("template", parts.take_template());
    object(cx, "apps/v1", parts, spec)
}

/// How many replicas, where the project says so.
pub(crate) fn replicas(cx: &mut Lowering<'_>, parts: &Parts<'_>, spec: Fields) -> Fields {
    if let Some(scaling) = &parts.service.operations.scaling {
        // The autoscaler owns the number: whatever stood here would be put back at every apply.
        if let Some(replicas) = &parts.service.replicas {
            let to = format!("HorizontalPodAutoscaler/{} spec.minReplicas", parts.place.name);
            cx.ledger.translated(&replicas.origin, &to, "the autoscaler keeps at least as many");
        }
        cx.ledger.reasoned(&scaling.origin);
        return spec;
    }
    match &parts.service.replicas {
        Some(replicas) => {
            cx.ledger.kept(&replicas.origin, &parts.place.spec("replicas"));
            spec.put("replicas", blamed(replicas, i64::from(replicas.value)))
        }
        None => spec.put("replicas", whole(1)),
    }
}

/// A pod of a controller is always restarted.
pub(crate) fn note_restart(cx: &mut Lowering<'_>, parts: &Parts<'_>) {
    use tranship_model::Restart;
    let Some(restart) = &parts.service.restart else { return };
    let why = match restart.value {
        Restart::Always | Restart::UnlessStopped => {
            "pods of a controller are always restarted, which is the policy asked for"
        }
        Restart::No => "the policy is `no`, and a service that stays up is kept up by its controller all the same",
        Restart::OnFailure { .. } => {
            "pods of a controller are restarted after a fault, and also after an end without one"
        }
    };
    cx.ledger.decided(&restart.origin, why);
}

/// How a new version replaces the old one.
fn strategy(cx: &mut Lowering<'_>, place: &Place, spec: Fields, rollout: &Rollout, writes_to_claim: bool) -> Fields {
    let Rollout { parallelism, delay, monitor, start_first, failure_action: _, max_failure_ratio: _, back: _ } =
        rollout;
    note_rollout(cx, rollout);
    let mut spec = spec;
    if let Some(seconds) = settle(cx, place, monitor.as_ref(), delay.as_ref()) {
        let ready = seconds.as_int().and_then(|ready| u64::try_from(ready).ok()).unwrap_or(0);
        spec = spec.put("minReadySeconds", seconds);
        // The API server wants the deadline to be later than that.
        if ready >= DEADLINE {
            spec = spec.put("progressDeadlineSeconds", whole(ready + DEADLINE));
        }
    }
    let to = place.spec("strategy");
    if writes_to_claim {
        let why = "pods that write to one claim never run side by side: the old one stops first";
        for origin in parallelism.iter().map(|p| &p.origin).chain(start_first.iter().map(|s| &s.origin)) {
            cx.ledger.decided(origin, why);
        }
        return spec.put("strategy", Node::from([("type", "Recreate".into())]));
    }
    if parallelism.is_none() && start_first.is_none() {
        return spec;
    }
    let at_once = parallelism.as_ref().map_or(1, |p| p.value);
    let first = start_first.as_ref().is_some_and(|s| s.value);
    // Zero means all at once.
    let amount = if at_once == 0 { Node::from("100%") } else { whole(at_once) };
    let (surge, unavailable) = if first { (amount, whole(0)) } else { (whole(0), amount) };
    for origin in parallelism.iter().map(|p| &p.origin).chain(start_first.iter().map(|s| &s.origin)) {
        cx.ledger.translated(origin, &to, "as many pods are replaced at once, in the order asked for");
    }
    let span = parallelism
        .as_ref()
        .map_or_else(|| start_first.as_ref().map_or(tranship_source::Span::NONE, Traced::span), Traced::span);
    let rolling = Fields::new().put("maxSurge", surge).put("maxUnavailable", unavailable).node();
    let node = Node::from([("type", "RollingUpdate".into()), ("rollingUpdate", rolling)]);
    spec.put("strategy", node.blamed_on(span))
}

/// Seconds a rollout may take to go on, where nothing else is said: Kubernetes' own default.
const DEADLINE: u64 = 600;

/// How long a new pod has to be ready before a rollout goes on: while it is watched, and for the time that Swarm waits
/// between batches, whichever is longer.
pub(crate) fn settle(
    cx: &mut Lowering<'_>,
    place: &Place,
    monitor: Option<&Traced<Duration>>,
    delay: Option<&Traced<Duration>>,
) -> Option<Node> {
    let to = place.spec("minReadySeconds");
    if let Some(monitor) = monitor {
        cx.ledger.translated(&monitor.origin, &to, "a new pod counts once it was ready that long");
    }
    let delay = delay.filter(|delay| {
        let counts = !delay.value.is_zero();
        if !counts {
            cx.ledger.decided(&delay.origin, "a rollout goes on at once unless it is told to wait");
        }
        counts
    });
    if let Some(delay) = delay {
        let longer = monitor.is_some_and(|monitor| monitor.value > delay.value);
        let why = if longer {
            "the longer time of `monitor` holds the rollout back already"
        } else {
            "a rollout goes on to the next pods once the new ones were ready that long"
        };
        cx.ledger.translated(&delay.origin, &to, why);
    }
    let longest = [monitor, delay].into_iter().flatten().max_by_key(|time| time.value)?;
    let seconds = longest.value.as_secs() + u64::from(longest.value.subsec_nanos() > 0);
    Some(blamed(longest, whole(seconds)))
}

/// The origins of everything written of a rollout.
pub(crate) fn rollout_origins(rollout: &Rollout) -> Vec<Origin> {
    let Rollout { parallelism, delay, monitor, start_first, failure_action, max_failure_ratio, back } = rollout;
    let times = [delay, monitor].into_iter().flatten().map(|time| &time.origin);
    let rest = parallelism.iter().map(|p| &p.origin).chain(start_first.iter().map(|s| &s.origin));
    let rest = rest.chain(failure_action.iter().map(|f| &f.origin)).chain(max_failure_ratio.iter().map(|m| &m.origin));
    times.chain(rest).chain(back).cloned().collect()
}

/// What no controller does.
pub(crate) fn note_rollout(cx: &mut Lowering<'_>, rollout: &Rollout) {
    let Rollout { parallelism: _, delay: _, monitor: _, start_first: _, failure_action, max_failure_ratio, back } =
        rollout;
    if let Some(action) = failure_action {
        let why = "a rollout that does not become ready stops and keeps the old pods; it does not go back by itself";
        cx.ledger.dropped(&action.origin, why, "run `kubectl rollout undo`, or let your delivery tool do it");
    }
    if let Some(ratio) = max_failure_ratio {
        let why = "a rollout bears as many missing pods as `maxUnavailable` says, whatever the reason";
        cx.ledger.dropped(&ratio.origin, why, "set `maxUnavailable` to the share you can do without");
    }
    for at in back.iter().flat_map(Origin::leaves) {
        let why = way_back(at.path.rsplit('.').next().unwrap_or_default()).to_owned();
        let todo = "run `kubectl rollout undo` to go back".to_owned();
        cx.ledger.note(at, Outcome::Dropped { why, todo });
    }
}

/// Why a rollback has no settings of its own, for each that Swarm has.
fn way_back(key: &str) -> &'static str {
    match key {
        "parallelism" => "going back replaces as many pods at once as going forward: the strategy holds for both",
        "delay" => "going back waits as long between pods as going forward",
        "failure_action" => "a way back that does not become ready stops and waits for somebody",
        "monitor" => "how long a pod has to be ready before it counts is the same on the way back",
        "max_failure_ratio" => "the way back bears as many missing pods as `maxUnavailable` says",
        _ => "whether old or new pods come first is the strategy's, in both directions",
    }
}
