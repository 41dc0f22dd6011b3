//! Jobs: pods that run to their end.

use tranship_model::{Restart, Rollout};
use tranship_source::yaml::{Key, Node};

use super::Lowering;
use super::deployment::rollout_origins;
use super::fields::{Fields, LARGEST, whole};
use super::workload::{Parts, object};
use crate::object::Object;

/// Runs that are tried where nothing says how many: without an order between pods, the first may come too early.
const RETRIES: u32 = 6;

/// The Job of a service.
pub(crate) fn lower(
    cx: &mut Lowering<'_>,
    parts: &mut Parts<'_>,
    completions: u32,
    parallelism: u32,
    retries: Option<u32>,
) -> Object {
    if let Some(replicas) = &parts.service.replicas {
        let why = "as many runs have to succeed";
        cx.ledger.translated(&replicas.origin, &parts.place.spec("completions"), why);
    }
    if let Some(restart) = &parts.service.restart {
        let why = match restart.value {
            Restart::OnFailure { max: Some(_) } => "a failed run is tried again as often as the project says",
            Restart::OnFailure { max: None } => "a failed run is tried again, six times before the Job gives up",
            Restart::No => {
                "a run that ended is not repeated; one that failed is tried again, since pods start in no order"
            }
            Restart::Always | Restart::UnlessStopped => {
                "a run that succeeded is not repeated, since others wait for its end"
            }
        };
        cx.ledger.translated(&restart.origin, &parts.place.spec("backoffLimit"), why);
    }
    note_rollout(cx, &parts.service.rollout);
    set_restart_policy(&mut parts.template);
    let several = completions > 1 || parallelism > 1;
    let spec = Fields::new()
        .maybe("completions", several.then(|| whole(u64::from(completions))))
        .maybe("parallelism", several.then(|| whole(u64::from(parallelism))))
        .put("backoffLimit", whole(u64::from(retries.unwrap_or(RETRIES)).min(LARGEST)))
        .put("template", parts.take_template());
    object(cx, "batch/v1", parts, spec)
}

/// A failed container is started again in its pod; a Job takes no other policy that restarts.
fn set_restart_policy(template: &mut Node) {
    let spec = template.as_map_mut().and_then(|map| map.get_mut("spec")).and_then(Node::as_map_mut);
    if let Some(spec) = spec {
        spec.insert(Key::from("restartPolicy"), "OnFailure".into());
    }
}

fn note_rollout(cx: &mut Lowering<'_>, rollout: &Rollout) {
    for origin in rollout_origins(rollout) {
        cx.ledger.dropped(&origin, "a Job runs to its end and is replaced as a whole", "");
    }
}
