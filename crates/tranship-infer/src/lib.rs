//! What a stack says of itself outside its structure: who calls whom, under which name, on which port.
//!
//! [`prove`] reads every host and port that environments, command lines, health checks, build arguments, labels and
//! mounted configurations name, and shows that each leads to a service and a port that is open, or says why not.
//! [`edges`] is the graph that follows, [`carried`] and [`rewrite()`] put names into place that Kubernetes cannot carry.
//! Everything is pure: a [`tranship_model::Stack`] in, facts and diagnostics out.
//!
//! A source of evidence is a file in `evidence/`: it finds references and judges none. `directory` knows the names and
//! ports of the stack, `judge` decides what a reference means, `findings` words what is wrong.

pub mod back;
mod cut;
mod directory;
mod edge;
pub mod evidence;
mod findings;
pub mod image;
mod judge;
mod nearest;
pub mod outside;
mod proof;
mod reference;
mod rewrite;
pub mod same;
mod scan;

#[cfg(test)]
mod tests;

#[cfg(test)]
mod fixture;

pub use cut::cut;
pub use directory::{Because, Directory, Open};
pub use edge::{Edge, calls_of, edges, edges_of, targets};
pub use judge::{Gap, Verdict};
pub use proof::{Proof, Proven, complete, prove};
pub use reference::{Evidence, Place, Reference, Strength};
pub use rewrite::{Rewrite, carried, prefixed, rewrite};
