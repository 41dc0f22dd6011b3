//! The whole check on small objects: what is wrong, where, and what to do.

use tranship_source::yaml::{Node, parse};
use tranship_source::{Diagnostic, Sources};

use super::{External, check};
use crate::{KubeVersion, Object, ObjectSet};

fn run(text: &str, version: &str, external: &External) -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let file = sources.add("a.yaml", text);
    let parsed = parse(file, text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let set = ObjectSet { objects: parsed.value.into_iter().map(|tree| Object { tree }).collect() };
    let version: KubeVersion = version.parse().unwrap();
    (sources, check(&set, version, external))
}

/// Codes and messages for objects of the default version.
fn found(text: &str) -> Vec<String> {
    let (_, diagnostics) = run(text, "1.36", &External::none());
    diagnostics.into_iter().map(|d| format!("{} {}", d.code, d.message)).collect()
}

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

fn pod(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers: [{{name: c, image: i}}]\n{spec}")
}

#[test]
fn an_unknown_field_is_placed_at_its_key_and_the_meant_one_is_named() {
    let (sources, diagnostics) = run(&format!("{CONFIG}dada:\n  a: b\n"), "1.36", &External::none());
    let [one] = diagnostics.as_slice() else { panic!("{diagnostics:?}") };
    assert_eq!(one.message, "ConfigMap/a dada: there is no such field");
    assert_eq!(one.help.as_deref(), Some("did you mean `data`?"));
    assert_eq!(sources.place(one.primary.as_ref().unwrap().span).as_deref(), Some("a.yaml:4:1"));
}

#[test]
fn a_value_without_a_place_is_blamed_on_the_nearest_parent_that_has_one() {
    let span = tranship_source::Span::new(tranship_source::FileId(0), 5, 9);
    let mut object = Object::new("v1", "Pod", "p");
    let container = Node::from([("name", "c".into()), ("image", "i".into()), ("tty", "maybe".into())]);
    object.set(&["spec", "containers"], Node::from(vec![container]));
    object.tree.as_map_mut().unwrap().get_mut("spec").unwrap().span = span;
    let set = ObjectSet { objects: vec![object] };
    let found = check(&set, KubeVersion::default(), &External::none());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].primary.as_ref().unwrap().span, span);
}

#[test]
fn schemas_are_strict() {
    for (object, expect) in [
        (format!("{CONFIG}data: [a]\n"), "kube-type ConfigMap/a data: must be a mapping, is a list"),
        (format!("{CONFIG}data: {{a: 1}}\n"), "kube-type ConfigMap/a data.a: must be a string, is a number"),
        (format!("{CONFIG}immutable: 'yes'\n"), "kube-type ConfigMap/a immutable: must be true or false, is a string"),
        (format!("{CONFIG}binaryData: {{a: '%'}}\n"), "kube-format ConfigMap/a binaryData.a: is not base64"),
        (
            pod("  activeDeadlineSeconds: x\n"),
            "kube-type Pod/p spec.activeDeadlineSeconds: must be a whole number, is a string",
        ),
        (pod("  overhead: {cpu: 1GB}\n"), "kube-quantity Pod/p spec.overhead.cpu: is no amount"),
        (
            pod("  restartPolicy: always\n"),
            "kube-enum Pod/p spec.restartPolicy: `always` is not one of Always, Never, OnFailure",
        ),
        (
            pod("  volumes: [{name: a, configMap: {items: [{key: k}], optional: true, name: x}}]\n"),
            "kube-required Pod/p spec.volumes[0].configMap.items[0].path: is missing",
        ),
        (
            pod("  hostAliases: [{ip: null}]\n"),
            "kube-required Pod/p spec.hostAliases[0].ip: is null, which counts as missing",
        ),
        (
            pod("  imagePullSecrets: [{name: a}, {name: a}]\n"),
            "kube-duplicate-item Pod/p spec.imagePullSecrets[1]: another item has the same name",
        ),
        (format!("{CONFIG}data: null\nimmutable: null\n"), ""),
    ] {
        let found = found(&object);
        let first = found.iter().find(|message| !message.starts_with("kube-dangling")).map_or("", String::as_str);
        assert_eq!(first, expect, "{object}");
    }
}

