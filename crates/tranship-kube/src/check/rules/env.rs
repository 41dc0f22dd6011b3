//! Environment variables: names, and values from exactly one source.

use tranship_source::yaml::Node;

use super::super::look::Look;
use super::super::names;
use super::super::pod::Pod;
use super::super::report::Report;
use super::ask;
use crate::KubeVersion;

const SOURCES: [&str; 5] = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

const POD_FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// Reports variables the server refuses.
pub fn check(pod: &Pod<'_>, version: KubeVersion, report: &mut Report<'_>) {
    let relaxed = version >= KubeVersion::ENV_NAMES;
    for (_, container) in pod.containers() {
        for variable in container.items("env") {
            name(variable, "name", relaxed, report);
            if let Some(from) = variable.field("valueFrom") {
                value_from(variable, from, report);
            }
        }
        for source in container.items("envFrom") {
            if source.text("prefix").is_some_and(|prefix| !prefix.is_empty()) {
                name(source, "prefix", relaxed, report);
            }
            env_from(source, report);
        }
    }
}

fn name(parent: &Node, key: &str, relaxed: bool, report: &mut Report<'_>) {
    let Some(text) = parent.text(key) else { return };
    if let Some(why) = names::env(text, relaxed) {
        report.fault_at(parent, key, "kube-env", format!("is no variable name: it {why}"), "choose another name");
    }
}

fn value_from(variable: &Node, from: &Node, report: &mut Report<'_>) {
    if variable.text("value").is_some_and(|value| !value.is_empty()) {
        let help = "keep `value` or `valueFrom`";
        report.fault(from, "kube-env", "is not allowed beside `value`", help);
    }
    one_source(from, &SOURCES, report);
    for reference in ["configMapKeyRef", "secretKeyRef"] {
        let Some(reference) = from.field(reference) else { continue };
        object_name(reference, report);
        ask::present(reference, "key", report);
        if let Some(why) = reference.text("key").filter(|key| !key.is_empty()).and_then(names::config_key) {
            report.fault_at(
                reference,
                "key",
                "kube-config-key",
                format!("is no key: it {why}"),
                "name a key of the object",
            );
        }
    }
    if let Some(field) = from.field("fieldRef") {
        pod_field(field, report);
    }
    if let Some(field) = from.field("resourceFieldRef") {
        let known = |text: &str| {
            let (side, what) = text.split_once('.').unwrap_or(("", text));
            matches!(side, "limits" | "requests")
                && (matches!(what, "cpu" | "memory" | "ephemeral-storage") || what.starts_with("hugepages-"))
        };
        if field.text("resource").is_some_and(|text| !known(text)) {
            let help = "write `limits.` or `requests.` with `cpu`, `memory` or `ephemeral-storage`";
            report.fault_at(field, "resource", "kube-env", "is no resource of a container", help);
        }
    }
}

fn pod_field(field: &Node, report: &mut Report<'_>) {
    let Some(path) = field.text("fieldPath") else { return };
    let subscript = ["metadata.labels['", "metadata.annotations['"].iter().find_map(|head| path.strip_prefix(head));
    let known = match subscript.and_then(|rest| rest.strip_suffix("']")) {
        Some(key) => names::qualified(&key.to_lowercase()).is_none(),
        None => POD_FIELDS.contains(&path),
    };
    if !known {
        let help = format!("write one of {}", POD_FIELDS.join(", "));
        report.fault_at(field, "fieldPath", "kube-env", "is no field of a pod that a variable can show", help);
    }
}

fn env_from(source: &Node, report: &mut Report<'_>) {
    one_source(source, &["configMapRef", "secretRef"], report);
    for reference in ["configMapRef", "secretRef"] {
        if let Some(reference) = source.field(reference) {
            object_name(reference, report);
        }
    }
}

fn object_name(reference: &Node, report: &mut Report<'_>) {
    ask::present(reference, "name", report);
    ask::name(reference, "name", names::subdomain, report);
}

fn one_source(from: &Node, sources: &[&str], report: &mut Report<'_>) {
    let given: Vec<&str> = sources.iter().copied().filter(|source| from.field(source).is_some()).collect();
    let what = match given.as_slice() {
        [_] => return,
        [] => "names no source".to_owned(),
        _ => format!("names more than one source: {}", given.join(", ")),
    };
    report.fault(from, "kube-env", what, format!("give exactly one of {}", sources.join(", ")));
}
