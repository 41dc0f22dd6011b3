//! The process in a container: argv, user, environment, signals.

use std::time::Duration;

use tranship_source::Secret;

use crate::origin::{Origin, Traced};

/// The process as the project asks for it; what is `None` is the image's own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Process {
    /// Replaces the image's entrypoint; an empty list clears it.
    pub entrypoint: Option<Traced<Vec<String>>>,
    /// Replaces the image's command; an empty list clears it.
    pub command: Option<Traced<Vec<String>>>,
    /// The directory it starts in.
    pub working_dir: Option<Traced<String>>,
    /// Who it runs as.
    pub user: Option<Traced<User>>,
    /// Additional groups, numeric or by name.
    pub groups: Vec<Traced<String>>,
    /// Whether it has a terminal.
    pub tty: Option<Traced<bool>>,
    /// Whether its standard input stays open.
    pub stdin: Option<Traced<bool>>,
    /// Whether a small init process reaps its children.
    pub init: Option<Traced<bool>>,
    /// The signal that asks it to end, such as `SIGQUIT`.
    pub stop_signal: Option<Traced<String>>,
    /// How long it may take to end.
    pub stop_grace: Option<Traced<Duration>>,
}

/// Who a process runs as, as written: numbers or names of the image's own passwd file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// User id or name.
    pub user: String,
    /// Group id or name.
    pub group: Option<String>,
}

/// A variable of the environment.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Traced<EnvValue>,
}

/// The value of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvValue {
    /// Anyone may read it.
    Plain(String),
    /// It carries a credential; the reason says how that is known.
    Secret {
        /// The value.
        value: Secret<String>,
        /// Why it is held to be secret, a sentence.
        because: String,
    },
    /// It carries a credential that stands in a secret which is not at hand.
    Elsewhere {
        /// The secret's name.
        secret: String,
        /// The key in it.
        key: String,
    },
    /// The project passes on a variable that is not set where it was read.
    Unset,
}

/// Commands run in the container beside its process.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hooks {
    /// Before the process starts.
    pub pre_start: Vec<Hook>,
    /// After the process started.
    pub post_start: Vec<Hook>,
    /// Before the process is asked to end.
    pub pre_stop: Vec<Hook>,
}

/// One command of a hook.
#[derive(Clone, Debug, PartialEq)]
pub struct Hook {
    /// Where it is written.
    pub origin: Origin,
    /// Its argv.
    pub command: Vec<String>,
    /// The image it runs, when not the service's own.
    pub image: Option<String>,
    /// Who runs it, when not the process's user.
    pub user: Option<String>,
    /// The directory it starts in.
    pub working_dir: Option<String>,
    /// Whether it has all rights.
    pub privileged: bool,
    /// Variables it gets besides the process's own.
    pub env: Vec<(String, Option<String>)>,
}
