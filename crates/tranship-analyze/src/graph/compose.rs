//! The graph of a project: its services, the volumes they share, who calls whom, and what is reached from outside.

use std::collections::{BTreeMap, BTreeSet};

use tranship_model::catalog::{self, ProductRole};
use tranship_model::{Mount, MountSource, Port, Role as Part, Service, Stack};

use super::calls::{Call, Shows, Target};
use super::{Builder, EdgeKind, Evidence, Graph, Node, Role};
use crate::part::part;
use crate::place::Places;

/// The node of everything that is reached from outside.
pub const WORLD: &str = "world";

/// Draws the graph of a stack with the calls that were proven. `notes` gives a service a line more, where there is one.
pub fn graph(stack: &Stack, calls: &[Call], notes: &dyn Fn(&str) -> Option<String>, places: Places<'_>) -> Graph {
    let mut builder = Builder::new(stack.name.value.clone());
    let world = builder.node(world());
    let users = users(stack);
    let shared: BTreeSet<&str> = users.iter().filter(|(_, all)| several(all)).map(|(name, _)| *name).collect();
    for service in stack.services.values() {
        builder.node(node(service, &shared, notes, places));
    }
    entries(&mut builder, world, stack, places);
    joins(&mut builder, stack, places);
    for call in calls {
        add(&mut builder, call, places);
    }
    volumes(&mut builder, stack, &users, places);
    for (name, outside) in &stack.outside {
        let Some(at) = builder.find(&outside_id(name)) else { continue };
        if let Some(node) = builder.graph.nodes.get_mut(at) {
            node.lines = vec![outside.host.clone()];
        }
    }
    builder.done().without_idle_world()
}

/// The id of a service's node.
pub fn service_id(name: &str) -> String {
    format!("service/{name}")
}

fn outside_id(name: &str) -> String {
    format!("outside/{name}")
}

/// The node that stands for callers from outside. It goes again where nobody is called.
pub(super) fn world() -> Node {
    Node { id: WORLD.to_owned(), label: "from outside".to_owned(), role: Role::Entry, lines: Vec::new(), place: None }
}

/// What is reached from outside: by published ports, or by routes where there are none.
fn entries(builder: &mut Builder, world: usize, stack: &Stack, places: Places<'_>) {
    for service in stack.services.values() {
        let Some(to) = builder.find(&service_id(&service.name)) else { continue };
        for port in &service.ports {
            let Some(published) = &port.published else { continue };
            let host = published.host_ip.as_deref().map(|ip| format!("{ip}:")).unwrap_or_default();
            let outer = if published.port.is_empty() { "any" } else { published.port.as_str() };
            let text = format!("port {host}{outer} of the machine leads to {}", inner(port));
            let place = places.of(published.origin.span()).or_else(|| places.of(port.origin.span()));
            let evidence = Evidence { what: "ports".to_owned(), text, place };
            builder.edge(world, to, EdgeKind::Enters, &format!(":{outer}"), evidence);
        }
    }
    for route in &stack.exposure.routes {
        let published = |service: &Service| service.ports.iter().any(|port| port.published.is_some());
        if stack.services.get(&route.value.service).is_none_or(published) {
            continue;
        }
        let Some(to) = builder.find(&service_id(&route.value.service)) else { continue };
        let host = route.value.host.as_deref().unwrap_or("every host");
        let text = format!("requests for {host}{} lead to port {}", route.value.path.text(), route.value.port);
        let evidence = Evidence { what: "route".to_owned(), text, place: places.of(route.origin.span()) };
        builder.edge(world, to, EdgeKind::Enters, route.value.host.as_deref().unwrap_or(""), evidence);
    }
}

fn inner(port: &Port) -> String {
    match port.protocol {
        tranship_model::Protocol::Tcp => port.container.to_string(),
        other => format!("{}/{}", port.container, other.as_str()),
    }
}

