//! Where a piece of text lies: a file and a byte range in it.

use std::sync::Arc;

/// Names one text in [`Sources`]. [`FileId::NONE`] is no file: values that were decided, not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

impl FileId {
    /// The file of values that come from no file.
    pub const NONE: Self = Self(u32::MAX);
}

/// A byte range in a file. Offsets are bytes from the start of the text, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file the range lies in.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of a value that comes from no file.
    pub const NONE: Self = Self { file: FileId::NONE, start: 0, end: 0 };

    /// A range of `file`. Offsets beyond 4 GiB saturate.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clip = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: clip(start), end: clip(end) }
    }

    /// Whether the value came from no file.
    pub fn is_none(self) -> bool {
        self.file == FileId::NONE
    }
}

/// A value and where it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value with its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }
}

/// A text that was read, with the name shown to people.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as the user would write it, or a name such as `<stdin>`.
    pub name: String,
    /// The whole text. Invalid UTF-8 was refused or replaced before it came here.
    pub text: Arc<str>,
    line_starts: Arc<[u32]>,
}

/// A place for people: line and column count from one, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Source {
    fn new(name: String, text: Arc<str>) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1);
        let line_starts = std::iter::once(0).chain(breaks).map(|i| u32::try_from(i).unwrap_or(u32::MAX)).collect();
        Self { name, text, line_starts }
    }

    /// Byte offset at which a line begins, lines counting from 1; the end of the text for lines past the last.
    pub fn line_start(&self, line: usize) -> usize {
        self.line_starts.get(line.saturating_sub(1)).map_or(self.text.len(), |start| *start as usize)
    }

    /// Line and column of a byte offset; offsets past the end count as the end.
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0) as usize;
        let column = self.text.get(start..offset as usize).map_or(1, |head| head.chars().count() + 1);
        Position { line, column }
    }
}

/// Every text read in a run, in the order it was read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
    hidden: Vec<String>,
}

impl Sources {
    /// An empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps a text under a name for people and gives its id. The same name may be added twice.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source::new(name.into(), text.into()));
        id
    }

    /// Notes texts that are not to be shown wherever they stand, in place of those noted before.
    pub fn hide(&mut self, texts: Vec<String>) {
        self.hidden = texts;
    }

    /// Texts that are not to be shown.
    pub fn hidden(&self) -> &[String] {
        &self.hidden
    }

    /// The text of an id; `None` for [`FileId::NONE`].
    pub fn get(&self, id: FileId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// The text a span covers; empty where the span is of no file.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).and_then(|s| s.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// `name:line:column` of a span's start, or `None` where it is of no file.
    pub fn place(&self, span: Span) -> Option<String> {
        let source = self.get(span.file)?;
        let Position { line, column } = source.position(span.start);
        Some(format!("{}:{line}:{column}", source.name))
    }

    /// All texts with their ids, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(i, s)| (FileId(u32::try_from(i).unwrap_or(u32::MAX)), s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_from_one_and_in_characters() {
        let mut sources = Sources::new();
        let file = sources.add("a.yaml", "one\nzwei: é!\n");
        let source = sources.get(file).unwrap();
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(4), Position { line: 2, column: 1 });
        assert_eq!(source.position(12), Position { line: 2, column: 8 });
        assert_eq!(sources.place(Span::new(file, 4, 8)).unwrap(), "a.yaml:2:1");
        assert_eq!(sources.slice(Span::new(file, 4, 8)), "zwei");
    }
}
