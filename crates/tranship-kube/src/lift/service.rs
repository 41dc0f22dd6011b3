//! What Services say of a workload: the names of its ports, and the other names it is called by.

use tranship_model::{Port, Protocol, Traced};
use tranship_source::yaml::{Map, Node};

use super::read::{Part, scalar, template, text_of};
use super::{Lifting, origin, source_name};
use crate::lower::entry::OF;
use crate::object::Object;

/// Services whose selector picks the workload's pods.
fn services<'a>(cx: &Lifting<'a>, workload: &Object) -> Vec<&'a Object> {
    let labels = template(workload).and_then(|node| node.at(&["metadata", "labels"])).and_then(Node::as_map);
    let Some(labels) = labels else { return Vec::new() };
    let picks = |object: &&Object| {
        let selector = object.get(&["spec", "selector"]).and_then(Node::as_map);
        selector.is_some_and(|selector| !selector.is_empty() && is_within(selector, labels))
    };
    let fronts = |object: &&Object| object.get(&["metadata", "annotations", OF]).is_some();
    let own = cx.set.iter().filter(|object| object.kind() == "Service" && !fronts(object));
    own.filter(picks).collect()
}

fn is_within(selector: &Map, labels: &Map) -> bool {
    selector.iter().all(|(key, value)| labels.get(key.text.as_str()) == Some(value))
}

/// The container's ports, with what the Services say of each.
pub(crate) fn ports(cx: &Lifting<'_>, workload: &Object, container: &Part<'_>) -> Vec<Port> {
    let services = services(cx, workload);
    let one = |node: &Node| {
        let number = u16::try_from(node.get("containerPort")?.as_int()?).ok()?;
        let protocol = protocol(text_of(node, "protocol"));
        let own_name = text_of(node, "name");
        let entry = services.iter().find_map(|service| {
            let entries = service.get(&["spec", "ports"]).and_then(Node::as_seq)?;
            entries.iter().find(|entry| leads_to(entry, number, protocol, own_name)).map(|entry| (*service, entry))
        });
        let ours = format!("{}-{number}", protocol.as_str());
        let name = entry.and_then(|(service, entry)| {
            let name = text_of(entry, "name");
            (!name.is_empty() && name != ours)
                .then(|| Traced::new(name.to_owned(), origin(service, "spec.ports", entry)))
        });
        let app_protocol = entry.and_then(|(service, entry)| {
            let text = entry.get("appProtocol")?.as_str()?.trim_start_matches("kubernetes.io/").to_owned();
            Some(Traced::new(text, origin(service, "spec.ports", entry)))
        });
        let origin = container.origin("ports", node);
        Some(Port { origin, container: number, protocol, name, app_protocol, published: None })
    };
    container.list("ports").iter().filter_map(one).collect()
}

fn protocol(text: &str) -> Protocol {
    match text {
        "UDP" => Protocol::Udp,
        "SCTP" => Protocol::Sctp,
        _ => Protocol::Tcp,
    }
}

fn leads_to(entry: &Node, number: u16, wanted: Protocol, name: &str) -> bool {
    let target = entry.get("targetPort").or_else(|| entry.get("port")).and_then(scalar).unwrap_or_default();
    protocol(text_of(entry, "protocol")) == wanted
        && (target == number.to_string() || (!name.is_empty() && target == name))
}

/// Names of Services that lead to the workload, other than its own and the one that governs a StatefulSet.
pub(crate) fn aliases(cx: &Lifting<'_>, workload: &Object) -> Vec<Traced<String>> {
    let own = source_name(workload);
    let governing = workload.get(&["spec", "serviceName"]).and_then(Node::as_str).unwrap_or_default();
    let all = services(cx, workload).into_iter();
    let containers = workload.get(&["spec", "template", "spec", "containers"]).and_then(Node::as_seq);
    let is_guest = |name: &str| {
        let mut guests = containers.into_iter().flatten().skip(1);
        guests.any(|guest| guest.get("name").and_then(Node::as_str) == Some(name))
    };
    let other = all.filter(|service| {
        let name = service.name();
        if is_guest(name) {
            return false;
        }
        source_name(service) != own && name != workload.name() && name != governing
    });
    other.map(|service| Traced::new(source_name(service), origin(service, "metadata.name", &service.tree))).collect()
}
