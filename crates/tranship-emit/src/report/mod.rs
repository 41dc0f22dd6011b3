//! The report of a conversion: what was written, why it looks as it does, and what became of every leaf.
//!
//! [`Report`] is the wire format of `report.json` (schema: `docs/schemas/report.v1.json`); [`markdown`] tells the same
//! to a person. Neither names the machine, the output directory or the time, and neither holds the value of a secret.

pub mod build;
pub mod markdown;
pub mod pod_security;
mod reach;
mod rows;
mod text;

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use tranship_model::hardening::StayedAway;

pub use pod_security::{PodRow, PodSecurityRows, ViolationRow};
pub use reach::{ClosedRow, ReachRow, RouteRow};
pub use rows::ledger_rows;
pub use text::count;

use crate::backends::secrets::SecretRows;
use crate::place::Place;

/// The version of the format.
pub const VERSION: u32 = 1;

/// `report.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Report<'a> {
    /// The version of this format.
    pub version: u32,
    /// The project's name.
    pub project: &'a str,
    /// The namespace of every object.
    pub namespace: &'a str,
    /// The version of Kubernetes the objects are meant for.
    pub kubernetes: &'a str,
    /// Figures.
    pub summary: Summary,
    /// Errors first, then warnings, then notes.
    pub diagnostics: Vec<Remark<'a>>,
    /// What runs.
    pub services: Vec<ServiceRow<'a>>,
    /// Services behind profiles that are not active.
    pub left_out: Vec<LeftOutRow<'a>>,
    /// Objects that are used and have to exist already, as `Kind/name`.
    pub external: &'a [String],
    /// Every object in the order of applying.
    pub objects: Vec<ObjectRow<'a>>,
    /// The forms they were written in.
    pub packagings: Vec<PackagingRow>,
    /// The way in from outside.
    pub reach: ReachRow<'a>,
    /// Storage that is asked for. Compose names no sizes, so all of them are guesses.
    pub claims: Vec<ClaimRow>,
    /// What was chosen, by which rule and why.
    pub decisions: Vec<DecisionRow<'a>>,
    /// How Secrets are handed over.
    pub secrets: SecretRows<'a>,
    /// Where a pass that hardens or completes the app did nothing, since it would break it.
    pub stayed_away: &'a [StayedAway],
    /// The level of the Pod Security Standards that pods of the namespace meet.
    pub pod_security: PodSecurityRows<'a>,
    /// How the processes the cluster would start compare with those docker compose would start.
    pub processes: ProcessRows<'a>,
    /// What became of each leaf of the project.
    pub ledger: Vec<LedgerRow<'a>>,
    /// Leaves nobody spoke for; a fault of tranship if there are any.
    pub unaccounted: Vec<LeafRow<'a>>,
}

/// The report with an empty ledger in its place, for when its rows are written apart.
pub(crate) struct WithoutLedger<'r>(pub(crate) &'r Report<'r>);

impl Serialize for WithoutLedger<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Report {
            version,
            project,
            namespace,
            kubernetes,
            summary,
            diagnostics,
            services,
            left_out,
            external,
            objects,
            packagings,
            reach,
            claims,
            decisions,
            secrets,
            stayed_away,
            pod_security,
            processes,
            ledger: _,
            unaccounted,
        } = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("version", version)?;
        map.serialize_entry("project", project)?;
        map.serialize_entry("namespace", namespace)?;
        map.serialize_entry("kubernetes", kubernetes)?;
        map.serialize_entry("summary", summary)?;
        map.serialize_entry("diagnostics", diagnostics)?;
        map.serialize_entry("services", services)?;
        map.serialize_entry("left_out", left_out)?;
        map.serialize_entry("external", external)?;
        map.serialize_entry("objects", objects)?;
        map.serialize_entry("packagings", packagings)?;
        map.serialize_entry("reach", reach)?;
        map.serialize_entry("claims", claims)?;
        map.serialize_entry("decisions", decisions)?;
        map.serialize_entry("secrets", secrets)?;
        map.serialize_entry("stayed_away", stayed_away)?;
        map.serialize_entry("pod_security", pod_security)?;
        map.serialize_entry("processes", processes)?;
        map.serialize_entry::<_, [(); 0]>("ledger", &[])?;
        map.serialize_entry("unaccounted", unaccounted)?;
        map.end()
    }
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

/// A form in which the objects were written.
#[derive(Clone, Debug, Serialize)]
pub struct PackagingRow {
    /// The word that asks for it.
    pub name: &'static str,
    /// Its folder in the output.
    pub folder: String,
    /// Its proper name.
    #[serde(skip)]
    pub title: &'static str,
    /// Commands that install it, in the output's folder.
    pub commands: Vec<String>,
    /// What has to be known of it.
    #[serde(skip)]
    pub note: String,
}

/// A diagnostic.
#[derive(Clone, Debug, Serialize)]
pub struct Remark<'a> {
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// Stable name of its kind.
    pub code: &'static str,
    /// What is wrong.
    pub message: Cow<'a, str>,
    /// Where.
    pub place: Option<Place<'a>>,
    /// What is to be seen there.
    pub label: Cow<'a, str>,
    /// Other places that explain it.
    pub related: Vec<Related<'a>>,
    /// What to do.
    pub help: Option<Cow<'a, str>>,
}

