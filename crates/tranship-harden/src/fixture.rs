//! Stacks for the tests, from Compose text.

use std::path::Path;

use tranship_compose::{LoadOptions, load};
use tranship_model::Stack;
use tranship_source::{Diagnostic, MemoryWorld};

/// The stack of a Compose file and the files beside it.
pub(crate) fn stack_with(compose: &str, files: &[(&str, &str)]) -> Stack {
    let mut world = MemoryWorld::new().with("compose.yaml", compose);
    for (path, text) in files {
        world = world.with(Path::new(path), *text);
    }
    let loaded = load(&world, &LoadOptions::default());
    let Some(project) = loaded.project else { panic!("{:?}", loaded.diagnostics) };
    tranship_compose::lift::lift(&project, &loaded.sources, &world).value.stack
}

/// The stack of a Compose file.
pub(crate) fn stack(compose: &str) -> Stack {
    stack_with(compose, &[])
}

/// `severity code: message | help` of each diagnostic.
pub(crate) fn lines(diagnostics: &[Diagnostic]) -> Vec<String> {
    let line = |d: &Diagnostic| {
        format!("{} {}: {} | {}", d.severity.as_str(), d.code, d.message, d.help.as_deref().unwrap_or(""))
    };
    diagnostics.iter().map(line).collect()
}

/// `severity code` of each diagnostic.
pub(crate) fn codes(diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(|d| format!("{} {}", d.severity.as_str(), d.code)).collect()
}
