//! JSON as a person can still read it and a diff can still show it: the outer levels a line per entry, each row of a
//! table on one line.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Levels that put each of their entries on a line of its own: the document and the tables in it.
const LINES: usize = 2;

/// A value as JSON, with a line break at its end.
pub(crate) fn text(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    let written = value.serialize(&mut Serializer::with_formatter(&mut out, Rows::default()));
    out.push(b'\n');
    // Structs of strings and numbers always serialize, to UTF-8.
    written.ok().and_then(|()| String::from_utf8(out).ok()).unwrap_or_default()
}

/// A document, one table of which is given as its rows instead of what the document has.
///
/// The rows may be most of the text, so that it is made around them.
pub(crate) fn text_with(document: &impl Serialize, table: &str, mut rows: String) -> String {
    let text = text(document);
    // A line break stands in no string of a JSON text, and two spaces at no deeper level.
    let empty = format!("\n  \"{table}\": []");
    match text.split_once(&empty).filter(|_| !rows.is_empty()) {
        None => text,
        Some((head, tail)) => {
            rows.insert_str(0, &[head, empty.trim_end_matches(']')].concat());
            rows.push_str("\n  ]");
            rows.push_str(tail);
            rows
        }
    }
}

#[derive(Debug, Default)]
struct Rows {
    depth: usize,
    /// Whether the innermost container has an entry.
    filled: bool,
}

impl Rows {
    fn open<W: Write + ?Sized>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        out.write_all(bracket)
    }

    fn close<W: Write + ?Sized>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        let lines = self.filled && self.depth <= LINES;
        self.depth = self.depth.saturating_sub(1);
        self.filled = true;
        if lines {
            self.line(out)?;
        }
        out.write_all(bracket)
    }

    fn entry<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        let lines = self.depth <= LINES;
        match (first, lines) {
            (true, true) => self.line(out),
            (true, false) => Ok(()),
            (false, true) => out.write_all(b",").and_then(|()| self.line(out)),
            (false, false) => out.write_all(b", "),
        }
    }

    fn line<W: Write + ?Sized>(&self, out: &mut W) -> io::Result<()> {
        out.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| out.write_all(b"  "))
    }
}

impl Formatter for Rows {
    fn begin_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.entry(out, first)
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, _out: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.entry(out, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, _out: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_table_may_be_given_as_its_rows() {
        let document = |rows: serde_json::Value| json!({"a": [], "rows": rows, "z": {"rows": []}});
        for (rows, text) in [(json!([{"a": [1, 2]}, {}]), "\n    {\"a\": [1, 2]},\n    {}"), (json!([]), "")] {
            assert_eq!(super::text_with(&document(json!([])), "rows", text.to_owned()), super::text(&document(rows)));
        }
    }

    #[test]
    fn each_row_of_a_table_is_a_line() {
        let value =
            json!({"name": "a\"b", "empty": [], "rows": [{"a": 1, "b": [1, {}]}, {"a": [[]]}], "of": {"x": {}}});
        let text = super::text(&value);
        let expected = r#"{
  "name": "a\"b",
  "empty": [],
  "rows": [
    {"a": 1, "b": [1, {}]},
    {"a": [[]]}
  ],
  "of": {
    "x": {}
  }
}
"#;
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
