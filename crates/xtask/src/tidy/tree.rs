//! The files that rules look at: those Git knows or would take.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use tranship_testing::Program;

use super::Fault;

/// A text file.
#[derive(Clone, Debug)]
pub struct File {
    /// From the root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// All text files of the repository.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// Sorted by path.
    pub files: Vec<File>,
    /// Where it was read from.
    pub root: String,
}

impl Tree {
    /// Reads what Git lists. Binary files are left out; a link is what it points to.
    pub fn read(root: &Path) -> Result<Self> {
        let listed = Program::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .dir(root)
            .succeed()?;
        let mut files = Vec::new();
        for path in listed.text().split('\0').filter(|path| !path.is_empty()) {
            let full = root.join(path);
            if !full.is_file() {
                continue; // deleted and not yet committed, or a link to a folder
            }
            let bytes = fs::read(&full).with_context(|| format!("reading {path}"))?;
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(File { path: path.to_owned(), text });
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files, root: root.display().to_string() })
    }

    /// The Rust files.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| has_extension(&file.path, "rs"))
    }

    /// A tree in memory, for the tests of rules: one file.
    #[cfg(test)]
    pub fn of(path: &str, text: &str) -> Self {
        Self { files: vec![File { path: path.to_owned(), text: text.to_owned() }], root: "/elsewhere".to_owned() }
    }
}

/// Whether a path ends in such an extension.
pub fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

impl File {
    /// The lines before the tests, numbered from 1.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let tests =
            ["/tests.rs", "_tests.rs"].iter().any(|name| self.path.ends_with(name)) || self.path.contains("/tests/");
        self.lines().take_while(move |(_, line)| !tests && line.trim() != "#[cfg(test)]")
    }

    /// All lines, numbered from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(at, line)| (at + 1, line))
    }

    /// A fault in one of its lines, or none where the line is excused.
    pub fn fault(&self, rule: &str, line: usize, what: impl Into<String>) -> Option<Fault> {
        let excuse = format!("tidy: allow {rule}: ");
        let above = line.saturating_sub(2);
        let excused = self.text.lines().skip(above).take(line - above).any(|text| text.contains(&excuse));
        (!excused).then(|| Fault { path: self.path.clone(), line, what: what.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn a_line_is_excused_by_a_reason_in_it_or_right_above() {
        let tree = Tree::of(
            "a.rs",
            "one\n// tidy: allow rule: it must\ntwo\nthree // tidy: allow rule: so be it\nfour\nfive\n",
        );
        let faults: Vec<usize> =
            (1..=6).filter(|line| tree.files.iter().any(|file| file.fault("rule", *line, "bad").is_some())).collect();
        // The line after an excuse in a line's end is taken as excused too; the last one is not.
        assert_eq!(faults, [1, 6]);
    }
}
