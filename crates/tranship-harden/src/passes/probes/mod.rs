//! Whether a service can serve, whether it lives and whether it came up, where Compose asks nothing or asks one thing.
//!
//! Docker marks a container whose check fails; Kubernetes leads no requests to it, and restarts it if it is asked whether
//! it lives. So the check of the project, or a question of the catalog, says whether it can serve; whether it lives is the
//! cheapest question there is, on a port that is certain, with more patience and not before it came up. Where nothing
//! certain is known, nothing is asked: a wrong question takes away what worked.

mod certain;
mod text;

use std::collections::BTreeSet;
use std::time::Duration;

use tranship_model::catalog::{self, ImageRef, Probe, ProbeCheck};
use tranship_model::{Ask, Check, EnvValue, Health, Origin, Question, Role, Service, Stack, Test, Traced};

use crate::notes::Notes;
use crate::settings::Settings;

/// The rule of what is decided here.
pub const NAME: &str = "probes";

/// Time between two questions whether it came up.
const START_PERIOD: Duration = Duration::from_secs(5);
/// How long a service may take to come up at least.
const START: Duration = Duration::from_secs(300);
/// The same of a store, which may fill or mend its files first.
const STORE_START: Duration = Duration::from_secs(3600);

/// Runs the pass.
pub(super) fn run(stack: &mut Stack, _settings: &Settings, notes: &mut Notes) {
    let called: BTreeSet<u16> = stack.services.values().flat_map(|s| &s.ports).map(|port| port.container).collect();
    let listens = certain::configured(stack);
    for service in stack.services.values_mut().filter(|service| !service.workload.value.ends()) {
        if !notes.is_on_for(service) {
            continue;
        }
        let listens = listens.get(&service.name).map(Vec::as_slice).unwrap_or_default();
        let sure = certain::Sure { others: &called, configs: listens };
        of_service(service, &sure, notes);
    }
}

fn of_service(service: &mut Service, sure: &certain::Sure<'_>, notes: &mut Notes) {
    let (ready, live) = match &service.health {
        Health::Disabled(_) => {
            notes.stay_away(&service.name, "the project switches its health check off");
            return;
        }
        Health::Check(check) if check.test.is_some() => (None, beside_check(service, check, sure)),
        Health::Check(_) | Health::Unsaid => questions(service, sure),
    };
    let has_check = matches!(&service.health, Health::Check(check) if check.test.is_some());
    if ready.is_none() && !has_check {
        notes.stay_away(&service.name, "nothing is known that it could be asked: it declares no port that is certain");
    } else if live.is_none() {
        let because = "no question but that for its readiness is certain; it is restarted when its process ends";
        notes.stay_away(&service.name, because);
    }
    let started = live.as_ref().map(|live| started(service, live));
    let operations = &mut service.operations;
    match ready {
        // A command is a health check like those of Compose.
        Some(Traced { value: Question { ask: Ask::Exec(argv), period, timeout, failures }, origin }) => {
            let from = |text: &str| Origin::decided(NAME, text);
            service.health = Health::Check(Box::new(Check {
                test: Some(Traced::new(Test::Exec(argv), origin.clone())),
                interval: Some(Traced::new(period, from("often enough to take a failing pod away soon"))),
                timeout: Some(Traced::new(timeout, from("an answer that takes longer serves nobody"))),
                retries: Some(Traced::new(u64::from(failures), from("one failure may be a hiccup"))),
                start_period: None,
                start_interval: None,
                origin,
            }));
        }
        ready if operations.ready.is_none() => operations.ready = ready,
        _ => {}
    }
    if operations.live.is_none() {
        operations.live = live;
        operations.started = operations.started.take().or(started);
    }
}

/// Whether it lives, beside a check of the project's own: a connection to a port that the check, the catalog or the
/// project makes certain.
fn beside_check(service: &Service, check: &Check, sure: &certain::Sure<'_>) -> Option<Traced<Question>> {
    let (port, because) = sure.for_liveness(service, check)?;
    let ready = patience(check);
    let failures = u32::try_from(ready.as_secs().saturating_mul(2).div_ceil(10)).unwrap_or(u32::MAX).clamp(6, 1000);
    let because = format!("{because}; restarting is the last resort, so that it is asked less and waits longer");
    Some(Traced::new(living(Ask::Tcp { port }, failures), Origin::decided(NAME, because)))
}

/// How long a check may fail before it counts.
fn patience(check: &Check) -> Duration {
    let or = |time: &Option<Traced<Duration>>| time.as_ref().map_or(Duration::from_secs(30), |time| time.value);
    let retries = check.retries.as_ref().map_or(3, |retries| retries.value);
    or(&check.interval).saturating_mul(u32::try_from(retries).unwrap_or(u32::MAX))
}

fn serving(ask: Ask) -> Question {
    Question { ask, period: Duration::from_secs(5), timeout: Duration::from_secs(3), failures: 2 }
}

fn living(ask: Ask, failures: u32) -> Question {
    Question { ask, period: Duration::from_secs(10), timeout: Duration::from_secs(5), failures }
}

