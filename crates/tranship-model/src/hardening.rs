//! What passes that complete a stack did to its processes on purpose, and where they did nothing.

use serde::Serialize;

/// Something a process will see otherwise than under Compose, on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The service.
    pub service: String,
    /// The pass that did it.
    pub pass: &'static str,
    /// What is different: the way to a value of the service, such as `user`, `read_only` or `volumes./tmp`.
    pub what: String,
    /// Why, a sentence without its full stop.
    pub because: String,
}

/// A pass that did nothing for a service, though it does for others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StayedAway {
    /// The service.
    pub service: String,
    /// The pass.
    pub pass: &'static str,
    /// Why, a sentence without its full stop.
    pub because: String,
}
