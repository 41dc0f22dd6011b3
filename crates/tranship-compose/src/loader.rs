//! The loading stages, one file each, and the order they run in.
//!
//! [`load`] finds the project (`discover`, `name`), reads its files into one model (`model`, with `tags`, `interpolate`,
//! `include`, `extends`, `merge`, `unique`, `canonical`, `defaults`, `rules`, `paths`), adds what is implied
//! (`normalize`), gives every value its type (`shape`), and selects and checks the services (`select`, `consistency`,
//! `env_files`). The order is docker compose's, since later stages see what earlier ones made.

mod blame;
mod canonical;
mod consistency;
mod defaults;
mod discover;
mod env_files;
mod extends;
mod file;
mod go_text;
mod include;
mod interpolate;
mod merge;
mod model;
mod name;
mod normalize;
mod path;
mod paths;
mod port;
mod remote;
mod rules;
mod run;
mod select;
mod shape;
pub(crate) use shape::command::words as command_words;
mod tags;
mod trail;
mod unique;
mod volume;

use std::path::PathBuf;
use std::sync::Arc;

use tranship_source::yaml::{Key, Map, Node, Value};
use tranship_source::{Diagnostic, World};

use self::discover::Found;
use self::model::{ConfigFile, Known, Scope, Stages};
use self::run::Run;
use self::select::Selection;
use crate::environment::Environment;
use crate::options::LoadOptions;
use crate::project::{Loaded, Project};

/// Loads a project as docker compose does. Every fault is reported, not the first alone.
pub fn load(world: &dyn World, options: &LoadOptions) -> Loaded {
    let mut run = Run::new(world);
    let project = project(&mut run, options).filter(|_| !run.failed());
    Loaded { sources: run.sources, diagnostics: run.diagnostics, project }
}

fn project(run: &mut Run<'_>, options: &LoadOptions) -> Option<Project> {
    let Found { mut environment, files: names, working_dir, profiles } = discover::discover(run, options)?;
    let files = discover::read(run, &names)?;
    let name = name::project_name(run, options, &mut environment, &files, &working_dir);
    let environment = Arc::new(environment);
    let model = model(run, options, &environment, &working_dir, &files, &name)?;
    let environment = Arc::unwrap_or_clone(environment);
    let base = Project {
        name,
        working_dir: PathBuf::from(working_dir),
        compose_files: names,
        tree: Node::from(Map::default()),
        environment,
        profiles: Vec::new(),
        disabled: Vec::new(),
    };
    Some(if options.no_interpolate {
        Project { tree: model, ..base }
    } else {
        resolve(run, options, base, model, profiles)
    })
}

/// The merged and completed model.
fn model(
    run: &mut Run<'_>,
    options: &LoadOptions,
    environment: &Arc<Environment>,
    working_dir: &str,
    files: &[ConfigFile],
    name: &str,
) -> Option<Node> {
    let stages = Stages {
        interpolate: !options.no_interpolate,
        include: true,
        extends: true,
        validate: !options.no_validation,
        resolve_paths: !options.no_path_resolution,
    };
    let (files_dir, working_dir) = (working_dir.to_owned(), working_dir.to_owned());
    let scope = Scope { files_dir, working_dir, environment: Arc::clone(environment), stages, included: Vec::new() };
    let mut model = model::load(run, &mut Known::new(), &scope, files);
    if model.as_map().is_none_or(Map::is_empty) {
        if !run.failed() {
            run.report(Diagnostic::error("empty-project", "the Compose files are empty").help("add `services:`"));
        }
        return None;
    }
    if !options.no_normalize {
        normalize::normalize(&mut model, name, environment);
    }
    Some(model)
}

/// The model in its types, with the services that take part.
fn resolve(run: &mut Run<'_>, options: &LoadOptions, base: Project, model: Node, profiles: Vec<String>) -> Project {
    let mut tree = shape::project(run, model, &base.name);
    let Some(sections) = tree.as_map_mut() else { return base };
    let place = sections.get("services").map_or(tree_span(sections), |node| node.span);
    let services = sections.get_mut("services").and_then(Node::as_map_mut).map(std::mem::take).unwrap_or_default();
    let mut selection = Selection::by_profiles(services, profiles);
    if !options.no_consistency {
        consistency::check(run, sections, &selection);
        agree(&mut selection.enabled);
    }
    if !options.no_env_resolution {
        env_files::resolve_services(run, &mut selection.enabled, &base.environment);
    }
    env_files::resolve_labels(run, &mut selection.enabled);
    selection.enable(&options.services);
    selection.keep(run, &options.services, true);
    if !options.all_resources {
        select::prune(sections, &selection.enabled);
    }
    if !options.no_env_resolution {
        env_files::resolve_services(run, &mut selection.enabled, &base.environment);
    }
    if !options.no_consistency {
        consistency::container_names(run, &selection.enabled);
    }
    select::drop_empty(sections);
    let (disabled, profiles) = (selection.left_out(), selection.profiles);
    sections.insert(Key::from("services"), Node::new(Value::Mapping(selection.enabled), place));
    Project { tree, profiles, disabled, ..base }
}

fn tree_span(sections: &Map) -> tranship_source::Span {
    sections.values().next().map_or(tranship_source::Span::NONE, |node| node.span)
}

/// `scale` is also the number of replicas, where `deploy` is given.
fn agree(services: &mut Map) {
    for service in services.values_mut().filter_map(Node::as_map_mut) {
        let Some(scale) = service.get("scale").cloned() else { continue };
        if let Some(deploy) = service.get_mut("deploy").and_then(Node::as_map_mut) {
            deploy.insert(Key::from("replicas"), scale);
        }
    }
}

/// Checks a merged model against the schema.
fn check_schema(run: &mut Run<'_>, model: &Node) {
    for fault in crate::schema::check(model) {
        run.report(fault);
    }
}
