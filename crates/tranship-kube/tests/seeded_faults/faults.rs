//! Faults by the hundred: tables of what can be broken in an object, and every place where it can be.

use tranship_source::FileId;
use tranship_source::yaml::{Key, Node, Value, parse};

/// One broken object.
pub struct Fault {
    /// What kind of fault it is.
    pub class: &'static str,
    /// Where it is and what was done.
    pub what: String,
    /// The place of the object in the set.
    pub object: usize,
    /// The object with the fault in it.
    pub tree: Node,
}

/// Values that are wrong at a place: class, end of the path, the values. `*` stands for a place in a list.
const VALUES: &[(&str, &str, &[&str])] = &[
    ("bad name", "metadata.name", &["Bad_Name", "-a", "a/b", "''"]),
    ("bad name", "metadata.namespace", &["Shop", "a.b"]),
    ("bad name", "containers.*.name", &["Web", "a_b", "''"]),
    ("bad name", "initContainers.*.name", &["a.b"]),
    ("bad name", "volumes.*.name", &["Tmp", "a.b"]),
    ("bad name", "spec.serviceAccountName", &["Web"]),
    ("bad name", "spec.hostname", &["a.b", "Web"]),
    ("bad name", "spec.priorityClassName", &["A b"]),
    ("bad name", "spec.storageClassName", &["Fast_SSD"]),
    ("bad name", "spec.serviceName", &["Db_1"]),
    ("bad name", "spec.ingressClassName", &["Traefik!"]),
    ("bad name", "service.name", &["Web_1"]),
    ("bad name", "spec.externalName", &["not a host", "-a.com"]),
    ("bad label", "metadata.labels", &["{a b: c}", "{a/b/c: d}", "{app: 'a b'}", "{app: -x}", "{-x: a}"]),
    ("bad label", "selector.matchLabels", &["{app: 'a b'}", "{a b: c}"]),
    ("bad label", "spec.nodeSelector", &["{disk type: ssd}"]),
    ("bad label", "metadata.annotations", &["{a b: c}", "{a/b/c: d}"]),
    ("bad port", "containerPort", &["0", "70000", "-1"]),
    ("bad port", "hostPort", &["70000", "-5"]),
    ("bad port", "spec.ports.*.port", &["0", "65536", "-1"]),
    ("bad port", "targetPort", &["-1", "70000", "Not_A_Port", "'8080'"]),
    ("bad port", "nodePort", &["80", "65536"]),
    ("bad port", "tcpSocket.port", &["0", "70000", "'8080'"]),
    ("bad port", "httpGet.port", &["0", "HTTP"]),
    ("bad port", "grpc.port", &["0", "70000"]),
    ("bad port", "containers.*.ports.*.name", &["'80'", "Http", "a--b", "much-too-long-name"]),
    ("bad port", "spec.ports.*.name", &["Http", "a_b"]),
    ("bad port", "port.number", &["0", "70000"]),
    ("bad port", "port.name", &["Not_A_Port"]),
    ("bad port", "ingress.*.ports.*.port", &["0", "70000", "Not_A_Port"]),
    ("bad port", "endPort", &["1", "70000"]),
    ("bad value", "imagePullPolicy", &["always", "Sometimes"]),
    ("bad value", "protocol", &["tcp", "HTTP"]),
    ("bad value", "Service:spec.type", &["Headless", "clusterIP"]),
    ("bad value", "sessionAffinity", &["Cookie"]),
    ("bad value", "externalTrafficPolicy", &["local"]),
    ("bad value", "restartPolicy", &["always", "unless-stopped", "no"]),
    ("bad value", "dnsPolicy", &["None", "clusterFirst"]),
    ("bad value", "fsGroupChangePolicy", &["Never"]),
    ("bad value", "seccompProfile.type", &["runtime/default", "Localhost"]),
    ("bad value", "scheme", &["http"]),
    ("bad value", "strategy.type", &["Rolling", "Recreate"]),
    ("bad value", "updateStrategy.type", &["Recreate"]),
    ("bad value", "podManagementPolicy", &["Ordered"]),
    ("bad value", "accessModes", &["[RWO]", "[]", "[ReadWriteOncePod, ReadWriteOnce]"]),
    ("bad value", "volumeMode", &["filesystem"]),
    ("bad value", "concurrencyPolicy", &["forbid"]),
    ("bad value", "policyTypes", &["[ingress]", "[Ingress, Egress, Ingress]"]),
    ("bad value", "pathType", &["prefix", "Regex"]),
    ("bad value", "whenUnsatisfiable", &["Schedule"]),
    ("bad value", "effect", &["NoRun"]),
    ("bad value", "matchExpressions.*.operator", &["Equals", "Exists"]),
    ("bad value", "tolerations.*.operator", &["Contains"]),
    ("bad value", "hostPath.type", &["file"]),
    ("bad value", "unhealthyPodEvictionPolicy", &["Always"]),
    ("bad value", "preemptionPolicy", &["Always"]),
    ("bad value", "metrics.*.type", &["Cpu", "Pods"]),
    ("bad value", "target.type", &["Percent"]),
    ("bad value", "roleRef.kind", &["role", "Group"]),
    ("bad value", "subjects.*.kind", &["Robot"]),
    ("bad value", "roleRef.apiGroup", &["apps"]),
    ("bad amount", "requests.cpu", &["1GB", "abc", "'-1'", "100M i"]),
    ("bad amount", "requests.memory", &["128MB", "1gb", "'1 Gi'", "64Gi"]),
    ("bad amount", "limits.cpu", &["half", "1m", "'-500m'"]),
    ("bad amount", "limits.memory", &["512mb", "1Mi"]),
    ("bad amount", "sizeLimit", &["64MB", "'-1'"]),
    ("bad amount", "requests.storage", &["10GB", "'0'", "'-5Gi'"]),
    ("bad amount", "max.cpu", &["1m", "x"]),
    ("bad amount", "hard.limits.memory", &["32GB"]),
    ("bad probe", "initialDelaySeconds", &["-1"]),
    ("bad probe", "timeoutSeconds", &["-1"]),
    ("bad probe", "periodSeconds", &["-1"]),
    ("bad probe", "failureThreshold", &["-1"]),
    (
        "bad probe",
        "livenessProbe",
        &[
            "{}",
            "{periodSeconds: 5}",
            "{exec: {command: [a]}, tcpSocket: {port: 80}}",
            "{exec: {}}",
            "{exec: {command: [a]}, successThreshold: 2}",
            "{exec: {command: [a]}, terminationGracePeriodSeconds: 0}",
        ],
    ),
    ("bad probe", "startupProbe", &["{tcpSocket: {port: 80}, successThreshold: 3}", "{httpGet: {path: /}}"]),
    (
        "bad probe",
        "readinessProbe",
        &[
            "{exec: {command: []}}",
            "{exec: {command: [a]}, terminationGracePeriodSeconds: 5}",
            "{httpGet: {port: http, httpHeaders: [{name: 'a b', value: c}]}}",
        ],
    ),
    ("bad probe", "preStop", &["{}", "{sleep: {seconds: 500}}", "{exec: {}}"]),
    (
        "selector",
        "spec.selector.matchLabels",
        &["{app.kubernetes.io/name: other}", "{app.kubernetes.io/name: web, tier: x}"],
    ),
    ("selector", "Deployment:spec.selector", &["{}", "{matchLabels: {}}"]),
    ("selector", "template.metadata.labels", &["{app: other}", "{}"]),
    ("bad environment", "env.*.name", &["''", "A=B"]),
    ("bad environment", "envFrom.*.prefix", &["A=B"]),
    (
        "bad environment",
        "env.*.valueFrom",
        &[
            "{}",
            "{fieldRef: {fieldPath: metadata.colour}}",
            "{configMapKeyRef: {name: web, key: a/b}}",
            "{resourceFieldRef: {resource: limits.disk}}",
            "{fieldRef: {fieldPath: metadata.name}, secretKeyRef: {name: db, key: token}}",
        ],
    ),
    ("bad environment", "env.*.value", &["1", "true"]),
    (
        "bad environment",
        "containers.*.envFrom",
        &["[{prefix: A_}]", "[{configMapRef: {name: web}, secretRef: {name: db}}]", "[{configMapRef: {}}]"],
    ),
    ("bad mount", "mountPath", &["''", "/tmp"]),
    ("bad mount", "volumeMounts.*.name", &["absent"]),
    ("bad mount", "subPath", &["/etc", "../a", "a/../b"]),
    ("bad volume", "configMap.items.*.path", &["/abs", "../up", "''", "..a"]),
    ("bad volume", "defaultMode", &["1000", "-1", "'0644'"]),
    ("bad volume", "items.*.mode", &["512"]),
    ("bad volume", "hostPath.path", &["/a/../b", "''"]),
    ("bad volume", "volumes.*.emptyDir", &["{sizeLimit: x}"]),
    ("bad volume", "secretName", &["1"]),
    ("bad key", "ConfigMap:data", &["{a/b: c}", "{'..': x}", "{'a b': c}", "{logo.png: x}", "{a: 1}"]),
    ("bad key", "Secret:data", &["{a: '%%%'}", "{a/b: YQ==}", "{a: YQ}"]),
    ("bad key", "Secret:stringData", &["{a b: c}", "{'..a': c}", "{a: 5}"]),
    (
        "bad key",
        "Secret:type",
        &["kubernetes.io/tls", "kubernetes.io/ssh-auth", "kubernetes.io/dockerconfigjson", "kubernetes.io/basic-auth"],
    ),
    ("bad number", "spec.replicas", &["-1", "two", "1.5"]),
    ("bad number", "backoffLimit", &["-1"]),
    ("bad number", "completions", &["-1"]),
    ("bad number", "parallelism", &["-2"]),
    ("bad number", "ttlSecondsAfterFinished", &["-1"]),
    ("bad number", "activeDeadlineSeconds", &["-1"]),
    ("bad number", "progressDeadlineSeconds", &["-1", "1"]),
    ("bad number", "revisionHistoryLimit", &["-1"]),
    ("bad number", "minReadySeconds", &["-1"]),
    ("bad number", "startingDeadlineSeconds", &["-1"]),
    ("bad number", "successfulJobsHistoryLimit", &["-1"]),
    ("bad number", "partition", &["-1"]),
    ("bad number", "minReplicas", &["0", "9", "-1"]),
    ("bad number", "maxReplicas", &["0", "1"]),
    ("bad number", "averageUtilization", &["0", "-5"]),
    ("bad number", "stabilizationWindowSeconds", &["-1", "4000"]),
    ("bad number", "policies.*.periodSeconds", &["0", "4000"]),
    ("bad number", "policies.*.value", &["0"]),
    ("bad number", "scaleDown.policies", &["[]"]),
    ("bad number", "maxUnavailable", &["-1", "150%", "some"]),
    ("bad number", "maxSurge", &["-1", "0", "x%"]),
    ("bad number", "PodDisruptionBudget:spec.maxUnavailable", &["abc", "200%"]),
    ("bad number", "clientIP.timeoutSeconds", &["0", "100000"]),
    ("bad number", "weight", &["0", "101"]),
    ("bad number", "maxSkew", &["0"]),
    ("bad number", "PriorityClass:value", &["2000000000"]),
    ("bad security", "runAsUser", &["-1", "4294967296", "root"]),
    ("bad security", "fsGroup", &["-5"]),
    ("bad security", "supplementalGroups", &["[-1]", "[a]"]),
    (
        "bad security",
        "sysctls",
        &[
            "[{name: Net.x, value: a}]",
            "[{name: net.a, value: a}, {name: net.a, value: b}]",
            "[{name: a..b, value: c}]",
        ],
    ),
    (
        "bad security",
        "containers.*.securityContext",
        &[
            "{privileged: true, allowPrivilegeEscalation: false}",
            "{capabilities: {add: [CAP_SYS_ADMIN]}, allowPrivilegeEscalation: false}",
            "{seccompProfile: {type: RuntimeDefault, localhostProfile: a}}",
        ],
    ),
    ("bad address", "nameservers", &["[dns.example.com]", "[1.1.1.1, 2.2.2.2, 3.3.3.3, 4.4.4.4]"]),
    ("bad address", "searches", &["['a b']"]),
    ("bad address", "hostAliases.*.ip", &["host-gateway", "10.0.0.300"]),
    ("bad address", "hostAliases.*.hostnames", &["[Bad_Host!]"]),
    ("bad address", "clusterIP", &["none", "10.0.0"]),
    ("bad address", "cidr", &["10.0.0.0", "10.0.0.0/40", "''"]),
    ("bad address", "except", &["[10.0.0.0/8]", "[192.168.0.0/16]", "[x]"]),
    ("bad address", "rules.*.host", &["10.0.0.1", "a.*.com", "shop.example.com:80", "Shop_1"]),
    ("bad address", "tls.*.hosts", &["['*']", "[a_b]"]),
    ("bad path", "paths.*.path", &["metrics", "/a//b", "/a/../b", "/a%2fb"]),
    ("bad schedule", "schedule", &["'* * * *'", "'60 * * * *'", "daily", "'0 0 3 * * *'", "''"]),
    ("bad schedule", "timeZone", &["Local", "''"]),
    ("bad peer", "ingress.*.from", &["[{}]", "[{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]"]),
    (
        "bad toleration",
        "spec.tolerations",
        &[
            "[{effect: NoSchedule}]",
            "[{key: a, operator: Exists, value: b}]",
            "[{key: a, tolerationSeconds: 5}]",
            "[{key: 'a b', operator: Exists}]",
        ],
    ),
    ("bad rule", "rules.*.verbs", &["[]"]),
    ("bad rule", "rules.*.resources", &["[]"]),
    ("bad kind", "apiVersion", &["extensions/v1beta1", "v2", "apps/v1beta2"]),
    ("bad kind", "kind", &["Pods", "deployment"]),
    ("dangling", "serviceAccountName", &["absent"]),
    ("dangling", "priorityClassName", &["absent"]),
    ("dangling", "configMapKeyRef.name", &["absent"]),
    ("dangling", "configMapKeyRef.key", &["absent"]),
    ("dangling", "secretKeyRef.name", &["absent"]),
    ("dangling", "secretKeyRef.key", &["absent"]),
    ("dangling", "configMapRef.name", &["absent"]),
    ("dangling", "secretRef.name", &["absent"]),
    ("dangling", "volumes.*.configMap.name", &["absent"]),
    ("dangling", "configMap.items.*.key", &["absent"]),
    ("dangling", "volumes.*.secret.secretName", &["absent"]),
    ("dangling", "claimName", &["absent"]),
    ("dangling", "tls.*.secretName", &["absent"]),
    ("dangling", "Service:spec.selector", &["{app.kubernetes.io/name: absent}"]),
    ("dangling", "PodDisruptionBudget:spec.selector.matchLabels", &["{app.kubernetes.io/name: absent}"]),
    ("dangling", "podSelector.matchLabels", &["{app.kubernetes.io/name: absent}"]),
    ("dangling", "service.name", &["absent"]),
    ("dangling", "port.number", &["81"]),
    ("dangling", "port.name", &["absent"]),
    ("dangling", "targetPort", &["absent"]),
    ("dangling", "scaleTargetRef.name", &["absent"]),
    ("dangling", "spec.serviceName", &["absent"]),
    ("dangling", "roleRef.name", &["absent"]),
    ("dangling", "subjects.*.name", &["absent"]),
];

