//! Kustomize: the objects as a base, Secrets as a component, and an overlay that is applied.
//!
//! The base holds no Secrets and may be committed. Built from the overlay `prod`, the objects are the same as the plain
//! manifests, name by name: no prefix, no suffix, no labels are added. What a person would do by hand stands in fields made
//! for it: the namespace, files of ConfigMaps as files, and the names and tags of images that are built here.

use std::collections::{BTreeMap, BTreeSet};

use tranship_kube::{Object, ObjectSet};
use tranship_source::yaml::{self, Map, Node};
use tranship_source::{Checked, Diagnostic};

use super::manifests::{header, services};
use super::{Backend, Install};
use crate::bundle::Bundle;
use crate::environment::{Environment, steps};
use crate::place::Places;
use crate::tree::{File, FileTree};

/// Base, components and overlays.
pub(super) const BACKEND: Backend = Backend {
    name: "kustomize",
    about: "a base, components and overlays, for `kubectl apply -k`",
    needs_secrets: true,
    needs_release: false,
    has_environments: true,
    emit,
    file: Some(where_it_lies),
    install,
};

const BASE: &str = "kustomize/base";
const SECRETS: &str = "kustomize/components/secrets";
const OVERLAY: &str = "kustomize/overlays/prod";
/// Kinds that belong to no namespace and that kustomize knows so.
const GLOBAL: [&str; 6] =
    ["Namespace", "PersistentVolume", "StorageClass", "PriorityClass", "ClusterRole", "ClusterRoleBinding"];

fn emit(bundle: &Bundle<'_>, places: &Places<'_>) -> Checked<FileTree> {
    let mut files = Files { tree: FileTree::new(), faults: Vec::new() };
    let one_namespace = shares_namespace(bundle.objects, bundle.namespace);
    let services = services(bundle);
    let (mut resources, mut generated) = (Vec::new(), Vec::new());
    for object in bundle.objects.iter().filter(|object| !is_secret(object)) {
        if let Some(mut made) = generator(object) {
            if !one_namespace && let Some(made) = made.as_map_mut() {
                made.insert("namespace".into(), object.namespace().into());
            }
            generated.push(made);
            for (key, text) in texts(object) {
                files.add(&format!("{BASE}/{}", file_of(object, key)), text.to_owned());
            }
            continue;
        }
        let mut tree = object.tree.clone();
        if one_namespace && !GLOBAL.contains(&object.kind()) {
            without_namespace(&mut tree);
        }
        files.add(&path(object), header(object, &services, places) + &yaml::write(&tree));
        resources.push(Node::from(file(object)));
    }
    files.add(&format!("{BASE}/kustomization.yaml"), base(bundle, one_namespace, resources, generated));
    let with_secrets = bundle.secrets.rows().form == "files" && bundle.objects.iter().any(is_secret);
    if with_secrets {
        files.add(&format!("{SECRETS}/kustomization.yaml"), secrets());
    }
    if !bundle.environments.iter().any(|other| other.name == "prod") {
        files.add(&format!("{OVERLAY}/kustomization.yaml"), overlay(bundle, with_secrets));
    }
    for other in bundle.environments {
        environment(bundle, other, one_namespace, &mut files);
    }
    Checked::new(files.tree, files.faults)
}

