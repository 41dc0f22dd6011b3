//! What differs between two stacks.

use tranship_source::yaml::{Node, Value};

use crate::ledger::{child_path, item_path};
use crate::tree::NOT_AT_HAND;

/// One place where two trees differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Path in the tree of the stack: `services.web.image`.
    pub path: String,
    /// What the first has there.
    pub left: Option<Node>,
    /// What the second has there.
    pub right: Option<Node>,
}

impl Difference {
    /// Whether one side is a secret that is not at hand, so that nobody can say whether the two differ.
    pub fn is_comparable(&self) -> bool {
        let absent = |side: &Option<Node>| side.as_ref().and_then(Node::as_str) == Some(NOT_AT_HAND);
        !absent(&self.left) && !absent(&self.right)
    }
}

/// Every place where two trees of [`crate::tree::tree`] differ, in the order of the first.
pub fn diff(left: &Node, right: &Node) -> Vec<Difference> {
    let mut out = Vec::new();
    compare("", Some(left), Some(right), &mut out);
    out
}

fn compare(path: &str, left: Option<&Node>, right: Option<&Node>, out: &mut Vec<Difference>) {
    match (left.map(|n| &n.value), right.map(|n| &n.value)) {
        (Some(Value::Mapping(a)), Some(Value::Mapping(b))) => {
            for (key, node) in a {
                compare(&child_path(path, &key.text), Some(node), b.get(key.text.as_str()), out);
            }
            for (key, node) in b.iter().filter(|(key, _)| !a.contains_key(key.text.as_str())) {
                compare(&child_path(path, &key.text), None, Some(node), out);
            }
        }
        (Some(Value::Sequence(a)), Some(Value::Sequence(b))) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&item_path(path, at), Some(a), Some(b), out);
            }
        }
        (a, b) if a == b && a != Some(&Value::String(NOT_AT_HAND.to_owned())) => {}
        _ => out.push(Difference { path: path.to_owned(), left: left.cloned(), right: right.cloned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_named() {
        let left = Node::from([
            ("a", 1_i64.into()),
            ("b", Node::from([("c", "x".into())])),
            ("l", vec![Node::from(1_i64)].into()),
        ]);
        let right = Node::from([
            ("b", Node::from([("c", "y".into())])),
            ("l", vec![Node::from(1_i64)].into()),
            ("n", true.into()),
        ]);
        let paths: Vec<_> = diff(&left, &right).into_iter().map(|d| d.path).collect();
        assert_eq!(paths, ["a", "b.c", "n"]);
        assert!(diff(&left, &left).is_empty());
    }
}
