//! Where a value of the model came from: a leaf of the project, or a decision with its reason.

use std::sync::Arc;

use tranship_source::Span;

/// The path of a leaf in the resolved project: `services.web.ports[0].target`, keys with dots quoted as `["a.b"]`.
pub type KeyPath = Arc<str>;

/// A leaf of the resolved project or a section of it, and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// Its path in the resolved project.
    pub path: KeyPath,
    /// Where it was written; [`Span::NONE`] for what the loader added.
    pub span: Span,
    /// Whether it stands for everything below the path as well. A section that does not is a place and no more: its
    /// leaves have to be accounted for one by one.
    pub whole: bool,
}

impl At {
    /// A leaf, or a section without what is in it, and its place.
    pub fn new(path: impl Into<KeyPath>, span: Span) -> Self {
        Self { path: path.into(), span, whole: false }
    }

    /// The same with everything below it.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self { whole: true, ..self.clone() }
    }
}

/// Why a value is what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Written in the project; several leaves may make one value.
    From(Vec<At>),
    /// Chosen by a rule.
    Decided {
        /// The rule's stable name, such as `catalog-port`.
        by: &'static str,
        /// The reason, a sentence for people.
        because: String,
        /// The leaves that led to it, if any.
        from: Vec<At>,
    },
}

impl Origin {
    /// The origin of a value read from one leaf.
    pub fn at(path: impl Into<KeyPath>, span: Span) -> Self {
        Self::From(vec![At::new(path, span)])
    }

    /// The origin of a value that a rule chose without a leaf.
    pub fn decided(by: &'static str, because: impl Into<String>) -> Self {
        Self::Decided { by, because: because.into(), from: Vec::new() }
    }

    /// The leaves behind the value.
    pub fn leaves(&self) -> &[At] {
        match self {
            Self::From(from) | Self::Decided { from, .. } => from,
        }
    }

    /// The first place behind the value, or [`Span::NONE`].
    pub fn span(&self) -> Span {
        self.leaves().iter().map(|at| at.span).find(|span| !span.is_none()).unwrap_or(Span::NONE)
    }

    /// Both origins' leaves: of a value made of two. A decision stays one.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        match &mut self {
            Self::From(from) | Self::Decided { from, .. } => from.extend(other.leaves().iter().cloned()),
        }
        self
    }
}

/// A value that knows its origin.
#[derive(Clone, Debug)]
pub struct Traced<T> {
    /// The value.
    pub value: T,
    /// Why it is what it is.
    pub origin: Origin,
}

/// Traced values are equal as values: where they came from does not count.
impl<T: PartialEq> PartialEq for Traced<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Traced<T> {}

impl<T> Traced<T> {
    /// A value with its origin.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// A value read from one leaf.
    pub fn at(value: T, path: impl Into<KeyPath>, span: Span) -> Self {
        Self { value, origin: Origin::at(path, span) }
    }

    /// A value that a rule chose.
    pub fn decided(value: T, by: &'static str, because: impl Into<String>) -> Self {
        Self { value, origin: Origin::decided(by, because) }
    }

    /// The first place behind the value, or [`Span::NONE`].
    pub fn span(&self) -> Span {
        self.origin.span()
    }

    /// Another value of the same origin.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Traced<U> {
        Traced { value: f(self.value), origin: self.origin }
    }

    /// The same origin with a borrowed value.
    pub fn with<U>(&self, value: U) -> Traced<U> {
        Traced { value, origin: self.origin.clone() }
    }
}
