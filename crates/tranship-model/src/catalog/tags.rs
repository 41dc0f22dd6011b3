//! Which tags a fact of the catalog holds for: comparisons such as `<18`, globs such as `*-alpine*`.

use std::cmp::Ordering;

/// Whether a pattern matches a tag. An absent tag counts as `latest`.
///
/// `<18`, `<=18`, `>17`, `>=3.9` and `=3.9` compare the tag's leading version, number by number and missing ones as 0; a
/// tag without one is newer than every version. Everything else is a glob over the whole tag with `*`, `?` and `[0-7]`.
/// A leading `!` turns the answer round.
pub fn matches(pattern: &str, tag: Option<&str>) -> bool {
    let tag = tag.unwrap_or("latest");
    if let Some(rest) = pattern.strip_prefix('!') {
        return !matches(rest, Some(tag));
    }
    comparison(pattern, tag).unwrap_or_else(|| glob(pattern.as_bytes(), tag.as_bytes()))
}

/// Whether an order of tag and bound is the one asked for.
type Holds = fn(Ordering) -> bool;

/// The answer of a comparison; `None` when the pattern is none.
fn comparison(pattern: &str, tag: &str) -> Option<bool> {
    let signs: [(&str, Holds); 5] = [
        ("<=", Ordering::is_le),
        (">=", Ordering::is_ge),
        ("<", Ordering::is_lt),
        (">", Ordering::is_gt),
        ("=", Ordering::is_eq),
    ];
    let (holds, bound) = signs.iter().find_map(|(sign, holds)| Some((holds, pattern.strip_prefix(sign)?)))?;
    let bound = leading_version(bound.trim())?;
    Some(leading_version(tag).map_or(holds(Ordering::Greater), |version| holds(compare(&version, &bound))))
}

/// The numbers a tag begins with, after an optional `v`.
pub fn leading_version(tag: &str) -> Option<Vec<u64>> {
    let digits = tag.strip_prefix('v').unwrap_or(tag);
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let numbers: Vec<u64> = digits.get(..end)?.split('.').map_while(|part| part.parse().ok()).collect();
    (!numbers.is_empty()).then_some(numbers)
}

fn compare(a: &[u64], b: &[u64]) -> Ordering {
    let number = |list: &[u64], i: usize| list.get(i).copied().unwrap_or(0);
    (0..a.len().max(b.len())).map(|i| number(a, i).cmp(&number(b, i))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

/// Whether a glob matches a whole text, in time linear in both for each `*`.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut i) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(i) {
        if pattern.get(at) == Some(&b'*') {
            retry = Some((at + 1, i));
            at += 1;
        } else if let Some(width) = one(pattern.get(at..).unwrap_or_default(), *byte) {
            at += width;
            i += 1;
        } else if let Some((after_star, from)) = retry {
            retry = Some((after_star, from + 1));
            (at, i) = (after_star, from + 1);
        } else {
            return false;
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

/// How much of the pattern one byte uses up, if it matches.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern.first()? {
        b'?' => Some(1),
        b'[' => {
            let end = pattern.iter().position(|b| *b == b']')?;
            in_class(pattern.get(1..end)?, byte).then_some(end + 1)
        }
        literal => (*literal == byte).then_some(1),
    }
}

/// Whether a byte is in a class such as `0-7` or `234`.
fn in_class(class: &[u8], byte: u8) -> bool {
    match class {
        [low, b'-', high, rest @ ..] => (*low..=*high).contains(&byte) || in_class(rest, byte),
        [single, rest @ ..] => *single == byte || in_class(rest, byte),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_described() {
        for (pattern, tag, expect) in [
            ("<18", Some("16"), true),
            ("<18", Some("17.2-alpine"), true),
            ("<18", Some("18"), false),
            ("<18", Some("v17"), true),
            ("<18", None, false),
            (">=18", None, true),
            (">=18", Some("alpine"), true),
            (">=3.9", Some("3.10"), true),
            (">=3.9", Some("3"), false),
            ("=7", Some("7.0.1"), false),
            ("*alpine*", Some("16-alpine3.20"), true),
            ("*alpine*", Some("16"), false),
            ("!*fpm*", None, true),
            ("!*fpm*", Some("6-fpm"), false),
            ("*pg1[0-7]*", Some("latest-pg16"), true),
            ("*pg1[0-7]*", Some("latest-pg18"), false),
            ("[234]*alpine*", Some("3.2-alpine"), true),
            ("latest", None, true),
            ("1?", Some("12"), true),
            ("1?", Some("1"), false),
            ("a*b*c", Some("a-b-b-c"), true),
            ("a*b*c", Some("a-b-b"), false),
        ] {
            assert_eq!(matches(pattern, tag), expect, "{pattern} on {tag:?}");
        }
    }
}
