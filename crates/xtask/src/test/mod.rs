//! The one test command: `cargo xtask test`. CI runs the same.
//!
//! A stage is a file in this folder and a line in [`STAGES`]. It counts what passed and failed and says what could not
//! run here. The closing lines name everything that did not run, with the reason; the last line is the sum.

mod admission;
mod analysis;
mod clippy;
mod cluster;
mod context;
mod corpus;
mod differential;
mod docs;
mod equivalence;
mod examples;
mod format;
mod generated;
mod licences;
mod loader_examples;
mod outcome;
mod packagings;
mod reach;
mod secrets;
mod seeded_faults;
mod tidy;
mod units;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use self::context::Context;
use self::outcome::Outcome;

/// One part of the test command.
struct Stage {
    /// The word that selects it.
    name: &'static str,
    /// What a pass of it means.
    about: &'static str,
    run: fn(&Context) -> Result<Outcome>,
}

/// In the order they run: what fails fast comes first, what needs a server comes last.
const STAGES: &[Stage] = &[
    Stage { name: "format", about: "rustfmt would change nothing", run: format::run },
    Stage { name: "tidy", about: "layers, purity, headers and words are as the house wants them", run: tidy::run },
    Stage { name: "clippy", about: "no warning in any target", run: clippy::run },
    Stage {
        name: "units",
        about: "unit, golden, command-line and documentation tests, fuzz smoke included",
        run: units::run,
    },
    Stage { name: "generated", about: "generated files are what the tree would generate now", run: generated::run },
    Stage { name: "docs", about: "the crates' documentation builds without a warning", run: docs::run },
    Stage { name: "licences", about: "every dependency's licence is one we may ship under", run: licences::run },
    Stage {
        name: "loader-examples",
        about: "the shown loader cases give the expected JSON",
        run: loader_examples::run,
    },
    Stage { name: "differential", about: "`config` says what the real docker compose says", run: differential::run },
    Stage {
        name: "seeded-faults",
        about: "the native check refuses every fault in emitted objects that a real API server refuses",
        run: seeded_faults::run,
    },
    Stage { name: "examples", about: "our examples convert and a real API server takes them", run: examples::run },
    Stage {
        name: "cluster",
        about: "a real one-node cluster runs pods, keeps volumes, enforces policies and leaves nothing behind",
        run: cluster::run,
    },
    Stage {
        name: "analysis",
        about: "analyze, graph and overhead end well on real projects, and every edge has evidence",
        run: analysis::run,
    },
    Stage {
        name: "equivalence",
        about: "real projects and what is written for them are the same application, both ways",
        run: equivalence::run,
    },
    Stage {
        name: "packagings",
        about: "what real Helm and Kustomize render of every form is what the manifests hold",
        run: packagings::run,
    },
    Stage {
        name: "secrets",
        about: "what is secret in real projects stands in `secrets/` and nowhere else",
        run: secrets::run,
    },
    Stage {
        name: "reach",
        about: "pods reach each other where docker compose's networks let containers, and nowhere else",
        run: reach::run,
    },
    Stage {
        name: "corpus",
        about: "real projects load, convert twice alike, and a real API server takes them",
        run: corpus::run,
    },
];

/// Runs `test [STAGE...] [--list]`.
pub fn run(args: &[String]) -> Result<ExitCode> {
    if args.iter().any(|arg| arg == "--list") {
        for stage in STAGES {
            println!("{:16} {}", stage.name, stage.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let stages = selected(args)?;
    crate::leash::tie()?;
    let context = Context::new()?;
    let mut total = Outcome::default();
    println!("{:16} {:8} {:>7} {:>7} {:>9}", "stage", "verdict", "passed", "failed", "seconds");
    for stage in stages {
        let started = Instant::now();
        let outcome = one(stage, &context);
        print(stage, &outcome, started.elapsed(), &context);
        total.add(stage.name, outcome);
    }
    Ok(close(&total))
}

fn selected(names: &[String]) -> Result<Vec<&'static Stage>> {
    if let Some(unknown) = names.iter().find(|name| STAGES.iter().all(|stage| stage.name != name.as_str())) {
        bail!("no stage `{unknown}`; `cargo xtask test --list` names them");
    }
    Ok(STAGES.iter().filter(|stage| names.is_empty() || names.iter().any(|name| name == stage.name)).collect())
}

/// A stage that could not do its work failed; it never just vanishes.
fn one(stage: &Stage, context: &Context) -> Outcome {
    let outcome = (stage.run)(context).unwrap_or_else(|error| Outcome::failure(format!("{error:#}")));
    let outcome = if context.ci { outcome.live_must_run() } else { outcome };
    if outcome.passed + outcome.failed == 0 && outcome.not_run.is_empty() {
        return Outcome::failure(format!("the stage `{}` tested nothing", stage.name));
    }
    outcome
}

fn print(stage: &Stage, outcome: &Outcome, took: Duration, context: &Context) {
    let verdict = match (outcome.failed, outcome.passed) {
        (0, 0) => "not run",
        (0, _) => "ok",
        _ => "FAILED",
    };
    println!("{:16} {verdict:8} {:>7} {:>7} {:>9.1}", stage.name, outcome.passed, outcome.failed, took.as_secs_f64());
    for line in outcome.notes.iter().chain(&outcome.failures) {
        println!("    {}", line.trim_end().replace('\n', "\n    "));
    }
    if !outcome.failures.is_empty() && context.log(stage.name).is_file() {
        println!("    all of its output: {}", context.shown(&context.log(stage.name)));
    }
}

/// Lines of one failure that are shown again at the end, where a log that was cut off still has them.
const LINES: usize = 12;

/// The closing lines: what did not run, what failed, and the sum.
fn close(total: &Outcome) -> ExitCode {
    for skipped in &total.not_run {
        println!("not run: {}", skipped.reason);
    }
    for failure in &total.failures {
        let lines: Vec<&str> = failure.trim_end().lines().take(LINES).collect();
        println!("failed: {}", lines.join("\n    "));
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::{STAGES, selected};

    #[test]
    fn stages_are_selected_by_name_and_keep_their_order() {
        let names = |args: &[&str]| {
            let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
            selected(&args).map(|stages| stages.iter().map(|stage| stage.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["docs", "format"]).unwrap(), ["format", "docs"]);
        assert_eq!(names(&[]).unwrap().len(), STAGES.len());
        assert!(names(&["dogs"]).is_err());
    }
}
