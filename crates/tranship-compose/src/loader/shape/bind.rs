//! Brings a long-form model into the types of [`super::tables`].

use tranship_source::yaml::{Key, Map, Node, Value};
use tranship_source::{Diagnostic, Span};

use super::{Fields, Shape, command, tables, units};
use crate::loader::go_text;
use crate::loader::interpolate::{integer, number, truth};
use crate::loader::path::Path;
use crate::loader::run::Run;
use crate::loader::trail::derived;

/// The sections of a project, the types of their entries, and whether these may be named `x-`.
const SECTIONS: [(&str, &Fields, bool); 6] = [
    ("services", tables::SERVICE, true),
    ("networks", tables::NETWORK, true),
    ("volumes", tables::VOLUME, true),
    ("secrets", tables::SECRET, true),
    ("configs", tables::CONFIG, true),
    ("models", tables::MODEL, false),
];

/// The project of a long-form model: known keys in their types, top-level `x-` keys as they are, all else gone.
pub(crate) fn project(run: &mut Run<'_>, mut model: Node, name: &str) -> Node {
    let mut project = Map::default();
    let mut bind = Bind { run };
    let root = Path::ROOT;
    let span = model.span;
    let mut sections = model.as_map_mut().map(std::mem::take).unwrap_or_default();
    let key = sections.get_key_value("name").map(|(key, _)| key.clone());
    let place = sections.shift_remove("name").map_or(span, |node| node.span);
    project.insert(key.unwrap_or_else(|| Key::from("name")), Node::new(Value::String(name.to_owned()), place));
    for (section, fields, any_name) in SECTIONS {
        let Some((key, node)) = sections.shift_remove_entry(section) else { continue };
        let path = root.key(section);
        let entries = bind.section(node, fields, any_name, &path);
        if let Some(mut node) = entries {
            if section == "configs" {
                node.as_map_mut().into_iter().flat_map(Map::values_mut).for_each(from_variable);
            }
            project.insert(key, node);
        }
    }
    project.entry(Key::from("services")).or_insert_with(|| Node::new(Value::Mapping(Map::default()), span));
    project.extend(sections.into_iter().filter(|(key, _)| key.text.starts_with("x-")));
    Node::new(Value::Mapping(project), span)
}

/// A config that comes from a variable is printed with the variable's name, not its value.
fn from_variable(config: &mut Node) {
    if let Some(map) = config.as_map_mut().filter(|map| map.contains_key("environment")) {
        map.shift_remove("content");
    }
}

/// Whether a value is left out because it says nothing.
fn says_nothing(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Sequence(items) => items.is_empty(),
        Value::Mapping(map) => map.is_empty(),
        _ => false,
    }
}

struct Bind<'r, 'w> {
    run: &'r mut Run<'w>,
}

impl Bind<'_, '_> {
    fn section(&mut self, node: Node, fields: &'static Fields, any_name: bool, path: &Path<'_>) -> Option<Node> {
        let (span, Value::Mapping(entries)) = (node.span, node.value) else { return None };
        let mut section = Map::default();
        for (key, node) in entries {
            if !any_name && key.text.starts_with("x-") {
                continue;
            }
            let path = path.key(&key.text);
            let span = if node.span.is_none() { key.span } else { node.span };
            let entry =
                self.fields(node, fields, &path).unwrap_or_else(|| Node::new(Value::Mapping(Map::default()), span));
            section.insert(key, entry);
        }
        Some(Node::new(Value::Mapping(section), span))
    }

