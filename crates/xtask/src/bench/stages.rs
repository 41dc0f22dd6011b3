//! What each stage of a conversion costs, as `tranship --timings` tells it.
//!
//! A stage appears here by being measured in the binary (`timings::stage("name", || …)`); nothing has to be said here.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use tranship_testing::Program;

/// The sizes whose stages are told.
pub const SIZES: &[usize] = &[200, 5000];

/// The stages of one project, in the order in which they end.
#[derive(Clone, Debug, Default)]
pub struct Stages {
    names: Vec<String>,
    /// Milliseconds of each run by stage.
    runs: BTreeMap<String, Vec<f64>>,
}

impl Stages {
    /// Takes in one run of a command in a directory.
    pub fn run(&mut self, argv: &[&str], dir: &Path) -> Result<()> {
        let (program, arguments) = argv.split_first().context("no program")?;
        let done = Program::new(program).args(arguments).dir(dir).only_own_env().run()?;
        let talk = done.talk();
        let line = talk.lines().rev().find_map(|line| line.strip_prefix("timings: "));
        self.read(line.with_context(|| format!("no timings in:\n{talk}"))?)
    }

    fn read(&mut self, line: &str) -> Result<()> {
        let stages: Map<String, Value> = serde_json::from_str(line).context("reading the timings")?;
        for (name, micros) in stages {
            if !self.names.contains(&name) {
                self.names.push(name.clone());
            }
            self.runs.entry(name).or_default().push(micros.as_f64().unwrap_or_default() / 1000.0);
        }
        Ok(())
    }

    /// Each stage with its median.
    fn medians(&self) -> impl Iterator<Item = (&str, f64)> {
        self.names.iter().filter_map(|name| {
            let mut runs = self.runs.get(name)?.clone();
            runs.sort_by(f64::total_cmp);
            Some((name.as_str(), *runs.get(runs.len() / 2)?))
        })
    }

    /// The medians by name.
    pub fn json(&self) -> Value {
        self.medians().map(|(name, ms)| (name.to_owned(), json!(ms))).collect::<Map<_, _>>().into()
    }
}

/// The medians of several projects side by side. Stages that run beside each other are each told in full.
pub fn render(columns: &[(usize, &Stages)]) -> String {
    let mut text = String::new();
    let Some((_, widest)) = columns.iter().max_by_key(|(_, stages)| stages.names.len()) else { return text };
    let _infallible = write!(text, "stage of convert, ms ");
    for (services, _) in columns {
        let _infallible = write!(text, "{:>14}", format!("{services} services"));
    }
    text.push('\n');
    for name in &widest.names {
        let _infallible = write!(text, "  {name:19}");
        for (_, stages) in columns {
            let found = stages.medians().find(|(known, _)| known == name);
            let _infallible = write!(text, "{:>14}", found.map(|(_, ms)| format!("{ms:.1}")).unwrap_or_default());
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Stages, render};

    #[test]
    fn the_median_of_each_stage_is_told_in_the_order_of_the_run() {
        let mut stages = Stages::default();
        for micros in [1000, 9000, 2000] {
            stages.read(&format!("{{\"load\": {micros}, \"check\": 500}}")).unwrap();
        }
        let text = render(&[(200, &stages)]);
        let lines: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines, [["load", "2.0"], ["check", "0.5"]]);
        assert!(stages.read("no JSON").is_err());
    }
}
