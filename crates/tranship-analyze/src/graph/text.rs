//! A graph in a terminal: a tree from what is reached first, each edge once, with its evidence beside it.

use std::fmt::Write;

use super::{Edge, EdgeKind, Graph};

/// The longest left column; what is longer pushes its evidence to the right.
const WIDEST: usize = 56;

/// Writes a graph down.
pub fn text(graph: &Graph) -> String {
    let mut drawn = Drawing { graph, lines: Vec::new(), seen: vec![false; graph.nodes.len()] };
    let entered = |at: usize| graph.edges.iter().any(|edge| edge.to == at);
    let roots = (0..graph.nodes.len()).filter(|at| !entered(*at));
    for root in roots.collect::<Vec<_>>() {
        drawn.root(root);
    }
    // What is left stands in circles that nothing outside leads into.
    for at in 0..graph.nodes.len() {
        drawn.root(at);
    }
    let widest = drawn.lines.iter().map(|(left, _)| left.chars().count()).filter(|width| *width <= WIDEST).max();
    let widest = widest.unwrap_or(0);
    let mut out = format!("{}: {} nodes, {} edges\n", graph.title, graph.nodes.len(), graph.edges.len());
    for (left, right) in drawn.lines {
        let pad = widest.saturating_sub(left.chars().count());
        let line = format!("{left}{}  {right}", " ".repeat(if right.is_empty() { 0 } else { pad }));
        _ = writeln!(out, "{}", line.trim_end());
    }
    let used: Vec<EdgeKind> =
        EdgeKind::ALL.into_iter().filter(|kind| graph.edges.iter().any(|edge| edge.kind == *kind)).collect();
    if !used.is_empty() {
        let legend: Vec<String> = used.iter().map(|kind| format!("{} {}", arrow(*kind), kind.word())).collect();
        _ = writeln!(out, "\n{}", legend.join("   "));
    }
    out
}

/// The line of an edge.
fn arrow(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Enters => "══▶",
        EdgeKind::Routes => "━━▶",
        EdgeKind::Calls => "──▶",
        EdgeKind::Waits => "╌╌▶",
        EdgeKind::Mounts => "──▣",
        EdgeKind::Joins => "──◈",
    }
}

struct Drawing<'a> {
    graph: &'a Graph,
    lines: Vec<(String, String)>,
    seen: Vec<bool>,
}

impl Drawing<'_> {
    /// A tree of its own, with a free line before it where the last one was more than a line.
    fn root(&mut self, at: usize) {
        let Some(node) = self.graph.nodes.get(at) else { return };
        if self.mark(at) {
            return;
        }
        let has_edges = self.edges(at).next().is_some();
        let after_tree = self.lines.last().is_some_and(|(left, _)| left.starts_with([' ', '│', '└', '├']));
        if has_edges || after_tree {
            self.lines.push((String::new(), String::new()));
        }
        self.lines.push((node.label.clone(), about(self.graph, at)));
        self.below(at, "");
    }

    /// Notes that a node stands; whether it stood before.
    fn mark(&mut self, at: usize) -> bool {
        self.seen.get_mut(at).is_none_or(|seen| std::mem::replace(seen, true))
    }

    fn edges(&self, at: usize) -> impl Iterator<Item = &Edge> {
        self.graph.edges.iter().filter(move |edge| edge.from == at)
    }

    fn below(&mut self, at: usize, indent: &str) {
        // Deep chains are rare and a terminal has an end; the recursion is as deep as the longest chain of calls.
        let edges: Vec<Edge> = self.edges(at).cloned().collect();
        let last = edges.len().saturating_sub(1);
        for (number, edge) in edges.iter().enumerate() {
            let Some(node) = self.graph.nodes.get(edge.to) else { continue };
            let (branch, next) = if number == last { ("└", "    ") } else { ("├", "│   ") };
            let stood = self.seen.get(edge.to).copied().unwrap_or(true);
            let more = self.edges(edge.to).next().is_some();
            let label = if edge.label.is_empty() { String::new() } else { format!(" {}", edge.label) };
            let again = if stood && more { " ↑" } else { "" };
            let left = format!("{indent}{branch}{} {}{label}{again}", arrow(edge.kind), node.label);
            self.lines.push((left, evidence(edge)));
            if !self.mark(edge.to) {
                self.below(edge.to, &format!("{indent}{next}"));
            }
        }
    }
}

/// What shows an edge, in one line.
pub(crate) fn evidence(edge: &Edge) -> String {
    edge.evidence.iter().map(super::Evidence::line).collect::<Vec<_>>().join(", ")
}

/// What a node is, in one line.
fn about(graph: &Graph, at: usize) -> String {
    let Some(node) = graph.nodes.get(at) else { return String::new() };
    let lines = node.lines.iter().filter(|line| !line.is_empty()).map(String::as_str);
    let words: Vec<&str> = std::iter::once(node.role.word()).chain(lines).collect();
    words.join(" · ")
}
