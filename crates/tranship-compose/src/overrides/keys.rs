//! Everything that users can say: the one list of keys, with types, documentation, examples and what each decides.
//!
//! Keys are spelt as Kubernetes spells them where it has the word. A new key is one line here and its effect in
//! `lift/said.rs`; the schema, the reference and the advice follow by themselves.

use tranship_model::{At, Traced};
use tranship_source::yaml::Node;

use super::quantity::Quantity;
use super::shape::{Shape, said, words};
use super::value::{Host, Name, ObjectLabel, ObjectName, Pairs, Probe, Read, Reader, Scalar, Tree};

said! {
    /// What can be said of the whole project.
    Project {
        /// The namespace of every object. The flag `--namespace` counts more.
        namespace "namespace": Traced<Name<63>>, "shop", [];
        /// The registry that images built here are pushed to. The flag `--registry` counts more.
        registry "registry": Traced<String>, "registry.example.com/shop", [];
        /// The tag of images built here: a tag, `git` or `context`. The flag `--tag` counts more.
        tag "tag": Traced<String>, "git", [];
        /// Objects that exist in the cluster already, as `Kind/name`, so that others may refer to them.
        external "external": Vec<Traced<ObjectLabel>>, "[PriorityClass/high, Secret/registry-credentials]", [];
        /// The kind of cluster: its classes, its load balancer, how images get there. The flag `--cluster` counts more.
        cluster "cluster": Traced<ClusterKind>, "k3s", [];
        /// By what it is reached from outside. The flag `--expose` counts more.
        expose "expose": Traced<ExposeKind>, "gateway", ["ports"];
        /// The domain below which services get names to the outside. The flag `--domain` counts more.
        domain "domain": Traced<Host>, "shop.example.com", [];
        /// The class of its Ingresses or its Gateway. The flag `--ingress-class` counts more.
        ingress_class "ingressClass": Traced<ObjectName>, "traefik", [];
        /// Where certificates come from: `secret:NAME`, or `cert-manager:ISSUER`. The flag `--tls` counts more.
        tls "tls": Traced<String>, "\"secret:shop-tls\"", [];
        /// The address an authority for certificates writes to; with `tls: cert-manager` its Issuer is written as well.
        tls_email "tlsEmail": Traced<String>, "ops@example.com", [];
        /// When nodes fetch images, for services that say nothing themselves.
        image_pull_policy "imagePullPolicy": Traced<PullPolicy>, "IfNotPresent", ["pull"];
        /// Secrets with the credentials of registries, for every pod.
        image_pull_secrets "imagePullSecrets": Vec<Traced<ObjectName>>, "[registry-credentials]", [];
        /// The storage class of every claim that names none.
        storage_class "storageClass": Traced<ObjectName>, "fast", [];
        /// The size of every claim that names none.
        volume_size "volumeSize": Traced<Quantity>, "5Gi", [];
        /// Labels of every object.
        labels "labels": Pairs<Traced<String>>, "{team: shop}", [];
        /// Annotations of every object.
        annotations "annotations": Pairs<Traced<String>>, "{example.com/owner: shop}", [];
        /// Which passes decide for every service what the project leaves open, by name; `docs/hardening.md` lists them.
        passes "passes": Pairs<Traced<Switch>>, "{no-escalation: off}", [];
        /// Fields of objects, by kind and name (`Deployment/web`) or by kind alone for all of the kind.
        patch "patch": Pairs<Tree>, "{Namespace: {metadata: {labels: {tier: prod}}}}", [];
    }
}

