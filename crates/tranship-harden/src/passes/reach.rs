//! Who may reach whom: nobody, but for what Compose allowed.
//!
//! Services that share a network reach each other on every port, published ports are open to everyone outside, and the way
//! outside is open unless all networks of a service are internal. On request calls are narrowed to those the project shows.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use tranship_kube::lower::home;
use tranship_model::exposure::Exposure;
use tranship_model::isolation::Entry;
use tranship_model::{
    Attachment, Call, Caller, Calls, Isolation, Network, Origin, Protocol, Published, Service, Stack, Traced, Until,
    Workload,
};

use crate::notes::Notes;
use crate::passes::Pass;
use crate::settings::{Preset, Reach, Settings};

/// The pass.
pub(super) const PASS: Pass = Pass {
    name: NAME,
    about: "closes the network, but for what the project's networks allow",
    presets: &[Preset::Production, Preset::Dev],
    run,
};

const NAME: &str = "reach";

/// The network of services that have none of the project's: the engine's own bridge.
const BRIDGE: &str = "docker0";

fn run(stack: &mut Stack, settings: &Settings, notes: &mut Notes) {
    if settings.reach == Reach::Open || !notes.is_on() {
        return;
    }
    join_the_rest(stack, notes);
    for service in stack.services.values().filter(|service| on_node(service)) {
        let because =
            "it has the node's own network, which no NetworkPolicy covers: it reaches and is reached as the node is";
        notes.stay_away(&service.name, because);
    }
    let pods = pods(stack);
    let closed = |pod: &Pod<'_>| !pod.leads_outside;
    let names = |wanted: &dyn Fn(&Pod<'_>) -> bool| {
        pods.values().filter(|pod| wanted(pod)).map(|pod| pod.name.to_owned()).collect::<Vec<_>>()
    };
    let is_on = |pod: &Pod<'_>| pod.services.iter().all(|service| notes.is_on_for(service));
    let shown = named(&pods, &settings.calls);
    let cut = cut(&pods, &shown);
    let (calls, because) = match settings.reach {
        Reach::Graph => {
            let because = format!(
                "what nobody has to reach is closed: open are calls that the project shows between services on one \
                 network, published ports, and the way outside where a network leads there{}",
                cut.map(|cut| format!("; closed are {cut}")).unwrap_or_default()
            );
            (Calls::Named(shown), because)
        }
        Reach::Networks | Reach::Open => {
            let because = format!(
                "what Compose kept apart is kept apart: services that share a network reach each other, everyone \
                 reaches published ports, and a way outside is where a network leads there{}",
                cut.map(|cut| format!("; `--network-policy graph` would close {cut}")).unwrap_or_default()
            );
            (Calls::Shared, because)
        }
    };
    let ways = Ways::new(&stack.exposure);
    let isolation = Isolation {
        calls,
        entries: pods.values().filter(|pod| is_on(pod)).flat_map(|pod| entries(&ways, pod)).collect(),
        platform: names(&|pod| closed(pod) && asks_platform(pod)),
        open: names(&|pod| !is_on(pod)),
    };
    stack.isolation = Some(Traced::decided(isolation, NAME, because));
}

/// How a service is connected where it says so.
fn mode(service: &Service) -> Option<&str> {
    service.security.network_mode.as_ref().map(|mode| mode.value.as_str())
}

/// Whether a service uses its node's network.
fn on_node(service: &Service) -> bool {
    mode(service) == Some("host")
}

/// Puts services that are on no network of the project, and do not ask for none at all, on one of their own.
fn join_the_rest(stack: &mut Stack, notes: &Notes) {
    let alone = |service: &Service| service.networks.is_empty() && !matches!(mode(service), Some("host" | "none"));
    let rest: Vec<String> = stack.services.values().filter(|s| alone(s)).map(|s| s.name.clone()).collect();
    for name in rest {
        let Some(service) = stack.services.get(&name).filter(|service| notes.is_on_for(service)) else { continue };
        if home(stack, service).is_some() {
            continue; // It has the network of the pod it lives in.
        }
        let other = mode(service).and_then(|mode| mode.strip_prefix("service:"));
        let mut networks: Vec<String> = other
            .and_then(|other| stack.services.get(other))
            .map(|other| other.networks.iter().map(|attachment| attachment.network.clone()).collect())
            .unwrap_or_default();
        let mut because = "it has the network of another service, whose pod it is not in";
        if networks.is_empty() {
            because = "services on no network of the project share the engine's own bridge";
            networks.push(BRIDGE.to_owned());
            stack.networks.entry(BRIDGE.to_owned()).or_insert_with(|| Network {
                origin: Origin::decided(NAME, because),
                name: None,
                external: None,
                internal: None,
                labels: Vec::new(),
            });
        }
        let origin = Origin::decided(NAME, because);
        let Some(service) = stack.services.get_mut(&name) else { continue };
        service.networks = networks.into_iter().map(|network| Attachment { network, origin: origin.clone() }).collect();
    }
}

