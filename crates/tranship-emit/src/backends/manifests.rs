//! Plain manifests: one file per object, Secrets apart, a report, and the state of the tree.

use std::collections::BTreeMap;
use std::sync::Mutex;

use tranship_kube::{Object, ObjectSet};
use tranship_source::yaml::{self, Node, Value};
use tranship_source::{Checked, Diagnostic, Span, both_if};

use super::{Backend, Install};
use crate::bundle::Bundle;
use crate::place::Places;
use crate::report::build::Rows;
use crate::report::{Report, build, ledger_rows, markdown};
use crate::state;
use crate::tree::{File, FileTree};

/// Plain manifests.
pub(super) const BACKEND: Backend = Backend {
    name: "manifests",
    about: "one file for each object, for kubectl",
    needs_secrets: true,
    needs_release: false,
    has_environments: false,
    emit: plain,
    file: Some(|_, object| path(object)),
    install: |_| Install { folder: MANIFESTS.to_owned(), title: "kubectl", ..Install::default() },
};

/// Where the objects lie.
pub const MANIFESTS: &str = "manifests";
/// Where Secrets lie.
pub const SECRETS: &str = "secrets";
/// Up to so many objects a second thread costs more than it saves.
const SMALL: usize = 24;
const IGNORE: &str = "# Values of secrets: never commit what lies here.\n*\n!.gitignore\n";

/// The tree of a bundle: a folder for each packaging, `secrets/` where there are any, `build/` where images are built,
/// `report.md`, `report.json` and `.tranship/`.
pub fn emit(bundle: &Bundle<'_>) -> Checked<FileTree> {
    let places = Places::of_bundle(bundle);
    let report = build::report(bundle, &places, Rows::Needed);
    emit_with(bundle, &places, &report, ledger_rows(bundle.ledger, &places))
}

/// [`emit`] with a report and the [rows of its ledger](ledger_rows) that were made of the same bundle before.
pub fn emit_with(
    bundle: &Bundle<'_>,
    places: &Places<'_>,
    report: &Report<'_>,
    ledger_rows: String,
) -> Checked<FileTree> {
    let (mut faults, mut refused) = (Vec::new(), Vec::new());
    let rows = Mutex::new(ledger_rows);
    // Given back as soon as they stand in the file: they are large, and what follows needs as much room again.
    let take_rows = || rows.lock().map(|mut rows| std::mem::take(&mut *rows)).unwrap_or_default();
    let mut tree = FileTree::new();
    let mut add = |tree: &mut FileTree, path: &str, file: File| {
        if let Err(refusal) = tree.add(path, file) {
            faults.push(Diagnostic::error("output-path", refusal.to_string()));
        }
    };
    let (json, markdown) = both_if(
        bundle.objects.objects.len() > SMALL,
        || crate::report_json_with(report, take_rows()),
        || {
            for one in bundle.packagings {
                for (path, file) in (one.emit)(bundle, places).take(&mut refused).into_files() {
                    add(&mut tree, &path, file);
                }
            }
            if bundle.packagings.iter().any(|one| one.needs_secrets) {
                secrets(bundle, places, &mut |path, file| add(&mut tree, path, file));
            }
            markdown::write(report)
        },
    );
    if tree.iter().any(|(path, _)| path.starts_with(SECRETS)) {
        let mut ignore = IGNORE.to_owned();
        if bundle.objects.iter().any(is_sops) {
            ignore += "!Kustomization\n!*.sops.yaml\n";
        }
        add(&mut tree, "secrets/.gitignore", File::public(ignore));
    }
    add(&mut tree, "report.md", File::public(markdown));
    add(&mut tree, "report.json", File::public(json));
    for (path, file) in bundle.build.iter() {
        add(&mut tree, path, file.clone());
    }
    if let Err(refusal) = state::seal(&mut tree) {
        faults.push(Diagnostic::error("output-path", refusal.to_string()));
    }
    faults.append(&mut refused);
    Checked::new(tree, faults)
}

/// `manifests/`.
fn plain(bundle: &Bundle<'_>, places: &Places<'_>) -> Checked<FileTree> {
    let services = services(bundle);
    let mut tree = FileTree::new();
    let mut faults = Vec::new();
    for (object, text) in bundle.objects.iter().zip(bundle.texts).filter(|(object, _)| !is_secret(object)) {
        if let Err(refusal) = tree.add(&path(object), File::public(header(object, &services, places) + text)) {
            faults.push(Diagnostic::error("output-path", refusal.to_string()));
        }
    }
    Checked::new(tree, faults)
}

