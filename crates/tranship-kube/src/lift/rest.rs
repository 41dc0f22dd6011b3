//! What objects say and a stack has no place for, so that a comparison of stacks misses nothing.
//!
//! Each object without the fields that [`super::lift()`] reads in full. What is not listed here stays: a new field is
//! compared as it stands until the lift learns to read it.

use tranship_source::yaml::{Key, Map, Node, Value};

use super::blobs;
use crate::object::{Object, ObjectSet};

/// Fields of a pod that the lift reads, `*` for each item of a list.
const OF_POD: &[&str] = &[
    "containers.*.args",
    "containers.*.command",
    "containers.*.image",
    "containers.*.imagePullPolicy",
    "containers.*.ports.*.containerPort",
    "containers.*.ports.*.name",
    "containers.*.ports.*.protocol",
    "containers.*.readinessProbe.exec.command",
    "containers.*.readinessProbe.failureThreshold",
    "containers.*.readinessProbe.periodSeconds",
    "containers.*.readinessProbe.timeoutSeconds",
    "containers.*.resources.limits.cpu",
    "containers.*.resources.limits.ephemeral-storage",
    "containers.*.resources.limits.memory",
    "containers.*.resources.requests.cpu",
    "containers.*.resources.requests.ephemeral-storage",
    "containers.*.resources.requests.memory",
    "containers.*.securityContext.allowPrivilegeEscalation",
    "containers.*.securityContext.capabilities.add",
    "containers.*.securityContext.capabilities.drop",
    "containers.*.securityContext.privileged",
    "containers.*.securityContext.readOnlyRootFilesystem",
    "containers.*.securityContext.runAsNonRoot",
    "containers.*.securityContext.runAsUser",
    "containers.*.stdin",
    "containers.*.tty",
    "containers.*.workingDir",
    "dnsConfig.nameservers",
    "dnsConfig.options",
    "dnsConfig.searches",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostUsers",
    "runtimeClassName",
    "securityContext.supplementalGroups",
    "securityContext.sysctls",
    "terminationGracePeriodSeconds",
];

/// What is left of each object, by `Kind/name`. Secrets give a digest for each key.
pub fn rest(set: &ObjectSet, digest: &dyn Fn(&[u8]) -> String) -> Node {
    let mut out = Map::default();
    for object in set {
        // The name of a Job changes with what it is.
        let label = match object.kind() {
            "Job" => format!("Job/{}", super::source_name(object)),
            _ => object.label(),
        };
        out.insert(Key::from(label), of(set, object, digest));
    }
    out.into()
}

fn of(set: &ObjectSet, object: &Object, digest: &dyn Fn(&[u8]) -> String) -> Node {
    let mut tree = object.tree.clone();
    metadata(&mut tree, object);
    remove(&mut tree, &["status"]);
    match object.kind() {
        "Deployment" | "StatefulSet" | "DaemonSet" | "Job" => workload(Some(&mut tree)),
        "CronJob" => workload(step(&mut tree, "spec").and_then(|spec| step(spec, "jobTemplate"))),
        "ConfigMap" | "Secret" => {
            let hide = |bytes: &[u8]| if object.kind() == "Secret" { digest(bytes) } else { text(bytes, digest) };
            let files = if blobs::is_mounted(set, object) { Map::default() } else { entries(object, &hide) };
            for field in ["data", "binaryData", "stringData"] {
                remove(&mut tree, &[field]);
            }
            put(&mut tree, "data", files.into());
        }
        _ => {}
    }
    prune(&mut tree);
    // An object that says nothing more is there nevertheless.
    if tree.is_null() { Node::from(object.api_version()) } else { tree }
}

/// Labels and annotations by which controllers do their work. Names are known by what refers to them, and the rest is the
/// server's or a tool's.
fn metadata(tree: &mut Node, object: &Object) {
    const OF_TOOLS: [&str; 9] = [
        "app.kubernetes.io/",
        "control-plane.alpha.kubernetes.io/",
        "deployment.kubernetes.io/",
        "helm.sh/",
        "kubectl.kubernetes.io/",
        "kubernetes.io/metadata.name",
        "meta.helm.sh/",
        "pv.kubernetes.io/",
        "tranship.dev/",
    ];
    let kept = |field: &str| -> Map {
        let all = object.get(&["metadata", field]).and_then(Node::as_map);
        let own = |key: &Key| !OF_TOOLS.iter().any(|tool| key.text.starts_with(tool));
        all.into_iter().flatten().filter(|(key, _)| own(key)).map(|(key, node)| (key.clone(), node.clone())).collect()
    };
    let both = ["labels", "annotations"].map(|field| (Key::from(field), Node::from(kept(field))));
    put(tree, "metadata", Map::from_iter(both).into());
}

