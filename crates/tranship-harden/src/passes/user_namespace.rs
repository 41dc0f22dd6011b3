//! `user-namespace`: root in a pod is nobody on its node. Only on request, since not every node can do it.

use tranship_model::{Stack, Traced};

use crate::notes::Notes;
use crate::settings::Settings;
use crate::start::uid;

/// The pass's name.
pub const NAME: &str = "user-namespace";
/// The first minor version in which a pod's own user ids count for its level.
const SINCE: u8 = 35;

/// Runs the pass.
pub fn run(stack: &mut Stack, settings: &Settings, notes: &mut Notes) {
    for service in stack.services.values_mut() {
        if !notes.is_on_for(service) || uid(service).is_some_and(|uid| uid != 0) || service.security.userns.is_some() {
            continue;
        }
        let security = &service.security;
        let shares = [&security.pid, &security.ipc, &security.network_mode];
        let is_host = |mode: &&Option<Traced<String>>| mode.as_ref().is_some_and(|mode| mode.value == "host");
        if settings.version.minor() < SINCE {
            notes.stay_away(
                &service.name,
                "Kubernetes 1.35 is the first that counts it; `--kube-version` says which is meant",
            );
        } else if shares.iter().any(is_host) {
            notes.stay_away(&service.name, "it shares a part of the node, which a pod with user ids of its own cannot");
        } else {
            let because = "you asked for it: root in the pod is nobody on the node";
            service.security.userns = Some(Traced::decided("private".to_owned(), NAME, because));
        }
    }
}
