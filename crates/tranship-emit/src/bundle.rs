//! Everything a packaging may draw on, borrowed from the stages before it.

use std::collections::BTreeMap;
use std::path::Path;

use tranship_kube::ObjectSet;
use tranship_kube::cluster::Profile;
use tranship_kube::pod_security::Standing;
use tranship_model::hardening::StayedAway;
use tranship_model::launch::Same;
use tranship_model::{At, Ledger, Stack};
use tranship_source::{Diagnostic, Sources};

use crate::backends::Backend;
use crate::backends::secrets::Handed;
use crate::environment::Environment;
use crate::release::Release;
use crate::tree::FileTree;

/// A converted project with its whole history.
#[derive(Clone, Copy, Debug)]
pub struct Bundle<'a> {
    /// The neutral model it was made from.
    pub stack: &'a Stack,
    /// The objects in the order they are applied, Secrets among them.
    pub objects: &'a ObjectSet,
    /// Each of them as YAML, as [`crate::backends::manifests::print`] gives it.
    pub texts: &'a [String],
    /// What became of each leaf.
    pub ledger: &'a Ledger,
    /// Every leaf of the resolved project.
    pub leaves: &'a [At],
    /// Everything that was noticed, from loading to the check of the objects.
    pub diagnostics: &'a [Diagnostic],
    /// The texts that were read.
    pub sources: &'a Sources,
    /// The namespace of every object.
    pub namespace: &'a str,
    /// The version of Kubernetes the objects are meant for, such as `1.36`.
    pub kubernetes: &'a str,
    /// The kind of cluster.
    pub cluster: &'static Profile,
    /// The name each service's objects carry in their label `app.kubernetes.io/name`.
    pub workloads: &'a BTreeMap<String, String>,
    /// Objects that are used and have to exist already, as `Kind/name`.
    pub external: &'a [String],
    /// How the processes the cluster would start compare with those docker compose would start.
    pub same: &'a Same,
    /// Where passes that complete the stack did nothing, and why.
    pub stayed_away: &'a [StayedAway],
    /// How Secrets are handed over.
    pub secrets: &'a Handed,
    /// How its pods stand in the Pod Security Standards.
    pub standing: &'a Standing,
    /// Whether the namespace's labels enforce the level they meet.
    pub enforced: bool,
    /// Files that build its images; empty where nothing is built.
    pub build: &'a FileTree,
    /// The objects of an installation by another name; where a packaging can be installed under any.
    pub release: Option<&'a Release>,
    /// The name of the chart.
    pub chart: &'a str,
    /// Environments beside the project itself.
    pub environments: &'a [Environment],
    /// The packagings that are written, in their order.
    pub packagings: &'a [&'static Backend],
    /// Where relative paths of the project start, absolute. Nothing written names it.
    pub project_dir: &'a Path,
    /// Where relative names of sources start, absolute. Nothing written names it.
    pub current_dir: &'a Path,
}
