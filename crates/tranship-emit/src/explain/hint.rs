//! How to have it otherwise: what to write as `x-tranship` (`docs/overrides.md`).

use std::fmt::Write;

use tranship_kube::Object;
use tranship_source::yaml::Node;

use super::index::node_at;
use super::path::{find, split};

/// What to write to have something else than a value of the project leads to. `None` where nothing can be said beyond the
/// value itself.
pub(super) fn otherwise(project: &Node, path: &str) -> Option<String> {
    let steps = split(path);
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    let (section, said) = match steps.as_slice() {
        ["name", ..] => ("the project".to_owned(), "namespace: NAME".to_owned()),
        ["services", name, kind @ ("configs" | "secrets"), item, ..] => {
            let entry = node_at(project, &format!("services[\"{name}\"].{kind}[{item}]"));
            let source = entry.and_then(|entry| entry.get("source")?.as_str())?;
            (format!("`{kind}.{source}`"), "existing: NAME".to_owned())
        }
        ["services", name, rest @ ..] => (format!("`services.{name}`"), of_service(project, name, rest)?),
        ["volumes", name, ..] => {
            (format!("`volumes.{name}`"), "size: 20Gi, storageClass: NAME, accessMode: ReadWriteMany".to_owned())
        }
        [kind @ ("configs" | "secrets"), name, ..] => (format!("`{kind}.{name}`"), "existing: NAME".to_owned()),
        _ => return None,
    };
    Some(format!("write `x-tranship: {{{said}}}` into {section}"))
}

/// What a service's `x-tranship` says of one of its keys.
fn of_service(project: &Node, service: &str, rest: &[&str]) -> Option<String> {
    let said = match rest {
        ["x-tranship", ..] | [] => return None,
        ["restart", ..] | ["deploy", "mode" | "restart_policy", ..] => {
            "workload: deployment|statefulset|daemonset|job".to_owned()
        }
        ["image", ..] => "image: OTHER".to_owned(),
        ["build", ..] => "image: REGISTRY/NAME:TAG".to_owned(),
        ["pull_policy", ..] => "imagePullPolicy: Always|IfNotPresent|Never".to_owned(),
        ["entrypoint", ..] => "command: [PROGRAM, …]".to_owned(),
        ["command", ..] => "args: [ARGUMENT, …]".to_owned(),
        ["environment", name, ..] => format!("env: {{{name}: secret|plain}}"),
        ["volumes" | "tmpfs", item, ..] => {
            let entry = node_at(project, &format!("services[\"{service}\"].{}[{item}]", rest.first()?));
            let target = entry.and_then(|entry| entry.get("target").unwrap_or(entry).as_str());
            let target = target.and_then(|target| target.split(':').next()).unwrap_or("PATH");
            format!("mounts: {{{target}: data|config|secret|cache|emptyDir|host}}")
        }
        ["ports" | "expose", ..] => "service: {type: NodePort|LoadBalancer}".to_owned(),
        ["networks", _, "aliases", ..] | ["links" | "external_links" | "container_name" | "hostname", ..] => {
            "service: {names: [NAME]}".to_owned()
        }
        ["healthcheck", ..] => {
            "probes: {readiness: {FIELD: VALUE}, liveness: false, startup: {FIELD: VALUE}}".to_owned()
        }
        ["deploy", "replicas", ..] | ["scale", ..] => "replicas: NUMBER".to_owned(),
        ["deploy", "resources", side, ..] => {
            let side = if *side == "limits" { "limits" } else { "requests" };
            format!("resources: {{{side}: {{cpu: 500m, memory: 512Mi}}}}")
        }
        ["cpus" | "mem_limit" | "mem_reservation" | "cpu_count" | "cpu_percent" | "gpus", ..] => {
            "resources: {requests: {cpu: 500m}, limits: {memory: 512Mi}}".to_owned()
        }
        ["deploy", "placement", ..] | ["platform" | "runtime", ..] => "nodeSelector: {LABEL: VALUE}".to_owned(),
        ["labels", ..] => "labels: {pod: {NAME: VALUE}}".to_owned(),
        ["annotations", ..] => "annotations: {pod: {NAME: VALUE}}".to_owned(),
        ["user", ..] => "securityContext: {runAsUser: NUMBER, runAsGroup: NUMBER}".to_owned(),
        ["group_add" | "sysctls", ..] => "podSecurityContext: {FIELD: VALUE}".to_owned(),
        ["privileged" | "read_only" | "cap_add" | "cap_drop" | "security_opt", ..] => {
            "securityContext: {FIELD: VALUE}".to_owned()
        }
        ["depends_on", ..] => "initContainers: [{name: wait, image: IMAGE, command: [PROGRAM, …]}]".to_owned(),
        _ => "patch: {pod: {spec: {FIELD: VALUE}}}".to_owned(),
    };
    Some(said)
}

