//! Ways in from outside as routes: Ingresses, HTTPRoutes with their Gateway, and Services that are the way in to others.

use tranship_model::{Exposure, Origin, PathMatch, Route, Tls, Traced, Way};
use tranship_source::yaml::Node;

use super::origin;
use super::read::text_of;
use crate::lower::entry::OF;
use crate::object::{Object, ObjectSet};

/// Kinds that are read here, or say how what is read here is served.
pub(super) const KINDS: &[&str] = &["EndpointSlice", "Gateway", "HTTPRoute", "Ingress", "Issuer"];

/// How the objects are reached from outside.
pub(super) fn lift(set: &ObjectSet) -> Exposure {
    let mut out = Exposure::default();
    for object in set {
        match object.kind() {
            "Ingress" => ingress(set, object, &mut out),
            "Gateway" => gateway(set, object, &mut out),
            "HTTPRoute" => http_route(set, object, &mut out),
            "Service" => front(set, object, &mut out),
            _ => {}
        }
    }
    out
}

fn seen(out: &mut Exposure, way: Way, origin: &Origin) {
    out.way.get_or_insert_with(|| Traced::new(way, origin.clone()));
}

fn bare(service: &str, port: u16) -> Route {
    let (service, path) = (service.to_owned(), PathMatch::all());
    Route { service, port, host: None, path, replace: None, redirect: false, outside: None }
}

/// The service a Service is the front of, by its name in the project.
fn service_of(set: &ObjectSet, host: &str) -> String {
    set.find("Service", host).map_or_else(|| host.to_owned(), super::source_name)
}

fn ingress(set: &ObjectSet, object: &Object, out: &mut Exposure) {
    let Some(spec) = object.get(&["spec"]) else { return };
    let place = origin(object, "spec", spec);
    seen(out, Way::Ingress, &place);
    if let (None, Some(class)) = (&out.class, spec.get("ingressClassName").and_then(Node::as_str)) {
        out.class = Some(Traced::new(class.to_owned(), place.clone()));
    }
    if out.tls.is_none() && spec.get("tls").is_some() {
        let secret = spec.at(&["tls", "0", "secretName"]).and_then(Node::as_str);
        out.tls = certificate(set, object, secret).map(|tls| Traced::new(tls, place.clone()));
    }
    for rule in list(spec, "rules") {
        let host = rule.get("host").and_then(Node::as_str);
        for path in rule.at(&["http", "paths"]).and_then(Node::as_seq).unwrap_or_default() {
            let service = path.at(&["backend", "service", "name"]).and_then(Node::as_str).unwrap_or_default();
            let number = path.at(&["backend", "service", "port", "number"]).and_then(Node::as_int);
            let Some(port) = number.and_then(|number| u16::try_from(number).ok()) else { continue };
            let text = text_of(path, "path").to_owned();
            let matched =
                if text_of(path, "pathType") == "Exact" { PathMatch::Exact(text) } else { PathMatch::Prefix(text) };
            let route = Route { host: host.map(str::to_owned), path: matched, ..bare(&service_of(set, service), port) };
            out.routes.push(Traced::new(route, origin(object, "spec.rules", path)));
        }
    }
}

/// Who issues the certificates of an object, or the Secret they lie in.
fn certificate(set: &ObjectSet, object: &Object, secret: Option<&str>) -> Option<Tls> {
    let by = |key: &str| object.get(&["metadata", "annotations", key]).and_then(Node::as_str).map(str::to_owned);
    if let Some(name) = by("cert-manager.io/cluster-issuer") {
        return Some(Tls::Issuer { name, cluster_wide: true, email: None });
    }
    if let Some(name) = by("cert-manager.io/issuer") {
        let issuer = set.find("Issuer", &name);
        let email = issuer.and_then(|issuer| issuer.get(&["spec", "acme", "email"])?.as_str()).map(str::to_owned);
        return Some(Tls::Issuer { name, cluster_wide: false, email });
    }
    secret.map(|secret| Tls::Secret(secret.to_owned()))
}

fn gateway(set: &ObjectSet, object: &Object, out: &mut Exposure) {
    let Some(spec) = object.get(&["spec"]) else { return };
    let place = origin(object, "spec", spec);
    seen(out, Way::Gateway, &place);
    if let Some(class) = spec.get("gatewayClassName").and_then(Node::as_str) {
        out.class = Some(Traced::new(class.to_owned(), place.clone()));
    }
    let secret = list(spec, "listeners").iter().find_map(|one| one.at(&["tls", "certificateRefs", "0", "name"]));
    if let Some(secret) = secret.and_then(Node::as_str) {
        out.tls = certificate(set, object, Some(secret)).map(|tls| Traced::new(tls, place));
    }
}

fn http_route(set: &ObjectSet, object: &Object, out: &mut Exposure) {
    let Some(spec) = object.get(&["spec"]) else { return };
    seen(out, Way::Gateway, &origin(object, "spec", spec));
    let redirect = set.find("HTTPRoute", &format!("{}-redirect", object.name())).is_some();
    let hosts: Vec<Option<&str>> = match list(spec, "hostnames") {
        [] => vec![None],
        named => named.iter().map(Node::as_str).collect(),
    };
    for host in hosts {
        for rule in list(spec, "rules") {
            let Some(backend) = rule.at(&["backendRefs", "0"]) else { continue };
            let number = backend.get("port").and_then(Node::as_int);
            let Some(port) = number.and_then(|number| u16::try_from(number).ok()) else { continue };
            let replaced =
                list(rule, "filters").iter().find_map(|f| f.at(&["urlRewrite", "path", "replacePrefixMatch"]));
            let replace = replaced.and_then(Node::as_str).map(|text| text.trim_end_matches('/').to_owned());
            for found in list(rule, "matches") {
                let Some(path) = found.get("path") else { continue };
                let text = text_of(path, "value").to_owned();
                let matched =
                    if text_of(path, "type") == "Exact" { PathMatch::Exact(text) } else { PathMatch::Prefix(text) };
                let service = service_of(set, text_of(backend, "name"));
                let (host, replace) = (host.map(str::to_owned), replace.clone());
                let route = Route { host, path: matched, replace, redirect, ..bare(&service, port) };
                out.routes.push(Traced::new(route, origin(object, "spec.rules", rule)));
            }
        }
    }
}

fn front(set: &ObjectSet, object: &Object, out: &mut Exposure) {
    let Some(owner) = object.get(&["metadata", "annotations", OF]).and_then(Node::as_str) else { return };
    let Some(spec) = object.get(&["spec"]) else { return };
    let balanced = text_of(spec, "type") == "LoadBalancer";
    seen(out, if balanced { Way::LoadBalancer } else { Way::NodePort }, &origin(object, "spec", spec));
    for port in list(spec, "ports") {
        // The name says the container's port: `tcp-80`.
        let number = text_of(port, "name").strip_prefix("tcp-").and_then(|number| number.parse().ok());
        let Some(number) = number else { continue };
        let outside = if balanced { port.get("port") } else { port.get("nodePort") };
        let outside = outside.and_then(Node::as_int).and_then(|number| u16::try_from(number).ok());
        let outside = outside.filter(|outside| !balanced || *outside != number);
        let route = Route { outside, ..bare(&service_of(set, owner), number) };
        out.routes.push(Traced::new(route, origin(object, "spec.ports", port)));
    }
}

fn list<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).and_then(Node::as_seq).unwrap_or_default()
}
