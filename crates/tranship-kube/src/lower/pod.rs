//! What a pod has beside its containers: settings, names, time to end.

use std::collections::BTreeMap;
use std::time::Duration;

use tranship_model::{Dns, HostEntry, Origin, Placement, Process, Service, Stack, Traced};
use tranship_source::yaml::Node;

use super::Lowering;
use super::fields::{Fields, blamed, texts, whole};
use super::workload::{Place, warn};
use crate::KubeVersion;
use crate::names::is_legal;

/// The service whose pod another lives in: its network, processes or shared memory are that service's own.
pub fn home<'a>(stack: &'a Stack, service: &Service) -> Option<&'a str> {
    let direct = |service: &Service| {
        let security = &service.security;
        let mut modes = [&security.network_mode, &security.pid, &security.ipc].into_iter().flatten();
        let other = modes.find_map(|mode| stack_service(stack, &mode.value))?;
        // A task ends and a pod of a service never does.
        let task = |name: &str| stack.services.get(name).is_none_or(|s| s.workload.value.ends());
        (!task(other) && !task(&service.name) && other != service.name).then_some(other)
    };
    let mut home = direct(service)?;
    // Services may live in one another's; the last of the chain has the pod. A chain is never longer than the stack.
    for _ in 0..stack.services.len() {
        match stack.services.get(home).and_then(direct) {
            Some(next) => home = next,
            None => return Some(home),
        }
    }
    None
}

/// The service that `service:x` or `container:x` means.
fn stack_service<'a>(stack: &'a Stack, mode: &str) -> Option<&'a str> {
    if let Some(name) = mode.strip_prefix("service:") {
        return stack.services.get_key_value(name).map(|(name, _)| name.as_str());
    }
    let container = mode.strip_prefix("container:")?;
    let named = |service: &&Service| service.aliases.iter().any(|alias| alias.value == container);
    stack.services.values().find(named).map(|service| service.name.as_str())
}

/// By the service that has a pod, those that live in it as well, in the order of the project.
pub(crate) fn guests(stack: &Stack) -> BTreeMap<&str, Vec<&Service>> {
    let mut out: BTreeMap<&str, Vec<&Service>> = BTreeMap::new();
    for service in stack.services.values() {
        if let Some(home) = home(stack, service) {
            out.entry(home).or_default().push(service);
        }
    }
    out
}

/// Whether a service of the pod sees the processes of another.
pub(crate) fn shares_processes(joined: &[&Service]) -> bool {
    joined.iter().any(|service| service.security.pid.as_ref().is_some_and(|pid| pid.value.contains(':')))
}

/// What of a service that lives in another's pod is the pod's.
pub(crate) fn note_joined(cx: &mut Lowering<'_>, place: &Place, home: &Service, service: &Service) {
    let Service {
        name,
        origin: _,      // by the container
        product: _,     // by the container
        role: _,        // by the container
        image: _,       // by the container
        build: _,       // by the container
        image_facts: _, // by the container
        pull: _,        // by the container
        platform,
        runtime,
        workload: _, // a task has a pod of its own
        schedule: _, // and so has what runs at set times
        replicas,
        process,
        env: _,     // by the container
        mounts: _,  // by the container
        ports: _,   // by the container
        aliases: _, // once all services have their names
        hostname,
        domainname,
        networks: _,   // by the pod's labels
        health: _,     // by the container
        depends_on: _, // by the container
        resources: _,  // by the container
        security,
        hosts,
        dns,
        rollout,
        restart,
        placement,
        labels: _,      // by the pod's annotations
        annotations: _, // by the pod's annotations
        hooks: _,       // by the container
        operations: _,  // by the container
        said: _,        // once all objects are there
    } = service;
    let to = place.pod(&format!("containers[{}]", place.index));
    for mode in [&security.network_mode, &security.pid, &security.ipc].into_iter().flatten() {
        let why =
            format!("`{}` is a container of the pod of `{}`, whose network and host name it has", name, home.name);
        cx.ledger.translated(&mode.origin, &to, &why);
    }
    let why = format!("it is the pod's, and the pod is that of `{}`", home.name);
    let Dns { servers, search, options } = dns;
    let Placement { constraints, spread, max_per_node } = placement;
    let texts = [platform, runtime, hostname, domainname].into_iter().flatten().map(|text| &text.origin);
    let lists = [servers, search, options, constraints, spread].into_iter().flatten().map(|text| &text.origin);
    let rest = replicas.iter().map(|r| &r.origin).chain(restart.iter().map(|r| &r.origin));
    let rest = rest.chain(hosts.iter().map(|h| &h.origin)).chain(max_per_node.iter().map(|m| &m.origin));
    let mut origins: Vec<Origin> = texts.chain(lists).chain(rest).cloned().collect();
    origins.extend(super::deployment::rollout_origins(rollout));
    origins.extend([&security.uts, &security.userns].into_iter().flatten().map(|mode| mode.origin.clone()));
    origins.extend(process.stop_grace.iter().map(|grace| grace.origin.clone()));
    for origin in origins {
        cx.ledger.decided(&origin, &why);
    }
}

