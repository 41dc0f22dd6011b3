//! What every stage shares: the world, the texts read so far and the faults found so far.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::blame::Blame;
use tranship_source::yaml::{self, Node, ParseOptions};
use tranship_source::{Code, Diagnostic, FileId, Severity, Sources, Span, World};

/// The state of one load.
pub(crate) struct Run<'w> {
    /// Where files and variables are seen.
    pub(crate) world: &'w dyn World,
    /// Every text read so far.
    pub(crate) sources: Sources,
    /// Everything found so far.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What was said, so that nothing is said twice.
    said: BTreeSet<(Code, Option<Span>, String)>,
    /// Where errors lie.
    blame: Blame,
    /// Files that were read, by their absolute path.
    read: BTreeMap<PathBuf, (FileId, Arc<str>)>,
    /// Documents that were looked at, but not yet taken.
    parsed: BTreeMap<FileId, Vec<Node>>,
    /// Variables a warning was given for.
    unset: BTreeSet<String>,
}

impl<'w> Run<'w> {
    pub(crate) fn new(world: &'w dyn World) -> Self {
        let (sources, diagnostics) = (Sources::new(), Vec::new());
        Self {
            world,
            sources,
            diagnostics,
            said: BTreeSet::new(),
            blame: Blame::default(),
            read: BTreeMap::new(),
            parsed: BTreeMap::new(),
            unset: BTreeSet::new(),
        }
    }

    /// Notes a fault or remark, unless it only follows from an error at the same place.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        let place = diagnostic.primary.as_ref().map(|label| label.span);
        let follows = diagnostic.severity == Severity::Error && place.is_some_and(|span| self.blamed(span));
        // The same fault is found again where a file is read twice.
        let same = (diagnostic.code, place, diagnostic.message.clone());
        if follows || !self.said.insert(same) {
            return;
        }
        if let (Severity::Error, Some(span)) = (diagnostic.severity, place) {
            self.blame.add(span);
        }
        self.diagnostics.push(diagnostic);
    }

    /// Notes several faults.
    pub(crate) fn report_all(&mut self, diagnostics: Vec<Diagnostic>) {
        for diagnostic in diagnostics {
            self.report(diagnostic);
        }
    }

    /// Whether an error lies at or around a place.
    fn blamed(&self, span: Span) -> bool {
        self.blame.around(span)
    }

    /// Whether an error lies inside a place.
    pub(crate) fn faulty(&self, span: Span) -> bool {
        self.blame.inside(span)
    }

    /// Whether anything found so far is an error.
    pub(crate) fn failed(&self) -> bool {
        self.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }

    /// Warns once for each name that a variable is not set.
    pub(crate) fn unset(&mut self, name: &str, at: Span) {
        if self.unset.insert(name.to_owned()) {
            let message = format!("variable `{name}` is not set and becomes empty");
            let help =
                format!("set `{name}` in the environment or an env file, or give it a default: `${{{name}:-…}}`");
            self.report(Diagnostic::warning("variable-unset", message).at(at).help(help));
        }
    }

    /// The path seen from the directory the command was started in.
    pub(crate) fn absolute(&self, path: &Path) -> PathBuf {
        tranship_source::path::join(self.world.current_dir(), path)
    }

    /// The path as people know it: relative where it lies below the current directory.
    pub(crate) fn shown(&self, path: &Path) -> String {
        let absolute = self.absolute(path);
        absolute.strip_prefix(self.world.current_dir()).unwrap_or(&absolute).display().to_string()
    }

    /// The text of a file, read once however often it is asked for.
    pub(crate) fn text(&mut self, path: &Path) -> Result<(FileId, Arc<str>), Box<Diagnostic>> {
        let absolute = self.absolute(path);
        if let Some(known) = self.read.get(&absolute) {
            return Ok(known.clone());
        }
        let shown = self.shown(&absolute);
        let bytes = self.world.read(&absolute).map_err(|fault| Box::new(unreadable(&shown, &fault)))?;
        let known = self.add(shown, bytes)?;
        self.read.insert(absolute, known.clone());
        Ok(known)
    }

    /// Keeps a text that is no file.
    pub(crate) fn add(&mut self, name: String, bytes: Vec<u8>) -> Result<(FileId, Arc<str>), Box<Diagnostic>> {
        let decoded = yaml::decode(bytes);
        let text: Arc<str> = decoded.text.as_str().into();
        let id = self.sources.add(name, Arc::clone(&text));
        match decoded.fault(id) {
            Some(fault) => Err(Box::new(fault)),
            None => Ok((id, text)),
        }
    }

    /// The YAML documents of a text; faults are reported.
    pub(crate) fn documents(&mut self, file: FileId, text: &str) -> Vec<Node> {
        if let Some(known) = self.parsed.remove(&file) {
            return known;
        }
        let parsed = yaml::parse_with(file, text, ParseOptions { comments: false, ..ParseOptions::default() });
        for diagnostic in parsed.diagnostics {
            self.report(diagnostic);
        }
        parsed.value
    }

    /// The documents of a text, before they are asked for.
    pub(crate) fn peek(&mut self, file: FileId, text: &str) -> &[Node] {
        let documents = self.documents(file, text);
        self.parsed.entry(file).or_insert(documents)
    }
}

/// The fault of a file that cannot be read.
pub(crate) fn unreadable(shown: &str, fault: &std::io::Error) -> Diagnostic {
    let (what, help) = match fault.kind() {
        std::io::ErrorKind::NotFound => ("does not exist", "check the path, or create the file"),
        std::io::ErrorKind::IsADirectory => ("is a directory, not a file", "name a file inside it"),
        std::io::ErrorKind::PermissionDenied => ("may not be read", "give your user permission to read it"),
        _ => return Diagnostic::error("file-unreadable", format!("`{shown}` cannot be read: {fault}")),
    };
    Diagnostic::error("file-unreadable", format!("`{shown}` {what}")).help(help)
}
