//! The graph of objects: what the outside reaches, the workloads behind it, the storage they claim.
//!
//! A node is a workload with what belongs to it alone, or something that several share: a way in, a claim, a name that
//! leads outside. ConfigMaps, Secrets, policies and autoscalers are counted in the node of their workload, so that a
//! picture stays readable.

use std::collections::{BTreeMap, BTreeSet};

use tranship_kube::{Object, ObjectSet};
use tranship_source::yaml::Node as Tree;

use super::calls::{Call, Shows, Target};
use super::compose::world;
use super::{Builder, EdgeKind, Evidence, Graph, Node, Role};
use crate::place::Places;

/// Kinds that run pods, with the path to the pod template.
const WORKLOADS: [(&str, &[&str]); 5] = [
    ("CronJob", &["spec", "jobTemplate", "spec", "template"]),
    ("DaemonSet", &["spec", "template"]),
    ("Deployment", &["spec", "template"]),
    ("Job", &["spec", "template"]),
    ("StatefulSet", &["spec", "template"]),
];

/// Draws the graph of objects. `workload` gives the label of the workload a service of the project became, such as
/// `Deployment/web`, and `role` the part it plays.
pub fn graph(
    title: &str,
    objects: &ObjectSet,
    calls: &[Call],
    workload: &dyn Fn(&str) -> Option<String>,
    role: &dyn Fn(&str) -> Option<Role>,
    places: Places<'_>,
) -> Graph {
    let pods: Vec<Pod<'_>> = objects.iter().filter_map(pod).collect();
    let mut drawn = Drawing { builder: Builder::new(title), objects, pods: &pods, calls, workload, places };
    let world = drawn.builder.node(world());
    for pod in &pods {
        let node = drawn.workload(pod, role(&pod.object.label()));
        drawn.builder.node(node);
    }
    for pod in &pods {
        drawn.storage(pod);
        drawn.waits(pod);
    }
    drawn.calls();
    drawn.entries(world);
    drawn.builder.done().without_idle_world()
}

/// A workload and its pod template.
struct Pod<'a> {
    object: &'a Object,
    template: &'a Tree,
    path: &'static [&'static str],
}

impl<'a> Pod<'a> {
    fn spec(&self, key: &str) -> &'a [Tree] {
        self.template.at(&["spec", key]).and_then(Tree::as_seq).unwrap_or_default()
    }

    /// Whether a selector fits the labels of the pods.
    fn fits(&self, selector: &Tree) -> bool {
        let Some(wanted) = selector.as_map().filter(|map| !map.is_empty()) else { return false };
        let labels = self.template.at(&["metadata", "labels"]);
        let text = |node: Option<&Tree>| node.and_then(Tree::as_text).map(std::borrow::Cow::into_owned);
        wanted.iter().all(|(key, value)| text(labels.and_then(|labels| labels.get(&key.text))) == text(Some(value)))
    }

    fn field(&self, rest: &str) -> String {
        format!("{} {}.spec.{rest}", self.object.label(), self.path.join("."))
    }
}

fn pod(object: &Object) -> Option<Pod<'_>> {
    let (_, path) = WORKLOADS.iter().find(|(kind, _)| *kind == object.kind())?;
    Some(Pod { object, template: object.get(path)?, path })
}

struct Drawing<'a> {
    builder: Builder,
    objects: &'a ObjectSet,
    pods: &'a [Pod<'a>],
    calls: &'a [Call],
    workload: &'a dyn Fn(&str) -> Option<String>,
    places: Places<'a>,
}

