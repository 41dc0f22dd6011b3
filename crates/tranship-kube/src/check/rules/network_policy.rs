//! NetworkPolicies: peers and ports.

use tranship_source::yaml::Node;

use super::super::cidr;
use super::super::look::Look;
use super::super::report::Report;
use super::{Subject, ask};

/// Reports a NetworkPolicy the server refuses.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(spec) = subject.object.get(&["spec"]) else { return };
    if spec.items("policyTypes").len() > 2 {
        let help = "write `Ingress`, `Egress` or both";
        report.fault_at(spec, "policyTypes", "kube-network-policy", "has more than two types", help);
    }
    for (direction, side) in [("ingress", "from"), ("egress", "to")] {
        for rule in spec.items(direction) {
            rule.items("ports").iter().for_each(|one| port(one, report));
            rule.items(side).iter().for_each(|one| peer(one, report));
        }
    }
}

fn port(one: &Node, report: &mut Report<'_>) {
    ask::port(one, "port", report);
    let Some(end) = one.int("endPort") else { return };
    match one.int("port") {
        None => {
            report.fault_at(one, "endPort", "kube-network-policy", "needs a port number to start from", "set `port`");
        }
        Some(start) if end < start => {
            report.fault_at(one, "endPort", "kube-network-policy", "is below `port`", "raise it, or leave it out");
        }
        Some(_) => ask::port_number(one, "endPort", report),
    }
}

fn peer(one: &Node, report: &mut Report<'_>) {
    let selects = one.field("podSelector").is_some() || one.field("namespaceSelector").is_some();
    match one.field("ipBlock") {
        None if !selects => {
            let help = "select pods or namespaces, or name an address block";
            report.fault(one, "kube-network-policy", "names no peer", help);
        }
        Some(block) => {
            if selects {
                report.fault(block, "kube-network-policy", "excludes selectors in one peer", "make two peers");
            }
            ip_block(block, report);
        }
        None => {}
    }
}

fn ip_block(block: &Node, report: &mut Report<'_>) {
    ask::filled(block, "cidr", report);
    let Some(text) = block.text("cidr").filter(|text| !text.is_empty()) else { return };
    let Some(whole) = cidr::network(text) else {
        report.fault_at(block, "cidr", "kube-network-policy", "is no network", "write it as `10.0.0.0/8`");
        return;
    };
    for except in block.items("except") {
        let part = except.as_str().and_then(cidr::network);
        if !part.is_some_and(|(ip, bits)| cidr::contains(whole, ip) && bits > whole.1) {
            report.fault(except, "kube-network-policy", "is no part of `cidr`", "name a smaller network within it");
        }
    }
}
