//! `extends`: a service over another, of the same file or of another one.

use std::collections::BTreeMap;
use std::rc::Rc;

use tranship_source::yaml::{Map, Node, Value};
use tranship_source::{Diagnostic, Span};

use super::model::{self, ConfigFile, Known, Scope, Stages};
use super::path::Path;
use super::run::Run;
use super::tags::Resets;
use super::{file, merge, paths, remote};

/// A file that services extend from.
struct Base {
    /// The name it was called by, for cycles.
    name: String,
    services: Map,
    resets: Resets,
}

/// The bases read so far within one group of files.
#[derive(Default)]
pub(crate) struct Extends {
    bases: BTreeMap<String, Option<Rc<Base>>>,
}

/// Services to look in, and what is known of them.
struct Level<'l> {
    services: &'l Map,
    resets: &'l Resets,
    file: &'l str,
    base: Option<&'l str>,
}

/// The services that led to the one at hand, with the file each is in.
type Chain = Vec<(String, String)>;

/// Services whose `extends` was applied, by the base file they are in and their name.
type Done = BTreeMap<(Option<String>, String), Node>;

impl Extends {
    /// Applies `extends` to every service of a document.
    pub(crate) fn apply(
        &mut self,
        run: &mut Run<'_>,
        known: &mut Known,
        scope: &Scope,
        file: &str,
        resets: &Resets,
        document: &mut Node,
    ) {
        let Some(Value::Mapping(services)) =
            document.as_map_mut().and_then(|d| d.get_mut("services")).map(|services| &mut services.value)
        else {
            return;
        };
        if !services.values().any(|service| service.get("extends").is_some()) {
            return;
        }
        let mut done = Done::new();
        let level = Level { services, resets, file, base: None };
        let mut work = Work { extends: self, run, known, scope, done: &mut done };
        for name in services.keys() {
            let _ = work.resolved(&name.text, &level, &mut Chain::new());
        }
        for ((base, name), service) in done {
            if base.is_none() {
                services.insert(name.as_str().into(), service);
            }
        }
    }
}

struct Work<'x, 'w> {
    extends: &'x mut Extends,
    run: &'x mut Run<'w>,
    known: &'x mut Known,
    scope: &'x Scope,
    done: &'x mut Done,
}

impl Work<'_, '_> {
    /// The service with what it extends; `None` where it is absent or broken.
    fn resolved(&mut self, name: &str, level: &Level<'_>, chain: &mut Chain) -> Option<Node> {
        let id = (level.base.map(str::to_owned), name.to_owned());
        if let Some(done) = self.done.get(&id) {
            return Some(done.clone());
        }
        let service = level.services.get(name)?;
        let Some(extends) = service.get("extends") else { return Some(service.clone()) };
        let (reference, other) = self.reference(name, extends)?;
        let base = match other {
            Some(file) => self.base_elsewhere(name, &reference, file, chain)?,
            None => self.base_here(name, &reference, level, chain)?,
        };
        let merged = self.over(base, service.clone(), name, level.resets);
        self.done.insert(id, merged.clone());
        Some(merged)
    }