    /// A mapping with known keys; `None` for null.
    fn fields(&mut self, node: Node, fields: &'static Fields, path: &Path<'_>) -> Option<Node> {
        let span = node.span;
        let map = match node.value {
            Value::Mapping(map) => map,
            Value::Null => return None,
            value => {
                self.wrong(&Node { value, ..node }, "a mapping", path);
                return None;
            }
        };
        let mut bound = Map::default();
        for (key, node) in map {
            let shape = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key.text)).map(|(_, shape)| *shape);
            let Some(shape) = shape else {
                // Docker compose forgets extensions here; ours says what becomes of the section.
                if key.text == crate::overrides::KEY {
                    bound.insert(key, node);
                }
                continue;
            };
            if let Some(node) = self.value(node, shape, &path.key(&key.text)) {
                bound.insert(key, node);
            }
        }
        for (name, shape) in fields {
            let always = match shape {
                Shape::PlainBool => Value::Bool(false),
                Shape::PlainInt => Value::Int(0),
                Shape::PlainBytes => Value::String("0".to_owned()),
                _ => continue,
            };
            bound.entry(Key::from(*name)).or_insert_with(|| Node::new(always, span));
        }
        Some(Node::new(Value::Mapping(bound), span))
    }

    fn wrong(&mut self, node: &Node, wanted: &str, path: &Path<'_>) {
        let message = format!("`{path}` must be {wanted}, but is {}", shown(node));
        self.run.report(Diagnostic::error("wrong-type", message).at(node.span).help(format!("write {wanted}")));
    }

    /// The value in its type; `None` where it is left out.
    fn value(&mut self, mut node: Node, shape: Shape, path: &Path<'_>) -> Option<Node> {
        if node.is_null() {
            // Written without a value, what is true by default becomes false.
            return matches!(shape, Shape::OptOut).then(|| Node { value: Value::Bool(false), ..node });
        }
        if let Some(meta) = &mut node.meta {
            meta.raw = None;
        }
        let mut wanted = "";
        let value = match shape {
            Shape::Text => text(&node).or_else(|| none(&mut wanted, "text")),
            Shape::Bool | Shape::MaybeBool | Shape::PlainBool | Shape::OptOut => {
                boolean(&node).or_else(|| none(&mut wanted, "`true` or `false`"))
            }
            Shape::Int | Shape::MaybeInt | Shape::PlainInt => {
                whole(&node).or_else(|| none(&mut wanted, "a whole number"))
            }
            Shape::Count | Shape::MaybeCount => whole(&node)
                .filter(|v| !matches!(v, Value::Int(..0)))
                .or_else(|| none(&mut wanted, "a number from 0 up")),
            Shape::Float | Shape::Cpus => single(&node).or_else(|| none(&mut wanted, "a number")),
            Shape::Duration | Shape::MaybeDuration => {
                let printed = units::duration(&go_text::text(&node));
                printed.map(duration).or_else(|| none(&mut wanted, "a duration such as `1m30s`"))
            }
            Shape::Bytes | Shape::PlainBytes => size(&node).or_else(|| none(&mut wanted, "a size such as `64m`")),
            Shape::Mode => mode(&node).or_else(|| none(&mut wanted, "permissions such as `\"0440\"`")),
            Shape::Devices => devices(&node).or_else(|| none(&mut wanted, "`all` or a number")),
            Shape::Command => arguments(&node).or_else(|| none(&mut wanted, "a list, or text with its quotes closed")),
            Shape::Test => test(&node).or_else(|| none(&mut wanted, "text or a list of texts")),
            Shape::Ulimit => ulimit(&node).or_else(|| none(&mut wanted, "a number, or `soft` and `hard`")),
            _ => return self.collection(node, shape, path),
        };
        let Some(value) = value else {
            self.wrong(&node, wanted, path);
            return None;
        };
        let mut node = Node { value, ..node };
        if let Some(meta) = &mut node.meta {
            meta.tag = None;
        }
        if is_omitted(shape, &node) { None } else { Some(node) }
    }

    fn collection(&mut self, node: Node, shape: Shape, path: &Path<'_>) -> Option<Node> {
        let made = match shape {
            Shape::Struct(fields) => return self.fields(node, fields, path),
            Shape::Loose(fields) => self.fields(node, fields, path),
            Shape::List(item) => self.list(node, *item, path),
            Shape::Map(item) => self.map(node, *item, path),
            Shape::Texts => self.texts(node, path),
            Shape::TextOrTexts => self.texts(listed(node), path),
            Shape::Numbers => self.numbers(listed(node), path),
            Shape::Variables => self.mapping(node, Blank::Null, path),
            Shape::Mapping | Shape::Labels => self.mapping(node, Blank::Text, path),
            Shape::Options => self.options(node, false, path),
            Shape::Strict => self.options(node, true, path),
            Shape::ManyOptions => self.many_options(node, path),
            Shape::Hosts => self.hosts(&node, path),
            Shape::Ssh => self.ssh(node, path),
            _ => None,
        };
        made.filter(|node| !says_nothing(node))
    }

    fn list(&mut self, node: Node, shape: Shape, path: &Path<'_>) -> Option<Node> {
        let span = node.span;
        let Value::Sequence(items) = node.value else {
            self.wrong(&node, "a list", path);
            return None;
        };
        let mut bound = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let at = item.span;
            let made = self.value(item, shape, &path.item(index));
            bound.push(made.unwrap_or_else(|| Node::new(Value::Null, at)));
        }
        Some(Node::new(Value::Sequence(bound), span))
    }

    fn map(&mut self, node: Node, shape: Shape, path: &Path<'_>) -> Option<Node> {
        let span = node.span;
        let Value::Mapping(map) = node.value else {
            self.wrong(&node, "a mapping", path);
            return None;
        };
        let named_freely = matches!(path.parts().as_slice(), ["services", _, "depends_on" | "networks" | "models"]);
        let mut bound = Map::default();
        for (key, item) in map {
            if key.text.starts_with("x-") && !named_freely {
                continue;
            }
            let at = item.span;
            let made = self.value(item, shape, &path.key(&key.text));
            bound.insert(key, made.unwrap_or_else(|| Node::new(Value::Null, at)));
        }
        Some(Node::new(Value::Mapping(bound), span))
    }

    fn texts(&mut self, node: Node, path: &Path<'_>) -> Option<Node> {
        let span = node.span;
        let Value::Sequence(items) = node.value else {
            self.wrong(&node, "a list", path);
            return None;
        };
        let mut bound = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            match if item.is_null() { Some(Value::String(String::new())) } else { text(&item) } {
                Some(value) => bound.push(Node { value, ..item }),
                None => self.wrong(&item, "text", &path.item(index)),
            }
        }
        Some(Node::new(Value::Sequence(bound), span))
    }

    fn numbers(&mut self, node: Node, path: &Path<'_>) -> Option<Node> {
        let span = node.span;
        let Value::Sequence(items) = node.value else {
            self.wrong(&node, "a list", path);
            return None;
        };
        let bound = items.into_iter().map(|item| Node { value: Value::String(go_text::text(&item)), ..item });
        Some(Node::new(Value::Sequence(bound.collect()), span))
    }

    /// A mapping, or a list of `KEY=VALUE` as one.
    fn mapping(&mut self, node: Node, blank: Blank, path: &Path<'_>) -> Option<Node> {
        let span = node.span;
        let mut bound = Map::default();
        match node.value {
            Value::Mapping(map) => {
                for (key, value) in map {
                    let value = blank.entry(value, key.span);
                    bound.insert(key, value);
                }
            }
            Value::Sequence(items) => {
                for item in items {
                    let line = go_text::text(&item);
                    let (key, value) = line.split_once('=').map_or((line.as_str(), None), |(k, v)| (k, Some(v)));
                    if matches!(blank, Blank::Null) && key.ends_with(char::is_whitespace) {
                        let message = format!("`{path}` has a variable name with a space before the `=`: `{key}`");
                        let help = "remove the space";
                        self.run.report(Diagnostic::error("variable-name", message).at(item.span).help(help));
                    }
                    let made = value.map_or_else(|| blank.value(), |value| Value::String(value.to_owned()));
                    bound.shift_remove(key);
                    bound.insert(Key::new(key, item.span), Node { value: made, ..item });
                }
            }
            _ => {
                self.wrong(&node, "a mapping or a list of `KEY=VALUE`", path);
                return None;
            }
        }
        Some(Node::new(Value::Mapping(bound), span))
    }

    fn options(&mut self, node: Node, strict: bool, path: &Path<'_>) -> Option<Node> {
        let span = node.span;
        let Value::Mapping(map) = node.value else {
            self.wrong(&node, "a mapping", path);
            return None;
        };
        let mut bound = Map::default();
        for (key, value) in map {
            if strict && !value.is_null() && text(&value).is_none() {
                self.wrong(&value, "text", &path.key(&key.text));
                continue;
            }
            let value = Blank::Text.entry(value, key.span);
            bound.insert(key, value);
        }
        Some(Node::new(Value::Mapping(bound), span))
    }

    fn many_options(&mut self, node: Node, path: &Path<'_>) -> Option<Node> {
        let span = node.span;
        let Value::Mapping(map) = node.value else {
            self.wrong(&node, "a mapping", path);
            return None;
        };
        let many = |value: Node| {
            let span = value.span;
            let items = if let Value::Sequence(items) = value.value { items } else { vec![value] };
            let items = items.into_iter().map(|item| Node { value: Value::String(go_text::text(&item)), ..item });
            Node::new(Value::Sequence(items.collect()), span)
        };
        let bound =
            map.into_iter().filter(|(key, _)| !key.text.starts_with("x-")).map(|(key, value)| (key, many(value)));
        Some(Node::new(Value::Mapping(bound.collect()), span))
    }

    /// `HOST=ADDRESS`, sorted.
    fn hosts(&mut self, node: &Node, path: &Path<'_>) -> Option<Node> {
        let span = node.span;
        let mut pairs: Vec<(String, String, Node)> = Vec::new();
        match &node.value {
            Value::Mapping(map) => {
                for (key, value) in map.iter().filter(|(key, _)| !key.text.starts_with("x-")) {
                    let items = value.as_seq().unwrap_or(std::slice::from_ref(value));
                    for item in items {
                        let address = if item.is_null() { String::new() } else { go_text::text(item) };
                        pairs.push((key.text.clone(), address, item.clone()));
                    }
                }
            }
            Value::Sequence(items) => {
                for item in items {
                    let line = go_text::text(item);
                    let Some((host, addresses)) = line.split_once('=').or_else(|| line.split_once(':')) else {
                        self.wrong(item, "`HOST=ADDRESS`", path);
                        continue;
                    };
                    pairs.extend(addresses.split(',').map(|a| (host.to_owned(), a.to_owned(), item.clone())));
                }
            }
            _ => {
                self.wrong(node, "a mapping or a list of `HOST=ADDRESS`", path);
                return None;
            }
        }
        if let Some((_, _, bad)) = pairs.iter().find(|(host, ..)| host.is_empty() || host.contains([':', '='])) {
            self.wrong(&bad.clone(), "a list of host names with an address each", path);
        }
        let mut lines: Vec<Node> = pairs
            .iter()
            .map(|(host, ip, from)| derived(Node::from(format!("{host}={}", unbracketed(ip))), from))
            .collect();
        lines.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        Some(Node::new(Value::Sequence(lines), span))
    }

    fn ssh(&mut self, node: Node, path: &Path<'_>) -> Option<Node> {
        let span = node.span;
        let Value::Mapping(map) = node.value else {
            self.wrong(&node, "a mapping", path);
            return None;
        };
        let line = |(key, value): (Key, Node)| {
            let file = if value.is_null() { String::new() } else { go_text::text(&value) };
            let text = if file.is_empty() { key.text } else { format!("{}={file}", key.text) };
            let span = if value.span.is_none() { key.span } else { value.span };
            Node { value: Value::String(text), span, ..value }
        };
        let entries = map.into_iter().filter(|(key, _)| !key.text.starts_with("x-"));
        Some(Node::new(Value::Sequence(entries.map(line).collect()), span))
    }
}

