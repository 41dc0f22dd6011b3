//! Our examples and the shared corpus: what `convert` writes is the same application.
//!
//! For each project that is accepted: the kubelet would start what docker compose starts, or a line says why not; `diff`
//! finds no difference between the project and its own output; and the stack comes back from its objects but for what has
//! a reason. The tables of reasons are printed.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tranship_testing::{Finished, Program};

use super::context::Context;
use super::differential::on_two_threads;
use super::differential::project::{self, Project};
use super::outcome::{Outcome, Skipped};

/// What one project came to.
#[derive(Default)]
struct Record {
    /// Services and values compared.
    compared: [u64; 2],
    /// Reasons why processes differ, and how often.
    process: BTreeMap<String, usize>,
    /// Reasons why values do not come back, and how often.
    back: BTreeMap<String, usize>,
    /// Each step that fell short.
    short: Vec<String>,
}

/// Three tests per accepted project.
pub fn run(context: &Context) -> Result<Outcome> {
    let mut projects = project::examples(&context.root)?;
    let shared = context.shared.as_deref();
    projects.extend(shared.map(project::corpus).transpose()?.unwrap_or_default());
    let tranship = context.tranship()?;
    let records = on_two_threads(&projects, |project| look(project, tranship));
    let mut outcome = Outcome::default();
    let mut total = Record::default();
    let mut accepted = 0;
    for (project, record) in projects.iter().zip(records) {
        let Some(record) = record.with_context(|| project.id.clone())? else { continue };
        accepted += 1;
        let Record { compared, process, back, short } = record;
        total.compared = [total.compared[0] + compared[0], total.compared[1] + compared[1]];
        add(&mut total.process, process);
        add(&mut total.back, back);
        outcome.passed += 3 - short.len().min(3);
        for why in short {
            outcome.count(Err(format!("{}: {why}", project.id)));
        }
    }
    let [services, values] = total.compared;
    if services == 0 || values == 0 {
        outcome.count(Err("nothing was compared in any project".to_owned()));
    }
    outcome.notes.push(format!("{accepted} projects, {services} services, {values} values of processes compared"));
    outcome.notes.push(table("processes differ for these reasons:", &total.process));
    outcome.notes.push(table("values do not come back from Kubernetes for these reasons:", &total.back));
    if shared.is_none() {
        outcome.not_run.push(Skipped { live: false, ..Outcome::no_shared().not_run.remove(0) });
    }
    Ok(outcome.showing(12))
}

fn add(total: &mut BTreeMap<String, usize>, more: BTreeMap<String, usize>) {
    for (reason, count) in more {
        *total.entry(reason).or_default() += count;
    }
}

/// A table of reasons, the most frequent first.
fn table(title: &str, rows: &BTreeMap<String, usize>) -> String {
    let mut rows: Vec<(&String, &usize)> = rows.iter().collect();
    rows.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), *reason));
    let rows: Vec<String> = rows.into_iter().map(|(reason, count)| format!("{count:>6} {reason}")).collect();
    format!("{title}\n{}", rows.join("\n"))
}

/// `None` for a project that is refused, which other stages look at.
fn look(project: &Project, tranship: &Path) -> Result<Option<Record>> {
    let (folder, work) = project.copy()?;
    let out = folder.path().join("out");
    let call = |before: &[&str], after: &[&Path]| -> Result<Finished> {
        let mut program = Program::new(tranship).args(project.flags()).args(before).args(after);
        for (name, value) in &project.env {
            program = program.env(name, value);
        }
        Ok(program.dir(&work).only_own_env().run()?)
    };
    let converted = call(&["convert", "--format", "json", "--out"], &[&out])?;
    if converted.code() == Some(2) {
        return Ok(None);
    }
    let mut record = Record::default();
    if !matches!(converted.code(), Some(0 | 1)) {
        record.short.push(format!("convert ended with {:?}: {}", converted.code(), converted.last_words()));
        return Ok(Some(record));
    }
    processes(&converted, &mut record)?;
    let dir = work.join(project.directory.as_deref().unwrap_or_default());
    let equal = call(&["diff"], &[&dir, &out])?;
    if equal.code() != Some(0) {
        record.short.push(format!("diff of the project and its output: {}{}", equal.text(), equal.last_words()));
    }
    let back = call(&["diff", "--format", "json"], &[&dir])?;
    way_back(&back, &mut record)?;
    Ok(Some(record))
}

fn processes(converted: &Finished, record: &mut Record) -> Result<()> {
    let report: Value = serde_json::from_str(&converted.text()).context("reading the report")?;
    let processes = &report["processes"];
    let number = |key: &str| processes[key].as_u64().with_context(|| format!("the report has no `processes.{key}`"));
    record.compared = [number("services")?, number("values")?];
    let rows = processes["differences"].as_array().context("the report has no `processes.differences`")?;
    // A service without a container is a difference; any other has values.
    let [services, values] = record.compared;
    if services > 0 && values == 0 && rows.is_empty() {
        record.short.push("no value of any process was compared".to_owned());
    }
    let mut bare = Vec::new();
    for row in rows {
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        match row["because"].as_str() {
            Some(because) => *record.process.entry(masked(because)).or_default() += 1,
            None => bare.push(format!("{} {} {}", text("service"), text("what"), text("how"))),
        }
    }
    if !bare.is_empty() {
        record.short.push(format!("processes differ and nothing says why: {}", bare.join("; ")));
    }
    Ok(())
}

fn way_back(back: &Finished, record: &mut Record) -> Result<()> {
    let rows: Value = serde_json::from_str(&back.text()).with_context(|| back.last_words())?;
    let mut bare = Vec::new();
    for row in rows["back"].as_array().context("the answer of `diff` has no `back`")? {
        match row["because"].as_str() {
            Some(because) => *record.back.entry(masked(because)).or_default() += 1,
            None => bare.push(row["path"].as_str().unwrap_or_default().to_owned()),
        }
    }
    if !bare.is_empty() {
        record.short.push(format!("does not come back and nothing says why: {}", bare.join(", ")));
    }
    Ok(())
}

/// A reason without the names in it.
fn masked(because: &str) -> String {
    let parts: Vec<&str> =
        because.split('`').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "…" }).collect();
    parts.concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{masked, table};

    #[test]
    fn reasons_that_differ_in_names_alone_are_one_row() {
        assert_eq!(masked("there is nothing at `a/b` or `c`"), "there is nothing at … or …");
        let rows = BTreeMap::from([("b".to_owned(), 2), ("a".to_owned(), 2), ("c".to_owned(), 10)]);
        assert_eq!(table("t", &rows), "t\n    10 c\n     2 a\n     2 b");
    }
}
