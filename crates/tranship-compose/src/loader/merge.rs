//! One file over another: mappings merge, lists grow, and some keys have rules of their own.

use tranship_source::Diagnostic;
use tranship_source::yaml::{Key, Map, Node, Value};

use super::go_text;
use super::path::Path;
use super::trail;

/// How the values of a key merge.
enum Rule {
    /// Mappings merge, lists grow, all else is replaced.
    Usual,
    /// The later value stands alone.
    Replace,
    /// Both become lists of `KEY=VALUE`, which grow.
    Sequence,
    /// Both become mappings, the names of a list with these defaults.
    Mapping {
        defaults: bool,
    },
    Build,
    Logging,
    Ulimit,
    Ipam,
}

fn rule(path: &Path<'_>) -> Rule {
    match path.parts().as_slice() {
        ["networks", _, "ipam", "config"] => Rule::Ipam,
        ["services", _, "build"] => Rule::Build,
        ["networks" | "volumes", _, "labels"]
        | ["services", _, "deploy", "labels"]
        | ["services", _, "build", "args" | "additional_contexts" | "extra_hosts" | "labels"]
        | ["services", _, "volumes", _, "volume", "labels"]
        | [
            "services",
            _,
            "annotations" | "dns" | "dns_opt" | "dns_search" | "env_file" | "label_file" | "environment"
            | "extra_hosts" | "labels" | "sysctls" | "tmpfs",
        ] => Rule::Sequence,
        ["services", _, "command" | "entrypoint"] | ["services", _, "healthcheck", "test"] => Rule::Replace,
        ["services", _, "depends_on"] => Rule::Mapping { defaults: true },
        ["services", _, "models" | "networks"] => Rule::Mapping { defaults: false },
        ["services", _, "logging"] => Rule::Logging,
        ["services", _, "ulimits", _] => Rule::Ulimit,
        _ => Rule::Usual,
    }
}

/// Faults found while merging; where one is found, the earlier value stays.
pub(crate) type Faults = Vec<Diagnostic>;

/// Puts `over` onto `base`, both standing at `path`.
pub(crate) fn merge(base: Node, over: Node, path: &Path<'_>, faults: &mut Faults) -> Node {
    match rule(path) {
        Rule::Usual => usual(base, over, path, faults),
        Rule::Replace => replace(&base, over),
        Rule::Sequence => sequence(base, over),
        Rule::Mapping { defaults } => {
            let base = named(base, defaults, path, faults);
            let over = named(over, defaults, path, faults);
            mappings(base, over, path, faults)
        }
        Rule::Build => mappings(build(base), build(over), path, faults),
        Rule::Logging => logging(base, over, path, faults),
        Rule::Ulimit => match (&base.value, &over.value) {
            (Value::Mapping(_), Value::Mapping(_)) => mappings(base, over, path, faults),
            _ => replace(&base, over),
        },
        Rule::Ipam => ipam(base, &over, path, faults),
    }
}

fn replace(base: &Node, mut over: Node) -> Node {
    trail::replaces(&mut over, base);
    over
}

fn usual(mut base: Node, over: Node, path: &Path<'_>, faults: &mut Faults) -> Node {
    if over.is_null() {
        return base;
    }
    match (&mut base.value, over.value) {
        (Value::Mapping(_), value @ Value::Mapping(_)) => mappings(base, Node { value, ..over }, path, faults),
        (Value::Sequence(items), Value::Sequence(more)) => {
            append(items, more);
            base
        }
        (Value::Mapping(_) | Value::Sequence(_), value) => {
            faults.push(cannot(path, &base, &Node { value, ..over }));
            base
        }
        (_, value) => replace(&base, Node { value, ..over }),
    }
}

fn cannot(path: &Path<'_>, base: &Node, over: &Node) -> Diagnostic {
    let wanted = base.type_name();
    let message = format!("`{path}` is {} here and {wanted} in what it overrides", over.type_name());
    let fault = Diagnostic::error("merge-types", message).at(over.span).related(base.span, "overridden here");
    fault.help(format!("write {wanted}, or use `!override` to replace the earlier value altogether"))
}

fn mappings(mut base: Node, over: Node, path: &Path<'_>, faults: &mut Faults) -> Node {
    let Value::Mapping(more) = over.value else { return base };
    let Some(map) = base.as_map_mut() else { return Node { value: Value::Mapping(more), ..over } };
    for (key, value) in more {
        let Some(slot) = map.get_mut(key.text.as_str()) else {
            map.insert(key, value);
            continue;
        };
        let old = std::mem::replace(slot, Value::Null.into());
        *slot = merge(old, value, &path.key(&key.text), faults);
    }
    base
}

/// Adds what is not there yet.
fn append(items: &mut Vec<Node>, more: Vec<Node>) {
    for node in more {
        if !items.contains(&node) {
            items.push(node);
        }
    }
}

