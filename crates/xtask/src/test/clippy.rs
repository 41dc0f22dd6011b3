//! clippy, where every warning counts as an error.

use std::collections::BTreeSet;

use anyhow::Result;

use super::context::Context;
use super::outcome::Outcome;
use crate::binary::cargo;

/// One test: no warning in any target of any crate.
///
/// Warnings stay warnings for the compiler: an error in one crate would keep it from looking at those that use it.
pub fn run(context: &Context) -> Result<Outcome> {
    let done = cargo(&["clippy", "--workspace", "--all-targets", "--keep-going", "--message-format", "short"]).run()?;
    context.keep("clippy", &done)?;
    let mut outcome = Outcome { failures: warnings(&done.talk()), ..Outcome::default() };
    match (done.code(), outcome.failures.len()) {
        (Some(0), 0) => outcome.passed = 1,
        (_, 0) => outcome.count(Err(done.last_words())),
        (_, many) => {
            outcome.failed = 1;
            outcome.notes.push(format!("{many} warnings; `cargo clippy` shows each in full"));
        }
    }
    Ok(outcome.showing(40))
}

/// The lines that name a place, each once: a library and its tests are checked separately.
fn warnings(talk: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let lines = talk.lines().filter(|line| line.contains(": warning: ") || line.contains(": error"));
    lines.filter(|line| seen.insert(*line)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::warnings;

    #[test]
    fn a_warning_in_a_library_and_its_tests_counts_once() {
        let line = "crates/a/src/b.rs:23:62: warning: implicitly cloning a `String`";
        let talk = format!("    Checking a v0.1.0\n{line}\nwarning: `a` (lib) generated 1 warning\n{line}\n");
        assert_eq!(warnings(&talk), [line]);
    }
}
