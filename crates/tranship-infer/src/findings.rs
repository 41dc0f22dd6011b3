//! Words for what is wrong with a reference.

use tranship_model::{Role, Service};
use tranship_source::{Diagnostic, Severity};

use crate::directory::Directory;
use crate::judge::Gap;
use crate::reference::{Evidence, Reference, Strength};

/// The diagnostic of a gap. Codes: `name-unresolved`, `port-closed`, `localhost-reference`, `browser-url`,
/// `public-address`, `host-machine`, `fixed-address`, `profile-off`, `docker-resolver`, `not-provable`.
pub(crate) fn word(directory: &Directory<'_>, reference: &Reference, gap: &Gap) -> Diagnostic {
    let Reference { from, host, place, .. } = reference;
    let written = with_port(host, reference.port.filter(|_| reference.port_written));
    let says = format!("`{from}` names `{written}` in {place}");
    let found = match gap {
        Gap::Unresolved { nearest } => {
            let message = format!("{says}, and nothing in the project answers to `{host}`");
            Diagnostic::error("name-unresolved", message).help(meant(directory, reference, nearest.as_deref()))
        }
        Gap::Closed { service, open, behind } => closed(directory, reference, service, open, *behind),
        Gap::Local { listener, outside } => local(reference, &says, listener.as_ref(), *outside),
        Gap::PublicLocal => {
            let message = format!("{says}, an address for users that holds on the developer's machine alone");
            Diagnostic::note("public-address", message)
                .help("set it to the address the application is reached at from outside, once it has one")
        }
        Gap::Browser { service: Some(service) } => {
            let message = format!("{says}, which a browser will call, and no browser can resolve the name `{host}`");
            let help = format!(
                "set it to the address that `{service}` is reached at from outside, or to a path such as `/api`"
            );
            Diagnostic::error("browser-url", message).help(help)
        }
        Gap::Browser { service: None } => {
            let message = format!("{says}, which a browser will call on the user's own machine");
            Diagnostic::warning("browser-url", message)
                .help("set it to the address the application is reached at from outside, or to a path such as `/api`")
        }
        Gap::Machine => {
            let message = format!("{says}, the machine the container engine runs on, which a cluster does not have");
            let plain = reference.evidence == Evidence::Text;
            let severity = if plain { Severity::Warning } else { Severity::Error };
            Diagnostic::new(severity, "host-machine", message).help(format!(
                "run what listens there as a service, or put an address into {place} that the cluster reaches"
            ))
        }
        Gap::LeftOut { profiles: _, helper: Some(helper) } => {
            let message = format!("{says}, which is left out: {}", helper.because);
            Diagnostic::warning("helper-called", message).help(helper.instead.clone())
        }
        Gap::LeftOut { profiles, helper: None } => {
            let message = format!("{says}, a service that is left out because none of its profiles is active");
            let profile = profiles.first().map_or("NAME", String::as_str);
            Diagnostic::warning("profile-off", message).help(format!("add `--profile {profile}`"))
        }
        Gap::Fixed => {
            let message =
                format!("{says}, an address of the container engine's networks, which means nothing in a cluster");
            Diagnostic::warning("fixed-address", message).help("call the service by its name")
        }
        Gap::Resolver => {
            let message = format!("{says}, which is Docker's own name server and does not exist on Kubernetes");
            Diagnostic::error("docker-resolver", message).help(
                "write `resolver kube-dns.kube-system.svc.cluster.local` and full names such as `api.NAMESPACE.svc.cluster.local`, \
                 or leave the resolver out and name the hosts without variables",
            )
        }
        Gap::NotProvable => {
            let named = directory.services(host).first().copied().unwrap_or(from);
            let message = format!("{says}, and nothing says which ports `{named}` listens on");
            let help = expose(named, reference.port);
            Diagnostic::note("not-provable", message).help(help)
        }
    };
    found.at(reference.origin.span())
}

fn with_port(host: &str, port: Option<u16>) -> String {
    port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn expose(service: &str, port: Option<u16>) -> String {
    port.map_or_else(String::new, |port| format!("add `expose: [\"{port}\"]` to `{service}` if it listens there"))
}

/// What to write in place of a name that nobody has.
fn meant(directory: &Directory<'_>, reference: &Reference, nearest: Option<&str>) -> String {
    let Some(near) = nearest else {
        let names: Vec<String> = directory.stack().services.keys().take(8).map(|name| format!("`{name}`")).collect();
        if let Some(network) = outside(directory, &reference.from) {
            return format!(
                "if it is a container of another project on the network `{network}`, bring its service into this project, or \
                 create a Service `{}` of type ExternalName",
                reference.host
            );
        }
        return format!("name one of the project's services ({}), or an address outside of it", names.join(", "));
    };
    let service = directory.services(near).first().copied().unwrap_or(near);
    let fits = |port: u16| directory.open(service, port).is_some() || !directory.knows(service);
    match (reference.port, directory.sure(service).as_slice()) {
        (Some(port), [only, ..]) if !fits(port) => {
            let right = directory.behind(service, port).unwrap_or(*only);
            format!("write `{near}:{right}`; `{near}` does not listen on {port}")
        }
        (Some(port), _) if reference.port_written => format!("write `{near}:{port}`"),
        _ => format!("write `{near}`"),
    }
}

/// A network of a service that other projects may be on.
fn outside<'a>(directory: &Directory<'a>, service: &str) -> Option<&'a str> {
    let stack = directory.stack();
    let joined = &stack.services.get(service)?.networks;
    let external = |key: &&str| {
        let network = stack.networks.get(*key);
        network.and_then(|network| network.external.as_ref()).is_some_and(|external| external.value)
    };
    joined.iter().map(|attachment| attachment.network.as_str()).find(external)
}

