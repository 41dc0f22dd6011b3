//! The legend: what colours and dashes mean, as far as the graph uses them.

use std::fmt::Write;

use super::super::{EdgeKind, Graph, Role};
use super::width::width;

/// A legend of its own size.
pub(super) struct Legend {
    pub(super) text: String,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// Entries in rows that are not wider than `most`.
pub(super) fn legend(graph: &Graph, most: i64) -> Legend {
    let mut row = Row { x: 0, y: 12, most, wide: 0, out: String::new() };
    for role in Role::ALL.into_iter().filter(|role| graph.nodes.iter().any(|node| node.role == *role)) {
        let (x, y) = row.next(20, role.word());
        let class = role.class();
        _ = writeln!(
            row.out,
            "<g class=\"{class}\"><rect class=\"bar\" x=\"{x}\" y=\"{}\" width=\"12\" height=\"12\" rx=\"3\"/></g>",
            y - 10
        );
        row.word(x + 18, y, role.word());
    }
    row.end();
    for kind in EdgeKind::ALL.into_iter().filter(|kind| graph.edges.iter().any(|edge| edge.kind == *kind)) {
        let (x, y) = row.next(46, kind.word());
        let class = kind.class();
        _ = writeln!(
            row.out,
            "<g class=\"edge {class}\"><path class=\"line\" d=\"M{x} {0}L{1} {0}\" marker-end=\"url(#{class})\"/></g>",
            y - 4,
            x + 36
        );
        row.word(x + 44, y, kind.word());
    }
    Legend { width: row.wide, height: row.y, text: row.out }
}

struct Row {
    x: i64,
    y: i64,
    most: i64,
    wide: i64,
    out: String,
}

impl Row {
    /// The place of an entry with a sign of some width before its word.
    fn next(&mut self, sign: i64, word: &str) -> (i64, i64) {
        let wide = sign + width(word, 11, false) + 22;
        if self.x > 0 && self.x + wide > self.most {
            self.end();
        }
        let place = (self.x, self.y);
        self.x += wide;
        self.wide = self.wide.max(self.x);
        place
    }

    fn word(&mut self, x: i64, y: i64, word: &str) {
        _ = writeln!(self.out, "<text class=\"small\" x=\"{x}\" y=\"{y}\">{word}</text>");
    }

    fn end(&mut self) {
        if self.x > 0 {
            (self.x, self.y) = (0, self.y + 22);
        }
    }
}
