//! How versions follow each other, what happens at an end, and where things run.

use std::time::Duration;

use crate::origin::{Origin, Traced};

/// How a new version replaces the old one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollout {
    /// How many are replaced at once; 0 for all.
    pub parallelism: Option<Traced<u64>>,
    /// Time between two batches.
    pub delay: Option<Traced<Duration>>,
    /// Time a new one is watched before it counts as good.
    pub monitor: Option<Traced<Duration>>,
    /// Whether the new one starts before the old one stops.
    pub start_first: Option<Traced<bool>>,
    /// What a failed update does: `pause`, `continue`, `rollback`.
    pub failure_action: Option<Traced<String>>,
    /// Share of failures that is borne.
    pub max_failure_ratio: Option<Traced<f64>>,
    /// How going back is done: a section of the same shape.
    pub back: Option<Origin>,
}

/// What happens when a process ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restart {
    /// Nothing.
    No,
    /// It starts again, unless someone stopped it.
    Always,
    /// It starts again, also after the machine started anew, unless someone stopped it.
    UnlessStopped,
    /// It starts again after a fault.
    OnFailure {
        /// At most this often.
        max: Option<u32>,
    },
}

/// Where a service may run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Placement {
    /// Conditions on nodes, such as `node.labels.zone == a`.
    pub constraints: Vec<Traced<String>>,
    /// Node labels over whose values replicas are spread.
    pub spread: Vec<Traced<String>>,
    /// Most replicas on one node.
    pub max_per_node: Option<Traced<u64>>,
}

/// An architecture by the word nodes of a cluster have for it, which is Go's and not the kernel's.
pub fn architecture(word: &str) -> &str {
    match word {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" | "arm64v8" => "arm64",
        "armhf" | "armel" | "armv6l" | "armv7l" => "arm",
        "i386" | "i686" => "386",
        other => other,
    }
}
