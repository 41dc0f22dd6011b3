//! Where the names of an installation stand in objects.
//!
//! A chart is installed under names that nobody knows before. Which parts of which texts these are is not guessed: the project
//! is lowered a second time with marks for its names, its namespace and itself, and where that differs from the objects
//! themselves a mark shows what stands there.

use std::collections::BTreeMap;

use tranship_kube::{Object, ObjectSet};

/// The words that were put in the places of names. None of them stands in the objects themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Stands before the name of every object.
    pub prefix: String,
    /// Stands for the namespace.
    pub namespace: String,
    /// Stands for the name of the project.
    pub instance: String,
}

impl Marks {
    /// Marks that stand in none of the texts.
    pub fn foreign_to(texts: &[String]) -> Self {
        let at = |turn: u32| Self {
            prefix: format!("zq{turn}p-"),
            namespace: format!("zq{turn}n"),
            instance: format!("zq{turn}i"),
        };
        let free = |turn: &u32| !texts.iter().any(|text| text.contains(&format!("zq{turn}")));
        at((0..u32::MAX).find(free).unwrap_or_default())
    }
}

/// The objects of a project with marks in them.
#[derive(Clone, Debug)]
pub struct Release {
    /// The objects, each at the place of its counterpart without marks.
    pub objects: ObjectSet,
    /// The marks.
    pub marks: Marks,
    /// References to names that stand where they cannot be changed, as sentences.
    pub fixed: Vec<String>,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words as they are.
    Text(String),
    /// What stands before the name of every object.
    Prefix,
    /// The namespace.
    Namespace,
    /// The name of the installation.
    Instance,
    /// The name of a workload's Job, which follows from what it is.
    Job(String),
}

/// What the marks stand for in the objects without any.
#[derive(Clone, Debug)]
pub struct Plain<'a> {
    marks: &'a Marks,
    namespace: &'a str,
    instance: String,
    /// Jobs by their name under marks without the prefix: their own name, and their workload's.
    jobs: BTreeMap<String, (String, String)>,
}

impl<'a> Plain<'a> {
    /// Of a project in a namespace.
    pub fn new(release: &'a Release, objects: &ObjectSet, namespace: &'a str, project: &str) -> Self {
        let pairs = objects.iter().zip(&release.objects);
        let jobs = pairs.filter(|(own, other)| own.kind() == "Job" && other.kind() == "Job");
        let entry = |(own, other): (&Object, &Object)| {
            let marked = other.name().strip_prefix(release.marks.prefix.as_str())?;
            let (workload, _) = own.name().rsplit_once('-')?;
            Some((marked.to_owned(), (own.name().to_owned(), workload.to_owned())))
        };
        Self {
            marks: &release.marks,
            namespace,
            instance: tranship_kube::names::label_value(project),
            jobs: jobs.filter_map(entry).collect(),
        }
    }

    /// The parts of a text that has marks; `None` where it has none, or its parts do not give `own` back.
    pub fn parts(&self, own: &str, marked: &str) -> Option<Vec<Part>> {
        if own == marked {
            return None;
        }
        let mut parts = Vec::new();
        let mut rest = marked;
        while !rest.is_empty() {
            let marks = [
                (&self.marks.prefix, Part::Prefix),
                (&self.marks.namespace, Part::Namespace),
                (&self.marks.instance, Part::Instance),
            ];
            let next = marks.into_iter().filter_map(|(mark, part)| Some((rest.find(mark.as_str())?, mark, part)));
            let Some((at, mark, part)) = next.min_by_key(|(at, ..)| *at) else {
                parts.push(Part::Text(rest.to_owned()));
                break;
            };
            let (before, after) = (rest.get(..at)?, rest.get(at + mark.len()..)?);
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            rest = after;
            let job = self.jobs.iter().find(|(marked, _)| part == Part::Prefix && rest.starts_with(marked.as_str()));
            match job {
                Some((marked, (_, workload))) => {
                    parts.push(Part::Job(workload.clone()));
                    rest = rest.get(marked.len()..)?;
                }
                None => parts.push(part),
            }
        }
        let marked = parts.iter().any(|part| !matches!(part, Part::Text(_)));
        (marked && self.plain(&parts) == own).then_some(parts)
    }

    /// The text that parts stand for where nothing is marked.
    pub fn plain(&self, parts: &[Part]) -> String {
        let job =
            |workload: &str| self.jobs.values().find(|(_, known)| known == workload).map(|(name, _)| name.as_str());
        let one = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Prefix => String::new(),
            Part::Namespace => self.namespace.to_owned(),
            Part::Instance => self.instance.clone(),
            Part::Job(workload) => job(workload).unwrap_or_default().to_owned(),
        };
        parts.iter().map(one).collect()
    }

    /// The workloads that are Jobs.
    pub fn jobs(&self) -> impl Iterator<Item = &str> {
        self.jobs.values().map(|(_, workload)| workload.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_show_what_stands_where() {
        let marks = Marks::foreign_to(&["zq0 is taken".to_owned()]);
        assert_eq!(marks.prefix, "zq1p-");
        let own = Object::new("batch/v1", "Job", "load-1234abcd");
        let other = Object::new("batch/v1", "Job", "zq1p-load-99999999");
        let objects = ObjectSet { objects: vec![own] };
        let release = Release { objects: ObjectSet { objects: vec![other] }, marks, fixed: Vec::new() };
        let plain = Plain::new(&release, &objects, "shop", "shop");
        let text = |text: &str| Part::Text(text.to_owned());
        for (own, marked, expect) in [
            ("http://db:80/db", "http://zq1p-db:80/db", Some(vec![text("http://"), Part::Prefix, text("db:80/db")])),
            ("shop", "zq1n", Some(vec![Part::Namespace])),
            ("shop", "zq1i", Some(vec![Part::Instance])),
            (
                "/jobs/load-1234abcd",
                "/jobs/zq1p-load-99999999",
                Some(vec![text("/jobs/"), Part::Job("load".to_owned())]),
            ),
            ("a", "a", None),
            ("digest", "other digest", None),
            ("b", "zq1p-a", None),
        ] {
            assert_eq!(plain.parts(own, marked), expect, "{marked}");
        }
    }
}
