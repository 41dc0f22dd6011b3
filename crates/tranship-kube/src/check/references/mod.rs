//! References from object to object: what is named must be in the set, or promised to exist outside it.
//!
//! The server takes most dangling references, and the pods then wait for ever; here they are errors. A reference that
//! says `optional: true` may dangle.

mod accounts;
mod backends;
mod claims;
mod config;
mod namespaces;
mod pods;
mod roles;
mod selections;
mod targets;

use std::collections::{BTreeMap, BTreeSet};

use tranship_source::yaml::Node;

use super::external::{ANNOTATION, External};
use super::look::Look;
use super::report::Report;
use crate::{Object, ObjectSet};
use pods::Pods;

/// Every object of a set by kind, namespace and name.
pub struct Index<'a> {
    external: &'a External,
    objects: BTreeMap<(&'a str, &'a str, &'a str), &'a Object>,
    /// Objects found by kind and name alone, for kinds that belong to no namespace.
    global: BTreeSet<(&'a str, &'a str)>,
    /// Objects that repeat kind, namespace and name of an earlier one.
    twice: BTreeSet<*const Object>,
    makes_namespaces: bool,
    pods: Pods<'a>,
}

impl<'a> Index<'a> {
    /// Indexes a set.
    pub fn new(set: &'a ObjectSet, external: &'a External) -> Self {
        let mut index = Self {
            external,
            objects: BTreeMap::new(),
            global: BTreeSet::new(),
            twice: BTreeSet::new(),
            makes_namespaces: set.iter().any(|object| object.kind() == "Namespace"),
            pods: Pods::new(set),
        };
        for object in set.iter().filter(|object| !object.name().is_empty()) {
            let first = *index.objects.entry((object.kind(), object.namespace(), object.name())).or_insert(object);
            if !std::ptr::eq(first, object) && group(first) == group(object) {
                index.twice.insert(std::ptr::from_ref(object));
            }
            index.global.insert((object.kind(), object.name()));
        }
        index
    }

    /// The object a reference from `from` means: same namespace, given kind and name.
    pub fn beside(&self, from: &Object, kind: &str, name: &str) -> Option<&'a Object> {
        self.objects.get(&(kind, from.namespace(), name)).copied()
    }

    /// Whether the set has an object of a kind that belongs to no namespace.
    pub fn has_global(&self, kind: &str, name: &str) -> bool {
        self.global.contains(&(kind, name))
    }

    /// Whether an object is promised to exist, for all or by the one that refers to it.
    pub fn is_external(&self, from: &Object, kind: &str, name: &str) -> bool {
        let own = from.get(&["metadata", "annotations", ANNOTATION]).and_then(Node::as_str);
        self.external.has(kind, name) || own.is_some_and(|text| External::parse(text).has(kind, name))
    }

    /// Whether an object is in the set or promised.
    pub fn knows(&self, from: &Object, kind: &str, name: &str) -> bool {
        self.beside(from, kind, name).is_some() || self.is_external(from, kind, name)
    }

    /// Names of a kind in the namespace of an object.
    fn names(&self, from: &Object, kind: &'a str) -> impl Iterator<Item = &'a str> {
        let namespace = from.namespace().to_owned();
        let start = self.objects.range((kind, "", "")..);
        let of_kind = start.take_while(move |(key, _)| key.0 == kind);
        of_kind.filter(move |(key, _)| key.1 == namespace).map(|(key, _)| key.2)
    }
}

fn group(object: &Object) -> &str {
    super::pack::split(object.api_version()).0
}

/// How many names are looked at for the one that was meant: enough for any real set, and never slow.
const CANDIDATES: usize = 100;

/// Reports every reference of an object that leads nowhere.
pub fn check(object: &Object, index: &Index<'_>, report: &mut Report<'_>) {
    if index.twice.contains(&std::ptr::from_ref(object))
        && let Some(metadata) = object.get(&["metadata"])
    {
        let what = format!("another {} of the set has this name too", object.kind());
        report.fault_at(metadata, "name", "kube-duplicate-object", what, "choose another name, or keep one of them");
    }
    config::check(object, index, report);
    claims::check(object, index, report);
    accounts::check(object, index, report);
    selections::check(object, index, report);
    backends::check(object, index, report);
    targets::check(object, index, report);
    roles::check(object, index, report);
    namespaces::check(object, index, report);
}

/// Reports the name in a field if no object of the kind has it.
fn named<'a>(object: &Object, index: &Index<'a>, parent: &Node, key: &str, kind: &'a str, report: &mut Report<'_>) {
    let Some(name) = parent.text(key).filter(|name| !name.is_empty()) else { return };
    // Every namespace has the certificate of its cluster's API.
    if index.knows(object, kind, name) || (kind, name) == ("ConfigMap", "kube-root-ca.crt") {
        return;
    }
    let what = format!("there is no {kind} `{name}`");
    let help = match super::suggest::nearest(name, index.names(object, kind).take(CANDIDATES)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("add the {kind}, or say that it exists: annotation `{ANNOTATION}: {kind}/{name}`"),
    };
    report.fault_at(parent, key, code(kind), what, help);
}

/// The code of a dangling reference to a kind.
fn code(kind: &str) -> &'static str {
    match kind {
        "ConfigMap" => "kube-dangling-config-map",
        "Secret" => "kube-dangling-secret",
        "PersistentVolumeClaim" => "kube-dangling-claim",
        "ServiceAccount" => "kube-dangling-account",
        "Service" => "kube-dangling-service",
        "PriorityClass" => "kube-dangling-priority-class",
        "Role" | "ClusterRole" => "kube-dangling-role",
        "Namespace" => "kube-dangling-namespace",
        _ => "kube-dangling-target",
    }
}
