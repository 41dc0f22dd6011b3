//! NetworkPolicies: nothing is reached and nothing calls, but for what the stack's isolation allows.
//!
//! One policy closes everything and one opens the way to the cluster's name servers. Then comes one for each network, which
//! its pods carry as a label: whoever has the label reaches whoever has it, and the world outside unless the network is
//! internal. So a pod on two networks reaches what either allows, as under Compose. Where calls are named one by one, each
//! workload has a policy of its own instead. Ports that are open to others have policies of their own.

use std::collections::BTreeMap;

use tranship_model::isolation::Entry;
use tranship_model::{Call, Caller, Calls, Isolation, Network, Origin, Protocol, Service};
use tranship_source::yaml::{Key, Node};

use super::fields::{Fields, texts, whole};
use super::metadata::{self, INSTANCE, NAME};
use super::{Lowering, pod};
use crate::names::{NameKind, label_name, label_value};
use crate::object::Object;

/// What every label of a network starts with after its domain.
const DOMAIN: &str = "tranship.dev/";
const OWN: &str = "network-";
/// What every label of a network starts with that other projects may be on.
const SHARED: &str = "shared-network-";
/// Annotations of a network's policy: its key in the project, the engine's name for it, whether it is there already, and
/// whether it leads outside.
pub(crate) const KEY: &str = "tranship.dev/network";
pub(crate) const ENGINE_NAME: &str = "tranship.dev/network-name";
pub(crate) const EXTERNAL: &str = "tranship.dev/network-external";
pub(crate) const INTERNAL: &str = "tranship.dev/network-internal";
/// Names of the policies.
pub(crate) const DENY: &str = "default-deny";
const DNS: &str = "allow-dns";
pub(crate) const ENTRY: &str = "entry-";
pub(crate) const CALLS: &str = "calls-";
pub(crate) const API: &str = "api-";
pub(crate) const OPEN: &str = "open-";

/// Where name servers listen that are no pods: NodeLocal DNSCache, and the cloud's own on some clusters.
const LOCAL_DNS: [&str; 2] = ["169.254.20.10/32", "169.254.169.254/32"];
/// Ports the platform's API has on one cluster or another, before and behind its Service.
const API_PORTS: [u16; 4] = [443, 6443, 8443, 16443];

/// Adds all policies, and says what became of networks.
pub(crate) fn lower(cx: &mut Lowering<'_>) {
    let stack = cx.stack;
    let Some(isolation) = &stack.isolation else {
        for (key, network) in &stack.networks {
            note_flat(cx, key, network);
        }
        return;
    };
    cx.ledger.reasoned(&isolation.origin);
    let Isolation { calls, entries, platform, open } = &isolation.value;
    let rest = Fields::new().put("policyTypes", texts(["Ingress", "Egress"]));
    add(cx, DENY, everyone(cx), rest, None);
    let rest = Fields::new().put("policyTypes", texts(["Egress"])).put("egress", vec![name_servers()]);
    add(cx, DNS, everyone(cx), rest, None);
    let named = match calls {
        Calls::Shared => None,
        Calls::Named(calls) => Some(calls),
    };
    for (key, network) in &stack.networks {
        note_network(cx, key, network, named.is_some());
    }
    let mut doors: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        doors.entry(&entry.service).or_default().push(entry);
    }
    if let Some(calls) = named {
        by_service(cx, calls);
    }
    for (service, entries) in doors {
        entry(cx, service, &entries);
    }
    for service in platform {
        let ports = API_PORTS.map(|port| port_node(port, Protocol::Tcp)).to_vec();
        let rule = Fields::new().put("to", everywhere()).put("ports", ports).node();
        let rest = Fields::new().put("policyTypes", texts(["Egress"])).put("egress", vec![rule]);
        of_service(cx, API, service, rest);
    }
    for service in open {
        let all = || vec![Fields::new().node()];
        let rest = Fields::new().put("policyTypes", texts(["Ingress", "Egress"])).put("ingress", all());
        of_service(cx, OPEN, service, rest.put("egress", all()));
    }
}

