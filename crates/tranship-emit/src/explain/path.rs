//! Paths as people write them, and the values they lead to.
//!
//! A step is a key, a position (`[0]`, `.0`) or the name of a list's item (`[api]`, `.api`). Keys that hold dots, as
//! labels do, may stand as they are or in quotes.

use tranship_model::ledger::{child_path, item_path};
use tranship_source::yaml::{Node, Value};

/// A value, the path to it in its canonical form, and every node on the way, the root first.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// The canonical path.
    pub path: String,
    /// The nodes from the root to the value.
    pub way: Vec<&'a Node>,
}

impl<'a> Found<'a> {
    /// The value.
    pub fn node(&self) -> Option<&'a Node> {
        self.way.last().copied()
    }
}

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The path as far as it led.
    pub at: String,
    /// The step that does not exist.
    pub step: String,
    /// The steps that do.
    pub known: Vec<String>,
}

/// Follows a path from a node.
pub fn find<'a>(root: &'a Node, path: &str) -> Result<Found<'a>, Lost> {
    let words = words(path);
    let mut found = Found { path: String::new(), way: vec![root] };
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let Some(node) = found.node() else { break };
        let (used, child, path) = match &node.value {
            Value::Mapping(_) => key(node, words.get(at..).unwrap_or_default())
                .map(|(used, key, child)| (used, child, child_path(&found.path, key))),
            Value::Sequence(items) => item(items, words.get(at..).unwrap_or_default())
                .map(|(used, index, child)| (used, child, item_path(&found.path, index))),
            _ => None,
        }
        .ok_or_else(|| Lost { at: found.path.clone(), step: word.text.clone(), known: steps(node) })?;
        found.path = path;
        found.way.push(child);
        at += used;
    }
    Ok(found)
}

/// The steps of a canonical path.
pub fn split(path: &str) -> Vec<String> {
    words(path).into_iter().map(|word| word.text).collect()
}

/// A step as written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    text: String,
    /// In brackets, so that it is one step whatever it holds.
    closed: bool,
}

fn words(path: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(['.', ' ']) {
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let end = closing(after);
            let inner = after.get(..end).unwrap_or_default().trim();
            out.push(Word { text: unquoted(inner), closed: true });
            rest = after.get(end + 1..).unwrap_or_default();
        } else {
            let end = rest.find(['.', '[', ' ']).unwrap_or(rest.len());
            out.push(Word { text: rest.get(..end).unwrap_or_default().to_owned(), closed: false });
            rest = rest.get(end..).unwrap_or_default();
        }
    }
    out
}

/// Where the bracket ends that was opened before a text; brackets in quotes do not count.
fn closing(text: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some('"'), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, ']') => return at,
            _ => {}
        }
    }
    text.len()
}

/// A key without its quotes; `name=api` is the name alone.
fn unquoted(text: &str) -> String {
    let text = text.split_once('=').filter(|(key, _)| key.chars().all(char::is_alphanumeric)).map_or(text, |(_, v)| v);
    let double = text.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
    let single = text.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\''));
    match (double, single) {
        (Some(inner), _) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        (None, Some(inner)) => inner.to_owned(),
        (None, None) => text.to_owned(),
    }
}

/// Words joined again to the longest key that a mapping has.
fn key<'a>(node: &'a Node, words: &[Word]) -> Option<(usize, &'a str, &'a Node)> {
    let map = node.as_map()?;
    let open = words.iter().take_while(|word| !word.closed).count().max(1);
    (1..=open).rev().find_map(|used| {
        let key = joined(words, used);
        map.get_full(key.as_str()).map(|(_, key, child)| (used, key.text.as_str(), child))
    })
}

/// The item at a position or of a name, of the most words it can be made of.
fn item<'a>(items: &'a [Node], words: &[Word]) -> Option<(usize, usize, &'a Node)> {
    let index = words.first().and_then(|word| word.text.parse::<usize>().ok());
    if let Some((index, item)) = index.and_then(|index| Some((index, items.get(index)?))) {
        return Some((1, index, item));
    }
    let open = words.iter().take_while(|word| !word.closed).count().max(1);
    (1..=open).rev().find_map(|used| {
        let name = joined(words, used);
        let at = items.iter().position(|item| names(item).contains(&name))?;
        Some((used, at, items.get(at)?))
    })
}

