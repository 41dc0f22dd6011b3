//! The report of a conversion: what was written, why it looks as it does, and what became of every leaf.
//!
//! [`Report`] is the wire format of `report.json` (schema: `docs/schemas/report.v1.json`); [`markdown`] tells the same
//! to a person. Neither names the machine, the output directory or the time, and neither holds the value of a secret.

pub mod build;
pub mod markdown;
mod text;

use serde::Serialize;

pub use text::count;

use crate::place::Place;

/// The version of the format.
pub const VERSION: u32 = 1;

/// `report.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The version of this format.
    pub version: u32,
    /// The project's name.
    pub project: String,
    /// The namespace of every object.
    pub namespace: String,
    /// The version of Kubernetes the objects are meant for.
    pub kubernetes: String,
    /// Figures.
    pub summary: Summary,
    /// Errors first, then warnings, then notes.
    pub diagnostics: Vec<Remark>,
    /// What runs.
    pub services: Vec<ServiceRow>,
    /// Services behind profiles that are not active.
    pub left_out: Vec<LeftOutRow>,
    /// Objects that are used and have to exist already, as `Kind/name`.
    pub external: Vec<String>,
    /// Every object in the order of applying.
    pub objects: Vec<ObjectRow>,
    /// Storage that is asked for. Compose names no sizes, so all of them are guesses.
    pub claims: Vec<ClaimRow>,
    /// What was chosen, by which rule and why.
    pub decisions: Vec<DecisionRow>,
    /// What became of each leaf of the project.
    pub ledger: Vec<LedgerRow>,
    /// Leaves nobody spoke for; a fault of tranship if there are any.
    pub unaccounted: Vec<LeafRow>,
}

/// Figures of a conversion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Services converted.
    pub services: usize,
    /// Objects written.
    pub objects: usize,
    /// Leaves of the resolved project.
    pub leaves: usize,
    /// Ledger entries that say `kept`.
    pub kept: usize,
    /// Ledger entries that say `translated`.
    pub translated: usize,
    /// Ledger entries that say `decided`.
    pub decided: usize,
    /// Ledger entries that say `dropped`.
    pub dropped: usize,
    /// Leaves nobody spoke for.
    pub unaccounted: usize,
    /// Diagnostics that are errors.
    pub errors: usize,
    /// Diagnostics that are warnings.
    pub warnings: usize,
    /// Diagnostics that are notes.
    pub notes: usize,
}

/// A diagnostic.
#[derive(Clone, Debug, Serialize)]
pub struct Remark {
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// Stable name of its kind.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// What is to be seen there.
    pub label: String,
    /// Other places that explain it.
    pub related: Vec<Related>,
    /// What to do.
    pub help: Option<String>,
}

/// A place that explains a diagnostic.
#[derive(Clone, Debug, Serialize)]
pub struct Related {
    /// Where.
    pub place: Option<Place>,
    /// What is to be seen there.
    pub text: String,
}

/// A service.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceRow {
    /// Its name in the project.
    pub name: String,
    /// Where it is written.
    pub place: Option<Place>,
    /// The known product it runs, such as `postgres`.
    pub product: Option<String>,
    /// What part it plays.
    pub role: &'static str,
    /// The kind of its workload; `None` where it has none.
    pub workload: Option<String>,
    /// How many run at once; `None` where the kind has no such number.
    pub replicas: Option<i64>,
    /// Its image.
    pub image: Option<String>,
    /// How its image is built.
    pub build: Option<BuildRow>,
    /// Ports it listens on.
    pub ports: Vec<PortRow>,
    /// What is mounted.
    pub volumes: Vec<VolumeRow>,
    /// Its objects, as `Kind/name`.
    pub objects: Vec<String>,
}

/// How an image is built. All paths are relative to the project directory where they lie inside.
#[derive(Clone, Debug, Serialize)]
pub struct BuildRow {
    /// The folder the build sees.
    pub context: String,
    /// The Dockerfile, relative to the context.
    pub dockerfile: Option<String>,
    /// The stage to build.
    pub target: Option<String>,
    /// Names of its arguments.
    pub args: Vec<String>,
}

/// A port.
#[derive(Clone, Debug, Serialize)]
pub struct PortRow {
    /// The port in the container.
    pub container: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: &'static str,
    /// The port or range of the machine it was published on; empty where the engine chose.
    pub published: Option<String>,
}

/// A mount.
#[derive(Clone, Debug, Serialize)]
pub struct VolumeRow {
    /// Path in the container.
    pub target: String,
    /// What is mounted, as the project names it.
    pub source: String,
    /// What it holds.
    pub class: &'static str,
    /// Whether the container may not write to it.
    pub read_only: bool,
}

/// A service left out.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOutRow {
    /// Its name.
    pub service: String,
    /// The profiles that would bring it in.
    pub profiles: Vec<String>,
    /// Where it is written.
    pub place: Option<Place>,
}

/// An object.
#[derive(Clone, Debug, Serialize)]
pub struct ObjectRow {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its file in the output.
    pub file: String,
}

/// Storage that is asked for.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimRow {
    /// The object that asks, as `Kind/name`.
    pub object: String,
    /// The claim's name; of a StatefulSet, the template's.
    pub name: String,
    /// Its size as Kubernetes writes it.
    pub size: String,
}

/// A choice.
#[derive(Clone, Debug, Serialize)]
pub struct DecisionRow {
    /// The service it is about; `None` for what belongs to the whole project.
    pub service: Option<String>,
    /// What was chosen.
    pub what: String,
    /// The rule's stable name.
    pub rule: &'static str,
    /// The reason.
    pub because: String,
    /// What led to it.
    pub place: Option<Place>,
}

/// What became of a leaf, or of every leaf below a path.
#[derive(Clone, Debug, Serialize)]
pub struct LedgerRow {
    /// Path in the resolved project.
    pub path: String,
    /// Where it was written.
    pub place: Option<Place>,
    /// Whether the entry speaks for every leaf below the path.
    pub whole: bool,
    /// `kept`, `translated`, `decided` or `dropped`.
    pub outcome: &'static str,
    /// Where it stands in the output.
    pub to: Option<String>,
    /// How and why.
    pub why: Option<String>,
    /// What to do about it.
    pub todo: Option<String>,
}

/// A leaf.
#[derive(Clone, Debug, Serialize)]
pub struct LeafRow {
    /// Path in the resolved project.
    pub path: String,
    /// Where it was written.
    pub place: Option<Place>,
}
