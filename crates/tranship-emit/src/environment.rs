//! An environment beside the project itself: the same app with other files, and what is different in it.

use tranship_kube::ObjectSet;
use tranship_model::Stack;
use tranship_source::yaml::{Map, Node, Value};

use crate::release::Release;

/// An app as it is in one environment.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name, such as `staging`.
    pub name: String,
    /// The model with the environment's files.
    pub stack: Stack,
    /// Its objects, Secrets among them.
    pub objects: ObjectSet,
    /// The objects with marks, where a packaging can be installed under any name.
    pub release: Option<Release>,
}

/// The steps of a JSON patch that makes one tree another.
pub fn steps(own: &Node, other: &Node) -> Vec<Node> {
    let mut out = Vec::new();
    walk(own, other, "", &mut out);
    out
}

fn walk(own: &Node, other: &Node, at: &str, out: &mut Vec<Node>) {
    if own == other {
        return;
    }
    let step = |operation: &str, path: &str, value: Option<&Node>| {
        let mut map = Map::default();
        map.insert("op".into(), operation.into());
        map.insert("path".into(), path.into());
        if let Some(value) = value {
            map.insert("value".into(), value.clone().unplaced());
        }
        Node::from(map)
    };
    match (&own.value, &other.value) {
        (Value::Mapping(own), Value::Mapping(other)) => {
            for (key, value) in own {
                let path = format!("{at}/{}", pointer(&key.text));
                match other.get(&key.text) {
                    Some(new) => walk(value, new, &path, out),
                    None => out.push(step("remove", &path, None)),
                }
            }
            for (key, value) in other.iter().filter(|(key, _)| !own.contains_key(&key.text)) {
                out.push(step("add", &format!("{at}/{}", pointer(&key.text)), Some(value)));
            }
        }
        // Items are told apart by their places, which hold only where there are as many and each is the same one.
        (Value::Sequence(own), Value::Sequence(other)) if alike(own, other) => {
            for (place, (own, other)) in own.iter().zip(other).enumerate() {
                walk(own, other, &format!("{at}/{place}"), out);
            }
        }
        _ => out.push(step("replace", at, Some(other))),
    }
}

fn alike(own: &[Node], other: &[Node]) -> bool {
    own.len() == other.len()
        && own.iter().zip(other).all(|(own, other)| match (own.get("name"), other.get("name")) {
            (Some(own), Some(other)) => own == other,
            (None, None) => own.as_map().is_some() == other.as_map().is_some(),
            _ => false,
        })
}

/// A key as a step of a JSON pointer.
fn pointer(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::steps;
    use tranship_source::yaml::{self, Node};

    #[test]
    fn a_patch_names_what_is_different_and_nothing_else() {
        let tree = |text: &str| -> Node { yaml::parse(tranship_source::FileId(0), text).value.remove(0) };
        let own = tree("{a: 1, b: {x/y: 1, z: 2}, c: [{name: p, v: 1}], d: [1]}");
        let other = tree("{a: 1, b: {x/y: 2}, c: [{name: p, v: 2}], d: [1, 2], e: 3}");
        let said: Vec<String> = steps(&own, &other)
            .iter()
            .map(|step| format!("{} {}", step.text_at("op").unwrap(), step.text_at("path").unwrap()))
            .collect();
        assert_eq!(said, ["replace /b/x~1y", "remove /b/z", "replace /c/0/v", "replace /d", "add /e"]);
    }
}
