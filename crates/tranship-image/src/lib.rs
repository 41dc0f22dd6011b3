//! The Dockerfile dialect: text to instructions by BuildKit's rules, and the facts of the image they build.
//!
//! [`parse`] never gives up: every line becomes an instruction or a diagnostic with its place. [`facts()`] follows the
//! stages and says what a container of the image would run, as whom, where, and on which ports, as far as the file
//! says so. [`ignore`] reads `.dockerignore`. Texts, values and faults are those of BuildKit's own packages, which a
//! test asks. This crate builds nothing and asks no registry. Start reading at [`dockerfile`].

pub mod accounts;
pub mod dockerfile;
mod evaluate;
mod expose;
pub mod facts;
mod flags;
mod healthcheck;
mod heredoc;
pub mod ignore;
pub mod instruction;
mod lexer;
mod lines;
mod mount;
mod pattern;
mod reference;
mod signal;
mod stages;
mod words;

pub use accounts::Accounts;
pub use dockerfile::{Dockerfile, Stage, parse};
pub use facts::{BuildOptions, DEFAULT_PATH, ImageFacts, KnownBase, Write, facts};
pub use flags::Flags;
pub use healthcheck::Healthcheck;
pub use heredoc::Heredoc;
pub use ignore::Ignore;
pub use instruction::{Argv, Instruction, Kind, Transfer};
pub use lexer::{expand, expand_content, expand_words};
