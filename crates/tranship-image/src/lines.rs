//! Logical lines: directives at the top, continuations, comments, and here-documents.
//!
//! The rules are BuildKit's (`frontend/dockerfile/parser`): a directive counts only before anything else; a comment or
//! an empty line inside a continuation is skipped; a here-document follows `RUN`, `COPY` and `ADD` whose words ask for it.

use tranship_source::{Diagnostic, FileId, Span};

use crate::heredoc::{Asked, Heredoc, asked};

/// One instruction's text with its here-documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The text with continuations joined.
    pub(crate) text: String,
    /// From the first byte of the instruction to the last of its last line, here-documents included.
    pub(crate) span: Span,
    /// Here-documents in the order their words stand in the text.
    pub(crate) heredocs: Vec<Heredoc>,
}

/// What stands before the first instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directives {
    /// The character that escapes; `\` or a backtick.
    pub(crate) escape: char,
    /// The image that parses the file, as `# syntax=` says.
    pub(crate) syntax: Option<String>,
}

/// The longest line BuildKit reads, its end included.
const LONGEST: usize = 64 * 1024;

/// Splits a text into logical lines.
pub(crate) fn split(file: FileId, text: &str, faults: &mut Vec<Diagnostic>) -> (Directives, Vec<Line>) {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let physical = physical(body, text.len() - body.len());
    too_long(file, &physical, faults);
    let directives = directives(file, &physical, faults);
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some(first) = physical.get(at) {
        let trimmed = first.text.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            at += 1;
            continue;
        }
        let (line, next) = logical(file, &physical, at, directives.escape, faults);
        lines.push(line);
        at = next;
    }
    (directives, lines)
}

/// A line of the file without its end, its end, and where it starts.
struct Physical<'a> {
    text: &'a str,
    end: &'a str,
    start: usize,
}

fn physical(text: &str, skipped: usize) -> Vec<Physical<'_>> {
    let mut start = skipped;
    let mut out = Vec::new();
    for line in text.split_inclusive('\n') {
        let (text, end) = line.split_at(line.trim_end_matches(['\r', '\n']).len());
        out.push(Physical { text, end, start });
        start += line.len();
    }
    out
}

fn too_long(file: FileId, lines: &[Physical<'_>], faults: &mut Vec<Diagnostic>) {
    let long = |line: &&Physical<'_>| {
        let length = line.text.len() + line.end.len();
        length > LONGEST || (length == LONGEST && !line.end.ends_with('\n'))
    };
    if let Some(line) = lines.iter().find(long) {
        let fault = Diagnostic::error("dockerfile-line", "a line is longer than BuildKit reads, which is 65,535 bytes");
        let span = Span::new(file, line.start, line.start + line.text.len());
        faults.push(fault.at(span).help("break the line with the escape character, or move the text to a file"));
    }
}

/// Directives end at the first line that is none.
fn directives(file: FileId, lines: &[Physical<'_>], faults: &mut Vec<Diagnostic>) -> Directives {
    let mut out = Directives { escape: '\\', syntax: None };
    let mut seen: Vec<String> = Vec::new();
    // Who only asks for the syntax stops at an indented directive.
    let mut indented = false;
    for line in lines {
        indented |= line.text.starts_with(char::is_whitespace);
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
            ("syntax", value) if !indented => out.syntax = value.split(' ').next().map(str::to_owned),
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
    let is_space = |c: char| matches!(c, '\t' | '\u{c}' | '\r' | ' ');
    let name = name.trim_end_matches(is_space).to_ascii_lowercase();
    let value = value.trim_matches(is_space);
    (["escape", "syntax", "check"].contains(&name.as_str()) && !value.is_empty()).then_some((name, value))
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
        if inside && (trimmed.starts_with('#') || trimmed.is_empty()) {
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
    let place = Span::new(file, start, end);
    let mut heredocs = Vec::new();
    let wanted = asked(&text, escape).unwrap_or_else(|why| {
        faults.push(Diagnostic::error("dockerfile-heredoc", why).at(place).help("close the quotes of its name"));
        Vec::new()
    });
    for word in wanted {
        let (heredoc, next, closed) = heredoc(lines, at, word);
        if !closed {
            let message = format!("the here-document `{}` has no end", heredoc.name);
            let help = format!("write `{}` on a line of its own after it", heredoc.name);
            faults.push(Diagnostic::error("dockerfile-heredoc", message).at(place).help(help));
        }
        heredocs.push(heredoc);
        at = next;
        end = lines.get(at.saturating_sub(1)).map_or(end, |line| line.start + line.text.len());
    }
    (Line { text, span: Span::new(file, start, end), heredocs }, at)
}

/// What stands before an escape at the end of a line, if one stands there that is not escaped itself.
fn continued(line: &str, escape: char) -> Option<&str> {
    let head = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!head.ends_with(escape)).then_some(head)
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
        content.push_str(line.text);
        content.push_str(line.end);
    }
    (Heredoc { name, content, expand, cut_tabs }, next, closed)
}
