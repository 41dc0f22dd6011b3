//! Env files, read as docker compose reads them.
//!
//! [`parse`] is for `.env`, `--env-file` and `env_file`: quotes, escapes, `export`, comments after a value, values over
//! several lines, `NAME` alone taking its value from outside, and variables put into values. [`parse_raw`] is for
//! `env_file` with `format: raw`: one `NAME=value` per line, taken as it stands.

use std::collections::BTreeMap;

use crate::diagnostic::{Checked, Diagnostic};
use crate::span::{FileId, Span};
use crate::template::{self, Outcome};

/// After so many errors the text is no env file and the rest would only repeat the complaint.
const MAX_ERRORS: usize = 20;

/// The longest line `format: raw` reads: the limit of the reader docker compose uses.
const MAX_RAW_LINE: usize = 64 * 1024;

/// One variable of an env file. A later entry of the same name replaces an earlier one, unless its value is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its value; `None` for a name alone that is set nowhere else, which leaves the variable as it was.
    pub value: Option<String>,
    /// The name in the file.
    pub key: Span,
    /// The value as written, quotes included; the name where there is no value.
    pub span: Span,
}

/// What a name means outside the file.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The variables of an env file in its order.
///
/// Variables in values are looked up by `lookup` first and among the file's earlier entries second. Errors:
/// `dotenv-syntax`, `dotenv-variable`; warnings: `variable-unset`, `dotenv-last-line`.
pub fn parse(file: FileId, text: &str, lookup: &Lookup<'_>) -> Checked<Vec<Entry>> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader =
        Reader { file, text, at: start, lookup, known: BTreeMap::new(), entries: Vec::new(), diagnostics: Vec::new() };
    let mut errors = 0;
    while reader.skip_to_statement() {
        if let Err(fault) = reader.statement() {
            let Fault { diagnostic, resume } = *fault;
            reader.diagnostics.push(diagnostic);
            errors += 1;
            match resume {
                Some(at) if errors < MAX_ERRORS => reader.at = at,
                _ => break,
            }
        }
    }
    Checked::new(reader.entries, reader.diagnostics)
}

/// The variables of an env file whose values are taken as they stand, as docker's `--env-file` does.
///
/// Errors: `dotenv-syntax`.
pub fn parse_raw(file: FileId, text: &str, lookup: &Lookup<'_>) -> Checked<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut diagnostics = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let from = at;
        at += line.len();
        match raw_line(file, line, from, lookup) {
            Ok(entry) => entries.extend(entry),
            Err(fault) if diagnostics.len() < MAX_ERRORS => diagnostics.push(*fault),
            Err(_) => break,
        }
    }
    Checked::new(entries, diagnostics)
}

fn raw_line(file: FileId, line: &str, from: usize, lookup: &Lookup<'_>) -> Result<Option<Entry>, Box<Diagnostic>> {
    let line = line.strip_suffix('\n').unwrap_or(line);
    let line = line.strip_suffix('\r').unwrap_or(line);
    let bom = if from == 0 && line.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let statement = line.get(bom..).unwrap_or("").trim_start();
    let start = from + line.len() - statement.len();
    let end = start + statement.len();
    if statement.is_empty() || statement.starts_with('#') {
        return Ok(None);
    }
    let refuse = |message: &str, from: usize, to: usize| {
        Err(Box::new(Diagnostic::error("dotenv-syntax", message).at(Span::new(file, from, to))))
    };
    if line.len() >= MAX_RAW_LINE {
        return refuse("the line is longer than 64 KiB, the most `format: raw` takes", start, start);
    }
    let (name, value) = match statement.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (statement, None),
    };
    let key = Span::new(file, start, start + name.len());
    if name.is_empty() {
        return refuse("a variable name is missing before `=`", start, start + 1);
    }
    if name.contains([' ', '\t']) {
        return refuse("a variable name cannot contain white space", start, start + name.len());
    }
    let span = if value.is_some() { Span::new(file, start + name.len() + 1, end) } else { key };
    let value = value.or_else(|| lookup(name));
    Ok(Some(Entry { name: name.to_owned(), value, key, span }))
}

