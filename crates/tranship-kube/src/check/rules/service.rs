//! Services: what each type asks for and excludes.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::names;
use super::super::report::Report;
use super::{Subject, ask, labels};

/// Reports settings of a Service that contradict its type.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(spec) = subject.object.get(&["spec"]) else {
        let help = "name at least one port";
        report.fault_at(&subject.object.tree, "spec", "kube-required", "is missing", help);
        return;
    };
    let kind = spec.text("type").filter(|kind| !kind.is_empty()).unwrap_or("ClusterIP");
    let headless = spec.text("clusterIP") == Some("None");
    if spec.items("ports").is_empty() && !headless && kind != "ExternalName" {
        let help = "name a port, or make the Service headless with `clusterIP: None`";
        report.fault_at(spec, "ports", "kube-service", "is empty", help);
    }
    labels::labels(spec, "selector", report);
    match kind {
        "ExternalName" => external_name(spec, report),
        "NodePort" | "LoadBalancer" if headless => {
            let what = format!("`None` is not allowed for the type {kind}");
            report.fault_at(spec, "clusterIP", "kube-service", what, "leave it out");
        }
        _ => {}
    }
    cluster_ip(spec, report);
    affinity(spec, report);
    only_for(spec, kind, report);
}

fn external_name(spec: &Node, report: &mut Report<'_>) {
    let name = spec.text("externalName").unwrap_or("").trim_end_matches('.');
    if name.is_empty() {
        let help = "name the host, or choose another type";
        report.fault_at(spec, "externalName", "kube-service", "is missing", help);
    } else if let Some(why) = names::subdomain(name) {
        report.fault_at(spec, "externalName", "kube-service", format!("is no host name: {why}"), "write a DNS name");
    }
    for key in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
        if spec.field(key).is_some_and(|node| !node.is_empty()) {
            report.fault_at(spec, key, "kube-service", "is not allowed for the type ExternalName", "leave it out");
        }
    }
}

fn cluster_ip(spec: &Node, report: &mut Report<'_>) {
    let fine = |text: &str| text.is_empty() || text == "None" || super::super::cidr::address(text).is_some();
    if spec.text("clusterIP").is_some_and(|text| !fine(text)) {
        let help = "leave it out; the cluster chooses one";
        report.fault_at(spec, "clusterIP", "kube-service", "is no IP address", help);
    }
    for ip in spec.items("externalIPs") {
        if ip.as_str().is_some_and(|text| super::super::cidr::address(text).is_none()) {
            report.fault(ip, "kube-service", "is no IP address", "write an IP address");
        }
    }
}

fn affinity(spec: &Node, report: &mut Report<'_>) {
    let config = spec.field("sessionAffinityConfig");
    if spec.text("sessionAffinity") == Some("ClientIP") {
        if let Some(client) = config.and_then(|config| config.field("clientIP")) {
            ask::between(client, "timeoutSeconds", 1, 86400, report);
        }
    } else if let Some(config) = config {
        let help = "write `sessionAffinity: ClientIP`, or leave it out";
        report.fault(config, "kube-service", "goes only with `sessionAffinity: ClientIP`", help);
    }
}

/// Fields that only some types have.
fn only_for(spec: &Node, kind: &str, report: &mut Report<'_>) {
    for key in ["allocateLoadBalancerNodePorts", "loadBalancerClass", "loadBalancerSourceRanges"] {
        let set = spec.field(key).is_some_and(|node| !node.is_empty());
        if set && kind != "LoadBalancer" {
            let help = "leave it out, or write `type: LoadBalancer`";
            report.fault_at(spec, key, "kube-service", "is only for the type LoadBalancer", help);
        }
    }
    for range in spec.items("loadBalancerSourceRanges") {
        if range.as_str().is_some_and(|text| super::super::cidr::network(text.trim()).is_none()) {
            report.fault(range, "kube-service", "is no network", "write it as `10.0.0.0/8`");
        }
    }
    let reachable = matches!(kind, "NodePort" | "LoadBalancer") || !spec.items("externalIPs").is_empty();
    if spec.text("externalTrafficPolicy").is_some_and(|text| !text.is_empty()) && !reachable {
        let what = "is only for Services that are reached from outside";
        report.fault_at(spec, "externalTrafficPolicy", "kube-service", what, "leave it out");
    }
    let local = kind == "LoadBalancer" && spec.text("externalTrafficPolicy") == Some("Local");
    if spec.int("healthCheckNodePort").is_some_and(|port| port != 0) && !local {
        let what = "is only for the type LoadBalancer with `externalTrafficPolicy: Local`";
        report.fault_at(spec, "healthCheckNodePort", "kube-service", what, "leave it out");
    }
}
