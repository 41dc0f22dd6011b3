//! Which pod reaches which, by the NetworkPolicies that are there.
//!
//! A reading of the API's own rules and of nothing else: pods of templates with their labels, policies that select them, what
//! these name. It does not know how the objects came to be, so that it can hold them to what was meant. Address blocks stand
//! for what is outside the cluster. Start reading at [`Reach::calls`].

mod policy;
mod selector;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::IpAddr;

use tranship_source::yaml::Node;

use self::policy::{Peer, Policy, Rule};
use self::selector::{Labels, labels};
use crate::object::{Object, ObjectSet};

/// Who may reach whom among the pods of a set of objects.
#[derive(Clone, Debug)]
pub struct Reach<'a> {
    pods: BTreeMap<String, Pod<'a>>,
    namespaces: BTreeMap<&'a str, Labels<'a>>,
    policies: Vec<Policy<'a>>,
}

/// The pods of one workload.
#[derive(Clone, Debug)]
struct Pod<'a> {
    namespace: &'a str,
    labels: Labels<'a>,
    /// Ports by their names, which policies may use.
    ports: BTreeMap<&'a str, u16>,
    /// Whether they are in the network of their node, which policies do not cover.
    on_node: bool,
    /// The policies that select them, by their places.
    policies: Vec<usize>,
}

/// Someone outside the set of objects.
#[derive(Clone, Copy, Debug)]
pub enum Stranger<'a> {
    /// An address that is no pod's.
    Address(IpAddr),
    /// A pod with these labels in a namespace with those.
    Pod {
        /// Labels of the pod.
        labels: &'a [(&'a str, &'a str)],
        /// Labels of its namespace.
        namespace: &'a [(&'a str, &'a str)],
    },
}

/// Some node: which address it has is not known.
const NODE: Stranger<'_> = Stranger::Address(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));

/// A port and its protocol, in the API's words: `TCP`, `UDP`, `SCTP`.
pub type Port<'a> = (u16, &'a str);

impl<'a> Reach<'a> {
    /// Reads pods, namespaces and policies from a set of objects.
    pub fn new(objects: &'a ObjectSet) -> Self {
        let mut namespaces: BTreeMap<&str, Labels<'_>> = BTreeMap::new();
        for object in objects.iter().filter(|object| object.kind() == "Namespace") {
            namespaces.insert(object.name(), labels(object.get(&["metadata", "labels"])));
        }
        let policies: Vec<Policy<'_>> = objects.iter().filter_map(Policy::read).collect();
        // Policies by one of the labels they ask for, so that a pod meets only those that may be meant.
        let mut by_label: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        let mut rest = Vec::new();
        for (place, policy) in policies.iter().enumerate() {
            match policy.selects.first() {
                Some(label) => by_label.entry(label).or_default().push(place),
                None => rest.push(place),
            }
        }
        let mut pods = BTreeMap::new();
        for object in objects {
            let Some(mut pod) = Pod::read(object) else { continue };
            let own = pod.labels.iter().filter_map(|(key, value)| by_label.get(&(*key, *value))).flatten();
            let mut found: Vec<usize> = own.chain(&rest).copied().collect();
            found.retain(|place| policies.get(*place).is_some_and(|policy| policy.covers(pod.namespace, &pod.labels)));
            found.sort_unstable();
            pod.policies = found;
            namespaces.entry(pod.namespace).or_default();
            pods.insert(object.label(), pod);
        }
        for (name, labels) in &mut namespaces {
            labels.insert("kubernetes.io/metadata.name", name);
        }
        Self { pods, namespaces, policies }
    }

    /// The workloads that have pods, as `Kind/name`.
    pub fn workloads(&self) -> impl Iterator<Item = &str> {
        self.pods.keys().map(String::as_str)
    }

    /// Whether policies cover the pods of a workload: not those in the network of their node.
    pub fn covers(&self, workload: &str) -> bool {
        self.pods.get(workload).is_some_and(|pod| !pod.on_node)
    }

    /// Whether pods of one workload may call pods of another on a port; `None` where one of them has no pods.
    pub fn calls(&self, from: &str, to: &str, port: Port<'_>) -> Option<bool> {
        let (from, to) = (self.pods.get(from)?, self.pods.get(to)?);
        // A pod on its node's network is known by the node's address alone.
        let is = |peer: &Peer<'_>, own: &str, pod: &Pod<'_>| {
            if pod.on_node { means(peer, own, NODE) } else { self.names(peer, own, pod) }
        };
        let out = from.on_node || self.lets(from, false, to, port, &|peer, own| is(peer, own, to));
        let into = to.on_node || self.lets(to, true, to, port, &|peer, own| is(peer, own, from));
        Some(out && into)
    }