said! {
    /// What can be said of a service.
    Service {
        /// The kind of object that runs it; `none` leaves the service out.
        workload "workload": Traced<Kind>, "statefulset", ["workload"];
        /// When a `cronjob` runs, as five fields of cron.
        schedule "schedule": Traced<String>, "\"0 3 * * *\"", ["workload"];
        /// What a `cronjob` does when the run before is still going.
        concurrency_policy "concurrencyPolicy": Traced<ConcurrencyPolicy>, "Forbid", ["workload"];
        /// How often a failed run of a `job` or `cronjob` is tried again.
        backoff_limit "backoffLimit": Traced<u32>, "3", ["workload", "restart"];
        /// The name of its workload and container. Others still call it by the service's name.
        name "name": Traced<Name<52>>, "shop-web", ["name"];
        /// How many run at once.
        replicas "replicas": Traced<u32>, "3", ["replicas"];
        /// The image to run instead of the one in `image`.
        image "image": Traced<String>, "registry.example.com/shop/web:2", ["image"];
        /// When nodes fetch the image.
        image_pull_policy "imagePullPolicy": Traced<PullPolicy>, "Always", ["pull"];
        /// Secrets with the credentials of registries.
        image_pull_secrets "imagePullSecrets": Vec<Traced<ObjectName>>, "[registry-credentials]", [];
        /// What part it plays, instead of what the catalog says.
        role "role": Traced<RoleWord>, "store", ["role", "product"];
        /// The argv that replaces the image's entrypoint.
        command "command": Vec<Traced<String>>, "[/bin/server]", ["process.entrypoint"];
        /// The arguments that replace the image's command.
        args "args": Vec<Traced<String>>, "[--port, \"8080\"]", ["process.command"];
        /// Which variables go to a Secret and which do not, whatever their names and values look like.
        env "env": Pairs<Traced<EnvKind>>, "{LICENSE: secret, PASSWORD_FILE: plain}", ["env"];
        /// What is mounted at a path, and the claim it gets: a word, or a mapping.
        mounts "mounts": Pairs<MountSaid>, "{/data: data, /var/cache: {class: emptyDir}}", ["mounts"];
        /// How others reach it.
        service "service": Front, "{type: NodePort}", ["ports", "aliases"];
        /// Whether it is reached from outside, whatever it publishes.
        entry "entry": Traced<bool>, "true", ["ports"];
        /// The hosts under which it is reached from outside.
        hosts "hosts": Vec<Traced<Host>>, "[shop.example.com]", ["ports"];
        /// The port of every node at which it is reached, with `expose: nodeport`.
        entry_port "entryPort": Traced<u16>, "30000", ["ports"];
        /// CPU, memory and other resources that are kept for it and that it may use at most.
        resources "resources": ResourceAmounts, "{requests: {cpu: 100m}, limits: {memory: 512Mi}}", ["resources", "resources.cpu_limit", "resources.cpu_reserved", "resources.memory_limit", "resources.memory_reserved", "resources.disk_limit", "resources.disk_reserved", "resources.devices"];
        /// Its probes: `false` for none, or fields that replace those derived from the health check.
        probes "probes": Probes, "{liveness: false, readiness: {httpGet: {path: /, port: 80}}}", ["health"];
        /// The service account of its pods.
        service_account "serviceAccount": Traced<ObjectName>, "web", [];
        /// Labels of its objects.
        labels "labels": ObjectText, "{pod: {tier: front}}", ["labels"];
        /// Annotations of its objects.
        annotations "annotations": ObjectText, "{service: {example.com/scrape: \"true\"}}", ["annotations"];
        /// Labels that a node has to have.
        node_selector "nodeSelector": Pairs<Traced<String>>, "{disk: ssd}", ["placement", "placement.constraints", "platform"];
        /// Taints that its pods bear.
        tolerations "tolerations": Vec<Tree>, "[{key: gpu, operator: Exists}]", ["placement"];
        /// Where its pods go, as Kubernetes' `affinity`.
        affinity "affinity": Tree, "{nodeAffinity: {}}", ["placement", "placement.spread", "placement.max_per_node"];
        /// Security settings of its pods.
        pod_security_context "podSecurityContext": Tree, "{fsGroup: 1000}", ["process.groups", "security.sysctls"];
        /// Security settings of its container.
        security_context "securityContext": Tree, "{runAsUser: 1000, readOnlyRootFilesystem: true}", ["security", "process.user", "security.privileged", "security.cap_add", "security.cap_drop", "security.read_only_root", "security.no_new_privileges"];
        /// Containers that run before it, as Kubernetes' `initContainers`.
        init_containers "initContainers": Vec<Tree>, "[{name: wait, image: busybox, command: [sleep, \"1\"]}]", ["hooks"];
        /// Which passes decide for it what the project leaves open, by name; `docs/hardening.md` lists them.
        passes "passes": Pairs<Traced<Switch>>, "{read-only-root: off}", [];
        /// Fields of its objects, merged last: `workload`, `pod` (the template), `container`, `service`, or a kind.
        patch "patch": Pairs<Tree>, "{pod: {spec: {priorityClassName: high}}}", ["rollout", "dns", "hosts", "hostname", "process.stop_grace", "process.working_dir", "process.tty", "process.stdin", "hooks", "runtime"];
    }
}

said! {
    /// How others reach a service.
    Front {
        /// The type of its Service.
        kind "type": Traced<ServiceType>, "LoadBalancer", ["ports"];
        /// Whether its name resolves to the pods themselves, without an address of its own.
        headless "headless": Traced<bool>, "true", ["ports"];
        /// Further names that lead to it.
        names "names": Vec<Traced<Name<63>>>, "[web-internal]", ["aliases"];
        /// The port on every node, of a service with one port.
        node_port "nodePort": Traced<u16>, "30080", ["ports"];
        /// The port on every node for each of its ports.
        node_ports "nodePorts": Pairs<Traced<u16>>, "{\"80\": 30080}", ["ports"];
        /// Whether traffic from outside stays on the node it reaches.
        external_traffic_policy "externalTrafficPolicy": Traced<TrafficPolicy>, "Local", ["ports"];
    }
}

