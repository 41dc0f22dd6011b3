//! Checks a loaded, interpolated tree against the Compose specification's JSON schema.
//!
//! The verdict is compose-go's, which runs the same schema; the words are ours: every fault at once, each at its place,
//! alternatives (`oneOf`) explained by the branch that was meant, misspelt keys with the key that was meant. The schema
//! lies in `schema/` of this crate, and `cargo xtask gen` makes `table.rs` of it. Start reading at [`check`].

mod pattern;
mod record;
mod suggest;
#[rustfmt::skip]
mod table;
mod walk;

pub use suggest::nearest;
pub use walk::check;

#[cfg(test)]
mod tests;