impl Drawing<'_> {
    fn workload(&self, pod: &Pod<'_>, role: Option<Role>) -> Node {
        let object = pod.object;
        let ends = matches!(object.kind(), "Job" | "CronJob");
        let replicas = object.get(&["spec", "replicas"]).and_then(Tree::as_int);
        let scaled = self.scaled(object);
        let number = match (&scaled, replicas) {
            (Some(range), _) => format!(" ×{range}"),
            (None, Some(number)) if number != 1 => format!(" ×{number}"),
            _ => String::new(),
        };
        let mut lines = vec![format!("{}{number}", object.kind())];
        let services = self.objects.iter().filter(|object| object.kind() == "Service");
        let of_pod = services.filter(|service| service.get(&["spec", "selector"]).is_some_and(|s| pod.fits(s)));
        let mut ports: Vec<String> = of_pod.flat_map(ports).collect();
        let mut seen = BTreeSet::new();
        ports.retain(|port| seen.insert(port.clone()));
        if !ports.is_empty() {
            lines.push(ports.join(" "));
        }
        let templates = object.get(&["spec", "volumeClaimTemplates"]).and_then(Tree::as_seq).unwrap_or_default();
        for claim in templates {
            lines.push(format!("claims {}", size(claim)));
        }
        let count = |number: usize, one: &str| (number > 0).then(|| format!("{number} {one}"));
        let [maps, secrets] = given(pod);
        let budget = self.objects.iter().any(|object| {
            object.kind() == "PodDisruptionBudget"
                && object.get(&["spec", "selector", "matchLabels"]).is_some_and(|labels| pod.fits(labels))
        });
        let held = [
            scaled.map(|_| "autoscaled".to_owned()),
            budget.then(|| "budget".to_owned()),
            count(maps, if maps == 1 { "ConfigMap" } else { "ConfigMaps" }),
            count(secrets, if secrets == 1 { "Secret" } else { "Secrets" }),
        ];
        let held: Vec<String> = held.into_iter().flatten().collect();
        if !held.is_empty() {
            lines.push(held.join(", "));
        }
        Node {
            id: object.label(),
            label: object.name().to_owned(),
            role: if ends { Role::Task } else { role.unwrap_or(Role::App) },
            lines,
            place: self.places.of(object.tree.span),
        }
    }

    /// The range of replicas an autoscaler keeps a workload in.
    fn scaled(&self, object: &Object) -> Option<String> {
        let named = |scaler: &&Object| {
            let target = |key| scaler.get(&["spec", "scaleTargetRef", key]).and_then(Tree::as_str);
            scaler.kind() == "HorizontalPodAutoscaler"
                && target("kind") == Some(object.kind())
                && target("name") == Some(object.name())
        };
        let scaler = self.objects.iter().find(named)?;
        let number = |key| scaler.get(&["spec", key]).and_then(Tree::as_int).unwrap_or(1);
        Some(format!("{}–{}", number("minReplicas"), number("maxReplicas")))
    }

    /// Claims that the pods mount.
    fn storage(&mut self, pod: &Pod<'_>) {
        let Some(from) = self.builder.find(&pod.object.label()) else { return };
        for volume in pod.spec("volumes") {
            let Some(claim) = volume.at(&["persistentVolumeClaim", "claimName"]).and_then(Tree::as_str) else {
                continue;
            };
            let object = self.objects.find("PersistentVolumeClaim", claim);
            let lines = object.map_or_else(|| vec!["is there already".to_owned()], |claim| vec![size(&claim.tree)]);
            let to = self.builder.node(Node {
                id: format!("PersistentVolumeClaim/{claim}"),
                label: claim.to_owned(),
                role: Role::Volume,
                lines,
                place: object.and_then(|object| self.places.of(object.tree.span)),
            });
            let name = volume.get("name").and_then(Tree::as_str).unwrap_or_default();
            let evidence = Evidence {
                what: "volume".to_owned(),
                text: pod.field(&format!("volumes[{name}]")),
                place: self.places.of(volume.span),
            };
            self.builder.edge(from, to, EdgeKind::Mounts, "", evidence);
        }
    }

    /// What init containers wait for, as the project says it by `depends_on`.
    fn waits(&mut self, pod: &Pod<'_>) {
        let Some(from) = self.builder.find(&pod.object.label()) else { return };
        for container in pod.spec("initContainers") {
            let name = container.get("name").and_then(Tree::as_str).unwrap_or_default();
            let Some(awaited) = name.strip_prefix("wait-for-") else { continue };
            let Some(other) = self.pods.iter().find(|other| other.object.name() == awaited) else { continue };
            let Some(to) = self.builder.find(&other.object.label()) else { continue };
            let evidence = Evidence {
                what: "init container".to_owned(),
                text: pod.field(&format!("initContainers[{name}]")),
                place: self.places.of(container.span),
            };
            self.builder.edge(from, to, EdgeKind::Waits, "", evidence);
        }
    }

    /// Calls of the project between the workloads its services became.
    fn calls(&mut self) {
        for call in self.calls {
            let Call { from, to, port, shows, what, text, span } = call;
            let Some(from) = (self.workload)(from).and_then(|label| self.builder.find(&label)) else { continue };
            let to = match to {
                Target::Service(name) => match (self.workload)(name).and_then(|label| self.builder.find(&label)) {
                    Some(at) => at,
                    None => continue,
                },
                Target::Outside(host) => {
                    let id = format!("outside/{host}");
                    self.builder.node(Node {
                        id,
                        label: host.clone(),
                        role: Role::Outside,
                        lines: Vec::new(),
                        place: None,
                    })
                }
            };
            let kind = match shows {
                Shows::Name => EdgeKind::Calls,
                Shows::Route => EdgeKind::Routes,
                Shows::Order => EdgeKind::Waits,
            };
            let label = port.map(|port| format!(":{port}")).unwrap_or_default();
            let evidence = Evidence { what: what.clone(), text: text.clone(), place: self.places.of(*span) };
            self.builder.edge(from, to, kind, &label, evidence);
        }
    }

    /// Ways in: Ingresses, routes of Gateways, Services with an address or a port of nodes.
    fn entries(&mut self, world: usize) {
        let mut known: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for object in self.objects {
            let kind = object.kind();
            let is_open = kind == "Service"
                && matches!(object.get(&["spec", "type"]).and_then(Tree::as_str), Some("LoadBalancer" | "NodePort"));
            let backends = match kind {
                "Ingress" => ingress(object),
                "HTTPRoute" => http_route(object),
                "Service" if is_open => vec![(object.name().to_owned(), ports(object).join(" "), "spec".to_owned())],
                _ => continue,
            };
            for (service, label, field) in backends {
                known.entry(service.clone()).or_default().push((object.label(), label));
                let Some(target) = self.objects.find("Service", &service) else { continue };
                let Some(selector) = target.get(&["spec", "selector"]) else { continue };
                let behind: Vec<String> =
                    self.pods.iter().filter(|pod| pod.fits(selector)).map(|pod| pod.object.label()).collect();
                let way = self.builder.node(Node {
                    id: object.label(),
                    label: format!("{kind} {}", object.name()),
                    role: Role::Entry,
                    lines: Vec::new(),
                    place: self.places.of(object.tree.span),
                });
                let reached =
                    Evidence { what: kind.to_owned(), text: object.label(), place: self.places.of(object.tree.span) };
                self.builder.edge(world, way, EdgeKind::Enters, "", reached);
                for label_of_pod in behind {
                    let Some(to) = self.builder.find(&label_of_pod) else { continue };
                    let evidence = Evidence {
                        what: "route".to_owned(),
                        text: format!("{} {field} → Service/{service}", object.label()),
                        place: self.places.of(object.tree.span),
                    };
                    let label = known.get(&service).and_then(|all| all.last()).map_or("", |(_, label)| label.as_str());
                    self.builder.edge(way, to, EdgeKind::Routes, label, evidence);
                }
            }
        }
    }
}

