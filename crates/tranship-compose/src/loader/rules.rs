//! Rules of the format that its schema cannot say: keys that exclude each other, values that must not be blank.

use tranship_source::Diagnostic;
use tranship_source::yaml::{Map, Node, Value};

use super::path::Path;
use super::port;
use super::run::Run;

/// Checks a model in its long form.
pub(crate) fn check(run: &mut Run<'_>, model: &Node) {
    let root = Path::ROOT;
    for (name, volume) in entries(model, "volumes") {
        external(run, volume, &root.key("volumes").key(name));
    }
    for (name, config) in entries(model, "configs") {
        origin(run, config, &["file", "environment", "content"], &root.key("configs").key(name));
    }
    for (name, secret) in entries(model, "secrets") {
        origin(run, secret, &["file", "environment"], &root.key("secrets").key(name));
    }
    for (name, service) in entries(model, "services") {
        check_service(run, service, &root.key("services").key(name));
    }
}

fn entries<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = (&'n str, &'n Node)> {
    let map: Option<&Map> = node.get(key).and_then(Node::as_map);
    map.into_iter().flatten().map(|(key, node)| (key.text.as_str(), node))
}

fn seq<'n>(node: &'n Node, path: &[&str]) -> &'n [Node] {
    node.at(path).and_then(Node::as_seq).unwrap_or(&[])
}

fn external(run: &mut Run<'_>, volume: &Node, path: &Path<'_>) {
    if volume.get("external").and_then(Node::as_bool) != Some(true) {
        return;
    }
    for (key, value) in volume.as_map().into_iter().flatten() {
        if !matches!(key.text.as_str(), "name" | "external") && !key.text.starts_with("x-") {
            let message = format!("`{path}` is external, so it cannot have `{}`", key.text);
            let span = if key.span.is_none() { value.span } else { key.span };
            run.report(Diagnostic::error("external-conflict", message).at(span).help("remove the key, or `external`"));
        }
    }
}

/// A config or secret comes from exactly one place.
fn origin(run: &mut Run<'_>, resource: &Node, keys: &[&str], path: &Path<'_>) {
    let Some(map) = resource.as_map() else { return };
    let listed = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    let mut given = keys.iter().filter_map(|key| map.get_key_value(*key));
    let (first, second) = (given.next(), given.next());
    match (first, second) {
        (Some((_, first)), Some((key, _))) => {
            let message = format!("`{path}` has more than one of {listed}");
            let fault = Diagnostic::error("exclusive-keys", message).at(key.span).related(first.span, "the other one");
            run.report(fault.help("keep one of them"));
        }
        (None, _) if !map.contains_key("driver") && !map.contains_key("external") => {
            let message = format!("`{path}` says nowhere what it holds");
            let help = format!("give it one of {listed}, or `external: true`");
            run.report(Diagnostic::error("missing-key", message).at(resource.span).help(help));
        }
        _ => {}
    }
}

fn check_service(run: &mut Run<'_>, service: &Node, path: &Path<'_>) {
    for (index, port) in seq(service, &["ports"]).iter().enumerate() {
        let Some(address) = port.get("host_ip") else { continue };
        if !address.as_str().is_some_and(port::is_ip) {
            let message = format!("`{}.host_ip` is no IP address", path.key("ports").item(index));
            run.report(
                Diagnostic::error("invalid-address", message).at(address.span).help("write an IPv4 or IPv6 address"),
            );
        }
    }
    for (index, trigger) in seq(service, &["develop", "watch"]).iter().enumerate() {
        if let Some(blank) = trigger.get("path").filter(|p| p.as_str() == Some("")) {
            let message = format!("`{}.path` is blank", path.key("develop").key("watch").item(index));
            run.report(Diagnostic::error("blank-value", message).at(blank.span).help("name the path to watch"));
        }
    }
    devices(run, seq(service, &["gpus"]), &path.key("gpus"));
    let path = path.key("deploy");
    let (resources, reservations) = (path.key("resources"), Path::key);
    let reservations = reservations(&resources, "reservations");
    let requests = seq(service, &["deploy", "resources", "reservations", "devices"]);
    devices(run, requests, &reservations.key("devices"));
}

fn devices(run: &mut Run<'_>, requests: &[Node], path: &Path<'_>) {
    for (index, request) in requests.iter().enumerate() {
        if let (Some(_), Some(ids)) = (request.get("count"), request.get("device_ids")) {
            let message = format!("`{}` has both `count` and `device_ids`", path.item(index));
            run.report(Diagnostic::error("exclusive-keys", message).at(ids.span).help("keep one of them"));
        }
    }
}

/// Whether a value counts as true for `external`.
pub(crate) fn is_true(node: &Node) -> bool {
    match &node.value {
        Value::Bool(truth) => *truth,
        Value::Int(number) => *number == 1,
        Value::String(text) => matches!(text.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"),
        _ => false,
    }
}
