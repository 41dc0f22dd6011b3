//! What becomes of hand edits: merged where they can be, kept and reported where they cannot.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Context;
use tranship_emit::base::{BASE, Base, Kept, PRIVATE_BASE, conflict_path};
use tranship_emit::merge::{Change, Merged, Resolve, merge};
use tranship_emit::state::STATE;
use tranship_emit::{File, FileTree};
use tranship_source::yaml::{self, Node};
use tranship_source::{Diagnostic, FileId, Sources, Span};

use super::survey::{Survey, has_mode, is_real_file};

/// What hand edits come to.
#[derive(Debug, Default)]
pub struct Settled {
    /// Files in which a hand edit was merged with a change of the project.
    pub merged: Vec<String>,
    /// Files in conflict.
    pub conflicts: Vec<String>,
    /// Files that were deleted by hand and stay so.
    pub deleted: Vec<String>,
    /// What the user has to know.
    pub findings: Vec<Diagnostic>,
}

/// Puts merged files into the tree in the place of generated ones, and says in the survey what is on disk already.
pub fn settle(
    directory: &Path,
    shown: &Path,
    tree: &mut FileTree,
    survey: &mut Survey,
    resolve: Resolve,
    sources: &mut Sources,
) -> anyhow::Result<Settled> {
    let Survey { edited, deleted, left, .. } = survey;
    let (edited, deleted) = (std::mem::take(edited), std::mem::take(deleted));
    let known = |path: &&String| survey.state.base.files.contains_key(*path);
    let (left, unknown): (BTreeSet<String>, BTreeSet<String>) =
        std::mem::take(left).into_iter().partition(|path| known(&path));
    survey.left = unknown;
    let mut out = Settled::default();
    if edited.is_empty() && deleted.is_empty() && left.is_empty() {
        return Ok(out);
    }
    let mut base = Base::of(tree);
    let mut job = Job { directory, shown, tree, survey, resolve, sources, base: &mut base, out: &mut out };
    for (path, bytes) in edited {
        job.merge(&path, &bytes)?;
    }
    for path in deleted {
        job.gone(path);
    }
    for path in left {
        job.leave(path);
    }
    survey.precious.extend(out.merged.iter().cloned().chain([STATE, BASE, PRIVATE_BASE].map(str::to_owned)));
    for (path, private) in [(BASE, false), (PRIVATE_BASE, true)] {
        match base.write(private) {
            Some(bytes) => put(tree, survey, directory, path, bytes, private)?,
            None => tree.remove(path),
        }
    }
    Ok(out)
}

struct Job<'a> {
    directory: &'a Path,
    shown: &'a Path,
    tree: &'a mut FileTree,
    survey: &'a mut Survey,
    resolve: Resolve,
    sources: &'a mut Sources,
    base: &'a mut Base,
    out: &'a mut Settled,
}