said! {
    /// What is mounted at a path.
    Mount {
        /// What the mount is for. `host` mounts the machine's own path, `emptyDir` an empty folder.
        class "class": Traced<MountKind>, "data", ["mounts"];
        /// The size of its claim.
        size "size": Traced<Quantity>, "20Gi", ["volumes"];
        /// The storage class of its claim.
        storage_class "storageClass": Traced<ObjectName>, "fast", ["volumes"];
        /// Who may mount its claim, and how.
        access_mode "accessMode": Traced<AccessMode>, "ReadWriteMany", ["volumes"];
        /// A claim that is there already and is used instead.
        existing_claim "existingClaim": Traced<ObjectName>, "old-data", ["volumes"];
        /// The folder of the volume that is mounted.
        sub_path "subPath": Traced<String>, "www", ["mounts"];
    }
}

said! {
    /// Amounts of resources by name, such as `cpu`, `memory` or `nvidia.com/gpu`.
    ResourceAmounts {
        /// What is kept for it.
        requests "requests": Pairs<Traced<Quantity>>, "{cpu: 100m, memory: 128Mi}", ["resources.cpu_reserved", "resources.memory_reserved", "resources.disk_reserved"];
        /// What it may use at most.
        limits "limits": Pairs<Traced<Quantity>>, "{memory: 512Mi}", ["resources.cpu_limit", "resources.memory_limit", "resources.disk_limit"];
    }
}

said! {
    /// The probes of a container.
    Probes {
        /// Whether it can serve.
        readiness "readiness": Probe, "{httpGet: {path: /ready, port: 8080}}", ["health"];
        /// Whether it lives.
        liveness "liveness": Probe, "false", ["health"];
        /// Whether it came up.
        startup "startup": Probe, "{failureThreshold: 60}", ["health"];
    }
}

said! {
    /// Texts by name for each of a service's objects.
    ObjectText {
        /// On its Deployment, StatefulSet, DaemonSet, Job or CronJob.
        workload "workload": Pairs<Traced<String>>, "{example.com/tier: front}", ["labels", "annotations"];
        /// On its pods.
        pod "pod": Pairs<Traced<String>>, "{example.com/tier: front}", ["labels", "annotations"];
        /// On its Service.
        service "service": Pairs<Traced<String>>, "{example.com/tier: front}", ["labels", "annotations"];
    }
}

said! {
    /// What can be said of a volume.
    Volume {
        /// The size of its claim.
        size "size": Traced<Quantity>, "20Gi", ["volumes"];
        /// The storage class of its claim.
        storage_class "storageClass": Traced<ObjectName>, "fast", ["volumes", "volumes.driver"];
        /// Who may mount its claim, and how.
        access_mode "accessMode": Traced<AccessMode>, "ReadWriteMany", ["volumes"];
        /// A claim that is there already and is used instead.
        existing_claim "existingClaim": Traced<ObjectName>, "old-data", ["volumes", "volumes.external"];
        /// Labels of its claim.
        labels "labels": Pairs<Traced<String>>, "{backup: daily}", ["volumes.labels"];
        /// Annotations of its claim.
        annotations "annotations": Pairs<Traced<String>>, "{example.com/backup: daily}", ["volumes.labels"];
        /// Fields of its claim, merged last.
        patch "patch": Tree, "{spec: {volumeMode: Filesystem}}", ["volumes"];
    }
}

said! {
    /// What can be said of a config or a secret.
    File {
        /// What its object is called.
        name "name": Traced<ObjectName>, "nginx-conf", ["configs", "secrets"];
        /// A ConfigMap or Secret that is there already and is used instead.
        existing "existing": Traced<ObjectName>, "nginx-conf", ["configs", "secrets", "configs.external", "secrets.external"];
        /// Whether it can never be changed.
        immutable "immutable": Traced<bool>, "true", ["configs", "secrets"];
        /// Labels of its object.
        labels "labels": Pairs<Traced<String>>, "{tier: front}", ["configs.labels", "secrets.labels"];
        /// Annotations of its object.
        annotations "annotations": Pairs<Traced<String>>, "{example.com/owner: shop}", ["configs.labels", "secrets.labels"];
        /// Fields of its object, merged last.
        patch "patch": Tree, "{metadata: {labels: {a: b}}}", ["configs", "secrets"];
    }
}

words! {
    /// The kind of object that runs a service.
    Kind {
        /// Replicas any of which can be replaced.
        Deployment "deployment",
        /// Replicas with storage and a name of their own.
        StatefulSet "statefulset",
        /// One on each node.
        DaemonSet "daemonset",
        /// Runs to its end.
        Job "job",
        /// Runs to its end, again and again.
        CronJob "cronjob",
        /// The service is left out.
        None "none",
    }
}

