//! References that lead nowhere and settings that contradict each other.

use std::collections::{BTreeMap, BTreeSet};

use tranship_source::yaml::{Map, Node};
use tranship_source::{Diagnostic, Span};

use super::go_text;
use super::run::Run;
use super::select::{Selection, texts};

/// Checks the services that take part.
pub(crate) fn check(run: &mut Run<'_>, project: &Map, selection: &Selection) {
    for (name, service) in &selection.enabled {
        let mut check = Check { project, selection, name: &name.text, at: name.span, service, found: Vec::new() };
        check.source();
        check.build();
        check.networks();
        check.health();
        check.dependencies();
        check.references();
        check.scale();
        check.limits();
        check.watch();
        check.targets();
        let broken = run.faulty(service.span);
        for fault in check.found {
            // Where the service already has a fault, what seems missing may only be misspelt.
            if !(broken && fault.code == "service-without-image") {
                run.report(fault);
            }
        }
    }
    secrets(run, project);
    cycles(run, selection);
}

struct Check<'c> {
    project: &'c Map,
    selection: &'c Selection,
    name: &'c str,
    at: Span,
    service: &'c Node,
    found: Vec<Diagnostic>,
}

impl<'c> Check<'c> {
    fn get(&self, path: &[&str]) -> Option<&'c Node> {
        self.service.at(path)
    }

    fn text(&self, path: &[&str]) -> &'c str {
        self.get(path).and_then(Node::as_str).unwrap_or("")
    }

    fn items(&self, path: &[&str]) -> &'c [Node] {
        self.get(path).and_then(Node::as_seq).unwrap_or(&[])
    }

    fn has(&self, section: &str, name: &str) -> bool {
        self.project.get(section).and_then(Node::as_map).is_some_and(|map| map.contains_key(name))
    }

    fn fault(&mut self, code: &'static str, at: Span, message: String, help: &str) {
        let at = if at.is_none() { self.at } else { at };
        self.found.push(Diagnostic::error(code, message).at(at).help(help));
    }

    fn source(&mut self) {
        if self.get(&["build"]).is_none() && self.text(&["image"]).is_empty() && self.get(&["provider"]).is_none() {
            let message = format!("service `{}` has neither `image` nor `build`", self.name);
            self.fault("service-without-image", self.at, message, "name an image, or say how to build one");
        }
    }

    fn build(&mut self) {
        let name = self.name;
        if let (Some(inline), Some(_)) = (self.get(&["build", "dockerfile_inline"]), self.get(&["build", "dockerfile"]))
        {
            let message = format!("service `{name}` has both `dockerfile` and `dockerfile_inline`");
            self.fault("exclusive-keys", inline.span, message, "keep one of them");
        }
        let contexts = self.get(&["build", "additional_contexts"]).and_then(Node::as_map);
        for (key, context) in contexts.into_iter().flatten() {
            let Some(target) = context.as_str().and_then(|c| c.strip_prefix("service:")) else { continue };
            match self.selection.enabled.get(target) {
                None => {
                    let message = format!(
                        "additional context `{}` of `{name}` is service `{target}`, which does not exist",
                        key.text
                    );
                    self.fault("undefined-service", context.span, message, "name a service that takes part");
                }
                Some(other) if other.get("build").is_none() => {
                    let message = format!(
                        "additional context `{}` of `{name}` is service `{target}`, which is not built",
                        key.text
                    );
                    self.fault("undefined-service", context.span, message, "name a service that has `build`");
                }
                Some(_) => {}
            }
        }
        let platform = self.text(&["platform"]);
        let platforms = texts(self.get(&["build", "platforms"]));
        if !platforms.is_empty() && !platform.is_empty() && !platforms.contains(&platform) {
            let at = self.get(&["platform"]).map_or(self.at, |node| node.span);
            let message = format!("service `{name}` runs on `{platform}`, but is not built for it");
            self.fault("platform-conflict", at, message, "add the platform to `build.platforms`");
        }
    }

    fn networks(&mut self) {
        let name = self.name;
        let networks = self.get(&["networks"]).and_then(Node::as_map);
        let mode = self.get(&["network_mode"]);
        if let (Some(mode), Some(_)) = (mode, networks.filter(|map| !map.is_empty())) {
            let message = format!("service `{name}` has both `network_mode` and `networks`");
            self.fault("exclusive-keys", mode.span, message, "keep one of them");
        }
        for key in networks.into_iter().flat_map(Map::keys) {
            if !self.has("networks", &key.text) {
                self.undefined("network", "networks", &key.text, key.span);
            }
        }
        let Some(target) = mode.and_then(Node::as_str).and_then(|mode| mode.strip_prefix("service:")) else { return };
        if !self.selection.enabled.contains_key(target) {
            let message = format!("service `{name}` shares the network of `{target}`, which does not exist");
            let at = mode.map_or(self.at, |node| node.span);
            self.fault("undefined-service", at, message, "name a service that takes part");
        }
    }

    fn undefined(&mut self, kind: &str, section: &str, target: &str, at: Span) {
        let message = format!("service `{}` refers to {kind} `{target}`, which is not defined", self.name);
        let help = format!("add `{target}` to the top-level `{section}`, or correct the name");
        self.fault("undefined-reference", at, message, &help);
    }

    fn health(&mut self) {
        let Some(first) = self.items(&["healthcheck", "test"]).first() else { return };
        if !matches!(first.as_str(), Some("CMD" | "CMD-SHELL" | "NONE")) {
            let message = format!("`services.{}.healthcheck.test` starts with `{}`", self.name, go_text::text(first));
            self.fault("healthcheck-test", first.span, message, "start the list with `CMD`, `CMD-SHELL` or `NONE`");
        }
    }

    fn dependencies(&mut self) {
        let on = self.get(&["depends_on"]).and_then(Node::as_map);
        for (key, dependency) in on.into_iter().flatten() {
            let target = key.text.as_str();
            if self.selection.enabled.contains_key(target) {
                continue;
            }
            let required = dependency.get("required").and_then(Node::as_bool) == Some(true);
            let disabled = self.selection.disabled.get(target);
            if disabled.is_some() && !required {
                continue;
            }
            let message = format!("service `{}` depends on `{target}`, which is {}", self.name, absence(disabled));
            let help = match disabled {
                Some(service) => {
                    format!(
                        "enable one of its profiles ({}), or write `required: false`",
                        texts(service.get("profiles")).join(", ")
                    )
                }
                None => "correct the name, or add the service".to_owned(),
            };
            self.fault("undefined-service", key.span, message, &help);
        }
    }

    fn references(&mut self) {
        for volume in self.items(&["volumes"]) {
            let source = volume.get("source").and_then(Node::as_str).unwrap_or("");
            let named = volume.get("type").and_then(Node::as_str) == Some("volume") && !source.is_empty();
            if named && !self.has("volumes", source) {
                self.undefined("volume", "volumes", source, volume.span);
            }
        }
        for (path, kind, section) in [
            (&["build", "secrets"][..], "build secret", "secrets"),
            (&["configs"][..], "config", "configs"),
            (&["secrets"][..], "secret", "secrets"),
        ] {
            for item in self.items(path) {
                let source = item.get("source").and_then(Node::as_str).unwrap_or("");
                if !self.has(section, source) {
                    self.undefined(kind, section, source, item.span);
                }
            }
        }
        for key in self.get(&["models"]).and_then(Node::as_map).into_iter().flat_map(Map::keys) {
            if !self.has("models", &key.text) {
                self.undefined("model", "models", &key.text, key.span);
            }
        }
    }

    fn scale(&mut self) {
        let name = self.name;
        let number = |node: Option<&'c Node>| Some((node?.as_int()?, node?.span));
        let (scale, replicas) = (number(self.get(&["scale"])), number(self.get(&["deploy", "replicas"])));
        if let (Some((scale, at)), Some((replicas, other))) = (scale, replicas)
            && scale != replicas
        {
            let message = format!("service `{name}` has `scale: {scale}` and `deploy.replicas: {replicas}`");
            let fault = Diagnostic::error("exclusive-keys", message).at(at).related(other, "the other number");
            self.found.push(fault.help("keep one of them"));
        }
        for (key, value) in [("scale", scale), ("deploy.replicas", replicas)] {
            if let Some((..0, at)) = value {
                let message = format!("`services.{name}.{key}` is below zero");
                self.fault("negative-number", at, message, "write a number from 0 up");
            }
        }
        let copies = scale.or(replicas).map_or(1, |(number, _)| number);
        if copies > 1
            && let Some(container) = self.get(&["container_name"])
        {
            let message = format!("service `{name}` has a `container_name`, but {copies} containers");
            self.fault(
                "container-name-scale",
                container.span,
                message,
                "remove `container_name`, or run one container",
            );
        }
    }

    /// The same limit given twice must be the same.
    fn limits(&mut self) {
        if self.get(&["deploy"]).is_none() {
            return;
        }
        for (key, group, other) in [
            ("cpus", "limits", "cpus"),
            ("mem_limit", "limits", "memory"),
            ("mem_reservation", "reservations", "memory"),
            ("pids_limit", "limits", "pids"),
        ] {
            let (Some(own), Some(group_node)) = (self.get(&[key]), self.get(&["deploy", "resources", group])) else {
                continue;
            };
            if group_node.get(other) != Some(own) {
                let message = format!(
                    "service `{}` has different values for `{key}` and `deploy.resources.{group}.{other}`",
                    self.name
                );
                self.fault("exclusive-keys", own.span, message, "keep one of them");
            }
        }
    }

    fn watch(&mut self) {
        for trigger in self.items(&["develop", "watch"]) {
            let action = trigger.get("action").and_then(Node::as_str).unwrap_or("");
            if trigger.get("target").is_none() && !matches!(action, "rebuild" | "restart") {
                let message =
                    format!("`services.{}.develop.watch` has an action `{action}` without a `target`", self.name);
                self.fault(
                    "missing-key",
                    trigger.span,
                    message,
                    "say where in the container the files go with `target:`",
                );
            }
        }
    }

    /// One place in the container takes one mount.
    fn targets(&mut self) {
        let mut taken: BTreeMap<&str, Span> = BTreeMap::new();
        let tmpfs = self.items(&["tmpfs"]).iter().map(|node| {
            let text = node.as_str().unwrap_or("");
            (text.split(':').next().unwrap_or(text), node.span)
        });
        let volumes = self.items(&["volumes"]).iter();
        let volumes = volumes.map(|node| (node.get("target").and_then(Node::as_str).unwrap_or(""), node.span));
        for (target, at) in tmpfs.chain(volumes) {
            if let Some(first) = taken.insert(target, at) {
                let message = format!("service `{}` mounts two things at `{target}`", self.name);
                let fault = Diagnostic::error("duplicate-mount", message).at(at).related(first, "mounted here first");
                self.found.push(fault.help("give one of them another target"));
            }
        }
    }
}

