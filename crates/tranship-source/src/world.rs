//! The only way the pure crates see files and the environment.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// What a path is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A socket, device, pipe or anything else.
    Other,
}

/// What is known of a path. Links are followed for everything but `link`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    /// What the path leads to.
    pub kind: Kind,
    /// Permission bits, such as `0o755`.
    pub mode: u32,
    /// Size in bytes.
    pub size: u64,
    /// Where the path points, when it is itself a symbolic link.
    pub link: Option<PathBuf>,
}

/// Files, environment and clock as a pure crate may see them.
///
/// Paths are absolute or relative to [`World::current_dir`]. `read` and `list` follow symbolic links.
pub trait World {
    /// The bytes of a file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// The names in a directory, sorted.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;
    /// What a path is.
    fn stat(&self, path: &Path) -> io::Result<Stat>;
    /// The environment, sorted by name. Entries that are not UTF-8 are left out.
    fn env(&self) -> &BTreeMap<String, String>;
    /// The directory the command was started in, absolute.
    fn current_dir(&self) -> &Path;
    /// The standard input as far as the command may read it.
    fn stdin(&self) -> io::Result<Vec<u8>>;
    /// Seconds since 1970-01-01 UTC.
    fn now(&self) -> u64;

    /// The user's home directory, as `HOME` says.
    fn home(&self) -> Option<&Path> {
        self.env().get("HOME").filter(|home| !home.is_empty()).map(Path::new)
    }
}

/// A world in memory, for tests and for input that is no file.
#[derive(Clone, Debug, Default)]
pub struct MemoryWorld {
    files: BTreeMap<PathBuf, (u32, Vec<u8>)>,
    directories: std::collections::BTreeSet<PathBuf>,
    env: BTreeMap<String, String>,
    current: PathBuf,
    stdin: Vec<u8>,
}

impl MemoryWorld {
    /// An empty world whose current directory is `/project`.
    pub fn new() -> Self {
        Self { current: PathBuf::from("/project"), ..Self::default() }.with_directory("/project")
    }

    /// Adds a file of mode 0644; relative paths lie in the current directory. Parents come by themselves.
    #[must_use]
    pub fn with(self, path: impl AsRef<Path>, content: impl Into<Vec<u8>>) -> Self {
        self.with_mode(path, 0o644, content)
    }

    /// Adds a file with permission bits.
    #[must_use]
    pub fn with_mode(mut self, path: impl AsRef<Path>, mode: u32, content: impl Into<Vec<u8>>) -> Self {
        let path = self.absolute(path.as_ref());
        if let Some(parent) = path.parent() {
            self = self.with_directory(parent);
        }
        self.files.insert(path, (mode, content.into()));
        self
    }

    /// Adds a directory and its parents.
    #[must_use]
    pub fn with_directory(mut self, path: impl AsRef<Path>) -> Self {
        let path = self.absolute(path.as_ref());
        self.directories.extend(path.ancestors().map(Path::to_path_buf));
        self
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn with_env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// Sets what is read from the standard input.
    #[must_use]
    pub fn with_stdin(mut self, content: impl Into<Vec<u8>>) -> Self {
        self.stdin = content.into();
        self
    }

    /// Sets the current directory.
    #[must_use]
    pub fn with_current_dir(mut self, path: impl AsRef<Path>) -> Self {
        self.current = path.as_ref().to_path_buf();
        let current = self.current.clone();
        self.with_directory(current)
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        crate::path::clean(&self.current.join(path))
    }
}

fn not_found(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{}: no such file or directory", path.display()))
}

impl World for MemoryWorld {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let path = self.absolute(path);
        if self.directories.contains(&path) {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, format!("{}: is a directory", path.display())));
        }
        self.files.get(&path).map(|(_, bytes)| bytes.clone()).ok_or_else(|| not_found(&path))
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let path = self.absolute(path);
        if !self.directories.contains(&path) {
            return Err(not_found(&path));
        }
        let children = self.files.keys().chain(&self.directories).filter(|p| p.parent() == Some(&path));
        let mut names: Vec<String> =
            children.filter_map(|p| p.file_name()).map(|n| n.to_string_lossy().into_owned()).collect();
        names.sort();
        Ok(names)
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        let path = self.absolute(path);
        if let Some((mode, bytes)) = self.files.get(&path) {
            return Ok(Stat { kind: Kind::File, mode: *mode, size: bytes.len() as u64, link: None });
        }
        if self.directories.contains(&path) {
            return Ok(Stat { kind: Kind::Directory, mode: 0o755, size: 0, link: None });
        }
        Err(not_found(&path))
    }

    fn env(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    fn current_dir(&self) -> &Path {
        &self.current
    }

    fn stdin(&self) -> io::Result<Vec<u8>> {
        Ok(self.stdin.clone())
    }

    fn now(&self) -> u64 {
        0
    }
}
