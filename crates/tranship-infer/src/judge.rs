//! What a reference means: where it leads, or why it leads nowhere.

use tranship_model::{Helper, HostEntry, Role, Service};

use crate::directory::{Because, Directory, is_local, mode};
use crate::evidence::{Class, class};
use crate::reference::{Evidence, Place, Reference, Strength};
use crate::scan::is_ipv4;

/// What became of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It leads to services of the stack.
    Reaches {
        /// The services that answer to the name.
        services: Vec<String>,
        /// How it is known that the port is open; `None` without a port, or where the services' ports are not known.
        open: Option<Because>,
    },
    /// It is the container itself.
    Itself,
    /// It is outside the stack and has to be reached from the cluster as it is.
    External,
    /// Nothing shows that it is a host.
    Ignored,
    /// It leads nowhere, or not where it is meant to.
    Gap(Gap),
}

/// Why a reference does not lead where it is meant to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// No service answers to the name.
    Unresolved {
        /// The name that was probably meant.
        nearest: Option<String>,
    },
    /// The service does not listen there.
    Closed {
        /// The service.
        service: String,
        /// The ports it does listen on.
        open: Vec<u16>,
        /// The container's port behind it, where it is a port published on the machine.
        behind: Option<u16>,
    },
    /// `localhost`, where the process does not listen itself.
    Local {
        /// Who does, and on which port.
        listener: Option<(String, u16)>,
        /// Whether a browser on the developer's machine may be meant.
        outside: bool,
    },
    /// An address of the application for users that only holds on the developer's machine.
    PublicLocal,
    /// An address for browsers that no browser can reach.
    Browser {
        /// The service whose name it is; `None` for the developer's machine.
        service: Option<String>,
    },
    /// A name for the developer's machine.
    Machine,
    /// The service is behind profiles that are not active.
    LeftOut {
        /// The profiles.
        profiles: Vec<String>,
        /// Why it has no place on a cluster, where that is the reason.
        helper: Option<Box<Helper>>,
    },
    /// An address of a container engine's own network.
    Fixed,
    /// Docker's own name server.
    Resolver,
    /// The port cannot be told from what is known.
    NotProvable,
}

/// Judges one reference.
pub(crate) fn judge(directory: &Directory<'_>, reference: &Reference) -> Verdict {
    let Some(service) = directory.stack().services.get(&reference.from) else { return Verdict::Ignored };
    let host = reference.host.as_str();
    let class = variable_class(reference);
    if reference.scheme.as_deref() == Some("dns") && host == "127.0.0.11" {
        return Verdict::Gap(Gap::Resolver);
    }
    if is_local(host) {
        return local(directory, service, reference, class);
    }
    if is_machine(host) || service.hosts.iter().any(|entry| is_gateway(entry, host)) {
        return Verdict::Gap(Gap::Machine);
    }
    if service.hosts.iter().any(|HostEntry { name, .. }| name.eq_ignore_ascii_case(host)) {
        return Verdict::External;
    }
    if reference.strength == Strength::Host && is_engine_address(host) {
        return Verdict::Gap(Gap::Fixed);
    }
    let name = in_cluster(directory, host).unwrap_or(host);
    let services = directory.services(name);
    if services.is_empty() {
        return unknown(directory, reference, host, name);
    }
    if class == Class::Browser {
        return Verdict::Gap(Gap::Browser { service: services.first().map(|service| (*service).to_owned()) });
    }
    // `http://shop.example` in the service that has this name for its own is the address users know it by.
    let web = matches!(reference.scheme.as_deref(), Some("http" | "https"));
    if web && host.contains('.') && directory.is_own(service, host) {
        return Verdict::Itself;
    }
    known(directory, service, reference, services)
}

/// The class of the variable a reference stands in.
pub(crate) fn variable_class(reference: &Reference) -> Class {
    match &reference.place {
        Place::Env { variable, .. } => class(variable),
        Place::BuildArgument { argument, .. } => class(argument),
        _ => Class::Neutral,
    }
}

/// A name of the stack: the port has to be open in one of the services.
fn known(directory: &Directory<'_>, from: &Service, reference: &Reference, services: &[&str]) -> Verdict {
    let owned = || services.iter().map(|service| (*service).to_owned()).collect::<Vec<_>>();
    let Some(port) = reference.port else { return Verdict::Reaches { services: owned(), open: None } };
    if services.contains(&from.name.as_str()) {
        return Verdict::Reaches { services: owned(), open: Some(Because::Said) };
    }
    if let Some(because) = services.iter().filter_map(|service| directory.open(service, port)).min() {
        return Verdict::Reaches { services: owned(), open: Some(because) };
    }
    if services.iter().any(|service| !directory.knows(service)) {
        return Verdict::Gap(Gap::NotProvable);
    }
    // `redis:7` and `postgres:16` in a text are images far more often than ports below 1024 that are closed.
    if reference.strength == Strength::Maybe && port < 1024 {
        return Verdict::Ignored;
    }
    let service = services.first().copied().unwrap_or_default();
    let open = directory.sure(service);
    Verdict::Gap(Gap::Closed { service: service.to_owned(), open, behind: directory.behind(service, port) })
}

