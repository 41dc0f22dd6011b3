//! The graph of an application: what there is, who leads to whom, and what shows it.
//!
//! [`compose`] draws it of the project, [`kubernetes`] of the objects. A graph is a list of nodes and edges and knows
//! nothing of pictures: [`text`], [`mermaid`], [`dot`] and [`svg`] write it down. Every edge has evidence.

mod calls;
pub mod compose;
pub mod dot;
pub mod kubernetes;
pub mod mermaid;
pub mod svg;
pub mod text;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::place::Place;

pub use calls::{Call, Shows, Target};

/// A graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Graph {
    /// What it is of.
    pub title: String,
    /// What there is, in the order of the project.
    pub nodes: Vec<Node>,
    /// Who leads to whom, by the order of nodes.
    pub edges: Vec<Edge>,
}

impl Graph {
    /// The graph without the node of callers from outside, which stands first, where nothing is reached from there.
    fn without_idle_world(mut self) -> Self {
        let is_world = self.nodes.first().is_some_and(|node| node.id == compose::WORLD);
        if is_world && !self.edges.iter().any(|edge| edge.from == 0) {
            self.nodes.remove(0);
            for edge in &mut self.edges {
                (edge.from, edge.to) = (edge.from.saturating_sub(1), edge.to.saturating_sub(1));
            }
        }
        self
    }
}

/// One thing in a graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Unique in the graph, such as `service/web`.
    pub id: String,
    /// Its name.
    pub label: String,
    /// What it is.
    pub role: Role,
    /// A few short lines about it.
    pub lines: Vec<String>,
    /// Where it is written.
    pub place: Option<Place>,
}

/// What a node is, which decides its look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Who calls from outside.
    Entry,
    /// Takes requests and passes them on.
    Proxy,
    /// The project's own code, or what nothing is known of.
    App,
    /// Runs to its end.
    Task,
    /// Passes messages on.
    Queue,
    /// Keeps what may be lost.
    Cache,
    /// Keeps data.
    Store,
    /// Watches others.
    Observer,
    /// A console for people.
    Admin,
    /// Storage.
    Volume,
    /// A server outside the project.
    Outside,
}

impl Role {
    /// All roles in the order of a legend.
    pub const ALL: [Self; 11] = [
        Self::Entry,
        Self::Proxy,
        Self::App,
        Self::Task,
        Self::Queue,
        Self::Cache,
        Self::Store,
        Self::Observer,
        Self::Admin,
        Self::Volume,
        Self::Outside,
    ];

    /// Its word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Proxy => "proxy",
            Self::App => "application",
            Self::Task => "task",
            Self::Queue => "queue",
            Self::Cache => "cache",
            Self::Store => "store",
            Self::Observer => "observer",
            Self::Admin => "console",
            Self::Volume => "volume",
            Self::Outside => "outside",
        }
    }

    /// Its word where a name has to be: a class of CSS or of Mermaid.
    pub fn class(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Admin => "admin",
            other => other.word(),
        }
    }
}

/// One node leads to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// The node it starts at, by its position.
    pub from: usize,
    /// The node it leads to, by its position.
    pub to: usize,
    /// How.
    pub kind: EdgeKind,
    /// A few characters beside the line, such as `:5432`; may be empty.
    pub label: String,
    /// What shows it; never empty.
    pub evidence: Vec<Evidence>,
}

/// How a node leads to another. The first that holds is shown where several do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EdgeKind {
    /// It is reached from outside.
    Enters,
    /// It passes requests on.
    Routes,
    /// It calls it by its name.
    Calls,
    /// It waits for it, and nothing shows that it calls it.
    Waits,
    /// It keeps files there.
    Mounts,
    /// It lives in its network or its pod.
    Joins,
}

impl EdgeKind {
    /// All kinds in the order of a legend.
    pub const ALL: [Self; 6] = [Self::Enters, Self::Routes, Self::Calls, Self::Waits, Self::Mounts, Self::Joins];

    /// Its word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enters => "reached from outside",
            Self::Routes => "passes requests on",
            Self::Calls => "calls",
            Self::Waits => "waits for",
            Self::Mounts => "keeps files in",
            Self::Joins => "shares the network of",
        }
    }

    /// Its word where a name has to be.
    pub fn class(self) -> &'static str {
        match self {
            Self::Enters => "enters",
            Self::Routes => "routes",
            Self::Calls => "calls",
            Self::Waits => "waits",
            Self::Mounts => "mounts",
            Self::Joins => "joins",
        }
    }
}

/// What shows an edge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Evidence {
    /// What kind of thing it is: `environment`, `depends_on`, a proxy's name.
    pub what: String,
    /// The thing itself in a few words. Never a credential.
    pub text: String,
    /// Where it is written; `None` where it is a field of an object that no line of the project asks for.
    pub place: Option<Place>,
}

impl Evidence {
    /// Text and place in one line.
    pub fn line(&self) -> String {
        let Self { what: _, text, place } = self;
        match place {
            Some(place) => format!("{text} ({place})"),
            None => text.clone(),
        }
    }
}

