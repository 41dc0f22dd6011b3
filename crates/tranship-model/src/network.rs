//! Ports, names and networks.

use crate::origin::{Origin, Traced};

/// A network that services share.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Where it is written.
    pub origin: Origin,
    /// The name the engine knows it by, when it differs from the key.
    pub name: Option<Traced<String>>,
    /// Whether it exists already and other projects may be on it.
    pub external: Option<Traced<bool>>,
    /// Whether nothing outside can be reached from it.
    pub internal: Option<Traced<bool>>,
    /// Labels.
    pub labels: Vec<(String, Traced<String>)>,
}

/// A service's place on a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Attachment {
    /// Key in the stack's networks.
    pub network: String,
    /// Where it is written.
    pub origin: Origin,
}

/// The protocol of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// `tcp`, `udp` or `sctp`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

/// A port the container listens on.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// Where it is written, or the rule that knows it.
    pub origin: Origin,
    /// The port in the container.
    pub container: u16,
    /// Its protocol.
    pub protocol: Protocol,
    /// The name the project gives it.
    pub name: Option<Traced<String>>,
    /// The protocol spoken on top, such as `http`.
    pub app_protocol: Option<Traced<String>>,
    /// How it is reached from outside; `None` when only other services reach it.
    pub published: Option<Published>,
}

/// How a port is reached from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// Where it is written.
    pub origin: Origin,
    /// The port on the machine, or a range `8000-8010`; empty when the engine chooses.
    pub port: String,
    /// The address of the machine it is bound to.
    pub host_ip: Option<String>,
    /// `host` binds the machine's port on each node; `ingress` balances.
    pub mode: Option<String>,
}

/// A name in the hosts file.
#[derive(Clone, Debug, PartialEq)]
pub struct HostEntry {
    /// Where it is written.
    pub origin: Origin,
    /// The name.
    pub name: String,
    /// Its address, or a word of the engine's such as `host-gateway`.
    pub address: String,
}

/// How names are resolved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dns {
    /// Addresses of name servers.
    pub servers: Vec<Traced<String>>,
    /// Domains that short names are looked up in.
    pub search: Vec<Traced<String>>,
    /// Options such as `ndots:2`.
    pub options: Vec<Traced<String>>,
}
