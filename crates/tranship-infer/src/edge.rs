//! Who calls whom: the graph that policies, start orders and pictures are made from.

use std::collections::{BTreeMap, BTreeSet};

use tranship_model::Stack;

use crate::judge::{Gap, Verdict};
use crate::proof::{Proof, Proven, prove};
use crate::reference::Evidence;

/// One service calls another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The service that calls.
    pub from: String,
    /// The service that is called.
    pub to: String,
    /// The port, where one is named.
    pub port: Option<u16>,
    /// What shows it, each kind once.
    pub evidence: BTreeSet<Evidence>,
}

/// Every edge of a stack, by caller in the stack's order, then by target and port. A service's calls to itself are none.
///
/// An edge whose port is closed is there with its port: what is meant is what a policy has to allow.
pub fn edges(stack: &Stack) -> Vec<Edge> {
    edges_of(stack, &prove(stack).value)
}

/// [`edges`] of a stack that is proven already.
pub fn edges_of(stack: &Stack, proof: &Proof) -> Vec<Edge> {
    let mut found: BTreeMap<(usize, &str, Option<u16>), BTreeSet<Evidence>> = BTreeMap::new();
    for proven in &proof.proven {
        let reference = &proven.reference;
        let Some(from) = stack.services.get_index_of(&reference.from) else { continue };
        for to in targets(stack, proven) {
            found.entry((from, to, reference.port)).or_default().insert(reference.evidence);
        }
    }
    let name = |at: usize| stack.services.get_index(at).map(|(name, _)| name.clone()).unwrap_or_default();
    let edge = |((from, to, port), evidence)| Edge { from: name(from), to: String::from(to), port, evidence };
    found.into_iter().map(edge).collect()
}

/// The services a reference leads to, the one that names it left out.
pub fn targets<'a>(stack: &'a Stack, proven: &'a Proven) -> Vec<&'a str> {
    let Proven { reference, verdict } = proven;
    let all: Vec<&str> = match verdict {
        Verdict::Reaches { services, .. } => services.iter().map(String::as_str).collect(),
        Verdict::Gap(Gap::Closed { service, .. }) => vec![service],
        Verdict::Gap(Gap::NotProvable) => {
            stack.services.get(&reference.host).map(|s| s.name.as_str()).into_iter().collect()
        }
        _ => Vec::new(),
    };
    all.into_iter().filter(|to| *to != reference.from).collect()
}

/// The edges that are calls. An order of starting says that there is a connection, and not on which port: where something else
/// shows that one, or the other one is a task that ends, the order is an order and no more.
pub fn calls_of(stack: &Stack, edges: Vec<Edge>) -> Vec<Edge> {
    let is_order = |edge: &Edge| edge.evidence.iter().all(|evidence| *evidence == Evidence::DependsOn);
    let shown: BTreeSet<(String, String)> =
        edges.iter().filter(|edge| !is_order(edge)).map(|edge| (edge.from.clone(), edge.to.clone())).collect();
    let ends = |name: &str| stack.services.get(name).is_some_and(|service| service.workload.value.ends());
    let mut edges = edges;
    edges.retain(|edge| !is_order(edge) || !(ends(&edge.to) || shown.contains(&(edge.from.clone(), edge.to.clone()))));
    edges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::stack;

    #[test]
    fn an_order_is_no_call_where_another_place_shows_the_port() {
        let stack = stack(
            "services:
  web: {image: 'acme/web:1', environment: {URL: 'http://api:9090/'}, depends_on: [api, db, migrate]}
  api: {image: 'acme/api:1', expose: ['9090', '7070']}
  db: {image: 'postgres:16'}
  migrate: {image: 'acme/api:1', restart: 'no', command: [migrate]}
  after: {image: 'acme/api:1', depends_on: {migrate: {condition: service_completed_successfully}}}
",
        );
        let calls = calls_of(&stack, edges(&stack));
        let told: Vec<_> = calls.iter().map(|edge| (edge.from.as_str(), edge.to.as_str(), edge.port)).collect();
        assert_eq!(told, [("web", "api", Some(9090)), ("web", "db", None)]);
    }
}
