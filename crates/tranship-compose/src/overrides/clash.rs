//! What contradicts itself: two things said of which at most one can hold.

use std::collections::BTreeMap;

use tranship_model::At;
use tranship_source::{Diagnostic, Span};

use super::keys::{Front, Kind, Mount, Service, ServiceType, Volume};
use super::value::{Pairs, Read};
use super::{Overrides, Quantity};
use crate::typed;
use tranship_model::Traced;

/// Adds an error for each contradiction.
pub(super) fn find(project: &typed::Project, out: &mut Overrides) {
    let mut faults = Vec::new();
    for (name, service) in &out.services {
        of_service(name, service, &mut faults);
    }
    for (name, volume) in &out.volumes {
        let Volume { size, storage_class, access_mode, existing_claim, .. } = volume;
        let own = [places(size.as_ref()), places(storage_class.as_ref()), places(access_mode.as_ref())];
        claim(&format!("volume `{name}`"), existing_claim.as_ref(), own, &mut faults);
    }
    for (kind, files) in [("config", &out.configs), ("secret", &out.secrets)] {
        for (key, file) in files {
            let told = format!("{kind} `{key}` is there already and also has a name of its own");
            clash(
                &told,
                file.existing.as_ref(),
                file.name.as_ref(),
                "`existing` is the name; take `name` away",
                &mut faults,
            );
        }
    }
    names(project, out, &mut faults);
    out.diagnostics.extend(faults);
}

fn places<T: Read>(value: Option<&T>) -> Vec<At> {
    value.map(Read::places).unwrap_or_default()
}

fn span<T: Read>(value: Option<&T>) -> Span {
    places(value).first().map_or(Span::NONE, |at| at.span)
}

/// An error where both values are there.
fn clash<A: Read, B: Read>(told: &str, one: Option<&A>, other: Option<&B>, help: &str, out: &mut Vec<Diagnostic>) {
    if one.is_some() && other.is_some() {
        out.push(contradiction(told, span(one), span(other), help));
    }
}

fn contradiction(told: &str, one: Span, other: Span, help: &str) -> Diagnostic {
    Diagnostic::error("override-contradiction", told).at(one).related(other, "which contradicts this").help(help)
}

fn of_service(name: &str, said: &Service, out: &mut Vec<Diagnostic>) {
    let kind = said.workload.as_ref().map(|kind| kind.value);
    if kind == Some(Kind::DaemonSet) {
        let told = format!("`{name}` runs once on each node and has a number of replicas as well");
        clash(&told, said.replicas.as_ref(), said.workload.as_ref(), "take one of the two away", out);
    }
    if matches!(kind, Some(kind) if kind != Kind::CronJob && kind != Kind::None) {
        let told = format!("`{name}` has a schedule and is no cronjob");
        clash(
            &told,
            said.schedule.as_ref(),
            said.workload.as_ref(),
            "write `workload: cronjob`, or take the schedule away",
            out,
        );
        let told = format!("`{name}` has a `concurrencyPolicy` and is no cronjob");
        clash(
            &told,
            said.concurrency_policy.as_ref(),
            said.workload.as_ref(),
            "write `workload: cronjob`, or take it away",
            out,
        );
    }
    if matches!(kind, Some(Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet)) {
        let told = format!("`{name}` never ends, so that there is no run to try again");
        clash(
            &told,
            said.backoff_limit.as_ref(),
            said.workload.as_ref(),
            "write `workload: job`, or take `backoffLimit` away",
            out,
        );
    }
    if kind == Some(Kind::CronJob) && said.schedule.is_none() {
        let fault = Diagnostic::error("override-contradiction", format!("`{name}` is a cronjob without a schedule"));
        out.push(fault.at(span(said.workload.as_ref())).help("write when it runs, such as `schedule: \"0 3 * * *\"`"));
    }
    if let Some(front) = &said.service {
        of_front(name, front, out);
    }
    if let Some(resources) = &said.resources {
        amounts(name, resources.requests.as_ref(), resources.limits.as_ref(), out);
    }
    for (target, mount) in said.mounts.iter().flat_map(|mounts| &mounts.0) {
        of_mount(name, target, &mount.0, out);
    }
}