/// Settings of every pod: no variables for Services of the namespace, which Compose does not set and apps stumble over.
pub(crate) fn settings(spec: Fields) -> Fields {
    spec.put("enableServiceLinks", false)
}

/// Host name, hosts file and name servers. A pod `on_node` uses the node's network.
#[allow(clippy::too_many_arguments, reason = "one argument per section of the service")]
pub(crate) fn naming(
    cx: &mut Lowering<'_>,
    place: &Place,
    spec: Fields,
    hostname: Option<&Traced<String>>,
    domainname: Option<&Traced<String>>,
    hosts: &[HostEntry],
    dns: &Dns,
    on_node: bool,
) -> Fields {
    let spec = host_name(cx, place, spec, hostname, on_node);
    if let Some(domain) = domainname {
        let why = "a pod's domain is the cluster's; `subdomain` would only name a headless Service";
        cx.ledger.dropped(&domain.origin, why, "read the domain from a variable of the app's own");
    }
    let spec = spec.filled("hostAliases", host_aliases(cx, place, hosts));
    spec.maybe("dnsConfig", dns_config(cx, place, dns))
}

fn host_name(
    cx: &mut Lowering<'_>,
    place: &Place,
    spec: Fields,
    hostname: Option<&Traced<String>>,
    on_node: bool,
) -> Fields {
    let Some(name) = hostname else { return spec };
    let to = place.pod("hostname");
    if is_legal(&name.value, 63) {
        cx.ledger.kept(&name.origin, &to);
        return spec.put("hostname", blamed(name, name.value.clone()));
    }
    let dotted = name.value.len() <= 64 && name.value.split('.').all(|part| is_legal(part, 63));
    if dotted && !on_node && cx.version >= KubeVersion::HOSTNAME_OVERRIDE {
        cx.ledger.kept(&name.origin, &place.pod("hostnameOverride"));
        return spec.put("hostnameOverride", blamed(name, name.value.clone()));
    }
    let legal: String = crate::names::label(&name.value).chars().take(63).collect();
    let legal = legal.trim_end_matches('-').to_owned();
    cx.ledger.translated(&name.origin, &to, "a pod's host name is one DNS label in small letters");
    spec.put("hostname", blamed(name, legal))
}

