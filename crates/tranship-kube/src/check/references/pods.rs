//! The pods of a set, found by labels.

use std::collections::BTreeMap;

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::pod::pod;
use super::super::selector;
use crate::ObjectSet;

/// Pods and pod templates. Each stands under every label it has, so that a selector looks at few of them.
pub struct Pods<'a> {
    all: Vec<Entry<'a>>,
    by_label: BTreeMap<(&'a str, &'a str, &'a str), Vec<usize>>,
}

#[derive(Clone, Copy)]
struct Entry<'a> {
    namespace: &'a str,
    labels: Option<&'a Node>,
    spec: &'a Node,
}

impl<'a> Pods<'a> {
    /// The pods of a set.
    pub fn new(set: &'a ObjectSet) -> Self {
        let mut pods = Self { all: Vec::new(), by_label: BTreeMap::new() };
        for object in set {
            let Some(pod) = pod(object) else { continue };
            let namespace = object.namespace();
            for (key, value) in pod.template.get("metadata").into_iter().flat_map(|metadata| metadata.entries("labels"))
            {
                let place = (namespace, key.text.as_str(), value.as_str().unwrap_or(""));
                pods.by_label.entry(place).or_default().push(pods.all.len());
            }
            pods.all.push(Entry { namespace, labels: pod.labels(), spec: pod.spec });
        }
        pods
    }

    /// The specs of pods that a mapping of labels selects, as a Service does.
    pub fn with_labels(&self, namespace: &str, wanted: &Node) -> Vec<&'a Node> {
        let likely = self.likely(namespace, Some(wanted));
        likely.into_iter().filter(|pod| selector::equal(wanted, pod.labels)).map(|pod| pod.spec).collect()
    }

    /// Whether a label selector selects any pod.
    pub fn any_selected(&self, namespace: &str, wanted: &Node) -> bool {
        let likely = self.likely(namespace, wanted.field("matchLabels"));
        likely.into_iter().any(|pod| selector::matches(wanted, pod.labels))
    }

    /// The pods that have the rarest of some labels; all of the namespace if there are no labels.
    fn likely(&self, namespace: &str, labels: Option<&Node>) -> Vec<Entry<'a>> {
        let labels = labels.and_then(Node::as_map).into_iter().flatten();
        let found = labels.map(|(key, value)| {
            let place = (namespace, key.text.as_str(), value.as_str().unwrap_or(""));
            self.by_label.get(&place).map(Vec::as_slice).unwrap_or_default()
        });
        match found.min_by_key(|pods| pods.len()) {
            Some(places) => places.iter().filter_map(|place| self.all.get(*place).copied()).collect(),
            None => self.all.iter().filter(|pod| pod.namespace == namespace).copied().collect(),
        }
    }
}
