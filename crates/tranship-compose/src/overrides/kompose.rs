//! The labels of kompose, so that its users can move over: each says what an override says, or gives an honest line.

use tranship_model::{At, Traced};
use tranship_source::yaml::{Key, Map, Node, Value};
use tranship_source::{Diagnostic, Span};

use super::keys::{
    ConcurrencyPolicy, Front, Kind, Mount, MountKind, MountSaid, Probes, PullPolicy, Service, ServiceType,
};
use super::keys::{TrafficPolicy, Volume};
use super::quantity::Quantity;
use super::value::{Name, ObjectName, Pairs, Probe, Reader, Scalar, Tree};
use crate::schema::nearest;
use crate::typed;

/// A label and what became of it.
#[derive(Clone, Debug)]
pub struct Label {
    /// Its path and place.
    pub at: At,
    /// What became of it.
    pub effect: Effect,
}

/// What became of a label.
#[derive(Clone, Debug)]
pub enum Effect {
    /// It says what these words of the extension say.
    Said(String),
    /// It asks for what happens anyway; why.
    Needless(&'static str),
    /// It has no effect: why, and what to do.
    Without(String, &'static str),
}

/// Every label of kompose and what it is here, as Markdown.
pub(super) const LABELS: &[(&str, &str)] = &[
    ("kompose.controller.port.expose", "no effect: write `hostPort` in `patch.container.ports`"),
    ("kompose.controller.type", "`workload`; a `replicationcontroller` is a Deployment"),
    ("kompose.cronjob.backoff_limit", "`backoffLimit`"),
    ("kompose.cronjob.concurrency_policy", "`concurrencyPolicy`"),
    ("kompose.cronjob.schedule", "`workload: cronjob` with `schedule`"),
    ("kompose.hpa.cpu", "no effect yet: no HorizontalPodAutoscaler is written"),
    ("kompose.hpa.memory", "no effect yet: no HorizontalPodAutoscaler is written"),
    ("kompose.hpa.replicas.max", "no effect yet: no HorizontalPodAutoscaler is written"),
    ("kompose.hpa.replicas.min", "no effect yet: no HorizontalPodAutoscaler is written"),
    ("kompose.image-pull-policy", "`imagePullPolicy`"),
    ("kompose.image-pull-secret", "`imagePullSecrets`"),
    ("kompose.init.containers.command", "`initContainers`; one line of text is run by `/bin/sh -c`"),
    ("kompose.init.containers.image", "`initContainers`"),
    ("kompose.init.containers.name", "`initContainers`"),
    ("kompose.security-context.fsgroup", "`podSecurityContext.fsGroup`"),
    ("kompose.service.expose", "`entry` where it is true or false, else `hosts`"),
    ("kompose.service.expose.ingress-class-name", "no effect: say `ingressClass` of the whole project"),
    ("kompose.service.expose.tls-secret", "no effect: say `tls` of the whole project"),
    ("kompose.service.external-traffic-policy", "`service.externalTrafficPolicy`"),
    ("kompose.service.group", "no effect: write `network_mode: service:NAME`, which puts both into one pod"),
    ("kompose.service.healthcheck.liveness.disable", "`probes.liveness: false`"),
    ("kompose.service.healthcheck.liveness.http_get_path", "`probes.liveness.httpGet`"),
    ("kompose.service.healthcheck.liveness.http_get_port", "`probes.liveness.httpGet`"),
    ("kompose.service.healthcheck.liveness.tcp_port", "`probes.liveness.tcpSocket`"),
    ("kompose.service.healthcheck.readiness.disable", "`probes.readiness: false`"),
    ("kompose.service.healthcheck.readiness.http_get_path", "`probes.readiness.httpGet`"),
    ("kompose.service.healthcheck.readiness.http_get_port", "`probes.readiness.httpGet`"),
    ("kompose.service.healthcheck.readiness.interval", "`probes.readiness.periodSeconds`"),
    ("kompose.service.healthcheck.readiness.retries", "`probes.readiness.failureThreshold`"),
    ("kompose.service.healthcheck.readiness.start_period", "`probes.readiness.initialDelaySeconds`"),
    ("kompose.service.healthcheck.readiness.tcp_port", "`probes.readiness.tcpSocket`"),
    ("kompose.service.healthcheck.readiness.test", "`probes.readiness.exec`"),
    ("kompose.service.healthcheck.readiness.timeout", "`probes.readiness.timeoutSeconds`"),
    ("kompose.service.nodeport.port", "`service.nodePort`"),
    ("kompose.service.suffix-lb", "no need: one Service has TCP and UDP under one name"),
    ("kompose.service.suffix-lb-tcp", "no need: one Service has TCP and UDP under one name"),
    ("kompose.service.suffix-lb-udp", "no need: one Service has TCP and UDP under one name"),
    ("kompose.service.type", "`service.type`, or `service.headless`"),
    ("kompose.serviceaccount-name", "`serviceAccount`"),
    ("kompose.volume.size", "`size` of every claim the service mounts, or of the volume the label is on"),
    ("kompose.volume.storage-class-name", "`storageClass` of every claim the service mounts, or of the volume"),
    ("kompose.volume.sub-path", "`subPath` of every claim the service mounts"),
    ("kompose.volume.subpath", "`subPath` of every claim the service mounts"),
    ("kompose.volume.type", "`class` of every volume the service mounts"),
];

/// Whether a label is one of kompose's, which leaves the pod's annotations.
pub(crate) fn is_label(name: &str) -> bool {
    name.starts_with("kompose.")
}

/// A label being read.
struct Reading<'a> {
    at: &'a At,
    name: &'a str,
    text: &'a str,
    reader: &'a mut Reader,
}

impl Reading<'_> {
    fn traced<T>(&self, value: T) -> Traced<T> {
        Traced::at(value, self.at.path.clone(), self.at.span)
    }

