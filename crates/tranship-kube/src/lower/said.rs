//! What the user said of objects, put into them once they are all there: it wins over everything that was lowered.
//!
//! A value is merged into the field it is for, by the rules of [`merge`]; each of its leaves is noted in the ledger with
//! the field it stands in. The check runs afterwards, so that a value no cluster would take is refused at its place.

use std::collections::BTreeMap;

use tranship_model::said::{Field, On, Said};
use tranship_model::{At, Origin, Service, Stack};
use tranship_source::Diagnostic;
use tranship_source::yaml::{Key, Map, Node, Value};

use super::Lowering;
use crate::names::{NameKind, Names};
use crate::object::Object;

/// Names the user gives objects; they are taken before any other is chosen.
pub(super) fn names(stack: &Stack, names: &mut Names) {
    let said =
        |said: &Option<Box<Said>>| said.as_ref().and_then(|said| said.name.as_ref()).map(|name| name.value.clone());
    for (key, service) in &stack.services {
        if let Some(name) = said(&service.said) {
            names.insist(NameKind::Workload, key, &name);
        }
    }
    for (key, volume) in &stack.volumes {
        if let Some(name) = said(&volume.said) {
            if volume.external.as_ref().is_some_and(|external| external.value) {
                names.insist_outside(NameKind::Claim, key, &name);
            } else {
                names.insist(NameKind::Claim, key, &name);
            }
        }
    }
    for (kind, blobs) in [(NameKind::ConfigMap, &stack.configs), (NameKind::Secret, &stack.secrets)] {
        for (key, blob) in blobs {
            if let Some(name) = said(&blob.said) {
                if super::external::is_external(blob) {
                    names.insist_outside(kind, key, &name);
                } else {
                    names.insist(kind, key, &name);
                }
            }
        }
    }
}

/// Objects by kind and name.
type Index = BTreeMap<(String, String), usize>;

/// Puts everything that was said into the objects: what is said of all of them first, then of each part.
pub(super) fn lower(cx: &mut Lowering<'_>) {
    let stack = cx.stack;
    let parts = stack.services.values().map(|s| &s.said).chain(stack.volumes.values().map(|v| &v.said));
    let blobs = stack.configs.values().chain(stack.secrets.values()).map(|blob| &blob.said);
    if stack.said.is_none() && parts.chain(blobs).all(Option::is_none) {
        return;
    }
    let index: Index = cx.objects.iter().enumerate().map(|(at, o)| ((o.kind().into(), o.name().into()), at)).collect();
    if let Some(said) = &stack.said {
        for field in &said.fields {
            let places = everywhere(cx, &index, &field.on);
            put_all(cx, field, &places, "the project");
        }
    }
    for service in stack.services.values() {
        let Some(said) = &service.said else { continue };
        let own =
            workload(cx, &index, service).and_then(|at| cx.objects.get(at)).map(Object::label).unwrap_or_default();
        called(cx, said, &format!("{own} metadata.name"));
        for field in &said.fields {
            let places = of_service(cx, &index, service, &field.on);
            put_all(cx, field, &places, &format!("`{}`", service.name));
        }
    }
    for (key, volume) in &stack.volumes {
        let Some(said) = &volume.said else { continue };
        let name = cx.names.name(NameKind::Claim, key);
        called(cx, said, &format!("PersistentVolumeClaim/{name} metadata.name"));
        for field in &said.fields {
            let places = of_claim(cx, &index, key, &name, &field.on);
            put_all(cx, field, &places, &format!("volume `{key}`"));
        }
    }
    let kinds = [("ConfigMap", NameKind::ConfigMap, &stack.configs), ("Secret", NameKind::Secret, &stack.secrets)];
    for (kind, name_kind, blobs) in kinds {
        for (key, blob) in blobs {
            let Some(said) = &blob.said else { continue };
            let name = cx.names.name(name_kind, key);
            called(cx, said, &format!("{kind}/{name} metadata.name"));
            for field in &said.fields {
                let place = index.get(&(kind.to_owned(), name.clone())).map(|at| Place::of(*at));
                put_all(cx, field, place.as_slice(), &format!("`{key}`"));
            }
        }
    }
}

