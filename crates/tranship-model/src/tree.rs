//! A stack as a tree of plain data, for comparing and printing.
//!
//! Two stacks that mean the same give equal trees. What only explains (origins, products, roles, why a mount is what it
//! is) and what only one platform knows (how an image is built) is left out. Secret values stand as keyed digests.

use std::time::Duration;

use tranship_source::yaml::{Key, Map, Node};

use crate::credential::{self, Found};
use crate::exposure::{Exposure, PathMatch, Route, Tls};
use crate::health::{Check, Health, Test};
use crate::isolation::{Call, Caller, Calls, Entry, Isolation};
use crate::mount::{Blob, BlobContent, BlobMount, Mount, MountSource, Volume};
use crate::network::{Attachment, Dns, HostEntry, Network, Port, Published};
use crate::operations::{Account, Ask, Metrics, Operations, Question, Right, Scaling, Until, Wait};
use crate::origin::Traced;
use crate::outside::Outside;
use crate::process::{EnvValue, EnvVar, Hook, Hooks, Process, User};
use crate::resources::{Device, Resources, Ulimit};
use crate::rollout::{Placement, Restart, Rollout};
use crate::said::{Field, Said};
use crate::schedule::{Overlap, Schedule};
use crate::security::Security;
use crate::service::{Condition, Dependency, PullPolicy, Service, Workload};
use crate::stack::Stack;

/// Turns a secret's bytes into what may be shown: a digest under a key, or a word.
pub type Digest<'a> = &'a dyn Fn(&[u8]) -> String;

/// Stands for a secret value that cannot be compared, because it is not at hand.
pub const NOT_AT_HAND: &str = "not at hand";

/// The tree of a stack.
pub fn tree(stack: &Stack, digest: Digest<'_>) -> Node {
    let Stack { name, services, volumes, networks, isolation, configs, secrets, outside, exposure, left_out: _, said } =
        stack;
    let services = services.iter().map(|(key, service)| (key, service_tree(service, digest)));
    let blobs = |blobs: &indexmap::IndexMap<String, Blob>| {
        mapping(blobs.iter().map(|(key, blob)| (key, blob_tree(blob, digest))).collect::<Vec<_>>())
    };
    Fields::default()
        .put("name", name.value.as_str())
        .put("services", mapping(services))
        .put("volumes", mapping(volumes.iter().map(|(key, volume)| (key, volume_tree(volume, digest)))))
        .put("networks", mapping(networks.iter().map(|(key, network)| (key, network_tree(network, digest)))))
        .maybe("isolation", isolation.as_ref().map(|traced| isolation_tree(&traced.value)))
        .put("configs", blobs(configs))
        .put("secrets", blobs(secrets))
        .put("outside", mapping(outside.iter().map(|(name, outside)| (name, outside_tree(outside)))))
        .put("exposure", exposure_tree(exposure))
        .maybe("said", said_tree(said.as_deref()))
        .node()
}

fn outside_tree(outside: &Outside) -> Node {
    let Outside { origin: _, host, port, called_at: _ } = outside;
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    Node::from(host.to_ascii_lowercase() + &port)
}

fn exposure_tree(exposure: &Exposure) -> Node {
    let Exposure { routes, closed: _, way, class, tls } = exposure;
    let route = |Traced { value, origin: _ }: &Traced<Route>| {
        let Route { service, port, host, path, replace, redirect, outside } = value;
        let exact = if matches!(path, PathMatch::Exact(_)) { " alone" } else { "" };
        let key = format!("{}{}{exact}", host.as_deref().unwrap_or("*"), path.text());
        let key = if way.as_ref().is_some_and(|way| way.value.reads_requests()) {
            key
        } else {
            format!("{key} to {service}:{port}")
        };
        let node = Fields::default()
            .put("to", format!("{service}:{port}"))
            .maybe("replace", replace.as_deref())
            .maybe("redirect", redirect.then_some(true))
            .maybe("outside", outside.map(i64::from));
        (key, node.node())
    };
    let tls = tls.as_ref().map(|tls| match &tls.value {
        Tls::Secret(name) => format!("secret {name}"),
        Tls::Issuer { name, cluster_wide: true, email: _ } => format!("cluster issuer {name}"),
        Tls::Issuer { name, cluster_wide: false, email: _ } => format!("issuer {name}"),
    });
    Fields::default()
        .maybe("way", way.as_ref().map(|way| way.value.as_str()))
        .text("class", class.as_ref())
        .maybe("tls", tls)
        .put("routes", mapping(routes.iter().map(route).collect::<Vec<_>>()))
        .node()
}

