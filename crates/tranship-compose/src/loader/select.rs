//! Which services take part: profiles, named services and what they depend on, and the resources these need.

use std::collections::BTreeSet;

use tranship_source::Diagnostic;
use tranship_source::yaml::{Key, Map, Node, Value};

use super::run::Run;
use crate::project::Disabled;

/// Services that take part, and those that do not.
#[derive(Default)]
pub(crate) struct Selection {
    pub(crate) enabled: Map,
    pub(crate) disabled: Map,
    pub(crate) profiles: Vec<String>,
    /// Names of disabled services that the selection, not a profile, left out.
    unselected: BTreeSet<String>,
}

/// The texts of a list.
pub(crate) fn texts(node: Option<&Node>) -> Vec<&str> {
    node.and_then(Node::as_seq).unwrap_or(&[]).iter().filter_map(Node::as_str).collect()
}

fn has_profile(service: &Node, profiles: &[String]) -> bool {
    let own = texts(service.get("profiles"));
    own.is_empty() || profiles.iter().any(|profile| profile == "*" || own.contains(&profile.as_str()))
}

impl Selection {
    /// Enables the services without profiles and those of enabled profiles.
    pub(crate) fn by_profiles(services: Map, profiles: Vec<String>) -> Self {
        let (enabled, disabled) = services.into_iter().partition(|(_, service)| has_profile(service, &profiles));
        Self { enabled, disabled, profiles, unselected: BTreeSet::new() }
    }

    /// Enables the profiles of named services.
    pub(crate) fn enable(&mut self, names: &[String]) {
        if names.is_empty() {
            return;
        }
        for name in names {
            if !self.enabled.contains_key(name.as_str()) {
                let own = texts(self.disabled.get(name.as_str()).and_then(|service| service.get("profiles")));
                self.profiles.extend(own.into_iter().map(str::to_owned));
            }
        }
        let newly: Vec<String> = self
            .disabled
            .iter()
            .filter(|(_, service)| has_profile(service, &self.profiles))
            .map(|(key, _)| key.text.clone())
            .collect();
        for name in newly {
            if let Some((key, service)) = self.disabled.shift_remove_entry(name.as_str()) {
                self.enabled.insert(key, service);
            }
        }
    }

    /// Keeps the named services and what they depend on. Names may be patterns.
    pub(crate) fn keep(&mut self, run: &mut Run<'_>, names: &[String], dependencies: bool) {
        if names.is_empty() {
            return;
        }
        let mut kept = BTreeSet::new();
        for name in names {
            if !self.reach(name, dependencies, &mut kept) {
                let known: Vec<&str> = self.enabled.keys().take(10).map(|key| key.text.as_str()).collect();
                let message = format!("there is no service `{name}`");
                let help = if known.is_empty() {
                    "the project has none".to_owned()
                } else {
                    format!("there are {}", known.join(", "))
                };
                run.report(Diagnostic::error("unknown-service", message).help(help));
            }
        }
        let dropped: Vec<String> =
            self.enabled.keys().map(|key| key.text.clone()).filter(|name| !kept.contains(name)).collect();
        for name in dropped {
            if let Some((key, service)) = self.enabled.shift_remove_entry(name.as_str()) {
                self.disabled.insert(key, service);
                self.unselected.insert(name);
            }
        }
        for service in self.enabled.values_mut().filter_map(Node::as_map_mut) {
            if let Some(on) = service.get_mut("depends_on").and_then(Node::as_map_mut) {
                on.retain(|name, _| kept.contains(&name.text));
                if on.is_empty() {
                    service.shift_remove("depends_on");
                }
            }
        }
    }

    /// Adds the services a name or pattern means and all they need; whether there are any.
    fn reach(&self, pattern: &str, dependencies: bool, kept: &mut BTreeSet<String>) -> bool {
        let mut open: Vec<&str> = self.enabled.keys().map(|k| k.text.as_str()).filter(|n| glob(pattern, n)).collect();
        let found = !open.is_empty();
        while let Some(name) = open.pop() {
            if !kept.insert(name.to_owned()) || !dependencies {
                continue;
            }
            let on = self.enabled.get(name).and_then(|service| service.get("depends_on")).and_then(Node::as_map);
            open.extend(
                on.into_iter().flat_map(Map::keys).map(|k| k.text.as_str()).filter(|n| self.enabled.contains_key(*n)),
            );
        }
        found
    }

