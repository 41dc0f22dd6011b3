//! What keeps the namespace from the strictest level of the Pod Security Standards, as one finding.

use std::collections::BTreeSet;

use tranship_kube::lower::Lowered;
use tranship_kube::names::NameKind;
use tranship_kube::pod_security::{Held, Level};
use tranship_model::Stack;
use tranship_source::{Diagnostic, Severity};

/// The most services named; the report has them all.
const MOST: usize = 6;

/// A finding where pods need more than `restricted`: never silent, and one for all of them.
pub fn finding(lowered: &Lowered, stack: &Stack) -> Option<Diagnostic> {
    let standing = &lowered.standing;
    let held: Vec<&Held> = standing.pods.iter().filter(|pod| pod.level != Level::Restricted).collect();
    if held.is_empty() {
        return None;
    }
    let names: BTreeSet<&str> = held.iter().filter_map(|pod| Some(pod.object.split_once('/')?.1)).collect();
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!(
        "the namespace enforces the Pod Security level `{}` and not `restricted`: {}{more} need more",
        standing.level,
        shown.join(", ")
    );
    let is_held = |name: &str| lowered.names.get(NameKind::Workload, name).is_some_and(|name| names.contains(name));
    let first = stack.services.values().find(|service| is_held(&service.name));
    let severity = if standing.level == Level::Privileged { Severity::Warning } else { Severity::Note };
    let diagnostic = match severity {
        Severity::Warning => Diagnostic::warning("pod-security-level", message),
        _ => Diagnostic::note("pod-security-level", message),
    };
    let advice = "the report says why; give images that are built here a user with `USER 10001`, or say who the others run as \
                with `user:`";
    Some(match first {
        Some(service) => diagnostic.at(service.origin.span()).help(advice),
        None => diagnostic.help(advice),
    })
}