    /// The label's text as a value; `None` after a fault was noted.
    fn value<T: Scalar>(&mut self) -> Option<Traced<T>> {
        self.value_of(self.text)
    }

    fn value_of<T: Scalar>(&mut self, text: &str) -> Option<Traced<T>> {
        match T::parse(text) {
            Some(value) => Some(self.traced(value)),
            None => self.wrong(&T::shape().words()),
        }
    }

    fn wrong<T>(&mut self, expected: &str) -> Option<T> {
        let message = format!("the label `{}` is `{}`, and has to be {expected}", self.name, self.text);
        let fault = Diagnostic::error("override-value", message).at(self.at.span);
        self.reader.faults.push(fault.help(format!("write {expected}")));
        None
    }

    /// A word of the label's own for one of ours.
    fn word<T>(&mut self, words: &[(&str, T)]) -> Option<Traced<T>>
    where
        T: Copy,
    {
        let text = self.text.to_ascii_lowercase();
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, value)) => Some(self.traced(*value)),
            None => {
                let expected = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
                self.wrong(&format!("one of {expected}"))
            }
        }
    }

    /// Seconds of a duration, at least one.
    fn seconds(&mut self) -> Option<i64> {
        match typed::duration(self.text) {
            Some(time) => i64::try_from((time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1)).ok(),
            None => self.wrong("a duration such as `10s`"),
        }
    }

    fn node(&self, node: impl Into<Node>) -> Node {
        node.into().blamed_on(self.at.span)
    }
}

/// What the labels of a service say; what became of each goes to `out`.
pub(super) fn service(service: &typed::Service, reader: &mut Reader, out: &mut Vec<Label>) -> Option<Service> {
    let of_deploy = service.deploy.iter().flat_map(|deploy| &deploy.labels);
    let labels = service.labels.iter().chain(of_deploy).filter(|pair| is_label(&pair.key));
    let mut said: Option<Service> = None;
    for pair in labels {
        let text = pair.value.text.as_deref().unwrap_or_default().trim();
        let mut reading = Reading { at: &pair.value.at, name: &pair.key, text, reader };
        let effect = label(&mut reading, said.get_or_insert_default());
        out.push(Label { at: pair.value.at.clone(), effect });
    }
    said
}

/// What the labels of a volume say.
pub(super) fn volume(volume: &typed::Volume, reader: &mut Reader, out: &mut Vec<Label>) -> Option<Volume> {
    let mut said: Option<Volume> = None;
    for pair in volume.labels.iter().filter(|pair| is_label(&pair.key)) {
        let text = pair.value.text.as_deref().unwrap_or_default().trim();
        let mut reading = Reading { at: &pair.value.at, name: &pair.key, text, reader };
        let effect = match pair.key.as_str() {
            "kompose.volume.size" => {
                said.get_or_insert_default().size = reading.value::<Quantity>();
                Effect::Said(format!("size: {text}"))
            }
            "kompose.volume.storage-class-name" => {
                said.get_or_insert_default().storage_class = reading.value::<ObjectName>();
                Effect::Said(format!("storageClass: {text}"))
            }
            other => unknown(other),
        };
        out.push(Label { at: pair.value.at.clone(), effect });
    }
    said
}

