//! The schema as small records, all of them constants: `table.rs` is generated from the JSON, so that no run reads it.

use super::pattern::Pattern;
use super::table::SCHEMAS;

/// Names one record of the table; the first is the root.
pub type Index = usize;

/// The types a value may have, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Types(pub u8);

impl Types {
    /// The types and their names, in the order messages list them.
    pub const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self(1), "string", "a string"),
        (Self(2), "boolean", "a boolean"),
        (Self(4), "integer", "a whole number"),
        (Self(8), "number", "a number"),
        (Self(16), "array", "a list"),
        (Self(32), "object", "a mapping"),
        (Self(64), "null", "null"),
    ];

    /// Whether a type is among these.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both together.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing is said about types.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// One schema: every field that is absent says nothing.
#[derive(Debug)]
pub struct Schema {
    /// The types a value may have; none means any.
    pub types: Types,
    /// Another schema that holds too.
    pub reference: Option<Index>,
    /// Keys with their schemas, sorted by key.
    pub properties: &'static [(&'static str, Index)],
    /// Keys by pattern with their schemas.
    pub patterns: &'static [(Pattern, Index)],
    /// Whether other keys are faults.
    pub closed: bool,
    /// Items of a list.
    pub items: Option<Index>,
    /// Exactly one of these holds.
    pub one_of: &'static [Index],
    /// Keys that must be there.
    pub required: &'static [&'static str],
    /// The words a value may be.
    pub words: &'static [&'static str],
    /// The least number.
    pub minimum: Option<f64>,
    /// The greatest number.
    pub maximum: Option<f64>,
    /// What a text must match.
    pub pattern: Option<Pattern>,
    /// Whether a list may hold nothing twice.
    pub unique: bool,
}

impl Schema {
    /// A schema that takes everything.
    pub const ANY: Self = Self {
        types: Types(0),
        reference: None,
        properties: &[],
        patterns: &[],
        closed: false,
        items: None,
        one_of: &[],
        required: &[],
        words: &[],
        minimum: None,
        maximum: None,
        pattern: None,
        unique: false,
    };

    /// The schema of a key that is named.
    pub fn property(&self, key: &str) -> Option<Index> {
        let at = self.properties.binary_search_by(|(known, _)| (*known).cmp(key)).ok()?;
        self.properties.get(at).map(|(_, index)| *index)
    }
}

/// The schema at a place of the table.
pub fn record(index: Index) -> Option<&'static Schema> {
    SCHEMAS.get(index)
}
