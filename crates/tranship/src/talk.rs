//! What the binary says: diagnostics and faults on stderr, data on stdout.

use std::io::{self, IsTerminal, Write};

use tranship_source::render::human;
use tranship_source::{Diagnostic, Sources};

use crate::cover;

/// Prints diagnostics for people.
pub fn diagnostics(diagnostics: &[Diagnostic], sources: &Sources) {
    tell(&rendered(diagnostics, sources));
}

/// Diagnostics for people, in colour where stderr is a terminal that wants it.
pub fn rendered(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = io::stderr().is_terminal() && !plain;
    match cover::shown(diagnostics, sources) {
        Some((diagnostics, sources)) => human(&diagnostics, &sources, colour),
        None => human(diagnostics, sources, colour),
    }
}

/// Prints what [`rendered`] gave.
pub fn tell(text: &str) {
    if !text.is_empty() {
        // Where stderr is closed there is no one to tell.
        let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
    }
}

/// Prints a fault that no place in a file explains, with its causes.
pub fn fault(fault: &anyhow::Error) {
    let _ = writeln!(io::stderr().lock(), "error: {fault:#}");
}

/// Prints data. A reader that has read enough is no fault.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(fault) if fault.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
