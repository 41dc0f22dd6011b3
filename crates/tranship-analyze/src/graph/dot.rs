//! A graph for Graphviz.

use std::fmt::Write;

use super::mermaid::{colour, line_colour};
use super::text::evidence;
use super::{EdgeKind, Graph, Role};

/// Writes a graph down. The evidence of each edge is its tooltip.
pub fn text(graph: &Graph) -> String {
    let mut out = format!("digraph {} {{\n", quote(&graph.title));
    out.push_str("  rankdir=LR\n  node [shape=box style=rounded fontname=\"Helvetica\" fontsize=11]\n");
    out.push_str("  edge [fontname=\"Helvetica\" fontsize=9]\n");
    for (at, node) in graph.nodes.iter().enumerate() {
        let lines = std::iter::once(&node.label).chain(node.lines.iter().filter(|line| !line.is_empty()));
        let label = lines.cloned().collect::<Vec<_>>().join("\n");
        let shape = match node.role {
            Role::Entry | Role::Outside => "ellipse",
            Role::Store | Role::Cache | Role::Volume => "cylinder",
            Role::Queue => "cds",
            Role::Proxy => "hexagon",
            Role::Task => "note",
            Role::App | Role::Observer | Role::Admin => "box",
        };
        let place = node.place.as_ref().map(|place| format!(" tooltip={}", quote(&place.to_string())));
        _ = writeln!(
            out,
            "  n{at} [label={} shape={shape} color=\"{}\"{}]",
            quote(&label),
            colour(node.role),
            place.unwrap_or_default()
        );
    }
    for edge in &graph.edges {
        let style = match edge.kind {
            EdgeKind::Enters | EdgeKind::Routes => "style=bold",
            EdgeKind::Calls => "style=solid",
            EdgeKind::Waits => "style=dashed",
            EdgeKind::Mounts => "style=dotted arrowhead=box",
            EdgeKind::Joins => "style=dashed arrowhead=diamond",
        };
        let label = if edge.label.is_empty() { String::new() } else { format!(" label={}", quote(&edge.label)) };
        _ = writeln!(
            out,
            "  n{} -> n{} [{style} color=\"{}\"{label} tooltip={}]",
            edge.from,
            edge.to,
            line_colour(edge.kind),
            quote(&evidence(edge))
        );
    }
    out.push_str("}\n");
    out
}

/// A string of the DOT language, line breaks as it writes them.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
