//! A digest of what a service's containers are made from.

use tranship_source::yaml::{Node, Value};

/// Keys that may change without the containers changing.
const LEFT_OUT: [&str; 6] = ["build", "pull_policy", "scale", "depends_on", "profiles", crate::overrides::KEY];

/// BLAKE3 of a resolved service as JSON, keys sorted and without blanks, in hexadecimal.
///
/// `build`, `pull_policy`, `scale`, `deploy.replicas`, `depends_on` and `profiles` are left out, as docker compose
/// leaves them out of its own digest.
pub fn service(service: &Node) -> String {
    let mut service = service.clone();
    if let Some(map) = service.as_map_mut() {
        map.retain(|key, _| !LEFT_OUT.contains(&key.text.as_str()));
        if let Some(deploy) = map.get_mut("deploy").and_then(Node::as_map_mut) {
            deploy.shift_remove("replicas");
        }
    }
    let mut text = String::new();
    json(&service, &mut text);
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

fn json(node: &Node, out: &mut String) {
    match &node.value {
        Value::Sequence(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                json(item, out);
            }
            out.push(']');
        }
        Value::Mapping(map) => {
            let mut entries: Vec<(&str, &Node)> = map.iter().map(|(key, node)| (key.text.as_str(), node)).collect();
            entries.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (index, (key, child)) in entries.into_iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                out.push_str(&serde_json::Value::from(key).to_string());
                out.push(':');
                json(child, out);
            }
            out.push('}');
        }
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&serde_json::Value::from(*number).to_string()),
        Value::String(text) => out.push_str(&serde_json::Value::from(text.as_str()).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_containers_are_made_from_counts() {
        let one = Node::from([("image", Node::from("a")), ("scale", Node::from(1))]);
        let two = Node::from([("scale", Node::from(2)), ("image", Node::from("a"))]);
        let three = Node::from([("image", Node::from("b"))]);
        assert_eq!(service(&one), service(&two));
        assert_ne!(service(&one), service(&three));
    }
}
