//! A template as text: YAML as [`tranship_source::yaml::write`] prints it, with expressions where the tree has them.
//!
//! Words that hold `{{` are written so that Helm gives the same words back. A line of a condition takes the white space
//! before it along, and so would eat the end of a text that ends in some: such texts stand in quotes.

use std::fmt::Write;

use tranship_source::yaml;

use super::tree::{Entry, Item, Piece, Tree};

/// A tree as text, the outermost mapping at the margin.
pub fn write(tree: &Tree) -> String {
    let mut out = String::new();
    match tree {
        Tree::Map(entries) => map(&mut out, entries, 0, false),
        Tree::List(items) => list(&mut out, items, 0, false),
        other => value(&mut out, other, 0, false),
    }
    out
}

/// Words in a template, so that they arrive as they are. With `before` an expression follows at once.
pub fn escape(words: &str, before: bool) -> String {
    let mut out = words.replace("{{", "{{ \"{{\" }}");
    if before && out.ends_with('{') {
        out.pop();
        out.push_str("{{ \"{\" }}");
    }
    out
}

/// An expression in its brackets.
pub fn braces(expression: &str) -> String {
    format!("{{{{ {expression} }}}}")
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// A line that only Helm reads.
fn control(out: &mut String, indent: usize, words: &str) {
    pad(out, indent);
    _ = writeln!(out, "{{{{- {words} }}}}");
}

/// Entries; with `inline` the first stands behind a dash.
fn map(out: &mut String, entries: &[Entry], indent: usize, inline: bool) {
    // Behind a dash there is no room for a condition.
    let first =
        if inline { entries.iter().position(|entry| entry.when.is_none() && !entry.key.is_empty()) } else { None };
    if let Some(entry) = first.and_then(|at| entries.get(at)) {
        plain_entry(out, &entry.key, &entry.value, indent);
    }
    for (_, entry) in entries.iter().enumerate().filter(|(at, _)| Some(*at) != first) {
        let Entry { key, value, when, otherwise } = entry;
        if let Some(when) = when {
            control(out, indent, &format!("if {when}"));
        }
        one_entry(out, key, value, indent);
        if let Some(otherwise) = otherwise {
            control(out, indent, "else");
            one_entry(out, key, otherwise, indent);
        }
        if when.is_some() {
            control(out, indent, "end");
        }
    }
}

fn one_entry(out: &mut String, key: &str, tree: &Tree, indent: usize) {
    match tree {
        Tree::Block(expression) if key.is_empty() => control(out, indent, &format!("{expression} | nindent {indent}")),
        _ => {
            pad(out, indent);
            plain_entry(out, key, tree, indent);
        }
    }
}

fn plain_entry(out: &mut String, key: &str, tree: &Tree, indent: usize) {
    out.push_str(&escape(&yaml::inline(key), false));
    out.push(':');
    value(out, tree, indent, true);
}

fn list(out: &mut String, items: &[Item], indent: usize, inline: bool) {
    for (at, item) in items.iter().enumerate() {
        match item {
            Item::One(tree) => {
                if !(inline && at == 0) {
                    pad(out, indent);
                }
                out.push('-');
                value(out, tree, indent, false);
            }
            Item::More(expression) => {
                control(out, indent, &format!("with {expression}"));
                control(out, indent, &format!("toYaml . | nindent {indent}"));
                control(out, indent, "end");
            }
        }
    }
}

/// A value and the end of its line. `indent` is that of the key or dash before it.
fn value(out: &mut String, tree: &Tree, indent: usize, after_key: bool) {
    let deeper = indent + 2;
    match tree {
        Tree::Plain(node) => {
            out.push(' ');
            out.push_str(&yaml::write(node));
        }
        Tree::Expression(expression) => _ = writeln!(out, " {}", braces(expression)),
        Tree::Block(expression) => {
            out.push('\n');
            control(out, deeper, &format!("{expression} | nindent {deeper}"));
        }
        Tree::Text(pieces) => text(out, pieces, deeper),
        Tree::List(items) if items.is_empty() => out.push_str(" []\n"),
        Tree::Map(entries) if entries.is_empty() => out.push_str(" {}\n"),
        Tree::List(items) => {
            let inline = !after_key && matches!(items.first(), Some(Item::One(_)));
            out.push(if inline { ' ' } else { '\n' });
            list(out, items, if after_key { indent } else { deeper }, inline);
        }
        Tree::Map(entries) => {
            let first = entries.iter().any(|entry| entry.when.is_none() && !entry.key.is_empty());
            let inline = !after_key && first;
            out.push(if inline { ' ' } else { '\n' });
            map(out, entries, deeper, inline);
        }
    }
}

fn text(out: &mut String, pieces: &[Piece], indent: usize) {
    // What the text may look like: an expression gives letters and digits.
    let like = |piece: &Piece| match piece {
        Piece::Words(words) => words.clone(),
        Piece::Expression(_) => "x".to_owned(),
    };
    let sample: String = pieces.iter().map(like).collect();
    let header = yaml::block_header(&sample);
    let ends_plain = |text: &str| {
        let body = text.strip_suffix('\n').unwrap_or(text);
        !body.ends_with(char::is_whitespace)
    };
    out.push(' ');
    match header.filter(|header| !header.ends_with('+') && ends_plain(&sample)) {
        Some(header) => {
            out.push_str(header);
            out.push('\n');
            block(out, pieces, indent);
        }
        None => {
            let words: String = pieces.iter().filter_map(words).collect();
            let all_plain = matches!(yaml::inline(&words), std::borrow::Cow::Borrowed(_));
            match pieces {
                [Piece::Words(words)] => out.push_str(&escape(&yaml::inline(words), false)),
                _ if all_plain && words.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                    inline(out, pieces, &|words| words.to_owned());
                }
                _ => {
                    let inner = |words: &str| {
                        let quoted = yaml::double(words);
                        quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
                    };
                    out.push('"');
                    inline(out, pieces, &inner);
                    out.push('"');
                }
            }
            out.push('\n');
        }
    }
}

