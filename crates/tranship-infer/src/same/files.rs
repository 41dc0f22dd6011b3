//! Files of the machine that docker compose would bind into a container.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use tranship_source::{Kind, World};

/// Folders nested deeper than that are a loop of links.
const DEEPEST: usize = 24;

/// Names that the lift leaves out of folders of configuration: histories and what tools can make again.
const LEFT_OUT: &[&str] = &[".git", ".svn", ".hg", "node_modules", "__pycache__", ".DS_Store"];

/// A file with its permission bits.
pub(super) struct Bound {
    /// Path below the folder; empty for a file by itself.
    pub path: String,
    pub bytes: Vec<u8>,
    pub mode: u32,
}

/// What was read, each path once.
pub(super) struct Disk<'a> {
    world: &'a dyn World,
    read: BTreeMap<PathBuf, Option<Rc<Vec<Bound>>>>,
}

impl<'a> Disk<'a> {
    pub(super) fn new(world: &'a dyn World) -> Self {
        Self { world, read: BTreeMap::new() }
    }

    /// A file, or the files below a folder, sorted by path; `None` where there is nothing to read.
    pub(super) fn files(&mut self, path: &Path) -> Option<Rc<Vec<Bound>>> {
        if let Some(known) = self.read.get(path) {
            return known.clone();
        }
        let mut files = Vec::new();
        let found = self.look(path, String::new(), DEEPEST, &mut files).map(|()| {
            files.sort_by(|a, b| a.path.cmp(&b.path));
            Rc::new(files)
        });
        self.read.insert(path.to_path_buf(), found.clone());
        found
    }

    fn look(&self, path: &Path, below: String, left: usize, out: &mut Vec<Bound>) -> Option<()> {
        let stat = self.world.stat(path).ok()?;
        match stat.kind {
            Kind::File => {
                let bytes = self.world.read(path).ok()?;
                out.push(Bound { path: below, bytes, mode: stat.mode & 0o777 });
            }
            Kind::Directory if left > 0 => {
                for name in self.world.list(path).ok()? {
                    if LEFT_OUT.contains(&name.as_str()) {
                        continue;
                    }
                    let inside = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
                    // What cannot be read is nothing a container could read either.
                    let _ = self.look(&path.join(name), inside, left - 1, out);
                }
            }
            Kind::Directory | Kind::Other => {}
        }
        Some(())
    }
}