/// Notes what was wanted and gives nothing.
fn none<T>(slot: &mut &'static str, wanted: &'static str) -> Option<T> {
    *slot = wanted;
    None
}

/// A value as a message shows it.
fn shown(node: &Node) -> String {
    match &node.value {
        Value::Sequence(_) | Value::Mapping(_) | Value::Null => node.type_name().to_owned(),
        _ => format!("`{}`", go_text::text(node)),
    }
}

/// What a key without a value means.
#[derive(Clone, Copy)]
enum Blank {
    Text,
    Null,
}

impl Blank {
    fn value(self) -> Value {
        match self {
            Self::Text => Value::String(String::new()),
            Self::Null => Value::Null,
        }
    }

    fn entry(self, node: Node, key: Span) -> Node {
        let value = if node.is_null() { self.value() } else { Value::String(go_text::text(&node)) };
        let span = if node.span.is_none() { key } else { node.span };
        Node { value, span, ..node }
    }
}

fn is_omitted(shape: Shape, node: &Node) -> bool {
    match (shape, &node.value) {
        (Shape::Text | Shape::Bytes, Value::String(text)) => {
            text.is_empty() || (matches!(shape, Shape::Bytes) && text == "0")
        }
        (Shape::Bool, Value::Bool(truth)) => !truth,
        (Shape::OptOut, Value::Bool(truth)) => *truth,
        (Shape::Int | Shape::Count | Shape::Devices | Shape::Float | Shape::Cpus, Value::Int(number)) => *number == 0,
        (Shape::Float | Shape::Cpus, Value::Float(number)) => *number == 0.0,
        (Shape::Duration, Value::String(text)) => text == "0s",
        (Shape::Test, Value::Sequence(items)) => items.is_empty(),
        (Shape::Command, Value::Null) => true,
        _ => false,
    }
}

