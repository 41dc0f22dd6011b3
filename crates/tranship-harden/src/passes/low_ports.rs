//! `low-ports`: whoever is not root may listen on ports below 1024, as Docker lets everybody.

use tranship_model::{Service, Stack, Traced};

use crate::notes::Notes;
use crate::settings::Settings;
use crate::start::uid;

/// The pass's name.
pub const NAME: &str = "low-ports";
/// The first port that everybody may listen on.
const PARAMETER: &str = "net.ipv4.ip_unprivileged_port_start";

/// Runs the pass.
pub fn run(stack: &mut Stack, _settings: &Settings, notes: &mut Notes) {
    for service in stack.services.values_mut().filter(|service| notes.is_on_for(service)) {
        let low = service.ports.iter().map(|port| port.container).filter(|port| *port < 1024).min();
        let Some(low) = low.filter(|_| uid(service).is_some_and(|uid| uid != 0) && !is_on_node(service)) else {
            continue;
        };
        if service.security.sysctls.iter().all(|(name, _)| name != PARAMETER) {
            let because = format!("it is not root and listens on port {low}, which Docker lets everybody do");
            service.security.sysctls.push((PARAMETER.to_owned(), Traced::decided("0".to_owned(), NAME, because)));
        }
    }
}

fn is_on_node(service: &Service) -> bool {
    service.security.network_mode.as_ref().is_some_and(|mode| mode.value == "host")
}