/// Fields without which the server takes nothing: class, end of the path.
const REQUIRED: &[&str] = &[
    "metadata.name",
    "Deployment:spec.selector",
    "StatefulSet:spec.selector",
    "DaemonSet:spec.selector",
    "spec.template",
    "template.spec.containers",
    "containers.*.name",
    "containers.*.image",
    "containerPort",
    "volumeMounts.*.mountPath",
    "volumeMounts.*.name",
    "volumes.*.name",
    "env.*.name",
    "secretKeyRef.key",
    "configMapKeyRef.key",
    "configMap.items.*.key",
    "configMap.items.*.path",
    "claimName",
    "volumes.*.secret.secretName",
    "volumes.*.configMap.name",
    "hostPath.path",
    "spec.ports.*.port",
    "Service:spec.ports",
    "Service:spec.externalName",
    "accessModes",
    "PersistentVolumeClaim:spec.resources",
    "template.spec.restartPolicy",
    "schedule",
    "jobTemplate",
    "rules.*.http.paths",
    "pathType",
    "paths.*.backend",
    "backend.service",
    "service.port",
    "scaleTargetRef",
    "scaleTargetRef.kind",
    "scaleTargetRef.name",
    "maxReplicas",
    "metrics.*.type",
    "metrics.*.resource",
    "topologyKey",
    "whenUnsatisfiable",
    "roleRef",
    "roleRef.name",
    "subjects.*.name",
    "rules.*.verbs",
    "ipBlock.cidr",
    "httpGet.port",
    "tcpSocket.port",
    "exec.command",
    "sysctls.*.name",
    "hostAliases.*.ip",
    "apiVersion",
    "kind",
];

