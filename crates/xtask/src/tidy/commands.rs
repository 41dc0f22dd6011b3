//! A file that README or a page of the docs tells the reader to use is there.

use super::{Fault, Tree};

/// Folders whose files such commands name.
const FOLDERS: &[&str] = &["crates/", "docs/", "examples/", "testbed/"];

/// Looks at the command lines (`$ …`) of README and docs.
pub fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in tree.files.iter().filter(|file| file.path == "README.md" || file.path.starts_with("docs/")) {
        for (number, line) in file.lines().filter(|(_, line)| line.starts_with("$ ")) {
            let named = line.split_whitespace().filter(|word| FOLDERS.iter().any(|folder| word.starts_with(folder)));
            for path in named.filter(|path| !exists(tree, path)) {
                faults.extend(file.fault("commands", number, format!("`{path}` is not there")));
            }
        }
    }
    faults
}

/// A file, or a folder with a file in it.
fn exists(tree: &Tree, path: &str) -> bool {
    let folder = format!("{}/", path.trim_end_matches('/'));
    tree.files.iter().any(|file| file.path == path || file.path.starts_with(&folder))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::Tree;

    #[test]
    fn a_command_that_names_an_absent_file_is_a_fault() {
        assert_eq!(check(&Tree::of("README.md", "$ tranship config -f examples/a/compose.yaml\n")).len(), 1);
        assert_eq!(check(&Tree::of("docs/a.md", "$ cat docs/a.md docs\nnot a command: docs/b.md\n")), []);
    }
}
