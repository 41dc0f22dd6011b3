//! The controls of the level `baseline`.

use tranship_source::yaml::Node;

use super::{Control, Level, Pod};
use crate::check::Look;

const fn control(name: &'static str) -> Control {
    Control { level: Level::Baseline, name }
}

const HOST_NAMESPACES: Control = control("host namespaces");
const PRIVILEGED: Control = control("privileged");
const CAPABILITIES: Control = control("non-default capabilities");
const HOST_PATHS: Control = control("hostPath volumes");
const HOST_PORTS: Control = control("hostPort");
const HOST_PROBES: Control = control("probe or lifecycle host");
const APPARMOR: Control = control("forbidden AppArmor profile");
const SELINUX: Control = control("seLinuxOptions");
const PROC_MOUNT: Control = control("procMount");
const SECCOMP: Control = control("seccompProfile");
const SYSCTLS: Control = control("forbidden sysctls");
const HOST_PROCESS: Control = control("hostProcess");

/// Capabilities that may be added.
const ADDED: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Kernel parameters that may be set, and the minor version since when.
const PARAMETERS: [(&str, u8); 14] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_notsent_lowat", 37),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.tcp_wmem", 32),
];

/// SELinux types that may be asked for, and the minor version since when.
const TYPES: [(&str, u8); 5] =
    [("", 0), ("container_engine_t", 31), ("container_init_t", 0), ("container_kvm_t", 0), ("container_t", 0)];

/// Notes what the level does not allow.
pub(super) fn check(mut pod: Pod<'_>) -> Pod<'_> {
    of_pod(&mut pod);
    for (name, container) in pod.containers() {
        of_container(&mut pod, name, container);
    }
    for (name, context) in pod.contexts() {
        of_context(&mut pod, name, context);
    }
    pod
}

fn of_pod(pod: &mut Pod<'_>) {
    for field in ["hostNetwork", "hostPID", "hostIPC"].into_iter().filter(|field| pod.spec.is_true(field)) {
        pod.refuse(HOST_NAMESPACES, "", format!("`{field}` shares a part of the node"));
    }
    for volume in pod.spec.items("volumes").iter().filter(|volume| volume.field("hostPath").is_some()) {
        let name = volume.text("name").unwrap_or_default();
        pod.refuse(HOST_PATHS, "", format!("the volume `{name}` is a path of the node"));
    }
    for parameter in pod.context().map(|context| context.items("sysctls")).unwrap_or_default() {
        let name = parameter.text("name").unwrap_or_default();
        let minor = pod.version.minor();
        if !PARAMETERS.iter().any(|(known, since)| *known == name && *since <= minor) {
            pod.refuse(SYSCTLS, "", format!("the kernel parameter `{name}` is not among those that are safe"));
        }
    }
    let notes = pod.template.at(&["metadata", "annotations"]).and_then(Node::as_map).into_iter().flatten();
    for (key, value) in notes {
        let Some(container) = key.text.strip_prefix("container.apparmor.security.beta.kubernetes.io/") else {
            continue;
        };
        let profile = value.as_str().unwrap_or_default();
        if !(profile.is_empty() || profile == "runtime/default" || profile.starts_with("localhost/")) {
            pod.refuse(APPARMOR, container, format!("its AppArmor profile is `{profile}`"));
        }
    }
}

fn of_container(pod: &mut Pod<'_>, name: &str, container: &Node) {
    for port in container.items("ports") {
        if let Some(number) = port.int("hostPort").filter(|number| *number != 0) {
            pod.refuse(HOST_PORTS, name, format!("it takes port {number} of the node"));
        }
    }
    let probes = ["livenessProbe", "readinessProbe", "startupProbe"].map(|probe| container.field(probe));
    let hooks = ["postStart", "preStop"].map(|hook| container.at(&["lifecycle", hook]));
    for asked in probes.into_iter().chain(hooks).flatten() {
        let host = ["httpGet", "tcpSocket"].iter().find_map(|way| asked.at(&[*way, "host"])?.as_str());
        if let Some(host) = host.filter(|host| !host.is_empty() && pod.version.minor() >= 34) {
            pod.refuse(HOST_PROBES, name, format!("a probe or hook of it calls another host, `{host}`"));
        }
    }
    let Some(context) = container.field("securityContext") else { return };
    if context.is_true("privileged") {
        pod.refuse(PRIVILEGED, name, "it has all rights of the node");
    }
    for capability in added(context).filter(|name| !ADDED.contains(name)) {
        pod.refuse(CAPABILITIES, name, format!("it has the capability {capability}"));
    }
    if let Some(mount) = context.text("procMount").filter(|mount| !matches!(*mount, "" | "Default"))
        && !pod.has_own_users()
    {
        pod.refuse(PROC_MOUNT, name, format!("its `procMount` is `{mount}`"));
    }
}

/// What pods and containers have in common.
fn of_context(pod: &mut Pod<'_>, name: &str, context: &Node) {
    if let Some(options) = context.field("seLinuxOptions") {
        let kind = options.text("type").unwrap_or_default();
        let minor = pod.version.minor();
        let is_known = TYPES.iter().any(|(known, since)| *known == kind && *since <= minor);
        let sets = |key: &str| options.text(key).is_some_and(|text| !text.is_empty());
        if !is_known || sets("user") || sets("role") {
            pod.refuse(SELINUX, name, "it asks for an SELinux user, role or type of its own");
        }
    }
    if profile(context, "seccompProfile") == Some("Unconfined") {
        pod.refuse(SECCOMP, name, "system calls are not filtered");
    }
    if profile(context, "appArmorProfile").is_some_and(|kind| !matches!(kind, "RuntimeDefault" | "Localhost")) {
        pod.refuse(APPARMOR, name, "it goes without an AppArmor profile");
    }
    if context.field("windowsOptions").is_some_and(|options| options.is_true("hostProcess")) {
        pod.refuse(HOST_PROCESS, name, "it runs as a process of the node");
    }
}

/// The type of a profile.
pub(super) fn profile<'a>(context: &'a Node, field: &str) -> Option<&'a str> {
    context.at(&[field, "type"]).and_then(Node::as_str)
}

/// Capabilities that a context adds.
pub(super) fn added(context: &Node) -> impl Iterator<Item = &str> {
    listed(context, "add")
}

/// Capabilities in a list of a context.
pub(super) fn listed<'a>(context: &'a Node, list: &str) -> impl Iterator<Item = &'a str> {
    let names = context.at(&["capabilities", list]).and_then(Node::as_seq).unwrap_or_default();
    names.iter().filter_map(Node::as_str)
}
