//! Places as they may stand in an output file: relative to the project directory, the same on every machine.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use serde::Serialize;
use tranship_source::{FileId, Position, Sources, Span, path};

use crate::bundle::Bundle;

/// A place in a file of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place<'a> {
    /// The file, relative to the project directory, with `/`.
    pub file: &'a str,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Turns spans into places, and texts that name the project directory into texts that do not.
#[derive(Debug)]
pub struct Places<'a> {
    sources: &'a Sources,
    names: Vec<String>,
    /// Directories that must not be named, the longest first, each in the one before, and what stands for each.
    hidden: Vec<(String, String)>,
}

impl<'a> Places<'a> {
    /// Places seen from the project directory. Names of sources are relative to the current directory.
    pub fn new(sources: &'a Sources, project_dir: &Path, current_dir: &Path) -> Self {
        let names = sources.iter().map(|(_, source)| relative(&source.name, project_dir, current_dir)).collect();
        Self { sources, names, hidden: hidden(project_dir) }
    }

    /// Places as the files made of a bundle name them.
    pub fn of_bundle(bundle: &Bundle<'a>) -> Self {
        Self::new(bundle.sources, bundle.project_dir, bundle.current_dir)
    }

    /// The place a span starts at; `None` for a span of no file.
    pub fn of(&self, span: Span) -> Option<Place<'_>> {
        let Position { line, column } = self.sources.get(span.file)?.position(span.start);
        Some(Place { file: self.file(span.file)?, line, column })
    }

    /// The name of a file.
    pub fn file(&self, id: FileId) -> Option<&str> {
        self.names.get(id.0 as usize).map(String::as_str)
    }

    /// A text in which the project directory and its parents are written as `.` and `..`.
    pub fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        // All hidden directories start with the last of them, and most texts name no path at all.
        let names_one = |(hidden, _): &(String, String)| text.contains('/') && text.contains(hidden.as_str());
        if !self.hidden.last().is_some_and(names_one) {
            return Cow::Borrowed(text);
        }
        let replaced = |text: String, (hidden, shown): &(String, String)| {
            if text.contains(hidden.as_str()) { replace_path(&text, hidden, shown) } else { text }
        };
        Cow::Owned(self.hidden.iter().fold(text.to_owned(), replaced))
    }
}

/// The name of a source seen from the project directory. What is no path, such as `<stdin>`, stays.
fn relative(name: &str, project_dir: &Path, current_dir: &Path) -> String {
    if name == "-" || name.starts_with('<') {
        return name.to_owned();
    }
    let target = path::join(current_dir, Path::new(name));
    let base = path::clean(project_dir);
    let shared = target.components().zip(base.components()).take_while(|(a, b)| a == b).count();
    let up = base.components().skip(shared).map(|_| Component::ParentDir);
    let steps: PathBuf = up.chain(target.components().skip(shared)).collect();
    steps.to_string_lossy().replace('\\', "/")
}

/// The project directory and its parents, as long as they are long enough to be told from paths in a container.
fn hidden(project_dir: &Path) -> Vec<(String, String)> {
    let deep = |dir: &&Path| dir.components().count() > 2;
    let names = project_dir.ancestors().take_while(deep).map(|dir| dir.to_string_lossy().into_owned());
    let shown = |up: usize| if up == 0 { ".".to_owned() } else { vec![".."; up].join("/") };
    let last = project_dir.components().count().saturating_sub(3);
    // Parents are hidden only where they are a home folder's or deeper, as `/home/me`; shorter ones mean too much.
    names.enumerate().filter(|(up, _)| *up == 0 || *up < last).map(|(up, name)| (name, shown(up))).collect()
}

/// Replaces a path where it stands as a whole or as the head of a longer one.
fn replace_path(text: &str, hidden: &str, shown: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(hidden) {
        out.push_str(before);
        let inner = |c: char| c.is_alphanumeric() || "-_".contains(c);
        let tail = after.starts_with(inner) || (after.starts_with('.') && after[1..].starts_with(inner));
        let head = before.ends_with(|c: char| inner(c) || c == '/' || c == '.');
        out.push_str(if tail || head { hidden } else { shown });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_project_directory() {
        let (project, current) = (Path::new("/home/me/shop"), Path::new("/home/me"));
        for (name, expect) in [
            ("shop/compose.yaml", "compose.yaml"),
            ("/home/me/shop/deploy/a.yaml", "deploy/a.yaml"),
            ("shared/base.yaml", "../shared/base.yaml"),
            ("<stdin>", "<stdin>"),
            ("-", "-"),
        ] {
            assert_eq!(relative(name, project, current), expect);
        }
    }

    #[test]
    fn texts_do_not_name_the_machine() {
        let sources = Sources::new();
        let places = Places::new(&sources, Path::new("/home/me/code/shop"), Path::new("/"));
        for (text, expect) in [
            ("`/home/me/code/shop/data` is absent", "`./data` is absent"),
            ("in /home/me/code/shop.", "in .."),
            ("in /home/me/code/shop2/x", "in ../shop2/x"),
            ("/home/me/code/other", "../other"),
            ("/home/node/app stays", "/home/node/app stays"),
        ] {
            assert_eq!(places.clean(text), expect);
        }
        let places = Places::new(&sources, Path::new("/app"), Path::new("/"));
        assert_eq!(places.clean("/app/data"), "/app/data");
    }
}
