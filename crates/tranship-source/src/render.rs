//! Diagnostics for people and for programs.

use crate::diagnostic::Diagnostic;
use crate::span::Sources;

/// One line per diagnostic: `place: severity[code]: message`, and the help below it.
pub fn plain(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let place = diagnostic.primary.as_ref().and_then(|label| sources.place(label.span));
    let place = place.map(|p| format!("{p}: ")).unwrap_or_default();
    let help = diagnostic.help.as_ref().map(|h| format!("\n  help: {h}")).unwrap_or_default();
    format!("{place}{}[{}]: {}{help}", diagnostic.severity.as_str(), diagnostic.code, diagnostic.message)
}
