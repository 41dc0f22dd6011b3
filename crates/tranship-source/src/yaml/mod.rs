//! YAML as a tree with positions, read and written.
//!
//! [`decode()`] turns bytes into text, [`parse()`] turns text into [`Node`]s that know their bytes, tags and raw text. The
//! same tree is what the Kubernetes side builds and the writer prints, so a value keeps the span of the Compose text it
//! came from to the very end.

mod build;
mod decode;
mod map;
mod node;
mod parse;
mod quote;
mod scalar;
mod timestamp;
mod write;

pub use decode::{Decoded, decode};
pub use map::Map;
pub use node::{Key, Meta, Node, Trail, Value, VariableFrom};
pub use parse::{ParseOptions, parse, parse_with};
pub use quote::{block_header, double, inline};
pub use scalar::{TIMESTAMP, whole};
pub use timestamp::Timestamp;
pub use write::{write, write_all};
