//! Mappings built field by field, without those that are not there.

use tranship_model::Traced;
use tranship_source::yaml::{Key, Map, Node, Value};

/// The largest whole number that most fields of the API hold.
pub(crate) const LARGEST: u64 = 2_147_483_647;

/// A mapping in the making. Absent and empty values leave no field.
#[derive(Default)]
pub struct Fields(Map);

impl Fields {
    /// No fields yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field, whatever its value.
    #[must_use]
    pub fn put(mut self, key: &str, value: impl Into<Node>) -> Self {
        self.0.insert(Key::from(key), value.into());
        self
    }

    /// Adds a field that is there.
    #[must_use]
    pub fn maybe(self, key: &str, value: Option<impl Into<Node>>) -> Self {
        match value {
            Some(value) => self.put(key, value),
            None => self,
        }
    }

    /// Adds a list or mapping that holds something.
    #[must_use]
    pub fn filled(self, key: &str, value: impl Into<Node>) -> Self {
        let node = value.into();
        match &node.value {
            Value::Sequence(items) if items.is_empty() => self,
            Value::Mapping(map) if map.is_empty() => self,
            Value::Null => self,
            _ => self.put(key, node),
        }
    }

    /// These fields after those of `first`.
    #[must_use]
    pub fn join(self, mut first: Self) -> Self {
        first.0.extend(self.0);
        first
    }

    /// The mapping.
    pub fn node(self) -> Node {
        Node::from(self.0)
    }

    /// Whether no field was added.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mapping, if it has a field.
    pub fn some(self) -> Option<Node> {
        if self.is_empty() { None } else { Some(self.node()) }
    }
}

/// A value with the place of what it came from.
pub fn blamed<T>(traced: &Traced<T>, node: impl Into<Node>) -> Node {
    node.into().blamed_on(traced.span())
}

/// A whole number as a node; numbers beyond 63 bits saturate.
pub fn whole(number: u64) -> Node {
    Node::from(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A list of texts.
pub fn texts<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> Node {
    Node::from(items.into_iter().map(|item| Node::from(item.as_ref())).collect::<Vec<_>>())
}