fn unknown(name: &str) -> Effect {
    let near = nearest(name, LABELS.iter().map(|(label, _)| *label));
    let near = near.map(|near| format!("; `{near}` is one")).unwrap_or_default();
    Effect::Without(format!("`{name}` is no label that kompose documents{near}"), "say it in `x-tranship`")
}

fn said(words: String) -> Effect {
    Effect::Said(words)
}

fn label(reading: &mut Reading<'_>, to: &mut Service) -> Effect {
    let text = reading.text.to_owned();
    match reading.name {
        "kompose.controller.type" => {
            to.workload = reading.word(&[
                ("deployment", Kind::Deployment),
                ("daemonset", Kind::DaemonSet),
                ("statefulset", Kind::StatefulSet),
                ("replicationcontroller", Kind::Deployment),
            ]);
            said(format!("workload: {}", to.workload.as_ref().map_or(&*text, |kind| kind.value.word())))
        }
        "kompose.cronjob.schedule" => {
            to.schedule = reading.value();
            to.workload = Some(reading.traced(Kind::CronJob));
            said(format!("workload: cronjob, schedule: {text}"))
        }
        "kompose.cronjob.concurrency_policy" => {
            // What kompose's documentation calls `Never` is what Kubernetes calls `Forbid`.
            to.concurrency_policy = reading.word(&[
                ("allow", ConcurrencyPolicy::Allow),
                ("forbid", ConcurrencyPolicy::Forbid),
                ("never", ConcurrencyPolicy::Forbid),
                ("replace", ConcurrencyPolicy::Replace),
            ]);
            said(format!("concurrencyPolicy: {text}"))
        }
        "kompose.cronjob.backoff_limit" => {
            to.backoff_limit = reading.value();
            said(format!("backoffLimit: {text}"))
        }
        "kompose.image-pull-policy" => {
            to.image_pull_policy = reading.word(&[
                ("always", PullPolicy::Always),
                ("ifnotpresent", PullPolicy::IfNotPresent),
                ("never", PullPolicy::Never),
            ]);
            said(format!("imagePullPolicy: {text}"))
        }
        "kompose.image-pull-secret" => {
            to.image_pull_secrets = reading.value::<ObjectName>().map(|name| vec![name]);
            said(format!("imagePullSecrets: [{text}]"))
        }
        "kompose.serviceaccount-name" => {
            to.service_account = reading.value();
            said(format!("serviceAccount: {text}"))
        }
        "kompose.security-context.fsgroup" => {
            if let Some(group) = reading.value::<u32>() {
                to.pod_security_context = Some(tree(reading, [("fsGroup", i64::from(group.value).into())]));
            }
            said(format!("podSecurityContext: {{fsGroup: {text}}}"))
        }
        name if name.starts_with("kompose.hpa.") => Effect::Without(
            "no HorizontalPodAutoscaler is written yet".to_owned(),
            "add one that targets the workload by hand",
        ),
        "kompose.service.expose" => match text.to_ascii_lowercase().as_str() {
            "true" | "false" => {
                to.entry = reading.value();
                said(format!("entry: {text}"))
            }
            _ => {
                to.hosts = Some(text.split(',').filter_map(|host| reading.value_of(host.trim())).collect());
                said(format!("hosts: [{text}]"))
            }
        },
        "kompose.service.expose.tls-secret" | "kompose.service.expose.ingress-class-name" => Effect::Without(
            "certificates and classes are the same for all services".to_owned(),
            "say `tls: \"secret:NAME\"` or `ingressClass: NAME` in the project's `x-tranship`",
        ),
        "kompose.service.group" => Effect::Without(
            "services share a pod where one has the network of another".to_owned(),
            "write `network_mode: service:NAME` in all services of the group but one",
        ),
        "kompose.controller.port.expose" | "kompose.controller.expose.port" => Effect::Without(
            "ports of the nodes themselves are taken by no pod unasked".to_owned(),
            "write `hostPort` in `x-tranship: {patch: {container: {ports: …}}}`, or say `service: {type: NodePort}`",
        ),
        "kompose.service.suffix-lb" | "kompose.service.suffix-lb-tcp" | "kompose.service.suffix-lb-udp" => {
            Effect::Needless("one Service has TCP and UDP under one name")
        }
        name if name.starts_with("kompose.service.healthcheck.") => probe(reading, to),
        name if name.starts_with("kompose.service.") => front(reading, to.service.get_or_insert_default()),
        name if name.starts_with("kompose.init.containers.") => init(reading, to),
        name if name.starts_with("kompose.volume.") => mount(reading, to),
        name => unknown(name),
    }
}