/// The labels of a pod by which policies know its networks.
pub(crate) fn labels(cx: &mut Lowering<'_>, place: &super::workload::Place, services: &[&Service]) -> Vec<(Key, Node)> {
    let Some(isolation) = &cx.stack.isolation else {
        for attachment in services.iter().flat_map(|service| &service.networks) {
            cx.ledger
                .decided(&attachment.origin, "pods share one flat network, so that every service there is reached");
        }
        return Vec::new();
    };
    let named = matches!(isolation.value.calls, Calls::Named(_));
    let mut out: Vec<(Key, Node)> = Vec::new();
    for attachment in services.iter().flat_map(|service| &service.networks) {
        let shared = cx.stack.networks.get(&attachment.network).is_some_and(is_shared);
        if named && !shared {
            let to = format!("NetworkPolicy/{CALLS}{}", place.name);
            let why = "calls to it and from it are allowed one by one, as far as the project shows them";
            cx.ledger.translated(&attachment.origin, &to, why);
            continue;
        }
        let label = label(cx, &attachment.network);
        let to = format!("{}[\"{label}\"]", place.labels());
        cx.ledger.translated(&attachment.origin, &to, "policies know by this label who is on the network");
        cx.on_networks.insert(attachment.network.clone());
        if !out.iter().any(|(key, _)| key.text == label) {
            out.push((Key::from(label), Node::from("true").blamed_on(attachment.origin.span())));
        }
    }
    out.sort_by(|(a, _), (b, _)| a.text.cmp(&b.text));
    out
}

/// Whether other projects may be on a network: it is there already, or it has a name of its own that others can say.
fn is_shared(network: &Network) -> bool {
    network.name.is_some() || network.external.as_ref().is_some_and(|external| external.value)
}

fn label(cx: &Lowering<'_>, key: &str) -> String {
    let network = cx.stack.networks.get(key).filter(|network| is_shared(network));
    match network {
        Some(network) => {
            let name = network.name.as_ref().map_or(key, |name| &name.value);
            format!("{DOMAIN}{}", label_name(SHARED, name))
        }
        None => format!("{DOMAIN}{}", label_name(OWN, key)),
    }
}

/// The policy of a network, and what became of what is said of it.
fn note_network(cx: &mut Lowering<'_>, key: &str, network: &Network, named: bool) {
    let Network { origin, name, external, internal, labels } = network;
    let shared = is_shared(network);
    if named && !shared {
        let why = "calls between its services are allowed one by one, as far as the project shows them";
        let values = [name.as_ref().map(|name| &name.origin), external.as_ref().map(|external| &external.origin)];
        for origin in values.into_iter().flatten().chain([origin]) {
            cx.ledger.decided(origin, why);
        }
        if let Some(internal) = internal {
            let why = "a service whose networks are all internal reaches nothing outside: its policy does not name it";
            cx.ledger.decided(&internal.origin, why);
        }
        for (_, label) in labels {
            cx.ledger.dropped(&label.origin, "there is no object of the network's own that could carry a label", "");
        }
        return;
    }
    if !cx.on_networks.contains(key) {
        let values = [name.as_ref().map(|name| &name.origin), external.as_ref().map(|external| &external.origin)];
        let rest =
            internal.iter().map(|internal| &internal.origin).chain(labels.iter().map(|(_, label)| &label.origin));
        for origin in values.into_iter().flatten().chain([origin]).chain(rest) {
            cx.ledger.decided(origin, "no service is on it");
        }
        return;
    }
    let label = label(cx, key);
    let policy = format!("network-{}", cx.names.name(NameKind::Network, key));
    let to = format!("NetworkPolicy/{policy}");
    cx.ledger.translated(
        origin,
        &to,
        "services of the network reach each other on every port, and nobody else reaches them",
    );
    let mut object = object(cx, &policy, origin);
    object.set(&["metadata", "annotations", KEY], key);
    if let Some(name) = name {
        object.set(&["metadata", "annotations", ENGINE_NAME], name.value.as_str());
        cx.ledger.translated(&name.origin, &to, "pods of other projects on it carry the same label, made of this name");
    }
    if let Some(external) = external {
        object.set(&["metadata", "annotations", EXTERNAL], if external.value { "true" } else { "false" });
        let why = format!("pods of any namespace are on it that carry the label `{label}: \"true\"`");
        cx.ledger.translated(&external.origin, &to, &why);
    }
    let is_internal = internal.as_ref().is_some_and(|internal| internal.value);
    if let Some(internal) = internal {
        object.set(&["metadata", "annotations", INTERNAL], if internal.value { "true" } else { "false" });
        let why = if internal.value {
            "the policy names no way outside; a service on another network as well has that one's"
        } else {
            "the policy leaves the way outside open"
        };
        cx.ledger.translated(&internal.origin, &format!("{to} spec.egress"), why);
    }
    metadata::annotate(cx, &mut object, labels);
    let members = Node::from([("matchLabels", Node::from([(label.as_str(), "true".into())]))]);
    let peer = match (shared, named) {
        (false, _) => Node::from([("podSelector", members)]),
        (true, false) => Node::from([("namespaceSelector", Fields::new().node()), ("podSelector", members)]),
        (true, true) => {
            let members = Fields::new()
                .put("matchLabels", Node::from([(label.as_str(), "true".into())]))
                .put("matchExpressions", vec![not_ours(cx)]);
            Node::from([("namespaceSelector", Fields::new().node()), ("podSelector", members.node())])
        }
    };
    let mut egress = vec![Node::from([("to", vec![peer.clone()].into())])];
    if !is_internal && !named {
        egress.push(Node::from([("to", outside(cx))]));
    }
    let spec = Fields::new()
        .put("podSelector", Node::from([("matchLabels", Node::from([(label.as_str(), "true".into())]))]))
        .put("policyTypes", texts(["Ingress", "Egress"]))
        .put("ingress", vec![Node::from([("from", vec![peer].into())])])
        .put("egress", egress);
    object.set(&["spec"], spec.node());
    cx.add(object);
}

