//! Deployments, StatefulSets, DaemonSets and Jobs as services.

use std::time::Duration;

use tranship_model::{
    Build, Dns, Operations, Overlap, Placement, Restart, Role, Rollout, Schedule, Service, Stack, Traced, Workload,
};
use tranship_source::yaml::Node;

use super::read::{Part, scalar, template};
use super::{
    Lifting, account, container, covered, env, hooks, mounts, operations, origin, pod, probe, service, source_name,
    waits,
};
use crate::object::Object;

/// Reads a workload as a service; what its mounts hold goes to the stack.
pub(crate) fn lift(cx: &mut Lifting<'_>, object: &Object, stack: &mut Stack) -> Service {
    let (spec, pod, path) = parts(object);
    let inner = Part { object, node: pod.list("containers").first(), path };
    let kind = kind(object, &spec);
    let mut resources = container::resources(&inner);
    let env = env::lift(cx, &inner);
    let mounts = mounts::lift(cx, object, &spec, &pod, &inner, stack, &mut resources);
    let (hosts, dns) = pod::names(&pod);
    let waits = waits::lift(cx, &pod);
    Service {
        name: source_name(object),
        origin: origin(object, "metadata.name", &object.tree),
        product: None,
        role: Traced::decided(Role::App, "unknown-role", "a manifest does not say what part a workload plays"),
        image: inner.text("image"),
        build: None::<Build>,
        image_facts: None,
        said: None,
        pull: container::pull(&inner),
        platform: pod::platform(&pod),
        runtime: pod.text("runtimeClassName"),
        workload: Traced::new(kind, origin(object, "kind", &object.tree)),
        schedule: schedule(object),
        replicas: replicas(&spec, kind),
        process: container::process(&pod, &inner, &env),
        mounts,
        ports: service::ports(cx, object, &inner),
        aliases: service::aliases(cx, object),
        hostname: pod.text("hostnameOverride").or_else(|| pod.text("hostname")),
        domainname: None,
        networks: Vec::new(),
        health: probe::lift(&inner, &env),
        depends_on: waits::dependencies(cx, object, &waits),
        resources,
        security: pod::security(&pod, &inner),
        hosts,
        dns,
        rollout: rollout(&spec),
        restart: restart(&spec, kind),
        placement: placement(&pod),
        labels: Vec::new(),
        annotations: annotations(object),
        hooks: hooks::lift(cx, &pod, &inner, &env),
        env: covered::without(env),
        operations: Operations {
            account: account::lift(cx, object, &pod),
            waits,
            ..operations::lift(cx, object, &inner)
        },
    }
}

/// The section that has a workload's pods, their template, and where the containers of that stand.
fn parts(object: &Object) -> (Part<'_>, Part<'_>, &'static str) {
    let (steps, of_spec, of_pod, containers): (&[&str], _, _, _) = if object.kind() == "CronJob" {
        let of_pod = "spec.jobTemplate.spec.template.spec";
        let containers = "spec.jobTemplate.spec.template.spec.containers";
        (&["spec", "jobTemplate", "spec"], "spec.jobTemplate.spec", of_pod, containers)
    } else {
        (&["spec"], "spec", "spec.template.spec", "spec.template.spec.containers")
    };
    let spec = Part { object, node: object.get(steps), path: of_spec };
    let pod = Part { object, node: spec.get("template.spec"), path: of_pod };
    (spec, pod, containers)
}

/// The other containers of a workload's pod as services that live in the first one's network.
pub(crate) fn guests(cx: &mut Lifting<'_>, object: &Object, stack: &mut Stack) -> Vec<Service> {
    let (spec, pod, path) = parts(object);
    let containers = pod.list("containers").get(1..).unwrap_or_default();
    let inner = |node| Part { object, node: Some(node), path };
    containers.iter().filter_map(|node| guest(cx, object, &spec, &pod, &inner(node), stack)).collect()
}

fn guest(
    cx: &mut Lifting<'_>,
    object: &Object,
    spec: &Part<'_>,
    pod: &Part<'_>,
    inner: &Part<'_>,
    stack: &mut Stack,
) -> Option<Service> {
    let node = inner.node?;
    let name = node.get("name")?.as_str()?.to_owned();
    // What stands at the pod is the first container's.
    let alone = Part { node: None, ..*pod };
    let from = origin(object, inner.path, node);
    let joined = |word: String| Some(Traced::new(word, from.clone()));
    let host = source_name(object);
    let mut resources = container::resources(inner);
    let env = env::lift(cx, inner);
    let mounts = mounts::lift(cx, object, spec, pod, inner, stack, &mut resources);
    let mut security = pod::security(&alone, inner);
    security.network_mode = joined(format!("service:{host}"));
    security.pid = pod.flag("shareProcessNamespace").filter(|on| on.value).and(joined(format!("service:{host}")));
    Some(Service {
        name,
        origin: from.clone(),
        product: None,
        role: Traced::decided(Role::App, "unknown-role", "a manifest does not say what part a workload plays"),
        image: inner.text("image"),
        build: None::<Build>,
        image_facts: None,
        said: None,
        pull: container::pull(inner),
        platform: None,
        runtime: None,
        workload: Traced::new(kind(object, spec), from),
        schedule: None,
        replicas: None,
        process: container::process(&alone, inner, &env),
        mounts,
        ports: service::ports(cx, object, inner),
        aliases: Vec::new(),
        hostname: None,
        domainname: None,
        networks: Vec::new(),
        health: probe::lift(inner, &env),
        depends_on: Vec::new(),
        resources,
        security,
        hosts: Vec::new(),
        dns: Dns::default(),
        rollout: Rollout::default(),
        restart: None,
        placement: Placement::default(),
        labels: Vec::new(),
        annotations: Vec::new(),
        hooks: hooks::lift(cx, pod, inner, &env),
        env: covered::without(env),
        operations: operations::of_container(inner),
    })
}