/// Secrets as objects, and what lies beside them.
fn secrets(bundle: &Bundle<'_>, places: &Places<'_>, add: &mut dyn FnMut(&str, File)) {
    let services = services(bundle);
    let mut written = Vec::new();
    for (object, text) in bundle.objects.iter().zip(bundle.texts).filter(|(object, _)| is_secret(object)) {
        let (path, text) = (path(object), header(object, &services, places) + text);
        add(&path, if is_sops(object) { File::public(text) } else { File::private(text) });
        written.push(path);
    }
    for (path, file) in bundle.secrets.beside(&written) {
        add(&path, file);
    }
}

/// Services by the names of their objects.
pub(super) fn services<'a>(bundle: &Bundle<'a>) -> BTreeMap<&'a str, &'a str> {
    bundle.workloads.iter().map(|(service, name)| (name.as_str(), service.as_str())).collect()
}

/// Each object as YAML, in their order.
pub fn print(objects: &ObjectSet) -> Vec<String> {
    objects.iter().map(|object| yaml::write(&object.tree)).collect()
}

/// The objects as one YAML stream in the order they are applied.
pub fn apply_stream(objects: &ObjectSet, texts: &[String], with_secrets: bool) -> String {
    let wanted = objects.iter().zip(texts).filter(|(object, _)| with_secrets || !is_open_secret(object));
    wanted.flat_map(|(_, text)| ["---\n", text]).collect()
}

/// The file of an object: its kind in lower case and its name; the Namespace comes first in the folder.
pub fn path(object: &Object) -> String {
    match object.kind() {
        "Namespace" => format!("{MANIFESTS}/00-namespace.yaml"),
        "Secret" if is_sops(object) => [SECRETS, "/secret-", object.name(), ".sops.yaml"].concat(),
        "Secret" => [SECRETS, "/secret-", object.name(), ".yaml"].concat(),
        // The name of a Job changes with what it is; its file stays, so that hand edits do.
        "Job" => format!("{MANIFESTS}/job-{}.yaml", service_name(object).unwrap_or(object.name())),
        kind => [MANIFESTS, "/", &kind.to_lowercase(), "-", object.name(), ".yaml"].concat(),
    }
}

/// The name that all objects of a service share.
fn service_name(object: &Object) -> Option<&str> {
    object.get(&build::NAME_LABEL)?.as_str().filter(|name| !name.is_empty())
}

fn is_secret(object: &Object) -> bool {
    object.kind() == "Secret"
}

/// Whether an object shows the values of a Secret.
fn is_open_secret(object: &Object) -> bool {
    is_secret(object) && !is_sops(object)
}

/// Whether the values of a Secret are encrypted with SOPS.
fn is_sops(object: &Object) -> bool {
    is_secret(object) && object.get(&["sops"]).is_some()
}

/// A line that says which part of the project the object comes from. It names the file but no line in it, so that an
/// edit elsewhere in the file leaves the manifest as it is.
pub(super) fn header(object: &Object, services: &BTreeMap<&str, &str>, places: &Places<'_>) -> String {
    let service = object.get(&build::NAME_LABEL).and_then(Node::as_str).and_then(|name| services.get(name));
    let span = object.get(&["metadata", "name"]).map_or(Span::NONE, |name| name.span);
    let span = if span.is_none() { first_span(&object.tree) } else { span };
    let file = places.of(span).map(|place| place.file);
    match (service, file) {
        (Some(service), Some(file)) => format!("# service {} in {}\n", line(service), line(file)),
        (None, Some(file)) => format!("# from {}\n", line(file)),
        (Some(service), None) => format!("# service {}\n", line(service)),
        (None, None) => String::new(),
    }
}

/// A name as one line of a comment.
fn line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn first_span(node: &Node) -> Span {
    if !node.span.is_none() {
        return node.span;
    }
    let children: Vec<&Node> = match &node.value {
        Value::Sequence(items) => items.iter().collect(),
        Value::Mapping(map) => map.values().collect(),
        _ => Vec::new(),
    };
    children.into_iter().map(first_span).find(|span| !span.is_none()).unwrap_or(Span::NONE)
}
