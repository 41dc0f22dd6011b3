//! What an application is: its services, what they are made with, how they hang together, and what running them takes.
//!
//! Reads a [`tranship_model::Stack`] that is understood already, the objects made of it, and as few files of the project
//! as it can. Decides nothing and changes nothing: every sentence here has a place in the project, a field of an object
//! or a printed formula behind it. Start reading at [`graph`].

pub mod analysis;
pub mod code;
pub mod document;
#[cfg(test)]
mod fixture;
pub mod graph;
pub mod layout;
pub mod overhead;
mod part;
pub mod place;
pub mod tech;

pub use place::{Place, Places};