/// A pod that policies cover: the service it is named after and those that live in it.
struct Pod<'a> {
    name: &'a str,
    services: Vec<&'a Service>,
    networks: BTreeSet<&'a str>,
    leads_outside: bool,
}

/// The pods that policies cover, by the service they are named after, and by every service that is in one.
struct Pods<'a> {
    pods: IndexMap<&'a str, Pod<'a>>,
    homes: BTreeMap<&'a str, &'a str>,
}

impl<'a> Pods<'a> {
    fn values(&self) -> impl Iterator<Item = &Pod<'a>> {
        self.pods.values()
    }

    /// The pod a service is in.
    fn of(&self, service: &str) -> Option<&Pod<'a>> {
        self.pods.get(self.homes.get(service)?)
    }
}

fn pods(stack: &Stack) -> Pods<'_> {
    let mut pods: IndexMap<&str, Pod<'_>> = IndexMap::new();
    let mut homes = BTreeMap::new();
    for service in stack.services.values() {
        homes.insert(service.name.as_str(), home(stack, service).unwrap_or(&service.name));
    }
    for service in stack.services.values() {
        let Some(&name) = homes.get(service.name.as_str()) else { continue };
        let empty = || Pod { name, services: Vec::new(), networks: BTreeSet::new(), leads_outside: false };
        let pod = pods.entry(name).or_insert_with(empty);
        // The one that the pod is named after comes first.
        let place = if name == service.name { 0 } else { pod.services.len() };
        pod.services.insert(place, service);
        pod.networks.extend(service.networks.iter().map(|attachment| attachment.network.as_str()));
        pod.leads_outside |= stack.leads_outside(&service.name);
    }
    pods.retain(|_, pod| !pod.services.first().is_some_and(|service| on_node(service)));
    Pods { pods, homes }
}

/// The ways in from outside, by the service they lead to.
struct Ways<'a> {
    routes: BTreeMap<&'a str, Vec<u16>>,
    closed: BTreeSet<(&'a str, u16, Protocol)>,
}

impl<'a> Ways<'a> {
    fn new(exposure: &'a Exposure) -> Self {
        let mut routes: BTreeMap<&str, Vec<u16>> = BTreeMap::new();
        for route in &exposure.routes {
            routes.entry(&route.value.service).or_default().push(route.value.port);
        }
        let closed = exposure.closed.iter().map(|closed| (closed.service.as_str(), closed.port, closed.protocol));
        Self { routes, closed: closed.collect() }
    }
}

/// Ports of a pod that are open to others than the stack's services.
fn entries(ways: &Ways<'_>, pod: &Pod<'_>) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    let mut add = |entry: Entry| {
        if !out.contains(&entry) {
            out.push(entry);
        }
    };
    let entry = |port, protocol, from, origin| Entry { service: pod.name.to_owned(), port, protocol, from, origin };
    for service in &pod.services {
        for port in &service.ports {
            let Some(published) = port.published.as_ref().filter(|_| pod.leads_outside) else { continue };
            // What is not reached from outside is for `kubectl port-forward`, which passes every policy.
            if is_loopback(published) || ways.closed.contains(&(&service.name, port.container, port.protocol)) {
                continue;
            }
            let because = "the port is published, which opened it to everyone who reaches the machine";
            let origin = Origin::decided(NAME, because);
            add(entry(port.container, port.protocol, Caller::Anyone, origin));
        }
        for port in ways.routes.get(service.name.as_str()).into_iter().flatten() {
            let origin = Origin::decided(NAME, "requests from outside are led there");
            add(entry(*port, Protocol::Tcp, Caller::Anyone, origin));
        }
        if let Some(metrics) = &service.operations.metrics {
            let because = "what collects metrics may live in another namespace";
            let origin = Origin::decided(NAME, because);
            add(entry(metrics.value.port, Protocol::Tcp, Caller::Platform, origin));
        }
    }
    out.sort_by_key(|entry| (entry.from, entry.port, entry.protocol));
    out
}

