//! Looking into a tree: null counts as absent, and a value of the wrong type is not there.

use tranship_source::yaml::{Key, Node, Value};

/// Reads fields of a node that may not be what they should be.
pub trait Look {
    /// The value of a field that is there and not null.
    fn field(&self, key: &str) -> Option<&Node>;
    /// The items of a list field, none where it is absent.
    fn items(&self, key: &str) -> &[Node];
    /// The text of a field.
    fn text(&self, key: &str) -> Option<&str>;
    /// The whole number of a field.
    fn int(&self, key: &str) -> Option<i64>;
    /// Whether a field is `true`.
    fn is_true(&self, key: &str) -> bool;
    /// The entries of a mapping field.
    fn entries(&self, key: &str) -> impl Iterator<Item = (&Key, &Node)>;
    /// Whether a list, mapping or text has nothing in it.
    fn is_empty(&self) -> bool;
}

impl Look for Node {
    fn field(&self, key: &str) -> Option<&Node> {
        self.get(key).filter(|node| !node.is_null())
    }

    fn items(&self, key: &str) -> &[Node] {
        self.get(key).and_then(Node::as_seq).unwrap_or_default()
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::as_str)
    }

    fn int(&self, key: &str) -> Option<i64> {
        self.get(key).and_then(Node::as_int)
    }

    fn is_true(&self, key: &str) -> bool {
        self.get(key).and_then(Node::as_bool) == Some(true)
    }

    fn entries(&self, key: &str) -> impl Iterator<Item = (&Key, &Node)> {
        self.get(key).and_then(Node::as_map).into_iter().flatten()
    }

    fn is_empty(&self) -> bool {
        match &self.value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Sequence(items) => items.is_empty(),
            Value::Mapping(map) => map.is_empty(),
            _ => false,
        }
    }
}
