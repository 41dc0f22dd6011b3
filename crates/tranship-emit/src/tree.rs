//! Files to be written: relative paths, bytes and permission bits. What cannot be written everywhere is refused here.

use std::collections::BTreeMap;
use std::fmt;

/// Permission bits of a file anyone may read.
pub const PUBLIC: u32 = 0o644;
/// Permission bits of a file only its owner may read.
pub const PRIVATE: u32 = 0o600;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its permission bits: [`PUBLIC`] or [`PRIVATE`].
    pub mode: u32,
}

impl File {
    /// A file anyone may read.
    pub fn public(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), mode: PUBLIC }
    }

    /// A file only its owner may read.
    pub fn private(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), mode: PRIVATE }
    }

    /// Whether only its owner may read it.
    pub fn is_private(&self) -> bool {
        self.mode == PRIVATE
    }
}

/// Why a file cannot join a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The path is absolute, empty, leaves the tree or has a step some platform cannot write.
    Path(String),
    /// Another file has the path, or one that differs in upper and lower case only.
    Taken {
        /// The path refused.
        path: String,
        /// The one that is there.
        by: String,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "`{path}` is no path inside the output"),
            Self::Taken { path, by } => write!(f, "`{path}` and `{by}` are one file on some systems"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Files by path, sorted. Folders follow from the paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTree {
    files: BTreeMap<String, File>,
    /// Every file and folder in lower case, with its real spelling and whether it is a folder.
    folded: BTreeMap<String, (String, bool)>,
}

impl FileTree {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file. Steps of the path are parted by `/`.
    pub fn add(&mut self, path: &str, file: File) -> Result<(), Refusal> {
        if !is_inside(path) {
            return Err(Refusal::Path(path.to_owned()));
        }
        let taken = |by: &str| Refusal::Taken { path: path.to_owned(), by: by.to_owned() };
        let lower = path.to_lowercase();
        let mut new_folders = Vec::new();
        for (folder, lower) in folders(path).zip(folders(&lower)) {
            match self.folded.get(lower) {
                Some((known, is_folder)) if !is_folder || known != folder => return Err(taken(known)),
                Some(_) => {}
                None => new_folders.push((lower.to_owned(), (folder.to_owned(), true))),
            }
        }
        if let Some((known, _)) = self.folded.get(&lower) {
            return Err(taken(known));
        }
        self.folded.extend(new_folders);
        self.folded.insert(lower, (path.to_owned(), false));
        self.files.insert(path.to_owned(), file);
        Ok(())
    }

    /// Puts other content in the place of a file, or adds it.
    pub fn put(&mut self, path: &str, file: File) -> Result<(), Refusal> {
        match self.files.get_mut(path) {
            Some(old) => {
                *old = file;
                Ok(())
            }
            None => self.add(path, file),
        }
    }

    /// Takes a file out.
    pub fn remove(&mut self, path: &str) {
        if self.files.remove(path).is_some() {
            self.folded.remove(&path.to_lowercase());
        }
    }

    /// The file at a path.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// The files, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> + Clone {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// The files, sorted by path, to be put into another tree.
    pub fn into_files(self) -> impl Iterator<Item = (String, File)> {
        self.files.into_iter()
    }

    /// The folders with their permission bits, parents first. A folder of private files, with at most a `.gitignore`
    /// beside them, is private.
    pub fn folders(&self) -> BTreeMap<String, u32> {
        let mut out: BTreeMap<String, u32> = BTreeMap::new();
        for (path, file) in &self.files {
            for folder in folders(path) {
                let mode = out.entry(folder.to_owned()).or_insert(0o700);
                if !file.is_private() && !path.ends_with("/.gitignore") {
                    *mode = 0o755;
                }
            }
        }
        out
    }
}

/// The folders a path lies in, outermost first.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(end, _)| path.get(..end))
}

/// Whether a path stays inside a tree and can be written on every system.
pub fn is_inside(path: &str) -> bool {
    let legal = |c: char| !c.is_control() && !"\\:*?\"<>|".contains(c);
    let step =
        |step: &str| !step.is_empty() && step != "." && step != ".." && step.len() <= 255 && step.chars().all(legal);
    path.split('/').all(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_the_tree_are_refused() {
        for path in ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "./a", "c:x", "a\\b", "a\nb", &"x".repeat(256)]
        {
            let refused = FileTree::new().add(path, File::public(""));
            assert_eq!(refused, Err(Refusal::Path(path.to_owned())), "{path}");
        }
    }

    #[test]
    fn a_second_file_of_the_same_name_is_refused_whatever_its_case() {
        for (first, second, by) in
            [("a/b", "a/b", "a/b"), ("a/b", "a/B", "a/b"), ("a/b", "A/c", "a"), ("a", "a/b", "a"), ("a/b", "a", "a")]
        {
            let mut tree = FileTree::new();
            tree.add(first, File::public("")).unwrap();
            let refused = tree.add(second, File::public(""));
            assert_eq!(refused, Err(Refusal::Taken { path: second.to_owned(), by: by.to_owned() }));
            assert_eq!(tree.len(), 1);
        }
    }

    #[test]
    fn a_folder_of_private_files_is_private() {
        let mut tree = FileTree::new();
        tree.add("a/b/secret", File::private("")).unwrap();
        tree.add("a/b/.gitignore", File::public("")).unwrap();
        tree.add("a/open", File::public("")).unwrap();
        let folders: Vec<_> = tree.folders().into_iter().collect();
        assert_eq!(folders, [("a".to_owned(), 0o755), ("a/b".to_owned(), 0o700)]);
    }
}
