//! Makes the report of a bundle.

use std::borrow::Cow;
use std::collections::BTreeMap;

use tranship_kube::Object;
use tranship_kube::launch::added::{ADDED, Added};
use tranship_model::launch::{Difference, Same};
use tranship_model::{Build, Entry, LeftOut, Mount, MountSource, Outcome, Port, Service};
use tranship_source::yaml::Node;
use tranship_source::{Diagnostic, Label, Severity, both_if};

use super::reach;
use super::{
    AddedRow, BuildRow, ClaimRow, DecisionRow, DifferenceRow, LeafRow, LedgerRow, LeftOutRow, ObjectRow, PackagingRow,
    PortRow, ProcessRows, Related, Remark, Report, ServiceRow, Summary, VERSION, VolumeRow, pod_security,
};
use crate::backends::{Backend, Install, manifests};
use crate::bundle::Bundle;
use crate::decision::{self, Decision};
use crate::place::Places;

/// The label by which an object belongs to a service.
pub(crate) const NAME_LABEL: [&str; 3] = ["metadata", "labels", "app.kubernetes.io/name"];
/// Kinds that run a service's containers.
const WORKLOADS: [&str; 5] = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"];

/// Up to so many entries of a ledger a second thread costs more than it saves.
const SMALL: usize = 1000;

/// Which rows of the ledger a report has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// All.
    All,
    /// Those that [`markdown`](super::markdown) tells of: what led to a decision or is not in the output. The other rows are most
    /// of a report, and where its JSON is made with [`ledger_rows`](super::ledger_rows) nobody asks for them.
    Needed,
}

/// The report of a bundle.
pub fn report<'a>(bundle: &Bundle<'a>, places: &'a Places<'_>, rows: Rows) -> Report<'a> {
    let of_leaves = || {
        let unaccounted = bundle.ledger.unaccounted(bundle.leaves).into_iter();
        let unaccounted = unaccounted.map(|at| LeafRow { path: &at.path, place: places.of(at.span) }).collect();
        let told = |entry: &&Entry| {
            rows == Rows::All || matches!(entry.outcome, Outcome::Decided { .. } | Outcome::Dropped { .. })
        };
        (unaccounted, bundle.ledger.entries.iter().filter(told).map(|entry| ledger_row(entry, places)).collect())
    };
    let of_services = || {
        let decisions = decision::of_stack(bundle.stack).into_iter().map(|one| decision_row(one, places)).collect();
        let objects = bundle.objects.iter().map(|object| object_row(bundle, object)).collect();
        (services(bundle, places), objects, decisions)
    };
    let large = bundle.ledger.entries.len() > SMALL;
    let ((unaccounted, ledger), (services, objects, decisions)): ((Vec<_>, _), _) =
        both_if(large, of_leaves, of_services);
    Report {
        version: VERSION,
        project: &bundle.stack.name.value,
        namespace: bundle.namespace,
        kubernetes: bundle.kubernetes,
        summary: summary(bundle, unaccounted.len()),
        diagnostics: remarks(bundle.diagnostics, places),
        services,
        left_out: bundle.stack.left_out.iter().map(|left| left_out_row(left, places)).collect(),
        external: bundle.external,
        objects,
        packagings: bundle.packagings.iter().map(|one| packaging_row(one, bundle)).collect(),
        reach: reach::row(bundle.stack, bundle.cluster),
        claims: bundle.objects.iter().flat_map(claims).collect(),
        decisions,
        secrets: bundle.secrets.rows(),
        stayed_away: bundle.stayed_away,
        pod_security: pod_security::rows(bundle.standing, bundle.enforced, bundle.stayed_away, &containers(bundle)),
        processes: processes(bundle.same, places),
        ledger,
        unaccounted,
    }
}

/// Services by the names of their containers.
fn containers<'a>(bundle: &Bundle<'a>) -> BTreeMap<&'a str, &'a str> {
    bundle.workloads.iter().map(|(service, name)| (name.as_str(), service.as_str())).collect()
}

fn summary(bundle: &Bundle<'_>, unaccounted: usize) -> Summary {
    let outcomes = |word| bundle.ledger.entries.iter().filter(|entry| entry.outcome.word() == word).count();
    let severities = |severity| bundle.diagnostics.iter().filter(|remark| remark.severity == severity).count();
    Summary {
        services: bundle.stack.services.len(),
        objects: bundle.objects.objects.len(),
        leaves: bundle.leaves.len(),
        kept: outcomes("kept"),
        translated: outcomes("translated"),
        decided: outcomes("decided"),
        dropped: outcomes("dropped"),
        unaccounted,
        errors: severities(Severity::Error),
        warnings: severities(Severity::Warning),
        notes: severities(Severity::Note),
    }
}