fn joined(words: &[Word], used: usize) -> String {
    words.iter().take(used).map(|word| word.text.as_str()).collect::<Vec<_>>().join(".")
}

/// What an item may be called by: what Kubernetes or Compose tells it from others by.
fn names(item: &Node) -> Vec<String> {
    const FIELDS: [&str; 10] =
        ["name", "mountPath", "containerPort", "port", "ip", "key", "topologyKey", "target", "source", "path"];
    let text = |node: &Node| match &node.value {
        Value::String(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    };
    let fields = FIELDS.iter().filter_map(|field| item.get(field)).chain(item.at(&["metadata", "name"]));
    fields.chain([item]).filter_map(text).collect()
}

/// The steps that lead on from a value.
fn steps(node: &Node) -> Vec<String> {
    match &node.value {
        Value::Mapping(map) => map.keys().map(|key| key.text.clone()).collect(),
        Value::Sequence(items) => {
            let step = |(at, item): (usize, &Node)| names(item).into_iter().next().unwrap_or_else(|| at.to_string());
            items.iter().enumerate().map(step).collect()
        }
        _ => Vec::new(),
    }
}

/// Every leaf below a node, with its canonical path below `path`. An empty mapping or list is a leaf.
pub fn leaves<'a>(node: &'a Node, path: &str, out: &mut Vec<(String, &'a Node)>) {
    match &node.value {
        Value::Mapping(map) if !map.is_empty() => {
            map.iter().for_each(|(key, child)| leaves(child, &child_path(path, &key.text), out));
        }
        Value::Sequence(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(at, child)| leaves(child, &item_path(path, at), out));
        }
        _ => out.push((path.to_owned(), node)),
    }
}

/// Whether a path is another or lies below it.
pub fn is_within(path: &str, section: &str) -> bool {
    path.strip_prefix(section).is_some_and(|rest| section.is_empty() || rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object() -> Node {
        let env = |name: &str| Node::from([("name", name.into()), ("value", "x".into())]);
        let container = Node::from([("name", "api".into()), ("env", vec![env("A"), env("B.C")].into())]);
        let labels = Node::from([("app.kubernetes.io/name", "api".into()), ("plain", "x".into())]);
        Node::from([
            ("metadata", Node::from([("labels", labels)])),
            ("spec", Node::from([("containers", Node::from(vec![container]))])),
        ])
    }

    #[test]
    fn paths_lead_to_values_however_they_are_written() {
        let object = object();
        for (path, expect) in [
            ("", ""),
            (".spec.containers[0].name", "spec.containers[0].name"),
            ("spec.containers.0.name", "spec.containers[0].name"),
            ("spec.containers.api.env.A.value", "spec.containers[0].env[0].value"),
            ("spec.containers[api].env[name=A].value", "spec.containers[0].env[0].value"),
            ("spec.containers[\"api\"].env.B.C.value", "spec.containers[0].env[1].value"),
            ("metadata.labels.app.kubernetes.io/name", "metadata.labels[\"app.kubernetes.io/name\"]"),
            ("metadata.labels['app.kubernetes.io/name']", "metadata.labels[\"app.kubernetes.io/name\"]"),
            ("metadata.labels[\"app.kubernetes.io/name\"]", "metadata.labels[\"app.kubernetes.io/name\"]"),
        ] {
            assert_eq!(find(&object, path).map(|found| found.path), Ok(expect.to_owned()), "{path}");
        }
    }

    #[test]
    fn a_path_that_leads_nowhere_says_how_far_it_led() {
        let lost = find(&object(), "spec.containers.api.image").unwrap_err();
        assert_eq!((lost.at.as_str(), lost.step.as_str()), ("spec.containers[0]", "image"));
        assert_eq!(lost.known, ["name", "env"]);
        let lost = find(&object(), "spec.containers.web").unwrap_err();
        assert_eq!((lost.step.as_str(), lost.known.as_slice()), ("web", &["api".to_owned()][..]));
        assert!(find(&object(), "metadata.labels.plain.more").is_err());
    }

    #[test]
    fn sections_end_at_steps() {
        assert!(is_within("a.b[0]", "a.b") && is_within("a.b", "a.b") && is_within("a", ""));
        assert!(!is_within("a.bc", "a.b"));
    }
}
