//! The names and ports of a stack: who answers to what, and where.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use tranship_model::catalog::{self, ImageRef, Kind};
use tranship_model::{LeftOut, Port, Protocol, Service, Stack};

use crate::evidence::listening::{Listening, listening};
use crate::nearest::Index;

/// How it is known that a port is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// The stack has it.
    Declared,
    /// The catalog knows that the product listens there.
    Catalog,
    /// The service says so: an address to listen on, a health check, its mounted configuration.
    Said,
    /// The number stands in the service's environment, command or configuration.
    Mentioned,
    /// Another service calls it, and nothing shows that anyone listens.
    Called,
}

/// A port a service listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Open {
    /// The port.
    pub port: u16,
    /// How that is known.
    pub because: Because,
}

/// The names and ports of a stack.
#[derive(Clone, Debug)]
pub struct Directory<'a> {
    stack: &'a Stack,
    names: BTreeMap<String, Vec<&'a str>>,
    open: BTreeMap<&'a str, BTreeMap<u16, Because>>,
    /// Services that share a network, by the one it belongs to.
    shared: BTreeMap<&'a str, Vec<&'a str>>,
    /// Made when a name leads nowhere.
    index: OnceCell<Index>,
    /// Made when a port of the machine is called.
    published: OnceCell<Vec<Published<'a>>>,
    /// Services of known products by the ports they surely have; made when a port is called without a right name.
    products: OnceCell<BTreeMap<u16, Vec<&'a str>>>,
}

/// Ports of the machine that lead to a container.
#[derive(Clone, Copy, Debug)]
struct Published<'a> {
    first: u16,
    last: u16,
    service: &'a str,
    container: u16,
}

impl<'a> Directory<'a> {
    /// The directory of a stack. Names are compared without case, as DNS does.
    pub fn new(stack: &'a Stack) -> Self {
        let mut names: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for service in stack.services.values() {
            let own = std::iter::once(service.name.as_str());
            for name in own.chain(service.aliases.iter().map(|alias| alias.value.as_str())) {
                let holders = names.entry(name.to_ascii_lowercase()).or_default();
                if !holders.contains(&service.name.as_str()) {
                    holders.push(&service.name);
                }
            }
        }
        let mut shared: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for service in stack.services.values() {
            shared.entry(home(service)).or_default().push(&service.name);
        }
        let mut directory = Self {
            stack,
            names,
            open: BTreeMap::new(),
            shared,
            index: OnceCell::new(),
            published: OnceCell::new(),
            products: OnceCell::new(),
        };
        for service in stack.services.values() {
            let open = directory.ports(service);
            directory.open.insert(&service.name, open);
        }
        directory
    }

    fn ports(&self, service: &Service) -> BTreeMap<u16, Because> {
        let mut out = BTreeMap::new();
        for port in service.ports.iter().filter(|port| port.protocol != Protocol::Sctp) {
            out.insert(port.container, Because::Declared);
        }
        for port in catalog_ports(service) {
            out.entry(port).or_insert(Because::Catalog);
        }
        let Listening { said, mentioned } = listening(self.stack, service, |host| self.is_own(service, host));
        for port in said {
            out.entry(port).or_insert(Because::Said);
        }
        for port in mentioned {
            out.entry(port).or_insert(Because::Mentioned);
        }
        out
    }

    /// Whether a service answers to a host itself.
    pub fn is_own(&self, service: &Service, host: &str) -> bool {
        self.services(host).contains(&service.name.as_str())
    }

