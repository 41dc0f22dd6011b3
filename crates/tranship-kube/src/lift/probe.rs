//! Probes as a health check and as the questions of [`tranship_model::Operations`].

use std::time::Duration;

use tranship_model::{Ask, Check, EnvVar, Health, Question, Test, Traced};
use tranship_source::yaml::Node;

use super::covered;
use super::read::{Part, scalar};
use super::workload::seconds;

/// A readiness probe that runs a command, as a check.
pub(crate) fn lift(container: &Part<'_>, env: &[EnvVar]) -> Health {
    let Some(node) = container.get("readinessProbe").filter(|node| node.get("exec").is_some()) else {
        return Health::Unsaid;
    };
    let at = |name: &str| format!("readinessProbe.{name}");
    Health::Check(Box::new(Check {
        origin: container.origin("readinessProbe", node),
        test: container.read("readinessProbe", |probe| test(probe, env)),
        interval: seconds(container, &at("periodSeconds")),
        timeout: seconds(container, &at("timeoutSeconds")),
        retries: container.number(&at("failureThreshold")),
        start_period: None,
        start_interval: None,
    }))
}

/// The question of a probe. A readiness probe that runs a command is a health check instead.
pub(crate) fn question(container: &Part<'_>, field: &str) -> Option<Traced<Question>> {
    let node = container.get(field)?;
    let number = |key: &str, default: u64| {
        node.get(key).and_then(Node::as_int).and_then(|n| u64::try_from(n).ok()).unwrap_or(default)
    };
    let question = Question {
        ask: ask(node)?,
        period: Duration::from_secs(number("periodSeconds", 10)),
        timeout: Duration::from_secs(number("timeoutSeconds", 1)),
        failures: u32::try_from(number("failureThreshold", 3)).unwrap_or(u32::MAX),
    };
    let is_check = field == "readinessProbe" && matches!(question.ask, Ask::Exec(_));
    (!is_check).then(|| Traced::new(question, container.origin(field, node)))
}

fn ask(probe: &Node) -> Option<Ask> {
    if let Some(words) = probe.at(&["exec", "command"]).and_then(Node::as_seq) {
        return Some(Ask::Exec(words.iter().filter_map(scalar).collect()));
    }
    let port = |node: &Node| scalar(node.get("port")?)?.parse::<u16>().ok();
    if let Some(get) = probe.get("httpGet") {
        let path = get.get("path").and_then(Node::as_str).unwrap_or("/").to_owned();
        return Some(Ask::Http { path, port: port(get)? });
    }
    Some(Ask::Tcp { port: port(probe.get("tcpSocket")?)? })
}

/// The command of a probe.
fn test(probe: &Node, env: &[EnvVar]) -> Option<Test> {
    let words = probe.at(&["exec", "command"]).and_then(Node::as_seq)?;
    let words: Vec<String> = words.iter().filter_map(scalar).collect();
    Some(match words.as_slice() {
        [shell, flag, line] if flag == "-c" && (shell == "/bin/sh" || shell == "sh") => {
            Test::Shell(covered::revealed(line.clone(), env))
        }
        _ => Test::Exec(words.into_iter().map(|word| covered::revealed(word, env)).collect()),
    })
}