fn service_tree(service: &Service, digest: Digest<'_>) -> Node {
    let Service {
        name: _,
        origin: _,
        product: _,
        role: _,
        image,
        build: _,
        image_facts: _,
        pull,
        platform,
        runtime,
        workload,
        schedule,
        replicas,
        process,
        env,
        mounts,
        ports,
        aliases,
        hostname,
        domainname,
        networks,
        health,
        depends_on,
        resources,
        security,
        hosts,
        dns,
        rollout,
        restart,
        placement,
        labels,
        annotations,
        hooks,
        operations,
        said,
    } = service;
    Fields::default()
        .text("image", image.as_ref())
        .maybe("pull", pull.as_ref().map(|pull| pull_word(pull.value)))
        .text("platform", platform.as_ref())
        .text("runtime", runtime.as_ref())
        .put("workload", workload_tree(workload.value))
        .maybe("schedule", schedule.as_ref().map(|schedule| schedule_tree(&schedule.value)))
        .maybe("replicas", replicas.as_ref().map(|r| i64::from(r.value)))
        .put("process", process_tree(process, digest))
        .put("env", env_tree(env, digest))
        .put("mounts", mapping(mounts.iter().map(|mount| (&mount.target, mount_tree(mount)))))
        .put("ports", mapping(ports.iter().map(port_tree)))
        .put("aliases", sorted(aliases.iter().map(|alias| alias.value.clone())))
        .text("hostname", hostname.as_ref())
        .text("domainname", domainname.as_ref())
        .put("networks", sorted(networks.iter().map(|Attachment { network, origin: _ }| network.clone())))
        .put("health", health_tree(health, digest))
        .put("depends_on", mapping(depends_on.iter().map(dependency_tree)))
        .put("resources", resources_tree(resources))
        .put("security", security_tree(security))
        .put("hosts", sorted(hosts.iter().map(|HostEntry { origin: _, name, address }| format!("{name} {address}"))))
        .put("dns", dns_tree(dns))
        .put("rollout", rollout_tree(rollout))
        .maybe("restart", restart.as_ref().map(|restart| restart_word(&restart.value)))
        .put("placement", placement_tree(placement))
        .put("labels", pairs(labels, digest))
        .put("annotations", pairs(annotations, digest))
        .put("hooks", hooks_tree(hooks, digest))
        .put("operations", operations_tree(operations))
        .maybe("said", said_tree(said.as_deref()))
        .node()
}

fn pull_word(pull: PullPolicy) -> &'static str {
    match pull {
        PullPolicy::Always => "always",
        PullPolicy::IfNotPresent => "if-not-present",
        PullPolicy::Never => "never",
        PullPolicy::Build => "build",
    }
}

fn schedule_tree(schedule: &Schedule) -> Node {
    let Schedule { cron, time_zone, overlap, image_of: _ } = schedule;
    let overlap = match overlap {
        Overlap::Allow => "allow",
        Overlap::Skip => "skip",
        Overlap::Replace => "replace",
    };
    Fields::default().put("cron", cron.as_str()).put("time_zone", time_zone.as_str()).put("overlap", overlap).node()
}

fn workload_tree(workload: Workload) -> Node {
    match workload {
        Workload::Stateless => "stateless".into(),
        Workload::Stateful => "stateful".into(),
        Workload::PerNode => "per-node".into(),
        Workload::Scheduled => "scheduled".into(),
        Workload::Task { completions, parallelism, retries } => Fields::default()
            .put("completions", i64::from(completions))
            .put("parallelism", i64::from(parallelism))
            .maybe("retries", retries.map(i64::from))
            .node(),
    }
}

