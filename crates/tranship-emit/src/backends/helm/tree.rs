//! A template as a tree: an object whose values may be expressions of Helm.
//!
//! What a user wrote is text in this tree and an expression is a value of its own, so that neither is ever taken for the
//! other. [`super::write`] prints it.

use tranship_kube::Object;
use tranship_source::yaml::{Node, Value};

use crate::release::{Part, Plain};

/// A value of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// Null, a truth value, a number, or an empty list or mapping.
    Plain(Node),
    /// A text, of words and expressions.
    Text(Vec<Piece>),
    /// An expression that gives a whole value on one line.
    Expression(String),
    /// An expression that gives a list or a mapping, on lines of its own.
    Block(String),
    /// A list.
    List(Vec<Item>),
    /// A mapping.
    Map(Vec<Entry>),
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Words as they are.
    Words(String),
    /// An expression that gives letters, digits, dots and dashes.
    Expression(String),
}

/// An item of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// One item.
    One(Tree),
    /// An expression that gives more items, or none.
    More(String),
}

/// An entry of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its key; empty for one that stands for more entries, which its block gives.
    pub key: String,
    /// Its value.
    pub value: Tree,
    /// The condition under which it stands there.
    pub when: Option<String>,
    /// Its value otherwise; without one it is not there then.
    pub otherwise: Option<Tree>,
}

impl Entry {
    /// An entry that is always there.
    pub fn new(key: &str, value: Tree) -> Self {
        Self { key: key.to_owned(), value, when: None, otherwise: None }
    }

    /// The same, only under a condition.
    #[must_use]
    pub fn when(mut self, condition: impl Into<String>) -> Self {
        self.when = Some(condition.into());
        self
    }
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Self::Text(vec![Piece::Words(text.to_owned())])
    }
}

impl From<&Node> for Tree {
    fn from(node: &Node) -> Self {
        match &node.value {
            Value::String(text) => text.as_str().into(),
            Value::Sequence(items) if !items.is_empty() => {
                Self::List(items.iter().map(|item| Item::One(item.into())).collect())
            }
            Value::Mapping(map) if !map.is_empty() => {
                Self::Map(map.iter().map(|(key, value)| Entry::new(&key.text, value.into())).collect())
            }
            _ => Self::Plain(node.clone()),
        }
    }
}

/// The template of an object: its texts with names of the installation as expressions. Names within a pod stay.
pub fn template(own: &Object, marked: Option<&Object>, plain: &Plain<'_>, say: &dyn Fn(&Part) -> Piece) -> Tree {
    let seen = Seen { plain, say };
    match marked.filter(|marked| marked.kind() == own.kind()) {
        Some(marked) => seen.walk(&own.tree, Some(&marked.tree), ""),
        None => Tree::from(&own.tree),
    }
}

/// The pieces of a text.
pub fn pieces(parts: &[Part], say: &dyn Fn(&Part) -> Piece) -> Vec<Piece> {
    parts.iter().map(say).collect()
}

struct Seen<'a> {
    plain: &'a Plain<'a>,
    say: &'a dyn Fn(&Part) -> Piece,
}

impl Seen<'_> {
    fn walk(&self, own: &Node, marked: Option<&Node>, within: &str) -> Tree {
        let Some(marked) = marked else { return own.into() };
        match (&own.value, &marked.value) {
            (Value::String(text), Value::String(other)) => match self.plain.parts(text, other) {
                Some(parts) => Tree::Text(pieces(&parts, self.say)),
                None => own.into(),
            },
            (Value::Sequence(items), Value::Sequence(others)) if !items.is_empty() && items.len() == others.len() => {
                let pairs = items.iter().zip(others);
                Tree::List(pairs.map(|(own, other)| Item::One(self.walk(own, Some(other), within))).collect())
            }
            (Value::Mapping(map), Value::Mapping(others)) if !map.is_empty() => {
                let at = |place: usize| others.get_index(place).filter(|_| map.len() == others.len());
                let entry = |(place, (key, value)): (usize, (&tranship_source::yaml::Key, &Node))| {
                    let other = others.get(&key.text).or_else(|| Some(at(place)?.1));
                    let local = key.text == "name" && LOCAL.contains(&within);
                    let inner = if LISTS.contains(&key.text.as_str()) { key.text.as_str() } else { "" };
                    // The name of a claim's template stands in its metadata.
                    let inner = if key.text == "metadata" && within == CLAIMS { CLAIMS } else { inner };
                    Entry::new(&key.text, self.walk(value, other.filter(|_| !local), inner))
                };
                Tree::Map(map.iter().enumerate().map(entry).collect())
            }
            _ => own.into(),
        }
    }
}

const CLAIMS: &str = "volumeClaimTemplates";
/// Lists whose items have names that count within the pod alone.
const LOCAL: [&str; 5] = ["containers", "initContainers", "volumes", "volumeMounts", CLAIMS];
const LISTS: [&str; 5] = LOCAL;

impl Tree {
    /// The entries of a mapping.
    pub fn entries(&self) -> &[Entry] {
        if let Self::Map(entries) = self { entries } else { &[] }
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The value at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |tree, key| tree.get(key))
    }

    /// The entry under a key, to change.
    pub fn entry_mut(&mut self, key: &str) -> Option<&mut Entry> {
        if let Self::Map(entries) = self { entries.iter_mut().find(|entry| entry.key == key) } else { None }
    }

    /// The value at a path of keys, to change.
    pub fn at_mut(&mut self, path: &[&str]) -> Option<&mut Self> {
        path.iter().try_fold(self, |tree, key| Some(&mut tree.entry_mut(key)?.value))
    }

    /// The items of a list, to change.
    pub fn items_mut(&mut self) -> impl Iterator<Item = &mut Tree> {
        let items = if let Self::List(items) = self { items.as_mut_slice() } else { &mut [] };
        items.iter_mut().filter_map(|item| if let Item::One(tree) = item { Some(tree) } else { None })
    }

    /// The text, where it holds no expression.
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Text(pieces) => match pieces.as_slice() {
                [Piece::Words(words)] => Some(words),
                _ => None,
            },
            _ => None,
        }
    }

    /// Puts an entry into a mapping, in the place of one with its key or at the end.
    pub fn put(&mut self, entry: Entry) {
        if matches!(self, Self::Plain(node) if node.as_map().is_some()) {
            *self = Self::Map(Vec::new());
        }
        let Self::Map(entries) = self else { return };
        match entries.iter_mut().find(|known| known.key == entry.key && !known.key.is_empty()) {
            Some(known) => *known = entry,
            None => entries.push(entry),
        }
    }

    /// Takes an entry out of a mapping.
    pub fn take(&mut self, key: &str) -> Option<Entry> {
        let Self::Map(entries) = self else { return None };
        let at = entries.iter().position(|entry| entry.key == key)?;
        Some(entries.remove(at))
    }

    /// Adds more items to a list.
    pub fn push(&mut self, item: Item) {
        if let Self::List(items) = self {
            items.push(item);
        }
    }
}
