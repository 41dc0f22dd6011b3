//! What the platforms are known to do otherwise, each borne out by the two values.

use tranship_model::{BlobContent, Calls, Health, MountSource, Security, Service, Stack, Workload};
use tranship_source::yaml::Node;

const NETWORKS: &str = "pods share one flat network, of which no object speaks";
const ONE_BY_ONE: &str = "calls are allowed one by one, and policies speak of no network";
const NOBODY: &str = "no service is on the network, so that no policy speaks of it";
const ORDER: &str = "nothing has to be waited for, or nothing can be";
const CLOSED: &str = "no policy opens anything to a pod without a network but names";
const REQUIRED: &str = "a dependency that is there is waited for whether it is required or not";
const POLICY_LABELS: &str = "labels of a network are annotations of its policy, which say nothing of what runs";
const ANEW: &str = "a task runs anew by itself once it changed";
const RESTARTED: &str = "a pod that is no task is always restarted";
const RETRIED: &str = "a Job is tried again a number of times that stands in it";
const PUBLISHED: &str = "how a port is reached from outside is told in the report and is no part of a pod";
const MANY_PORTS: &str = "a name that leads to the pods themselves reaches every port, and objects cannot name so many";
const LABELS: &str = "labels of a service are annotations of its pods";
const CLAIM_LABELS: &str = "labels of a volume are annotations of its claim, which say nothing of what runs";
const DEFAULTS: &str = "what Docker takes where nothing is written stands in the probe";
const PERIODS: &str = "a probe counts in whole seconds";
const STARTED: &str = "how long a start may take is the startup probe's, which is compared on its own";
const SCALED: &str = "the autoscaler owns the number, and its bounds are compared on their own";
const UNMARKED: &str = "its pods are given no file and no credential that a mark could follow";
const TOPOLOGY: &str = "pods are spread over the values of a label of nodes, by the label's own name";
const ONE_COMMAND: &str = "a hook of a pod is one command, which goes to its directory and sets its variables itself";
const OWN_IMAGE: &str = "it is the service's own image";
const BY_NAME: &str = "a pod takes users by number alone, which is a finding of its own";
const UNSET: &str = "a variable without a value is not set";
const SHELL: &str = "`sh -c` with one line is the same as a line for the shell";
const OF_IMAGE: &str = "it is what the image says itself";
const ROOT: &str = "root is 0 in every image";
const CLEARED: &str = "a command after a cleared entrypoint is the whole argv";
const READ_ONLY: &str = "files of ConfigMaps and Secrets can never be written, which says the same";
const FILE_MODE: &str = "the mode stands at the file, and its owner is root or the pod's group";
const EMPTY_MODE: &str = "an emptyDir has mode 0777 and takes no other";
const ABSENT: &str = "there were no files to carry over, which is a finding of its own";
const UNUSED: &str = "no pod mounts it";
const ONE: &str = "one replica is what a service has without a word";
const EXTERNAL: &str = "it exists already and is known by the name the cluster can carry";
const ENGINE: &str = "it is the engine's own driver, which a cluster does not have";
const STRATEGY: &str = "a Deployment says its strategy even where the project says nothing";
const SETTLED: &str = "the longer of watching a new pod and waiting after it is how long the pod has to be ready";
const NAMESPACE: &str = "the project's name is the nearest one that a namespace can have";
const SAID: &str = "what was said outright stands in the objects as their own";
const FILE_LABELS: &str = "labels of a config or secret are annotations of its object, which say nothing of what runs";
const COMPLETIONS: &str = "replicas of a job are its completions";
const SECONDS: &str = "a pod's time to end is in whole seconds";
const NO_WORDS: &str = "a command without words is the image's own";
const PLATFORM: &str =
    "nodes tell system and architecture by their labels, whoever asks for them, and no variant of one";
const PORT_NAME: &str = "a port's name is a DNS label, which is a line of its own";
const AT_LIMIT: &str = "what is kept never passes the limit: Docker and the API server refuse it";
const NUMBERED: &str = "it is the number that the image has for the name";
const PODS: &str = "containers of one pod share its network and its names";
const RENAMED: &str = "the name cannot be carried, and the container has the nearest one";
const COPIED: &str =
    "whether a volume is filled from the image is told by the init container, which is compared as it stands";
const COVERED: &str = "a shell reads the credential in it from a variable";
const HIDDEN: &str = "a volume that stands for a folder of the machine starts empty in the cluster";

