//! A graph for Mermaid, which Markdown viewers draw.

use std::fmt::Write;

use super::text::evidence;
use super::{EdgeKind, Graph, Node, Role};

/// Writes a graph down. The evidence of each edge stands in a comment beside it.
pub fn text(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    for (at, node) in graph.nodes.iter().enumerate() {
        let (open, close) = shape(node.role);
        _ = writeln!(out, "  n{at}{open}\"{}\"{close}:::{}", words(node), node.role.class());
    }
    let mut styles: Vec<(EdgeKind, Vec<String>)> = EdgeKind::ALL.into_iter().map(|kind| (kind, Vec::new())).collect();
    for (number, edge) in graph.edges.iter().enumerate() {
        let line = match edge.kind {
            EdgeKind::Enters | EdgeKind::Routes => "==>",
            EdgeKind::Calls => "-->",
            EdgeKind::Waits => "-.->",
            EdgeKind::Mounts => "---",
            EdgeKind::Joins => "-.-",
        };
        let label = if edge.label.is_empty() { String::new() } else { format!("|\"{}\"|", escape(&edge.label)) };
        _ = writeln!(out, "  %% {}", comment(&evidence(edge)));
        _ = writeln!(out, "  n{} {line}{label} n{}", edge.from, edge.to);
        if let Some((_, numbers)) = styles.iter_mut().find(|(kind, _)| *kind == edge.kind) {
            numbers.push(number.to_string());
        }
    }
    for role in Role::ALL.into_iter().filter(|role| graph.nodes.iter().any(|node| node.role == *role)) {
        _ = writeln!(out, "  classDef {} stroke:{},stroke-width:2px", role.class(), colour(role));
    }
    for (kind, numbers) in styles.iter().filter(|(_, numbers)| !numbers.is_empty()) {
        _ = writeln!(out, "  linkStyle {} stroke:{}", numbers.join(","), line_colour(*kind));
    }
    out
}

/// Brackets that give a node its shape.
fn shape(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Entry | Role::Outside => ("([", "])"),
        Role::Store | Role::Cache | Role::Volume => ("[(", ")]"),
        Role::Queue => ("[[", "]]"),
        Role::Task => (">", "]"),
        Role::Proxy => ("{{", "}}"),
        Role::App | Role::Observer | Role::Admin => ("[", "]"),
    }
}

/// A colour that is seen on light and dark ground.
pub(crate) fn colour(role: Role) -> &'static str {
    match role {
        Role::Entry => "#d9480f",
        Role::Proxy => "#7048e8",
        Role::App => "#1c7ed6",
        Role::Queue => "#e8590c",
        Role::Cache => "#e03131",
        Role::Store => "#2b8a3e",
        Role::Observer => "#0c8599",
        Role::Admin => "#c2255c",
        Role::Volume => "#5c940d",
        Role::Task | Role::Outside => "#868e96",
    }
}

/// The same for lines.
pub(crate) fn line_colour(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Enters => "#d9480f",
        EdgeKind::Routes => "#7048e8",
        EdgeKind::Calls => "#1c7ed6",
        EdgeKind::Waits => "#868e96",
        EdgeKind::Mounts => "#5c940d",
        EdgeKind::Joins => "#c2255c",
    }
}

fn words(node: &Node) -> String {
    let lines = node.lines.iter().filter(|line| !line.is_empty()).map(|line| format!("<br/>{}", escape(line)));
    format!("{}{}", escape(&node.label), lines.collect::<String>())
}

/// Text between quotes: entities for whatever Mermaid or HTML would read.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '<' | '>' | '&' | '#' | '`' | '\\' | '*' | '_' | ';' | '{' | '}' | '[' | ']' | '(' | ')' | '|'
            | '%' => {
                _ = write!(out, "#{};", u32::from(c));
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A comment: one line without braces, which would be a directive.
fn comment(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .map(|c| if "{}".contains(c) { '\'' } else { c })
        .collect()
}
