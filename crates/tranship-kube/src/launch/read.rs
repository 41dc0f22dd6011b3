//! Reads of object trees.

use std::borrow::Cow;

use tranship_source::yaml::{Node, Value};

/// The text of a scalar.
pub(super) fn text(node: &Node) -> Option<Cow<'_, str>> {
    match (&node.value, node.raw()) {
        (Value::String(text), _) => Some(Cow::Borrowed(text)),
        (Value::Bool(_) | Value::Int(_) | Value::Float(_), Some(raw)) => Some(Cow::Borrowed(raw)),
        (Value::Bool(truth), None) => Some(Cow::Borrowed(if *truth { "true" } else { "false" })),
        (Value::Int(number), None) => Some(Cow::Owned(number.to_string())),
        (Value::Float(number), None) => Some(Cow::Owned(number.to_string())),
        (Value::Null | Value::Sequence(_) | Value::Mapping(_), _) => None,
    }
}

/// The text under a key.
pub(super) fn text_at<'a>(node: &'a Node, key: &str) -> Option<Cow<'a, str>> {
    node.get(key).and_then(text)
}

/// The string under a key, borrowed; empty when absent.
pub(super) fn name_at<'a>(node: &'a Node, key: &str) -> &'a str {
    node.get(key).and_then(Node::as_str).unwrap_or_default()
}

/// Whether a key says true.
pub(super) fn flag(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_bool).unwrap_or(false)
}

/// A whole number under a key.
pub(super) fn number(node: &Node, key: &str) -> Option<u64> {
    node.get(key).and_then(Node::as_int).and_then(|number| u64::try_from(number).ok())
}

/// The items of a list under a key; none when it is no list.
pub(super) fn items_at<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).and_then(Node::as_seq).unwrap_or_default()
}