/// Whether a port is published on the machine's own address for itself alone: `kubectl port-forward` passes every policy.
fn is_loopback(published: &Published) -> bool {
    let ip = published.host_ip.as_deref().unwrap_or_default();
    ip.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether something in the pod asks the platform's API: it waits for a task, or has rights there.
fn asks_platform(pod: &Pod<'_>) -> bool {
    pod.services.iter().any(|service| {
        let operations = &service.operations;
        let waits = operations.waits.iter().any(|wait| wait.value.until.asks_platform());
        waits || operations.account.as_ref().is_some_and(|account| !account.value.rights.is_empty())
    })
}

/// Ports that are called.
type Ports = BTreeSet<(u16, Protocol)>;

/// The calls that are shown, between pods on one network, on the ports the called one has.
fn named(pods: &Pods<'_>, calls: &[Call]) -> Vec<Call> {
    let mut found: BTreeMap<(&str, &str), Option<Ports>> = BTreeMap::new();
    let mut add = |from: &str, to: &str, ports: &[u16]| {
        let (Some(from), Some(to)) = (pods.of(from), pods.of(to)) else { return };
        if from.name == to.name || from.networks.is_disjoint(&to.networks) {
            return;
        }
        let all = found.entry((from.name, to.name)).or_insert_with(|| Some(BTreeSet::new()));
        let more = if ports.is_empty() { declared(to) } else { Some(spoken(to, ports)) };
        match (all.as_mut(), more) {
            (Some(all), Some(more)) => all.extend(more),
            _ => *all = None,
        }
    };
    for Call { from, to, ports } in calls {
        add(from, to, &ports.iter().map(|(port, _)| *port).collect::<Vec<_>>());
    }
    for service in pods.values().flat_map(|pod| &pod.services) {
        for wait in &service.operations.waits {
            match &wait.value.until {
                Until::Connects { port } => add(&service.name, &wait.value.service, &[*port]),
                Until::Answers { .. } => add(&service.name, &wait.value.service, &[]),
                Until::Ready | Until::Completed => {}
            }
        }
    }
    let call = |((from, to), ports): ((&str, &str), Option<BTreeSet<_>>)| Call {
        from: from.to_owned(),
        to: to.to_owned(),
        ports: ports.into_iter().flatten().collect(),
    };
    // Replicas that keep state talk among themselves, of which nothing in a project speaks.
    let peers = pods.values().filter(|pod| pod.services.iter().any(|service| has_peers(service)));
    let own = peers.map(|pod| Call { from: pod.name.to_owned(), to: pod.name.to_owned(), ports: Vec::new() });
    let mut out: Vec<Call> = found.into_iter().map(call).chain(own).collect();
    out.sort();
    out
}

/// The ways between pods that networks have open and nothing in the project shows: how many of how many, and the first.
fn cut(pods: &Pods<'_>, shown: &[Call]) -> Option<String> {
    let shown: BTreeSet<(&str, &str)> =
        shown.iter().map(|call| (&*call.from, &*call.to)).filter(|(from, to)| from != to).collect();
    // Pods on the same networks have the same neighbours: there are few such groups, however many pods there are.
    let mut groups: BTreeMap<&BTreeSet<&str>, usize> = BTreeMap::new();
    for pod in pods.values() {
        *groups.entry(&pod.networks).or_default() += 1;
    }
    let mut on: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, networks) in groups.keys().enumerate() {
        networks.iter().for_each(|network| on.entry(network).or_default().push(at));
    }
    let sizes: Vec<usize> = groups.values().copied().collect();
    let open_to = |(at, (networks, many)): (usize, (&&BTreeSet<&str>, &usize))| {
        let met: BTreeSet<usize> = networks.iter().filter_map(|network| on.get(network)).flatten().copied().collect();
        let others = met.into_iter().filter_map(|other| Some(sizes.get(other)? - usize::from(other == at)));
        many * others.sum::<usize>()
    };
    let open: usize = groups.iter().enumerate().map(open_to).sum();
    let closed = open.saturating_sub(shown.len());
    if closed == 0 {
        return None;
    }
    let ways = pods.values().flat_map(|from| pods.values().map(move |to| (from, to))).take(LOOKED_AT);
    let is_cut = |(from, to): &(&Pod<'_>, &Pod<'_>)| {
        from.name != to.name && !shown.contains(&(from.name, to.name)) && !from.networks.is_disjoint(&to.networks)
    };
    let first: Vec<String> =
        ways.filter(is_cut).take(NAMED).map(|(from, to)| format!("{} → {}", from.name, to.name)).collect();
    let more = if closed > first.len() { format!(" and {} more", closed - first.len()) } else { String::new() };
    Some(format!(
        "{closed} of the {open} ways that networks have open between services, of which nothing speaks: {}{more}",
        first.join(", ")
    ))
}

