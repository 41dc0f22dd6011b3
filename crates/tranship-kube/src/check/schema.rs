//! Compares an object with the embedded schema of its kind, as strictly as the server does: unknown fields, types,
//! required fields, formats, closed sets of values, equal items of lists that must differ.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use tranship_source::yaml::{Map, Node, Value};

use super::look::Look;
use super::pack::{self, Field, ListOf, Pack, Schema};
use super::quantity::Quantity;
use super::report::Report;
use super::{enums, suggest};
use crate::{KubeVersion, Object};

/// Reports everything about an object that its schema does not allow.
pub fn check(object: &Object, version: KubeVersion, report: &mut Report<'_>) {
    let pack = pack::pack();
    for (key, value) in [("apiVersion", object.api_version()), ("kind", object.kind())] {
        if value.is_empty() {
            report.fault_at(&object.tree, key, "kube-required", "is missing", format!("set `{key}`"));
        }
    }
    if object.api_version().is_empty() || object.kind().is_empty() {
        return;
    }
    let Some(definition) = pack.kind(object.api_version(), object.kind(), version) else {
        return no_such_kind(object, version, pack, report);
    };
    let (_, number) = pack::split(object.api_version());
    if number.contains("alpha") || number.contains("beta") {
        let what = format!("{} is switched off unless the cluster's administrator turns it on", object.api_version());
        let homes = pack.homes_of(object.kind(), version);
        let stable = homes.into_iter().find(|home| !home.contains("alpha") && !home.contains("beta"));
        let help = stable.map_or("use another kind".to_owned(), |home| format!("write `apiVersion: {home}`"));
        report.fault_at(&object.tree, "apiVersion", "kube-kind-not-served", what, help);
    }
    let mut walk = Walk { pack, version, report };
    walk.root(&object.tree, definition);
}

/// Says why a kind is not known, unless it is a custom resource, whose kind only the cluster knows.
fn no_such_kind(object: &Object, version: KubeVersion, pack: &Pack, report: &mut Report<'_>) {
    let (api_version, kind) = (object.api_version(), object.kind());
    let (group, _) = pack::split(api_version);
    if !pack.has_group(api_version) && group.contains('.') {
        return;
    }
    let homes = pack.homes_of(kind, version);
    let known = pack.versions_of(api_version, kind);
    let since = known.iter().find(|known| **known > version);
    let removed = known.iter().any(|known| *known < version) || (known.is_empty() && !homes.is_empty());
    let home = homes.first().map(|home| format!("write `apiVersion: {home}`"));
    let (code, what) = match since {
        Some(since) => ("kube-newer-kind", format!("Kubernetes {version} has no {api_version} {kind}; {since} has")),
        None if removed => ("kube-removed-kind", format!("Kubernetes {version} no longer has {api_version} {kind}")),
        None => ("kube-unknown-kind", format!("Kubernetes {version} has no {api_version} {kind}")),
    };
    let help = home.unwrap_or_else(|| replacement(kind, version, pack));
    report.fault_at(&object.tree, "kind", code, what, help);
}

/// What to write instead of a kind that no `apiVersion` has any more.
fn replacement(kind: &str, version: KubeVersion, pack: &Pack) -> String {
    if kind == "PodSecurityPolicy" {
        return "label the Namespace with `pod-security.kubernetes.io/enforce` instead".to_owned();
    }
    match suggest::nearest(kind, pack.kind_names(version).into_iter()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "leave the object out or use a kind of this version".to_owned(),
    }
}

struct Walk<'a, 'r> {
    pack: &'static Pack,
    version: KubeVersion,
    report: &'a mut Report<'r>,
}

impl Walk<'_, '_> {
    /// The object itself. Its `status` is written by the server, which reads it but does not ask for anything in it.
    fn root(&mut self, tree: &Node, definition: usize) {
        let Schema::Fields(fields) = self.pack.schema(definition, self.version) else { return };
        let Some(map) = tree.as_map() else { return };
        for (key, node) in map {
            match key.text.as_str() {
                "apiVersion" | "kind" | "status" => {}
                name => self.entry(tree, name, node, fields, definition),
            }
        }
        self.required(tree, map, fields);
    }

    fn node(&mut self, node: &Node, schema: &'static Schema, owner: usize) {
        match schema {
            Schema::Any => {}
            Schema::Reference(definition) => {
                let schema = self.pack.schema(*definition, self.version);
                self.node(node, schema, *definition);
            }
            Schema::Fields(fields) => self.fields(node, fields, owner),
            Schema::Map(values) => self.map(node, values, owner),
            Schema::List(items, of) => self.list(node, items, of, owner),
            _ => self.scalar(node, schema),
        }
    }