/// Fields that must not be there: class, end of the path of the mapping, field, value.
const EXTRA: &[(&str, &str, &str, &str)] = &[
    ("contradiction", "PodDisruptionBudget:spec", "minAvailable", "1"),
    ("contradiction", "env.*", "valueFrom", "{fieldRef: {fieldPath: metadata.name}}"),
    ("contradiction", "volumes.*", "hostPath", "{path: /a}"),
    ("contradiction", "volumes.*", "emptyDir", "{}"),
    ("contradiction", "initContainers.*", "readinessProbe", "{exec: {command: [a]}}"),
    ("contradiction", "initContainers.*", "lifecycle", "{preStop: {exec: {command: [a]}}}"),
    ("contradiction", "volumeMounts.*", "mountPropagation", "Bidirectional"),
    ("contradiction", "Deployment:template.spec", "activeDeadlineSeconds", "5"),
    ("contradiction", "Deployment:template.spec", "hostUsers", "maybe"),
    ("contradiction", "Service:spec", "loadBalancerClass", "example.com/lb"),
    ("contradiction", "Service:spec", "ipFamilies", "[IPv5]"),
    ("contradiction", "Job:spec", "selector", "{matchLabels: {a: b}}"),
    ("contradiction", "Job:spec", "completionMode", "indexed"),
    ("contradiction", "service.port", "name", "http"),
    ("contradiction", "containers.*.resources.requests", "gpu", "1"),
    ("contradiction", "containers.*.resources.requests", "nvidia.com/gpu", "1"),
    ("contradiction", "resources.limits", "nvidia.com/gpu", "'1.5'"),
    ("contradiction", "rules.*", "nonResourceURLs", "[/healthz]"),
    ("contradiction", "Deployment:template.spec", "shareProcessNamespace", "'yes'"),
];

