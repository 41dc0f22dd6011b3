//! What the kubelet would start for each container, from the objects alone.
//!
//! The lowering has no part in it, so that it can bear witness against it: argv and variables are expanded by the
//! kubelet's own rules, references to ConfigMaps and Secrets are followed, and volumes are taken apart into what a
//! process finds at each path. What the kubelet adds by itself to every container stands in [`added`]. Start reading at
//! [`launches`].

pub mod added;
mod env;
pub(crate) mod expand;
mod files;
mod mounts;
mod read;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::time::Duration;

use tranship_model::ImageKnowledge;
use tranship_model::launch::{Launch, Piece, SHARED_MEMORY, What};
use tranship_source::hash::Quick;
use tranship_source::yaml::Node;

use crate::object::{Object, ObjectSet};

use read::{flag, number};

/// The container of a pod, and what it is started with.
#[derive(Clone, Debug)]
pub struct Started<'a> {
    /// Its pod's workload.
    pub workload: &'a Object,
    /// Its name.
    pub container: &'a str,
    /// What it is started with.
    pub launch: Launch<'a>,
}

/// What is known of the image a container runs, by the container's name.
pub type Facts<'f, 'a> = &'f dyn Fn(&str) -> Option<&'a ImageKnowledge>;

/// Every container of every workload, in the order of the objects. Those that run before the others are not told.
pub fn launches<'a>(set: &'a ObjectSet, facts: Facts<'_, 'a>) -> Vec<Started<'a>> {
    let world = Cluster::of(set);
    let mut out = Vec::new();
    for workload in set {
        let Some(pod) = pod(workload) else { continue };
        for container in pod.items_at("containers") {
            let name = container.text_at("name").and_then(|name| match name {
                Cow::Borrowed(name) => Some(name),
                Cow::Owned(_) => None,
            });
            let name = name.unwrap_or_default();
            let launch = launch(&world, workload, pod, container, facts(name));
            out.push(Started { workload, container: name, launch });
        }
    }
    out
}

/// The pod's spec of a workload.
fn pod(object: &Object) -> Option<&Node> {
    match object.kind() {
        "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "ReplicaSet" => object.get(&["spec", "template", "spec"]),
        "CronJob" => object.get(&["spec", "jobTemplate", "spec", "template", "spec"]),
        "Pod" => object.get(&["spec"]),
        _ => None,
    }
}

/// ConfigMaps and Secrets by name.
struct Cluster<'a> {
    config_maps: HashMap<&'a str, &'a Object, BuildHasherDefault<Quick>>,
    secrets: HashMap<&'a str, &'a Object, BuildHasherDefault<Quick>>,
}

impl<'a> Cluster<'a> {
    fn of(set: &'a ObjectSet) -> Self {
        let all = |kind: &str| set.iter().filter(|o| o.kind() == kind).map(|o| (o.name(), o)).collect();
        Self { config_maps: all("ConfigMap"), secrets: all("Secret") }
    }
}

fn launch<'a>(
    world: &Cluster<'a>,
    workload: &'a Object,
    pod: &'a Node,
    container: &'a Node,
    image: Option<&'a ImageKnowledge>,
) -> Launch<'a> {
    let own = env::own(world, container);
    let argv = argv(container, image, &own);
    let id = |field: &str| {
        let of = |node: &'a Node| node.at(&["securityContext", field]).and_then(Node::as_text);
        of(container).or_else(|| of(pod))
    };
    let (mut user, mut group) = (id("runAsUser"), id("runAsGroup"));
    if user.is_none() {
        let known = image.and_then(|image| image.user.as_ref()).map(|known| &known.value);
        user = known.map(|known| Cow::Borrowed(known.user.as_str()));
        group = group.or(known.and_then(|known| known.group.as_deref()).map(Cow::Borrowed));
    }
    let context = pod.get("securityContext");
    let extra = context.map(|context| context.items_at("supplementalGroups")).unwrap_or_default();
    let fs_group = context.and_then(|context| context.text_at("fsGroup"));
    let mounts = mounts::mounts(world, workload, pod, container, fs_group.as_deref());
    let shm = mounts.iter().find(|seen| seen.target == "/dev/shm").and_then(|seen| match seen.what {
        What::Memory { size, .. } => size,
        _ => None,
    });
    let or_image = |written: Option<Cow<'a, str>>, known: Option<&'a str>| written.or(known.map(Cow::Borrowed));
    Launch {
        argv,
        env: env::with_image(own, image),
        working_dir: or_image(
            container.text_at("workingDir").filter(|dir| !dir.is_empty()),
            image.and_then(|image| image.workdir.as_ref()).map(|dir| dir.value.as_str()),
        ),
        user,
        group,
        groups: extra.iter().filter_map(Node::as_text).chain(fs_group).collect(),
        mounts,
        shared_memory: shm.unwrap_or(SHARED_MEMORY),
        hostname: pod.text_at("hostnameOverride").or_else(|| pod.text_at("hostname")),
        stop_signal: or_image(
            container.at(&["lifecycle", "stopSignal"]).and_then(Node::as_text),
            image.and_then(|image| image.stop_signal.as_ref()).map(|signal| signal.value.as_str()),
        ),
        // The kubelet counts the time before the signal as well.
        grace: number(pod, "terminationGracePeriodSeconds").map(|seconds| {
            let drain = container.at(&["lifecycle", "preStop", "sleep"]).and_then(|sleep| number(sleep, "seconds"));
            Duration::from_secs(seconds.saturating_sub(drain.unwrap_or_default()))
        }),
        tty: flag(container, "tty"),
        stdin: flag(container, "stdin"),
        read_only_root: container
            .at(&["securityContext", "readOnlyRootFilesystem"])
            .and_then(Node::as_bool)
            .unwrap_or(false),
    }
}

/// Command and arguments as the runtime puts them together with the image's: a command forgets the image's arguments,
/// arguments alone keep its command.
fn argv<'a>(container: &'a Node, image: Option<&'a ImageKnowledge>, own: &env::Own<'a>) -> Vec<Piece<'a>> {
    let words = |key: &str| -> Vec<Piece<'a>> {
        let words = container.items_at(key).iter().filter_map(Node::as_text);
        words.map(|word| Piece::Word(expand::expand(word, &|name| own.value(name)))).collect()
    };
    let (mut command, args) = (words("command"), words("args"));
    let known = |words: Option<&'a tranship_model::Traced<Vec<String>>>, unknown: Piece<'a>| match words {
        Some(words) => words.value.iter().map(|word| Piece::Word(word.as_str().into())).collect(),
        None => vec![unknown],
    };
    if !command.is_empty() {
        command.extend(args);
        return command;
    }
    let mut out = known(image.and_then(|image| image.entrypoint.as_ref()), Piece::ImageEntrypoint);
    if args.is_empty() {
        out.extend(known(image.and_then(|image| image.command.as_ref()), Piece::ImageCommand));
    }
    out.extend(args);
    out
}