fn front(reading: &mut Reading<'_>, to: &mut Front) -> Effect {
    let text = reading.text.to_owned();
    match reading.name {
        "kompose.service.type" if text.eq_ignore_ascii_case("headless") => {
            to.headless = Some(reading.traced(true));
            said("service: {headless: true}".to_owned())
        }
        "kompose.service.type" => {
            to.kind = reading.word(&[
                ("clusterip", ServiceType::ClusterIp),
                ("nodeport", ServiceType::NodePort),
                ("loadbalancer", ServiceType::LoadBalancer),
            ]);
            said(format!("service: {{type: {}}}", to.kind.as_ref().map_or(&*text, |kind| kind.value.word())))
        }
        "kompose.service.nodeport.port" => {
            to.node_port = reading.value();
            said(format!("service: {{nodePort: {text}}}"))
        }
        "kompose.service.external-traffic-policy" => {
            to.external_traffic_policy =
                reading.word(&[("cluster", TrafficPolicy::Cluster), ("local", TrafficPolicy::Local)]);
            said(format!("service: {{externalTrafficPolicy: {text}}}"))
        }
        "kompose.service.name_override" => {
            to.names = reading.value::<Name<63>>().map(|name| vec![name]);
            said(format!("service: {{names: [{text}]}}"))
        }
        other => unknown(other),
    }
}

/// Fields in Kubernetes' words that come from one label.
fn tree<const N: usize>(reading: &Reading<'_>, fields: [(&str, Node); N]) -> Tree {
    let node = reading.node(Node::from(fields));
    Tree { at: reading.at.clone(), node }
}

fn probe(reading: &mut Reading<'_>, to: &mut Service) -> Effect {
    let name = reading.name.trim_start_matches("kompose.service.healthcheck.");
    let Some((which, field)) = name.split_once('.') else { return unknown(reading.name) };
    let probes = to.probes.get_or_insert_with(Probes::default);
    let slot = match which {
        "readiness" => &mut probes.readiness,
        "liveness" => &mut probes.liveness,
        _ => return unknown(reading.name),
    };
    let text = reading.text.to_owned();
    if field == "disable" {
        if let Some(off) = reading.value::<bool>()
            && off.value
        {
            *slot = Some(Probe::Off(reading.at.clone()));
            return said(format!("probes: {{{which}: false}}"));
        }
        return Effect::Needless("the probe is not switched off");
    }
    let number = |reading: &mut Reading<'_>| reading.value::<u16>().map(|port| i64::from(port.value));
    let seconds = |reading: &mut Reading<'_>| reading.seconds().map(Node::from);
    let found: Option<(&[&str], Node)> = match field {
        "http_get_path" => Some((&["httpGet", "path"], text.as_str().into())),
        "http_get_port" => number(reading).map(|port| (&["httpGet", "port"] as &[&str], port.into())),
        "tcp_port" => number(reading).map(|port| (&["tcpSocket", "port"] as &[&str], port.into())),
        "interval" => seconds(reading).map(|time| (&["periodSeconds"] as &[&str], time)),
        "timeout" => seconds(reading).map(|time| (&["timeoutSeconds"] as &[&str], time)),
        "start_period" => seconds(reading).map(|time| (&["initialDelaySeconds"] as &[&str], time)),
        "retries" => {
            reading.value::<u32>().map(|n| (&["failureThreshold"] as &[&str], i64::from(n.value.max(1)).into()))
        }
        "test" => Some((&["exec", "command"], test(&text))),
        _ => return unknown(reading.name),
    };
    let Some((path, value)) = found else { return said(format!("probes: {{{which}: …}}")) };
    let words = format!("probes: {{{which}: {{{}: {text}}}}}", path.join(": {"));
    if matches!(slot, Some(Probe::Off(_))) {
        return Effect::Needless("the probe is switched off");
    }
    let fields = slot.get_or_insert_with(|| Probe::Fields(tree(reading, [])));
    if let Probe::Fields(tree) = fields {
        put(&mut tree.node, path, reading.node(value));
    }
    said(words)
}

