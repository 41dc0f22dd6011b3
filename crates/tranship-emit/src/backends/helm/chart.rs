//! The chart as it grows: object after object becomes a template, and what people change becomes a value.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use tranship_kube::Object;
use tranship_source::yaml::{self, Map, Node};

use super::super::manifests::header;
use super::tree::{self, Entry, Item, Piece, Tree};
use super::values::{Group, Shape, key, path};
use super::{texts, write};
use crate::bundle::Bundle;
use crate::release::{Part, Plain, Release};
use crate::report::build::NAME_LABEL;

/// The order of a service's values.
const ORDER: [&str; 19] = [
    "image",
    "replicas",
    "autoscaling",
    "resources",
    "env",
    "extraEnv",
    "secret",
    "existingSecret",
    "persistence",
    "ingress",
    "disruptionBudget",
    "serviceAccount",
    "podAnnotations",
    "podLabels",
    "nodeSelector",
    "tolerations",
    "affinity",
    "priorityClassName",
    "topologySpreadConstraints",
];

/// A chart in the making.
pub(super) struct Chart<'a> {
    pub(super) bundle: &'a Bundle<'a>,
    pub(super) release: &'a Release,
    pub(super) plain: Plain<'a>,
    /// The name of the chart, which begins the name of each of its helpers.
    pub(super) name: &'a str,
    /// The name of a release under which names stay as they are.
    pub(super) bare: String,
    pub(super) values: Group,
    /// Values of Secrets.
    pub(super) secrets: Map,
    /// Keys of values by the names of workloads.
    pub(super) keys: BTreeMap<String, String>,
    /// Where what Secrets are called and hold is said, by their names.
    pub(super) homes: BTreeMap<String, Vec<String>>,
    /// Secrets that the chart holds itself.
    pub(super) own_secrets: BTreeSet<String>,
    /// Where values of claims are said, by the claims' names.
    pub(super) claims: BTreeMap<String, Vec<String>>,
    /// Images that are built here.
    pub(super) built: BTreeSet<&'a str>,
    /// Templates by their files.
    templates: IndexMap<String, String>,
    /// Files that templates read.
    pub(super) read: IndexMap<String, String>,
    /// How long the name of a release may be that stands before the names of objects.
    pub(super) room: usize,
}

impl<'a> Chart<'a> {
    pub(super) fn new(bundle: &'a Bundle<'a>, release: &'a Release) -> Self {
        let stack = bundle.stack;
        let built = stack.services.values().filter(|service| service.build.is_some());
        let mut chart = Self {
            bundle,
            release,
            plain: Plain::new(release, bundle.objects, bundle.namespace, &stack.name.value),
            name: bundle.chart,
            bare: super::release_name(bundle),
            values: Group::default(),
            secrets: Map::default(),
            keys: BTreeMap::new(),
            homes: BTreeMap::new(),
            own_secrets: BTreeSet::new(),
            claims: BTreeMap::new(),
            built: built.filter_map(|service| service.image.as_ref()).map(|image| image.value.as_str()).collect(),
            templates: IndexMap::new(),
            read: IndexMap::new(),
            room: bundle.objects.iter().map(room).min().unwrap_or(super::LONGEST_RELEASE),
        };
        chart.values.group("global", "What counts for every service");
        for service in stack.services.keys() {
            let Some(workload) = bundle.workloads.get(service) else { continue };
            let plain = key(service);
            let taken = |key: &str| chart.values.has(key);
            let counted = (2..).map(|number| format!("{plain}{number}"));
            let free = std::iter::once(plain.clone()).chain(counted).find(|key| !taken(key)).unwrap_or(plain);
            chart.values.group(&free, &format!("The service `{}`", service.replace(char::is_control, " ")));
            chart.keys.insert(workload.clone(), free);
        }
        chart.find_homes();
        chart
    }

    /// Makes every template.
    pub(super) fn fill(&mut self) {
        let bundle = self.bundle;
        let places = crate::place::Places::of_bundle(bundle);
        let services = super::super::manifests::services(bundle);
        for (at, object) in bundle.objects.iter().enumerate() {
            if object.kind() == "Namespace" {
                continue;
            }
            let mut tree = self.template(object, self.release.objects.objects.get(at));
            self.common(object, &mut tree);
            let Some((before, when)) = self.by_kind(object, &mut tree) else { continue };
            let document = header(object, &services, &places) + &write::write(&tree);
            self.add(file(object), &before, &document, when.as_deref());
        }
        self.autoscalers();
        for service in self.keys.values().cloned().collect::<Vec<_>>() {
            self.service(&service).sort(&ORDER);
        }
        self.values.prune();
    }

    fn template(&self, object: &Object, marked: Option<&Object>) -> Tree {
        tree::template(object, marked, &self.plain, &|part| self.say(part))
    }