/// A fault, and where to read on; `None` where nothing after it can be trusted.
struct Fault {
    diagnostic: Diagnostic,
    resume: Option<usize>,
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
    lookup: &'t Lookup<'t>,
    known: BTreeMap<String, String>,
    entries: Vec<Entry>,
    diagnostics: Vec<Diagnostic>,
}

/// A name and whether a value follows.
struct Name {
    start: usize,
    end: usize,
    alone: bool,
}

impl<'t> Reader<'t> {
    fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or("")
    }

    fn rest(&self) -> &'t str {
        self.slice(self.at, self.text.len())
    }

    fn line_end(&self, from: usize) -> usize {
        self.slice(from, self.text.len()).find('\n').map_or(self.text.len(), |i| from + i)
    }

    fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.file, from, to)
    }

    fn fault(&self, message: String, from: usize, to: usize, resume: Option<usize>) -> Box<Fault> {
        let diagnostic = Diagnostic::error("dotenv-syntax", message).at(self.span(from, to));
        Box::new(Fault { diagnostic, resume })
    }

    /// Passes white space and comments; `false` at the end of the text.
    fn skip_to_statement(&mut self) -> bool {
        loop {
            self.at = self.text.len() - self.rest().trim_start().len();
            if !self.rest().starts_with('#') {
                return self.at < self.text.len();
            }
            self.at = self.line_end(self.at);
        }
    }

    fn statement(&mut self) -> Result<(), Box<Fault>> {
        let Name { start, end, alone } = self.name()?;
        let name = self.slice(start, end).to_owned();
        let key = self.span(start, end);
        if name.contains(' ') {
            let message = "a variable name cannot contain a space".to_owned();
            let mut fault = self.fault(message, start, end, Some(self.line_end(end)));
            fault.diagnostic = fault.diagnostic.help("write `NAME=value`, one variable per line");
            return Err(fault);
        }
        if alone {
            let value = (self.lookup)(&name);
            if let Some(value) = &value {
                self.known.insert(name.clone(), value.clone());
            }
            self.entries.push(Entry { name, value, key, span: key });
            return Ok(());
        }
        let (value, span) = self.value()?;
        self.known.insert(name.clone(), value.clone());
        self.entries.push(Entry { name, value: Some(value), key, span });
        Ok(())
    }

    /// Reads a name and what separates it from its value.
    fn name(&mut self) -> Result<Name, Box<Fault>> {
        let statement = self.rest();
        let exported = statement.strip_prefix("export").filter(|t| t.starts_with(['\t', '\n', '\u{c}', '\r', ' ']));
        if let Some(tail) = exported {
            self.at = self.text.len() - tail.trim_start_matches(is_space).len();
        }
        let start = self.at;
        for (i, c) in self.rest().char_indices() {
            if is_space(c) || matches!(c, '_' | '.' | '-' | '[' | ']') || c.is_alphanumeric() {
                continue;
            }
            let at = start + i;
            if !matches!(c, '=' | ':' | '\n') {
                let line = self.line_end(at);
                let message = format!("unexpected character {c:?} in a variable name");
                return Err(self.fault(message, at, at + c.len_utf8(), Some(line)));
            }
            let end = start + self.slice(start, at).trim_end().len();
            self.at = at + 1;
            self.skip_spaces();
            return Ok(Name { start, end, alone: c == '\n' });
        }
        self.unfinished(start)
    }

    /// A last line that is a name without a newline: docker compose takes it for the value of a nameless variable.
    fn unfinished(&mut self, start: usize) -> Result<Name, Box<Fault>> {
        if self.rest().is_empty() {
            return Err(self.fault("`export` without a variable".to_owned(), start, start, None));
        }
        let message = "a name alone on the last line is not read as a variable without a line break behind it";
        let span = self.span(start, self.text.len());
        let fault = Diagnostic::warning("dotenv-last-line", message).at(span);
        self.diagnostics.push(fault.help("end the line with a line break, or write `NAME=`"));
        Ok(Name { start, end: start, alone: false })
    }

    fn skip_spaces(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches(is_space).len();
    }

    fn value(&mut self) -> Result<(String, Span), Box<Fault>> {
        let start = self.at;
        if let Some(quote @ (b'"' | b'\'')) = self.rest().bytes().next() {
            return self.quoted(quote);
        }
        let line = self.line_end(start);
        let written = self.slice(start, line);
        let written = written.split_once(" #").map_or(written, |(value, _)| value).trim_end();
        self.at = (line + 1).min(self.text.len());
        let span = self.span(start, start + written.len());
        Ok((self.expand(written, span, Some(start))?, span))
    }

    fn quoted(&mut self, quote: u8) -> Result<(String, Span), Box<Fault>> {
        let start = self.at;
        let body = self.slice(start + 1, self.text.len());
        let Some((value, length)) = unquote(body, quote) else {
            let message = format!("the quoted value has no closing {}", char::from(quote));
            return Err(self.fault(message, start, self.line_end(start), None));
        };
        self.at = start + 1 + length + 1;
        let span = self.span(start, self.at);
        if quote == b'"' {
            return Ok((self.expand(&escapes(&value), span, None)?, span));
        }
        Ok((value, span))
    }

    /// Puts variables into a value. `at` is where the value lies byte for byte, if it does.
    fn expand(&mut self, value: &str, span: Span, at: Option<usize>) -> Result<String, Box<Fault>> {
        let (lookup, known) = (self.lookup, &self.known);
        let mut find = |name: &str| lookup(name).or_else(|| known.get(name).cloned()).map(|value| (value, ()));
        let file = self.file;
        let place = |offset: usize| at.map_or(span, |at| Span::new(file, at + offset, span.end as usize));
        match template::substitute(value, &mut find) {
            Ok(done) => {
                for used in done.variables.iter().filter(|used| used.outcome == Outcome::Blank) {
                    let message = format!("variable `{}` is not set and becomes empty", used.name);
                    self.diagnostics.push(Diagnostic::warning("variable-unset", message).at(place(used.offset)));
                }
                Ok(done.text)
            }
            Err(error) => {
                let mut diagnostic = Diagnostic::error("dotenv-variable", error.message).at(place(error.offset));
                if error.kind == template::TemplateErrorKind::Invalid {
                    diagnostic = diagnostic.help("write `$$` for a dollar sign, or put the value in single quotes");
                }
                Err(Box::new(Fault { diagnostic, resume: Some(self.at) }))
            }
        }
    }
}