fn kind(object: &Object, spec: &Part<'_>) -> Workload {
    let number = |field: &str| spec.number(field).and_then(|n| u32::try_from(n.value).ok());
    match object.kind() {
        "StatefulSet" => Workload::Stateful,
        "DaemonSet" => Workload::PerNode,
        "CronJob" => Workload::Scheduled,
        "Job" => Workload::Task {
            completions: number("completions").unwrap_or(1),
            parallelism: number("parallelism").unwrap_or(1),
            retries: number("backoffLimit"),
        },
        _ => Workload::Stateless,
    }
}

/// How many replicas; one is what a service has without a word.
fn replicas(spec: &Part<'_>, kind: Workload) -> Option<Traced<u32>> {
    if !matches!(kind, Workload::Stateless | Workload::Stateful) {
        return None;
    }
    spec.read("replicas", |node| u32::try_from(node.as_int()?).ok()).filter(|replicas| replicas.value != 1)
}

/// The times of a CronJob. Without a zone they are the controller's own, which is taken to be UTC.
fn schedule(object: &Object) -> Option<Traced<Schedule>> {
    let spec = Part { object, node: object.get(&["spec"]), path: "spec" };
    let cron = spec.text("schedule").filter(|_| object.kind() == "CronJob")?;
    let overlap = match spec.text("concurrencyPolicy").as_ref().map(|policy| policy.value.as_str()) {
        Some("Forbid") => Overlap::Skip,
        Some("Replace") => Overlap::Replace,
        _ => Overlap::Allow,
    };
    let time_zone = spec.text("timeZone").map_or_else(|| "Etc/UTC".to_owned(), |zone| zone.value);
    Some(cron.map(|cron| Schedule { cron, time_zone, overlap, image_of: None }))
}

fn restart(spec: &Part<'_>, kind: Workload) -> Option<Traced<Restart>> {
    let Workload::Task { retries, .. } = kind else { return None };
    spec.read("backoffLimit", |_| Some(Restart::OnFailure { max: retries }))
}

/// Seconds of a field as a time.
pub(crate) fn seconds(part: &Part<'_>, field: &str) -> Option<Traced<Duration>> {
    part.number(field).map(|n| n.map(Duration::from_secs))
}

fn rollout(spec: &Part<'_>) -> Rollout {
    let surge =
        spec.get("strategy.rollingUpdate.maxSurge").or_else(|| spec.get("updateStrategy.rollingUpdate.maxSurge"));
    let gone = spec.get("strategy.rollingUpdate.maxUnavailable");
    let gone = gone.or_else(|| spec.get("updateStrategy.rollingUpdate.maxUnavailable"));
    let amount = |node: &Node| match scalar(node)?.as_str() {
        "100%" => Some(0),
        text => text.parse::<u64>().ok(),
    };
    let first = surge.is_some_and(|node| node.as_int() != Some(0));
    let moving = if first { surge } else { gone };
    let parallelism = moving.and_then(|node| Some(Traced::new(amount(node)?, spec.origin("strategy", node))));
    let start_first = surge.map(|node| Traced::new(first, spec.origin("strategy", node)));
    Rollout {
        parallelism,
        start_first,
        monitor: seconds(spec, "minReadySeconds").filter(|time| !time.value.is_zero()),
        ..Rollout::default()
    }
}

fn placement(pod: &Part<'_>) -> Placement {
    let spread = |node: &Node| {
        let key = node.get("topologyKey")?.as_str()?.to_owned();
        Some(Traced::new(key, pod.origin("topologySpreadConstraints", node)))
    };
    Placement {
        constraints: pod::constraints(pod),
        spread: pod.list("topologySpreadConstraints").iter().filter_map(spread).collect(),
        max_per_node: pod.read("affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution", |_| Some(1)),
    }
}

/// Annotations of the pods, without tranship's own.
fn annotations(object: &Object) -> Vec<(String, Traced<String>)> {
    let map = template(object).and_then(|template| template.at(&["metadata", "annotations"])).and_then(Node::as_map);
    let one = |(key, node): (&tranship_source::yaml::Key, &Node)| {
        let own = key.text.starts_with("tranship.dev/");
        let value = Traced::new(scalar(node)?, origin(object, "spec.template.metadata.annotations", node));
        (!own).then(|| (key.text.clone(), value))
    };
    map.into_iter().flatten().filter_map(one).collect()
}
