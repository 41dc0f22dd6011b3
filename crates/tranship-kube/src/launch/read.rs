//! Reads of object trees.

use tranship_source::yaml::Node;

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
