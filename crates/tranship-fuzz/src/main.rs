//! `tranship-fuzz TARGET [--cases N] [--seed S] [--keep FILE] [--file F]`: runs a target on damaged inputs, or on one file.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tranship_fuzz::seeds::SEEDS;
use tranship_fuzz::{TARGETS, Target};
use tranship_testing::Mutator;

/// Longest time one small input may take, unoptimised and on a busy machine.
const LONGEST: Duration = Duration::from_secs(5);

struct Options {
    target: Target,
    cases: usize,
    seed: u64,
    /// Where each input is written before it is tried, for faults that end the process.
    keep: Option<PathBuf>,
    file: Option<PathBuf>,
}

fn main() -> Result<ExitCode> {
    let options = parse(std::env::args().skip(1))?;
    if let Some(file) = &options.file {
        (options.target.run)(&fs::read(file).with_context(|| format!("reading {}", file.display()))?);
        return Ok(ExitCode::SUCCESS);
    }
    let mut mutator = Mutator::new(options.seed);
    for case in 0..options.cases {
        let seed = SEEDS.get(mutator.below(SEEDS.len())).copied().unwrap_or_default();
        let input = mutator.damage(seed);
        if let Some(keep) = &options.keep {
            fs::write(keep, &input).with_context(|| format!("writing {}", keep.display()))?;
        }
        if let Err(fault) = attempt(options.target, &input) {
            println!("case {case} of seed {}: {fault}; the input:\n{}", options.seed, String::from_utf8_lossy(&input));
            return Ok(ExitCode::FAILURE);
        }
    }
    println!("{}: {} cases", options.target.name, options.cases);
    Ok(ExitCode::SUCCESS)
}

fn attempt(target: Target, input: &[u8]) -> Result<(), String> {
    let started = Instant::now();
    catch_unwind(AssertUnwindSafe(|| (target.run)(input))).map_err(|_| "panicked".to_owned())?;
    let took = started.elapsed();
    if took > LONGEST { Err(format!("took {:.1} s", took.as_secs_f64())) } else { Ok(()) }
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Options> {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    let usage = || format!("usage: tranship-fuzz {} [--cases N] [--seed S] [--keep FILE] [--file F]", names.join("|"));
    let name = args.next().with_context(usage)?;
    let target = TARGETS.iter().find(|target| target.name == name).with_context(usage)?;
    let mut options = Options { target: *target, cases: 1000, seed: 0, keep: None, file: None };
    while let Some(flag) = args.next() {
        let value = args.next().with_context(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--cases" => options.cases = value.parse().context("--cases")?,
            "--seed" => options.seed = value.parse().context("--seed")?,
            "--keep" => options.keep = Some(value.into()),
            "--file" => options.file = Some(value.into()),
            _ => bail!("unknown option `{flag}`"),
        }
    }
    Ok(options)
}
