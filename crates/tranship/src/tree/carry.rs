//! Takes what is not ours from the old directory into the new one, as links: nothing is moved until the new one stands.

use std::fs;
use std::io;
use std::path::Path;

use tranship_emit::FileTree;

use super::put::{mode_of, set_mode};
use super::survey::Survey;

/// Links everything over that the tree does not replace and that is not stale.
pub fn over(old: &Path, new: &Path, tree: &FileTree, survey: &Survey) -> io::Result<()> {
    folder(old, new, "", &mut |path| {
        if let Some(name) = survey.blocked.get(path) {
            return Some(name.clone());
        }
        let ours = tree.get(path).is_some() || survey.stale.contains(path);
        (!ours).then(|| path.to_owned())
    })
}

/// Carries the entries of one folder; `place` says where each goes, or that it does not.
fn folder(old: &Path, new: &Path, path: &str, place: &mut dyn FnMut(&str) -> Option<String>) -> io::Result<()> {
    for entry in fs::read_dir(old.join(path))? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            return Err(io::Error::other("a name is not UTF-8"));
        };
        let inner = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        let Some(target) = place(&inner) else { continue };
        let is_folder = entry.file_type()?.is_dir();
        match (is_folder, target == inner) {
            (true, true) => subfolder(old, new, &inner, place)?,
            (true, false) => whole(&old.join(&inner), &new.join(&target))?,
            (false, _) => link(&old.join(&inner), &new.join(&target))?,
        }
    }
    Ok(())
}

/// A folder of ours that has nothing left in it goes; an empty one that was not ours stays.
fn subfolder(old: &Path, new: &Path, path: &str, place: &mut dyn FnMut(&str) -> Option<String>) -> io::Result<()> {
    let (from, to) = (old.join(path), new.join(path));
    let made = !to.is_dir();
    if made {
        fs::create_dir_all(&to)?;
    }
    folder(old, new, path, place)?;
    if !made {
        return Ok(());
    }
    let is_ours = || path.strip_prefix("secrets/").unwrap_or(path).starts_with("conflicts");
    if fs::read_dir(&to)?.next().is_none() && (is_ours() || fs::read_dir(&from)?.next().is_some()) {
        return fs::remove_dir(&to);
    }
    same_mode(&from, &to)
}

/// A folder with everything in it under another name.
fn whole(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() { whole(&entry.path(), &target)? } else { link(&entry.path(), &target)? }
    }
    same_mode(from, to)
}

fn same_mode(from: &Path, to: &Path) -> io::Result<()> {
    mode_of(&fs::metadata(from)?).map_or(Ok(()), |mode| set_mode(to, mode))
}

/// The same file under another name; where links cannot be made, a copy.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    let Err(fault) = fs::hard_link(from, to) else { return Ok(()) };
    if fs::symlink_metadata(from)?.is_file() { fs::copy(from, to).map(drop) } else { Err(fault) }
}
