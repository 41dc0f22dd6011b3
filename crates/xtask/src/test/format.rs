//! rustfmt.

use anyhow::Result;

use super::context::Context;
use super::outcome::Outcome;
use crate::binary::cargo;

/// One test: rustfmt would change nothing.
pub fn run(context: &Context) -> Result<Outcome> {
    let done = cargo(&["fmt", "--all", "--check"]).run()?;
    context.keep("format", &done)?;
    if done.code() == Some(0) {
        return Ok(Outcome::pass());
    }
    let mut files: Vec<String> = done.text().lines().filter_map(|line| changed(line, context)).collect();
    files.dedup();
    Ok(Outcome::failure(format!("`cargo fmt --all` would change:\n{}\n{}", files.join("\n"), done.talk())))
}

fn changed(line: &str, context: &Context) -> Option<String> {
    let place = line.strip_prefix("Diff in ")?;
    let path = place.split_once(".rs").map_or(place, |(stem, _)| stem);
    Some(format!("{}.rs", context.shown(path.as_ref())))
}
