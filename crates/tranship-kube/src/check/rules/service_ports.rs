//! Ports of a Service: each its own name and number.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::names;
use super::super::report::Report;
use super::{Subject, ask};

/// Reports bad and repeated ports.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(spec) = subject.object.get(&["spec"]) else { return };
    let ports = spec.items("ports");
    let internal = matches!(spec.text("type").unwrap_or(""), "" | "ClusterIP");
    let mut names: Vec<&str> = Vec::new();
    let mut node_ports = Vec::new();
    for port in ports {
        ask::port_number(port, "port", report);
        ask::port(port, "targetPort", report);
        name(port, ports.len() > 1, &mut names, report);
        if let Some(why) = port.text("appProtocol").filter(|text| !text.is_empty()).and_then(names::qualified) {
            report.fault_at(
                port,
                "appProtocol",
                "kube-port",
                format!("is no protocol name: {why}"),
                "write e.g. `http`",
            );
        }
        let Some(node_port) = port.int("nodePort").filter(|number| *number != 0) else { continue };
        if internal {
            let help = "leave it out, or write `type: NodePort`";
            report.fault_at(port, "nodePort", "kube-port", "is not allowed for the type ClusterIP", help);
        } else if !(30000..=32767).contains(&node_port) {
            let what = format!("{node_port} is not from 30000 to 32767");
            report.fault_at(port, "nodePort", "kube-node-port", what, "leave it out; the cluster chooses one");
        }
        let pair = (port.text("protocol").unwrap_or("TCP"), node_port);
        if node_ports.contains(&pair) {
            let what = format!("another port takes {node_port} of the nodes too");
            report.fault_at(port, "nodePort", "kube-duplicate-port", what, "leave it out");
        }
        node_ports.push(pair);
    }
}

fn name<'a>(port: &'a Node, required: bool, seen: &mut Vec<&'a str>, report: &mut Report<'_>) {
    match port.text("name").filter(|name| !name.is_empty()) {
        None if required => {
            let what = "is missing, and the Service has more than one port";
            report.fault_at(port, "name", "kube-port", what, "name every port");
        }
        None => {}
        Some(name) => {
            ask::name(port, "name", names::label, report);
            if seen.contains(&name) {
                let what = format!("another port is called `{name}` too");
                report.fault_at(port, "name", "kube-duplicate-name", what, "choose another name");
            }
            seen.push(name);
        }
    }
}