/// Whether numbers stand for names that the image has: of a user with a group, or of groups.
fn numbered(stack: &Stack, name: &str, left: Option<&Node>, right: Option<&Node>) -> bool {
    let image = stack.services.get(name).and_then(|service| service.image_facts.as_deref());
    let (Some(image), Some(left)) = (image, left.and_then(Node::as_str)) else { return false };
    let known = |part: &str| image.user_ids.contains_key(part) || image.group_ids.contains_key(part);
    let ids = image.user_ids.values().chain(image.group_ids.values());
    let numbers: Vec<String> = ids.map(u32::to_string).collect();
    let is_number = |part: &str| part.parse::<u32>().is_ok_and(|_| numbers.iter().any(|number| number == part));
    let right = right.and_then(Node::as_str);
    left.split(':').any(known) && right.is_none_or(|right| right.split(':').any(is_number))
}

/// The name of a namespace for a project.
fn namespace(name: Option<&Node>) -> Option<String> {
    name.and_then(Node::as_str).map(tranship_kube::names::namespace)
}

/// Whether the replicas of a service are what its job completes.
fn runs(stack: &Stack, name: &str, left: Option<&Node>) -> bool {
    let workload = stack.services.get(name).map(|service| service.workload.value);
    let Some(Workload::Task { completions, .. }) = workload else { return false };
    left.and_then(Node::as_int) == Some(i64::from(completions))
}

fn grace(stack: &Stack, name: &str, right: Option<&Node>) -> bool {
    let time = stack.services.get(name).and_then(|service| service.process.stop_grace.as_ref());
    let seconds = time.map(|time| time.value.as_secs() + u64::from(time.value.subsec_nanos() > 0));
    right.and_then(Node::as_str) == seconds.map(|seconds| format!("{}ms", seconds * 1000)).as_deref()
}

/// Whether a platform lost its variant, or came from conditions on nodes.
fn platform(stack: &Stack, name: &str, left: Option<&Node>, right: Option<&Node>) -> bool {
    let (Some(service), Some(right)) = (stack.services.get(name), right.and_then(Node::as_str)) else { return false };
    match left.and_then(Node::as_str) {
        Some(left) => left.strip_prefix(right).is_some_and(|rest| rest.starts_with('/')),
        None => {
            let asked = |word: &str| service.placement.constraints.iter().any(|one| one.value.ends_with(word));
            right.split('/').all(asked)
        }
    }
}

/// Whether what is kept is the limit, as the project asks for more.
fn at_limit(stack: &Stack, name: &str, kind: &str, right: Option<&Node>) -> bool {
    let Some(resources) = stack.services.get(name).map(|service| &service.resources) else { return false };
    let (limit, kept) = match kind {
        "memory_reserved" => (&resources.memory_limit, &resources.memory_reserved),
        _ => (&resources.cpu_limit, &resources.cpu_reserved),
    };
    let (Some(limit), Some(kept)) = (limit, kept) else { return false };
    kept.value > limit.value && right.and_then(Node::as_int) == i64::try_from(limit.value).ok()
}

fn is_external(blob: &tranship_model::Blob) -> bool {
    blob.content == BlobContent::External
}

fn has_external(stack: &Stack) -> bool {
    stack.configs.values().chain(stack.secrets.values()).any(is_external)
}

/// Whether a pod is watched as long as the longer of the project's two times says.
fn settled(stack: &Stack, name: &str, right: Option<&Node>) -> bool {
    let Some(rollout) = stack.services.get(name).map(|service| &service.rollout) else { return false };
    let longest = [&rollout.monitor, &rollout.delay].into_iter().flatten().map(|time| time.value).max();
    let seconds = longest.map(|time| time.as_secs() + u64::from(time.subsec_nanos() > 0));
    right.is_none() || right.and_then(Node::as_str) == seconds.map(|seconds| format!("{}ms", seconds * 1000)).as_deref()
}

