//! The folder beside the directory in which the new tree is made, and the step in which both change places.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::put::set_mode;

/// `.DIR.tranship` beside the directory: `new` is the tree in the making, and after the change the old one.
#[derive(Debug)]
pub struct Stage {
    path: PathBuf,
    /// Held locked, so that a second run waits for no half-made tree and clears none away.
    _lock: File,
}

/// Why there is no stage.
#[derive(Debug)]
pub enum Refused {
    /// Another run holds it.
    Busy,
    /// It cannot be made.
    Cannot(io::Error),
}

/// How an attempt to replace a directory ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Swap {
    /// The new tree stands.
    Done,
    /// The system does not let the directory be replaced; nothing has changed.
    Impossible,
}

const NEW: &str = "new";
const OLD: &str = "old";

impl Stage {
    /// Makes the stage beside a directory and clears away what a killed run left in it. A run that was killed between
    /// two renames has its old tree put back.
    pub fn beside(directory: &Path) -> Result<Self, Refused> {
        let (Some(parent), Some(name)) = (directory.parent(), directory.file_name()) else {
            return Err(Refused::Cannot(io::Error::other("it has no folder above it")));
        };
        let path = parent.join(format!(".{}.tranship", name.to_string_lossy()));
        match fs::create_dir(&path) {
            Err(fault) if fault.kind() != io::ErrorKind::AlreadyExists => return Err(Refused::Cannot(fault)),
            _ => {}
        }
        let lock = File::open(&path).map_err(Refused::Cannot)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Refused::Busy),
            Err(TryLockError::Error(fault)) => return Err(Refused::Cannot(fault)),
        }
        let stage = Self { path, _lock: lock };
        stage.recover(directory).map_err(Refused::Cannot)?;
        // Secrets pass through it.
        set_mode(&stage.path, 0o700).map_err(Refused::Cannot)?;
        Ok(stage)
    }

    /// Where the new tree is made.
    pub fn new_tree(&self) -> PathBuf {
        self.path.join(NEW)
    }

    /// Puts the new tree in the directory's place.
    pub fn swap(&self, directory: &Path) -> io::Result<Swap> {
        let (new, old) = (self.new_tree(), self.path.join(OLD));
        if !directory.exists() {
            return fs::rename(&new, directory).map(|()| Swap::Done);
        }
        if exchange(&new, directory) {
            return Ok(Swap::Done);
        }
        if fs::rename(directory, &old).is_err() {
            return Ok(Swap::Impossible);
        }
        fs::rename(&new, directory).map(|()| Swap::Done).or_else(|fault| fs::rename(&old, directory).and(Err(fault)))
    }

    fn recover(&self, directory: &Path) -> io::Result<()> {
        let old = self.path.join(OLD);
        if old.is_dir() && !directory.exists() {
            fs::rename(&old, directory)?;
        }
        clear(&self.new_tree())?;
        clear(&old)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // What cannot be cleared now is cleared by the next run.
        _ = clear(&self.path.join(NEW));
        _ = clear(&self.path.join(OLD));
        _ = fs::remove_dir(&self.path);
    }
}

/// Removes a tree that stands elsewhere in full: everything in it is ours or a second link.
fn clear(tree: &Path) -> io::Result<()> {
    match fs::remove_dir_all(tree) {
        Err(fault) if fault.kind() == io::ErrorKind::PermissionDenied => {
            open_folders(tree)?;
            fs::remove_dir_all(tree)
        }
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Gives the owner every right on the folders of a tree.
fn open_folders(folder: &Path) -> io::Result<()> {
    set_mode(folder, 0o700)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_folders(&entry.path())?;
        }
    }
    Ok(())
}

/// Lets two directories change places in one step, where the system can.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn exchange(one: &Path, other: &Path) -> bool {
    use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
    renameat2(AT_FDCWD, one, AT_FDCWD, other, RenameFlags::RENAME_EXCHANGE).is_ok()
}

/// Lets two directories change places in one step, where the system can.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn exchange(_one: &Path, _other: &Path) -> bool {
    false
}
