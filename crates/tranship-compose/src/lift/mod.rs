//! From the resolved project to the neutral [`Stack`], with a ledger line for everything that does not go there.
//!
//! Every struct of the typed view is destructured without `..`: a new Compose key is a compile error until someone
//! decides. A leaf goes into the stack as a value that knows where it came from (lowering then says where it stands),
//! or into the ledger at once as decided or dropped, with a reason of its own. Files are only seen through [`World`].
//! Start reading at [`lift`], then `service.rs`.

mod account;
mod build;
mod context;
mod docker_only;
mod env;
mod files;
mod health;
mod helpers;
mod mounts;
mod names;
mod ports;
mod process;
mod resources;
mod rollout;
mod said;
mod schedules;
mod security;
mod service;
mod shared;
mod workload;

#[cfg(test)]
mod said_tests;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod tests;

use std::path::Path;

use indexmap::IndexMap;
use tranship_model::{At, Exposure, Ledger, LeftOut, Origin, Stack, Traced};
use tranship_source::yaml::{Map, Node};
use tranship_source::{Checked, Diagnostic, Sources, World, both_if};

use crate::environment::Environment;
use crate::overrides::{self, notes};
use crate::project::{Disabled, Project};
use crate::typed::{self, Pairs};

use context::Lifting;

/// What lifting gives.
#[derive(Clone, Debug)]
pub struct Lifted {
    /// The application.
    pub stack: Stack,
    /// What became of every leaf that did not go into the stack.
    pub ledger: Ledger,
    /// Every leaf of the project, for [`Ledger::unaccounted`] once the stack is lowered.
    pub leaves: Vec<At>,
    /// What the project says of the conversion itself.
    pub settings: Settings,
}

/// What a project says in place of flags.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The namespace.
    pub namespace: Option<Traced<String>>,
    /// The registry of images built here.
    pub registry: Option<Traced<String>>,
    /// The tag of images built here.
    pub tag: Option<Traced<String>>,
    /// Objects that exist in the cluster already, by kind and name.
    pub external: Vec<(String, String)>,
    /// How it is reached from outside.
    pub reach: Reach,
}

/// What a project says of the way in from outside, in its own words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reach {
    /// The kind of cluster.
    pub cluster: Option<Traced<String>>,
    /// By what it is reached.
    pub way: Option<Traced<String>>,
    /// The domain of services' names.
    pub domain: Option<Traced<String>>,
    /// The class of its Ingresses or its Gateway.
    pub class: Option<Traced<String>>,
    /// Where certificates come from.
    pub tls: Option<Traced<String>>,
    /// The address an authority writes to.
    pub tls_email: Option<Traced<String>>,
    /// Services that are reached or not.
    pub entries: Vec<(String, Traced<bool>)>,
    /// Hosts of services.
    pub hosts: Vec<(String, Traced<String>)>,
    /// Ports of every node, by service.
    pub ports: Vec<(String, Traced<u16>)>,
}

/// Up to so many services a second thread costs more than it saves.
const SMALL: usize = 16;

/// What lifting reads.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The project's name.
    pub name: &'a str,
    /// Where relative paths start, absolute.
    pub working_dir: &'a Path,
    /// The canonical tree.
    pub tree: &'a Node,
    /// The variables the project was read with.
    pub environment: &'a Environment,
    /// Services that are left out.
    pub disabled: &'a [Disabled],
    /// The texts that were read: how a path was written says whether it belongs to the project.
    pub sources: &'a Sources,
}

/// Lifts a project. The stack can be used whatever the diagnostics say.
///
/// Diagnostics: `bind-source-absent`, `config-too-large`, `file-unreadable`, `secret-unset`, `data-not-kept`,
/// `job-per-node`, `service-provider`, `model-dropped`, `network-alias-outside`, `ledger-gap`.
pub fn lift(project: &Project, sources: &Sources, world: &dyn World) -> Checked<Lifted> {
    let Project { name, working_dir, compose_files: _, tree, environment, profiles: _, disabled } = project;
    lift_tree(Input { name, working_dir, tree, environment, disabled, sources }, world)
}

