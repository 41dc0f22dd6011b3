//! The level of a namespace: the strictest that every pod of it meets.

use tranship_source::yaml::{Key, Node, Value};

use super::{Level, Violation, judge, level};
use crate::KubeVersion;
use crate::check::pod;
use crate::object::{Object, ObjectSet};

/// A pod and what it violates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The object whose pod it is, as `Kind/name`.
    pub object: String,
    /// The strictest level it meets.
    pub level: Level,
    /// What keeps it from the next.
    pub violations: Vec<Violation>,
}

/// How the pods of a set of objects stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The strictest level that all of them meet.
    pub level: Level,
    /// Every pod, in the order of the objects.
    pub pods: Vec<Held>,
}

/// Judges the pods of objects.
pub fn standing<'a>(objects: impl IntoIterator<Item = &'a Object>, version: KubeVersion) -> Standing {
    let of = |object: &Object| {
        let violations = judge(pod(object)?.template, version);
        Some(Held { object: object.label(), level: level(&violations), violations })
    };
    let pods: Vec<Held> = objects.into_iter().filter_map(of).collect();
    let level = pods.iter().map(|pod| pod.level).min().unwrap_or(Level::Restricted);
    Standing { level, pods }
}

/// Labels the namespace of a set with the level of its pods, by the rules of one version, so that a newer cluster does
/// not refuse what runs. Warnings are given from the strictest on. A label that is there already stays.
pub fn label(set: &mut ObjectSet, level: Level, version: KubeVersion) {
    let version = format!("v{version}");
    let strictest = Level::Restricted.word();
    let modes = [("enforce", level.word()), ("audit", strictest), ("warn", strictest)];
    for object in set.objects.iter_mut().filter(|object| object.kind() == "Namespace") {
        if object.get(&["metadata", "labels"]).is_none() {
            object.set(&["metadata", "labels"], Node::from(tranship_source::yaml::Map::default()));
        }
        let metadata = object.tree.as_map_mut().and_then(|tree| tree.get_mut("metadata")).and_then(Node::as_map_mut);
        let Some(Value::Mapping(labels)) = metadata.and_then(|m| m.get_mut("labels")).map(|node| &mut node.value)
        else {
            continue;
        };
        for (mode, word) in modes {
            let key = format!("pod-security.kubernetes.io/{mode}");
            labels.entry(Key::from(key.clone())).or_insert_with(|| word.into());
            labels.entry(Key::from(format!("{key}-version"))).or_insert_with(|| version.as_str().into());
        }
    }
}
