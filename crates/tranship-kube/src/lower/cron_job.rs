//! CronJobs: pods that run to their end at set times.

use tranship_model::{Overlap, Schedule};
use tranship_source::yaml::{Key, Node};

use super::Lowering;
use super::deployment::rollout_origins;
use super::fields::{Fields, whole};
use super::workload::{Parts, object};
use crate::object::Object;

/// The CronJob of a service.
pub(crate) fn lower(cx: &mut Lowering<'_>, parts: &mut Parts<'_>) -> Object {
    for origin in rollout_origins(&parts.service.rollout) {
        cx.ledger.dropped(&origin, "the next run of a CronJob is the new version, and none is replaced", "");
    }
    if let Some(restart) = &parts.service.restart {
        cx.ledger.decided(&restart.origin, "a run that ended is over, and the next comes at its time");
    }
    if let Some(replicas) = &parts.service.replicas {
        cx.ledger.decided(&replicas.origin, "the schedule says when the service runs, and each run is one pod");
    }
    restart_never(&mut parts.template);
    let job = Fields::new().put("backoffLimit", whole(0)).put("template", parts.take_template());
    let mut spec = Fields::new();
    if let Some(schedule) = &parts.service.schedule {
        let Schedule { cron, time_zone, overlap, image_of: _ } = &schedule.value;
        let policy = match overlap {
            Overlap::Allow => "Allow",
            Overlap::Skip => "Forbid",
            Overlap::Replace => "Replace",
        };
        let why = "a job of the scheduler is a CronJob: its times, its zone, and whether runs may overlap";
        cx.ledger.translated(&schedule.origin, &parts.place.spec("schedule"), why);
        spec = spec
            .put("schedule", Node::from(cron.as_str()).blamed_on(schedule.span()))
            .put("timeZone", time_zone.as_str())
            .put("concurrencyPolicy", policy);
    }
    let spec = spec.put("jobTemplate", Node::from([("spec", job.node())]));
    object(cx, "batch/v1", parts, spec)
}

/// Schedulers do not run a job again that failed.
fn restart_never(template: &mut Node) {
    let spec = template.as_map_mut().and_then(|map| map.get_mut("spec")).and_then(Node::as_map_mut);
    if let Some(spec) = spec {
        spec.insert(Key::from("restartPolicy"), "Never".into());
    }
}
