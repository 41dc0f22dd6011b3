//! Requests and limits: known names, amounts from zero, requests within limits.

use std::cmp::Ordering;

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::names;
use super::super::pod::Pod;
use super::super::quantity::Quantity;
use super::super::report::Report;
use crate::KubeVersion;

/// Reports resources the server refuses.
pub fn check(pod: &Pod<'_>, _: KubeVersion, report: &mut Report<'_>) {
    for (_, container) in pod.containers() {
        if let Some(resources) = container.field("resources") {
            one(resources, report);
        }
    }
    if let Some(resources) = pod.spec.field("resources") {
        one(resources, report);
    }
}

fn one(resources: &Node, report: &mut Report<'_>) {
    for side in ["limits", "requests"] {
        let Some(amounts) = resources.field(side) else { continue };
        for (name, amount) in resources.entries(side) {
            known(amounts, &name.text, report);
            negative(amount, report);
            let extended = name.text.contains('/') || name.text.starts_with("hugepages-");
            if extended && Quantity::of(amount).is_some_and(|amount| !amount.is_whole()) {
                report.fault(amount, "kube-resources", "must be a whole number", "write a whole number");
            }
        }
    }
    let limits = resources.field("limits");
    for (name, request) in resources.entries("requests") {
        let limit = limits.and_then(|limits| limits.field(&name.text));
        within(&name.text, request, limit, report);
    }
}

fn within(name: &str, request: &Node, limit: Option<&Node>, report: &mut Report<'_>) {
    // What cannot be shared must be asked for exactly.
    let exact = (name.contains('/') && !name.contains("kubernetes.io/")) || name.starts_with("hugepages-");
    let Some(limit) = limit else {
        if exact {
            report.fault(request, "kube-resources", "needs the same limit", "set the limit to the same amount");
        }
        return;
    };
    let (Some(asked), Some(most)) = (Quantity::of(request), Quantity::of(limit)) else { return };
    match asked.compare(most) {
        Ordering::Greater => {
            report.fault(request, "kube-resources", "is more than the limit", "lower the request or raise the limit");
        }
        Ordering::Less if exact => {
            report.fault(request, "kube-resources", "must be equal to the limit", "set both to the same amount");
        }
        _ => {}
    }
}

/// Reports an amount below zero.
pub fn negative(amount: &Node, report: &mut Report<'_>) {
    if Quantity::of(amount).is_some_and(Quantity::is_negative) {
        report.fault(amount, "kube-resources", "is below zero", "write an amount from zero");
    }
}

fn known(amounts: &Node, name: &str, report: &mut Report<'_>) {
    let plain = matches!(name, "cpu" | "memory" | "ephemeral-storage") || name.starts_with("hugepages-");
    let extended = name.contains('/') && !name.starts_with("requests.") && names::qualified(name).is_none();
    if !plain && !extended {
        let help = "write `cpu`, `memory`, `ephemeral-storage`, or a name with a domain such as `nvidia.com/gpu`";
        report.fault_key(amounts, name, "kube-resources", "is no resource of a container", help);
    }
}
