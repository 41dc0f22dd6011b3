//! A graph as a picture: SVG without any other program, for light and dark, readable with 60 services.
//!
//! [`crate::layout`] places boxes and lines; here they get words, looks and a legend. Every box and every line has a
//! title that a browser shows under the pointer: what it is, and the evidence.

mod legend;
mod style;
mod width;

use std::fmt::Write;

use super::compose::WORLD;
use super::{Edge, EdgeKind, Evidence, Graph, Node};
use crate::layout::{Drawing, Point, Size, layout};

pub use width::{fit, width};

/// The widest text in a box.
const WIDEST: i64 = 230;
const PAD: i64 = 14;
const MARGIN: i64 = 28;
const TITLE: i64 = 14;
const SMALL: i64 = 11;
const LINE: i64 = 15;
/// Room above the drawing for its title.
const HEAD: i64 = 44;

/// A box with the words that stand in it.
struct Card {
    label: String,
    lines: Vec<String>,
    size: Size,
}

/// From so many boxes on that are reached from outside, an arrow at each says so instead of a line from one box to all.
const CROWD: usize = 10;

/// Draws a graph.
pub fn text(whole: &Graph) -> String {
    let (graph, entered) = apart(whole);
    let graph = &graph;
    let mut cards: Vec<Card> = graph.nodes.iter().map(card).collect();
    for (at, label) in &entered {
        if let (Some(card), Some(node)) = (cards.get_mut(*at), graph.nodes.get(*at)) {
            let mut told = node.clone();
            told.lines.push(format!("from outside {label}"));
            *card = self::card(&told);
        }
    }
    let sizes: Vec<Size> = cards.iter().map(|card| card.size).collect();
    let ends: Vec<(usize, usize)> = graph.edges.iter().map(|edge| (edge.from, edge.to)).collect();
    let words: Vec<String> = graph.edges.iter().map(word).collect();
    let rooms: Vec<i64> =
        words.iter().map(|word| if word.is_empty() { 0 } else { width(word, SMALL, false) }).collect();
    let drawing = layout(&sizes, &ends, &rooms);
    let legend = legend::legend(whole, drawing.width.max(360));
    let head = width(&graph.title, 18, true) + 220;
    let wide = drawing.width.max(legend.width).max(head) + 2 * MARGIN;
    let below = HEAD + MARGIN + drawing.height + 28;
    let high = below + legend.height + MARGIN;
    let mut out = String::new();
    _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {high}\" width=\"{wide}\" height=\"{high}\" \
         role=\"img\" aria-label=\"{}\">",
        escape(&format!("Graph of {}", graph.title))
    );
    out.push_str(&style::style(whole));
    _ = writeln!(out, "<rect class=\"ground\" width=\"{wide}\" height=\"{high}\"/>");
    _ = writeln!(out, "<text class=\"title\" x=\"{MARGIN}\" y=\"38\">{}</text>", escape(&graph.title));
    let figures = format!("{} nodes, {} edges", whole.nodes.len(), whole.edges.len());
    let after = MARGIN + width(&graph.title, 18, true) + 14;
    _ = writeln!(out, "<text class=\"small\" x=\"{after}\" y=\"38\">{figures}</text>");
    _ = writeln!(out, "<g transform=\"translate({MARGIN},{})\">", HEAD + MARGIN / 2);
    // Lines lie below boxes, words on lines above both.
    for (edge, line) in graph.edges.iter().zip(&drawing.lines) {
        out.push_str(&path(graph, edge, line));
    }
    for ((node, card), corner) in graph.nodes.iter().zip(&cards).zip(&drawing.boxes) {
        out.push_str(&card_text(node, card, *corner));
    }
    for (at, label) in &entered {
        if let (Some(corner), Some(card), Some(node)) = (drawing.boxes.get(*at), cards.get(*at), graph.nodes.get(*at)) {
            let (x, y) = (corner.x, corner.y + card.size.height / 2);
            let evidence: Vec<String> = entries(whole, &node.id).map(Evidence::line).collect();
            let title = format!("{} is reached from outside {label}\n{}", node.label, evidence.join("\n"));
            _ = writeln!(
                out,
                "<g class=\"edge enters\"><title>{}</title><path class=\"line\" d=\"M{} {y}L{x} {y}\" \
                 marker-end=\"url(#enters)\"/></g>",
                escape(&title),
                x - 16
            );
        }
    }
    out.push_str(&labels(&words, &drawing));
    out.push_str("</g>\n");
    _ = writeln!(out, "<g transform=\"translate({MARGIN},{below})\">\n{}</g>\n</svg>", legend.text);
    out
}