fn processes<'a>(same: &'a Same, places: &'a Places<'_>) -> ProcessRows<'a> {
    let Same { services, values, differences } = same;
    let row = |difference: &'a Difference| {
        let Difference { service, what, path, how, because } = difference;
        DifferenceRow { service, what, path, how, because: because.as_ref().map(|why| places.clean(why)) }
    };
    let added = |added: &Added| AddedRow { what: added.what, why: added.why };
    ProcessRows {
        services: *services,
        values: *values,
        differences: differences.iter().map(row).collect(),
        added: ADDED.iter().map(added).collect(),
    }
}

/// Diagnostics, the worst first, else in the order they were found.
fn remarks<'a>(diagnostics: &'a [Diagnostic], places: &'a Places<'_>) -> Vec<Remark<'a>> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| std::cmp::Reverse(diagnostic.severity));
    sorted.into_iter().map(|diagnostic| remark(diagnostic, places)).collect()
}

fn remark<'a>(diagnostic: &'a Diagnostic, places: &'a Places<'_>) -> Remark<'a> {
    let Diagnostic { code, severity, message, primary, related, help, fix: _ } = diagnostic;
    let other = |label: &'a Label| Related { place: places.of(label.span), text: places.clean(&label.text) };
    Remark {
        severity: severity.as_str(),
        code,
        message: places.clean(message),
        place: primary.as_ref().and_then(|label| places.of(label.span)),
        label: primary.as_ref().map(|label| places.clean(&label.text)).unwrap_or_default(),
        related: related.iter().map(other).collect(),
        help: help.as_ref().map(|help| places.clean(help)),
    }
}

fn services<'a>(bundle: &Bundle<'a>, places: &'a Places<'_>) -> Vec<ServiceRow<'a>> {
    let mut of_name: BTreeMap<&str, Vec<&'a Object>> = BTreeMap::new();
    for object in bundle.objects {
        if let Some(name) = object.get(&NAME_LABEL).and_then(Node::as_str) {
            of_name.entry(name).or_default().push(object);
        }
    }
    let objects = |service: &Service| {
        let name = bundle.workloads.get(&service.name).map_or("", String::as_str);
        of_name.get(name).map(Vec::as_slice).unwrap_or_default()
    };
    bundle.stack.services.values().map(|service| service_row(service, objects(service), places)).collect()
}

/// A service and the objects that carry its name in their label.
fn service_row<'a>(service: &'a Service, objects: &[&'a Object], places: &'a Places<'_>) -> ServiceRow<'a> {
    let workload = objects.iter().find(|object| WORKLOADS.contains(&object.kind()));
    ServiceRow {
        name: &service.name,
        place: places.of(service.origin.span()),
        product: service.product.as_ref().map(|product| product.value.as_str()),
        role: decision::role_word(service.role.value),
        workload: workload.map(|object| object.kind()),
        replicas: workload.and_then(|object| replicas(object)),
        image: service.image.as_ref().map(|image| image.value.as_str()),
        build: service.build.as_ref().map(|build| build_row(build, places)),
        ports: service.ports.iter().map(port_row).collect(),
        volumes: service.mounts.iter().map(|mount| volume_row(mount, places)).collect(),
        objects: objects.iter().map(|object| object.label()).collect(),
    }
}

/// How many run at once; one where the kind counts and the object does not say.
fn replicas(object: &Object) -> Option<i64> {
    match object.kind() {
        "Deployment" | "StatefulSet" => Some(object.get(&["spec", "replicas"]).and_then(Node::as_int).unwrap_or(1)),
        _ => None,
    }
}

fn build_row<'a>(build: &'a Build, places: &Places<'_>) -> BuildRow<'a> {
    let Build { origin: _, context, dockerfile, target, args, settings: _ } = build;
    BuildRow {
        context: places.clean(context),
        dockerfile: dockerfile.as_ref().map(|file| places.clean(file)),
        target: target.as_deref(),
        args: args.iter().map(|(name, _)| name.as_str()).collect(),
    }
}

fn port_row(port: &Port) -> PortRow<'_> {
    let published = port.published.as_ref().map(|published| published.port.as_str());
    PortRow { container: port.container, protocol: port.protocol.as_str(), published }
}

