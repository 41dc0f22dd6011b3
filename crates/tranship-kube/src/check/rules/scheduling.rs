//! Where pods may run: tolerations, spreading, affinity.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::names;
use super::super::pod::Pod;
use super::super::report::Report;
use super::ask;
use crate::KubeVersion;

/// Reports scheduling wishes the server refuses.
pub fn check(pod: &Pod<'_>, _: KubeVersion, report: &mut Report<'_>) {
    pod.spec.items("tolerations").iter().for_each(|one| toleration(one, report));
    spread(pod.spec.items("topologySpreadConstraints"), report);
    let Some(affinity) = pod.spec.field("affinity") else { return };
    for (kind, term) in
        [("nodeAffinity", "preference"), ("podAffinity", "podAffinityTerm"), ("podAntiAffinity", "podAffinityTerm")]
    {
        let Some(rules) = affinity.field(kind) else { continue };
        for wish in rules.items("preferredDuringSchedulingIgnoredDuringExecution") {
            ask::between(wish, "weight", 1, 100, report);
            if let Some(term) = wish.field(term).filter(|_| kind != "nodeAffinity") {
                ask::present(term, "topologyKey", report);
            }
        }
        if kind != "nodeAffinity" {
            for term in rules.items("requiredDuringSchedulingIgnoredDuringExecution") {
                ask::filled(term, "topologyKey", report);
            }
        } else if let Some(required) = rules.field("requiredDuringSchedulingIgnoredDuringExecution") {
            ask::filled(required, "nodeSelectorTerms", report);
        }
    }
}

fn toleration(one: &Node, report: &mut Report<'_>) {
    let operator = one.text("operator").unwrap_or("");
    match one.text("key").filter(|key| !key.is_empty()) {
        None if operator != "Exists" => {
            let help = "name the key, or write `operator: Exists` to tolerate everything";
            report.fault(one, "kube-toleration", "has no key", help);
        }
        Some(key) => {
            if let Some(why) = names::qualified(key) {
                report.fault_at(one, "key", "kube-toleration", format!("is no key: {why}"), "write the taint's key");
            }
        }
        None => {}
    }
    let value = one.text("value").unwrap_or("");
    if operator == "Exists" && !value.is_empty() {
        report.fault_at(one, "value", "kube-toleration", "goes not with `operator: Exists`", "leave it out");
    }
    if matches!(operator, "" | "Equal")
        && let Some(why) = names::label_value(value)
    {
        report.fault_at(one, "value", "kube-toleration", format!("is no value: it {why}"), "write the taint's value");
    }
    if one.field("tolerationSeconds").is_some() && one.text("effect") != Some("NoExecute") {
        let what = "goes only with `effect: NoExecute`";
        report.fault_at(one, "tolerationSeconds", "kube-toleration", what, "leave it out, or set the effect");
    }
}

fn spread(constraints: &[Node], report: &mut Report<'_>) {
    let mut seen = Vec::new();
    for one in constraints {
        ask::at_least(one, "maxSkew", 1, report);
        ask::filled(one, "topologyKey", report);
        ask::at_least(one, "minDomains", 1, report);
        let action = one.text("whenUnsatisfiable");
        if one.field("minDomains").is_some() && action != Some("DoNotSchedule") {
            let what = "goes only with `whenUnsatisfiable: DoNotSchedule`";
            report.fault_at(one, "minDomains", "kube-spread", what, "leave it out");
        }
        let pair = (one.text("topologyKey"), action);
        if seen.contains(&pair) {
            let what = "repeats topologyKey and whenUnsatisfiable of another constraint";
            report.fault(one, "kube-spread", what, "keep one of them");
        }
        seen.push(pair);
    }
}
