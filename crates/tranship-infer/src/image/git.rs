//! The commit a project stands at, read from `.git` without the program.

use std::path::{Path, PathBuf};

use tranship_source::World;

/// The first twelve digits of the commit that is checked out; `None` outside a repository or before its first commit.
pub(super) fn commit(world: &dyn World, project_dir: &Path) -> Option<String> {
    let folder = project_dir.ancestors().find_map(|folder| repository(world, &folder.join(".git")))?;
    let head = text(world, &folder.join("HEAD"))?;
    let id = match head.strip_prefix("ref:") {
        None => head,
        Some(name) => reference(world, &folder, name.trim())?,
    };
    let hex = id.len() >= 40 && id.chars().all(|c| c.is_ascii_hexdigit());
    hex.then(|| id.get(..12).map(str::to_lowercase)).flatten()
}

/// The folder of a repository: `.git` itself, or where it points to as in a worktree.
fn repository(world: &dyn World, dot_git: &Path) -> Option<PathBuf> {
    if text(world, &dot_git.join("HEAD")).is_some() {
        return Some(dot_git.to_path_buf());
    }
    let link = text(world, dot_git)?;
    let path = Path::new(link.strip_prefix("gitdir:")?.trim());
    Some(tranship_source::path::join(dot_git.parent()?, path))
}

/// A branch's commit: a file of its name, or a line of the packed ones. A worktree's lie in the common folder.
fn reference(world: &dyn World, folder: &Path, name: &str) -> Option<String> {
    if name.split('/').any(|step| step == "..") {
        return None;
    }
    let common =
        text(world, &folder.join("commondir")).map(|path| tranship_source::path::join(folder, Path::new(&path)));
    let folders = std::iter::once(folder.to_path_buf()).chain(common);
    folders.into_iter().find_map(|folder| {
        text(world, &folder.join(name)).or_else(|| {
            let packed = text(world, &folder.join("packed-refs"))?;
            let line = packed.lines().find_map(|line| line.split_once(' ').filter(|(_, known)| *known == name));
            line.map(|(id, _)| id.to_owned())
        })
    })
}

fn text(world: &dyn World, path: &Path) -> Option<String> {
    let bytes = world.read(path).ok()?;
    String::from_utf8(bytes).ok().map(|text| text.trim().to_owned())
}
