//! Logical lines: directives at the top, continuations, comments, and here-documents.
//!
//! The rules are BuildKit's (`frontend/dockerfile/parser`): a directive counts only before anything else; a comment or
//! an empty line inside a continuation is skipped; a here-document follows `RUN`, `COPY` and `ADD` whose words ask for it.

use tranship_source::{Diagnostic, FileId, Span};

/// One instruction's text with its here-documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The text with continuations joined, without leading white space.
    pub(crate) text: String,
    /// From the first byte of the instruction to the last of its last line, here-documents included.
    pub(crate) span: Span,
    /// Here-documents in the order their words stand in the text.
    pub(crate) heredocs: Vec<Heredoc>,
}

/// The text of a here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The word that ends it.
    pub name: String,
    /// Its lines, each with its end.
    pub content: String,
    /// Whether variables in it are put in: the word was not quoted.
    pub expand: bool,
}

/// What stands before the first instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directives {
    /// The character that escapes; `\` or a backtick.
    pub(crate) escape: char,
    /// The image that parses the file, as `# syntax=` says.
    pub(crate) syntax: Option<String>,
}

/// Splits a text into logical lines.
pub(crate) fn split(file: FileId, text: &str, faults: &mut Vec<Diagnostic>) -> (Directives, Vec<Line>) {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let skipped = text.len() - body.len();
    let physical = physical(body, skipped);
    let directives = directives(file, &physical, faults);
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some(first) = physical.get(at) {
        let trimmed = first.text.trim_start();
        if trimmed.trim_end().is_empty() || trimmed.starts_with('#') {
            at += 1;
            continue;
        }
        let (line, next) = logical(file, &physical, at, directives.escape, faults);
        lines.push(line);
        at = next;
    }
    (directives, lines)
}

/// A line of the file without its end, and where it starts.
struct Physical<'a> {
    text: &'a str,
    start: usize,
}

fn physical(text: &str, skipped: usize) -> Vec<Physical<'_>> {
    let mut start = skipped;
    let mut out = Vec::new();
    for line in text.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        out.push(Physical { text: content.strip_suffix('\r').unwrap_or(content), start });
        start += line.len();
    }
    out
}

