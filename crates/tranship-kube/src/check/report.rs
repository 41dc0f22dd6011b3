//! Collects what is wrong with one object, and finds path and span of the value to blame.
//!
//! A rule names the node it dislikes and nothing else. Where that node lies is looked up only when something is wrong,
//! so that a good object costs nothing.

use std::fmt::{Display, Write};

use tranship_source::yaml::{Node, Value};
use tranship_source::{Code, Diagnostic, Span};

use crate::Object;

/// The diagnostics of one object.
pub struct Report<'a> {
    object: &'a Object,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Report<'a> {
    /// An empty report.
    pub fn new(object: &'a Object) -> Self {
        Self { object, diagnostics: Vec::new() }
    }

    /// Everything that was reported, in order.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// Reports an error at a value: `Kind/name path: what`.
    pub fn fault(&mut self, node: &Node, code: Code, what: impl Display, help: impl Into<String>) {
        let place = Place::of(&self.object.tree, node);
        self.push(&place.path, place.span, code, &what, help);
    }

    /// Reports an error at a field of a mapping, whether the field is there or not.
    pub fn fault_at(&mut self, parent: &Node, key: &str, code: Code, what: impl Display, help: impl Into<String>) {
        let mut place = Place::of(&self.object.tree, parent);
        place.step(key);
        if let Some((key, node)) = parent.as_map().and_then(|map| map.get_key_value(key)) {
            let own = [node.span, key.span].into_iter().find(|span| !span.is_none());
            place.span = own.unwrap_or(place.span);
        }
        self.push(&place.path, place.span, code, &what, help);
    }

    /// Reports an error at a key of a mapping: the key itself is to blame.
    pub fn fault_key(&mut self, parent: &Node, key: &str, code: Code, what: impl Display, help: impl Into<String>) {
        let mut place = Place::of(&self.object.tree, parent);
        place.step(key);
        if let Some((key, node)) = parent.as_map().and_then(|map| map.get_key_value(key)) {
            let own = [key.span, node.span].into_iter().find(|span| !span.is_none());
            place.span = own.unwrap_or(place.span);
        }
        self.push(&place.path, place.span, code, &what, help);
    }

    fn push(&mut self, path: &str, span: Span, code: Code, what: &dyn Display, help: impl Into<String>) {
        let gap = if path.is_empty() { "" } else { " " };
        let message = format!("{}{gap}{path}: {what}", self.object.label());
        self.diagnostics.push(Diagnostic::error(code, message).at(span).help(help));
    }
}

/// Where a node lies in a tree: `spec.containers[0].image`, and the nearest span from it upwards.
struct Place {
    path: String,
    span: Span,
}

impl Place {
    fn of(root: &Node, target: &Node) -> Self {
        let mut steps = Vec::new();
        find(root, target, &mut steps);
        let mut place = Self { path: String::new(), span: root.span };
        for step in steps {
            let (node, key_span) = match step {
                Step::Item(at, node) => {
                    let _ = write!(place.path, "[{at}]");
                    (node, Span::NONE)
                }
                Step::Key(key, key_span, node) => {
                    place.step(key);
                    (node, key_span)
                }
            };
            let own = [node.span, key_span].into_iter().find(|span| !span.is_none());
            place.span = own.unwrap_or(place.span);
        }
        place
    }

    /// Adds a key; one that is no plain name stands in brackets, as Kubernetes writes it.
    fn step(&mut self, key: &str) {
        let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let _ = match (plain, self.path.is_empty()) {
            (true, true) => write!(self.path, "{key}"),
            (true, false) => write!(self.path, ".{key}"),
            (false, _) => write!(self.path, "[{key}]"),
        };
    }
}

enum Step<'a> {
    Item(usize, &'a Node),
    Key(&'a str, Span, &'a Node),
}

/// The steps from `root` to the very node `target`; false where it is not in the tree.
fn find<'a>(root: &'a Node, target: &Node, steps: &mut Vec<Step<'a>>) -> bool {
    if std::ptr::eq(root, target) {
        return true;
    }
    match &root.value {
        Value::Sequence(items) => items.iter().enumerate().any(|(at, item)| {
            steps.push(Step::Item(at, item));
            find(item, target, steps) || steps.pop().is_none()
        }),
        Value::Mapping(map) => map.iter().any(|(key, node)| {
            steps.push(Step::Key(&key.text, key.span, node));
            find(node, target, steps) || steps.pop().is_none()
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use tranship_source::FileId;

    use super::*;

    #[test]
    fn a_fault_names_object_and_path_and_blames_the_nearest_span() {
        let mut object = Object::new("apps/v1", "Deployment", "web");
        let span = Span::new(FileId(0), 3, 9);
        let containers = Node::from(vec![Node::from([("image", Node::from(""))])]).blamed_on(span);
        object.set(&["spec", "containers"], containers);
        object.set(&["metadata", "labels", "app.kubernetes.io/name"], "x");
        let image = object.get(&["spec", "containers", "0", "image"]).unwrap();
        let mut report = Report::new(&object);
        report.fault(image, "kube-required", "is empty", "name an image");
        report.fault_at(object.get(&["spec"]).unwrap(), "replicas", "kube-required", "is missing", "");
        report.fault(object.get(&["metadata", "labels", "app.kubernetes.io/name"]).unwrap(), "kube-label", "bad", "");
        let found = report.into_diagnostics();
        assert_eq!(found[0].message, "Deployment/web spec.containers[0].image: is empty");
        assert_eq!(found[0].primary.as_ref().map(|label| label.span), Some(span));
        assert_eq!(found[1].message, "Deployment/web spec.replicas: is missing");
        assert_eq!(found[2].message, "Deployment/web metadata.labels[app.kubernetes.io/name]: bad");
    }
}
