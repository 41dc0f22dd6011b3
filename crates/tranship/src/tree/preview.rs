//! What writing a tree would change, as `diff -u` shows it.
//!
//! Values of secrets are never shown, and neither is what the directory keeps of itself; of the reports it is said that
//! they change.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use tranship_emit::FileTree;
use tranship_emit::merge::lines::unified;
use tranship_emit::state::is_bookkeeping;

use super::survey::Survey;

/// The changes by path: files that come, change and go.
pub fn of(directory: &Path, tree: &FileTree, survey: &Survey) -> String {
    let changed = tree.iter().filter(|(path, _)| !survey.same.contains(*path));
    let mut all: Vec<(&str, Option<&[u8]>, bool)> =
        changed.map(|(path, file)| (path, Some(file.bytes.as_slice()), file.is_private())).collect();
    all.extend(survey.stale.iter().map(|path| (path.as_str(), None, path.starts_with("secrets/"))));
    all.sort_unstable();
    let mut out = String::new();
    for (path, new, private) in all.into_iter().filter(|(path, ..)| !is_bookkeeping(path)) {
        let old = if survey.blocked.contains_key(path) { None } else { fs::read(directory.join(path)).ok() };
        let old_text = old.as_deref().map(String::from_utf8_lossy);
        let new_text = new.map(String::from_utf8_lossy);
        let is_report = matches!(path, "report.md" | "report.json");
        if private || is_report {
            let what = match (&old, new) {
                (None, _) => "would be written",
                (Some(_), None) => "would be removed",
                (Some(_), Some(_)) => "would change",
            };
            let why = if private { "; values of secrets are not shown" } else { "" };
            _ = writeln!(out, "# {path} {what}{why}");
        } else {
            out.push_str(&unified(path, old_text.as_deref(), new_text.as_deref()));
        }
    }
    out
}
