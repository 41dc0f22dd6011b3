//! `tranship overhead`: what running the project takes, now and on the cluster, point by point.

use clap::Args;
use tranship_analyze::overhead::document::document;

use super::Exit;
use super::analyze::{Form, View};
use crate::choices::Choices;
use crate::cli::ProjectFlags;
use crate::looked::look;

/// Flags of `overhead`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tranship overhead                        in the terminal
  tranship overhead --delivery kubectl     without GitOps
  tranship overhead --cluster eks          on another kind of cluster
  tranship overhead --as md -o OVERHEAD.md")]
pub struct OverheadArgs {
    #[command(flatten)]
    view: View,
    #[command(flatten)]
    choices: Choices,
}

/// Runs the command.
pub fn run(project: &ProjectFlags, args: &OverheadArgs) -> anyhow::Result<Exit> {
    let Some(looked) = look(project, &args.choices)? else { return Ok(Exit::BadInput) };
    let analysis = looked.analyze(args.view.delivery());
    let (name, overhead) = (&analysis.project, &analysis.overhead);
    let data = || {
        let all = serde_json::json!({ "version": 1, "project": name, "overhead": overhead });
        format!("{all:#}\n")
    };
    args.view.write(&looked, || document(name, overhead), data)?;
    if args.view.form != Form::Json {
        looked.tell_errors();
    }
    Ok(Exit::Done)
}
