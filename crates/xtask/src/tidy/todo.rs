//! A reminder in the code says what and why, or is not there.

use super::{Fault, Tree};

/// Looks for reminders whose reason is missing.
pub fn check(tree: &Tree) -> Vec<Fault> {
    let words = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["HA", "CK"].concat()];
    let mut faults = Vec::new();
    for file in tree.rust() {
        for (number, line) in file.lines() {
            let bare =
                words.iter().find(|word| line.split_once(word.as_str()).is_some_and(|(_, rest)| !has_reason(rest)));
            faults.extend(bare.and_then(|word| file.fault("todo", number, format!("`{word}` without a reason"))));
        }
    }
    faults
}

/// At least three words after a colon.
fn has_reason(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        || rest.strip_prefix(": ").is_some_and(|reason| reason.split_whitespace().count() >= 3)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::Tree;

    #[test]
    fn a_reminder_needs_a_reason() {
        let faults = |rest: &str| check(&Tree::of("a.rs", &format!("// {}{}{rest}\n", "TO", "DO"))).len();
        assert_eq!(faults(""), 1);
        assert_eq!(faults(": later"), 1);
        assert_eq!(faults(": the server has no answer for this yet"), 0);
    }
}
