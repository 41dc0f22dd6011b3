//! Long files, as a hint: long and flat is fine, long and branching wants a split.

use super::{Fault, Tree};

/// Lines before the tests from which a file is worth a look.
const LONG: usize = 600;

/// Files with more lines than that, the longest first.
pub fn check(tree: &Tree) -> Vec<Fault> {
    let mut long: Vec<(usize, &str)> =
        tree.rust().map(|file| (file.code().count(), file.path.as_str())).filter(|(lines, _)| *lines > LONG).collect();
    long.sort_unstable_by(|a, b| b.cmp(a));
    long.into_iter()
        .map(|(lines, path)| Fault { path: path.to_owned(), line: 0, what: format!("{lines} lines before its tests") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::Tree;

    #[test]
    fn lines_of_tests_do_not_count() {
        let text = |code: usize, tests: usize| format!("{}#[cfg(test)]\n{}", "a\n".repeat(code), "b\n".repeat(tests));
        assert_eq!(check(&Tree::of("a.rs", &text(600, 900))), []);
        assert_eq!(check(&Tree::of("a.rs", &text(601, 0))).len(), 1);
    }
}
