//! What is known of a conversion, by the path, the span and the object it is about.

use std::collections::{BTreeMap, BTreeSet};

use tranship_kube::Object;
use tranship_model::ledger::sections;
use tranship_model::{At, Entry, Outcome, credential};
use tranship_source::Span;
use tranship_source::yaml::Node;

use super::path::{self, is_within, split};
use super::{Facts, FieldFacts, ObjectFacts, OutcomeFacts};
use crate::backends::manifests;
use crate::decision::{self, Decision};

/// Explains one conversion.
pub struct Explainer<'a> {
    pub(super) facts: Facts<'a>,
    /// Entries of the ledger by the path they are about.
    by_path: BTreeMap<&'a str, Vec<&'a Entry>>,
    /// Leaves by the place they are written at.
    by_span: BTreeMap<Span, Vec<&'a At>>,
    /// Where the ledger says values stand: by object the path in it, and the entry.
    by_object: BTreeMap<&'a str, Vec<(String, &'a Entry)>>,
    /// Fields of objects by the place of what they were made of.
    fields: BTreeMap<Span, Vec<(&'a Object, String, &'a Node)>>,
    /// Every choice behind the stack.
    pub(super) decisions: Vec<Decision<'a>>,
    /// Texts that only Secrets hold, with the places they were written at.
    secrets: BTreeSet<(Span, &'a str)>,
    /// Credentials of commands, which no place leads to.
    commands: BTreeSet<&'a str>,
    /// Where credentials are written.
    pub(super) covered: BTreeSet<Span>,
    labels: BTreeMap<String, &'a Object>,
}

impl<'a> Explainer<'a> {
    /// What can be told of a conversion.
    pub fn new(facts: Facts<'a>) -> Self {
        let mut out = Self {
            facts,
            by_path: BTreeMap::new(),
            by_span: BTreeMap::new(),
            by_object: BTreeMap::new(),
            fields: BTreeMap::new(),
            decisions: decision::of_stack(facts.stack),
            secrets: BTreeSet::new(),
            commands: BTreeSet::new(),
            covered: BTreeSet::new(),
            labels: facts.objects.iter().map(|object| (object.label(), object)).collect(),
        };
        for at in facts.leaves {
            out.by_span.entry(at.span).or_default().push(at);
        }
        for entry in &facts.ledger.entries {
            out.by_path.entry(&entry.path).or_default().push(entry);
            let (Outcome::Kept { to } | Outcome::Translated { to, .. }) = &entry.outcome else { continue };
            for (object, path) in targets(to) {
                out.by_object.entry(object).or_default().push((path, entry));
            }
        }
        for object in facts.objects {
            out.note(object, &object.tree, "");
        }
        let mut values = Vec::new();
        path::leaves(facts.project, "", &mut values);
        out.covered =
            values.into_iter().filter(|(path, node)| out.is_secret(path, node)).map(|(_, node)| node.span).collect();
        out
    }

    fn note(&mut self, object: &'a Object, node: &'a Node, path: &str) {
        if !node.span.is_none() {
            self.fields.entry(node.span).or_default().push((object, path.to_owned(), node));
        }
        if let Some(text) = node.as_str().filter(|_| object.kind() == "Secret" && is_data(path)) {
            self.secrets.insert((node.span, text));
            if path.contains(tranship_kube::lower::VARIABLE) {
                self.commands.insert(text);
            }
        }
        match &node.value {
            tranship_source::yaml::Value::Mapping(map) => {
                for (key, child) in map {
                    self.note(object, child, &tranship_model::ledger::child_path(path, &key.text));
                }
            }
            tranship_source::yaml::Value::Sequence(items) => {
                for (at, child) in items.iter().enumerate() {
                    self.note(object, child, &tranship_model::ledger::item_path(path, at));
                }
            }
            _ => {}
        }
    }

