//! Rights of the pod and of its container.

use tranship_model::{ImageKnowledge, Process, Security, Service, Traced, User};
use tranship_source::yaml::Node;

use super::Lowering;
use super::fields::{Fields, blamed};
use super::workload::{Place, warn};

/// Kernel parameters a pod may set on any node (Pod Security Standards, baseline).
const SAFE_SYSCTLS: [&str; 11] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
];

/// The container's security context.
pub(crate) fn container(
    cx: &mut Lowering<'_>,
    place: &Place,
    security: &Security,
    process: &Process,
    image: Option<&ImageKnowledge>,
    service: &str,
) -> Option<Node> {
    let Security {
        privileged,
        cap_add,
        cap_drop,
        read_only_root,
        non_root,
        no_new_privileges,
        seccomp,
        apparmor,
        selinux,
        sysctls: _,      // by the pod
        pid: _,          // by the pod
        ipc: _,          // by the pod
        network_mode: _, // by the pod
        uts: _,          // by the pod
        userns: _,       // by the pod
    } = security;
    let to = |field: &str| place.container(&format!("securityContext.{field}"));
    let mut fields = match &process.user {
        Some(user) => user_of(cx, place, Fields::new(), user, image, service),
        None => Fields::new(),
    };
    let flags = [("runAsNonRoot", non_root), ("privileged", privileged), ("readOnlyRootFilesystem", read_only_root)];
    for (field, flag) in flags {
        if let Some(flag) = flag {
            cx.ledger.kept(&flag.origin, &to(field));
            fields = fields.put(field, blamed(flag, flag.value));
        }
    }
    if let Some(flag) = no_new_privileges {
        let all_rights = privileged.as_ref().is_some_and(|p| p.value) || cap_add.iter().any(|c| c.value == "SYS_ADMIN");
        if flag.value && all_rights {
            let why = "a privileged container cannot be kept from gaining rights: the API server refuses both together";
            cx.ledger.dropped(&flag.origin, why, "take away `privileged` or `SYS_ADMIN`");
        } else {
            cx.ledger.translated(&flag.origin, &to("allowPrivilegeEscalation"), "the same switch, the other way round");
            fields = fields.put("allowPrivilegeEscalation", blamed(flag, !flag.value));
        }
    }
    fields = fields.maybe("capabilities", capabilities(cx, place, cap_add, cap_drop));
    if let Some(profile) = seccomp {
        fields = local_profile(cx, &to("seccompProfile"), fields, "seccompProfile", profile);
    }
    if let Some(profile) = apparmor {
        fields = local_profile(cx, &to("appArmorProfile"), fields, "appArmorProfile", profile);
    }
    fields.maybe("seLinuxOptions", selinux_options(cx, &to("seLinuxOptions"), selinux)).some()
}

fn capabilities(cx: &mut Lowering<'_>, place: &Place, add: &[Traced<String>], drop: &[Traced<String>]) -> Option<Node> {
    let mut fields = Fields::new();
    for (field, list) in [("add", add), ("drop", drop)] {
        for name in list {
            cx.ledger.kept(&name.origin, &place.container(&format!("securityContext.capabilities.{field}")));
        }
        fields = fields.filled(field, list.iter().map(|name| blamed(name, name.value.clone())).collect::<Vec<_>>());
    }
    fields.some()
}

/// A profile by the names Kubernetes has: unconfined, the runtime's, or one that lies on the node.
fn local_profile(cx: &mut Lowering<'_>, to: &str, fields: Fields, field: &str, profile: &Traced<String>) -> Fields {
    let node = match profile.value.as_str() {
        "unconfined" => Node::from([("type", "Unconfined".into())]),
        "" | "docker-default" | "builtin" | "runtime/default" => Node::from([("type", "RuntimeDefault".into())]),
        path if field == "seccompProfile" => {
            let why =
                format!("the profile `{path}` lies beside the project, and a node reads profiles from its own disk");
            let todo = "install it on the nodes below the kubelet's `seccomp` folder and name it as `Localhost`";
            cx.ledger.dropped(&profile.origin, &why, todo);
            return fields;
        }
        name => Node::from([("type", "Localhost".into()), ("localhostProfile", name.into())]),
    };
    cx.ledger.translated(&profile.origin, to, "the same profile by Kubernetes' name");
    fields.put(field, node.blamed_on(profile.span()))
}

fn selinux_options(cx: &mut Lowering<'_>, to: &str, options: &[Traced<String>]) -> Option<Node> {
    let mut fields = Fields::new();
    for option in options {
        match option.value.split_once(':') {
            Some((key @ ("user" | "role" | "type" | "level"), value)) => {
                cx.ledger.translated(&option.origin, &format!("{to}.{key}"), "the same option by Kubernetes' name");
                fields = fields.put(key, blamed(option, value));
            }
            _ => {
                let why = "a pod has SELinux options for user, role, type and level only";
                cx.ledger.dropped(&option.origin, why, "label the files on the nodes instead");
            }
        }
    }
    fields.some()
}

