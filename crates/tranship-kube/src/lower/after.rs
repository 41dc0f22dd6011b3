//! What is known of objects only once all are there: names of Jobs, and what restarts with what.
//!
//! The template of a Job cannot be changed, so that a changed task is another Job: its name ends in a digest of what it
//! is. Whoever waits for it names it, and so is another Job itself if it is one, which is why those that are waited for
//! come first.

use std::collections::{BTreeMap, BTreeSet};

use tranship_model::Outcome;
use tranship_source::yaml::{self, Node, Value};

use super::{Lowering, metadata, pod};
use crate::names::NameKind;
use crate::object::Object;

/// The annotation that changes with the template of a service another one restarts with; the other's name follows.
pub(crate) const RESTART: &str = "tranship.dev/restart-";

/// Stands for the name of a workload's Job until that is known. No name holds such brackets.
pub(crate) fn job(workload: &str) -> String {
    format!("<{workload}>")
}

/// Gives Jobs their names and everyone who names them these, then notes who restarts with whom.
pub(crate) fn lower(cx: &mut Lowering<'_>) {
    let own: BTreeMap<String, usize> = cx
        .objects
        .iter()
        .enumerate()
        .filter(|(_, o)| o.kind() == "Job")
        .map(|(at, o)| (o.name().to_owned(), at))
        .collect();
    let mut names = BTreeMap::new();
    for workload in own.keys() {
        name(cx, &own, workload, &mut names, &mut BTreeSet::new());
    }
    if !names.is_empty() {
        patch(cx, &names);
        note(cx, &names);
    }
    accounts(cx);
    restarts(cx);
}

/// Names one Job, those that it waits for before it.
fn name(
    cx: &mut Lowering<'_>,
    own: &BTreeMap<String, usize>,
    workload: &str,
    names: &mut BTreeMap<String, String>,
    begun: &mut BTreeSet<String>,
) {
    if names.contains_key(workload) || !begun.insert(workload.to_owned()) {
        return;
    }
    let Some(&at) = own.get(workload) else { return };
    let awaited: Vec<String> =
        own.keys().filter(|other| cx.objects.get(at).is_some_and(|o| waits_for(o, other))).cloned().collect();
    for other in &awaited {
        name(cx, own, other, names, begun);
    }
    let Some(object) = cx.objects.get_mut(at) else { return };
    replace_all(object, names);
    let spec = object.get(&["spec"]).map(yaml::write).unwrap_or_default();
    let digest = blake3::hash(spec.as_bytes()).to_hex();
    let full = format!("{workload}-{}", digest.chars().take(8).collect::<String>());
    if let Some(Value::Mapping(metadata)) =
        object.tree.as_map_mut().and_then(|map| map.get_mut("metadata")).map(|node| &mut node.value)
        && let Some(node) = metadata.get_mut("name")
    {
        node.value = Value::String(full.clone());
    }
    if object.get(&["metadata", "annotations", crate::lift::NAME_ANNOTATION]).is_none() {
        metadata::keep_name(object, workload);
    }
    names.insert(workload.to_owned(), full);
}

/// Whether one of the containers that run first asks for a Job.
fn waits_for(object: &Object, workload: &str) -> bool {
    let word = format!("/{}", job(workload));
    let inits = object.get(&["spec", "template", "spec", "initContainers"]).and_then(Node::as_seq).unwrap_or_default();
    let args = inits.iter().flat_map(|init| init.get("args").and_then(Node::as_seq).unwrap_or_default());
    args.filter_map(Node::as_str).any(|arg| arg.ends_with(&word))
}

/// Puts names into the objects that wait for Jobs, and into their roles.
fn patch(cx: &mut Lowering<'_>, names: &BTreeMap<String, String>) {
    let awaiting: BTreeSet<&String> = cx.awaiting.iter().collect();
    for object in &mut cx.objects {
        let role = object.kind() == "Role" && object.name().ends_with("-waits");
        if role || awaiting.contains(&object.label()) {
            replace_all(object, names);
        }
    }
}

fn replace_all(object: &mut Object, names: &BTreeMap<String, String>) {
    walk(&mut object.tree, &mut |text| {
        let Some((before, rest)) = text.rsplit_once('<') else { return };
        let Some(name) = rest.strip_suffix('>').and_then(|workload| names.get(workload)) else { return };
        if before.is_empty() || before.ends_with("/jobs/") {
            *text = format!("{before}{name}");
        }
    });
}

