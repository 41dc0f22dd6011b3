//! How a service is run: asked for its health, scaled, drained, known to the platform, and held back until others are
//! there.
//!
//! Compose says little of this. Most of it is decided by the passes of `tranship-harden`, each value with its reason; what
//! the project says outright has its leaves behind it like everything else.

use std::time::Duration;

use crate::origin::Traced;

/// How a service is run. What is absent is not done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Operations {
    /// Whether it can serve, asked beside or instead of the project's health check.
    pub ready: Option<Traced<Question>>,
    /// Whether it lives, asked beside or instead of the project's health check.
    pub live: Option<Traced<Question>>,
    /// Whether it came up, before the other two are asked.
    pub started: Option<Traced<Question>>,
    /// How the number of replicas follows the load.
    pub scaling: Option<Traced<Scaling>>,
    /// How many replicas may be taken away at once on purpose, as when a node is emptied.
    pub disruption: Option<Traced<u32>>,
    /// Time between leaving the list of those that serve and being asked to end.
    pub drain: Option<Traced<Duration>>,
    /// Who it is to the platform's API.
    pub account: Option<Traced<Account>>,
    /// What has to be there before it starts, in order.
    pub waits: Vec<Traced<Wait>>,
    /// Whether its pods are replaced when the files and credentials they are given change.
    pub refreshed: Option<Traced<bool>>,
    /// Where it tells its metrics.
    pub metrics: Option<Traced<Metrics>>,
}

/// A question the platform asks again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub ask: Ask,
    /// Time between two questions.
    pub period: Duration,
    /// Time an answer may take.
    pub timeout: Duration,
    /// Failures in a row that count.
    pub failures: u32,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Whether a command in the container ends without a fault.
    Exec(Vec<String>),
    /// Whether a request is answered with success.
    Http {
        /// The path asked for, with its query.
        path: String,
        /// The container's port.
        port: u16,
    },
    /// Whether a connection is taken.
    Tcp {
        /// The container's port.
        port: u16,
    },
}

/// How the number of replicas follows the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scaling {
    /// Fewest replicas.
    pub min: u32,
    /// Most replicas.
    pub max: u32,
    /// The use of CPU that is aimed at, in percent of what is kept for it.
    pub cpu_percent: u32,
}

/// Who a service is to the platform's API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// What it may do there; empty: nothing, and it gets no token.
    pub rights: Vec<Right>,
}

/// Something an account may do in its own namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// The API's group; empty for the core.
    pub group: String,
    /// The kinds of objects, in the API's plural words.
    pub resources: Vec<String>,
    /// What may be done with them.
    pub verbs: Vec<String>,
}

/// Something that has to be there before a service starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The service waited for.
    pub service: String,
    /// How it is known to be there.
    pub until: Until,
    /// The image of the container that asks.
    pub image: String,
    /// After how long the service starts all the same; `None`: never.
    pub patience: Option<Duration>,
}

/// Stands for the host name of the service in the argv of a client.
pub const HOST: &str = "{host}";

/// How a service is known to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// It takes connections on a port.
    Connects {
        /// Its port.
        port: u16,
    },
    /// A client of its own kind gets an answer.
    Answers {
        /// The client's argv; [`HOST`] stands for the host.
        command: Vec<String>,
    },
    /// The platform says that one of it can serve.
    Ready,
    /// The platform says that it ended without a fault.
    Completed,
}

impl Until {
    /// Whether the platform's API is asked, for which the asking container needs a right.
    pub fn asks_platform(&self) -> bool {
        matches!(self, Self::Ready | Self::Completed)
    }
}

/// Where a service tells its metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// The container's port.
    pub port: u16,
    /// The path asked for.
    pub path: String,
}
