//! clippy, with every warning as an error.

use anyhow::Result;

use super::context::Context;
use super::outcome::Outcome;
use crate::binary::cargo;

/// One test: no warning in any target of any crate.
pub fn run(context: &Context) -> Result<Outcome> {
    let done =
        cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--keep-going", "--", "-D", "warnings"]).run()?;
    context.keep("clippy", &done)?;
    Ok(match done.code() {
        Some(0) => Outcome::pass(),
        _ => Outcome::failure(done.last_words()),
    })
}
