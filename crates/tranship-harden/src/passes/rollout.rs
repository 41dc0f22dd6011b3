//! How a new version takes the place of the old one without losing a request.
//!
//! A new pod is there and ready before an old one goes, and an old one goes on serving while others learn that it leaves.
//! Where two pods must not run side by side, the old one stops first, as Compose does it.

use std::collections::BTreeSet;
use std::time::Duration;

use tranship_model::{Mount, MountSource, Origin, Port, Service, Stack, Traced, Workload};

use super::replicas::alone;
use crate::notes::Notes;
use crate::settings::Settings;

/// The rule of what is decided here.
pub const NAME: &str = "rollout";

/// How long a pod goes on serving after it is to end: until every node knows that it leaves.
const DRAIN: Duration = Duration::from_secs(5);
/// How long a new pod has to be ready before an old one goes.
const WATCHED: Duration = Duration::from_secs(5);

/// Runs the pass.
pub(super) fn run(stack: &mut Stack, _settings: &Settings, notes: &mut Notes) {
    let held = held_by_guests(stack);
    for service in stack.services.values_mut().filter(|service| service.workload.value == Workload::Stateless) {
        if notes.is_on_for(service) {
            let is_held = held.contains(&service.name);
            of_service(service, is_held, notes);
        }
    }
}

/// Services in whose pods another one lives that holds something no two pods may.
fn held_by_guests(stack: &Stack) -> BTreeSet<String> {
    let host = |service: &Service| -> Option<String> {
        let mode = &service.security.network_mode.as_ref()?.value;
        mode.strip_prefix("service:").map(str::to_owned)
    };
    let home = |guest: &Service| {
        let mut found = host(guest)?;
        // A chain that is longer than the project has come back to itself.
        for _ in 0..stack.services.len() {
            match stack.services.get(&found).and_then(host) {
                Some(next) => found = next,
                None => break,
            }
        }
        Some(found)
    };
    stack.services.values().filter(|service| holds(service)).filter_map(home).collect()
}

fn of_service(service: &mut Service, is_held: bool, notes: &mut Notes) {
    let alone = alone(service);
    let decided = |because: &str| Origin::decided(NAME, because.to_owned());
    // Pods that write to one claim or hold a part of their node are never side by side: the lowering knows which do.
    if service.rollout.parallelism.is_none() && service.rollout.start_first.is_none() && !is_held && !holds(service) {
        let (first, because) = match &alone {
            None => (true, "a new pod is ready before an old one goes, so that no request is lost".to_owned()),
            Some(why) => (false, format!("the old pod stops first: {why}")),
        };
        service.rollout.start_first = Some(Traced::new(first, decided(&because)));
        service.rollout.parallelism = Some(Traced::new(1, decided("one pod after the other")));
    }
    if service.ports.is_empty() || alone.is_some() {
        return;
    }
    if service.rollout.monitor.is_none() {
        let because = "a new pod that fails at once takes no old one away";
        service.rollout.monitor = Some(Traced::new(WATCHED, decided(because)));
    }
    if !service.hooks.pre_stop.is_empty() {
        let because = "it runs a command of its own before its end, and a container has one such handler";
        notes.stay_away(&service.name, because);
        return;
    }
    if service.operations.drain.is_none() {
        let because = "requests still come for a moment after a pod is told to end, until every node knows of it";
        service.operations.drain = Some(Traced::new(DRAIN, decided(because)));
    }
}

fn holds(service: &Service) -> bool {
    let writes = |mount: &Mount| !mount.read_only && matches!(mount.source, MountSource::Volume { .. });
    let is_bound = |port: &Port| port.published.as_ref().is_some_and(|to| to.mode.as_deref() == Some("host"));
    let on_node = service.security.network_mode.as_ref().is_some_and(|mode| mode.value == "host");
    let apart = service.placement.max_per_node.is_some();
    on_node || apart || service.mounts.iter().any(writes) || service.ports.iter().any(is_bound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::stack;

    fn rolled(compose: &str) -> (Option<bool>, Option<u64>, Option<u64>) {
        let mut stack = stack(&format!("name: t\nservices:\n  a: {compose}\nvolumes: {{v: }}\n"));
        run(&mut stack, &Settings::default(), &mut Notes::of(NAME));
        let service = &stack.services["a"];
        let first = service.rollout.start_first.as_ref().map(|first| first.value);
        let parallel = service.rollout.parallelism.as_ref().map(|number| number.value);
        (first, parallel, service.operations.drain.as_ref().map(|drain| drain.value.as_secs()))
    }

    #[test]
    fn the_new_pod_comes_first_unless_two_must_not_run_side_by_side() {
        for (compose, expect) in [
            ("{image: x, ports: ['80:80']}", (Some(true), Some(1), Some(5))),
            ("{image: x}", (Some(true), Some(1), None)),
            ("{image: x, ports: ['80:80'], network_mode: host}", (None, None, None)),
            ("{image: x, ports: ['80:80'], environment: {DB: 'sqlite:///x.db'}}", (Some(false), Some(1), None)),
            ("{image: x, ports: ['80:80'], pre_stop: [{command: [a]}]}", (Some(true), Some(1), None)),
            ("{image: x, ports: ['80:80'], volumes: ['v:/v']}", (None, None, None)),
            // What Compose says stands.
            ("{image: x, ports: ['80:80'], deploy: {update_config: {parallelism: 2}}}", (None, Some(2), Some(5))),
            ("{image: 'postgres:16', volumes: ['v:/var/lib/postgresql/data']}", (None, None, None)),
        ] {
            assert_eq!(rolled(compose), expect, "{compose}");
        }
    }
}