    /// The services that do not take part, as the project reports them.
    pub(crate) fn left_out(&self) -> Vec<Disabled> {
        let disabled = |(key, service): (&Key, &Node)| Disabled {
            name: key.text.clone(),
            names: names(service).into_iter().map(str::to_owned).collect(),
            profiles: texts(service.get("profiles")).into_iter().map(str::to_owned).collect(),
            span: key.span,
            by_profile: !self.unselected.contains(&key.text),
        };
        self.disabled.iter().map(disabled).collect()
    }
}

/// The names a service answers to beside its own.
fn names(service: &Node) -> Vec<&str> {
    let own = ["hostname", "container_name"].into_iter().filter_map(|key| service.get(key)?.as_str());
    let networks = service.get("networks").and_then(Node::as_map).into_iter().flat_map(Map::values);
    own.chain(networks.flat_map(|network| texts(network.get("aliases")))).collect()
}

/// Whether a name matches a pattern of `*`, `?` and `[a-z]`.
fn glob(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    matches(&pattern, &name)
}

fn matches(pattern: &[char], name: &[char]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        (['*', rest @ ..], _) => (0..=name.len()).any(|at| matches(rest, name.get(at..).unwrap_or(&[]))),
        (['?', rest @ ..], [_, tail @ ..]) => matches(rest, tail),
        (['[', rest @ ..], [c, tail @ ..]) => {
            let Some(end) = rest.iter().position(|c| *c == ']') else { return false };
            let (class, rest) = (rest.get(..end).unwrap_or(&[]), rest.get(end + 1..).unwrap_or(&[]));
            in_class(class, *c) && matches(rest, tail)
        }
        (['\\', p, rest @ ..] | [p, rest @ ..], [c, tail @ ..]) => p == c && matches(rest, tail),
        _ => false,
    }
}

fn in_class(class: &[char], c: char) -> bool {
    let (negated, class) = match class {
        ['^', rest @ ..] => (true, rest),
        all => (false, all),
    };
    let mut rest = class;
    let mut found = false;
    while let [first, tail @ ..] = rest {
        if let ['-', last, tail @ ..] = tail {
            found |= (first..=last).contains(&&c);
            rest = tail;
        } else {
            found |= *first == c;
            rest = tail;
        }
    }
    found != negated
}

/// Removes the resources that no service needs.
pub(crate) fn prune(project: &mut Map, services: &Map) {
    let mut used: [(&str, BTreeSet<String>); 5] =
        ["networks", "volumes", "secrets", "configs", "models"].map(|section| (section, BTreeSet::new()));
    for service in services.values() {
        let keys = |key: &str| service.get(key).and_then(Node::as_map).into_iter().flat_map(Map::keys);
        let sources = |path: &[&str]| {
            let items = service.at(path).and_then(Node::as_seq).unwrap_or(&[]);
            items.iter().filter_map(|item| item.get("source")?.as_str()).map(str::to_owned).collect::<Vec<_>>()
        };
        for (section, names) in &mut used {
            match *section {
                "networks" | "models" => names.extend(keys(section).map(|key| key.text.clone())),
                "volumes" => names.extend(named_volumes(service)),
                "secrets" => {
                    names.extend(sources(&["secrets"]));
                    names.extend(sources(&["build", "secrets"]));
                }
                _ => names.extend(sources(&[section])),
            }
        }
    }
    for (section, names) in used {
        if let Some(map) = project.get_mut(section).and_then(Node::as_map_mut) {
            map.retain(|key, _| names.contains(&key.text));
        }
    }
}

/// The volumes of the project that a service mounts.
fn named_volumes(service: &Node) -> impl Iterator<Item = String> {
    let mounts = service.get("volumes").and_then(Node::as_seq).unwrap_or(&[]);
    let volumes = mounts.iter().filter(|mount| mount.get("type").and_then(Node::as_str) == Some("volume"));
    volumes.filter_map(|mount| mount.get("source")?.as_str()).map(str::to_owned)
}

/// Removes sections in which nothing is left.
pub(crate) fn drop_empty(project: &mut Map) {
    for section in ["networks", "volumes", "secrets", "configs", "models"] {
        if project.get(section).is_some_and(|node| matches!(&node.value, Value::Mapping(map) if map.is_empty())) {
            project.shift_remove(section);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_patterns() {
        for (pattern, name, expect) in [
            ("web", "web", true),
            ("w*", "web", true),
            ("w?b", "web", true),
            ("[a-x]eb", "web", true),
            ("w", "web", false),
        ] {
            assert_eq!(glob(pattern, name), expect, "{pattern} {name}");
        }
    }
}
