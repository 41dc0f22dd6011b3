//! Keeps credentials out of what is said: out of the lines that diagnostics show, and out of their words.
//!
//! A line is read for what looks like a credential, which also serves a project that was refused before anything is known
//! of it. What a stack holds to be one is covered wherever it stands, if it is long enough to be no common word.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use tranship_model::{EnvValue, Stack, credential};
use tranship_source::cover::{Words, cover, words};
use tranship_source::{Diagnostic, FileId, Sources, Span};

/// Credentials shorter than this are covered where they are written and not wherever they stand.
const SHORTEST: usize = 8;

/// Lines between two places of one diagnostic that may be shown as well.
const NEAR: usize = 200;

/// Notes the credentials of a stack, and takes them out of the words of its diagnostics.
pub fn hide(stack: &Stack, sources: &mut Sources, diagnostics: &mut [Diagnostic]) {
    if !diagnostics.is_empty() {
        note(stack, sources);
        words_of(diagnostics, sources);
    }
}

/// Notes the credentials of a stack for all that is said from here on.
pub fn note(stack: &Stack, sources: &mut Sources) {
    let mut texts = BTreeSet::new();
    for service in stack.services.values() {
        for variable in &service.env {
            if let EnvValue::Secret { value, because: _ } = &variable.value.value {
                texts.insert(value.expose().as_str());
                texts.extend(parts(&[value.expose()]));
            }
        }
        for words in [&service.process.entrypoint, &service.process.command].into_iter().flatten() {
            let words: Vec<&str> = words.value.iter().map(String::as_str).collect();
            texts.extend(parts(&words));
        }
    }
    // A word that may mean anything is covered where it is a credential, and nowhere else.
    let is_word = |text: &str| text.chars().all(|c| c.is_ascii_lowercase());
    let texts = texts.into_iter().filter(|text| text.len() >= SHORTEST && !text.contains('\n') && !is_word(text));
    sources.hide(texts.map(str::to_owned).collect());
}

/// Takes the credentials that were noted out of the words of diagnostics.
pub fn words_of(diagnostics: &mut [Diagnostic], sources: &Sources) {
    words(diagnostics, sources.hidden());
}

fn parts<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let found = credential::in_words(words).into_iter();
    found.filter_map(|(home, found)| words.get(home)?.get(found.range)).collect()
}

/// Diagnostics and texts as they may be shown.
pub fn shown(diagnostics: &[Diagnostic], sources: &Sources) -> Option<(Vec<Diagnostic>, Sources)> {
    let mut hidden: BTreeMap<FileId, Vec<Range<usize>>> = BTreeMap::new();
    let mut texts = sources.hidden().to_vec();
    let known = Words::new(sources.hidden());
    for (file, number) in diagnostics.iter().flat_map(|diagnostic| lines(diagnostic, sources)).collect::<BTreeSet<_>>()
    {
        let Some(source) = sources.get(file) else { continue };
        let start = source.line_start(number);
        let line = source.text.get(start..source.line_start(number + 1)).unwrap_or_default();
        let found = credential::in_text(line).into_iter().map(|found| found.range);
        let known = known.found(line).flat_map(|text| line.match_indices(text).map(|(at, text)| at..at + text.len()));
        for range in found.chain(known) {
            texts.extend(
                line.get(range.clone())
                    .filter(|text| text.len() >= SHORTEST && text.contains(|c: char| !c.is_ascii_lowercase()))
                    .map(str::to_owned),
            );
            hidden.entry(file).or_default().push(start + range.start..start + range.end);
        }
    }
    (!hidden.is_empty() || !texts.is_empty()).then(|| cover(diagnostics, sources, &hidden, &texts))
}

/// Every line that a diagnostic may show.
fn lines(diagnostic: &Diagnostic, sources: &Sources) -> BTreeSet<(FileId, usize)> {
    let labels = diagnostic.primary.iter().chain(&diagnostic.related).map(|label| label.span);
    let spans = labels.chain(diagnostic.fix.as_ref().map(|fix| fix.span));
    let line = |span: Span| Some((span.file, sources.get(span.file)?.position(span.start).line));
    let mut out: BTreeSet<(FileId, usize)> = spans.filter_map(line).collect();
    let between: Vec<(FileId, usize)> = out
        .iter()
        .zip(out.iter().skip(1))
        .filter(|((file, from), (other, to))| file == other && to - from < NEAR)
        .flat_map(|((file, from), (_, to))| (from + 1..*to).map(|line| (*file, line)))
        .collect();
    out.extend(between);
    out
}
