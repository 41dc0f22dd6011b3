//! How many of a service run, and how that follows the load.
//!
//! Compose's number stands unless the service is shown to keep nothing of its own: what people write for one container may
//! count on being the only one. Then an autoscaler holds between two bounds, the number at which it stands is the
//! autoscaler's alone, nodes are emptied one pod at a time, and replicas go to different nodes where there are several.

use tranship_model::catalog::{self, ProductRole};
use tranship_model::said::is_chosen;
use tranship_model::{EnvValue, MountSource, Origin, Scaling, Service, Stack, Traced, Workload};

use crate::notes::Notes;
use crate::settings::Settings;

/// The rule of what is decided here.
pub const NAME: &str = "replicas";

/// The use of CPU that autoscalers aim at.
const CPU_PERCENT: u32 = 70;
/// Fewest replicas of what may have several: one can go, and the other serves.
const LEAST: u32 = 2;
/// Most replicas where the project says nothing of several.
const MOST: u32 = 5;
/// The label of nodes that tells them apart.
const NODE: &str = "kubernetes.io/hostname";

/// Runs the pass.
pub(super) fn run(stack: &mut Stack, _settings: &Settings, notes: &mut Notes) {
    for service in stack.services.values_mut() {
        if notes.is_on_for(service) {
            of_service(service, notes);
        }
    }
}

fn of_service(service: &mut Service, notes: &mut Notes) {
    let asked = service.replicas.as_ref().map_or(1, |replicas| replicas.value);
    if service.workload.value == Workload::Stateless && service.operations.scaling.is_none() && asked > 0 {
        match scaling(service, asked) {
            Ok(scaling) => service.operations.scaling = Some(scaling),
            Err(because) => notes.stay_away(&service.name, because),
        }
    }
    let several = asked > 1 || service.operations.scaling.as_ref().is_some_and(|scaling| scaling.value.max > 1);
    let replicated = matches!(service.workload.value, Workload::Stateless | Workload::Stateful);
    if !several || !replicated {
        return;
    }
    if service.operations.disruption.is_none() {
        let because = "a node that is emptied takes one pod at a time away, so that the others serve on";
        service.operations.disruption = Some(Traced::decided(1, NAME, because));
    }
    let placement = &mut service.placement;
    if placement.spread.is_empty() && placement.max_per_node.is_none() {
        let because = "replicas go to different nodes where there are several, so that one node that fails takes one";
        placement.spread.push(Traced::decided(NODE.to_owned(), NAME, because));
    }
}

/// The bounds of a service that is shown to keep nothing of its own; why it has none otherwise.
fn scaling(service: &Service, asked: u32) -> Result<Traced<Scaling>, String> {
    if service.replicas.as_ref().is_some_and(|replicas| is_chosen(&replicas.origin)) {
        return Err("you said how many run".to_owned());
    }
    if let Some(because) = alone(service) {
        return Err(format!("it stays at {asked}: {because}"));
    }
    let scaling = |min, max| Scaling { min, max, cpu_percent: CPU_PERCENT };
    if asked > 1 {
        let from = service.replicas.as_ref().map(|replicas| replicas.origin.leaves().to_vec()).unwrap_or_default();
        let because = format!("the project runs {asked} side by side, so that more can stand beside them under load");
        let origin = Origin::Decided { by: NAME, because, from };
        return Ok(Traced::new(scaling(asked, asked.saturating_mul(2).max(MOST)), origin));
    }
    let evidence = evidence(service)
        .ok_or_else(|| format!("it stays at {asked}: nothing shows that it keeps no state in its process"))?;
    let because = format!("{evidence}, so that any replica can take the place of another");
    Ok(Traced::decided(scaling(LEAST, MOST), NAME, because))
}

/// How it is known that a service keeps nothing of its own.
fn evidence(service: &Service) -> Option<String> {
    let product = catalog::by_name(&service.product.as_ref()?.value)?;
    let passes_on = matches!(product.role, ProductRole::Proxy | ProductRole::WebServer | ProductRole::Gateway);
    (passes_on && !product.stateful && !product.data.iter().any(|dir| dir.declared))
        .then(|| format!("{} keeps nothing but the files it is given", product.title))
}