fn text(node: &Node) -> Option<Value> {
    match &node.value {
        Value::String(_) if go_text::is_time(node) => None,
        Value::String(_) => Some(node.value.clone()),
        Value::Int(number) => Some(Value::String(number.to_string())),
        _ => None,
    }
}

fn boolean(node: &Node) -> Option<Value> {
    match &node.value {
        Value::Bool(_) => Some(node.value.clone()),
        Value::String(text) => truth(text).map(Value::Bool),
        _ => None,
    }
}

fn whole(node: &Node) -> Option<Value> {
    match &node.value {
        Value::Int(_) => Some(node.value.clone()),
        #[allow(clippy::cast_possible_truncation)]
        Value::Float(number) => Some(Value::Int(*number as i64)),
        Value::String(text) => integer(text).map(Value::Int),
        _ => None,
    }
}

/// A number of single precision: its nearest neighbour, in the fewest digits that name it.
fn single(node: &Node) -> Option<Value> {
    #[allow(clippy::cast_precision_loss)]
    let number = match &node.value {
        Value::Int(number) => *number as f64,
        Value::Float(number) => *number,
        Value::String(text) => number(text)?,
        _ => return None,
    };
    #[allow(clippy::cast_possible_truncation)]
    let shortest = (number as f32).to_string();
    if let Ok(whole) = shortest.parse::<i64>() {
        return Some(Value::Int(whole));
    }
    shortest.parse().ok().map(Value::Float)
}

