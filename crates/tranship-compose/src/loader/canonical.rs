//! Short forms become long forms, so that later stages know one shape for each key.

use tranship_source::Diagnostic;
use tranship_source::yaml::{Key, Map, Node, Value};

use super::go_text;
use super::merge;
use super::path::Path;
use super::port;
use super::run::Run;
use super::trail::derived;
use super::volume;

/// Puts a model into its long form. `lenient` leaves what cannot be read, because variables are still in it.
pub(crate) fn canonical(run: &mut Run<'_>, model: &mut Node, lenient: bool) {
    let mut stage = Stage { run, lenient };
    let root = Path::ROOT;
    let Some(model) = model.as_map_mut() else { return };
    if let Some(services) = model.get_mut("services").and_then(Node::as_map_mut) {
        let path = root.key("services");
        for (name, service) in services.iter_mut() {
            if let Some(map) = service.as_map_mut() {
                stage.service(map, &path.key(&name.text));
            }
        }
    }
    for section in ["volumes", "networks", "secrets", "configs"] {
        let Some(resources) = model.get_mut(section).and_then(Node::as_map_mut) else { continue };
        let path = root.key(section);
        for (name, resource) in resources.iter_mut() {
            stage.external(resource, &path.key(&name.text));
        }
    }
}

struct Stage<'r, 'w> {
    run: &'r mut Run<'w>,
    lenient: bool,
}

impl Stage<'_, '_> {
    fn refuse(&mut self, code: &'static str, message: String, node: &Node) {
        self.run.report(Diagnostic::error(code, message).at(node.span));
    }

    fn wrong(&mut self, path: &Path<'_>, node: &Node) {
        self.refuse("wrong-type", format!("`{path}` cannot be {}", node.type_name()), node);
    }

    fn service(&mut self, service: &mut Map, path: &Path<'_>) {
        for (key, node) in service.iter_mut() {
            let path = path.key(&key.text);
            match key.text.as_str() {
                "build" => self.build(node, &path),
                "depends_on" => self.depends_on(node, &path),
                "env_file" => self.env_file(node, &path),
                "label_file" => listed(node),
                "dns" => {
                    listed(node);
                    without_blanks(node);
                }
                "extends" => self.extends(node, &path),
                "gpus" => self.gpus(node, &path),
                "networks" | "models" => self.names(node, &path),
                "volumes" => self.each(node, &path, Self::mount),
                "devices" => self.each(node, &path, Self::device),
                "secrets" | "configs" => self.each(node, &path, Self::reference),
                "ports" => self.ports(node, &path),
                "ulimits" => self.each(node, &path, Self::ulimit),
                "develop" => watch(node),
                _ => {}
            }
        }
    }

