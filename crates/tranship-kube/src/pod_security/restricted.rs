//! The controls that the level `restricted` adds.

use tranship_source::yaml::Node;

use super::baseline::{listed, profile};
use super::{Control, Level, Pod};
use crate::check::Look;

const fn control(name: &'static str) -> Control {
    Control { level: Level::Restricted, name }
}

const VOLUMES: Control = control("restricted volume types");
const ESCALATION: Control = control("allowPrivilegeEscalation != false");
const NON_ROOT: Control = control("runAsNonRoot != true");
const USER: Control = control("runAsUser=0");
const SECCOMP: Control = control("seccompProfile");
const CAPABILITIES: Control = control("unrestricted capabilities");
const PROC_MOUNT: Control = control("procMount");

/// What a volume may be.
const SOURCES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Notes what the level does not allow.
pub(super) fn check(mut pod: Pod<'_>) -> Pod<'_> {
    for volume in pod.spec.items("volumes") {
        let mut sources = volume.as_map().into_iter().flatten().map(|(key, _)| key.text.as_str());
        if let Some(source) = sources.find(|key| *key != "name" && !SOURCES.contains(key)) {
            let name = volume.text("name").unwrap_or_default();
            pod.refuse(VOLUMES, "", format!("the volume `{name}` is of the kind `{source}`"));
        }
    }
    let is_windows = pod.is_windows();
    for (name, container) in pod.containers() {
        let context = container.field("securityContext");
        if is_windows {
            continue;
        }
        if context.and_then(|c| c.get("allowPrivilegeEscalation")).and_then(Node::as_bool) != Some(false) {
            pod.refuse(ESCALATION, name, "it may gain rights");
        }
        capabilities(&mut pod, name, context);
        // With the node's user ids it is the baseline's matter.
        if pod.has_own_users()
            && let Some(mount) = context.and_then(|c| c.text("procMount")).filter(|m| !matches!(*m, "" | "Default"))
        {
            pod.refuse(PROC_MOUNT, name, format!("its `procMount` is `{mount}`"));
        }
    }
    if !pod.has_own_users() {
        users(&mut pod);
    }
    if !is_windows {
        seccomp(&mut pod);
    }
    pod
}

fn capabilities(pod: &mut Pod<'_>, name: &str, context: Option<&Node>) {
    if !context.is_some_and(|context| listed(context, "drop").any(|name| name == "ALL")) {
        return pod.refuse(CAPABILITIES, name, "it does not give up all rights of root");
    }
    let added: Vec<&str> = context.iter().flat_map(|c| listed(c, "add")).filter(|n| *n != "NET_BIND_SERVICE").collect();
    if !added.is_empty() {
        pod.refuse(CAPABILITIES, name, format!("it keeps rights of root: {}", added.join(", ")));
    }
}

/// Nobody is root: by the word of the pod or of each container.
fn users(pod: &mut Pod<'_>) {
    let asks = |node: Option<&Node>| node.and_then(|c| c.get("runAsNonRoot")).and_then(Node::as_bool);
    let own = asks(pod.context());
    if own == Some(false) {
        pod.refuse(NON_ROOT, "", "it may start as root");
    }
    for (name, container) in pod.containers() {
        match asks(container.field("securityContext")) {
            Some(true) => {}
            None if own == Some(true) => {}
            _ => pod.refuse(NON_ROOT, name, "it may start as root"),
        }
    }
    for (name, context) in pod.contexts() {
        if context.int("runAsUser") == Some(0) {
            pod.refuse(USER, name, "it starts as root");
        }
    }
}

/// A filter of system calls: the pod's or each container's own. What is not filtered at all is the baseline's matter.
fn seccomp(pod: &mut Pod<'_>) {
    let has = |node: Option<&Node>| node.and_then(|context| profile(context, "seccompProfile")).is_some();
    if has(pod.context()) {
        return;
    }
    for (name, container) in pod.containers() {
        if !has(container.field("securityContext")) {
            pod.refuse(SECCOMP, name, "it does not ask for a filter of system calls");
        }
    }
}