/// Why no second one may run beside it.
pub(super) fn alone(service: &Service) -> Option<String> {
    let writes = service.mounts.iter().find(|mount| {
        !mount.read_only && matches!(mount.source, MountSource::Volume { .. } | MountSource::Host { .. })
    });
    if let Some(mount) = writes {
        return Some(format!("it writes to the volume at `{}`", mount.target));
    }
    if let Some(name) = sqlite(service) {
        return Some(format!("its variable `{name}` names a file of SQLite, which one process writes"));
    }
    if let Some(word) = scheduler(service) {
        return Some(format!("`{word}` in its command does things at set times, which a second one would do twice"));
    }
    let on_host = service.security.network_mode.as_ref().is_some_and(|mode| mode.value == "host");
    if on_host {
        return Some("it uses its node's network, where a port is free once".to_owned());
    }
    let shares = [&service.security.network_mode, &service.security.pid, &service.security.ipc];
    let joined = shares.into_iter().flatten().any(|mode| mode.value.contains(':'));
    joined.then(|| "it lives in the pod of another service".to_owned())
}

/// The variable that names a file of SQLite.
fn sqlite(service: &Service) -> Option<&str> {
    let names = |text: &str| {
        let lower = text.trim().to_ascii_lowercase();
        lower.starts_with("sqlite")
            || lower.starts_with("file:") && lower.contains(".db")
            || lower.ends_with(".sqlite")
            || lower.ends_with(".sqlite3")
            || lower.starts_with('/') && lower.rsplit('.').next() == Some("db")
    };
    let found = service.env.iter().find(|variable| match &variable.value.value {
        EnvValue::Plain(text) => names(text),
        EnvValue::Secret { value, because: _ } => names(value.expose()),
        EnvValue::Elsewhere { .. } | EnvValue::Unset => false,
    });
    found.map(|variable| variable.name.as_str())
}

/// Words of command lines that do things at set times.
const SCHEDULERS: &[&str] = &[
    "beat",
    "celerybeat",
    "cron",
    "crond",
    "supercronic",
    "scheduler",
    "schedule:work",
    "schedule:run",
    "rqscheduler",
    "clockwork",
    "--beat",
    "apscheduler",
];

fn scheduler(service: &Service) -> Option<&str> {
    let argv = [&service.process.entrypoint, &service.process.command].into_iter().flatten();
    let mut words = argv.flat_map(|argv| &argv.value).flat_map(|word| word.split_whitespace());
    words.find(|word| SCHEDULERS.contains(&word.rsplit('/').next().unwrap_or(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::stack;

    /// Bounds, budget and spread of the service `a`, and why it has no bounds.
    fn scaled(compose: &str) -> (Option<(u32, u32)>, Option<u32>, usize, String) {
        let mut stack = stack(&format!("name: t\nservices:\n  a: {compose}\nvolumes: {{v: }}\n"));
        let mut notes = Notes::of(NAME);
        run(&mut stack, &Settings::default(), &mut notes);
        let service = &stack.services["a"];
        let bounds = service.operations.scaling.as_ref().map(|scaling| (scaling.value.min, scaling.value.max));
        let why = notes.stayed_away.first().map(|note| note.because.clone()).unwrap_or_default();
        (bounds, service.operations.disruption.as_ref().map(|d| d.value), service.placement.spread.len(), why)
    }

    #[test]
    fn only_what_is_shown_to_keep_nothing_runs_more_than_once() {
        for (compose, bounds) in [
            ("{image: 'nginx:1.29'}", Some((2, 5))),
            ("{image: acme/api:1, deploy: {replicas: 3}}", Some((3, 6))),
            ("{image: acme/api:1, deploy: {replicas: 2}}", Some((2, 5))),
            ("{image: acme/api:1}", None),
            ("{image: acme/api:1, deploy: {replicas: 1}}", None),
            ("{image: acme/api:1, deploy: {replicas: 0}}", None),
            ("{image: 'nginx:1.29', volumes: ['v:/cache']}", None),
            ("{image: 'nginx:1.29', network_mode: host}", None),
            (
                "{image: acme/api:1, deploy: {replicas: 2}, environment: {DATABASE_URL: 'sqlite:////data/chat.db'}}",
                None,
            ),
            ("{image: acme/api:1, deploy: {replicas: 2}, command: celery -A app beat}", None),
            ("{image: acme/api:1, x-tranship: {replicas: 4}}", None),
        ] {
            let (got, budget, spread, why) = scaled(compose);
            assert_eq!(got, bounds, "{compose}: {why}");
            if bounds.is_some() {
                assert_eq!((budget, spread), (Some(1), 1), "{compose}");
            } else {
                assert!(compose.contains("replicas: 0") || !why.is_empty(), "{compose} says why");
            }
        }
    }

    #[test]
    fn several_without_an_autoscaler_are_kept_apart_as_well() {
        let (bounds, budget, spread, why) = scaled("{image: acme/api:1, x-tranship: {replicas: 4}}");
        assert_eq!((bounds, budget, spread), (None, Some(1), 1));
        assert_eq!(why, "you said how many run");
    }
}
