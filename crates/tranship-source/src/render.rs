//! Diagnostics for people ([`human`], [`plain`]) and for programs ([`json()`]).

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Fix, Label, Severity};
use crate::span::{FileId, Source, Sources, Span};

/// Labels farther apart than so many lines are shown as two pieces of text.
const NEAR: usize = 100;

/// One line per diagnostic: `place: severity[code]: message`, and the help below it.
pub fn plain(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let place = diagnostic.primary.as_ref().and_then(|label| sources.place(label.span));
    let place = place.map(|p| format!("{p}: ")).unwrap_or_default();
    let help = diagnostic.help.as_ref().map(|h| format!("\n  help: {h}")).unwrap_or_default();
    format!("{place}{}[{}]: {}{help}", diagnostic.severity.as_str(), diagnostic.code, diagnostic.message)
}

/// Every diagnostic with the lines it is about, as a compiler shows them; a blank line between two.
///
/// The result ends with a line break unless there is nothing to show.
pub fn human(diagnostics: &[Diagnostic], sources: &Sources, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&renderer.render(&report(diagnostic, sources)));
        out.push('\n');
    }
    out
}

/// A diagnostic for programs: `code`, `severity`, `message`, then `file`, `line`, `column` and `end` of its place, then
/// `related`, `help` and `fix`. What is not known is left out; `line` and `column` count from one.
pub fn json(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let Diagnostic { code, severity, message, primary, related, help, fix } = diagnostic;
    let mut out = json!({ "code": code, "severity": severity.as_str(), "message": message });
    if let Some(label) = primary {
        add(&mut out, place(label.span, sources));
        if !label.text.is_empty() {
            add(&mut out, json!({ "label": label.text }));
        }
    }
    if !related.is_empty() {
        let related: Vec<Value> = related
            .iter()
            .map(|label| {
                let mut one = json!({ "message": label.text });
                add(&mut one, place(label.span, sources));
                one
            })
            .collect();
        add(&mut out, json!({ "related": related }));
    }
    if let Some(help) = help {
        add(&mut out, json!({ "help": help }));
    }
    if let Some(Fix { title, span, replacement }) = fix {
        let mut one = json!({ "title": title, "replacement": replacement });
        add(&mut one, place(*span, sources));
        add(&mut out, json!({ "fix": one }));
    }
    out
}

fn add(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

fn place(span: Span, sources: &Sources) -> Value {
    let Some(source) = sources.get(span.file) else { return json!({}) };
    let (start, end) = (source.position(span.start), source.position(span.end));
    json!({
        "file": source.name,
        "line": start.line,
        "column": start.column,
        "end": { "line": end.line, "column": end.column },
    })
}

fn report<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Group<'a>> {
    let Diagnostic { code, severity, message, primary, related, help, fix } = diagnostic;
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(message.as_str()).id(*code));
    let mut labels: Vec<(&Label, AnnotationKind)> = Vec::new();
    labels.extend(primary.iter().map(|label| (label, AnnotationKind::Primary)));
    labels.extend(related.iter().map(|label| (label, AnnotationKind::Context)));
    for piece in pieces(&labels, sources) {
        let annotations = piece.labels.iter().filter_map(|(label, kind)| {
            let range = within(&piece, label.span)?;
            let text = Some(label.text.as_str()).filter(|text| !text.is_empty());
            Some(kind.span(range).label(text) as Annotation<'a>)
        });
        group = group.element(snippet(&piece).annotations(annotations));
    }
    if let Some(help) = help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let mut groups = vec![group];
    groups.extend(fix.as_ref().and_then(|fix| suggestion(fix, sources)));
    groups
}

fn suggestion<'a>(fix: &'a Fix, sources: &'a Sources) -> Option<Group<'a>> {
    let source = sources.get(fix.span.file)?;
    let piece = Piece { source, lines: lines(source, fix.span), file: fix.span.file, labels: Vec::new() };
    let patch = Patch::new(within(&piece, fix.span)?, fix.replacement.as_str());
    let Piece { source, .. } = piece;
    let text = source.text.get(bytes(source, &piece.lines))?;
    let shown = Snippet::source(text).line_start(piece.lines.start).path(source.name.as_str()).patch(patch);
    Some(Level::HELP.secondary_title(fix.title.as_str()).element(shown))
}

/// Lines of one file, and the labels that lie in them.
struct Piece<'a> {
    source: &'a Source,
    file: FileId,
    /// Line numbers from one, the end exclusive.
    lines: Range<usize>,
    labels: Vec<(&'a Label, AnnotationKind)>,
}

/// Labels by the piece of text they share, so that a long file is not walked for one line of it.
fn pieces<'a>(labels: &[(&'a Label, AnnotationKind)], sources: &'a Sources) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    for (label, kind) in labels {
        let Some(source) = sources.get(label.span.file) else { continue };
        let own = lines(source, label.span);
        let near = |piece: &&mut Piece<'_>| {
            piece.file == label.span.file && own.start < piece.lines.end + NEAR && piece.lines.start < own.end + NEAR
        };
        match pieces.iter_mut().find(near) {
            Some(piece) => {
                piece.lines = piece.lines.start.min(own.start)..piece.lines.end.max(own.end);
                piece.labels.push((label, *kind));
            }
            None => pieces.push(Piece { source, file: label.span.file, lines: own, labels: vec![(label, *kind)] }),
        }
    }
    pieces
}