/// Lifts a canonical tree with what has to be known about it.
pub fn lift_tree(input: Input<'_>, world: &dyn World) -> Checked<Lifted> {
    let services = input.tree.get("services").and_then(Node::as_map).map_or(0, Map::len);
    let (leaves, reading) = both_if(services > SMALL, || typed::leaves(input.tree), || typed::read(input.tree));
    let mut cx = Lifting::new(input, world);
    for gap in &reading.gaps {
        let message = format!("`{}` is {}; this is a fault of tranship", gap.at.path, gap.what);
        cx.diagnostics.push(Diagnostic::warning("ledger-gap", message).at(gap.at.span).help("report it with the file"));
    }
    for at in &reading.empties {
        let why = format!("`{}` is written without content and asks for nothing", last_key(&at.path));
        cx.ledger.decided(&Origin::From(vec![at.clone()]), &why);
    }
    let stack = match &reading.value {
        Some(project) => stack(&mut cx, project, &reading.misplaced),
        None => empty(input.name),
    };
    let Lifting { ledger, diagnostics, settings, .. } = cx;
    Checked::new(Lifted { stack, ledger, leaves, settings }, diagnostics)
}

/// The key a path ends with.
fn last_key(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn empty(name: &str) -> Stack {
    Stack {
        name: Traced::decided(name.to_owned(), "project-name", "the name the project was loaded with"),
        services: IndexMap::new(),
        volumes: IndexMap::new(),
        networks: IndexMap::new(),
        isolation: None,
        configs: IndexMap::new(),
        secrets: IndexMap::new(),
        outside: IndexMap::new(),
        exposure: Exposure::default(),
        left_out: Vec::new(),
        said: None,
    }
}

fn stack(cx: &mut Lifting<'_>, project: &typed::Project, misplaced: &[At]) -> Stack {
    let typed::Project { at: _, name, services, networks, volumes, configs, secrets, models, extensions } = project;
    let mut stack = empty(cx.input.name);
    if let Some(name) = name {
        stack.name = name.clone();
    }
    cx.decided(&notes(extensions), "`x-` keys are the project's own notes; no tool but its own reads them");
    let mut overrides = overrides::read(project, misplaced);
    said::account(cx, &mut overrides);
    let of_project = overrides.project.take();
    cx.said = overrides;
    stack.networks = networks.iter().map(|pair| (pair.key.clone(), shared::network(cx, pair))).collect();
    cx.volumes = volumes.iter().map(|pair| (pair.key.clone(), shared::volume(cx, pair))).collect();
    cx.configs = configs.iter().map(|pair| (pair.key.clone(), shared::config(cx, pair))).collect();
    cx.secrets = secrets.iter().map(|pair| (pair.key.clone(), shared::secret(cx, pair))).collect();
    shared::hide_configs(cx);
    cx.secret_sources = secrets.iter().map(|pair| (pair.key.clone(), build::secret_source(cx, &pair.value))).collect();
    for model in models {
        shared::model(cx, model);
    }
    stack.services = lift_services(cx, services);
    stack.left_out = helpers::leave_out(cx, &mut stack.services);
    stack.volumes = std::mem::take(&mut cx.volumes);
    stack.configs = std::mem::take(&mut cx.configs);
    stack.secrets = std::mem::take(&mut cx.secrets);
    stack.left_out.extend(cx.input.disabled.iter().map(left_out));
    if let Some(said) = of_project {
        let text = |name: &Traced<String>| name.clone();
        cx.settings = Settings {
            namespace: said.namespace.as_ref().map(|name| name.with(name.value.0.clone())),
            registry: said.registry.as_ref().map(text),
            tag: said.tag.as_ref().map(text),
            external: said
                .external
                .iter()
                .flatten()
                .map(|object| (object.value.kind.clone(), object.value.name.clone()))
                .collect(),
            reach: said::reach(&said, std::mem::take(&mut cx.settings.reach)),
        };
        said::of_project(said, &mut stack);
    }
    stack
}

fn lift_services(
    cx: &mut Lifting<'_>,
    services: &Pairs<Box<typed::Service>>,
) -> IndexMap<String, tranship_model::Service> {
    let all = service::Neighbours::new(services, &cx.said);
    let mut lifted = IndexMap::with_capacity(services.len());
    for pair in services {
        if let Some(service) = service::lift(cx, &all, pair) {
            lifted.insert(pair.key.clone(), service);
        }
    }
    names::links(cx, services, &mut lifted);
    mounts::from_other_services(cx, services, &mut lifted);
    schedules::lift(cx, &mut lifted);
    lifted
}

fn left_out(disabled: &Disabled) -> LeftOut {
    let Disabled { name, names, profiles, span, by_profile: _ } = disabled;
    let origin = Origin::at(tranship_model::ledger::child_path("services", name), *span);
    LeftOut { service: name.clone(), names: names.clone(), profiles: profiles.clone(), helper: None, origin }
}
