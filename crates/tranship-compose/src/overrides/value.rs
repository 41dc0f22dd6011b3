//! Reading values: each type knows its shape, and says what is wrong in its words.

use std::collections::BTreeSet;

use tranship_model::ledger::{child_path, item_path};
use tranship_model::{At, Origin, Traced};
use tranship_source::yaml::{Map, Node, Value};
use tranship_source::{Diagnostic, Span};

use super::quantity::Quantity;
use super::shape::{KeyInfo, Shape};
use crate::schema::nearest;
use crate::typed::scalar_text;

/// A value of the format.
pub trait Read: Sized {
    /// Its shape.
    fn shape() -> Shape;

    /// Reads a node; `None` after a fault was noted.
    fn read(node: &Node, path: &str, reader: &mut Reader) -> Option<Self>;

    /// Where it is written.
    fn places(&self) -> Vec<At>;

    /// The value itself, with what only `other` says; both saying something is a clash that the value itself wins.
    #[must_use]
    fn or(self, other: Self, clashes: &mut Vec<(At, At)>) -> Self {
        clashes.extend(self.places().into_iter().next().zip(other.places().into_iter().next()));
        self
    }
}

/// What two sources say of one key.
pub fn either<T: Read>(first: Option<T>, second: Option<T>, clashes: &mut Vec<(At, At)>) -> Option<T> {
    match (first, second) {
        (Some(first), Some(second)) => Some(first.or(second, clashes)),
        (first, second) => first.or(second),
    }
}

/// A value made of one text.
pub trait Scalar: Sized {
    /// Its shape.
    fn shape() -> Shape;

    /// Reads the text; `None` when it cannot be one.
    fn parse(text: &str) -> Option<Self>;
}

/// Collects what is wrong.
#[derive(Debug, Default)]
pub struct Reader {
    /// The faults so far.
    pub faults: Vec<Diagnostic>,
}

impl Reader {
    /// The mapping of a section, after refusing keys it does not have.
    pub fn section<'a>(&mut self, node: &'a Node, path: &str, keys: &[KeyInfo], shape: &Shape) -> Option<&'a Map> {
        let Some(map) = node.as_map() else {
            self.wrong(node, path, shape);
            return None;
        };
        for (key, _) in map {
            if !keys.iter().any(|known| known.key == key.text) {
                self.unknown(&key.text, key.span, path, keys.iter().map(|known| known.key));
            }
        }
        Some(map)
    }

    /// The value under a key; null says nothing.
    pub fn field<T: Read>(&mut self, map: &Map, key: &str, path: &str) -> Option<T> {
        let node = map.get(key).filter(|node| !node.is_null())?;
        T::read(node, &child_path(path, key), self)
    }

    /// Notes a key that does not exist, with the nearest one that does.
    pub fn unknown<'a>(&mut self, key: &str, span: Span, path: &str, known: impl Iterator<Item = &'a str> + Clone) {
        let fault = Diagnostic::error("override-unknown-key", format!("`{path}` has no key `{key}`")).at(span);
        self.faults.push(match nearest(key, known.clone()) {
            Some(near) => fault.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
            None => fault.help(format!("the keys are {}", known.collect::<Vec<_>>().join(", "))),
        });
    }

    /// Notes a value of another shape.
    pub fn wrong(&mut self, node: &Node, path: &str, shape: &Shape) {
        let found = match scalar_text(node) {
            Some(text) => format!("`{text}`"),
            None => node.type_name().to_owned(),
        };
        let code = if node.as_map().is_some() || node.as_seq().is_some() { "override-type" } else { "override-value" };
        let message = format!("`{path}` is {found}, and has to be {}", shape.words());
        let fault = Diagnostic::error(code, message).at(node.span);
        let near = match (shape, scalar_text(node)) {
            (Shape::Words(words), Some(text)) => nearest(&text, words.iter().copied()),
            _ => None,
        };
        self.faults.push(match near {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help(format!("write {}", shape.words())),
        });
    }
}

impl<T: Scalar> Read for Traced<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn read(node: &Node, path: &str, reader: &mut Reader) -> Option<Self> {
        let value = scalar_text(node).as_deref().and_then(T::parse);
        if value.is_none() {
            reader.wrong(node, path, &T::shape());
        }
        value.map(|value| Self::at(value, path, node.span))
    }

    fn places(&self) -> Vec<At> {
        self.origin.leaves().to_vec()
    }
}

impl Scalar for String {
    fn shape() -> Shape {
        Shape::Text("a text")
    }

    fn parse(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.to_owned())
    }
}

impl Scalar for bool {
    fn shape() -> Shape {
        Shape::Truth
    }

    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        }
    }
}

impl Scalar for u32 {
    fn shape() -> Shape {
        Shape::Number(0, i32::MAX.unsigned_abs())
    }

    fn parse(text: &str) -> Option<Self> {
        text.trim().parse().ok().filter(|number| *number <= i32::MAX.unsigned_abs())
    }
}

impl Scalar for u16 {
    fn shape() -> Shape {
        Shape::Number(1, u32::from(Self::MAX))
    }

    fn parse(text: &str) -> Option<Self> {
        text.trim().parse().ok().filter(|port| *port != 0)
    }
}

impl Scalar for Quantity {
    fn shape() -> Shape {
        Shape::Quantity
    }

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// A DNS label: what an object can be called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name<const LONGEST: u32>(pub String);

impl<const LONGEST: u32> Scalar for Name<LONGEST> {
    fn shape() -> Shape {
        Shape::Name(LONGEST)
    }

