//! Small projects of one to three services, each beside what has to become of it. See `probes/README.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "probes/expect.rs"]
mod expect;
#[path = "probes/path.rs"]
mod path;
#[path = "probes/probe.rs"]
mod probe;
#[path = "probes/run.rs"]
mod run;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::thread;

use probe::{Probe, read};
use run::Outcome;
use tranship_testing::verdict::{Judge, Verdict};
use tranship_testing::{ApiServer, not_run};

/// The probes of all files, in order.
fn probes() -> Vec<Probe> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probes");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "probe"));
    files.sort();
    let only = std::env::var("PROBE").unwrap_or_default();
    let all = files.iter().flat_map(|path| {
        let area = path.file_stem().unwrap().to_string_lossy().into_owned();
        read(&area, &fs::read_to_string(path).unwrap())
    });
    all.filter(|probe| probe.name.contains(&only)).collect()
}

/// Runs each probe on its own thread of a few; the order of what comes back is that of the probes.
fn all<P: Sync, T: Send>(probes: &[P], each: impl Fn(&P) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((number, probe)) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    probes.get(number).map(|probe| (number, probe))
                } {
                    let result = each(probe);
                    done.lock().unwrap().push((number, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Every probe with what came of it.
static TRIED: LazyLock<Vec<(Probe, Outcome)>> = LazyLock::new(|| {
    let probes = probes();
    let outcomes = all(&probes, Outcome::of);
    probes.into_iter().zip(outcomes).collect()
});

#[test]
fn every_probe_comes_out_as_it_is_written_beside_it() {
    let probes = &*TRIED;
    let faults = all(probes, |(probe, outcome)| outcome.faults(probe));
    let faults: Vec<String> = faults.into_iter().flatten().collect();
    assert!(faults.is_empty(), "{} of {} probes miss:\n{}", faults.len(), probes.len(), faults.join("\n"));
    let is_all = std::env::var_os("PROBE").is_none();
    assert!(!is_all || probes.len() >= 120, "only {} probes", probes.len());
}

#[test]
fn an_api_server_takes_every_object_of_every_probe() {
    let mut judge = match ApiServer::shared().and_then(Judge::new) {
        Ok(judge) => judge,
        Err(reason) => {
            not_run(&reason);
            return;
        }
    };
    let mut refused = Vec::new();
    for (probe, outcome) in &*TRIED {
        for object in &outcome.objects {
            let namespace = object.at(&["metadata", "namespace"]).and_then(|node| node.as_str());
            if let Some(namespace) = namespace {
                judge.namespace(namespace).unwrap();
            }
            if let Verdict::Refused(why) = judge.judge(object).unwrap() {
                refused.push(format!("{}: {why}", probe.name));
            }
        }
    }
    refused.retain(|line| !TRIED.iter().any(|(probe, _)| probe.refused && line.starts_with(&*probe.name)));
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
