//! Every choice behind the model: what was chosen, by which rule and why.
//!
//! The stack is destructured without `..`, so that a new part of it cannot hide a choice. Values of secrets are never
//! part of a decision.

use tranship_model::isolation::Entry;
use tranship_model::said::{Field, Said};
use tranship_model::{
    Attachment, Blob, Build, Caller, Calls, Check, Dependency, Device, Dns, EnvValue, EnvVar, Exposure, Health, Hook,
    Hooks, HostEntry, Isolation, LeftOut, Mount, MountClass, Network, Operations, Origin, Outside, PathMatch,
    Placement, Port, Process, Resources, Role, Rollout, Route, Scaling, Security, Service, Stack, Traced, Ulimit,
    Volume, Workload,
};
use tranship_source::Span;

/// A choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    /// The service it is about; `None` for what belongs to the whole project.
    pub service: Option<&'a str>,
    /// What was chosen, in a few words: `port 5432/tcp`.
    pub what: String,
    /// The rule's stable name.
    pub rule: &'static str,
    /// The reason, a sentence.
    pub because: &'a str,
    /// Where the text that led to it was written.
    pub span: Span,
}

/// The choices behind a stack, in the order of the project.
pub fn of_stack(stack: &Stack) -> Vec<Decision<'_>> {
    let Stack { name, services, volumes, networks, isolation, configs, secrets, outside, exposure, left_out, said } =
        stack;
    let mut to = Collector::default();
    to.traced(format!("project name `{}`", name.value), name);
    for service in services.values() {
        to.service = Some(&service.name);
        to.service(service);
    }
    to.service = None;
    for (key, volume) in volumes {
        to.volume(key, volume);
    }
    for (key, network) in networks {
        to.network(key, network);
    }
    if let Some(isolation) = isolation {
        to.isolation(isolation);
    }
    for (key, blob) in configs {
        to.blob("config", key, blob);
    }
    for (key, blob) in secrets {
        to.blob("secret", key, blob);
    }
    for LeftOut { service, names: _, profiles: _, helper: _, origin } in left_out {
        to.origin(format!("service `{service}` left out"), origin);
    }
    for (name, Outside { origin, host, port: _, called_at: _ }) in outside {
        to.origin(format!("`{name}` leads to `{host}`"), origin);
    }
    to.exposure(exposure);
    to.said(said.as_deref());
    to.found
}

#[derive(Default)]
struct Collector<'a> {
    service: Option<&'a str>,
    found: Vec<Decision<'a>>,
}

impl<'a> Collector<'a> {
    fn origin(&mut self, what: impl Into<String>, origin: &'a Origin) {
        let Origin::Decided { by, because, from: _ } = origin else { return };
        self.found.push(Decision { service: self.service, what: what.into(), rule: by, because, span: origin.span() });
    }

    fn traced<T>(&mut self, what: impl Into<String>, value: &'a Traced<T>) {
        self.origin(what, &value.origin);
    }

    fn maybe<T>(&mut self, what: &str, value: Option<&'a Traced<T>>) {
        if let Some(value) = value {
            self.traced(what, value);
        }
    }