/// The numbers a process runs as.
fn user_of(
    cx: &mut Lowering<'_>,
    place: &Place,
    fields: Fields,
    user: &Traced<User>,
    image: Option<&ImageKnowledge>,
    service: &str,
) -> Fields {
    let User { user: name, group } = &user.value;
    let Some(uid) = ImageKnowledge::user_id(image, name) else { return named_user(cx, place, fields, user, service) };
    let why = if name.parse::<u32>().is_ok() { "the same numbers" } else { "the number the image has for the name" };
    cx.ledger.translated(&user.origin, &place.container("securityContext.runAsUser"), why);
    let group = group.as_ref().and_then(|group| ImageKnowledge::group_id(image, group));
    fields
        .put("runAsUser", blamed(user, i64::from(uid)))
        .maybe("runAsGroup", group.map(|gid| blamed(user, i64::from(gid))))
}

/// The group that owns the claims of a pod: that of the first service that runs as somebody else than root, by the
/// project's word or by its image's.
///
/// Without a group the pod's files get the user's own number, which other users hardly have.
fn claim_group(services: &[&Service]) -> Option<u32> {
    let group = |service: &&Service| match &service.process.user {
        Some(user) => {
            let User { user, group } = &user.value;
            let image = service.image_facts.as_deref();
            let group = group.as_ref().and_then(|group| ImageKnowledge::group_id(image, group));
            group.or_else(|| ImageKnowledge::user_id(image, user))
        }
        None => {
            let facts = service.image_facts.as_ref()?;
            let uid = facts.uid.as_ref().map(|uid| uid.value).filter(|uid| *uid != 0)?;
            facts.gid.as_ref().map(|gid| gid.value).filter(|gid| *gid != 0).or(Some(uid))
        }
    };
    services.iter().filter_map(group).find(|gid| *gid != 0)
}

/// The pod's security context: more groups, the group of its claims and of files that not everyone may read, kernel
/// parameters.
pub(crate) fn pod(cx: &mut Lowering<'_>, place: &Place, services: &[&Service], shares_files: bool) -> Option<Node> {
    let mut groups = Vec::new();
    let mut parameters = Vec::new();
    for service in services {
        groups.extend(supplemental(cx, place, service));
        parameters.extend(sysctls(cx, place, &service.security));
    }
    let mut fields = Fields::new().filled("supplementalGroups", groups);
    if shares_files && let Some(gid) = claim_group(services) {
        fields = fields.put("fsGroup", i64::from(gid)).put("fsGroupChangePolicy", "OnRootMismatch");
    }
    fields.filled("sysctls", parameters).some()
}

/// Groups by number; a name only the image knows.
fn supplemental(cx: &mut Lowering<'_>, place: &Place, service: &Service) -> Vec<Node> {
    let mut out = Vec::new();
    for group in &service.process.groups {
        if let Some(gid) = ImageKnowledge::group_id(service.image_facts.as_deref(), &group.value) {
            let to = place.pod("securityContext.supplementalGroups");
            if group.value.parse::<u32>().is_ok() {
                cx.ledger.kept(&group.origin, &to);
            } else {
                cx.ledger.translated(&group.origin, &to, "the number the image has for the group");
            }
            out.push(blamed(group, i64::from(gid)));
            continue;
        }
        let why = format!("the group `{}` is a name of the image's own, and a pod takes numbers", group.value);
        cx.ledger.dropped(&group.origin, &why, "write the group's number");
        let message = format!("`{}` does not get the group `{}`", service.name, group.value);
        warn(cx, "group-by-name", group.span(), message, "write the group's number");
    }
    out
}

/// A user by name: only the image knows its number.
fn named_user(cx: &mut Lowering<'_>, place: &Place, fields: Fields, user: &Traced<User>, service: &str) -> Fields {
    if user.value.user == "root" {
        cx.ledger.translated(&user.origin, &place.pod("securityContext.runAsUser"), "root is 0 in every image");
        return fields.put("runAsUser", blamed(user, 0_i64));
    }
    let name = &user.value.user;
    let why = format!("only the image knows the number of its user `{name}`, and a pod takes numbers");
    cx.ledger.dropped(&user.origin, &why, "write the number: `docker run --rm --entrypoint id IMAGE NAME` prints it");
    let message = format!("`{service}` runs as the image's own user instead of `{name}`");
    warn(cx, "user-by-name", user.span(), message, "write the user's number, such as `1000:1000`");
    fields
}

