//! Text to tree on granit-parser's events. Only events cross this border, so another parser could take its place.
//!
//! The tree means what docker compose's YAML library makes of the text; [`super::scalar`] has the rules for scalars.
//! Every fault is reported at its place, and time and memory stay bounded whatever the text holds.

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StructureStyle};

use super::build::{Builder, Open};
use super::node::Node;
use crate::diagnostic::{Checked, Diagnostic};
use crate::span::{FileId, Span};

/// What a reader of YAML may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseOptions {
    /// Whether keys that are no strings are faults, as in docker compose. Otherwise they count as their text.
    pub string_keys: bool,
    /// Whether comments are kept for the writer.
    pub comments: bool,
}

impl Default for ParseOptions {
    fn default() -> Self {
        Self { string_keys: true, comments: true }
    }
}

/// Reads every document of a text. Aliases and merge keys are expanded; tags of Compose's own stay on their nodes.
///
/// An empty text has no document. On a syntax error the documents before it are given. Errors: `yaml-syntax`,
/// `yaml-tab`, `yaml-depth`, `yaml-duplicate-key`, `yaml-key`, `yaml-merge`, `yaml-alias`, `yaml-expansion`, `yaml-tag`.
pub fn parse(file: FileId, text: &str) -> Checked<Vec<Node>> {
    parse_with(file, text, ParseOptions::default())
}

/// [`parse`] with choices.
pub fn parse_with(file: FileId, text: &str, options: ParseOptions) -> Checked<Vec<Node>> {
    let broken_off = !text.ends_with(['\n', '\r']);
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut reader = Reader {
        builder: Builder::new(file, options),
        stack: Vec::new(),
        documents: Vec::new(),
        broken_off: broken_off.then_some(end),
    };
    let settings = granit_parser::options! {
        emit_unresolved_aliases: true,
        emit_comments: options.comments,
        max_buffered_comment_events: 1_000_000,
    };
    for next in Parser::new_from_str_with_options(text, settings) {
        match next {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or(0..0);
                let tag = span.tag_start().and_then(|mark| mark.byte_offset());
                reader.event(event, Span::new(file, range.start, range.end), tag);
            }
            Err(error) => {
                reader.builder.fault(syntax(file, text, &error));
                break;
            }
        }
        if reader.builder.exhausted {
            break;
        }
    }
    Checked::new(reader.documents, reader.builder.into_diagnostics())
}

struct Reader {
    builder: Builder,
    stack: Vec<Open>,
    documents: Vec<Node>,
    /// The end of a text whose last line has no line break.
    broken_off: Option<u32>,
}

impl Reader {
    /// A block's text as docker compose reads it: without the line break that the text's last line does not have.
    fn block<'t>(&self, text: &'t str, style: ScalarStyle, span: Span) -> &'t str {
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let last = block && self.broken_off.is_some_and(|end| span.end >= end);
        if last { text.strip_suffix('\n').unwrap_or(text) } else { text }
    }

    fn event(&mut self, event: Event<'_>, span: Span, tag_at: Option<usize>) {
        match event {
            Event::Comment(text, placement) => self.builder.comment(&text, placement),
            Event::DocumentStart(_, version) => {
                self.builder.begin_document();
                if version.is_some_and(|v| (v.major, v.minor) != (1, 1)) {
                    let message = "docker compose takes no other version than `%YAML 1.1`";
                    let fault = Diagnostic::error("yaml-syntax", message).at(span);
                    self.builder.fault(fault.help("leave the `%YAML` line out"));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let wanted = self.place();
                let text = self.block(&text, style, span);
                let node = self.builder.scalar(text, style, tag.as_deref(), span, wanted);
                self.done(node, anchor, span);
            }
            Event::SequenceStart(style, anchor, tag) => {
                let open = Open::new(span, style == StructureStyle::Flow, anchor, tag.as_deref(), false, tag_at);
                self.open(open);
            }
            Event::MappingStart(style, anchor, tag) => {
                let open = Open::new(span, style == StructureStyle::Flow, anchor, tag.as_deref(), true, tag_at);
                self.open(open);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.stack.pop() {
                    let anchor = open.anchor;
                    let built = self.builder.close(open, span);
                    let span = built.node.span;
                    self.done(built, anchor, span);
                }
            }
            Event::Alias(id) => {
                let wanted = self.place();
                let node = self.builder.alias(id, span, wanted, self.stack.len());
                self.done(node, 0, span);
            }
            Event::UnresolvedAlias(name) => {
                let node = self.builder.unknown_alias(&name, span);
                self.done(node, 0, span);
            }
            _ => {}
        }
    }

    /// Where the next node will stand.
    fn place(&self) -> Place {
        match self.stack.last() {
            None => Place::Root,
            Some(open) if !open.mapping => Place::Item,
            Some(open) if open.key_is_next() => Place::Key,
            Some(_) => Place::Value,
        }
    }

    fn open(&mut self, mut open: Open) {
        open.comments = match self.place() {
            Place::Item => self.builder.take_comments(),
            _ => Vec::new(),
        };
        self.stack.push(open);
    }

    fn done(&mut self, built: Built, anchor: usize, span: Span) {
        if anchor != 0 {
            self.builder.anchor(anchor, &built, span);
        }
        match self.stack.last_mut() {
            Some(open) => open.push(built, span),
            None => self.documents.push(built.node),
        }
    }
}

/// Where a node stands in its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Root,
    Item,
    Key,
    Value,
}

/// A finished node, with what the limits need to know of it.
#[derive(Clone, Debug)]
pub(super) struct Built {
    pub(super) node: Node,
    /// Nodes it holds, long texts counting for more.
    pub(super) weight: usize,
    /// Levels below it, itself included.
    pub(super) height: usize,
    /// Comments above it when it is a key.
    pub(super) comments: Vec<String>,
    /// The text as written, when it is a scalar key and the node does not hold it.
    pub(super) key: Option<String>,
}

/// The parser's complaint in this crate's words, with an own hint where a tab indents.
fn syntax(file: FileId, text: &str, error: &ScanError) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or(0).min(text.len());
    if let Some(tab) = tab_near(text, at) {
        let message = "a tab is used for indentation, which YAML does not allow";
        let fault = Diagnostic::error("yaml-tab", message).at(Span::new(file, tab, tab + 1));
        return fault.help("indent with spaces");
    }
    let message = error.info();
    if matches!(error.kind(), granit_parser::ErrorKind::RecursionLimitExceeded) {
        let message = "lists and mappings nest too deep";
        return Diagnostic::error("yaml-depth", message).at(Span::new(file, at, at));
    }
    let fault = Diagnostic::error("yaml-syntax", message).at(Span::new(file, at, at));
    match text.get(at..).and_then(|rest| rest.chars().next()) {
        Some('@' | '`' | '%' | '*' | '&' | '!' | '|' | '>' | '{' | '[') => {
            fault.help("put a value that begins with a special character in quotes")
        }
        _ => fault,
    }
}

/// A tab in the indentation of the line at an offset, or of the next line that is not blank.
fn tab_near(text: &str, at: usize) -> Option<usize> {
    let head = text.get(..at)?;
    let mut start = head.rfind('\n').map_or(0, |i| i + 1);
    let mut looked = 0;
    for line in text.get(start..)?.split_inclusive('\n') {
        let body = line.trim_start_matches([' ', '\t']);
        let indent = line.get(..line.len() - body.len()).unwrap_or("");
        if !body.trim_end().is_empty() {
            if let Some(tab) = indent.find('\t') {
                return Some(start + tab);
            }
            looked += 1;
        }
        if looked == 2 {
            return None;
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
