//! Health checks as probes.
//!
//! Docker asks one question and only marks the container; Kubernetes asks three and acts. Readiness keeps Docker's
//! patience. Liveness restarts, which Docker never does, so that it waits three times as long. A start period becomes a
//! startup probe, which holds the others back.

use std::time::Duration;

use tranship_model::{Check, Health, Test, Traced};
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

/// How much more patience a restart needs than a mark.
const LIVENESS_PATIENCE: u64 = 3;

/// Adds the probes of a health check.
pub(crate) fn lower(
    cx: &mut Lowering<'_>,
    place: &Place,
    container: Fields,
    health: &Health,
    is_task: bool,
    covered: &Covered,
) -> Fields {
    match health {
        Health::Unsaid => container,
        Health::Disabled(origin) => {
            cx.ledger.decided(origin, "the check is switched off, and a pod has no probe unless one is written");
            container
        }
        Health::Check(check) if is_task => {
            let why = "a Job counts as done by its exit code, and nothing is routed to it";
            cx.ledger.dropped(&check.origin, why, "");
            for origin in parts(check) {
                cx.ledger.dropped(&origin, why, "");
            }
            container
        }
        Health::Check(check) => probes(cx, place, container, check, covered),
    }
}

/// The origins of everything written in a check.
fn parts(check: &Check) -> Vec<tranship_model::Origin> {
    let Check { origin: _, test, interval, timeout, retries, start_period, start_interval } = check;
    let times = [interval, timeout, start_period, start_interval];
    let times = times.into_iter().flatten().map(|time| time.origin.clone());
    test.iter().map(|t| t.origin.clone()).chain(retries.iter().map(|r| r.origin.clone())).chain(times).collect()
}

fn probes(cx: &mut Lowering<'_>, place: &Place, container: Fields, check: &Check, covered: &Covered) -> Fields {
    let Check { origin, test, interval, timeout, retries, start_period, start_interval } = check;
    let Some(test) = test else {
        let why = "the image's own check keeps its command, which is not known here";
        let todo = "write the `test` of the health check into the project";
        cx.ledger.dropped(origin, why, todo);
        for origin in parts(check) {
            cx.ledger.dropped(&origin, why, todo);
        }
        return container;
    };
    let to = |field: &str| place.container(field);
    cx.ledger.translated(origin, &to("readinessProbe"), "a health check is a readiness and a liveness probe");
    let (command, why) = command(cx, place, test, covered);
    cx.ledger.translated(&test.origin, &to("readinessProbe.exec.command"), why);

    let period = interval.as_ref().map_or(INTERVAL, |t| t.value);
    let patience = retries.as_ref().map_or(RETRIES, |r| r.value).max(1);
    if let Some(interval) = interval {
        cx.ledger.translated(&interval.origin, &to("readinessProbe.periodSeconds"), "in whole seconds, at least one");
    }
    if let Some(timeout) = timeout {
        cx.ledger.translated(&timeout.origin, &to("readinessProbe.timeoutSeconds"), "in whole seconds, at least one");
    }
    if let Some(retries) = retries {
        let why = "as many failures mark the pod not ready; three times as many restart it";
        cx.ledger.translated(&retries.origin, &to("readinessProbe.failureThreshold"), why);
    }
    let limit = seconds(timeout.as_ref().map_or(TIMEOUT, |t| t.value));
    let one = |period: u64, failures: u64| {
        Fields::new()
            .put("exec", Node::from([("command", command.clone())]))
            .put("periodSeconds", whole(period))
            .put("timeoutSeconds", whole(limit))
            .put("failureThreshold", whole(failures.min(LARGEST)))
            .node()
            .blamed_on(origin.span())
    };
    let container = container
        .maybe("startupProbe", startup(cx, place, check, period, patience).map(|(period, n)| one(period, n)))
        .put("readinessProbe", one(seconds(period), patience))
        .put("livenessProbe", one(seconds(period), patience.saturating_mul(LIVENESS_PATIENCE)));
    let (_, _) = (start_period, start_interval); // by `startup`
    container
}

/// Period in seconds and failures of the startup probe: the start period, and then as long as Docker's own patience.
fn startup(cx: &mut Lowering<'_>, place: &Place, check: &Check, period: Duration, patience: u64) -> Option<(u64, u64)> {
    let start = check.start_period.as_ref().filter(|start| !start.value.is_zero());
    let Some(start) = start else {
        for time in [&check.start_period, &check.start_interval].into_iter().flatten() {
            cx.ledger.decided(&time.origin, "without a start period there is no startup probe");
        }
        return None;
    };
    let why = "a startup probe holds the other two back until the first success";
    cx.ledger.translated(&start.origin, &place.container("startupProbe.failureThreshold"), why);
    if let Some(interval) = &check.start_interval {
        cx.ledger.translated(&interval.origin, &place.container("startupProbe.periodSeconds"), "in whole seconds");
    }
    let every = check.start_interval.as_ref().map_or(START_INTERVAL.min(period), |t| t.value);
    let every = seconds(every);
    let total = seconds(start.value).saturating_add(seconds(period).saturating_mul(patience));
    Some((every, total.div_ceil(every)))
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
