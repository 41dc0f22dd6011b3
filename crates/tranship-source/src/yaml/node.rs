//! The tree: values with spans, and what is worth keeping beside them.

use std::borrow::{Borrow, Cow};
use std::hash::{Hash, Hasher};

use super::map::Map;
use crate::span::Span;

/// A key and where it was written. Two keys are equal when their text is.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key's text.
    pub text: String,
    /// Where it was written.
    pub span: Span,
}

impl Key {
    /// A key of the file.
    pub fn new(text: impl Into<String>, span: Span) -> Self {
        Self { text: text.into(), span }
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::new(text, Span::NONE)
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self::new(text, Span::NONE)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.text
    }
}

/// What a node holds. Plain scalars are resolved as docker compose resolves them; [`Meta::raw`] keeps the text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping.
    Mapping(Map),
}

/// How a value came to be what it is, beyond the place it was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trail {
    /// Variables that were put into it, with the place that decided each (an env file's line, the default in the text).
    pub variables: Vec<(String, VariableFrom)>,
    /// Places whose value this one replaced, the oldest first.
    pub replaced: Vec<Span>,
}

/// Where a variable's value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableFrom {
    /// The environment of the process.
    Process,
    /// A line of an env file.
    File(Span),
    /// The default or alternative written in the expression itself.
    Expression,
    /// Nowhere: it became empty.
    Unset,
    /// Compose sets it (`COMPOSE_PROJECT_NAME` …).
    Compose,
}

/// What few nodes carry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta {
    /// The tag, such as `!reset` or `!override`; tags of the YAML core schema are resolved and not kept.
    pub tag: Option<String>,
    /// The text of a plain scalar that did not become a string, where printing the value would not give it back.
    pub raw: Option<String>,
    /// Comment lines that belong above the node's key, without `#`.
    pub comments: Vec<String>,
    /// Variables and overrides that made the value.
    pub trail: Option<Trail>,
}

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it holds.
    pub value: Value,
    /// Where it was written; [`Span::NONE`] for values that were decided.
    pub span: Span,
    /// What few nodes carry.
    pub meta: Option<Box<Meta>>,
}

/// Nodes are equal as data: spans, raw text, comments and tags do not count.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Node {
    /// A value with a place.
    pub fn new(value: Value, span: Span) -> Self {
        Self { value, span, meta: None }
    }

    /// A value that was decided, not read.
    pub fn bare(value: impl Into<Self>) -> Self {
        value.into()
    }

    /// The same node said to come from `span`, with everything below it that has no place of its own.
    #[must_use]
    pub fn blamed_on(mut self, span: Span) -> Self {
        self.blame(span);
        self
    }

    /// The same data without places, comments and all else: as if it had been decided.
    #[must_use]
    pub fn unplaced(self) -> Self {
        let value = match self.value {
            Value::Sequence(items) => Value::Sequence(items.into_iter().map(Self::unplaced).collect()),
            Value::Mapping(map) => {
                Value::Mapping(map.into_iter().map(|(key, node)| (Key::from(key.text), node.unplaced())).collect())
            }
            other => other,
        };
        Self::new(value, Span::NONE)
    }

    fn blame(&mut self, span: Span) {
        if self.span.is_none() {
            self.span = span;
        }
        match &mut self.value {
            Value::Sequence(items) => items.iter_mut().for_each(|n| n.blame(span)),
            Value::Mapping(map) => map.values_mut().for_each(|n| n.blame(span)),
            _ => {}
        }
    }

    /// What few nodes carry, made when absent.
    pub fn meta_mut(&mut self) -> &mut Meta {
        self.meta.get_or_insert_with(Box::default)
    }

    /// The tag, if one is kept.
    pub fn tag(&self) -> Option<&str> {
        self.meta.as_ref()?.tag.as_deref()
    }

    /// The text as written, where it differs from the value.
    pub fn raw(&self) -> Option<&str> {
        self.meta.as_ref()?.raw.as_deref()
    }

    /// The text of a scalar, as it is written where that differs from the value; `None` for null, lists and mappings.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        match (&self.value, self.raw()) {
            (Value::String(text), _) => Some(Cow::Borrowed(text)),
            (Value::Bool(_) | Value::Int(_) | Value::Float(_), Some(raw)) => Some(Cow::Borrowed(raw)),
            (Value::Bool(truth), None) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
            (Value::Int(number), None) => Some(Cow::Owned(number.to_string())),
            (Value::Float(number), None) => Some(Cow::Owned(number.to_string())),
            (Value::Null | Value::Sequence(_) | Value::Mapping(_), _) => None,
        }
    }

    /// The text of the scalar under a key.
    pub fn text_at(&self, key: &str) -> Option<Cow<'_, str>> {
        self.get(key).and_then(Self::as_text)
    }

    /// The items of a list; none when it is no list.
    pub fn as_items(&self) -> &[Self] {
        self.as_seq().unwrap_or_default()
    }

    /// The items of the list under a key; none when there is none.
    pub fn items_at(&self, key: &str) -> &[Self] {
        self.get(key).map(Self::as_items).unwrap_or_default()
    }

    /// Adds a comment line above the node's key.
    #[must_use]
    pub fn commented(mut self, line: impl Into<String>) -> Self {
        self.meta_mut().comments.push(line.into());
        self
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// The whole number.
    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(number) = self.value { Some(number) } else { None }
    }

    /// The truth value.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(truth) = self.value { Some(truth) } else { None }
    }

    /// The items of a list.
    pub fn as_seq(&self) -> Option<&[Self]> {
        if let Value::Sequence(items) = &self.value { Some(items) } else { None }
    }

    /// The mapping.
    pub fn as_map(&self) -> Option<&Map> {
        if let Value::Mapping(map) = &self.value { Some(map) } else { None }
    }

    /// The mapping, to change.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        if let Value::Mapping(map) = &mut self.value { Some(map) } else { None }
    }

    /// The value under a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// The value at a path of keys and list positions, such as `["spec", "ports", "0"]`.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, step| match &node.value {
            Value::Mapping(map) => map.get(*step),
            Value::Sequence(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The word for the value's type, as messages use it.
    pub fn type_name(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::String(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Self::new(value, Span::NONE)
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned()).into()
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Value::String(text).into()
    }
}

impl From<bool> for Node {
    fn from(truth: bool) -> Self {
        Value::Bool(truth).into()
    }
}

impl From<i64> for Node {
    fn from(number: i64) -> Self {
        Value::Int(number).into()
    }
}

impl From<f64> for Node {
    fn from(number: f64) -> Self {
        Value::Float(number).into()
    }
}

impl From<Vec<Node>> for Node {
    fn from(items: Vec<Node>) -> Self {
        Value::Sequence(items).into()
    }
}

impl From<Map> for Node {
    fn from(map: Map) -> Self {
        Value::Mapping(map).into()
    }
}

impl<const N: usize> From<[(&str, Node); N]> for Node {
    fn from(entries: [(&str, Node); N]) -> Self {
        Value::Mapping(entries.into_iter().map(|(key, node)| (Key::from(key), node)).collect()).into()
    }
}
