//! What is a credential, and how that is known: from names, from the form of a value, from its place in a command.
//!
//! A value that is none and is held to be one is read from a Secret and stays the same to its process; one that is and is
//! held to be none stands where anybody reads it. Names are judged in `name`, texts in `text`, commands in `words`.

mod name;
mod text;
mod words;

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::catalog::{CredentialKind, Product};

/// A credential in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its bytes.
    pub range: Range<usize>,
    /// Why it is held to be one, a sentence.
    pub because: String,
}

impl Found {
    fn new(range: Range<usize>, because: &str) -> Self {
        Self { range, because: because.to_owned() }
    }
}

/// Why a variable's value is held to be a credential, a sentence; `None` when it is not.
pub fn reason(name: &str, value: &str, product: Option<&Product>) -> Option<String> {
    if value.trim().is_empty() || is_switch(value) {
        return None;
    }
    if let Some(kind) = product.and_then(|product| known(product, name, value)) {
        return Some(kind);
    }
    by_value(value).or_else(|| name::by_name(name, value))
}

/// The catalog knows the variable. A connection string is only secret when there is a password in it.
fn known(product: &Product, name: &str, value: &str) -> Option<String> {
    let credential = product.credential(name).filter(|credential| credential.kind.is_secret())?;
    let word = credential.kind.word();
    let open = credential.kind == CredentialKind::Dsn && by_value(value).is_none();
    (!open).then(|| format!("`{name}` is a {word} of {}", product.title))
}

/// Why a value is held to be a credential, or to hold one, by its form alone.
pub fn by_value(value: &str) -> Option<String> {
    text::find(value).into_iter().next().or_else(|| scripts(value)).map(|found| found.because)
}

fn scripts(value: &str) -> Option<Found> {
    words::among(&[value]).into_iter().map(|(_, found)| found).next()
}

/// Where credentials stand in a text, in order and apart from each other.
pub fn in_text(value: &str) -> Vec<Found> {
    in_words(&[value]).into_iter().map(|(_, found)| found).collect()
}

/// Where credentials stand in the words of a command, by the number of the word, in order and apart from each other.
pub fn in_words(words: &[&str]) -> Vec<(usize, Found)> {
    let mut all = words::among(words);
    for (home, word) in words.iter().enumerate() {
        all.extend(text::find(word).into_iter().map(|found| (home, found)));
    }
    all.sort_by_key(|(home, found)| (*home, found.range.start, usize::MAX - found.range.end));
    let mut out: Vec<(usize, Found)> = Vec::new();
    for (home, found) in all {
        match out.last_mut().filter(|(last, known)| *last == home && known.range.end > found.range.start) {
            Some((_, known)) => known.range.end = known.range.end.max(found.range.end),
            None => out.push((home, found)),
        }
    }
    out
}

/// Whether a value only switches something on or off.
fn is_switch(value: &str) -> bool {
    matches!(
        value.trim().to_ascii_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "none" | "null" | "nil" | "default" | "disabled" | "enabled"
    )
}

/// Whether a text is a path: what a credential lies in is none.
fn is_path(value: &str) -> bool {
    let value = value.trim_start_matches('.');
    value.starts_with('/')
        && value.matches('/').count() > 1
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "/_.-".contains(c))
}

/// Whether a text stands for a value that is put in elsewhere: a variable, a template, a mask.
fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    let first = value.strip_prefix('\\').unwrap_or(value);
    value.is_empty()
        || first.starts_with(['$', '{', '%', '<', '(', '['])
        || (value.len() > 2 && value.bytes().all(|b| b"*.xX-".contains(&b)))
}
