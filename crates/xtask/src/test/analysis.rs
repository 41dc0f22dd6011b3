//! `analyze`, `graph` and `overhead` on our examples and the shared corpus: they end well, every edge has evidence, and
//! places are named from the project.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tranship_testing::{Finished, Program};

use super::context::Context;
use super::differential::on_two_threads;
use super::differential::project::{self, Project};
use super::outcome::{Outcome, Skipped};

/// What one project came to.
#[derive(Default)]
struct Record {
    edges: usize,
    services: usize,
    made: usize,
    short: Vec<String>,
}

/// One test per accepted project.
pub fn run(context: &Context) -> Result<Outcome> {
    let mut projects = project::examples(&context.root)?;
    let shared = context.shared.as_deref();
    projects.extend(shared.map(project::corpus).transpose()?.unwrap_or_default());
    let tranship = context.tranship()?;
    let records = on_two_threads(&projects, |project| look(project, tranship));
    let mut outcome = Outcome::default();
    let (mut edges, mut services, mut made, mut accepted) = (0, 0, 0, 0);
    for (project, record) in projects.iter().zip(records) {
        let Some(record) = record.with_context(|| project.id.clone())? else { continue };
        accepted += 1;
        (edges, services, made) = (edges + record.edges, services + record.services, made + record.made);
        let first = record.short.first().map(|why| format!("{}: {why}", project.id));
        outcome.count(first.map_or(Ok(()), Err));
    }
    if edges == 0 || made == 0 {
        outcome.count(Err("nothing was found in any project".to_owned()));
    }
    outcome.notes.push(format!(
        "{accepted} projects, {services} services, {made} with a framework or a runtime, {edges} edges with evidence"
    ));
    if shared.is_none() {
        outcome.not_run.push(Skipped { live: false, ..Outcome::no_shared().not_run.remove(0) });
    }
    Ok(outcome.showing(12))
}

/// `None` for a project that is refused, which other stages look at.
fn look(project: &Project, tranship: &Path) -> Result<Option<Record>> {
    let (folder, work) = project.copy()?;
    let call = |words: &[&str]| -> Result<Finished> {
        let mut program = Program::new(tranship).args(project.flags()).args(words);
        for (name, value) in &project.env {
            program = program.env(name, value);
        }
        Ok(program.dir(&work).only_own_env().run()?)
    };
    let mut record = Record::default();
    let analysis = call(&["analyze", "--as", "json"])?;
    if analysis.code() == Some(2) {
        return Ok(None);
    }
    let kubernetes = call(&["graph", "--side", "kubernetes", "--as", "json"])?;
    for (name, done) in [("analyze", &analysis), ("graph --side kubernetes", &kubernetes)] {
        if done.code() != Some(0) {
            record.short.push(format!("{name} ended with {:?}: {}", done.code(), done.last_words()));
            return Ok(Some(record));
        }
        let value: Value = serde_json::from_str(&done.text()).with_context(|| done.last_words())?;
        let graph = value.get("graph").unwrap_or(&value);
        record.edges += edges(name, graph, &mut record.short);
        for service in value["services"].as_array().into_iter().flatten() {
            record.services += 1;
            record.made += usize::from(!service["framework"].is_null() || !service["runtime"].is_null());
        }
    }
    for form in ["text", "mermaid", "dot", "svg"] {
        let done = call(&["graph", "--as", form])?;
        if done.code() != Some(0) {
            record.short.push(format!("graph --as {form}: {}", done.last_words()));
        }
    }
    let overhead = call(&["overhead", "--as", "html"])?;
    if overhead.code() != Some(0) {
        record.short.push(format!("overhead: {}", overhead.last_words()));
    }
    let value: Value = serde_json::from_str(&analysis.text()).with_context(|| analysis.last_words())?;
    if let Some(place) = absolute(&value) {
        record.short.push(format!("a place is named from the machine's root: {place}"));
    }
    drop(folder);
    Ok(Some(record))
}

/// The first place of a file or folder of the project that is not named from the project. What the project mounts from
/// elsewhere is no such place.
fn absolute(value: &Value) -> Option<String> {
    match value {
        Value::Object(map) => map.iter().find_map(|(key, value)| match value.as_str() {
            Some(text) if matches!(key.as_str(), "file" | "context" | "dockerfile") => {
                text.starts_with('/').then(|| text.to_owned())
            }
            _ => absolute(value),
        }),
        Value::Array(items) => items.iter().find_map(absolute),
        _ => None,
    }
}

/// How many edges a graph has; those without evidence, or between nodes that are not there, fall short.
fn edges(name: &str, graph: &Value, short: &mut Vec<String>) -> usize {
    let nodes = graph["nodes"].as_array().map_or(0, Vec::len) as u64;
    let edges = graph["edges"].as_array().map(Vec::as_slice).unwrap_or_default();
    for edge in edges {
        let shown = edge["evidence"].as_array().is_some_and(|all| !all.is_empty());
        let there = ["from", "to"].iter().all(|end| edge[*end].as_u64().is_some_and(|at| at < nodes));
        if !shown || !there {
            short.push(format!("{name}: an edge without evidence or ends: {edge}"));
        }
    }
    edges.len()
}
