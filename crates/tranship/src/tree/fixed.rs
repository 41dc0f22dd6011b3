//! Fields that the cluster takes once and never changes: a run that writes others says what to do before applying.

use std::fs;
use std::path::Path;

use tranship_emit::{File, FileTree};
use tranship_source::yaml::{Node, parse};
use tranship_source::{Diagnostic, FileId};

use super::survey::Survey;

/// What of a StatefulSet's spec cannot change once it is applied, and says what there is to run and where it keeps data.
const FIXED: [&str; 4] = ["serviceName", "podManagementPolicy", "selector", "volumeClaimTemplates"];

/// A finding for each StatefulSet that a cluster would refuse where the one that lies in the directory is applied.
pub(super) fn findings(target: &Path, tree: &FileTree, survey: &Survey) -> Vec<Diagnostic> {
    let sets =
        tree.iter().filter(|(path, _)| path.starts_with("manifests/statefulset-") && !survey.same.contains(*path));
    let one = |(path, file): (&str, &File)| {
        let old = read(&fs::read(target.join(path)).ok()?)?;
        let new = read(&file.bytes)?;
        let differs = |field: &&str| old.at(&["spec", field]) != new.at(&["spec", field]);
        let fields: Vec<String> = FIXED.into_iter().filter(differs).map(|field| format!("`spec.{field}`")).collect();
        (!fields.is_empty()).then(|| finding(&new, &fields))
    };
    sets.filter_map(one).collect()
}

fn finding(set: &Node, fields: &[String]) -> Diagnostic {
    let of = |key: &str| set.at(&["metadata", key]).and_then(Node::as_str).unwrap_or_default();
    let (name, namespace) = (of("name"), of("namespace"));
    let message = format!("a cluster that has StatefulSet/{name} refuses it with another {}", fields.join(", "));
    let help = format!(
        "if it is applied already, run `kubectl -n {namespace} delete statefulset {name} --cascade=orphan` and apply again: \
         pods and claims stay; claims that are there keep their size and class, and data in claims of other names has to be \
         brought over"
    );
    Diagnostic::warning("statefulset-fixed", message).help(help)
}

fn read(bytes: &[u8]) -> Option<Node> {
    let (documents, _) = parse(FileId::NONE, std::str::from_utf8(bytes).ok()?).ok().ok()?;
    documents.into_iter().find(|node| node.get("kind").and_then(Node::as_str) == Some("StatefulSet"))
}