    /// The services that answer to a name.
    pub fn services(&self, name: &str) -> &[&'a str] {
        self.names.get(&name.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// The name nearest to one that nobody has, in small letters.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let index = self.index.get_or_init(|| Index::new(self.names.keys().map(String::as_str)));
        index.nearest(name)
    }

    /// How it is known that a service, or one that shares its network, listens on a port.
    pub fn open(&self, service: &str, port: u16) -> Option<Because> {
        let group = self.sharing(service);
        group.iter().filter_map(|member| self.open.get(member)?.get(&port).copied()).min()
    }

    /// The ports a service listens on for sure, sorted.
    pub fn sure(&self, service: &str) -> Vec<u16> {
        let group = self.sharing(service);
        let ports = group.iter().filter_map(|member| self.open.get(member)).flatten();
        let sure: BTreeSet<u16> = ports.filter(|(_, why)| **why < Because::Mentioned).map(|(port, _)| *port).collect();
        sure.into_iter().collect()
    }

    /// Whether the project or the catalog says which ports a service has: another one can then be refuted.
    pub fn knows(&self, service: &str) -> bool {
        let group = self.sharing(service);
        let mut ports = group.iter().filter_map(|member| self.open.get(member)).flatten();
        ports.any(|(_, because)| *because <= Because::Catalog)
    }

    /// Services that have one network among them: `network_mode: service:x`, and all that have the machine's.
    fn sharing(&self, service: &str) -> &[&'a str] {
        let home = self.stack.services.get(service).map(home);
        home.and_then(|home| self.shared.get(home)).map_or(&[], Vec::as_slice)
    }

    /// The service that publishes a port of the machine, and the container's port behind it.
    pub fn publisher(&self, port: u16) -> Option<(&'a str, u16)> {
        let found = self.published().iter().find(|known| (known.first..=known.last).contains(&port))?;
        Some((found.service, found.container))
    }

    /// The published ports, single ones and ranges, in the order of the stack.
    fn published(&self) -> &[Published<'a>] {
        self.published.get_or_init(|| {
            let services = self.stack.services.values();
            let ports = services.flat_map(|service| service.ports.iter().map(move |port| (service, port)));
            let known = ports.filter_map(|(service, port)| {
                let (first, last) = published(port)?;
                Some(Published { first, last, service: &service.name, container: port.container })
            });
            known.collect()
        })
    }

    /// The container's port behind a published port of one service.
    pub fn behind(&self, service: &str, port: u16) -> Option<u16> {
        let service = self.stack.services.get(service)?;
        let leads_to = |known: &&Port| published(known).is_some_and(|(first, last)| (first..=last).contains(&port));
        service.ports.iter().find(leads_to).map(|known| known.container)
    }

    /// The one service of a known product that listens on a port, if it is one alone; `except` does not count.
    pub fn listener(&self, port: u16, except: &str) -> Option<&'a str> {
        let mut all = self.products().get(&port)?.iter().filter(|service| **service != except);
        let first = all.next()?;
        all.next().is_none().then_some(first)
    }

    fn products(&self) -> &BTreeMap<u16, Vec<&'a str>> {
        self.products.get_or_init(|| {
            let mut out: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
            for service in self.stack.services.values().filter(|service| service.product.is_some()) {
                let ports = self.open.get(service.name.as_str()).into_iter().flatten();
                for (port, _) in ports.filter(|(_, why)| **why <= Because::Catalog) {
                    out.entry(*port).or_default().push(&service.name);
                }
            }
            out
        })
    }

    /// The service that profiles leave out and that would answer to a name.
    pub fn left_out(&self, name: &str) -> Option<&'a LeftOut> {
        let answers = |left: &&LeftOut| {
            std::iter::once(&left.service).chain(&left.names).any(|known| known.eq_ignore_ascii_case(name))
        };
        self.stack.left_out.iter().find(answers)
    }

    /// Whether a name leads to a server outside.
    pub fn is_outside(&self, name: &str) -> bool {
        self.stack.outside.keys().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// The stack.
    pub fn stack(&self) -> &'a Stack {
        self.stack
    }
}

/// The service whose network a service has; all that have the machine's own share one that no service is named like.
fn home(service: &Service) -> &str {
    match mode(service) {
        Some("host") => "host\n",
        Some(mode) => mode.strip_prefix("service:").unwrap_or(&service.name),
        None => &service.name,
    }
}

/// How a service is connected, when it says so.
pub(crate) fn mode(service: &Service) -> Option<&str> {
    service.security.network_mode.as_ref().map(|mode| mode.value.as_str())
}

/// Whether a host is the container itself.
pub(crate) fn is_local(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    matches!(host.as_str(), "localhost" | "::1" | "ip6-localhost" | "localhost.localdomain")
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// Ports the catalog knows of a service's product, whatever the project declares.
fn catalog_ports(service: &Service) -> Vec<u16> {
    let Some(product) = service.product.as_ref().and_then(|product| catalog::by_name(&product.value)) else {
        return Vec::new();
    };
    let tag = service.image.as_ref().and_then(|image| ImageRef::parse(&image.value).tag);
    if product.kind == Kind::Service { product.ports_for(tag).map(|port| port.port).collect() } else { Vec::new() }
}

/// The ports of the machine that a port is published on, first and last.
fn published(port: &Port) -> Option<(u16, u16)> {
    let text = &port.published.as_ref()?.port;
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((first.parse().ok()?, last.parse().ok()?))
}