/// The overlay of an environment: what is different in it from the base, object by object.
fn environment(bundle: &Bundle<'_>, other: &Environment, one_namespace: bool, files: &mut Files) {
    let name = &other.name;
    let folder = format!("kustomize/overlays/{name}");
    let (mut resources, mut patches, mut replicas) = (vec![Node::from("../../base")], Vec::new(), Vec::new());
    let plain = |object: &Object| {
        let mut tree = object.tree.clone();
        if one_namespace && !GLOBAL.contains(&object.kind()) {
            without_namespace(&mut tree);
        }
        tree
    };
    for object in other.objects.iter().filter(|object| !is_secret(object)) {
        let Some(own) = bundle.objects.find(object.kind(), object.name()) else {
            files.add(&format!("{folder}/{}", file(object)), yaml::write(&plain(object)));
            resources.push(file(object).into());
            continue;
        };
        let mut steps = steps(&own.tree, &object.tree);
        let count = |step: &Node| {
            let is = step.text_at("path").as_deref() == Some("/spec/replicas")
                && step.text_at("op").as_deref() == Some("replace");
            if is { step.get("value").cloned() } else { None }
        };
        if let Some(count) = steps.iter().find_map(count) {
            replicas.push(Node::from([("name", object.name().into()), ("count", count)]));
            steps.retain(|step| step.text_at("path").as_deref() != Some("/spec/replicas"));
        }
        if !steps.is_empty() {
            let path = format!("patches/{}", file(object));
            files.add(&format!("{folder}/{path}"), yaml::write(&steps.into()));
            let target = Node::from([("kind", object.kind().into()), ("name", object.name().into())]);
            patches.push(Node::from([("path", path.into()), ("target", target)]));
        }
    }
    for object in bundle.objects.iter().filter(|object| !is_secret(object)) {
        if other.objects.find(object.kind(), object.name()).is_none() {
            let metadata = Node::from([("name", Node::from(object.name()))]);
            let gone = Node::from([
                ("$patch", "delete".into()),
                ("apiVersion", object.api_version().into()),
                ("kind", object.kind().into()),
                ("metadata", metadata),
            ]);
            patches.push(Node::from([("patch", yaml::write(&gone).into())]));
        }
    }
    let mut tree = Map::default();
    let lead = format!("`{}` as it runs in {name}.", bundle.stack.name.value);
    tree.insert("apiVersion".into(), Node::from("kustomize.config.k8s.io/v1beta1").commented(lead));
    tree.insert("kind".into(), "Kustomization".into());
    if one_namespace {
        tree.insert("namespace".into(), bundle.namespace.into());
    }
    tree.insert("resources".into(), resources.into());
    let secrets: Vec<&Object> = other.objects.iter().filter(|object| is_secret(object)).collect();
    if !secrets.is_empty() {
        let mut index = Vec::new();
        for secret in secrets {
            let file = file(secret);
            files.hide(&format!("secrets/{name}/{file}"), yaml::write(&secret.tree));
            index.push(Node::from(file));
        }
        let index = Node::from([
            ("apiVersion", "kustomize.config.k8s.io/v1beta1".into()),
            ("kind", "Kustomization".into()),
            ("resources", index.into()),
        ]);
        files.hide(&format!("secrets/{name}/Kustomization"), yaml::write(&index));
        let component = secrets_of(&format!("../../../secrets/{name}"));
        files.add(&format!("kustomize/components/secrets-{name}/kustomization.yaml"), component);
        tree.insert("components".into(), vec![Node::from(format!("../../components/secrets-{name}"))].into());
    }
    for (key, list) in [("replicas", replicas), ("patches", patches)] {
        if !list.is_empty() {
            tree.insert(key.into(), list.into());
        }
    }
    files.add(&format!("{folder}/kustomization.yaml"), yaml::write(&tree.into()));
}

struct Files {
    tree: FileTree,
    faults: Vec<Diagnostic>,
}

impl Files {
    fn add(&mut self, path: &str, text: String) {
        self.put(path, File::public(text));
    }

    /// Adds a file that only its owner may read.
    fn hide(&mut self, path: &str, text: String) {
        self.put(path, File::private(text));
    }

    fn put(&mut self, path: &str, file: File) {
        if let Err(refusal) = self.tree.add(path, file) {
            self.faults.push(Diagnostic::error("output-path", refusal.to_string()));
        }
    }
}

fn install(bundle: &Bundle<'_>) -> Install {
    let built = bundle.stack.services.values().any(|service| service.build.is_some());
    let mut note =
        "`kustomize/base` holds every object but Secrets and may be committed; the overlay takes it".to_owned();
    note += if bundle.secrets.rows().form == "files" { " and the Secrets of `secrets/`." } else { "." };
    if built {
        note += " Names and tags of the images that are built here stand in the overlay's `images`.";
    }
    Install {
        folder: "kustomize".to_owned(),
        title: "Kustomize",
        commands: vec![format!("kubectl apply -k {OVERLAY}")],
        note,
    }
}

fn is_secret(object: &Object) -> bool {
    object.kind() == "Secret"
}

/// The name of an object's file in the base, as that in `manifests/`.
fn file(object: &Object) -> String {
    let plain = super::manifests::path(object);
    let name = plain.rsplit('/').next().unwrap_or_default();
    if object.kind() == "Namespace" { "namespace.yaml".to_owned() } else { name.to_owned() }
}

fn path(object: &Object) -> String {
    format!("{BASE}/{}", file(object))
}

fn where_it_lies(_: &Bundle<'_>, object: &Object) -> String {
    match object.kind() {
        "Secret" => super::manifests::path(object),
        "ConfigMap" if generator(object).is_some() => format!("{BASE}/kustomization.yaml"),
        _ => path(object),
    }
}

/// Whether every object is in the one namespace, so that kustomize can be the one who says it.
///
/// It takes kinds it does not know for such that belong to a namespace.
fn shares_namespace(objects: &ObjectSet, namespace: &str) -> bool {
    objects.iter().all(|object| GLOBAL.contains(&object.kind()) || object.namespace() == namespace)
}

fn without_namespace(tree: &mut Node) {
    if let Some(metadata) = tree.as_map_mut().and_then(|map| map.get_mut("metadata")).and_then(Node::as_map_mut) {
        metadata.shift_remove("namespace");
    }
}

/// Keys and texts of a ConfigMap.
fn texts(object: &Object) -> impl Iterator<Item = (&str, &str)> {
    let data = object.get(&["data"]).and_then(Node::as_map);
    data.into_iter().flatten().filter_map(|(key, text)| Some((key.text.as_str(), text.as_str()?)))
}

/// Where the text of a key lies in the base.
fn file_of(object: &Object, key: &str) -> String {
    format!("files/{}/{key}", object.name())
}

