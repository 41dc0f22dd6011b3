//! HorizontalPodAutoscalers: bounds, metrics, behaviour.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::names;
use super::super::report::Report;
use super::{Subject, ask};

/// Each metric's type and the field that describes it.
const METRICS: [(&str, &str); 5] = [
    ("Object", "object"),
    ("Pods", "pods"),
    ("Resource", "resource"),
    ("External", "external"),
    ("ContainerResource", "containerResource"),
];

/// Reports an autoscaler the server refuses.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(spec) = subject.object.get(&["spec"]) else { return };
    ask::at_least(spec, "minReplicas", 1, report);
    ask::at_least(spec, "maxReplicas", 1, report);
    let (least, most) = (spec.int("minReplicas").unwrap_or(1), spec.int("maxReplicas"));
    if let Some(most) = most.filter(|most| *most >= 1 && *most < least) {
        let what = format!("{most} is below minReplicas, which is {least}");
        report.fault_at(spec, "maxReplicas", "kube-range", what, "raise it, or lower `minReplicas`");
    }
    ask::at_least(spec, "targetCPUUtilizationPercentage", 1, report);
    if let Some(target) = spec.field("scaleTargetRef") {
        for key in ["kind", "name"] {
            ask::filled(target, key, report);
            ask::name(target, key, names::path_segment, report);
        }
        if target.text("apiVersion").is_some_and(|text| text.matches('/').count() > 1) {
            report.fault_at(target, "apiVersion", "kube-autoscaler", "is no apiVersion", "write it as `apps/v1`");
        }
    }
    spec.items("metrics").iter().for_each(|one| metric(one, report));
    for direction in ["scaleUp", "scaleDown"] {
        if let Some(rules) = spec.at(&["behavior", direction]) {
            behaviour(rules, report);
        }
    }
}

fn metric(one: &Node, report: &mut Report<'_>) {
    let Some((_, wanted)) = METRICS.iter().find(|(name, _)| one.text("type") == Some(name)) else { return };
    for (_, field) in METRICS {
        match one.field(field) {
            None if field == *wanted => {
                let what = "is missing, and the type asks for it";
                report.fault_at(one, field, "kube-autoscaler", what, format!("describe the metric in `{field}`"));
            }
            Some(_) if field != *wanted => {
                report.fault_at(one, field, "kube-autoscaler", "does not go with the type", "leave it out");
            }
            _ => {}
        }
    }
    let Some(source) = one.field(wanted) else { return };
    ask::filled(source, "name", report);
    let Some(target) = source.field("target") else { return };
    ask::at_least(target, "averageUtilization", 1, report);
    let given =
        ["averageUtilization", "averageValue", "value"].iter().filter(|key| target.field(key).is_some()).count();
    if given != 1 {
        let what = if given == 0 { "says no value" } else { "has more than one value" };
        report.fault(target, "kube-autoscaler", what, "set the one value that its type names");
    }
}

fn behaviour(rules: &Node, report: &mut Report<'_>) {
    ask::between(rules, "stabilizationWindowSeconds", 0, 3600, report);
    ask::filled(rules, "policies", report);
    for policy in rules.items("policies") {
        ask::at_least(policy, "value", 1, report);
        ask::between(policy, "periodSeconds", 1, 1800, report);
    }
}
