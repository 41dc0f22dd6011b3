//! `cargo xtask tidy`: the house rules that no compiler checks.
//!
//! A rule is a file in this folder, a function from the tree of files to the faults in it, and a line in [`RULES`].
//! A line that has to break a rule says so itself, or in a comment right above it: `tidy: allow RULE: the reason`.

mod arrows;
mod commands;
mod headers;
mod hosts;
mod paths;
mod pure;
mod size;
mod sorted;
mod todo;
mod tree;

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use tranship_testing::places;

pub use self::tree::Tree;

/// Something to mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, from the root.
    pub path: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong with it, and what to do.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

type Rule = fn(&Tree) -> Vec<Fault>;

const RULES: &[(&str, Rule)] = &[
    // tidy: sorted
    ("arrows", arrows::check),
    ("commands", commands::check),
    ("headers", headers::check),
    ("hosts", hosts::check),
    ("paths", paths::check),
    ("pure", pure::check),
    ("sorted", sorted::check),
    ("todo", todo::check),
    // tidy: end
];

/// What all rules say.
pub struct Verdict {
    /// Each rule with its faults.
    pub rules: Vec<(&'static str, Vec<Fault>)>,
    /// What deserves a look and is no fault.
    pub warnings: Vec<Fault>,
}

/// Runs `tidy`.
pub fn run(args: &[String]) -> Result<ExitCode> {
    if !args.is_empty() {
        bail!("usage: cargo xtask tidy");
    }
    let verdict = check(&places::workspace())?;
    let mut clean = true;
    for (rule, faults) in &verdict.rules {
        for fault in faults {
            println!("{rule}: {fault}");
            clean = false;
        }
    }
    for fault in &verdict.warnings {
        println!("warning: {fault}");
    }
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Checks the tree at a root.
pub fn check(root: &Path) -> Result<Verdict> {
    let tree = Tree::read(root)?;
    Ok(Verdict { rules: RULES.iter().map(|(name, rule)| (*name, rule(&tree))).collect(), warnings: size::check(&tree) })
}
