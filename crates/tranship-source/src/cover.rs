//! Diagnostics without the credentials that stand in the lines they show.
//!
//! What is covered is told by the caller; this file only puts [`COVER`] in its place and moves every span accordingly.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::diagnostic::{Diagnostic, Fix, Label};
use crate::hash::BuildQuick;
use crate::span::{FileId, Sources, Span};

/// Stands in place of a credential.
pub const COVER: &str = "•••";

/// Diagnostics and texts with the given ranges covered, and `texts` covered wherever a message holds them.
pub fn cover(
    diagnostics: &[Diagnostic],
    sources: &Sources,
    hidden: &BTreeMap<FileId, Vec<Range<usize>>>,
    texts: &[String],
) -> (Vec<Diagnostic>, Sources) {
    let mut shown = Sources::new();
    let mut moved: BTreeMap<FileId, Vec<Range<usize>>> = BTreeMap::new();
    for (id, source) in sources.iter() {
        let ranges = hidden.get(&id).map(|ranges| apart(ranges, &source.text)).unwrap_or_default();
        if ranges.is_empty() {
            shown.add(source.name.clone(), source.text.clone());
            continue;
        }
        let (mut text, mut at) = (String::with_capacity(source.text.len()), 0);
        for range in &ranges {
            text.push_str(source.text.get(at..range.start).unwrap_or_default());
            text.push_str(COVER);
            at = range.end;
        }
        text.push_str(source.text.get(at..).unwrap_or_default());
        shown.add(source.name.clone(), text);
        moved.insert(id, ranges);
    }
    let words = Words::new(texts);
    let covered = diagnostics.iter().map(|diagnostic| one(diagnostic, &moved, &words)).collect();
    (covered, shown)
}

/// Ranges in order, apart from each other, on whole characters, none over the end of a line.
fn apart(ranges: &[Range<usize>], text: &str) -> Vec<Range<usize>> {
    let fits = |range: &&Range<usize>| {
        text.get((*range).clone()).is_some_and(|text| !text.trim().is_empty() && !text.contains(['\n', '\r']))
    };
    let mut sorted: Vec<Range<usize>> = ranges.iter().filter(fits).cloned().collect();
    sorted.sort_by_key(|range| (range.start, range.end));
    let mut out: Vec<Range<usize>> = Vec::new();
    for range in sorted {
        match out.last_mut().filter(|last| range.start < last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => out.push(range),
        }
    }
    out
}

/// Covers texts wherever the words of diagnostics hold them.
pub fn words(diagnostics: &mut [Diagnostic], texts: &[String]) {
    let words = Words::new(texts);
    for diagnostic in diagnostics.iter_mut().filter(|diagnostic| words.are_in(diagnostic)) {
        *diagnostic = one(diagnostic, &BTreeMap::new(), &words);
    }
}

/// Texts to look for, all at once: there may be as many as there are services, and as many places to look.
#[derive(Debug)]
pub struct Words<'t> {
    texts: &'t [String],
    /// The places of each text among them.
    places: HashMap<&'t [u8], Vec<usize>, BuildQuick>,
    /// The lengths of texts by their first bytes, as many as the shortest has.
    lengths: HashMap<&'t [u8], Vec<usize>, BuildQuick>,
    head: usize,
    /// Whether a text begins with a byte.
    begins: [bool; 256],
}

/// The most bytes of a text that are looked at before all of it.
const HEAD: usize = 8;

impl<'t> Words<'t> {
    /// Gets ready to look for texts. Empty ones are nowhere.
    pub fn new(texts: &'t [String]) -> Self {
        let filled = || texts.iter().enumerate().filter(|(_, text)| !text.is_empty());
        let head = filled().map(|(_, text)| text.len()).min().unwrap_or(HEAD).min(HEAD);
        let mut words =
            Self { texts, places: HashMap::default(), lengths: HashMap::default(), head, begins: [false; 256] };
        for (place, text) in filled() {
            let bytes = text.as_bytes();
            words.places.entry(bytes).or_default().push(place);
            let lengths = words.lengths.entry(bytes.get(..head).unwrap_or_default()).or_default();
            if !lengths.contains(&bytes.len()) {
                lengths.push(bytes.len());
            }
            if let Some(begins) = bytes.first().and_then(|byte| words.begins.get_mut(usize::from(*byte))) {
                *begins = true;
            }
        }
        words
    }