#[test]
fn kinds_and_fields_belong_to_versions() {
    let object =
        |api_version: &str, kind: &str| format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\n");
    for (text, version, expect, help) in [
        (
            object("extensions/v1beta1", "Ingress"),
            "1.36",
            "kube-removed-kind",
            "write `apiVersion: networking.k8s.io/v1`",
        ),
        (object("policy/v1beta1", "PodSecurityPolicy"), "1.36", "kube-unknown-kind", "label the Namespace"),
        (object("apps/v1", "Deploymant"), "1.36", "kube-unknown-kind", "did you mean `Deployment`?"),
        (
            object("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema"),
            "1.32",
            "kube-removed-kind",
            "flowcontrol.apiserver.k8s.io/v1`",
        ),
        (object("resource.k8s.io/v1", "DeviceClass"), "1.33", "kube-newer-kind", ""),
        (object("networking.k8s.io/v1beta1", "ServiceCIDR"), "1.34", "kube-kind-not-served", "networking.k8s.io/v1`"),
        (pod("  hostnameOverride: h\n"), "1.33", "kube-newer-field", "target Kubernetes 1.34"),
        (pod("  hostnameOverride: h\n"), "1.36", "", ""),
        (object("example.com/v1", "Anything"), "1.36", "", ""),
    ] {
        let (_, diagnostics) = run(&text, version, &External::none());
        let first = diagnostics.first();
        assert_eq!(first.map_or("", |d| d.code), expect, "{text} {diagnostics:?}");
        let shown = first.and_then(|d| d.help.as_deref()).unwrap_or("");
        assert!(shown.contains(help), "{text} {shown}");
    }
}

#[test]
fn rules_that_differ_by_version_ask_for_it() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: 1a}\nspec: {ports: [{port: 80}]}\n";
    let env = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: i, env: [{name: a b}]}]}\n";
    let sidecar = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: i, restartPolicy: Never}]}\n";
    for (text, version, refused) in [
        (service, "1.35", true),
        (service, "1.36", false),
        (env, "1.31", true),
        (env, "1.32", false),
        (sidecar, "1.34", true),
        (sidecar, "1.35", false),
    ] {
        let (_, diagnostics) = run(text, version, &External::none());
        assert_eq!(!diagnostics.is_empty(), refused, "{version} {text} {diagnostics:?}");
    }
}

#[test]
fn a_reference_that_leads_nowhere_is_refused_unless_it_is_promised_or_optional() {
    let reads = |extra: &str| pod(&format!("  volumes: [{{name: v, configMap: {{name: web{extra}}}}}]\n"));
    assert_eq!(
        found(&reads("")),
        ["kube-dangling-config-map Pod/p spec.volumes[0].configMap.name: there is no ConfigMap `web`"]
    );
    assert!(found(&reads(", optional: true")).is_empty());
    let (_, promised) = run(&reads(""), "1.36", &External::none().with("ConfigMap", "web"));
    assert!(promised.is_empty());
    let annotated = reads("").replace("{name: p}", "{name: p, annotations: {tranship.dev/external: ConfigMap/web}}");
    assert!(found(&annotated).is_empty());
    let near = format!("{}---\n{}", reads(""), CONFIG.replace("name: a", "name: wob"));
    let (_, suggested) = run(&near, "1.36", &External::none());
    assert_eq!(suggested[0].help.as_deref(), Some("did you mean `wob`?"));
}

#[test]
fn references_between_kinds_are_followed() {
    let workload = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  serviceName: db\n  selector: {matchLabels: {app: db}}\n  template:\n    metadata: {labels: {app: db}}\n    spec: {containers: [{name: c, image: i, ports: [{name: sql, containerPort: 1}]}]}\n  volumeClaimTemplates:\n  - {metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}\n";
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {selector: {app: db}, ports: [{port: 5, targetPort: sql}]}\n";
    let both = format!("{workload}---\n{service}");
    assert_eq!(found(&both), Vec::<String>::new());
    for (from, to, expect) in [
        ("serviceName: db", "serviceName: bd", "kube-dangling-service"),
        ("selector: {app: db}", "selector: {app: x}", "kube-dangling-selector"),
        ("targetPort: sql", "targetPort: web", "kube-dangling-port"),
    ] {
        let found = found(&both.replace(from, to));
        assert!(found.iter().any(|message| message.starts_with(expect)), "{from} {found:?}");
    }
    let reader = pod("  volumes: [{name: v, persistentVolumeClaim: {claimName: data-db-0}}]\n");
    assert_eq!(found(&format!("{both}---\n{reader}")), Vec::<String>::new());
    let twice = format!("{CONFIG}---\n{CONFIG}");
    assert_eq!(
        found(&twice),
        ["kube-duplicate-object ConfigMap/a metadata.name: another ConfigMap of the set has this name too"]
    );
}

#[test]
fn nothing_panics_on_objects_of_any_shape() {
    for text in [
        "{}",
        "[]",
        "null",
        "a",
        "{kind: Pod}",
        "{apiVersion: v1, kind: Pod, metadata: 3, spec: [1]}",
        "{apiVersion: [1], kind: {}}",
    ] {
        assert!(!found(text).is_empty(), "{text}");
    }
}
