//! Small projects written as one text: `-- name` starts a file. They can lie on disk or in memory.

use std::fs;
use std::io;
use std::path::Path;

use tempfile::TempDir;
use tranship_source::MemoryWorld;

/// A handful of files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixture {
    files: Vec<(String, String)>,
}

impl Fixture {
    /// Reads a text in which each file starts with a line `-- path/of/file`.
    ///
    /// ```
    /// use tranship_testing::Fixture;
    /// let project = Fixture::parse("-- compose.yaml\nservices: {web: {image: nginx}}\n-- .env\nA=1\n");
    /// assert_eq!(project.file(".env"), Some("A=1\n"));
    /// ```
    pub fn parse(text: &str) -> Self {
        let mut files: Vec<(String, String)> = Vec::new();
        for line in text.split_inclusive('\n') {
            if let Some(name) = line.strip_prefix("-- ") {
                files.push((name.trim().to_owned(), String::new()));
            } else if let Some((_, content)) = files.last_mut() {
                content.push_str(line);
            }
        }
        Self { files }
    }

    /// The text of one file.
    pub fn file(&self, name: &str) -> Option<&str> {
        self.files.iter().find(|(path, _)| path == name).map(|(_, content)| content.as_str())
    }

    /// The files in a fresh temporary directory, deleted when the value is dropped.
    pub fn on_disk(&self) -> io::Result<TempDir> {
        let dir = TempDir::with_prefix("tranship-fixture-")?;
        for (name, content) in &self.files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
            fs::write(path, content)?;
        }
        Ok(dir)
    }

    /// The files in the current directory of a world in memory.
    pub fn in_memory(&self) -> MemoryWorld {
        self.files.iter().fold(MemoryWorld::new(), |world, (name, content)| world.with(name, content.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::Fixture;
    use tranship_source::World;

    #[test]
    fn the_same_files_lie_on_disk_and_in_memory() {
        let project = Fixture::parse("-- a.yaml\none\ntwo\n-- sub/b\n");
        let dir = project.on_disk().unwrap();
        let world = project.in_memory();
        for name in ["a.yaml", "sub/b"] {
            let on_disk = std::fs::read(dir.path().join(name)).unwrap();
            assert_eq!(on_disk, world.read(&world.current_dir().join(name)).unwrap());
        }
        assert_eq!(project.file("a.yaml"), Some("one\ntwo\n"));
    }
}
