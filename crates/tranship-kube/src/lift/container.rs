//! The container's process and resources.

use tranship_model::{Device, EnvValue, EnvVar, Process, PullPolicy, Resources, Traced, User};
use tranship_source::yaml::Node;

use super::quantity::{bytes, milli};
use super::read::{Part, scalar};
use super::workload::seconds;
use crate::launch::expand::expand;

/// argv, working directory, user, terminal.
pub(crate) fn process(pod: &Part<'_>, container: &Part<'_>, env: &[EnvVar]) -> Process {
    let words = |node: &Node| {
        let words = node.as_seq()?.iter().filter_map(scalar);
        Some(words.map(|word| expanded(word, env)).collect::<Vec<String>>())
    };
    let context = |field: &str| {
        let own = format!("securityContext.{field}");
        container.read(&own, Node::as_int).or_else(|| pod.read(&own, Node::as_int))
    };
    let group = context("runAsGroup").map(|gid| gid.value.to_string());
    let user = context("runAsUser").map(|uid| uid.map(|uid| User { user: uid.to_string(), group }));
    Process {
        entrypoint: container.read("command", words),
        command: container.read("args", words),
        working_dir: container.text("workingDir"),
        user,
        groups: pod.texts("securityContext.supplementalGroups"),
        tty: container.flag("tty"),
        stdin: container.flag("stdin"),
        init: pod.flag("shareProcessNamespace").filter(|on| on.value && pod.list("containers").len() == 1),
        stop_signal: container.text("lifecycle.stopSignal"),
        stop_grace: seconds(pod, "terminationGracePeriodSeconds").map(|grace| {
            let drain = seconds(container, "lifecycle.preStop.sleep.seconds").map(|time| time.value);
            grace.map(|time| time.saturating_sub(drain.unwrap_or_default()))
        }),
    }
}

/// A word as the kubelet expands it, with the values of variables that are at hand.
pub(crate) fn expanded(word: String, env: &[EnvVar]) -> String {
    let value = |name: &str| match &env.iter().find(|var| var.name == name)?.value.value {
        EnvValue::Plain(text) => Some(text.as_str()),
        EnvValue::Secret { value, because: _ } => Some(value.expose().as_str()),
        EnvValue::Elsewhere { .. } | EnvValue::Unset => None,
    };
    expand(word.into(), &value).into_owned()
}

/// When the image is fetched.
pub(crate) fn pull(container: &Part<'_>) -> Option<Traced<PullPolicy>> {
    container.read("imagePullPolicy", |node| {
        Some(match node.as_str()? {
            "Always" => PullPolicy::Always,
            "IfNotPresent" => PullPolicy::IfNotPresent,
            "Never" => PullPolicy::Never,
            _ => return None,
        })
    })
}

/// Amounts and devices.
pub(crate) fn resources(container: &Part<'_>) -> Resources {
    let amount = |field: &str, read: fn(&str) -> Option<u64>| container.read(field, |node| read(&scalar(node)?));
    let limits = container.get("resources.limits").and_then(Node::as_map);
    let devices = limits.into_iter().flatten().filter_map(|(key, node)| {
        let driver = match key.text.as_str() {
            "nvidia.com/gpu" => "nvidia",
            "amd.com/gpu" => "amd",
            "gpu.intel.com/i915" => "intel",
            _ => return None,
        };
        let count = scalar(node).and_then(|text| text.parse::<i64>().ok());
        Some(Device {
            origin: container.origin("resources.limits", node),
            driver: Some(driver.to_owned()),
            count,
            ids: Vec::new(),
            capabilities: vec!["gpu".to_owned()],
            options: Vec::new(),
        })
    });
    Resources {
        cpu_limit: amount("resources.limits.cpu", milli),
        cpu_reserved: amount("resources.requests.cpu", milli),
        memory_limit: amount("resources.limits.memory", bytes),
        memory_reserved: amount("resources.requests.memory", bytes),
        disk_limit: amount("resources.limits.ephemeral-storage", bytes),
        disk_reserved: amount("resources.requests.ephemeral-storage", bytes),
        devices: devices.collect(),
        ..Resources::default()
    }
}