/// Directives end at the first line that is none.
fn directives(file: FileId, lines: &[Physical<'_>], faults: &mut Vec<Diagnostic>) -> Directives {
    let mut out = Directives { escape: '\\', syntax: None };
    let mut seen: Vec<String> = Vec::new();
    for line in lines {
        let Some((name, value)) = directive(line.text) else { break };
        let span = Span::new(file, line.start, line.start + line.text.len());
        if seen.contains(&name) {
            let message = format!("only one `{name}` directive can be given");
            faults.push(Diagnostic::error("dockerfile-directive", message).at(span).help("delete all but one"));
            continue;
        }
        match (name.as_str(), value) {
            ("escape", "\\") => out.escape = '\\',
            ("escape", "`") => out.escape = '`',
            ("escape", other) => {
                let message = format!("`{other}` cannot be the escape character");
                faults.push(Diagnostic::error("dockerfile-directive", message).at(span).help("use `\\` or a backtick"));
            }
            ("syntax", value) => out.syntax = Some(value.to_owned()),
            _ => {}
        }
        seen.push(name);
    }
    out
}

/// Name and value of a line such as `# escape=\``; only names BuildKit knows count.
fn directive(line: &str) -> Option<(String, &str)> {
    let rest = line.trim_start().strip_prefix('#')?.trim_start();
    let (name, value) = rest.split_once('=')?;
    let name = name.trim_end().to_ascii_lowercase();
    ["escape", "syntax", "check"].contains(&name.as_str()).then(|| (name, value.trim()))
}

/// The logical line that starts at `first`, and the number of the physical line after it.
fn logical(
    file: FileId,
    lines: &[Physical<'_>],
    first: usize,
    escape: char,
    faults: &mut Vec<Diagnostic>,
) -> (Line, usize) {
    let start = lines.get(first).map_or(0, |line| line.start + (line.text.len() - line.text.trim_start().len()));
    let mut text = String::new();
    let mut end = start;
    let mut at = first;
    while let Some(line) = lines.get(at) {
        at += 1;
        let inside = at > first + 1;
        let trimmed = line.text.trim_start();
        if inside && (trimmed.starts_with('#') || trimmed.trim_end().is_empty()) {
            continue;
        }
        end = line.start + line.text.len();
        let part = if inside { line.text } else { trimmed };
        match continued(part, escape) {
            Some(head) => text.push_str(head),
            None => {
                text.push_str(part);
                break;
            }
        }
    }
    let text = text.trim_end().to_owned();
    let mut heredocs = Vec::new();
    for word in heredoc_words(&text, escape) {
        let (heredoc, next, closed) = heredoc(lines, at, word);
        if !closed {
            let message = format!("the here-document `{}` has no end", heredoc.name);
            let help = format!("write `{}` on a line of its own after it", heredoc.name);
            faults.push(Diagnostic::error("dockerfile-heredoc", message).at(Span::new(file, start, end)).help(help));
        }
        heredocs.push(heredoc);
        at = next;
        end = lines.get(at.saturating_sub(1)).map_or(end, |line| line.start + line.text.len());
    }
    (Line { text, span: Span::new(file, start, end), heredocs }, at)
}

/// What stands before an escape at the end of a line, if one stands there.
fn continued(line: &str, escape: char) -> Option<&str> {
    line.trim_end_matches([' ', '\t']).strip_suffix(escape)
}

/// A word that asks for a here-document: its name, whether tabs are cut, whether variables are put in.
struct Asked {
    name: String,
    cut_tabs: bool,
    expand: bool,
}

/// Words such as `<<EOF`, `3<<-"EOF"` of instructions that take here-documents.
fn heredoc_words(text: &str, escape: char) -> Vec<Asked> {
    let name = text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    let rest = text.get(name.len()..).unwrap_or_default();
    let inner = match name.as_str() {
        "RUN" | "COPY" | "ADD" => rest,
        "ONBUILD" => {
            let rest = rest.trim_start();
            let word = rest.split_whitespace().next().unwrap_or_default();
            let takes = ["RUN", "COPY", "ADD"].contains(&word.to_ascii_uppercase().as_str());
            if !takes {
                return Vec::new();
            }
            rest.get(word.len()..).unwrap_or_default()
        }
        _ => return Vec::new(),
    };
    if serde_json::from_str::<Vec<String>>(inner.trim()).is_ok() {
        return Vec::new();
    }
    crate::expand::raw_words(inner, escape).iter().filter_map(|word| asked(word)).collect()
}

fn asked(word: &str) -> Option<Asked> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (cut_tabs, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    if rest.is_empty() || rest.contains('<') {
        return None;
    }
    let quoted = |mark: char| rest.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
    let (name, expand) = match quoted('"').or_else(|| quoted('\'')) {
        Some(inner) => (inner, false),
        None => (rest, true),
    };
    let plain = !name.is_empty() && !name.contains(['"', '\'', ' ']);
    plain.then(|| Asked { name: name.to_owned(), cut_tabs, expand })
}

/// Reads a here-document from line `at`; gives the line after it and whether its end was there.
fn heredoc(lines: &[Physical<'_>], at: usize, asked: Asked) -> (Heredoc, usize, bool) {
    let Asked { name, cut_tabs, expand } = asked;
    let mut content = String::new();
    let mut next = at;
    let mut closed = false;
    while let Some(line) = lines.get(next) {
        next += 1;
        let text = if cut_tabs { line.text.trim_start_matches('\t') } else { line.text };
        if text == name {
            closed = true;
            break;
        }
        content.push_str(text);
        content.push('\n');
    }
    (Heredoc { name, content, expand }, next, closed)
}