/// Puts a value at a path of keys.
fn put(node: &mut Node, path: &[&str], value: Node) {
    let Some((first, rest)) = path.split_first() else {
        *node = value;
        return;
    };
    if node.as_map().is_none() {
        node.value = Value::Mapping(Map::default());
    }
    if let Some(map) = node.as_map_mut() {
        put(map.entry(Key::new(*first, Span::NONE)).or_insert_with(|| Node::from(Value::Null)), rest, value);
    }
}

/// The argv of a test: `CMD` and what follows, a list in brackets, or a line for the shell.
fn test(text: &str) -> Node {
    let words = match list(text) {
        Some(words) => words,
        None => match text.split_once(' ') {
            Some(("CMD", line)) => plain_words(line).unwrap_or_else(|| shell(line)),
            Some(("CMD-SHELL", line)) => shell(line),
            _ => shell(text),
        },
    };
    let words = match words.split_first() {
        Some((first, rest)) if first == "CMD" => rest.to_vec(),
        Some((first, rest)) if first == "CMD-SHELL" => shell(&rest.join(" ")),
        _ => words,
    };
    texts(&words)
}

fn texts(words: &[String]) -> Node {
    Node::from(words.iter().map(|word| Node::from(word.as_str())).collect::<Vec<_>>())
}

fn shell(line: &str) -> Vec<String> {
    vec!["/bin/sh".to_owned(), "-c".to_owned(), line.trim().to_owned()]
}

/// The words of a line without quotes and signs of the shell; any other line is for a shell.
fn plain_words(line: &str) -> Option<Vec<String>> {
    let odd = |c: char| "\"'\\$`|&;<>()*?[]{}~#".contains(c);
    (!line.contains(odd)).then(|| line.split_whitespace().map(str::to_owned).collect())
}

/// A list written as JSON.
fn list(text: &str) -> Option<Vec<String>> {
    if !text.starts_with('[') {
        return None;
    }
    serde_json::from_str::<Vec<String>>(text).ok()
}

fn init(reading: &mut Reading<'_>, to: &mut Service) -> Effect {
    let text = reading.text.to_owned();
    let (field, value) = match reading.name {
        "kompose.init.containers.name" => ("name", Node::from(text.as_str())),
        "kompose.init.containers.image" => ("image", Node::from(text.as_str())),
        "kompose.init.containers.command" => ("command", texts(&list(&text).unwrap_or_else(|| shell(&text)))),
        other => return unknown(other),
    };
    let containers = to.init_containers.get_or_insert_default();
    if containers.is_empty() {
        // A name of its own comes before the one from the label, so that the container always has one.
        containers.push(tree(reading, [("name", "init".into())]));
    }
    if let Some(container) = containers.first_mut() {
        put(&mut container.node, &[field], reading.node(value));
    }
    said(format!("initContainers: [{{{field}: {text}}}]"))
}

fn mount(reading: &mut Reading<'_>, to: &mut Service) -> Effect {
    let text = reading.text.to_owned();
    let mut own = Mount::default();
    let words = match reading.name {
        "kompose.volume.size" => {
            own.size = reading.value();
            format!("size: {text}")
        }
        "kompose.volume.storage-class-name" => {
            own.storage_class = reading.value();
            format!("storageClass: {text}")
        }
        "kompose.volume.sub-path" | "kompose.volume.subpath" => {
            own.sub_path = reading.value();
            format!("subPath: {text}")
        }
        "kompose.volume.type" => {
            own.class = reading.word(&[
                ("persistentvolumeclaim", MountKind::Data),
                ("emptydir", MountKind::EmptyDir),
                ("hostpath", MountKind::Host),
                ("configmap", MountKind::Config),
            ]);
            format!("class: {}", own.class.as_ref().map_or(&*text, |class| class.value.word()))
        }
        other => return unknown(other),
    };
    let mounts = to.mounts.get_or_insert_with(Pairs::default);
    let every = EVERY.to_owned();
    match mounts.0.iter_mut().find(|(target, _)| *target == every) {
        Some((_, MountSaid(known))) => {
            let before = std::mem::take(known);
            *known = super::value::Read::or(before, own, &mut Vec::new());
        }
        None => mounts.0.push((every, MountSaid(own))),
    }
    said(format!("mounts: {{\"*\": {{{words}}}}}"))
}

/// The path that stands for every mount that nothing else is said of.
pub(crate) const EVERY: &str = "*";
