//! Rights, names and placement of a pod.

use tranship_model::{Dns, HostEntry, Security, Traced};
use tranship_source::yaml::Node;

use super::read::{Part, scalar, text_of};

/// Rights of the pod and of its container; the container's own win.
pub(crate) fn security(pod: &Part<'_>, container: &Part<'_>) -> Security {
    let host = |field: &str| pod.flag(field).filter(|on| on.value).map(|on| on.map(|_| "host".to_owned()));
    let profile = |field: &str| {
        let at = format!("securityContext.{field}");
        let read = |part: &Part<'_>| part.read(&at, profile_name);
        read(container).or_else(|| read(pod))
    };
    let sysctl = |node: &Node| {
        let value = Traced::new(scalar(node.get("value")?)?, pod.origin("securityContext.sysctls", node));
        Some((text_of(node, "name").to_owned(), value))
    };
    let selinux = ["user", "role", "type", "level"].into_iter().filter_map(|key| {
        let at = format!("securityContext.seLinuxOptions.{key}");
        Some(container.text(&at)?.map(|value| format!("{key}:{value}")))
    });
    Security {
        privileged: container.flag("securityContext.privileged"),
        cap_add: container.texts("securityContext.capabilities.add"),
        cap_drop: container.texts("securityContext.capabilities.drop"),
        read_only_root: container.flag("securityContext.readOnlyRootFilesystem"),
        non_root: container.flag("securityContext.runAsNonRoot").or_else(|| pod.flag("securityContext.runAsNonRoot")),
        no_new_privileges: container.flag("securityContext.allowPrivilegeEscalation").map(|on| on.map(|on| !on)),
        seccomp: profile("seccompProfile"),
        apparmor: profile("appArmorProfile"),
        selinux: selinux.collect(),
        sysctls: pod.list("securityContext.sysctls").iter().filter_map(sysctl).collect(),
        pid: host("hostPID"),
        ipc: host("hostIPC"),
        network_mode: host("hostNetwork"),
        uts: None,
        userns: pod.flag("hostUsers").filter(|on| !on.value).map(|on| on.map(|_| "private".to_owned())),
    }
}

fn profile_name(node: &Node) -> Option<String> {
    Some(match text_of(node, "type") {
        "Unconfined" => "unconfined".to_owned(),
        "RuntimeDefault" => "builtin".to_owned(),
        "Localhost" => text_of(node, "localhostProfile").to_owned(),
        _ => return None,
    })
}

/// The hosts file and name servers.
pub(crate) fn names(pod: &Part<'_>) -> (Vec<HostEntry>, Dns) {
    let hosts = pod.list("hostAliases").iter().flat_map(|node| {
        let address = text_of(node, "ip").to_owned();
        let names = node.get("hostnames").and_then(Node::as_seq).unwrap_or_default();
        names.iter().filter_map(move |name| {
            let name = name.as_str()?.to_owned();
            Some(HostEntry { origin: pod.origin("hostAliases", node), name, address: address.clone() })
        })
    });
    let option = |node: &Node| {
        let name = text_of(node, "name");
        let text =
            node.get("value").and_then(scalar).map_or_else(|| name.to_owned(), |value| format!("{name}:{value}"));
        Traced::new(text, pod.origin("dnsConfig.options", node))
    };
    let dns = Dns {
        servers: pod.texts("dnsConfig.nameservers"),
        search: pod.texts("dnsConfig.searches"),
        options: pod.list("dnsConfig.options").iter().map(option).collect(),
    };
    (hosts.collect(), dns)
}

/// Expressions over node labels that every node has to meet.
fn expressions<'a>(pod: &Part<'a>) -> Vec<&'a Node> {
    let field = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
    let terms = pod.list(field);
    let all = terms.iter().flat_map(|term| term.get("matchExpressions").and_then(Node::as_seq).unwrap_or_default());
    all.collect()
}

fn single_value<'a>(node: &'a Node, key: &str, operator: &str) -> Option<&'a str> {
    let fits = text_of(node, "key") == key && text_of(node, "operator") == operator;
    let values = node.get("values").and_then(Node::as_seq)?;
    match values {
        [one] if fits => one.as_str(),
        _ => None,
    }
}

/// Operating system and architecture.
pub(crate) fn platform(pod: &Part<'_>) -> Option<Traced<String>> {
    let all = expressions(pod);
    let find = |key: &str| all.iter().find_map(|node| Some((single_value(node, key, "In")?, *node)));
    let (os, arch) = (find("kubernetes.io/os"), find("kubernetes.io/arch"));
    let node = os.or(arch)?.1;
    let words: Vec<&str> = os.into_iter().chain(arch).map(|(word, _)| word).collect();
    Some(Traced::new(words.join("/"), pod.origin("affinity.nodeAffinity", node)))
}

/// Conditions on node labels, in Swarm's words.
pub(crate) fn constraints(pod: &Part<'_>) -> Vec<Traced<String>> {
    let one = |node: &&Node| {
        let key = text_of(node, "key");
        let property = match key {
            "kubernetes.io/os" | "kubernetes.io/arch" => return None,
            "kubernetes.io/hostname" => "node.hostname".to_owned(),
            "node-role.kubernetes.io/control-plane" => {
                let sign = if text_of(node, "operator") == "Exists" { "==" } else { "!=" };
                let text = format!("node.role {sign} manager");
                return Some(Traced::new(text, pod.origin("affinity.nodeAffinity", node)));
            }
            label => format!("node.labels.{label}"),
        };
        let equal = single_value(node, key, "In").map(|value| ("==", value));
        let (sign, value) = equal.or_else(|| Some(("!=", single_value(node, key, "NotIn")?)))?;
        Some(Traced::new(format!("{property} {sign} {value}"), pod.origin("affinity.nodeAffinity", node)))
    };
    expressions(pod).iter().filter_map(one).collect()
}
