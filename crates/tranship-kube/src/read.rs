//! Manifests as objects: every document of a text, with lists taken apart.

use tranship_source::yaml::{Node, Value, parse};
use tranship_source::{Checked, Diagnostic, FileId};

use crate::object::Object;

/// Reads the objects of a text. Empty documents are skipped; a `List` of any kind gives its items.
///
/// Errors: what the YAML parser reports, and `manifest-object` for a document that is no object.
pub fn read(file: FileId, text: &str) -> Checked<Vec<Object>> {
    let parsed = parse(file, text);
    let mut diagnostics = parsed.diagnostics;
    let mut objects = Vec::new();
    for document in parsed.value {
        take(document, &mut objects, &mut diagnostics);
    }
    Checked::new(objects, diagnostics)
}

fn take(node: Node, objects: &mut Vec<Object>, diagnostics: &mut Vec<Diagnostic>) {
    if node.is_null() {
        return;
    }
    let kind = node.get("kind").and_then(Node::as_str).unwrap_or_default();
    if kind.is_empty() || node.get("apiVersion").and_then(Node::as_str).is_none() {
        let fault = Diagnostic::error("manifest-object", "a document is no Kubernetes object");
        diagnostics.push(fault.at(node.span).help("give it `apiVersion` and `kind`"));
        return;
    }
    if !kind.ends_with("List") || node.get("items").is_none() {
        objects.push(Object { tree: node });
        return;
    }
    let Value::Mapping(mut map) = node.value else { return };
    let Some(Value::Sequence(items)) = map.shift_remove("items").map(|items| items.value) else { return };
    for item in items {
        take(item, objects, diagnostics);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_and_lists_give_their_objects() {
        let text = "---\napiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n---\napiVersion: v1\nkind: List\nitems:\n\
                    - {apiVersion: v1, kind: Secret, metadata: {name: b}}\n---\njust: data\n";
        let read = read(FileId(0), text);
        assert_eq!(read.value.iter().map(Object::label).collect::<Vec<_>>(), ["Service/a", "Secret/b"]);
        assert_eq!(read.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), ["manifest-object"]);
    }
}