    /// A part of a name as an expression.
    pub(super) fn say(&self, part: &Part) -> Piece {
        Piece::Expression(match part {
            Part::Text(words) => return Piece::Words(words.clone()),
            Part::Prefix => self.helper("prefix"),
            Part::Namespace => ".Release.Namespace".to_owned(),
            Part::Instance => self.instance(),
            Part::Job(workload) => self.helper(&format!("job.{workload}")),
        })
    }

    pub(super) fn instance(&self) -> String {
        let project = tranship_kube::names::label_value(&self.bundle.stack.name.value);
        if project == self.bare { ".Release.Name".to_owned() } else { self.helper("instance") }
    }

    /// The call of a helper of the chart.
    pub(super) fn helper(&self, name: &str) -> String {
        format!("include \"{}.{name}\" .", self.name)
    }

    /// Adds a template to a file. What stands `before` it gives nothing by itself.
    pub(super) fn add(&mut self, file: String, before: &str, document: &str, when: Option<&str>) {
        let text = self.templates.entry(file).or_default();
        text.push_str(before);
        if let Some(when) = when {
            text.extend(["{{- if ", when, " }}\n"]);
        }
        // Always, as what stands before may give nothing.
        text.push_str("---\n");
        text.push_str(document);
        if when.is_some() {
            text.push_str("{{- end }}\n");
        }
    }

    /// The values of a service.
    pub(super) fn service(&mut self, key: &str) -> &mut Group {
        self.values.group(key, "")
    }

    pub(super) fn global(&mut self) -> &mut Group {
        self.values.group("global", "")
    }

    /// The key of the service an object belongs to.
    pub(super) fn key_of(&self, object: &Object) -> Option<String> {
        self.keys.get(object.get(&NAME_LABEL)?.as_str()?).cloned()
    }

    /// What every object has: a name of the release, its namespace, and who manages it.
    fn common(&self, object: &Object, tree: &mut Tree) {
        let Some(metadata) = tree.at_mut(&["metadata"]) else { return };
        let own_name = metadata.get("name").and_then(Tree::words).map(str::to_owned);
        if let (Some(name), "NetworkPolicy") = (own_name, object.kind()) {
            let pieces = vec![self.say(&Part::Prefix), Piece::Words(name)];
            metadata.put(Entry::new("name", Tree::Text(pieces)));
        }
        if let Some(managed) = metadata.at_mut(&["labels", "app.kubernetes.io/managed-by"]) {
            *managed = Tree::Expression(".Release.Service".to_owned());
        }
        self.of_this_release(tree);
    }

    /// Labels by which only networks and volumes are told from each other: those of another release are alike.
    fn of_this_release(&self, tree: &mut Tree) {
        match tree {
            Tree::List(_) => tree.items_mut().for_each(|item| self.of_this_release(item)),
            Tree::Map(entries) => {
                for entry in entries {
                    let selects = entry.key == "matchLabels" || entry.key == "selector";
                    let ours = |entry: &Entry| {
                        entry.key.starts_with("tranship.dev/") && !entry.key.starts_with("tranship.dev/shared-")
                    };
                    let labels = entry.value.entries();
                    if selects && !labels.is_empty() && labels.iter().all(ours) {
                        let instance = Tree::Text(vec![self.say(&Part::Instance)]);
                        let other = format!("ne .Release.Name {}", super::values::literal(&self.bare));
                        entry.value.put(Entry::new("app.kubernetes.io/instance", instance).when(other));
                    } else {
                        self.of_this_release(&mut entry.value);
                    }
                }
            }
            _ => {}
        }
    }

    /// Every file of the chart with its path below it.
    pub(super) fn files(&self) -> Vec<(String, String)> {
        let mut out = vec![
            ("Chart.yaml".to_owned(), texts::chart(self)),
            (".helmignore".to_owned(), "# What a run of tranship keeps of hand edits.\ntemplates/*.bak\n".to_owned()),
            ("values.yaml".to_owned(), texts::values(self)),
            ("values.schema.json".to_owned(), texts::schema(self)),
            ("values-prod.yaml".to_owned(), texts::prod(self)),
            ("values-dev.yaml".to_owned(), texts::dev(self)),
            ("README.md".to_owned(), texts::readme(self)),
            ("templates/_helpers.tpl".to_owned(), texts::helpers(self)),
            ("templates/NOTES.txt".to_owned(), texts::notes(self)),
        ];
        if let Some(test) = texts::test(self) {
            out.push(("templates/tests/test-connection.yaml".to_owned(), test));
        }
        out.extend(self.templates.iter().map(|(file, text)| (format!("templates/{file}"), text.clone())));
        out.extend(self.read.iter().map(|(path, text)| (path.clone(), text.clone())));
        out
    }