fn volume_row<'a>(mount: &'a Mount, places: &Places<'_>) -> VolumeRow<'a> {
    let Mount { origin: _, target, read_only, source, class } = mount;
    let source = match source {
        MountSource::Volume { volume, subpath, fill: _ } => with_folder("volume", volume, subpath.as_deref()),
        MountSource::Config(blob) => format!("config {}", blob.blob),
        MountSource::Secret(blob) => format!("secret {}", blob.blob),
        MountSource::Scratch { size: _, mode: _, memory: true, fill: _ } => "memory".to_owned(),
        MountSource::Scratch { size: _, mode: _, memory: false, fill: _ } => "empty folder".to_owned(),
        MountSource::Host { path, project_path, exists: _ } => project_path
            .as_ref()
            .map_or_else(|| places.clean(path).into_owned(), |path| format!("./{}", path.trim_start_matches("./"))),
        MountSource::Image { image, subpath } => with_folder("image", image, subpath.as_deref()),
    };
    VolumeRow { target, source, class: decision::class_words(class.value), read_only: *read_only }
}

fn with_folder(kind: &str, name: &str, folder: Option<&str>) -> String {
    folder.map_or_else(|| format!("{kind} {name}"), |folder| format!("{kind} {name}, folder {folder}"))
}

fn left_out_row<'a>(left: &'a LeftOut, places: &'a Places<'_>) -> LeftOutRow<'a> {
    let LeftOut { service, names: _, profiles, helper, origin } = left;
    let because = helper.as_ref().map(|helper| helper.because.as_str());
    let instead = helper.as_ref().map(|helper| helper.instead.as_str());
    LeftOutRow { service, profiles, because, instead, place: places.of(origin.span()) }
}

/// An object, in the first packaging that holds it.
fn object_row<'a>(bundle: &Bundle<'_>, object: &'a Object) -> ObjectRow<'a> {
    let file = bundle.packagings.iter().find_map(|one| one.file);
    let file = file.map_or_else(|| manifests::path(object), |file| file(bundle, object));
    ObjectRow { kind: object.kind(), name: object.name(), file }
}

fn packaging_row(one: &'static Backend, bundle: &Bundle<'_>) -> PackagingRow {
    let Install { folder, title, commands, note } = (one.install)(bundle);
    PackagingRow { name: one.name, folder, title, commands, note }
}

/// The claims an object makes: a claim its own, a StatefulSet those of its templates.
fn claims(object: &Object) -> Vec<ClaimRow> {
    let templates = object.get(&["spec", "volumeClaimTemplates"]).and_then(Node::as_seq).unwrap_or_default();
    let own = (object.kind() == "PersistentVolumeClaim").then_some(&object.tree);
    let row = |claim: &Node| {
        let size = claim.at(&["spec", "resources", "requests", "storage"])?.as_str()?.to_owned();
        let name = claim.at(&["metadata", "name"])?.as_str()?.to_owned();
        Some(ClaimRow { object: object.label(), name, size })
    };
    own.into_iter().chain(templates).filter_map(row).collect()
}

fn decision_row<'a>(decision: Decision<'a>, places: &'a Places<'_>) -> DecisionRow<'a> {
    let Decision { service, what, rule, because, span } = decision;
    let what = match places.clean(&what) {
        Cow::Borrowed(_) => what,
        Cow::Owned(clean) => clean,
    };
    DecisionRow { service, what, rule, because: places.clean(because), place: places.of(span) }
}

/// An entry of the ledger.
pub(super) fn ledger_row<'a>(entry: &'a Entry, places: &'a Places<'_>) -> LedgerRow<'a> {
    let Entry { path, span, outcome, whole } = entry;
    let text = |text: &'a str| (!text.is_empty()).then(|| places.clean(text));
    let (to, why, todo) = match outcome {
        Outcome::Kept { to } => (Some(to.as_str()), None, None),
        Outcome::Translated { to, why } => (Some(to.as_str()), text(why), None),
        Outcome::Decided { why } => (None, text(why), None),
        Outcome::Dropped { why, todo } => (None, text(why), text(todo)),
    };
    LedgerRow { path, place: places.of(*span), whole: *whole, outcome: outcome.word(), to, why, todo }
}
