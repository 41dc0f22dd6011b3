//! Our own examples, all the way: convert, convert again, strict dry run, and a real apply to an API server.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use tranship_testing::program::scratch;
use tranship_testing::{ApiServer, Program};

use super::context::Context;
use super::outcome::{Outcome, Skipped};

/// The examples that must be there.
const NAMES: &[&str] = &["chat", "muse", "platform", "songnodes", "todo"];

/// The names under which the tools look for a project's file.
const COMPOSE_FILES: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// Four tests per project: it converts, twice alike, every object passes the dry run, every object is applied.
pub fn run(context: &Context) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for name in NAMES {
        let dir = context.root.join("examples").join(name);
        outcome.count(if dir.is_dir() { Ok(()) } else { Err(format!("examples/{name} is not there")) });
    }
    let tranship = context.tranship()?;
    let server = context.server();
    let mut objects = 0;
    for project in projects(&context.root)? {
        let shown = context.shown(&project);
        let name = |why: String| format!("{shown}: {why}");
        let out = TempDir::with_prefix_in("tranship-examples-", scratch())?;
        let namespace = format!("tranship-test-{}", shown.replace(['/', '_'], "-").to_lowercase());
        let trees = [out.path().join("first"), out.path().join("second")];
        let converted = trees.iter().try_for_each(|tree| convert(tranship, &project, &namespace, tree));
        let done = converted.is_ok();
        outcome.count(converted.map_err(name));
        if !done {
            continue;
        }
        outcome.count(alike(&trees).map_err(name));
        if let (Ok(server), [tree, _]) = (&server, &trees) {
            match apply(server, tree, &namespace, &mut outcome) {
                Ok(count) => objects += count,
                Err(why) => outcome.count(Err(name(format!("{why:#}")))),
            }
        }
    }
    match server {
        Ok(_) => outcome.notes.push(format!("{objects} objects applied")),
        Err(why) => outcome.not_run.push(Skipped { reason: format!("dry run and apply: {why}"), live: true }),
    }
    Ok(outcome)
}

/// Every folder below `examples/` with a compose file; folders inside a project belong to it.
pub fn projects(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let examples = root.join("examples");
    if examples.is_dir() {
        search(&examples, &mut found).context("looking for examples")?;
    }
    found.sort();
    Ok(found)
}

fn search(dir: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if COMPOSE_FILES.iter().any(|name| dir.join(name).is_file()) {
        found.push(dir.to_path_buf());
        return Ok(());
    }
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            search(&entry.path(), found)?;
        }
    }
    Ok(())
}

/// The one error that an example may show: the middlewares of a proxy's own files are for people to carry over.
const EXPECTED: &str = "route-not-served";

/// An example is right, so that nothing but [`EXPECTED`] is found in it: anything else would be a fault of the example or of
/// ours.
pub(super) fn convert(tranship: &Path, project: &Path, namespace: &str, out: &Path) -> Result<(), String> {
    let program = Program::new(tranship).args(["convert", "--namespace", namespace, "--out"]).arg(out);
    let done = program.dir(project).only_own_env().run().map_err(|error| error.to_string())?;
    let ended = || format!("convert ended with {:?}\n{}", done.code(), done.last_words());
    if !matches!(done.code(), Some(0 | 1)) {
        return Err(ended());
    }
    let report = fs::read(out.join("report.json")).map_err(|error| format!("report.json: {error}"))?;
    let report: serde_json::Value = serde_json::from_slice(&report).map_err(|error| format!("report.json: {error}"))?;
    let found = report["diagnostics"].as_array().ok_or("report.json: no diagnostics")?;
    let unexpected = found.iter().any(|found| found["severity"] == "error" && found["code"] != EXPECTED);
    if unexpected { Err(ended()) } else { Ok(()) }
}

fn alike([first, second]: &[PathBuf; 2]) -> Result<(), String> {
    let [first, second] = [first, second].map(|tree| {
        let mut files = BTreeMap::new();
        read_tree(tree, tree, &mut files).map(|()| files)
    });
    let (first, second) = (first.map_err(|e| e.to_string())?, second.map_err(|e| e.to_string())?);
    let differ = first.keys().chain(second.keys()).find(|path| first.get(*path) != second.get(*path));
    differ.map_or(Ok(()), |path| Err(format!("two runs differ in {}", path.display())))
}

fn read_tree(root: &Path, dir: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            read_tree(root, &path, files)?;
        } else {
            files.insert(path.strip_prefix(root).unwrap_or(&path).to_path_buf(), fs::read(&path)?);
        }
    }
    Ok(())
}

/// Namespace first, then a dry run of everything, then the same for real. The number of objects the server now holds.
fn apply(server: &ApiServer, tree: &Path, namespace: &str, outcome: &mut Outcome) -> Result<usize> {
    let tool = |args: &[&str]| server.kubectl().args(args).dir(tree);
    let strict = ["apply", "--validate=strict", "--server-side", "--force-conflicts", "-R", "-f"];
    tool(&strict).arg("manifests/00-namespace.yaml").succeed()?;
    let mut folders = vec!["manifests"];
    folders.extend(tree.join("secrets").is_dir().then_some("secrets"));
    let all =
        || strict.iter().chain(&["manifests"]).copied().chain(folders.iter().skip(1).flat_map(|folder| ["-f", folder]));
    let dry = tool(&[]).args(all()).arg("--dry-run=server").run()?;
    outcome.count(if dry.code() == Some(0) {
        Ok(())
    } else {
        Err(format!("{namespace}: refused in the dry run:\n{}", dry.talk()))
    });
    let real = tool(&[]).args(all()).run()?;
    outcome.count(if real.code() == Some(0) { Ok(()) } else { Err(format!("{namespace}: refused:\n{}", real.talk())) });
    // A cluster that someone lends us is left as it was; it may take its time with that.
    tool(&["delete", "namespace", namespace, "--wait=false"]).succeed()?;
    Ok(real.text().lines().filter(|line| line.ends_with("serverside-applied")).count())
}
