//! `cargo test` over all crates, counted test by test, with the notes of tests that could not run.

use std::fs;

use anyhow::{Context as _, Result};
use tranship_testing::{api_server, not_run};

use super::context::Context;
use super::outcome::{Outcome, Skipped};
use crate::binary::cargo;

/// Every test that Cargo knows.
pub fn run(context: &Context) -> Result<Outcome> {
    let notes = context.log("units").with_extension("notes");
    let mut cargo = cargo(&["test", "--workspace", "--no-fail-fast"]).env(not_run::NOTES, &notes);
    if let Ok(server) = context.server() {
        // One server for all test processes instead of one each.
        cargo = cargo.env(api_server::KUBECONFIG, server.kubeconfig());
    }
    let done = cargo.run()?;
    context.keep("units", &done)?;
    let mut outcome = count(&done.text());
    if done.code() != Some(0) && outcome.failed == 0 {
        outcome.count(Err(done.last_words()));
    }
    let notes =
        if notes.is_file() { fs::read_to_string(&notes).context("reading the notes of tests")? } else { String::new() };
    take_notes(&mut outcome, &notes);
    Ok(outcome)
}

/// Reads Cargo's summary lines and the names of failed tests.
pub(super) fn count(output: &str) -> Outcome {
    let mut outcome = Outcome::default();
    for line in output.lines() {
        if let Some(summary) = line.strip_prefix("test result: ") {
            outcome.passed += figure(summary, "passed");
            outcome.failed += figure(summary, "failed");
            let ignored = figure(summary, "ignored");
            if ignored > 0 {
                outcome.not_run.push(Skipped { reason: format!("{ignored} tests marked `ignore`"), live: false });
            }
        } else if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
            outcome.failures.push(name.to_owned());
        }
    }
    outcome
}

/// The number before a word in `ok. 12 passed; 0 failed; …`.
fn figure(summary: &str, word: &str) -> usize {
    let before = summary.split([';', '.']).find_map(|part| part.trim().strip_suffix(word));
    before.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
}

/// A test with a note ended well without testing: it did not pass, it did not run.
fn take_notes(outcome: &mut Outcome, notes: &str) {
    for note in notes.lines() {
        if let Some(line) = note.strip_prefix(not_run::SHOWN) {
            outcome.notes.push(line.to_owned());
            continue;
        }
        outcome.passed = outcome.passed.saturating_sub(1);
        let live = ![not_run::NO_SHARED, not_run::NO_ENGINE].iter().any(|end| note.ends_with(end));
        outcome.not_run.push(Skipped { reason: note.to_owned(), live });
    }
}

#[cfg(test)]
mod tests {
    use super::{count, take_notes};

    const OUTPUT: &str = "running 3 tests\ntest a::b ... ok\ntest c ... FAILED\n\n\
        test result: FAILED. 12 passed; 1 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.01s\n\
        test result: ok. 30 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 1.00s\n";

    #[test]
    fn tests_are_counted_over_all_summaries() {
        let outcome = count(OUTPUT);
        assert_eq!((outcome.passed, outcome.failed, outcome.not_run.len()), (42, 1, 1));
        assert_eq!(outcome.failures, ["c"]);
    }

    #[test]
    fn a_test_that_notes_it_did_not_run_is_no_pass() {
        let mut outcome = count(OUTPUT);
        take_notes(&mut outcome, "live::applies: no etcd\nseeds: no shared folder beside this clone\n= 7 of 9\n");
        assert_eq!((outcome.passed, outcome.notes.len()), (40, 1));
        assert_eq!(outcome.live_must_run().failed, 2);
    }
}
