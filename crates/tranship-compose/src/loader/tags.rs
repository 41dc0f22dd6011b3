//! `!reset` and `!override`: what a file takes away from the files before it.

use tranship_source::yaml::{Node, Value};

use super::path::Path;

/// Places a document clears in what was read before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resets {
    paths: Vec<Vec<String>>,
}

/// Takes the `!reset` values out of a document and notes where they and the `!override` values stood.
pub(crate) fn take(document: &mut Node) -> Resets {
    let mut resets = Resets::default();
    resets.collect(document, &mut Vec::new());
    resets
}

impl Resets {
    fn collect(&mut self, node: &mut Node, at: &mut Vec<String>) {
        match &mut node.value {
            Value::Mapping(map) => {
                if map.values().all(|child| child.meta.is_none() && is_leaf(child)) {
                    return;
                }
                map.retain(|key, child| {
                    at.push(key.text.clone());
                    let keep = self.visit(child, at);
                    at.pop();
                    keep
                });
            }
            Value::Sequence(items) => {
                let mut index = 0;
                items.retain_mut(|child| {
                    at.push(index.to_string());
                    index += 1;
                    let keep = self.visit(child, at);
                    at.pop();
                    keep
                });
            }
            _ => {}
        }
    }

    /// Whether the value stays in its document.
    fn visit(&mut self, node: &mut Node, at: &mut Vec<String>) -> bool {
        match node.tag() {
            Some("!reset") => {
                self.paths.push(at.clone());
                false
            }
            Some("!override") => {
                self.paths.push(at.clone());
                true
            }
            _ => {
                self.collect(node, at);
                true
            }
        }
    }

    /// Clears the noted places in `base`, which stands at `prefix` in its file.
    pub(crate) fn apply(&self, base: &mut Node, prefix: &Path<'_>) {
        let prefix = prefix.parts();
        let prefix = prefix.as_slice();
        for path in &self.paths {
            let Some((head, rest)) = path.split_at_checked(prefix.len()) else { continue };
            if head.iter().zip(prefix).all(|(a, b)| a == b) {
                clear(base, rest);
            }
        }
    }
}

fn is_leaf(node: &Node) -> bool {
    !matches!(node.value, Value::Mapping(_) | Value::Sequence(_))
}

fn clear(node: &mut Node, path: &[String]) {
    let Some(map) = node.as_map_mut() else { return };
    match path {
        [] => {}
        [last] => {
            map.shift_remove(last.as_str());
        }
        [first, rest @ ..] => {
            if let Some(child) = map.get_mut(first.as_str()) {
                clear(child, rest);
            }
        }
    }
}