/// What to write to have another value in a field of an object: the key that is for it, or a patch.
pub(super) fn of_field(object: &Object, path: &str, service: Option<&str>) -> Option<String> {
    const IDENTITY: [&str; 4] = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];
    if path == "metadata.namespace" || (object.kind() == "Namespace" && path == "metadata.name") {
        return Some("pass `--namespace NAME`, or write `x-tranship: {namespace: NAME}` into the project".to_owned());
    }
    if path == "kind" && service.is_some() && object.kind() != "Service" {
        let what = "workload: deployment|statefulset|daemonset|job";
        return service.map(|service| format!("write `x-tranship: {{{what}}}` into `services.{service}`"));
    }
    if IDENTITY.contains(&path) || path.contains("matchLabels") || path.starts_with("spec.selector") {
        return None;
    }
    // What an item is told apart by cannot be patched: the patch would be about another item.
    if is_identity(object, path) {
        return None;
    }
    let own = object.kind() != "ConfigMap" && object.kind() != "Secret" && object.kind() != "PersistentVolumeClaim";
    let Some(service) = service.filter(|_| own) else {
        let fields = nested(object, path)?;
        return Some(format!("write `x-tranship: {{patch: {{{}: {fields}}}}}` into the project", object.label()));
    };
    let said = if object.kind() == "Service" {
        format!("patch: {{service: {}}}", nested(object, path)?)
    } else if let Some(rest) = in_container(path) {
        match rest {
            "image" => "image: OTHER".to_owned(),
            "imagePullPolicy" => "imagePullPolicy: Always|IfNotPresent|Never".to_owned(),
            _ => format!("patch: {{container: {}}}", nested_below(object, path, path.len() - rest.len())?),
        }
    } else if path == "spec.replicas" {
        "replicas: NUMBER".to_owned()
    } else if path.starts_with("spec.template.") {
        format!("patch: {{pod: {}}}", nested_below(object, path, "spec.template.".len())?)
    } else {
        format!("patch: {{workload: {}}}", nested(object, path)?)
    };
    Some(format!("write `x-tranship: {{{said}}}` into `services.{service}`"))
}

/// The rest of a path below the first container of a pod.
fn in_container(path: &str) -> Option<&str> {
    path.strip_prefix("spec.template.spec.containers[0].")
}

fn nested(object: &Object, path: &str) -> Option<String> {
    nested_below(object, path, 0)
}

/// A path from some byte on as nested mappings in flow style: `{spec: {replicas: VALUE}}`. Items of lists carry what they
/// are told apart by, so that a patch finds them.
fn nested_below(object: &Object, path: &str, start: usize) -> Option<String> {
    let steps = split(path.get(start..)?);
    let head = path.get(..start)?.trim_end_matches('.');
    let mut at = node_at(&object.tree, head)?;
    let mut out = String::new();
    let mut ends = String::new();
    for step in steps {
        let found = find(at, &format!("[\"{}\"]", step.replace('\\', "\\\\").replace('"', "\\\""))).ok()?;
        let child = found.node()?;
        if at.as_seq().is_some() {
            let Some((key, name)) = identity(child) else {
                // A list of plain values is replaced as a whole.
                out.push_str("[VALUE, …]");
                return Some(out + &ends);
            };
            _ = write!(out, "[{{{key}: {}, ", crate::merge::edit::word(name));
            ends.insert_str(0, "}]");
        } else {
            let open = if out.ends_with(", ") { "" } else { "{" };
            let plain = step.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
            let key = if plain { step } else { format!("{step:?}") };
            _ = write!(out, "{open}{key}: ");
            if !open.is_empty() {
                ends.insert(0, '}');
            }
        }
        at = child;
    }
    Some(out + "VALUE" + &ends)
}

fn identity(item: &Node) -> Option<(&'static str, &str)> {
    ["name", "mountPath"].into_iter().find_map(|key| Some((key, item.get(key)?.as_str()?)))
}

/// Whether a field is what its item of a list is told apart by.
fn is_identity(object: &Object, path: &str) -> bool {
    let Some((item, field)) = path.rsplit_once('.') else { return false };
    let key = node_at(&object.tree, item).filter(|_| item.ends_with(']')).and_then(identity);
    key.is_some_and(|(key, _)| key == field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_overridden_by_its_own_key_or_by_a_patch() {
        let mut web = Object::new("apps/v1", "Deployment", "web");
        let env = Node::from([("name", "A".into()), ("value", "1".into())]);
        let container = Node::from([
            ("name", "web".into()),
            ("image", "nginx".into()),
            ("args", vec![Node::from("x")].into()),
            ("env", vec![env].into()),
        ]);
        web.set(&["spec", "replicas"], 1);
        web.set(&["spec", "minReadySeconds"], 1);
        web.set(&["spec", "template", "spec", "hostPID"], true);
        web.set(&["spec", "template", "spec", "containers"], vec![container]);
        for (path, expect) in [
            ("spec.replicas", "{replicas: NUMBER}"),
            ("spec.minReadySeconds", "{patch: {workload: {spec: {minReadySeconds: VALUE}}}}"),
            ("spec.template.spec.hostPID", "{patch: {pod: {spec: {hostPID: VALUE}}}}"),
            ("spec.template.spec.containers[0].image", "{image: OTHER}"),
            ("spec.template.spec.containers[0].args[0]", "{patch: {container: {args: [VALUE, …]}}}"),
            ("spec.template.spec.containers[0].env[0].value", "{patch: {container: {env: [{name: A, value: VALUE}]}}}"),
        ] {
            let expect = format!("write `x-tranship: {expect}` into `services.web`");
            assert_eq!(of_field(&web, path, Some("web")), Some(expect), "{path}");
        }
        assert_eq!(of_field(&web, "apiVersion", Some("web")), None);
        assert_eq!(of_field(&web, "spec.template.spec.containers[0].env[0].name", Some("web")), None);
        let mut claim = Object::new("v1", "PersistentVolumeClaim", "data");
        claim.set(&["spec", "volumeMode"], "Block");
        let expect =
            "write `x-tranship: {patch: {PersistentVolumeClaim/data: {spec: {volumeMode: VALUE}}}}` into the project";
        assert_eq!(of_field(&claim, "spec.volumeMode", None).as_deref(), Some(expect));
    }
}
