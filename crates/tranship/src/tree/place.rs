//! Where a directory really is: links are followed, so that a linked output directory stays linked.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// The real path of a directory that exists or is to be made. Folders above it are made.
pub fn of(directory: &Path) -> anyhow::Result<PathBuf> {
    let shown = directory.display();
    if let Ok(real) = directory.canonicalize() {
        if !real.is_dir() {
            bail!("{shown} is a file; choose another directory with `--out`");
        }
        if real.parent().is_none() {
            bail!("{shown} is the root of the file system; choose another directory with `--out`");
        }
        return Ok(real);
    }
    if fs::symlink_metadata(directory).is_ok() {
        bail!("{shown} is a link that leads nowhere; remove it or choose another directory with `--out`");
    }
    let full = found(directory)?;
    let (Some(parent), Some(name)) = (full.parent(), full.file_name()) else {
        bail!("{shown} names no directory");
    };
    fs::create_dir_all(parent).with_context(|| format!("cannot make the folder {}", parent.display()))?;
    let parent = parent.canonicalize().with_context(|| format!("cannot look at {}", parent.display()))?;
    Ok(parent.join(name))
}

/// Where a directory is or would be made. Nothing is made.
pub fn found(directory: &Path) -> anyhow::Result<PathBuf> {
    let full = || std::path::absolute(directory).map(|full| tranship_source::path::clean(&full));
    let found = directory.canonicalize().or_else(|_| full());
    found.with_context(|| format!("cannot tell where {} is", directory.display()))
}