/// The reason for a difference, where the values at hand bear it out.
pub(super) fn reason(stack: &Stack, at: &[&str], left: Option<&Node>, right: Option<&Node>) -> Option<&'static str> {
    let gone = right.is_none();
    match at {
        ["networks", _, "labels", ..] if gone => Some(POLICY_LABELS),
        ["networks", key, ..] if gone && !is_used(stack, key) => Some(NOBODY),
        ["services", name, "networks", ..] if shares_pod(stack, name) => Some(PODS),
        ["networks", ..] | ["services", _, "networks", ..] if gone => networks(stack),
        ["services", _, "security", "network_mode"] if gone && left.and_then(Node::as_str) == Some("none") => {
            Some(CLOSED)
        }
        ["services", name, rest @ ..] if of_order(rest) && shares_pod(stack, name) => Some(PODS),
        ["services", _, "depends_on", _, "required"] if gone => Some(REQUIRED),
        ["services", name, "depends_on", _, "restart"] if gone && ends(stack, name) => Some(ANEW),
        ["services", name, "depends_on"] if gone && !waits(stack, name, None) => Some(ORDER),
        ["services", name, "depends_on", other] if gone && !waits(stack, name, Some(other)) => Some(ORDER),
        ["services", name, "restart"] => restart(stack, name, left, right),
        ["services", _, "workload", "retries"] if left.is_none() => Some(RETRIED),
        ["services", _, "ports", _, "published", ..] if gone => Some(PUBLISHED),
        ["services", name, "ports", _] if gone => {
            (stack.services.get(*name)?.ports.len() > tranship_kube::lower::MOST_PORTS).then_some(MANY_PORTS)
        }
        ["services", name, "labels", ..] if gone => labels(stack, name, left).then_some(LABELS),
        ["services", _, "annotations", ..] => come_from_labels(stack, right).then_some(LABELS),
        ["services", _, "health", "start_period" | "start_interval"] if gone => Some(STARTED),
        ["services", name, "replicas"] if gone && is_scaled(stack, name) => Some(SCALED),
        ["services", name, "operations", "started"] if left.is_none() && has_start_period(stack, name) => Some(STARTED),
        ["services", _, "operations", "refreshed"] if gone => Some(UNMARKED),
        ["services", name, "rollout", "delay" | "monitor"] if settled(stack, name, right) => Some(SETTLED),
        ["name"] => (namespace(left) == namespace(right)).then_some(NAMESPACE),
        ["said", ..] | ["services" | "volumes" | "configs" | "secrets", _, "said", ..] if gone => Some(SAID),
        ["configs" | "secrets", _, "labels", ..] if gone => Some(FILE_LABELS),
        ["services", name, "replicas"] if gone && runs(stack, name, left) => Some(COMPLETIONS),
        ["services", name, "process", "stop_grace"] => grace(stack, name, right).then_some(SECONDS),
        ["services", _, "process", "command"] if gone && left.and_then(Node::as_str) == Some("cleared") => {
            Some(NO_WORDS)
        }
        ["services", name, "platform"] => platform(stack, name, left, right).then_some(PLATFORM),
        ["services", _, "ports", _, "name"] if gone => {
            let legal = |name: &str| tranship_kube::names::is_legal(name, 63);
            (!left.and_then(Node::as_str).is_some_and(legal)).then_some(PORT_NAME)
        }
        ["services", name, "resources", kind @ ("memory_reserved" | "cpu_reserved")] => {
            at_limit(stack, name, kind, right).then_some(AT_LIMIT)
        }
        ["services", _, "placement", "spread", ..] => {
            let label = |node: Option<&Node>| {
                node.and_then(Node::as_str).map(|text| text.trim_start_matches("node.labels.").to_owned())
            };
            (label(left) == label(right)).then_some(TOPOLOGY)
        }
        ["services", name, "hooks", "pre_start", number, rest @ ..] => before(stack, name, number, rest, right),
        ["services", name, "hooks", ..] => one_command(stack, name).then_some(ONE_COMMAND),
        [kind @ ("configs" | "secrets"), name, "files", _, "mode"] => {
            asked_mode(stack, kind, name, right).then_some(FILE_MODE)
        }
        ["services", _, "health", "test"] if reads_variable(right) => Some(COVERED),
        ["services", _, "health", key] => health(key, left, right),
        ["services", name, "process", "user"] if numbered(stack, name, left, right) => Some(NUMBERED),
        ["services", name, "process", "groups", ..] if numbered(stack, name, left, right) => Some(NUMBERED),
        ["services", _, "process", "user"] => {
            let root = |text: &str| text == "root" || text.starts_with("root:");
            (left.and_then(Node::as_str).is_some_and(root) && right.and_then(Node::as_str) == Some("0")).then_some(ROOT)
        }
        ["services", name, "process", "stop_signal"] if gone => {
            let image = stack.services.get(*name)?.image_facts.as_ref()?;
            let own = image.stop_signal.as_ref().map(|signal| signal.value.as_str());
            (own == left.and_then(Node::as_str)).then_some(OF_IMAGE)
        }
        ["services", name, "process", "entrypoint" | "command"] => cleared(stack, name).then_some(CLEARED),
        ["services", name, "mounts", target, rest @ ..] => mount(stack, name, target, rest, left, right),
        ["services", _, "replicas"] if left.and_then(Node::as_int) == Some(1) && gone => Some(ONE),
        ["services", _, "rollout", ..] if left.is_none() => Some(STRATEGY),
        ["services", name, rest @ ..] if is_the_pods(rest) && lives_elsewhere(stack, name) => Some(PODS),
        ["services", name, "aliases"] if has_guests(stack, name) => Some(PODS),
        ["services", name] if left.is_some() != right.is_some() => renamed(stack, name).then_some(RENAMED),
        ["volumes", name] if gone => {
            let external = stack.volumes.get(*name)?.external.as_ref().is_some_and(|external| external.value);
            external.then_some(EXTERNAL)
        }
        ["volumes", _, "labels", ..] if gone => Some(CLAIM_LABELS),
        ["volumes", _, "driver"] if gone && left.and_then(Node::as_str) == Some("local") => Some(ENGINE),
        ["configs" | "secrets", _] if left.is_none() && has_external(stack) => Some(EXTERNAL),
        ["configs", name] => blob(stack, name, stack.configs.get(*name).map(|blob| &blob.content), right),
        ["secrets", name] => blob(stack, name, stack.secrets.get(*name).map(|blob| &blob.content), right),
        _ => None,
    }
}

