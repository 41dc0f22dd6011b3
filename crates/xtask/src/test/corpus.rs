//! The real projects of the shared corpus: loaded, converted twice, dry-run on a real API server, which also has to admit
//! their pods as the report says.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tranship_testing::{Program, places};

use super::admission;
use super::context::Context;
use super::differential::project;
use super::outcome::{Outcome, Skipped};

/// One test per project.
pub fn run(context: &Context) -> Result<Outcome> {
    let Some(shared) = &context.shared else { return Ok(Outcome::no_shared()) };
    let Some(python) = places::program("python3") else {
        return Ok(Outcome::no_server("no python3 to run the corpus with"));
    };
    let report = context.log("corpus").with_extension("json");
    let mut program = Program::new(python)
        .arg(shared.join("checks/corpus.py"))
        .arg("--bin")
        .arg(context.tranship()?)
        .arg("--json")
        .arg(&report)
        .limit(Duration::from_secs(40 * 60));
    let server = context.server();
    if let Ok(server) = server {
        program = program.arg("--kubeconfig").arg(server.kubeconfig());
    }
    let done = program.run()?;
    context.keep("corpus", &done)?;
    let records = std::fs::read(&report).with_context(|| done.last_words())?;
    let records: Vec<Value> = serde_json::from_slice(&records).context("reading the corpus report")?;
    let mut outcome = Outcome::default();
    for record in &records {
        let id = record.get("id").and_then(Value::as_str).unwrap_or("?");
        let short = record.get("short").and_then(Value::as_array).and_then(|all| all.first());
        outcome.count(short.map_or(Ok(()), |first| Err(format!("{id}: {}", brief(first)))));
    }
    outcome.notes.extend(done.text().lines().last().map(str::to_owned));
    if let Ok(server) = server {
        let found = admission::admit(&project::corpus(shared)?, context.tranship()?, server)?;
        outcome.notes.push(found.told());
        outcome.count(if found.wrong.is_empty() {
            Ok(())
        } else {
            Err(format!("admission: {}", found.wrong.join("; ")))
        });
    }
    if let Err(reason) = server {
        outcome.not_run.push(Skipped { reason: format!("strict dry run of the objects: {reason}"), live: true });
    }
    Ok(outcome.showing(12))
}

/// A step and why it fell short, in one short line.
fn brief(short: &Value) -> String {
    let part = |at: usize| short.get(at).and_then(Value::as_str).unwrap_or("?");
    let why: String = part(1).replace('\n', " ").chars().take(200).collect();
    format!("{}: {why}", part(0))
}
