//! Writes the files of a tree: a whole new one, or one file after the other into a directory that stays.

use std::fs::{self, Metadata, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use tranship_emit::base::{BASE, PRIVATE_BASE};
use tranship_emit::state::STATE;
use tranship_emit::{File, FileTree};
use tranship_source::both_if;

use super::survey::Survey;

/// Up to so many files a second thread costs more than it saves.
const SMALL: usize = 24;

/// Makes a complete tree in a new directory. Files that `old` has already the same are linked, so that they stay as
/// old as they are.
pub fn fresh(new: &Path, old: &Path, tree: &FileTree, survey: &Survey) -> anyhow::Result<()> {
    make_folder(new, fs::metadata(old).ok().and_then(|meta| mode_of(&meta)).unwrap_or(0o755))?;
    for (folder, mode) in tree.folders() {
        make_folder(&new.join(folder), mode)?;
    }
    let put = |(path, file): &(&str, &File)| {
        let target = new.join(path);
        if survey.same.contains(*path) && fs::hard_link(old.join(path), &target).is_ok() {
            return Ok(());
        }
        create(&target, file, survey.precious.contains(*path)).with_context(|| format!("cannot write {path}"))
    };
    let files: Vec<(&str, &File)> = tree.iter().collect();
    // Making files is the system's work, and two at a time are made sooner.
    let (first, second) = files.split_at(files.len() / 2);
    let (first, second) =
        both_if(files.len() > SMALL, || first.iter().try_for_each(put), || second.iter().try_for_each(put));
    first.and(second)
}

/// Replaces the files of a directory one by one, and last what says how they were written: a run that was cut short has
/// the old texts to merge with, which gives the same files again.
pub fn in_place(directory: &Path, tree: &FileTree, survey: &Survey) -> anyhow::Result<()> {
    for (path, name) in &survey.blocked {
        fs::rename(directory.join(path), directory.join(name)).with_context(|| format!("cannot rename {path}"))?;
    }
    for (folder, mode) in tree.folders() {
        make_folder(&directory.join(folder), mode)?;
    }
    for path in &survey.same {
        // A run that was cut short may have left its copy of a file that is not replaced now.
        _ = fs::remove_file(beside(directory, path));
    }
    let changed = || tree.iter().filter(|(path, _)| !survey.same.contains(*path));
    let is_last = |path: &str| [PRIVATE_BASE, BASE, STATE].contains(&path);
    let (mut last, rest): (Vec<_>, Vec<_>) = changed().partition(|(path, _)| is_last(path));
    last.sort_by_key(|(path, _)| *path == STATE);
    for (path, file) in rest {
        replace(directory, path, file, survey)?;
    }
    for path in &survey.stale {
        fs::remove_file(directory.join(path)).with_context(|| format!("cannot remove {path}"))?;
        remove_empty_folders(directory, path);
    }
    last.into_iter().try_for_each(|(path, file)| replace(directory, path, file, survey))
}

fn replace(directory: &Path, path: &str, file: &File, survey: &Survey) -> anyhow::Result<()> {
    let target = directory.join(path);
    let beside = beside(directory, path);
    // What a killed run left there is an unfinished copy of our own.
    _ = fs::remove_file(&beside);
    create(&beside, file, survey.precious.contains(path))
        .and_then(|()| fs::rename(&beside, &target))
        .with_context(|| format!("cannot write {path}"))
}

/// Where a file is made before it takes its place.
fn beside(directory: &Path, path: &str) -> PathBuf {
    let mut name = directory.join(path).into_os_string();
    name.push(".tranship-new");
    name.into()
}

fn remove_empty_folders(directory: &Path, path: &str) {
    for (end, _) in path.rmatch_indices('/') {
        // A folder that is not empty stays.
        if path.get(..end).is_none_or(|folder| fs::remove_dir(directory.join(folder)).is_err()) {
            return;
        }
    }
}

/// Makes a file. A precious one is on the disk itself when this returns.
fn create(path: &Path, file: &File, precious: bool) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    open_mode(&mut options, file.mode);
    let mut opened = options.open(path)?;
    opened.write_all(&file.bytes)?;
    if precious {
        opened.sync_all()?;
    }
    // Only a umask makes the rights differ, and asking costs less than setting.
    if mode_of(&opened.metadata()?) == Some(file.mode) { Ok(()) } else { set_mode(path, file.mode) }
}

/// Makes a folder with its rights; one that exists keeps its own, unless they are wider than a private one may have.
pub fn make_folder(path: &Path, mode: u32) -> anyhow::Result<()> {
    let existed = path.is_dir();
    if !existed {
        fs::create_dir(path).with_context(|| format!("cannot make the folder {}", path.display()))?;
    }
    if !existed || mode == 0o700 {
        set_mode(path, mode).with_context(|| format!("cannot set the rights of {}", path.display()))?;
    }
    Ok(())
}

/// Permission bits, where the system has them.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have none")]
pub fn mode_of(meta: &Metadata) -> Option<u32> {
    Some(std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o7777)
}

/// Permission bits, where the system has them.
#[cfg(not(unix))]
pub fn mode_of(_meta: &Metadata) -> Option<u32> {
    None
}

#[cfg(unix)]
fn open_mode(options: &mut OpenOptions, mode: u32) {
    std::os::unix::fs::OpenOptionsExt::mode(options, mode);
}

#[cfg(not(unix))]
fn open_mode(_options: &mut OpenOptions, _mode: u32) {}

/// Sets permission bits, where the system has them.
#[cfg(unix)]
pub fn set_mode(path: &Path, mode: u32) -> std::io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))
}

/// Sets permission bits, where the system has them.
#[cfg(not(unix))]
pub fn set_mode(_path: &Path, _mode: u32) -> std::io::Result<()> {
    Ok(())
}