/// The entry that makes a ConfigMap of files; `None` where it is no files, or says more than such an entry can.
fn generator(object: &Object) -> Option<Node> {
    let map = object.tree.as_map()?;
    let known = |key: &str| matches!(key, "apiVersion" | "kind" | "metadata" | "data");
    let metadata = object.get(&["metadata"])?.as_map()?;
    let plain = |key: &str| matches!(key, "name" | "namespace" | "labels" | "annotations");
    let is_files = object.kind() == "ConfigMap"
        && map.iter().all(|(key, _)| known(&key.text))
        && metadata.iter().all(|(key, _)| plain(&key.text))
        && texts(object).count() > 0
        && texts(object).all(|(_, text)| text.contains('\n'));
    let distinct: BTreeSet<String> = texts(object).map(|(key, _)| key.to_lowercase()).collect();
    if !is_files || distinct.len() != texts(object).count() {
        return None;
    }
    let mut entry = Map::default();
    entry.insert("name".into(), object.name().into());
    let files: Vec<Node> = texts(object).map(|(key, _)| format!("{key}={}", file_of(object, key)).into()).collect();
    entry.insert("files".into(), files.into());
    let options: Map = ["labels", "annotations"]
        .into_iter()
        .filter_map(|key| Some((key.into(), metadata.get(key)?.clone())))
        .collect();
    if !options.is_empty() {
        entry.insert("options".into(), options.into());
    }
    Some(entry.into())
}

fn base(bundle: &Bundle<'_>, one_namespace: bool, resources: Vec<Node>, generated: Vec<Node>) -> String {
    let mut tree = Map::default();
    let project = &bundle.stack.name.value;
    let lead = format!("Every object of `{project}` but its Secrets. Apply an overlay, not this.");
    tree.insert("apiVersion".into(), Node::from("kustomize.config.k8s.io/v1beta1").commented(lead));
    tree.insert("kind".into(), "Kustomization".into());
    if one_namespace {
        tree.insert("namespace".into(), bundle.namespace.into());
    }
    tree.insert("resources".into(), resources.into());
    if !generated.is_empty() {
        tree.insert("configMapGenerator".into(), generated.into());
        let why = "Names stay as they are: pods carry a hash of what they mount, so that a change replaces them all the same.";
        tree.insert("generatorOptions".into(), Node::from([("disableNameSuffixHash", true.into())]).commented(why));
    }
    yaml::write(&tree.into())
}

fn secrets() -> String {
    secrets_of("../../../secrets")
}

fn secrets_of(folder: &str) -> String {
    let lead = "Secrets with their values, from a folder that Git ignores.";
    let tree = Node::from([
        ("apiVersion", Node::from("kustomize.config.k8s.io/v1alpha1").commented(lead)),
        ("kind", "Component".into()),
        ("resources", vec![Node::from(folder)].into()),
    ]);
    yaml::write(&tree)
}

fn overlay(bundle: &Bundle<'_>, with_secrets: bool) -> String {
    let mut tree = Map::default();
    let lead = format!("`{}` as it runs in production.", bundle.stack.name.value);
    tree.insert("apiVersion".into(), Node::from("kustomize.config.k8s.io/v1beta1").commented(lead));
    tree.insert("kind".into(), "Kustomization".into());
    tree.insert("resources".into(), vec![Node::from("../../base")].into());
    if with_secrets {
        tree.insert("components".into(), vec![Node::from("../../components/secrets")].into());
    }
    let images = images(bundle);
    if !images.is_empty() {
        let why = "Images that are built here: `newName` takes a registry, `newTag` what was built last.";
        tree.insert("images".into(), Node::from(images).commented(why));
    }
    yaml::write(&tree.into())
}

/// Images that are built here, but for those that run in several versions: an entry stands for all of them.
fn images(bundle: &Bundle<'_>) -> Vec<Node> {
    let mut tags: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut built = BTreeSet::new();
    for service in bundle.stack.services.values() {
        let Some(image) = &service.image else { continue };
        let (name, tag) = tag_of(&image.value);
        tags.entry(name).or_default().insert(tag);
        if service.build.is_some() {
            built.insert(name);
        }
    }
    let one = |name: &&str| tags.get(*name).filter(|tags| tags.len() == 1).and_then(|tags| tags.first().copied());
    let entry =
        |name: &str, tag: &str| Node::from([("name", name.into()), ("newName", name.into()), ("newTag", tag.into())]);
    built.iter().filter_map(|name| one(name).filter(|tag| !tag.is_empty()).map(|tag| entry(name, tag))).collect()
}

/// An image's name and its tag, which is empty where it has none or a digest.
fn tag_of(image: &str) -> (&str, &str) {
    let (name, digest) = image.split_once('@').map_or((image, false), |(name, _)| (name, true));
    match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, if digest { "" } else { tag }),
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::tag_of;

    #[test]
    fn a_port_of_a_registry_is_no_tag() {
        for (image, expect) in [
            ("web", ("web", "")),
            ("web:v1", ("web", "v1")),
            ("host:5000/web", ("host:5000/web", "")),
            ("host:5000/web:v1", ("host:5000/web", "v1")),
            ("web:v1@sha256:0a", ("web", "")),
        ] {
            assert_eq!(tag_of(image), expect);
        }
    }
}