fn called(cx: &mut Lowering<'_>, said: &Said, to: &str) {
    if let Some(name) = &said.name {
        cx.ledger.translated(&name.origin, to, "the name you gave it");
    }
}

/// Where a value is put: an object, and the way from its root.
struct Place {
    object: usize,
    path: Vec<String>,
}

impl Place {
    fn of(object: usize) -> Self {
        Self { object, path: Vec::new() }
    }

    fn at(object: usize, path: &[&str]) -> Self {
        Self { object, path: path.iter().map(|&step| step.to_owned()).collect() }
    }
}

/// What runs a service's pods.
fn workload(cx: &mut Lowering<'_>, index: &Index, service: &Service) -> Option<usize> {
    let home = super::pod::home(cx.stack, service).unwrap_or(&service.name).to_owned();
    let name = cx.workload(&home);
    let kinds = ["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job"];
    kinds.iter().find_map(|kind| index.get(&((*kind).to_owned(), name.clone())).copied())
}

/// The way to the pods' template.
fn template(object: &Object) -> &'static [&'static str] {
    if object.kind() == "CronJob" { &["spec", "jobTemplate", "spec", "template"] } else { &["spec", "template"] }
}

/// The places that a service's word means.
fn of_service(cx: &mut Lowering<'_>, index: &Index, service: &Service, on: &On) -> Vec<Place> {
    let workload = workload(cx, index, service);
    let host = cx.host(&service.name);
    let front = index.get(&("Service".to_owned(), host)).copied();
    let place = match on {
        On::Workload => workload.map(Place::of),
        On::Pod => workload.and_then(|at| Some(Place::at(at, template(cx.objects.get(at)?)))),
        On::Container => workload.and_then(|at| container(cx, at, service)),
        On::Front => front.map(Place::of),
        On::Object(kind) => {
            let kind_of = |at: &usize| cx.objects.get(*at).is_some_and(|object| object.kind() == kind);
            [workload, front].into_iter().flatten().find(kind_of).map(Place::of)
        }
        On::Claim | On::Blob | On::Every(_) => None,
    };
    place.into_iter().collect()
}

/// The service's own container in its pod.
fn container(cx: &mut Lowering<'_>, at: usize, service: &Service) -> Option<Place> {
    let name = cx.workload(&service.name);
    let object = cx.objects.get(at)?;
    let template = template(object);
    let path = [template, &["spec", "containers"]].concat();
    let containers = object.get(&path)?.as_seq()?;
    let index = containers.iter().position(|c| c.get("name").and_then(Node::as_str) == Some(&*name))?;
    let mut place = Place::at(at, &path);
    place.path.push(index.to_string());
    Some(place)
}

/// The claim of a volume, or the template of a workload it is made from.
fn of_claim(cx: &Lowering<'_>, index: &Index, key: &str, name: &str, on: &On) -> Vec<Place> {
    if !matches!(on, On::Claim) {
        return Vec::new();
    }
    if let Some(at) = index.get(&("PersistentVolumeClaim".to_owned(), name.to_owned())) {
        return vec![Place::of(*at)];
    }
    let users = cx.sharers.get(key).map(Vec::as_slice).unwrap_or_default();
    let of_user = |user: &String| {
        let workload = cx.names.get(NameKind::Workload, user)?;
        let at = *index.get(&("StatefulSet".to_owned(), workload.to_owned()))?;
        let templates = cx.objects.get(at)?.get(&["spec", "volumeClaimTemplates"])?.as_seq()?;
        let called = |t: &Node| t.at(&["metadata", "name"]).and_then(Node::as_str) == Some(name);
        let position = templates.iter().position(called)?;
        Some(Place::at(at, &["spec", "volumeClaimTemplates", &position.to_string()]))
    };
    users.iter().filter_map(of_user).collect()
}

