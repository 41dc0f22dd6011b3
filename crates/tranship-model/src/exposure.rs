//! How an application is reached from outside: which requests go to which port of which service, and by what.
//!
//! Compose publishes ports on one machine; a platform has ways in of its own. What is called by labels of a proxy, by
//! published ports or by the user's own words becomes the same [`Route`]s here.

use std::collections::BTreeSet;

use crate::network::Protocol;
use crate::origin::Traced;
use crate::stack::Stack;

/// How the application is reached from outside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exposure {
    /// What leads where, in the order of the services. Empty: nothing is reached from outside.
    pub routes: Vec<Traced<Route>>,
    /// Published ports that are not reached from outside, and why.
    pub closed: Vec<Closed>,
    /// By what; `None` where there is no way in.
    pub way: Option<Traced<Way>>,
    /// The class of the controller that serves it, where one is named.
    pub class: Option<Traced<String>>,
    /// Where certificates come from, where the connection is encrypted.
    pub tls: Option<Traced<Tls>>,
}

/// A published port that is not reached from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The service.
    pub service: String,
    /// The port of its container.
    pub port: u16,
    /// Its protocol.
    pub protocol: Protocol,
    /// Why, a sentence without its full stop.
    pub because: String,
}

/// Requests that fit it go to a port of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The service.
    pub service: String,
    /// The port of its container.
    pub port: u16,
    /// The host that is asked for, `*.` before a domain for any host of it; `None` for every host.
    pub host: Option<String>,
    /// The path that is asked for.
    pub path: PathMatch,
    /// What is put in place of a prefix path before the request is passed on; empty to take it away.
    pub replace: Option<String>,
    /// Whether requests without encryption are sent to the encrypted address.
    pub redirect: bool,
    /// The port it is reached at from outside, where the way in has one for each route.
    pub outside: Option<u16>,
}

/// Which paths fit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathMatch {
    /// The path and everything below it, whole steps; `/` is every path.
    Prefix(String),
    /// The path itself.
    Exact(String),
}

impl PathMatch {
    /// Every path.
    pub fn all() -> Self {
        Self::Prefix("/".to_owned())
    }

    /// The path.
    pub fn text(&self) -> &str {
        match self {
            Self::Prefix(path) | Self::Exact(path) => path,
        }
    }

    /// Whether every path fits.
    pub fn is_all(&self) -> bool {
        matches!(self, Self::Prefix(path) if path == "/")
    }
}

/// By what an application is reached, in the platform's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// A proxy that all applications of the platform share, told by an Ingress.
    #[default]
    Ingress,
    /// The same by the Gateway API.
    Gateway,
    /// An address of its own for each service.
    LoadBalancer,
    /// A port of every machine for each service.
    NodePort,
}

impl Way {
    /// Its word, as the user writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Gateway => "gateway",
            Self::LoadBalancer => "loadbalancer",
            Self::NodePort => "nodeport",
        }
    }

    /// Whether it tells requests apart by host and path.
    pub fn reads_requests(self) -> bool {
        matches!(self, Self::Ingress | Self::Gateway)
    }
}

/// Where certificates come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// A secret that is there.
    Secret(String),
    /// cert-manager asks an issuer for them.
    Issuer {
        /// The issuer's name.
        name: String,
        /// Whether it serves every namespace and is there already.
        cluster_wide: bool,
        /// The address the authority writes to; with it the issuer is written as well.
        email: Option<String>,
    },
}

/// Whether a text is a host that can be asked for: names of small letters, digits and `-`, the first of which may be `*`,
/// and no address (RFC 1123; Kubernetes takes no other).
pub fn is_host(text: &str) -> bool {
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let part = |part: &str| {
        part.len() <= 63 && part.starts_with(end) && part.ends_with(end) && part.chars().all(|c| end(c) || c == '-')
    };
    let domain = text.strip_prefix("*.").unwrap_or(text);
    let is_address = domain.rsplit('.').next().is_some_and(|last| last.chars().all(|c| c.is_ascii_digit()));
    text.len() <= 253 && domain.split('.').all(part) && !is_address
}

impl Stack {
    /// The services that are reached from outside, each with its ports that are.
    pub fn entries(&self) -> BTreeSet<(&str, u16)> {
        self.exposure.routes.iter().map(|route| (route.value.service.as_str(), route.value.port)).collect()
    }

    /// Whether a service is reached from outside.
    pub fn is_entry(&self, service: &str) -> bool {
        self.exposure.routes.iter().any(|route| route.value.service == service)
    }

    /// Whether a port of a service is reached from outside.
    pub fn is_entered_at(&self, service: &str, port: u16, protocol: Protocol) -> bool {
        let fits = |route: &Route| route.service == service && route.port == port;
        protocol == Protocol::Tcp && self.exposure.routes.iter().any(|route| fits(&route.value))
    }
}