/// White space that is no line break, as the names' rules count it.
fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// The text up to the closing quote, and how many bytes that was. Only the quote itself is unescaped here.
fn unquote(body: &str, quote: u8) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut copied = 0;
    let mut escaped = false;
    for (at, byte) in body.bytes().enumerate() {
        if byte == quote && !escaped {
            value.push_str(body.get(copied..at)?);
            return Some((value, at));
        }
        if byte == quote {
            value.push_str(body.get(copied..at - 1)?);
            copied = at;
        }
        escaped = !escaped && byte == b'\\';
    }
    None
}

/// Undoes the escapes of a double-quoted value. `\$` becomes `$$`, which the template turns into a dollar sign.
fn escapes(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('\\') {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        let tail = tail.get(1..).unwrap_or("");
        let Some(next) = tail.chars().next() else {
            out.push('\\');
            return out;
        };
        let mut used = next.len_utf8();
        match next {
            'a' => out.push('\u{7}'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'v' => out.push('\u{b}'),
            '\\' | '"' => out.push(next),
            '$' => out.push_str("$$"),
            '0' => {
                let digits = tail.bytes().skip(1).take(3).take_while(u8::is_ascii_digit).count();
                let code = tail.get(1..=digits).unwrap_or("");
                if let (3, Ok(byte)) = (digits, u8::from_str_radix(code, 8)) {
                    out.push(char::from(byte));
                } else {
                    out.push('\\');
                    out.push_str(code);
                }
                used += digits;
            }
            _ => {
                out.push('\\');
                used = 0;
            }
        }
        rest = tail.get(used..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: FileId = FileId(0);

    fn outside(name: &str) -> Option<String> {
        match name {
            "HOME" => Some("/root".into()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    fn check(text: &str, expect: &[(&str, &str)]) {
        let checked = parse(FILE, text, &outside);
        assert!(!checked.has_errors(), "{text:?}: {:?}", checked.diagnostics);
        let mut found = BTreeMap::new();
        for entry in &checked.value {
            if let Some(value) = &entry.value {
                found.insert(entry.name.as_str(), value.as_str());
            }
        }
        assert_eq!(found, expect.iter().copied().collect::<BTreeMap<_, _>>(), "{text:?}");
    }

    /// The right-hand sides were printed by compose-go's own dotenv package.
    #[test]
    fn lines_give_what_docker_compose_reads() {
        check("", &[]);
        check("\u{feff}A=1\nB =2\nC= 3\n D = 4 \r\n", &[("A", "1"), ("B", "2"), ("C", "3"), ("D", "4")]);
        check("A: 1\nB: x=y\nC=1:2\n", &[("A", "1"), ("B", "x=y"), ("C", "1:2")]);
        check(
            "export A=1\nexport\tB=2\nexportC=3\nexport_D=4",
            &[("A", "1"), ("B", "2"), ("exportC", "3"), ("export_D", "4")],
        );
        check("A=b # c\nB=b#c\nC=b #\nD= # c\n# E=1\n  # F=1", &[("A", "b"), ("B", "b#c"), ("C", "b"), ("D", "# c")]);
        check(
            "A='it # is' # c\nB=\"b#c\"#x\nC=\"it's\"\nD='say \"x\"'",
            &[("A", "it # is"), ("B", "b#c"), ("C", "it's"), ("D", "say \"x\"")],
        );
        check("A='l1\nl2'\nB=\"l1\nl2\"\n", &[("A", "l1\nl2"), ("B", "l1\nl2")]);
        check("A=\"x\" B=y\n", &[("A", "x"), ("B", "y")]);
        check(
            "A=a\\tb\nB='a\\nb'\nC=\"a\\nb\"\nD='it\\'s'",
            &[("A", "a\\tb"), ("B", "a\\nb"), ("C", "a\nb"), ("D", "it's")],
        );
        check(r#"A="Z\aZ\bZ\fZ\rZ\tZ\vZ\\Z\0123Z""#, &[("A", "Z\u{7}Z\u{8}Z\u{c}Z\rZ\tZ\u{b}Z\\ZSZ")]);
        check(r#"A="\x07 \u12e4 \c \ é""#, &[("A", r"\x07 \u12e4 \c \ é")]);
        check(r#"A="\0" B="\012" C="\0777" D="\0377""#, &[("A", "\\"), ("B", "\\12"), ("C", "\\777"), ("D", "ÿ")]);
        check("A=\nB=\"\"\nC=''", &[("A", ""), ("B", ""), ("C", "")]);
        check(
            "A.B=1\nC-D=2\nE[0]=3\n456 = x\nä=ö",
            &[("A.B", "1"), ("C-D", "2"), ("E[0]", "3"), ("456", "x"), ("ä", "ö")],
        );
        check("=v", &[("", "v")]);
        check("A=1\nA=2\n", &[("A", "2")]);
    }

    #[test]
    fn variables_come_from_outside_first_and_earlier_lines_second() {
        check("HOME=/x\nA=$HOME\nB=${A}y", &[("HOME", "/x"), ("A", "/root"), ("B", "/rooty")]);
        check(
            "A=1\nB=\"<$A>\"\nC='$A'\nD=$$A\nE=\"\\$A\"\nF=\"\\${A} ${A}\"",
            &[("A", "1"), ("B", "<1>"), ("C", "$A"), ("D", "$A"), ("E", "$A"), ("F", "${A} 1")],
        );
        check("A=${NONE:-d}\nB=${EMPTY:-e}\nC=${EMPTY-e}\nD=$NONE.", &[("A", "d"), ("B", "e"), ("C", ""), ("D", ".")]);
    }

    #[test]
    fn a_name_alone_inherits_or_stays_unset() {
        check("HOME\nNONE\nB=1\n", &[("HOME", "/root"), ("B", "1")]);
        let entries = parse(FILE, "NONE\n", &outside).value;
        assert_eq!(entries.iter().map(|e| (e.name.as_str(), e.value.as_deref())).collect::<Vec<_>>(), [("NONE", None)]);
        // Without a line break docker compose takes the name for a value.
        let last = parse(FILE, "A=1\nHOME", &outside);
        assert_eq!(last.value.last().map(|e| (e.name.as_str(), e.value.as_deref())), Some(("", Some("HOME"))));
        assert_eq!(last.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), ["dotenv-last-line"]);
    }

    #[test]
    fn all_faults_of_a_file_are_given_with_their_places() {
        for (text, expect) in [
            ("lol$wut", vec![("dotenv-syntax", 3)]),
            ("A=1\nINVALID LINE\nB=2", vec![("dotenv-syntax", 4)]),
            ("A=\"x\nB=2", vec![("dotenv-syntax", 2)]),
            ("A='v\\'", vec![("dotenv-syntax", 2)]),
            (
                "A=${\nB!=1\nC=${D:?no}\nE=1",
                vec![("dotenv-variable", 2), ("dotenv-syntax", 6), ("dotenv-variable", 12)],
            ),
        ] {
            let checked = parse(FILE, text, &outside);
            let found: Vec<_> =
                checked.diagnostics.iter().map(|d| (d.code, d.primary.as_ref().map_or(0, |p| p.span.start))).collect();
            assert_eq!(found, expect, "{text:?}");
        }
    }

    #[test]
    fn spans_cover_name_and_value_as_written() {
        let text = "# c\n export A = 'x y' # z\nB=1 2 # c\nHOME\n";
        let spans: Vec<_> = parse(FILE, text, &outside)
            .value
            .iter()
            .map(|e| [e.key, e.span].map(|s| text.get(s.start as usize..s.end as usize).unwrap_or("?").to_owned()))
            .collect();
        assert_eq!(spans, [["A", "'x y'"], ["B", "1 2"], ["HOME", "HOME"]]);
    }

    #[test]
    fn raw_files_are_taken_as_they_stand() {
        let text = "\u{feff}A='q' # c\n  B=$HOME \r\n\n# n\nHOME\nNONE\nC=\nD=a=b";
        let checked = parse_raw(FILE, text, &outside);
        assert!(checked.diagnostics.is_empty());
        let found: Vec<_> = checked.value.iter().map(|e| (e.name.as_str(), e.value.as_deref())).collect();
        let expect = [
            ("A", Some("'q' # c")),
            ("B", Some("$HOME ")),
            ("HOME", Some("/root")),
            ("NONE", None),
            ("C", Some("")),
            ("D", Some("a=b")),
        ];
        assert_eq!(found, expect);
        for bad in ["=x", "A B=x", "A =x", "export A=1"] {
            assert!(parse_raw(FILE, bad, &outside).has_errors(), "{bad}");
        }
    }

    #[test]
    fn binary_garbage_ends_soon() {
        let garbage: String =
            (0..200_000u32).filter_map(|i| char::from_u32(i.wrapping_mul(2_654_435_761) >> 16)).collect();
        assert!(parse(FILE, &garbage, &outside).diagnostics.len() <= MAX_ERRORS + 1);
    }
}