    /// The values of Secrets as a file for `-f`.
    pub(super) fn secret_values(&self) -> Option<String> {
        if self.secrets.is_empty() {
            return None;
        }
        let lead = "Passwords and keys of the chart: never commit them.";
        let mut tree = Map::default();
        for (at, (key, value)) in self.secrets.iter().enumerate() {
            let value = value.clone();
            tree.insert(key.clone(), if at == 0 { value.commented(lead) } else { value });
        }
        Some(yaml::write(&tree.into()))
    }

    /// Adds a private value at a path.
    pub(super) fn hide(&mut self, at: &[String], value: Node) {
        put(&mut self.secrets, at, value);
    }

    /// Makes the values of an image and gives the expression of it.
    pub(super) fn image(&mut self, home: &[&str], image: &str, pull: Option<&Node>) -> String {
        let built = self.built.contains(image);
        let (name, digest) = image.split_once('@').map_or((image, ""), |(name, digest)| (name, digest));
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') && !tag.is_empty() => (name, tag),
            _ => (name, ""),
        };
        let host = |first: &str| first.contains(['.', ':']) || first == "localhost";
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if built && host(first) => (first, rest),
            _ => ("", name),
        };
        let mut group = &mut self.values;
        for (at, step) in home.iter().enumerate() {
            group = group.group(step, if at == 0 { "" } else { "The image" });
        }
        if built {
            group.add("registry", registry, Shape::Text, "Where it was pushed to; `global.imageRegistry` counts more");
        }
        group.add("repository", repository, Shape::Text, "Its name without a tag");
        group.add("tag", tag, Shape::Text, "Its tag");
        group.add("digest", digest, Shape::Text, "Its digest, such as `sha256:…`, which counts more than a tag");
        if let Some(pull) = pull {
            group.add(
                "pullPolicy",
                pull.clone(),
                Shape::PullPolicy,
                "When nodes fetch it; empty for what Kubernetes does by itself",
            );
        }
        if built {
            let about = "Registry of every image that is built here, with a path where there is one: `registry.example.com/shop`";
            self.global().add("imageRegistry", "", Shape::Text, about);
        }
        let registry = if built { " \"global\" .Values.global.imageRegistry" } else { "" };
        format!("include \"{}.image\" (dict \"image\" {}{registry})", self.name, path(home))
    }
}

fn put(map: &mut Map, at: &[String], value: Node) {
    let Some((first, rest)) = at.split_first() else { return };
    if rest.is_empty() {
        map.insert(first.as_str().into(), value);
        return;
    }
    let inner = map.entry(first.as_str().into()).or_insert_with(|| Map::default().into());
    if let Some(inner) = inner.as_map_mut() {
        put(inner, rest, value);
    }
}

/// How long what stands before the name of an object may be, without the dash between.
fn room(object: &Object) -> usize {
    let limit = match object.kind() {
        "Service" | "Deployment" | "DaemonSet" | "Job" => 63,
        // Their controllers put more behind it, and the whole into a label.
        "StatefulSet" | "CronJob" => 52,
        "Namespace" => return super::LONGEST_RELEASE,
        _ => 253,
    };
    super::LONGEST_RELEASE.min(limit.max(object.name().len() + 1) - object.name().len() - 1)
}

/// Whether an object is a Secret with its values in it.
pub(super) fn holds_secret(object: &Object) -> bool {
    object.kind() == "Secret" && object.get(&["sops"]).is_none()
}

/// The file of an object's template.
pub(super) fn file(object: &Object) -> String {
    let service = || object.get(&NAME_LABEL).and_then(Node::as_str).unwrap_or(object.name()).to_owned();
    match object.kind() {
        "ConfigMap" => "configmap.yaml".to_owned(),
        "Secret" => "secret.yaml".to_owned(),
        "HorizontalPodAutoscaler" => "hpa.yaml".to_owned(),
        "PodDisruptionBudget" => "pdb.yaml".to_owned(),
        "PersistentVolumeClaim" => "pvc.yaml".to_owned(),
        "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding" => "rbac.yaml".to_owned(),
        "Gateway" | "HTTPRoute" => "gateway.yaml".to_owned(),
        kind @ ("Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob" | "Service") => {
            format!("{}-{}.yaml", kind.to_lowercase(), service())
        }
        kind => format!("{}.yaml", kind.to_lowercase()),
    }
}

/// Adds items to a list that may not be there yet.
pub(super) fn more(spec: &mut Tree, key: &str, expression: &str) {
    match spec.at_mut(&[key]) {
        Some(list @ Tree::List(_)) => list.push(Item::More(expression.to_owned())),
        _ => spec.put(Entry::new(key, Tree::Block(format!("toYaml {expression}"))).when(expression)),
    }
}
