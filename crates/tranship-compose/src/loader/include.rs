//! `include`: other projects, read with their own directory and variables, whose resources join this one's.

use std::sync::Arc;

use tranship_source::yaml::{Key, Map, Node, Value};
use tranship_source::{Diagnostic, Kind, Span};

use super::extends::directory;
use super::model::{self, ConfigFile, Known, Scope, Stages};
use super::path::Path;
use super::run::Run;
use super::tags::Resets;
use super::{env_files, file, merge, remote};
use crate::environment::Environment;

/// The document that includes.
pub(crate) struct Included<'i> {
    pub(crate) scope: &'i Scope,
    pub(crate) file: &'i str,
    pub(crate) resets: &'i Resets,
}

/// One entry of `include`.
struct Entry {
    paths: Vec<Node>,
    project_directory: Option<Node>,
    env_files: Vec<Node>,
}

/// Reads what a document includes into it.
pub(crate) fn apply(run: &mut Run<'_>, known: &mut Known, from: &Included<'_>, document: &mut Node) {
    let Some(model) = document.as_map_mut() else { return };
    let Some(include) = model.shift_remove("include") else { return };
    let items = match include.value {
        Value::Null => return,
        Value::Sequence(items) => items,
        value => {
            let node = Node { value, ..include };
            let message = format!("`include` must be a list, not {}", node.type_name());
            run.report(Diagnostic::error("wrong-type", message).at(node.span).help("put `- ` before the path"));
            return;
        }
    };
    for (index, item) in items.iter().enumerate() {
        let root = Path::ROOT;
        let Some(entry) = entry(run, item, &root.key("include").item(index)) else { continue };
        if let Some(mut included) = load(run, known, from, &entry, item.span) {
            import(run, &mut included, model, from.resets);
        }
    }
}

fn entry(run: &mut Run<'_>, item: &Node, path: &Path<'_>) -> Option<Entry> {
    if item.as_str().is_some() {
        return Some(Entry { paths: vec![item.clone()], project_directory: None, env_files: Vec::new() });
    }
    if item.as_map().is_none() {
        let message = format!("`{path}` must be a path or a mapping, not {}", item.type_name());
        run.report(Diagnostic::error("wrong-type", message).at(item.span));
        return None;
    }
    let mut texts = |key: &str| match item.get(key) {
        None => Some(Vec::new()),
        Some(node) if node.is_null() => Some(Vec::new()),
        Some(node) => {
            let items = node.as_seq().unwrap_or(std::slice::from_ref(node));
            if let Some(bad) = items.iter().find(|item| item.as_str().is_none()) {
                let message = format!("`{path}.{key}` must be text, not {}", bad.type_name());
                run.report(Diagnostic::error("wrong-type", message).at(bad.span));
                return None;
            }
            Some(items.to_vec())
        }
    };
    let (paths, env_files, directories) = (texts("path")?, texts("env_file")?, texts("project_directory")?);
    let project_directory = directories.into_iter().next().filter(|node| node.as_str() != Some(""));
    Some(Entry { paths, project_directory, env_files })
}

fn load(run: &mut Run<'_>, known: &mut Known, from: &Included<'_>, entry: &Entry, at: Span) -> Option<Node> {
    let files_dir = &from.scope.files_dir;
    let mut locals = Vec::new();
    for node in &entry.paths {
        let path = node.as_str().unwrap_or("");
        if remote::is_remote(path) {
            run.report(remote::refusal(path).at(node.span));
            return None;
        }
        locals.push((file::absolute(files_dir, path), node));
    }
    let (main, _) = locals.first()?;
    if from.scope.included.iter().chain([&from.file.to_owned()]).any(|seen| seen == main) {
        let way: Vec<String> = from
            .scope
            .included
            .iter()
            .map(String::as_str)
            .chain([from.file, main.as_str()])
            .map(|f| run.shown(f.as_ref()))
            .collect();
        let message = format!("files include each other in a circle: {}", way.join(" -> "));
        run.report(Diagnostic::error("include-cycle", message).at(at).help("remove one of the includes"));
        return None;
    }
    let (working_dir, project_dir) = directories(run, from, entry, main);
    let environment = environment(run, from, entry, &project_dir)?;
    let key = cache_key(&locals, &working_dir, &project_dir, &environment);
    if let Some(model) = known.get(&key) {
        return Some(model.clone());
    }
    let files = read(run, &locals)?;
    let stages = Stages { resolve_paths: true, ..from.scope.stages };
    let mut included = from.scope.included.clone();
    included.push(from.file.to_owned());
    let scope = Scope { files_dir: project_dir, working_dir, environment, stages, included };
    let model = model::load(run, known, &scope, &files);
    known.insert(key, model.clone());
    Some(model)
}

