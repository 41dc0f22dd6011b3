//! What a way in can serve, and what it cannot: never a route that would lead elsewhere, and never one in silence.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use tranship_model::{PathMatch, Route, Tls, Traced, Way};
use tranship_source::Diagnostic;

use crate::expose::Expose;
use crate::notes::Notes;

/// The ports of nodes that Services may have (kube-apiserver, `--service-node-port-range`).
const NODE_PORTS: RangeInclusive<u16> = 30_000..=32_767;

/// Whether what the user chose fits together, and the kind of cluster.
pub(super) fn fits(expose: &Expose, way: Way, notes: &mut Notes) -> bool {
    let mut faults = Vec::new();
    let cluster = expose.cluster;
    let mut fault = |code, message: String, span, help: &str| {
        faults.push(Diagnostic::error(code, message).at(span).help(help));
    };
    let chosen = expose.way.as_ref().map_or(tranship_source::Span::NONE, Traced::span);
    if let (Some(tls), false) = (&expose.tls, way.reads_requests()) {
        let message = format!("`{}` passes connections on as they are and cannot encrypt them", way.as_str());
        fault("option-tls", message, tls.span(), "leave out `--tls`, or take `--expose ingress` or `gateway`");
    }
    if way == Way::LoadBalancer && !cluster.load_balancer {
        let message = format!("{} gives no address to a Service of type LoadBalancer", cluster.title);
        fault("option-expose", message, chosen, "take `--expose nodeport` or `ingress`");
    }
    if way == Way::Gateway && expose.class.is_none() && cluster.gateway_class.is_none() {
        let message = format!("a Gateway names its class, and {} brings none", cluster.title);
        fault("option-expose", message, chosen, "say `--ingress-class NAME`; `kubectl get gatewayclass` lists them");
    }
    if let (Some(class), false) = (&expose.class, way.reads_requests()) {
        let message = format!("`{}` has no class", way.as_str());
        fault("option-expose", message, class.span(), "leave out `--ingress-class`");
    }
    let mut taken: BTreeMap<u16, &str> = BTreeMap::new();
    for (service, port) in &expose.node_ports {
        let number = port.value;
        if way != Way::NodePort {
            let message = format!("`{}` takes no ports of nodes", way.as_str());
            fault("option-node-port", message, port.span(), "take `--expose nodeport`");
        } else if !NODE_PORTS.contains(&number) {
            let message = format!("{number} is no port of a node that a Service may have");
            fault("option-node-port", message, port.span(), "choose one from 30000 to 32767");
        } else if let Some(other) = taken.insert(number, service) {
            let message = format!("`{other}` and `{service}` both want the port {number} of the nodes");
            fault("option-node-port", message, port.span(), "choose another for one of them");
        }
    }
    let fine = faults.is_empty();
    for fault in faults {
        notes.find(fault);
    }
    fine
}

/// The routes that can be served, each once and with its port where it needs one; a finding for every other.
pub(super) fn only_what_can_be(
    routes: Vec<(Traced<Route>, Option<u16>)>,
    expose: &Expose,
    way: Way,
    notes: &mut Notes,
) -> Vec<Traced<Route>> {
    let mut seen: BTreeMap<(Option<String>, PathMatch), (String, u16)> = BTreeMap::new();
    let mut ports = Ports::new(expose, way);
    let mut out = Vec::new();
    for (mut route, published) in routes {
        let Route { service, port, host, path, .. } = &route.value;
        let asked = format!("`{}`", host.as_deref().unwrap_or("any host").to_owned() + path_words(path));
        if let Some((why, help)) = unserved(&route.value, expose, way) {
            let message = format!("`{service}` is not reached at {asked}: {why}");
            notes.find(Diagnostic::error("route-not-served", message).at(route.span()).help(help));
            continue;
        }
        if way.reads_requests() {
            let key = (host.as_ref().map(|host| host.to_ascii_lowercase()), path.clone());
            match seen.get(&key) {
                Some((other, at)) if other == service && at == port => continue,
                Some((other, at)) => {
                    let message = format!("{asked} leads to `{other}` at {at} and not also to `{service}` at {port}");
                    let help = format!("give one of them a name of its own: `--host {service}=NAME`");
                    notes.find(Diagnostic::error("route-twice", message).at(route.span()).help(help));
                    continue;
                }
                None => _ = seen.insert(key, (service.clone(), *port)),
            }
        } else {
            if ports.is_given(service, *port) {
                continue;
            }
            route.value.outside = ports.give(service, *port, published);
        }
        out.push(route);
    }
    out
}

fn path_words(path: &PathMatch) -> &str {
    if path.is_all() { "" } else { path.text() }
}

/// Ports at which services are reached from outside, where each has its own.
struct Ports<'a> {
    expose: &'a Expose,
    way: Way,
    taken: BTreeSet<u16>,
    given: BTreeSet<(String, u16)>,
}

impl<'a> Ports<'a> {
    fn new(expose: &'a Expose, way: Way) -> Self {
        let taken = expose.node_ports.iter().map(|(_, port)| port.value).collect();
        Self { expose, way, taken, given: BTreeSet::new() }
    }

    fn is_given(&self, service: &str, port: u16) -> bool {
        self.given.contains(&(service.to_owned(), port))
    }

    /// The port of a service's port; `None` where it is the same outside.
    fn give(&mut self, service: &str, port: u16, published: Option<u16>) -> Option<u16> {
        let first = !self.given.iter().any(|(name, _)| name == service);
        self.given.insert((service.to_owned(), port));
        if self.way == Way::LoadBalancer {
            return published.filter(|published| *published != port);
        }
        let chosen = self.expose.node_ports.iter().find(|(name, _)| name == service).filter(|_| first);
        chosen.map(|(_, port)| port.value).or_else(|| self.free(published.unwrap_or(port)))
    }

    /// A port of nodes that is the same on every run: 30000 and the published one, or the next that is free.
    fn free(&mut self, published: u16) -> Option<u16> {
        let (start, size) = (*NODE_PORTS.start(), NODE_PORTS.end() - NODE_PORTS.start() + 1);
        let first = published % size;
        let found = (0..size).map(|step| start + (first + step) % size).find(|port| !self.taken.contains(port))?;
        self.taken.insert(found);
        Some(found)
    }
}

/// Why a way in cannot serve a route, and the way out.
fn unserved(route: &Route, expose: &Expose, way: Way) -> Option<(String, &'static str)> {
    let issued = || matches!(expose.tls.as_ref().map(|tls| &tls.value), Some(Tls::Issuer { .. }));
    let paths = "take `--expose ingress` or `gateway`";
    match way {
        Way::LoadBalancer | Way::NodePort if !route.path.is_all() || route.replace.is_some() => {
            Some((format!("`{}` does not look at paths", way.as_str()), paths))
        }
        Way::Ingress if route.replace.is_some() => {
            let why = "an Ingress cannot change the path of a request, for which every controller has a way of its own";
            Some((why.to_owned(), "take `--expose gateway`, whose routes can"))
        }
        Way::Ingress | Way::Gateway if route.host.is_none() && issued() => {
            let help = "say `--host NAME`, or `--domain NAME` for all services";
            Some(("a certificate is issued for a name, and it has none".to_owned(), help))
        }
        _ => None,
    }
}
