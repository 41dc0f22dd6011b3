//! Every leaf of a resolved project: what the ledger has to speak for.

use tranship_model::At;
use tranship_model::ledger::{child_path, item_path};
use tranship_source::yaml::{Node, Value};

/// The leaves of a canonical tree in its order: scalars, empty lists and empty mappings.
///
/// `command: null` and `entrypoint: null` of a service are none: the canonical form has them where nothing is written.
pub fn leaves(tree: &Node) -> Vec<At> {
    let mut out = Vec::new();
    collect(tree, "", 0, &mut out);
    out
}

fn collect(node: &Node, path: &str, depth: usize, out: &mut Vec<At>) {
    match &node.value {
        Value::Mapping(map) if !map.is_empty() => {
            for (key, child) in map {
                let absent = depth == 2 && child.is_null() && matches!(key.text.as_str(), "command" | "entrypoint");
                if !(absent && path.starts_with("services")) {
                    collect(child, &child_path(path, &key.text), depth + 1, out);
                }
            }
        }
        Value::Sequence(items) if !items.is_empty() => {
            for (i, child) in items.iter().enumerate() {
                collect(child, &item_path(path, i), depth + 1, out);
            }
        }
        _ => out.push(At::new(path, node.span)),
    }
}