/// Lists that must not hold an item twice.
const UNIQUE: &[&str] = &[
    "containers",
    "volumes",
    "volumeMounts",
    "ports",
    "env",
    "topologySpreadConstraints",
    "initContainers",
    "sysctls",
    "hostAliases",
];

/// Mappings of free keys, where any field is right.
const FREE: &[&str] = &[
    "labels",
    "annotations",
    "matchLabels",
    "data",
    "stringData",
    "binaryData",
    "nodeSelector",
    "requests",
    "limits",
    "hard",
    "min",
    "max",
    "default",
    "defaultRequest",
];

/// All faults of the tables, and so many unknown fields and wrong types, spread evenly over all places.
pub fn seed(objects: &[Node], anywhere_count: usize) -> Vec<Fault> {
    let mut named = Vec::new();
    let mut anywhere = Vec::new();
    for (object, tree) in objects.iter().enumerate() {
        let kind = tree.get("kind").and_then(Node::as_str).unwrap_or_default();
        let name = tree.at(&["metadata", "name"]).and_then(Node::as_str).unwrap_or_default();
        let mut places = Vec::new();
        visit(tree, &mut Vec::new(), &mut places);
        for path in &places {
            let at = |suffix: &str| ends(kind, path, suffix);
            let shown = |what: &str| format!("{kind}/{name} {} {what}", path.join("."));
            let node = look(tree, path);
            let make = |list: &mut Vec<Fault>, class, what: String, change: &dyn Fn(&mut Node)| {
                let mut broken = tree.clone();
                change(&mut broken);
                list.push(Fault { class, what: shown(&what), object, tree: broken });
            };
            for (class, _, values) in VALUES.iter().filter(|(_, suffix, _)| at(suffix)) {
                for text in *values {
                    let value = yaml(text);
                    if value != *node {
                        make(&mut named, class, format!("= {text}"), &|tree| *reach(tree, path) = value.clone());
                    }
                }
            }
            if REQUIRED.iter().any(|suffix| at(suffix)) {
                make(&mut named, "missing field", "removed".to_owned(), &|tree| remove(tree, path));
            }
            for (class, _, field, text) in
                EXTRA.iter().filter(|(_, suffix, field, _)| at(suffix) && node.get(field).is_none())
            {
                let value = yaml(text);
                make(&mut named, class, format!("+ {field}: {text}"), &|tree| {
                    insert(reach(tree, path), field, value.clone());
                });
            }
            let last = path.last().map_or("", String::as_str);
            if UNIQUE.contains(&last) && node.as_seq().is_some_and(|items| !items.is_empty()) {
                make(&mut named, "duplicate", "first item twice".to_owned(), &|tree| {
                    if let Value::Sequence(items) = &mut reach(tree, path).value {
                        items.push(items[0].clone());
                    }
                });
            }
            if node.as_map().is_some() && !FREE.contains(&last) && !at("Service:spec.selector") {
                let wrong = node
                    .as_map()
                    .and_then(|map| map.keys().next())
                    .map_or("bogus".to_owned(), |key| format!("{}x", key.text));
                make(&mut anywhere, "unknown field", format!("+ {wrong}"), &|tree| {
                    insert(reach(tree, path), &wrong, "x".into());
                });
            }
            let wrong = match &node.value {
                Value::Mapping(_) => "text",
                Value::Sequence(_) => "{a: b}",
                Value::Int(_) | Value::Bool(_) | Value::Float(_) => "[text]",
                _ => "{a: [b]}",
            };
            make(&mut anywhere, "wrong type", format!("= {wrong}"), &|tree| *reach(tree, path) = yaml(wrong));
        }
        oversize(tree, object, &mut named);
    }
    let step = anywhere.len().max(1);
    let wanted = anywhere_count.min(step);
    let mut at = 0;
    for (number, fault) in anywhere.into_iter().enumerate() {
        // As even a choice as whole numbers allow.
        let due = (number + 1) * wanted / step;
        if due > at {
            at = due;
            named.push(fault);
        }
    }
    named
}

