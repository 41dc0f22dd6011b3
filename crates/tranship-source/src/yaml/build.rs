//! Events to nodes: anchors, aliases, merge keys, duplicate keys, comments, and the limits that keep all this bounded.

use std::collections::HashMap;

use granit_parser::{Placement, ScalarStyle, Tag};

use super::map::Map;
use super::node::{Key, Node, Value};
use super::parse::{Built, ParseOptions, Place};
use super::scalar::{self, Resolved};
use crate::diagnostic::Diagnostic;
use crate::hash::BuildQuick;
use crate::span::{FileId, Span};

/// Levels that lists and mappings may nest once aliases are put in. Every walk over a tree may recurse this deep.
const MAX_DEPTH: usize = 512;

/// Nodes that aliases may add: this many, and as many again for each ten of the file's own.
const FREE_WEIGHT: usize = 500_000;
const WEIGHT_PER_OWN_NODE: usize = 10;

/// A text counts as one more node for each so many bytes.
const BYTES_PER_NODE: usize = 64;

/// Faults kept of one text; the last one then says how many more there are.
const MAX_FAULTS: usize = 200;

/// A collection whose end has not come yet. A mapping's children are keys and values in turn.
pub(super) struct Open {
    start: u32,
    flow: bool,
    pub(super) anchor: usize,
    tag: Option<String>,
    pub(super) mapping: bool,
    pub(super) comments: Vec<String>,
    children: Vec<(Built, Span)>,
}

impl Open {
    pub(super) fn new(
        span: Span,
        flow: bool,
        anchor: usize,
        tag: Option<&Tag>,
        mapping: bool,
        tag_at: Option<usize>,
    ) -> Self {
        let start = tag_at.and_then(|at| u32::try_from(at).ok()).unwrap_or(span.start);
        Self { start, flow, anchor, tag: tag.and_then(local), mapping, comments: Vec::new(), children: Vec::new() }
    }

    pub(super) fn key_is_next(&self) -> bool {
        self.children.len().is_multiple_of(2)
    }

    pub(super) fn push(&mut self, built: Built, span: Span) {
        self.children.push((built, span));
    }
}

/// A tag that is not of YAML's own schemas, as written: `!reset`.
fn local(tag: &Tag) -> Option<String> {
    (tag.handle() == "!").then(|| format!("!{}", tag.suffix()))
}

/// The name of one of YAML's own tags: `str` for `!!str`.
fn own(tag: &Tag) -> Option<&str> {
    match tag.handle() {
        "tag:yaml.org,2002:" => Some(tag.suffix()),
        "" => tag.suffix().strip_prefix("tag:yaml.org,2002:"),
        _ => None,
    }
}

pub(super) struct Builder {
    file: FileId,
    options: ParseOptions,
    anchors: HashMap<usize, Built, BuildQuick>,
    /// Comments that wait for the key or item below them.
    pending: Vec<String>,
    diagnostics: Vec<Diagnostic>,
    /// Faults beyond [`MAX_FAULTS`].
    unlisted: usize,
    /// Weight of the file's own nodes, and of what aliases added.
    parsed: usize,
    expanded: usize,
    /// Whether reading must end: the text expands beyond its limits.
    pub(super) exhausted: bool,
}

impl Builder {
    pub(super) fn new(file: FileId, options: ParseOptions) -> Self {
        Self {
            file,
            options,
            anchors: HashMap::default(),
            pending: Vec::new(),
            diagnostics: Vec::new(),
            unlisted: 0,
            parsed: 0,
            expanded: 0,
            exhausted: false,
        }
    }

    pub(super) fn fault(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_FAULTS {
            self.diagnostics.push(diagnostic);
        } else {
            self.unlisted += 1;
        }
    }

