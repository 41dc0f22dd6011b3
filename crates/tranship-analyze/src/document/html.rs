//! A document as one page of HTML that needs nothing else: style, pictures and search are in it.

use std::fmt::Write;

use super::{Block, Document};
use crate::graph::svg;

/// Writes a page.
pub fn page(document: &Document) -> String {
    let mut out = String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    _ = writeln!(out, "<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>", svg::escape(&document.title));
    _ = writeln!(out, "<header><h1>{}</h1>", inline(&document.title));
    out.push_str(
        "<input id=\"search\" type=\"search\" placeholder=\"Search rows\" aria-label=\"Search rows\"></header>\n",
    );
    out.push_str("<nav>");
    for (number, title) in sections(document) {
        _ = write!(out, "<a href=\"#s{number}\">{}</a>", inline(title));
    }
    out.push_str("</nav>\n<main>\n");
    for (number, block) in document.blocks.iter().enumerate() {
        match block {
            Block::Heading(2, text) => _ = writeln!(out, "<h2 id=\"s{number}\">{}</h2>", inline(text)),
            Block::Heading(_, text) => _ = writeln!(out, "<h3>{}</h3>", inline(text)),
            Block::Text(text) => _ = writeln!(out, "<p>{}</p>", inline(text)),
            Block::List(items) => {
                out.push_str("<ul>\n");
                for item in items {
                    _ = writeln!(out, "<li>{}</li>", inline(item));
                }
                out.push_str("</ul>\n");
            }
            Block::Table(head, rows) => {
                let cells =
                    |row: &[String]| row.iter().fold(String::new(), |all, cell| all + "<td>" + &inline(cell) + "</td>");
                out.push_str("<div class=\"wide\"><table>\n<thead><tr>");
                for title in head {
                    _ = write!(out, "<th>{}</th>", inline(title));
                }
                out.push_str("</tr></thead>\n<tbody>\n");
                for row in rows {
                    _ = writeln!(out, "<tr>{}</tr>", cells(row));
                }
                out.push_str("</tbody></table></div>\n");
            }
            Block::Picture(graph) => {
                // Inside a page the name of the format needs no address.
                let picture = svg::text(graph).replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
                _ = writeln!(out, "<div class=\"wide picture\">{picture}</div>");
            }
        }
    }
    _ = writeln!(out, "</main>\n<script>\n{SEARCH}</script>\n</body>\n</html>");
    out
}

/// Headings of sections with their places.
fn sections(document: &Document) -> impl Iterator<Item = (usize, &String)> {
    document.blocks.iter().enumerate().filter_map(|(number, block)| match block {
        Block::Heading(2, text) => Some((number, text)),
        _ => None,
    })
}

/// Text in which only backticks mean something.
fn inline(text: &str) -> String {
    let pairs = text.matches('`').count() / 2 * 2;
    let mut out = String::new();
    for (number, part) in text.split('`').enumerate() {
        match number {
            0 => {}
            _ if number > pairs => out.push('`'),
            _ if number % 2 == 1 => out.push_str("<code>"),
            _ => out.push_str("</code>"),
        }
        out.push_str(&svg::escape(&part.replace(['\n', '\r', '\t'], " ")));
    }
    out
}

const STYLE: &str = "\
:root{color-scheme:light dark;--fg:#1f2328;--soft:#59636e;--bg:#fff;--line:#d1d9e0;--code:#f0f2f5;--link:#0b5cc4}
@media (prefers-color-scheme: dark){:root{--fg:#f0f6fc;--soft:#9198a1;--bg:#0d1117;--line:#3d444d;--code:#1b222c;--link:#6cb0ff}}
body{margin:0;font:15px/1.55 ui-sans-serif,system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;color:var(--fg);background:var(--bg)}
header{display:flex;gap:1.5rem;align-items:center;padding:1rem 2rem;border-bottom:1px solid var(--line);flex-wrap:wrap}
h1{font-size:1.4rem;margin:0}h2{font-size:1.25rem;margin:2.2rem 0 .6rem;padding-top:.4rem}h3{font-size:1.02rem;margin:1.6rem 0 .4rem}
nav{display:flex;gap:.4rem 1.2rem;flex-wrap:wrap;padding:.6rem 2rem;border-bottom:1px solid var(--line);position:sticky;top:0;background:var(--bg)}
a{color:var(--link);text-decoration:none}main{padding:0 2rem 4rem;max-width:1500px}
input{font:inherit;padding:.35rem .7rem;border:1px solid var(--line);border-radius:6px;background:var(--bg);color:var(--fg);min-width:16rem}
.wide{overflow-x:auto}table{border-collapse:collapse;margin:.5rem 0;font-size:.93rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .8rem;border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:600}
code{font:.88em ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;background:var(--code);padding:.1em .35em;border-radius:4px;overflow-wrap:anywhere}
li{margin:.25rem 0}.picture svg{max-width:100%;height:auto}
@media (max-width:700px){header,nav,main{padding-left:1rem;padding-right:1rem}}
@media print{nav,input{display:none}}
";

/// Hides the rows and points that do not hold the words.
const SEARCH: &str = "\
const box = document.getElementById('search');
box.addEventListener('input', () => {
  const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const one of document.querySelectorAll('tbody tr, li')) {
    const text = one.textContent.toLowerCase();
    one.hidden = !words.every(word => text.includes(word));
  }
});
";
