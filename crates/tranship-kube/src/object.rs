//! One Kubernetes object as a tree, and an ordered set of them.
//!
//! Trees instead of client structs: unknown fields survive the way back, the key order is ours, and every value keeps
//! its span. Typed access goes through the few methods here.

use tranship_source::yaml::{Key, Map, Node};

/// One Kubernetes object: `apiVersion`, `kind`, `metadata` and the rest, in the order they are printed.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The whole object, a mapping.
    pub tree: Node,
}

impl Object {
    /// An object with its first fields in place.
    pub fn new(api_version: &str, kind: &str, name: impl Into<Node>) -> Self {
        let metadata = Node::from([("name", name.into())]);
        let tree = Node::from([("apiVersion", api_version.into()), ("kind", kind.into()), ("metadata", metadata)]);
        Self { tree }
    }

    /// `apiVersion`, empty when absent.
    pub fn api_version(&self) -> &str {
        self.text(&["apiVersion"])
    }

    /// `kind`, empty when absent.
    pub fn kind(&self) -> &str {
        // Asked for all the time, and in nearly every object the second entry.
        let second = self.tree.as_map().and_then(|map| map.get_index(1)).filter(|(key, _)| key.text == "kind");
        match second {
            Some((_, kind)) => kind.as_str().unwrap_or(""),
            None => self.text(&["kind"]),
        }
    }

    /// `metadata.name`, empty when absent.
    pub fn name(&self) -> &str {
        self.text(&["metadata", "name"])
    }

    /// `metadata.namespace`, empty when absent.
    pub fn namespace(&self) -> &str {
        self.text(&["metadata", "namespace"])
    }

    /// `Kind/name`, as messages and the ledger name it.
    pub fn label(&self) -> String {
        [self.kind(), "/", self.name()].concat()
    }

    /// The value at a path of keys and list positions.
    pub fn get(&self, path: &[&str]) -> Option<&Node> {
        self.tree.at(path)
    }

    /// Puts a value at a path of keys, making mappings on the way; a step that is no mapping is replaced by one.
    pub fn set(&mut self, path: &[&str], value: impl Into<Node>) {
        put(&mut self.tree, path, value.into());
    }

    fn text(&self, path: &[&str]) -> &str {
        self.get(path).and_then(Node::as_str).unwrap_or("")
    }
}

/// Puts a value at a path below a node. What is no mapping on the way becomes one.
fn put(node: &mut Node, path: &[&str], value: Node) {
    let Some((first, rest)) = path.split_first() else { return };
    if node.as_map().is_none() {
        let span = node.span;
        *node = Node::from(Map::default());
        node.span = span;
    }
    let Some(map) = node.as_map_mut() else { return };
    if rest.is_empty() {
        map.insert(Key::from(*first), value);
    } else {
        put(map.entry(Key::from(*first)).or_insert_with(|| Map::default().into()), rest, value);
    }
}

/// Objects in the order they are applied.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObjectSet {
    /// The objects.
    pub objects: Vec<Object>,
}

impl ObjectSet {
    /// Adds an object at the end.
    pub fn push(&mut self, object: Object) {
        self.objects.push(object);
    }

    /// The objects in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Object> {
        self.objects.iter()
    }

    /// The object of a kind and name.
    pub fn find(&self, kind: &str, name: &str) -> Option<&Object> {
        self.iter().find(|object| object.kind() == kind && object.name() == name)
    }
}

impl<'a> IntoIterator for &'a ObjectSet {
    type Item = &'a Object;
    type IntoIter = std::slice::Iter<'a, Object>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_a_deep_field_makes_the_way_to_it() {
        let mut object = Object::new("v1", "Service", "web");
        object.set(&["spec", "selector", "app"], "web");
        assert_eq!(object.label(), "Service/web");
        assert_eq!(object.get(&["spec", "selector", "app"]).and_then(Node::as_str), Some("web"));
    }
}
