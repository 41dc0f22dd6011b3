//! What has to be there before a service starts: `depends_on`, which a cluster starts everything at once without.
//!
//! Who waits asks as it would call: by the other one's own client, else by a connection. What takes no calls, or is on no
//! network of the one that waits, is asked for at the platform's API. A dependency that is only to be started is waited for
//! a minute and no longer, since docker compose would not wait at all.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tranship_kube::lower::home;
use tranship_model::catalog::{self, ImageRef, Purpose};
use tranship_model::{
    Account, Condition, Dependency, Health, Origin, Protocol, Service, Stack, Test, Traced, Until, Wait, Workload,
};
use tranship_source::Diagnostic;

use crate::notes::Notes;
use crate::passes::Pass;
use crate::settings::{Preset, Reach, Settings, Waits};

/// The pass.
pub(super) const PASS: Pass = Pass {
    name: NAME,
    about: "lets services wait for what they depend on",
    presets: &[Preset::Production, Preset::Dev],
    run,
};

const NAME: &str = "order";

/// An image with a shell and `nc`.
const CONNECTS_WITH: &str = "busybox:1.37-musl";
/// An image with a shell and `curl`.
const ASKS_WITH: &str = "curlimages/curl:8.14.1";
/// How long a service waits for one that is only to be started.
const PATIENCE: Duration = Duration::from_secs(60);

fn run(stack: &mut Stack, settings: &Settings, notes: &mut Notes) {
    if settings.waits == Waits::Never {
        return;
    }
    let homes = homes(stack);
    let circles = circles(stack, &homes);
    let mut found: Vec<(String, Vec<Traced<Wait>>)> = Vec::new();
    for service in stack.services.values().filter(|service| !service.depends_on.is_empty()) {
        if !notes.is_on_for(service) {
            continue;
        }
        let mut waits = Vec::new();
        for dependency in &service.depends_on {
            let Some(other) = stack.services.get(&dependency.service) else { continue };
            let pair = Pair { stack, settings, service, other, dependency };
            let bound = bound(&homes, &circles, service, other);
            match bound.map_or_else(|| pair.until(), Err) {
                Ok(Some(until)) => waits.push(pair.wait(until)),
                Ok(None) => {}
                Err(because) => notes.stay_away(&service.name, because),
            }
            if let Some(fault) = pair.never_healthy() {
                notes.find(fault);
            }
        }
        if !waits.is_empty() {
            found.push((service.name.clone(), waits));
        }
    }
    for (name, waits) in found {
        let asks = waits.iter().any(|wait| wait.value.until.asks_platform());
        let home = stack.services.get(&name).and_then(|service| home(stack, service)).unwrap_or(&name).to_owned();
        if let Some(home) = stack.services.get_mut(&home).filter(|home| asks && home.operations.account.is_none()) {
            let because = "whoever asks the cluster's API for what it waits for has to be somebody there";
            home.operations.account = Some(Traced::decided(Account::default(), NAME, because));
        }
        if let Some(service) = stack.services.get_mut(&name) {
            service.operations.waits = waits;
        }
    }
}

/// The service each one lives in the pod of, itself where it has one of its own.
fn homes(stack: &Stack) -> BTreeMap<&str, &str> {
    stack.services.values().map(|s| (s.name.as_str(), home(stack, s).unwrap_or(&s.name))).collect()
}

/// Why nothing can be waited for between two services whose pods cannot start one after the other.
fn bound(
    homes: &BTreeMap<&str, &str>,
    circles: &BTreeMap<&str, usize>,
    service: &Service,
    other: &Service,
) -> Option<String> {
    let of = |service: &Service| homes.get(service.name.as_str()).copied();
    let (own, theirs) = (of(service)?, of(other)?);
    let name = &other.name;
    if own == theirs {
        return Some(format!(
            "it does not wait for `{name}`, which is in the same pod: containers of a pod start together"
        ));
    }
    let circle = circles.get(own)?;
    (circles.get(theirs) == Some(circle))
        .then(|| format!("it does not wait for `{name}`: their pods depend on each other, since services share them"))
}

/// One service and what it depends on.
struct Pair<'a> {
    stack: &'a Stack,
    settings: &'a Settings,
    service: &'a Service,
    other: &'a Service,
    dependency: &'a Dependency,
}

