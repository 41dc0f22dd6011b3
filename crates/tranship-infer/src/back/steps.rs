//! The steps of a path as [`tranship_model::ledger::child_path`] writes it.

use std::borrow::Cow;

/// Keys and positions in order; quoted keys come without their quotes.
pub(super) fn steps(path: &str) -> Vec<Cow<'_, str>> {
    let mut out = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let (key, after) = unquoted(quoted);
            out.push(Cow::Owned(key));
            rest = after;
        } else if let Some(index) = rest.strip_prefix('[') {
            let (index, after) = index.split_once(']').unwrap_or((index, ""));
            out.push(Cow::Borrowed(index));
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            out.push(Cow::Borrowed(key));
            rest = after;
        }
    }
    out
}

/// A key up to its closing quote, and what follows the bracket.
fn unquoted(text: &str) -> (String, &str) {
    let mut key = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => key.extend(chars.next().map(|(_, c)| c)),
            '"' => return (key, text.get(at + 2..).unwrap_or_default()),
            c => key.push(c),
        }
    }
    (key, "")
}

#[cfg(test)]
mod tests {
    use tranship_model::ledger::{child_path, item_path};

    use super::steps;

    #[test]
    fn steps_are_what_the_path_was_made_of() {
        let keys = ["services", "a.b", "mounts", "/x", "we\"ird[0].\\", "last"];
        let path = keys.iter().fold(String::new(), |path, key| child_path(&path, key));
        assert_eq!(steps(&path), keys);
        assert_eq!(steps(&item_path("a.list", 3)), ["a", "list", "3"]);
    }
}