/// A place that explains a diagnostic.
#[derive(Clone, Debug, Serialize)]
pub struct Related<'a> {
    /// Where.
    pub place: Option<Place<'a>>,
    /// What is to be seen there.
    pub text: Cow<'a, str>,
}

/// A service.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceRow<'a> {
    /// Its name in the project.
    pub name: &'a str,
    /// Where it is written.
    pub place: Option<Place<'a>>,
    /// The known product it runs, such as `postgres`.
    pub product: Option<&'a str>,
    /// What part it plays.
    pub role: &'static str,
    /// The kind of its workload; `None` where it has none.
    pub workload: Option<&'a str>,
    /// How many run at once; `None` where the kind has no such number.
    pub replicas: Option<i64>,
    /// Its image.
    pub image: Option<&'a str>,
    /// How its image is built.
    pub build: Option<BuildRow<'a>>,
    /// Ports it listens on.
    pub ports: Vec<PortRow<'a>>,
    /// What is mounted.
    pub volumes: Vec<VolumeRow<'a>>,
    /// Its objects, as `Kind/name`.
    pub objects: Vec<String>,
}

/// How an image is built. All paths are relative to the project directory where they lie inside.
#[derive(Clone, Debug, Serialize)]
pub struct BuildRow<'a> {
    /// The folder the build sees.
    pub context: Cow<'a, str>,
    /// The Dockerfile, relative to the context.
    pub dockerfile: Option<Cow<'a, str>>,
    /// The stage to build.
    pub target: Option<&'a str>,
    /// Names of its arguments.
    pub args: Vec<&'a str>,
}

/// A port.
#[derive(Clone, Debug, Serialize)]
pub struct PortRow<'a> {
    /// The port in the container.
    pub container: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: &'static str,
    /// The port or range of the machine it was published on; empty where the engine chose.
    pub published: Option<&'a str>,
}

/// A mount.
#[derive(Clone, Debug, Serialize)]
pub struct VolumeRow<'a> {
    /// Path in the container.
    pub target: &'a str,
    /// What is mounted, as the project names it.
    pub source: String,
    /// What it holds.
    pub class: &'static str,
    /// Whether the container may not write to it.
    pub read_only: bool,
}

/// A service left out.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOutRow<'a> {
    /// Its name.
    pub service: &'a str,
    /// The profiles that would bring it in.
    pub profiles: &'a [String],
    /// Why it has no place on a cluster, where that is the reason.
    pub because: Option<&'a str>,
    /// What does its work instead.
    pub instead: Option<&'a str>,
    /// Where it is written.
    pub place: Option<Place<'a>>,
}

/// An object.
#[derive(Clone, Debug, Serialize)]
pub struct ObjectRow<'a> {
    /// Its kind.
    pub kind: &'a str,
    /// Its name.
    pub name: &'a str,
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
pub struct DecisionRow<'a> {
    /// The service it is about; `None` for what belongs to the whole project.
    pub service: Option<&'a str>,
    /// What was chosen.
    pub what: String,
    /// The rule's stable name.
    pub rule: &'static str,
    /// The reason.
    pub because: Cow<'a, str>,
    /// What led to it.
    pub place: Option<Place<'a>>,
}

/// How the processes of both platforms compare.
#[derive(Clone, Debug, Serialize)]
pub struct ProcessRows<'a> {
    /// Services whose processes were compared.
    pub services: usize,
    /// Words, variables, mounts, files and other values that were compared.
    pub values: usize,
    /// What differs.
    pub differences: Vec<DifferenceRow<'a>>,
    /// What the kubelet gives to every container by itself.
    pub added: Vec<AddedRow>,
}

/// One thing that the two platforms would not do alike.
#[derive(Clone, Debug, Serialize)]
pub struct DifferenceRow<'a> {
    /// The service.
    pub service: &'a str,
    /// What differs, such as `variable DB_HOST`.
    pub what: &'a str,
    /// The value of the project it is about.
    pub path: &'a str,
    /// How they differ: the end of a sentence.
    pub how: &'a str,
    /// Why it has to be so; `None` where nothing says why, which is an error finding as well.
    pub because: Option<Cow<'a, str>>,
}

/// Something that the kubelet gives to every container.
#[derive(Clone, Debug, Serialize)]
pub struct AddedRow {
    /// What a process sees.
    pub what: &'static str,
    /// Why it does no harm.
    pub why: &'static str,
}

/// What became of a leaf, or of every leaf below a path.
#[derive(Clone, Debug, Serialize)]
pub struct LedgerRow<'a> {
    /// Path in the resolved project.
    pub path: &'a str,
    /// Where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place<'a>>,
    /// Whether the entry speaks for every leaf below the path.
    pub whole: bool,
    /// `kept`, `translated`, `decided` or `dropped`.
    pub outcome: &'static str,
    /// Where it stands in the output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<&'a str>,
    /// How and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Cow<'a, str>>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub todo: Option<Cow<'a, str>>,
}

/// A leaf.
#[derive(Clone, Debug, Serialize)]
pub struct LeafRow<'a> {
    /// Path in the resolved project.
    pub path: &'a str,
    /// Where it was written.
    pub place: Option<Place<'a>>,
}
