//! Health checks and the questions of [`Operations`] as probes.
//!
//! Docker asks one question and only marks the container; Kubernetes asks three and acts. A health check is the readiness
//! probe, with Docker's patience. Whether a container is restarted, and how long it may take to come up, are questions of
//! their own: a container that has none is never restarted by a probe, as Docker never does.

use std::time::Duration;

use tranship_model::{Ask, Check, Health, Operations, Question, Test, Traced};
use tranship_source::yaml::Node;

use super::Lowering;
use super::covered::Covered;
use super::fields::{Fields, LARGEST, blamed, texts, whole};
use super::workload::{Place, warn};

/// Docker's own values where nothing is written (Dockerfile reference, HEALTHCHECK).
const INTERVAL: Duration = Duration::from_secs(30);
const TIMEOUT: Duration = Duration::from_secs(30);
const RETRIES: u64 = 3;
const START_INTERVAL: Duration = Duration::from_secs(5);

/// Adds the probes of a service.
pub(crate) fn lower(
    cx: &mut Lowering<'_>,
    place: &Place,
    container: Fields,
    health: &Health,
    operations: &Operations,
    is_task: bool,
    covered: &Covered,
) -> Fields {
    if is_task {
        note_task(cx, health);
        return container;
    }
    let Operations { ready, live, started, .. } = operations;
    let (asked, patient) = match health {
        Health::Unsaid => (None, None),
        Health::Disabled(origin) => {
            cx.ledger.decided(origin, "the check is switched off, and a pod has no probe unless one is written");
            (None, None)
        }
        Health::Check(check) => of_check(cx, place, check, started.is_some(), covered),
    };
    let mut probe = |question: &Option<Traced<Question>>| {
        let question = question.as_ref()?;
        cx.ledger.reasoned(&question.origin);
        Some(of_question(&question.value).blamed_on(question.span()))
    };
    let startup = probe(started).or(patient);
    let readiness = asked.or_else(|| probe(ready));
    let liveness = probe(live);
    container.maybe("startupProbe", startup).maybe("readinessProbe", readiness).maybe("livenessProbe", liveness)
}

/// A task ends by itself, and nothing is led to it.
fn note_task(cx: &mut Lowering<'_>, health: &Health) {
    match health {
        Health::Unsaid => {}
        Health::Disabled(origin) => {
            cx.ledger.decided(origin, "the check is switched off, and a pod has no probe unless one is written");
        }
        Health::Check(check) => {
            let why = "a Job counts as done by its exit code, and nothing is routed to it";
            cx.ledger.dropped(&check.origin, why, "");
            for origin in parts(check) {
                cx.ledger.dropped(&origin, why, "");
            }
        }
    }
}

/// The origins of everything written in a check.
fn parts(check: &Check) -> Vec<tranship_model::Origin> {
    let Check { origin: _, test, interval, timeout, retries, start_period, start_interval } = check;
    let times = [interval, timeout, start_period, start_interval];
    let times = times.into_iter().flatten().map(|time| time.origin.clone());
    test.iter().map(|t| t.origin.clone()).chain(retries.iter().map(|r| r.origin.clone())).chain(times).collect()
}

