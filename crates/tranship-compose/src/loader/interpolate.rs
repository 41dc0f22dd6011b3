//! Puts variables into text and turns text into numbers and truth values where the format wants them.

use tranship_source::template::{self, Outcome, TemplateErrorKind};
use tranship_source::yaml::{Node, Value, VariableFrom};
use tranship_source::{Diagnostic, Span};

use super::path::Path;
use super::run::Run;
use super::trail;
use crate::environment::Environment;

/// Puts variables into every text of a document.
pub(crate) fn interpolate(run: &mut Run<'_>, document: &mut Node, environment: &Environment) {
    walk(run, document, &Path::ROOT, environment);
}

fn walk(run: &mut Run<'_>, node: &mut Node, path: &Path<'_>, environment: &Environment) {
    match &mut node.value {
        Value::Mapping(map) => {
            for (key, child) in map.iter_mut() {
                walk(run, child, &path.key(&key.text), environment);
            }
        }
        Value::Sequence(items) => {
            for (index, child) in items.iter_mut().enumerate() {
                walk(run, child, &path.item(index), environment);
            }
        }
        Value::String(text) => {
            let replaced = text.contains('$').then(|| std::mem::take(text));
            if let Some(text) = replaced {
                substitute(run, node, &text, path, environment);
            }
            cast(run, node, path);
        }
        _ => {}
    }
}

fn substitute(run: &mut Run<'_>, node: &mut Node, text: &str, path: &Path<'_>, environment: &Environment) {
    let mut lookup = |name: &str| environment.variable(name).map(|v| (v.value.clone(), v.from.clone()));
    match template::substitute(text, &mut lookup) {
        Ok(done) => {
            for used in &done.variables {
                if used.outcome == Outcome::Blank {
                    run.unset(&used.name, node.span);
                }
            }
            let variables = done.variables.into_iter().map(|used| {
                let from = match used.outcome {
                    Outcome::Expression => VariableFrom::Expression,
                    Outcome::Value => used.from.unwrap_or(VariableFrom::Unset),
                    _ => VariableFrom::Unset,
                };
                (used.name, from)
            });
            let variables: Vec<_> = variables.collect();
            if !variables.is_empty() {
                trail::trail_of(node).variables.extend(variables);
            }
            node.value = Value::String(done.text);
        }
        Err(fault) => {
            node.value = Value::Null;
            run.report(refusal(&fault, path, node.span));
        }
    }
}

fn refusal(fault: &template::TemplateError, path: &Path<'_>, span: Span) -> Diagnostic {
    match &fault.kind {
        TemplateErrorKind::Required { variable, reason } => {
            let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            let message = format!("`{path}` needs the variable `{variable}`, which has no value{reason}");
            let help = format!("set `{variable}` in the environment, in `.env`, or with `--env-file`");
            Diagnostic::error("variable-required", message).at(span).help(help)
        }
        TemplateErrorKind::Invalid | TemplateErrorKind::TooDeep => {
            let message = format!("`{path}` has a `$` that begins no valid variable: {}", fault.message);
            let help = "write `$$` for a dollar sign, or complete the expression as in `${NAME:-default}`";
            Diagnostic::error("variable-syntax", message).at(span).help(help)
        }
    }
}

/// What a place in the format wants instead of text.
#[derive(Clone, Copy)]
enum Cast {
    Int,
    Float,
    Bool,
}

fn cast_of(path: &Path<'_>) -> Option<Cast> {
    let parts = path.parts();
    match parts.as_slice() {
        ["services", _, rest @ ..] => service_cast(rest),
        ["networks", _, "external" | "internal" | "attachable" | "enable_ipv4" | "enable_ipv6"]
        | ["volumes" | "secrets" | "configs", _, "external"] => Some(Cast::Bool),
        _ => None,
    }
}

fn service_cast(rest: &[&str]) -> Option<Cast> {
    match rest {
        [
            "cpu_count" | "cpu_period" | "cpu_quota" | "cpu_rt_period" | "cpu_rt_runtime" | "cpu_shares"
            | "oom_score_adj" | "pids_limit" | "scale",
        ]
        | ["deploy", "replicas"]
        | ["deploy", "update_config" | "rollback_config", "parallelism"]
        | ["deploy", "restart_policy", "max_attempts"]
        | ["deploy", "placement", "max_replicas_per_node"]
        | ["healthcheck", "retries"]
        | ["ports", "[]", "target"]
        | ["ulimits", _]
        | ["ulimits", _, "hard" | "soft"] => Some(Cast::Int),
        ["cpu_percent" | "cpus"] | ["deploy", "update_config" | "rollback_config", "max_failure_ratio"] => {
            Some(Cast::Float)
        }
        ["init" | "oom_kill_disable" | "privileged" | "read_only" | "stdin_open" | "tty"]
        | ["depends_on", _, "required" | "restart"]
        | ["healthcheck", "disable"]
        | ["volumes", "[]", "read_only"]
        | ["volumes", "[]", "volume", "nocopy"] => Some(Cast::Bool),
        _ => None,
    }
}

fn cast(run: &mut Run<'_>, node: &mut Node, path: &Path<'_>) {
    let (Value::String(text), Some(cast)) = (&node.value, cast_of(path)) else { return };
    let (value, wanted) = match cast {
        Cast::Int => (integer(text).map(Value::Int), "a whole number"),
        Cast::Float => (number(text).map(Value::Float), "a number"),
        Cast::Bool => (truth(text).map(Value::Bool), "`true` or `false`"),
    };
    if let Some(value) = value {
        if let (Cast::Bool, false) = (cast, text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")) {
            let message = format!("`{path}` is `{text}`, which YAML 1.2 does not read as a truth value");
            run.report(Diagnostic::warning("boolean-word", message).at(node.span).help("write `true` or `false`"));
        }
        node.value = value;
        return;
    }
    let message = format!("`{path}` must be {wanted}, but is `{text}`");
    node.value = Value::Null;
    run.report(Diagnostic::error("wrong-type", message).at(node.span).help(format!("write {wanted}")));
}

/// A whole number as Go reads it: an optional sign and decimal digits.
pub(crate) fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// A number as Go reads it.
pub(crate) fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// A truth value, with the words of YAML 1.1.
pub(crate) fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "y" | "yes" | "on" => Some(true),
        "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}