fn entries(object: &Object, show: &dyn Fn(&[u8]) -> String) -> Map {
    blobs::files(object).into_iter().map(|(key, bytes)| (Key::from(key), Node::from(show(&bytes)))).collect()
}

fn text(bytes: &[u8], digest: &dyn Fn(&[u8]) -> String) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| digest(bytes), str::to_owned)
}

fn workload(tree: Option<&mut Node>) {
    let Some(tree) = tree else { return };
    remove(tree, &["spec", "replicas"]);
    remove(tree, &["spec", "template", "metadata", "annotations"]);
    remove(tree, &["spec", "template", "metadata", "creationTimestamp"]);
    let Some(pod) = step(tree, "spec").and_then(|spec| step(spec, "template")).and_then(|t| step(t, "spec")) else {
        return;
    };
    mounts(pod);
    references(pod);
    half_read(pod);
    for path in OF_POD {
        remove(pod, &path.split('.').collect::<Vec<_>>());
    }
}

/// Volumes stand with the places where they are mounted, so that their names and their order do not count. What nobody
/// mounts says nothing.
fn mounts(pod: &mut Node) {
    let volumes: Vec<Node> = pod.get("volumes").and_then(Node::as_seq).unwrap_or_default().to_vec();
    remove(pod, &["volumes"]);
    for list in ["initContainers", "containers"] {
        let Some(Value::Sequence(containers)) = step(pod, list).map(|node| &mut node.value) else { continue };
        for container in containers {
            let found = container.get("volumeMounts").and_then(Node::as_seq).unwrap_or_default();
            let mut by_path = Map::default();
            for mount in found {
                let name = mount.get("name").and_then(Node::as_str);
                let mut volume = volumes.iter().find(|v| v.get("name").and_then(Node::as_str) == name).cloned();
                let mut mount = mount.clone();
                let path = mount.get("mountPath").and_then(Node::as_str).unwrap_or_default().to_owned();
                remove(&mut mount, &["mountPath"]);
                // Without a volume of the pod it is a claim template, whose name is the claim's.
                if let Some(volume) = &mut volume {
                    remove(volume, &["name"]);
                    remove(&mut mount, &["name"]);
                }
                // An empty folder says nothing but its kind.
                let kind = volume.as_ref().and_then(Node::as_map).and_then(|map| map.keys().next());
                let kind = kind.map_or_else(|| Value::Null.into(), |key| Node::from(key.text.as_str()));
                let volume = volume.unwrap_or_else(|| Value::Null.into());
                by_path.insert(Key::from(path), Node::from([("mount", mount), ("volume", volume), ("kind", kind)]));
            }
            put(container, "volumeMounts", by_path.into());
        }
    }
}

/// Values of variables are read in full, references to values that may not be at hand are not.
fn references(pod: &mut Node) {
    let Some(Value::Sequence(containers)) = step(pod, "containers").map(|node| &mut node.value) else { return };
    for container in containers {
        let found = container.get("env").and_then(Node::as_seq).unwrap_or_default();
        let one = |item: &Node| Some((Key::from(item.get("name")?.as_str()?), item.get("valueFrom")?.clone()));
        let kept: Map = found.iter().filter_map(one).collect();
        put(container, "env", kept.into());
    }
}

/// Fields that the lift reads where others stand beside them, or do not.
fn half_read(pod: &mut Node) {
    if pod.get("hostnameOverride").is_none() {
        remove(pod, &["hostname"]);
    }
    let Some(Value::Sequence(containers)) = step(pod, "containers").map(|node| &mut node.value) else { return };
    for container in containers {
        if container.at(&["securityContext", "runAsUser"]).is_some() {
            remove(container, &["securityContext", "runAsGroup"]);
        }
    }
}

fn step<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    node.as_map_mut()?.get_mut(key)
}

fn put(node: &mut Node, key: &str, value: Node) {
    if let Some(map) = node.as_map_mut() {
        map.insert(Key::from(key), value);
    }
}

