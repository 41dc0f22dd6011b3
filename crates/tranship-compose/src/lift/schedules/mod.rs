//! Jobs that are written as labels for a scheduler beside the engine: ofelia and swarm-cronjob.
//!
//! Each becomes a service that runs at its times. Ofelia's settings stand on the service whose container runs them, on
//! the scheduler itself, or in an INI file mounted into it; swarm-cronjob's turn the service they stand on into one. The
//! labels are used up by it and stand nowhere else. Start reading at [`lift`].

mod cron;
mod ini;
mod ofelia;
mod swarm;

use indexmap::IndexMap;
use tranship_model::{EnvValue, Origin, Overlap, Schedule, Service, Traced, Workload};

use super::context::Lifting;

/// Finds the jobs of all services. Errors `schedule-unreadable`; warnings `schedule-coarser`, `schedule-target`.
pub(super) fn lift(cx: &mut Lifting<'_>, services: &mut IndexMap<String, Service>) {
    swarm::lift(cx, services);
    ofelia::lift(cx, services);
}

/// The zone of a scheduler's clock: what `TZ` says, else that of a container that is told nothing.
fn time_zone(scheduler: Option<&Service>) -> String {
    let zone = scheduler.and_then(|service| {
        let env = service.env.iter().find(|var| var.name == "TZ")?;
        match &env.value.value {
            EnvValue::Plain(zone) if !zone.is_empty() => Some(zone.trim_start_matches(':').to_owned()),
            _ => None,
        }
    });
    zone.filter(|zone| zone != "UTC").unwrap_or_else(|| "Etc/UTC".to_owned())
}

/// A schedule that the user says, in the zone of a container that is told nothing; an error where it is none.
pub(super) fn said(cx: &mut Lifting<'_>, written: &Traced<String>, overlap: Overlap) -> Option<Traced<Schedule>> {
    let words = format!("schedule: {}", written.value);
    let Some(read) = cron::read(&written.value) else {
        let message = format!("`{}` is no schedule a cluster has", written.value);
        let help = "write five fields, such as `0 3 * * *`, or `@every 1h`";
        cx.fail("override-value", written.span(), message, help);
        return None;
    };
    let time_zone = read.time_zone.unwrap_or_else(|| time_zone(None));
    let schedule = Schedule { cron: read.cron, time_zone, overlap, image_of: None };
    Some(tranship_model::said::chosen(schedule, &words, &written.origin))
}

/// A schedule from its text; what cannot be said is an error or a warning at its place.
fn schedule(
    cx: &mut Lifting<'_>,
    job: &str,
    written: &Traced<String>,
    origin: Origin,
    zone: &str,
    overlap: Overlap,
    image_of: Option<String>,
) -> Option<Traced<Schedule>> {
    let Some(read) = cron::read(&written.value) else {
        let message = format!("the schedule `{}` of the job `{job}` is none a cluster has", written.value);
        cx.fail(
            "schedule-unreadable",
            written.span(),
            message,
            "write five fields, such as `0 3 * * *`, or `@every 1h`",
        );
        return None;
    };
    if let Some(lost) = read.lost {
        let message = format!("the job `{job}` runs by `{}`: {lost}", read.cron);
        let help = "let the job itself run on and wait between its rounds, if it has to run more often";
        cx.warn("schedule-coarser", written.span(), message, help);
    }
    let time_zone = read.time_zone.unwrap_or_else(|| zone.to_owned());
    Some(Traced::new(Schedule { cron: read.cron, time_zone, overlap, image_of }, origin))
}

/// Turns a service into one that runs at set times.
fn run_at(service: &mut Service, schedule: Traced<Schedule>, because: String) {
    service.workload = Traced::decided(Workload::Scheduled, "schedule", because);
    service.schedule = Some(schedule);
}

/// Takes labels out of a service: those whose name starts with a prefix.
fn take_labels(service: &mut Service, prefix: &str) -> Vec<(String, Traced<String>)> {
    let (taken, kept) = std::mem::take(&mut service.labels).into_iter().partition(|(name, _)| name.starts_with(prefix));
    service.labels = kept;
    taken
}

#[cfg(test)]
mod tests;
