//! A Service beside the service's own that is reached from outside, with the ports that are and no others.

use std::collections::BTreeSet;

use tranship_model::{Port, Protocol, Route, Traced, Way};
use tranship_source::yaml::Node;

use super::super::container::port_name;
use super::super::fields::Fields;
use super::super::{Lowering, metadata, pod};
use super::note;
use crate::names::NameKind;
use crate::object::Object;

/// The annotation of a Service that is the way in to another, by that one's name.
pub(crate) const OF: &str = "tranship.dev/entry-of";

/// Adds the Service.
pub(super) fn lower(cx: &mut Lowering<'_>, service: &str, routes: &[&Traced<Route>], way: Way) {
    let stack = cx.stack;
    let Some(owner) = stack.services.get(service) else { return };
    let home = pod::home(stack, owner).unwrap_or(service).to_owned();
    let (workload, host) = (cx.workload(&home), cx.host(service));
    let name = cx.names.name(NameKind::Host, &format!("{service}-entry"));
    let span = routes.first().map_or(tranship_source::Span::NONE, |route| route.span());
    let mut object = Object::new("v1", "Service", Node::from(name).blamed_on(span));
    object.set(&["metadata", "labels"], metadata::labels(cx, &workload));
    object.set(&["metadata", "annotations", OF], host.as_str());
    let to = format!("{} spec.ports", object.label());
    let mut seen = BTreeSet::new();
    let mut ports = Vec::new();
    for route in routes {
        note(cx, route, &to);
        let Route { port, outside, .. } = &route.value;
        if !seen.insert(*port) {
            continue;
        }
        let known = owner.ports.iter().find(|known| known.container == *port && known.protocol == Protocol::Tcp);
        let target = known.map_or_else(|| Node::from(i64::from(*port)), |known: &Port| port_name(known).into());
        let number = |wanted: Way| outside.filter(|_| way == wanted).map(i64::from);
        let node = Fields::new()
            .put("name", format!("tcp-{port}"))
            .put("port", number(Way::LoadBalancer).unwrap_or(i64::from(*port)))
            .put("targetPort", target)
            .put("protocol", "TCP")
            .maybe("nodePort", number(Way::NodePort));
        ports.push(node.node().blamed_on(route.span()));
    }
    let kind = if way == Way::LoadBalancer { "LoadBalancer" } else { "NodePort" };
    let selector = metadata::selector(cx, &workload);
    object.set(&["spec"], Fields::new().put("type", kind).put("selector", selector).put("ports", ports).node());
    cx.add(object);
}