words! {
    /// A kind of cluster.
    ClusterKind {
        /// Azure Kubernetes Service.
        Aks "aks",
        /// Amazon Elastic Kubernetes Service.
        Eks "eks",
        /// Any cluster.
        Generic "generic",
        /// Google Kubernetes Engine.
        Gke "gke",
        /// K3s.
        K3s "k3s",
        /// kind.
        Kind "kind",
        /// minikube.
        Minikube "minikube",
    }
}

words! {
    /// By what something is reached from outside.
    ExposeKind {
        /// The entry that all share, told by an Ingress.
        Ingress "ingress",
        /// A Gateway of the Gateway API.
        Gateway "gateway",
        /// An address for each service.
        LoadBalancer "loadbalancer",
        /// A port of every node for each service.
        NodePort "nodeport",
        /// Nothing.
        None "none",
    }
}

words! {
    /// What a scheduled run does while the one before goes on.
    ConcurrencyPolicy {
        /// Runs beside it.
        Allow "Allow",
        /// Does not run.
        Forbid "Forbid",
        /// Takes its place.
        Replace "Replace",
    }
}

words! {
    /// When nodes fetch an image.
    PullPolicy {
        /// At every start.
        Always "Always",
        /// When it is not there.
        IfNotPresent "IfNotPresent",
        /// Never.
        Never "Never",
    }
}

words! {
    /// What part a service plays.
    RoleWord {
        /// The project's own code.
        App "app",
        /// Keeps data.
        Store "store",
        /// Keeps data that may be lost.
        Cache "cache",
        /// Passes messages on.
        Queue "queue",
        /// Takes requests from outside.
        Proxy "proxy",
        /// Watches others.
        Observer "observer",
        /// A console.
        Admin "admin",
        /// Works for the container engine.
        Helper "helper",
    }
}

words! {
    /// Where the value of a variable goes.
    EnvKind {
        /// To a Secret.
        Secret "secret",
        /// In the open.
        Plain "plain",
    }
}

words! {
    /// What a mount is for.
    MountKind {
        /// State that must survive: a claim.
        Data "data",
        /// Files the process reads: a ConfigMap.
        Config "config",
        /// Credentials: a Secret.
        Secret "secret",
        /// Logs: an empty folder.
        Logs "logs",
        /// The project's own code, which belongs into the image.
        Source "source",
        /// Files that can be made again: an empty folder.
        Cache "cache",
        /// The machine's own path, as a hostPath.
        Host "host",
        /// An empty folder.
        EmptyDir "emptyDir",
    }
}

words! {
    /// The type of a Service.
    ServiceType {
        /// Reached inside the cluster.
        ClusterIp "ClusterIP",
        /// Reached at a port of every node.
        NodePort "NodePort",
        /// Reached at an address of its own.
        LoadBalancer "LoadBalancer",
    }
}

words! {
    /// Where traffic from outside goes.
    TrafficPolicy {
        /// To any pod.
        Cluster "Cluster",
        /// To pods of the node it reaches.
        Local "Local",
    }
}

words! {
    /// Who may mount a claim.
    AccessMode {
        /// Pods of one node, to write.
        ReadWriteOnce "ReadWriteOnce",
        /// Pods of any node, to read.
        ReadOnlyMany "ReadOnlyMany",
        /// Pods of any node, to write.
        ReadWriteMany "ReadWriteMany",
        /// One pod alone.
        ReadWriteOncePod "ReadWriteOncePod",
    }
}

/// What is said of a mount: the class alone stands for a mapping with nothing else.
#[derive(Clone, Debug, Default)]
pub struct MountSaid(pub Mount);

impl Read for MountSaid {
    fn shape() -> Shape {
        Shape::Short(Box::new(<Traced<MountKind>>::shape()), Box::new(Mount::shape()))
    }

    fn read(node: &Node, path: &str, reader: &mut Reader) -> Option<Self> {
        if node.as_map().is_some() {
            return Mount::read(node, path, reader).map(Self);
        }
        let class = Traced::read(node, path, reader)?;
        Some(Self(Mount { class: Some(class), ..Mount::default() }))
    }

    fn places(&self) -> Vec<At> {
        self.0.places()
    }

    fn or(self, other: Self, clashes: &mut Vec<(At, At)>) -> Self {
        Self(self.0.or(other.0, clashes))
    }
}

/// Whether something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}

impl Switch {
    /// The word itself.
    pub fn word(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }
}

/// YAML of older versions holds `on` and `off` for truths, so that a truth is a switch as well.
impl Scalar for Switch {
    fn shape() -> Shape {
        Shape::Words(&["on", "off"])
    }

    fn parse(text: &str) -> Option<Self> {
        bool::parse(text).map(|is_on| if is_on { Self::On } else { Self::Off })
    }
}
