//! A host that something in the stack names, and where it stands.

use std::fmt;
use std::ops::Range;

use tranship_model::Origin;
use tranship_proxy::Dialect;

/// What kind of thing named the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// A variable of the environment.
    Environment,
    /// A word of the entrypoint, the command or a hook.
    Command,
    /// The command of a health check.
    Health,
    /// `depends_on`.
    DependsOn,
    /// An argument of the image's build.
    BuildArgument,
    /// A label that a proxy reads.
    Label,
    /// A mounted configuration of a known dialect.
    Config(Dialect),
    /// Any other mounted text.
    Text,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "environment",
            Self::Command => "command",
            Self::Health => "health check",
            Self::DependsOn => "depends_on",
            Self::BuildArgument => "build argument",
            Self::Label => "label",
            Self::Config(dialect) => dialect.name(),
            Self::Text => "mounted file",
        })
    }
}

/// How sure it is that the text is a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// It could be anything: it counts only where it is a name of the stack.
    Maybe,
    /// It stands where a host stands.
    Host,
}

/// Where a host stands. Byte ranges are of the value, the word or the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the value of a variable.
    Env {
        /// The variable.
        variable: String,
        /// Where in the value.
        range: Range<usize>,
    },
    /// In a word of the entrypoint.
    Entrypoint {
        /// Which word.
        word: usize,
        /// Where in it.
        range: Range<usize>,
    },
    /// In a word of the command.
    Command {
        /// Which word.
        word: usize,
        /// Where in it.
        range: Range<usize>,
    },
    /// In a word of a hook's command.
    Hook {
        /// Which hook, counted over all stages.
        hook: usize,
        /// Which word.
        word: usize,
        /// Where in it.
        range: Range<usize>,
    },
    /// In the health check: a word of its argv, or the shell line as word 0.
    Health {
        /// Which word.
        word: usize,
        /// Where in it.
        range: Range<usize>,
    },
    /// An entry of `depends_on`.
    DependsOn,
    /// In the value of a build argument.
    BuildArgument {
        /// The argument.
        argument: String,
        /// Where in the value.
        range: Range<usize>,
    },
    /// In the value of a label.
    Label {
        /// The label.
        label: String,
        /// Where in the value.
        range: Range<usize>,
    },
    /// In a file of the stack's configs or secrets.
    File {
        /// Whether the file is secret.
        secret: bool,
        /// Key in the stack's configs or secrets.
        blob: String,
        /// Path in the blob.
        file: String,
        /// Where in the file.
        range: Range<usize>,
        /// The line, from 1.
        line: usize,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env { variable, .. } => write!(f, "`{variable}`"),
            Self::Entrypoint { .. } => f.write_str("the entrypoint"),
            Self::Command { .. } => f.write_str("the command"),
            Self::Hook { .. } => f.write_str("a hook"),
            Self::Health { .. } => f.write_str("the health check"),
            Self::DependsOn => f.write_str("`depends_on`"),
            Self::BuildArgument { argument, .. } => write!(f, "the build argument `{argument}`"),
            Self::Label { label, .. } => write!(f, "the label `{label}`"),
            Self::File { file, line, .. } => write!(f, "`{file}` line {line}"),
        }
    }
}

/// A host that a service names.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// The service that names it.
    pub from: String,
    /// The host as written.
    pub host: String,
    /// The port, written or implied by the scheme.
    pub port: Option<u16>,
    /// Whether the port is written and not only implied.
    pub port_written: bool,
    /// The scheme in small letters, such as `postgresql`.
    pub scheme: Option<String>,
    /// What kind of thing names it.
    pub evidence: Evidence,
    /// How sure it is a host.
    pub strength: Strength,
    /// Where it stands.
    pub place: Place,
    /// Where that is written in the project: the value, or the mount of the file.
    pub origin: Origin,
}
