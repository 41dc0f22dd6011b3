//! Services: every name others may call leads to the pods, on the ports the container listens on.

use std::collections::{BTreeMap, BTreeSet};

use tranship_model::{Origin, Outcome, Port, Published, Service, Stack, Traced, Way, Workload};
use tranship_source::Diagnostic;
use tranship_source::yaml::{Key, Node};

use super::container::port_name;
use super::fields::{Fields, blamed};
use super::{Lowering, metadata};
use crate::names::{NameKind, is_legal, label_name};
use crate::object::Object;

/// Adds the Service of a service, the governing one of a StatefulSet, and those of services that live in its pod.
///
/// A service that has the network of another has no name of its own there, and is called by the other's.
pub(crate) fn lower(cx: &mut Lowering<'_>, service: &Service, joined: &[&Service]) {
    let host = cx.host(&service.name);
    let (guests, others): (Vec<&Service>, Vec<&Service>) = joined.iter().copied().partition(|s| has_others_network(s));
    let ports = all_ports(service, &guests);
    if service.workload.value == Workload::Scheduled && ports.nodes.is_empty() && service.aliases.is_empty() {
        return; // Nobody can call what runs only now and then.
    }
    add(cx, &host, &service.name, service, ports.clone(), false);
    for owner in std::iter::once(service).chain(guests) {
        for port in &owner.ports {
            note_port(cx, &format!("Service/{host}"), &owner.name, port);
        }
    }
    if service.workload.value == Workload::Stateful && !ports.open {
        let governing = governing_name(cx, &service.name);
        add(cx, &governing, &governing, service, ports, true);
    }
    for other in others {
        let host = cx.host(&other.name);
        add(cx, &host, &other.name, other, all_ports(other, &[]), false);
        for port in &other.ports {
            note_port(cx, &format!("Service/{host}"), &other.name, port);
        }
    }
}

fn has_others_network(service: &Service) -> bool {
    service.security.network_mode.as_ref().is_some_and(|mode| mode.value.contains(':'))
}

/// The Service that gives each replica of a StatefulSet its name: the service's own where that is headless already.
pub(crate) fn governing(cx: &mut Lowering<'_>, service: &Service) -> String {
    let guests: Vec<&Service> = cx.joined(&service.name).into_iter().filter(|s| has_others_network(s)).collect();
    let headless = all_ports(service, &guests).open;
    if headless { cx.host(&service.name) } else { governing_name(cx, &service.name) }
}

fn governing_name(cx: &mut Lowering<'_>, service: &str) -> String {
    cx.names.name(NameKind::Host, &format!("{service}-headless"))
}

/// The workload whose pods a service is in.
fn workload_of(cx: &mut Lowering<'_>, service: &Service) -> String {
    let home = super::pod::home(cx.stack, service).unwrap_or(&service.name).to_owned();
    cx.workload(&home)
}

/// Adds a Service called `name` that leads to the pods of a service.
fn add(cx: &mut Lowering<'_>, name: &str, original: &str, service: &Service, ports: Ports, headless: bool) {
    let workload = workload_of(cx, service);
    let selector = metadata::selector(cx, &workload);
    add_with(cx, name, original, service, selector, ports, headless);
}

/// Adds a Service. Where ports are not known it is headless, so that the name resolves to the pods and every port is reached.
fn add_with(
    cx: &mut Lowering<'_>,
    name: &str,
    original: &str,
    service: &Service,
    selector: Node,
    ports: Ports,
    headless: bool,
) {
    let workload = workload_of(cx, service);
    let mut object = Object::new("v1", "Service", Node::from(name).blamed_on(service.origin.span()));
    object.set(&["metadata", "labels"], metadata::labels(cx, &workload));
    metadata::keep_name(&mut object, original);
    let headless = headless || ports.open;
    let spec = Fields::new()
        .maybe("clusterIP", headless.then_some("None"))
        .put("selector", selector)
        .filled("ports", ports.nodes);
    object.set(&["spec"], spec.node());
    cx.add(object);
}

/// Most ports that a Service and a container name. Each takes some three hundred bytes with what the server notes about it,
/// and an object over 1.5 MB is refused; a name that leads to the pods themselves reaches every port.
pub const MOST_PORTS: usize = 1000;

/// Ports of a pod as far as they are known.
#[derive(Clone)]
struct Ports {
    nodes: Vec<Node>,
    /// Whether there may be more, so that only a name that leads to the pods themselves reaches all of them.
    open: bool,
}

/// Ports of a service and of those that have its network.
fn all_ports(service: &Service, guests: &[&Service]) -> Ports {
    let everyone = || std::iter::once(service).chain(guests.iter().copied());
    if everyone().map(|service| service.ports.len()).sum::<usize>() > MOST_PORTS {
        return Ports { nodes: Vec::new(), open: true };
    }
    let open = everyone().any(|service| service.ports.is_empty());
    Ports { nodes: ports(everyone().flat_map(|service| &service.ports)), open }
}

