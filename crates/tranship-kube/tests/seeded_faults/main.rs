//! Five hundred faults in good objects: whatever a real API server refuses, the native check refuses too.
//!
//! `TRANSHIP_FAULTS_DIR` names a folder of manifests to break instead of the ones here. `-- --nocapture` prints the
//! table of verdicts.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops at the first broken promise"
)]

mod faults;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use faults::Fault;
use tranship_kube::{External, KubeVersion, Object, ObjectSet, check};
use tranship_source::FileId;
use tranship_source::yaml::{Node, parse};
use tranship_testing::{ApiServer, Judge, Verdict, not_run, tell};

/// What we refuse and the server takes, by the start of the diagnostic's code, and why it is right to refuse it.
const OURS_ALONE: &[(&str, &str)] = &[
    ("kube-dangling-", "the pods would wait for ever, or nothing would be reached"),
    ("kube-node-port", "a dry run allots no node ports, but a real create outside of the usual range is refused"),
    ("kube-duplicate-object", "the second object would replace the first"),
];

/// How many unknown fields and wrong types are added to the faults of the tables.
const ANYWHERE: usize = 400;

/// The objects to break: those of the folder that was named, or our own.
fn objects() -> Vec<Node> {
    std::env::var_os("TRANSHIP_FAULTS_DIR").map_or_else(own_objects, |dir| read(&manifests(Path::new(&dir))))
}

fn own_objects() -> Vec<Node> {
    read(include_str!("objects.yaml"))
}

