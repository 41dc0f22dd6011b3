//! The house rules that no compiler checks; see the `tidy` task.

use anyhow::Result;

use super::context::Context;
use super::outcome::Outcome;

/// One test per rule.
pub fn run(context: &Context) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let verdict = crate::tidy::check(&context.root)?;
    for (rule, faults) in verdict.rules {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        outcome.count(if lines.is_empty() { Ok(()) } else { Err(format!("{rule}:\n{}", lines.join("\n"))) });
    }
    outcome.notes = verdict.warnings.iter().map(|fault| format!("warning: {fault}")).collect();
    Ok(outcome)
}