fn oversize(tree: &Node, object: usize, faults: &mut Vec<Fault>) {
    let kind = tree.get("kind").and_then(Node::as_str).unwrap_or_default();
    let label = format!("{kind}/{}", tree.at(&["metadata", "name"]).and_then(Node::as_str).unwrap_or_default());
    let mut add = |path: &[&str], key: &str, size: usize| {
        let mut broken = tree.clone();
        let path: Vec<String> = path.iter().map(|step| (*step).to_owned()).collect();
        if look(&broken, &path).as_map().is_none() {
            *reach(&mut broken, &path) = Node::from([]);
        }
        insert(reach(&mut broken, &path), key, Node::from("x".repeat(size)));
        let what = format!("{label} {} + {key} of {size} bytes", path.join("."));
        faults.push(Fault { class: "over size", what, object, tree: broken });
    };
    match kind {
        "ConfigMap" => add(&["data"], "big", 1024 * 1024),
        "Secret" => add(&["stringData"], "big", 1024 * 1024),
        "Deployment" | "Service" | "Namespace" => {}
        _ => return,
    }
    add(&["metadata", "annotations"], "example.com/big", 256 * 1024);
    add(&["metadata", "labels"], "example.com/long", 64);
}

/// Reads one YAML value.
pub fn yaml(text: &str) -> Node {
    parse(FileId::NONE, text).value.into_iter().next().unwrap_or_else(|| Value::Null.into())
}

