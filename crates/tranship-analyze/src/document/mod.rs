//! A document of headings, sentences, tables and pictures, written as text, Markdown or HTML from one description.
//!
//! Inline there is one mark: backticks around what is typed or named. Writers escape everything else.

pub mod html;
pub mod markdown;
pub mod text;

use crate::graph::Graph;

/// A document.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// What is in it.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading of level 2 or 3.
    Heading(u8, String),
    /// A few sentences.
    Text(String),
    /// Points.
    List(Vec<String>),
    /// Rows under a head.
    Table(Vec<&'static str>, Vec<Vec<String>>),
    /// A picture of a graph.
    Picture(Box<Graph>),
}

impl Document {
    /// An empty document.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), blocks: Vec::new() }
    }

    /// Adds a section.
    pub fn section(&mut self, title: &str) {
        self.blocks.push(Block::Heading(2, title.to_owned()));
    }

    /// Adds a part of a section.
    pub fn part(&mut self, title: &str) {
        self.blocks.push(Block::Heading(3, title.to_owned()));
    }

    /// Adds sentences.
    pub fn say(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Text(text.into()));
    }

    /// Adds points, where there are any.
    pub fn list(&mut self, items: Vec<String>) {
        if !items.is_empty() {
            self.blocks.push(Block::List(items));
        }
    }

    /// Adds a table, where it has rows. Columns in which every cell is empty are left out.
    pub fn table(&mut self, head: &[&'static str], rows: Vec<Vec<String>>) {
        if rows.is_empty() {
            return;
        }
        let used: Vec<bool> =
            (0..head.len()).map(|at| rows.iter().any(|row| row.get(at).is_some_and(|cell| !cell.is_empty()))).collect();
        let keep = |at: usize| used.get(at).copied().unwrap_or(false);
        let head = head.iter().enumerate().filter(|(at, _)| keep(*at)).map(|(_, cell)| *cell).collect();
        let row =
            |row: Vec<String>| row.into_iter().enumerate().filter(|(at, _)| keep(*at)).map(|(_, cell)| cell).collect();
        self.blocks.push(Block::Table(head, rows.into_iter().map(row).collect()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nasty() -> Document {
        let mut document = Document::new("a <b> & `c`");
        document.section("one | two");
        document.say("`x<y>` and *stars* | [link](x)");
        document.table(&["a", "empty", "b"], vec![vec!["1|2".to_owned(), String::new(), "line\nbreak <i>".to_owned()]]);
        document.list(vec!["`p` & q".to_owned()]);
        document
    }

    #[test]
    fn words_stay_words_in_every_form() {
        let document = nasty();
        let html = html::page(&document);
        assert!(
            html.contains("<code>x&lt;y&gt;</code>") && html.contains("line break &lt;i&gt;") && !html.contains("<i>"),
            "{html}"
        );
        assert!(!html.contains("http://") && !html.contains("https://"), "nothing is fetched");
        let markdown = markdown::text(&document);
        assert!(markdown.contains("| 1\\|2 | line break \\<i> |"), "{markdown}");
        assert!(markdown.contains("\\*stars\\*") && markdown.contains("`x<y>`"), "{markdown}");
        let text = text::text(&document);
        assert!(text.contains("x<y> and *stars*") && !text.contains('`'), "{text}");
        assert!(!text.contains("empty"), "a column without a word is left out: {text}");
    }
}
