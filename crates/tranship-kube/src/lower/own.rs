//! Fields that no value of the project asks for, and why the lowering writes them.
//!
//! A table for explanations: the lowering itself does not read it. A test in the binary holds every field of every object of
//! the examples against it.

/// A field the lowering writes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    /// The rule's stable name.
    pub rule: &'static str,
    /// The reason, a sentence.
    pub because: &'static str,
    /// Whether it is about this very field and not about all below a section.
    pub exact: bool,
}

const COVERED: &str = "a credential of a command stands in a Secret, and a variable brings it to where it is used";

/// Kinds (`*` for all), the way to the field, rule and reason. In a way `*` is any one step and `**` any rest.
type Row = (&'static str, &'static str, &'static str, &'static str);

const ROWS: &[Row] = &[
    ("Secret", "stringData.SECRET_IN_COMMAND*", "command-credential", COVERED),
    ("*", "spec.template.spec.containers.*.env.*.name", "command-credential", COVERED),
    ("*", "spec.template.spec.containers.*.env.*.valueFrom.**", "command-credential", COVERED),
    ("*", "spec.template.spec.initContainers.*.env.*.name", "command-credential", COVERED),
    ("*", "spec.template.spec.initContainers.*.env.*.valueFrom.**", "command-credential", COVERED),
    ("*", "apiVersion", "kind", "every supported version of Kubernetes serves the kind under this version of its API"),
    ("Service", "kind", "reachable-name", "any name that others call a service by needs a Service to resolve"),
    (
        "NetworkPolicy",
        "kind",
        "reach",
        "pods reach each other only where a policy lets them: what Compose's networks kept apart is kept apart",
    ),
    ("NetworkPolicy", "spec.podSelector", "reach", "the policy holds for every pod of the namespace"),
    (
        "NetworkPolicy",
        "spec.podSelector.**",
        "reach",
        "the pods the policy holds for, by the label of a network or of a service",
    ),
    (
        "NetworkPolicy",
        "spec.policyTypes.**",
        "reach",
        "what the policy does not name in these directions is closed, unless another policy opens it",
    ),
    (
        "NetworkPolicy",
        "spec.ingress.**",
        "reach",
        "who may call: pods on the same network, those of which a call is shown, or everyone where a port is published",
    ),
    (
        "NetworkPolicy",
        "spec.egress.**",
        "reach",
        "who may be called: pods on the same network or of which a call is shown, name servers, and what is outside where a network leads there",
    ),
    ("Namespace", "kind", "namespace", "the project gets a namespace of its own, as Compose keeps projects apart"),
    (
        "ExternalSecret",
        "**",
        "secret-store",
        "`--secrets external` or `vault`: the operator makes the Secret of the same name from the store's entries",
    ),
    ("SecretStore", "**", "secret-store", "`--secret-store` says what is behind it and where"),
    ("ConfigMap", "kind", "files", "files without credentials are kept in ConfigMaps, and pods mount them"),
    (
        "ServiceAccount",
        "kind",
        "account",
        "each workload is somebody of its own to the cluster's API, who may do nothing there unless it is said",
    ),
    (
        "Role",
        "kind",
        "account",
        "what the account of a workload, or a person, may do with the objects of the namespace",
    ),
    ("RoleBinding", "kind", "account", "gives a role to those who have it"),
    ("Role", "rules.**", "account", "what may be done with which objects"),
    ("RoleBinding", "roleRef.**", "account", "the role that is given"),
    ("RoleBinding", "subjects.**", "account", "those who have the role"),
    ("ServiceAccount", "automountServiceAccountToken", "account", "a token is mounted only where it is used"),
    ("Secret", "kind", "credentials", "credentials are kept in Secrets, apart from everything else"),
    (
        "PersistentVolumeClaim",
        "kind",
        "storage",
        "a named volume keeps its data when containers go; a claim does so on Kubernetes",
    ),
    (
        "HorizontalPodAutoscaler",
        "kind",
        "replicas",
        "a number of replicas that follows the load is an object of its own on Kubernetes",
    ),
    (
        "PodDisruptionBudget",
        "kind",
        "replicas",
        "how many pods may be taken away at once, as when a node is emptied, is an object of its own on Kubernetes",
    ),
    ("HorizontalPodAutoscaler", "spec.**", "replicas", "the number of replicas follows the load between two bounds"),
    (
        "PodDisruptionBudget",
        "spec.**",
        "replicas",
        "one pod may be taken away at a time; pods that are not ready serve nobody and may always go",
    ),
    (
        "*",
        "metadata.namespace",
        "namespace",
        "all objects are in the project's namespace: `--namespace`, or the project's name",
    ),
    (
        "Job",
        "metadata.name",
        "job-name",
        "the template of a Job cannot be changed, so that a changed task is another Job: the name ends in a digest of what it is",
    ),
    ("ServiceAccount", "kind", "account", "who the pods are to the cluster's API, which knows them by nothing else"),
    ("ServiceAccount", "automountServiceAccountToken", "account", "no process gets a token it did not ask for"),
    ("Role", "kind", "wait-right", "whoever waits for something may ask the API for that, and for nothing else"),
    ("Role", "rules.**", "wait-right", "whoever waits for something may ask the API for that, and for nothing else"),
    ("RoleBinding", "kind", "wait-right", "gives the role to the account of the pods that wait"),
    ("RoleBinding", "roleRef.**", "wait-right", "gives the role to the account of the pods that wait"),
    ("RoleBinding", "subjects.**", "wait-right", "gives the role to the account of the pods that wait"),
    ("*", "metadata.name", "name", "the project's name for it, made one that Kubernetes carries where it is not"),
    (
        "*",
        "metadata.labels.app.kubernetes.io/name",
        "labels",
        "says which service the object belongs to; the name all its objects share",
    ),
    ("*", "metadata.labels.app.kubernetes.io/instance", "labels", "says which project the object belongs to"),
    ("*", "metadata.labels.app.kubernetes.io/managed-by", "labels", "says who wrote the object"),
    ("*", "metadata.labels.pod-security.kubernetes.io/**", "labels", "says what pods of the namespace may do"),
    (
        "*",
        "metadata.annotations.tranship.dev/**",
        "way-back",
        "keeps what the object cannot say itself, for the way back to Compose",
    ),
    (
        "*",
        "spec.template.metadata.annotations.prometheus.io/**",
        "metrics",
        "tells Prometheus where the pods tell their metrics",
    ),
    (
        "*",
        "spec.template.metadata.annotations.tranship.dev/config-hash",
        "refresh",
        "a mark of the files its pods are given: another mark replaces the pods",
    ),
    (
        "*",
        "spec.template.metadata.annotations.tranship.dev/secret-hash",
        "refresh",
        "a keyed mark of the credentials its pods are given: another mark replaces the pods",
    ),
    (
        "*",
        "spec.template.metadata.annotations.tranship.dev/restart-*",
        "restart",
        "a digest of the template of a service that this one restarts with, so that a change of that one replaces these pods too",
    ),
    (
        "*",
        "spec.template.metadata.labels.tranship.dev/alias-*",
        "shared-name",
        "a name that several services answer to selects the pods of all of them by this label",
    ),
    (
        "*",
        "spec.template.metadata.labels.tranship.dev/network-*",
        "reach",
        "policies know by this label who is on the network",
    ),
    (
        "*",
        "spec.template.metadata.labels.tranship.dev/shared-network-*",
        "reach",
        "policies of this project and of others know by this label who is on the network",
    ),
    (
        "*",
        "spec.template.metadata.labels.tranship.dev/**",
        "shared-claim",
        "pods that mount the same claim carry this label, by which they are put on one node",
    ),
    (
        "*",
        "spec.template.metadata.labels.**",
        "selector",
        "the labels the pods are found by, and the project and writer they belong to",
    ),
    ("*", "spec.selector.matchLabels.**", "selector", "finds the pods of the service by labels that never change"),
    ("Service", "spec.selector.**", "selector", "leads to the pods of the service by labels that never change"),
    (
        "Service",
        "spec.clusterIP",
        "headless",
        "without an address of its own the name resolves to the pods, so that every port of theirs is reached",
    ),
    ("Service", "spec.ports.*.name", "port-name", "ports are named by protocol and number, which no two ports share"),
    (
        "Ingress",
        "kind",
        "entry",
        "requests from outside come in by the cluster's own entry, which an Ingress tells where to",
    ),
    ("HTTPRoute", "kind", "entry", "requests from outside come in by a Gateway, which an HTTPRoute tells where to"),
    ("Gateway", "kind", "entry", "requests from outside come in by a Gateway, which asks its class for an address"),
    ("Issuer", "kind", "certificates", "certificates come from an authority that is asked in the project's name"),
    (
        "Issuer",
        "spec.**",
        "certificates",
        "the authority is Let's Encrypt, which asks for an answer over HTTP as a proof",
    ),
    ("Ingress", "spec.ingressClassName", "entry-class", "the class of the cluster's entry that serves it"),
    (
        "Ingress",
        "spec.tls.**",
        "certificates",
        "the connection is encrypted with a certificate that lies in this Secret",
    ),
    (
        "Ingress",
        "spec.rules.**",
        "entry",
        "what asks for this host and path is passed on to the port that was published, or that a label of a proxy names",
    ),
    ("Gateway", "spec.gatewayClassName", "entry-class", "the class of the gateways that the cluster has"),
    (
        "Gateway",
        "spec.listeners.**",
        "entry",
        "the Gateway listens on the ports of the web, for routes of its own namespace",
    ),
    (
        "HTTPRoute",
        "spec.**",
        "entry",
        "what asks for this host and path is passed on to the port that was published, or that a label of a proxy names",
    ),
    ("*", "metadata.annotations.cert-manager.io/**", "certificates", "tells cert-manager who issues the certificates"),
    (
        "Service",
        "spec.type",
        "entry",
        "a Service beside the service's own is the way in from outside, for the ports that are reached and no others; one of another type stands for a server outside",
    ),
    (
        "Service",
        "spec.externalName",
        "outside",
        "the name leads to a server outside, which takes the place of a service",
    ),
    (
        "EndpointSlice",
        "**",
        "outside",
        "the name leads to the address of a server outside, which takes the place of a service",
    ),
    (
        "PersistentVolumeClaim",
        "spec.storageClassName",
        "storage-class",
        "the class that the kind of cluster brings for claims of one node",
    ),
    (
        "StatefulSet",
        "spec.volumeClaimTemplates.*.spec.storageClassName",
        "storage-class",
        "the class that the kind of cluster brings for claims of one node",
    ),
    ("Service", "spec.ports.*.nodePort", "entry", "a port that is the same on every node and on every run"),
    ("Service", "spec.ports.*.port", "entry", "the port that was published"),
    ("Service", "spec.ports.*.protocol", "entry", "requests of the web come over TCP"),
    ("Service", "spec.ports.*.targetPort", "port-name", "leads to the container's port by its name"),
    (
        "*",
        "spec.template.spec.containers.*.ports.*.name",
        "port-name",
        "ports are named by protocol and number, which no two ports share",
    ),
    (
        "*",
        "spec.template.spec.containers.*.name",
        "container-name",
        "the container is called as the service's objects are",
    ),
    (
        "*",
        "spec.template.spec.initContainers.*.name",
        "container-name",
        "the container is called by the service and what it does before it",
    ),
    ("*", "spec.replicas", "one-replica", "the project does not say how many, and Compose starts one"),
    (
        "*",
        "spec.strategy.type",
        "recreate",
        "pods that write to one claim or hold a port of their node never run side by side: the old one stops before the new one starts",
    ),
    (
        "*",
        "spec.strategy.rollingUpdate.**",
        "node-port",
        "pods that hold a port of their node, or keep off each other's, leave before the next ones come",
    ),
    (
        "StatefulSet",
        "spec.serviceName",
        "governing-service",
        "a StatefulSet needs a Service that gives each of its pods a name",
    ),
    ("Job", "spec.backoffLimit", "retries", "how often a task is tried again before it counts as failed"),
    (
        "Job",
        "spec.template.spec.restartPolicy",
        "task",
        "a task ends, and Kubernetes takes no other policy for one that is not tried again in place",
    ),
    (
        "CronJob",
        "spec.jobTemplate.spec.template.spec.restartPolicy",
        "task",
        "a task ends, and Kubernetes takes no other policy for one that is not tried again in place",
    ),
    ("*", "spec.template.spec.restartPolicy", "restart", "pods of a controller are always restarted"),
    (
        "*",
        "spec.template.spec.enableServiceLinks",
        "no-service-links",
        "variables for every Service of the namespace are not what the process saw under Compose, and some programs take them for their settings",
    ),
    (
        "*",
        "spec.template.spec.serviceAccountName",
        "account",
        "each workload is somebody of its own to the cluster's API, who may do nothing there unless it is said",
    ),
    (
        "*",
        "spec.template.spec.automountServiceAccountToken",
        "no-token",
        "nothing under Compose had a token for the cluster's API",
    ),
    (
        "*",
        "spec.template.spec.affinity.podAntiAffinity.preferred**",
        "replicas",
        "replicas keep off each other's nodes as long as there are others",
    ),
    (
        "*",
        "spec.template.spec.affinity.**",
        "shared-claim",
        "pods that mount the same claim run on one node, since a claim that one node can mount is what every cluster has",
    ),
    (
        "*",
        "spec.template.spec.securityContext.fsGroup",
        "volume-owner",
        "the process may write to its volumes whoever it runs as",
    ),
    (
        "*",
        "spec.template.spec.securityContext.fsGroupChangePolicy",
        "volume-owner",
        "owners are changed once and not at every start",
    ),
    (
        "*",
        "spec.template.spec.securityContext.seccompProfile.**",
        "seccomp",
        "Docker's own profile is the runtime's default one",
    ),
    (
        "*",
        "spec.template.spec.containers.*.readinessProbe.periodSeconds",
        "probe-time",
        "as often as Docker asks unless the project says otherwise",
    ),
    (
        "*",
        "spec.template.spec.containers.*.readinessProbe.timeoutSeconds",
        "probe-time",
        "an answer may take as long as Docker grants it unless the project says otherwise",
    ),
    (
        "*",
        "spec.template.spec.containers.*.readinessProbe.failureThreshold",
        "probe-patience",
        "three failures in a row count, as with Docker, unless the project says otherwise",
    ),
    (
        "*",
        "spec.template.spec.containers.*.securityContext.allowPrivilegeEscalation",
        "no-escalation",
        "a process can never gain rights beyond those it started with",
    ),
    (
        "*",
        "spec.template.spec.containers.*.securityContext.capabilities.drop.*",
        "capabilities",
        "all rights of root are taken away that are not needed",
    ),
    (
        "*",
        "spec.template.spec.containers.*.securityContext.capabilities.add.*",
        "capabilities",
        "the rights of root that the process needs",
    ),
    (
        "*",
        "spec.template.spec.containers.*.securityContext.seccompProfile.**",
        "seccomp",
        "Docker filters system calls by the profile of the runtime; a pod has to ask for it",
    ),
    (
        "*",
        "spec.template.spec.containers.*.securityContext.runAsNonRoot",
        "user",
        "the container is not started at all if it would start as root",
    ),
    (
        "*",
        "spec.template.spec.containers.*.securityContext.runAsUser",
        "user",
        "who the process runs as: its image's own user, or the one the image's root would give up its rights for",
    ),
    ("*", "spec.template.spec.containers.*.securityContext.runAsGroup", "user", "the group the process runs as"),
    (
        "*",
        "spec.template.spec.containers.*.securityContext.readOnlyRootFilesystem",
        "read-only-root",
        "nothing of the image can be changed; folders that are written have volumes",
    ),
    (
        "*",
        "spec.template.spec.securityContext.sysctls.**",
        "low-ports",
        "Docker lets every process listen on the ports below 1024",
    ),
    ("*", "spec.template.spec.hostUsers", "user-namespace", "root in the pod is nobody on the node"),
    (
        "*",
        "spec.template.spec.containers.*.volumeMounts.**",
        "writable",
        "a folder that the process writes to gets an empty volume",
    ),
    (
        "*",
        "spec.template.spec.volumes.*.emptyDir.sizeLimit",
        "writable",
        "a folder that grows beyond it ends the pod and not the node",
    ),
    (
        "PersistentVolumeClaim",
        "spec.accessModes.*",
        "one-node",
        "what every cluster can give: a volume that one node mounts at a time",
    ),
    (
        "PersistentVolumeClaim",
        "spec.resources.requests.storage",
        "size-guess",
        "Compose names no sizes, so this is a guess; change it before applying",
    ),
    (
        "StatefulSet",
        "spec.volumeClaimTemplates.*.spec.accessModes.*",
        "one-node",
        "what every cluster can give: a volume that one node mounts at a time",
    ),
    (
        "StatefulSet",
        "spec.volumeClaimTemplates.*.spec.resources.requests.storage",
        "size-guess",
        "Compose names no sizes, so this is a guess; change it before applying",
    ),
    (
        "*",
        "spec.template.spec.containers.*.volumeMounts.*.subPath",
        "data-folder",
        "a claim's folder is mounted and not its root, so that a file system's own `lost+found` never shows",
    ),
    (
        "*",
        "spec.template.spec.dnsPolicy",
        "dns",
        "a pod in its node's network, or with name servers of its own, has to say how it resolves names",
    ),
    (
        "*",
        "spec.template.spec.shareProcessNamespace",
        "shared-processes",
        "a service of the pod sees the processes of another, as its `pid` asks",
    ),
    (
        "*",
        "spec.template.spec.volumes.*.name",
        "volume-name",
        "volumes of a pod are called by what they hold, each once",
    ),
    (
        "*",
        "spec.template.spec.volumes.*.projected.**",
        "wait-token",
        "a token for the container alone that waits and asks the cluster's API",
    ),
    (
        "*",
        "spec.template.spec.serviceAccountName",
        "account",
        "who the pods are to the cluster's API, which knows them by nothing else",
    ),
    (
        "*",
        "spec.template.spec.volumes.*.emptyDir",
        "own-folder",
        "an empty folder that the pod needs for itself and that goes with it",
    ),
    (
        "*",
        "spec.template.spec.volumes.*.persistentVolumeClaim.claimName",
        "claim-name",
        "the claim of the volume that is mounted",
    ),
    (
        "StatefulSet",
        "spec.volumeClaimTemplates.*.metadata.name",
        "claim-name",
        "the claim is called by its volume, or by the path at which the image keeps data",
    ),
    (
        "*",
        "spec.volumeClaimTemplates.*.metadata.annotations.tranship.dev/**",
        "way-back",
        "keeps what the claim cannot say itself, for the way back to Compose",
    ),
    (
        "*",
        "spec.template.spec.containers.*.resources.**",
        "resources",
        "what is kept for it and what it may use, as others of its kind need",
    ),
    (
        "*",
        "spec.template.spec.containers.*.readinessProbe.**",
        "probes",
        "asked so that no request is led to a pod that cannot serve yet",
    ),
    (
        "*",
        "spec.template.spec.containers.*.livenessProbe.**",
        "probes",
        "asked so that a container that hangs is restarted",
    ),
    (
        "*",
        "spec.template.spec.containers.*.startupProbe.**",
        "probes",
        "asked so that nothing is restarted before it came up",
    ),
    (
        "*",
        "spec.template.spec.containers.*.lifecycle.preStop.**",
        "rollout",
        "a pod that leaves goes on serving until every node knows of it",
    ),
    (
        "*",
        "spec.template.spec.topologySpreadConstraints.**",
        "replicas",
        "replicas go to different nodes where there are several",
    ),
    ("*", "spec.minReadySeconds", "rollout", "a new pod that fails at once takes no old one away"),
    ("*", "spec.strategy.**", "rollout", "new pods take the place of old ones without losing a request"),
    (
        "*",
        "spec.template.spec.initContainers.**",
        "init-container",
        "an init container prepares what the service finds when it starts, such as files of its image in an empty volume",
    ),
    ("Secret", "type", "opaque", "Kubernetes reads nothing into the values"),
];