fn process_tree(process: &Process, digest: Digest<'_>) -> Node {
    let Process { entrypoint, command, working_dir, user, groups, tty, stdin, init, stop_signal, stop_grace } = process;
    let user = user.as_ref().map(|user| {
        let User { user, group } = &user.value;
        group.as_ref().map_or_else(|| user.clone(), |group| format!("{user}:{group}"))
    });
    Fields::default()
        .maybe("entrypoint", entrypoint.as_ref().map(|words| argv(&words.value, digest)))
        .maybe("command", command.as_ref().map(|words| argv(&words.value, digest)))
        .text("working_dir", working_dir.as_ref())
        .maybe("user", user)
        .put("groups", sorted(groups.iter().map(|group| group.value.clone())))
        .flag("tty", tty.as_ref())
        .flag("stdin", stdin.as_ref())
        .flag("init", init.as_ref())
        .text("stop_signal", stop_signal.as_ref())
        .time("stop_grace", stop_grace.as_ref())
        .node()
}

/// Words that clear what the image has are not the same as no word on it.
fn argv(words: &[String], digest: Digest<'_>) -> Node {
    if words.is_empty() { "cleared".into() } else { command_tree(words, digest) }
}

fn env_tree(env: &[EnvVar], digest: Digest<'_>) -> Node {
    let one = |EnvVar { name, value }: &EnvVar| match &value.value {
        EnvValue::Plain(text) => Some((name.clone(), Node::from(text.as_str()))),
        EnvValue::Secret { value, because: _ } => {
            Some((name.clone(), Node::from([("secret", digest(value.expose().as_bytes()).into())])))
        }
        EnvValue::Elsewhere { .. } => Some((name.clone(), Node::from([("secret", NOT_AT_HAND.into())]))),
        EnvValue::Unset => None,
    };
    mapping(env.iter().filter_map(one).collect::<Vec<_>>())
}

fn mount_tree(mount: &Mount) -> Node {
    let Mount { origin: _, target: _, read_only, source, class: _ } = mount;
    let blob = |kind: &str, BlobMount { blob, file, mode, uid, gid }: &BlobMount| {
        Fields::default()
            .put(kind, blob.as_str())
            .maybe("file", file.as_deref())
            .maybe("mode", mode.map(|mode| format!("{mode:04o}")))
            .maybe("uid", uid.as_deref())
            .maybe("gid", gid.as_deref())
    };
    let fields = match source {
        MountSource::Volume { volume, subpath, fill } => Fields::default()
            .put("volume", volume.as_str())
            .maybe("subpath", subpath.as_deref())
            .maybe("fill", fill.value.then_some(true)),
        MountSource::Config(mount) => blob("config", mount),
        MountSource::Secret(mount) => blob("secret", mount),
        MountSource::Scratch { size, mode, memory, fill } => Fields::default()
            .put("scratch", if *memory { "memory" } else { "disk" })
            .maybe("size", size.map(number))
            .maybe("mode", mode.map(|mode| format!("{mode:04o}")))
            .maybe("fill", fill.value.then_some(true)),
        MountSource::Host { path, project_path, exists: _ } => {
            Fields::default().put("host", project_path.as_deref().unwrap_or(path))
        }
        MountSource::Image { image, subpath } => {
            Fields::default().put("image", image.as_str()).maybe("subpath", subpath.as_deref())
        }
    };
    fields.maybe("read_only", read_only.then_some(true)).node()
}

fn port_tree(port: &Port) -> (String, Node) {
    let Port { origin: _, container, protocol, name, app_protocol, published } = port;
    let published = published.as_ref().map(|Published { origin: _, port, host_ip, mode }| {
        Fields::default()
            .put("port", port.as_str())
            .maybe("host_ip", host_ip.as_deref())
            .maybe("mode", mode.as_deref())
            .node()
    });
    let node = Fields::default()
        .text("name", name.as_ref())
        .text("app_protocol", app_protocol.as_ref())
        .maybe("published", published)
        .node();
    (format!("{container}/{}", protocol.as_str()), node)
}