/// The paths of all values below a node.
fn visit(node: &Node, path: &mut Vec<String>, places: &mut Vec<Vec<String>>) {
    let children: Vec<(String, &Node)> = match &node.value {
        Value::Mapping(map) => map.iter().map(|(key, value)| (key.text.clone(), value)).collect(),
        Value::Sequence(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    for (step, child) in children {
        path.push(step);
        places.push(path.clone());
        visit(child, path, places);
        path.pop();
    }
}

/// Whether a path ends as a pattern says: `Kind:a.b.*.c`.
fn ends(kind: &str, path: &[String], pattern: &str) -> bool {
    let (wanted, pattern) = pattern.split_once(':').unwrap_or((kind, pattern));
    let steps: Vec<&str> = pattern.split('.').collect();
    let Some(tail) = path.len().checked_sub(steps.len()).and_then(|from| path.get(from..)) else { return false };
    let number = |step: &String| step.bytes().all(|b| b.is_ascii_digit());
    // A pattern for one kind, or of a single step at the top, means the whole path unless it starts below `template`.
    let top = matches!(steps[0], "spec" | "metadata" | "apiVersion" | "kind") && path.len() != steps.len();
    let inner = steps[0] == "spec" && tail.len() < path.len() && path[path.len() - steps.len() - 1] == "template";
    let claim = steps[0] == "metadata" && path[path.len().saturating_sub(steps.len() + 1)] == "template";
    wanted == kind
        && (!top || inner || claim)
        && tail.iter().zip(&steps).all(|(step, wanted)| if *wanted == "*" { number(step) } else { step == wanted })
}

fn look<'a>(tree: &'a Node, path: &[String]) -> &'a Node {
    static NULL: std::sync::LazyLock<Node> = std::sync::LazyLock::new(|| Value::Null.into());
    let steps: Vec<&str> = path.iter().map(String::as_str).collect();
    tree.at(&steps).unwrap_or(&NULL)
}

/// The value at a path, made where it is absent.
fn reach<'a>(node: &'a mut Node, path: &[String]) -> &'a mut Node {
    let Some((step, rest)) = path.split_first() else { return node };
    let child = match &mut node.value {
        Value::Mapping(map) => map.entry(Key::from(step.as_str())).or_insert_with(|| Value::Null.into()),
        Value::Sequence(items) => &mut items[step.parse::<usize>().unwrap()],
        _ => panic!("{step} has no parent"),
    };
    reach(child, rest)
}

fn remove(tree: &mut Node, path: &[String]) {
    let (last, parent) = path.split_last().unwrap();
    if let Some(map) = reach(tree, parent).as_map_mut() {
        map.shift_remove(last.as_str());
    }
}

fn insert(node: &mut Node, key: &str, value: Node) {
    if let Some(map) = node.as_map_mut() {
        map.insert(Key::from(key), value);
    }
}
