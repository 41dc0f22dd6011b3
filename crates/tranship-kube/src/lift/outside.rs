//! Services that stand for servers outside.

use tranship_model::{Outside, Stack};
use tranship_source::yaml::Node;

use super::{origin, source_name};
use crate::object::{Object, ObjectSet};

/// Adds every name that leads outside.
pub(super) fn lift(set: &ObjectSet, stack: &mut Stack) {
    for object in set {
        let found = match object.kind() {
            "Service" => name(object),
            "EndpointSlice" => address(set, object),
            _ => None,
        };
        if let Some((name, outside)) = found {
            stack.outside.insert(name, outside);
        }
    }
}

fn name(object: &Object) -> Option<(String, Outside)> {
    let host = object.get(&["spec", "externalName"])?;
    let port = object.get(&["spec", "ports", "0", "port"]).and_then(number);
    let origin = origin(object, "spec.externalName", host);
    let host = host.as_str()?.to_owned();
    Some((source_name(object), Outside { origin, host, port, called_at: Vec::new() }))
}

fn address(set: &ObjectSet, slice: &Object) -> Option<(String, Outside)> {
    let service = slice.get(&["metadata", "labels", "kubernetes.io/service-name"])?.as_str()?;
    let host = slice.get(&["endpoints", "0", "addresses", "0"])?;
    let port = slice.get(&["ports", "0", "port"]).and_then(number);
    let name = set.find("Service", service).map_or_else(|| service.to_owned(), source_name);
    let origin = origin(slice, "endpoints", host);
    let host = host.as_str()?.to_owned();
    Some((name, Outside { origin, host, port, called_at: Vec::new() }))
}

fn number(node: &Node) -> Option<u16> {
    u16::try_from(node.as_int()?).ok()
}