/// Why a field of a kind is there that no value of the project asks for. The steps are keys, and positions as digits.
pub fn own(kind: &str, steps: &[&str]) -> Option<Own> {
    if let ("CronJob", ["spec", "jobTemplate", rest @ ..]) = (kind, steps) {
        return own("Job", rest);
    }
    let fits = |(of, way, ..): &&Row| (*of == "*" || *of == kind) && follows(steps, &split(way));
    ROWS.iter().find(fits).map(|&(_, way, rule, because)| Own { rule, because, exact: !way.ends_with("**") })
}

/// The steps of a way; what comes after `labels`, `annotations`, `matchLabels` or a Service's `selector` is one key.
fn split(way: &'static str) -> Vec<&'static str> {
    for map in ["labels.", "annotations.", "matchLabels."] {
        if let Some((head, key)) = way.split_once(map) {
            let head = head.split('.').filter(|step| !step.is_empty());
            return head.chain([map.trim_end_matches('.'), key]).collect();
        }
    }
    way.split('.').collect()
}

fn follows(steps: &[&str], way: &[&str]) -> bool {
    match (steps.split_first(), way.split_first()) {
        (None, None) | (Some(_), Some((&"**", []))) => true,
        (Some((step, steps)), Some((wanted, way))) => {
            let same = *wanted == "*"
                || step == wanted
                || wanted
                    .strip_suffix("**")
                    .or_else(|| wanted.strip_suffix('*'))
                    .is_some_and(|head| step.starts_with(head));
            same && follows(steps, way)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tranship_model::{Account, Check, Health, Ledger, Origin, Right, Stack, Test, Traced, Workload};
    use tranship_source::Span;
    use tranship_source::yaml::{Node, Value};

    use super::*;
    use crate::lower::tests::operations::run_with_care;
    use crate::lower::tests::{entry, mount, reach, samples, service, stack, volume};
    use crate::lower::{Options, lower};

    /// Every way from the root of an object to a part of it.
    fn ways(node: &Node, way: &mut Vec<String>, out: &mut Vec<Vec<String>>) {
        out.push(way.clone());
        let mut below = |step: String, node: &Node| {
            way.push(step);
            ways(node, way, out);
            way.pop();
        };
        match &node.value {
            Value::Mapping(map) => map.iter().for_each(|(key, node)| below(key.text.clone(), node)),
            Value::Sequence(items) => items.iter().enumerate().for_each(|(at, node)| below(at.to_string(), node)),
            _ => {}
        }
    }

    /// A task, two pods of one volume and one name, and a service of two that hold ports of their nodes.
    fn pods() -> Stack {
        let (mut task, mut a, mut b, mut host) = (service("task"), service("a"), service("b"), service("host"));
        task.workload =
            Traced::decided(Workload::Task { completions: 1, parallelism: 1, retries: None }, "test", "a test");
        for one in [&mut a, &mut b] {
            one.mounts = vec![mount("files", "/files", false)];
            one.aliases = vec![Traced::at("both".to_owned(), "alias", Span::NONE)];
        }
        let time = |seconds| Some(Traced::at(Duration::from_secs(seconds), "healthcheck", Span::NONE));
        host.health = Health::Check(Box::new(Check {
            origin: Origin::at("healthcheck", Span::NONE),
            test: Some(Traced::at(Test::Exec(vec!["true".to_owned()]), "healthcheck.test", Span::NONE)),
            interval: None,
            timeout: None,
            retries: None,
            start_period: time(60),
            start_interval: None,
        }));
        host.security.network_mode = Some(Traced::at("host".to_owned(), "network_mode", Span::NONE));
        host.replicas = Some(Traced::at(2, "replicas", Span::NONE));
        let yes = || Some(Traced::decided(true, "test", "a test"));
        let word = |text: &str| Traced::decided(text.to_owned(), "test", "a test");
        a.security.read_only_root = yes();
        a.security.non_root = yes();
        a.security.no_new_privileges = yes();
        a.security.userns = Some(word("private"));
        a.security.cap_add = vec![word("CHOWN")];
        a.security.seccomp = Some(word("builtin"));
        let right = Right { group: String::new(), resources: vec!["pods".to_owned()], verbs: vec!["get".to_owned()] };
        a.operations.account = Some(Traced::decided(Account { rights: vec![right] }, "test", "a test"));
        let services = vec![task, a, b, host].into_boxed_slice();
        let mut stack = stack(services);
        stack.volumes.insert("files".to_owned(), volume("files"));
        stack
    }

    #[test]
    fn every_row_is_about_a_field_that_is_written() {
        // Written where a pass decides rights, where Secrets are handed over in another form, where a command holds a
        // credential, and where a flag names a class.
        const ELSEWHERE: [(&str, &str); 9] = [
            ("PersistentVolumeClaim", "spec.storageClassName"),
            ("StatefulSet", "spec.volumeClaimTemplates.*.spec.storageClassName"),
            ("Secret", "stringData.SECRET_IN_COMMAND*"),
            ("*", "spec.template.spec.initContainers.*.env.*.valueFrom.**"),
            ("*", "spec.template.spec.automountServiceAccountToken"),
            ("*", "spec.template.spec.securityContext.seccompProfile.**"),
            ("*", "metadata.labels.pod-security.kubernetes.io/**"),
            ("ExternalSecret", "**"),
            ("SecretStore", "**"),
        ];
        let mut unused: Vec<&Row> = ROWS.iter().filter(|row| !ELSEWHERE.contains(&(row.0, row.1))).collect();
        for (_, stack) in samples()
            .into_iter()
            .chain(entry::samples())
            .chain(reach::samples())
            .chain([("pods", pods()), ("run", run_with_care())])
        {
            for object in &lower(&stack, &Options::default(), Ledger::new()).value.objects {
                let mut all = Vec::new();
                ways(&object.tree, &mut Vec::new(), &mut all);
                let all: Vec<Vec<&str>> = all.iter().map(|way| way.iter().map(String::as_str).collect()).collect();
                let is_here = |(of, way, ..): &Row| {
                    (*of == "*" || *of == object.kind()) && all.iter().any(|steps| follows(steps, &split(way)))
                };
                unused.retain(|row| !is_here(row));
            }
        }
        assert!(unused.is_empty(), "{unused:#?}");
    }

    #[test]
    fn fields_are_found_by_kind_and_way() {
        let rule = |kind: &str, steps: &[&str]| own(kind, steps).map(|own| own.rule);
        for (kind, steps, expect) in [
            ("Deployment", &["apiVersion"][..], Some("kind")),
            ("Service", &["kind"], Some("reachable-name")),
            ("Deployment", &["kind"], None),
            ("Service", &["metadata", "labels", "app.kubernetes.io/name"], Some("labels")),
            ("Deployment", &["spec", "template", "metadata", "labels", "tranship.dev/alias-db"], Some("shared-name")),
            ("Deployment", &["spec", "template", "metadata", "labels", "tranship.dev/claim-x"], Some("shared-claim")),
            ("Deployment", &["spec", "template", "spec", "containers", "0", "ports", "1", "name"], Some("port-name")),
            ("Deployment", &["spec", "template", "spec", "containers", "0", "image"], None),
            ("Deployment", &["spec", "template", "spec", "affinity", "podAffinity", "x"], Some("shared-claim")),
        ] {
            assert_eq!(rule(kind, steps), expect, "{kind} {steps:?}");
        }
    }
}
