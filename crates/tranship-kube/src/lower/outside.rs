//! Names that lead to servers outside: a Service that stands for another name, or for an address.

use tranship_model::Outside;
use tranship_source::yaml::Node;

use super::fields::Fields;
use super::{Lowering, metadata};
use crate::names::{NameKind, is_legal};
use crate::object::Object;

/// Adds what leads a name to a server.
pub(crate) fn lower(cx: &mut Lowering<'_>, key: &str, outside: &Outside) {
    if !is_legal(key, 63) && key.contains('.') {
        return; // No Service can be called so.
    }
    let name = cx.names.name(NameKind::Host, key);
    let mut object = Object::new("v1", "Service", name.as_str());
    object.set(&["metadata", "labels"], metadata::project_labels(cx));
    metadata::keep_name(&mut object, key);
    let Outside { origin: _, host, port, called_at } = outside;
    let number = |port: u16| Node::from(i64::from(port));
    let called = called_at.first().copied().or(*port);
    let server = port.or(called);
    let named = |port: u16| format!("tcp-{port}");
    if !outside.is_address() {
        let ports = port
            .map(|port| Fields::new().put("name", named(port)).put("port", number(port)).put("protocol", "TCP").node());
        let spec = Fields::new()
            .put("type", "ExternalName")
            .put("externalName", host.to_ascii_lowercase())
            .filled("ports", ports.into_iter().collect::<Vec<_>>());
        object.set(&["spec"], spec.node());
        cx.add(object);
        return;
    }
    let (Some(called), Some(server)) = (called, server) else { return };
    let front = Fields::new()
        .put("name", named(called))
        .put("port", number(called))
        .put("targetPort", number(server))
        .put("protocol", "TCP");
    object.set(&["spec"], Fields::new().put("ports", vec![front.node()]).node());
    cx.add(object);
    let mut slice = Object::new("discovery.k8s.io/v1", "EndpointSlice", format!("{name}-outside"));
    slice.set(&["metadata", "labels"], metadata::project_labels(cx));
    slice.set(&["metadata", "labels", "kubernetes.io/service-name"], name.as_str());
    slice.set(&["addressType"], "IPv4");
    let back = Fields::new().put("name", named(called)).put("port", number(server)).put("protocol", "TCP");
    slice.set(&["ports"], vec![back.node()]);
    let addresses = Node::from(vec![Node::from(host.as_str())]);
    slice.set(&["endpoints"], vec![Node::from([("addresses", addresses)])]);
    cx.add(slice);
}
