//! The passes, one file each, in the order they run.

mod account;
mod capabilities;
pub(crate) mod entry;
mod logs;
mod low_ports;
mod metrics;
mod no_escalation;
mod order;
mod probes;
mod reach;
mod read_only_root;
mod refresh;
mod replicas;
mod resources;
mod rollout;
mod seccomp;
mod user;
mod user_namespace;

#[cfg(test)]
mod tests;

use tranship_model::Stack;

use crate::notes::Notes;
use crate::settings::{Preset, Settings};

/// One thing that is decided for every service of a stack.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    /// Its stable name, which is the rule of what it decides.
    pub name: &'static str,
    /// What it does, a sentence for the reference.
    pub about: &'static str,
    /// The presets it belongs to.
    pub presets: &'static [Preset],
    /// Does it.
    pub run: fn(&mut Stack, &Settings, &mut Notes),
}

/// Every pass, in the order they run: later ones see what earlier ones decided.
pub const PASSES: &[Pass] = &[
    Pass {
        name: account::NAME,
        about: "Each workload is an account of its own that may do nothing in the cluster's API and gets no token.",
        presets: PRODUCTION,
        run: account::run,
    },
    Pass {
        name: user::NAME,
        about: "Containers start as somebody else than root, by number, wherever their images work so.",
        presets: PRODUCTION,
        run: user::run,
    },
    Pass {
        name: low_ports::NAME,
        about: "Whoever is not root may listen on ports below 1024, as Docker lets everybody.",
        presets: BOTH,
        run: low_ports::run,
    },
    Pass {
        name: read_only_root::NAME,
        about: "Nothing of an image can be changed where the folders that are written are known; those get empty volumes.",
        presets: PRODUCTION,
        run: read_only_root::run,
    },
    Pass {
        name: seccomp::NAME,
        about: "System calls are filtered by the runtime's own profile, as Docker does unasked.",
        presets: PRODUCTION,
        run: seccomp::run,
    },
    Pass {
        name: no_escalation::NAME,
        about: "A process can never gain rights beyond those it started with.",
        presets: PRODUCTION,
        run: no_escalation::run,
    },
    Pass {
        name: user_namespace::NAME,
        about: "Root in a pod is nobody on its node. No preset has it, since not every node can do it.",
        presets: &[],
        run: user_namespace::run,
    },
    Pass {
        name: capabilities::NAME,
        about: "All rights of root are taken away but those that are needed.",
        presets: PRODUCTION,
        run: capabilities::run,
    },
    Pass {
        name: entry::NAME,
        about: "Requests from outside are led to the services that were published, or that labels of a proxy name.",
        presets: BOTH,
        run: entry::run,
    },
    Pass {
        name: resources::NAME,
        about: "keeps CPU, memory and disk for every service, and limits what it may use",
        presets: &[Preset::Production, Preset::Dev],
        run: resources::run,
    },
    Pass {
        name: probes::NAME,
        about: "asks every service whether it can serve, whether it lives and whether it came up",
        presets: &[Preset::Production, Preset::Dev],
        run: probes::run,
    },
    Pass {
        name: replicas::NAME,
        about: "scales what keeps nothing of its own with the load, and keeps replicas on different nodes",
        presets: &[Preset::Production],
        run: replicas::run,
    },
    Pass {
        name: rollout::NAME,
        about: "brings new versions in without losing a request",
        presets: &[Preset::Production],
        run: rollout::run,
    },
    Pass {
        name: refresh::NAME,
        about: "replaces pods when the files or credentials they are given change",
        presets: &[Preset::Production, Preset::Dev],
        run: refresh::run,
    },
    Pass {
        name: metrics::NAME,
        about: "tells Prometheus where a service tells its metrics",
        presets: &[Preset::Production, Preset::Dev],
        run: metrics::run,
    },
    Pass {
        name: logs::NAME,
        about: "names services whose logs lie in files",
        presets: &[Preset::Production],
        run: logs::run,
    },
    order::PASS,
    reach::PASS,
];

const PRODUCTION: &[Preset] = &[Preset::Production];
const BOTH: &[Preset] = &[Preset::Production, Preset::Dev];
