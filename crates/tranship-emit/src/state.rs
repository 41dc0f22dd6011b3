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

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
    if let Some(key) = key_of(tree) {
        let hash = |file: &File| blake3::keyed_hash(&key, &file.bytes).to_hex().to_string();
        let private = tree.iter().filter(|(_, file)| file.is_private());
        let files = private.map(|(path, file)| (path.to_owned(), hash(file))).collect();
        let hashes = json::text(&PrivateFile { version: VERSION, files });
        let key = format!("{}\n", blake3::Hash::from(key).to_hex());
        tree.add(KEY, File::private(key))?;
        tree.add(PRIVATE_HASHES, File::private(hashes))?;
        tree.add(IGNORE, File::public("# Hashes of secrets; state.json may be committed.\nsecrets.json\n"))?;
    }
    let hash = |file: &File| (!file.is_private()).then(|| blake3::hash(&file.bytes).to_hex().to_string());
    let files = tree.iter().map(|(path, file)| FileState { path: path.to_owned(), blake3: hash(file) }).collect();
    let state = StateFile { version: VERSION, tool: "tranship".to_owned(), files };
    tree.add(STATE, File::public(json::text(&state)))
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
    /// Reads a state; `None` where the text is not one of ours. Hashes and key may be absent, as in a fresh clone.
    pub fn read(state: &[u8], hashes: Option<&[u8]>, key: Option<&[u8]>) -> Option<Self> {
        let StateFile { version, tool, files } = serde_json::from_slice(state).ok()?;
        if version != VERSION || tool != "tranship" {
            return None;
        }
        let files = files.into_iter().map(|FileState { path, blake3 }| (path, blake3)).collect();
        let private = hashes.and_then(|bytes| serde_json::from_slice::<PrivateFile>(bytes).ok());
        let private = private.filter(|file| file.version == VERSION).map(|file| file.files).unwrap_or_default();
        let key = key.and_then(|bytes| blake3::Hash::from_hex(bytes.trim_ascii()).ok()).map(|hash| *hash.as_bytes());
        Some(Self { files, private, key })
    }

    /// The paths an earlier run wrote, sorted. The state itself is among them.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str).chain([STATE])
    }

    /// How the bytes found at a path relate to what was written there.
    pub fn standing(&self, path: &str, bytes: &[u8]) -> Standing {
        if is_bookkeeping(path) {
            return Standing::Ours;
        }
        let Some(public) = self.files.get(path) else { return Standing::Foreign };
        let same = match (public, self.private.get(path), self.key) {
            (Some(hash), _, _) => *hash == *blake3::hash(bytes).to_hex(),
            (None, Some(hash), Some(key)) => *hash == *blake3::keyed_hash(&key, bytes).to_hex(),
            _ => false,
        };
        if same { Standing::Ours } else { Standing::Edited }
    }
}

/// Whether a path is the state's own; such files are rewritten without a question.
pub fn is_bookkeeping(path: &str) -> bool {
    [STATE, PRIVATE_HASHES, KEY, IGNORE].contains(&path)
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
        let read = |hashes, key| State::read(bytes(&tree, STATE), hashes, key).unwrap();
        let state = read(Some(bytes(&tree, PRIVATE_HASHES)), Some(bytes(&tree, KEY)));
        for (path, found, expect) in [
            ("manifests/a.yaml", "a: 1\n", Standing::Ours),
            ("manifests/a.yaml", "a: 2\n", Standing::Edited),
            ("manifests/b.yaml", "a: 1\n", Standing::Foreign),
            ("secrets/secret-a.yaml", "password: hunter2\n", Standing::Ours),
            ("secrets/secret-a.yaml", "password: other\n", Standing::Edited),
        ] {
            assert_eq!(state.standing(path, found.as_bytes()), expect, "{path} {found}");
        }
        let blind = read(None, None);
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
            assert!(State::read(text.as_bytes(), None, None).is_none(), "{text}");
        }
    }
}
