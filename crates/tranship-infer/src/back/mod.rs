//! The way to Kubernetes and back: why a stack differs from what its own objects give back.
//!
//! Each difference has a reason or is a fault. A reason is a fact about the platforms that the two values bear out
//! (`known.rs`), or a line of the ledger that gives the value up. Start reading at [`explain`].

mod known;
mod steps;
#[cfg(test)]
mod tests;

use tranship_model::diff::Difference;
use tranship_model::ledger::child_path;
use tranship_model::{Ledger, MountSource, Origin, Service, Stack};
use tranship_source::yaml::{Key, Node};

use crate::same::reasons::Reasons;

use steps::steps;

/// A place where a stack differs from what its objects give back, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// The difference: left is what the project says.
    pub difference: Difference,
    /// Why it has to be so; `None` where nothing says why.
    pub because: Option<String>,
}

/// Every difference with its reason. What is missing as a whole is looked at part by part.
pub fn explain(stack: &Stack, ledger: &Ledger, found: Vec<Difference>) -> Vec<Explained> {
    let reasons = Reasons::new(ledger);
    let parts = found.into_iter().flat_map(taken_apart);
    let why = |difference: Difference| Explained { because: reason(stack, &reasons, &difference), difference };
    parts.map(why).collect()
}

/// Sections that hold things of their own, which are lost one by one.
const SECTIONS: &[&str] = &["services", "volumes", "configs", "secrets", "networks"];

/// Sections of a service that are lost key by key.
const OF_SERVICE: &[&str] =
    &["env", "mounts", "operations", "ports", "process", "resources", "rollout", "security", "dns", "placement"];

fn taken_apart(difference: Difference) -> Vec<Difference> {
    let at = steps(&difference.path);
    let apart = match at.iter().map(|step| &**step).collect::<Vec<_>>().as_slice() {
        [section] => SECTIONS.contains(section),
        ["services", _, section] => OF_SERVICE.contains(section),
        _ => false,
    };
    let parts = |side: &Option<Node>| side.as_ref().and_then(Node::as_map).cloned();
    match (apart, parts(&difference.left), parts(&difference.right)) {
        (true, Some(map), None) => {
            let one = |(key, node): (Key, Node)| {
                let path = child_path(&difference.path, &key.text);
                taken_apart(Difference { path, left: Some(node), right: None })
            };
            map.into_iter().flat_map(one).collect()
        }
        (true, None, Some(map)) => {
            let one = |(key, node): (Key, Node)| {
                let path = child_path(&difference.path, &key.text);
                taken_apart(Difference { path, left: None, right: Some(node) })
            };
            map.into_iter().flat_map(one).collect()
        }
        _ => vec![difference],
    }
}

fn reason(stack: &Stack, reasons: &Reasons<'_>, difference: &Difference) -> Option<String> {
    let at = steps(&difference.path);
    let at: Vec<&str> = at.iter().map(|step| &**step).collect();
    let (left, right) = (difference.left.as_ref(), difference.right.as_ref());
    if let Some(because) = known::reason(stack, &at, left, right) {
        return Some(because.to_owned());
    }
    match at.as_slice() {
        ["services", name, "mounts", target, rest @ ..] => {
            mount(reasons, stack.services.get(*name)?, target, rest, right)
        }
        ["services", name, rest @ ..] => of_service(reasons, name, rest),
        ["volumes", name, ..] => {
            let volume = stack.volumes.get(*name)?;
            gone(reasons, &volume.origin).or_else(|| {
                let all = volume.driver_opts.iter().map(|(_, option)| option).chain(&volume.driver);
                let mut all = all.chain(volume.labels.iter().map(|(_, label)| label)).chain(&volume.name);
                all.find_map(|value| gone(reasons, &value.origin))
            })
        }
        ["configs", name, ..] => gone(reasons, &stack.configs.get(*name)?.origin),
        ["secrets", name, ..] => gone(reasons, &stack.secrets.get(*name)?.origin),
        _ => None,
    }
}

/// What the ledger says of the values behind something that is not in the output.
fn gone(reasons: &Reasons<'_>, origin: &Origin) -> Option<String> {
    let leaves = origin.leaves();
    let dropped = leaves.iter().find_map(|at| reasons.dropped(&at.path));
    dropped.or_else(|| leaves.iter().find_map(|at| reasons.given_up(&at.path)))
}

/// A mount that is another or none in the cluster.
fn mount(
    reasons: &Reasons<'_>,
    service: &Service,
    target: &str,
    rest: &[&str],
    right: Option<&Node>,
) -> Option<String> {
    let mount = service.mounts.iter().find(|mount| mount.target == target)?;
    let leaves = mount.origin.leaves();
    let emptied = || leaves.iter().find_map(|at| reasons.emptied(&at.path));
    match (rest, &mount.source) {
        (["host" | "scratch"], MountSource::Host { .. }) | (["volume" | "scratch"], MountSource::Volume { .. }) => {
            emptied()
        }
        ([], _) if right.is_none() => gone(reasons, &mount.origin),
        _ => None,
    }
}

/// The keys of a service that a part of the stack is made of.
const KEYS: &[(&str, &[&str])] = &[
    ("aliases", &["container_name", "hostname", "networks", "links"]),
    ("dns", &["dns", "dns_opt", "dns_search"]),
    ("domainname", &["domainname"]),
    ("env", &["environment"]),
    ("health", &["healthcheck"]),
    ("hooks", &["pre_start", "post_start", "pre_stop"]),
    ("hostname", &["hostname"]),
    ("hosts", &["extra_hosts"]),
    ("placement", &["deploy.placement"]),
    ("process.groups", &["group_add"]),
    ("process.init", &["init"]),
    ("process.stop_signal", &["stop_signal"]),
    ("process.user", &["user"]),
    ("resources.device_files", &["devices"]),
    ("resources.devices", &["gpus", "deploy.resources.reservations.devices"]),
    ("resources", &["ulimits", "pids_limit", "deploy.resources"]),
    ("rollout", &["deploy.update_config", "deploy.rollback_config", "deploy.endpoint_mode"]),
    ("runtime", &["runtime"]),
    ("security.network_mode", &["network_mode"]),
    ("security.sysctls", &["sysctls"]),
    ("security", &["security_opt", "userns_mode", "uts", "pid", "ipc", "privileged"]),
];

fn of_service(reasons: &Reasons<'_>, name: &str, rest: &[&str]) -> Option<String> {
    let service = child_path("services", name);
    if rest.is_empty() {
        return reasons.dropped(&service).or_else(|| reasons.given_up(&service));
    }
    let path = rest.join(".");
    let fits = |part: &str| path.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let (_, keys) = KEYS.iter().find(|(part, _)| fits(part))?;
    let keys: Vec<String> = keys.iter().map(|key| format!("{service}.{key}")).collect();
    let one = |key: &String| match rest {
        ["env", variable, ..] => reasons.given_up(&child_path(key, variable)),
        // A request for devices that cannot be had in full is written as what can.
        ["resources", "devices", ..] => reasons.translated(key).or_else(|| reasons.dropped(key)),
        _ => reasons.dropped(key).or_else(|| reasons.given_up(key)),
    };
    keys.iter().find_map(one)
}
