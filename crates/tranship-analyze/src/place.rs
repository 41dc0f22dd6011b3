//! Places for people: a file of the project and a line in it.

use std::fmt;

use serde::Serialize;
use tranship_source::Span;

/// A place in a file of the project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file, relative to the project directory, with `/`.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
}

impl Place {
    /// A place.
    pub fn new(file: impl Into<String>, line: usize) -> Self {
        Self { file: file.into(), line }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Whether a name ends in one of some ends, as written.
pub(crate) fn ends(name: &str, all: &[&str]) -> bool {
    all.iter().any(|end| name.ends_with(end))
}

/// Turns spans into places: only who read the files knows how they are called.
#[derive(Clone, Copy)]
pub struct Places<'a>(&'a dyn Fn(Span) -> Option<Place>);

impl<'a> Places<'a> {
    /// Places as a function tells them.
    pub fn new(of: &'a dyn Fn(Span) -> Option<Place>) -> Self {
        Self(of)
    }

    /// Where a span starts; `None` for a span of no file.
    pub fn of(&self, span: Span) -> Option<Place> {
        (self.0)(span)
    }
}
