//! Probes as a health check.

use tranship_model::{Check, EnvVar, Health, Test, Traced};
use tranship_source::yaml::Node;

use super::covered;
use super::read::{Part, scalar};
use super::workload::seconds;

/// The readiness probe, or the liveness probe, as a check; the startup probe as its start period.
pub(crate) fn lift(container: &Part<'_>, env: &[EnvVar]) -> Health {
    let field = ["readinessProbe", "livenessProbe"].into_iter().find(|field| container.get(field).is_some());
    let Some(field) = field else { return Health::Unsaid };
    let Some(node) = container.get(field) else { return Health::Unsaid };
    let at = |name: &str| format!("{field}.{name}");
    let start = container.get("startupProbe");
    let period = node.get("periodSeconds").and_then(Node::as_int).unwrap_or(10);
    let retries = node.get("failureThreshold").and_then(Node::as_int).unwrap_or(3);
    let start_period = start.and_then(|start| {
        let every = start.get("periodSeconds").and_then(Node::as_int).unwrap_or(10);
        let times = start.get("failureThreshold").and_then(Node::as_int).unwrap_or(3);
        // The startup probe lasts for the start period and then for the patience of the check itself.
        let seconds = every.saturating_mul(times).saturating_sub(period.saturating_mul(retries));
        let seconds = u64::try_from(seconds).ok()?;
        Some(Traced::new(std::time::Duration::from_secs(seconds), container.origin("startupProbe", start)))
    });
    Health::Check(Box::new(Check {
        origin: container.origin(field, node),
        test: container.read(field, |probe| test(probe, env)),
        interval: seconds(container, &at("periodSeconds")),
        timeout: seconds(container, &at("timeoutSeconds")),
        retries: container.number(&at("failureThreshold")),
        start_period,
        start_interval: seconds(container, "startupProbe.periodSeconds"),
    }))
}

/// The command of a probe. Requests become the nearest command that images with a shell and wget have.
fn test(probe: &Node, env: &[EnvVar]) -> Option<Test> {
    if let Some(words) = probe.at(&["exec", "command"]).and_then(Node::as_seq) {
        let words: Vec<String> = words.iter().filter_map(scalar).collect();
        return Some(match words.as_slice() {
            [shell, flag, line] if flag == "-c" && (shell == "/bin/sh" || shell == "sh") => {
                Test::Shell(covered::revealed(line.clone(), env))
            }
            _ => Test::Exec(words.into_iter().map(|word| covered::revealed(word, env)).collect()),
        });
    }
    if let Some(get) = probe.get("httpGet") {
        let scheme = get.get("scheme").and_then(Node::as_str).unwrap_or("HTTP").to_ascii_lowercase();
        let port = get.get("port").and_then(scalar)?;
        let path = get.get("path").and_then(Node::as_str).unwrap_or("/");
        return Some(Test::Shell(format!("wget -q -O /dev/null {scheme}://127.0.0.1:{port}{path} || exit 1")));
    }
    let port = probe.at(&["tcpSocket", "port"]).and_then(scalar)?;
    Some(Test::Shell(format!("nc -z 127.0.0.1 {port} || exit 1")))
}