fn walk(node: &mut Node, change: &mut dyn FnMut(&mut String)) {
    match &mut node.value {
        Value::String(text) => change(text),
        Value::Sequence(items) => items.iter_mut().for_each(|item| walk(item, change)),
        Value::Mapping(map) => map.values_mut().for_each(|value| walk(value, change)),
        _ => {}
    }
}

/// The ledger says where values stand by the names objects have in the end.
fn note(cx: &mut Lowering<'_>, names: &BTreeMap<String, String>) {
    for entry in &mut cx.ledger.entries {
        let (Outcome::Kept { to } | Outcome::Translated { to, .. }) = &mut entry.outcome else { continue };
        let Some(rest) = to.strip_prefix("Job/") else { continue };
        let (own, rest) = rest.split_once(' ').map_or((rest, None), |(own, rest)| (own, Some(rest)));
        let Some(name) = names.get(own) else { continue };
        *to = rest.map_or_else(|| format!("Job/{name}"), |rest| format!("Job/{name} {rest}"));
    }
}

/// Binds roles to the account a pod has in the end: the user may have said another.
fn accounts(cx: &mut Lowering<'_>) {
    let named = |object: &Object| {
        let template = crate::lift::template(object)?;
        let account = template.at(&["spec", "serviceAccountName"])?.as_str()?.to_owned();
        Some((format!("{}-waits", template.at(&["metadata", "labels", super::NAME_LABEL])?.as_str()?), account))
    };
    if cx.awaiting.is_empty() {
        return;
    }
    let accounts: BTreeMap<String, String> = cx.objects.iter().filter_map(named).collect();
    for object in cx.objects.iter_mut().filter(|object| object.kind() == "RoleBinding") {
        let Some(account) = accounts.get(object.name()) else { continue };
        walk_subjects(object, account);
    }
}

fn walk_subjects(binding: &mut Object, account: &str) {
    let subjects = binding.tree.as_map_mut().and_then(|map| map.get_mut("subjects")).map(|node| &mut node.value);
    let Some(Value::Sequence(subjects)) = subjects else { return };
    for subject in subjects {
        if let Some(name) = subject.as_map_mut().and_then(|map| map.get_mut("name")) {
            name.value = Value::String(account.to_owned());
        }
    }
}

/// Notes at the pods of a service what it restarts with, so that a change of the other changes it as well.
fn restarts(cx: &mut Lowering<'_>) {
    let stack = cx.stack;
    let restarting = |service: &&tranship_model::Service| service.depends_on.iter().any(|other| other.restart);
    let mut wanted: Vec<(String, String)> = Vec::new();
    for service in stack.services.values().filter(restarting) {
        let home = |name: &str| {
            let service = stack.services.get(name)?;
            let home = pod::home(stack, service).unwrap_or(&service.name);
            cx.names.get(NameKind::Workload, home).map(str::to_owned)
        };
        let others = service.depends_on.iter().filter(|other| other.restart).filter_map(|other| home(&other.service));
        let Some(own) = home(&service.name) else { continue };
        wanted.extend(others.filter(|other| *other != own).map(|other| (own.clone(), other)));
    }
    if wanted.is_empty() {
        return;
    }
    let workload = |object: &Object| {
        let template = crate::lift::template(object)?;
        Some(template.at(&["metadata", "labels", super::NAME_LABEL])?.as_str()?.to_owned())
    };
    let places: BTreeMap<String, usize> =
        cx.objects.iter().enumerate().filter_map(|(at, object)| Some((workload(object)?, at))).collect();
    let digest = |object: &Object| {
        let text = crate::lift::template(object).map(yaml::write).unwrap_or_default();
        blake3::hash(text.as_bytes()).to_hex().chars().take(16).collect::<String>()
    };
    let digests: Vec<Option<String>> = wanted
        .iter()
        .map(|(_, other)| places.get(&crate::names::label_value(other)).and_then(|at| cx.objects.get(*at)).map(digest))
        .collect();
    for ((own, other), digest) in wanted.iter().zip(digests) {
        let at = places.get(&crate::names::label_value(own)).copied();
        let (Some(object), Some(digest)) = (at.and_then(|at| cx.objects.get_mut(at)), digest) else { continue };
        let way: &[&str] = match object.kind() {
            "CronJob" | "Job" => continue, // It runs anew by itself.
            _ => &["spec", "template", "metadata", "annotations"],
        };
        let key = format!("{RESTART}{other}");
        let path: Vec<&str> = way.iter().copied().chain([key.as_str()]).collect();
        object.set(&path, digest);
    }
}
