//! A Gateway for the project, and HTTPRoutes for the hosts and paths of each service.

use indexmap::{IndexMap, IndexSet};
use tranship_model::{PathMatch, Route, Tls, Traced};
use tranship_source::yaml::Node;

use super::super::fields::{Fields, blamed, texts};
use super::super::{Lowering, metadata};
use super::{issuer_annotation, note};
use crate::names::label;
use crate::object::Object;

const VERSION: &str = "gateway.networking.k8s.io/v1";
/// The listener for requests without encryption.
const PLAIN: &str = "http";

/// Adds the Gateway and the routes of every service.
pub(super) fn lower(
    cx: &mut Lowering<'_>,
    of_service: &IndexMap<&str, Vec<&Traced<Route>>>,
    class: Option<&Traced<String>>,
    tls: Option<&Traced<Tls>>,
) {
    let name = label(&cx.stack.name.value);
    let mut object = Object::new(VERSION, "Gateway", name.as_str());
    object.set(&["metadata", "labels"], metadata::project_labels(cx));
    if let Some((key, issuer)) = tls.and_then(|tls| issuer_annotation(&tls.value)) {
        object.set(&["metadata", "annotations", key], issuer);
    }
    let hosts: IndexSet<Option<&str>> =
        of_service.values().flatten().map(|route| route.value.host.as_deref()).collect();
    let mut listeners = vec![listener(PLAIN, 80, "HTTP", None, None)];
    let secure: Vec<String> = match tls {
        Some(tls) => hosts
            .iter()
            .enumerate()
            .map(|(at, host)| {
                let listener_name = if at == 0 { "https".to_owned() } else { format!("https-{}", at + 1) };
                let secret = match &tls.value {
                    Tls::Secret(secret) => secret.clone(),
                    Tls::Issuer { .. } => format!("{}-tls", host.map_or_else(|| name.clone(), label)),
                };
                listeners.push(listener(&listener_name, 443, "HTTPS", *host, Some(secret)));
                listener_name
            })
            .collect(),
        None => Vec::new(),
    };
    let spec = Fields::new()
        .maybe("gatewayClassName", class.map(|class| blamed(class, class.value.as_str())))
        .put("listeners", listeners);
    object.set(&["spec"], spec.node());
    cx.add(object);
    for (service, routes) in of_service {
        routes_of(cx, &name, service, routes, &secure);
    }
}

fn listener(name: &str, port: i64, protocol: &str, host: Option<&str>, secret: Option<String>) -> Node {
    let certificate = secret.map(|secret| {
        let refs = vec![Node::from([("name", secret.into())])];
        Node::from([("mode", "Terminate".into()), ("certificateRefs", refs.into())])
    });
    let same = Node::from([("namespaces", Node::from([("from", "Same".into())]))]);
    Fields::new()
        .put("name", name)
        .maybe("hostname", host)
        .put("port", port)
        .put("protocol", protocol)
        .maybe("tls", certificate)
        .put("allowedRoutes", same)
        .node()
}

