//! From the neutral [`Stack`] to Kubernetes objects, one file per kind or per section of a pod.
//!
//! Every part of the stack is destructured without `..`, so that a new one cannot be forgotten, and every value that has
//! leaves of the project behind it is noted in the ledger: where it stands now, or why it does not. Nothing here
//! decides by itself what a service is; that is the stack's. Start reading at [`lower`], then `workload.rs`.

mod account;
pub(crate) mod after;
mod autoscaler;
pub(crate) mod before;
pub(crate) mod checksum;
mod claim;
mod config_map;
mod container;
pub(crate) mod covered;
mod cron_job;
mod daemon_set;
mod deployment;
mod disruption_budget;
pub(crate) mod entry;
mod env;
pub(crate) mod expansion;
mod external;
mod fields;
pub(crate) mod fill;
mod hooks;
mod job;
mod metadata;
mod mounts;
mod namespace;
pub(crate) mod network_policy;
mod one_per_node;
mod outside;
pub mod own;
mod pod;
mod probe;
mod resources;
mod said;
mod scheduling;
mod secret;
mod security;
mod service;
mod stateful_set;
#[cfg(test)]
pub(crate) mod tests;
mod together;
pub(crate) mod waits;
mod workload;

pub use covered::VARIABLE;
pub(crate) use metadata::NAME as NAME_LABEL;
pub(crate) use mounts::DATA_FOLDER;
pub use mounts::EACH_ITS_OWN;
pub use pod::home;
#[cfg(test)]
pub(crate) use said::merge;
pub use service::MOST_PORTS;

use std::collections::{BTreeMap, BTreeSet};

use tranship_model::{Ledger, LeftOut, MountSource, Protocol, Service, Stack};
use tranship_source::{Checked, Diagnostic, both};

use crate::KubeVersion;
use crate::names::{NameKind, Names};
use crate::object::{Object, ObjectSet};
use crate::pod_security::{self, Standing};

/// What the user may choose.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The namespace; `None` takes the project's name, mapped.
    pub namespace: Option<String>,
    /// The version of Kubernetes the objects are for.
    pub version: KubeVersion,
    /// Whether the namespace enforces the strictest level of the Pod Security Standards that all its pods meet.
    pub pod_security: bool,
}

/// What lowering gives.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The objects in the order they are applied, Secrets among them.
    pub objects: ObjectSet,
    /// The ledger, with what lifting wrote and what became of the rest.
    pub ledger: Ledger,
    /// How the pods stand in the Pod Security Standards.
    pub standing: Standing,
    /// The namespace every object is in.
    pub namespace: String,
    /// The names given, from the project's to the cluster's.
    pub names: Names,
    /// Claims that are used and exist already: the project says they are not its own.
    pub external_claims: Vec<String>,
    /// ConfigMaps that are used and exist already.
    pub external_config_maps: Vec<String>,
    /// Secrets that are used and exist already.
    pub external_secrets: Vec<String>,
    /// Service accounts that are used and exist already.
    pub external_accounts: Vec<String>,
}

/// Lowers a stack. `ledger` comes from the lift and goes on here.
///
/// Diagnostics: `name-changed`, `name-taken`, `user-by-name`, and the ones of the files named after their part.
pub fn lower(stack: &Stack, options: &Options, ledger: Ledger) -> Checked<Lowered> {
    lower_as(stack, options, ledger, Names::default())
}

/// The same objects with a prefix before the name of each, and before every name by which one refers to another: told from
/// those without, it shows where names stand.
pub fn lower_prefixed(stack: &Stack, options: &Options, prefix: &str) -> ObjectSet {
    lower_as(stack, options, Ledger::default(), Names::prefixed(prefix)).value.objects
}

fn lower_as(stack: &Stack, options: &Options, ledger: Ledger, names: Names) -> Checked<Lowered> {
    let mut cx = begin(stack, options, ledger, names);
    run(&mut cx);
    let Lowering {
        stack: _,
        namespace,
        version: _,
        names,
        ledger,
        diagnostics,
        mut objects,
        refreshed: _,
        sharers: _,
        guests: _,
        shared_aliases: _,
        entered: _,
        closed: _,
        together: _,
        on_networks: _,
        awaiting: _,
        external_claims,
        external_config_maps,
        external_secrets,
        external_accounts,
    } = cx;
    objects.sort_by_cached_key(|object| rank(object.kind()));
    let mut objects = ObjectSet { objects };
    let standing = pod_security::standing(&objects, options.version);
    if options.pod_security {
        pod_security::label(&mut objects, standing.level, options.version);
    }
    let lowered = Lowered {
        objects,
        ledger,
        standing,
        namespace,
        names,
        external_claims,
        external_config_maps,
        external_secrets,
        external_accounts,
    };
    Checked::new(lowered, diagnostics)
}

