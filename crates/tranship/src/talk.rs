//! What goes to stderr (diagnostics and faults of the run itself), and data to stdout.

use std::io::Write;

use tranship_source::{Diagnostic, Sources};

/// Prints diagnostics for people.
pub fn diagnostics(diagnostics: &[Diagnostic], sources: &Sources) {
    for diagnostic in diagnostics {
        eprintln!("{}", tranship_source::render::plain(diagnostic, sources));
    }
}

/// Prints data on the standard output. A reader that went away, as `head` does, is no fault.
pub fn print(text: &str) -> std::io::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(fault) if fault.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Prints a fault that no place in a file explains, with its causes.
pub fn fault(fault: &anyhow::Error) {
    eprintln!("error: {fault:#}");
}
