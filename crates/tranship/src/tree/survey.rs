//! What is in a directory before a tree is written to it: what is ours, what was changed, what stands in the way.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use tranship_emit::base::is_merged;
use tranship_emit::state::is_bookkeeping;
use tranship_emit::tree::is_inside;
use tranship_emit::{File, FileTree, Standing, State};

use super::Written;
use super::put::mode_of;

/// What is in a directory, seen from a tree that is to be written there. Paths are relative, with `/`.
#[derive(Debug, Default)]
pub struct Survey {
    /// What an earlier run said of the directory.
    pub state: State,
    /// Files that are as the tree has them.
    pub same: BTreeSet<String>,
    /// Files of an earlier run, unchanged, that the tree no longer has.
    pub stale: BTreeSet<String>,
    /// Files of the tree whose text was changed since it was written, or was never written by us, with that text.
    pub edited: BTreeMap<String, Vec<u8>>,
    /// Files of the tree that were written and are gone.
    pub deleted: BTreeSet<String>,
    /// Files of an earlier run, changed since, that the tree no longer has.
    pub left: BTreeSet<String>,
    /// Files that hold hand edits, and what tells them from generated text: nobody could write them again.
    pub precious: BTreeSet<String>,
    /// What stands where the tree has a file or a folder, and the name it will be kept under.
    pub blocked: BTreeMap<String, String>,
}

impl Survey {
    /// Looks at a directory, which may be absent. Without `force`, what is not ours or cannot be merged is an error.
    pub fn of(directory: &Path, tree: &FileTree, force: bool) -> anyhow::Result<Self> {
        let mut survey = Self::default();
        if !directory.is_dir() || is_empty(directory)? {
            return Ok(survey);
        }
        let state = read_state(directory);
        if state.is_none() && !force {
            bail!(
                "the directory is not empty and not an output of tranship; choose another with `--out`, or pass `--force` to write into it (what stands in the way is kept as `.bak`)"
            );
        }
        survey.state = state.unwrap_or_default();
        let mut reasons = BTreeMap::new();
        survey.look_at_folders(directory, tree, &mut reasons);
        for (path, file) in tree.iter() {
            if survey.is_below_blocked(path) {
                continue;
            }
            let found = look(directory, path, file, &survey.state).with_context(|| format!("cannot read {path}"))?;
            match found {
                Found::Same => _ = survey.same.insert(path.to_owned()),
                Found::Free => {}
                Found::Gone if force => {}
                Found::Gone => _ = survey.deleted.insert(path.to_owned()),
                Found::NoFile => survey.block(directory, tree, path, "is no regular file", &mut reasons),
                // A report is written anew; the edited one stays beside it.
                Found::Edited(_) if !is_merged(path) => survey.save(directory, tree, path),
                Found::Edited(_) | Found::Foreign(_) if force => survey.save(directory, tree, path),
                Found::Edited(bytes) if survey.state.base.files.contains_key(path) => {
                    survey.edited.insert(path.to_owned(), bytes);
                }
                Found::Edited(_) => {
                    let reason = "was changed since it was written, and `.tranship` does not tell what was written";
                    survey.block(directory, tree, path, reason, &mut reasons);
                }
                Found::Foreign(bytes) => _ = survey.edited.insert(path.to_owned(), bytes),
            }
        }
        survey.look_at_earlier(directory, tree)?;
        if survey.same.iter().chain(survey.edited.keys()).chain(&survey.left).all(|path| is_bookkeeping(path)) {
            // Nothing is left of what was written: a fresh start rather than as many deletions.
            survey.deleted.clear();
        }
        if !force && !reasons.is_empty() {
            bail!(refusal(&reasons));
        }
        Ok(survey)
    }

    /// Whether everything is as the tree wants it.
    pub fn is_done(&self, tree: &FileTree) -> bool {
        self.same.len() == tree.len() && self.stale.is_empty()
    }

    /// What writing the tree will have done.
    pub fn outcome(&self, tree: &FileTree) -> Written {
        Written {
            changed: tree.len() - self.same.len(),
            removed: self.stale.iter().cloned().collect(),
            kept: self.left.iter().cloned().collect(),
            saved: self.blocked.clone().into_iter().collect(),
            ..Written::default()
        }
    }

    fn look_at_folders(&mut self, directory: &Path, tree: &FileTree, reasons: &mut BTreeMap<String, &'static str>) {
        for folder in tree.folders().keys() {
            let found = fs::symlink_metadata(directory.join(folder));
            if found.is_ok_and(|found| !found.is_dir()) && !self.is_below_blocked(folder) {
                self.block(directory, tree, folder, "is no folder", reasons);
            }
        }
    }

