//! What a tree knows of itself: which files it wrote, and how to tell whether someone changed them since.
//!
//! `.tranship/state.json` lists every file with its BLAKE3 hash, so that a later run can tell its own work from a hand
//! edit and from files that were never its own. It may be committed.
//!
//! Private files are listed there without a hash, because the hash of a weak password gives the password to anyone
//! with a word list. Their hashes stand in `.tranship/secrets.json`, which has three safeguards: it is private (mode
//! 0600 and ignored by Git, like `secrets/` itself), its hashes are keyed, and the key lies in `secrets/.key`, beside
//! the values it would reveal. The key is derived from all private files together, as the same project has to give the
//! same bytes on every run and on every machine; so whoever gets hold of `secrets.json` alone would have to guess every
//! secret of the project at once. What that cannot withstand (a project whose secrets are all weak, in a file that
//! leaked although it is private) is why the hashes are kept out of `state.json`.
//!
//! The texts themselves are kept too, by [`crate::base`], for the merge with hand edits.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tranship_source::both_if;

use crate::base::{self, BASE, Base, PRIVATE_BASE};
use crate::json;
use crate::tree::{File, FileTree, Refusal};

/// Where the state lies in a tree.
pub const STATE: &str = ".tranship/state.json";
/// Where the hashes of private files lie.
pub const PRIVATE_HASHES: &str = ".tranship/secrets.json";
/// Where the key of those hashes lies.
pub const KEY: &str = "secrets/.key";
const IGNORE: &str = ".tranship/.gitignore";
const VERSION: u32 = 1;
/// Up to so many files a second thread costs more than it saves.
const SMALL: usize = 24;

/// `state.json`.
#[derive(Debug, Serialize, Deserialize)]
struct StateFile {
    version: u32,
    tool: String,
    files: Vec<FileState>,
}

#[derive(Debug, Serialize, Deserialize)]
struct FileState {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    blake3: Option<String>,
}

/// `secrets.json`.
#[derive(Debug, Serialize, Deserialize)]
struct PrivateFile {
    version: u32,
    files: BTreeMap<String, String>,
}

/// Adds the state to a tree that is complete otherwise.
pub fn seal(tree: &mut FileTree) -> Result<(), Refusal> {
    let (texts, private_texts) = (base::of_tree(tree, false), base::of_tree(tree, true));
    if let Some(key) = key_of(tree) {
        let hash = |file: &File| blake3::keyed_hash(&key, &file.bytes).to_hex().to_string();
        let private = tree.iter().filter(|(_, file)| file.is_private());
        let files = private.map(|(path, file)| (path.to_owned(), hash(file))).collect();
        let hashes = json::text(&PrivateFile { version: VERSION, files });
        let key = format!("{}\n", blake3::Hash::from(key).to_hex());
        tree.add(KEY, File::private(key))?;
        tree.add(PRIVATE_HASHES, File::private(hashes))?;
        tree.add(
            IGNORE,
            File::public("# Hashes of secrets; state.json may be committed.\nsecrets.json\nsealed.json\n"),
        )?;
    }
    let hash = |file: &File| (!file.is_private()).then(|| blake3::hash(&file.bytes).to_hex().to_string());
    let state_of = |(path, file): &(&str, &File)| FileState { path: (*path).to_owned(), blake3: hash(file) };
    let all: Vec<(&str, &File)> = tree.iter().collect();
    let (first, second) = all.split_at(all.len() / 2);
    let half = |files: &[(&str, &File)]| files.iter().map(state_of).collect::<Vec<_>>();
    let (mut files, rest) = both_if(all.len() > SMALL, || half(first), || half(second));
    files.extend(rest);
    let state = StateFile { version: VERSION, tool: "tranship".to_owned(), files };
    tree.add(STATE, File::public(json::text(&state)))?;
    if let Some(texts) = private_texts {
        tree.add(PRIVATE_BASE, File::private(texts))?;
    }
    texts.map_or(Ok(()), |texts| tree.add(BASE, File::public(texts)))
}

/// The key of the private hashes: derived from all private files, with their paths and lengths.
fn key_of(tree: &FileTree) -> Option<[u8; 32]> {
    let mut hasher = blake3::Hasher::new_derive_key("tranship output tree, state of private files, version 1");
    let mut any = false;
    for (path, file) in tree.iter().filter(|(_, file)| file.is_private()) {
        any = true;
        for part in [path.as_bytes(), &file.bytes] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    any.then(|| *hasher.finalize().as_bytes())
}

/// What an earlier run said of the files it wrote.
#[derive(Clone, Debug, Default)]
pub struct State {
    files: BTreeMap<String, Option<String>>,
    private: BTreeMap<String, String>,
    key: Option<[u8; 32]>,
    /// The texts that were written.
    pub base: Base,
}

/// How a file on disk relates to what was written last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As it was written.
    Ours,
    /// Written by an earlier run and changed since, or it cannot be told.
    Edited,
    /// Not written by an earlier run.
    Foreign,
}

