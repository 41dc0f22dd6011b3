//! Lists whose items have an identity: a later item replaces the earlier one of the same identity.

use std::collections::HashMap;
use tranship_source::hash::BuildQuick;

use tranship_source::Diagnostic;
use tranship_source::yaml::{Map, Node, Value};

use super::go_text;
use super::path::Path;
use super::run::Run;
use super::trail;
use super::volume;

/// What makes an item of a list the same as another.
#[derive(Clone, Copy)]
enum Identity {
    KeyValue,
    Volume,
    Device,
    Mount(&'static str),
    Expose,
    Port,
    EnvFile,
}

/// Removes items that a later item of the same identity replaces, in every list that has identities.
pub(crate) fn enforce(run: &mut Run<'_>, model: &mut Node) {
    let root = Path::ROOT;
    let Some(model) = model.as_map_mut() else { return };
    if let Some(networks) = model.get_mut("networks").and_then(Node::as_map_mut) {
        let path = root.key("networks");
        for (name, network) in networks.iter_mut() {
            let path = path.key(&name.text);
            list(run, network.as_map_mut(), "labels", Identity::KeyValue, &path);
            if let Some(ipam) = network.as_map_mut().and_then(|n| n.get_mut("ipam")) {
                list(run, ipam.as_map_mut(), "options", Identity::KeyValue, &path.key("ipam"));
            }
        }
    }
    if let Some(services) = model.get_mut("services").and_then(Node::as_map_mut) {
        let path = root.key("services");
        for (name, service) in services.iter_mut() {
            if let Some(map) = service.as_map_mut() {
                enforce_service(run, map, &path.key(&name.text));
            }
        }
    }
}

const SERVICE: &[(&str, Identity)] = &[
    ("annotations", Identity::KeyValue),
    ("cap_add", Identity::KeyValue),
    ("cap_drop", Identity::KeyValue),
    ("configs", Identity::Mount("")),
    ("devices", Identity::Device),
    ("dns", Identity::KeyValue),
    ("dns_opt", Identity::KeyValue),
    ("dns_search", Identity::KeyValue),
    ("env_file", Identity::EnvFile),
    ("environment", Identity::KeyValue),
    ("expose", Identity::Expose),
    ("labels", Identity::KeyValue),
    ("links", Identity::KeyValue),
    ("ports", Identity::Port),
    ("profiles", Identity::KeyValue),
    ("secrets", Identity::Mount("/run/secrets")),
    ("sysctls", Identity::KeyValue),
    ("tmpfs", Identity::KeyValue),
    ("volumes", Identity::Volume),
];

fn enforce_service(run: &mut Run<'_>, service: &mut Map, path: &Path<'_>) {
    for (key, identity) in SERVICE {
        list(run, Some(service), key, *identity, path);
    }
    if let Some(build) = service.get_mut("build") {
        for key in ["additional_contexts", "args", "labels", "platform", "tags"] {
            list(run, build.as_map_mut(), key, Identity::KeyValue, &path.key("build"));
        }
    }
    if let Some(deploy) = service.get_mut("deploy") {
        list(run, deploy.as_map_mut(), "labels", Identity::KeyValue, &path.key("deploy"));
    }
    if let Some(networks) = service.get_mut("networks").and_then(Node::as_map_mut) {
        let path = path.key("networks");
        for (name, network) in networks.iter_mut() {
            for key in ["aliases", "link_local_ips"] {
                list(run, network.as_map_mut(), key, Identity::KeyValue, &path.key(&name.text));
            }
        }
    }
}

fn list(run: &mut Run<'_>, map: Option<&mut Map>, key: &str, identity: Identity, path: &Path<'_>) {
    let Some(Value::Sequence(items)) = map.and_then(|m| m.get_mut(key)).map(|node| &mut node.value) else { return };
    let path = path.key(key);
    if items.len() < 2 && matches!(identity, Identity::KeyValue) && items.iter().all(|i| i.as_str().is_some()) {
        return;
    }
    let mut seen: HashMap<String, usize, BuildQuick> = HashMap::default();
    let mut kept: Vec<Node> = Vec::with_capacity(items.len());
    for (index, mut item) in std::mem::take(items).into_iter().enumerate() {
        let identified = identity.of(&item, &path.item(index));
        match identified {
            Err(fault) => {
                run.report(*fault);
                kept.push(item);
            }
            Ok(name) => match seen.get(&name).and_then(|at| kept.get_mut(*at)) {
                Some(earlier) => {
                    trail::replaces(&mut item, earlier);
                    *earlier = item;
                }
                None => {
                    seen.insert(name, kept.len());
                    kept.push(item);
                }
            },
        }
    }
    *items = kept;
}

impl Identity {
    fn of(self, item: &Node, path: &Path<'_>) -> Result<String, Box<Diagnostic>> {
        let unexpected = || {
            let message = format!("`{path}` cannot be {}", item.type_name());
            Err(Box::new(Diagnostic::error("wrong-type", message).at(item.span)))
        };
        let missing = |key: &str| {
            let message = format!("`{path}` has no `{key}`");
            Err(Box::new(Diagnostic::error("missing-key", message).at(item.span).help(format!("add `{key}:` to it"))))
        };
        match (self, &item.value) {
            (Self::KeyValue, Value::String(text)) => {
                Ok(text.split_once('=').map_or(text.as_str(), |(k, _)| k).to_owned())
            }
            (Self::Volume | Self::Device, Value::Mapping(map)) => match map.get("target").and_then(Node::as_str) {
                Some(target) => Ok(target.to_owned()),
                None => missing("target"),
            },
            (Self::Volume, Value::String(text)) => match volume::parse(text) {
                Ok(mount) => Ok(mount.target),
                Err(fault) => Err(Box::new(volume::refusal(fault, path, item.span))),
            },
            (Self::Device, Value::String(text)) => {
                let mut parts = text.split(':');
                let first = parts.next().unwrap_or("");
                Ok(parts.next().unwrap_or(first).to_owned())
            }
            (Self::Mount(base), Value::String(text)) => Ok(format!("{base}/{text}")),
            (Self::Mount(base), Value::Mapping(map)) => match (map.get("target"), map.get("source")) {
                (Some(target), _) => Ok(go_text::text(target)),
                (None, source) => Ok(format!("{base}/{}", source.map(go_text::text).unwrap_or_default())),
            },
            (Self::Port, Value::Mapping(map)) => match map.get("target") {
                Some(target) => Ok(port(map, target)),
                None => missing("target"),
            },
            (Self::EnvFile, Value::Mapping(map)) => match map.get("path") {
                Some(file) => Ok(go_text::text(file)),
                None => missing("path"),
            },
            (Self::Port | Self::EnvFile | Self::Expose, Value::String(text)) => Ok(text.clone()),
            (Self::Port | Self::Expose, Value::Int(number)) => Ok(number.to_string()),
            (Self::KeyValue | Self::Mount(_) | Self::Expose, _) => unexpected(),
            (Self::Volume | Self::Device | Self::Port | Self::EnvFile, _) => Ok(String::new()),
        }
    }
}

/// Address, published and target port and protocol; a number is never the same as a text.
fn port(map: &Map, target: &Node) -> String {
    let part = |key: &str, default: &str| match map.get(key) {
        Some(node) if node.as_str().is_some() => go_text::text(node),
        Some(node) => format!("({})", go_text::text(node)),
        None => default.to_owned(),
    };
    let (host, published) = (part("host_ip", "0.0.0.0"), part("published", "(nil)"));
    format!("{host}:{published}:{}/{}", go_text::text(target), part("protocol", "tcp"))
}
