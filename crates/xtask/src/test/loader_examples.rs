//! The shown loader cases: small projects with the JSON the reference loader gives for each.

use anyhow::{Context as _, Result};
use serde_json::Value;
use tranship_testing::{Program, places};

use super::context::Context;
use super::outcome::Outcome;

/// One test per case.
pub fn run(context: &Context) -> Result<Outcome> {
    let Some(shared) = &context.shared else { return Ok(Outcome::no_shared()) };
    let Some(python) = places::program("python3") else {
        return Ok(Outcome::no_server("no python3 to run the cases with"));
    };
    let command = format!("{} config", context.tranship()?.display());
    let done =
        Program::new(python).arg(shared.join("loader-examples/run.py")).args(["--bin", &command, "--json"]).run()?;
    context.keep("loader-examples", &done)?;
    let report: Value = serde_json::from_slice(&done.stdout).with_context(|| done.last_words())?;
    let figure =
        |path: &str| report.pointer(path).and_then(Value::as_u64).with_context(|| format!("no {path} in the report"));
    let passed = usize::try_from(figure("/summary/passed")?)?;
    let total = usize::try_from(figure("/summary/total")?)?;
    let failures = report.get("failures").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let failures = failures.iter().map(line).collect();
    Ok(Outcome { passed, failed: total - passed, failures, ..Outcome::default() }.showing(12))
}

/// A case and why it failed.
fn line(failure: &Value) -> String {
    let text = |key: &str| failure.get(key).and_then(Value::as_str).unwrap_or("?");
    format!("{} {}: {}", text("id"), text("test"), text("why").split("\n\n").next().unwrap_or("?"))
}