fn sequence(base: Node, over: Node) -> Node {
    let span = base.span;
    let mut items = into_sequence(base);
    append(&mut items, into_sequence(over));
    Node::new(Value::Sequence(items), span)
}

fn into_sequence(node: Node) -> Vec<Node> {
    match node.value {
        Value::Mapping(map) => {
            let mut items: Vec<Node> = map.into_iter().flat_map(|(key, value)| pairs(&key, &value)).collect();
            items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            items
        }
        Value::Sequence(items) => items,
        value @ Value::String(_) => vec![Node { value, ..node }],
        _ => Vec::new(),
    }
}

/// `KEY=VALUE` for an entry: one for each item where the value is a list, the key alone where there is none.
fn pairs(key: &Key, value: &Node) -> Vec<Node> {
    let pair = |value: &Node| {
        let made = Node::from(format!("{}={}", key.text, go_text::text(value)));
        trail::derived(made, value)
    };
    match &value.value {
        Value::Null => {
            let span = if value.span.is_none() { key.span } else { value.span };
            vec![Node::new(Value::String(key.text.clone()), span)]
        }
        Value::Sequence(items) => items.iter().map(pair).collect(),
        _ => vec![pair(value)],
    }
}

fn build(node: Node) -> Node {
    match node.value {
        Value::String(_) => trail::derived(Node::from([("context", node.clone())]), &node),
        _ => node,
    }
}

/// A mapping, or the names of a text or list as one; an empty mapping where that cannot be.
fn named(node: Node, defaults: bool, path: &Path<'_>, faults: &mut Faults) -> Node {
    let entry = |item: &Node| {
        let name = item.as_str()?;
        let value = if defaults { dependency() } else { Node::new(Value::Null, item.span) };
        Some((Key::new(name, item.span), trail::derived(value, item)))
    };
    let items = match &node.value {
        Value::Mapping(_) => return node,
        Value::String(_) => std::slice::from_ref(&node),
        Value::Sequence(items) => items.as_slice(),
        _ => {
            let message = format!("`{path}` is {} and cannot be merged with what it overrides", node.type_name());
            faults.push(Diagnostic::error("merge-types", message).at(node.span));
            &[]
        }
    };
    if let Some(bad) = items.iter().find(|item| item.as_str().is_none()) {
        let message = format!("`{path}` takes names, not {}", bad.type_name());
        faults.push(Diagnostic::error("merge-types", message).at(bad.span));
    }
    Node::new(Value::Mapping(items.iter().filter_map(entry).collect::<Map>()), node.span)
}

/// What a plain name in `depends_on` means.
pub(crate) fn dependency() -> Node {
    Node::from([("condition", Node::from("service_started")), ("required", Node::from(true))])
}

/// Options merge only where both files name the same driver, or one names none.
fn logging(base: Node, over: Node, path: &Path<'_>, faults: &mut Faults) -> Node {
    let bad = if base.as_map().is_none() { Some(&base) } else { Some(&over).filter(|node| node.as_map().is_none()) };
    if let Some(bad) = bad {
        let message = format!("`{path}` must be a mapping, not {}", bad.type_name());
        faults.push(Diagnostic::error("merge-types", message).at(bad.span));
        return base;
    }
    match (base.get("driver"), over.get("driver")) {
        (Some(old), Some(new)) if old != new => replace(&base, over),
        _ => mappings(base, over, path, faults),
    }
}

/// Pools merge by their subnet.
fn ipam(base: Node, over: &Node, path: &Path<'_>, faults: &mut Faults) -> Node {
    let (Value::Sequence(olds), Value::Sequence(news)) = (&base.value, &over.value) else {
        let message = format!("`{path}` must be a list");
        faults.push(Diagnostic::error("merge-types", message).at(over.span).related(base.span, "overridden here"));
        return base;
    };
    let mut pools: Vec<Node> = Vec::new();
    let same = |a: &Node, b: &Node| a.get("subnet") == b.get("subnet");
    for old in olds {
        let mut old = named(old.clone(), false, path, faults);
        // In docker compose the pools this one was put into share its memory, so they change with it.
        let mut shared: Vec<usize> = Vec::new();
        for new in news {
            let new = named(new.clone(), false, path, faults);
            if !same(&old, &new) && !pools.iter().any(|pool| same(pool, &new)) {
                pools.push(new);
                continue;
            }
            old = mappings(old, new, path, faults);
            for slot in &shared {
                if let Some(pool) = pools.get_mut(*slot) {
                    *pool = old.clone();
                }
            }
            let slot = pools.iter().position(|pool| same(pool, &old)).unwrap_or(pools.len());
            match pools.get_mut(slot) {
                Some(pool) => *pool = old.clone(),
                None => pools.push(old.clone()),
            }
            shared.push(slot);
        }
    }
    Node::new(Value::Sequence(pools), base.span)
}
