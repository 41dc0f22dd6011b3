//! Puts a tree of files on disk, whole or not at all.
//!
//! The new tree is made complete beside the directory, with everything in it that is not ours linked over, and then
//! changes places with it in one step. Whoever is killed at any instant leaves the old tree or the new one, and at most
//! a folder `.DIR.tranship` beside it, which the next run clears away.
//!
//! Hand edits are merged with what is generated, against what was written last ([`tranship_emit::merge`]); what cannot be
//! merged stays as it is and is reported. A directory we did not write is refused; with `--force` everything is written
//! as it is generated, and what stands in the way is kept under a name ending in `.bak`. A file an earlier run wrote and
//! this one does not is removed only if it is as it was written.
//!
//! Where the directory cannot be replaced (the shell stands in it, it is a mount point, the folder above cannot be
//! written) each file is replaced in one step on its own, the state last; a rerun completes what was cut short.

mod carry;
mod fixed;
mod hand;
mod place;
mod preview;
mod put;
mod stage;
mod survey;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tranship_emit::FileTree;
use tranship_emit::merge::Resolve;
use tranship_source::{Diagnostic, Sources};

use stage::{Stage, Swap};
use survey::Survey;

/// How a tree is to be written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// Write everything as it is generated, also into a directory that is not ours.
    pub force: bool,
    /// How conflicts with hand edits are settled.
    pub resolve: Resolve,
    /// Write nothing and show what would change.
    pub dry_run: bool,
}

/// What writing a tree did, or would do.
#[derive(Debug, Default)]
pub struct Written {
    /// Files that are new or have other content or rights than before.
    pub changed: usize,
    /// Files of an earlier run that are no longer part of the tree and were removed.
    pub removed: Vec<String>,
    /// Files of an earlier run that are no longer part of the tree, were changed by hand, and stay as the user's own.
    pub kept: Vec<String>,
    /// What stood in the way, and the name it has now.
    pub saved: Vec<(String, String)>,
    /// Files in which a hand edit was merged with a change of the project.
    pub merged: Vec<String>,
    /// Files in which a hand edit and the project are in conflict.
    pub conflicts: Vec<String>,
    /// Files that were deleted by hand and stay so.
    pub deleted: Vec<String>,
    /// What the user has to know of hand edits. Spans lie in `sources`.
    pub findings: Vec<Diagnostic>,
    /// The files that were changed by hand.
    pub sources: Sources,
    /// What would change, as `diff -u` shows it; of a dry run only.
    pub preview: String,
}

impl Written {
    /// Whether the directory was as it is to be.
    pub fn is_unchanged(&self) -> bool {
        self.changed == 0 && self.removed.is_empty()
    }
}

/// Writes a tree to a directory.
pub fn write(directory: &Path, tree: &FileTree, rules: Rules) -> anyhow::Result<Written> {
    if rules.dry_run {
        let target = place::found(directory)?;
        let (tree, survey, mut written) = plan(directory, &target, tree, rules)?;
        written.preview = preview::of(&target, &tree, &survey);
        return Ok(written);
    }
    let target = place::of(directory)?;
    let stage = match Stage::beside(&target) {
        Ok(stage) => Some(stage),
        Err(stage::Refused::Busy) => bail!("another run is writing to {} just now", directory.display()),
        Err(stage::Refused::Cannot(_)) if target.is_dir() => None,
        Err(stage::Refused::Cannot(fault)) => {
            return Err(fault).with_context(|| format!("cannot write {}", directory.display()));
        }
    };
    let (tree, survey, written) = plan(directory, &target, tree, rules)?;
    if !survey.is_done(&tree) {
        replace(stage.as_ref(), &target, &tree, &survey)
            .with_context(|| format!("cannot write {}", directory.display()))?;
    }
    Ok(written)
}

/// The tree with hand edits merged in, what the directory holds of it, and what writing it comes to.
fn plan<'t>(
    directory: &Path,
    target: &Path,
    tree: &'t FileTree,
    rules: Rules,
) -> anyhow::Result<(Cow<'t, FileTree>, Survey, Written)> {
    let Rules { force, resolve, dry_run: _ } = rules;
    let mut survey =
        Survey::of(target, tree, force).with_context(|| format!("cannot write to {}", directory.display()))?;
    if survey.edited.is_empty() && survey.deleted.is_empty() && survey.left.is_empty() {
        let mut written = survey.outcome(tree);
        written.findings = fixed::findings(target, tree, &survey);
        return Ok((Cow::Borrowed(tree), survey, written));
    }
    let mut tree = tree.clone();
    let mut sources = Sources::new();
    let settled = hand::settle(target, directory, &mut tree, &mut survey, resolve, &mut sources)?;
    let hand::Settled { merged, conflicts, deleted, mut findings } = settled;
    findings.extend(fixed::findings(target, &tree, &survey));
    let written = Written { merged, conflicts, deleted, findings, sources, ..survey.outcome(&tree) };
    Ok((Cow::Owned(tree), survey, written))
}

/// Replaces the directory as a whole, or its files one by one where that cannot be.
fn replace(stage: Option<&Stage>, target: &Path, tree: &FileTree, survey: &Survey) -> anyhow::Result<()> {
    let Some(stage) = stage.filter(|_| !stands_in(target)) else { return put::in_place(target, tree, survey) };
    let new = stage.new_tree();
    put::fresh(&new, target, tree, survey)?;
    if target.is_dir() && carry::over(target, &new, tree, survey).is_err() {
        return put::in_place(target, tree, survey);
    }
    match stage.swap(target)? {
        Swap::Done => Ok(()),
        Swap::Impossible => put::in_place(target, tree, survey),
    }
}

/// Whether this process, and so most likely the user's shell, stands in a directory.
fn stands_in(directory: &Path) -> bool {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    here.is_ok_and(|here: PathBuf| here.starts_with(directory))
}

#[cfg(test)]
mod tests;
