//! Reads files of the project, each once, and counts them.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use tranship_source::{Kind, World, path};

/// Larger files are no manifests and no code people write.
const LARGEST: u64 = 256 * 1024;
/// So many files and folders are looked at in one project; what is beyond is not known.
const MOST_FILES: usize = 2_000;
const MOST_FOLDERS: usize = 1_000;

/// Reads files of a project by their paths from its directory.
pub struct Reader<'a> {
    world: &'a dyn World,
    project_dir: PathBuf,
    texts: BTreeMap<String, Option<Arc<str>>>,
    lists: BTreeMap<String, Arc<[String]>>,
    read: usize,
    bytes: usize,
}

impl<'a> Reader<'a> {
    /// A reader of the files below a directory, absolute, and beside it.
    pub fn new(world: &'a dyn World, project_dir: &Path) -> Self {
        let (texts, lists) = (BTreeMap::new(), BTreeMap::new());
        Self { world, project_dir: path::clean(project_dir), texts, lists, read: 0, bytes: 0 }
    }

    /// How many files were read, with how many bytes, and how many folders were listed.
    pub fn counted(&self) -> (usize, usize, usize) {
        (self.read, self.bytes, self.lists.len())
    }

    /// A path as it is named: from the project directory, cleaned, `.` for the directory itself.
    pub fn name(&self, folder: &str, file: &str) -> String {
        let joined = path::join(&self.project_dir, &Path::new(folder).join(file));
        // What lies beside the project is named from it too: no name tells the machine.
        let shared = joined.components().zip(self.project_dir.components()).take_while(|(a, b)| a == b).count();
        let up = self.project_dir.components().skip(shared).map(|_| Component::ParentDir);
        let steps: PathBuf = up.chain(joined.components().skip(shared)).collect();
        let text = steps.to_string_lossy().replace('\\', "/");
        if text.is_empty() { ".".to_owned() } else { text }
    }

    /// The text of a file; `None` where it is not there, too large or no text.
    pub fn text(&mut self, name: &str) -> Option<Arc<str>> {
        if let Some(known) = self.texts.get(name) {
            return known.clone();
        }
        let text = self.fetch(name);
        self.texts.insert(name.to_owned(), text.clone());
        text
    }

    fn fetch(&mut self, name: &str) -> Option<Arc<str>> {
        let path = self.project_dir.join(name);
        let stat = self.world.stat(&path).ok()?;
        if stat.kind != Kind::File || stat.size > LARGEST || self.read >= MOST_FILES {
            return None;
        }
        let bytes = self.world.read(&path).ok()?;
        self.read += 1;
        self.bytes += bytes.len();
        String::from_utf8(bytes).ok().map(Arc::from)
    }

    /// The names in a folder, sorted; empty where there is none.
    pub fn list(&mut self, folder: &str) -> Arc<[String]> {
        if let Some(known) = self.lists.get(folder) {
            return Arc::clone(known);
        }
        let listed =
            if self.lists.len() < MOST_FOLDERS { self.world.list(&self.project_dir.join(folder)).ok() } else { None };
        let names: Arc<[String]> = listed.unwrap_or_default().into();
        self.lists.insert(folder.to_owned(), Arc::clone(&names));
        names
    }

    /// Whether a path is a folder.
    pub fn is_folder(&self, name: &str) -> bool {
        self.world.stat(&self.project_dir.join(name)).is_ok_and(|stat| stat.kind == Kind::Directory)
    }

    /// Folders in a folder that may hold code.
    pub fn folders_in(&mut self, folder: &str) -> Vec<String> {
        let names = self.list(folder);
        let wanted = names.iter().filter(|name| !is_skipped(name));
        let paths: Vec<String> = wanted.map(|name| self.name(folder, name)).collect();
        paths.into_iter().filter(|path| self.is_folder(path)).collect()
    }
}

/// Folders that hold no code of the project's own.
fn is_skipped(name: &str) -> bool {
    const SKIPPED: [&str; 26] = [
        "__pycache__",
        "assets",
        "bower_components",
        "build",
        "coverage",
        "data",
        "dist",
        "docs",
        "env",
        "fixtures",
        "logs",
        "node_modules",
        "obj",
        "out",
        "public",
        "static",
        "target",
        "test",
        "tests",
        "tmp",
        "uploads",
        "vendor",
        "venv",
        "var",
        "e2e",
        "bin",
    ];
    name.starts_with('.') || SKIPPED.contains(&name)
}
