//! Calls that policies cut: what a value calls has to be let through on its way, not only be there.
//!
//! The policies are read as they are written, with whatever the user put into them. A call that Compose's networks allow
//! and a policy cuts is an error; one between services that share no network does not get through under Compose either.

use std::collections::{BTreeMap, BTreeSet};

use tranship_kube::lower::home;
use tranship_kube::reach::Reach;
use tranship_model::{Protocol, Service, Stack};
use tranship_source::Diagnostic;

use crate::judge::Verdict;
use crate::proof::{Proof, Proven};
use crate::reference::{Evidence, Reference};

/// Findings for calls that do not get through. `workload` gives the label of a service's workload, as `Deployment/web`.
///
/// Errors: `policy-cuts-call`. Warnings: `networks-apart`.
pub fn cut(
    stack: &Stack,
    proof: &Proof,
    reach: &Reach<'_>,
    workload: &dyn Fn(&str) -> Option<String>,
) -> Vec<Diagnostic> {
    if stack.isolation.is_none() {
        return Vec::new();
    }
    let mut networks: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for service in stack.services.values() {
        let own = service.networks.iter().map(|attachment| attachment.network.as_str());
        networks.entry(pod(stack, service)).or_default().extend(own);
    }
    let mut told: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut out = Vec::new();
    for Proven { reference, verdict } in &proof.proven {
        let Verdict::Reaches { services, .. } = verdict else { continue };
        let Some(from) = stack.services.get(&reference.from).filter(|_| is_call(reference)) else { continue };
        for to in services.iter().filter_map(|to| stack.services.get(to)) {
            let (own, theirs) = (pod(stack, from), pod(stack, to));
            let (Some(a), Some(b)) = (workload(own), workload(theirs)) else { continue };
            if own == theirs || reach.calls(&a, &b, port(reference, to)) != Some(false) {
                continue;
            }
            let ours = networks.get(own).zip(networks.get(theirs));
            let share = ours.is_some_and(|(own, theirs)| !own.is_disjoint(theirs));
            if told.insert((&from.name, &to.name)) {
                out.push(finding(reference, from, to, share));
            }
        }
    }
    out
}

/// The service whose pod another is in.
fn pod<'a>(stack: &'a Stack, service: &'a Service) -> &'a str {
    home(stack, service).unwrap_or(&service.name)
}

/// Whether the process itself calls: what only orders the start, or is used when an image is built, does not.
fn is_call(reference: &Reference) -> bool {
    matches!(reference.evidence, Evidence::Environment | Evidence::Command | Evidence::Health | Evidence::Config(_))
}

/// The port that is called; where none is named, one the other has.
fn port<'a>(reference: &Reference, to: &Service) -> (u16, &'a str) {
    let named = reference.port.or(to.ports.first().map(|port| port.container)).unwrap_or(80);
    let udp = to.ports.iter().any(|port| port.container == named && port.protocol == Protocol::Udp);
    let tcp = to.ports.iter().any(|port| port.container == named && port.protocol == Protocol::Tcp);
    (named, if udp && !tcp { "UDP" } else { "TCP" })
}

fn finding(reference: &Reference, from: &Service, to: &Service, share: bool) -> Diagnostic {
    let (from, to) = (&from.name, &to.name);
    let host = &reference.host;
    if share {
        let message = format!("`{from}` calls `{host}`, and a NetworkPolicy cuts the call");
        let help = format!("let a policy allow it from `{from}` to `{to}`, or pass `--network-policy networks`");
        return Diagnostic::error("policy-cuts-call", message).at(reference.origin.span()).help(help);
    }
    let message = format!("`{from}` calls `{host}`, and is on no network with `{to}`");
    let help = format!(
        "docker compose does not let the call through either: put both on one network, or take it out of `{from}`"
    );
    Diagnostic::warning("networks-apart", message).at(reference.origin.span()).help(help)
}
