//! Runs a probe through the program, and reads what it wrote.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use tranship_source::yaml::{self, Node};

use super::expect::Expect;
use super::path::find;
use super::probe::Probe;

/// What came of a probe.
pub struct Outcome {
    folder: TempDir,
    args: Vec<String>,
    env: Vec<(String, String)>,
    code: Option<i32>,
    /// What `convert` said.
    pub said: String,
    /// Everything that was written as an object.
    pub objects: Vec<Node>,
    /// The ledger.
    pub ledger: Vec<Entry>,
    /// The findings.
    pub findings: Vec<Finding>,
    unaccounted: Vec<Value>,
    /// What is used and not written, by label.
    external: Vec<Value>,
}

/// A line of the ledger.
pub struct Entry {
    pub path: String,
    pub outcome: String,
    /// Target, reason and advice.
    pub text: String,
    to: Option<String>,
    whole: bool,
}

impl Entry {
    /// Whether the line is about a value.
    pub fn speaks_for(&self, leaf: &str) -> bool {
        let rest = leaf.strip_prefix(&self.path);
        self.path == leaf || self.whole && rest.is_some_and(|rest| rest.starts_with(['.', '[']))
    }
}

/// A finding, and the source from its place on.
pub struct Finding {
    pub code: String,
    pub message: String,
    pub source: String,
    severity: String,
}

/// `Kind/name` of an object; of a Job, whose name ends in a digest, without that.
pub fn label(object: &Node) -> String {
    let text = |path: &[&str]| object.at(path).and_then(Node::as_str).unwrap_or_default().to_owned();
    if text(&["kind"]) == "Job" {
        return format!("Job/{}", text(&["metadata", "labels", "app.kubernetes.io/name"]));
    }
    format!("{}/{}", text(&["kind"]), text(&["metadata", "name"]))
}

impl Outcome {
    /// Converts the project, and again after the edits.
    pub fn of(probe: &Probe) -> Self {
        let folder = probe.project.on_disk().unwrap();
        let mut args: Vec<String> = ["convert", "--format", "json", "-o", "k8s"].map(str::to_owned).to_vec();
        args.extend(probe.args.iter().cloned());
        let mut output = run(folder.path(), &args, &probe.env);
        if !probe.edits.is_empty() {
            for (file, old, new) in &probe.edits {
                let path = folder.path().join(file);
                let text = fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{}: {file}: {fault}", probe.name));
                assert!(text.contains(old.as_str()), "{}: no `{old}` in {text}", probe.name);
                fs::write(&path, text.replacen(old.as_str(), new, 1)).unwrap();
            }
            output = run(folder.path(), &args, &probe.env);
        }
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let list = |key: &str| report.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let findings = list("diagnostics").iter().map(|found| finding(folder.path(), found)).collect();
        Self {
            objects: objects(&folder.path().join("k8s")),
            ledger: list("ledger").iter().map(entry).collect(),
            findings,
            unaccounted: list("unaccounted"),
            external: list("external"),
            args: probe.args.clone(),
            env: probe.env.clone(),
            code: output.status.code(),
            said: String::from_utf8_lossy(&output.stderr).into_owned(),
            folder,
        }
    }

    /// The object of a label.
    pub fn object(&self, name: &str) -> Option<&Node> {
        let full = |object: &Node| {
            let text = |path: &[&str]| object.at(path).and_then(Node::as_str).unwrap_or_default().to_owned();
            format!("{}/{}", text(&["kind"]), text(&["metadata", "name"]))
        };
        self.objects.iter().find(|object| label(object) == name || full(object) == name)
    }

    /// What `explain` prints.
    pub fn explain(&self, args: &[String]) -> String {
        let args: Vec<String> = std::iter::once("explain".to_owned()).chain(args.iter().cloned()).collect();
        let output = run(self.folder.path(), &args, &self.env);
        [output.stdout, output.stderr].iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }

    /// Everything that does not hold of it.
    pub fn faults(&self, probe: &Probe) -> Option<String> {
        let mut faults: Vec<String> = probe.expects.iter().filter_map(|expect| expect.fault(self)).collect();
        if probe.stopped {
            if self.code != Some(2) {
                faults.push(format!("exits with {:?}: {}", self.code, self.said));
            }
        } else {
            faults.extend(self.at_large(probe));
        }
        let lines = faults.iter().map(|fault| format!("    {fault}\n"));
        (!faults.is_empty()).then(|| format!("{}\n{}", probe.name, lines.collect::<String>()))
    }

