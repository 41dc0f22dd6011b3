//! `config --origins`: where each value of the project comes from.

use serde_json::{Value as Json, json};
use tranship_compose::Project;
use tranship_source::yaml::{Node, Trail, Value, VariableFrom};
use tranship_source::{Sources, Span};

use super::Format;

/// A value that holds no other, with where it is in the project.
struct Leaf<'p> {
    path: String,
    node: &'p Node,
}

/// Every leaf with its place, the variables in it and what it replaced: as a table, or as data.
pub(super) fn print(project: &Project, sources: &Sources, format: Option<Format>) -> String {
    let mut leaves = Vec::new();
    collect(&project.tree, String::new(), &mut leaves);
    if format == Some(Format::Json) {
        let leaves: Vec<Json> = leaves.iter().map(|leaf| leaf.json(sources)).collect();
        return format!("{:#}\n", json!({"version": 1, "origins": leaves}));
    }
    let head = ["VALUE", "WRITTEN AT", "DECIDED BY"].map(str::to_owned);
    let rows = leaves.iter().map(|leaf| leaf.row(sources));
    columns(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
}

fn collect<'p>(node: &'p Node, path: String, leaves: &mut Vec<Leaf<'p>>) {
    match &node.value {
        Value::Mapping(map) if !map.is_empty() => {
            for (key, child) in map {
                let path = if path.is_empty() { key.text.clone() } else { format!("{path}.{}", key.text) };
                collect(child, path, leaves);
            }
        }
        Value::Sequence(items) if !items.is_empty() => {
            for (index, child) in items.iter().enumerate() {
                collect(child, format!("{path}[{index}]"), leaves);
            }
        }
        _ => leaves.push(Leaf { path, node }),
    }
}

impl Leaf<'_> {
    fn trail(&self) -> Trail {
        self.node.meta.as_ref().and_then(|meta| meta.trail.clone()).unwrap_or_default()
    }

    fn row(&self, sources: &Sources) -> [String; 3] {
        let Trail { variables, replaced } = self.trail();
        let place = sources.place(self.node.span).unwrap_or_else(|| "implied".to_owned());
        let variables = variables.iter().map(|(name, from)| format!("{name} from {}", source(from, sources)));
        let replaced = replaced.iter().filter_map(|span| sources.place(*span)).map(|at| format!("over {at}"));
        [self.path.clone(), place, variables.chain(replaced).collect::<Vec<_>>().join(", ")]
    }

    fn json(&self, sources: &Sources) -> Json {
        let Trail { variables, replaced } = self.trail();
        let variable = |(name, from): &(String, VariableFrom)| {
            let at = if let VariableFrom::File(span) = from { place(*span, sources) } else { Json::Null };
            json!({"name": name, "from": kind(from), "at": at})
        };
        json!({
            "path": self.path,
            "at": place(self.node.span, sources),
            "variables": variables.iter().map(variable).collect::<Vec<_>>(),
            "replaces": replaced.iter().map(|span| place(*span, sources)).collect::<Vec<_>>(),
        })
    }
}

fn place(span: Span, sources: &Sources) -> Json {
    let Some(source) = sources.get(span.file) else { return Json::Null };
    let position = source.position(span.start);
    json!({"file": source.name, "line": position.line, "column": position.column})
}

fn kind(from: &VariableFrom) -> &'static str {
    match from {
        VariableFrom::Process => "environment",
        VariableFrom::File(_) => "file",
        VariableFrom::Expression => "default",
        VariableFrom::Unset => "unset",
        VariableFrom::Compose => "compose",
    }
}

fn source(from: &VariableFrom, sources: &Sources) -> String {
    match from {
        VariableFrom::Process => "the environment".to_owned(),
        VariableFrom::File(span) => sources.place(*span).unwrap_or_else(|| "a file".to_owned()),
        VariableFrom::Expression => "its default".to_owned(),
        VariableFrom::Unset => "nowhere".to_owned(),
        VariableFrom::Compose => "the project".to_owned(),
    }
}

/// Rows as columns, two blanks apart; the last is as long as it is.
pub(super) fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}  "));
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    rows.iter().map(line).collect()
}