/// What is known before anything is lowered: who lives where, and the names that are wanted.
fn begin<'a>(stack: &'a Stack, options: &Options, ledger: Ledger, mut names: Names) -> Lowering<'a> {
    let namespace = options.namespace.clone().unwrap_or_else(|| crate::names::namespace(&stack.name.value));
    said::names(stack, &mut names);
    external::names(stack, &mut names);
    names.give(NameKind::Host, stack.services.keys().chain(stack.outside.keys()).map(String::as_str));
    names.give(NameKind::Workload, stack.services.keys().map(String::as_str));
    names.give(NameKind::Network, stack.networks.keys().map(String::as_str));
    names.give(NameKind::Claim, stack.volumes.keys().map(String::as_str));
    names.give(NameKind::ConfigMap, stack.configs.keys().map(String::as_str));
    names.give(NameKind::Secret, stack.secrets.keys().map(String::as_str));
    let mut cx = Lowering {
        stack,
        namespace,
        version: options.version,
        names,
        ledger,
        diagnostics: Vec::new(),
        objects: Vec::new(),
        refreshed: Vec::new(),
        sharers: sharers(stack),
        guests: pod::guests(stack),
        shared_aliases: service::shared_aliases(stack),
        entered: stack.entries(),
        closed: stack.exposure.closed.iter().map(|c| ((&*c.service, c.port, c.protocol), &*c.because)).collect(),
        together: BTreeMap::new(),
        on_networks: BTreeSet::new(),
        awaiting: Vec::new(),
        external_claims: Vec::new(),
        external_config_maps: Vec::new(),
        external_secrets: Vec::new(),
        external_accounts: Vec::new(),
    };
    cx.together = together::labels(&mut cx);
    cx
}

/// Everything in turn.
fn run(cx: &mut Lowering<'_>) {
    let Stack {
        name,
        services,
        volumes,
        networks: _,
        isolation: _,
        configs,
        secrets,
        outside,
        exposure,
        left_out,
        said: _,
    } = cx.stack; // What was said comes last.
    namespace::lower(cx, name);
    let own: Vec<&Service> = services.values().filter(|service| pod::home(cx.stack, service).is_none()).collect();
    workloads(cx, &own, own.len() > SMALL);
    service::aliases(cx);
    for (key, server) in outside {
        outside::lower(cx, key, server);
    }
    entry::lower(cx, exposure);
    for (key, volume) in volumes {
        claim::lower(cx, key, volume);
    }
    for (key, blob) in configs {
        config_map::lower(cx, key, blob);
    }
    for (key, blob) in secrets {
        secret::lower(cx, key, blob);
    }
    network_policy::lower(cx);
    for LeftOut { service: _, names: _, profiles, helper, origin } in left_out {
        if helper.is_some() {
            continue; // The lift has said why.
        }
        let why = format!("it belongs to the profile {} which is not active", profiles.join(", "));
        cx.ledger.dropped(origin, &why, &format!("pass `--profile {}` to take it along", profiles.join(" --profile ")));
    }
    said::lower(cx);
    one_per_node::lower(cx);
    checksum::lower(cx);
    after::lower(cx);
}

/// Up to so many services a second thread costs more than it saves.
const SMALL: usize = 16;

/// The workloads, one after the other. Each adds to what is collected and asks for nothing of it but names, so that halves
/// of many can be made beside each other, unless they would give one name to two things.
fn workloads(cx: &mut Lowering<'_>, services: &[&Service], in_halves: bool) {
    if in_halves {
        let (first, second) = services.split_at(services.len() / 2);
        let halves = both(|| half(cx, first), || half(cx, second));
        if cx.names.join([&halves.0.names, &halves.1.names]) {
            cx.collect(halves.0);
            cx.collect(halves.1);
            return;
        }
    }
    for service in services {
        workload::lower(cx, service);
    }
}

fn half<'a>(cx: &Lowering<'a>, services: &[&Service]) -> Lowering<'a> {
    let mut half = cx.fork();
    for service in services {
        workload::lower(&mut half, service);
    }
    half
}

