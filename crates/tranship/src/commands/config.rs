//! `tranship config`: what the project means, printed in canonical form.

use clap::Args;

use super::Exit;
use crate::cli::ProjectFlags;
use crate::disk::DiskWorld;
use crate::talk;

/// Flags of `config`; the same as docker compose's.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "yaml")]
    pub format: String,
    /// Only print these services and what they depend on
    pub services: Vec<String>,
}

/// Runs the command.
pub fn run(project: &ProjectFlags, args: &ConfigArgs) -> anyhow::Result<Exit> {
    let world = DiskWorld::new()?;
    let mut options = project.load_options();
    options.services.clone_from(&args.services);
    let loaded = tranship_compose::load(&world, &options);
    talk::diagnostics(&loaded.diagnostics, &loaded.sources);
    Ok(if loaded.project.is_some() { Exit::Done } else { Exit::BadInput })
}