/// Service, label and field of every backend of an Ingress.
fn ingress(object: &Object) -> Vec<(String, String, String)> {
    let rules = object.get(&["spec", "rules"]).and_then(Tree::as_seq).unwrap_or_default();
    let mut out = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        let host = rule.get("host").and_then(Tree::as_str).unwrap_or_default();
        for path in rule.at(&["http", "paths"]).and_then(Tree::as_seq).unwrap_or_default() {
            let Some(service) = path.at(&["backend", "service", "name"]).and_then(Tree::as_str) else { continue };
            let text = path.get("path").and_then(Tree::as_str).unwrap_or("/");
            out.push((service.to_owned(), format!("{host}{text}"), format!("spec.rules[{number}]")));
        }
    }
    let fallback = object.get(&["spec", "defaultBackend", "service", "name"]).and_then(Tree::as_str);
    out.extend(fallback.map(|service| (service.to_owned(), String::new(), "spec.defaultBackend".to_owned())));
    out
}

/// The same of a route of the Gateway API.
fn http_route(object: &Object) -> Vec<(String, String, String)> {
    let hosts = object.get(&["spec", "hostnames"]).and_then(Tree::as_seq).unwrap_or_default();
    let host = hosts.first().and_then(Tree::as_str).unwrap_or_default();
    let rules = object.get(&["spec", "rules"]).and_then(Tree::as_seq).unwrap_or_default();
    let mut out = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        let paths = rule.get("matches").and_then(Tree::as_seq).unwrap_or_default();
        let path = paths.first().and_then(|one| one.at(&["path", "value"])).and_then(Tree::as_str).unwrap_or("/");
        for backend in rule.get("backendRefs").and_then(Tree::as_seq).unwrap_or_default() {
            let Some(service) = backend.get("name").and_then(Tree::as_str) else { continue };
            out.push((service.to_owned(), format!("{host}{path}"), format!("spec.rules[{number}]")));
        }
    }
    out
}

