//! rustdoc, with every warning as an error.

use anyhow::Result;

use super::context::Context;
use super::outcome::Outcome;
use crate::binary::cargo;

/// One test: the documentation builds without a warning.
pub fn run(context: &Context) -> Result<Outcome> {
    let cargo = cargo(&["doc", "--quiet", "--workspace", "--no-deps", "--document-private-items", "--keep-going"]);
    let done = cargo.env("RUSTDOCFLAGS", "-D warnings").run()?;
    context.keep("docs", &done)?;
    Ok(match done.code() {
        Some(0) => Outcome::pass(),
        _ => Outcome::failure(done.last_words()),
    })
}
