//! What goes to stderr: diagnostics and faults of the run itself.

use tranship_source::{Diagnostic, Sources};

/// Prints diagnostics for people.
pub fn diagnostics(diagnostics: &[Diagnostic], sources: &Sources) {
    for diagnostic in diagnostics {
        eprintln!("{}", tranship_source::render::plain(diagnostic, sources));
    }
}

/// Prints a fault that no place in a file explains, with its causes.
pub fn fault(fault: &anyhow::Error) {
    eprintln!("error: {fault:#}");
}
