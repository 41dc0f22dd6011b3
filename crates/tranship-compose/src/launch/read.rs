//! Reads of the resolved tree.

use tranship_source::yaml::Node;

/// Whether a key says true.
pub(super) fn flag(node: &Node, key: &str) -> bool {
    node.text_at(key).is_some_and(|text| text == "true")
}
