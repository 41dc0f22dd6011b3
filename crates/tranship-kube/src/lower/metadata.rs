//! Names, namespaces, labels and annotations of objects.

use tranship_model::{Origin, Traced, credential};
use tranship_source::Diagnostic;
use tranship_source::yaml::{Key, Map, Node, Value};

use super::Lowering;
use super::fields::blamed;
use crate::lift::NAME_ANNOTATION;
use crate::names::label_value;
use crate::object::Object;

/// The label that names a service's pods.
pub(crate) const NAME: &str = "app.kubernetes.io/name";
/// The label that names the project.
pub(crate) const INSTANCE: &str = "app.kubernetes.io/instance";
/// The label that says who wrote the object.
pub(crate) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// The labels that select a service's pods; they never change.
pub(crate) fn selector(cx: &Lowering<'_>, name: &str) -> Node {
    let project = label_value(&cx.stack.name.value);
    Node::from([(NAME, label_value(name).into()), (INSTANCE, project.into())])
}

/// The labels of an object that belongs to a service.
pub(crate) fn labels(cx: &Lowering<'_>, name: &str) -> Node {
    let mut node = selector(cx, name);
    if let Some(map) = node.as_map_mut() {
        map.insert(Key::from(MANAGED_BY), "tranship".into());
    }
    node
}

/// The labels of an object that belongs to the whole project.
pub(crate) fn project_labels(cx: &Lowering<'_>) -> Node {
    let project = label_value(&cx.stack.name.value);
    Node::from([(INSTANCE, project.into()), (MANAGED_BY, "tranship".into())])
}

/// Puts an object into the namespace, which stands right after its name. A Namespace itself is in none.
pub(crate) fn place(object: &mut Object, namespace: &str) {
    if object.kind() == "Namespace" {
        return;
    }
    let Some(Value::Mapping(metadata)) =
        object.tree.as_map_mut().and_then(|map| map.get_mut("metadata")).map(|node| &mut node.value)
    else {
        return;
    };
    metadata.shift_insert(1, Key::from("namespace"), namespace.into());
}

/// The project's labels and annotations as annotations at `to`: Kubernetes' own labels are for selecting and carry little.
pub(crate) fn annotations(
    cx: &mut Lowering<'_>,
    to: &str,
    labels: &[(String, Traced<String>)],
    annotations: &[(String, Traced<String>)],
) -> Map {
    let mut map = Map::default();
    let mut size = 0;
    let tagged = labels.iter().map(|pair| (pair, true)).chain(annotations.iter().map(|pair| (pair, false)));
    for ((name, value), is_label) in tagged {
        if credential::reason(name, &value.value, None).is_some() {
            let why = format!("`{name}` holds a credential, and anyone who may look at pods reads their annotations");
            let todo = "give it to the tool that reads it in a Secret";
            cx.ledger.dropped(&value.origin, &why, todo);
            let fault = Diagnostic::warning("credential-in-label", format!("{why}: it is left out")).at(value.span());
            cx.diagnostics.push(fault.help(todo));
            continue;
        }
        size += name.len() + value.value.len();
        if let Some(why) = refusal(name, size) {
            let todo = "shorten it, or give it to the tool that reads it another way";
            cx.ledger.dropped(&value.origin, &format!("annotation `{name}` is refused: {why}"), todo);
            let message = format!("`{name}` cannot be an annotation: {why}");
            cx.diagnostics.push(Diagnostic::warning("annotation-refused", message).at(value.span()));
            continue;
        }
        map.insert(Key::new(name.clone(), value.span()), blamed(value, value.value.clone()));
        let to = format!("{to}[\"{name}\"]");
        if is_label {
            let why = "a container's label is data for tools that read it, which Kubernetes keeps in annotations";
            cx.ledger.translated(&value.origin, &to, why);
        } else {
            cx.ledger.kept(&value.origin, &to);
        }
    }
    map
}

/// Keeps the name an object's source has in the project, where the object could not take it.
pub(crate) fn keep_name(object: &mut Object, original: &str) {
    if object.name() != original {
        object.set(&["metadata", "annotations", NAME_ANNOTATION], original);
    }
}

/// Labels of a volume, config or secret as annotations of its object.
pub(crate) fn annotate(cx: &mut Lowering<'_>, object: &mut Object, labels: &[(String, Traced<String>)]) {
    let to = format!("{} metadata.annotations", object.label());
    let map = annotations(cx, &to, labels, &[]);
    for (key, value) in map {
        object.set(&["metadata", "annotations", &key.text], value);
    }
}

/// Why an annotation would be refused, `size` being the bytes of all annotations up to it.
fn refusal(key: &str, size: usize) -> Option<&'static str> {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let ends = |c: char| c.is_ascii_alphanumeric();
    let inner = |c: char| ends(c) || "-_.".contains(c);
    let is_name = name.starts_with(ends) && name.ends_with(ends) && name.chars().all(inner);
    if !is_name {
        return Some("its key holds characters other than letters, digits, `-`, `_` and `.`");
    }
    if name.len() > 63 {
        return Some("its key is longer than 63 characters");
    }
    if prefix.is_some_and(|prefix| !is_domain(prefix)) {
        return Some("what stands before its `/` is no domain");
    }
    (size > 200 * 1024).then_some("all annotations together would be over 256 KiB")
}

fn is_domain(text: &str) -> bool {
    let part = |part: &str| {
        let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(ends) && part.ends_with(ends) && part.chars().all(|c| ends(c) || c == '-')
    };
    text.len() <= 253 && text.split('.').all(part)
}

/// Says that a name could not stay, once for each name.
pub(crate) fn renamed(cx: &mut Lowering<'_>, what: &str, from: &str, to: &str, origin: &Origin) {
    if from == to {
        return;
    }
    let message = format!("{what} `{from}` is called `{to}` on Kubernetes");
    let fault = Diagnostic::warning("name-changed", message).at(origin.span());
    cx.diagnostics.push(fault.help(format!("use `{to}` wherever the app names `{from}`, or rename it in the project")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_the_server_refuses_are_known() {
        for (key, fine) in [
            ("traefik.http.routers.web.rule", true),
            ("com.example/a_b", true),
            ("a/b/c", false),
            ("Com.Example/x", false),
            ("spaced key", false),
            ("", false),
            ("-a", false),
        ] {
            assert_eq!(refusal(key, 10).is_none(), fine, "{key}");
        }
        assert!(refusal("a", 300_000).is_some());
    }
}
