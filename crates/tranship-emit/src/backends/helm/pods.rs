//! Workloads: images, numbers, sizes, variables and places as values.

use std::collections::BTreeSet;

use tranship_kube::Object;
use tranship_source::yaml::{Map, Node, Value};

use super::chart::{Chart, file, more};
use super::references::{at, pod};
use super::tree::{Entry, Item, Piece, Tree};
use super::values::{Shape, key, literal, path};
use super::write::{braces, escape};
use crate::report::build::NAME_LABEL;

/// How replicas are said to follow the load where nobody did, once somebody wants it: least, most, and the use of CPU.
const SCALING: [i64; 3] = [1, 5, 70];

impl Chart<'_> {
    /// Puts values into a workload.
    pub(super) fn workload(&mut self, object: &Object, tree: &mut Tree) {
        let Some(service) = self.key_of(object) else { return self.refer(tree) };
        self.replicas(object, tree, &service);
        let way: &[&str] = match object.kind() {
            "CronJob" => &["spec", "jobTemplate", "spec", "template"],
            _ => &["spec", "template"],
        };
        if let Some(template) = tree.at_mut(way) {
            self.marks(object, template);
            self.metadata(template, &service);
            if let Some(spec) = template.at_mut(&["spec"]) {
                self.pod(object, spec, &service);
            }
        }
        if let Some(claims) = tree.at_mut(&["spec", "volumeClaimTemplates"]) {
            for claim in claims.items_mut() {
                let name = claim.at(&["metadata", "name"]).and_then(Tree::words).unwrap_or("data").to_owned();
                let home = [service.clone(), "persistence".to_owned(), key(&name)];
                let own = object.get(&["spec", "volumeClaimTemplates"]).map(Node::as_items).unwrap_or_default();
                let own = own.iter().find(|own| own.at(&["metadata", "name"]).and_then(Node::as_str) == Some(&name));
                self.claim(claim, own.and_then(|own| own.get("spec")), &home, true);
            }
        }
        self.refer(tree);
    }

    /// How many run, and whether that follows the load.
    fn replicas(&mut self, object: &Object, tree: &mut Tree, service: &str) {
        if !matches!(object.kind(), "Deployment" | "StatefulSet") {
            return;
        }
        let set = self.bundle.objects;
        let scaled = set.find("HorizontalPodAutoscaler", object.name());
        let claims = pod(object).and_then(|pod| pod.get("volumes")).map(Node::as_items).unwrap_or_default();
        let stateful =
            object.kind() == "StatefulSet" || claims.iter().any(|volume| volume.get("persistentVolumeClaim").is_some());
        let known = object.get(&["spec", "replicas"]).and_then(Node::as_int);
        let recreated = object.get(&["spec", "strategy", "type"]).and_then(Node::as_str) == Some("Recreate");
        let [least, most, percent] = SCALING;
        let group = self.service(service);
        group.add("replicas", known.unwrap_or(least), Shape::Number(0), "How many pods run at once");
        let value = Tree::Expression(path(&[service, "replicas"]));
        let enabled = path(&[service, "autoscaling", "enabled"]);
        let offered = scaled.is_some() || (!stateful && !recreated && known.is_some());
        if offered {
            let spec = |keys: &[&str]| scaled.and_then(|scaled| scaled.get(keys)).and_then(Node::as_int);
            let cpu = spec(&["spec", "metrics", "0", "resource", "target", "averageUtilization"]);
            let scaling =
                group.group("autoscaling", "Whether the number of pods follows the load, in place of `replicas`");
            scaling.add("enabled", scaled.is_some(), Shape::Truth, "");
            scaling.add("minReplicas", spec(&["spec", "minReplicas"]).unwrap_or(least), Shape::Number(1), "");
            scaling.add("maxReplicas", spec(&["spec", "maxReplicas"]).unwrap_or(most), Shape::Number(1), "");
            let about = "How much of the CPU that is asked for is to be in use, in percent";
            scaling.add("targetCPUUtilizationPercentage", cpu.unwrap_or(percent), Shape::Number(1), about);
        }
        let Some(spec) = tree.at_mut(&["spec"]) else { return };
        let mut entry = Entry::new("replicas", value);
        if offered {
            entry = entry.when(format!("not {enabled}"));
        }
        if let Tree::Map(entries) = spec {
            entries.retain(|known| known.key != "replicas");
            entries.insert(0, entry);
        }
    }

    /// Marks by which pods are replaced when what they are given changes.
    fn marks(&self, object: &Object, template: &mut Tree) {
        let Some(spec) = pod(object) else { return };
        let Some(annotations) = template.at_mut(&["metadata", "annotations"]) else { return };
        let mut used = [BTreeSet::new(), BTreeSet::new()];
        names(spec, &mut used);
        let [configs, secrets] = used;
        let files: Vec<&String> =
            self.read.keys().filter(|path| path.split('/').nth(1).is_some_and(|name| configs.contains(name))).collect();
        if let Some(mark) = annotations.entry_mut("tranship.dev/config-hash").filter(|_| !files.is_empty()) {
            let files: Vec<String> = files.iter().map(|path| format!("(.Files.Get {})", literal(path))).collect();
            mark.value = Tree::Expression(format!("print {} | sha256sum | trunc 10 | quote", files.join(" ")));
        }
        let own =
            secrets.iter().filter(|name| self.own_secrets.contains(**name)).filter_map(|name| self.homes.get(*name));
        let values: Vec<String> = own.map(|home| at(home, if home.len() == 1 { "secret" } else { "data" })).collect();
        if let Some(mark) = annotations.entry_mut("tranship.dev/secret-hash").filter(|_| !values.is_empty()) {
            let list = values.join(" ");
            mark.value = Tree::Expression(format!("list {list} | toJson | sha256sum | trunc 10 | quote"));
        }
        let Tree::Map(entries) = annotations else { return };
        for entry in entries {
            let other = entry.key.strip_prefix("tranship.dev/restart-");
            let named =
                |object: &&Object| pod(object).is_some() && object.get(&NAME_LABEL).and_then(Node::as_str) == other;
            if let Some(other) = other.and_then(|_| self.bundle.objects.iter().find(named)) {
                let path = literal(&format!("/{}", file(other)));
                entry.value = Tree::Expression(format!(
                    "include (print .Template.BasePath {path}) . | sha256sum | trunc 16 | quote"
                ));
            }
        }
    }

    /// Labels and annotations of pods.
    fn metadata(&mut self, template: &mut Tree, service: &str) {
        let group = self.service(service);
        group.add("podAnnotations", Map::default(), Shape::Texts, "More annotations of the pods");
        group.add("podLabels", Map::default(), Shape::Texts, "More labels of the pods");
        let Some(metadata) = template.at_mut(&["metadata"]) else { return };
        for (key, value) in [("labels", "podLabels"), ("annotations", "podAnnotations")] {
            let value = path(&[service, value]);
            let block = Tree::Block(format!("toYaml {value}"));
            match metadata.at_mut(&[key]) {
                Some(known @ Tree::Map(_)) => known.put(Entry::new("", block).when(value)),
                _ => metadata.put(Entry::new(key, block).when(value)),
            }
        }
    }

    fn pod(&mut self, object: &Object, spec: &mut Tree, service: &str) {
        let Some(own) = pod(object) else { return };
        if let Some(containers) = spec.at_mut(&["containers"]) {
            for (container, own) in containers.items_mut().zip(own.items_at("containers")) {
                // Services may share a pod: a container is called as its service's workload.
                let name = own.get("name").and_then(Node::as_str).unwrap_or_default();
                let service = self.keys.get(name).cloned().unwrap_or_else(|| service.to_owned());
                self.container(container, own, &service);
            }
        }
        if let Some(inits) = spec.at_mut(&["initContainers"]) {
            for (container, init) in inits.items_mut().zip(own.items_at("initContainers")) {
                self.helper_image(container, init, own, service);
            }
        }
        self.places(own, spec, service);
    }

    /// Where pods run, and what they may fetch images with.
    fn places(&mut self, own: &Node, spec: &mut Tree, service: &str) {
        let secrets = own.get("imagePullSecrets").cloned().unwrap_or_else(|| Node::from(Vec::new()));
        let about = "Secrets with the credentials of registries: `- name: regcred`";
        self.global().add("imagePullSecrets", secrets.clone(), Shape::List, about);
        if self.values.at(&["global"]).and_then(|global| global.default_of("imagePullSecrets")) == Some(&secrets) {
            let value = ".Values.global.imagePullSecrets";
            spec.put(Entry::new("imagePullSecrets", Tree::Block(format!("toYaml {value}"))).when(value));
        }
        for (key, shape, about) in [
            ("nodeSelector", Shape::Texts, "Labels of the nodes that may run it"),
            ("tolerations", Shape::List, "Taints of nodes it puts up with"),
            ("affinity", Shape::Mapping, "Rules for the node it runs on; in place of those the chart has"),
        ] {
            let value = path(&[service, key]);
            let known = spec.get(key).cloned();
            let fixed = known.as_ref().is_some_and(|known| *known != own.get(key).map_or(known.clone(), Tree::from));
            let group = self.service(service);
            let empty = if shape == Shape::List { Node::from(Vec::new()) } else { Map::default().into() };
            // What names the release cannot be a value.
            let default = own.get(key).filter(|_| !fixed).cloned().unwrap_or(empty);
            group.add(key, default, shape, about);
            let mut entry = Entry::new(key, Tree::Block(format!("toYaml {value}"))).when(value);
            entry.otherwise = known.filter(|_| fixed);
            spec.put(entry);
        }
    }

    fn container(&mut self, container: &mut Tree, own: &Node, service: &str) {
        let group = self.service(service);
        let pull = own.get("imagePullPolicy").cloned().unwrap_or_else(|| "".into());
        group.group("image", "The image");
        if let Some(image) = own.get("image").and_then(Node::as_str) {
            let expression = self.image(&[service, "image"], image, Some(&pull));
            container.put(Entry::new("image", Tree::Expression(format!("{expression} | quote"))));
        }
        let policy = path(&[service, "image", "pullPolicy"]);
        let entry = Entry::new("imagePullPolicy", Tree::Expression(policy.clone())).when(policy);
        after(container, "image", entry);
        let about = "What it is sure of and what it may take at most";
        let resources = own.get("resources").cloned().unwrap_or_else(|| Map::default().into());
        self.service(service).add("resources", resources, Shape::Resources, about);
        let value = path(&[service, "resources"]);
        container.put(Entry::new("resources", Tree::Block(format!("toYaml {value}"))).when(value));
        self.variables(container, service);
    }

    /// Variables with a value of their own; all others refer to Secrets and such.
    fn variables(&mut self, container: &mut Tree, service: &str) {
        let more_of = path(&[service, "extraEnv"]);
        let about = "More variables, each as Kubernetes has it: `{name: A, value: b}`";
        self.service(service).add("extraEnv", Vec::new(), Shape::List, about);
        let group = self.service(service).group(
            "env",
            "Variables; `$$` is a dollar sign before a bracket. Where names of services stand, they follow the release",
        );
        if let Some(list) = container.at_mut(&["env"]) {
            for variable in list.items_mut() {
                let Some(name) = variable.get("name").and_then(Tree::words).map(str::to_owned) else { continue };
                let Some(Tree::Text(pieces)) = variable.get("value") else { continue };
                let (text, is_template) = as_template(pieces);
                group.add(&name, text, Shape::Word, "");
                let value = path(&[service, "env", &name]);
                let expression =
                    if is_template { format!("tpl {value} . | quote") } else { format!("{value} | quote") };
                variable.put(Entry::new("value", Tree::Expression(expression)));
            }
        }
        more(container, "env", &more_of);
    }

    /// The image of a container that runs before: the service's own, or one of a few small ones.
    fn helper_image(&mut self, container: &mut Tree, init: &Node, pod: &Node, service: &str) {
        let Some(image) = init.get("image").and_then(Node::as_str) else { return };
        let same = pod.items_at("containers").iter().find(|own| own.get("image").and_then(Node::as_str) == Some(image));
        let home = match same.and_then(|own| own.get("name")).and_then(Node::as_str) {
            Some(name) => vec![self.keys.get(name).cloned().unwrap_or_else(|| service.to_owned()), "image".to_owned()],
            None => {
                let name = image.split('@').next().unwrap_or(image).rsplit('/').next().unwrap_or(image);
                let plain = key(name.split(':').next().unwrap_or(name));
                self.global().group("images", "Images of containers that run before others");
                let images = self.values.at(&["global", "images"]);
                let is_other = |key: &str| {
                    images.and_then(|images| images.at(&[key])).is_some_and(|known| !is_image(known, image))
                };
                let counted = (2..).map(|number| format!("{plain}{number}"));
                let free = std::iter::once(plain.clone()).chain(counted).find(|key| !is_other(key)).unwrap_or(plain);
                vec!["global".to_owned(), "images".to_owned(), free]
            }
        };
        let home: Vec<&str> = home.iter().map(String::as_str).collect();
        let expression = self.image(&home, image, None);
        container.put(Entry::new("image", Tree::Expression(format!("{expression} | quote"))));
    }

    /// A claim's size and class.
    pub(super) fn claim(&mut self, claim: &mut Tree, spec: Option<&Node>, home: &[String], fixed: bool) {
        let Some(spec) = spec else { return };
        let size = spec.at(&["resources", "requests", "storage"]).cloned().unwrap_or_else(|| "1Gi".into());
        let class = spec.get("storageClassName").cloned();
        let about = if fixed {
            "How much it holds; a set that runs keeps the size it was made with"
        } else {
            "How much it holds"
        };
        let words = "The class of storage; empty for `global.storageClass`";
        self.global().add(
            "storageClass",
            "",
            Shape::Text,
            "The class of storage of every claim that names none; empty for the cluster's default",
        );
        let mut group = &mut self.values;
        for (at, step) in home.iter().enumerate() {
            group = group.group(step, if at == 1 { "Storage" } else { "" });
        }
        group.add("size", size, Shape::Text, about);
        group.add("storageClass", class.unwrap_or_else(|| "".into()), Shape::Text, words);
        let (size, class) = (at(home, "size"), at(home, "storageClass"));
        if let Some(storage) = claim.at_mut(&["spec", "resources", "requests", "storage"]) {
            *storage = Tree::Expression(format!("{size} | quote"));
        }
        if let Some(spec) = claim.at_mut(&["spec"]) {
            let either = format!("{class} .Values.global.storageClass");
            let value = Tree::Expression(format!("coalesce {either} | quote"));
            spec.put(Entry::new("storageClassName", value).when(format!("or {either}")));
        }
    }
}