fn of_front(name: &str, front: &Front, out: &mut Vec<Diagnostic>) {
    let Front { kind, headless, names: _, node_port, node_ports, external_traffic_policy } = front;
    let is = |wanted: ServiceType| kind.as_ref().is_some_and(|kind| kind.value == wanted);
    if headless.as_ref().is_some_and(|headless| headless.value)
        && (is(ServiceType::NodePort) || is(ServiceType::LoadBalancer))
    {
        let told = format!("the Service of `{name}` has no address and is reached from outside");
        clash(&told, headless.as_ref(), kind.as_ref(), "take one of the two away", out);
    }
    if is(ServiceType::ClusterIp) {
        let told = format!("the Service of `{name}` is reached inside the cluster alone and has a port on the nodes");
        clash(&told, node_port.as_ref(), kind.as_ref(), "write `type: NodePort`", out);
        clash(&told, node_ports.as_ref(), kind.as_ref(), "write `type: NodePort`", out);
        let told = format!("the Service of `{name}` gets no traffic from outside that a policy could be for");
        clash(&told, external_traffic_policy.as_ref(), kind.as_ref(), "write `type: NodePort` or `LoadBalancer`", out);
    }
    let told = format!("`nodePort` and `nodePorts` of `{name}` both say which ports the nodes have");
    clash(&told, node_port.as_ref(), node_ports.as_ref(), "write `nodePorts` alone", out);
}

fn amounts(
    name: &str,
    requests: Option<&Pairs<Traced<Quantity>>>,
    limits: Option<&Pairs<Traced<Quantity>>>,
    out: &mut Vec<Diagnostic>,
) {
    let (Some(requests), Some(limits)) = (requests, limits) else { return };
    for (resource, request) in &requests.0 {
        let Some(limit) = limits.get(resource) else { continue };
        if request.value.thousandths() > limit.value.thousandths() {
            let told = format!("more {resource} is kept for `{name}` than it may use");
            out.push(contradiction(&told, request.span(), limit.span(), "raise the limit or lower the request"));
        }
    }
}

fn of_mount(service: &str, target: &str, mount: &Mount, out: &mut Vec<Diagnostic>) {
    use super::keys::MountKind;
    let Mount { class, size, storage_class, access_mode, existing_claim, sub_path: _ } = mount;
    let own = [places(size.as_ref()), places(storage_class.as_ref()), places(access_mode.as_ref())];
    claim(&format!("`{target}` of `{service}`"), existing_claim.as_ref(), own.clone(), out);
    let Some(class) = class.as_ref().filter(|class| !matches!(class.value, MountKind::Data | MountKind::Cache)) else {
        return;
    };
    let about = own.into_iter().flatten().chain(places(existing_claim.as_ref()));
    for at in about.filter(|_| class.value != MountKind::EmptyDir) {
        let told = format!("`{target}` of `{service}` is {} and no claim", class.value.word());
        out.push(contradiction(&told, at.span, class.span(), "write `class: data`, or take it away"));
    }
}

/// A claim that is there already has its size, class and modes.
fn claim<T: Read>(what: &str, existing: Option<&T>, own: [Vec<At>; 3], out: &mut Vec<Diagnostic>) {
    let Some(existing) = existing.and_then(|existing| existing.places().first().map(|at| at.span)) else { return };
    for at in own.into_iter().flatten() {
        let told = format!("the claim of {what} is there already and cannot be changed");
        out.push(contradiction(&told, at.span, existing, "take it away, or leave out `existingClaim`"));
    }
}

/// Two things of one name.
fn names(project: &typed::Project, said: &Overrides, out: &mut Vec<Diagnostic>) {
    let mut workloads: BTreeMap<&str, (&str, Span)> = BTreeMap::new();
    for pair in &project.services {
        let own = said.services.get(&pair.key).and_then(|said| said.name.as_ref());
        let (name, span) = own.map_or((pair.key.as_str(), pair.key_span), |name| (name.value.0.as_str(), name.span()));
        if let Some((other, place)) = workloads.insert(name, (&pair.key, span)) {
            out.push(twice(&format!("`{other}` and `{}` are both called `{name}`", pair.key), span, place));
        }
    }
    let mut hosts: BTreeMap<&str, Span> =
        project.services.iter().map(|pair| (pair.key.as_str(), pair.key_span)).collect();
    for (service, said) in &said.services {
        for name in said.service.iter().flat_map(|front| &front.names).flatten() {
            match hosts.insert(&name.value.0, name.span()) {
                Some(place) if name.value.0 != *service => {
                    out.push(twice(&format!("`{}` already leads elsewhere", name.value.0), name.span(), place));
                }
                _ => {}
            }
        }
    }
    let kinds = [("configs", &said.configs), ("secrets", &said.secrets)];
    for (_, files) in kinds {
        let mut taken: BTreeMap<&str, Span> = BTreeMap::new();
        for (key, file) in files {
            let Some(name) = &file.name else { continue };
            if let Some(place) = taken.insert(&name.value.0, name.span()) {
                out.push(twice(&format!("`{key}` and another are both called `{}`", name.value.0), name.span(), place));
            }
        }
    }
}

fn twice(told: &str, span: Span, place: Span) -> Diagnostic {
    let fault = Diagnostic::error("override-name-twice", told).at(span).related(place, "the name is taken here");
    fault.help("give one of the two another name")
}
