//! Diagnostics without the credentials that stand in the lines they show.
//!
//! What is covered is told by the caller; this file only puts [`COVER`] in its place and moves every span accordingly.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::diagnostic::{Diagnostic, Fix, Label};
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
    let covered = diagnostics.iter().map(|diagnostic| one(diagnostic, &moved, texts)).collect();
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

/// Covers texts wherever the words of a diagnostic hold them.
pub fn words(diagnostic: &mut Diagnostic, texts: &[String]) {
    *diagnostic = one(diagnostic, &BTreeMap::new(), texts);
}

fn one(diagnostic: &Diagnostic, moved: &BTreeMap<FileId, Vec<Range<usize>>>, texts: &[String]) -> Diagnostic {
    let Diagnostic { code, severity, message, primary, related, help, fix } = diagnostic;
    let words = |text: &String| {
        texts
            .iter()
            .filter(|hidden| text.contains(hidden.as_str()))
            .fold(text.clone(), |text, hidden| text.replace(hidden.as_str(), COVER))
    };
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
