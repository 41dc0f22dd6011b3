//! A document as Markdown.

use std::fmt::Write;

use super::{Block, Document};
use crate::graph::mermaid;

/// Writes a document down.
pub fn text(document: &Document) -> String {
    let mut out = format!("# {}\n", inline(&document.title));
    for block in &document.blocks {
        out.push('\n');
        match block {
            Block::Heading(level, text) => {
                let marks = "#".repeat(usize::from(*level));
                _ = writeln!(out, "{marks} {}", inline(text));
            }
            Block::Text(text) => _ = writeln!(out, "{}", inline(text)),
            Block::List(items) => {
                for item in items {
                    _ = writeln!(out, "- {}", inline(item));
                }
            }
            Block::Table(head, rows) => {
                _ = writeln!(out, "| {} |", head.join(" | "));
                _ = writeln!(out, "|{}", "---|".repeat(head.len()));
                for row in rows {
                    let cells: Vec<String> = row.iter().map(|cell| inline(cell).replace('|', "\\|")).collect();
                    _ = writeln!(out, "| {} |", cells.join(" | "));
                }
            }
            Block::Picture(graph) => _ = write!(out, "```mermaid\n{}```\n", mermaid::text(graph)),
        }
    }
    out
}

/// Text in one line, in which only backticks mean something.
fn inline(text: &str) -> String {
    let mut out = String::new();
    // An odd backtick at the end is none.
    let pairs = text.matches('`').count() / 2 * 2;
    for (number, part) in text.split('`').enumerate() {
        let code = number % 2 == 1 && number < pairs;
        if number > 0 && number <= pairs {
            out.push('`');
        } else if number > 0 {
            out.push_str("\\`");
        }
        for c in part.chars() {
            match c {
                '\n' | '\r' | '\t' => out.push(' '),
                '*' | '_' | '<' | '[' | ']' | '\\' if !code => {
                    out.push('\\');
                    out.push(c);
                }
                c => out.push(c),
            }
        }
    }
    out
}
