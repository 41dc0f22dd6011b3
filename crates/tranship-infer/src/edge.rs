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
