//! The Compose dialect: reads projects exactly as docker compose does, and keeps where every value came from.
//!
//! [`load`] takes a project through docker compose's stages in its order: discovery, reading, interpolation, `extends`,
//! `include`, merging, canonical forms, schema, paths, normalisation, profiles, consistency. The result is a [`Project`]
//! whose tree is equal as data to what `docker compose config` prints. Files are only seen through
//! [`tranship_source::World`]. Start reading at [`loader`].

pub mod digest;
pub mod environment;
pub mod launch;
pub mod lift;
pub mod loader;
pub mod options;
pub mod overrides;
pub mod project;
pub mod schema;
pub mod typed;

pub use environment::{Environment, Variable};
pub use loader::load;
pub use options::LoadOptions;
pub use project::{Disabled, Loaded, Project};
pub use tranship_source::template;
