//! Probes: exactly one way to ask, sensible times, and what only some probes may have.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::pod::{Pod, Role};
use super::super::report::Report;
use super::ask;
use crate::KubeVersion;

/// Reports probes the server refuses.
pub fn check(pod: &Pod<'_>, _: KubeVersion, report: &mut Report<'_>) {
    for (role, container) in pod.containers() {
        let sidecar = container.text("restartPolicy") == Some("Always");
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
            let Some(probe) = container.field(name) else { continue };
            if role == Role::Debug || (role == Role::Init && !sidecar) {
                let help = "leave it out, or make the container a sidecar with `restartPolicy: Always`";
                report.fault(probe, "kube-probe", "is not allowed for this container", help);
                continue;
            }
            times(name, probe, report);
            handler(probe, &["exec", "httpGet", "tcpSocket", "grpc"], report);
        }
    }
}

fn times(name: &str, probe: &Node, report: &mut Report<'_>) {
    // Zero means that the server fills in its default.
    for key in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
        ask::at_least(probe, key, 0, report);
    }
    let grace = "terminationGracePeriodSeconds";
    if name == "readinessProbe" {
        if probe.field(grace).is_some() {
            report.fault_at(probe, grace, "kube-probe", "is not allowed for a readiness probe", "leave it out");
        }
        return;
    }
    ask::at_least(probe, grace, 1, report);
    if probe.int("successThreshold").is_some_and(|count| count > 1) {
        let what = "must be 1 for liveness and startup probes";
        report.fault_at(probe, "successThreshold", "kube-probe", what, "leave it out");
    }
}

/// Reports a probe or hook that has none or several of the ways to ask, and bad ones.
pub fn handler(node: &Node, ways: &[&str], report: &mut Report<'_>) {
    let given: Vec<&str> = ways.iter().copied().filter(|way| node.field(way).is_some()).collect();
    match given.as_slice() {
        [_] => {}
        [] => report.fault(node, "kube-probe", "does not say how to ask", format!("give one of {}", ways.join(", "))),
        _ => report.fault(node, "kube-probe", format!("has more than one of {}", given.join(", ")), "keep one of them"),
    }
    if let Some(exec) = node.field("exec") {
        ask::present(exec, "command", report);
    }
    if let Some(get) = node.field("httpGet") {
        ask::port(get, "port", report);
        // The server fills in `/` for an absent path and an empty one.
        for header in get.items("httpHeaders") {
            let good = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            if header.text("name").is_some_and(|name| !good(name)) {
                let help = "write letters, digits and `-`";
                report.fault_at(header, "name", "kube-probe", "is no header name", help);
            }
        }
    }
    if let Some(socket) = node.field("tcpSocket") {
        ask::port(socket, "port", report);
    }
    if let Some(grpc) = node.field("grpc") {
        ask::port_number(grpc, "port", report);
    }
}
