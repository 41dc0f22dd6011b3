//! What is meant without being written: the default network, names, implied dependencies.

use tranship_source::Span;
use tranship_source::yaml::{Key, Map, Node, Value, VariableFrom};

use super::file;
use super::go_text;
use super::rules;
use super::trail;
use crate::environment::Environment;

/// Adds what docker compose adds.
pub(crate) fn normalize(model: &mut Node, name: &str, environment: &Environment) {
    let Some(model) = model.as_map_mut() else { return };
    model.insert(Key::from("name"), Node::from(name));
    networks(model);
    if let Some(services) = model.get_mut("services").and_then(Node::as_map_mut) {
        for service in services.values_mut() {
            if let Some(map) = service.as_map_mut() {
                normalize_service(map, environment);
            }
        }
    }
    for section in ["networks", "volumes", "configs", "secrets"] {
        if let Some(resources) = model.get_mut(section).and_then(Node::as_map_mut) {
            name_resources(resources, name);
        }
    }
}

/// Joins services that say nothing else to the default network.
fn networks(model: &mut Map) {
    let mut used: Option<Span> = None;
    if let Some(services) = model.get_mut("services").and_then(Node::as_map_mut) {
        for (name, service) in services.iter_mut() {
            let Some(map) = service.as_map_mut() else { continue };
            if map.contains_key("provider") || map.contains_key("network_mode") {
                continue;
            }
            match map.get("networks").map(|n| n.as_map().is_some_and(|n| !n.is_empty())) {
                Some(true) => {
                    if map.get("networks").is_some_and(|n| n.get("default").is_some()) {
                        used = used.or(Some(name.span));
                    }
                }
                _ => {
                    let default = Node::from([("default", Value::Null.into())]).blamed_on(name.span);
                    map.insert(Key::from("networks"), default);
                    used = used.or(Some(name.span));
                }
            }
        }
    }
    let Some(span) = used else { return };
    let networks = model.entry(Key::from("networks")).or_insert_with(|| Node::from(Map::default()));
    if networks.is_null() {
        networks.value = Value::Mapping(Map::default());
    }
    if let Some(map) = networks.as_map_mut()
        && !map.contains_key("default")
    {
        map.insert(Key::new("default", span), Node::new(Value::Null, span));
    }
}

fn normalize_service(service: &mut Map, environment: &Environment) {
    if let Some(policy) = service.get_mut("pull_policy").filter(|p| p.as_str() == Some("if_not_present")) {
        policy.value = Value::String("missing".to_owned());
    }
    if let Some(build) = service.get_mut("build") {
        normalize_build(build, environment);
    }
    if let Some(variables) = service.get_mut("environment") {
        resolve(variables, environment, true);
    }
    if let Some(Value::Sequence(volumes)) = service.get_mut("volumes").map(|v| &mut v.value) {
        for volume in volumes {
            if let Some(Value::String(target)) =
                volume.as_map_mut().and_then(|v| v.get_mut("target")).map(|target| &mut target.value)
            {
                *target = file::clean(target);
            }
        }
    }
    depend(service);
    inherit_image(service);
}

fn normalize_build(build: &mut Node, environment: &Environment) {
    let span = build.span;
    let Some(build) = build.as_map_mut() else { return };
    let absent = |build: &Map, key: &str| build.get(key).is_none_or(Node::is_null);
    if absent(build, "context") {
        build.insert(Key::from("context"), Node::new(Value::String(".".to_owned()), span));
    }
    if absent(build, "dockerfile") && absent(build, "dockerfile_inline") {
        build.insert(Key::from("dockerfile"), Node::new(Value::String("Dockerfile".to_owned()), span));
    }
    if let Some(args) = build.get_mut("args") {
        resolve(args, environment, false);
    }
}

/// Gives names without a value the value of the variable; names of no variable stay only where `keep` says so.
fn resolve(node: &mut Node, environment: &Environment, keep: bool) {
    match &mut node.value {
        Value::Sequence(items) => items.retain_mut(|item| {
            let Some(name) = item.as_str() else { return false };
            if name.contains('=') {
                return true;
            }
            let name = name.to_owned();
            let Some(variable) = environment.variable(&name) else { return keep };
            from_variable(item, &name, format!("{name}={}", variable.value), &variable.from);
            true
        }),
        Value::Mapping(map) => map.retain(|key, value| {
            if !value.is_null() {
                return true;
            }
            let Some(variable) = environment.variable(&key.text) else { return keep };
            if value.span.is_none() {
                value.span = key.span;
            }
            from_variable(value, &key.text, variable.value.clone(), &variable.from);
            true
        }),
        _ => {}
    }
}