/// The places that a word of the whole project means.
fn everywhere(cx: &Lowering<'_>, index: &Index, on: &On) -> Vec<Place> {
    match on {
        On::Object(label) => {
            let Some((kind, name)) = label.split_once('/') else { return Vec::new() };
            index.get(&(kind.to_owned(), name.to_owned())).map(|at| Place::of(*at)).into_iter().collect()
        }
        On::Every(kind) => {
            let fits = |object: &Object| kind == "*" || object.kind() == kind;
            let all = cx.objects.iter().enumerate().filter(|(_, object)| fits(object));
            all.map(|(at, _)| Place::of(at)).collect()
        }
        On::Pod => {
            let pods = cx.objects.iter().enumerate().filter(|(_, object)| object.get(template(object)).is_some());
            pods.map(|(at, object)| Place::at(at, template(object))).collect()
        }
        On::Workload | On::Container | On::Front | On::Claim | On::Blob => Vec::new(),
    }
}

/// Puts a value in its places, or says that there is none.
fn put_all(cx: &mut Lowering<'_>, field: &Field, places: &[Place], whose: &str) {
    let Field { origin, on, path, value } = field;
    // What the project says of every claim says nothing of a volume that has none.
    let of_every = |at: &At| at.path.starts_with("x-tranship.");
    if places.is_empty() && *on == On::Claim && origin.leaves().iter().all(of_every) {
        return;
    }
    if places.is_empty() {
        let what = on.word();
        let message = format!("{whose} has no {what} that could take what is said of it");
        let help = "say it where the object is made, or take it out";
        cx.ledger.dropped(origin, &message, help);
        cx.diagnostics.push(Diagnostic::warning("override-nothing", message).at(origin.span()).help(help));
        return;
    }
    promise(cx, path, value);
    for place in places {
        let Some(object) = cx.objects.get_mut(place.object) else { continue };
        let steps: Vec<&str> = place.path.iter().chain(path).map(String::as_str).collect();
        let mut tree = value.clone();
        tree.span = origin.span();
        let blamed = tree.blamed_on(origin.span());
        if let Some(node) = reach(&mut object.tree, &steps) {
            merge(node, blamed);
        }
        let label = format!("{} {}", object.label(), shown(&steps));
        note(cx, origin, value, label.trim_end());
    }
}

/// What is named here and not written has to be there already: credentials of registries, service accounts.
fn promise(cx: &mut Lowering<'_>, path: &[String], value: &Node) {
    match path.last().map(String::as_str) {
        Some("imagePullSecrets") => {
            let names = value.as_seq().unwrap_or_default().iter().filter_map(|item| item.get("name")?.as_str());
            cx.external_secrets.extend(names.map(str::to_owned));
        }
        Some("serviceAccountName") => cx.external_accounts.extend(value.as_str().map(str::to_owned)),
        _ => {}
    }
}

/// The node at a path, made where it is absent; `None` where a list has no such item.
fn reach<'a>(mut node: &'a mut Node, steps: &[&str]) -> Option<&'a mut Node> {
    for step in steps {
        if let Value::Sequence(_) = node.value {
            let Value::Sequence(items) = &mut node.value else { return None };
            node = items.get_mut(step.parse::<usize>().ok()?)?;
            continue;
        }
        if node.as_map().is_none() {
            node.value = Value::Mapping(Map::default());
        }
        node = node.as_map_mut()?.entry(Key::from(*step)).or_insert_with(|| Node::from(Value::Null));
    }
    Some(node)
}

/// Merges a value into what is there. Mappings are merged key by key and null takes a key away. Lists whose items all
/// have a name (or, in mounts, a path) are merged item by item; any other list, and any other value, takes the place.
pub(crate) fn merge(into: &mut Node, value: Node) {
    let span = value.span;
    match value.value {
        Value::Mapping(new) => {
            if into.as_map().is_none() {
                into.value = Value::Mapping(Map::default());
                into.meta = None;
            }
            let Some(old) = into.as_map_mut() else { return };
            for (key, node) in new {
                if node.is_null() {
                    old.shift_remove(key.text.as_str());
                    continue;
                }
                merge(old.entry(key).or_insert_with(|| Node::from(Value::Null)), node);
            }
        }
        Value::Sequence(new) => match (list_key(&new), &mut into.value) {
            (Some(name), Value::Sequence(old)) if list_key(old) == Some(name) => {
                for item in new {
                    let same = |other: &Node| other.get(name) == item.get(name);
                    match old.iter().position(same).and_then(|at| old.get_mut(at)) {
                        Some(known) => merge(known, item),
                        None => old.push(item),
                    }
                }
            }
            _ => *into = Node { value: Value::Sequence(new), span, meta: None },
        },
        other => *into = Node { value: other, span, meta: value.meta },
    }
}

