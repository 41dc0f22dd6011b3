//! Names of objects: each kind has its own rule.

use super::super::look::Look;
use super::super::names::{self, Reason};
use super::super::report::Report;
use super::Subject;
use crate::KubeVersion;

/// Reports an absent name, a name the kind does not allow, and a bad namespace.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let object = subject.object;
    let Some(metadata) = object.get(&["metadata"]).filter(|node| node.as_map().is_some()) else {
        report.fault_at(&object.tree, "metadata", "kube-required", "is missing", "set `metadata.name`");
        return;
    };
    if let Some(text) = metadata.text("name").filter(|text| !text.is_empty()) {
        if let Some(why) = rule(object.api_version(), object.kind(), subject.version)(text) {
            let help = "choose another name, such as lower case letters and digits joined by `-`";
            report.fault_at(metadata, "name", "kube-name", format!("`{text}` {why}"), help);
        }
    } else if metadata.text("generateName").is_none_or(str::is_empty) {
        report.fault_at(metadata, "name", "kube-required", "is missing", "set `metadata.name`");
    }
    super::ask::name(metadata, "namespace", names::label, report);
    if (object.api_version(), object.kind()) == ("batch/v1", "CronJob") && object.name().len() > 52 {
        let help = "shorten it: the Jobs it makes get eleven characters more";
        report.fault_at(metadata, "name", "kube-name", "must have at most 52 characters", help);
    }
}

/// The name rule of a kind. Kinds without one take whatever fits into a URL.
fn rule(api_version: &str, kind: &str, version: KubeVersion) -> fn(&str) -> Reason {
    match (api_version, kind) {
        ("v1", "Service") if version.minor() < 36 => names::label_1035,
        // Each pod of a StatefulSet gets the set's name as its host name.
        ("v1", "Service" | "Namespace") | ("apps/v1", "StatefulSet") => names::label,
        (
            "v1",
            "ConfigMap"
            | "Secret"
            | "PersistentVolumeClaim"
            | "PersistentVolume"
            | "ServiceAccount"
            | "Pod"
            | "PodTemplate"
            | "ReplicationController"
            | "Endpoints"
            | "LimitRange"
            | "ResourceQuota"
            | "Node",
        )
        | (
            "apps/v1"
            | "batch/v1"
            | "networking.k8s.io/v1"
            | "autoscaling/v1"
            | "autoscaling/v2"
            | "scheduling.k8s.io/v1"
            | "discovery.k8s.io/v1",
            _,
        )
        | ("storage.k8s.io/v1", "StorageClass") => names::subdomain,
        _ => names::path_segment,
    }
}