    fn fields(&mut self, node: &Node, fields: &'static [Field], owner: usize) {
        let empty = Map::default();
        let map = match &node.value {
            Value::Mapping(map) => map,
            Value::Null => &empty,
            _ => return self.wrong_type(node, "a mapping", "write its fields below it"),
        };
        for (key, value) in map {
            self.entry(node, &key.text, value, fields, owner);
        }
        self.required(node, map, fields);
    }

    fn entry(&mut self, parent: &Node, name: &str, value: &Node, fields: &'static [Field], owner: usize) {
        let Some(field) = pack::find(fields, name) else { return self.unknown(parent, name, fields, owner) };
        if value.is_null() {
            return;
        }
        self.node(value, &field.schema, owner);
        if matches!(field.schema, Schema::Text | Schema::List(..)) {
            self.one_of(value, owner, name);
        }
    }

    fn required(&mut self, node: &Node, map: &Map, fields: &[Field]) {
        for field in fields.iter().filter(|field| field.required) {
            let what = match map.get(field.name) {
                None => "is missing",
                Some(value) if value.is_null() => "is null, which counts as missing",
                Some(_) => continue,
            };
            self.report.fault_at(node, field.name, "kube-required", what, format!("set `{}`", field.name));
        }
    }

    fn unknown(&mut self, parent: &Node, name: &str, fields: &[Field], owner: usize) {
        let elsewhere = self.pack.versions_with_field(owner, name);
        if let Some(since) = elsewhere.iter().find(|version| **version > self.version) {
            let what = format!("Kubernetes {} has no such field; {since} has", self.version);
            let help = format!("leave it out, or target Kubernetes {since}");
            return self.report.fault_key(parent, name, "kube-newer-field", what, help);
        }
        if let Some(last) = elsewhere.last() {
            let what = format!("Kubernetes {} has no such field any more; {last} was the last", self.version);
            return self.report.fault_key(parent, name, "kube-removed-field", what, "leave it out");
        }
        let known = || fields.iter().map(|field| field.name);
        let help = match suggest::nearest(name, known()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("it takes {}", known().collect::<Vec<_>>().join(", ")),
        };
        self.report.fault_key(parent, name, "kube-unknown-field", "there is no such field", help);
    }

    fn map(&mut self, node: &Node, values: &'static Schema, owner: usize) {
        let Some(map) = node.as_map() else {
            return self.wrong_type(node, "a mapping", "write keys and values below it");
        };
        for value in map.values().filter(|value| !value.is_null()) {
            self.node(value, values, owner);
        }
    }

    fn list(&mut self, node: &Node, schema: &'static Schema, of: &'static ListOf, owner: usize) {
        let Some(items) = node.as_seq() else {
            return self.wrong_type(node, "a list", "write each item on a line of its own after `- `");
        };
        for item in items {
            if !item.is_null() || matches!(schema, Schema::Reference(_) | Schema::Fields(_)) {
                self.node(item, schema, owner);
            }
        }
        match of {
            ListOf::Items => {}
            ListOf::Set => self.repeated(items, |item| vec![item], "this item is there already"),
            ListOf::Keyed(keys) => {
                let what = format!("another item has the same {}", keys.join(" and "));
                self.repeated(items, |item| keys.iter().map(|key| key_of(item, key)).collect(), &what);
            }
        }
    }

    fn repeated<'n>(&mut self, items: &'n [Node], key: impl Fn(&'n Node) -> Vec<&'n Node>, what: &str) {
        if items.len() < 2 {
            return;
        }
        let mut seen = BTreeSet::new();
        for item in items {
            let key = key(item);
            let nothing = key.iter().all(|node| node.is_null());
            let is_new = seen.insert(key.into_iter().map(Scalar::of).collect::<Vec<_>>());
            if !nothing && !is_new {
                self.report.fault(item, "kube-duplicate-item", what, "keep one of them");
            }
        }
    }