    /// What has to hold of every probe that is written.
    fn at_large(&self, probe: &Probe) -> Vec<String> {
        if !matches!(self.code, Some(0 | 1)) {
            return vec![format!("exits with {:?}: {}", self.code, self.said)];
        }
        let expected = |found: &Finding| {
            probe.expects.iter().any(|expect| matches!(expect, Expect::Finding { code, .. } if *code == found.code))
        };
        let errors = self.findings.iter().filter(|found| found.severity == "error" && !expected(found));
        let mut faults: Vec<String> =
            errors.map(|found| format!("an error nobody expects: {}: {}", found.code, found.message)).collect();
        faults.extend(self.unaccounted.iter().map(|leaf| format!("no line for {leaf}")));
        faults.extend(self.ledger.iter().filter_map(|entry| self.astray(entry)));
        // The output is the project's own, and what does not come back from Kubernetes has a reason.
        for sides in [&[".", "k8s"][..], &["."]].into_iter().filter(|_| !probe.differs) {
            let sides = sides.iter().map(|side| (*side).to_owned());
            let args: Vec<String> = std::iter::once("diff".to_owned()).chain(sides).chain(self.args.clone()).collect();
            let output = run(self.folder.path(), &args, &self.env);
            if output.status.code() != Some(0) {
                let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
                faults.push(format!("{} finds:\n{out}{err}", args.join(" ")));
            }
        }
        faults
    }

    /// What is wrong with the fields that a line of the ledger names.
    fn astray(&self, entry: &Entry) -> Option<String> {
        let to = entry.to.as_deref()?;
        let wrong = |place: &&str| {
            let (name, path) = place.split_once(' ').unwrap_or((place, ""));
            // Other targets than objects are told in words.
            let is_object = name.starts_with(|c: char| c.is_ascii_uppercase()) && name.contains('/');
            let there = |object| path.contains(' ') || find(object, path).is_some();
            let is_external = self.external.iter().any(|known| known == name);
            is_object && !is_external && !self.object(name).is_some_and(there)
        };
        to.split(", ").find(wrong).map(|place| format!("{} is said to be in {place}", entry.path))
    }
}

fn run(folder: &Path, args: &[String], env: &[(String, String)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tranship"));
    command.args(args).current_dir(folder).env_clear().env("HOME", folder);
    command.envs(env.iter().map(|(name, value)| (name, value))).output().unwrap()
}

fn objects(root: &Path) -> Vec<Node> {
    let mut files = Vec::new();
    for folder in ["manifests", "secrets"] {
        files.extend(fs::read_dir(root.join(folder)).into_iter().flatten().map(|entry| entry.unwrap().path()));
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    let nodes = files.iter().flat_map(|path| {
        let read =
            yaml::parse(tranship_source::Sources::default().add("probe", ""), &fs::read_to_string(path).unwrap());
        assert!(read.diagnostics.is_empty(), "{}: {:?}", path.display(), read.diagnostics);
        read.value
    });
    nodes.filter(|node| node.get("kind").is_some()).collect()
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn entry(value: &Value) -> Entry {
    Entry {
        path: text(value, "path"),
        outcome: text(value, "outcome"),
        text: ["to", "why", "todo"].map(|key| text(value, key)).join(" | "),
        to: value.get("to").and_then(Value::as_str).map(str::to_owned),
        whole: value.get("whole").and_then(Value::as_bool).unwrap_or_default(),
    }
}

fn finding(folder: &Path, value: &Value) -> Finding {
    Finding {
        code: text(value, "code"),
        message: text(value, "message"),
        severity: text(value, "severity"),
        source: value.get("place").and_then(|place| source(folder, place)).unwrap_or_default(),
    }
}

/// The source from a place on, to the end of its line.
fn source(folder: &Path, place: &Value) -> Option<String> {
    let number = |key: &str| place.get(key)?.as_u64().and_then(|number| usize::try_from(number).ok());
    let content = fs::read_to_string(folder.join(place.get("file")?.as_str()?)).ok()?;
    let line = content.lines().nth(number("line")?.checked_sub(1)?)?;
    Some(line.chars().skip(number("column")?.checked_sub(1)?).collect())
}
