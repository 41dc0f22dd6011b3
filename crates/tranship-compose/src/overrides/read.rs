//! Finding what was said in a project.

use tranship_model::At;
use tranship_model::ledger::{child_path, item_path};
use tranship_source::Diagnostic;
use tranship_source::yaml::{Node, Value};

use super::value::{Read, Reader, either};
use super::{KEY, Overrides, clash, kompose};
use crate::typed::{self, Extension, scalar_text};

/// Reads every extension and every label of kompose.
pub(super) fn read(project: &typed::Project, misplaced: &[At]) -> Overrides {
    let mut out = Overrides::default();
    let mut reader = Reader::default();
    out.project = own(&project.extensions, &mut reader, &mut out.said);
    for pair in &project.services {
        let said = own(&pair.value.extensions, &mut reader, &mut out.said);
        let labels = kompose::service(&pair.value, &mut reader, &mut out.labels);
        let mut clashes = Vec::new();
        if let Some(said) = either(said, labels, &mut clashes) {
            out.services.insert(pair.key.clone(), said);
        }
        reader.faults.extend(clashes.iter().map(clashing));
    }
    for pair in &project.volumes {
        let said = own(&pair.value.extensions, &mut reader, &mut out.said);
        let labels = kompose::volume(&pair.value, &mut reader, &mut out.labels);
        let mut clashes = Vec::new();
        if let Some(said) = either(said, labels, &mut clashes) {
            out.volumes.insert(pair.key.clone(), said);
        }
        reader.faults.extend(clashes.iter().map(clashing));
    }
    for (pairs, files) in [(&project.configs, &mut out.configs), (&project.secrets, &mut out.secrets)] {
        for pair in pairs {
            if let Some(said) = own(&pair.value.extensions, &mut reader, &mut out.said) {
                files.insert(pair.key.clone(), said);
            }
        }
    }
    for at in misplaced {
        let message = format!("nothing can be said at `{}`", at.path);
        let help = format!("`{KEY}` stands at the top of the project, or in a service, volume, config or secret");
        reader.faults.push(Diagnostic::error("override-place", message).at(at.span).help(help));
    }
    out.diagnostics = reader.faults;
    clash::find(project, &mut out);
    out
}

/// What the extension of a section says.
fn own<T: Read>(extensions: &[Extension], reader: &mut Reader, said: &mut Vec<(At, String)>) -> Option<T> {
    let extension = extensions.iter().find(|extension| extension.key == KEY)?;
    leaves(&extension.node, &extension.at.path, "", said);
    if extension.node.is_null() {
        return None;
    }
    T::read(&extension.node, &extension.at.path, reader)
}

/// Every leaf below an extension with its words, `service.type: NodePort`.
fn leaves(node: &Node, path: &str, words: &str, out: &mut Vec<(At, String)>) {
    let below = |key: &str| if words.is_empty() { key.to_owned() } else { format!("{words}.{key}") };
    match &node.value {
        Value::Mapping(map) if !map.is_empty() => {
            for (key, child) in map {
                leaves(child, &child_path(path, &key.text), &below(&key.text), out);
            }
        }
        Value::Sequence(items) if !items.is_empty() => {
            for (at, child) in items.iter().enumerate() {
                leaves(child, &item_path(path, at), &format!("{words}[{at}]"), out);
            }
        }
        value => {
            let text = scalar_text(node).unwrap_or_else(|| match value {
                Value::Sequence(_) => "[]".to_owned(),
                Value::Mapping(_) => "{}".to_owned(),
                _ => "null".to_owned(),
            });
            out.push((At::new(path, node.span), format!("{words}: {text}")));
        }
    }
}

/// The extension and a label say different things.
fn clashing((own, label): &(At, At)) -> Diagnostic {
    let message = format!("a label of kompose says the same as `{}`, which counts", own.path);
    let help = "take one of the two away";
    Diagnostic::note("override-label", message).at(label.span).related(own.span, "this counts").help(help)
}