/// The graph without the box of callers from outside where it leads to a crowd, and the boxes it led to with its words.
fn apart(whole: &Graph) -> (Graph, Vec<(usize, String)>) {
    let is_world = |at: usize| whole.nodes.get(at).is_some_and(|node| node.id == WORLD);
    let entered: Vec<&Edge> = whole.edges.iter().filter(|edge| is_world(edge.from)).collect();
    if entered.len() <= CROWD || !is_world(0) {
        return (whole.clone(), Vec::new());
    }
    let to = entered.iter().map(|edge| (edge.to.saturating_sub(1), edge.label.clone())).collect();
    let mut graph = whole.clone();
    graph.nodes.remove(0);
    graph.edges.retain(|edge| edge.from != 0 && edge.to != 0);
    for edge in &mut graph.edges {
        (edge.from, edge.to) = (edge.from.saturating_sub(1), edge.to.saturating_sub(1));
    }
    (graph, to)
}

/// What shows that a node is reached from outside.
fn entries<'a>(whole: &'a Graph, id: &'a str) -> impl Iterator<Item = &'a Evidence> {
    let to = move |edge: &&Edge| edge.from == 0 && whole.nodes.get(edge.to).is_some_and(|node| node.id == id);
    whole.edges.iter().filter(to).flat_map(|edge| &edge.evidence)
}

fn card(node: &Node) -> Card {
    let label = fit(&node.label, TITLE, true, WIDEST);
    let lines: Vec<String> =
        node.lines.iter().filter(|line| !line.is_empty()).map(|line| fit(line, SMALL, false, WIDEST)).collect();
    let widths = lines.iter().map(|line| width(line, SMALL, false)).chain([width(&label, TITLE, true)]);
    let wide = widths.max().unwrap_or(0).max(64) + 2 * PAD;
    let high = 22 + i64::try_from(lines.len()).unwrap_or(0) * LINE + 14;
    Card { label, lines, size: Size { width: wide, height: high } }
}

/// What stands beside a line: only where the boxes do not say it already.
fn word(edge: &Edge) -> String {
    match edge.kind {
        EdgeKind::Enters | EdgeKind::Routes => fit(&edge.label, SMALL, false, 150),
        _ => String::new(),
    }
}

fn card_text(node: &Node, card: &Card, corner: Point) -> String {
    let Size { width, height } = card.size;
    let mut out = String::new();
    _ = writeln!(out, "<g class=\"node {}\" transform=\"translate({},{})\">", node.role.class(), corner.x, corner.y);
    let mut title = vec![format!("{} ({})", node.label, node.role.word())];
    title.extend(node.lines.iter().filter(|line| !line.is_empty()).cloned());
    title.extend(node.place.as_ref().map(ToString::to_string));
    let title = title.join("\n");
    _ = writeln!(out, "<title>{}</title>", escape(&title));
    _ = writeln!(out, "<rect class=\"box\" width=\"{width}\" height=\"{height}\" rx=\"7\"/>");
    _ = writeln!(out, "<rect class=\"bar\" width=\"5\" height=\"{}\" x=\"0\" y=\"7\" rx=\"1\"/>", height - 14);
    _ = writeln!(out, "<text class=\"label\" x=\"{PAD}\" y=\"24\">{}</text>", escape(&card.label));
    for (number, line) in card.lines.iter().enumerate() {
        let y = 24 + (i64::try_from(number).unwrap_or(0) + 1) * LINE;
        _ = writeln!(out, "<text class=\"small\" x=\"{PAD}\" y=\"{y}\">{}</text>", escape(line));
    }
    out.push_str("</g>\n");
    out
}

