//! A short run of every target: each in a process of its own, because a stack that overflows ends the process.

use std::time::Duration;

use tranship_compose::{LoadOptions, load};
use tranship_fuzz::{TARGETS, seeds, world};
use tranship_testing::Program;

/// Cases per target; `TRANSHIP_FUZZ_CASES` sets another number.
const CASES: &str = "400";

#[test]
fn every_project_among_the_seeds_loads_undamaged() {
    for seed in seeds::PROJECTS {
        let loaded = load(&world::around(seed.as_bytes()), &LoadOptions::default());
        assert!(loaded.project.is_some(), "{seed}\n{:#?}", loaded.diagnostics);
    }
}

#[test]
fn every_target_keeps_its_promises_on_damaged_input() {
    let cases = std::env::var("TRANSHIP_FUZZ_CASES").unwrap_or_else(|_| CASES.to_owned());
    let folder = tempfile::tempdir().unwrap();
    let last = folder.path().join("last");
    let mut faults = Vec::new();
    for target in TARGETS {
        let run = Program::new(env!("CARGO_BIN_EXE_tranship-fuzz"))
            .args([target.name, "--cases", &cases, "--keep"])
            .arg(&last)
            .limit(Duration::from_secs(600));
        if let Err(error) = run.succeed() {
            let input = std::fs::read(&last).unwrap_or_default();
            faults.push(format!("{}: {error}\nlast input:\n{}", target.name, String::from_utf8_lossy(&input)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
