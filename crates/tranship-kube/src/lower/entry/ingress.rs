//! An Ingress: the hosts and paths of one service.

use indexmap::IndexMap;
use tranship_model::{PathMatch, Route, Tls, Traced};
use tranship_source::yaml::Node;

use super::super::fields::{Fields, blamed, texts};
use super::super::{Lowering, metadata};
use super::{issuer_annotation, note};
use crate::object::Object;

/// Adds the Ingress of a service.
pub(super) fn lower(
    cx: &mut Lowering<'_>,
    service: &str,
    routes: &[&Traced<Route>],
    class: Option<&Traced<String>>,
    tls: Option<&Traced<Tls>>,
) {
    let (name, backend) = (cx.workload(service), cx.host(service));
    let span = routes.first().map_or(tranship_source::Span::NONE, |route| route.span());
    let mut object = Object::new("networking.k8s.io/v1", "Ingress", Node::from(name.as_str()).blamed_on(span));
    object.set(&["metadata", "labels"], metadata::labels(cx, &name));
    if let Some((key, issuer)) = tls.and_then(|tls| issuer_annotation(&tls.value)) {
        object.set(&["metadata", "annotations", key], issuer);
    }
    let mut hosts: IndexMap<Option<&str>, Vec<&Traced<Route>>> = IndexMap::new();
    for route in routes {
        hosts.entry(route.value.host.as_deref()).or_default().push(route);
    }
    let to = format!("{} spec.rules", object.label());
    for route in routes {
        note(cx, route, &to);
    }
    let rules: Vec<Node> = hosts.iter().map(|(host, routes)| rule(*host, routes, &backend)).collect();
    let named: Vec<&str> = hosts.keys().copied().flatten().collect();
    let spec = Fields::new()
        .maybe("ingressClassName", class.map(|class| blamed(class, class.value.as_str())))
        .filled("tls", tls.map(|tls| certificate(tls, &name, &named)).into_iter().collect::<Vec<_>>())
        .put("rules", rules);
    object.set(&["spec"], spec.node());
    cx.add(object);
}

fn certificate(tls: &Traced<Tls>, name: &str, hosts: &[&str]) -> Node {
    let secret = match &tls.value {
        Tls::Secret(secret) => secret.clone(),
        Tls::Issuer { .. } => format!("{name}-tls"),
    };
    Fields::new().filled("hosts", texts(hosts)).put("secretName", secret).node().blamed_on(tls.span())
}

fn rule(host: Option<&str>, routes: &[&Traced<Route>], backend: &str) -> Node {
    let span = routes.first().map_or(tranship_source::Span::NONE, |route| route.span());
    let paths: Vec<Node> = routes.iter().map(|route| path(route, backend)).collect();
    Fields::new()
        .maybe("host", host.map(|host| Node::from(host).blamed_on(span)))
        .put("http", Node::from([("paths", Node::from(paths))]))
        .node()
}

fn path(route: &Traced<Route>, backend: &str) -> Node {
    let kind = match route.value.path {
        PathMatch::Prefix(_) => "Prefix",
        PathMatch::Exact(_) => "Exact",
    };
    let port = Node::from([("number", i64::from(route.value.port).into())]);
    let service = Node::from([("name", backend.into()), ("port", port)]);
    Fields::new()
        .put("path", route.value.path.text())
        .put("pathType", kind)
        .put("backend", Node::from([("service", service)]))
        .node()
        .blamed_on(route.span())
}
