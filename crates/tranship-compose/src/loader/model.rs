//! Files to one model: each document is read, completed by what it includes and extends, and merged over the former.

use std::collections::BTreeMap;
use std::sync::Arc;

use tranship_source::yaml::{Map, Node, Value};
use tranship_source::{Diagnostic, FileId};

use super::extends::Extends;
use super::include::{self, Included};
use super::path::Path;
use super::run::Run;
use super::tags::{self, Resets};
use super::{canonical, defaults, interpolate, merge, normalize, paths, rules, unique};
use crate::environment::Environment;

/// A Compose file that was read.
#[derive(Clone, Debug)]
pub(crate) struct ConfigFile {
    /// Its absolute path, or `-`.
    pub(crate) name: String,
    pub(crate) id: FileId,
    pub(crate) text: Arc<str>,
}

/// Which stages a model goes through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stages {
    pub(crate) interpolate: bool,
    pub(crate) include: bool,
    pub(crate) extends: bool,
    pub(crate) validate: bool,
    pub(crate) resolve_paths: bool,
}

/// What a group of files is read with.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// Where files named in these files are looked for.
    pub(crate) files_dir: String,
    /// Where relative paths start; relative itself for included files.
    pub(crate) working_dir: String,
    pub(crate) environment: Arc<Environment>,
    pub(crate) stages: Stages,
    /// The files that led here, to find cycles.
    pub(crate) included: Vec<String>,
}

/// Models that were included before, so that a file reached twice is read once.
pub(crate) type Known = BTreeMap<Vec<String>, Node>;

/// Reads files into one model, in docker compose's order of stages.
pub(crate) fn load(run: &mut Run<'_>, known: &mut Known, scope: &Scope, files: &[ConfigFile]) -> Node {
    let mut model = Node::from(Map::default());
    let mut extends = Extends::default();
    for file in files {
        model = load_file(run, known, &mut extends, scope, file, model).0;
    }
    defaults::fill(run, &mut model);
    if scope.stages.validate {
        rules::check(run, &model);
    }
    if scope.stages.resolve_paths {
        paths::resolve(run, &mut model, &scope.working_dir);
    }
    normalize::resolve_lists(&mut model, &scope.environment);
    model
}

/// Merges a file's documents over `model`. Also gives what the last document resets.
pub(crate) fn load_file(
    run: &mut Run<'_>,
    known: &mut Known,
    extends: &mut Extends,
    scope: &Scope,
    file: &ConfigFile,
    mut model: Node,
) -> (Node, Resets) {
    let mut resets = Resets::default();
    for mut document in run.documents(file.id, &file.text) {
        if document.as_map().is_none() {
            let message = format!("`{}` holds {}, not a mapping", run.shown(file.name.as_ref()), document.type_name());
            let help = "a Compose file starts with keys such as `services:`";
            run.report(Diagnostic::error("not-a-mapping", message).at(document.span).help(help));
            continue;
        }
        resets = tags::take(&mut document);
        if scope.stages.interpolate {
            interpolate::interpolate(run, &mut document, &scope.environment);
        }
        if scope.stages.include {
            include::apply(run, known, &Included { scope, file: &file.name, resets: &resets }, &mut document);
        }
        resets.apply(&mut model, &Path::ROOT);
        if scope.stages.extends {
            extends.apply(run, known, scope, &file.name, &resets, &mut document);
        }
        model = add(run, scope, model, document);
    }
    (model, resets)
}

/// Merges one document over the model and checks and straightens the result.
fn add(run: &mut Run<'_>, scope: &Scope, model: Node, document: Node) -> Node {
    let mut faults = Vec::new();
    let span = document.span;
    let mut model = merge::merge(model, document, &Path::ROOT, &mut faults);
    if model.span.is_none() {
        model.span = span;
    }
    run.report_all(faults);
    unique::enforce(run, &mut model);
    if scope.stages.validate {
        validate(run, &mut model);
    }
    canonical::canonical(run, &mut model, !scope.stages.interpolate);
    unique::enforce(run, &mut model);
    model
}

fn validate(run: &mut Run<'_>, model: &mut Node) {
    super::check_schema(run, model);
    let Value::Mapping(map) = &mut model.value else { return };
    if let Some((key, _)) = map.shift_remove_entry("version") {
        let message = "`version` is obsolete and has no effect";
        run.report(Diagnostic::warning("obsolete-version", message).at(key.span).help("remove the line"));
    }
}