fn read(text: &str) -> Vec<Node> {
    let parsed = parse(FileId::NONE, text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    parsed.value.into_iter().filter(|node| node.get("kind").is_some()).collect()
}

/// All YAML files of a folder and those below it, as one stream.
fn manifests(dir: &Path) -> String {
    let mut paths: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let text = paths.into_iter().map(|path| match path.extension().and_then(|ext| ext.to_str()) {
        _ if path.is_dir() => manifests(&path),
        Some("yaml" | "yml") => format!("---\n{}\n", std::fs::read_to_string(&path).unwrap()),
        _ => String::new(),
    });
    text.collect()
}

fn set(trees: &[Node]) -> ObjectSet {
    ObjectSet { objects: trees.iter().map(|tree| Object { tree: tree.clone() }).collect() }
}

/// The codes and messages of everything wrong with a set in which one object was replaced.
fn native(trees: &[Node], fault: &Fault) -> Vec<(&'static str, String)> {
    let mut set = set(trees);
    set.objects[fault.object] = Object { tree: fault.tree.clone() };
    let found = check(&set, KubeVersion::default(), &External::none());
    found.into_iter().map(|diagnostic| (diagnostic.code, diagnostic.message)).collect()
}

#[test]
fn good_objects_are_taken() {
    let trees = objects();
    for version in KubeVersion::all() {
        let found = check(&set(&trees), version, &External::none());
        assert!(found.is_empty(), "{version}: {found:#?}");
    }
}

#[test]
fn every_seeded_fault_is_refused() {
    let trees = own_objects();
    let faults = faults::seed(&trees, ANYWHERE);
    assert!(faults.len() >= 500, "only {} faults", faults.len());
    let sound = |fault: &Fault| SOUND.iter().any(|what| fault.what.contains(what));
    let missed: Vec<&str> = faults
        .iter()
        .filter(|fault| native(&trees, fault).is_empty() != sound(fault))
        .map(|fault| fault.what.as_str())
        .collect();
    assert!(missed.is_empty(), "{} of {} judged wrongly:\n{}", missed.len(), faults.len(), missed.join("\n"));
}

/// Changes of the tables that leave the object they meet here as good as it was; the server says so too.
const SOUND: &[&str] = &[
    // A headless Service needs no ports.
    "Service/db spec.ports removed",
    // `Always` is what the server fills in, and `None` goes with the name server that is there.
    "Deployment/web spec.template.spec.restartPolicy removed",
    "dnsPolicy = None",
    // Nothing else is mounted there.
    "StatefulSet/db spec.template.spec.containers.0.volumeMounts.0.mountPath = /tmp",
    "StatefulSet/db spec.template.spec.containers.0.volumeMounts.1.mountPath = /tmp",
    // A Job's selector is made by the server.
    "Job/migrate spec.template.metadata.labels = {}",
    "Job/migrate spec.template.metadata.labels = {app: other}",
    "CronJob/backup spec.jobTemplate.spec.template.metadata.labels = {}",
    "CronJob/backup spec.jobTemplate.spec.template.metadata.labels = {app: other}",
    // A policy may name a port twice.
    "NetworkPolicy/web spec.ingress.0.ports first item twice",
    "NetworkPolicy/web spec.egress.0.ports first item twice",
    // These kinds take any name that fits into a URL.
    "PodDisruptionBudget/web metadata.name = Bad_Name",
    "PodDisruptionBudget/web metadata.name = -a",
    "RoleBinding/web metadata.name = Bad_Name",
    "RoleBinding/web metadata.name = -a",
];

#[test]
fn whatever_the_server_refuses_is_refused() {
    let mut judge = match ApiServer::shared().and_then(Judge::new) {
        Ok(judge) => judge,
        Err(reason) => return not_run(&reason),
    };
    let trees = objects();
    let namespaces: Vec<&str> = trees.iter().filter_map(|tree| tree.at(&["metadata", "namespace"])?.as_str()).collect();
    for name in namespaces.iter().collect::<std::collections::BTreeSet<_>>() {
        judge.namespace(name).unwrap();
    }
    for tree in &trees {
        assert_eq!(judge.judge(tree).unwrap(), Verdict::Taken, "{tree:?}");
    }
    let mut table: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    let (mut theirs_alone, mut unjustified, mut listed) = (String::new(), String::new(), String::new());
    let faults = faults::seed(&trees, ANYWHERE);
    for fault in &faults {
        let ours = native(&trees, fault);
        let theirs = judge.judge(&fault.tree).unwrap();
        let row = table.entry(fault.class).or_default();
        row[0] += 1;
        row[1] += usize::from(theirs != Verdict::Taken);
        row[2] += usize::from(!ours.is_empty());
        match theirs {
            Verdict::Refused(why) if ours.is_empty() => {
                row[3] += 1;
                let _ = writeln!(theirs_alone, "{}: {}", fault.what, why.chars().take(300).collect::<String>());
            }
            Verdict::Taken if !ours.is_empty() => {
                row[4] += 1;
                let reason =
                    |code: &str| OURS_ALONE.iter().find(|(start, _)| code.starts_with(start)).map(|(_, why)| *why);
                match ours.iter().find_map(|(code, _)| reason(code)) {
                    Some(why) => drop(writeln!(listed, "{} [{}]: {why}", fault.what, ours[0].0)),
                    None => drop(writeln!(unjustified, "{}: {:?}", fault.what, ours)),
                }
            }
            _ => {}
        }
    }
    tell(&format!(
        "{:<18}{:>8}{:>10}{:>10}{:>14}{:>11}",
        "class", "faults", "server", "native", "server alone", "we alone"
    ));
    let mut total = [0; 5];
    for (class, row) in &table {
        tell(&format!("{class:<18}{:>8}{:>10}{:>10}{:>14}{:>11}", row[0], row[1], row[2], row[3], row[4]));
        total.iter_mut().zip(row).for_each(|(sum, count)| *sum += count);
    }
    tell(&format!("{:<18}{:>8}{:>10}{:>10}{:>14}{:>11}", "all", total[0], total[1], total[2], total[3], total[4]));
    println!("\nrefused by us alone:\n{listed}");
    assert!(theirs_alone.is_empty(), "refused by the server alone:\n{theirs_alone}");
    assert!(unjustified.is_empty(), "refused by us alone without a reason:\n{unjustified}");
}
