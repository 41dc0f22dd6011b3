//! Where things lie: the workspace, the shared material beside it, the testbed's programs.

use std::env;
use std::path::{Path, PathBuf};

/// The root of the workspace that holds this crate.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// The material that is shared between clones and is no part of this repository: a folder `shared` beside it, or
/// `TRANSHIP_SHARED`. `None` where it is absent; what needs it then calls [`crate::not_run()`].
pub fn shared() -> Option<PathBuf> {
    let folder = match env::var_os("TRANSHIP_SHARED") {
        Some(named) => PathBuf::from(named),
        None => workspace().parent()?.join("shared"),
    };
    folder.join("corpus/index.tsv").is_file().then_some(folder)
}

/// Where `testbed/build` puts its programs: `TESTBED_BIN`, or `tranship-testbed/bin` in the user's cache folder.
pub fn testbed_bin() -> PathBuf {
    env::var_os("TESTBED_BIN").map_or_else(
        || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache/tranship-testbed/bin"),
        PathBuf::from,
    )
}

/// A program of the testbed, or the first of that name on `PATH`.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    std::iter::once(testbed_bin())
        .chain(env::split_paths(&path))
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::{program, workspace};

    #[test]
    fn the_workspace_holds_the_manifest_of_all_crates() {
        assert!(workspace().join("crates/tranship-testing/Cargo.toml").is_file());
    }

    #[test]
    fn a_program_is_found_on_the_path_and_an_invented_one_is_not() {
        assert!(program("sh").is_some());
        assert_eq!(program("no-such-program-here"), None);
    }
}
