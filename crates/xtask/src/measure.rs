//! Runs one program and says how long it took and how much memory it held at most.
//!
//! The kernel tells the peak only of all children of a process together, so each measured run gets a process of its
//! own: `xtask measure OUT PROGRAM ARGUMENT...`, called by the benchmarks.

use std::fs::File;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use serde_json::{Value, json};
use tranship_testing::Program;

/// One measured run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// Wall time from before the start to after the end.
    pub took: Duration,
    /// Peak resident memory in bytes. Never less than that of the small process that starts it (about 4 MB).
    pub peak: u64,
}

/// Measures a command line in a directory with nothing of our environment but `PATH` and `HOME`. Its output goes to no file.
pub fn measure(argv: &[&str], dir: &std::path::Path) -> Result<Measure> {
    let own = std::env::current_exe().context("finding our own program")?;
    let done = Program::new(own).arg("measure").args(argv).dir(dir).only_own_env().succeed()?;
    let value: Value = serde_json::from_str(&done.text()).with_context(|| format!("reading `{}`", done.text()))?;
    let number = |key: &str| value.get(key).and_then(Value::as_u64).with_context(|| format!("no `{key}`"));
    if number("exit")? > 1 {
        bail!("{} ended with {}:\n{}", argv.join(" "), number("exit")?, done.talk());
    }
    Ok(Measure { took: Duration::from_nanos(number("nanoseconds")?), peak: number("peak")? })
}

/// The task itself: runs the arguments as a command and prints the figures as JSON.
pub fn report(args: &[String]) -> Result<ExitCode> {
    let [program, arguments @ ..] = args else { bail!("usage: xtask measure PROGRAM ARGUMENT...") };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(File::create("/dev/null")?);
    let started = Instant::now();
    let status = command.status().with_context(|| format!("running {program}"))?;
    let took = started.elapsed();
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN).context("asking for the peak")?.max_rss();
    let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
    println!(
        "{}",
        json!({ "exit": status.code().unwrap_or(255), "nanoseconds": nanoseconds, "peak": peak.unsigned_abs() * 1024 })
    );
    Ok(ExitCode::SUCCESS)
}
