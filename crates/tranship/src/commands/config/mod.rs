//! `tranship config`: what the project means, printed in canonical form.
//!
//! Flags and output are docker compose's, so that one can stand in for the other; `--origins` is ours.

mod lists;
mod origins;
mod variables;

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use tranship_compose::{LoadOptions, Loaded, Project};
use tranship_source::Sources;
use tranship_source::yaml::{self, Key, Node, Value};

use super::Exit;
use crate::cli::ProjectFlags;
use crate::disk::DiskWorld;
use crate::{json, talk};

/// Flags of `config`; the same as docker compose's.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Format of the output: yaml or json
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// Leave variables as they are written
    #[arg(long)]
    no_interpolate: bool,
    /// Add nothing that is implied: the default network, names, dependencies
    #[arg(long)]
    no_normalize: bool,
    /// Leave relative paths as they are written
    #[arg(long)]
    no_path_resolution: bool,
    /// Do not check that references lead somewhere
    #[arg(long)]
    no_consistency: bool,
    /// Do not read the services' env files
    #[arg(long)]
    no_env_resolution: bool,
    /// Only check the project; print nothing
    #[arg(short, long)]
    quiet: bool,
    /// Write to a file instead of the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    view: View,
    /// Refused: digests are only known to a registry
    #[arg(long)]
    resolve_image_digests: bool,
    /// Refused: digests are only known to a registry
    #[arg(long)]
    lock_image_digests: bool,
    /// Only print these services and what they depend on
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
}

/// What to print instead of the project.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct View {
    /// Print the service names, one per line
    #[arg(long = "services")]
    service_names: bool,
    /// Print the volume names, one per line
    #[arg(long)]
    volumes: bool,
    /// Print the network names, one per line
    #[arg(long)]
    networks: bool,
    /// Print the models, one per line
    #[arg(long)]
    models: bool,
    /// Print the profile names, one per line
    #[arg(long)]
    profiles: bool,
    /// Print the image names, one per line
    #[arg(long)]
    images: bool,
    /// Print a digest of each service's configuration; `*` or names separated by commas
    ///
    /// BLAKE3 of the service as JSON with sorted keys and without blanks, leaving out what docker compose leaves out:
    /// `build`, `pull_policy`, `scale`, `deploy.replicas`, `depends_on` and `profiles`.
    #[arg(long, value_name = "SERVICES")]
    hash: Option<String>,
    /// Print the variables of the files with their defaults
    #[arg(long)]
    variables: bool,
    /// Print the environment that variables are taken from
    #[arg(long)]
    environment: bool,
    /// Print where each value comes from: file, line and column, and which variables and overrides decided it
    #[arg(long)]
    origins: bool,
}

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Yaml,
    Json,
}

/// Runs the command.
pub fn run(flags: &ProjectFlags, args: &ConfigArgs) -> anyhow::Result<Exit> {
    if args.resolve_image_digests || args.lock_image_digests {
        bail!("image digests are only known to a registry, and `config` does not use the network");
    }
    let format = match args.format.as_deref() {
        None => None,
        Some("yaml") => Some(Format::Yaml),
        Some("json") => Some(Format::Json),
        Some(other) => bail!("there is no format `{other}`; write `--format yaml` or `--format json`"),
    };
    let world = DiskWorld::new().context("reading the current directory")?;
    let Loaded { project, diagnostics, sources } = tranship_compose::load(&world, &options(flags, args));
    talk::diagnostics(&diagnostics, &sources);
    let Some(mut project) = project else { return Ok(Exit::BadInput) };
    let text = args.text(&mut project, &sources, format)?;
    // The process ends with this command, and a large project takes long to give back piece by piece.
    std::mem::forget(project);
    if args.quiet {
        return Ok(Exit::Done);
    }
    match &args.output {
        Some(path) => std::fs::write(path, text).with_context(|| format!("writing `{}`", path.display()))?,
        None => talk::print(&text)?,
    }
    Ok(Exit::Done)
}

/// The loader's options. Views of the whole project leave named services alone, as docker compose does.
fn options(flags: &ProjectFlags, args: &ConfigArgs) -> LoadOptions {
    let View { service_names, volumes, networks, models, hash, variables, .. } = &args.view;
    let whole = *service_names || *volumes || *networks || *models || *variables || hash.is_some();
    let names_only = whole && hash.is_none();
    LoadOptions {
        services: if whole { Vec::new() } else { args.services.clone() },
        no_interpolate: args.no_interpolate || *variables,
        no_validation: *variables,
        no_normalize: args.no_normalize,
        no_path_resolution: args.no_path_resolution,
        no_consistency: args.no_consistency,
        no_env_resolution: args.no_env_resolution || names_only,
        ..flags.load_options()
    }
}

impl ConfigArgs {
    fn text(&self, project: &mut Project, sources: &Sources, format: Option<Format>) -> anyhow::Result<String> {
        let View { service_names, volumes, networks, models, profiles, images, hash, variables, environment, origins } =
            &self.view;
        Ok(if *service_names {
            lists::keys(project, "services")
        } else if *volumes {
            lists::keys(project, "volumes")
        } else if *networks {
            lists::keys(project, "networks")
        } else if *models {
            lists::models(project)
        } else if let Some(names) = hash {
            lists::hashes(project, names)?
        } else if *profiles {
            lists::profiles(project)
        } else if *images {
            lists::images(project)
        } else if *variables {
            variables::print(&project.tree, format)
        } else if *environment {
            lists::environment(project)
        } else if *origins {
            origins::print(project, sources, format)
        } else {
            self.project(&mut project.tree, format)
        })
    }

    fn project(&self, tree: &mut Node, format: Option<Format>) -> String {
        let dollars = !self.no_interpolate;
        if format == Some(Format::Json) {
            tree.as_map_mut().into_iter().flat_map(tranship_source::yaml::Map::values_mut).for_each(forget_overrides);
            return json::print(tree, dollars);
        }
        if dollars {
            double(tree);
        }
        yaml::write(tree)
    }
}

/// Takes our extension out of sections: docker compose prints extensions of sections as YAML alone.
fn forget_overrides(node: &mut Node) {
    match &mut node.value {
        Value::Sequence(items) => items.iter_mut().for_each(forget_overrides),
        Value::Mapping(map) => {
            map.retain(|key, _| key.text != tranship_compose::overrides::KEY);
            map.values_mut().for_each(forget_overrides);
        }
        _ => {}
    }
}

/// Doubles every `$` of a tree, so that its text can be loaded again, and takes the marks of the files off it.
fn double(node: &mut Node) {
    node.meta = None;
    match &mut node.value {
        Value::String(text) if text.contains('$') => *text = text.replace('$', "$$"),
        Value::Sequence(items) => items.iter_mut().for_each(double),
        Value::Mapping(map) => {
            map.values_mut().for_each(double);
            if map.keys().any(|key| key.text.contains('$')) {
                let doubled = |(key, node): (Key, Node)| (Key::new(key.text.replace('$', "$$"), key.span), node);
                *map = std::mem::take(map).into_iter().map(doubled).collect();
            }
        }
        _ => {}
    }
}