/// A policy for each workload that allows the calls to it and from it.
fn by_service(cx: &mut Lowering<'_>, calls: &[Call]) {
    let stack = cx.stack;
    let mut to: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    let mut from: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    for call in calls {
        to.entry(&call.to).or_default().push(call);
        from.entry(&call.from).or_default().push(call);
    }
    for service in stack.services.values().filter(|service| pod::home(stack, service).is_none()) {
        let callers = to.get(service.name.as_str()).map(Vec::as_slice).unwrap_or_default();
        let called = from.get(service.name.as_str()).map(Vec::as_slice).unwrap_or_default();
        let ingress = rules(cx, "from", callers.iter().map(|call| (&call.ports, call.from.as_str())));
        let mut egress = rules(cx, "to", called.iter().map(|call| (&call.ports, call.to.as_str())));
        if leads_outside(cx, service) {
            egress.push(Node::from([("to", outside(cx))]));
        }
        let rest = Fields::new()
            .put("policyTypes", texts(["Ingress", "Egress"]))
            .filled("ingress", ingress)
            .filled("egress", egress);
        of_service(cx, CALLS, &service.name, rest);
    }
}

/// Whether the pod of a service leads outside: one of its containers does.
fn leads_outside(cx: &Lowering<'_>, service: &Service) -> bool {
    cx.stack.leads_outside(&service.name) || cx.joined(&service.name).iter().any(|s| cx.stack.leads_outside(&s.name))
}

/// Rules of one direction: peers that share their ports stand together.
fn rules<'a>(
    cx: &mut Lowering<'_>,
    direction: &str,
    calls: impl Iterator<Item = (&'a Vec<(u16, Protocol)>, &'a str)>,
) -> Vec<Node> {
    let mut by_ports: BTreeMap<&Vec<(u16, Protocol)>, Vec<&str>> = BTreeMap::new();
    for (ports, other) in calls {
        by_ports.entry(ports).or_default().push(other);
    }
    let mut out = Vec::new();
    for (ports, others) in by_ports {
        let peer = |other: &&str| Node::from([("podSelector", of_pods(cx, other))]);
        let peers: Vec<Node> = others.iter().map(peer).collect();
        let ports: Vec<Node> = ports.iter().map(|&(port, protocol)| port_node(port, protocol)).collect();
        out.push(Fields::new().put(direction, peers).filled("ports", ports).node());
    }
    out
}

/// Ports of a service that others may call: all of them, or other applications of the cluster.
fn entry(cx: &mut Lowering<'_>, service: &str, entries: &[&Entry]) {
    let mut ingress = Vec::new();
    for (caller, peers) in [(Caller::Anyone, outside(cx)), (Caller::Platform, vec![other_apps(cx)].into())] {
        let open = entries.iter().filter(|entry| entry.from == caller);
        let node = |entry: &&Entry| port_node(entry.port, entry.protocol).blamed_on(entry.origin.span());
        let ports: Vec<Node> = open.map(node).collect();
        if !ports.is_empty() {
            ingress.push(Fields::new().put("from", peers).put("ports", ports).node());
        }
    }
    let rest = Fields::new().put("policyTypes", texts(["Ingress"])).put("ingress", ingress);
    of_service(cx, ENTRY, service, rest);
    for entry in entries {
        cx.ledger.reasoned(&entry.origin);
    }
}

/// A policy for the pods of one service, whose name is a prefix and the workload's.
fn of_service(cx: &mut Lowering<'_>, prefix: &str, service: &str, rest: Fields) {
    let selector = of_pods(cx, service);
    let workload = cx.workload(service);
    let labels = metadata::labels(cx, &workload);
    add(cx, &format!("{prefix}{workload}"), selector, rest, Some(labels));
}

