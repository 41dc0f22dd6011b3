//! Places in files, with the line that stands there.

use std::collections::BTreeSet;

use tranship_source::yaml::{Node, Trail, Value, VariableFrom};
use tranship_source::{Sources, Span};

use super::{Spot, VariableFacts};

/// What stands for a credential.
const COVER: &str = "•••";

/// The place of a span; `None` for what is in no file. Credentials that stand in its line are covered.
pub(super) fn spot(sources: &Sources, span: Span, secrets: &BTreeSet<Span>) -> Option<Spot> {
    let source = sources.get(span.file)?;
    let position = source.position(span.start);
    let start = source.line_start(position.line);
    let line = source.text.get(start..)?.lines().next().unwrap_or_default();
    let within = |offset: u32| (offset as usize).saturating_sub(start).min(line.len());
    let (from, to) = (within(span.start), within(span.end));
    let (mut text, mut at, mut column) = (String::new(), 0, position.column);
    let first = Span { file: span.file, start: 0, end: 0 };
    let last = Span::new(span.file, start + line.len(), usize::MAX);
    let hidden = secrets.range(first..=last).filter(|secret| secret.end as usize > start && secret.start < secret.end);
    let mut meant = line.get(from..to.max(from)).unwrap_or_default().chars().count();
    for secret in hidden {
        let (begin, end) = (within(secret.start).max(at), within(secret.end));
        // A block of text ends with the line break, and so in the next line.
        if line.get(begin..end).is_none_or(|hidden| hidden.trim().is_empty()) {
            continue;
        }
        text.push_str(line.get(at..begin).unwrap_or_default());
        text.push_str(COVER);
        let (was, is) = (line.get(begin..end).unwrap_or_default().chars().count(), COVER.chars().count());
        if end <= from {
            column = (column + is).saturating_sub(was);
        } else if begin >= from && end <= to {
            meant = (meant + is).saturating_sub(was);
        }
        at = end;
    }
    text.push_str(line.get(at..).unwrap_or_default());
    Some(Spot { file: source.name.clone(), line: position.line, column, length: meant.max(1), text })
}

/// The variables in a value and the places whose values it replaced.
pub(super) fn trail(sources: &Sources, node: &Node, secrets: &BTreeSet<Span>) -> (Vec<VariableFacts>, Vec<Spot>) {
    let Some(Trail { variables, replaced }) = node.meta.as_ref().and_then(|meta| meta.trail.as_ref()) else {
        return (Vec::new(), Vec::new());
    };
    let from = |from: &VariableFrom| match from {
        VariableFrom::Process => "the environment".to_owned(),
        VariableFrom::File(span) => match sources.place(*span) {
            Some(place) => place.rsplit_once(':').map_or(place.clone(), |(place, _)| place.to_owned()),
            None => "a file".to_owned(),
        },
        VariableFrom::Expression => "the default written there".to_owned(),
        VariableFrom::Unset => "nowhere: it is not set, and so empty".to_owned(),
        VariableFrom::Compose => "Compose itself".to_owned(),
    };
    let fact = |(name, source): &(String, VariableFrom)| VariableFacts { name: name.clone(), from: from(source) };
    (variables.iter().map(fact).collect(), replaced.iter().filter_map(|span| spot(sources, *span, secrets)).collect())
}

/// A value on one line; `None` for one of several lines or entries.
pub(super) fn one_line(node: &Node) -> Option<String> {
    match &node.value {
        Value::Mapping(map) if !map.is_empty() => None,
        Value::Sequence(items) if !items.is_empty() => None,
        Value::String(text) if text.contains('\n') => {
            let lines = text.lines().count();
            let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            Some(format!("{}… ({lines} lines)", first.chars().take(40).collect::<String>()))
        }
        _ => Some(tranship_source::yaml::write(node).trim_end().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_of_a_line_are_covered_wherever_they_stand() {
        let mut sources = Sources::new();
        let text = "x: 1\nenv: {A: hunter2, B: two, C: hunter3}\n";
        let file = sources.add("a.yaml", text);
        let span = |part: &str| {
            let at = text.find(part).unwrap();
            Span::new(file, at, at + part.len())
        };
        let secrets: BTreeSet<Span> = [span("hunter2"), span("hunter3")].into();
        let found = spot(&sources, span("two"), &secrets).unwrap();
        assert_eq!((found.text.as_str(), found.column, found.length), ("env: {A: •••, B: two, C: •••}", 18, 3));
        let found = spot(&sources, span("hunter3"), &secrets).unwrap();
        assert_eq!((found.column, found.length), (26, 3));
        let found = spot(&sources, span("{A: hunter2, B: two, C: hunter3}"), &secrets).unwrap();
        assert_eq!((found.column, found.length), (6, 24));
        assert_eq!(spot(&sources, span("1"), &secrets).unwrap().text, "x: 1");
    }
}