/// Collects a graph: nodes once by their id, edges once by their ends.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    graph: Graph,
    nodes: BTreeMap<String, usize>,
    edges: BTreeMap<(usize, usize, bool), usize>,
    labels: Vec<Vec<String>>,
}

impl Builder {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { graph: Graph { title: title.into(), ..Graph::default() }, ..Self::default() }
    }

    /// Adds a node, unless one of its id is there, and gives its position.
    pub(crate) fn node(&mut self, node: Node) -> usize {
        if let Some(at) = self.nodes.get(&node.id) {
            return *at;
        }
        let at = self.graph.nodes.len();
        self.nodes.insert(node.id.clone(), at);
        self.graph.nodes.push(node);
        at
    }

    /// The position of a node.
    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        self.nodes.get(id).copied()
    }

    /// Adds evidence for an edge. Calls and what is weaker share one edge, which has the strongest kind.
    pub(crate) fn edge(&mut self, from: usize, to: usize, kind: EdgeKind, label: &str, evidence: Evidence) {
        if from == to {
            return;
        }
        let of_names = matches!(kind, EdgeKind::Routes | EdgeKind::Calls | EdgeKind::Waits);
        let at = *self.edges.entry((from, to, of_names)).or_insert_with(|| {
            self.graph.edges.push(Edge { from, to, kind, label: String::new(), evidence: Vec::new() });
            self.labels.push(Vec::new());
            self.graph.edges.len() - 1
        });
        let (Some(edge), Some(labels)) = (self.graph.edges.get_mut(at), self.labels.get_mut(at)) else { return };
        edge.kind = edge.kind.min(kind);
        if !label.is_empty() && !labels.iter().any(|known| known == label) {
            labels.push(label.to_owned());
        }
        if !edge.evidence.contains(&evidence) {
            edge.evidence.push(evidence);
        }
    }

    /// The graph, its edges by their ends.
    pub(crate) fn done(self) -> Graph {
        let Self { mut graph, nodes: _, edges: _, labels } = self;
        for (edge, labels) in graph.edges.iter_mut().zip(labels) {
            edge.label = labels.join(" ");
        }
        graph.edges.sort_by_key(|edge| (edge.from, edge.to, edge.kind));
        graph
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A graph whose words hold whatever a format reads.
    fn nasty() -> Graph {
        let words = "a\"b<c>&d|e`f\\g\nh;[i]{j}(k)%%#l--m";
        let node = |id: &str| Node {
            id: id.to_owned(),
            label: words.to_owned(),
            role: Role::App,
            lines: vec![words.to_owned()],
            place: None,
        };
        let mut builder = Builder::new(words);
        let (a, b) = (builder.node(node("a")), builder.node(node("b")));
        let evidence = Evidence { what: words.to_owned(), text: words.to_owned(), place: None };
        builder.edge(a, b, EdgeKind::Routes, words, evidence);
        builder.done()
    }

    #[test]
    fn words_stay_words_in_every_form() {
        let graph = nasty();
        let mermaid = mermaid::text(&graph);
        for line in mermaid.lines().filter(|line| line.contains("n0[") || line.contains("==>")) {
            let inner = line.split_once('"').unwrap().1.rsplit_once('"').unwrap().0.replace("<br/>", "");
            assert!(!inner.contains(['"', '<', '>', '[', ']', '{', '}', '|', '`', '\\']), "{line}");
        }
        assert_eq!(mermaid.lines().filter(|line| line.trim_start().starts_with("%%")).count(), 1);
        let dot = dot::text(&graph);
        assert_eq!(dot.lines().count(), 8, "{dot}");
        let svg = svg::text(&graph);
        assert!(!svg.contains("<c>") && svg.contains("&lt;c&gt;&amp;d"), "{svg}");
        assert_eq!(svg.matches("<g").count(), svg.matches("</g>").count());
    }

    #[test]
    fn an_edge_that_is_a_call_is_not_also_a_wait() {
        let mut builder = Builder::new("t");
        let node = |id: &str| Node {
            id: id.to_owned(),
            label: id.to_owned(),
            role: Role::App,
            lines: Vec::new(),
            place: None,
        };
        let (a, b) = (builder.node(node("a")), builder.node(node("b")));
        assert_eq!(builder.node(node("a")), a);
        let evidence = |text: &str| Evidence { what: String::new(), text: text.to_owned(), place: None };
        builder.edge(a, b, EdgeKind::Waits, "", evidence("1"));
        builder.edge(a, b, EdgeKind::Calls, ":80", evidence("2"));
        builder.edge(a, b, EdgeKind::Calls, ":80", evidence("2"));
        builder.edge(a, a, EdgeKind::Calls, ":80", evidence("3"));
        let graph = builder.done();
        assert_eq!(graph.edges.len(), 1);
        assert_eq!((graph.edges[0].kind, graph.edges[0].evidence.len()), (EdgeKind::Calls, 2));
        assert!(text::text(&graph).contains("└──▶ b :80"), "{}", text::text(&graph));
    }
}
