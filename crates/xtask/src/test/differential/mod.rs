//! `tranship config` beside the real docker compose: same verdict, and the same data where both accept.
//!
//! The projects are our examples and the shared corpus. Then each of many small edits of their files, the same edits on
//! every run, is put to both as well: that is where the rare rules show.

mod compare;
pub(super) mod project;

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::Result;
use tranship_testing::{Mutator, places};

use self::compare::Verdict;
use self::project::Project;
use super::context::Context;
use super::outcome::{Outcome, Skipped};

/// How many edited projects are tried; `TRANSHIP_DIFFERENTIAL_EDITS` sets another number.
const EDITS: usize = 300;

/// One test per project and per edit.
pub fn run(context: &Context) -> Result<Outcome> {
    let Some(oracle) = places::program("docker-compose") else {
        return Ok(Outcome::no_server("no docker-compose: neither built by testbed/build nor on PATH"));
    };
    let mut projects = project::examples(&context.root)?;
    let shared = context.shared.as_deref();
    projects.extend(shared.map(project::corpus).transpose()?.unwrap_or_default());
    let edits = std::env::var("TRANSHIP_DIFFERENTIAL_EDITS").ok().and_then(|n| n.parse().ok()).unwrap_or(EDITS);
    let edited = edit(&projects, edits);
    let whole = projects.len();
    projects.extend(edited);

    let tranship = context.tranship()?;
    let verdicts = on_two_threads(&projects, |project| compare::compare(project, tranship, &oracle));
    let mut outcome = tally(&projects, verdicts);
    let both = projects.len() - whole;
    outcome.notes.push(format!("{whole} projects and {both} edits of them; {} agree", outcome.passed));
    if shared.is_none() {
        outcome.not_run.push(Skipped { live: false, ..Outcome::no_shared().not_run.remove(0) });
    }
    Ok(outcome)
}

/// Variants of the smaller projects, one line changed in each.
fn edit(projects: &[Project], count: usize) -> Vec<Project> {
    let small: Vec<&Project> = projects.iter().filter(|project| project.is_small()).collect();
    let mut mutator = Mutator::new(3);
    let mut edited = Vec::new();
    while edited.len() < count && !small.is_empty() {
        if let Some(project) = small.get(mutator.below(small.len())) {
            let number = edited.len();
            edited.extend(project.edited(&mut mutator, number));
        }
    }
    edited
}

fn tally(projects: &[Project], verdicts: Vec<Result<Verdict>>) -> Outcome {
    let mut outcome = Outcome::default();
    for (project, verdict) in projects.iter().zip(verdicts) {
        outcome.count(match verdict {
            Ok(Verdict::Agree) => Ok(()),
            Ok(Verdict::Differ(how)) => Err(format!("{}: {how}", project.id)),
            Err(error) => Err(format!("{}: {error:#}", project.id)),
        });
    }
    outcome.showing(SHOWN)
}

/// Disagreements shown in full; the first ones are the whole projects.
const SHOWN: usize = 25;

/// Results in the order of the items.
pub(super) fn on_two_threads<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((at, item)) = take(items, &next) {
                    let result = work(item);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

fn take<'a, T>(items: &'a [T], next: &AtomicUsize) -> Option<(usize, &'a T)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    Some((at, items.get(at)?))
}
