//! The way in from outside: what was published, or what labels of a proxy name, becomes routes to services.
//!
//! The pass decides what is reached, under which hosts, and by what; `tranship_model::Exposure` holds it. A store, a
//! console and what Compose kept on the machine itself are never opened unasked.

mod hosts;
mod http;
mod labelled;
mod published;
mod serve;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use tranship_model::{Closed, Exposure, Origin, PathMatch, Protocol, Route, Service, Stack, Traced, Way};
use tranship_source::Diagnostic;

use crate::expose::Expose;
use crate::notes::Notes;
use crate::settings::Settings;

pub(crate) use labelled::declare_ports;
use published::Found;

/// The pass's name.
pub(super) const NAME: &str = "entry";

/// Finds the ways in.
///
/// Errors: `option-host`, `option-expose`, `option-tls`, `option-node-port`, `route-not-served`, `route-order`, `route-twice`.
/// Warnings: `entry-encrypted`, `route-loses`, `route-unencrypted`.
pub(super) fn run(stack: &mut Stack, settings: &Settings, notes: &mut Notes) {
    if !notes.is_on() {
        return;
    }
    stack.exposure = exposure(stack, &settings.expose, notes);
}

fn exposure(stack: &Stack, expose: &Expose, notes: &mut Notes) -> Exposure {
    let said = |service: &Service| if notes.is_on_for(service) { asked(expose, service) } else { Some(false) };
    let said: BTreeMap<&str, bool> =
        stack.services.values().filter_map(|service| Some((service.name.as_str(), said(service)?))).collect();
    let wanted = |service: &Service| said.get(service.name.as_str()).copied();
    let Some(way) = way(expose) else {
        let closed = all_closed(published::find(stack, wanted, false));
        return Exposure { closed, ..Exposure::default() };
    };
    let mut found = published::find(stack, wanted, !way.value.reads_requests());
    if !serve::fits(expose, way.value, notes) {
        return Exposure::default();
    }
    let labelled = labelled::read(stack);
    let by_labels = labelled.routes(wanted, expose, way.value, notes);
    found.leave_to_labels(&by_labels, |service| labelled.guards(service));
    for (service, port, origin) in &found.encrypted {
        notes.find(encrypted(service, *port, origin));
    }
    let door = published::front_door(&found.candidates);
    let names: BTreeSet<&str> = by_labels.iter().map(|route| route.value.service.as_str()).collect();
    let hosts = hosts::Hosts::new(stack, expose, door, &names, notes);
    let mut all: Vec<(Traced<Route>, Option<u16>)> = by_labels.iter().cloned().map(|route| (route, None)).collect();
    all.extend(routes(&found, &hosts, way.value));
    let routes = serve::only_what_can_be(all, expose, way.value, notes);
    let closed = found.closed;
    if routes.is_empty() {
        return Exposure { closed, ..Exposure::default() };
    }
    let class = class(expose, way.value);
    Exposure { routes, closed, way: Some(way), class, tls: expose.tls.clone() }
}

/// A route for each name of each published port, with the port it was published at.
fn routes(found: &Found, hosts: &hosts::Hosts<'_>, way: Way) -> Vec<(Traced<Route>, Option<u16>)> {
    let mut routes = Vec::new();
    let mut last = None;
    for candidate in &found.candidates {
        let first = last.replace(&candidate.service) != Some(&candidate.service);
        for host in hosts.of(candidate, first, way) {
            let route = Route {
                service: candidate.service.clone(),
                port: candidate.port,
                host,
                path: PathMatch::all(),
                replace: None,
                redirect: false,
                outside: None,
            };
            let because = format!("it is published, and it speaks HTTP: {}", candidate.because);
            let origin = Origin::Decided { by: NAME, because, from: candidate.origin.leaves().to_vec() };
            routes.push((Traced::new(route, origin), candidate.published));
        }
    }
    routes
}

fn all_closed(found: Found) -> Vec<Closed> {
    let closed = found.candidates.into_iter().map(|one| Closed {
        service: one.service,
        port: one.port,
        protocol: Protocol::Tcp,
        because: "you said so: nothing is reached from outside".to_owned(),
    });
    closed.chain(found.closed).collect()
}

fn encrypted(service: &str, port: u16, origin: &Origin) -> Diagnostic {
    let message = format!("`{service}` publishes {port} alone, which it encrypts itself, so that no entry leads there");
    let help = "publish the port where it speaks plain HTTP, say `app_protocol: http` where it does, or take \
                `--expose loadbalancer`, which passes connections on as they are";
    Diagnostic::warning("entry-encrypted", message).at(origin.span()).help(help)
}

/// By what the app is reached; `None` where it is not to be.
fn way(expose: &Expose) -> Option<Traced<Way>> {
    match &expose.way {
        Some(way) => way.value.map(|value| way.with(value)),
        None if expose.cluster.gateway_class.is_some() => {
            let because = format!("the definitions of the Gateway API are there on {}", expose.cluster.title);
            Some(Traced::decided(Way::Gateway, NAME, because))
        }
        None => {
            let because = "every cluster knows Ingresses, and most have an entry that serves them";
            Some(Traced::decided(Way::Ingress, NAME, because))
        }
    }
}

/// The class that is named, by the user or by the kind of cluster.
fn class(expose: &Expose, way: Way) -> Option<Traced<String>> {
    let of_cluster = match way {
        Way::Ingress => expose.cluster.ingress_class,
        Way::Gateway => expose.cluster.gateway_class,
        Way::LoadBalancer | Way::NodePort => None,
    };
    let because = || format!("it is the class of {}", expose.cluster.title);
    let decided = of_cluster.map(|class| Traced::decided(class.to_owned(), NAME, because()));
    expose.class.clone().or(decided)
}

/// Whether the user asked for a service, or asked for it to stay closed.
fn asked(expose: &Expose, service: &Service) -> Option<bool> {
    let said = expose.entries.iter().find(|(name, _)| *name == service.name).map(|(_, said)| said.value);
    let named = || expose.hosts.iter().any(|(name, _)| name.as_deref() == Some(service.name.as_str()));
    let port = || expose.node_ports.iter().any(|(name, _)| *name == service.name);
    said.or_else(|| (named() || port()).then_some(true))
}