fn health_tree(health: &Health, digest: Digest<'_>) -> Node {
    match health {
        Health::Unsaid => "unsaid".into(),
        Health::Disabled(_) => "disabled".into(),
        Health::Check(check) => {
            let Check { origin: _, test, interval, timeout, retries, start_period, start_interval } = &**check;
            let test = test.as_ref().map(|test| match &test.value {
                Test::Exec(words) => command_tree(words, digest),
                Test::Shell(line) => text_tree(line, &credential::in_text(line), digest),
            });
            Fields::default()
                .maybe("test", test)
                .time("interval", interval.as_ref())
                .time("timeout", timeout.as_ref())
                .maybe("retries", retries.as_ref().map(|retries| number(retries.value)))
                .time("start_period", start_period.as_ref())
                .time("start_interval", start_interval.as_ref())
                .node()
        }
    }
}

fn dependency_tree(dependency: &Dependency) -> (String, Node) {
    let Dependency { service, origin: _, condition, restart, required } = dependency;
    let condition = match condition {
        Condition::Started => "started",
        Condition::Healthy => "healthy",
        Condition::Completed => "completed",
    };
    let node = Fields::default()
        .put("condition", condition)
        .maybe("restart", restart.then_some(true))
        .maybe("required", (!required).then_some(false))
        .node();
    (service.clone(), node)
}

fn resources_tree(resources: &Resources) -> Node {
    let Resources {
        cpu_limit,
        cpu_reserved,
        memory_limit,
        memory_reserved,
        disk_limit,
        disk_reserved,
        pids_limit,
        shm_size,
        ulimits,
        devices,
        device_files,
    } = resources;
    let amount = |value: &Option<Traced<u64>>| value.as_ref().map(|value| number(value.value));
    let ulimit = |Ulimit { origin: _, name, soft, hard }: &Ulimit| (name.clone(), Node::from(format!("{soft}:{hard}")));
    let device = |Device { origin: _, driver, count, ids, capabilities, options: _ }: &Device| {
        Fields::default()
            .maybe("driver", driver.as_deref())
            .maybe("count", *count)
            .put("ids", list(ids))
            .put("capabilities", list(capabilities))
            .node()
    };
    let file = |file: &Traced<(String, String, String)>| {
        let (host, inside, rights) = &file.value;
        Node::from(format!("{host}:{inside}:{rights}"))
    };
    Fields::default()
        .maybe("cpu_limit", amount(cpu_limit))
        .maybe("cpu_reserved", amount(cpu_reserved))
        .maybe("memory_limit", amount(memory_limit))
        .maybe("memory_reserved", amount(memory_reserved))
        .maybe("disk_limit", amount(disk_limit))
        .maybe("disk_reserved", amount(disk_reserved))
        .maybe("pids_limit", pids_limit.as_ref().map(|limit| limit.value))
        .maybe("shm_size", amount(shm_size))
        .put("ulimits", mapping(ulimits.iter().map(ulimit)))
        .put("devices", devices.iter().map(device).collect::<Vec<_>>())
        .put("device_files", device_files.iter().map(file).collect::<Vec<_>>())
        .node()
}

fn security_tree(security: &Security) -> Node {
    let Security {
        privileged,
        cap_add,
        cap_drop,
        read_only_root,
        non_root,
        no_new_privileges,
        seccomp,
        apparmor,
        selinux,
        sysctls,
        pid,
        ipc,
        network_mode,
        uts,
        userns,
    } = security;
    let words = |list: &[Traced<String>]| sorted(list.iter().map(|word| word.value.clone()));
    Fields::default()
        .flag("privileged", privileged.as_ref())
        .put("cap_add", words(cap_add))
        .put("cap_drop", words(cap_drop))
        .flag("read_only_root", read_only_root.as_ref())
        .flag("non_root", non_root.as_ref())
        .flag("no_new_privileges", no_new_privileges.as_ref())
        .text("seccomp", seccomp.as_ref())
        .text("apparmor", apparmor.as_ref())
        .put("selinux", words(selinux))
        .put("sysctls", mapping(sysctls.iter().map(|(name, value)| (name, Node::from(value.value.as_str())))))
        .text("pid", pid.as_ref())
        .text("ipc", ipc.as_ref())
        .text("network_mode", network_mode.as_ref())
        .text("uts", uts.as_ref())
        .text("userns", userns.as_ref())
        .node()
}