fn path(graph: &Graph, edge: &Edge, line: &[Point]) -> String {
    let Some((first, rest)) = line.split_first() else { return String::new() };
    let mut d = format!("M{} {}", first.x, first.y);
    let mut from = *first;
    for (number, to) in rest.iter().enumerate() {
        if number % 2 == 1 || from.y == to.y {
            _ = write!(d, "L{} {}", to.x, to.y);
        } else {
            let half = (to.x - from.x) / 2;
            _ = write!(d, "C{} {} {} {} {} {}", from.x + half, from.y, to.x - half, to.y, to.x, to.y);
        }
        from = *to;
    }
    let name = |at: usize| graph.nodes.get(at).map_or("", |node| node.label.as_str());
    let what = format!("{} {} {} {}", name(edge.from), edge.kind.word(), name(edge.to), edge.label);
    let title = std::iter::once(what).chain(edge.evidence.iter().map(Evidence::line)).collect::<Vec<_>>().join("\n");
    let class = edge.kind.class();
    format!(
        "<g class=\"edge {class}\"><title>{}</title><path class=\"wide\" d=\"{d}\"/>\
         <path class=\"line\" d=\"{d}\" marker-end=\"url(#{class})\"/></g>\n",
        escape(&title)
    )
}

/// Words at the ends of lines; one that would stand on another is left out, the title still has it.
fn labels(words: &[String], drawing: &Drawing) -> String {
    let mut out = String::new();
    let mut taken: Vec<(i64, i64, i64)> = Vec::new();
    for (word, line) in words.iter().zip(&drawing.lines) {
        let (Some(end), false) = (line.last(), word.is_empty()) else { continue };
        let before = line.iter().rev().nth(1).map_or(end.x, |point| point.x);
        let wide = width(word, SMALL, false);
        let (left, anchor, x) =
            if before <= end.x { (end.x - 14 - wide, "end", end.x - 14) } else { (end.x + 14, "start", end.x + 14) };
        let y = end.y - 4;
        let clash = |(other, far, at): &(i64, i64, i64)| (at - y).abs() < 12 && left < *far && *other < left + wide;
        if taken.iter().any(clash) {
            continue;
        }
        taken.push((left, left + wide, y));
        _ = writeln!(out, "<text class=\"word\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}</text>", escape(word));
    }
    out
}

/// Text of XML; what XML cannot hold becomes a space.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push('\n'),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Builder, Role};

    fn star(number: usize) -> Graph {
        let mut builder = Builder::new("t");
        let node = |id: &str| Node {
            id: id.to_owned(),
            label: id.to_owned(),
            role: Role::App,
            lines: Vec::new(),
            place: None,
        };
        let world = builder.node(node(WORLD));
        for at in 0..number {
            let to = builder.node(node(&format!("n{at}")));
            let evidence = Evidence { what: "ports".to_owned(), text: format!("port {at}"), place: None };
            builder.edge(world, to, EdgeKind::Enters, &format!(":{at}"), evidence);
        }
        builder.done()
    }

    #[test]
    fn a_crowd_reached_from_outside_gets_an_arrow_each() {
        let (few, many) = (text(&star(CROWD)), text(&star(CROWD + 1)));
        assert!(few.contains(">world</text>") && !few.contains("from outside :3"));
        assert!(!many.contains(">world</text>") && many.contains("from outside :3</text>"));
        for drawing in [&few, &many] {
            assert!(drawing.contains("port 7"), "the evidence is there");
            assert_eq!(
                drawing.matches("class=\"edge enters\"").count(),
                drawing.matches("port ").count() + 1,
                "and a legend"
            );
        }
    }
}
