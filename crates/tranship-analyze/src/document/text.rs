//! A document for a terminal.

use std::fmt::Write;

use super::{Block, Document};
use crate::graph;

/// The widest a line gets.
const WIDE: usize = 118;

/// Writes a document down.
pub fn text(document: &Document) -> String {
    let mut out = format!("{}\n{}\n", plain(&document.title), "═".repeat(document.title.chars().count()));
    for block in &document.blocks {
        out.push('\n');
        match block {
            Block::Heading(2, text) => _ = writeln!(out, "{}\n{}", plain(text), "─".repeat(text.chars().count())),
            Block::Heading(_, text) => _ = writeln!(out, "{}", plain(text)),
            Block::Text(text) => {
                for line in wrap(&plain(text), WIDE) {
                    _ = writeln!(out, "{line}");
                }
            }
            Block::List(items) => {
                for item in items {
                    for (number, line) in wrap(&plain(item), WIDE - 2).into_iter().enumerate() {
                        _ = writeln!(out, "{}{line}", if number == 0 { "• " } else { "  " });
                    }
                }
            }
            Block::Table(head, rows) => out.push_str(&table(head, rows)),
            Block::Picture(graph) => out.push_str(&graph::text::text(graph)),
        }
    }
    out
}

fn plain(text: &str) -> String {
    text.replace('`', "").replace(['\n', '\r', '\t'], " ")
}

/// Lines of at most so many characters; a longer word has one of its own, cut where it has to be.
fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut width = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let chars: Vec<char> = word.chars().collect();
        for (number, piece) in chars.chunks(most.max(1)).enumerate() {
            let gap = usize::from(width > 0 && number == 0);
            if width > 0 && width + gap + piece.len() > most {
                lines.push(String::new());
                width = 0;
            }
            let Some(line) = lines.last_mut() else { continue };
            if width > 0 && number == 0 {
                line.push(' ');
                width += 1;
            }
            line.extend(piece);
            width += piece.len();
        }
    }
    lines
}

/// A table whose columns share the width by what they need.
fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| plain(cell)).collect()).collect();
    let needs: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(at, title)| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count());
            cells.max().unwrap_or(0).max(title.chars().count())
        })
        .collect();
    let room = WIDE.saturating_sub(2 * head.len().saturating_sub(1));
    let widths = share(&needs, room);
    let mut out = String::new();
    let titles: Vec<String> = head.iter().map(|title| (*title).to_owned()).collect();
    line(&mut out, &titles, &widths);
    let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    _ = writeln!(out, "{}", rule.join("  "));
    for row in &rows {
        line(&mut out, row, &widths);
    }
    out
}

/// Gives every column what it needs, as long as that is no more than its share of what is left.
fn share(needs: &[usize], room: usize) -> Vec<usize> {
    let mut widths = vec![0; needs.len()];
    let mut open: Vec<usize> = (0..needs.len()).collect();
    let mut left = room;
    while !open.is_empty() {
        let each = (left / open.len()).max(6);
        let (fits, rest): (Vec<usize>, Vec<usize>) =
            open.iter().partition(|at| needs.get(**at).is_some_and(|need| *need <= each));
        let done = fits.is_empty();
        for at in if done { &rest } else { &fits } {
            let width = if done { each } else { needs.get(*at).copied().unwrap_or(each) };
            if let Some(place) = widths.get_mut(*at) {
                *place = width;
            }
            left = left.saturating_sub(width);
        }
        if done {
            break;
        }
        open = rest;
    }
    widths
}

fn line(out: &mut String, cells: &[String], widths: &[usize]) {
    let wrapped: Vec<Vec<String>> = cells.iter().zip(widths).map(|(cell, width)| wrap(cell, *width)).collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    for number in 0..height {
        let mut text = String::new();
        for (cell, width) in wrapped.iter().zip(widths) {
            let part = cell.get(number).map_or("", String::as_str);
            let pad = width.saturating_sub(part.chars().count());
            text.push_str(part);
            text.push_str(&" ".repeat(pad + 2));
        }
        _ = writeln!(out, "{}", text.trim_end());
    }
}
