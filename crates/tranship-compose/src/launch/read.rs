//! Reads of the resolved tree.

use std::borrow::Cow;

use tranship_source::yaml::{Node, Value};

/// The text of a scalar as docker compose hands it on; `None` for null, lists and mappings.
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

/// Whether a key says true.
pub(super) fn flag(node: &Node, key: &str) -> bool {
    text_at(node, key).is_some_and(|text| text == "true")
}

/// The items of a list; none when it is no list.
pub(super) fn items(node: &Node) -> &[Node] {
    node.as_seq().unwrap_or_default()
}

/// The items of a list under a key.
pub(super) fn items_at<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).map(items).unwrap_or_default()
}
