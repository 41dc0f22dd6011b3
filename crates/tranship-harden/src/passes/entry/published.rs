//! Which published ports are ways in, which stay closed and why, and which service is the front door.

use tranship_model::{Closed, Origin, Port, Protocol, Role, Route, Service, Stack, Traced};

use super::http::{Called, Spoken, spoken};

/// A port that is reached from outside.
pub(super) struct Candidate {
    pub(super) service: String,
    pub(super) port: u16,
    /// The port it was published at, where that is one number.
    pub(super) published: Option<u16>,
    /// How it is known to speak HTTP: the end of a sentence.
    pub(super) because: String,
    pub(super) origin: Origin,
    role: Role,
}

/// What the published ports of a stack come to.
#[derive(Default)]
pub(super) struct Found {
    pub(super) candidates: Vec<Candidate>,
    pub(super) closed: Vec<Closed>,
    /// Services that publish nothing but what is encrypted already.
    pub(super) encrypted: Vec<(String, u16, Origin)>,
}

impl Found {
    /// Takes out what labels lead to already, and services whose labels ask for more than a route can do.
    pub(super) fn leave_to_labels(&mut self, routes: &[Traced<Route>], guards: impl Fn(&str) -> bool) {
        let led = |one: &Candidate| {
            routes.iter().any(|route| route.value.service == one.service && route.value.port == one.port)
        };
        self.candidates.retain(|one| !led(one));
        let (guarded, free) = std::mem::take(&mut self.candidates).into_iter().partition(|one| guards(&one.service));
        self.candidates = free;
        let guarded: Vec<Candidate> = guarded;
        self.closed.extend(guarded.into_iter().map(|one| {
            Closed {
                service: one.service,
                port: one.port,
                protocol: Protocol::Tcp,
                because:
                    "labels of a proxy ask for what no route does, and a plain one might let in whom they keep out"
                        .to_owned(),
            }
        }));
    }
}

/// Looks at every published port. `wanted` tells whether the user asked for a service by name, or for it to stay closed;
/// `as_it_is` whether the way in passes connections on as they are.
pub(super) fn find(stack: &Stack, wanted: impl Fn(&Service) -> Option<bool>, as_it_is: bool) -> Found {
    let called = Called::new(stack);
    let mut out = Found::default();
    for service in stack.services.values() {
        of_service(service, wanted(service), as_it_is, &called, &mut out);
    }
    out
}

fn of_service(service: &Service, asked: Option<bool>, as_it_is: bool, called: &Called, out: &mut Found) {
    let before = out.candidates.len();
    let mut encrypted = None;
    for port in &service.ports {
        let Some(published) = &port.published else { continue };
        let found = match (kept_in(service, port, asked), spoken(service, port, called)) {
            (Some(why), _) => Err(why),
            (None, Spoken::Http(because)) => Ok(because),
            (None, Spoken::Encrypted) if as_it_is => Ok("the connection is passed on as it is".to_owned()),
            (None, Spoken::Encrypted) => {
                encrypted.get_or_insert((port.container, published.origin.clone()));
                Err("the connection is encrypted there, which is the entry's work in a cluster".to_owned())
            }
            (None, Spoken::Console) if asked == Some(true) => Ok("you asked for it".to_owned()),
            (None, Spoken::Console) => Err(unasked("it is for people who look after the service", service)),
            (None, Spoken::Other(because)) => Err(format!("{because}, and the entry passes on HTTP alone")),
        };
        match found {
            Ok(because) => out.candidates.push(Candidate {
                service: service.name.clone(),
                port: port.container,
                published: published.port.parse().ok(),
                because,
                origin: published.origin.clone(),
                role: service.role.value,
            }),
            Err(because) => {
                let (service, port, protocol) = (service.name.clone(), port.container, port.protocol);
                out.closed.push(Closed { service, port, protocol, because });
            }
        }
    }
    if out.candidates.len() > before {
        return;
    }
    if let Some((port, origin)) = encrypted {
        out.encrypted.push((service.name.clone(), port, origin));
    }
    // One that was asked for and publishes nothing is opened where it speaks HTTP.
    if asked == Some(true) && service.ports.iter().all(|port| port.published.is_none()) {
        let speaks = |port: &&Port| {
            let spoken = spoken(service, port, called);
            port.protocol == Protocol::Tcp && matches!(spoken, Spoken::Http(_) | Spoken::Console)
        };
        if let Some(port) = service.ports.iter().find(speaks) {
            out.candidates.push(Candidate {
                service: service.name.clone(),
                port: port.container,
                published: None,
                because: "you asked for it".to_owned(),
                origin: port.origin.clone(),
                role: service.role.value,
            });
        }
    }
}

/// Why a published port is not for the outside, whatever is spoken there.
fn kept_in(service: &Service, port: &Port, asked: Option<bool>) -> Option<String> {
    let ip = port.published.as_ref().and_then(|published| published.host_ip.as_deref());
    let local = ip.filter(|ip| ip.starts_with("127.") || matches!(*ip, "::1" | "localhost" | "[::1]"));
    if asked == Some(false) {
        return Some("you said so: `entry: false`".to_owned());
    }
    if port.protocol != Protocol::Tcp {
        return Some(format!("the entry passes on HTTP alone, and this is {}", port.protocol.as_str().to_uppercase()));
    }
    if asked == Some(true) {
        return None;
    }
    if let Some(ip) = local {
        return Some(format!("Compose kept it on the machine itself (`{ip}`)"));
    }
    if service.workload.value.ends() {
        return Some("a task that ends is nobody's way in".to_owned());
    }
    let what = match service.role.value {
        Role::Store => "it keeps data",
        Role::Cache => "it is a cache",
        Role::Queue => "it passes on messages",
        Role::Admin => "it is a console for people who look after the app",
        Role::Observer => "it watches the app",
        Role::Helper => "it works for the engine",
        Role::App | Role::Proxy => return None,
    };
    Some(unasked(what, service))
}

fn unasked(what: &str, service: &Service) -> String {
    let name = &service.name;
    format!("{what}, and is not opened unasked: `--host {name}=NAME` or `x-tranship: {{entry: true}}` does")
}

/// The service whose routes need no name: the only one, the only proxy, or the only one at the web's own ports.
pub(super) fn front_door(candidates: &[Candidate]) -> Option<&str> {
    let only = |fits: &dyn Fn(&Candidate) -> bool| {
        let mut names = candidates.iter().filter(|one| fits(one)).map(|one| one.service.as_str());
        let first = names.next()?;
        names.all(|name| name == first).then_some(first)
    };
    only(&|_| true)
        .or_else(|| only(&|one| one.role == Role::Proxy))
        .or_else(|| only(&|one| matches!(one.published, Some(80 | 443))))
}
