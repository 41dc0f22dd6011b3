//! Health checks.

use std::time::Duration;

use crate::origin::{Origin, Traced};

/// Whether and how a service's health is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Health {
    /// Nothing is written; the image may have a check of its own.
    Unsaid,
    /// Switched off.
    Disabled(Origin),
    /// Asked by a command.
    Check(Box<Check>),
}

/// A health check. What is `None` has the platform's default.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Where it is written.
    pub origin: Origin,
    /// The command; `None` keeps the image's own command and changes its timings.
    pub test: Option<Traced<Test>>,
    /// Time between two checks.
    pub interval: Option<Traced<Duration>>,
    /// Time a check may take.
    pub timeout: Option<Traced<Duration>>,
    /// Failures in a row that make it unhealthy.
    pub retries: Option<Traced<u64>>,
    /// Time after the start in which failures do not count.
    pub start_period: Option<Traced<Duration>>,
    /// Time between two checks within the start period.
    pub start_interval: Option<Traced<Duration>>,
}

/// The command of a health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Run as it is.
    Exec(Vec<String>),
    /// Run by the container's shell.
    Shell(String),
}
