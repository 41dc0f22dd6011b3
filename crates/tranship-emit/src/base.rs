//! What was written last, in full, so that a later run can merge hand edits with what it writes.
//!
//! One file holds the texts of all files one after the other: written in one go, and readable. Private files have one
//! of their own beside them, so that no value of a secret leaves `secrets/`. Reports are not in it, since nobody merges them.

use std::collections::BTreeMap;

use crate::state::is_bookkeeping;
use crate::tree::{File, FileTree};

/// Where the texts of files anyone may read lie.
pub const BASE: &str = ".tranship/base";
/// Where the texts of private files lie.
pub const PRIVATE_BASE: &str = "secrets/.base";
const HEAD: &str = "tranship base 1\n";

/// The texts written last, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base {
    /// The files.
    pub files: BTreeMap<String, Kept>,
}

/// What is known of a file that was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Its content, with older values where a conflict is not settled.
    pub last: Vec<u8>,
    /// What was generated and laid beside because of a conflict.
    pub offered: Option<Vec<u8>>,
    /// Whether only its owner may read it.
    pub private: bool,
}

/// Whether hand edits of a file are merged. Reports are written anew.
pub fn is_merged(path: &str) -> bool {
    !is_bookkeeping(path) && !matches!(path, "report.md" | "report.json")
}

/// Where the generated file is laid that is in conflict with a hand edit. Its name ends so that no tool applies it.
pub fn conflict_path(path: &str) -> String {
    match path.strip_prefix("secrets/") {
        Some(rest) => format!("secrets/conflicts/{rest}.new"),
        None => format!("conflicts/{path}.new"),
    }
}

impl Base {
    /// Everything a tree holds that hand edits are merged with.
    pub fn of(tree: &FileTree) -> Self {
        let kept = |file: &File| Kept { last: file.bytes.clone(), offered: None, private: file.is_private() };
        let merged = tree.iter().filter(|(path, _)| is_merged(path));
        Self { files: merged.map(|(path, file)| (path.to_owned(), kept(file))).collect() }
    }

    /// Takes up the files of a text; `None` where it is not one of ours.
    pub fn read(&mut self, bytes: &[u8], private: bool) -> Option<()> {
        let mut rest = bytes.strip_prefix(HEAD.as_bytes())?;
        while !rest.is_empty() {
            let end = rest.iter().position(|b| *b == b'\n')?;
            let head = std::str::from_utf8(rest.get(..end)?).ok()?;
            let mut words = head.splitn(3, ' ');
            let (mark, length, path) = (words.next()?, words.next()?.parse::<usize>().ok()?, words.next()?);
            let start = end + 1;
            let content = rest.get(start..start.checked_add(length)?)?.to_vec();
            let kept = self.files.entry(path.to_owned()).or_default();
            kept.private = private;
            match mark {
                "written" => kept.last = content,
                "offered" => kept.offered = Some(content),
                _ => return None,
            }
            rest = rest.get(start + length..)?.strip_prefix(b"\n")?;
        }
        Some(())
    }

    /// The text of the files anyone may read, or of the private ones; `None` where there are none.
    pub fn write(&self, private: bool) -> Option<Vec<u8>> {
        let files = self.files.iter().filter(|(_, kept)| kept.private == private);
        let parts = files.flat_map(|(path, Kept { last, offered, private: _ })| {
            let offered = offered.as_ref().map(|bytes| ("offered", path.as_str(), bytes.as_slice()));
            std::iter::once(("written", path.as_str(), last.as_slice())).chain(offered)
        });
        text(&parts)
    }
}

/// The same text for a tree in which nothing is in conflict, without copying its files first.
pub fn of_tree(tree: &FileTree, private: bool) -> Option<Vec<u8>> {
    let files = tree.iter().filter(|(path, file)| file.is_private() == private && is_merged(path));
    text(&files.map(|(path, file)| ("written", path, file.bytes.as_slice())))
}

fn text<'a>(parts: &(impl Iterator<Item = (&'static str, &'a str, &'a [u8])> + Clone)) -> Option<Vec<u8>> {
    let size: usize = parts.clone().map(|(_, path, bytes)| path.len() + bytes.len() + 32).sum();
    if size == 0 {
        return None;
    }
    let mut out = Vec::with_capacity(HEAD.len() + size);
    out.extend_from_slice(HEAD.as_bytes());
    for (mark, path, bytes) in parts.clone() {
        out.extend_from_slice(format!("{mark} {} {path}\n", bytes.len()).as_bytes());
        out.extend_from_slice(bytes);
        out.push(b'\n');
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_secrets_stay_apart() {
        let mut tree = FileTree::new();
        for (path, file) in [
            ("manifests/a b.yaml", File::public("a: 1\nwritten 3 x\n")),
            ("report.md", File::public("#")),
            ("secrets/s.yaml", File::private("p: hunter2")),
            ("build/x", File::public([0xff, 0, b'\n'])),
        ] {
            tree.add(path, file).unwrap();
        }
        let mut base = Base::of(&tree);
        assert_eq!(base.write(false), of_tree(&tree, false));
        assert_eq!(base.write(true), of_tree(&tree, true));
        base.files.get_mut("build/x").unwrap().offered = Some(b"new".to_vec());
        let (public, private) = (base.write(false).unwrap(), base.write(true).unwrap());
        assert!(!String::from_utf8_lossy(&public).contains("hunter2"));
        let mut again = Base::default();
        again.read(&public, false).unwrap();
        again.read(&private, true).unwrap();
        assert_eq!(again, base);
        assert_eq!(Base::default().write(false), None);
    }

    #[test]
    fn a_text_that_was_cut_short_or_is_not_ours_is_refused() {
        let whole = b"tranship base 1\nwritten 3 a\nabc\n";
        for end in 0..whole.len() {
            let read = Base::default().read(&whole[..end], false);
            assert_eq!(read.is_some(), end == 16, "{end}");
        }
        for text in ["tranship base 2\n", "tranship base 1\nfound 1 a\na\n", "tranship base 1\nwritten -1 a\na\n"] {
            assert!(Base::default().read(text.as_bytes(), false).is_none(), "{text}");
        }
    }
}