/// A finding in a line that several services read, as one of a shared env file.
pub(crate) fn shared(diagnostic: Diagnostic, services: usize) -> Diagnostic {
    let more = services.saturating_sub(1);
    match more {
        0 => diagnostic,
        1 => {
            Diagnostic { message: format!("{}; another service reads the same line", diagnostic.message), ..diagnostic }
        }
        _ => Diagnostic {
            message: format!("{}; {more} other services read the same line", diagnostic.message),
            ..diagnostic
        },
    }
}

/// Ports that applications listen on by habit: a call to one that a service does not declare is rarely meant.
const HABITS: &[u16] = &[80, 81, 443, 3000, 3001, 4000, 4200, 5000, 5173, 8000, 8001, 8080, 8081, 8443];

/// Whether a closed port is wrong beyond doubt. A port that nobody declares may be one that the project just never
/// mentions: under Compose it is reached all the same, and the Service opens it too.
fn is_wrong(directory: &Directory<'_>, reference: &Reference, service: &str, port: u16) -> bool {
    let stack = directory.stack();
    let declares = |other: &Service| other.name != service && other.ports.iter().any(|known| known.container == port);
    let product = stack.services.get(service).filter(|service| service.product.is_some());
    let keeps = product.is_some_and(|product| matches!(product.role.value, Role::Store | Role::Cache | Role::Queue));
    keeps || !reference.port_written || HABITS.contains(&port) || stack.services.values().any(declares)
}

fn closed(
    directory: &Directory<'_>,
    reference: &Reference,
    service: &str,
    open: &[u16],
    behind: Option<u16>,
) -> Diagnostic {
    let Reference { from, host, port, place, .. } = reference;
    let port = port.unwrap_or(0);
    let own = reference.evidence == Evidence::Health;
    // A number that nobody wrote and a text that may be anything prove less than a URL with its port.
    let sure = !own && reference.strength == Strength::Host;
    let wrong = sure && (behind.is_some() || is_wrong(directory, reference, service, port));
    let severity = if wrong { Severity::Error } else { Severity::Warning };
    if let Some(inside) = behind {
        let message = format!(
            "`{from}` calls `{host}:{port}` in {place}, and {port} is the port published on the machine; `{service}` itself listens on {inside}"
        );
        return Diagnostic::new(severity, "port-closed", message).help(format!("write `{host}:{inside}`"));
    }
    let list: Vec<String> = open.iter().map(u16::to_string).collect();
    let list = if list.is_empty() { "no port that is known".to_owned() } else { list.join(", ") };
    let implied = if reference.port_written { "" } else { ", the port its scheme implies," };
    let message = if wrong {
        format!("`{from}` calls `{host}:{port}`{implied} in {place}, and `{service}` listens on {list}")
    } else {
        format!(
            "`{from}` calls `{host}:{port}` in {place}, and nothing shows that `{service}` listens there: it has {list}"
        )
    };
    let add = expose(service, Some(port));
    let help = match open {
        [one] if wrong => format!("write `{host}:{one}`, or {add}"),
        [_, _, ..] if wrong => format!("call one of these ports, or {add}"),
        _ => add,
    };
    Diagnostic::new(severity, "port-closed", message).help(help)
}

fn local(reference: &Reference, says: &str, listener: Option<&(String, u16)>, outside: bool) -> Diagnostic {
    let Reference { from, .. } = reference;
    let message = format!("{says}, which is the container itself, and `{from}` does not listen there");
    let severity = if outside { Severity::Warning } else { Severity::Error };
    let help = match listener {
        Some((name, port)) if outside => format!(
            "write `{name}:{port}` if `{from}` calls it, or the address of `{name}` from outside if a browser does"
        ),
        Some((name, port)) => format!("write `{name}:{port}`"),
        None => "name the service that listens there, or an address the cluster reaches".to_owned(),
    };
    Diagnostic::new(severity, "localhost-reference", message).help(help)
}

/// Several names for one service, each used by someone.
pub(crate) fn two_names(service: &Service, names: &[String], first: &Reference) -> Diagnostic {
    let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let message = format!("`{}` is called by {} names: {}", service.name, names.len(), list.join(", "));
    Diagnostic::note("two-names", message)
        .at(first.origin.span())
        .help(format!("call it `{}` everywhere", service.name))
}