/// The ports of a Service.
fn ports(service: &Object) -> Vec<String> {
    let ports = service.get(&["spec", "ports"]).and_then(Tree::as_seq).unwrap_or_default();
    let one = |port: &Tree| {
        let number = port.get("port").and_then(Tree::as_int)?;
        let protocol = port.get("protocol").and_then(Tree::as_str).unwrap_or("TCP");
        let protocol = if protocol == "TCP" { String::new() } else { format!("/{}", protocol.to_ascii_lowercase()) };
        Some(format!(":{number}{protocol}"))
    };
    ports.iter().filter_map(one).collect()
}

fn size(claim: &Tree) -> String {
    let size = claim.at(&["spec", "resources", "requests", "storage"]).and_then(Tree::as_str);
    size.unwrap_or("an unknown size").to_owned()
}

/// How many ConfigMaps and Secrets a pod is given.
fn given(pod: &Pod<'_>) -> [usize; 2] {
    let (mut maps, mut secrets) = (BTreeSet::new(), BTreeSet::new());
    let name = |node: &Tree, path: &[&str]| node.at(path).and_then(Tree::as_str).map(str::to_owned);
    for volume in pod.spec("volumes") {
        maps.extend(name(volume, &["configMap", "name"]));
        secrets.extend(name(volume, &["secret", "secretName"]));
        for source in volume.at(&["projected", "sources"]).and_then(Tree::as_seq).unwrap_or_default() {
            maps.extend(name(source, &["configMap", "name"]));
            secrets.extend(name(source, &["secret", "name"]));
        }
    }
    for container in pod.spec("containers").iter().chain(pod.spec("initContainers")) {
        for from in container.get("envFrom").and_then(Tree::as_seq).unwrap_or_default() {
            maps.extend(name(from, &["configMapRef", "name"]));
            secrets.extend(name(from, &["secretRef", "name"]));
        }
        for variable in container.get("env").and_then(Tree::as_seq).unwrap_or_default() {
            maps.extend(name(variable, &["valueFrom", "configMapKeyRef", "name"]));
            secrets.extend(name(variable, &["valueFrom", "secretKeyRef", "name"]));
        }
    }
    [maps.len(), secrets.len()]
}