fn sysctls(cx: &mut Lowering<'_>, place: &Place, security: &Security) -> Vec<Node> {
    let host_network = security.network_mode.as_ref().is_some_and(|mode| mode.value == "host");
    let mut out = Vec::new();
    for (name, value) in &security.sysctls {
        if host_network && name.starts_with("net.") {
            let why = format!("`{name}` belongs to the node when a pod uses the node's network");
            cx.ledger.dropped(&value.origin, &why, "set it on the nodes");
            continue;
        }
        if !SAFE_SYSCTLS.contains(&name.as_str()) {
            let why = format!("`{name}` is not among the kernel parameters every kubelet lets a pod set");
            let todo = format!("start the kubelet with `--allowed-unsafe-sysctls={name}`, or set it on the nodes");
            cx.ledger.dropped(&value.origin, &why, &todo);
            let message = format!("the kernel parameter `{name}` of `{}` is not set", place.name);
            warn(cx, "unsafe-sysctl", value.span(), message, &todo);
            continue;
        }
        cx.ledger.kept(&value.origin, &place.pod("securityContext.sysctls"));
        out.push(Node::from([("name", name.as_str().into()), ("value", blamed(value, value.value.clone()))]));
    }
    out
}

/// Whose processes, memory, network and users the pod sees.
pub(crate) fn namespaces(cx: &mut Lowering<'_>, place: &Place, spec: Fields, security: &Security) -> Fields {
    let mut spec = spec;
    for (field, mode) in [("hostPID", &security.pid), ("hostIPC", &security.ipc)] {
        let Some(mode) = mode else { continue };
        match mode.value.as_str() {
            "host" => {
                cx.ledger.translated(&mode.origin, &place.pod(field), "the node's own");
                spec = spec.put(field, blamed(mode, true));
            }
            "private" | "" | "shareable" => {
                cx.ledger.decided(&mode.origin, "each pod has its own unless it asks for the node's");
            }
            other => joined(cx, place, mode, other),
        }
    }
    if let Some(mode) = &security.network_mode {
        spec = network(cx, place, spec, mode);
    }
    if let Some(mode) = &security.uts {
        let why = "a pod's host name is its own; with the node's network it has the node's";
        cx.ledger.dropped(&mode.origin, why, "use `network_mode: host` if the process has to see the node's name");
    }
    if let Some(mode) = &security.userns {
        if mode.value == "host" {
            cx.ledger.decided(&mode.origin, "a pod uses the node's user ids unless it is told otherwise");
        } else if mode.value == "private" {
            cx.ledger.translated(&mode.origin, &place.pod("hostUsers"), "user ids of its own, the other way round");
            spec = spec.put("hostUsers", blamed(mode, false));
        } else {
            let why = format!("`{}` is no way for a pod to have its own user ids", mode.value);
            cx.ledger.dropped(&mode.origin, &why, "set `hostUsers: false` on clusters that support it");
        }
    }
    spec
}

fn network(cx: &mut Lowering<'_>, place: &Place, spec: Fields, mode: &Traced<String>) -> Fields {
    match mode.value.as_str() {
        "host" => {
            cx.ledger.translated(&mode.origin, &place.pod("hostNetwork"), "the node's own network");
            // Without this policy a pod on the node's network would not resolve Services.
            spec.put("hostNetwork", blamed(mode, true)).put("dnsPolicy", "ClusterFirstWithHostNet")
        }
        "bridge" | "default" | "" => {
            cx.ledger.decided(&mode.origin, "the pod network is the one every pod is on");
            spec
        }
        "none" if cx.stack.isolation.is_some() => {
            let why = "every pod has a network; no policy opens it but for names, so that it reaches nobody and nobody reaches it";
            cx.ledger.translated(&mode.origin, "NetworkPolicy/default-deny spec", why);
            spec
        }
        "none" => {
            let why = "every pod has a network";
            cx.ledger.dropped(&mode.origin, why, "add a NetworkPolicy for this service that allows nothing");
            let message = format!("`{}` asks for no network and gets one", place.name);
            warn(cx, "network-mode", mode.span(), message, "add a NetworkPolicy that allows nothing");
            spec
        }
        other => {
            joined(cx, place, mode, other);
            spec
        }
    }
}

/// A service that lives in another's namespaces has to be a container of the other's pod.
fn joined(cx: &mut Lowering<'_>, place: &Place, mode: &Traced<String>, other: &str) {
    let why = format!("`{other}` means to be in another container's namespaces, which only containers of one pod are");
    cx.ledger.dropped(&mode.origin, &why, "make it a second container of the other service's pod");
    let message = format!("`{}` runs as a pod of its own and not inside `{other}`", place.name);
    warn(cx, "namespace-joined", mode.span(), message, "make it a second container of the other service's pod");
}
