//! The loading stages, one file each, and the order they run in.

use tranship_source::{Diagnostic, Sources, World};

use crate::options::LoadOptions;
use crate::project::Loaded;

/// Loads a project.
pub fn load(_world: &dyn World, _options: &LoadOptions) -> Loaded {
    let fault = Diagnostic::error("not-ready", "the loader's stages are not connected yet");
    Loaded { sources: Sources::new(), diagnostics: vec![fault], project: None }
}