fn read(run: &mut Run<'_>, locals: &[(String, &Node)]) -> Option<Vec<ConfigFile>> {
    let mut files = Vec::new();
    for (local, node) in locals {
        match run.text(local.as_ref()) {
            Ok((id, text)) => files.push(ConfigFile { name: local.clone(), id, text }),
            Err(fault) => run.report(fault.at(node.span)),
        }
    }
    (files.len() == locals.len()).then_some(files)
}

/// Where the included project's relative paths start, seen from here, and its directory.
fn directories(run: &Run<'_>, from: &Included<'_>, entry: &Entry, main: &str) -> (String, String) {
    let files_dir = &from.scope.files_dir;
    match entry.project_directory.as_ref().and_then(Node::as_str) {
        None => (directory(run, files_dir, main), file::parent(main)),
        Some(dir) if file::is_absolute(dir) => (dir.to_owned(), dir.to_owned()),
        Some(dir) => (directory(run, files_dir, dir), file::join(&from.scope.working_dir, dir)),
    }
}

/// The variables of the included project: those of this one, and those of its env files.
fn environment(run: &mut Run<'_>, from: &Included<'_>, entry: &Entry, project_dir: &str) -> Option<Arc<Environment>> {
    let kind = |run: &Run<'_>, path: &str| run.world.stat(path.as_ref()).map(|stat| stat.kind);
    let mut files = Vec::new();
    if entry.env_files.is_empty() {
        let default = file::join(project_dir, ".env");
        if kind(run, &default).is_ok_and(|kind| kind != Kind::Directory) {
            files.push((default, Span::NONE));
        }
    }
    for node in &entry.env_files {
        let path = node.as_str().unwrap_or("");
        if path != "/dev/null" {
            files.push((file::absolute(&from.scope.working_dir, path), node.span));
        }
    }
    let mut environment = Environment::clone(&from.scope.environment);
    let before = run.failed();
    for fault in env_files::read_variables(run, &mut environment, &files) {
        run.report(fault);
    }
    (before || !run.failed()).then(|| Arc::new(environment))
}

fn cache_key(
    locals: &[(String, &Node)],
    working_dir: &str,
    project_dir: &str,
    environment: &Environment,
) -> Vec<String> {
    let mut key: Vec<String> = locals.iter().map(|(local, _)| local.clone()).collect();
    key.extend([String::new(), working_dir.to_owned(), project_dir.to_owned()]);
    key.extend(environment.iter().map(|(name, variable)| format!("{name}={}", variable.value)));
    key
}

/// Adds the included resources; where both define one, this document's stands over the included.
fn import(run: &mut Run<'_>, included: &mut Node, model: &mut Map, resets: &Resets) {
    for section in ["services", "volumes", "networks", "secrets", "configs", "models"] {
        let resources = included.as_map_mut().and_then(|i| i.shift_remove(section));
        let Some(Node { value: Value::Mapping(resources), span, .. }) = resources else { continue };
        let target = model.entry(Key::from(section)).or_insert_with(|| Node::new(Value::Mapping(Map::default()), span));
        if target.is_null() {
            target.value = Value::Mapping(Map::default());
        }
        let Some(target) = target.as_map_mut() else { continue };
        for (name, resource) in resources {
            add(run, target, section, name, resource, resets);
        }
    }
}

fn add(run: &mut Run<'_>, target: &mut Map, section: &str, name: Key, mut resource: Node, resets: &Resets) {
    let Some(slot) = target.get_mut(name.text.as_str()) else {
        target.insert(name, resource);
        return;
    };
    if *slot == resource {
        return;
    }
    let root = Path::ROOT;
    let section = root.key(section);
    let path = section.key(&name.text);
    resets.apply(&mut resource, &path);
    let own = std::mem::replace(slot, Value::Null.into());
    let mut faults = Vec::new();
    *slot = merge::merge(resource, own, &path, &mut faults);
    run.report_all(faults);
}
