//! Env files and label files: variables for the project, and variables and labels for its services.

use std::path::Path as FsPath;

use tranship_source::dotenv::{self, Entry};
use tranship_source::yaml::{Key, Map, Node, Trail, Value, VariableFrom};
use tranship_source::{Diagnostic, Kind, Severity, Span};

use super::normalize::from_variable;
use super::path::Path;
use super::run::Run;
use crate::environment::Environment;

/// Adds the variables of env files to an environment, which keeps what it has. Gives the faults.
pub(crate) fn read_variables(
    run: &mut Run<'_>,
    environment: &mut Environment,
    files: &[(String, Span)],
) -> Vec<Diagnostic> {
    let mut found = Environment::default();
    let mut faults = Vec::new();
    for (path, at) in files {
        let text = match text(run, path) {
            Ok(known) => known,
            Err(fault) => {
                faults.push(fault.at(*at));
                continue;
            }
        };
        let lookup = |name: &str| environment.get(name).or_else(|| found.get(name)).map(str::to_owned);
        let entries = dotenv::parse(text.0, &text.1, &lookup).take(&mut faults);
        for Entry { name, value, key: _, span } in entries {
            if let Some(value) = value {
                found.set(name, value, VariableFrom::File(span));
            }
        }
    }
    for (name, variable) in found.iter() {
        environment.set_default(name, variable.value.clone(), variable.from.clone());
    }
    faults
}

fn text(run: &mut Run<'_>, path: &str) -> Result<(tranship_source::FileId, std::sync::Arc<str>), Box<Diagnostic>> {
    run.text(FsPath::new(path)).map_err(|mut fault| {
        fault.message = format!("env file {}", fault.message);
        fault
    })
}

/// Reads the `env_file`s of services into their `environment`.
pub(crate) fn resolve_services(run: &mut Run<'_>, services: &mut Map, environment: &Environment) {
    for (name, service) in services.iter_mut() {
        let root = Path::ROOT;
        let services = root.key("services");
        if let Some(map) = service.as_map_mut() {
            resolve_service(run, map, environment, &services.key(&name.text));
        }
    }
}

fn resolve_service(run: &mut Run<'_>, service: &mut Map, environment: &Environment, path: &Path<'_>) {
    if let Some(own) = service.get_mut("environment").and_then(Node::as_map_mut) {
        for (name, value) in own.iter_mut().filter(|(_, value)| value.is_null()) {
            if let Some(variable) = environment.variable(&name.text) {
                from_variable(value, &name.text, variable.value.clone(), &variable.from);
            }
        }
    }
    let Some(Node { value: Value::Sequence(files), .. }) = service.shift_remove("env_file") else { return };
    let own = service.get("environment").and_then(Node::as_map).cloned().unwrap_or_default();
    let mut variables: Map = own.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), v.clone())).collect();
    for (index, file) in files.iter().enumerate() {
        read_service(run, file, environment, &own, &mut variables, &path.key("env_file").item(index));
    }
    for (name, value) in own {
        match variables.get_mut(name.text.as_str()) {
            Some(slot) => *slot = value,
            None => {
                variables.insert(name, value);
            }
        }
    }
    if !variables.is_empty() {
        service.insert(Key::from("environment"), Node::from(variables));
    }
}

fn read_service(
    run: &mut Run<'_>,
    file: &Node,
    environment: &Environment,
    own: &Map,
    variables: &mut Map,
    at: &Path<'_>,
) {
    let Some(path) = file.get("path") else { return };
    let name = path.as_str().unwrap_or("");
    let required = file.get("required").and_then(Node::as_bool) != Some(false);
    let missing = run.world.stat(FsPath::new(name)).is_err_and(|fault| fault.kind() == std::io::ErrorKind::NotFound);
    if missing && !required {
        return;
    }
    let (id, text) = match text(run, name) {
        Ok(known) => known,
        Err(fault) => {
            let help = "create it, or write `required: false` beside its `path`";
            run.report(if missing { fault.at(path.span).help(help) } else { fault.at(path.span) });
            return;
        }
    };
    let format = file.get("format").and_then(Node::as_str).unwrap_or("");
    let entries = {
        let lookup = |name: &str| {
            let project = environment.get(name);
            let text = |map: &Map| map.get(name).and_then(Node::as_str).map(str::to_owned);
            project.map(str::to_owned).or_else(|| text(own)).or_else(|| (format != "raw").then(|| text(variables))?)
        };
        match format {
            "" | ".env" => dotenv::parse(id, &text, &lookup),
            "raw" => dotenv::parse_raw(id, &text, &lookup),
            other => {
                let message = format!("`{at}` has the format `{other}`, which does not exist");
                run.report(Diagnostic::error("env-file-format", message).at(file.span).help("write `raw`, or nothing"));
                return;
            }
        }
    };
    for diagnostic in entries.diagnostics {
        run.report(diagnostic);
    }
    for entry in entries.value {
        set(variables, entry);
    }
}

fn set(variables: &mut Map, entry: Entry) {
    let Some(value) = entry.value else { return };
    let mut node = Node::new(Value::String(value), entry.span);
    if let Some(old) = variables.get(entry.name.as_str())
        && !old.span.is_none()
    {
        node.meta_mut().trail = Some(Trail { replaced: vec![old.span], ..Trail::default() });
    }
    match variables.get_mut(entry.name.as_str()) {
        Some(slot) => *slot = node,
        None => {
            variables.insert(Key::new(entry.name, entry.key), node);
        }
    }
}

/// Reads the `label_file`s of services into their `labels`; the key stays, as in docker compose.
pub(crate) fn resolve_labels(run: &mut Run<'_>, services: &mut Map) {
    for service in services.values_mut() {
        let Some(map) = service.as_map_mut() else { continue };
        let files = map.get("label_file").and_then(Node::as_seq).map(<[Node]>::to_vec).unwrap_or_default();
        if files.is_empty() {
            continue;
        }
        let mut labels = Map::default();
        for file in &files {
            read_labels(run, file, &mut labels);
        }
        for (name, value) in map.get("labels").and_then(Node::as_map).cloned().unwrap_or_default() {
            labels.insert(name, value);
        }
        if !labels.is_empty() {
            map.insert(Key::from("labels"), Node::from(labels));
        }
    }
}

fn read_labels(run: &mut Run<'_>, file: &Node, labels: &mut Map) {
    let (id, text) = match run.text(FsPath::new(file.as_str().unwrap_or(""))) {
        Ok(known) => known,
        Err(mut fault) => {
            fault.message = format!("label file {}", fault.message);
            run.report(fault.at(file.span));
            return;
        }
    };
    let known = labels.clone();
    let lookup = |name: &str| known.get(name).and_then(Node::as_str).map(str::to_owned);
    let entries = dotenv::parse(id, &text, &lookup);
    for diagnostic in entries.diagnostics {
        run.report(diagnostic);
    }
    for entry in entries.value {
        set(labels, entry);
    }
}

/// Whether a path leads to something that is no directory.
pub(crate) fn is_file(run: &Run<'_>, path: &FsPath) -> bool {
    run.world.stat(path).is_ok_and(|stat| stat.kind != Kind::Directory)
}

/// Whether any of these faults is an error.
pub(crate) fn any_error(faults: &[Diagnostic]) -> bool {
    faults.iter().any(|fault| fault.severity == Severity::Error)
}
