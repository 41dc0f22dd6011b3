//! The Kubernetes dialect: objects as ordered trees, written from the neutral model and checked before anyone sees them.
//!
//! [`ObjectSet`] is what flows: every value keeps the span of the Compose text it came from, so that a refusal can
//! point at the line to blame. [`check()`] says what a server of a [`KubeVersion`] would refuse. This crate reads no file
//! and talks to no cluster. Start reading at [`object`].

pub mod check;
pub mod cluster;
pub mod launch;
pub mod lift;
pub mod lower;
pub mod names;
pub mod object;
pub mod pod_security;
pub mod reach;
pub mod read;
pub mod secrets;
pub mod shape;
mod version;

pub use check::{External, check};
pub use object::{Object, ObjectSet};
pub use version::{KubeVersion, UnknownVersion};