/// A name no service has.
fn unknown(directory: &Directory<'_>, reference: &Reference, host: &str, name: &str) -> Verdict {
    if let Some(left) = directory.left_out(name) {
        let helper = left.helper.clone().map(Box::new);
        return Verdict::Gap(Gap::LeftOut { profiles: left.profiles.clone(), helper });
    }
    if directory.is_outside(name) {
        return Verdict::External;
    }
    let maybe = reference.strength == Strength::Maybe || is_ipv4(host);
    let docker_form = name.strip_prefix("tasks.").or_else(|| of_network(directory, name));
    if let Some(service) = docker_form.filter(|service| !directory.services(service).is_empty()) {
        return Verdict::Gap(Gap::Unresolved { nearest: Some(service.to_owned()) });
    }
    // A name with dots is someone else's, unless it says that it is the cluster's own.
    if name.contains('.') {
        return if maybe { Verdict::Ignored } else { Verdict::External };
    }
    if maybe && !may_be_slip(reference) {
        return Verdict::Ignored;
    }
    let near = directory.nearest(name).map(str::to_owned);
    if maybe && !is_slip(directory, reference, near.as_deref()) {
        return Verdict::Ignored;
    }
    let keeps = |service: &&str| {
        let role = directory.stack().services.get(*service).map(|service| service.role.value);
        matches!(role, Some(Role::Store | Role::Cache | Role::Queue))
    };
    let listener = || {
        let found = reference.port.and_then(|port| directory.listener(port, &reference.from));
        found.filter(keeps).map(str::to_owned)
    };
    Verdict::Gap(Gap::Unresolved { nearest: near.or_else(listener) })
}

/// Whether a text that may be anything stands where a slip can be told: asked first, since names are searched for long.
fn may_be_slip(reference: &Reference) -> bool {
    reference.port.is_some()
        && reference.port_written
        && matches!(reference.evidence, Evidence::Environment | Evidence::Command | Evidence::Health)
        && variable_class(reference) != Class::Opaque
}

/// Whether such a text is a slip: near to a name of another service that listens on the very port.
fn is_slip(directory: &Directory<'_>, reference: &Reference, near: Option<&str>) -> bool {
    let (Some(near), Some(port)) = (near, reference.port) else { return false };
    let services = directory.services(near);
    services.iter().any(|service| directory.open(service, port).is_some_and(|why| why <= Because::Catalog))
}

/// `localhost` and its addresses.
fn local(directory: &Directory<'_>, service: &Service, reference: &Reference, class: Class) -> Verdict {
    let port = reference.port;
    let own = port.and_then(|port| directory.open(&service.name, port));
    let sure = own.is_some_and(|why| why < Because::Mentioned);
    match reference.evidence {
        Evidence::Health => return health(directory, service, port, own),
        Evidence::Text | Evidence::DependsOn => return Verdict::Ignored,
        _ => {}
    }
    if class == Class::Browser {
        return Verdict::Gap(Gap::Browser { service: None });
    }
    if class == Class::Own || sure {
        return Verdict::Itself;
    }
    let backing = is_backing(reference);
    if reference.evidence == Evidence::Command && !backing {
        return Verdict::Itself;
    }
    let listener = port.and_then(|port| listener(directory, service, port));
    if mode(service) == Some("host") {
        return Verdict::External;
    }
    if matches!(reference.evidence, Evidence::Config(_) | Evidence::Label) {
        return Verdict::Gap(Gap::Local { listener, outside: false });
    }
    if class == Class::Public && !backing {
        return Verdict::Gap(Gap::PublicLocal);
    }
    match port {
        _ if backing => Verdict::Gap(Gap::Local { listener, outside: false }),
        // `FOO_HOST=localhost` without a port is as often the name of the process itself.
        None => Verdict::Ignored,
        Some(_) if own.is_some() => Verdict::Itself,
        Some(_) if reference.strength == Strength::Maybe && listener.is_none() => Verdict::Ignored,
        Some(port) if directory.publisher(port).is_some() => Verdict::Gap(Gap::Local { listener, outside: true }),
        Some(_) if !directory.knows(&service.name) => Verdict::Gap(Gap::NotProvable),
        Some(_) => Verdict::Gap(Gap::Local { listener, outside: false }),
    }
}

