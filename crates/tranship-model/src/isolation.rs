//! Who may reach whom.
//!
//! Compose says it by networks: services that share one reach each other on every port, and nobody else does. What is
//! not named here is closed.

use crate::network::Protocol;
use crate::origin::Origin;
use crate::stack::Stack;

/// Who may reach whom in a stack, and who may from outside. A service that lives in another's pod counts as that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Isolation {
    /// Calls between services.
    pub calls: Calls,
    /// Ports that are open to callers which are no services of the stack.
    pub entries: Vec<Entry>,
    /// Services that may call the platform's API, though nothing else outside is open to them.
    pub platform: Vec<String>,
    /// Services that everybody may call, and that may call everybody who lets them in.
    pub open: Vec<String>,
}

/// Which calls between services are allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Calls {
    /// Those between services that share a network, on every port.
    Shared,
    /// Only these.
    Named(Vec<Call>),
}

/// Calls from one service to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// Who calls.
    pub from: String,
    /// Who is called.
    pub to: String,
    /// On which ports, sorted; empty: on all of them.
    pub ports: Vec<(u16, Protocol)>,
}

/// A port that is open to callers which are no services of the stack.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The service that has it.
    pub service: String,
    /// The port in the container.
    pub port: u16,
    /// Its protocol.
    pub protocol: Protocol,
    /// Who may call.
    pub from: Caller,
    /// Why it is open.
    pub origin: Origin,
}

/// Entries are equal as values: where they came from does not count.
impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        let value = |entry: &Self| (entry.port, entry.protocol, entry.from);
        self.service == other.service && value(self) == value(other)
    }
}

impl Eq for Entry {}

/// Callers that are no services of the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    /// Anything: other applications, nodes, load balancers, the world outside.
    Anyone,
    /// Other applications of the platform.
    Platform,
}

impl Stack {
    /// Whether something outside is reached from a service: one of its networks leads there.
    pub fn leads_outside(&self, service: &str) -> bool {
        let Some(service) = self.services.get(service) else { return false };
        service.networks.iter().any(|attachment| {
            let network = self.networks.get(&attachment.network);
            let internal = network.and_then(|network| network.internal.as_ref());
            !internal.is_some_and(|internal| internal.value)
        })
    }
}
