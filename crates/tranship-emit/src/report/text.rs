//! Small pieces of Markdown.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::place::Place;

/// Text as code; backticks in it do not end it.
pub(crate) fn code(text: &str) -> String {
    let text = one_line(text);
    if text.contains('`') { ["`` ", &text, " ``"].concat() } else { ["`", &text, "`"].concat() }
}

/// Text for a cell of a table.
pub(crate) fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}

/// A clause as a sentence: a capital at its head, a full stop at its end.
pub(crate) fn sentence(text: &str) -> String {
    let text = one_line(text);
    let text = text.trim();
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return String::new() };
    let ended = text.ends_with(['.', '!', '?']);
    format!("{}{}{}", first.to_uppercase(), letters.as_str(), if ended { "" } else { "." })
}

/// `file:line` in brackets after a blank, or nothing.
pub(crate) fn at(place: Option<&Place<'_>>) -> String {
    place.map(|place| [" (", &line_of(place.file, place.line), ")"].concat()).unwrap_or_default()
}

/// `file:line`.
pub(crate) fn line_of(file: &str, line: usize) -> String {
    [&*one_line(file), ":", &line.to_string()].concat()
}

/// `one thing`, `2 things`.
pub fn count(number: usize, thing: &str) -> String {
    match (number, thing.strip_suffix('y')) {
        (1, _) => format!("1 {thing}"),
        (_, Some(stem)) if !thing.ends_with("ey") => format!("{number} {stem}ies"),
        _ => format!("{number} {thing}s"),
    }
}

/// The items joined by commas; of a long list the first and how many more there are.
pub(crate) fn some(items: &[String], most: usize) -> String {
    let shown: Vec<&str> = items.iter().take(most).map(String::as_str).collect();
    let rest = items.len().saturating_sub(most);
    let shown = shown.join(", ");
    if rest == 0 { shown } else { format!("{shown} and {rest} more") }
}

/// Items of equal key together, in the order the keys first appear.
pub(crate) fn grouped<T, K: Ord + Clone>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> Vec<(K, Vec<T>)> {
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    let mut places: BTreeMap<K, usize> = BTreeMap::new();
    for item in items {
        let of = key(&item);
        match places.get(&of).and_then(|place| groups.get_mut(*place)) {
            Some((_, group)) => group.push(item),
            None => {
                places.insert(of.clone(), groups.len());
                groups.push((of, vec![item]));
            }
        }
    }
    groups
}

fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        text.split(char::is_control).collect::<Vec<_>>().join(" ").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_read_well() {
        assert_eq!(sentence("it is gone"), "It is gone.");
        assert_eq!(sentence("Stop!"), "Stop!");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(cell("a|b\nc"), "a\\|b c");
        assert_eq!(
            (count(1, "entry"), count(2, "entry"), count(0, "key")),
            ("1 entry".into(), "2 entries".into(), "0 keys".into())
        );
        assert_eq!(some(&["a".into(), "b".into(), "c".into()], 2), "a, b and 1 more");
        assert_eq!(grouped([1, 2, 3], |n| n % 2), [(1, vec![1, 3]), (0, vec![2])]);
    }
}