    fn parse(text: &str) -> Option<Self> {
        let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let legal = text.len() <= LONGEST as usize
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.ends_with(end)
            && text.chars().all(|c| end(c) || c == '-');
        legal.then(|| Self(text.to_owned()))
    }
}

/// The name of an object that may have dots, such as a Secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectName(pub String);

impl Scalar for ObjectName {
    fn shape() -> Shape {
        Shape::Text("a name of at most 253 small letters, digits, `-` and `.`")
    }

    fn parse(text: &str) -> Option<Self> {
        let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let part =
            |part: &str| part.starts_with(end) && part.ends_with(end) && part.chars().all(|c| end(c) || c == '-');
        (text.len() <= 253 && text.split('.').all(part)).then(|| Self(text.to_owned()))
    }
}

/// A host that can be asked for from outside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Host(pub String);

impl Scalar for Host {
    fn shape() -> Shape {
        Shape::Text("a host name such as `shop.example.com` or `*.example.com`, without port and path")
    }

    fn parse(text: &str) -> Option<Self> {
        tranship_model::exposure::is_host(text).then(|| Self(text.to_owned()))
    }
}

/// An object by kind and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectLabel {
    /// Its kind, `Secret`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

impl Scalar for ObjectLabel {
    fn shape() -> Shape {
        Shape::Text("a kind and a name, such as `Secret/web-tls`")
    }

    fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.split_once('/')?;
        let is_kind =
            kind.starts_with(|c: char| c.is_ascii_uppercase()) && kind.chars().all(|c| c.is_ascii_alphanumeric());
        let legal = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '/');
        (is_kind && legal).then(|| Self { kind: kind.to_owned(), name: name.to_owned() })
    }
}

/// A list; one value alone is a list of one.
impl<T: Read> Read for Vec<T> {
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }

    fn read(node: &Node, path: &str, reader: &mut Reader) -> Option<Self> {
        match node.as_seq() {
            Some(items) => {
                let items = items.iter().enumerate();
                Some(items.filter_map(|(at, item)| T::read(item, &item_path(path, at), reader)).collect())
            }
            None if node.as_map().is_some() && !matches!(T::shape(), Shape::Tree(_)) => {
                reader.wrong(node, path, &Self::shape());
                None
            }
            None => T::read(node, path, reader).map(|one| vec![one]),
        }
    }

    fn places(&self) -> Vec<At> {
        self.iter().flat_map(Read::places).collect()
    }
}

/// A mapping whose keys are the user's, in order.
#[derive(Clone, Debug)]
pub struct Pairs<T>(pub Vec<(String, T)>);

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Pairs<T> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }
}

impl<T: Read> Read for Pairs<T> {
    fn shape() -> Shape {
        Shape::Map("names", Box::new(T::shape()))
    }

    fn read(node: &Node, path: &str, reader: &mut Reader) -> Option<Self> {
        let Some(map) = node.as_map() else {
            reader.wrong(node, path, &Self::shape());
            return None;
        };
        let pair = |(key, node): (&tranship_source::yaml::Key, &Node)| {
            Some((key.text.clone(), T::read(node, &child_path(path, &key.text), reader)?))
        };
        Some(Self(map.iter().filter_map(pair).collect()))
    }

    fn places(&self) -> Vec<At> {
        self.0.iter().flat_map(|(_, value)| value.places()).collect()
    }

    fn or(mut self, other: Self, clashes: &mut Vec<(At, At)>) -> Self {
        let known: BTreeSet<String> = self.0.iter().map(|(key, _)| key.clone()).collect();
        for (key, value) in other.0 {
            if known.contains(&key) {
                let own = self.get(&key).map(Read::places).unwrap_or_default();
                clashes.extend(own.into_iter().next().zip(value.places().into_iter().next()));
            } else {
                self.0.push((key, value));
            }
        }
        self
    }
}

/// Fields of Kubernetes as they are.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Its path and place; speaks for everything below it.
    pub at: At,
    /// The fields.
    pub node: Node,
}

impl Tree {
    /// The origin of the fields.
    pub fn origin(&self) -> Origin {
        Origin::From(vec![self.at.clone()])
    }
}

impl Read for Tree {
    fn shape() -> Shape {
        Shape::Tree("fields in Kubernetes' own words")
    }

    fn read(node: &Node, path: &str, reader: &mut Reader) -> Option<Self> {
        if node.as_map().is_none() {
            reader.wrong(node, path, &Self::shape());
            return None;
        }
        Some(Self { at: At::new(path, node.span).whole(), node: node.clone() })
    }

    fn places(&self) -> Vec<At> {
        vec![self.at.clone()]
    }
}

/// A probe: switched off, or fields of one.
#[derive(Clone, Debug)]
pub enum Probe {
    /// There is none.
    Off(At),
    /// Fields that are merged with the inferred probe.
    Fields(Tree),
}

impl Read for Probe {
    fn shape() -> Shape {
        Shape::OrFalse(Box::new(Shape::Tree("fields of a probe in Kubernetes' own words")))
    }

    fn read(node: &Node, path: &str, reader: &mut Reader) -> Option<Self> {
        if node.value == Value::Bool(false) {
            return Some(Self::Off(At::new(path, node.span)));
        }
        if node.as_map().is_none() {
            reader.wrong(node, path, &Self::shape());
            return None;
        }
        Tree::read(node, path, reader).map(Self::Fields)
    }

    fn places(&self) -> Vec<At> {
        match self {
            Self::Off(at) => vec![at.clone()],
            Self::Fields(tree) => tree.places(),
        }
    }
}