fn duration(nanoseconds: i64) -> Value {
    Value::String(units::print_duration(nanoseconds))
}

fn size(node: &Node) -> Option<Value> {
    let bytes = match &node.value {
        Value::Int(number) => *number,
        Value::String(text) => units::bytes(text)?,
        // docker compose reads neither fractions nor truth values here, and takes them for nothing.
        _ => 0,
    };
    Some(Value::String(bytes.to_string()))
}

fn mode(node: &Node) -> Option<Value> {
    let mode = match &node.value {
        Value::Int(number) => *number,
        Value::String(text) => i64::from_str_radix(text, 8).ok()?,
        _ => return None,
    };
    Some(Value::String(if mode < 0 { format!("0-{:o}", mode.unsigned_abs()) } else { format!("0{mode:o}") }))
}

fn devices(node: &Node) -> Option<Value> {
    match &node.value {
        Value::Int(_) => Some(node.value.clone()),
        Value::String(text) if text.eq_ignore_ascii_case("all") => Some(Value::Int(-1)),
        Value::String(text) => integer(text).map(Value::Int),
        _ => None,
    }
}

fn arguments(node: &Node) -> Option<Value> {
    match &node.value {
        Value::String(line) => {
            let words = command::words(line)?;
            Some(Value::Sequence(words.into_iter().map(|word| derived(Node::from(word), node)).collect()))
        }
        Value::Sequence(items) if items.iter().all(|item| item.as_str().is_some()) => Some(node.value.clone()),
        // Anything else is taken for no command at all.
        Value::Sequence(_) => None,
        _ => Some(Value::Null),
    }
}

fn test(node: &Node) -> Option<Value> {
    match &node.value {
        Value::String(text) => {
            let line = [Node::from("CMD-SHELL"), Node::from(text.as_str())].map(|word| derived(word, node));
            Some(Value::Sequence(line.to_vec()))
        }
        Value::Sequence(items) if items.iter().all(|item| item.as_str().is_some()) => Some(node.value.clone()),
        _ => None,
    }
}

fn ulimit(node: &Node) -> Option<Value> {
    match &node.value {
        Value::Int(0) => Some(Value::Mapping(Map::default())),
        Value::Int(_) => Some(node.value.clone()),
        Value::Mapping(map) => {
            let limits = ["soft", "hard"].into_iter().filter_map(|key| map.get_key_value(key));
            if limits.clone().any(|(_, limit)| limit.as_int().is_none()) {
                return None;
            }
            let set = limits.filter(|(_, limit)| limit.as_int() != Some(0));
            Some(Value::Mapping(set.map(|(key, limit)| (key.clone(), limit.clone())).collect()))
        }
        _ => None,
    }
}

fn listed(node: Node) -> Node {
    if node.as_str().is_some() { Node::new(Value::Sequence(vec![node.clone()]), node.span) } else { node }
}

/// An IPv6 address without its brackets.
fn unbracketed(address: &str) -> &str {
    match address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(bare) if !bare.is_empty() => bare,
        _ => address,
    }
}
