//! What loading gives.

use std::path::PathBuf;

use tranship_source::yaml::{Map, Node};
use tranship_source::{Diagnostic, Sources, Span};

use crate::environment::Environment;

/// A resolved project.
#[derive(Clone, Debug)]
pub struct Project {
    /// The project's name.
    pub name: String,
    /// Where relative paths start, absolute.
    pub working_dir: PathBuf,
    /// The Compose files, absolute, in the order they were merged; `-` for the standard input.
    pub compose_files: Vec<String>,
    /// The canonical tree: as data what `docker compose config --format json` prints before it doubles every `$`, with
    /// top-level `models` and with `x-tranship` in every section, which docker compose prints as YAML alone. Keys stand in the order they were written. Every leaf has the span it was written at, and
    /// [`tranship_source::yaml::Meta::trail`] where variables or overrides made it.
    pub tree: Node,
    /// The variables the project was read with.
    pub environment: Environment,
    /// Profiles that are enabled.
    pub profiles: Vec<String>,
    /// Services that are left out, by name.
    pub disabled: Vec<Disabled>,
}

/// A service that profiles or the selection leave out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disabled {
    /// The service's name.
    pub name: String,
    /// Other names it would answer to on its networks: its host name, its container's name and its aliases.
    pub names: Vec<String>,
    /// The profiles it is in; empty when the selection left it out.
    pub profiles: Vec<String>,
    /// Where its name was written.
    pub span: Span,
    /// Whether a profile left it out, rather than the selection of services.
    pub by_profile: bool,
}

impl Project {
    /// The entries of a top-level section, such as `services`; `None` where it is absent.
    pub fn section(&self, name: &str) -> Option<&Map> {
        self.tree.get(name)?.as_map()
    }
}

/// Everything a load gives, whether it succeeded or not.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Every text that was read.
    pub sources: Sources,
    /// Faults and remarks, errors included, in the order they were found.
    pub diagnostics: Vec<Diagnostic>,
    /// The project; `None` exactly when a diagnostic is an error.
    pub project: Option<Project>,
}
