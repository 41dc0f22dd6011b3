//! Ingresses: hosts, paths and backends.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::report::Report;
use super::super::{cidr, names};
use super::{Subject, ask};
use crate::KubeVersion;

/// Reports an Ingress the server refuses.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let Some(spec) = subject.object.get(&["spec"]) else {
        let help = "give it rules or a default backend";
        report.fault_at(&subject.object.tree, "spec", "kube-ingress", "is missing", help);
        return;
    };
    let default = spec.field("defaultBackend");
    if spec.items("rules").is_empty() && default.is_none() {
        report.fault(spec, "kube-ingress", "has neither rules nor a default backend", "add a rule");
    }
    if let Some(found) = default {
        backend(found, subject.version, report);
    }
    ask::name(spec, "ingressClassName", names::subdomain, report);
    for tls in spec.items("tls") {
        tls.items("hosts").iter().for_each(|name| host(name, report));
        ask::name(tls, "secretName", names::subdomain, report);
    }
    for rule in spec.items("rules") {
        if let Some(name) = rule.field("host") {
            host(name, report);
        }
        let Some(http) = rule.field("http") else { continue };
        ask::filled(http, "paths", report);
        for entry in http.items("paths") {
            path(entry, report);
            if let Some(found) = entry.field("backend") {
                backend(found, subject.version, report);
            }
        }
    }
    let annotation = ["metadata", "annotations", "kubernetes.io/ingress.class"];
    let class = subject.object.get(&annotation).and_then(Node::as_str);
    if class.is_some() && spec.text("ingressClassName").is_some_and(|name| class != Some(name)) {
        let what = "differs from the annotation `kubernetes.io/ingress.class`";
        report.fault_at(spec, "ingressClassName", "kube-ingress", what, "remove the annotation");
    }
}

fn host(name: &Node, report: &mut Report<'_>) {
    let Some(text) = name.as_str().filter(|text| !text.is_empty()) else { return };
    if cidr::address(text).is_some() {
        report.fault(name, "kube-ingress", "is an IP address", "write a host name, or leave `host` out");
    } else if let Some(why) = names::host(text) {
        let help = "write a name such as `shop.example.com` or `*.example.com`, without port and path";
        report.fault(name, "kube-ingress", format!("is no host name: {why}"), help);
    }
}

fn path(entry: &Node, report: &mut Report<'_>) {
    let text = entry.text("path").unwrap_or("");
    let exact = matches!(entry.text("pathType"), Some("Exact" | "Prefix"));
    if !text.starts_with('/') && (exact || !text.is_empty()) {
        report.fault_at(entry, "path", "kube-ingress", "must start with `/`", "start it with `/`");
    }
    let odd = ["//", "/./", "/../", "%2f", "%2F"].iter().any(|part| text.contains(part));
    if exact && (odd || text.ends_with("/..") || text.ends_with("/.")) {
        let what = "must not have `//`, `/./`, `/../` or `%2f` in it";
        report.fault_at(entry, "path", "kube-ingress", what, "write the path in its shortest form");
    }
}

fn backend(found: &Node, version: KubeVersion, report: &mut Report<'_>) {
    let Some(service) = found.field("service") else {
        if found.field("resource").is_none() {
            report.fault(found, "kube-ingress", "names no Service", "set `service.name` and `service.port`");
        }
        return;
    };
    if found.field("resource").is_some() {
        report.fault(found, "kube-ingress", "names both a Service and a resource", "keep one of them");
    }
    ask::filled(service, "name", report);
    let rule = if version.minor() < 36 { names::label_1035 } else { names::label };
    ask::name(service, "name", rule, report);
    let name = service.at(&["port", "name"]).and_then(Node::as_str).filter(|name| !name.is_empty());
    let number = service.at(&["port", "number"]).and_then(Node::as_int).filter(|number| *number != 0);
    match (name, number, service.field("port")) {
        (Some(_), Some(_), Some(port)) => {
            report.fault(port, "kube-ingress", "has both a name and a number", "keep one of them");
        }
        (None, None, _) => report.fault_at(service, "port", "kube-ingress", "says no port", "set `port.number`"),
        (_, _, Some(port)) => {
            ask::port(port, "name", report);
            ask::port_number(port, "number", report);
        }
        _ => {}
    }
}
