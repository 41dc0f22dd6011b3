//! Typed reads of fields that may be absent.

use tranship_model::{Origin, Traced};
use tranship_source::yaml::Node;

use super::origin;
use crate::object::Object;

/// A part of an object, such as the pod's spec, that remembers where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) object: &'a Object,
    pub(crate) node: Option<&'a Node>,
    pub(crate) path: &'static str,
}

impl<'a> Part<'a> {
    /// The value of a field.
    pub(crate) fn get(&self, field: &str) -> Option<&'a Node> {
        let steps: Vec<&str> = field.split('.').collect();
        self.node?.at(&steps).filter(|node| !node.is_null())
    }

    /// The items of a list field; none when it is absent.
    pub(crate) fn list(&self, field: &str) -> &'a [Node] {
        self.get(field).and_then(Node::as_seq).unwrap_or_default()
    }

    /// Where a field stands.
    pub(crate) fn origin(&self, field: &str, node: &Node) -> Origin {
        origin(self.object, &format!("{}.{field}", self.path), node)
    }

    /// A value made of a field.
    pub(crate) fn read<T>(&self, field: &str, f: impl FnOnce(&Node) -> Option<T>) -> Option<Traced<T>> {
        let node = self.get(field)?;
        Some(Traced::new(f(node)?, self.origin(field, node)))
    }

    /// A text.
    pub(crate) fn text(&self, field: &str) -> Option<Traced<String>> {
        self.read(field, |node| node.as_str().map(str::to_owned))
    }

    /// A truth value.
    pub(crate) fn flag(&self, field: &str) -> Option<Traced<bool>> {
        self.read(field, Node::as_bool)
    }

    /// A whole number that is not negative.
    pub(crate) fn number(&self, field: &str) -> Option<Traced<u64>> {
        self.read(field, |node| u64::try_from(node.as_int()?).ok())
    }

    /// Texts of a list.
    pub(crate) fn texts(&self, field: &str) -> Vec<Traced<String>> {
        let one = |node: &Node| Some(Traced::new(scalar(node)?, self.origin(field, node)));
        self.list(field).iter().filter_map(one).collect()
    }
}

/// The template of a workload's pods.
pub(crate) fn template(object: &Object) -> Option<&Node> {
    let of_job = (object.kind() == "CronJob").then(|| object.get(&["spec", "jobTemplate", "spec", "template"]));
    of_job.unwrap_or_else(|| object.get(&["spec", "template"]))
}

/// The text of a scalar, whatever its type.
pub(crate) fn scalar(node: &Node) -> Option<String> {
    use tranship_source::yaml::Value;
    match &node.value {
        Value::String(text) => Some(text.clone()),
        Value::Int(number) => Some(node.raw().map_or_else(|| number.to_string(), str::to_owned)),
        Value::Float(number) => Some(node.raw().map_or_else(|| number.to_string(), str::to_owned)),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) => None,
    }
}

/// A text under a key, empty when absent.
pub(crate) fn text_of<'a>(node: &'a Node, key: &str) -> &'a str {
    node.get(key).and_then(Node::as_str).unwrap_or_default()
}