/// The HTTPRoutes of a service: one for the hosts that have the same paths.
fn routes_of(cx: &mut Lowering<'_>, gateway: &str, service: &str, routes: &[&Traced<Route>], secure: &[String]) {
    let (name, backend) = (cx.workload(service), cx.host(service));
    let mut by_host: IndexMap<Option<&str>, Vec<&Traced<Route>>> = IndexMap::new();
    for route in routes {
        by_host.entry(route.value.host.as_deref()).or_default().push(route);
    }
    let alike = |a: &[&Traced<Route>], b: &[&Traced<Route>]| {
        let key = |route: &&Traced<Route>| {
            (route.value.path.clone(), route.value.port, route.value.replace.clone(), route.value.redirect)
        };
        a.iter().map(key).eq(b.iter().map(key))
    };
    let mut groups: Vec<(Vec<&str>, Vec<&Traced<Route>>)> = Vec::new();
    for (host, routes) in by_host {
        let known =
            groups.iter_mut().find(|(hosts, known)| host.is_some() && !hosts.is_empty() && alike(known, &routes));
        match (known, host) {
            (Some((hosts, known)), Some(host)) => {
                hosts.push(host);
                known.extend(routes);
            }
            (_, host) => groups.push((host.into_iter().collect(), routes)),
        }
    }
    for (at, (hosts, routes)) in groups.into_iter().enumerate() {
        let name = if at == 0 { name.clone() } else { format!("{name}-{}", at + 1) };
        let redirect = !secure.is_empty() && routes.iter().any(|route| route.value.redirect);
        let parents = if redirect { secure.to_vec() } else { Vec::new() };
        let mut seen = IndexSet::new();
        let mut rules: Vec<Node> = Vec::new();
        for route in &routes {
            if seen.insert((&route.value.path, route.value.port)) {
                rules.push(rule(route, &backend));
            }
        }
        let object = http_route(cx, gateway, service, (&name, &hosts, &parents), rules, routes.first().copied());
        let to = format!("{} spec.rules", object.label());
        for route in &routes {
            note(cx, route, &to);
        }
        cx.add(object);
        if redirect {
            let scheme = Node::from([("scheme", "https".into()), ("statusCode", 301_i64.into())]);
            let filter = Node::from([("type", "RequestRedirect".into()), ("requestRedirect", scheme)]);
            let rule = Node::from([("filters", vec![filter].into())]);
            let name = format!("{name}-redirect");
            let plain = [PLAIN.to_owned()];
            let object = http_route(cx, gateway, service, (&name, &hosts, &plain), vec![rule], None);
            cx.add(object);
        }
    }
}

/// An HTTPRoute of some hosts at some listeners of the Gateway, all of them where none is named.
fn http_route(
    cx: &mut Lowering<'_>,
    gateway: &str,
    service: &str,
    (name, hosts, listeners): (&str, &[&str], &[String]),
    rules: Vec<Node>,
    first: Option<&Traced<Route>>,
) -> Object {
    let span = first.map_or(tranship_source::Span::NONE, Traced::span);
    let workload = cx.workload(service);
    let mut object = Object::new(VERSION, "HTTPRoute", Node::from(name).blamed_on(span));
    object.set(&["metadata", "labels"], metadata::labels(cx, &workload));
    let parents: Vec<Node> = match listeners {
        [] => vec![Node::from([("name", gateway.into())])],
        named => named
            .iter()
            .map(|listener| Node::from([("name", gateway.into()), ("sectionName", listener.as_str().into())]))
            .collect(),
    };
    let spec =
        Fields::new().put("parentRefs", parents).filled("hostnames", texts(hosts).blamed_on(span)).put("rules", rules);
    object.set(&["spec"], spec.node());
    object
}

fn rule(route: &Traced<Route>, backend: &str) -> Node {
    let Route { service: _, port, host: _, path, replace, redirect: _, outside: _ } = &route.value;
    let kind = match path {
        PathMatch::Prefix(_) => "PathPrefix",
        PathMatch::Exact(_) => "Exact",
    };
    let path = Node::from([("path", Node::from([("type", kind.into()), ("value", path.text().into())]))]);
    let rewrite = replace.as_ref().map(|prefix| {
        let prefix = if prefix.is_empty() { "/" } else { prefix.as_str() };
        let path = Node::from([("type", "ReplacePrefixMatch".into()), ("replacePrefixMatch", prefix.into())]);
        Node::from([("type", "URLRewrite".into()), ("urlRewrite", Node::from([("path", path)]))])
    });
    let backend = Node::from([("name", backend.into()), ("port", i64::from(*port).into())]);
    Fields::new()
        .put("matches", vec![path])
        .filled("filters", rewrite.into_iter().collect::<Vec<_>>())
        .put("backendRefs", vec![backend])
        .node()
        .blamed_on(route.span())
}
