//! Generates, checks and measures the project: `cargo xtask TASK`. Each task is a folder or file of its own.
//!
//! This crate depends on none of the product's crates but the test support, so that it builds, and can say what is
//! wrong, while the product does not compile. It runs the product as a process.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a task's report is what it prints")]

mod bench;
mod binary;
mod r#gen;
mod judges;
mod leash;
mod measure;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "usage: cargo xtask TASK

  test [STAGE...] [--list]      the one test command: everything, or the named stages
  tidy                          what the compiler does not check: layers, purity, headers, words
  gen [--check]                 writes the generated files, or says which are out of date
  judges [--corpus] [--only NAME] [--show ID]
                                what outside judges find in the manifests of our examples, less what docs/judges.md waives
  bench [--json FILE] [--quick] [--only COMMAND] [--bin FILE]
                                times the binary on made-up projects of growing size";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &[String]) -> Result<ExitCode> {
    let Some((task, rest)) = args.split_first() else { bail!("{USAGE}") };
    match task.as_str() {
        "bench" => bench::run(rest),
        "gen" => r#gen::run(rest),
        "judges" => judges::run(rest),
        "leash" => leash::hold(rest),
        "measure" => measure::report(rest),
        "test" => test::run(rest),
        "tidy" => tidy::run(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("no task `{other}`\n{USAGE}"),
    }
}