/// Whether a service's check says how long its start may take.
fn has_start_period(stack: &Stack, name: &str) -> bool {
    let health = stack.services.get(name).map(|service| &service.health);
    matches!(health, Some(Health::Check(check)) if check.start_period.is_some())
}

/// Whether it is about what has to be there before a pod's containers start.
fn of_order(rest: &[&str]) -> bool {
    matches!(rest, ["depends_on", ..] | ["operations", "waits", ..] | ["operations"])
}

fn shares_pod(stack: &Stack, name: &str) -> bool {
    lives_elsewhere(stack, name) || has_guests(stack, name)
}

fn ends(stack: &Stack, name: &str) -> bool {
    stack.services.get(name).is_some_and(|service| service.workload.value.ends())
}

/// Whether a service waits for another, or for any.
fn waits(stack: &Stack, name: &str, other: Option<&&str>) -> bool {
    let all = stack.services.get(name).map(|service| service.operations.waits.as_slice()).unwrap_or_default();
    all.iter().any(|wait| other.is_none_or(|other| wait.value.service == **other))
}

/// Why networks do not come back, where they cannot.
fn networks(stack: &Stack) -> Option<&'static str> {
    match stack.isolation.as_ref().map(|isolation| &isolation.value.calls) {
        None => Some(NETWORKS),
        Some(Calls::Named(_)) => Some(ONE_BY_ONE),
        Some(Calls::Shared) => None,
    }
}

fn is_used(stack: &Stack, network: &str) -> bool {
    stack.services.values().flat_map(|service| &service.networks).any(|attachment| attachment.network == network)
}

/// Parts of a service that are its pod's, once for all containers.
const THE_PODS: &[&[&str]] = &[
    &["aliases"],
    &["dns"],
    &["operations", "disruption"],
    &["operations", "refreshed"],
    &["operations", "scaling"],
    &["domainname"],
    &["hostname"],
    &["hosts"],
    &["networks"],
    &["operations", "account"],
    &["placement"],
    &["platform"],
    &["process", "groups"],
    &["process", "stop_grace"],
    &["replicas"],
    &["restart"],
    &["rollout"],
    &["runtime"],
    &["security", "ipc"],
    &["security", "network_mode"],
    &["security", "pid"],
    &["security", "sysctls"],
    &["security", "userns"],
    &["security", "uts"],
    &["workload"],
];

fn is_the_pods(rest: &[&str]) -> bool {
    THE_PODS.iter().any(|part| rest.starts_with(part))
}

/// Services and containers whose namespaces a service lives in.
fn homes(service: &Service) -> impl Iterator<Item = &str> {
    let Security { network_mode, pid, ipc, .. } = &service.security;
    let modes = [network_mode, pid, ipc].into_iter().flatten();
    modes.filter_map(|mode| mode.value.split_once(':')).map(|(_, other)| other)
}

fn lives_elsewhere(stack: &Stack, name: &str) -> bool {
    stack.services.get(name).is_some_and(|service| homes(service).next().is_some())
}

