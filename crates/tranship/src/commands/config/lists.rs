//! The views of `config` that are one line for each thing.

use std::collections::BTreeSet;

use anyhow::bail;
use tranship_compose::Project;
use tranship_source::yaml::{Map, Node};

fn lines<'l>(lines: impl IntoIterator<Item = &'l str>) -> String {
    lines.into_iter().flat_map(|line| [line, "\n"]).collect()
}

fn entries<'p>(project: &'p Project, section: &str) -> Vec<(&'p str, &'p Node)> {
    let map: Option<&Map> = project.section(section);
    let mut entries: Vec<_> = map.into_iter().flatten().map(|(key, node)| (key.text.as_str(), node)).collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}

fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key)?.as_str()
}

/// The names in a section, sorted.
pub(super) fn keys(project: &Project, section: &str) -> String {
    lines(entries(project, section).into_iter().map(|(key, _)| key))
}

/// The models' own names.
pub(super) fn models(project: &Project) -> String {
    lines(entries(project, "models").into_iter().filter_map(|(_, model)| text(model, "model")))
}

/// The profiles of all services, enabled or not.
pub(super) fn profiles(project: &Project) -> String {
    let mut profiles: BTreeSet<&str> = BTreeSet::new();
    for (_, service) in entries(project, "services") {
        profiles.extend(service.get("profiles").and_then(Node::as_seq).unwrap_or(&[]).iter().filter_map(Node::as_str));
    }
    profiles.extend(project.disabled.iter().flat_map(|service| &service.profiles).map(String::as_str));
    lines(profiles)
}

/// The images of the services and of their `pre_start` hooks; a service that is only built has its image's default name.
pub(super) fn images(project: &Project) -> String {
    let mut images = Vec::new();
    for (name, service) in entries(project, "services") {
        let own = text(service, "image").map_or_else(|| format!("{}-{name}", project.name), str::to_owned);
        let hooks = service.get("pre_start").and_then(Node::as_seq).unwrap_or(&[]);
        let others = hooks.iter().filter_map(|hook| text(hook, "image")).filter(|image| *image != own);
        let others: Vec<String> = others.map(str::to_owned).collect();
        images.push(own);
        images.extend(others);
    }
    lines(images.iter().map(String::as_str))
}

/// `NAME=VALUE` for every variable.
pub(super) fn environment(project: &Project) -> String {
    let all: Vec<String> = project.environment.iter().map(|(name, v)| format!("{name}={}", v.value)).collect();
    lines(all.iter().map(String::as_str))
}

/// `NAME DIGEST` for the services of a list separated by commas, or for all with `*`.
pub(super) fn hashes(project: &Project, names: &str) -> anyhow::Result<String> {
    let services = entries(project, "services");
    let wanted: Vec<&str> = if names == "*" { Vec::new() } else { names.split(',').collect() };
    if let Some(unknown) = wanted.iter().find(|name| !services.iter().any(|(known, _)| known == *name)) {
        let known: Vec<&str> = services.iter().map(|(name, _)| *name).collect();
        bail!("there is no service `{unknown}`; there are {}", known.join(", "));
    }
    let chosen = services.into_iter().filter(|(name, _)| wanted.is_empty() || wanted.contains(name));
    let lines: Vec<String> =
        chosen.map(|(name, service)| format!("{name} {}\n", tranship_compose::digest::service(service))).collect();
    Ok(lines.concat())
}
