//! Services and ports that Ingresses and routes lead to.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::report::Report;
use super::{Index, named};
use crate::Object;

/// Reports backends whose Service or port is not there.
pub fn check(object: &Object, index: &Index<'_>, report: &mut Report<'_>) {
    let Some(spec) = object.get(&["spec"]) else { return };
    match object.kind() {
        "Ingress" => {
            let paths = spec.items("rules").iter().filter_map(|rule| rule.field("http"));
            let entries = paths.flat_map(|http| http.items("paths")).filter_map(|path| path.field("backend"));
            for backend in entries.chain(spec.field("defaultBackend")) {
                let Some(service) = backend.field("service") else { continue };
                named(object, index, service, "name", "Service", report);
                let Some(port) = service.field("port") else { continue };
                let wanted = port.field("name").map(|_| "name").or(port.field("number").map(|_| "number"));
                if let (Some(key), Some(name)) = (wanted, service.text("name")) {
                    has_port(object, index, name, port, key, report);
                }
            }
        }
        "HTTPRoute" | "GRPCRoute" | "TCPRoute" => {
            for backend in spec.items("rules").iter().flat_map(|rule| rule.items("backendRefs")) {
                let service = backend.text("kind").unwrap_or("Service") == "Service";
                let here = backend.text("namespace").is_none_or(|namespace| namespace == object.namespace());
                if service && here {
                    named(object, index, backend, "name", "Service", report);
                    if let Some(name) = backend.text("name") {
                        has_port(object, index, name, backend, "port", report);
                    }
                }
            }
        }
        _ => {}
    }
}

/// Reports the port in a field if the Service is in the set and does not have it.
fn has_port(object: &Object, index: &Index<'_>, service: &str, parent: &Node, key: &str, report: &mut Report<'_>) {
    let Some(wanted) = parent.field(key) else { return };
    let Some(spec) = index.beside(object, "Service", service).and_then(|service| service.get(&["spec"])) else {
        return;
    };
    let field = if key == "name" { "name" } else { "port" };
    if spec.items("ports").iter().any(|port| port.field(field) == Some(wanted))
        || spec.text("type") == Some("ExternalName")
    {
        return;
    }
    let ports: Vec<String> =
        spec.items("ports").iter().filter_map(|port| port.int("port")).map(|n| n.to_string()).collect();
    let help =
        format!("Service `{service}` has {}", if ports.is_empty() { "no ports".to_owned() } else { ports.join(", ") });
    report.fault_at(parent, key, "kube-dangling-port", format!("Service `{service}` has no such port"), help);
}
