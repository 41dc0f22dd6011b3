//! Our examples and the shared corpus: pods reach each other where docker compose's networks let containers, and nowhere else.
//!
//! Who is on which network is read from docker compose's own JSON, who reaches whom from the written NetworkPolicies alone,
//! by the rules of the API. Every pair of pods is asked, on a port that is declared and on ports that are not, and every pod
//! for the way outside, the way in and the name servers. With `graph` nothing may be open that `networks` keeps closed.

mod meant;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tranship_kube::reach::{Port, Reach, Stranger};
use tranship_kube::{Object, ObjectSet};
use tranship_source::FileId;
use tranship_testing::{Program, places};

use self::meant::{Meant, Unit};
use super::context::Context;
use super::differential::on_two_threads;
use super::differential::project::{self, Project};
use super::outcome::{Outcome, Skipped};

/// What one project came to.
#[derive(Default)]
struct Record {
    /// Pods, questions asked, and those of them answered with yes.
    counts: [usize; 3],
    /// Calls that `graph` still lets through.
    named: usize,
    short: Vec<String>,
}

/// One test per accepted project.
pub fn run(context: &Context) -> Result<Outcome> {
    let Some(oracle) = places::program("docker-compose") else {
        return Ok(Outcome::no_server("no docker-compose: neither built by testbed/build nor on PATH"));
    };
    let mut projects = project::examples(&context.root)?;
    let shared = context.shared.as_deref();
    projects.extend(shared.map(project::corpus).transpose()?.unwrap_or_default());
    let tranship = context.tranship()?;
    let records = on_two_threads(&projects, |project| look(project, tranship, &oracle));
    let mut outcome = Outcome::default();
    let mut total = Record::default();
    let mut accepted = 0;
    for (project, record) in projects.iter().zip(records) {
        let Some(record) = record.with_context(|| project.id.clone())? else { continue };
        accepted += 1;
        for (sum, count) in total.counts.iter_mut().zip(record.counts) {
            *sum += count;
        }
        total.named += record.named;
        let few: Vec<&str> = record.short.iter().take(4).map(String::as_str).collect();
        let why = format!("{}: {} wrong, such as {}", project.id, record.short.len(), few.join("; "));
        outcome.count(if record.short.is_empty() { Ok(()) } else { Err(why) });
    }
    let [pods, asked, open] = total.counts;
    outcome.notes.push(format!(
        "{accepted} projects, {pods} pods, {asked} questions, {open} ways open, as docker compose has them"
    ));
    outcome.notes.push(format!("{} calls between services are left with `--network-policy graph`", total.named));
    if shared.is_none() {
        outcome.not_run.push(Skipped { live: false, ..Outcome::no_shared().not_run.remove(0) });
    }
    Ok(outcome.showing(12))
}

/// `None` for a project that one of the two refuses, which other stages look at.
fn look(project: &Project, tranship: &Path, oracle: &Path) -> Result<Option<Record>> {
    let (folder, work) = project.copy()?;
    let run = |program: Program| {
        let program = program.args(project.flags());
        let program = project.env.iter().fold(program, |program, (name, value)| program.env(name, value));
        program.dir(&work).only_own_env()
    };
    let resolved = run(Program::new(oracle)).args(["config", "--format", "json"]).run()?;
    if resolved.code() != Some(0) {
        return Ok(None);
    }
    let resolved: Value = serde_json::from_slice(&resolved.stdout).context("reading docker compose's JSON")?;
    let mut sets = Vec::new();
    let mut report = Value::Null;
    for reach in ["networks", "graph", "none"] {
        let out = folder.path().join(reach);
        let written =
            run(Program::new(tranship)).args(["convert", "--network-policy", reach, "--out"]).arg(&out).run()?;
        if written.code() == Some(2) {
            return Ok(None);
        }
        sets.push(objects(&out)?);
        let text = std::fs::read(out.join("report.json")).with_context(|| written.last_words())?;
        report = serde_json::from_slice(&text).context("reading the report")?;
    }
    let [networks, graph, none] = sets.as_slice() else { return Ok(None) };
    let meant = Meant::new(&resolved, &report, networks);
    let mut record = Record::default();
    every_way(&meant, &Reach::new(networks), &mut record);
    // The name of a Job changes with the labels of its pods; the order of the workloads does not.
    let renamed = Meant::new(&resolved, &report, graph);
    let pairs = meant.units.iter().zip(renamed.units.iter().map(|unit| unit.workload.as_str()));
    narrower(&pairs.collect::<Vec<_>>(), &Reach::new(networks), &Reach::new(graph), &mut record);
    if none.iter().any(|object| object.kind() == "NetworkPolicy") {
        record.short.push("`none` writes a policy".to_owned());
    }
    Ok(Some(record))
}