fn node(
    service: &Service,
    shared: &BTreeSet<&str>,
    notes: &dyn Fn(&str) -> Option<String>,
    places: Places<'_>,
) -> Node {
    let mut lines = vec![source(service)];
    lines.extend(notes(&service.name));
    let ports: Vec<String> = service.ports.iter().map(|port| format!(":{}", inner(port))).collect();
    if !ports.is_empty() {
        lines.push(ports.join(" "));
    }
    let mut own: Vec<&str> = service.mounts.iter().filter_map(volume).filter(|name| !shared.contains(name)).collect();
    own.dedup();
    if !own.is_empty() {
        lines.push(format!("keeps {}", own.join(", ")));
    }
    Node {
        id: service_id(&service.name),
        label: service.name.clone(),
        role: role(service),
        lines,
        place: places.of(service.origin.span()),
    }
}

/// Where the service's image comes from, in a few words.
fn source(service: &Service) -> String {
    match (&service.build, &service.image) {
        (Some(build), _) => {
            let context = build.context.trim_start_matches("./");
            format!("built from {}", if context.is_empty() { "." } else { context })
        }
        (None, Some(image)) => short(&image.value).to_owned(),
        (None, None) => String::new(),
    }
}

/// An image without its registry and its digest.
fn short(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.split_once('/') {
        Some((head, rest)) if head.contains(['.', ':']) => rest,
        _ => image,
    }
}

/// What a service is in a picture.
pub fn role(service: &Service) -> Role {
    if service.workload.value.ends() {
        return Role::Task;
    }
    let product = service.product.as_ref().and_then(|product| catalog::by_name(&product.value));
    match part(service) {
        Part::Proxy => Role::Proxy,
        Part::Store => Role::Store,
        Part::Cache => Role::Cache,
        Part::Queue => Role::Queue,
        Part::Observer => Role::Observer,
        Part::Admin => Role::Admin,
        Part::App | Part::Helper => match product.map(|product| product.role) {
            Some(ProductRole::WebServer | ProductRole::Gateway) => Role::Proxy,
            _ => Role::App,
        },
    }
}

/// Services that live in the network of another.
fn joins(builder: &mut Builder, stack: &Stack, places: Places<'_>) {
    for service in stack.services.values() {
        let modes = [&service.security.network_mode, &service.security.pid, &service.security.ipc];
        for mode in modes.into_iter().flatten() {
            let Some(other) = mode.value.strip_prefix("service:") else { continue };
            let (Some(from), Some(to)) = (builder.find(&service_id(&service.name)), builder.find(&service_id(other)))
            else {
                continue;
            };
            let evidence = Evidence {
                what: "namespace".to_owned(),
                text: format!("`{}`", mode.value),
                place: places.of(mode.span()),
            };
            builder.edge(from, to, EdgeKind::Joins, "", evidence);
        }
    }
}

fn add(builder: &mut Builder, call: &Call, places: Places<'_>) {
    let Call { from, to, port, shows, what, text, span } = call;
    let Some(from) = builder.find(&service_id(from)) else { return };
    let to = match to {
        Target::Service(name) => match builder.find(&service_id(name)) {
            Some(at) => at,
            None => return,
        },
        Target::Outside(host) => builder.node(Node {
            id: outside_id(host),
            label: host.clone(),
            role: Role::Outside,
            lines: Vec::new(),
            place: None,
        }),
    };
    let kind = match shows {
        Shows::Name => EdgeKind::Calls,
        Shows::Route => EdgeKind::Routes,
        Shows::Order => EdgeKind::Waits,
    };
    let label = port.map(|port| format!(":{port}")).unwrap_or_default();
    let evidence = Evidence { what: what.clone(), text: text.clone(), place: places.of(*span) };
    builder.edge(from, to, kind, &label, evidence);
}

fn volume(mount: &Mount) -> Option<&str> {
    match &mount.source {
        MountSource::Volume { volume, .. } => Some(volume),
        _ => None,
    }
}

/// Every mount of a volume, by its name.
type Users<'a> = BTreeMap<&'a str, Vec<(&'a Service, &'a Mount)>>;