    /// The service's base name and file.
    fn reference<'n>(&mut self, name: &str, extends: &'n Node) -> Option<(Node, Option<&'n Node>)> {
        let service = match &extends.value {
            Value::String(_) => extends,
            _ => match extends.get("service") {
                Some(service) if service.as_str().is_some() => service,
                _ => {
                    let message = format!("`services.{name}.extends` does not say which service it extends");
                    let help = "name it with `service:`";
                    self.run.report(Diagnostic::error("extends-service", message).at(extends.span).help(help));
                    return None;
                }
            },
        };
        Some((service.clone(), extends.get("file").filter(|file| !file.is_null())))
    }

    fn base_here(&mut self, name: &str, base: &Node, level: &Level<'_>, chain: &mut Chain) -> Option<Node> {
        let reference = base.as_str().unwrap_or("");
        if !level.services.contains_key(reference) {
            self.unknown(name, reference, level.services, base.span, "this file");
            return None;
        }
        self.link(chain, level.file, name, base.span)?;
        let resolved = self.resolved(reference, level, chain);
        chain.pop();
        resolved
    }

    fn base_elsewhere(&mut self, name: &str, base: &Node, other: &Node, chain: &mut Chain) -> Option<Node> {
        let reference = base.as_str().unwrap_or("");
        let Some(path) = other.as_str() else {
            let message = format!("`services.{name}.extends.file` must be a path, not {}", other.type_name());
            self.run.report(Diagnostic::error("wrong-type", message).at(other.span));
            return None;
        };
        let from = self.base(path, other.span)?;
        if !from.services.contains_key(reference) {
            self.unknown(name, reference, &from.services, base.span, &format!("`{path}`"));
            return None;
        }
        self.link(chain, &from.name, name, base.span)?;
        let level = Level { services: &from.services, resets: &from.resets, file: &from.name, base: Some(path) };
        let resolved = self.resolved(reference, &level, chain);
        chain.pop();
        resolved
    }

    /// Adds a link to the chain, unless it is there already.
    fn link(&mut self, chain: &mut Chain, file: &str, name: &str, at: Span) -> Option<()> {
        let link = (file.to_owned(), name.to_owned());
        if let Some(start) = chain.iter().position(|known| *known == link) {
            let way: Vec<&str> = chain.iter().skip(start).chain([&link]).map(|(_, name)| name.as_str()).collect();
            let message = format!("services extend each other in a circle: {}", way.join(" -> "));
            let help = "move what they share into a service that extends nothing";
            self.run.report(Diagnostic::error("extends-cycle", message).at(at).help(help));
            return None;
        }
        chain.push(link);
        Some(())
    }

    fn unknown(&mut self, name: &str, reference: &str, services: &Map, at: Span, place: &str) {
        let message = format!("service `{name}` extends `{reference}`, which {place} does not have");
        let names: Vec<&str> = services.keys().take(10).map(|key| key.text.as_str()).collect();
        let fault = Diagnostic::error("extends-unknown", message).at(at);
        let known =
            if names.is_empty() { "it has no services".to_owned() } else { format!("it has {}", names.join(", ")) };
        self.run.report(fault.help(known));
    }

    /// A base file's services, read once.
    fn base(&mut self, path: &str, at: Span) -> Option<Rc<Base>> {
        if let Some(known) = self.extends.bases.get(path) {
            return known.clone();
        }
        let base = self.read(path, at).map(Rc::new);
        self.extends.bases.insert(path.to_owned(), base.clone());
        base
    }

    fn read(&mut self, path: &str, at: Span) -> Option<Base> {
        if remote::is_remote(path) {
            self.run.report(remote::refusal(path).at(at));
            return None;
        }
        let local = file::absolute(&self.scope.files_dir, path);
        let dir = directory(self.run, &self.scope.files_dir, path);
        let (id, text) = match self.run.text(local.as_ref()) {
            Ok(known) => known,
            Err(fault) => {
                self.run.report((*fault).at(at));
                return None;
            }
        };
        let stages =
            Stages { include: false, extends: false, validate: false, resolve_paths: false, ..self.scope.stages };
        let scope = Scope { files_dir: file::parent(&local), working_dir: dir.clone(), stages, ..self.scope.clone() };
        let config = ConfigFile { name: local, id, text };
        let empty = Node::from(Map::default());
        let (mut source, resets) =
            model::load_file(self.run, self.known, &mut Extends::default(), &scope, &config, empty);
        paths::resolve(self.run, &mut source, &dir);
        let services = source.as_map_mut().and_then(|source| source.shift_remove("services"));
        let Some(Node { value: Value::Mapping(services), .. }) = services else {
            let message = format!("`{path}` has no services to extend");
            self.run.report(Diagnostic::error("extends-unknown", message).at(at).help("name a file with `services:`"));
            return None;
        };
        Some(Base { name: path.to_owned(), services, resets })
    }

    fn over(&mut self, mut base: Node, service: Node, name: &str, resets: &Resets) -> Node {
        if base.is_null() {
            return service;
        }
        let root = Path::ROOT;
        let services = root.key("services");
        resets.apply(&mut base, &services.key(name));
        let mut faults = Vec::new();
        let span = service.span;
        let mut merged = merge::merge(base, service, &services.key(name), &mut faults);
        self.run.report_all(faults);
        merged.span = span;
        if let Some(map) = merged.as_map_mut() {
            map.shift_remove("extends");
        }
        merged
    }
}

/// The directory of a named file, seen from where it is named.
pub(crate) fn directory(run: &Run<'_>, base: &str, path: &str) -> String {
    let is_dir =
        |path: &str| run.world.stat(path.as_ref()).is_ok_and(|stat| stat.kind == tranship_source::Kind::Directory);
    let mut dir = file::absolute(base, path);
    if !is_dir(&dir) {
        dir = file::absolute(base, &file::parent(path));
    }
    file::relative(base, &dir).unwrap_or(dir)
}