fn dns_tree(dns: &Dns) -> Node {
    let Dns { servers, search, options } = dns;
    let words = |list: &[Traced<String>]| list.iter().map(|word| Node::from(word.value.as_str())).collect::<Vec<_>>();
    Fields::default().put("servers", words(servers)).put("search", words(search)).put("options", words(options)).node()
}

fn rollout_tree(rollout: &Rollout) -> Node {
    let Rollout { parallelism, delay, monitor, start_first, failure_action, max_failure_ratio, back: _ } = rollout;
    Fields::default()
        .maybe("parallelism", parallelism.as_ref().map(|p| number(p.value)))
        .time("delay", delay.as_ref())
        .time("monitor", monitor.as_ref())
        .flag("start_first", start_first.as_ref())
        .text("failure_action", failure_action.as_ref())
        .maybe("max_failure_ratio", max_failure_ratio.as_ref().map(|ratio| ratio.value))
        .node()
}

fn restart_word(restart: &Restart) -> String {
    match restart {
        Restart::No => "no".to_owned(),
        Restart::Always => "always".to_owned(),
        Restart::UnlessStopped => "unless-stopped".to_owned(),
        Restart::OnFailure { max: None } => "on-failure".to_owned(),
        Restart::OnFailure { max: Some(max) } => format!("on-failure:{max}"),
    }
}

fn placement_tree(placement: &Placement) -> Node {
    let Placement { constraints, spread, max_per_node } = placement;
    Fields::default()
        .put("constraints", sorted(constraints.iter().map(|c| c.value.clone())))
        .put("spread", sorted(spread.iter().map(|s| s.value.clone())))
        .maybe("max_per_node", max_per_node.as_ref().map(|most| number(most.value)))
        .node()
}

fn hooks_tree(hooks: &Hooks, digest: Digest<'_>) -> Node {
    let Hooks { pre_start, post_start, pre_stop } = hooks;
    let one = |Hook { origin: _, command, image, user, working_dir, privileged, env }: &Hook| {
        let variable = |name: &str, value: &str| match credential::reason(name, value, None) {
            Some(_) => digest(value.as_bytes()).into(),
            None => Node::from(value),
        };
        let env = env.iter().map(|(name, value)| {
            (name, value.as_deref().map_or(Node::from(Map::default()), |value| variable(name, value)))
        });
        Fields::default()
            .put("command", command_tree(command, digest))
            .maybe("image", image.as_deref())
            .maybe("user", user.as_deref())
            .maybe("working_dir", working_dir.as_deref())
            .maybe("privileged", privileged.then_some(true))
            .put("env", mapping(env))
            .node()
    };
    let all = |hooks: &[Hook]| hooks.iter().map(one).collect::<Vec<_>>();
    Fields::default()
        .put("pre_start", all(pre_start))
        .put("post_start", all(post_start))
        .put("pre_stop", all(pre_stop))
        .node()
}

fn operations_tree(operations: &Operations) -> Node {
    let Operations { ready, live, started, scaling, disruption, drain, account, waits, refreshed, metrics } =
        operations;
    let question = |question: &Option<Traced<Question>>| question.as_ref().map(|traced| question_tree(&traced.value));
    let scale = |Scaling { min, max, cpu_percent }: Scaling| format!("{min} to {max} at {cpu_percent} %");
    let right =
        |Right { group, resources, verbs }: &Right| format!("{} {group}/{}", verbs.join(","), resources.join(","));
    let account = account.as_ref().map(|traced| {
        let Account { rights } = &traced.value;
        sorted(rights.iter().map(right))
    });
    let metrics = metrics.as_ref().map(|traced| {
        let Metrics { port, path } = &traced.value;
        format!("{port}{path}")
    });
    Fields::default()
        .maybe("ready", question(ready))
        .maybe("live", question(live))
        .maybe("started", question(started))
        .maybe("scaling", scaling.as_ref().map(|traced| scale(traced.value)))
        .maybe("disruption", disruption.as_ref().map(|traced| i64::from(traced.value)))
        .maybe("drain", drain.as_ref().map(|traced| time(traced.value)))
        .maybe("account", account)
        .put("waits", waits.iter().map(|traced| wait_tree(&traced.value)).collect::<Vec<_>>())
        .maybe("refreshed", refreshed.as_ref().filter(|traced| traced.value).map(|_| true))
        .maybe("metrics", metrics)
        .node()
}

