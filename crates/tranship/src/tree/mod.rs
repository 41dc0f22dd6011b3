//! Puts a tree of files on disk, whole or not at all.
//!
//! The new tree is made complete beside the directory, with everything in it that is not ours linked over, and then
//! changes places with it in one step. Whoever is killed at any instant leaves the old tree or the new one, and at most
//! a folder `.DIR.tranship` beside it, which the next run clears away.
//!
//! Nothing is lost: a directory we did not write is refused, so is one whose files of ours were changed by hand; with
//! `--force` what stands in the way is kept under a name ending in `.bak`. A file an earlier run wrote and this one does
//! not is removed only if it is as it was written.
//!
//! Where the directory cannot be replaced (the shell stands in it, it is a mount point, the folder above cannot be
//! written) each file is replaced in one step on its own, the state last; a rerun completes what was cut short.

mod carry;
mod place;
mod put;
mod stage;
mod survey;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tranship_emit::FileTree;

use stage::{Stage, Swap};
use survey::Survey;

/// What writing a tree did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that are new or have other content or rights than before.
    pub changed: usize,
    /// Files of an earlier run that are no longer part of the tree and were removed.
    pub removed: Vec<String>,
    /// Files of an earlier run that are no longer part of the tree, were changed by hand, and stay.
    pub kept: Vec<String>,
    /// What stood in the way, and the name it has now.
    pub saved: Vec<(String, String)>,
}

/// Writes a tree to a directory.
pub fn write(directory: &Path, tree: &FileTree, force: bool) -> anyhow::Result<Written> {
    let target = place::of(directory)?;
    let stage = match Stage::beside(&target) {
        Ok(stage) => Some(stage),
        Err(stage::Refused::Busy) => bail!("another run is writing to {} just now", directory.display()),
        Err(stage::Refused::Cannot(_)) if target.is_dir() => None,
        Err(stage::Refused::Cannot(fault)) => {
            return Err(fault).with_context(|| format!("cannot write {}", directory.display()));
        }
    };
    let survey =
        Survey::of(&target, tree, force).with_context(|| format!("cannot write to {}", directory.display()))?;
    let written = survey.outcome(tree);
    if survey.is_done(tree) {
        return Ok(written);
    }
    replace(stage.as_ref(), &target, tree, &survey).with_context(|| format!("cannot write {}", directory.display()))?;
    Ok(written)
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
