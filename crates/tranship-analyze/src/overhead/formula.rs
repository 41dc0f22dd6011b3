//! How effort is reckoned: points for things that have to be done or known, levels for sums of points.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::place::Place;

/// Something that has to be done or known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// A program somebody has to upgrade and watch.
    Component,
    /// Data somebody has to back up.
    Backup,
    /// A format or a tool somebody has to know.
    Format,
    /// Something done by hand again and again.
    Manual,
    /// Changes of a schema that have to be written and run.
    Migrations,
}

impl Weight {
    const ALL: [Self; 5] = [Self::Component, Self::Backup, Self::Format, Self::Manual, Self::Migrations];

    fn points(self) -> i64 {
        match self {
            Self::Component => 2,
            Self::Backup | Self::Format | Self::Manual | Self::Migrations => 1,
        }
    }

    /// Whether it is over once it is done.
    fn once(self) -> bool {
        matches!(self, Self::Format)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Component => "a program to upgrade and watch",
            Self::Backup => "data to back up",
            Self::Format => "a format or a tool to know",
            Self::Manual => "something done by hand again and again",
            Self::Migrations => "changes of a schema to write and run",
        }
    }
}

/// Points for one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// The thing.
    pub what: String,
    /// Its points.
    pub points: i64,
    /// Whether it is over once it is done.
    pub once: bool,
    /// Where it stands in the project.
    pub place: Option<Place>,
}

pub(super) fn point(weight: Weight, what: impl Into<String>, place: Option<Place>) -> Point {
    Point { what: what.into(), points: weight.points(), once: weight.once(), place }
}

/// A sum of points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effort {
    /// What it is made of.
    pub points: Vec<Point>,
    /// The sum.
    pub sum: i64,
    /// Its level.
    pub level: Level,
}

/// The effort of some points. `there` says whether there is anything that could take effort.
pub(super) fn effort(points: Vec<Point>, there: bool) -> Effort {
    let sum = points.iter().map(|point| point.points).sum();
    let level = if there { level(sum) } else { Level::None };
    Effort { points, sum, level }
}

/// A level of effort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// There is nothing.
    None,
    /// There is something and it does its work by itself.
    Automatic,
    /// Hardly any.
    Trivial,
    /// Little.
    Low,
    /// Between little and some.
    LowMedium,
    /// Some.
    Medium,
    /// Much.
    High,
}

impl Level {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "N/A",
            Self::Automatic => "Automatic",
            Self::Trivial => "Trivial",
            Self::Low => "Low",
            Self::LowMedium => "Low-Medium",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }
}

/// From how many points on a level holds.
const LEVELS: [(i64, Level); 5] =
    [(8, Level::High), (5, Level::Medium), (4, Level::LowMedium), (2, Level::Low), (1, Level::Trivial)];

/// The level of a sum.
pub(super) fn level(sum: i64) -> Level {
    LEVELS.iter().find(|(from, _)| sum >= *from).map_or(Level::Automatic, |(_, level)| *level)
}

/// A difference in a word: the level of its size, with its sign.
pub(super) fn delta_word(delta: i64) -> String {
    match delta {
        0 => "Neutral".to_owned(),
        more if more > 0 => format!("+{}", level(more).word()),
        less => format!("−{}", level(-less).word()),
    }
}

/// A row of two sums.
pub(super) fn row(current: i64, target: i64) -> super::Row {
    let delta = target - current;
    super::Row {
        current,
        current_level: level(current),
        target,
        target_level: level(target),
        delta,
        delta_word: delta_word(delta),
    }
}

/// The mean over all categories, rounded to whole points.
pub(super) fn total(sums: &BTreeMap<&str, super::Row>) -> super::Row {
    let number = i64::try_from(sums.len()).unwrap_or(1).max(1);
    let mean = |of: fn(&super::Row) -> i64| (sums.values().map(of).sum::<i64>() * 2 + number) / (number * 2);
    row(mean(|row| row.current), mean(|row| row.target))
}

/// The formula in words.
pub(super) fn words() -> Vec<String> {
    let weights = Weight::ALL.map(|weight| format!("{} {}", weight.points(), weight.word()));
    let mut levels: Vec<String> =
        LEVELS.iter().rev().map(|(from, level)| format!("{} from {from}", level.word())).collect();
    levels.insert(0, "Automatic at 0, N/A where there is nothing".to_owned());
    vec![
        format!("points = the sum of: {}", weights.join("; ")),
        format!("level: {}", levels.join(", ")),
        "delta = points afterwards − points now, and its word is the level of that difference".to_owned(),
        "category = the sum of its concerns; total = the mean over the categories, rounded".to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_deltas_follow_from_the_sums() {
        for (sum, expect) in
            [(0, "Automatic"), (1, "Trivial"), (3, "Low"), (4, "Low-Medium"), (7, "Medium"), (8, "High")]
        {
            assert_eq!(level(sum).word(), expect, "{sum}");
        }
        assert_eq!((delta_word(0), delta_word(5), delta_word(-2)), ("Neutral".into(), "+Medium".into(), "−Low".into()));
        let sums = BTreeMap::from([("a", row(1, 4)), ("b", row(2, 5))]);
        assert_eq!((total(&sums).current, total(&sums).target), (2, 5), "halves go up");
    }
}