/// What lowering knows and collects.
pub(crate) struct Lowering<'a> {
    pub(crate) stack: &'a Stack,
    pub(crate) namespace: String,
    pub(crate) version: KubeVersion,
    pub(crate) names: Names,
    pub(crate) ledger: Ledger,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) objects: Vec<Object>,
    /// Workloads whose pods are replaced when what they are given changes, as `Deployment/web`.
    pub(crate) refreshed: Vec<String>,
    /// Services that mount each volume.
    pub(crate) sharers: BTreeMap<String, Vec<String>>,
    /// Services that live in the pod of another, by that one's name.
    pub(crate) guests: BTreeMap<&'a str, Vec<&'a Service>>,
    /// Aliases that lead to several services.
    pub(crate) shared_aliases: BTreeSet<&'a str>,
    /// Services and their ports that are reached from outside.
    pub(crate) entered: BTreeSet<(&'a str, u16)>,
    /// Published ports that are not, and why.
    pub(crate) closed: BTreeMap<(&'a str, u16, Protocol), &'a str>,
    /// By volume, the label of the pods that have to run on one node for it.
    pub(crate) together: BTreeMap<String, String>,
    /// Networks that pods are on, by their keys.
    pub(crate) on_networks: BTreeSet<String>,
    /// Workloads whose pods ask the API for others, as `Kind/name`.
    pub(crate) awaiting: Vec<String>,
    pub(crate) external_claims: Vec<String>,
    pub(crate) external_config_maps: Vec<String>,
    pub(crate) external_secrets: Vec<String>,
    pub(crate) external_accounts: Vec<String>,
}

impl<'a> Lowering<'a> {
    /// The same knowledge, with nothing collected yet.
    fn fork(&self) -> Self {
        Self {
            stack: self.stack,
            namespace: self.namespace.clone(),
            version: self.version,
            names: self.names.fork(),
            ledger: Ledger::default(),
            diagnostics: Vec::new(),
            objects: Vec::new(),
            refreshed: Vec::new(),
            sharers: self.sharers.clone(),
            guests: self.guests.clone(),
            shared_aliases: self.shared_aliases.clone(),
            entered: self.entered.clone(),
            closed: self.closed.clone(),
            together: self.together.clone(),
            on_networks: BTreeSet::new(),
            awaiting: Vec::new(),
            external_claims: Vec::new(),
            external_config_maps: Vec::new(),
            external_secrets: Vec::new(),
            external_accounts: Vec::new(),
        }
    }

    /// Adds what another collected that went on by itself. Its names are taken over apart.
    fn collect(&mut self, other: Self) {
        let Self {
            stack: _,
            namespace: _,
            version: _,
            names: _,
            ledger,
            diagnostics,
            objects,
            refreshed,
            sharers: _,
            guests: _,
            shared_aliases: _,
            entered: _,
            closed: _,
            together: _,
            on_networks,
            awaiting,
            external_claims,
            external_config_maps,
            external_secrets,
            external_accounts,
        } = other;
        self.ledger.entries.extend(ledger.entries);
        self.diagnostics.extend(diagnostics);
        self.objects.extend(objects);
        self.refreshed.extend(refreshed);
        self.on_networks.extend(on_networks);
        self.awaiting.extend(awaiting);
        self.external_claims.extend(external_claims);
        self.external_config_maps.extend(external_config_maps);
        self.external_secrets.extend(external_secrets);
        self.external_accounts.extend(external_accounts);
    }

    /// Services that live in a service's pod, in the order of the project.
    pub(crate) fn joined(&self, service: &str) -> Vec<&'a Service> {
        self.guests.get(service).cloned().unwrap_or_default()
    }

    /// The name of a service as a host.
    pub(crate) fn host(&mut self, service: &str) -> String {
        self.names.name(NameKind::Host, service)
    }

    /// The name of a service's workload.
    pub(crate) fn workload(&mut self, service: &str) -> String {
        self.names.name(NameKind::Workload, service)
    }

    /// Adds an object to the set, in the namespace.
    pub(crate) fn add(&mut self, mut object: Object) {
        let namespace = self.namespace.clone();
        metadata::place(&mut object, &namespace);
        self.objects.push(object);
    }
}

/// Which services mount each volume, in the order of the project.
fn sharers(stack: &Stack) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for service in stack.services.values() {
        for mount in &service.mounts {
            let MountSource::Volume { volume, .. } = &mount.source else { continue };
            let services = out.entry(volume.clone()).or_default();
            if services.last() != Some(&service.name) {
                services.push(service.name.clone());
            }
        }
    }
    out
}

/// Kinds in the order they are applied: what others refer to comes first.
fn rank(kind: &str) -> usize {
    const ORDER: [&str; 16] = [
        "Namespace",
        "NetworkPolicy",
        "ServiceAccount",
        "Role",
        "RoleBinding",
        "ConfigMap",
        "Secret",
        "PersistentVolumeClaim",
        "Service",
        "StatefulSet",
        "DaemonSet",
        "Deployment",
        "Job",
        "CronJob",
        "HorizontalPodAutoscaler",
        "PodDisruptionBudget",
    ];
    ORDER.iter().position(|known| *known == kind).unwrap_or(ORDER.len())
}
