//! The name that was probably meant.

use std::collections::{BTreeMap, BTreeSet};

/// Names by what a near one has in common with them, so that a name is compared with few of many.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    names: Vec<String>,
    marks: BTreeMap<String, Vec<usize>>,
}

/// A word that more names have than this says nothing about which one was meant.
const COMMON: usize = 32;

impl Index {
    /// The index of names in small letters.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let mut marks: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, name) in names.iter().enumerate() {
            for mark in marks_of(name) {
                marks.entry(mark).or_default().push(at);
            }
        }
        Self { names, marks }
    }

    /// The name nearest to one that leads nowhere; `None` when none is near. The first of equals wins.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let wanted = name.to_ascii_lowercase();
        let holders = marks_of(&wanted).into_iter().filter_map(|mark| self.marks.get(&mark));
        let few: BTreeSet<usize> = holders.filter(|held| held.len() <= COMMON).flatten().copied().collect();
        let candidates = few.into_iter().filter_map(|at| self.names.get(at));
        let scored = candidates.filter_map(|candidate| Some((distance(&wanted, candidate)?, candidate)));
        scored.min_by_key(|(score, _)| *score).map(|(_, candidate)| candidate.as_str())
    }
}

/// What two near names share at least one of: the letters, a word, or the rest once one letter is gone from each.
fn marks_of(name: &str) -> BTreeSet<String> {
    let mut out: BTreeSet<String> = words(name).into_iter().map(|word| format!("w {word}")).collect();
    out.insert(format!("l {}", letters(name)));
    out.insert(format!("d {name}"));
    for (at, c) in name.char_indices().take(63) {
        let (head, tail) = (name.get(..at).unwrap_or(""), name.get(at + c.len_utf8()..).unwrap_or(""));
        out.insert(format!("d {head}{tail}"));
    }
    out
}

/// How far a candidate is, for those that are near: the same letters, the same words, a slip of the keyboard.
fn distance(wanted: &str, candidate: &str) -> Option<usize> {
    let candidate = candidate.to_ascii_lowercase();
    if letters(wanted) == letters(&candidate) {
        return Some(0);
    }
    let slips = edits(wanted, &candidate);
    if slips <= 1 && candidate.len() > 2 || slips == 2 && candidate.len() > 5 {
        return Some(slips);
    }
    let (a, b) = (words(wanted), words(&candidate));
    let shared = b.iter().filter(|word| a.contains(word)).count();
    // `backend-service-svc` for `backend-service`, `shop-web-1` for `web`, `db` for `shop-db`: one holds all of the other.
    let holds = shared > 0 && (shared == b.len() || shared == a.len());
    holds.then(|| 3 + a.len().max(b.len()) - shared)
}

fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn words(name: &str) -> Vec<&str> {
    name.split(['-', '_', '.']).filter(|word| !word.is_empty()).collect()
}

/// Letters to add, remove or change.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(&b) {
            let above = *cell;
            *cell = (corner + usize::from(x != *y)).min(above + 1).min(left + 1);
            corner = above;
            left = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_longer_forms_find_the_name() {
        let names = ["backend-service", "web", "postgres", "db"];
        for (name, expect) in [
            ("backend-service-svc", Some("backend-service")),
            ("backend_service", Some("backend-service")),
            ("postgers", Some("postgres")),
            ("shop-web-1", Some("web")),
            ("postgre", Some("postgres")),
            ("backend", Some("backend-service")),
            ("kafka", None),
            ("dc", None),
        ] {
            assert_eq!(Index::new(names).nearest(name), expect, "{name}");
        }
        assert_eq!(edits("kitten", "sitting"), 3);
    }
}
