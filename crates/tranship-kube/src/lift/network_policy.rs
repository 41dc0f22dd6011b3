//! Networks and who may reach whom, from the policies tranship writes. Policies of others are compared as they stand.

use std::collections::BTreeMap;

use tranship_model::isolation::Entry;
use tranship_model::{Attachment, Call, Caller, Calls, Isolation, Network, Protocol, Stack, Traced};
use tranship_source::yaml::Node;

use super::read::{template, text_of};
use super::{Lifting, origin, source_name};
use crate::lower::network_policy::{API, CALLS, DENY, ENGINE_NAME, ENTRY, EXTERNAL, INTERNAL, KEY, OPEN};
use crate::object::Object;

/// Whether tranship wrote a policy.
pub(crate) fn is_ours(object: &Object) -> bool {
    object.get(&["metadata", "labels", "app.kubernetes.io/managed-by"]).and_then(Node::as_str) == Some("tranship")
}

/// Reads the policies that are ours, once all services are there.
pub(crate) fn lift(cx: &Lifting<'_>, stack: &mut Stack) {
    let ours: Vec<&Object> = cx.set.iter().filter(|o| o.kind() == "NetworkPolicy" && is_ours(o)).collect();
    let Some(deny) = ours.iter().copied().find(|object| object.name() == DENY) else { return };
    let services = services(cx);
    let mut labels: BTreeMap<&str, String> = BTreeMap::new();
    let mut entries = Vec::new();
    let mut platform = Vec::new();
    let mut open = Vec::new();
    let mut named: Option<Vec<Call>> = None;
    for object in ours {
        if let Some(key) = annotation(object, KEY) {
            labels.extend(label(object).map(|label| (label, key.to_owned())));
            stack.networks.insert(key.to_owned(), network(object));
        }
        let Some(service) = selected(object).and_then(|name| services.get(name)) else { continue };
        if object.name().starts_with(CALLS) {
            named.get_or_insert_default().extend(calls(object, service, &services));
        } else if object.name().starts_with(ENTRY) {
            entries.extend(entry(object, service));
        } else if object.name().starts_with(API) {
            platform.push(service.clone());
        } else if object.name().starts_with(OPEN) {
            open.push(service.clone());
        }
    }
    join(cx, &labels, stack);
    let calls = named.map_or(Calls::Shared, |mut calls| {
        calls.sort();
        Calls::Named(calls)
    });
    let isolation = Isolation { calls, entries, platform, open };
    stack.isolation = Some(Traced::new(isolation, origin(deny, "spec", &deny.tree)));
}

/// Services by the label their pods are known by.
fn services(cx: &Lifting<'_>) -> BTreeMap<String, String> {
    let one = |object: &Object| {
        let name = template(object)?.at(&["metadata", "labels", crate::lower::NAME_LABEL])?.as_str()?;
        Some((name.to_owned(), source_name(object)))
    };
    cx.set.iter().filter_map(one).collect()
}

fn annotation<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(&["metadata", "annotations", key]).and_then(Node::as_str)
}

/// The label of the pods a network's policy selects.
fn label(object: &Object) -> Option<&str> {
    let labels = object.get(&["spec", "podSelector", "matchLabels"])?.as_map()?;
    labels.keys().map(|key| key.text.as_str()).next()
}

/// The name of the service whose pods a policy selects.
fn selected(object: &Object) -> Option<&str> {
    object.get(&["spec", "podSelector", "matchLabels", crate::lower::NAME_LABEL])?.as_str()
}

fn network(object: &Object) -> Network {
    let at = |key: &str| format!("metadata.annotations[\"{key}\"]");
    let traced = |key: &str| {
        let node = object.get(&["metadata", "annotations", key])?;
        Some(Traced::new(node.as_str()?.to_owned(), origin(object, &at(key), node)))
    };
    let egress = object.get(&["spec", "egress"]).and_then(Node::as_seq).unwrap_or_default();
    let leads_outside = egress.iter().flat_map(peers).any(|peer| peer.get("ipBlock").is_some());
    let internal = annotation(object, INTERNAL);
    let internal =
        internal.map(|word| Traced::new(word == "true" && !leads_outside, origin(object, "spec.egress", &object.tree)));
    Network {
        origin: origin(object, "metadata.name", &object.tree),
        name: traced(ENGINE_NAME),
        external: traced(EXTERNAL).map(|word| word.map(|word| word == "true")),
        internal,
        labels: Vec::new(),
    }
}

/// The peers of a rule.
fn peers(rule: &Node) -> impl Iterator<Item = &Node> {
    let list = |key: &str| rule.get(key).and_then(Node::as_seq).unwrap_or_default();
    list("from").iter().chain(list("to"))
}

fn ports(rule: &Node) -> Vec<(u16, Protocol)> {
    let list = rule.get("ports").and_then(Node::as_seq).unwrap_or_default();
    let one = |node: &Node| {
        let protocol = match text_of(node, "protocol") {
            "UDP" => Protocol::Udp,
            "SCTP" => Protocol::Sctp,
            _ => Protocol::Tcp,
        };
        Some((u16::try_from(node.get("port")?.as_int()?).ok()?, protocol))
    };
    list.iter().filter_map(one).collect()
}

fn rules(object: &Object) -> &[Node] {
    object.get(&["spec", "ingress"]).and_then(Node::as_seq).unwrap_or_default()
}

/// The calls a workload's policy lets in.
fn calls(object: &Object, to: &str, services: &BTreeMap<String, String>) -> Vec<Call> {
    let from = |peer: &Node| {
        let name = peer.at(&["podSelector", "matchLabels", crate::lower::NAME_LABEL])?.as_str()?;
        services.get(name).cloned()
    };
    let of_rule = |rule: &Node| {
        let call = |from: String| Call { from, to: to.to_owned(), ports: ports(rule) };
        peers(rule).filter_map(from).map(call).collect::<Vec<_>>()
    };
    rules(object).iter().flat_map(of_rule).collect()
}

/// The ports a policy opens to others.
fn entry(object: &Object, service: &str) -> Vec<Entry> {
    let of_rule = |rule: &Node| {
        let anyone = peers(rule).any(|peer| peer.get("ipBlock").is_some());
        let from = if anyone { Caller::Anyone } else { Caller::Platform };
        let origin = origin(object, "spec.ingress", rule);
        let one =
            |(port, protocol)| Entry { service: service.to_owned(), port, protocol, from, origin: origin.clone() };
        ports(rule).into_iter().map(one).collect::<Vec<_>>()
    };
    rules(object).iter().flat_map(of_rule).collect()
}

/// Puts services on the networks whose labels their pods carry.
fn join(cx: &Lifting<'_>, networks: &BTreeMap<&str, String>, stack: &mut Stack) {
    for object in cx.set {
        let Some(labels) = template(object).and_then(|t| t.at(&["metadata", "labels"])).and_then(Node::as_map) else {
            continue;
        };
        let Some(service) = stack.services.get_mut(&source_name(object)) else { continue };
        for (key, node) in labels {
            let Some(network) = networks.get(key.text.as_str()) else { continue };
            let at = format!("spec.template.metadata.labels[\"{}\"]", key.text);
            service.networks.push(Attachment { network: network.clone(), origin: origin(object, &at, node) });
        }
    }
}