impl State {
    /// Reads a state by the paths of its files; `None` where there is none of ours. Hashes, key and texts may be absent,
    /// as in a fresh clone or in a directory an older version wrote.
    pub fn read(file: &dyn Fn(&str) -> Option<Vec<u8>>) -> Option<Self> {
        let StateFile { version, tool, files } = serde_json::from_slice(&file(STATE)?).ok()?;
        if version != VERSION || tool != "tranship" {
            return None;
        }
        let files = files.into_iter().map(|FileState { path, blake3 }| (path, blake3)).collect();
        let private = file(PRIVATE_HASHES).and_then(|bytes| serde_json::from_slice::<PrivateFile>(&bytes).ok());
        let private = private.filter(|file| file.version == VERSION).map(|file| file.files).unwrap_or_default();
        let key = file(KEY).and_then(|bytes| blake3::Hash::from_hex(bytes.trim_ascii()).ok());
        let mut base = Base::default();
        for (path, private) in [(BASE, false), (PRIVATE_BASE, true)] {
            // Texts that were cut short are as good as absent.
            let mut one = Base::default();
            if file(path).and_then(|bytes| one.read(&bytes, private)).is_some() {
                base.files.append(&mut one.files);
            }
        }
        Some(Self { files, private, key: key.map(|hash| *hash.as_bytes()), base })
    }

    /// The paths an earlier run wrote, each once. What keeps the state is among them.
    pub fn paths(&self) -> BTreeSet<String> {
        let offered = self.base.files.iter().filter(|(_, kept)| kept.offered.is_some());
        let conflicts = offered.map(|(path, _)| base::conflict_path(path));
        let known = self.files.keys().chain(self.base.files.keys()).cloned();
        known.chain(conflicts).chain([STATE, BASE, PRIVATE_BASE].map(str::to_owned)).collect()
    }

    /// How the bytes found at a path relate to what was written there.
    pub fn standing(&self, path: &str, bytes: &[u8]) -> Standing {
        if is_bookkeeping(path) {
            return Standing::Ours;
        }
        let kept = self.base.files.get(path);
        let same = match (self.files.get(path), self.private.get(path), self.key) {
            (Some(Some(hash)), _, _) => *hash == *blake3::hash(bytes).to_hex(),
            (Some(None), Some(hash), Some(key)) => *hash == *blake3::keyed_hash(&key, bytes).to_hex(),
            (Some(None), _, _) => false,
            // No longer written, and in conflict with a hand edit that was made before.
            (None, _, _) => match kept {
                Some(kept) => kept.last == bytes,
                None => return Standing::Foreign,
            },
        };
        if same { Standing::Ours } else { Standing::Edited }
    }
}

/// Whether a path is that of a generated file laid beside a hand edit it is in conflict with.
fn is_beside(path: &str) -> bool {
    let inner = path.strip_prefix("secrets/").unwrap_or(path).strip_prefix("conflicts/");
    inner.and_then(|name| name.strip_suffix(".new")).is_some()
}

/// Whether a path is the state's own; such files are rewritten without a question.
pub fn is_bookkeeping(path: &str) -> bool {
    is_beside(path) || [STATE, PRIVATE_HASHES, KEY, IGNORE, BASE, PRIVATE_BASE].contains(&path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(password: &str) -> FileTree {
        let mut tree = FileTree::new();
        tree.add("manifests/a.yaml", File::public("a: 1\n")).unwrap();
        tree.add("secrets/secret-a.yaml", File::private(format!("password: {password}\n"))).unwrap();
        seal(&mut tree).unwrap();
        tree
    }

    fn bytes<'a>(tree: &'a FileTree, path: &str) -> &'a [u8] {
        &tree.get(path).unwrap().bytes
    }

    #[test]
    fn a_state_tells_own_edited_and_foreign_files_apart() {
        let tree = sealed("hunter2");
        let read = |path: &str| tree.get(path).map(|file| file.bytes.clone());
        let state = State::read(&read).unwrap();
        for (path, found, expect) in [
            ("manifests/a.yaml", "a: 1\n", Standing::Ours),
            ("manifests/a.yaml", "a: 2\n", Standing::Edited),
            ("manifests/b.yaml", "a: 1\n", Standing::Foreign),
            ("secrets/secret-a.yaml", "password: hunter2\n", Standing::Ours),
            ("secrets/secret-a.yaml", "password: other\n", Standing::Edited),
        ] {
            assert_eq!(state.standing(path, found.as_bytes()), expect, "{path} {found}");
        }
        let blind = State::read(&|path| read(path).filter(|_| !path.contains("secrets"))).unwrap();
        assert_eq!(blind.standing("secrets/secret-a.yaml", b"password: hunter2\n"), Standing::Edited);
    }

    #[test]
    fn no_hash_of_a_secret_stands_in_the_open() {
        let tree = sealed("hunter2");
        let content = bytes(&tree, "secrets/secret-a.yaml");
        let plain = blake3::hash(content).to_hex().to_string();
        for (path, file) in tree.iter().filter(|(path, _)| !path.starts_with("secrets/")) {
            let text = String::from_utf8_lossy(&file.bytes);
            assert!(!text.contains("hunter2") && !text.contains(&plain), "{path}");
            assert!(file.is_private() || !text.contains("\"secrets/secret-a.yaml\": \""), "{path}");
        }
        let other = sealed("hunter3");
        let state = |tree: &FileTree| bytes(tree, STATE).to_vec();
        assert_eq!(state(&tree), state(&other), "what may be committed must not depend on a secret");
        assert_eq!(tree.get(PRIVATE_HASHES).unwrap().mode, 0o600);
    }

    #[test]
    fn what_is_not_a_state_is_nobodys() {
        for text in ["", "{}", "[1]", r#"{"version":2,"tool":"tranship","files":[]}"#, "\u{0}"] {
            let read = |path: &str| (path == STATE).then(|| text.as_bytes().to_vec());
            assert!(State::read(&read).is_none(), "{text}");
        }
    }
}
