//! Generated files are up to date.

use anyhow::Result;

use super::context::Context;
use super::outcome::Outcome;

/// One test per generated file.
pub fn run(context: &Context) -> Result<Outcome> {
    let stale = crate::r#gen::stale(&context.root)?;
    let all = crate::r#gen::generated(&context.root)?.len();
    let mut outcome = Outcome { passed: all - stale.len(), ..Outcome::default() };
    for path in stale {
        outcome.count(Err(format!("{path} is out of date: `cargo xtask gen` writes it")));
    }
    Ok(outcome)
}
