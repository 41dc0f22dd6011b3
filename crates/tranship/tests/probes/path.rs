//! Paths into objects, as the ledger writes them, with items of lists by name and short words for a pod's parts.

use tranship_source::yaml::Node;

/// The value at a path.
pub fn find<'a>(object: &'a Node, path: &str) -> Option<&'a Node> {
    let mut at = object;
    let mut rest = path.trim_start_matches('.');
    for (word, into) in [("pod", &[][..]), ("c", &["containers", "0"])] {
        if rest == word || rest.strip_prefix(word).is_some_and(|rest| rest.starts_with('.')) {
            at = pod(object)?.at(into)?;
            rest = rest[word.len()..].trim_start_matches('.');
        }
    }
    while !rest.is_empty() {
        let step;
        (step, rest) = next(rest);
        at = match at.as_seq() {
            // Any item will do, as in the ledger's `spec.ports[].name`.
            Some(items) if step.is_empty() => return items.iter().find_map(|item| find(item, rest)),
            Some(_) => item(at, &step)?,
            None => at.get(&step)?,
        };
    }
    Some(at)
}

/// The spec of the pod that an object runs.
fn pod(object: &Node) -> Option<&Node> {
    let places: [&[&str]; 2] = [&["spec", "template", "spec"], &["spec", "jobTemplate", "spec", "template", "spec"]];
    places.into_iter().find_map(|place| object.at(place))
}

fn item<'a>(list: &'a Node, step: &str) -> Option<&'a Node> {
    if let Ok(number) = step.parse::<usize>()
        && let Some(found) = list.as_seq()?.get(number)
    {
        return Some(found);
    }
    let named = |item: &&Node| {
        let is = |key: &str| item.get(key).and_then(Node::as_str) == Some(step);
        ["name", "mountPath", "key", "ip"].into_iter().any(is)
    };
    list.as_seq()?.iter().find(named)
}

/// The first step of a path and what follows it.
fn next(path: &str) -> (String, &str) {
    if let Some(inner) = path.strip_prefix("[\"") {
        let end = inner.find("\"]").expect("a quoted step ends");
        return (inner[..end].to_owned(), inner[end + 2..].trim_start_matches('.'));
    }
    if let Some(inner) = path.strip_prefix('[') {
        let end = inner.find(']').expect("a step in brackets ends");
        return (inner[..end].to_owned(), inner[end + 1..].trim_start_matches('.'));
    }
    let end = path.find(['.', '[']).unwrap_or(path.len());
    (path[..end].to_owned(), path[end..].trim_start_matches('.'))
}

/// A value as one line of JSON.
pub fn json(node: &Node) -> String {
    use tranship_source::yaml::Value;
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::String(text) => serde_json::to_string(text).unwrap(),
        Value::Sequence(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(",")),
        Value::Mapping(map) => {
            let pair = |(key, value): (&tranship_source::yaml::Key, &Node)| {
                format!("{}:{}", serde_json::to_string(&key.text).unwrap(), json(value))
            };
            format!("{{{}}}", map.iter().map(pair).collect::<Vec<_>>().join(","))
        }
    }
}
