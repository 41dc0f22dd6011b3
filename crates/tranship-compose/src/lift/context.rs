//! What lifting carries along: the project's surroundings, the ledger, and what services share.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use tranship_model::{Blob, BuildSecretSource, Ledger, Origin, Outcome, Volume};
use tranship_source::{Diagnostic, Span, World};

use super::account::Leaves;
use super::{Input, Settings};
use crate::overrides::Overrides;

/// The state of one lift.
pub(super) struct Lifting<'a> {
    /// What is lifted.
    pub input: Input<'a>,
    /// Files and environment.
    pub world: &'a dyn World,
    /// What became of the leaves so far.
    pub ledger: Ledger,
    /// What was noticed so far.
    pub diagnostics: Vec<Diagnostic>,
    /// Volumes of the stack so far.
    pub volumes: IndexMap<String, Volume>,
    /// Configs of the stack so far.
    pub configs: IndexMap<String, Blob>,
    /// Secrets of the stack so far.
    pub secrets: IndexMap<String, Blob>,
    /// Where the values of secrets lie, for those who build.
    pub secret_sources: BTreeMap<String, BuildSecretSource>,
    /// Keys of volumes that stand for directories of the machine.
    pub host_volumes: BTreeMap<PathBuf, String>,
    /// Volumes that were taken out because they only shield a folder of an image.
    pub shields: BTreeSet<String>,
    /// Configs with credentials in them: their keys among the secrets, and why.
    pub hidden_configs: BTreeMap<String, (String, String)>,
    /// Blobs made from mounted files and directories.
    pub blobs: BTreeMap<PathBuf, SourceBlob>,
    /// What the user said, taken out part by part.
    pub said: Overrides,
    /// What the project says of the conversion itself.
    pub settings: Settings,
}

/// A blob made from what lies at a path.
#[derive(Clone, Debug)]
pub(super) struct SourceBlob {
    /// Its key among the configs or secrets.
    pub key: String,
    /// The file it holds; `None` for a directory.
    pub file: Option<String>,
    /// Why it is a secret; `None` for a config.
    pub secret: Option<String>,
}

impl<'a> Lifting<'a> {
    /// The start of a lift.
    pub fn new(input: Input<'a>, world: &'a dyn World) -> Self {
        Self {
            input,
            world,
            ledger: Ledger::new(),
            diagnostics: Vec::new(),
            volumes: IndexMap::new(),
            configs: IndexMap::new(),
            secrets: IndexMap::new(),
            secret_sources: BTreeMap::new(),
            host_volumes: BTreeMap::new(),
            shields: BTreeSet::new(),
            hidden_configs: BTreeMap::new(),
            blobs: BTreeMap::new(),
            said: Overrides::default(),
            settings: Settings::default(),
        }
    }

    /// Notes that leaves led to a decision and do not stand in the output.
    pub fn decided(&mut self, leaves: &(impl Leaves + ?Sized), why: &str) {
        let ledger = &mut self.ledger;
        leaves.each(&mut |at| ledger.note(at, Outcome::Decided { why: why.to_owned() }));
    }

    /// Notes that leaves are not in the output, and what to do about it.
    pub fn dropped(&mut self, leaves: &(impl Leaves + ?Sized), why: &str, todo: &str) {
        let ledger = &mut self.ledger;
        leaves.each(&mut |at| ledger.note(at, Outcome::Dropped { why: why.to_owned(), todo: todo.to_owned() }));
    }

    /// The origin of a value made of several typed ones.
    pub fn origin(parts: &[&dyn Leaves]) -> Origin {
        Origin::From(parts.iter().flat_map(|part| Leaves::list(*part)).collect())
    }

    /// A path seen from the project directory, `.` for itself; `None` where it lies outside.
    pub fn project_path(&self, path: &Path) -> Option<String> {
        let full = tranship_source::path::join(self.input.working_dir, path);
        let inside = full.strip_prefix(self.input.working_dir).ok()?.to_string_lossy().into_owned();
        Some(if inside.is_empty() { ".".to_owned() } else { inside })
    }

    /// A path as people know it: `./…` inside the project, else absolute.
    pub fn shown(&self, path: &Path) -> String {
        match self.project_path(path).as_deref() {
            Some(".") => ".".to_owned(),
            Some(inside) => format!("./{inside}"),
            None => path.display().to_string(),
        }
    }

    /// A warning at a place.
    pub fn warn(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::warning(code, message).at(span).help(help));
    }

    /// An error at a place.
    pub fn fail(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, message).at(span).help(help));
    }
}

/// A key that is not taken yet: `wanted`, or with the first number that makes it free.
pub(super) fn free_key<T>(taken: &IndexMap<String, T>, wanted: &str) -> String {
    let counted = (2..).map(|n| format!("{wanted}-{n}"));
    std::iter::once(wanted.to_owned()).chain(counted).find(|key| !taken.contains_key(key)).unwrap_or_default()
}

/// A path or text as one word of a key: what is neither letter, digit nor `.` becomes `-`.
pub(super) fn slug(text: &str) -> String {
    let mapped = text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '_' { c } else { '-' });
    let joined: String = mapped.collect();
    let parts: Vec<&str> = joined.split('-').filter(|part| !part.is_empty() && *part != ".").collect();
    parts.join("-").trim_start_matches('.').to_owned()
}