/// Whether it came up: asked as whether it lives, for as long as any start may take.
fn started(service: &Service, live: &Traced<Question>) -> Traced<Question> {
    let is_store = matches!(service.role.value, Role::Store | Role::Queue);
    let least = if is_store { STORE_START } else { START };
    let own = match &service.health {
        Health::Check(check) => {
            check.start_period.as_ref().map_or(Duration::ZERO, |start| start.value) + patience(check)
        }
        _ => Duration::ZERO,
    };
    let failures = least.max(own).as_secs().div_ceil(START_PERIOD.as_secs());
    let question = Question {
        ask: live.value.ask.clone(),
        period: START_PERIOD,
        timeout: Duration::from_secs(3),
        failures: u32::try_from(failures).unwrap_or(u32::MAX),
    };
    let because = "nothing restarts it before it came up, however slowly it starts";
    Traced::new(question, Origin::decided(NAME, because))
}

/// What is asked of a service without a check: readiness, and whether it lives where that is another question.
fn questions(service: &Service, sure: &certain::Sure<'_>) -> (Option<Traced<Question>>, Option<Traced<Question>>) {
    if let Some(found) = of_catalog(service, sure) {
        return found;
    }
    if let Some((path, port)) = certain::labelled(service) {
        let because = format!("its proxy asks `{path}` at {port}, as a label says");
        let ready = Traced::new(serving(Ask::Http { path, port }), Origin::decided(NAME, because));
        let because = "a connection is the cheapest sign of life";
        let live = Traced::new(living(Ask::Tcp { port }, 6), Origin::decided(NAME, because));
        return (Some(ready), Some(live));
    }
    let Some((port, because)) = sure.for_readiness(service) else { return (None, None) };
    (Some(Traced::new(serving(Ask::Tcp { port }), Origin::decided(NAME, because))), None)
}

type Pair = (Option<Traced<Question>>, Option<Traced<Question>>);

/// The catalog's questions, where nothing says that this container is asked in vain.
fn of_catalog(service: &Service, sure: &certain::Sure<'_>) -> Option<Pair> {
    let product = catalog::by_name(&service.product.as_ref()?.value)?;
    if !certain::Sure::runs_as_known(service, product) {
        return None;
    }
    let tag = ImageRef::parse(&service.image.as_ref()?.value).tag;
    let plain = certain::Sure::speaks_plainly(service);
    let ask = |probe: Option<&Probe>| ask(service, probe?, plain).filter(|ask| sure.holds(service, ask));
    let ready = ask(product.readiness_for(tag));
    let live = ask(product.liveness_for(tag));
    let main = product.ports_for(tag).find(|port| port.protocol == catalog::product::Transport::Tcp);
    let cheap = main.map(|port| Ask::Tcp { port: port.port }).filter(|ask| sure.holds(service, ask));
    let live = live.and_then(|live| if Some(&live) == ready.as_ref() { cheap } else { Some(live) });
    let live = live.filter(|live| Some(live) != ready.as_ref());
    let because = |what: &str| Origin::decided(NAME, format!("{} {what}", product.title));
    let ready = ready.map(|ask| Traced::new(serving(ask), because("answers this when it can serve")));
    let live = live.map(|ask| Traced::new(living(ask, 6), because("answers this as long as it lives")));
    (ready.is_some() || live.is_some()).then_some((ready, live))
}