/// How many ways are named, and how many pairs are looked at to find them.
const NAMED: usize = 12;
const LOOKED_AT: usize = 20_000;

/// Whether several of a service know each other.
fn has_peers(service: &Service) -> bool {
    let several = service.replicas.as_ref().is_some_and(|replicas| replicas.value > 1);
    service.workload.value == Workload::PerNode || (several && service.workload.value == Workload::Stateful)
}

/// The ports of a pod; `None` where those of one of its services are not known.
fn declared(pod: &Pod<'_>) -> Option<BTreeSet<(u16, Protocol)>> {
    if pod.services.iter().any(|service| service.ports.is_empty()) {
        return None;
    }
    let all = pod.services.iter().flat_map(|service| &service.ports);
    Some(all.map(|port| (port.container, port.protocol)).collect())
}

/// Numbers of ports with the protocols the pod speaks on them; TCP where nothing says so.
fn spoken(pod: &Pod<'_>, numbers: &[u16]) -> BTreeSet<(u16, Protocol)> {
    let mut out = BTreeSet::new();
    for &number in numbers {
        let all = pod.services.iter().flat_map(|service| &service.ports).filter(|port| port.container == number);
        let before = out.len();
        out.extend(all.map(|port| (number, port.protocol)));
        if out.len() == before {
            out.insert((number, Protocol::Tcp));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::stack;
    use crate::harden;

    fn isolation(text: &str, reach: Reach, calls: Vec<Call>) -> (Stack, Isolation) {
        let mut stack = stack(text);
        harden(&mut stack, &Settings { reach, calls, ..Settings::default() });
        let isolation = stack.isolation.clone().unwrap().value;
        (stack, isolation)
    }

    const SHOP: &str = "services:
  web: {image: a, ports: ['8080:80', '127.0.0.1:9000:9000'], networks: [front]}
  api: {image: a, expose: ['3000', '5000/udp'], networks: [front, back]}
  db: {image: a, ports: ['5432:5432'], networks: [back]}
  side: {image: a, network_mode: 'service:db', ports: []}
  lone: {image: a, network_mode: bridge}
  node: {image: a, network_mode: host}
networks: {front: {}, back: {internal: true}}
";

    #[test]
    fn published_ports_are_open_where_the_engine_leads_there() {
        let (stack, isolation) = isolation(SHOP, Reach::Networks, Vec::new());
        let open: Vec<(&str, u16)> = isolation.entries.iter().map(|entry| (&*entry.service, entry.port)).collect();
        assert_eq!(open, [("web", 80)]);
        assert_eq!(isolation.calls, Calls::Shared);
        assert_eq!(stack.services["lone"].networks[0].network, BRIDGE);
        assert!(stack.services["node"].networks.is_empty());
    }

    #[test]
    fn calls_are_those_shown_between_pods_on_one_network_on_ports_that_are_there() {
        let call = |from: &str, to: &str, ports: &[u16]| Call {
            from: from.to_owned(),
            to: to.to_owned(),
            ports: ports.iter().map(|port| (*port, Protocol::Tcp)).collect(),
        };
        let shown = vec![
            call("web", "api", &[3000]),
            call("api", "web", &[]),
            call("api", "side", &[5432]),
            call("web", "db", &[5432]),
            call("db", "side", &[1]),
        ];
        let (_, isolation) = isolation(SHOP, Reach::Graph, shown);
        let Calls::Named(calls) = isolation.calls else { panic!("calls are named") };
        let told: Vec<String> = calls.iter().map(|c| format!("{} {} {:?}", c.from, c.to, c.ports)).collect();
        assert_eq!(
            told,
            ["api db [(5432, Tcp)]", "api web [(80, Tcp), (9000, Tcp)]", "web api [(3000, Tcp)]"],
            "no way to `db` from another network, none within its pod"
        );
    }

    #[test]
    fn what_would_be_closed_is_told() {
        let (stack, _) = isolation(SHOP, Reach::Networks, Vec::new());
        let Some(Traced { origin: Origin::Decided { because, .. }, .. }) = &stack.isolation else { panic!("decided") };
        assert!(because.contains("4 of the 4 ways"), "{because}");
        assert!(because.contains("web → api, api → web, api → db, db → api"), "{because}");
    }

    #[test]
    fn an_open_network_has_no_isolation() {
        let mut stack = stack(SHOP);
        harden(&mut stack, &Settings { reach: Reach::Open, ..Settings::default() });
        assert!(stack.isolation.is_none());
    }
}