impl Pair<'_> {
    /// How the other one is known to be there; `None` where there is nothing to wait for, an error why nothing can be asked.
    fn until(&self) -> Result<Option<Until>, String> {
        let name = &self.other.name;
        if self.other.replicas.as_ref().is_some_and(|replicas| replicas.value == 0) {
            return Err(format!("it does not wait for `{name}`, of which no replica runs"));
        }
        if mode(self.service) == Some("none") {
            return Err(format!("it does not wait for `{name}`: without a network it can ask nobody"));
        }
        let workload = self.other.workload.value;
        let is_task = matches!(workload, Workload::Task { .. });
        match self.dependency.condition {
            Condition::Completed if is_task => Ok(Some(Until::Completed)),
            Condition::Completed => {
                Err(format!("it does not wait for the end of `{name}`, which is no task that ends"))
            }
            Condition::Started | Condition::Healthy if workload == Workload::Scheduled => {
                Err(format!("it does not wait for `{name}`, which runs at set times"))
            }
            Condition::Started | Condition::Healthy if is_task => Ok(None),
            Condition::Started => Ok(self.port().filter(|_| self.meet()).map(|(port, _)| Until::Connects { port })),
            Condition::Healthy => Ok(Some(self.healthy())),
        }
    }

    /// How the other one is known to be healthy. A Service leads to replicas alone whose health check passes.
    fn healthy(&self) -> Until {
        match self.port().filter(|_| self.meet()) {
            Some((_, true)) if self.client().is_some() => Until::Answers { command: self.client().unwrap_or_default() },
            Some((port, true)) => Until::Connects { port },
            Some((_, false)) | None => Until::Ready,
        }
    }

    /// The other's port, and whether it surely listens there.
    fn port(&self) -> Option<(u16, bool)> {
        let tcp = || self.other.ports.iter().filter(|port| port.protocol == Protocol::Tcp);
        let has = |number: u16| tcp().any(|port| port.container == number);
        if let Some(main) = main_port(self.other).filter(|port| has(*port)) {
            return Some((main, true));
        }
        let asked = asked_port(self.other).filter(|port| has(*port));
        let written = || tcp().find(|port| matches!(port.origin, Origin::From(_))).map(|port| port.container);
        asked.or_else(written).map(|port| (port, true)).or_else(|| tcp().next().map(|port| (port.container, false)))
    }

    /// Whether the one can call the other: they share a network, or the network is open.
    fn meet(&self) -> bool {
        let networks = |service: &Service| -> BTreeSet<String> {
            let own = |s: &Service| s.networks.iter().map(|at| at.network.clone()).collect::<Vec<_>>();
            let theirs = home(self.stack, service).and_then(|home| self.stack.services.get(home));
            own(service).into_iter().chain(theirs.into_iter().flat_map(own)).collect()
        };
        let on_node = [self.service, self.other].into_iter().any(|service| mode(service) == Some("host"));
        let (own, theirs) = (networks(self.service), networks(self.other));
        self.settings.reach == Reach::Open || (!on_node && (!own.is_disjoint(&theirs) || own.len() + theirs.len() == 0))
    }

    /// The client in the other's own image, unless it would have to speak otherwise than by default.
    fn client(&self) -> Option<Vec<String>> {
        let product = catalog::by_name(&self.other.product.as_ref()?.value)?;
        self.other.image.as_ref()?;
        let argv = [&self.other.process.entrypoint, &self.other.process.command];
        let words = argv.into_iter().flatten().flat_map(|words| words.value.iter().cloned());
        let names = self.other.env.iter().map(|variable| variable.name.clone());
        let is_special = |word: String| {
            let word = word.to_ascii_lowercase();
            word.contains("tls") || word.contains("ssl")
        };
        let special = words.chain(names).any(is_special);
        product.client.clone().filter(|_| !special)
    }

    /// The wait itself, with the values that led to it.
    fn wait(&self, until: Until) -> Traced<Wait> {
        let own = |default: &str| self.settings.wait_image.clone().unwrap_or_else(|| default.to_owned());
        let theirs = || self.other.image.as_ref().map(|image| image.value.clone());
        let image = match &until {
            Until::Connects { .. } => own(CONNECTS_WITH),
            Until::Answers { .. } => theirs().unwrap_or_default(),
            Until::Ready | Until::Completed => own(ASKS_WITH),
        };
        let started = self.dependency.condition == Condition::Started;
        let name = &self.other.name;
        let because = match (&until, started) {
            (Until::Connects { port }, true) => format!(
                "it depends on `{name}`, whose port {port} it waits for, a minute at most: docker compose would not wait at all"
            ),
            (Until::Connects { port }, false) => {
                format!(
                    "it depends on `{name}` being healthy, which its Service shows by taking connections on port {port}"
                )
            }
            (Until::Answers { .. }, _) => {
                format!("it depends on `{name}` being healthy, which the client of its own image asks")
            }
            (Until::Ready, _) => format!(
                "it depends on `{name}` being healthy, and can ask no port of it: the cluster's API says when it is ready"
            ),
            (Until::Completed, _) => {
                format!("it depends on `{name}` having ended without a fault, which the cluster's API says of its Job")
            }
        };
        let patience = started.then_some(PATIENCE);
        let from = self.dependency.origin.leaves().to_vec();
        Traced::new(Wait { service: name.clone(), until, image, patience }, Origin::Decided { by: NAME, because, from })
    }

    /// A finding where docker compose would never start the service: what it waits for has no health check.
    fn never_healthy(&self) -> Option<Diagnostic> {
        if self.dependency.condition != Condition::Healthy {
            return None;
        }
        let image = self.other.image_facts.as_ref().filter(|facts| facts.whole);
        let none = match &self.other.health {
            Health::Disabled(_) => true,
            Health::Unsaid => image.is_some_and(|facts| !matches!(facts.health, Health::Check(_))),
            Health::Check(_) => false,
        };
        none.then(|| {
            let (name, other) = (&self.service.name, &self.other.name);
            let message = format!("`{name}` waits for `{other}` to be healthy, and `{other}` has no health check");
            let fault = Diagnostic::warning("never-healthy", message).at(self.dependency.origin.span());
            fault.help(format!(
                "docker compose refuses to start `{name}`; in the cluster it starts once `{other}` takes calls"
            ))
        })
    }
}