/// Takes a field away; `*` is every item of a list, a number one of them.
fn remove(node: &mut Node, path: &[&str]) {
    match (path, &mut node.value) {
        ([last], Value::Mapping(map)) => {
            map.shift_remove(*last);
        }
        ([first, rest @ ..], Value::Mapping(map)) => {
            if let Some(below) = map.get_mut(*first) {
                remove(below, rest);
            }
        }
        (["*", rest @ ..], Value::Sequence(items)) => items.iter_mut().for_each(|item| remove(item, rest)),
        ([place, rest @ ..], Value::Sequence(items)) => {
            if let Some(item) = place.parse::<usize>().ok().and_then(|place| items.get_mut(place)) {
                remove(item, rest);
            }
        }
        _ => {}
    }
}

/// Takes empty mappings and lists away: absent and empty are the same to the server.
fn prune(node: &mut Node) {
    match &mut node.value {
        Value::Mapping(map) => {
            map.values_mut().for_each(prune);
            map.retain(|_, node| !node.is_null());
            if map.is_empty() {
                node.value = Value::Null;
            }
        }
        Value::Sequence(items) => {
            items.iter_mut().for_each(prune);
            items.retain(|node| !node.is_null());
            if items.is_empty() {
                node.value = Value::Null;
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use tranship_source::FileId;

    use super::*;
    use crate::read::read;

    fn left(text: &str) -> Node {
        let set = ObjectSet { objects: read(FileId(0), text).value };
        rest(&set, &|bytes| format!("{} bytes", bytes.len()))
    }

    const POD: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 2\n  template:\n    spec:\n      \
                       containers: [{name: web, image: x, livenessProbe: {exec: {command: [a]}}, volumeMounts: [{name: a, mountPath: /a}]}]\n      \
                       volumes: [{name: a, emptyDir: {}}, {name: b, emptyDir: {}}]\n";

    #[test]
    fn what_the_lift_reads_is_gone_and_everything_else_stays() {
        let node = left(POD);
        let pod = node.at(&["Deployment/web", "spec", "template", "spec"]).unwrap();
        assert!(pod.at(&["containers", "0", "image"]).is_none());
        assert!(pod.at(&["containers", "0", "livenessProbe"]).is_some());
        assert!(node.at(&["Deployment/web", "spec", "replicas"]).is_none());
    }

    #[test]
    fn what_the_lift_does_not_read_of_a_probe_a_right_or_the_metadata_stays() {
        let text = |inner: &str, meta: &str| {
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, {meta}}}\nspec:\n  template:\n    spec:\n      \
                 containers: [{{name: web, image: x, {inner}}}]\n"
            )
        };
        for (one, other) in [
            ("readinessProbe: {initialDelaySeconds: 5}", "readinessProbe: {initialDelaySeconds: 500}"),
            ("readinessProbe: {successThreshold: 1}", "readinessProbe: {successThreshold: 9}"),
            ("readinessProbe: {grpc: {port: 1}}", "readinessProbe: {grpc: {port: 2}}"),
            ("readinessProbe: {httpGet: {host: a}}", "readinessProbe: {httpGet: {host: b}}"),
            ("securityContext: {runAsGroup: 1}", "securityContext: {runAsGroup: 2}"),
        ] {
            assert_ne!(left(&text(one, "")), left(&text(other, "")), "{one}");
        }
        for field in ["labels", "annotations"] {
            let own = |value: &str| left(&text("", &format!("{field}: {{balancer.example/internal: '{value}'}}")));
            assert_ne!(own("true"), own("false"), "{field}");
        }
        let tool = "annotations: {kubectl.kubernetes.io/last-applied-configuration: x}";
        assert_eq!(left(&text("", "")), left(&text("", tool)));
    }

    #[test]
    fn names_and_order_of_volumes_do_not_count() {
        let renamed = POD.replace("name: a,", "name: z,").replace("{name: b, emptyDir: {}}", "{name: c, emptyDir: {}}");
        assert_eq!(left(POD), left(&renamed));
        let other = POD.replace("{name: a, emptyDir: {}}", "{name: a, hostPath: {path: /etc}}");
        assert_ne!(left(POD), left(&other));
    }

    #[test]
    fn secrets_stand_as_digests_and_every_object_is_there() {
        let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: YWI=}\nstringData: {b: abc}\n---\n\
                    apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n";
        let node = left(text);
        assert_eq!(node.at(&["Secret/s", "data", "a"]).and_then(Node::as_str), Some("2 bytes"));
        assert_eq!(node.at(&["Secret/s", "data", "b"]).and_then(Node::as_str), Some("3 bytes"));
        assert!(node.get("Namespace/n").is_some());
    }
}
