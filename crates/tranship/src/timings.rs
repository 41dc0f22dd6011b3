//! What each stage of a run costs: `--timings`, a flag for the benchmarks, prints it as the last line of stderr.
//!
//! A stage is measured where it is called: `stage("lift", || lift(…))`. Stages that run beside each other are each
//! measured in full, so that their sum may be more than the whole.

use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// Name and duration of each stage that has ended.
type Stages = Mutex<Vec<(&'static str, Duration)>>;

static STAGES: OnceLock<Stages> = OnceLock::new();

/// Measures from now on.
pub fn enable() {
    STAGES.get_or_init(Stages::default);
}

/// Does the work of a stage, and notes what it took where that is wanted. A stage of the same name adds up.
pub fn stage<T>(name: &'static str, work: impl FnOnce() -> T) -> T {
    let Some(stages) = STAGES.get() else { return work() };
    let started = Instant::now();
    let done = work();
    let took = started.elapsed();
    if let Ok(mut stages) = stages.lock() {
        match stages.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += took,
            None => stages.push((name, took)),
        }
    }
    done
}

/// Prints the stages in the order in which they ended, as one line: `timings: {"load": 1234, …}`, in microseconds.
pub fn print() {
    let Some(stages) = STAGES.get().and_then(|stages| stages.lock().ok()) else { return };
    let entries: Vec<String> = stages.iter().map(|(name, took)| format!("\"{name}\": {}", took.as_micros())).collect();
    eprintln!("timings: {{{}}}", entries.join(", "));
}