/// How a service is connected where it says so.
fn mode(service: &Service) -> Option<&str> {
    service.security.network_mode.as_ref().map(|mode| mode.value.as_str())
}

/// The port clients of a known product connect to.
fn main_port(service: &Service) -> Option<u16> {
    let product = catalog::by_name(&service.product.as_ref()?.value)?;
    let tag = service.image.as_ref().and_then(|image| ImageRef::parse(&image.value).tag);
    let main = product.ports_for(tag).find(|port| port.purpose == Purpose::Main)?;
    Some(main.port)
}

/// The port of the machine itself that a health check asks: it surely listens there.
fn asked_port(service: &Service) -> Option<u16> {
    let Health::Check(check) = &service.health else { return None };
    let text = match &check.test.as_ref()?.value {
        Test::Exec(words) => words.join(" "),
        Test::Shell(line) => line.clone(),
    };
    ["localhost:", "127.0.0.1:", "0.0.0.0:"].into_iter().find_map(|host| {
        let (_, after) = text.split_once(host)?;
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    })
}

/// Pods that depend on each other in a circle, since services share them: the number of its circle for each.
///
/// Services themselves never do. Where no service lives in another's pod there is no circle either.
fn circles<'a>(stack: &'a Stack, homes: &BTreeMap<&'a str, &'a str>) -> BTreeMap<&'a str, usize> {
    if homes.iter().all(|(service, home)| service == home) {
        return BTreeMap::new();
    }
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for service in stack.services.values() {
        let Some(&own) = homes.get(service.name.as_str()) else { continue };
        let theirs = service.depends_on.iter().filter_map(|other| homes.get(other.service.as_str()).copied());
        edges.entry(own).or_default().extend(theirs.filter(|other| *other != own));
    }
    // What cannot be put into an order is in a circle or between two of them: leaves are taken away from both ends.
    let mut left: BTreeSet<&str> = edges.keys().copied().collect();
    loop {
        let called: BTreeSet<&str> = left.iter().filter_map(|pod| edges.get(pod)).flatten().copied().collect();
        let before = left.len();
        let kept: BTreeSet<&str> = left
            .iter()
            .copied()
            .filter(|pod| called.contains(pod) && edges.get(pod).is_some_and(|to| !to.is_disjoint(&left)))
            .collect();
        left = kept;
        if left.len() == before {
            break;
        }
    }
    left.into_iter().map(|pod| (pod, 0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{codes, stack};
    use crate::harden;

    /// What each service waits for, and why others do not.
    fn waits(text: &str) -> (Vec<String>, Vec<String>) {
        let mut stack = stack(text);
        let notes = harden(&mut stack, &Settings::default()).value;
        let mut out = Vec::new();
        for service in stack.services.values() {
            for wait in &service.operations.waits {
                let Wait { service: other, until, image, patience } = &wait.value;
                let word = match until {
                    Until::Connects { port } => format!("connects {port}"),
                    Until::Answers { command } => format!("answers {}", command[0]),
                    Until::Ready => "ready".to_owned(),
                    Until::Completed => "completed".to_owned(),
                };
                let bound = patience.map_or("", |_| " for a while");
                out.push(format!("{} {other} {word} by {image}{bound}", service.name));
            }
        }
        let away = notes.stayed_away.into_iter().filter(|away| away.pass == NAME);
        (out, away.map(|away| format!("{} {}", away.service, away.because)).collect())
    }

    const SHOP: &str = "services:
  web:
    image: acme/web:1
    depends_on:
      db: {condition: service_healthy}
      cache: {condition: service_started}
      migrate: {condition: service_completed_successfully}
      worker: {condition: service_healthy}
      silent: {condition: service_started}
      api: {condition: service_healthy}
      far: {condition: service_healthy}
      gone: {condition: service_started, required: false}
  db: {image: 'postgres:16'}
  cache: {image: 'redis:7'}
  migrate: {image: 'acme/web:1', command: migrate}
  worker: {image: 'acme/worker:1', healthcheck: {test: 'true'}}
  silent: {image: 'acme/worker:1'}
  api: {image: 'acme/api:1', expose: ['9000', '3000'], healthcheck: {test: 'curl localhost:3000/up'}}
  far: {image: 'acme/api:1', expose: ['80'], networks: [other], healthcheck: {test: 'true'}}
  gone: {image: x, profiles: [never]}
networks: {other: {}}
";

    #[test]
    fn each_is_asked_in_the_way_it_answers() {
        let (waits, away) = waits(SHOP);
        assert_eq!(
            waits,
            [
                "web db answers pg_isready by postgres:16",
                "web cache connects 6379 by busybox:1.37-musl for a while",
                "web migrate completed by curlimages/curl:8.14.1",
                "web worker ready by curlimages/curl:8.14.1",
                "web api connects 3000 by busybox:1.37-musl",
                "web far ready by curlimages/curl:8.14.1",
            ]
        );
        assert!(away.is_empty(), "{away:?}");
    }

    #[test]
    fn a_client_that_would_have_to_speak_otherwise_is_not_used() {
        let text = SHOP.replace("image: 'postgres:16'", "image: 'postgres:16', command: [-c, ssl=on]");
        assert_eq!(waits(&text).0[0], "web db connects 5432 by busybox:1.37-musl");
    }

    #[test]
    fn nothing_waits_where_waiting_could_not_end() {
        let (found, away) = waits(
            "services:
  vpn: {image: a, container_name: box, expose: ['1'], depends_on: {db: {condition: service_healthy}}}
  app: {image: a, expose: ['2'], network_mode: 'container:box'}
  db: {image: b, expose: ['3'], depends_on: {app: {condition: service_started}}, healthcheck: {test: 'true'}}
  side: {image: a, network_mode: 'service:late', expose: ['4'], depends_on: {late: {condition: service_started}}}
  none: {image: b, deploy: {replicas: 0}, expose: ['3']}
  late: {image: b, depends_on: [none]}
",
        );
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(away.len(), 4, "{away:?}");
        assert!(away.iter().any(|line| line.contains("in the same pod")), "{away:?}");
        assert!(away.iter().any(|line| line.contains("their pods depend on each other")), "{away:?}");
        assert!(away.iter().any(|line| line.contains("no replica")), "{away:?}");
    }

    #[test]
    fn what_docker_compose_refuses_to_start_is_a_finding() {
        let mut stack = stack(
            "services: {a: {image: x, depends_on: {b: {condition: service_healthy}}}, b: {image: y, healthcheck: {disable: true}}}",
        );
        let found = harden(&mut stack, &Settings::default());
        assert!(codes(&found.diagnostics).contains(&"warning never-healthy".to_owned()));
    }

    #[test]
    fn nobody_waits_where_the_user_wants_no_waits() {
        let mut stack = stack(SHOP);
        harden(&mut stack, &Settings { waits: Waits::Never, ..Settings::default() });
        assert!(stack.services["web"].operations.waits.is_empty());
    }
}
