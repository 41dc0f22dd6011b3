//! swarm-cronjob: labels `swarm.cronjob.*` make the service they stand on run at set times.

use indexmap::IndexMap;
use tranship_model::{Origin, Overlap, Service, Traced};

use super::{run_at, schedule, take_labels, time_zone};
use crate::lift::account::Leaves;
use crate::lift::context::Lifting;

/// Turns every service that is switched on into one that runs at its times.
pub(super) fn lift(cx: &mut Lifting<'_>, services: &mut IndexMap<String, Service>) {
    let scheduler = services.values().find(|s| s.product.as_ref().is_some_and(|p| p.value == "swarm-cronjob"));
    let zone = time_zone(scheduler);
    for service in services.values_mut() {
        if service.labels.iter().any(|(name, _)| name.starts_with("swarm.cronjob.")) {
            one(cx, service, &zone);
        }
    }
}

fn one(cx: &mut Lifting<'_>, service: &mut Service, zone: &str) {
    let enabled = service.labels.iter().any(|(name, value)| name == "swarm.cronjob.enable" && value.value == "true");
    if !enabled {
        return;
    }
    let labels = take_labels(service, "swarm.cronjob.");
    let mut origin = Vec::new();
    let mut times: Option<Traced<String>> = None;
    let mut overlap = Overlap::Replace;
    for (name, value) in labels {
        match name.trim_start_matches("swarm.cronjob.") {
            "enable" => {}
            "schedule" => times = Some(value.clone()),
            "skip-running" => overlap = if value.value == "true" { Overlap::Skip } else { Overlap::Replace },
            "replicas" if value.value == "1" => {}
            "replicas" => {
                let why = "every run of a schedule is one pod; several at once need a Job with `parallelism`";
                cx.dropped(&value, why, "write `parallelism` and `completions` into the CronJob");
                continue;
            }
            "registry-auth" | "query-registry" => {
                cx.decided(&value, "a pod is always pulled with the credentials its namespace has");
                continue;
            }
            other => {
                cx.dropped(&value, &format!("`{other}` is no setting a CronJob has"), "");
                continue;
            }
        }
        origin.extend(value.list());
    }
    let Some(times) = times else {
        cx.dropped(&origin, "a job without a schedule never runs", "write `swarm.cronjob.schedule`");
        return;
    };
    let name = service.name.clone();
    match schedule(cx, &name, &times, Origin::From(origin.clone()), zone, overlap, None) {
        Some(schedule) => {
            // Replicas and restart policy are what swarm-cronjob asks for: it starts and stops the service itself.
            if let Some(replicas) = service.replicas.take() {
                cx.decided(&replicas, "the schedule says when the service runs, and each run is one pod");
            }
            run_at(service, schedule, "its `swarm.cronjob` labels say when it runs".to_owned());
        }
        None => cx.dropped(&origin, "the job is not carried over, as its schedule cannot be read", "write five fields"),
    }
}
