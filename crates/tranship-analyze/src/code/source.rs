//! The few source files that are read: what is started, what is usually started, and what lies near.

use std::sync::Arc;

use super::files::Reader;

/// So many source files of one service are read.
const MOST: usize = 80;
/// So deep folders are entered.
const DEEPEST: usize = 3;

/// A source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// Its path from the project directory.
    pub(super) path: String,
    /// Its text.
    pub(super) text: Arc<str>,
}

impl Source {
    /// Its lines that are no comments, each with its number.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
        lines.filter(|(_, line)| !["#", "//", "*", "/*", "--", "<!--"].iter().any(|mark| line.starts_with(mark)))
    }
}

/// Source files of some folders, those that are started first.
pub(super) fn sources(reader: &mut Reader<'_>, folders: &[String], words: &[String]) -> Vec<Source> {
    let mut paths: Vec<String> = Vec::new();
    for folder in folders {
        for word in words {
            paths.extend(started(word).into_iter().map(|file| reader.name(folder, &file)));
        }
    }
    for folder in folders {
        walk(reader, folder, DEEPEST, &mut paths);
    }
    let mut out: Vec<Source> = Vec::new();
    for path in paths {
        if out.len() >= MOST {
            break;
        }
        if out.iter().any(|known| known.path == path) {
            continue;
        }
        if let Some(text) = reader.text(&path) {
            out.push(Source { path, text });
        }
    }
    out
}

/// The file a word of a start command names: `server.js`, or `app.main:app` for `app/main.py`.
fn started(word: &str) -> Option<String> {
    if is_source(word) {
        return Some(word.trim_start_matches("./").trim_start_matches('/').to_owned());
    }
    let (module, _) = word.split_once(':')?;
    let plain = module.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c)) && !module.is_empty();
    plain.then(|| format!("{}.py", module.replace('.', "/")))
}

fn is_source(name: &str) -> bool {
    const ENDS: [&str; 19] = [
        ".py", ".js", ".mjs", ".cjs", ".ts", ".jsx", ".tsx", ".go", ".rs", ".rb", ".php", ".java", ".kt", ".cs", ".ex",
        ".exs", ".scala", ".svelte", ".vue",
    ];
    let skipped = [".min.js", ".d.ts", ".test.ts", ".spec.ts", ".test.js", ".spec.js", "_test.go", ".test.tsx"];
    ENDS.iter().any(|end| name.ends_with(end)) && !skipped.iter().any(|end| name.ends_with(end))
}

fn walk(reader: &mut Reader<'_>, folder: &str, deep: usize, out: &mut Vec<String>) {
    if out.len() >= MOST * 2 {
        return;
    }
    let names = reader.list(folder);
    let paths: Vec<String> =
        names.iter().filter(|name| is_source(name)).map(|name| reader.name(folder, name)).collect();
    out.extend(paths);
    if deep > 0 {
        for below in reader.folders_in(folder) {
            walk(reader, &below, deep - 1, out);
        }
    }
}