/// The objects that were written.
fn objects(out: &Path) -> Result<ObjectSet> {
    let mut objects: Vec<Object> = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(out.join("manifests"))?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::path);
    for file in files {
        let text = std::fs::read_to_string(file.path())?;
        objects.extend(tranship_kube::read::read(FileId(0), &text).value);
    }
    Ok(ObjectSet { objects })
}

/// Ports that are asked for: one of the pod's own, and two that nobody declares.
fn ports(unit: &Unit) -> [Port<'static>; 3] {
    [(unit.port, "TCP"), (54321, "TCP"), (53210, "UDP")]
}

/// An address of the world outside.
const OUTSIDE: Stranger<'_> = Stranger::Address(std::net::IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7)));

/// Asks for every way and compares the answers with what is meant.
fn every_way(meant: &Meant, reach: &Reach<'_>, record: &mut Record) {
    record.counts[0] = meant.units.len();
    for from in &meant.units {
        for to in meant.units.iter().filter(|to| to.workload != from.workload) {
            for port in ports(to) {
                let open = reach.calls(&from.workload, &to.workload, port);
                let wanted = Meant::calls(from, to, port);
                note(record, open, wanted, || format!("{} calls {} on {port:?}", from.workload, to.workload));
            }
        }
        let api = (443, "TCP");
        let open = reach.leaves(&from.workload, OUTSIDE, (8000, "TCP"));
        note(record, open, from.on_node || from.leads_outside, || format!("{} calls what is outside", from.workload));
        let open = reach.leaves(&from.workload, OUTSIDE, api);
        let wanted = from.on_node || from.leads_outside || from.asks_api;
        note(record, open, wanted, || format!("{} calls 443 outside", from.workload));
        for protocol in ["UDP", "TCP"] {
            let labels = [("k8s-app", "kube-dns")];
            let namespace = [("kubernetes.io/metadata.name", "kube-system")];
            let names = Stranger::Pod { labels: &labels, namespace: &namespace };
            let open = reach.leaves(&from.workload, names, (53, protocol));
            note(record, open, true, || format!("{} asks name servers by {protocol}", from.workload));
        }
        let mut all: BTreeSet<Port<'_>> =
            from.published.iter().map(|(port, protocol)| (*port, protocol.as_str())).collect();
        all.extend(ports(from));
        for port in all {
            let open = reach.enters(OUTSIDE, &from.workload, port);
            let wanted = from.on_node || from.published.contains(&(port.0, port.1.to_owned()));
            note(record, open, wanted, || format!("{} is called from outside on {port:?}", from.workload));
        }
    }
}

fn note(record: &mut Record, open: Option<bool>, wanted: bool, what: impl Fn() -> String) {
    record.counts[1] += 1;
    record.counts[2] += usize::from(open == Some(true));
    match open {
        Some(open) if open == wanted => {}
        Some(true) => record.short.push(format!("{}, which docker compose does not let it", what())),
        Some(false) => record.short.push(format!("not so: {}", what())),
        None => record.short.push(format!("no such pods: {}", what())),
    }
}

/// Holds narrower policies to the wider ones. Each pod stands with the name of its workload among the narrower ones.
fn narrower(pods: &[(&Unit, &str)], wide: &Reach<'_>, narrow: &Reach<'_>, record: &mut Record) {
    for &(from, from_name) in pods {
        for &(to, to_name) in pods.iter().filter(|(to, _)| to.workload != from.workload) {
            let own = to.ports.iter().map(|(port, protocol)| (*port, protocol.as_str()));
            let mut open = false;
            for port in own.chain(ports(to)) {
                let left = narrow.calls(from_name, to_name, port) == Some(true);
                open |= left;
                if left && wide.calls(&from.workload, &to.workload, port) != Some(true) {
                    record.short.push(format!("`graph` lets {} call {} on {port:?}", from.workload, to.workload));
                }
            }
            record.named += usize::from(open && !from.on_node && !to.on_node);
        }
        for port in [(443, "TCP"), (8000, "TCP")] {
            if wide.leaves(&from.workload, OUTSIDE, port) != narrow.leaves(from_name, OUTSIDE, port) {
                record.short.push(format!("`graph` changes the way outside of {}", from.workload));
            }
        }
        for (port, protocol) in &from.published {
            if narrow.enters(OUTSIDE, from_name, (*port, protocol)) != Some(true) {
                record.short.push(format!("`graph` closes {port} of {}", from.workload));
            }
        }
    }
}