    fn look_at_earlier(&mut self, directory: &Path, tree: &FileTree) -> anyhow::Result<()> {
        for path in self.state.paths() {
            if tree.get(&path).is_some() || !is_inside(&path) || !is_real_file(directory, &path) {
                continue;
            }
            let bytes = fs::read(directory.join(&path)).with_context(|| format!("cannot read {path}"))?;
            match self.state.standing(&path, &bytes) {
                Standing::Ours => _ = self.stale.insert(path),
                Standing::Edited => _ = self.left.insert(path),
                Standing::Foreign => {}
            }
        }
        Ok(())
    }

    fn is_below_blocked(&self, path: &str) -> bool {
        self.blocked.keys().any(|blocked| path.strip_prefix(blocked.as_str()).is_some_and(|rest| rest.starts_with('/')))
    }

    fn block(
        &mut self,
        directory: &Path,
        tree: &FileTree,
        path: &str,
        reason: &'static str,
        reasons: &mut BTreeMap<String, &'static str>,
    ) {
        self.save(directory, tree, path);
        reasons.insert(path.to_owned(), reason);
    }

    /// Keeps what stands at a path under a name that is free.
    fn save(&mut self, directory: &Path, tree: &FileTree, path: &str) {
        let free = |name: &String| tree.get(name).is_none() && fs::symlink_metadata(directory.join(name)).is_err();
        let numbered = (2..).map(|number: u32| format!("{path}.bak{number}"));
        let name = std::iter::once(format!("{path}.bak")).chain(numbered).find(free);
        self.blocked.insert(path.to_owned(), name.unwrap_or_default());
    }
}

enum Found {
    Same,
    Free,
    Gone,
    NoFile,
    Edited(Vec<u8>),
    Foreign(Vec<u8>),
}

fn look(directory: &Path, path: &str, file: &File, state: &State) -> std::io::Result<Found> {
    let full = directory.join(path);
    let Ok(meta) = fs::symlink_metadata(&full) else {
        let known = state.base.files.contains_key(path) && !path.ends_with(".gitignore");
        return Ok(if known { Found::Gone } else { Found::Free });
    };
    if !meta.is_file() {
        return Ok(Found::NoFile);
    }
    let bytes = fs::read(&full)?;
    if bytes == file.bytes {
        return Ok(if has_mode(&meta, file) { Found::Same } else { Found::Free });
    }
    // What a machine that lost its power leaves of a file is no edit.
    if bytes.iter().all(|byte| *byte == 0) && state.standing(path, &bytes) != Standing::Foreign {
        return Ok(Found::Free);
    }
    Ok(match state.standing(path, &bytes) {
        Standing::Ours => Found::Free,
        Standing::Edited => Found::Edited(bytes),
        Standing::Foreign => Found::Foreign(bytes),
    })
}

/// Whether a file has the rights it should have, where the system knows rights.
pub fn has_mode(meta: &fs::Metadata, file: &File) -> bool {
    mode_of(meta).is_none_or(|mode| mode == file.mode)
}

/// Whether a path leads to a regular file without passing a link.
pub fn is_real_file(directory: &Path, path: &str) -> bool {
    let folders = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
    let real = |folder: &str| fs::symlink_metadata(directory.join(folder)).is_ok_and(|meta| meta.is_dir());
    folders.into_iter().all(real) && fs::symlink_metadata(directory.join(path)).is_ok_and(|meta| meta.is_file())
}

fn is_empty(directory: &Path) -> anyhow::Result<bool> {
    Ok(fs::read_dir(directory).context("cannot list it")?.next().is_none())
}

fn read_state(directory: &Path) -> Option<State> {
    State::read(&|path| is_real_file(directory, path).then(|| fs::read(directory.join(path)).ok()).flatten())
}

fn refusal(reasons: &BTreeMap<String, &'static str>) -> String {
    const MOST: usize = 20;
    let mut text = "these would be overwritten; move them away, or pass `--force` to keep them as `.bak`:".to_owned();
    for (path, reason) in reasons.iter().take(MOST) {
        _ = write!(text, "\n  {path} {reason}");
    }
    if let Some(more) = reasons.len().checked_sub(MOST).filter(|more| *more > 0) {
        _ = write!(text, "\n  and {more} more");
    }
    text
}
