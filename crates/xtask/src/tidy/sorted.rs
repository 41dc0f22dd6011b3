//! Lists of registrations are sorted, so that two people add to them without a conflict and nobody looks in vain.
//!
//! A list is marked by comments: `tidy: sorted` before its first line and `tidy: end` after its last.

use super::tree::has_extension;
use super::{Fault, Tree};

/// Checks every marked list in every text file but Markdown.
pub fn check(tree: &Tree) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in tree.files.iter().filter(|file| !has_extension(&file.path, "md")) {
        let mut last: Option<&str> = None;
        let mut open = None;
        for (number, line) in file.lines() {
            let line = line.trim().trim_matches(['(', '"', ',', ')']);
            match line.trim_start_matches(['/', '#', ' ']) {
                "tidy: sorted" => (open, last) = (Some(number), Some("")),
                "tidy: end" => (open, last) = (None, None),
                _ if last.is_some_and(|last| line < last) => {
                    faults.extend(file.fault("sorted", number, format!("`{line}` belongs before the line above")));
                    last = Some(line);
                }
                _ => last = last.map(|_| line),
            }
        }
        faults.extend(open.and_then(|number| file.fault("sorted", number, "this list has no `tidy: end`")));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::Tree;

    #[test]
    fn a_line_out_of_order_is_named() {
        let faults = check(&Tree::of("a.rs", "b\na\n// tidy: sorted\n  \"a\",\n  \"c\",\n  \"b\",\n// tidy: end\na\n"));
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [6]);
    }

    #[test]
    fn a_list_without_an_end_is_a_fault() {
        assert_eq!(check(&Tree::of("a.toml", "# tidy: sorted\na\n")).len(), 1);
    }
}
