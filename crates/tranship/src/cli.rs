//! The command line: project flags that every command shares, and one variant per verb.

use clap::{Args, Parser, Subcommand};
use tranship_compose::LoadOptions;

use crate::commands;

/// Takes Docker Compose apps to Kubernetes.
#[derive(Debug, Parser)]
#[command(name = "tranship", version, disable_help_subcommand = true)]
pub struct Cli {
    /// Which project, and how to read it.
    #[command(flatten)]
    pub project: ProjectFlags,
    /// Print what each stage of the run took; for benchmarks
    #[arg(long, global = true, hide = true)]
    pub timings: bool,
    /// What to do with it.
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs, in the order of `--help`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Tell what the project is: services and what they are made with, connections, storage, secrets, what could be better
    Analyze(commands::analyze::AnalyzeArgs),
    /// Parse, resolve and print the project in canonical form, as `docker compose config` does
    Config(commands::config::ConfigArgs),
    /// Write Kubernetes manifests for the project, with a report of every decision and of what became of every value
    Convert(commands::convert::ConvertArgs),
    /// Compare any two of a Compose project, a directory `convert` wrote, and manifests; exit 1 where they differ
    Diff(commands::diff::DiffArgs),
    /// Tell what became of a service or a value and why, or why a field of an object is there
    Explain(commands::explain::ExplainArgs),
    /// Draw who calls whom, with what shows it: of the project or of the objects it becomes
    Graph(commands::graph::GraphArgs),
    /// Reckon what running the project takes, now and on the cluster, point by point
    Overhead(commands::overhead::OverheadArgs),
}

/// Flags that say which project is meant; the same as docker compose's, before or after the verb.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Project options")]
pub struct ProjectFlags {
    /// Compose file; may be given several times, `-` is the standard input
    #[arg(id = "project-file", short = 'f', long = "file", value_name = "FILE", global = true)]
    pub files: Vec<String>,
    /// Project name
    #[arg(short = 'p', long, value_name = "NAME", global = true)]
    pub project_name: Option<String>,
    /// Directory relative paths start from [default: where the first Compose file lies]
    #[arg(long, value_name = "DIR", global = true)]
    pub project_directory: Option<String>,
    /// Profile to enable; may be given several times
    #[arg(id = "project-profile", long = "profile", value_name = "NAME", global = true)]
    pub profiles: Vec<String>,
    /// File to read variables from, instead of `.env`; may be given several times
    #[arg(id = "project-env-file", long = "env-file", value_name = "FILE", global = true)]
    pub env_files: Vec<String>,
    /// Keep networks, volumes, secrets and configs that no service uses
    #[arg(long, global = true)]
    pub all_resources: bool,
}

impl ProjectFlags {
    /// The loader's options for these flags, everything resolved and checked.
    pub fn load_options(&self) -> LoadOptions {
        let Self { files, project_name, project_directory, profiles, env_files, all_resources } = self;
        LoadOptions {
            files: files.clone(),
            project_name: project_name.clone(),
            project_directory: project_directory.clone(),
            profiles: profiles.clone(),
            env_files: env_files.clone(),
            all_resources: *all_resources,
            ..LoadOptions::default()
        }
    }
}