fn users(stack: &Stack) -> Users<'_> {
    let mut out: Users<'_> = BTreeMap::new();
    for service in stack.services.values() {
        for mount in &service.mounts {
            if let Some(name) = volume(mount) {
                out.entry(name).or_default().push((service, mount));
            }
        }
    }
    out
}

/// Whether more than one service mounts a volume.
fn several(users: &[(&Service, &Mount)]) -> bool {
    users.iter().zip(users.iter().skip(1)).any(|((a, _), (b, _))| a.name != b.name)
}

/// Volumes that several services share; one of a single service stands in that one's node.
fn volumes(builder: &mut Builder, stack: &Stack, users: &Users<'_>, places: Places<'_>) {
    for (name, volume) in &stack.volumes {
        let Some(users) = users.get(name.as_str()).filter(|users| several(users)) else { continue };
        let lines = volume.host_path.iter().map(|path| format!("{path} of the machine")).collect();
        let to = builder.node(Node {
            id: format!("volume/{name}"),
            label: name.clone(),
            role: Role::Volume,
            lines,
            place: places.of(volume.origin.span()),
        });
        for (service, mount) in users {
            let Some(from) = builder.find(&service_id(&service.name)) else { continue };
            let how = if mount.read_only { ", read only" } else { "" };
            let evidence = Evidence {
                what: "volume".to_owned(),
                text: format!("`{name}` at `{}`{how}", mount.target),
                place: places.of(mount.origin.span()),
            };
            builder.edge(from, to, EdgeKind::Mounts, "", evidence);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{call, stack};

    #[test]
    fn a_call_with_an_order_is_one_edge_with_both_as_evidence() {
        let stack = stack("services: {web: {image: nginx, ports: ['80:80']}, db: {image: postgres}}");
        let calls = [call("web", "db", Some(5432), Shows::Order), call("web", "db", Some(5432), Shows::Name)];
        let graph = graph(&stack, &calls, &|_| None, Places::new(&|_| None));
        let names: Vec<&str> = graph.nodes.iter().map(|node| node.label.as_str()).collect();
        assert_eq!(names, ["from outside", "web", "db"]);
        let edges: Vec<_> = graph.edges.iter().map(|edge| (edge.from, edge.to, edge.kind)).collect();
        assert_eq!(edges, [(0, 1, EdgeKind::Enters), (1, 2, EdgeKind::Calls)]);
        assert_eq!((graph.edges[1].label.as_str(), graph.edges[1].evidence.len()), (":5432", 2));
    }

    #[test]
    fn a_volume_is_a_node_where_several_share_it_and_a_line_where_not() {
        let stack = stack(
            "services:
  a: {image: x, volumes: ['one:/one', 'two:/two']}
  b: {image: x, volumes: ['two:/two:ro']}
volumes: {one: {}, two: {}}",
        );
        let graph = graph(&stack, &[], &|_| None, Places::new(&|_| None));
        let names: Vec<&str> = graph.nodes.iter().map(|node| node.label.as_str()).collect();
        assert_eq!(names, ["a", "b", "two"], "nothing is published, so that nobody stands outside");
        assert!(graph.nodes[0].lines.contains(&"keeps one".to_owned()), "{:?}", graph.nodes[0]);
        assert!(graph.edges.iter().all(|edge| edge.kind == EdgeKind::Mounts && edge.to == 2));
        assert_eq!(graph.edges[1].evidence[0].text, "`two` at `/two`, read only");
    }

    #[test]
    fn hosts_outside_are_nodes_of_their_own() {
        let stack = stack("services: {a: {image: x}, b: {image: x}}");
        let calls = ["a", "b"].map(|from| Call {
            to: Target::Outside("api.example.com".to_owned()),
            ..call(from, "", Some(443), Shows::Name)
        });
        let graph = graph(&stack, &calls, &|_| None, Places::new(&|_| None));
        assert_eq!(graph.nodes.iter().filter(|node| node.role == Role::Outside).count(), 1);
        assert_eq!(graph.edges.len(), 2);
    }
}
