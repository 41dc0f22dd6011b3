//! Under which hosts services are reached.

use std::collections::BTreeSet;

use tranship_kube::check::nearest;
use tranship_kube::names::label;
use tranship_model::{Stack, Way};
use tranship_source::Diagnostic;

use super::published::Candidate;
use crate::expose::Expose;
use crate::notes::Notes;

/// The domain that every machine takes for itself (RFC 6761, 6.3), so that names below it need no DNS.
const LOCAL: &str = "localhost";

/// The hosts that were asked for, and those that are made up.
pub(super) struct Hosts<'a> {
    expose: &'a Expose,
    /// The service that needs no name.
    door: Option<&'a str>,
}

impl<'a> Hosts<'a> {
    /// Says what is wrong with the hosts that were asked for. `labelled` are services that labels give names to.
    pub(super) fn new(
        stack: &Stack,
        expose: &'a Expose,
        door: Option<&'a str>,
        labelled: &BTreeSet<&str>,
        notes: &mut Notes,
    ) -> Self {
        let services = || stack.services.keys().map(String::as_str);
        let unknown = |service: &str| !stack.services.contains_key(service);
        for (service, host) in &expose.hosts {
            let (message, near) = match service {
                None if door.is_none() => (
                    format!("nothing says which service `{}` is for, as no single one is the front door", host.value),
                    None,
                ),
                Some(service) if unknown(service) => (
                    format!("there is no service `{service}` to be reached as `{}`", host.value),
                    nearest(service, services()),
                ),
                Some(service) if labelled.contains(service.as_str()) => {
                    let message =
                        format!("labels give `{service}` its names, so that it is not reached as `{}`", host.value);
                    let fault = Diagnostic::warning("host-unused", message).at(host.span());
                    notes.find(fault.help("write the host into the rule of its labels"));
                    continue;
                }
                _ => continue,
            };
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            let help = format!("write `SERVICE={}`{near}", host.value);
            notes.find(Diagnostic::error("option-host", message).at(host.span()).help(help));
        }
        for (service, port) in expose.node_ports.iter().filter(|(service, _)| unknown(service)) {
            let near = nearest(service, services());
            let message = format!("there is no service `{service}` to be reached at port {}", port.value);
            let help = near
                .map_or_else(|| "name a service of the project".to_owned(), |near| format!("did you mean `{near}`?"));
            notes.find(Diagnostic::error("option-node-port", message).at(port.span()).help(help));
        }
        Self { expose, door }
    }

    /// The hosts of a port; `None` for any host. The `first` port of a service has the service's names.
    pub(super) fn of(&self, candidate: &Candidate, first: bool, way: Way) -> Vec<Option<String>> {
        if !way.reads_requests() {
            return vec![None];
        }
        let is_door = self.door == Some(candidate.service.as_str());
        let own = |service: Option<&String>| service.map_or(is_door, |service| *service == candidate.service);
        let said = self.expose.hosts.iter().filter(|(service, _)| own(service.as_ref()));
        let said: Vec<Option<String>> = said.map(|(_, host)| Some(host.value.clone())).collect();
        if first && !said.is_empty() {
            return said;
        }
        let domain = self.expose.domain.as_ref().map(|domain| domain.value.as_str());
        if first && is_door {
            return vec![domain.map(str::to_owned)];
        }
        let name = label(&candidate.service);
        let name = if first { name } else { format!("{name}-{}", candidate.port) };
        vec![Some(format!("{name}.{}", domain.unwrap_or(LOCAL)))]
    }
}
