//! `tranship analyze`: what the project is, what becomes of it, and what could be better.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use tranship_analyze::analysis::document::document;
use tranship_analyze::document::{Document, html, markdown, text};
use tranship_analyze::overhead::Delivery;

use super::Exit;
use crate::choices::Choices;
use crate::cli::ProjectFlags;
use crate::looked::{Looked, look};
use crate::talk;
use crate::timings::stage;

/// Flags of `analyze`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tranship analyze                          in the terminal
  tranship analyze --as html -o app.html    one page with pictures and search, which needs no network
  tranship analyze --as md -o ANALYSIS.md   for the repository
  tranship analyze --as json                for programs")]
pub struct AnalyzeArgs {
    #[command(flatten)]
    view: View,
    #[command(flatten)]
    choices: Choices,
}

/// How an answer is written, and what it reckons with.
#[derive(Debug, Args)]
pub struct View {
    /// How it is written
    #[arg(id = "view-form", long = "as", value_enum, value_name = "FORM", default_value_t)]
    pub form: Form,
    /// File to write to instead of the standard output
    #[arg(id = "view-out", short = 'o', long = "out", value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How new versions get to the cluster, which the overhead is reckoned for
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    delivery: DeliveryFlag,
}

/// The forms of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For the terminal
    #[default]
    Text,
    /// Markdown with the graph as Mermaid
    Md,
    /// One page with pictures and search
    Html,
    /// Data
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum DeliveryFlag {
    /// By hand or by CI
    Kubectl,
    /// Flux follows a repository
    Flux,
    /// Argo CD follows a repository
    #[default]
    Argocd,
}

impl View {
    /// How new versions get to the cluster.
    pub fn delivery(&self) -> Delivery {
        match self.delivery {
            DeliveryFlag::Kubectl => Delivery::Kubectl,
            DeliveryFlag::Flux => Delivery::Flux,
            DeliveryFlag::Argocd => Delivery::ArgoCd,
        }
    }

    /// Writes a document, or the data behind it.
    pub fn write(
        &self,
        looked: &Looked,
        document: impl FnOnce() -> Document,
        data: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        let text = match self.form {
            Form::Text => text::text(&document()),
            Form::Md => markdown::text(&document()),
            Form::Html => html::page(&document()),
            Form::Json => data(),
        };
        put(&looked.clean(&text), self.out.as_deref())
    }
}

/// Writes a text to a file, or to the standard output.
pub fn put(text: &str, out: Option<&Path>) -> anyhow::Result<()> {
    match out {
        Some(path) => std::fs::write(path, text).with_context(|| format!("writing {}", path.display())),
        None => Ok(talk::print(text)?),
    }
}

/// Runs the command.
pub fn run(project: &ProjectFlags, args: &AnalyzeArgs) -> anyhow::Result<Exit> {
    let Some(looked) = look(project, &args.choices)? else { return Ok(Exit::BadInput) };
    let analysis = stage("analyze", || looked.analyze(args.view.delivery()));
    // Structs of strings and numbers always serialize.
    let data = || serde_json::to_string_pretty(&analysis).map(|text| text + "\n").unwrap_or_default();
    args.view.write(&looked, || document(&analysis), data)?;
    if args.view.form != Form::Json {
        let read = analysis.read;
        eprintln!("read {} files in {} folders besides the project's own", read.files, read.folders);
        looked.tell_errors();
    }
    Ok(Exit::Done)
}
