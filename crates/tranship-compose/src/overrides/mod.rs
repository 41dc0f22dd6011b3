//! What users say outright: the `x-tranship` extension, and the labels of kompose, which come to the same structs.
//!
//! `keys.rs` is the one list of everything that can be said: each key with its type, a line of documentation, an example
//! and the fields of the model it decides. Reading, checking, the published schema, the reference page and the advice of
//! [`how_to`] all come from it. Start reading there; to add a key, add its line and use the field where its effect is.
//!
//! A value that is wrong or contradicts another is an error with the code `override-…`, after which nothing is written.

mod clash;
mod how;
mod keys;
mod kompose;
mod quantity;
mod read;
mod reference;
mod shape;
mod value;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use tranship_model::At;
use tranship_source::{Diagnostic, Severity, Span};

use crate::typed::{self, Extension};

pub use how::{HowTo, how_to};
pub use keys::{
    AccessMode, ClusterKind, ConcurrencyPolicy, EnvKind, ExposeKind, File, Front, Kind, Mount as MountKeys, MountKind,
    MountSaid, ObjectText, Probes, Project, PullPolicy, ResourceAmounts, RoleWord, Service, ServiceType, Switch,
    TrafficPolicy, Volume,
};
pub(crate) use kompose::{EVERY, is_label};
pub use kompose::{Effect, Label};
pub use quantity::Quantity;
pub use reference::{markdown, schema};
pub use shape::{KeyInfo, Shape};
pub use value::{Host, Name, ObjectName, Pairs, Probe, Tree};

/// The key of the extension.
pub const KEY: &str = "x-tranship";

/// Everything a project's users said, by part.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Of the whole project.
    pub project: Option<Project>,
    /// Of services that say anything.
    pub services: BTreeMap<String, Service>,
    /// Of volumes.
    pub volumes: BTreeMap<String, Volume>,
    /// Of configs.
    pub configs: BTreeMap<String, File>,
    /// Of secrets.
    pub secrets: BTreeMap<String, File>,
    /// Every value said in an extension, with the words it was written with.
    pub said: Vec<(At, String)>,
    /// Labels of kompose, and what became of each.
    pub labels: Vec<Label>,
    /// What was wrong and what is worth knowing.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads what a project's users said.
///
/// Errors: `override-unknown-key`, `override-type`, `override-value`, `override-place`, `override-contradiction`,
/// `override-name-twice`. Notes: `override-label`.
pub fn read(project: &typed::Project, misplaced: &[At]) -> Overrides {
    read::read(project, misplaced)
}

/// Whether something that was said is wrong, so that nothing should be written.
pub fn refused(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|fault| fault.severity == Severity::Error && fault.code.starts_with("override-"))
}

/// The project's own notes: extensions that are not ours.
pub(crate) fn notes(extensions: &[Extension]) -> Vec<&Extension> {
    extensions.iter().filter(|extension| extension.key != KEY).collect()
}

/// Whether something can be said in a section of the typed view.
pub(crate) fn has(section: &str) -> bool {
    matches!(section, "Project" | "Service" | "Volume" | "FileObject")
}

/// The first place of a value that was said.
pub(crate) fn span_of(value: &impl value::Read) -> Span {
    value.places().first().map_or(Span::NONE, |at| at.span)
}