    fn each<T: 'a>(&mut self, what: &str, values: impl IntoIterator<Item = &'a Traced<T>>) {
        for value in values {
            self.traced(what, value);
        }
    }

    fn service(&mut self, service: &'a Service) {
        let Service {
            name: _,
            origin,
            product,
            role,
            image,
            build,
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
        self.origin("the service", origin);
        if let Some(product) = product {
            self.traced(format!("known as {}", product.value), product);
        }
        self.traced(format!("part: {}", role_word(role.value)), role);
        self.traced(format!("runs as {}", workload_words(workload.value)), workload);
        if let Some(schedule) = schedule {
            self.traced(format!("runs at `{}`, {}", schedule.value.cron, schedule.value.time_zone), schedule);
        }
        if let Some(image) = image {
            self.traced(format!("image `{}`", image.value), image);
        }
        if let Some(Build { origin, context: _, dockerfile: _, target: _, args: _, settings: _ }) = build {
            self.origin("build", origin);
        }
        self.maybe("pull policy", pull.as_ref());
        self.maybe("platform", platform.as_ref());
        self.maybe("runtime", runtime.as_ref());
        if let Some(replicas) = replicas {
            self.traced(format!("{} replicas", replicas.value), replicas);
        }
        self.process(process);
        for variable in env {
            self.variable(variable);
        }
        for mount in mounts {
            self.mount(mount);
        }
        for port in ports {
            self.port(port);
        }
        for alias in aliases {
            self.traced(format!("also known as `{}`", alias.value), alias);
        }
        self.maybe("host name", hostname.as_ref());
        self.maybe("domain name", domainname.as_ref());
        for Attachment { network, origin } in networks {
            self.origin(format!("network `{network}`"), origin);
        }
        self.health(health);
        for Dependency { service, origin, condition: _, restart: _, required: _ } in depends_on {
            self.origin(format!("depends on `{service}`"), origin);
        }
        self.resources(resources);
        self.security(security);
        for HostEntry { origin, name, address: _ } in hosts {
            self.origin(format!("host entry `{name}`"), origin);
        }
        let Dns { servers, search, options } = dns;
        self.each("name resolution", servers.iter().chain(search).chain(options));
        self.rollout(rollout);
        self.maybe("restart", restart.as_ref());
        let Placement { constraints, spread, max_per_node } = placement;
        self.each("placement", constraints.iter().chain(spread));
        self.maybe("placement", max_per_node.as_ref());
        self.named("label", labels);
        self.named("annotation", annotations);
        let Hooks { pre_start, post_start, pre_stop } = hooks;
        for Hook { origin, command: _, image: _, user: _, working_dir: _, privileged: _, env: _ } in
            pre_start.iter().chain(post_start).chain(pre_stop)
        {
            self.origin("hook", origin);
        }
        self.operations(operations);
        self.said(said.as_deref());
    }

    /// What the user said of objects is a decision of the user's.
    fn said(&mut self, said: Option<&'a Said>) {
        let Some(Said { name, fields, passes }) = said else { return };
        if let Some(name) = name {
            self.traced(format!("called `{}`", name.value), name);
        }
        for Field { origin, on, path, value: _ } in fields {
            let path = std::iter::once(on.word()).chain(path.iter().cloned()).collect::<Vec<_>>().join(".");
            self.origin(format!("`{path}`"), origin);
        }
        for (pass, is_on) in passes {
            self.traced(format!("pass `{pass}` {}", if is_on.value { "on" } else { "off" }), is_on);
        }
    }

    /// How it is reached from outside: each route by the service it leads to.
    fn exposure(&mut self, exposure: &'a Exposure) {
        let Exposure { routes, closed: _, way, class, tls } = exposure;
        if let Some(way) = way {
            self.traced(format!("reached by {}", way.value.as_str()), way);
        }
        if let Some(class) = class {
            self.traced(format!("class `{}` of the entry", class.value), class);
        }
        self.maybe("certificates", tls.as_ref());
        for route in routes {
            let Route { service, port, host, path, replace: _, redirect: _, outside: _ } = &route.value;
            let host = host.as_deref().unwrap_or("any host");
            self.service = Some(service);
            self.traced(format!("{host}{} leads to port {port}", path_words(path)), route);
        }
        self.service = None;
    }

    fn named(&mut self, what: &str, pairs: &'a [(String, Traced<String>)]) {
        for (name, value) in pairs {
            self.traced(format!("{what} `{name}`"), value);
        }
    }

    fn process(&mut self, process: &'a Process) {
        let Process { entrypoint, command, working_dir, user, groups, tty, stdin, init, stop_signal, stop_grace } =
            process;
        self.maybe("entrypoint", entrypoint.as_ref());
        self.maybe("command", command.as_ref());
        self.maybe("working directory", working_dir.as_ref());
        if let Some(user) = user {
            self.traced(format!("user {}", user.value.user), user);
        }
        self.each("group", groups);
        self.maybe("terminal", tty.as_ref());
        self.maybe("standard input", stdin.as_ref());
        self.maybe("init process", init.as_ref());
        self.maybe("stop signal", stop_signal.as_ref());
        self.maybe("stop grace period", stop_grace.as_ref());
    }

    /// A variable held to be a credential is a choice, wherever its value came from.
    fn variable(&mut self, variable: &'a EnvVar) {
        let EnvVar { name, value } = variable;
        match &value.value {
            EnvValue::Secret { value: _, because } => self.found.push(Decision {
                service: self.service,
                what: format!("variable `{name}` goes to a Secret"),
                rule: "secret-variable",
                because,
                span: value.span(),
            }),
            EnvValue::Plain(_) | EnvValue::Unset | EnvValue::Elsewhere { .. } => {
                self.traced(format!("variable `{name}`"), value);
            }
        }
    }

    fn mount(&mut self, mount: &'a Mount) {
        let Mount { origin, target, read_only: _, source: _, class } = mount;
        self.origin(format!("mount at `{target}`"), origin);
        self.traced(format!("`{target}` holds {}", class_words(class.value)), class);
    }

    fn port(&mut self, port: &'a Port) {
        let Port { origin, container, protocol, name, app_protocol, published } = port;
        let what = format!("port {container}/{}", protocol.as_str());
        self.origin(what.clone(), origin);
        self.maybe(&format!("name of {what}"), name.as_ref());
        self.maybe(&format!("protocol of {what}"), app_protocol.as_ref());
        if let Some(published) = published {
            self.origin(format!("{what} published"), &published.origin);
        }
    }

    fn health(&mut self, health: &'a Health) {
        let check = match health {
            Health::Unsaid => return,
            Health::Disabled(origin) => return self.origin("no health check", origin),
            Health::Check(check) => check,
        };
        let Check { origin, test, interval, timeout, retries, start_period, start_interval } = &**check;
        self.origin("health check", origin);
        self.maybe("health check command", test.as_ref());
        for duration in [interval, timeout, start_period, start_interval] {
            self.maybe("health check timing", duration.as_ref());
        }
        self.maybe("health check retries", retries.as_ref());
    }

    fn resources(&mut self, resources: &'a Resources) {
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
        self.maybe("CPU limit", cpu_limit.as_ref());
        self.maybe("CPU request", cpu_reserved.as_ref());
        self.maybe("memory limit", memory_limit.as_ref());
        self.maybe("memory request", memory_reserved.as_ref());
        self.maybe("disk limit", disk_limit.as_ref());
        self.maybe("disk request", disk_reserved.as_ref());
        self.maybe("process limit", pids_limit.as_ref());
        self.maybe("shared memory", shm_size.as_ref());
        for Ulimit { origin, name, soft: _, hard: _ } in ulimits {
            self.origin(format!("limit `{name}`"), origin);
        }
        for Device { origin, driver: _, count: _, ids: _, capabilities: _, options: _ } in devices {
            self.origin("devices", origin);
        }
        self.each("device file", device_files);
    }

    fn security(&mut self, security: &'a Security) {
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
        self.maybe("privileged", privileged.as_ref());
        self.each("capability", cap_add.iter().chain(cap_drop));
        self.maybe("root file system", read_only_root.as_ref());
        self.maybe("never as root", non_root.as_ref());
        self.maybe("gaining rights", no_new_privileges.as_ref());
        self.maybe("seccomp profile", seccomp.as_ref());
        self.maybe("AppArmor profile", apparmor.as_ref());
        self.each("SELinux option", selinux);
        self.named("kernel parameter", sysctls);
        for shared in [pid, ipc, network_mode, uts, userns] {
            self.maybe("shared part of the machine", shared.as_ref());
        }
    }

    fn operations(&mut self, operations: &'a Operations) {
        let Operations { ready, live, started, scaling, disruption, drain, account, waits, refreshed, metrics } =
            operations;
        self.maybe("readiness probe", ready.as_ref());
        self.maybe("liveness probe", live.as_ref());
        self.maybe("startup probe", started.as_ref());
        if let Some(scaling) = scaling {
            let Scaling { min, max, cpu_percent } = scaling.value;
            self.traced(format!("autoscaler from {min} to {max} at {cpu_percent} % of the CPU kept for it"), scaling);
        }
        self.maybe("disruption budget", disruption.as_ref());
        self.maybe("time to drain", drain.as_ref());
        self.maybe("account", account.as_ref());
        for wait in waits {
            self.traced(format!("waits for `{}`", wait.value.service), wait);
        }
        self.maybe("replaced when what it is given changes", refreshed.as_ref());
        if let Some(metrics) = metrics {
            self.traced(format!("metrics at {}{}", metrics.value.port, metrics.value.path), metrics);
        }
    }

    fn rollout(&mut self, rollout: &'a Rollout) {
        let Rollout { parallelism, delay, monitor, start_first, failure_action, max_failure_ratio, back } = rollout;
        self.maybe("update batch", parallelism.as_ref());
        self.maybe("update delay", delay.as_ref());
        self.maybe("update watch time", monitor.as_ref());
        self.maybe("update order", start_first.as_ref());
        self.maybe("update failure action", failure_action.as_ref());
        self.maybe("update failure ratio", max_failure_ratio.as_ref());
        if let Some(back) = back {
            self.origin("going back", back);
        }
    }

    fn volume(&mut self, key: &str, volume: &'a Volume) {
        let Volume { origin, name, external, driver, driver_opts, labels, host_path: _, said } = volume;
        let what = format!("volume `{key}`");
        self.origin(what.clone(), origin);
        self.maybe(&format!("name of {what}"), name.as_ref());
        self.maybe(&format!("owner of {what}"), external.as_ref());
        self.maybe(&format!("driver of {what}"), driver.as_ref());
        self.named(&format!("{what} option"), driver_opts);
        self.named(&format!("{what} label"), labels);
        self.said(said.as_deref());
    }

    fn network(&mut self, key: &str, network: &'a Network) {
        let Network { origin, name, external, internal, labels } = network;
        let what = format!("network `{key}`");
        self.origin(what.clone(), origin);
        self.maybe(&format!("name of {what}"), name.as_ref());
        self.maybe(&format!("owner of {what}"), external.as_ref());
        self.maybe(&format!("reach of {what}"), internal.as_ref());
        self.named(&format!("{what} label"), labels);
    }

    fn isolation(&mut self, isolation: &'a Traced<Isolation>) {
        let Isolation { calls, entries, platform: _, open: _ } = &isolation.value;
        let what = match calls {
            Calls::Shared => "services that share a network may call each other",
            Calls::Named(_) => "services may call each other where the project shows it",
        };
        self.traced(what, isolation);
        for Entry { service, port, protocol, from, origin } in entries {
            let from = match from {
                Caller::Anyone => "everyone",
                Caller::Platform => "other applications of the cluster",
            };
            self.service = Some(service);
            self.origin(format!("open to {from}: {port}/{}", protocol.as_str()), origin);
        }
        self.service = None;
    }

    fn blob(&mut self, kind: &str, key: &str, blob: &'a Blob) {
        let Blob { origin, name, content: _, labels, said } = blob;
        let what = format!("{kind} `{key}`");
        self.origin(what.clone(), origin);
        self.maybe(&format!("name of {what}"), name.as_ref());
        self.named(&format!("{what} label"), labels);
        self.said(said.as_deref());
    }
}