fn words(piece: &Piece) -> Option<&str> {
    if let Piece::Words(words) = piece { Some(words) } else { None }
}

/// Pieces on one line, words as `quote` gives them.
fn inline(out: &mut String, pieces: &[Piece], quote: &dyn Fn(&str) -> String) {
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Words(words) => {
                let before = matches!(pieces.get(at + 1), Some(Piece::Expression(_)));
                out.push_str(&escape(&quote(words), before));
            }
            Piece::Expression(expression) => out.push_str(&braces(expression)),
        }
    }
}

/// The lines of a literal block. A line break in words begins a new one, which an expression never holds.
fn block(out: &mut String, pieces: &[Piece], indent: usize) {
    let mut fresh = true;
    for (at, piece) in pieces.iter().enumerate() {
        let last = at + 1 == pieces.len();
        match piece {
            Piece::Words(words) => {
                let before = matches!(pieces.get(at + 1), Some(Piece::Expression(_)));
                let words = if last { words.strip_suffix('\n').unwrap_or(words) } else { words };
                let breaks = words.matches('\n').count();
                for (number, line) in words.split('\n').enumerate() {
                    if number > 0 {
                        out.push('\n');
                        fresh = true;
                    }
                    if !line.is_empty() {
                        if fresh {
                            pad(out, indent);
                        }
                        fresh = false;
                    }
                    out.push_str(&escape(line, before && number == breaks));
                }
            }
            Piece::Expression(expression) => {
                if fresh {
                    pad(out, indent);
                }
                fresh = false;
                out.push_str(&braces(expression));
            }
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Helm would make of text that holds no other expressions than quoted words.
    fn render(template: &str) -> String {
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("{{") {
            out.push_str(before);
            let (inner, after) = after.split_once("}}").expect("an expression ends");
            let words = inner.trim().strip_prefix('"').and_then(|words| words.strip_suffix('"'));
            out.push_str(words.expect("an expression is words in quotes"));
            rest = after;
        }
        out + rest
    }

    #[test]
    fn words_arrive_as_they_are() {
        for words in ["", "plain", "{{ .Values.x }}", "{{{", "{{{{", "a{", "{%raw%}", "}}", "{{- end }}", "{{\"{{\"}}"]
        {
            assert_eq!(render(&escape(words, false)), words);
            assert_eq!(render(&(escape(words, true) + "{{ \"x\" }}")), format!("{words}x"));
        }
    }

    /// Every text of up to four pieces, on one line, in quotes and in a block, between expressions or not, comes back.
    #[test]
    fn any_words_arrive_as_they_are_in_every_style() {
        const PIECES: [&str; 9] = ["{", "{{", "}}", "{{- end }}", "a", "\n", " ", "\"", "'"];
        let all: Vec<String> = (0..PIECES.len().pow(4))
            .map(|mut at| {
                let mut text = String::new();
                for _ in 0..4 {
                    text.push_str(PIECES[at % PIECES.len()]);
                    at /= PIECES.len();
                }
                text
            })
            .collect();
        for words in &all {
            let x = || Piece::Expression("\"x\"".to_owned());
            for pieces in [
                vec![Piece::Words(words.clone())],
                vec![x(), Piece::Words(words.clone())],
                vec![Piece::Words(words.clone()), x(), Piece::Words("{".to_owned())],
            ] {
                let like = |piece: &Piece| if let Piece::Words(words) = piece { words.clone() } else { "x".to_owned() };
                let expect: String = pieces.iter().map(like).collect();
                let text = render(&write(&Tree::Map(vec![Entry::new("k", Tree::Text(pieces))])));
                let parsed = yaml::parse(tranship_source::FileId(0), &text);
                let read = parsed.value.first().and_then(|node| node.get("k")?.as_str()).map(str::to_owned);
                assert_eq!(read.as_deref(), Some(expect.as_str()), "{text}");
            }
        }
    }

    #[test]
    fn expressions_stand_where_values_do() {
        let words = |text: &str| Piece::Words(text.to_owned());
        let name = || Piece::Expression("name".to_owned());
        let entry = |key: &str, value: Tree| Entry::new(key, value);
        let tree = Tree::Map(vec![
            entry("name", Tree::Text(vec![name(), words("web")])),
            entry("url", Tree::Text(vec![words("http://"), name(), words("db:80/{{ x }}")])),
            entry("port", Tree::Text(vec![name(), words("80")])),
            entry("script", Tree::Text(vec![words("a {\n  b {"), name(), words("c\n\nd\n")])),
            entry("tail", Tree::Text(vec![words("a\nb  \n")])),
            entry("image", Tree::Expression("include \"image\" .".to_owned())),
            Entry { otherwise: Some("x".into()), ..entry("affinity", Tree::Block("toYaml .a".to_owned())).when(".a") },
            entry(
                "list",
                Tree::List(vec![
                    Item::One(Tree::Map(vec![entry("host", "h".into()).when(".h"), entry("http", "z".into())])),
                    Item::More(".more".to_owned()),
                ]),
            ),
            entry("", Tree::Block("toYaml .labels".to_owned())).when(".labels"),
        ]);
        assert_eq!(
            write(&tree),
            r#"name: {{ name }}web
url: http://{{ name }}db:80/{{ "{{" }} x }}
port: "{{ name }}80"
script: |
  a {
    b {{ "{" }}{{ name }}c

  d
tail: "a\nb  \n"
image: {{ include "image" . }}
{{- if .a }}
affinity:
  {{- toYaml .a | nindent 2 }}
{{- else }}
affinity: x
{{- end }}
list:
- http: z
  {{- if .h }}
  host: h
  {{- end }}
{{- with .more }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- if .labels }}
{{- toYaml .labels | nindent 0 }}
{{- end }}
"#
        );
    }
}
