//! How a test says that it could not run on this machine, so that nobody mistakes its silence for success; and how it
//! shows figures when all is well.
//!
//! Cargo knows passed, failed and ignored, and hides what a passing test prints. So the note goes into the file that
//! the test command names in [`NOTES`]; it counts such a test as not run, prints the note in its closing lines, and on
//! a CI machine calls it a failure.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;

/// The variable by which the test command names the file that takes the notes.
pub const NOTES: &str = "TRANSHIP_TEST_NOTES";

/// How every note ends that only says the shared material is no part of this clone, which is no failure anywhere.
pub const NO_SHARED: &str = "no shared folder beside this clone";

/// How every note ends that only says no container engine can be started here, which not every CI machine lets one do.
pub const NO_ENGINE: &str = "no Docker engine can be started here (it needs root and `dockerd`)";

/// Notes that the calling test needs the shared material ([`crate::places::shared`]), which is absent.
///
/// # Panics
/// As [`not_run`].
pub fn no_shared() {
    not_run(NO_SHARED);
}

/// Notes that the calling test did not run, and why. Return from the test right after.
///
/// # Panics
/// When the note cannot be written: a lost note would look like a test that passed.
///
/// ```
/// # fn live() {
/// let Ok(server) = tranship_testing::ApiServer::shared() else {
///     return tranship_testing::not_run("no API server here");
/// };
/// # let _ = server;
/// # }
/// ```
pub fn not_run(reason: &str) {
    let thread = std::thread::current();
    note(&format!("{}: {}", thread.name().unwrap_or("a test"), reason.replace('\n', " ")));
}

/// How a line starts that is to be shown and says nothing about what did not run.
pub const SHOWN: &str = "= ";

/// Shows a line, such as a row of a table, in the output of the test command.
///
/// # Panics
/// As [`not_run`].
pub fn tell(line: &str) {
    note(&format!("{SHOWN}{line}"));
}

fn note(line: &str) {
    let line = format!("{line}\n");
    if let Some(file) = env::var_os(NOTES) {
        // One write call per note: appends of several test processes do not mix.
        let opened = OpenOptions::new().create(true).append(true).open(&file);
        let written = opened.and_then(|mut notes| notes.write_all(line.as_bytes()));
        assert!(written.is_ok(), "the note `{}` could not be written to {}", line.trim_end(), file.display());
    } else {
        report(&line);
    }
}

/// Without the test command the note is for the person who runs one test by hand.
#[expect(clippy::print_stderr, reason = "seen with `cargo test -- --nocapture`")]
fn report(line: &str) {
    match line.strip_prefix(SHOWN) {
        Some(line) => eprint!("{line}"),
        None => eprint!("not run: {line}"),
    }
}
