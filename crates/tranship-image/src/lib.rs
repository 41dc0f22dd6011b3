//! The Dockerfile dialect: text to instructions by BuildKit's rules, and the facts of the image they build.
//!
//! [`parse`] never gives up: every line becomes an instruction or a diagnostic with its place. [`facts`] follows the
//! stages and says what a container of the image would run, as whom, where, and on which ports, as far as the file
//! says so. This crate builds nothing and asks no registry. Start reading at [`dockerfile`].

pub mod dockerfile;
pub mod expand;
pub mod facts;
pub mod instruction;
mod lines;

pub use dockerfile::{Dockerfile, Stage, parse};
pub use facts::{ImageFacts, facts};
pub use instruction::{Argv, Instruction, Kind};
