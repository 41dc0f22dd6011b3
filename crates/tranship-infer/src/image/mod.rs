//! What is known of the images that services run, without a network: from the Dockerfile that builds them, and from the
//! catalog; and, when somebody asked the engine or a registry, what they told ([`Inspected`]). The facts go into the stack,
//! each with the reason it is known.
//!
//! [`learn`] fills in the facts and what a container takes from its image when the project says nothing: ports, health
//! check, stop signal. [`name_builds`] gives images that are only built the name they are pushed under.

mod accounts;
mod catalog;
mod complete;
mod context;
mod dockerfile;
mod fill;
mod git;
mod groups;
mod holds;
mod inspected;
mod naming;
mod pull;
mod volume;

#[cfg(test)]
mod tests;

pub use complete::{Wanted, learn, learn_with, wanted};
pub use context::digest;
pub use inspected::Inspected;
pub use naming::{Naming, Tag, name_builds};
pub use pull::pull_policies;
