//! From Kubernetes objects back to the neutral [`Stack`], one file per kind or per section of a pod.
//!
//! The way back of `lower`: for what tranship wrote itself it gives the same stack, up to what the ledger says was
//! dropped or decided. Manifests of others are read as far as a stack can hold them; what it cannot hold is reported.
//! Start reading at [`lift`].

mod account;
mod blobs;
mod claim;
mod container;
mod covered;
mod entry;
mod env;
mod hooks;
mod mounts;
mod network_policy;
mod operations;
mod outside;
mod pod;
mod probe;
pub(crate) mod quantity;
mod read;
mod rest;
mod service;
#[cfg(test)]
mod tests;
mod waits;
mod workload;

use indexmap::IndexMap;
use tranship_model::{Exposure, Origin, Stack, Traced};
use tranship_source::yaml::Node;
use tranship_source::{Checked, Diagnostic, Span};

use crate::object::{Object, ObjectSet};

pub(crate) use read::template;
pub use rest::rest;

/// The annotation that keeps the name an object's source has in the project, where Kubernetes could not carry it.
pub const NAME_ANNOTATION: &str = "tranship.dev/name";

/// Reads a set of objects as an application.
///
/// Diagnostics: `lift-kind` for kinds a stack has no place for.
pub fn lift(set: &ObjectSet) -> Checked<Stack> {
    let mut cx = Lifting { set, diagnostics: Vec::new() };
    let stack = Stack {
        name: name(set),
        services: IndexMap::new(),
        volumes: IndexMap::new(),
        networks: IndexMap::new(),
        isolation: None,
        configs: IndexMap::new(),
        secrets: IndexMap::new(),
        outside: IndexMap::new(),
        exposure: Exposure::default(),
        left_out: Vec::new(),
        said: None,
    };
    let mut stack = fill(&mut cx, stack);
    stack.exposure = entry::lift(set);
    outside::lift(set, &mut stack);
    Checked::new(stack, cx.diagnostics)
}

/// What lifting knows and collects.
pub(crate) struct Lifting<'a> {
    pub(crate) set: &'a ObjectSet,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

fn fill(cx: &mut Lifting<'_>, mut stack: Stack) -> Stack {
    for object in cx.set {
        match object.kind() {
            "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob" => {
                let service = workload::lift(cx, object, &mut stack);
                stack.services.insert(service.name.clone(), service);
                for guest in workload::guests(cx, object, &mut stack) {
                    stack.services.entry(guest.name.clone()).or_insert(guest);
                }
            }
            "PersistentVolumeClaim" => claim::lift(object, &mut stack),
            "ConfigMap" | "Secret" => blobs::lift(cx, object, &mut stack),
            // What they say of a workload is read with it.
            "Namespace"
            | "Service"
            | "ServiceAccount"
            | "Role"
            | "RoleBinding"
            | "HorizontalPodAutoscaler"
            | "PodDisruptionBudget" => {}
            // By what the app is reached, read once all is there.
            kind if entry::KINDS.contains(&kind) => {}
            "NetworkPolicy" if network_policy::is_ours(object) => {}
            other => {
                let message = format!("{} is not read back: a stack has no place for {other}", object.label());
                cx.diagnostics.push(Diagnostic::note("lift-kind", message).at(object.tree.span));
            }
        }
    }
    network_policy::lift(cx, &mut stack);
    stack
}

/// The application's name: the label all objects carry, else the namespace.
fn name(set: &ObjectSet) -> Traced<String> {
    let label = set.iter().find_map(|o| o.get(&["metadata", "labels", "app.kubernetes.io/instance"])?.as_str());
    let space = set.iter().find(|o| o.kind() == "Namespace").map(Object::name);
    let space = space.or_else(|| set.iter().map(Object::namespace).find(|name| !name.is_empty()));
    let name = label.or(space).unwrap_or("default").to_owned();
    Traced::at(name, "metadata.namespace", Span::NONE)
}

/// The name an object's source has in the project.
pub(crate) fn source_name(object: &Object) -> String {
    let kept = object.get(&["metadata", "annotations", NAME_ANNOTATION]).and_then(Node::as_str);
    kept.unwrap_or(object.name()).to_owned()
}

/// The origin of what was read from a field of an object.
pub(crate) fn origin(object: &Object, field: &str, node: &Node) -> Origin {
    Origin::at(format!("{} {field}", object.label()), node.span)
}