fn has_guests(stack: &Stack, name: &str) -> bool {
    let Some(home) = stack.services.get(name) else { return false };
    let is_home = |other: &str| other == name || home.aliases.iter().any(|alias| alias.value == other);
    stack.services.values().any(|service| homes(service).any(is_home))
}

fn restart(stack: &Stack, name: &str, left: Option<&Node>, right: Option<&Node>) -> Option<&'static str> {
    let task = matches!(stack.services.get(name)?.workload.value, Workload::Task { .. });
    let retried = right.and_then(Node::as_str).is_some_and(|text| text.starts_with("on-failure:"));
    match (task, left, right) {
        (true, _, Some(_)) if retried => Some(RETRIED),
        (false, Some(_), None) => Some(RESTARTED),
        _ => None,
    }
}

/// Whether all labels of a service have a place among annotations; which they are is compared there.
fn labels(stack: &Stack, name: &str, left: Option<&Node>) -> bool {
    left.is_some() && stack.services.contains_key(name)
}

/// Whether every annotation was a label or an annotation of a service.
fn come_from_labels(stack: &Stack, right: Option<&Node>) -> bool {
    let known = |key: &str, value: &Node| {
        let text = value.as_str().unwrap_or_default();
        let services = stack.services.values();
        services.flat_map(|s| s.labels.iter().chain(&s.annotations)).any(|(k, v)| k == key && v.value == text)
    };
    match right.map(|node| (node.as_map(), node)) {
        Some((Some(map), _)) => map.iter().all(|(key, value)| known(&key.text, value)),
        Some((None, node)) => {
            let text = node.as_str().unwrap_or_default();
            let mut services = stack.services.values();
            services.any(|s| s.labels.iter().chain(&s.annotations).any(|(_, v)| v.value == text))
        }
        None => false,
    }
}

/// Whether the number of a service's replicas follows the load.
fn is_scaled(stack: &Stack, name: &str) -> bool {
    stack.services.get(name).is_some_and(|service| service.operations.scaling.is_some())
}

/// Whether a check is run by a shell that puts a variable in.
fn reads_variable(right: Option<&Node>) -> bool {
    let line = right.and_then(Node::as_str);
    let last = || right.and_then(Node::as_seq).and_then(|words| words.last()?.as_str());
    line.or_else(last).is_some_and(|line| line.starts_with("exec ") || line.contains("${"))
}

/// What a hook before the start says and its init container does not have to: the same as the service's own container.
fn before(stack: &Stack, name: &str, number: &str, rest: &[&str], right: Option<&Node>) -> Option<&'static str> {
    let service = stack.services.get(name)?;
    let hook = service.hooks.pre_start.get(number.parse::<usize>().ok()?)?;
    let numeric = |user: &str| user.split(':').all(|part| part == "root" || part.parse::<u32>().is_ok());
    match rest {
        ["image"] if right.is_none() => {
            let own = service.image.as_ref().map(|image| &image.value);
            (hook.image.as_ref() == own).then_some(OWN_IMAGE)
        }
        ["user"] if right.is_none() => hook.user.as_deref().is_some_and(|user| !numeric(user)).then_some(BY_NAME),
        ["env", ..] if hook.env.iter().all(|(_, value)| value.is_none()) => Some(UNSET),
        _ => None,
    }
}

/// Whether a hook says where it runs or with which variables.
fn one_command(stack: &Stack, name: &str) -> bool {
    let Some(service) = stack.services.get(name) else { return false };
    let mut hooks = service.hooks.post_start.iter().chain(&service.hooks.pre_stop);
    let several = |hooks: &[tranship_model::Hook]| hooks.len() > 1;
    several(&service.hooks.post_start)
        || several(&service.hooks.pre_stop)
        || hooks.any(|hook| {
            let words: Vec<&str> = hook.command.iter().map(String::as_str).collect();
            hook.working_dir.is_some()
                || !hook.env.is_empty()
                || !tranship_model::credential::in_words(&words).is_empty()
        })
}

/// Whether the mode is the one that a mount of the file asks for.
fn asked_mode(stack: &Stack, kind: &str, name: &str, right: Option<&Node>) -> bool {
    let right = right.and_then(Node::as_str).unwrap_or_default();
    let mut mounts = stack.services.values().flat_map(|service| &service.mounts);
    mounts.any(|mount| match (&mount.source, kind) {
        (MountSource::Config(mount), "configs") | (MountSource::Secret(mount), "secrets") => {
            mount.blob == name && mount.mode.is_some_and(|mode| format!("{:04o}", mode & 0o777) == right)
        }
        _ => false,
    })
}

