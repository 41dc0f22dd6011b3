//! `cargo xtask bench [--json FILE] [--quick] [--only COMMAND] [--bin FILE]`: the release binary as a whole process on made-up
//! projects of growing size, with docker compose beside it in the same run where it is there. `--bin` measures a binary that is
//! built already.
//!
//! The runs of all commands on one project are interleaved, so that a busy moment of the machine hits all of them. What
//! they write is removed after the last of them: some file systems are slow to make files where others were just removed.
//!
//! `convert` is measured to a folder on disk, to one in memory where the system has such (`/dev/shm`), and to a stream. After
//! that come the stages of a conversion, which the binary measures itself ([`stages`]).

mod project;
mod stages;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tranship_testing::places;
use tranship_testing::program::scratch;

use self::table::Row;
use crate::measure::measure;

/// Project sizes in services; the first is a project a person would try first.
const SIZES: &[usize] = &[2, 10, 50, 200, 1000, 5000];

/// Runs per command and project: enough for a median; fewer where one takes long.
const fn runs(services: usize, quick: bool) -> usize {
    match services {
        _ if quick => 3,
        0..=200 => 21,
        201..=1000 => 9,
        _ => 5,
    }
}

/// Runs the benchmarks and prints the tables.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let options = Options::parse(args)?;
    crate::leash::tie()?;
    let tranship = match &options.bin {
        Some(bin) => std::path::absolute(bin).with_context(|| format!("finding {}", bin.display()))?,
        None => crate::binary::build(&["--release"])?,
    };
    let oracle = places::program("docker-compose");
    let mut rows = Vec::new();
    for &services in SIZES {
        eprintln!("measuring {services} services");
        rows.push(one(&tranship, oracle.as_deref(), services, &options)?);
    }
    print!("{}", table::render(&rows));
    let staged: Vec<_> = rows.iter().filter_map(|row| Some((row.services(), row.stages.as_ref()?))).collect();
    print!("{}", stages::render(&staged));
    if oracle.is_none() {
        println!("docker compose did not run: neither built by testbed/build nor on PATH");
    }
    if let Some(path) = options.json {
        fs::write(&path, format!("{:#}\n", table::json(&rows)))
            .with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(if rows.iter().all(Row::within_goals) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    json: Option<PathBuf>,
    quick: bool,
    /// `config` or `convert` alone.
    only: Option<String>,
    /// A binary to measure in place of one that is built now.
    bin: Option<PathBuf>,
}

impl Options {
    fn parse(args: &[String]) -> Result<Self> {
        let mut options = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--quick" => options.quick = true,
                "--only" => options.only = Some(args.next().context("--only needs a command")?.clone()),
                "--bin" => options.bin = Some(args.next().context("--bin needs a file")?.into()),
                "--json" => options.json = Some(args.next().context("--json needs a file")?.into()),
                other => bail!("unknown option `{other}`"),
            }
        }
        Ok(options)
    }
}

fn one(tranship: &Path, oracle: Option<&Path>, services: usize, options: &Options) -> Result<Row> {
    let folder = TempDir::with_prefix_in("tranship-bench-", scratch())?;
    let dir = folder.path().join("bench");
    fs::create_dir(&dir)?;
    let text = project::compose(services);
    fs::write(dir.join("compose.yaml"), &text)?;
    fs::write(dir.join("site.conf"), project::SITE_CONF)?;
    let tranship = tranship.to_str().context("a path that is no UTF-8")?;
    let mut row = Row::new(services, text.lines().count(), text.len());
    let memory = in_memory();
    let wanted = |command: &str| options.only.as_deref().is_none_or(|only| only == command);
    for number in 0..runs(services, options.quick) {
        let out = folder.path().join(format!("out-{number}"));
        let out_text = out.to_str().context("a path that is no UTF-8")?;
        if wanted("config") {
            row.config.get_or_insert_default().push(measure(&[tranship, "config"], &dir)?);
        }
        if wanted("convert") {
            row.convert.get_or_insert_default().push(measure(&[tranship, "convert", "--out", out_text], &dir)?);
            if !out.join("report.json").is_file() {
                bail!("convert of {services} services wrote no report: nothing to measure");
            }
            if let Some(memory) = &memory {
                let out = memory.path().join(format!("out-{number}"));
                let out = out.to_str().context("a path that is no UTF-8")?;
                row.convert_memory.get_or_insert_default().push(measure(&[tranship, "convert", "--out", out], &dir)?);
            }
            row.convert_stream.get_or_insert_default().push(measure(&[tranship, "convert", "--stdout"], &dir)?);
            if stages::SIZES.contains(&services) {
                let out = memory.as_ref().unwrap_or(&folder).path().join(format!("staged-{number}"));
                let out = out.to_str().context("a path that is no UTF-8")?;
                row.stages.get_or_insert_default().run(&[tranship, "convert", "--timings", "--out", out], &dir)?;
            }
        }
        if let Some(oracle) = oracle {
            let oracle = oracle.to_str().context("a path that is no UTF-8")?;
            row.oracle.get_or_insert_default().push(measure(&[oracle, "config"], &dir)?);
        }
    }
    Ok(row)
}

/// A folder that no disk is behind, where the system has such.
fn in_memory() -> Option<TempDir> {
    let memory = Path::new("/dev/shm");
    memory.is_dir().then(|| TempDir::with_prefix_in("tranship-bench-", memory).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn options_are_read_and_unknown_ones_refused() {
        let parse = |args: &[&str]| Options::parse(&args.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>());
        let all = parse(&["--json", "a", "--quick", "--bin", "b", "--only", "config"]).unwrap();
        let expect =
            Options { json: Some("a".into()), quick: true, only: Some("config".into()), bin: Some("b".into()) };
        assert_eq!(all, expect);
        assert!(parse(&["--bin"]).is_err());
        assert!(parse(&["--json"]).is_err());
        assert!(parse(&["--slow"]).is_err());
    }
}