impl Job<'_> {
    fn merge(&mut self, path: &str, hand: &[u8]) -> anyhow::Result<()> {
        let Some(File { bytes: next, mode: _ }) = self.tree.get(path).cloned() else { return Ok(()) };
        let earlier = self.survey.state.base.files.get(path).cloned().unwrap_or_default();
        let private = self.tree.get(path).is_some_and(File::is_private);
        let beside = conflict_path(path);
        // Whoever took the generated file away has looked at it and settled what it said.
        let seen = earlier.offered.filter(|_| !is_real_file(self.directory, &beside));
        let last = seen.unwrap_or(earlier.last);
        let texts =
            (String::from_utf8(last.clone()), String::from_utf8(next.clone()), String::from_utf8(hand.to_vec()));
        let (text, written_last, conflicts, fault) = match texts {
            (Ok(last), Ok(next), Ok(hand)) => {
                let file = if private {
                    FileId::NONE
                } else {
                    self.sources.add(self.shown.join(path).display().to_string(), hand.as_str())
                };
                let Merged { text, base, conflicts, fault } = merge(path, &last, &next, &hand, file, self.resolve);
                (text.into_bytes(), base.into_bytes(), conflicts, fault)
            }
            _ => (hand.to_vec(), last, vec![whole()], None),
        };
        if text != hand {
            self.out.merged.push(path.to_owned());
        }
        put(self.tree, self.survey, self.directory, path, text, private)?;
        if conflicts.is_empty() {
            return Ok(());
        }
        self.out.conflicts.push(path.to_owned());
        for change in &conflicts {
            let finding = self.conflict(path, &beside, change, private);
            self.out.findings.push(finding);
        }
        self.out.findings.extend(fault.filter(|_| !private));
        put(self.tree, self.survey, self.directory, &beside, next.clone(), private)?;
        self.base.files.insert(path.to_owned(), Kept { last: written_last, offered: Some(next), private });
        Ok(())
    }

    fn conflict(&self, path: &str, beside: &str, change: &Change, private: bool) -> Diagnostic {
        let Change { path: field, span, last, next, hand } = change;
        let file = self.shown.join(path).display().to_string();
        let beside = self.shown.join(beside).display().to_string();
        let what = if field.is_empty() {
            format!("`{file}` was changed by hand, and cannot be merged with what is generated now")
        } else {
            format!("`{field}` in `{file}` was changed by hand, and the project changes it too")
        };
        let help = format!(
            "the hand edit stays for now: take what you need from `{beside}` and delete that file, or run again with `--resolve mine` or `--resolve generated`"
        );
        let finding = Diagnostic::error("edit-conflict", what).at(*span).help(help);
        if private || field.is_empty() {
            return finding;
        }
        let last = last.as_ref().map_or("nothing".to_owned(), short);
        let next = next.as_ref().map_or("nothing".to_owned(), short);
        let by_hand = if hand.is_some() { "changed by hand" } else { "taken out by hand" };
        finding.label(format!("{by_hand}; it was {last} and would become {next}"))
    }

    /// A file that was deleted by hand stays deleted.
    fn gone(&mut self, path: String) {
        let changed = match (self.tree.get(&path), self.survey.state.base.files.get(&path)) {
            (Some(next), Some(kept)) => next.bytes != kept.last,
            _ => false,
        };
        let file = self.shown.join(&path).display().to_string();
        let also = if changed { ", and what would stand in it has changed" } else { "" };
        let finding = format!("`{file}` was deleted by hand and is not written again{also}");
        let finding = if changed {
            Diagnostic::warning("file-deleted", finding)
        } else {
            Diagnostic::note("file-deleted", finding)
        };
        self.out.findings.push(finding.help("`--force` writes every file again"));
        self.tree.remove(&path);
        self.out.deleted.push(path);
    }

    /// A file that is no longer generated and was changed by hand.
    fn leave(&mut self, path: String) {
        match self.resolve {
            Resolve::Mine => _ = self.survey.left.insert(path),
            Resolve::Generated => _ = self.survey.stale.insert(path),
            Resolve::Report => {
                let file = self.shown.join(&path).display().to_string();
                let what = format!("`{file}` is no longer generated, and was changed by hand");
                let help = "delete the file, or run again with `--resolve mine` to keep it as your own";
                self.out.findings.push(Diagnostic::error("edit-conflict", what).help(help));
                if let Some(kept) = self.survey.state.base.files.get(&path) {
                    self.base.files.insert(path.clone(), kept.clone());
                }
                self.out.conflicts.push(path);
            }
        }
    }
}

/// Puts a file into the tree, and notes whether it stands there already.
fn put(
    tree: &mut FileTree,
    survey: &mut Survey,
    directory: &Path,
    path: &str,
    bytes: Vec<u8>,
    private: bool,
) -> anyhow::Result<()> {
    let file = if private { File::private(bytes) } else { File::public(bytes) };
    let full = directory.join(path);
    let same = is_real_file(directory, path)
        && fs::read(&full).is_ok_and(|found| found == file.bytes)
        && fs::metadata(&full).is_ok_and(|meta| has_mode(&meta, &file));
    if same {
        survey.same.insert(path.to_owned());
    } else {
        survey.same.remove(path);
    }
    survey.stale.remove(path);
    tree.put(path, file).with_context(|| format!("cannot write {path}"))
}

fn whole() -> Change {
    Change { path: String::new(), span: Span::NONE, last: None, next: None, hand: None }
}

/// A value on one line, cut where it is long.
fn short(node: &Node) -> String {
    const MOST: usize = 60;
    let text = yaml::write(node);
    let mut line = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    if line.chars().count() > MOST {
        line = line.chars().take(MOST).chain(['…']).collect();
    }
    format!("`{line}`")
}