fn time(time: Duration) -> String {
    format!("{}ms", time.as_millis())
}

fn question_tree(question: &Question) -> Node {
    let Question { ask, period, timeout, failures } = question;
    let ask = match ask {
        Ask::Exec(argv) => list(argv),
        Ask::Http { path, port } => Node::from(format!("http {port}{path}")),
        Ask::Tcp { port } => Node::from(format!("tcp {port}")),
    };
    Fields::default()
        .put("ask", ask)
        .put("period", time(*period))
        .put("timeout", time(*timeout))
        .put("failures", i64::from(*failures))
        .node()
}

fn wait_tree(wait: &Wait) -> Node {
    let Wait { service, until, image, patience } = wait;
    let until = match until {
        Until::Connects { port } => Node::from(format!("connects {port}")),
        Until::Answers { command } => list(command),
        Until::Ready => Node::from("ready"),
        Until::Completed => Node::from("completed"),
    };
    Fields::default()
        .put("service", service.as_str())
        .put("until", until)
        .put("image", image.as_str())
        .maybe("patience", patience.map(time))
        .node()
}

fn volume_tree(volume: &Volume, digest: Digest<'_>) -> Node {
    let Volume { origin: _, name: _, external, driver, driver_opts, labels, host_path: _, said } = volume;
    Fields::default()
        .flag("external", external.as_ref())
        .text("driver", driver.as_ref())
        .put("driver_opts", pairs(driver_opts, digest))
        .put("labels", pairs(labels, digest))
        .maybe("said", said_tree(said.as_deref()))
        .node()
}

fn network_tree(network: &Network, digest: Digest<'_>) -> Node {
    let Network { origin: _, name: _, external, internal, labels } = network;
    Fields::default()
        .flag("external", external.as_ref())
        .flag("internal", internal.as_ref())
        .put("labels", pairs(labels, digest))
        .node()
}

fn isolation_tree(isolation: &Isolation) -> Node {
    let Isolation { calls, entries, platform, open } = isolation;
    let port = |(port, protocol): &(u16, crate::network::Protocol)| format!("{port}/{}", protocol.as_str());
    let call = |Call { from, to, ports }: &Call| {
        let ports = if ports.is_empty() { "all".into() } else { sorted(ports.iter().map(port)) };
        (format!("{from} {to}"), ports)
    };
    let calls = match calls {
        Calls::Shared => Node::from("shared"),
        Calls::Named(calls) => mapping(calls.iter().map(call)),
    };
    let entry = |Entry { service, port, protocol, from, origin: _ }: &Entry| {
        let from = match from {
            Caller::Anyone => "anyone",
            Caller::Platform => "platform",
        };
        (format!("{service} {port}/{} {from}", protocol.as_str()), Node::from(true))
    };
    Fields::default()
        .put("calls", calls)
        .put("entries", mapping(entries.iter().map(entry)))
        .put("platform", sorted(platform.iter().cloned()))
        .put("open", sorted(open.iter().cloned()))
        .node()
}

