//! Edits of a YAML text at the places of its values, which leave every other byte as it is.

use std::ops::Range;

use tranship_source::yaml::{self, Node, Value};

/// Text to put in the place of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// The text with all edits made; `None` where two of them overlap. Insertions at one place keep their order.
pub(super) fn apply(text: &str, mut edits: Vec<Edit>) -> Option<String> {
    edits.sort_by_key(|edit| edit.range.start);
    let mut out = String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut at = 0;
    for Edit { range, text: put } in edits {
        out.push_str(text.get(at..range.start)?);
        out.push_str(&put);
        at = range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// What stands left of a value in block style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// A key that begins in this column.
    Key(usize),
    /// A dash in this column.
    Dash(usize),
}

/// Puts a value in the place of another.
pub(super) fn replace(text: &str, old: &Node, left: Left, new: &Node) -> Edit {
    let (start, end) = bounds(text, old);
    let value = after(left, new);
    let head = text.get(..start).unwrap_or_default();
    let trimmed = head.trim_end_matches([' ', '\n', '\r']);
    // A tag or an anchor stays where it is.
    if trimmed.ends_with([':', '-']) {
        return Edit { range: trimmed.len()..end, text: value };
    }
    Edit { range: start..end, text: value.trim_start_matches(' ').to_owned() }
}

/// A value as it stands after its key or dash, with the blank or line break before it and none at its end.
fn after(left: Left, value: &Node) -> String {
    let (written, head, column) = match left {
        Left::Key(column) => (yaml::write(&Node::from([("k", value.clone())])), 2, column),
        Left::Dash(column) => (yaml::write(&Node::from(vec![value.clone()])), 1, column),
    };
    let shifted = shift(written.get(head..).unwrap_or_default(), column, false);
    shifted.strip_suffix('\n').map(str::to_owned).unwrap_or(shifted)
}

/// An entry of a mapping on lines of its own.
pub(super) fn entry(column: usize, key: &str, value: &Node) -> String {
    shift(&yaml::write(&Node::from([(key, value.clone())])), column, true)
}

/// An item of a list on lines of its own.
pub(super) fn item(column: usize, value: &Node) -> String {
    shift(&yaml::write(&Node::from(vec![value.clone()])), column, true)
}

/// Every line but empty ones, and the first only where wanted, moved to the right.
fn shift(text: &str, columns: usize, first: bool) -> String {
    let pad = " ".repeat(columns);
    let mut out = String::with_capacity(text.len() + columns * 8);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if (first || number > 0) && line != "\n" {
            out.push_str(&pad);
        }
        out.push_str(line);
    }
    out
}

/// Where a value begins and ends, without white space behind it. A block of text begins with its `|` or `>`, a list with
/// its first dash.
pub(super) fn bounds(text: &str, node: &Node) -> (usize, usize) {
    let (start, end) = (node.span.start as usize, node.span.end as usize);
    let start = match &node.value {
        Value::String(_) => header(text, start).unwrap_or(start),
        Value::Sequence(items) if !is_flow(text, node) => {
            items.first().and_then(|item| dash(text, item)).map_or(start, |dash| dash.min(start))
        }
        _ => start,
    };
    let end = text.get(..end).map_or(end, |head| head.trim_end().len());
    if end < start { (end, end) } else { (start, end) }
}

/// Where the header of a block of text stands, whose lines begin at an offset.
fn header(text: &str, lines: usize) -> Option<usize> {
    let head = text.get(..lines)?;
    let trimmed = head.trim_end();
    let word = trimmed.rsplit([' ', '\n']).next()?;
    let marks = word.strip_prefix(['|', '>'])?;
    let is_header = marks.len() <= 2 && marks.bytes().all(|b| b.is_ascii_digit() || b == b'+' || b == b'-');
    (is_header && head.get(trimmed.len()..)?.contains('\n')).then(|| trimmed.len() - word.len())
}

/// Where the line of an offset begins.
pub(super) fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|head| head.rfind('\n')).map_or(0, |at| at + 1)
}

/// Where the line after an offset begins; the end of the text where there is none.
pub(super) fn next_line(text: &str, offset: usize) -> usize {
    text.get(offset..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| offset + at + 1)
}

/// Lines put in at an offset that is the start of a line or the end of the text.
pub(super) fn insert(text: &str, at: usize, lines: String) -> Edit {
    let open = at > 0 && !text.get(..at).is_some_and(|head| head.ends_with('\n'));
    Edit { range: at..at, text: if open { format!("\n{lines}") } else { lines } }
}

/// Whether nothing but blanks stands before an offset in its line.
pub(super) fn leads_its_line(text: &str, offset: usize) -> bool {
    text.get(line_start(text, offset)..offset).is_some_and(|head| head.bytes().all(|b| b == b' '))
}

/// The offset of the dash of an item.
pub(super) fn dash(text: &str, item: &Node) -> Option<usize> {
    let head = text.get(..item.span.start as usize)?.trim_end_matches(' ');
    head.ends_with('-').then(|| head.len() - 1)
}

/// Whether a part of a text holds a comment or an anchor, which no value does.
pub(super) fn has_notes(text: &str, range: Range<usize>) -> bool {
    let Some(part) = text.get(range) else { return false };
    let mut before = ' ';
    part.chars().any(|c| {
        let opens = before.is_whitespace() || matches!(before, '[' | '{' | ',');
        before = c;
        opens && matches!(c, '#' | '&')
    })
}

/// Whether a collection is written in braces or brackets.
pub(super) fn is_flow(text: &str, node: &Node) -> bool {
    matches!(node.value, Value::Mapping(_) | Value::Sequence(_))
        && text.get(node.span.start as usize..).is_some_and(|rest| rest.starts_with(['{', '[']))
}

/// A value on one line, in braces and brackets.
pub(super) fn flow(node: &Node) -> String {
    match &node.value {
        Value::Sequence(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Mapping(map) => {
            let entry = |(key, value): (&yaml::Key, &Node)| format!("{}: {}", word(&key.text), flow(value));
            format!("{{{}}}", map.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => word(text),
        _ => yaml::write(node).trim_end().to_owned(),
    }
}

/// A text in flow style: plain where it is a simple word, else in double quotes.
pub(crate) fn word(text: &str) -> String {
    let simple = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/');
    let plain = yaml::write(&Node::from(text));
    if text.bytes().all(simple) && plain.trim_end() == text {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}
