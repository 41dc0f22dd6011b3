//! The figures, for people and as JSON, beside the goals.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use super::stages::Stages;
use crate::measure::Measure;

/// Goals for the median: services, command, milliseconds, and megabytes where there is one.
const GOALS: &[(usize, &str, f64, Option<f64>)] = &[
    (2, "config", 10.0, None),
    (2, "convert", 10.0, None),
    (200, "config", 15.0, None),
    (200, "convert", 50.0, None),
    (200, "convert --stdout", 50.0, None),
    (5000, "config", 1500.0, Some(250.0)),
    (5000, "convert", 1500.0, Some(250.0)),
];

/// The runs of one command on one project.
#[derive(Clone, Debug, Default)]
pub struct Series {
    took: Vec<Duration>,
    peak: u64,
}

impl Series {
    /// Takes in one run.
    pub fn push(&mut self, measure: Measure) {
        self.took.push(measure.took);
        self.took.sort_unstable();
        self.peak = self.peak.max(measure.peak);
    }

    fn at(&self, index: usize) -> f64 {
        self.took.get(index).map_or(0.0, |took| took.as_secs_f64() * 1000.0)
    }

    fn min(&self) -> f64 {
        self.at(0)
    }

    fn median(&self) -> f64 {
        self.at(self.took.len() / 2)
    }

    fn max(&self) -> f64 {
        self.at(self.took.len().saturating_sub(1))
    }

    #[expect(clippy::cast_precision_loss, reason = "megabytes to one place")]
    fn megabytes(&self) -> f64 {
        self.peak as f64 / 1_000_000.0
    }

    fn json(&self) -> Value {
        json!({ "runs": self.took.len(), "min_ms": self.min(), "median_ms": self.median(), "max_ms": self.max(), "peak_bytes": self.peak })
    }
}

/// One project with all commands.
#[derive(Clone, Debug)]
pub struct Row {
    services: usize,
    lines: usize,
    bytes: usize,
    /// `tranship config`.
    pub config: Option<Series>,
    /// `tranship convert` to a folder on disk.
    pub convert: Option<Series>,
    /// The same to a folder in memory.
    pub convert_memory: Option<Series>,
    /// `tranship convert --stdout`.
    pub convert_stream: Option<Series>,
    /// The stages of `tranship convert`.
    pub stages: Option<Stages>,
    /// `docker compose config`.
    pub oracle: Option<Series>,
}

impl Row {
    /// A project without runs.
    pub fn new(services: usize, lines: usize, bytes: usize) -> Self {
        Self {
            services,
            lines,
            bytes,
            config: None,
            convert: None,
            convert_memory: None,
            convert_stream: None,
            stages: None,
            oracle: None,
        }
    }

    /// The size of the project in services.
    pub const fn services(&self) -> usize {
        self.services
    }

    /// Each goal of this size: its text and whether it was met.
    fn goals(&self) -> impl Iterator<Item = (String, bool)> {
        GOALS.iter().filter(|(services, ..)| *services == self.services).filter_map(|(services, command, ms, mb)| {
            let series = match *command {
                "config" => self.config.as_ref()?,
                "convert --stdout" => self.convert_stream.as_ref()?,
                _ => self.convert.as_ref()?,
            };
            let met = series.median() < *ms && mb.is_none_or(|mb| series.megabytes() < mb);
            let memory = mb.map(|mb| format!(" and {mb:.0} MB")).unwrap_or_default();
            let found = format!("{:.1} ms, {:.1} MB", series.median(), series.megabytes());
            Some((format!("{command} of {services} services under {ms:.0} ms{memory}: {found}"), met))
        })
    }

    /// Whether the medians meet every goal of this size.
    pub fn within_goals(&self) -> bool {
        self.goals().all(|(_, met)| met)
    }
}

/// Tables as text.
pub fn render(rows: &[Row]) -> String {
    let mut text = format!(
        "{:>8} {:>7} {:>9}  {:14} {:>9} {:>9} {:>9} {:>9} {:>13}\n",
        "services", "lines", "bytes", "command", "min ms", "median", "max", "peak MB", "us/service"
    );
    for row in rows {
        let commands = [
            ("config", row.config.as_ref()),
            ("convert", row.convert.as_ref()),
            ("  to memory", row.convert_memory.as_ref()),
            ("  --stdout", row.convert_stream.as_ref()),
            ("docker compose", row.oracle.as_ref()),
        ];
        for (name, series) in commands.into_iter().filter_map(|(name, series)| Some((name, series?))) {
            let _infallible = writeln!(
                text,
                "{:>8} {:>7} {:>9}  {name:14} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {:>13.1}",
                row.services,
                row.lines,
                row.bytes,
                series.min(),
                series.median(),
                series.max(),
                series.megabytes(),
                per_service(row, series)
            );
        }
    }
    for (goal, met) in rows.iter().flat_map(Row::goals) {
        let _infallible = writeln!(text, "{} {goal}", if met { "met:   " } else { "MISSED:" });
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn per_service(row: &Row, series: &Series) -> f64 {
    series.median() * 1000.0 / row.services.max(1) as f64
}

/// The same as JSON.
pub fn json(rows: &[Row]) -> Value {
    let row = |row: &Row| {
        json!({
            "services": row.services, "lines": row.lines, "bytes": row.bytes,
            "config": row.config.as_ref().map(Series::json), "convert": row.convert.as_ref().map(Series::json),
            "convert_to_memory": row.convert_memory.as_ref().map(Series::json),
            "convert_to_stdout": row.convert_stream.as_ref().map(Series::json),
            "convert_stages_ms": row.stages.as_ref().map(Stages::json), "docker_compose": row.oracle.as_ref().map(Series::json),
        })
    };
    json!({ "version": 1, "rows": rows.iter().map(row).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::{Row, render};
    use crate::measure::Measure;
    use std::time::Duration;

    #[test]
    fn the_median_is_held_against_the_goal() {
        let mut row = Row::new(200, 4000, 100_000);
        for ms in [1, 14, 900] {
            row.config.get_or_insert_default().push(Measure { took: Duration::from_millis(ms), peak: 5_000_000 });
            row.convert.get_or_insert_default().push(Measure { took: Duration::from_millis(ms), peak: 5_000_000 });
        }
        assert!(row.within_goals(), "{}", render(&[row]));
    }

    #[test]
    fn a_missed_goal_is_named() {
        let mut row = Row::new(5000, 100_000, 3_000_000);
        row.config.get_or_insert_default().push(Measure { took: Duration::from_millis(1400), peak: 300_000_000 });
        assert!(!row.within_goals());
        assert!(
            render(&[row]).contains("MISSED: config of 5000 services under 1500 ms and 250 MB: 1400.0 ms, 300.0 MB")
        );
    }
}