/// A path after its host; every path needs no word.
fn path_words(path: &PathMatch) -> String {
    match path {
        path if path.is_all() => String::new(),
        PathMatch::Prefix(path) => format!(" below `{path}`"),
        PathMatch::Exact(path) => format!(" at `{path}`"),
    }
}

/// What part a service plays, in a word.
pub(crate) fn role_word(role: Role) -> &'static str {
    match role {
        Role::App => "application",
        Role::Store => "store",
        Role::Cache => "cache",
        Role::Queue => "queue",
        Role::Proxy => "proxy",
        Role::Observer => "observer",
        Role::Admin => "admin console",
        Role::Helper => "engine helper",
    }
}

fn workload_words(workload: Workload) -> &'static str {
    match workload {
        Workload::Stateless => "replicas that can stand in for each other",
        Workload::Stateful => "replicas with storage of their own",
        Workload::PerNode => "one on each node",
        Workload::Task { completions: _, parallelism: _, retries: _ } => "a task that ends",
        Workload::Scheduled => "a task that runs at set times",
    }
}

/// What a mount is for, in a few words.
pub(crate) fn class_words(class: MountClass) -> &'static str {
    match class {
        MountClass::Data => "data",
        MountClass::Config => "configuration",
        MountClass::Secret => "credentials",
        MountClass::Logs => "logs",
        MountClass::Source => "source code",
        MountClass::Socket => "a socket of the machine",
        MountClass::Cache => "files that can be made again",
        MountClass::Host => "a part of the machine",
        MountClass::Scratch => "an empty folder",
        MountClass::Image => "files of an image",
    }
}