fn absence(disabled: Option<&Node>) -> &'static str {
    if disabled.is_some() { "not enabled" } else { "not defined" }
}

fn secrets(run: &mut Run<'_>, project: &Map) {
    for (key, secret) in project.get("secrets").and_then(Node::as_map).into_iter().flatten() {
        if secret.get("external").is_none() && secret.get("file").is_none() && secret.get("environment").is_none() {
            let message = format!("secret `{}` says nowhere what it holds", key.text);
            let help = "give it `file` or `environment`, or `external: true`";
            run.report(Diagnostic::error("missing-key", message).at(key.span).help(help));
        }
    }
}

/// Finds services that wait for each other. Each is looked at once.
fn cycles(run: &mut Run<'_>, selection: &Selection) {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut names: Vec<&str> = selection.enabled.keys().map(|key| key.text.as_str()).collect();
    names.sort_unstable();
    for start in names {
        let mut way: Vec<(&str, Vec<(&str, Span)>)> = vec![(start, targets(selection, start))];
        if done.contains(start) {
            continue;
        }
        while let Some((name, open)) = way.last_mut() {
            let Some((next, at)) = open.pop() else {
                done.insert(name);
                way.pop();
                continue;
            };
            if let Some(from) = way.iter().position(|(name, _)| *name == next) {
                let circle: Vec<&str> = way.iter().skip(from).map(|(name, _)| *name).chain([next]).collect();
                let message = format!("services wait for each other in a circle: {}", circle.join(" -> "));
                let help = "remove one of the dependencies";
                run.report(Diagnostic::error("dependency-cycle", message).at(at).help(help));
            } else if !done.contains(next) {
                way.push((next, targets(selection, next)));
            }
        }
    }
}