fn health(key: &str, left: Option<&Node>, right: Option<&Node>) -> Option<&'static str> {
    let text = |node: Option<&Node>| node.and_then(Node::as_str).map(str::to_owned);
    let milliseconds = |node| text(node)?.strip_suffix("ms")?.parse::<u64>().ok();
    let default = match key {
        "interval" | "timeout" => right.and_then(Node::as_str) == Some("30000ms"),
        "retries" => right.and_then(Node::as_int) == Some(3),
        _ => false,
    };
    if left.is_none() && default {
        return Some(DEFAULTS);
    }
    match key {
        "test" => {
            let words = left?.as_seq()?;
            let [shell, flag, line] = words else { return None };
            let is_shell = matches!(shell.as_str(), Some("sh" | "/bin/sh")) && flag.as_str() == Some("-c");
            (is_shell && line.as_str() == right?.as_str()).then_some(SHELL)
        }
        // A probe counts in whole seconds.
        "interval" | "timeout" => {
            let (left, right) = (milliseconds(left)?, milliseconds(right)?);
            (right >= left && right - left < 1000).then_some(PERIODS)
        }
        _ => None,
    }
}

/// Whether the entrypoint is cleared, so that what is left is one argv.
fn cleared(stack: &Stack, name: &str) -> bool {
    let entrypoint = stack.services.get(name).and_then(|service| service.process.entrypoint.as_ref());
    entrypoint.is_some_and(|words| words.value.concat().is_empty())
}

fn mount(
    stack: &Stack,
    name: &str,
    target: &str,
    rest: &[&str],
    left: Option<&Node>,
    right: Option<&Node>,
) -> Option<&'static str> {
    let mount = stack.services.get(name)?.mounts.iter().find(|mount| mount.target == target)?;
    match (rest, &mount.source) {
        (["read_only"], MountSource::Config(_) | MountSource::Secret(_)) if right.is_none() => Some(READ_ONLY),
        (["mode" | "uid" | "gid"], MountSource::Config(_) | MountSource::Secret(_)) if right.is_none() => {
            Some(FILE_MODE)
        }
        (["mode"], MountSource::Scratch { .. }) if right.is_none() => Some(EMPTY_MODE),
        (["nocopy"], MountSource::Volume { volume, .. }) => {
            let of_machine = stack.volumes.get(volume).is_some_and(|volume| volume.host_path.is_some());
            Some(if of_machine { HIDDEN } else { COPIED })
        }
        (["volume"], MountSource::Volume { volume, .. }) => {
            let external = stack.volumes.get(volume)?.external.as_ref().is_some_and(|external| external.value);
            (external && left.is_some() && right.is_some()).then_some(EXTERNAL)
        }
        (["config"], MountSource::Config(blob)) => is_external(stack.configs.get(&blob.blob)?).then_some(EXTERNAL),
        (["secret"], MountSource::Secret(blob)) => is_external(stack.secrets.get(&blob.blob)?).then_some(EXTERNAL),
        ([], MountSource::Config(blob)) if right.is_none() => {
            is_absent(stack.configs.get(&blob.blob)?).then_some(ABSENT)
        }
        ([], MountSource::Secret(blob)) if right.is_none() => {
            is_absent(stack.secrets.get(&blob.blob)?).then_some(ABSENT)
        }
        _ => None,
    }
}

fn is_absent(blob: &tranship_model::Blob) -> bool {
    matches!(blob.content, BlobContent::Absent(_))
}

fn blob(stack: &Stack, name: &str, content: Option<&BlobContent>, right: Option<&Node>) -> Option<&'static str> {
    if right.is_some() {
        return None;
    }
    let uses = |source: &MountSource| match source {
        MountSource::Config(mount) | MountSource::Secret(mount) => mount.blob == name,
        _ => false,
    };
    let mounted = stack.services.values().flat_map(|service| &service.mounts).any(|mount| uses(&mount.source));
    match content? {
        BlobContent::Absent(_) => Some(ABSENT),
        _ if !mounted => Some(UNUSED),
        BlobContent::External => Some(EXTERNAL),
        BlobContent::Files(_) => None,
    }
}

/// Whether a service lives in another's pod under a name that had to change.
fn renamed(stack: &Stack, name: &str) -> bool {
    let illegal = |name: &str| !tranship_kube::names::is_legal(name, 52);
    let nearest = |own: &String| tranship_kube::names::label(own) == name;
    illegal(name) || stack.services.keys().any(|own| illegal(own) && nearest(own))
}