/// The readiness probe of a health check, and where nothing else asks whether it came up (`starts`), the startup probe of its
/// start period.
fn of_check(
    cx: &mut Lowering<'_>,
    place: &Place,
    check: &Check,
    starts: bool,
    covered: &Covered,
) -> (Option<Node>, Option<Node>) {
    let Check { origin, test, interval, timeout, retries, start_period, start_interval } = check;
    let Some(test) = test else {
        let why = "the image's own check keeps its command, which is not known here";
        let todo = "write the `test` of the health check into the project";
        cx.ledger.dropped(origin, why, todo);
        for origin in parts(check) {
            cx.ledger.dropped(&origin, why, todo);
        }
        return (None, None);
    };
    let to = |field: &str| place.container(field);
    cx.ledger.translated(origin, &to("readinessProbe"), "a health check says whether a pod can serve");
    let (command, why) = command(cx, place, test, covered);
    cx.ledger.translated(&test.origin, &to("readinessProbe.exec.command"), why);
    if let Some(interval) = interval {
        cx.ledger.translated(&interval.origin, &to("readinessProbe.periodSeconds"), "in whole seconds, at least one");
    }
    if let Some(timeout) = timeout {
        cx.ledger.translated(&timeout.origin, &to("readinessProbe.timeoutSeconds"), "in whole seconds, at least one");
    }
    if let Some(retries) = retries {
        let why = "as many failures mark the pod not ready; none of them restarts it";
        cx.ledger.translated(&retries.origin, &to("readinessProbe.failureThreshold"), why);
    }
    let period = seconds(interval.as_ref().map_or(INTERVAL, |time| time.value));
    let limit = seconds(timeout.as_ref().map_or(TIMEOUT, |time| time.value));
    let patience = retries.as_ref().map_or(RETRIES, |retries| retries.value).max(1);
    let one = |command: Node, period: u64, failures: u64| {
        probe(("exec", Node::from([("command", command)])), period, limit, failures).blamed_on(origin.span())
    };
    let start = start_period.as_ref().filter(|start| !start.value.is_zero());
    let patient = match start {
        Some(start) if !starts => {
            let why = "a startup probe lasts that long and then as long as the check's own patience";
            cx.ledger.translated(&start.origin, &to("startupProbe.failureThreshold"), why);
            if let Some(every) = start_interval {
                cx.ledger.translated(&every.origin, &to("startupProbe.periodSeconds"), "in whole seconds");
            }
            let every = seconds(start_interval.as_ref().map_or(START_INTERVAL, |time| time.value)).min(period);
            let total = seconds(start.value).saturating_add(period.saturating_mul(patience));
            Some(one(command.clone(), every, total.div_ceil(every)))
        }
        _ => {
            for time in [start_period, start_interval].into_iter().flatten() {
                if starts {
                    let why = "a startup probe waits as long and longer before anything restarts the container";
                    cx.ledger.translated(&time.origin, &to("startupProbe.failureThreshold"), why);
                } else {
                    cx.ledger.decided(&time.origin, "without a start period there is no startup probe");
                }
            }
            None
        }
    };
    (Some(one(command, period, patience)), patient)
}

fn of_question(question: &Question) -> Node {
    let Question { ask, period, timeout, failures } = question;
    let port = |port: u16| whole(u64::from(port));
    let ask = match ask {
        Ask::Exec(argv) => ("exec", Node::from([("command", texts(argv))])),
        Ask::Http { path, port: number } => {
            ("httpGet", Fields::new().put("path", path.as_str()).put("port", port(*number)).node())
        }
        Ask::Tcp { port: number } => ("tcpSocket", Node::from([("port", port(*number))])),
    };
    probe(ask, seconds(*period), seconds(*timeout), u64::from(*failures).max(1))
}

fn probe((way, ask): (&str, Node), period: u64, timeout: u64, failures: u64) -> Node {
    Fields::new()
        .put(way, ask)
        .put("periodSeconds", whole(period))
        .put("timeoutSeconds", whole(timeout))
        .put("failureThreshold", whole(failures.min(LARGEST)))
        .node()
}

/// What the kubelet runs, and how it differs from what is written.
fn command(cx: &mut Lowering<'_>, place: &Place, test: &Traced<Test>, covered: &Covered) -> (Node, &'static str) {
    let (node, why) = match &test.value {
        Test::Exec(argv) => match covered.run(argv) {
            None => (texts(argv), "run as it is by the kubelet"),
            Some(Ok(argv)) => (texts(argv), COVERED),
            Some(Err(())) => {
                let message = format!("the health check of `{}` holds a credential that anyone may read", place.name);
                warn(cx, "credential-in-check", test.span(), message, NO_SHELL);
                (texts(argv), "run as it is by the kubelet")
            }
        },
        Test::Shell(line) => match covered.script(line) {
            None => (texts(["/bin/sh", "-c", line.as_str()]), "run by the container's /bin/sh, as Docker does"),
            Some(line) => (texts(["/bin/sh", "-c", line.as_str()]), COVERED),
        },
    };
    (blamed(test, node), why)
}

/// How a command with a credential is run.
pub(crate) const COVERED: &str = "run by the container's /bin/sh, which reads the credential in it from a Secret";

/// What to do where no shell can read a variable.
pub(crate) const NO_SHELL: &str =
    "the image may have no shell to read it from a variable: let the program read it from the environment or a file";

/// Whole seconds, rounded up, at least one and small enough for 32 bits.
fn seconds(time: Duration) -> u64 {
    (time.as_secs() + u64::from(time.subsec_nanos() > 0)).clamp(1, 2_147_483)
}