/// Adds a policy for what a selector picks.
fn add(cx: &mut Lowering<'_>, name: &str, selector: Node, rest: Fields, labels: Option<Node>) {
    let mut object = Object::new("networking.k8s.io/v1", "NetworkPolicy", name);
    object.set(&["metadata", "labels"], labels.unwrap_or_else(|| metadata::project_labels(cx)));
    object.set(&["spec"], rest.join(Fields::new().put("podSelector", selector)).node());
    cx.add(object);
}

fn object(cx: &Lowering<'_>, name: &str, origin: &Origin) -> Object {
    let name = Node::from(name).blamed_on(origin.span());
    let mut object = Object::new("networking.k8s.io/v1", "NetworkPolicy", name);
    object.set(&["metadata", "labels"], metadata::project_labels(cx));
    object
}

/// All pods of the namespace. Where the user named one, others may live there, and only the project's own are meant.
fn everyone(cx: &Lowering<'_>) -> Node {
    let project = &cx.stack.name.value;
    if cx.namespace == crate::names::namespace(project) {
        return Fields::new().node();
    }
    Node::from([("matchLabels", Node::from([(INSTANCE, label_value(project).into())]))])
}

/// The pods of a service, by the one label that is theirs alone.
fn of_pods(cx: &mut Lowering<'_>, service: &str) -> Node {
    let home = cx.stack.services.get(service).and_then(|s| pod::home(cx.stack, s)).unwrap_or(service).to_owned();
    let workload = cx.workload(&home);
    Node::from([("matchLabels", Node::from([(NAME, label_value(&workload).into())]))])
}

/// Pods of other projects, in any namespace.
fn other_apps(cx: &Lowering<'_>) -> Node {
    let pods = Node::from([("matchExpressions", vec![not_ours(cx)].into())]);
    Node::from([("namespaceSelector", Fields::new().node()), ("podSelector", pods)])
}

fn not_ours(cx: &Lowering<'_>) -> Node {
    let project = label_value(&cx.stack.name.value);
    Fields::new().put("key", INSTANCE).put("operator", "NotIn").put("values", texts([project])).node()
}

/// Everything that is not of the project: other pods, and addresses of nodes and of the world.
fn outside(cx: &Lowering<'_>) -> Node {
    let mut peers = vec![other_apps(cx)];
    peers.extend(blocks(&["0.0.0.0/0", "::/0"]));
    peers.into()
}

fn everywhere() -> Node {
    blocks(&["0.0.0.0/0", "::/0"]).into()
}

fn blocks(all: &[&str]) -> Vec<Node> {
    all.iter().map(|&cidr| Node::from([("ipBlock", Node::from([("cidr", cidr.into())]))])).collect()
}

/// The cluster's name servers: pods of `kube-system`, and those that run on the node itself.
fn name_servers() -> Node {
    let system = Node::from([("matchLabels", Node::from([("kubernetes.io/metadata.name", "kube-system".into())]))]);
    let mut to = vec![Node::from([("namespaceSelector", system)])];
    to.extend(blocks(&LOCAL_DNS));
    let ports = vec![port_node(53, Protocol::Udp), port_node(53, Protocol::Tcp)];
    Fields::new().put("to", to).put("ports", ports).node()
}

fn port_node(port: u16, protocol: Protocol) -> Node {
    Fields::new().put("port", whole(u64::from(port))).put("protocol", protocol.as_str().to_ascii_uppercase()).node()
}

/// Without policies a pod network is flat: what Compose's networks keep apart is not kept apart.
fn note_flat(cx: &mut Lowering<'_>, key: &str, network: &Network) {
    let Network { origin, name, external, internal, labels } = network;
    let why = format!("services of network `{key}` reach each other on the flat pod network of the cluster");
    cx.ledger.decided(origin, &why);
    if let Some(name) = name {
        cx.ledger.decided(&name.origin, "a pod network has no name of its own");
    }
    if let Some(external) = external {
        let why = "pods of every namespace share one network; other projects are reached as `SERVICE.NAMESPACE`";
        cx.ledger.decided(&external.origin, why);
    }
    if let Some(internal) = internal {
        let todo = "pass `--network-policy networks`";
        cx.ledger.dropped(&internal.origin, "no NetworkPolicy is written that closes the way outside", todo);
    }
    for (_, label) in labels {
        cx.ledger.dropped(&label.origin, "there is no network object that could carry a label", "");
    }
}
