//! The loader: any bytes as a Compose file end as a project, or as faults with a message.

use tranship_compose::{LoadOptions, Loaded, load};
use tranship_source::Severity;

use crate::world::around;

/// Loads the bytes twice, beside the few files that the seeds refer to.
pub fn run(bytes: &[u8]) {
    let world = around(bytes);
    let first = load(&world, &LoadOptions::default());
    promises(&first);
    let second = load(&world, &LoadOptions::default());
    assert_eq!(first.diagnostics, second.diagnostics, "two runs say different things");
    assert_eq!(first.project.map(|p| p.tree), second.project.map(|p| p.tree), "two runs read different projects");
}

fn promises(loaded: &Loaded) {
    let errors = loaded.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    assert!(loaded.project.is_some() || errors > 0, "no project and not a word why");
    assert!(loaded.project.is_none() || errors == 0, "a project in spite of errors");
    for diagnostic in &loaded.diagnostics {
        assert!(!diagnostic.message.trim().is_empty(), "a diagnostic without a message");
        let place = diagnostic.primary.as_ref().map(|label| label.span);
        let found = place.is_none_or(|span| span.is_none() || loaded.sources.place(span).is_some());
        assert!(found, "a diagnostic points nowhere: {diagnostic:?}");
    }
}
