//! The overhead as a document for people.

use super::{Effort, Overhead, Row};
use crate::document::Document;

/// A document of its own.
pub fn document(project: &str, overhead: &Overhead) -> Document {
    let mut out = Document::new(format!("Operational overhead of {project}"));
    parts(&mut out, overhead);
    out
}

/// The sections, for a document that holds more.
pub fn parts(out: &mut Document, overhead: &Overhead) {
    out.section("Overhead: concern by concern");
    out.say(format!(
        "Reckoned for {} and {} (choose with `--cluster` and `--delivery`). Every point is one thing below; the formula stands at the end.",
        overhead.assumed.cluster, overhead.assumed.delivery
    ));
    let rows = overhead.concerns.iter().map(|one| {
        vec![
            one.name.to_owned(),
            one.current_tool.clone(),
            leveled(&one.current),
            one.target_tool.clone(),
            leveled(&one.target),
            delta(one.delta, &one.delta_word),
        ]
    });
    out.table(&["concern", "now", "effort", "then", "effort", "delta"], rows.collect());
    out.section("Overhead: what is new");
    let rows = overhead.components.iter();
    let rows =
        rows.map(|one| vec![one.name.clone(), one.purpose.clone(), one.cost.word().to_owned(), one.because.clone()]);
    out.table(&["component", "purpose", "cost", "points"], rows.collect());
    out.section("Overhead: task by task");
    for (number, category) in overhead.categories.iter().enumerate() {
        out.part(&format!("{}. {} ({})", number + 1, category.name, category.with));
        let rows =
            category.tasks.iter().map(|task| vec![task.name.to_owned(), task.current.clone(), task.target.clone()]);
        out.table(&["task", "now", "then"], rows.collect());
        out.say(format!(
            "Net change: {}. {}.",
            delta(category.sum.delta, &category.sum.delta_word),
            sentence(&category.note)
        ));
    }
    out.section("Overhead: languages and frameworks");
    let rows = overhead.frameworks.iter();
    let rows = rows
        .map(|one| vec![format!("`{}`", one.service), one.framework.clone(), one.runtime.clone(), one.note.clone()]);
    out.table(&["service", "framework", "runtime", "notes"], rows.collect());
    out.say(overhead.impact.clone());
    out.section("Overhead: summary");
    let mut rows: Vec<Vec<String>> =
        overhead.categories.iter().map(|category| row(category.name, &category.sum)).collect();
    rows.push(row("Total (mean)", &overhead.total));
    out.table(&["category", "now", "then", "delta"], rows);
    for sentence in &overhead.takeaway {
        out.say(sentence.clone());
    }
    out.section("Overhead: the formula and every point");
    out.list(overhead.formula.clone());
    let points = overhead.concerns.iter().flat_map(|one| {
        let of = |when: &'static str, effort: &Effort| {
            let rows = effort.points.iter().map(move |point| {
                vec![
                    one.name.to_owned(),
                    when.to_owned(),
                    point.points.to_string(),
                    point.what.clone(),
                    point.place.as_ref().map(ToString::to_string).unwrap_or_default(),
                ]
            });
            rows.collect::<Vec<_>>()
        };
        [of("now", &one.current), of("then", &one.target)].concat()
    });
    out.table(&["concern", "when", "points", "for", "place"], points.collect());
}

/// A note as a sentence.
fn sentence(note: &str) -> String {
    let mut chars = note.chars();
    chars.next().map(|first| first.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

fn leveled(effort: &Effort) -> String {
    format!("{} ({})", effort.level.word(), effort.sum)
}

fn delta(number: i64, word: &str) -> String {
    match number {
        0 => word.to_owned(),
        more if more > 0 => format!("{word} (+{more})"),
        less => format!("{word} (−{})", -less),
    }
}

fn row(name: &str, row: &Row) -> Vec<String> {
    vec![
        name.to_owned(),
        format!("{} ({})", row.current_level.word(), row.current),
        format!("{} ({})", row.target_level.word(), row.target),
        delta(row.delta, &row.delta_word),
    ]
}