    fn each(&mut self, node: &mut Node, path: &Path<'_>, with: fn(&mut Self, &mut Node, &Path<'_>)) {
        match &mut node.value {
            Value::Sequence(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    with(self, item, &path.item(index));
                }
            }
            Value::Mapping(map) => {
                for (key, item) in map.iter_mut() {
                    with(self, item, &path.key(&key.text));
                }
            }
            _ => {}
        }
    }

    fn build(&mut self, node: &mut Node, path: &Path<'_>) {
        let map = match &mut node.value {
            Value::Mapping(map) => map,
            Value::String(_) => {
                *node = derived(Node::from([("context", node.clone())]), node);
                return;
            }
            _ => return self.wrong(path, node),
        };
        for (key, node) in map.iter_mut() {
            let path = path.key(&key.text);
            match key.text.as_str() {
                "secrets" => self.each(node, &path, Self::reference),
                "provenance" | "sbom" if node.as_str().is_none() => {
                    *node = derived(Node::from(go_text::text(node)), node);
                }
                "additional_contexts" => self.key_values(node, &path),
                "ssh" => self.ssh(node, &path),
                "ulimits" => self.each(node, &path, Self::ulimit),
                _ => {}
            }
        }
    }

    fn key_values(&mut self, node: &mut Node, path: &Path<'_>) {
        let items = match &node.value {
            Value::Mapping(_) => return,
            Value::Sequence(items) => items,
            _ => return self.wrong(path, node),
        };
        let entry = |item: &Node| {
            let (key, value) = item.as_str()?.split_once('=')?;
            Some((Key::new(key, item.span), derived(Node::from(value), item)))
        };
        let bad = items.iter().find(|item| entry(item).is_none()).cloned();
        match bad {
            None => node.value = Value::Mapping(items.iter().filter_map(entry).collect()),
            Some(_) if self.lenient => {}
            Some(bad) => self.refuse("wrong-type", format!("`{path}` takes `NAME=VALUE`"), &bad),
        }
    }

    fn ssh(&mut self, node: &mut Node, path: &Path<'_>) {
        let items = match &node.value {
            Value::Mapping(_) => return,
            Value::Sequence(items) => items,
            _ => return self.wrong(path, node),
        };
        let entry = |item: &Node| {
            let text = item.as_str()?;
            let (id, value) = match text.split_once('=') {
                Some((id, file)) => (id, Node::from(file)),
                None => (text, Value::Null.into()),
            };
            (text.contains('=') || id == "default").then(|| (Key::new(id, item.span), derived(value, item)))
        };
        match items.iter().find(|item| entry(item).is_none()).cloned() {
            None => node.value = Value::Mapping(items.iter().filter_map(entry).collect()),
            Some(bad) => self.refuse("wrong-type", format!("`{path}` takes `default` or `ID=PATH`"), &bad),
        }
    }

    fn depends_on(&mut self, node: &mut Node, path: &Path<'_>) {
        match &mut node.value {
            Value::Mapping(map) => {
                for (name, entry) in map.iter_mut() {
                    match entry.as_map_mut() {
                        Some(entry) => fill(entry, &merge::dependency(), name),
                        None => self.wrong(&path.key(&name.text), entry),
                    }
                }
            }
            Value::Sequence(items) => {
                let entry = |item: &Node| {
                    let name = Key::new(item.as_str()?, item.span);
                    Some((name, derived(merge::dependency(), item)))
                };
                node.value = Value::Mapping(items.iter().filter_map(entry).collect());
            }
            _ => self.wrong(path, node),
        }
    }

    fn env_file(&mut self, node: &mut Node, path: &Path<'_>) {
        listed(node);
        let Value::Sequence(items) = &mut node.value else { return self.wrong(path, node) };
        for item in items {
            match &mut item.value {
                Value::String(_) => {
                    let long = Node::from([("path", item.clone()), ("required", Node::from(true))]);
                    *item = derived(long, item);
                }
                Value::Mapping(map) => {
                    map.entry(Key::from("required")).or_insert_with(|| Node::new(Value::Bool(true), item.span));
                }
                _ => {}
            }
        }
    }

    fn extends(&mut self, node: &mut Node, path: &Path<'_>) {
        match &node.value {
            Value::Mapping(_) => {}
            Value::String(_) => *node = derived(Node::from([("service", node.clone())]), node),
            _ => self.wrong(path, node),
        }
    }

    fn gpus(&mut self, node: &mut Node, path: &Path<'_>) {
        match &node.value {
            Value::Sequence(_) => {}
            Value::String(_) => {
                let all = Node::from([("count", Node::from("all"))]);
                *node = derived(Node::from(vec![all]), node);
            }
            _ => self.wrong(path, node),
        }
    }

    fn names(&mut self, node: &mut Node, path: &Path<'_>) {
        let Value::Sequence(items) = &node.value else { return };
        let entry = |item: &Node| Some((Key::new(item.as_str()?, item.span), Node::new(Value::Null, item.span)));
        match items.iter().find(|item| item.as_str().is_none()).cloned() {
            None => node.value = Value::Mapping(items.iter().filter_map(entry).collect()),
            Some(bad) => self.wrong(path, &bad),
        }
    }

    fn mount(&mut self, node: &mut Node, path: &Path<'_>) {
        match &node.value {
            Value::Mapping(_) => {}
            Value::String(text) => match volume::parse(text) {
                Ok(mount) => *node = derived(mount.long(), node),
                Err(_) if self.lenient => {}
                Err(fault) => self.run.report(volume::refusal(fault, path, node.span)),
            },
            _ => self.wrong(path, node),
        }
    }

    fn device(&mut self, node: &mut Node, path: &Path<'_>) {
        let text = match &node.value {
            Value::Mapping(_) => return,
            Value::String(text) => text,
            _ => return self.wrong(path, node),
        };
        let parts: Vec<&str> = text.split(':').collect();
        let (source, target, permissions) = match parts.as_slice() {
            [source] => (*source, *source, "rwm"),
            [source, target] => (*source, *target, "rwm"),
            [source, target, permissions] => (*source, *target, *permissions),
            _ if self.lenient => ("", "", "rwm"),
            _ => {
                let message = format!("`{path}` has too many colons for a device");
                return self.refuse("device-syntax", message, node);
            }
        };
        let target = if target.is_empty() { source } else { target };
        let long = [("source", source), ("target", target), ("permissions", permissions)];
        *node = derived(Node::from(long.map(|(key, value)| (key, Node::from(value)))), node);
    }

    fn reference(&mut self, node: &mut Node, path: &Path<'_>) {
        match &node.value {
            Value::Mapping(_) => {}
            Value::String(_) => *node = derived(Node::from([("source", node.clone())]), node),
            _ => self.wrong(path, node),
        }
    }

    fn ports(&mut self, node: &mut Node, path: &Path<'_>) {
        let Value::Sequence(items) = &mut node.value else { return self.wrong(path, node) };
        let items = std::mem::take(items);
        let mut ports = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let path = path.item(index);
            let spec = match &item.value {
                Value::Mapping(_) => {
                    ports.push(item.clone());
                    continue;
                }
                Value::Int(_) | Value::String(_) => go_text::text(item),
                _ => {
                    self.wrong(&path, item);
                    continue;
                }
            };
            match port::parse(&spec) {
                Ok(long) => ports.extend(long.into_iter().map(|port| derived(port, item))),
                Err(_) if self.lenient && item.as_str().is_some() => {
                    // As written, with every port: a range cannot be told while variables are in it.
                    node.value = Value::Sequence(items);
                    return;
                }
                Err(fault) => {
                    let message = format!("`{path}` is no valid port: {fault}");
                    let help =
                        "write `TARGET`, `PUBLISHED:TARGET` or `ADDRESS:PUBLISHED:TARGET`, with `/udp` if need be";
                    self.run.report(Diagnostic::error("port-syntax", message).at(item.span).help(help));
                }
            }
        }
        node.value = Value::Sequence(ports);
    }

    fn ulimit(&mut self, node: &mut Node, path: &Path<'_>) {
        if !matches!(node.value, Value::Int(_) | Value::Mapping(_)) {
            self.wrong(path, node);
        }
    }

    /// `external: {name: x}` becomes `external: true` and `name: x`.
    fn external(&mut self, resource: &mut Node, path: &Path<'_>) {
        let span = resource.span;
        let Some(map) = resource.as_map_mut() else { return };
        let named = map.get("name").cloned();
        let Some(external) = map.get_mut("external") else { return };
        let Value::Mapping(old) = &external.value else { return };
        let name = old.get("name").cloned();
        *external = Node::new(Value::Bool(true), external.span);
        let Some(name) = name else { return };
        let message = format!("`{path}.external.name` is deprecated");
        let help = "write `name:` beside `external: true`";
        self.run.report(Diagnostic::warning("deprecated-key", message).at(name.span).help(help));
        match named {
            Some(other) if other != name => {
                let message = format!("`{path}` has two names, `name` and `external.name`");
                self.run.report(Diagnostic::error("external-name", message).at(span).help("keep `name` alone"));
            }
            Some(_) => {}
            None => {
                map.insert(Key::from("name"), name);
            }
        }
    }
}

/// Gives a mapping the entries it lacks.
fn fill(map: &mut Map, defaults: &Node, blame: &Key) {
    for (key, value) in defaults.as_map().into_iter().flatten() {
        if !map.contains_key(key.text.as_str()) {
            map.insert(key.clone(), Node { span: blame.span, ..value.clone() });
        }
    }
}

/// A text alone is a list of one.
fn listed(node: &mut Node) {
    if node.as_str().is_some() {
        *node = Node::new(Value::Sequence(vec![node.clone()]), node.span);
    }
}

fn without_blanks(node: &mut Node) {
    if let Value::Sequence(items) = &mut node.value {
        items.retain(|item| !item.is_null() && item.as_str() != Some(""));
    }
}

fn watch(develop: &mut Node) {
    let Some(Value::Sequence(triggers)) = develop.as_map_mut().and_then(|d| d.get_mut("watch")).map(|w| &mut w.value)
    else {
        return;
    };
    for trigger in triggers {
        for key in ["ignore", "include"] {
            if let Some(node) = trigger.as_map_mut().and_then(|t| t.get_mut(key)) {
                listed(node);
            }
        }
    }
}
