//! The real [`World`]: disk, environment, standard input and clock.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use tranship_source::{Kind, Stat, World};

/// Files and environment of this machine. The environment is read once, when it is made.
#[derive(Debug)]
pub struct DiskWorld {
    env: BTreeMap<String, String>,
    current: PathBuf,
}

impl DiskWorld {
    /// The world as it is now; fails where the current directory cannot be told.
    pub fn new() -> io::Result<Self> {
        let text = |value: std::ffi::OsString| value.into_string().ok();
        let env = std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))).collect();
        Ok(Self { current: current_dir(&env)?, env })
    }
}

/// The directory the shell shows (`PWD`) if it is the real one, so that links in it keep their names.
fn current_dir(env: &BTreeMap<String, String>) -> io::Result<PathBuf> {
    let real = std::env::current_dir()?;
    let shown = env.get("PWD").map(PathBuf::from).filter(|pwd| pwd.is_absolute());
    let same = |pwd: &PathBuf| pwd.canonicalize().ok() == real.canonicalize().ok();
    Ok(shown.filter(same).unwrap_or(real))
}

#[cfg(unix)]
fn mode(meta: &std::fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o7777
}

#[cfg(not(unix))]
fn mode(meta: &std::fs::Metadata) -> u32 {
    if meta.permissions().readonly() { 0o444 } else { 0o644 }
}

impl World for DiskWorld {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(self.current.join(path))
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let entries = std::fs::read_dir(self.current.join(path))?;
        let mut names = entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        let path = self.current.join(path);
        let meta = std::fs::metadata(&path)?;
        let kind = match meta.file_type() {
            t if t.is_file() => Kind::File,
            t if t.is_dir() => Kind::Directory,
            _ => Kind::Other,
        };
        Ok(Stat { kind, mode: mode(&meta), size: meta.len(), link: std::fs::read_link(&path).ok() })
    }

    fn env(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    fn current_dir(&self) -> &Path {
        &self.current
    }

    fn stdin(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
    }
}