/// What a probe of the catalog asks of this container. Requests become connections where their path or protocol may differ.
fn ask(service: &Service, probe: &Probe, plain: bool) -> Option<Ask> {
    Some(match probe.check()? {
        ProbeCheck::Tcp(port) => Ask::Tcp { port },
        ProbeCheck::Http(http) if plain => Ask::Http { path: http.path.clone(), port: http.port },
        ProbeCheck::Http(http) => Ask::Tcp { port: http.port },
        ProbeCheck::Exec(argv) => {
            let secret = |name: &str| {
                let found = service.env.iter().find(|variable| variable.name == name);
                found.is_some_and(|v| matches!(v.value.value, EnvValue::Secret { .. } | EnvValue::Elsewhere { .. }))
            };
            let value = |name: &str| {
                let found = service.env.iter().find(|variable| variable.name == name)?;
                match &found.value.value {
                    EnvValue::Plain(text) => Some(text.clone()),
                    _ => None,
                }
            };
            let has_shell = service.image_facts.as_ref().is_none_or(|facts| facts.shell != Some(false));
            text::command(argv, &value, &secret, has_shell)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::stack;

    /// Readiness, liveness and start-up of the service `a`.
    fn asked(compose: &str) -> [String; 3] {
        let mut stack = stack(&format!("name: t\nservices:\n  a: {compose}\n"));
        run(&mut stack, &Settings::default(), &mut Notes::of(NAME));
        let service = &stack.services["a"];
        let show = |question: &Option<Traced<Question>>| match question.as_ref().map(|question| &question.value.ask) {
            None => "-".to_owned(),
            Some(Ask::Exec(argv)) => argv.join(" "),
            Some(Ask::Http { path, port }) => format!("GET :{port}{path}"),
            Some(Ask::Tcp { port }) => format!("tcp {port}"),
        };
        let ready = match &service.health {
            Health::Check(check) => match check.test.as_ref().map(|test| &test.value) {
                Some(Test::Exec(argv)) => argv.join(" "),
                Some(Test::Shell(line)) => line.clone(),
                None => "?".to_owned(),
            },
            _ => show(&service.operations.ready),
        };
        [ready, show(&service.operations.live), show(&service.operations.started)]
    }

    #[test]
    fn products_are_asked_what_the_catalog_knows() {
        for (compose, expect) in [
            (
                "{image: 'postgres:16', environment: {POSTGRES_USER: shop}}",
                ["pg_isready -h 127.0.0.1 -U shop -d postgres", "tcp 5432", "tcp 5432"],
            ),
            ("{image: 'prom/prometheus:v3.1.0'}", ["GET :9090/-/ready", "GET :9090/-/healthy", "GET :9090/-/healthy"]),
            // One question twice would restart what is only busy.
            ("{image: 'nginx:1.29'}", ["tcp 80", "-", "-"]),
            ("{image: 'grafana/grafana:11.1.0'}", ["GET :3000/api/health", "tcp 3000", "tcp 3000"]),
            // Told otherwise: another port, another path, another program.
            ("{image: 'redis:7', command: redis-server --port 6380}", ["-", "-", "-"]),
            ("{image: 'redis:7', command: redis-sentinel /etc/s.conf}", ["-", "-", "-"]),
            ("{image: 'prom/prometheus:v3.1.0', command: --web.external-url=/prom}", ["tcp 9090", "-", "-"]),
            ("{image: 'redis:7', ports: ['6380:6380']}", ["tcp 6380", "-", "-"]),
        ] {
            assert_eq!(asked(compose), expect, "{compose}");
        }
    }

    #[test]
    fn a_check_of_the_project_stays_and_a_certain_port_tells_of_life() {
        for (compose, expect) in [
            (
                "{image: x, expose: ['3000'], healthcheck: {test: [CMD, wget, -q, 'http://127.0.0.1:3000/up']}}",
                ["wget -q http://127.0.0.1:3000/up", "tcp 3000", "tcp 3000"],
            ),
            // The port of the check may be open inside the container alone.
            (
                "{image: x, healthcheck: {test: [CMD, wget, -q, 'http://127.0.0.1:3000/up']}}",
                ["wget -q http://127.0.0.1:3000/up", "-", "-"],
            ),
            (
                "{image: x, environment: {PORT: '8082'}, expose: ['8082'], healthcheck: {test: 'curl localhost:$${PORT}/'}}",
                ["curl localhost:${PORT}/", "tcp 8082", "tcp 8082"],
            ),
            ("{image: 'postgres:16', healthcheck: {test: pg_isready}}", ["pg_isready", "tcp 5432", "tcp 5432"]),
            ("{image: x, healthcheck: {test: celery inspect ping}}", ["celery inspect ping", "-", "-"]),
            ("{image: x, expose: ['3000'], healthcheck: {disable: true}}", ["-", "-", "-"]),
        ] {
            assert_eq!(asked(compose), expect, "{compose}");
        }
    }

    #[test]
    fn a_declared_port_is_asked_for_a_connection() {
        for (compose, expect) in [
            ("{image: x, expose: ['3000']}", ["tcp 3000", "-", "-"]),
            ("{image: x, expose: ['3000/udp']}", ["-", "-", "-"]),
            ("{image: x}", ["-", "-", "-"]),
            (
                "{image: x, expose: ['3000'], labels: {traefik.http.services.x.loadbalancer.healthcheck.path: /hz, \
                 traefik.http.services.x.loadbalancer.server.port: '3000'}}",
                ["GET :3000/hz", "tcp 3000", "tcp 3000"],
            ),
        ] {
            assert_eq!(asked(compose), expect, "{compose}");
        }
    }

    #[test]
    fn nothing_is_restarted_before_it_came_up_and_stores_may_take_an_hour() {
        let mut stack = stack(
            "name: t\nservices:\n  db: {image: 'postgres:16'}\n  web: {image: x, expose: ['80'], healthcheck: {test: curl localhost:80, \
             start_period: 10m}}\n",
        );
        run(&mut stack, &Settings::default(), &mut Notes::of(NAME));
        let longest = |name: &str| {
            let started = stack.services[name].operations.started.as_ref().unwrap();
            started.value.period.as_secs() * u64::from(started.value.failures)
        };
        assert_eq!((longest("db"), longest("web")), (3600, 690));
    }

    #[test]
    fn a_credential_is_read_by_the_probe_and_not_written_into_it() {
        let [ready, ..] = asked(
            "{image: 'postgres:16', x-tranship: {env: {POSTGRES_USER: secret}}, environment: {POSTGRES_USER: me}}",
        );
        assert_eq!(
            ready,
            "/bin/sh -c pg_isready -h 127.0.0.1 -U \"${POSTGRES_USER:-postgres}\" -d \"${POSTGRES_DB:-postgres}\""
        );
    }
}