fn snippet<'a>(piece: &Piece<'a>) -> Snippet<'a, Annotation<'a>> {
    let text = piece.source.text.get(bytes(piece.source, &piece.lines)).unwrap_or("");
    Snippet::source(text).line_start(piece.lines.start).path(piece.source.name.as_str())
}

/// The line a span begins on. Only that line is shown: a span may cover half a file.
fn lines(source: &Source, span: Span) -> Range<usize> {
    let first = source.position(span.start).line;
    first..first + 1
}

/// The bytes of whole lines.
fn bytes(source: &Source, lines: &Range<usize>) -> Range<usize> {
    source.line_start(lines.start)..source.line_start(lines.end)
}

/// Where a span lies in a piece's text, cut at the end of the line it begins on and at whole characters.
fn within(piece: &Piece<'_>, span: Span) -> Option<Range<usize>> {
    let shown = bytes(piece.source, &piece.lines);
    let own = bytes(piece.source, &lines(piece.source, span));
    let line = piece.source.text.get(own.clone())?;
    let line_end = own.start + line.trim_end_matches(['\n', '\r']).len();
    let whole = |mut at: usize| {
        while !piece.source.text.is_char_boundary(at) {
            at += 1;
        }
        at
    };
    let start = whole((span.start as usize).min(line_end));
    let end = whole((span.end as usize).clamp(start, line_end.max(start)));
    Some(start.checked_sub(shown.start)?..end.checked_sub(shown.start)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> (Sources, FileId) {
        let mut sources = Sources::new();
        let text = "services:\n  wéb:\n    imgae: x\r\n    ports: 80\n";
        let file = sources.add("compose.yaml", format!("{text}{}last: 1\n", "#\n".repeat(500)));
        (sources, file)
    }

    fn sample(file: FileId) -> Diagnostic {
        Diagnostic::error("schema-unknown-key", "`services.wéb` has no key `imgae`")
            .at(Span::new(file, 22, 27))
            .label("unknown")
            .related(Span::new(file, 12, 16), "in this service")
            .related(Span::new(file, 1046, 1050), "far away")
            .help("did you mean `image`?")
            .fix("use the known key", Span::new(file, 22, 27), "image")
    }

    #[test]
    fn people_see_the_lines_the_fault_is_about() {
        let (sources, file) = sources();
        let text = human(&[sample(file), Diagnostic::warning("w", "no place").help("h")], &sources, false);
        for part in [
            "error[schema-unknown-key]: `services.wéb` has no key `imgae`",
            "--> compose.yaml:3:5",
            "imgae: x",
            "^^^^^ unknown",
            "--- in this service",
            "far away",
            "= help: did you mean `image`?",
            "help: use the known key",
            "image: x",
            "warning[w]: no place",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(text.lines().count() < 40, "{text}");
        assert!(!text.contains('\u{1b}'));
        assert!(human(&[sample(file)], &sources, true).contains('\u{1b}'));
        assert_eq!(human(&[], &sources, true), "");
    }

    #[test]
    fn spans_at_odd_places_are_shown_without_harm() {
        let mut sources = Sources::new();
        let file = sources.add("odd", "é\r\nlong\nend");
        let empty = sources.add("empty", "");
        for (file, start, end) in
            [(file, 0, 1), (file, 1, 1), (file, 2, 4), (file, 3, 999), (file, 12, 12), (file, 900, 901), (empty, 0, 5)]
        {
            let diagnostic =
                Diagnostic::note("n", "odd").at(Span::new(file, start, end)).fix("f", Span::new(file, start, end), "x");
            assert!(human(&[diagnostic], &sources, false).contains("note[n]: odd"), "{start}..{end}");
        }
        let nowhere = Diagnostic::note("n", "odd").at(Span::new(FileId(9), 0, 1));
        assert!(human(&[nowhere], &sources, false).contains("note[n]: odd"));
    }

    #[test]
    fn programs_get_every_field_with_positions() {
        let (sources, file) = sources();
        let at = |line: u32, column: u32, end: u32| json!({ "file": "compose.yaml", "line": line, "column": column, "end": { "line": line, "column": end } });
        let with = |mut object: Value, more: Value| {
            add(&mut object, more);
            object
        };
        let mut expect = json!({
            "code": "schema-unknown-key", "severity": "error", "message": "`services.wéb` has no key `imgae`",
        });
        add(&mut expect, at(3, 5, 10));
        add(
            &mut expect,
            json!({
                "label": "unknown",
                "related": [
                    with(json!({ "message": "in this service" }), at(2, 3, 6)),
                    with(json!({ "message": "far away" }), at(505, 1, 5)),
                ],
                "help": "did you mean `image`?",
                "fix": with(json!({ "title": "use the known key", "replacement": "image" }), at(3, 5, 10)),
            }),
        );
        assert_eq!(json(&sample(file), &sources), expect);
        let bare = json!({ "code": "w", "severity": "warning", "message": "m" });
        assert_eq!(json(&Diagnostic::warning("w", "m"), &sources), bare);
    }
}
