//! From nodes to typed values, without losing one.

use tranship_model::At;
use tranship_model::ledger::{child_path, item_path};
use tranship_source::Span;
use tranship_source::yaml::{Map, Node, Value};

/// What decoding gave, and what it could not place.
#[derive(Clone, Debug)]
pub struct Reading<T> {
    /// The decoded value; `None` when the tree is no mapping.
    pub value: Option<T>,
    /// What no struct has a place for.
    pub gaps: Vec<Gap>,
    /// Keys written without a value, or with an empty list or mapping, where that asks for nothing.
    pub empties: Vec<At>,
    /// Extensions of ours in sections where nothing can be said.
    pub misplaced: Vec<At>,
}

/// A part of the tree that the typed view does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where it stands.
    pub at: At,
    /// What is wrong with it, a clause.
    pub what: String,
}

/// A key of the user's own, `x-…`, with all it holds.
#[derive(Clone, Debug)]
pub struct Extension {
    /// The key.
    pub key: String,
    /// Its path and place; speaks for everything below it.
    pub at: At,
    /// What it holds.
    pub node: Node,
}

/// One entry of a mapping whose keys are the user's.
#[derive(Clone, Debug)]
pub struct Pair<T> {
    /// The key.
    pub key: String,
    /// Where the key is written.
    pub key_span: Span,
    /// What it holds.
    pub value: T,
}

/// A mapping whose keys are the user's, in order.
pub type Pairs<T> = Vec<Pair<T>>;

/// A text that may be written without a value.
#[derive(Clone, Debug)]
pub struct Nullable {
    /// Its path and place.
    pub at: At,
    /// The text, if there is one.
    pub text: Option<String>,
}

/// Collects what could not be placed.
#[derive(Debug, Default)]
pub struct Decoder {
    gaps: Vec<Gap>,
    empties: Vec<At>,
    misplaced: Vec<At>,
}

/// A type that a node can be read as.
pub trait Decode: Sized {
    /// Whether an empty list or mapping says something of its own.
    const EMPTY_SPEAKS: bool = false;

    /// Reads a node; `None` after a gap was noted.
    fn decode(node: &Node, path: &str, decoder: &mut Decoder) -> Option<Self>;
}

/// A type that a key, present or absent, can be read as.
pub trait Field: Sized {
    /// Reads what was found under a key of the section at `path`.
    fn field(found: Option<(&str, &Node)>, path: &str, decoder: &mut Decoder) -> Self;
}

impl Decoder {
    /// What was collected, with the value.
    pub fn finish<T>(self, value: Option<T>) -> Reading<T> {
        Reading { value, gaps: self.gaps, empties: self.empties, misplaced: self.misplaced }
    }

    /// Notes a part that has no place.
    pub fn gap(&mut self, path: &str, span: Span, what: impl Into<String>) {
        self.gaps.push(Gap { at: At::new(path, span), what: what.into() });
    }

    /// The node's mapping; nothing written counts as an empty one.
    pub fn mapping<'a>(&mut self, node: &'a Node, path: &str) -> Option<&'a Map> {
        static EMPTY: Map = Map::new();
        match &node.value {
            Value::Mapping(map) => Some(map),
            Value::Null => Some(&EMPTY),
            _ => {
                self.gap(path, node.span, format!("{} where a mapping is expected", node.type_name()));
                None
            }
        }
    }

    /// Notes a key that no struct has, unless it is the user's own.
    pub fn unknown(&mut self, key: &str, path: &str, node: &Node) {
        if !key.starts_with("x-") {
            self.gap(&child_path(path, key), node.span, "a key the typed view does not have");
        }
    }

    /// The user's own keys. Ours is noted where the section has no place for it.
    pub fn extensions(&mut self, map: &Map, path: &str, has_overrides: bool) -> Vec<Extension> {
        let own = map.iter().filter(|(key, _)| key.text.starts_with("x-"));
        let own: Vec<Extension> = own
            .map(|(key, node)| Extension {
                key: key.text.clone(),
                at: At::new(child_path(path, &key.text), if node.span.is_none() { key.span } else { node.span })
                    .whole(),
                node: node.clone(),
            })
            .collect();
        if !has_overrides {
            let ours = own.iter().filter(|extension| extension.key == crate::overrides::KEY);
            self.misplaced.extend(ours.map(|extension| extension.at.clone()));
        }
        own
    }

    fn empty(&mut self, path: &str, span: Span) {
        self.empties.push(At::new(path, span));
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Sequence(items) => items.is_empty(),
        Value::Mapping(map) => map.is_empty(),
        _ => false,
    }
}

/// For large sections of which there are many.
impl<T: Decode> Decode for Box<T> {
    const EMPTY_SPEAKS: bool = T::EMPTY_SPEAKS;

    fn decode(node: &Node, path: &str, decoder: &mut Decoder) -> Option<Self> {
        T::decode(node, path, decoder).map(Self::new)
    }
}

impl<T: Decode> Field for Option<T> {
    fn field(found: Option<(&str, &Node)>, path: &str, decoder: &mut Decoder) -> Self {
        let (key, node) = found?;
        let path = child_path(path, key);
        if is_empty(node) && (node.is_null() || !T::EMPTY_SPEAKS) {
            decoder.empty(&path, node.span);
        }
        if node.is_null() { None } else { T::decode(node, &path, decoder) }
    }
}

impl<T: Decode> Field for Vec<T> {
    fn field(found: Option<(&str, &Node)>, path: &str, decoder: &mut Decoder) -> Self {
        let Some((key, node)) = found else { return Self::new() };
        let path = child_path(path, key);
        if is_empty(node) {
            decoder.empty(&path, node.span);
            return Self::new();
        }
        match &node.value {
            Value::Sequence(items) => {
                let items = items.iter().enumerate();
                items.filter_map(|(i, item)| T::decode(item, &item_path(&path, i), decoder)).collect()
            }
            _ => T::decode(node, &path, decoder).into_iter().collect(),
        }
    }
}

impl<T: Decode> Field for Pairs<T> {
    fn field(found: Option<(&str, &Node)>, path: &str, decoder: &mut Decoder) -> Self {
        let Some((key, node)) = found else { return Self::new() };
        let path = child_path(path, key);
        if is_empty(node) {
            decoder.empty(&path, node.span);
            return Self::new();
        }
        let Some(map) = decoder.mapping(node, &path) else { return Self::new() };
        let mut out = Self::with_capacity(map.len());
        for (key, node) in map {
            if let Some(value) = T::decode(node, &child_path(&path, &key.text), decoder) {
                out.push(Pair { key: key.text.clone(), key_span: key.span, value });
            }
        }
        out
    }
}
