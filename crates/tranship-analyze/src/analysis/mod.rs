//! The whole analysis of a project: what is there, what becomes of it, what could be better and what the move brings.
//!
//! [`analyze`] makes it; it is the wire format of `analyze --as json` (schema: `docs/schemas/analysis.v1.json`), and
//! [`document`] tells it to people. No value of a secret is in it.

mod advice;
mod benefits;
mod corrections;
pub mod document;
mod ends;
mod environment;
mod secrets;
mod service;
mod storage;

use std::collections::BTreeMap;

use serde::Serialize;
use tranship_kube::ObjectSet;
use tranship_kube::cluster::Profile;
use tranship_model::Stack;

use crate::code::{self, Code, Reader};
use crate::graph::{Call, Evidence, Graph, compose};
use crate::overhead::{self, Delivery, Overhead};
use crate::place::{Place, Places};

pub(crate) use secrets::rows as secrets;
pub(crate) use service::placed;
pub(crate) use storage::dump;

pub use environment::EnvironmentRow;
pub use secrets::SecretRow;
pub use service::{Framework, HealthRow, HeldRow, KubernetesRow, PortRow, ServiceRow, VolumeRow};
pub use storage::{StorageRow, Use};

/// The version of the format.
pub const VERSION: u32 = 1;

/// What an analysis is made from.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The application.
    pub stack: &'a Stack,
    /// The objects it becomes.
    pub objects: &'a ObjectSet,
    /// Their namespace.
    pub namespace: &'a str,
    /// Calls that were proven.
    pub calls: &'a [Call],
    /// The label of the workload of each service, as `Deployment/web`.
    pub workloads: &'a BTreeMap<String, String>,
    /// The name of the claim of each volume.
    pub claims: &'a BTreeMap<String, String>,
    /// What was chosen and why.
    pub decisions: &'a [Decision],
    /// The kind of cluster.
    pub cluster: &'static Profile,
    /// How new versions get there.
    pub delivery: Delivery,
    /// Where spans are.
    pub places: Places<'a>,
}

/// Something that was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The service it is about; `None` for the whole project.
    pub service: Option<String>,
    /// What was chosen.
    pub what: String,
    /// The rule.
    pub rule: String,
    /// Why.
    pub because: String,
    /// What led to it.
    pub place: Option<Place>,
}

/// The analysis of a project.
#[derive(Clone, Debug, Serialize)]
pub struct Analysis {
    /// The version of this format.
    pub version: u32,
    /// The project's name.
    pub project: String,
    /// The namespace of the objects.
    pub namespace: String,
    /// What was read besides what docker compose reads.
    pub read: Count,
    /// What runs.
    pub services: Vec<ServiceRow>,
    /// Who calls whom.
    pub graph: Graph,
    /// What is kept where.
    pub storage: Vec<StorageRow>,
    /// Credentials, without their values.
    pub secrets: Vec<SecretRow>,
    /// What could be better, each with its places.
    pub improvements: Vec<Advice>,
    /// What the move brings this project.
    pub benefits: Vec<Benefit>,
    /// Beliefs about such a move that do not hold here.
    pub corrections: Vec<Correction>,
    /// What running it takes, now and then.
    pub overhead: Overhead,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Files.
    pub files: usize,
    /// Their bytes.
    pub bytes: usize,
    /// Folders that were listed.
    pub folders: usize,
}

/// Something that could be better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// Its stable name.
    pub id: &'static str,
    /// What to do, in a few words.
    pub title: String,
    /// What is there and why it matters.
    pub why: String,
    /// What to do, in full.
    pub todo: String,
    /// What shows it; never empty.
    pub evidence: Vec<Evidence>,
}

/// Something the move brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Benefit {
    /// Its name.
    pub title: &'static str,
    /// What it is for this project.
    pub text: String,
    /// What shows it; never empty.
    pub evidence: Vec<Evidence>,
}

/// A belief that does not hold, and what does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// What is often said.
    pub said: &'static str,
    /// What holds, for this project.
    pub holds: String,
}

/// Analyses a project. Files are read through `reader`, which counts them.
pub fn analyze(facts: &Facts<'_>, reader: &mut Reader<'_>) -> Analysis {
    let codes: BTreeMap<&str, Code> =
        facts.stack.services.values().map(|service| (service.name.as_str(), code::look(reader, service))).collect();
    let overhead = overhead::overhead(facts, &codes, reader);
    let services: Vec<ServiceRow> =
        facts.stack.services.values().map(|one| service::row(facts, one, codes.get(one.name.as_str()))).collect();
    let note = |name: &str| {
        let row = services.iter().find(|row| row.name == name)?;
        row.framework.as_ref().map(Framework::title)
    };
    let graph = compose::graph(facts.stack, facts.calls, &note, facts.places);
    let improvements = advice::advice(facts, &codes, reader);
    let benefits = benefits::benefits(facts);
    let corrections = corrections::corrections(facts, &codes);
    let (files, bytes, folders) = reader.counted();
    Analysis {
        version: VERSION,
        project: facts.stack.name.value.clone(),
        namespace: facts.namespace.to_owned(),
        read: Count { files, bytes, folders },
        storage: storage::rows(facts),
        secrets: secrets::rows(facts),
        services,
        graph,
        improvements,
        benefits,
        corrections,
        overhead,
    }
}