    /// The texts that stand in a text, in the order they were given.
    pub fn found<'w>(&'w self, text: &str) -> impl Iterator<Item = &'t str> + use<'w, 't> {
        let mut places = Vec::new();
        let bytes = text.as_bytes();
        if !self.places.is_empty() && bytes.len() >= self.head {
            for (at, start) in bytes.windows(self.head).enumerate() {
                let begins = start.first().and_then(|byte| self.begins.get(usize::from(*byte)));
                if begins != Some(&true) {
                    continue;
                }
                for length in self.lengths.get(start).into_iter().flatten() {
                    let here = bytes.get(at..at + length).and_then(|whole| self.places.get(whole));
                    places.extend(here.into_iter().flatten().copied());
                }
            }
        }
        places.sort_unstable();
        places.dedup();
        places.into_iter().filter_map(|place| self.texts.get(place).map(String::as_str))
    }

    /// A text with those in it covered.
    fn covered(&self, text: &str) -> String {
        self.found(text).fold(text.to_owned(), |text, hidden| text.replace(hidden, COVER))
    }

    /// Whether any stands in the words of a diagnostic.
    fn are_in(&self, diagnostic: &Diagnostic) -> bool {
        let Diagnostic { code: _, severity: _, message, primary, related, help, fix } = diagnostic;
        let labels = primary.iter().chain(related).map(|label| &label.text);
        let fixes = fix.iter().flat_map(|fix| [&fix.title, &fix.replacement]);
        let mut said = std::iter::once(message).chain(labels).chain(help).chain(fixes);
        said.any(|text| self.found(text).next().is_some())
    }
}

fn one(diagnostic: &Diagnostic, moved: &BTreeMap<FileId, Vec<Range<usize>>>, hidden: &Words<'_>) -> Diagnostic {
    let Diagnostic { code, severity, message, primary, related, help, fix } = diagnostic;
    let words = |text: &String| hidden.covered(text);
    let span = |span: Span| moved.get(&span.file).map_or(span, |ranges| shifted(span, ranges));
    let label = |Label { span: at, text }: &Label| Label { span: span(*at), text: words(text) };
    Diagnostic {
        code,
        severity: *severity,
        message: words(message),
        primary: primary.as_ref().map(label),
        related: related.iter().map(label).collect(),
        help: help.as_ref().map(words),
        fix: fix.as_ref().map(|Fix { title, span: at, replacement }| Fix {
            title: words(title),
            span: span(*at),
            replacement: words(replacement),
        }),
    }
}

/// Where a span lies once what comes before it is covered; what lies inside of a cover becomes the cover.
fn shifted(span: Span, ranges: &[Range<usize>]) -> Span {
    let place = |offset: u32, at_end: bool| {
        let offset = offset as usize;
        let before = ranges.partition_point(|range| range.end <= offset);
        let gone: usize = ranges.iter().take(before).map(Range::len).sum();
        let base = before * COVER.len();
        match ranges.get(before).filter(|range| range.start < offset) {
            Some(range) => range.start + base - gone + if at_end { COVER.len() } else { 0 },
            None => offset + base - gone,
        }
    };
    Span::new(span.file, place(span.start, false), place(span.end, true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::human;

    #[test]
    fn all_texts_are_found_as_if_each_were_looked_for() {
        let texts: Vec<String> =
            ["secret12", "secret1", "é€", "postgres://app", "postgres://application", "t1", "", "t1"]
                .map(str::to_owned)
                .into();
        let cases = ["", "t", "t1", "secret123", "at postgres://application/é€t1", "é", "secret", "sesecret1secret12"];
        for text in cases {
            let one_by_one: Vec<&str> =
                texts.iter().map(String::as_str).filter(|hidden| !hidden.is_empty() && text.contains(hidden)).collect();
            assert_eq!(Words::new(&texts).found(text).collect::<Vec<_>>(), one_by_one, "{text}");
        }
        assert_eq!(Words::new(&[]).found("a").count(), 0);
        let long = ["longer than eight".to_owned()];
        assert_eq!(Words::new(&long).covered("not longer than eight bytes"), "not ••• bytes");
    }

    #[test]
    fn what_is_hidden_is_covered_and_everything_else_stays_in_its_place() {
        let mut sources = Sources::new();
        let file = sources.add("a.yaml", "x: 1\nenv: {A: hunter2, B: two, C: é}\n");
        let at = |part: &str| sources.get(file).unwrap().text.find(part).unwrap();
        let hidden = BTreeMap::from([(file, vec![at("hunter2")..at("hunter2") + 7, 3..8])]);
        for (part, mark) in
            [("two", "^^^"), ("hunter2", "^^^"), ("unter", "^^^"), ("é", "^"), ("A: hunter2, B", "^^^^^^^^^")]
        {
            let span = Span::new(file, at(part), at(part) + part.len());
            let found = Diagnostic::error("e", "`hunter2` is wrong").at(span).help("not hunter2");
            let (covered, shown) = cover(&[found], &sources, &hidden, &["hunter2".to_owned()]);
            let text = human(&covered, &shown, false);
            assert!(!text.contains("unter"), "{text}");
            assert!(text.contains("env: {A: •••, B: two, C: é}"), "{text}");
            assert!(text.lines().any(|line| line.trim_start_matches(['|', ' ']) == mark), "{part}\n{text}");
        }
    }
}
