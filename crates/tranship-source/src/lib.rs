//! Text with positions: where every value came from, and how to say so.
//!
//! This crate reads files only through [`World`], keeps their text in [`Sources`], and gives every value a [`Span`].
//! Faults are [`Diagnostic`]s collected in [`Checked`]. YAML is read and written by [`yaml`], env files by [`dotenv`],
//! variables put into text by [`template`].
//! It knows neither Compose nor Kubernetes. Start reading at [`yaml::Node`].

mod both;
pub mod cover;
pub mod diagnostic;
pub mod dotenv;
pub mod hash;
mod letters;
pub mod path;
pub mod render;
pub mod secret;
pub mod span;
pub mod template;
pub mod url;
pub mod world;
pub mod yaml;

pub use both::{both, both_if};
pub use diagnostic::{Checked, Code, Diagnostic, Fix, Label, Severity};
pub use letters::Letters;
pub use secret::Secret;
pub use span::{FileId, Position, Source, Sources, Span, Spanned};
pub use world::{Kind, MemoryWorld, Stat, World};
