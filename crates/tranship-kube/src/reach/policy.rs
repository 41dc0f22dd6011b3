//! One NetworkPolicy: whom it covers, in which directions, and what it lets through.

use std::net::IpAddr;

use tranship_source::yaml::Node;

use super::Port;
use super::selector::{Labels, Selector};
use crate::check::cidr;
use crate::object::Object;

/// A policy.
#[derive(Clone, Debug)]
pub(super) struct Policy<'a> {
    pub(super) namespace: &'a str,
    pub(super) selects: Selector<'a>,
    /// What may come in; `None` where the policy does not isolate this way.
    ingress: Option<Vec<Rule<'a>>>,
    egress: Option<Vec<Rule<'a>>>,
}

/// Something a policy lets through.
#[derive(Clone, Debug)]
pub(super) struct Rule<'a> {
    /// Empty: everyone.
    peers: Vec<Peer<'a>>,
    /// Empty: every port.
    ports: Vec<Range<'a>>,
}

/// Who is on the other side.
#[derive(Clone, Debug)]
pub(super) enum Peer<'a> {
    /// Pods: of the policy's own namespace where no selector of namespaces is given.
    Pods { namespaces: Option<Selector<'a>>, pods: Option<Selector<'a>> },
    /// Addresses.
    Block { inside: Option<(IpAddr, u32)>, outside: Vec<(IpAddr, u32)> },
}

#[derive(Clone, Debug)]
struct Range<'a> {
    protocol: &'a str,
    /// `None`: all of the protocol's.
    ports: Option<Ports<'a>>,
}

#[derive(Clone, Debug)]
enum Ports<'a> {
    Numbers(i64, i64),
    Name(&'a str),
}

impl<'a> Policy<'a> {
    /// Reads an object; `None` where it is no policy.
    pub(super) fn read(object: &'a Object) -> Option<Self> {
        if object.kind() != "NetworkPolicy" {
            return None;
        }
        let spec = object.get(&["spec"])?;
        let types = spec.get("policyTypes").and_then(Node::as_seq);
        let named = |word: &str| types.is_some_and(|types| types.iter().any(|kind| kind.as_str() == Some(word)));
        let rules = |key: &str, direction: &str, isolates: bool| {
            let list = spec.get(key).and_then(Node::as_seq).unwrap_or_default();
            isolates.then(|| list.iter().map(|node| Rule::read(node, direction)).collect::<Vec<_>>())
        };
        Some(Self {
            namespace: object.namespace(),
            selects: spec.get("podSelector").map(Selector::read).unwrap_or_default(),
            // Without a word on it a policy isolates what comes in, and what goes out if it has rules for that.
            ingress: rules("ingress", "from", types.is_none() || named("Ingress")),
            egress: rules("egress", "to", types.map_or(spec.get("egress").is_some(), |_| named("Egress"))),
        })
    }

    /// Whether it covers pods with these labels.
    pub(super) fn covers(&self, namespace: &str, labels: &Labels<'_>) -> bool {
        self.namespace == namespace && self.selects.matches(labels)
    }

    /// What it lets through in one direction; `None` where it does not isolate that way.
    pub(super) fn rules(&self, incoming: bool) -> Option<&[Rule<'a>]> {
        if incoming { self.ingress.as_deref() } else { self.egress.as_deref() }
    }
}

impl<'a> Rule<'a> {
    fn read(node: &'a Node, direction: &str) -> Self {
        let list = |key: &str| node.get(key).and_then(Node::as_seq).unwrap_or_default();
        Self { peers: list(direction).iter().map(peer).collect(), ports: list("ports").iter().map(range).collect() }
    }

    /// Whether one of its peers is meant.
    pub(super) fn has_peer(&self, meant: impl Fn(&Peer<'a>) -> bool) -> bool {
        self.peers.is_empty() || self.peers.iter().any(meant)
    }

    /// Whether a port is among its own. Names of ports are the receiver's.
    pub(super) fn has_port(&self, (port, protocol): Port<'_>, named: &dyn Fn(&str) -> Option<u16>) -> bool {
        let fits = |range: &Range<'_>| {
            range.protocol == protocol
                && match &range.ports {
                    None => true,
                    Some(Ports::Numbers(first, last)) => (*first..=*last).contains(&i64::from(port)),
                    Some(Ports::Name(name)) => named(name) == Some(port),
                }
        };
        self.ports.is_empty() || self.ports.iter().any(fits)
    }
}

fn peer(node: &Node) -> Peer<'_> {
    if let Some(block) = node.get("ipBlock") {
        let text = |node: &Node| cidr::network(node.as_str()?);
        let except = block.get("except").and_then(Node::as_seq).unwrap_or_default();
        return Peer::Block {
            inside: block.get("cidr").and_then(text),
            outside: except.iter().filter_map(text).collect(),
        };
    }
    let selector = |key: &str| node.get(key).map(Selector::read);
    Peer::Pods { namespaces: selector("namespaceSelector"), pods: selector("podSelector") }
}

fn range(node: &Node) -> Range<'_> {
    let port = node.get("port");
    let name = port.and_then(Node::as_str).map(Ports::Name);
    let number = port.and_then(Node::as_int).map(|first| {
        let last = node.get("endPort").and_then(Node::as_int).unwrap_or(first);
        Ports::Numbers(first, last)
    });
    Range { protocol: node.get("protocol").and_then(Node::as_str).unwrap_or("TCP"), ports: name.or(number) }
}