    /// Whether pods of a workload may call someone outside.
    pub fn leaves(&self, from: &str, to: Stranger<'_>, port: Port<'_>) -> Option<bool> {
        let pod = self.pods.get(from)?;
        Some(pod.on_node || self.lets(pod, false, pod, port, &|peer, own| means(peer, own, to)))
    }

    /// Whether someone outside may call pods of a workload.
    pub fn enters(&self, from: Stranger<'_>, to: &str, port: Port<'_>) -> Option<bool> {
        let pod = self.pods.get(to)?;
        Some(pod.on_node || self.lets(pod, true, pod, port, &|peer, own| means(peer, own, from)))
    }

    /// Whether the policies of a pod let something through in one direction. `receiver` has the port.
    fn lets(
        &self,
        pod: &Pod<'_>,
        incoming: bool,
        receiver: &Pod<'_>,
        port: Port<'_>,
        meant: &dyn Fn(&Peer<'_>, &str) -> bool,
    ) -> bool {
        let all = pod.policies.iter().filter_map(|place| self.policies.get(*place));
        let mut isolating = all.filter_map(|policy| policy.rules(incoming).map(|rules| (policy, rules))).peekable();
        if isolating.peek().is_none() {
            return true;
        }
        let named = |name: &str| receiver.ports.get(name).copied();
        isolating.any(|(policy, rules)| {
            let fits =
                |rule: &Rule<'_>| rule.has_port(port, &named) && rule.has_peer(|peer| meant(peer, policy.namespace));
            rules.iter().any(fits)
        })
    }

    /// Whether a peer of a policy in namespace `own` names a pod.
    fn names(&self, peer: &Peer<'_>, own: &str, pod: &Pod<'_>) -> bool {
        let Peer::Pods { namespaces, pods } = peer else { return false };
        let home = match namespaces {
            None => pod.namespace == own,
            Some(selector) => self.namespaces.get(pod.namespace).is_some_and(|labels| selector.matches(labels)),
        };
        home && pods.as_ref().is_none_or(|selector| selector.matches(&pod.labels))
    }
}

/// Whether a peer of a policy in namespace `own` means a stranger.
fn means(peer: &Peer<'_>, own: &str, stranger: Stranger<'_>) -> bool {
    match (peer, stranger) {
        (Peer::Block { inside, outside }, Stranger::Address(ip)) => {
            inside.is_some_and(|block| crate::check::cidr::contains(block, ip))
                && !outside.iter().any(|block| crate::check::cidr::contains(*block, ip))
        }
        (Peer::Pods { namespaces, pods }, Stranger::Pod { labels, namespace }) => {
            let home: Labels<'_> = namespace.iter().copied().collect();
            let labels: Labels<'_> = labels.iter().copied().collect();
            let there = match namespaces {
                None => home.get("kubernetes.io/metadata.name") == Some(&own),
                Some(selector) => selector.matches(&home),
            };
            there && pods.as_ref().is_none_or(|selector| selector.matches(&labels))
        }
        _ => false,
    }
}

impl<'a> Pod<'a> {
    /// The pods of a workload; `None` for an object that has none.
    fn read(object: &'a Object) -> Option<Self> {
        let template = match object.kind() {
            "Deployment" | "StatefulSet" | "DaemonSet" | "Job" => object.get(&["spec", "template"])?,
            "CronJob" => object.get(&["spec", "jobTemplate", "spec", "template"])?,
            "Pod" => &object.tree,
            _ => return None,
        };
        let spec = template.get("spec")?;
        let containers = spec.get("containers").and_then(Node::as_seq).unwrap_or_default();
        let ports = containers.iter().flat_map(|c| c.get("ports").and_then(Node::as_seq).unwrap_or_default());
        let named = ports.filter_map(|port| {
            Some((port.get("name")?.as_str()?, u16::try_from(port.get("containerPort")?.as_int()?).ok()?))
        });
        Some(Self {
            namespace: object.namespace(),
            labels: labels(template.at(&["metadata", "labels"])),
            ports: named.collect(),
            on_node: spec.get("hostNetwork").and_then(Node::as_bool) == Some(true),
            policies: Vec::new(),
        })
    }
}