fn host_aliases(cx: &mut Lowering<'_>, place: &Place, hosts: &[HostEntry]) -> Vec<Node> {
    let mut by_address: BTreeMap<String, Vec<Node>> = BTreeMap::new();
    for HostEntry { origin, name, address } in hosts {
        let address = address.trim_start_matches('[').trim_end_matches(']');
        if address.parse::<std::net::IpAddr>().is_err() {
            let why = format!("`{address}` is a word of the container engine, and a pod's hosts file takes addresses");
            cx.ledger.dropped(
                origin,
                &why,
                "give the address of the machine, or run what it stands for in the cluster",
            );
            let message = format!("`{name}` will not resolve: its address is `{address}`");
            warn(cx, "host-without-address", origin.span(), message, "write an IP address");
            continue;
        }
        cx.ledger.translated(origin, &place.pod("hostAliases"), "names of one address stand together");
        by_address.entry(address.to_owned()).or_default().push(Node::from(name.as_str()).blamed_on(origin.span()));
    }
    let entry = |(ip, names): (String, Vec<Node>)| Fields::new().put("ip", ip).put("hostnames", names).node();
    by_address.into_iter().map(entry).collect()
}

/// Most name servers and search domains of a pod (`ValidatePodDNSConfig` in Kubernetes' validation).
const MOST_SERVERS: usize = 3;
const MOST_DOMAINS: usize = 32;

fn dns_config(cx: &mut Lowering<'_>, place: &Place, dns: &Dns) -> Option<Node> {
    let Dns { servers, search, options } = dns;
    let (servers, more) = servers.split_at(servers.len().min(MOST_SERVERS));
    let why = "asked after the cluster's own, so that Services still resolve";
    for server in servers {
        cx.ledger.translated(&server.origin, &place.pod("dnsConfig.nameservers"), why);
    }
    for server in more {
        let why = "a pod has three name servers at most, as the resolver of its image has";
        let todo = "let one of the other three ask it, or the cluster's DNS";
        cx.ledger.dropped(&server.origin, why, todo);
        let message = format!("`{}` does not ask the name server `{}`", place.name, server.value);
        warn(cx, "dns-servers", server.span(), message, todo);
    }
    let (search, more) = search.split_at(search.len().min(MOST_DOMAINS));
    for domain in more {
        let todo = "write full names where these domains are used";
        cx.ledger.dropped(&domain.origin, "a pod searches 32 domains at most", todo);
        let message = format!("`{}` does not search `{}`", place.name, domain.value);
        warn(cx, "dns-servers", domain.span(), message, todo);
    }
    for domain in search {
        cx.ledger.translated(&domain.origin, &place.pod("dnsConfig.searches"), "searched after the cluster's own");
    }
    for option in options {
        cx.ledger.kept(&option.origin, &place.pod("dnsConfig.options"));
    }
    let option = |traced: &Traced<String>| {
        let (name, value) = traced.value.split_once(':').map_or((&*traced.value, None), |(n, v)| (n, Some(v)));
        Fields::new().put("name", blamed(traced, name)).maybe("value", value).node()
    };
    Fields::new()
        .filled("nameservers", texts(servers.iter().map(|s| &s.value)))
        .filled("searches", texts(search.iter().map(|s| &s.value)))
        .filled("options", options.iter().map(option).collect::<Vec<_>>())
        .some()
}

/// The time a pod may take to end; part of a second counts as a whole one. The time in which it is drained comes first,
/// and the kubelet counts it as well.
pub(crate) fn grace(
    cx: &mut Lowering<'_>,
    place: &Place,
    spec: Fields,
    process: &Process,
    drain: Option<&Traced<Duration>>,
) -> Fields {
    let Some(grace) = &process.stop_grace else { return spec };
    let seconds = grace.value.as_secs() + u64::from(grace.value.subsec_nanos() > 0);
    let seconds = seconds.saturating_add(drain.map_or(0, |drain| drain.value.as_secs()));
    let why = if drain.is_some() {
        "in whole seconds, and as many more as it goes on serving before it is asked to end"
    } else {
        "in whole seconds"
    };
    cx.ledger.translated(&grace.origin, &place.pod("terminationGracePeriodSeconds"), why);
    spec.put("terminationGracePeriodSeconds", blamed(grace, whole(seconds)))
}