    pub(super) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        if self.unlisted > 0 {
            let message = format!("{} more faults of this file are not listed", self.unlisted);
            self.diagnostics.push(Diagnostic::error("yaml-syntax", message));
        }
        self.diagnostics
    }

    pub(super) fn begin_document(&mut self) {
        self.anchors.clear();
    }

    pub(super) fn comment(&mut self, text: &str, placement: Placement) {
        if matches!(placement, Placement::Above | Placement::Free) {
            self.pending.push(text.strip_prefix(' ').unwrap_or(text).to_owned());
        }
    }

    pub(super) fn take_comments(&mut self) -> Vec<String> {
        std::mem::take(&mut self.pending)
    }

    fn comments_for(&mut self, place: Place) -> Vec<String> {
        match place {
            Place::Item | Place::Key => self.take_comments(),
            Place::Root | Place::Value => {
                self.pending.clear();
                Vec::new()
            }
        }
    }

    /// A finished node whose comments go onto it, or wait for its value when it is a key.
    fn built(node: Node, weight: usize, place: Place, comments: Vec<String>, key: Option<String>) -> Built {
        let mut built = Built { node, weight, height: 1, comments: Vec::new(), key };
        match place {
            Place::Key => built.comments = comments,
            _ if comments.is_empty() => {}
            _ => built.node.meta_mut().comments = comments,
        }
        built
    }

    pub(super) fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
        place: Place,
    ) -> Built {
        // The parser gives `~` for a value that is not there.
        let text = if style == ScalarStyle::Plain && span.start == span.end { "" } else { text };
        let comments = self.comments_for(place);
        let plain = style == ScalarStyle::Plain;
        let resolved = match tag {
            None if plain => scalar::resolve(text),
            None => Resolved::Value(Value::String(text.to_owned())),
            Some(tag) => match own(tag) {
                None => Resolved::Value(Value::String(text.to_owned())),
                Some(name) => scalar::tagged(name, text).unwrap_or_else(|message| {
                    self.fault(Diagnostic::error("yaml-tag", message).at(span));
                    Resolved::Value(Value::Null)
                }),
            },
        };
        let mut node = match resolved {
            Resolved::Value(value) => {
                let raw = differs(&value, text).then(|| text.to_owned());
                let mut node = Node::new(value, span);
                if raw.is_some() {
                    node.meta_mut().raw = raw;
                }
                node
            }
            Resolved::Timestamp(time) => {
                let mut node = Node::new(Value::String(time.rfc3339()), span);
                node.meta_mut().raw = Some(text.to_owned());
                node.meta_mut().tag = Some(scalar::TIMESTAMP.to_owned());
                node
            }
        };
        if let Some(tag) = tag.and_then(local) {
            node.meta_mut().tag = Some(tag);
        }
        let weight = 1 + text.len() / BYTES_PER_NODE;
        self.parsed += weight;
        let merge = place == Place::Key && plain && text == "<<" && tag.is_none();
        // Nearly always the node itself holds the key's text; a quoted `<<` has to be told from a merge key.
        let own = text != "<<" && node.as_str() == Some(text);
        let key = (place == Place::Key && !merge && !own).then(|| text.to_owned());
        Self::built(node, weight, place, comments, key)
    }

    pub(super) fn anchor(&mut self, id: usize, built: &Built, span: Span) {
        if self.spend(built.weight, span) {
            let mut kept = built.clone();
            kept.comments.clear();
            self.anchors.insert(id, kept);
        }
    }

    /// Counts what an anchor or alias adds to the tree; `false` once that is too much.
    fn spend(&mut self, weight: usize, span: Span) -> bool {
        self.expanded += weight;
        if self.expanded <= FREE_WEIGHT + self.parsed * WEIGHT_PER_OWN_NODE {
            return true;
        }
        if !self.exhausted {
            let message = "aliases expand this file to far more than it holds";
            let fault = Diagnostic::error("yaml-expansion", message).at(span);
            self.fault(fault.help("refer to smaller anchors, or fewer times"));
        }
        self.exhausted = true;
        false
    }

    pub(super) fn alias(&mut self, id: usize, span: Span, place: Place, depth: usize) -> Built {
        let comments = self.comments_for(place);
        let Some((weight, height)) = self.anchors.get(&id).map(|target| (target.weight, target.height)) else {
            if !self.exhausted {
                let message = "this alias refers to a value that contains it";
                self.fault(Diagnostic::error("yaml-alias", message).at(span));
            }
            return Self::built(Node::new(Value::Null, span), 1, place, comments, Some(String::new()));
        };
        if depth + height > MAX_DEPTH {
            let message = "lists and mappings nest too deep once this alias is put in";
            self.fault(Diagnostic::error("yaml-depth", message).at(span));
            return Self::built(Node::new(Value::Null, span), 1, place, comments, Some(String::new()));
        }
        if !self.spend(weight, span) {
            return Self::built(Node::new(Value::Null, span), 1, place, comments, Some(String::new()));
        }
        let target = self.anchors.get(&id).cloned();
        let node = target.map_or_else(|| Node::new(Value::Null, span), |t| t.node);
        let key = node.as_str().map(str::to_owned).or_else(|| node.raw().map(str::to_owned));
        let mut built = Self::built(node, weight, place, comments, key);
        built.height = height;
        built
    }

    pub(super) fn unknown_alias(&mut self, name: &str, span: Span) -> Built {
        let message = format!("the alias `*{name}` has no anchor `&{name}` above it");
        let fault = Diagnostic::error("yaml-alias", message).at(span);
        self.fault(fault.help("define the anchor earlier in the same file, or quote the value"));
        Self::built(Node::new(Value::Null, span), 1, Place::Value, Vec::new(), Some(String::new()))
    }

    pub(super) fn close(&mut self, open: Open, end: Span) -> Built {
        let Open { start, flow, anchor: _, tag, mapping, comments, children } = open;
        self.parsed += 1;
        let last = children.last().map_or(start, |(_, span)| span.end);
        let end = if flow { end.end } else { last.max(start) };
        let span = Span { file: self.file, start, end };
        let weight = 1 + children.iter().map(|(built, _)| built.weight).sum::<usize>();
        let height = 1 + children.iter().map(|(built, _)| built.height).max().unwrap_or(0);
        let value = if mapping {
            Value::Mapping(self.entries(children))
        } else {
            Value::Sequence(children.into_iter().map(|(built, _)| built.node).collect())
        };
        let mut node = Node::new(value, span);
        if tag.is_some() {
            node.meta_mut().tag = tag;
        }
        if !comments.is_empty() {
            node.meta_mut().comments = comments;
        }
        Built { node, weight, height, comments: Vec::new(), key: None }
    }

    fn entries(&mut self, children: Vec<(Built, Span)>) -> Map {
        let mut map = Map::with_capacity(children.len() / 2);
        let mut merge: Option<(Span, Node)> = None;
        let mut children = children.into_iter();
        while let (Some((mut key, at)), Some((value, _))) = (children.next(), children.next()) {
            let mut node = value.node;
            if key.key.is_none() && key.node.as_str() == Some("<<") {
                if let Some((first, _)) = &merge {
                    self.duplicate("<<", at, *first);
                } else {
                    merge = Some((at, node));
                }
                continue;
            }
            let Some(text) = self.key_text(&mut key, at) else { continue };
            if !key.comments.is_empty() {
                node.meta_mut().comments = key.comments;
            }
            if let Some((first, _)) = map.get_key_value(text.as_str()) {
                let first = first.span;
                self.duplicate(&text, at, first);
                continue;
            }
            map.push(Key::new(text, at), node);
        }
        if let Some((_, node)) = merge {
            self.merge(&mut map, node, true);
        }
        map
    }

    fn duplicate(&mut self, key: &str, at: Span, first: Span) {
        let message = format!("key `{key}` is given twice in one mapping");
        let fault = Diagnostic::error("yaml-duplicate-key", message).at(at).related(first, "first given here");
        self.fault(fault.help("keep one of the two"));
    }

    /// The text of a key, or `None` for a key that is no scalar. A key that is no string is a fault if options say so.
    fn key_text(&mut self, key: &mut Built, at: Span) -> Option<String> {
        if let Value::Mapping(_) | Value::Sequence(_) = key.node.value {
            let message = format!("{} cannot be a key", key.node.type_name());
            let fault = Diagnostic::error("yaml-key", message).at(key.node.span);
            self.fault(fault.help("quote a key or value that begins with `{` or `[`"));
            return None;
        }
        let is_string = key.node.as_str().is_some() && key.node.tag() != Some(scalar::TIMESTAMP);
        let text = match (key.key.take(), &mut key.node.value) {
            (Some(text), _) => text,
            (None, Value::String(text)) => std::mem::take(text),
            (None, _) => String::new(),
        };
        if self.options.string_keys && !is_string {
            let message = format!("a key must be a string, and `{text}` is {}", kind(&key.node));
            let fault = Diagnostic::error("yaml-key", message).at(at);
            self.fault(fault.fix("put the key in quotes", at, format!("\"{text}\"")));
        }
        Some(text)
    }

    /// Adds the entries of a `<<` value that the mapping does not have itself. A list's earlier items win.
    fn merge(&mut self, map: &mut Map, node: Node, list: bool) {
        match node.value {
            Value::Mapping(entries) => {
                for (key, value) in entries {
                    match map.get_mut(&key) {
                        None => {
                            map.insert(key, value);
                        }
                        // `!reset` drops its key before the merge, so the merged value stands and replaces what an
                        // earlier file says.
                        Some(own) if own.tag() == Some("!reset") => {
                            *own = value;
                            own.meta_mut().tag = Some("!override".to_owned());
                        }
                        Some(_) => {}
                    }
                }
            }
            Value::Sequence(items) if list => items.into_iter().for_each(|item| self.merge(map, item, false)),
            _ => {
                let message = "`<<` takes a mapping or a list of mappings";
                self.fault(Diagnostic::error("yaml-merge", message).at(node.span));
            }
        }
    }
}

fn kind(node: &Node) -> &'static str {
    if node.tag() == Some(scalar::TIMESTAMP) { "a date" } else { node.type_name() }
}

/// Whether printing the value would not give the text back.
fn differs(value: &Value, text: &str) -> bool {
    match value {
        Value::Null => !matches!(text, "" | "null"),
        Value::Bool(truth) => text != if *truth { "true" } else { "false" },
        Value::Int(number) => number.to_string() != text,
        Value::Float(_) => true,
        Value::String(_) | Value::Sequence(_) | Value::Mapping(_) => false,
    }
}
