//! Text to tree on granit-parser's events. Only events cross this border, so another parser could take its place.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, Tag};

use super::node::{Key, Map, Node, Value};
use crate::diagnostic::{Checked, Diagnostic};
use crate::span::{FileId, Span};

/// Reads every document of a text. Aliases and merge keys are expanded; tags of Compose's own stay on their nodes.
///
/// Errors: `yaml-syntax`, `yaml-duplicate-key`, `yaml-merge`. On a syntax error the documents before it are given.
pub fn parse(file: FileId, text: &str) -> Checked<Vec<Node>> {
    let mut builder = Builder { file, anchors: BTreeMap::new(), diagnostics: Vec::new() };
    let mut documents = Vec::new();
    let mut stack: Vec<Open> = Vec::new();
    for next in Parser::new_from_str(text) {
        let (event, span) = match next {
            Ok(pair) => pair,
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(0);
                let fault = Diagnostic::error("yaml-syntax", error.info().to_string());
                builder.diagnostics.push(fault.at(Span::new(file, at, at)));
                break;
            }
        };
        let range = span.byte_range().unwrap_or(0..0);
        let span = Span::new(file, range.start, range.end);
        let done = match event {
            Event::Scalar(text, style, anchor, tag) => {
                Some((builder.scalar(&text, style, tag.as_deref(), span), anchor))
            }
            Event::SequenceStart(_, anchor, tag) => {
                stack.push(Open::sequence(span, anchor, tag.as_deref()));
                None
            }
            Event::MappingStart(_, anchor, tag) => {
                stack.push(Open::mapping(span, anchor, tag.as_deref()));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => stack.pop().map(|open| builder.close(open, span)),
            Event::Alias(id) => builder.anchors.get(&id).cloned().map(|node| (node, 0)),
            _ => None,
        };
        let Some((node, anchor)) = done else { continue };
        if anchor != 0 {
            builder.anchors.insert(anchor, node.clone());
        }
        match stack.last_mut() {
            Some(open) => open.push(node, span),
            None => documents.push(node),
        }
    }
    Checked::new(documents, builder.diagnostics)
}

/// A collection whose end has not come yet. A mapping's children are keys and values in turn.
struct Open {
    span: Span,
    anchor: usize,
    tag: Option<String>,
    mapping: bool,
    children: Vec<(Node, Span)>,
}

impl Open {
    fn sequence(span: Span, anchor: usize, tag: Option<&Tag>) -> Self {
        Self { span, anchor, tag: tag.and_then(local), mapping: false, children: Vec::new() }
    }

    fn mapping(span: Span, anchor: usize, tag: Option<&Tag>) -> Self {
        Self { mapping: true, ..Self::sequence(span, anchor, tag) }
    }

    fn push(&mut self, node: Node, span: Span) {
        self.children.push((node, span));
    }
}

/// A tag that is not of YAML's core schema, as written: `!reset`.
fn local(tag: &Tag) -> Option<String> {
    (tag.handle() == "!").then(|| format!("!{}", tag.suffix()))
}

struct Builder {
    file: FileId,
    anchors: BTreeMap<usize, Node>,
    diagnostics: Vec<Diagnostic>,
}

impl Builder {
    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Node {
        let core = tag.filter(|t| t.handle() != "!").map(Tag::suffix);
        let value = match (core, style) {
            (Some("str"), _) => Value::String(text.to_owned()),
            (None, ScalarStyle::Plain) => resolve(text),
            (Some(_), _) => resolve(text),
            (None, _) => Value::String(text.to_owned()),
        };
        let raw = (!matches!(value, Value::String(_) | Value::Null | Value::Bool(_))).then(|| text.to_owned());
        let mut node = Node::new(value, span);
        if raw.is_some() {
            node.meta_mut().raw = raw;
        }
        if let Some(tag) = tag.and_then(local) {
            node.meta_mut().tag = Some(tag);
        }
        node
    }

    fn close(&mut self, open: Open, end: Span) -> (Node, usize) {
        let span = Span { file: self.file, start: open.span.start, end: end.end };
        let value = if open.mapping {
            Value::Mapping(self.entries(open.children))
        } else {
            Value::Sequence(open.children.into_iter().map(|(node, _)| node).collect())
        };
        let mut node = Node::new(value, span);
        if let Some(tag) = open.tag {
            node.meta_mut().tag = Some(tag);
        }
        (node, open.anchor)
    }

    fn entries(&mut self, children: Vec<(Node, Span)>) -> Map {
        let mut map = Map::default();
        let mut merged = Vec::new();
        let mut children = children.into_iter();
        while let (Some((key, at)), Some((node, _))) = (children.next(), children.next()) {
            let text = match &key.value {
                Value::String(text) => text.clone(),
                _ => key.raw().map(str::to_owned).unwrap_or_default(),
            };
            if text == "<<" {
                merged.push(node);
                continue;
            }
            if let Some((first, _)) = map.get_key_value(text.as_str()).map(|(k, _)| (k.span, ())) {
                let message = format!("key `{text}` is given twice");
                let fault = Diagnostic::error("yaml-duplicate-key", message).at(at).related(first, "first given here");
                self.diagnostics.push(fault);
                continue;
            }
            map.insert(Key::new(text, at), node);
        }
        for node in merged {
            self.merge(&mut map, node);
        }
        map
    }

    /// Adds the entries of a `<<` value that the mapping does not have itself.
    fn merge(&mut self, map: &mut Map, node: Node) {
        match node.value {
            Value::Mapping(entries) => {
                for (key, value) in entries {
                    map.entry(key).or_insert(value);
                }
            }
            Value::Sequence(items) => items.into_iter().for_each(|item| self.merge(map, item)),
            _ => {
                let message = "`<<` takes a mapping or a list of mappings";
                self.diagnostics.push(Diagnostic::error("yaml-merge", message).at(node.span));
            }
        }
    }
}

/// The value of a plain scalar.
fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(number) = text.parse::<i64>() {
        return Value::Int(number);
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
        if let Ok(number) = text.parse::<f64>() {
            return Value::Float(number);
        }
    }
    Value::String(text.to_owned())
}