/// A health check runs in the container: its port has to be open there.
fn health(directory: &Directory<'_>, service: &Service, port: Option<u16>, own: Option<Because>) -> Verdict {
    let Some(port) = port else { return Verdict::Itself };
    // The check itself is one of the things that say so; what it says alone proves nothing against declared ports.
    let declared = service.ports.iter().any(|known| known.container == port);
    let others = service.ports.is_empty() || declared || own.is_some_and(|why| why <= Because::Catalog);
    let said_elsewhere =
        others || mentioned_elsewhere(directory, service, port) || directory.behind(&service.name, port).is_none();
    if said_elsewhere {
        return Verdict::Itself;
    }
    let open = service.ports.iter().map(|known| known.container).collect();
    Verdict::Gap(Gap::Closed { service: service.name.clone(), open, behind: directory.behind(&service.name, port) })
}

fn mentioned_elsewhere(directory: &Directory<'_>, service: &Service, port: u16) -> bool {
    let mut quiet = service.clone();
    quiet.health = tranship_model::Health::Unsaid;
    let own = |host: &str| directory.is_own(service, host);
    let seen = crate::evidence::listening::listening(directory.stack(), &quiet, own);
    seen.said.contains(&port) || seen.mentioned.contains(&port)
}

/// Who listens on a port in place of `localhost`: who publishes it, or who alone has it.
fn listener(directory: &Directory<'_>, service: &Service, port: u16) -> Option<(String, u16)> {
    let publisher = directory.publisher(port).filter(|(name, _)| *name != service.name);
    let alone = || directory.listener(port, &service.name).map(|name| (name, port));
    publisher.or_else(alone).map(|(name, port)| (name.to_owned(), port))
}

/// Whether a reference is to a store, a cache or a queue, which no browser calls.
fn is_backing(reference: &Reference) -> bool {
    const WEB: &[&str] = &["http", "https", "ws", "wss", "tcp", "udp", "grpc", "h2c", "plaintext", "tls"];
    match reference.scheme.as_deref() {
        Some(scheme) => !WEB.contains(&scheme) && crate::scan::is_network(scheme),
        None => match &reference.place {
            Place::Env { variable, .. } => {
                let host = matches!(class(variable), Class::Host | Class::Address);
                host && crate::evidence::is_backing(variable)
            }
            _ => false,
        },
    }
}

/// Names by which container engines call the machine they run on.
fn is_machine(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host.starts_with("docker.for.")
        || matches!(
            host.as_str(),
            "host.docker.internal"
                | "gateway.docker.internal"
                | "kubernetes.docker.internal"
                | "host.containers.internal"
                | "host.lima.internal"
                | "host.minikube.internal"
                | "172.17.0.1"
        )
}

/// Addresses that container engines give their networks unless told otherwise: 172.16.0.0/12.
fn is_engine_address(host: &str) -> bool {
    host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| {
        let [first, second, ..] = address.octets();
        first == 172 && (16..32).contains(&second)
    })
}

fn is_gateway(entry: &HostEntry, host: &str) -> bool {
    entry.address == "host-gateway" && entry.name.eq_ignore_ascii_case(host)
}

/// The service's part of a name of the cluster: `api.shop.svc.cluster.local`, `api.shop.svc`, `api.shop` in project `shop`.
fn in_cluster<'h>(directory: &Directory<'_>, host: &'h str) -> Option<&'h str> {
    if !directory.services(host).is_empty() {
        return None;
    }
    let short = host.trim_end_matches('.');
    let short = short.strip_suffix(".cluster.local").unwrap_or(short);
    let (inner, cluster) = match short.strip_suffix(".svc") {
        Some(inner) => (inner, true),
        None => (short, false),
    };
    let (name, namespace) = inner.rsplit_once('.')?;
    let own = namespace == tranship_kube::names::namespace(&directory.stack().name.value);
    let service = name.rsplit('.').next().unwrap_or(name);
    (own || cluster).then_some(service)
}

/// The service's part of `service.network`, which Docker resolves.
fn of_network<'h>(directory: &Directory<'_>, host: &'h str) -> Option<&'h str> {
    let (name, network) = host.rsplit_once('.')?;
    let stack = directory.stack();
    let project = &stack.name.value;
    let known = stack.networks.keys().any(|key| network == key || network == format!("{project}_{key}"));
    known.then_some(name)
}