/// Makes a node the value of a variable.
pub(crate) fn from_variable(node: &mut Node, name: &str, value: String, from: &VariableFrom) {
    node.value = Value::String(value);
    trail::trail_of(node).variables.push((name.to_owned(), from.clone()));
}

/// Adds the dependencies that links, shared namespaces and shared volumes imply.
fn depend(service: &mut Map) {
    let mut implied: Vec<(String, bool, Span)> = Vec::new();
    let texts = |node: Option<&Node>| node.and_then(Node::as_seq).map(<[Node]>::to_vec).unwrap_or_default();
    for link in texts(service.get("links")) {
        let text = link.as_str().unwrap_or("");
        let parts: Vec<&str> = text.split(':').collect();
        let name = if let [name, _] = parts.as_slice() { name } else { text };
        implied.push((name.to_owned(), true, link.span));
    }
    for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        let Some(node) = service.get(key) else { continue };
        if let Some(name) = node.as_str().and_then(|mode| mode.strip_prefix("service:")) {
            implied.push((name.to_owned(), true, node.span));
        }
    }
    for from in texts(service.get("volumes_from")) {
        let text = from.as_str().unwrap_or("");
        if !text.starts_with("container:") {
            implied.push((text.split(':').next().unwrap_or("").to_owned(), false, from.span));
        }
    }
    if implied.is_empty() {
        return;
    }
    let entry = service.entry(Key::from("depends_on")).or_insert_with(|| Node::from(Map::default()));
    let Some(map) = entry.as_map_mut() else { return };
    for (name, restart, span) in implied {
        if !map.contains_key(name.as_str()) {
            let mut dependency = super::merge::dependency();
            if let Some(map) = dependency.as_map_mut() {
                map.insert(Key::from("restart"), Node::from(restart));
            }
            map.insert(Key::new(name, span), dependency.blamed_on(span));
        }
    }
}

/// A `pre_start` hook without an image runs in the service's.
fn inherit_image(service: &mut Map) {
    let Some(image) = service.get("image").filter(|i| i.as_str().is_some_and(|i| !i.is_empty())).cloned() else {
        return;
    };
    let Some(Value::Sequence(hooks)) = service.get_mut("pre_start").map(|h| &mut h.value) else { return };
    for hook in hooks {
        if let Some(map) = hook.as_map_mut() {
            map.entry(Key::from("image")).or_insert_with(|| image.clone());
        }
    }
}

/// Resources without a name are named after the project and their key.
fn name_resources(resources: &mut Map, project: &str) {
    for (key, resource) in resources.iter_mut() {
        if resource.is_null() {
            let span = if resource.span.is_none() { key.span } else { resource.span };
            *resource = Node::new(Value::Mapping(Map::default()), span);
        }
        let span = resource.span;
        let Some(map) = resource.as_map_mut() else { continue };
        if map.get("name").is_none_or(Node::is_null) {
            let external = map.get("external").is_some_and(rules::is_true);
            let name = if external { key.text.clone() } else { format!("{project}_{}", key.text) };
            map.insert(Key::from("name"), Node::new(Value::String(name), span));
        }
    }
}

/// Gives listed variables without a value their value, and configs from a variable their content.
pub(crate) fn resolve_lists(model: &mut Node, environment: &Environment) {
    let Some(model) = model.as_map_mut() else { return };
    if let Some(services) = model.get_mut("services").and_then(Node::as_map_mut) {
        for service in services.values_mut() {
            let variables = service.as_map_mut().and_then(|s| s.get_mut("environment"));
            if let Some(node) = variables.filter(|node| node.as_seq().is_some()) {
                resolve_names(node, environment);
            }
        }
    }
    if let Some(configs) = model.get_mut("configs").and_then(Node::as_map_mut) {
        for config in configs.values_mut().filter_map(Node::as_map_mut) {
            let Some(source) = config.get("environment") else { continue };
            let Some(variable) = source.as_str().and_then(|name| environment.variable(name)) else { continue };
            let mut content = Node::new(Value::Null, source.span);
            from_variable(&mut content, &go_text::text(source), variable.value.clone(), &variable.from);
            config.insert(Key::from("content"), content);
        }
    }
}

/// As written, a name that holds `=` may itself be a variable's name; it is not here.
fn resolve_names(node: &mut Node, environment: &Environment) {
    let Value::Sequence(items) = &mut node.value else { return };
    items.retain(|item| item.as_str().is_some());
    for item in items {
        let Some(name) = item.as_str().map(str::to_owned) else { continue };
        if let Some(variable) = environment.variable(&name) {
            from_variable(item, &name, format!("{name}={}", variable.value), &variable.from);
        }
    }
}