    /// The entries that speak for a leaf: its own, and those of whole sections it lies in. The nearest come first.
    pub(super) fn entries(&self, leaf: &str) -> Vec<&'a Entry> {
        let of = |section: &str| self.by_path.get(section).cloned().unwrap_or_default();
        let speaks = |entry: &&'a Entry| entry.whole || *entry.path == *leaf;
        let found: Vec<&Entry> = sections(leaf).flat_map(of).filter(speaks).collect();
        if !found.is_empty() {
            return found;
        }
        // What was added to the section a leaf is in is better than nothing.
        sections(leaf).map(of).find(|entries| !entries.is_empty()).unwrap_or_default()
    }

    /// The leaves written at a place.
    pub(super) fn leaves_at(&self, span: Span) -> &[&'a At] {
        self.by_span.get(&span).map(Vec::as_slice).unwrap_or_default()
    }

    /// The ledger's word on fields of an object that lie at, above or below a path.
    pub(super) fn said_of(&self, object: &str, path: &str) -> Vec<(&str, &'a Entry)> {
        let all = self.by_object.get(object).map(Vec::as_slice).unwrap_or_default();
        let near = |(to, _): &&(String, &Entry)| is_within(path, to) || is_within(to, path);
        all.iter().filter(near).map(|(to, entry)| (to.as_str(), *entry)).collect()
    }

    /// Fields made of what is written at a place.
    pub(super) fn fields_at(&self, span: Span) -> &[(&'a Object, String, &'a Node)] {
        self.fields.get(&span).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a value of the project is a credential: what is made of it stands in a Secret. A file's name or a short
    /// mount stands at the same place as what is made of it and is none, unless it is the very text.
    pub(super) fn is_secret(&self, path: &str, node: &Node) -> bool {
        let Some(text) = node.as_str().filter(|text| !text.is_empty()) else { return false };
        let mut made =
            self.secrets.range((node.span, "")..).take_while(|(span, _)| *span == node.span).map(|(_, text)| text);
        let steps = split(path);
        let is_variable = steps.get(2).is_some_and(|step| step == "environment");
        let name = steps.last().map_or("", String::as_str);
        if !is_variable && (self.commands.contains(text) || credential::reason(name, text, None).is_some()) {
            return !path.starts_with("secrets");
        }
        !node.span.is_none() && if is_variable { made.next().is_some() } else { made.any(|made| *made == text) }
    }

    /// The object of a label such as `Deployment/web`.
    pub(super) fn object(&self, label: &str) -> Option<&'a Object> {
        self.labels.get(label).copied()
    }

    /// The service an object belongs to.
    pub(super) fn service_of(&self, object: &Object) -> Option<&'a str> {
        let name = object.get(&crate::report::build::NAME_LABEL)?.as_str()?;
        self.facts.workloads.iter().find(|(_, workload)| *workload == name).map(|(service, _)| service.as_str())
    }
}

/// A field with its value, unless that is a credential.
pub(super) fn field(object: &Object, path: &str, node: &Node) -> FieldFacts {
    let secret = object.kind() == "Secret" && is_data(path);
    let value = if secret { None } else { super::source::one_line(node) };
    FieldFacts { object: object.label(), file: manifests::path(object), path: path.to_owned(), value }
}

/// Whether a path of a Secret leads to a value of it.
pub(super) fn is_data(path: &str) -> bool {
    ["stringData", "data"].iter().any(|section| path != *section && is_within(path, section))
}

/// The objects and paths that a ledger entry names: `ConfigMap/a, Deployment/b spec.template`.
pub(super) fn targets(to: &str) -> Vec<(&str, String)> {
    let is_kind = |word: &str| {
        word.split_once('/').is_some_and(|(kind, _)| {
            kind.starts_with(|c: char| c.is_ascii_uppercase()) && kind.chars().all(char::is_alphanumeric)
        })
    };
    let mut out: Vec<(&str, String)> = Vec::new();
    for word in to.split(' ') {
        let word = word.strip_suffix(',').unwrap_or(word);
        if is_kind(word) {
            out.push((word, String::new()));
        } else if let Some((_, path)) = out.last_mut() {
            // A field of ports of any place is one of all ports.
            let word = word.split("[]").next().unwrap_or(word);
            if !path.is_empty() && !word.is_empty() {
                path.push('.');
            }
            path.push_str(word);
        }
    }
    out
}

/// An object with its file.
pub(super) fn facts_of(object: &Object) -> ObjectFacts {
    ObjectFacts { object: object.label(), file: manifests::path(object) }
}

/// An entry as an answer tells it.
pub(super) fn outcome(entry: &Entry, leaf: &str) -> OutcomeFacts {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (to, why, todo) = match &entry.outcome {
        Outcome::Kept { to } => (Some(to.clone()), None, None),
        Outcome::Translated { to, why } => (Some(to.clone()), text(why), None),
        Outcome::Decided { why } => (None, text(why), None),
        Outcome::Dropped { why, todo } => (None, text(why), text(todo)),
    };
    let of = (*entry.path != *leaf).then(|| entry.path.to_string());
    OutcomeFacts { outcome: entry.outcome.word(), to, why, todo, of }
}

/// The node of a path in canonical form.
pub(super) fn node_at<'n>(root: &'n Node, path: &str) -> Option<&'n Node> {
    path::find(root, path).ok()?.node()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_name_objects_and_fields() {
        for (to, expect) in [
            ("Deployment/a spec.replicas", vec![("Deployment/a", "spec.replicas")]),
            ("ConfigMap/a, Deployment/b spec.c[0]", vec![("ConfigMap/a", ""), ("Deployment/b", "spec.c[0]")]),
            (
                "StatefulSet/a spec.v, StatefulSet/a spec.w",
                vec![("StatefulSet/a", "spec.v"), ("StatefulSet/a", "spec.w")],
            ),
            ("Deployment/a spec.env[0] valueFrom.x", vec![("Deployment/a", "spec.env[0].valueFrom.x")]),
            ("Service/a spec.ports[].name", vec![("Service/a", "spec.ports")]),
            ("service `web`, A in env", vec![]),
        ] {
            let found = targets(to);
            let found: Vec<(&str, &str)> = found.iter().map(|(object, path)| (*object, path.as_str())).collect();
            assert_eq!(found, expect, "{to}");
        }
    }
}
