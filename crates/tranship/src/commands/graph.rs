//! `tranship graph`: who calls whom and what shows it, of the project or of the objects it becomes.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use tranship_analyze::graph::{Graph, compose, dot, kubernetes, mermaid, svg, text};

use super::Exit;
use crate::calls::calls;
use crate::choices::Choices;
use crate::cli::ProjectFlags;
use crate::looked::{Looked, look};
use crate::talk;

/// Flags of `graph`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tranship graph                                  in the terminal, each edge with its evidence
  tranship graph --side kubernetes                of the objects `convert` would write
  tranship graph --as svg -o graph.svg            a picture, for light and dark
  tranship graph --as mermaid                     for Markdown
  tranship graph --as dot | dot -Tpng > app.png   for Graphviz")]
pub struct GraphArgs {
    /// What is drawn: the project, or the objects it becomes
    #[arg(long, value_enum, value_name = "SIDE", default_value_t)]
    side: Side,
    /// How it is written
    #[arg(id = "graph-form", long = "as", value_enum, value_name = "FORM", default_value_t)]
    form: Form,
    /// File to write to instead of the standard output
    #[arg(short = 'o', long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    choices: Choices,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Side {
    /// Services, the volumes they share, and what is published
    #[default]
    Compose,
    /// Workloads, claims and ways in
    Kubernetes,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A tree for the terminal
    #[default]
    Text,
    /// A flowchart for Markdown
    Mermaid,
    /// For Graphviz
    Dot,
    /// A picture for light and dark, which needs no other program
    Svg,
    /// Nodes, edges and evidence as data
    Json,
}

/// Runs the command.
pub fn run(project: &ProjectFlags, args: &GraphArgs) -> anyhow::Result<Exit> {
    let Some(looked) = look(project, &args.choices)? else { return Ok(Exit::BadInput) };
    let graph = match args.side {
        Side::Compose => of_project(&looked),
        Side::Kubernetes => of_objects(&looked),
    };
    let text = match args.form {
        Form::Text => text::text(&graph),
        Form::Mermaid => mermaid::text(&graph),
        Form::Dot => dot::text(&graph),
        Form::Svg => svg::text(&graph),
        Form::Json => json(&graph, args.side),
    };
    let text = looked.clean(&text);
    match &args.out {
        Some(path) => std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))?,
        None => talk::print(&text)?,
    }
    if args.form != Form::Json {
        looked.tell_errors();
    }
    Ok(Exit::Done)
}

/// The graph of the project.
pub fn of_project(looked: &Looked) -> Graph {
    let stack = &looked.understood.stack;
    let calls = calls(stack, &looked.understood.proof);
    looked.with_places(|places| compose::graph(stack, &calls, &|_| None, places))
}

/// The graph of the objects.
pub fn of_objects(looked: &Looked) -> Graph {
    let stack = &looked.understood.stack;
    let calls = calls(stack, &looked.understood.proof);
    let workloads = looked.workloads();
    let role = |label: &str| {
        let (service, _) = workloads.iter().find(|(_, known)| *known == label)?;
        Some(compose::role(stack.services.get(service)?))
    };
    let workload = |service: &str| workloads.get(service).cloned();
    let title = looked.lowered.namespace.clone();
    looked.with_places(|places| kubernetes::graph(&title, &looked.lowered.objects, &calls, &workload, &role, places))
}

fn json(graph: &Graph, side: Side) -> String {
    let side = if side == Side::Compose { "compose" } else { "kubernetes" };
    let all = serde_json::json!({
        "version": 1,
        "side": side,
        "title": graph.title,
        "nodes": graph.nodes,
        "edges": graph.edges,
    });
    format!("{all:#}\n")
}
