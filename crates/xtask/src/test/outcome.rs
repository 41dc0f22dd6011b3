//! What came of a stage.

/// Something that could not run on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// What, and why.
    pub reason: String,
    /// Whether a CI machine has all that it needs (a server, a program we can build), so that skipping it there is a failure.
    pub live: bool,
}

/// Counts, and the lines to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many tests passed.
    pub passed: usize,
    /// How many failed.
    pub failed: usize,
    /// What could not run.
    pub not_run: Vec<Skipped>,
    /// Lines worth reading when all is well: figures, tables.
    pub notes: Vec<String>,
    /// What to show of each failure.
    pub failures: Vec<String>,
}

impl Outcome {
    /// One test that passed.
    pub fn pass() -> Self {
        Self { passed: 1, ..Self::default() }
    }

    /// One test that failed.
    pub fn failure(why: String) -> Self {
        Self { failed: 1, failures: vec![why], ..Self::default() }
    }

    /// Nothing ran because a server or program is missing.
    pub fn no_server(reason: impl Into<String>) -> Self {
        Self { not_run: vec![Skipped { reason: reason.into(), live: true }], ..Self::default() }
    }

    /// Nothing ran because the shared material is no part of this clone.
    pub fn no_shared() -> Self {
        let reason = tranship_testing::not_run::NO_SHARED.to_owned();
        Self { not_run: vec![Skipped { reason, live: false }], ..Self::default() }
    }

    /// Counts one more test.
    pub fn count(&mut self, verdict: Result<(), String>) {
        match verdict {
            Ok(()) => self.passed += 1,
            Err(why) => {
                self.failed += 1;
                self.failures.push(why);
            }
        }
    }

    /// The same with every live part that did not run as a failure.
    #[must_use]
    pub fn live_must_run(mut self) -> Self {
        for skipped in self.not_run.iter().filter(|skipped| skipped.live) {
            self.failed += 1;
            self.failures.push(format!("did not run on a CI machine: {}", skipped.reason));
        }
        self
    }

    /// Shows only the first failures: a broken command fails everywhere, and the first few tell as much as all.
    #[must_use]
    pub fn showing(mut self, few: usize) -> Self {
        let more = self.failures.len().saturating_sub(few);
        if more > 0 {
            self.failures.truncate(few);
            self.failures.push(format!("… and {more} more"));
        }
        self
    }

    /// Takes in the counts of a stage.
    pub fn add(&mut self, stage: &str, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.not_run.extend(
            other
                .not_run
                .into_iter()
                .map(|skipped| Skipped { reason: format!("{stage}: {}", skipped.reason), ..skipped }),
        );
        self.failures.extend(other.failures.into_iter().map(|why| format!("{stage}: {why}")));
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn on_ci_a_missing_server_is_a_failure_and_a_missing_shared_folder_is_not() {
        assert_eq!(Outcome::no_server("no etcd").live_must_run().failed, 1);
        assert_eq!(Outcome::no_shared().live_must_run().failed, 0);
    }

    #[test]
    fn what_did_not_run_or_failed_carries_the_stage() {
        let mut total = Outcome::pass();
        total.add("corpus", Outcome::no_server("no etcd"));
        assert_eq!((total.passed, total.failed), (1, 0));
        total.add("docs", Outcome::failure("a broken link".to_owned()));
        assert_eq!((total.failed, total.failures.as_slice()), (1, &["docs: a broken link".to_owned()][..]));
        assert_eq!(total.not_run.first().map(|s| s.reason.as_str()), Some("corpus: no etcd"));
    }
}