/// What a service waits for, the last first.
fn targets<'s>(selection: &'s Selection, name: &str) -> Vec<(&'s str, Span)> {
    let on = selection.enabled.get(name).and_then(|service| service.get("depends_on")).and_then(Node::as_map);
    let known = on.into_iter().flat_map(Map::keys).filter(|key| selection.enabled.contains_key(key.text.as_str()));
    let mut targets: Vec<(&str, Span)> = known.map(|key| (key.text.as_str(), key.span)).collect();
    targets.sort_by(|a, b| b.0.cmp(a.0));
    targets
}

/// Two containers cannot have one name.
pub(crate) fn container_names(run: &mut Run<'_>, services: &Map) {
    let mut taken: BTreeMap<&str, (&str, Span)> = BTreeMap::new();
    for (key, service) in services {
        let Some(node) = service.get("container_name") else { continue };
        let Some(container) = node.as_str().filter(|name| !name.is_empty()) else { continue };
        if let Some((other, first)) = taken.insert(container, (&key.text, node.span)) {
            let message = format!("services `{other}` and `{}` have the same `container_name`", key.text);
            let fault = Diagnostic::error("duplicate-container-name", message).at(node.span);
            run.report(fault.related(first, "taken here").help("give one of them another name, or none"));
        }
    }
}
