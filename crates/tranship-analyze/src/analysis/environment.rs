//! The environment by kind: what a variable is for, told from its name, its value and what it calls. No value is told.

use std::collections::BTreeMap;

use serde::Serialize;
use tranship_model::{EnvValue, EnvVar, Service};

use super::Facts;

/// Variables of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnvironmentRow {
    /// `credentials`, `addresses`, `switches`, `numbers`, `paths`, `not set` or `settings`.
    pub kind: &'static str,
    /// The variables, in the order of the project.
    pub names: Vec<String>,
}

const KINDS: [&str; 7] = ["credentials", "addresses", "switches", "numbers", "paths", "not set", "settings"];

/// The variables of a service; kinds without any are left out.
pub(super) fn rows(facts: &Facts<'_>, service: &Service) -> Vec<EnvironmentRow> {
    let mut by_kind: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let calls: Vec<&str> = facts
        .calls
        .iter()
        .filter(|call| call.from == service.name && call.what == "environment")
        .filter_map(|call| call.text.split('`').nth(1))
        .collect();
    for variable in &service.env {
        by_kind.entry(kind(variable, &calls)).or_default().push(variable.name.clone());
    }
    KINDS.into_iter().filter_map(|kind| Some(EnvironmentRow { kind, names: by_kind.remove(kind)? })).collect()
}

fn kind(variable: &EnvVar, calls: &[&str]) -> &'static str {
    let EnvVar { name, value } = variable;
    let value = match &value.value {
        EnvValue::Secret { .. } | EnvValue::Elsewhere { .. } => return "credentials",
        EnvValue::Unset => return "not set",
        EnvValue::Plain(value) => value.trim(),
    };
    let small = value.to_ascii_lowercase();
    match small.as_str() {
        _ if calls.contains(&name.as_str()) || value.contains("://") => "addresses",
        "true" | "false" | "yes" | "no" | "on" | "off" | "enabled" | "disabled" => "switches",
        _ if !value.is_empty() && value.parse::<f64>().is_ok() => "numbers",
        _ if value.starts_with('/') || value.starts_with("./") => "paths",
        _ => "settings",
    }
}