/// The key that tells the items of a list apart, where all of them have it.
fn list_key(items: &[Node]) -> Option<&'static str> {
    let all = |key: &str| !items.is_empty() && items.iter().all(|item| item.get(key).and_then(Node::as_str).is_some());
    // A mount's name is its volume's, of which there may be several.
    ["mountPath", "name"].into_iter().find(|key| all(key))
}

/// Notes for each leaf of what was said where it stands.
fn note(cx: &mut Lowering<'_>, origin: &Origin, value: &Node, to: &str) {
    let why = "you said so";
    let leaves = origin.leaves();
    let [at] = leaves else {
        cx.ledger.translated(origin, to, why);
        return;
    };
    cx.ledger.translated(origin, to, why);
    if at.whole {
        each_leaf(value, &at.path, to, &mut |path, to, span| {
            cx.ledger.translated(&Origin::From(vec![At::new(path, span)]), to, why);
        });
    }
}

/// Every leaf of a mapping below the value itself, with its path in the project and the field it stands in.
fn each_leaf(value: &Node, path: &str, to: &str, each: &mut dyn FnMut(String, &str, tranship_source::Span)) {
    let Some(map) = value.as_map() else { return };
    for (key, node) in map {
        let path = tranship_model::ledger::child_path(path, &key.text);
        let to = if to.contains(' ') { format!("{to}{}", step(&key.text)) } else { format!("{to} {}", key.text) };
        if node.as_map().is_some_and(|map| !map.is_empty()) {
            each_leaf(node, &path, &to, each);
        } else {
            each(path, &to, node.span);
        }
    }
}

/// Steps as a path of fields: `spec.template.spec.containers[0].image`.
fn shown(steps: &[&str]) -> String {
    let joined: String = steps.iter().map(|text| step(text)).collect();
    joined.trim_start_matches('.').to_owned()
}

fn step(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return format!("[{text}]");
    }
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if plain { format!(".{text}") } else { format!("[\"{text}\"]") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Node {
        tranship_source::yaml::parse(tranship_source::Sources::new().add("t.yaml", text), text).value.remove(0)
    }

    #[test]
    fn mappings_and_lists_of_named_things_are_merged_and_others_replaced() {
        for (old, new, expect) in [
            ("{a: 1, b: 2}", "{b: 3, c: 4}", "{a: 1, b: 3, c: 4}"),
            ("{a: 1, b: 2}", "{b: null}", "{a: 1}"),
            ("{l: [1, 2]}", "{l: [3]}", "{l: [3]}"),
            ("{c: [{name: a, x: 1}]}", "{c: [{name: b}, {name: a, y: 2}]}", "{c: [{name: a, x: 1, y: 2}, {name: b}]}"),
            (
                "{m: [{name: v, mountPath: /a}, {name: v, mountPath: /b}]}",
                "{m: [{name: w, mountPath: /b}]}",
                "{m: [{name: v, mountPath: /a}, {name: w, mountPath: /b}]}",
            ),
            ("{a: text}", "{a: {b: 1}}", "{a: {b: 1}}"),
            ("{}", "{a: {b: null, c: 1}}", "{a: {c: 1}}"),
        ] {
            let mut node = tree(old);
            merge(&mut node, tree(new));
            assert_eq!(node, tree(expect), "{old} with {new}");
        }
    }

    #[test]
    fn fields_are_shown_as_paths() {
        assert_eq!(shown(&["spec", "containers", "0", "image"]), "spec.containers[0].image");
        assert_eq!(shown(&["metadata", "labels", "a.b/c"]), "metadata.labels[\"a.b/c\"]");
    }
}
