//! Values that are meant when nothing is written.

use tranship_source::Diagnostic;
use tranship_source::yaml::{Key, Map, Node, Value};

use super::go_text;
use super::path::Path;
use super::run::Run;

/// Fills in what every later stage relies on.
pub(crate) fn fill(run: &mut Run<'_>, model: &mut Node) {
    let Some(services) = model.as_map_mut().and_then(|m| m.get_mut("services")).and_then(Node::as_map_mut) else {
        return;
    };
    let root = Path::ROOT;
    let path = root.key("services");
    for (name, service) in services.iter_mut() {
        if let Some(map) = service.as_map_mut() {
            fill_service(run, map, &path.key(&name.text));
        }
    }
}

fn fill_service(run: &mut Run<'_>, service: &mut Map, path: &Path<'_>) {
    if let Some(build) = service.get_mut("build") {
        let span = build.span;
        set(build.as_map_mut(), "context", || Node::new(Value::String(".".to_owned()), span));
    }
    for secret in items(service.get_mut("secrets")) {
        let source = secret.get("source").map(go_text::text).unwrap_or_default();
        let span = secret.span;
        set(secret.as_map_mut(), "target", || Node::new(Value::String(format!("/run/secrets/{source}")), span));
    }
    for port in items(service.get_mut("ports")) {
        for (key, value) in [("protocol", "tcp"), ("mode", "ingress")] {
            let span = port.span;
            set(port.as_map_mut(), key, || Node::new(Value::String(value.to_owned()), span));
        }
    }
    items(service.get_mut("gpus")).iter_mut().for_each(device);
    let devices = service.get_mut("deploy").and_then(|n| child(n, "resources"));
    let devices = devices.and_then(|n| child(n, "reservations")).and_then(|n| child(n, "devices"));
    items(devices).iter_mut().for_each(device);
    for (index, volume) in items(service.get_mut("volumes")).iter_mut().enumerate() {
        let Some(bind) = child(volume, "bind") else { continue };
        let span = bind.span;
        if bind.as_map().is_none() {
            let message = format!("`{}.bind` cannot be {}", path.key("volumes").item(index), bind.type_name());
            run.report(Diagnostic::error("wrong-type", message).at(span));
        }
        set(bind.as_map_mut(), "create_host_path", || Node::new(Value::Bool(true), span));
    }
}

/// A device request that says neither how many nor which ones means all.
fn device(request: &mut Node) {
    if request.get("count").is_none() && request.get("device_ids").is_none() {
        let span = request.span;
        set(request.as_map_mut(), "count", || Node::new(Value::String("all".to_owned()), span));
    }
}

fn child<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    node.as_map_mut()?.get_mut(key)
}

fn items(node: Option<&mut Node>) -> &mut [Node] {
    match node.map(|node| &mut node.value) {
        Some(Value::Sequence(items)) => items,
        _ => &mut [],
    }
}

fn set(map: Option<&mut Map>, key: &str, value: impl FnOnce() -> Node) {
    if let Some(map) = map
        && !map.contains_key(key)
    {
        map.insert(Key::from(key), value());
    }
}