/// Pieces of a text as the text of a value, and whether it is a template then.
pub(super) fn as_template(pieces: &[Piece]) -> (String, bool) {
    if let [Piece::Words(words)] = pieces {
        return (words.clone(), false);
    }
    let one = |(at, piece): (usize, &Piece)| match piece {
        Piece::Words(words) => escape(words, matches!(pieces.get(at + 1), Some(Piece::Expression(_)))),
        Piece::Expression(expression) => braces(expression),
    };
    (pieces.iter().enumerate().map(one).collect(), true)
}

/// Puts an entry behind another, in the place of one with its key.
fn after(tree: &mut Tree, key: &str, entry: Entry) {
    let Tree::Map(entries) = tree else { return };
    entries.retain(|known| known.key != entry.key);
    let at = entries.iter().position(|known| known.key == key).map_or(entries.len(), |at| at + 1);
    entries.insert(at, entry);
}

/// Whether the values of an image are those of this one.
fn is_image(values: &super::values::Group, image: &str) -> bool {
    let text = |key: &str| values.default_of(key).and_then(Node::as_str).unwrap_or_default().to_owned();
    let (tag, digest) = (text("tag"), text("digest"));
    let tag = if tag.is_empty() { tag } else { format!(":{tag}") };
    let digest = if digest.is_empty() { digest } else { format!("@{digest}") };
    let registry = text("registry");
    let registry = if registry.is_empty() { registry } else { format!("{registry}/") };
    format!("{registry}{}{tag}{digest}", text("repository")) == image
}

/// Names of ConfigMaps and of Secrets that a pod names.
fn names<'a>(node: &'a Node, out: &mut [BTreeSet<&'a str>; 2]) {
    match &node.value {
        Value::Sequence(items) => items.iter().for_each(|item| names(item, out)),
        Value::Mapping(map) => {
            let [configs, secrets] = out;
            for (key, value) in map {
                let name = |field: &str| value.get(field).and_then(Node::as_str);
                match key.text.as_str() {
                    "configMapKeyRef" | "configMapRef" | "configMap" => configs.extend(name("name")),
                    "secretKeyRef" | "secretRef" => secrets.extend(name("name")),
                    "secret" => secrets.extend(name("secretName").or_else(|| name("name"))),
                    _ => {}
                }
            }
            map.values().for_each(|value| names(value, out));
        }
        _ => {}
    }
}

/// An item that is always there, for lists made here.
pub(super) fn item(tree: Tree) -> Item {
    Item::One(tree)
}