/// Ports by number and protocol, each once, on the number the container listens on.
fn ports<'a>(ports: impl Iterator<Item = &'a Port>) -> Vec<Node> {
    let mut seen = BTreeSet::new();
    let fresh = ports.filter(|port| seen.insert((port.container, port.protocol)));
    let fresh: Vec<&Port> = fresh.collect();
    let said = |port: &&Port| port.name.as_ref().map(|name| name.value.clone()).filter(|name| is_legal(name, 63));
    // Names that were chosen are taken before any is made up.
    let chosen: BTreeSet<String> = fresh.iter().filter_map(said).collect();
    let mut names = BTreeSet::new();
    let node = |port: &&Port| {
        let own = said(port).filter(|name| names.insert(name.clone()));
        let made = || {
            let plain = port_name(port);
            let counted = (2..fresh.len() + 3).map(|n| format!("{plain}-{n}"));
            let free = |name: &String| !chosen.contains(name) && names.insert(name.clone());
            std::iter::once(plain.clone()).chain(counted).find(free).unwrap_or(plain)
        };
        let at = port.name.as_ref().filter(|_| own.is_some()).map_or(port.origin.span(), Traced::span);
        let name = Node::from(own.unwrap_or_else(made)).blamed_on(at);
        let number = i64::from(port.container);
        Fields::new()
            .put("name", name)
            .put("port", number)
            .put("targetPort", port_name(port))
            .put("protocol", port.protocol.as_str().to_ascii_uppercase())
            .maybe("appProtocol", port.app_protocol.as_ref().and_then(|p| Some(blamed(p, app_protocol(&p.value)?))))
            .node()
            .blamed_on(port.origin.span())
    };
    fresh.iter().map(node).collect()
}

/// A protocol by the name the API server takes: a label, or one with a domain before it.
fn app_protocol(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "http2" | "h2c" => Some("kubernetes.io/h2c".to_owned()),
        "ws" | "websocket" => Some("kubernetes.io/ws".to_owned()),
        plain => is_legal(plain, 63).then(|| plain.to_owned()),
    }
}

fn note_port(cx: &mut Lowering<'_>, label: &str, service: &str, port: &Port) {
    let Port { origin, container, protocol, name, app_protocol: spoken, published } = port;
    let to = format!("{label} spec.ports");
    cx.ledger.translated(origin, &to, "the Service listens on the container's port, as other services call it");
    if let Some(name) = name {
        if is_legal(&name.value, 63) {
            cx.ledger.kept(&name.origin, &format!("{to}[].name"));
        } else {
            cx.ledger.dropped(&name.origin, "a port's name is a DNS label", "write a name of small letters and digits");
        }
    }
    if let Some(spoken) = spoken {
        if app_protocol(&spoken.value).is_some() {
            cx.ledger.translated(
                &spoken.origin,
                &format!("{to}[].appProtocol"),
                "the same protocol by Kubernetes' name",
            );
        } else {
            cx.ledger.dropped(&spoken.origin, "a protocol's name is a DNS label", "write a name such as `http`");
        }
    }
    let Some(Published { origin, port, host_ip, mode }) = published else { return };
    let host = label.trim_start_matches("Service/");
    let local = if port.is_empty() { container.to_string() } else { port.clone() };
    let why = format!(
        "the Service is reached inside the cluster; from outside: `kubectl -n {} port-forward service/{host} {local}:{container}`",
        cx.namespace
    );
    let tcp = *protocol == tranship_model::Protocol::Tcp;
    let why = match cx.stack.exposure.way.as_ref() {
        _ if !tcp => "the Service is reached inside the cluster; port-forward carries TCP only".to_owned(),
        Some(way) if cx.entered.contains(&(service, *container)) => {
            format!("it is reached from outside by {}", words(way.value))
        }
        _ => {
            let closed = cx.closed.get(&(service, *container, *protocol));
            closed.map_or_else(|| why.clone(), |because| format!("{because}; {why}"))
        }
    };
    for at in origin.leaves() {
        let own = match (at.path.rsplit('.').next(), host_ip, mode.as_deref()) {
            (Some("host_ip"), Some(ip), _) => {
                format!("`{ip}` is an address of the machine the engine runs on; port-forward listens on 127.0.0.1 alone, or on `--address`")
            }
            (Some("mode"), _, Some("host")) => {
                "`mode: host` binds the port of each node a replica is on; in a cluster that is a `hostPort`, which keeps two pods off one node".to_owned()
            }
            (Some("mode"), _, _) => "`mode: ingress` spreads requests over the replicas, which every Service does".to_owned(),
            _ => why.clone(),
        };
        cx.ledger.note(at, Outcome::Decided { why: own });
    }
}

fn words(way: Way) -> &'static str {
    match way {
        Way::Ingress => "the Ingress, on the ports of the cluster's own entry",
        Way::Gateway => "the HTTPRoute, on the ports of the Gateway",
        Way::LoadBalancer => "a Service with an address of its own",
        Way::NodePort => "a port of every node",
    }
}

/// A name some services are also called by.
#[derive(Default)]
struct Alias {
    services: Vec<String>,
    origins: Vec<Origin>,
}

