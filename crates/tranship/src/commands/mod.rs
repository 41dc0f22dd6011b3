//! One file per verb: arguments to options, library call, view.

pub mod analyze;
pub mod config;
pub mod convert;
pub mod diff;
pub mod explain;
pub mod graph;
pub mod overhead;

use std::process::ExitCode;

use crate::cli::{Cli, Command};

/// How a command ended, as every command's exit code says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done: 0.
    Done,
    /// Done, and something is wrong that has to be mended: 1.
    Findings,
    /// The input or the options are wrong: 2.
    BadInput,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Findings => Self::from(1),
            Exit::BadInput => Self::from(2),
        }
    }
}

/// Runs the verb of a command line.
pub fn run(cli: Cli) -> anyhow::Result<Exit> {
    match cli.command {
        Command::Analyze(args) => analyze::run(&cli.project, &args),
        Command::Config(args) => config::run(&cli.project, &args),
        Command::Convert(args) => convert::run(&cli.project, &args),
        Command::Diff(args) => diff::run(&cli.project, &args),
        Command::Explain(args) => explain::run(&cli.project, &args),
        Command::Graph(args) => graph::run(&cli.project, &args),
        Command::Overhead(args) => overhead::run(&cli.project, &args),
    }
}