    fn scalar(&mut self, node: &Node, schema: &Schema) {
        match schema {
            Schema::Text if node.as_str().is_none() => {
                self.wrong_type(node, "a string", "write it in quotes");
            }
            Schema::Bytes => match node.as_str() {
                None => self.wrong_type(node, "base64 text", "encode it with base64"),
                Some(text) if !is_base64(text) => {
                    let help = "encode it with base64, or use `stringData` for plain text";
                    self.report.fault(node, "kube-format", "is not base64", help);
                }
                Some(_) => {}
            },
            Schema::Time if !node.as_str().is_some_and(is_time) => {
                let help = "write it as `2006-01-02T15:04:05Z`";
                self.report.fault(node, "kube-format", "is no date with time", help);
            }
            Schema::Bool if node.as_bool().is_none() => {
                self.wrong_type(node, "true or false", "write `true` or `false` without quotes");
            }
            Schema::Int32 => self.whole(node, i64::from(i32::MIN)..=i64::from(i32::MAX)),
            Schema::Int64 => self.whole(node, i64::MIN..=i64::MAX),
            Schema::Number if !matches!(node.value, Value::Int(_) | Value::Float(_)) => {
                self.wrong_type(node, "a number", "write a number without quotes");
            }
            Schema::IntOrText if node.as_str().is_none() => {
                self.whole(node, i64::from(i32::MIN)..=i64::from(i32::MAX));
            }
            Schema::Quantity if Quantity::of(node).is_none() => {
                let help = "write a number with or without a suffix such as `500m`, `1.5`, `64Mi` or `2Gi`";
                self.report.fault(node, "kube-quantity", "is no amount", help);
            }
            _ => {}
        }
    }

    fn whole(&mut self, node: &Node, range: std::ops::RangeInclusive<i64>) {
        match node.value {
            Value::Int(number) if range.contains(&number) => {}
            Value::Int(_) => {
                let what = format!("does not fit between {} and {}", range.start(), range.end());
                self.report.fault(node, "kube-type", what, "write a smaller number");
            }
            Value::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => {}
            _ => self.wrong_type(node, "a whole number", "write a whole number without quotes"),
        }
    }

    fn wrong_type(&mut self, node: &Node, expected: &str, help: &str) {
        let what = format!("must be {expected}, is {}", node.type_name());
        self.report.fault(node, "kube-type", what, help);
    }

    /// Reports a text, or the items of a list, that are none of the values a field may have.
    fn one_of(&mut self, node: &Node, owner: usize, field: &str) {
        let Some(values) = enums::values(self.pack.name(owner), field) else { return };
        let items = node.as_seq().unwrap_or(std::slice::from_ref(node));
        for item in items {
            let Some(text) = item.as_str().filter(|text| !text.is_empty()) else { continue };
            let allowed: Vec<&str> = enums::allowed(values, self.version).collect();
            if allowed.contains(&text) {
                continue;
            }
            let help = match suggest::nearest(text, allowed.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("write one of {}", allowed.join(", ")),
            };
            self.report.fault(item, "kube-enum", format!("`{text}` is not one of {}", allowed.join(", ")), help);
        }
    }
}

/// The value of a key field of a list item. An absent protocol is TCP, as the server fills it in.
/// A value that items are told apart by, with an order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Scalar<'n> {
    Null,
    Bool(bool),
    Int(i64),
    Text(Cow<'n, str>),
    /// Anything else, as it is written.
    Other(String),
}

impl<'n> Scalar<'n> {
    fn of(node: &'n Node) -> Self {
        match &node.value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Int(number) => Self::Int(*number),
            Value::String(text) => Self::Text(Cow::Borrowed(text)),
            Value::Float(_) | Value::Sequence(_) | Value::Mapping(_) => Self::Other(tranship_source::yaml::write(node)),
        }
    }
}

fn key_of<'n>(item: &'n Node, key: &str) -> &'n Node {
    static TCP: LazyLock<Node> = LazyLock::new(|| Node::from("TCP"));
    static NULL: LazyLock<Node> = LazyLock::new(|| Value::Null.into());
    match item.field(key) {
        Some(value) => value,
        None if key == "protocol" => &TCP,
        None => &NULL,
    }
}

/// Base64 of RFC 4648 with padding; line breaks do not count.
fn is_base64(text: &str) -> bool {
    use base64::Engine;
    let joined: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    base64::engine::general_purpose::STANDARD.decode(joined).is_ok()
}

/// A date with time of RFC 3339.
fn is_time(text: &str) -> bool {
    let shape = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(b, s)| if s == b'0' { b.is_ascii_digit() } else { b == s })
    };
    let Some((date_time, rest)) = text.split_at_checked(19) else { return false };
    if !shape(date_time, "0000-00-00T00:00:00") {
        return false;
    }
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if zone.len() == fraction.len() {
                return false;
            }
            zone
        }
        None => rest,
    };
    rest == "Z" || shape(rest, "+00:00") || shape(rest, "-00:00")
}
