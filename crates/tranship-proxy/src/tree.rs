//! YAML and JSON files of proxies as trees whose scalars know their bytes.

use std::ops::Range;

use tranship_source::yaml::{Node, ParseOptions, Value, parse_with};
use tranship_source::{Diagnostic, FileId};

/// Every document of a text, and a warning where it does not parse to its end.
pub(crate) fn documents(text: &str, what: &str) -> (Vec<Node>, Vec<Diagnostic>) {
    let options = ParseOptions { string_keys: false, comments: false };
    let parsed = parse_with(FileId::NONE, text, options);
    let broken = parsed.has_errors();
    let fault = || Diagnostic::warning("proxy-syntax", format!("the {what} configuration does not parse as YAML"));
    (parsed.value, broken.then(fault).into_iter().collect())
}

/// Where the text of a string stands, without quotes; `None` where it is written with escapes.
pub(crate) fn range(text: &str, node: &Node) -> Option<Range<usize>> {
    let value = node.as_str()?;
    let (start, end) = (node.span.start as usize, node.span.end as usize);
    let written = text.get(start..end)?;
    let at = written.find(value)?;
    Some(start + at..start + at + value.len())
}

/// Calls `see` for every mapping entry in the order of the text, with the keys that lead to it.
pub(crate) fn walk<'a>(node: &'a Node, path: &mut Vec<&'a str>, see: &mut impl FnMut(&[&'a str], &'a Node)) {
    match &node.value {
        Value::Mapping(map) => {
            for (key, child) in map {
                path.push(&key.text);
                see(path, child);
                walk(child, path, see);
                path.pop();
            }
        }
        Value::Sequence(items) => items.iter().for_each(|item| walk(item, path, see)),
        _ => {}
    }
}