fn blob_tree(blob: &Blob, digest: Digest<'_>) -> Node {
    let Blob { origin: _, name: _, content, labels, said } = blob;
    let fields = match content {
        BlobContent::External => Fields::default().put("files", NOT_AT_HAND),
        BlobContent::Absent(_) => Fields::default().put("absent", true),
        BlobContent::Files(files) => {
            let file = |file: &crate::mount::BlobFile| {
                let node = Fields::default()
                    .put("digest", digest(file.bytes.expose()))
                    .put("mode", format!("{:04o}", file.mode & 0o777));
                (file.path.clone(), node.node())
            };
            Fields::default().put("files", mapping(files.iter().map(file)))
        }
    };
    fields.put("labels", pairs(labels, digest)).maybe("said", said_tree(said.as_deref())).node()
}

/// What the user said of objects, by part and field; later values of a field win.
fn said_tree(said: Option<&Said>) -> Option<Node> {
    let Said { name, fields, passes: _ } = said?;
    let mut map = Map::default();
    if let Some(name) = name {
        map.insert(Key::from("name"), name.value.as_str().into());
    }
    for Field { origin: _, on, path, value } in fields {
        let path = std::iter::once(on.word()).chain(path.iter().cloned()).collect::<Vec<_>>().join(" ");
        map.insert(Key::from(path), value.clone());
    }
    Some(map.into())
}

/// A mapping in the making: absent and empty values leave no field.
#[derive(Default)]
struct Fields(Map);

impl Fields {
    fn put(mut self, key: &str, value: impl Into<Node>) -> Self {
        let node = value.into();
        let empty = node.as_seq().is_some_and(<[Node]>::is_empty) || node.as_map().is_some_and(Map::is_empty);
        if !empty {
            self.0.insert(Key::from(key), node);
        }
        self
    }

    fn maybe(self, key: &str, value: Option<impl Into<Node>>) -> Self {
        match value {
            Some(value) => self.put(key, value),
            None => self,
        }
    }

    fn text(self, key: &str, value: Option<&Traced<String>>) -> Self {
        self.maybe(key, value.map(|value| value.value.as_str()))
    }

    fn flag(self, key: &str, value: Option<&Traced<bool>>) -> Self {
        self.maybe(key, value.map(|value| value.value))
    }

    fn time(self, key: &str, value: Option<&Traced<Duration>>) -> Self {
        self.maybe(key, value.map(|value| time(value.value)))
    }

    fn node(self) -> Node {
        Node::from(self.0)
    }
}

fn number(value: u64) -> Node {
    Node::from(i64::try_from(value).unwrap_or(i64::MAX))
}

/// The words of a command, credentials in them as digests.
fn command_tree(words: &[String], digest: Digest<'_>) -> Node {
    let texts: Vec<&str> = words.iter().map(String::as_str).collect();
    let found = credential::in_words(&texts);
    let word = |(at, word): (usize, &String)| {
        let own: Vec<Found> = found.iter().filter(|(home, _)| *home == at).map(|(_, found)| found.clone()).collect();
        text_tree(word, &own, digest)
    };
    Node::from(words.iter().enumerate().map(word).collect::<Vec<_>>())
}

/// A text, credentials in it as digests.
fn text_tree(text: &str, found: &[Found], digest: Digest<'_>) -> Node {
    let (mut out, mut at) = (String::new(), 0);
    for Found { range, because: _ } in found {
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(&digest(text.get(range.clone()).unwrap_or_default().as_bytes()));
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out.into()
}

fn list(items: &[String]) -> Node {
    Node::from(items.iter().map(|item| Node::from(item.as_str())).collect::<Vec<_>>())
}

fn sorted(items: impl Iterator<Item = String>) -> Node {
    let mut items: Vec<String> = items.collect();
    items.sort();
    items.dedup();
    list(&items)
}

fn pairs(list: &[(String, Traced<String>)], digest: Digest<'_>) -> Node {
    let one = |name: &str, value: &str| match credential::reason(name, value, None) {
        Some(_) => digest(value.as_bytes()).into(),
        None => Node::from(value),
    };
    mapping(list.iter().map(|(name, value)| (name, one(name, &value.value))))
}

fn mapping<K: AsRef<str>>(entries: impl IntoIterator<Item = (K, Node)>) -> Node {
    Node::from(entries.into_iter().map(|(key, node)| (Key::from(key.as_ref()), node)).collect::<Map>())
}
