//! Every file opens with `//!`: what it does, so that a reader need not guess from the code.

use super::{Fault, Tree};

/// The first line of each Rust file of ours.
pub fn check(tree: &Tree) -> Vec<Fault> {
    let ours = tree.rust().filter(|file| !file.path.starts_with("examples/"));
    ours.filter(|file| !file.text.starts_with("//! "))
        .map(|file| Fault {
            path: file.path.clone(),
            line: 1,
            what: "opens without `//!`: say what the file does and never does".to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::Tree;

    #[test]
    fn a_file_without_a_header_is_a_fault() {
        assert_eq!(check(&Tree::of("crates/a/src/a.rs", "use std::fmt;\n")).len(), 1);
        assert_eq!(check(&Tree::of("crates/a/src/a.rs", "//! Says what it does.\n")), []);
    }
}
