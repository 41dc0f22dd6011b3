//! `tranship config`: what the project means, printed in canonical form.

use clap::Args;

use super::Exit;
use crate::cli::ProjectFlags;
use crate::disk::DiskWorld;
use crate::{json, talk};

/// Flags of `config`; the same as docker compose's.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "yaml")]
    pub format: String,
    /// Leave variables as they are written
    #[arg(long)]
    pub no_interpolate: bool,
    /// Add no defaults
    #[arg(long)]
    pub no_normalize: bool,
    /// Leave relative paths as they are written
    #[arg(long)]
    pub no_path_resolution: bool,
    /// Do not check that references lead somewhere
    #[arg(long)]
    pub no_consistency: bool,
    /// Do not read the services' env files
    #[arg(long)]
    pub no_env_resolution: bool,
    /// Only print these services and what they depend on
    pub services: Vec<String>,
}

/// Runs the command.
pub fn run(project: &ProjectFlags, args: &ConfigArgs) -> anyhow::Result<Exit> {
    let world = DiskWorld::new()?;
    let mut options = project.load_options();
    options.services.clone_from(&args.services);
    options.no_interpolate = args.no_interpolate;
    options.no_normalize = args.no_normalize;
    options.no_path_resolution = args.no_path_resolution;
    options.no_consistency = args.no_consistency;
    options.no_env_resolution = args.no_env_resolution;
    let loaded = tranship_compose::load(&world, &options);
    talk::diagnostics(&loaded.diagnostics, &loaded.sources);
    if let Some(project) = &loaded.project {
        print!("{}", json::print(&project.tree, !args.no_interpolate));
    }
    Ok(if loaded.project.is_some() { Exit::Done } else { Exit::BadInput })
}