/// Every alias with the services it leads to, in the order of names.
fn all_aliases(cx: &Lowering<'_>) -> BTreeMap<String, Alias> {
    let mut out: BTreeMap<String, Alias> = BTreeMap::new();
    for service in cx.stack.services.values() {
        for alias in &service.aliases {
            let entry = out.entry(alias.value.clone()).or_default();
            if !entry.services.contains(&service.name) {
                entry.services.push(service.name.clone());
            }
            entry.origins.push(alias.origin.clone());
        }
    }
    out
}

/// The aliases that lead to more than one service.
pub(crate) fn shared_aliases(stack: &Stack) -> BTreeSet<&str> {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    let mut shared = BTreeSet::new();
    for (service, alias) in stack.services.values().flat_map(|s| s.aliases.iter().map(|a| (s.name.as_str(), a))) {
        if *first.entry(&alias.value).or_insert(service) != service {
            shared.insert(alias.value.as_str());
        }
    }
    shared
}

/// Labels by which an alias that leads to several services selects the pods of all of them.
pub(crate) fn alias_labels(cx: &Lowering<'_>, service: &Service) -> Vec<(Key, Node)> {
    let of_service = |alias: &str| cx.shared_aliases.contains(alias);
    let mut names: Vec<&str> = service.aliases.iter().map(|a| a.value.as_str()).filter(|a| of_service(a)).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|alias| (Key::from(alias_label(alias)), Node::from("true"))).collect()
}

fn alias_label(alias: &str) -> String {
    format!("tranship.dev/{}", label_name("alias-", alias))
}

/// Adds a Service for every other name a service is called by.
pub(crate) fn aliases(cx: &mut Lowering<'_>) {
    for (alias, Alias { services, origins }) in all_aliases(cx) {
        let own = services.contains(&alias);
        if own && services.len() == 1 {
            note(
                cx,
                &origins,
                &format!("Service/{}", cx.names.get(NameKind::Host, &alias).unwrap_or(&alias)).clone(),
                "it is the service's own name",
            );
            continue;
        }
        if cx.stack.services.contains_key(&alias) {
            let message =
                format!("the name `{alias}` leads to the service of that name and not also to {}", services.join(", "));
            let why = format!("`{alias}` is the name of another service");
            refuse(cx, &origins, &why, message, &services);
            continue;
        }
        if !is_legal(&alias, 63) && is_domain(&alias) {
            let message = format!("the name `{alias}` does not resolve on Kubernetes");
            let why = format!("`{alias}` has dots, and a Service's name is one DNS label without");
            refuse(cx, &origins, &why, message, &services);
            continue;
        }
        let taken = cx.names.is_taken(NameKind::Host, &crate::names::label(&alias));
        if taken && !is_legal(&alias, 63) {
            // `my_db` beside a service `my-db`: whoever asks for the one must not get the other.
            let message = format!("the name `{alias}` does not resolve on Kubernetes");
            let why = format!("the nearest name to `{alias}` that Kubernetes carries belongs to another service");
            refuse(cx, &origins, &why, message, &services);
            continue;
        }
        let name = cx.names.name(NameKind::Host, &alias);
        let origin = origins.first().cloned().unwrap_or_else(|| Origin::decided("alias", "an alias"));
        metadata::renamed(cx, "the name", &alias, &name, &origin);
        let why =
            if name == alias { "the name leads to the same pods" } else { "the nearest name that Kubernetes carries" };
        note(cx, &origins, &format!("Service/{name}"), why);
        add_alias(cx, &name, &alias, &services);
    }
}

fn add_alias(cx: &mut Lowering<'_>, name: &str, alias: &str, services: &[String]) {
    let stack = cx.stack;
    let Some(first) = services.first().and_then(|service| stack.services.get(service)) else { return };
    let guests: Vec<&Service> = cx.joined(&first.name).into_iter().filter(|s| has_others_network(s)).collect();
    let ports = all_ports(first, &guests);
    if services.len() == 1 {
        add(cx, name, alias, first, ports, false);
    } else {
        let selector = Node::from([(alias_label(alias).as_str(), "true".into())]);
        add_with(cx, name, alias, first, selector, ports, true);
    }
}

fn note(cx: &mut Lowering<'_>, origins: &[Origin], to: &str, why: &str) {
    for origin in origins {
        cx.ledger.translated(origin, to, why);
    }
}

fn refuse(cx: &mut Lowering<'_>, origins: &[Origin], why: &str, message: String, services: &[String]) {
    let services: Vec<String> = services.iter().map(|service| format!("`{service}`")).collect();
    let help = format!("call {} by a name of small letters, digits and `-`", services.join(" and "));
    for origin in origins {
        cx.ledger.dropped(origin, why, &help);
    }
    let span = origins.first().map_or(tranship_source::Span::NONE, Origin::span);
    cx.diagnostics.push(Diagnostic::warning("name-taken", message).at(span).help(help));
}

fn is_domain(name: &str) -> bool {
    name.contains('.')
}
