//! Tree to text, in the style kubectl prints: list items at their key's indentation, keys in their order.
//!
//! Comments stand above their key or item. Whatever a reader of YAML 1.1 or 1.2 could misread is quoted, texts of
//! several lines become literal blocks where every reader gives them back; [`super::quote`] has the rules. No anchors,
//! no flow style but `{}` and `[]`, no folded lines.

use super::map::Map;
use super::node::{Node, Value};
use super::quote;
use super::scalar::TIMESTAMP;

/// A key longer than this when written needs YAML's explicit form, which has no limit.
const MAX_SIMPLE_KEY: usize = 500;

/// One document, ending with a line break. Tags such as `!reset` are written; resolved trees carry none.
pub fn write(node: &Node) -> String {
    let mut writer = Writer { out: String::new() };
    writer.comments(node, 0);
    writer.root(node);
    writer.out
}

/// Several documents, `---` between two.
pub fn write_all(nodes: &[Node]) -> String {
    nodes.iter().map(write).collect::<Vec<_>>().join("---\n")
}

struct Writer {
    out: String,
}

/// What stands to the left of a value, and so how a nested value goes on.
#[derive(Clone, Copy)]
enum After {
    /// `key:`
    Key,
    /// `-`
    Dash,
    /// `:` below a key in explicit form
    Colon,
}

impl Writer {
    fn root(&mut self, node: &Node) {
        let tag = local_tag(node);
        match &node.value {
            Value::Mapping(map) if !map.is_empty() => {
                self.tag_line(tag);
                self.mapping(map, 0, false);
            }
            Value::Sequence(items) if !items.is_empty() => {
                self.tag_line(tag);
                self.sequence(items, 0, false);
            }
            // Readers differ on how far a block at the top is indented.
            Value::String(text) if quote::block_header(text).is_some_and(|header| header.contains('2')) => {
                self.tag_line(tag);
                self.out.push_str(&quote::inline(text));
                self.out.push('\n');
            }
            _ => self.scalar(node, 0, ""),
        }
    }

    fn tag_line(&mut self, tag: Option<&str>) {
        if let Some(tag) = tag {
            self.out.push_str(tag);
            self.out.push('\n');
        }
    }

    fn pad(&mut self, indent: usize) {
        const SPACES: &str = "                                                                ";
        match SPACES.get(..indent) {
            Some(spaces) => self.out.push_str(spaces),
            None => self.out.extend(std::iter::repeat_n(' ', indent)),
        }
    }

    /// The comments of a node, each line of them a comment line of its own.
    fn comments(&mut self, node: &Node, indent: usize) {
        let Some(meta) = &node.meta else { return };
        for line in meta.comments.iter().flat_map(|comment| comment.split('\n')) {
            self.pad(indent);
            self.out.push('#');
            let line: String = line.trim_end().chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
            if !line.is_empty() {
                self.out.push(' ');
            }
            self.out.push_str(&line);
            self.out.push('\n');
        }
    }

    /// The entries of a mapping; with `inline` the first stands behind a dash, its comments already written.
    fn mapping(&mut self, map: &Map, indent: usize, inline: bool) {
        for (position, (key, value)) in map.iter().enumerate() {
            if !(inline && position == 0) {
                self.comments(value, indent);
                self.pad(indent);
            }
            let text = quote::inline(&key.text);
            if text.len() > MAX_SIMPLE_KEY {
                self.out.push_str("? ");
                self.out.push_str(&text);
                self.out.push('\n');
                self.pad(indent);
                self.out.push(':');
                self.value(value, indent, After::Colon);
            } else {
                self.out.push_str(&text);
                self.out.push(':');
                self.value(value, indent, After::Key);
            }
        }
    }

    fn sequence(&mut self, items: &[Node], indent: usize, inline: bool) {
        for (position, item) in items.iter().enumerate() {
            if !(inline && position == 0) {
                self.item_comments(item, indent);
                self.pad(indent);
            }
            self.out.push('-');
            self.value(item, indent, After::Dash);
        }
    }

    /// Comments of an item and of what stands first on its line, all above the dash.
    fn item_comments(&mut self, item: &Node, indent: usize) {
        self.comments(item, indent);
        if local_tag(item).is_some() {
            return;
        }
        match &item.value {
            Value::Mapping(map) => {
                if let Some((_, first)) = map.first() {
                    self.comments(first, indent);
                }
            }
            Value::Sequence(items) => {
                if let Some(first) = items.first() {
                    self.item_comments(first, indent);
                }
            }
            _ => {}
        }
    }

    /// A value and the end of its line. `indent` is that of the key or dash before it.
    fn value(&mut self, node: &Node, indent: usize, after: After) {
        let tag = local_tag(node);
        let deeper = indent + 2;
        match &node.value {
            Value::Mapping(map) if !map.is_empty() => {
                let inline = matches!(after, After::Dash) && tag.is_none();
                self.opened(tag, inline);
                self.mapping(map, deeper, inline);
            }
            Value::Sequence(items) if !items.is_empty() => {
                let inline = matches!(after, After::Dash) && tag.is_none();
                self.opened(tag, inline);
                let indent = if matches!(after, After::Key) { indent } else { deeper };
                self.sequence(items, indent, inline);
            }
            _ => self.scalar(node, indent, " "),
        }
    }

    fn opened(&mut self, tag: Option<&str>, inline: bool) {
        if let Some(tag) = tag {
            self.out.push(' ');
            self.out.push_str(tag);
        }
        self.out.push(if inline { ' ' } else { '\n' });
    }

    /// A scalar or an empty collection with `lead` before it, and the line's end.
    fn scalar(&mut self, node: &Node, indent: usize, lead: &str) {
        self.out.push_str(lead);
        if let Some(tag) = local_tag(node) {
            self.out.push_str(tag);
            self.out.push(' ');
        }
        match &node.value {
            Value::String(text) if node.tag() == Some(TIMESTAMP) => self.out.push_str(text),
            Value::String(text) => {
                if let Some(header) = quote::block_header(text) {
                    self.block(header, text, indent + 2);
                    return;
                }
                self.out.push_str(&quote::inline(text));
            }
            Value::Null => self.out.push_str("null"),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Int(number) => self.out.push_str(&number.to_string()),
            Value::Float(number) => self.out.push_str(&whole(node).unwrap_or_else(|| quote::float(*number))),
            Value::Sequence(_) => self.out.push_str("[]"),
            Value::Mapping(_) => self.out.push_str("{}"),
        }
        self.out.push('\n');
    }

    fn block(&mut self, header: &str, text: &str, indent: usize) {
        self.out.push_str(header);
        self.out.push('\n');
        let body = text.strip_suffix('\n').unwrap_or(text);
        for line in body.split('\n') {
            if !line.is_empty() {
                self.pad(indent);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }
}

/// The tag to write: not the mark of a timestamp, whose text says what it is.
fn local_tag(node: &Node) -> Option<&str> {
    node.tag().filter(|tag| *tag != TIMESTAMP)
}

/// A whole number too large for `i64`, by its own digits.
fn whole(node: &Node) -> Option<String> {
    node.raw().and_then(super::whole).map(|number| number.to_string())
}

/// Characters that some reader takes for the end of a line, or refuses.
fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
