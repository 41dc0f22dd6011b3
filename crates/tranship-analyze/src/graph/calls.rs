//! Calls between services, as the proof of names found them.

use tranship_source::Span;

/// A service calls something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Who calls.
    pub from: String,
    /// Who is called.
    pub to: Target,
    /// The port, where one is named.
    pub port: Option<u16>,
    /// What kind of thing shows it.
    pub shows: Shows,
    /// The kind in a word: `environment`, or the name of a proxy.
    pub what: String,
    /// The thing itself: `` `DATABASE_URL` `` or a line of a file.
    pub text: String,
    /// Where it is written in the project.
    pub span: Span,
}

/// Who is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A service of the project.
    Service(String),
    /// A host outside.
    Outside(String),
}

/// What kind of thing shows a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// A name in a value, a command or a file.
    Name,
    /// The configuration of a proxy that passes requests on.
    Route,
    /// `depends_on`.
    Order,
}
