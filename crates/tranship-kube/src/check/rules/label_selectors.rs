//! Label selectors anywhere in an object: keys, values, and operators with the right number of values.

use tranship_source::yaml::{Node, Value};

use super::super::look::Look;
use super::super::names;
use super::super::report::Report;
use super::{Subject, labels};

/// Reports selectors the server does not understand.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    // A custom resource may use the same field names for something else.
    if let Some(spec) = subject.object.get(&["spec"]).filter(|_| super::super::is_built_in(subject.object)) {
        visit(spec, report);
    }
}

fn visit(node: &Node, report: &mut Report<'_>) {
    match &node.value {
        Value::Sequence(items) => items.iter().for_each(|item| visit(item, report)),
        Value::Mapping(map) => {
            for (key, value) in map {
                match key.text.as_str() {
                    "matchLabels" => labels::labels(node, "matchLabels", report),
                    "matchExpressions" => value.as_seq().into_iter().flatten().for_each(|one| expression(one, report)),
                    _ => visit(value, report),
                }
            }
        }
        _ => {}
    }
}

fn expression(expression: &Node, report: &mut Report<'_>) {
    if let Some(why) = expression.text("key").and_then(names::qualified) {
        report.fault_at(expression, "key", "kube-label", format!("is no label key: {why}"), "write keys such as `app`");
    }
    let values = expression.items("values");
    let (wanted, right) = match expression.text("operator") {
        Some("In" | "NotIn") => ("at least one value", !values.is_empty()),
        Some("Exists" | "DoesNotExist") => ("no values", values.is_empty()),
        Some("Gt" | "Lt") => ("exactly one value", values.len() == 1),
        _ => return,
    };
    if !right {
        let operator = expression.text("operator").unwrap_or_default();
        let help = format!("`{operator}` takes {wanted}");
        report.fault_at(expression, "values", "kube-selector", format!("`{operator}` takes {wanted}"), help);
    }
    let strict = matches!(expression.text("operator"), Some("In" | "NotIn"));
    for value in values.iter().filter(|_| strict) {
        if let Some(why) = value.as_str().and_then(names::label_value) {
            report.fault(
                value,
                "kube-label",
                format!("is no label value: it {why}"),
                "write a value that a label can have",
            );
        }
    }
}
