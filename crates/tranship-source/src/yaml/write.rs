//! The tree as text that every YAML reader reads back as the same data, be it one of YAML 1.1 or of 1.2.
//!
//! Block style in the order of the tree, comments above their keys. A string stands plain only where no reader could
//! take it for anything else; text of several lines stands as it is (`|`) where that is exact, else in double quotes.

use std::fmt::Write;

use super::node::{Key, Map, Node, Value};

/// Steps between two levels, in blanks.
const STEP: usize = 2;
/// Readers look no further than this for the `:` of a key.
const LONGEST_KEY: usize = 1000;

/// The text of a tree, with a line break at its end.
pub fn write(node: &Node) -> String {
    let mut out = String::new();
    comments(&mut out, node, 0);
    match &node.value {
        Value::Mapping(map) if !map.is_empty() => mapping(&mut out, map, 0, false),
        Value::Sequence(items) if !items.is_empty() => sequence(&mut out, items, 0, false),
        // How far a block at the top is indented is no matter readers agree on.
        Value::String(text) if !is_plain(text) => {
            quoted(&mut out, text);
            out.push('\n');
        }
        _ => {
            scalar(&mut out, node, 0);
            out.push('\n');
        }
    }
    out
}

/// The entries of a mapping, one below the other; `inline` when the first follows a dash on its line.
fn mapping(out: &mut String, map: &Map, indent: usize, inline: bool) {
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 || !inline {
            comments(out, value, indent);
            blanks(out, indent);
        }
        write_key(out, key, indent);
        match &value.value {
            Value::Mapping(inner) if !inner.is_empty() => {
                out.push('\n');
                mapping(out, inner, indent + STEP, false);
            }
            // Items stand below the key itself, as kubectl prints them.
            Value::Sequence(items) if !items.is_empty() => {
                out.push('\n');
                sequence(out, items, indent, false);
            }
            _ => {
                out.push(' ');
                scalar(out, value, indent);
                out.push('\n');
            }
        }
    }
}

fn sequence(out: &mut String, items: &[Node], indent: usize, inline: bool) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 || !inline {
            comments(out, item, indent);
            blanks(out, indent);
        }
        out.push_str("- ");
        match &item.value {
            // A comment of the first key would follow the dash; such a mapping starts on its own line.
            Value::Mapping(map) if !map.is_empty() && first_is_bare(map) => mapping(out, map, indent + STEP, true),
            Value::Mapping(map) if !map.is_empty() => {
                out.truncate(out.len() - 1);
                out.push('\n');
                mapping(out, map, indent + STEP, false);
            }
            Value::Sequence(inner) if !inner.is_empty() => {
                let bare = inner.first().is_none_or(|first| comment_lines(first).is_empty());
                if !bare {
                    out.truncate(out.len() - 1);
                    out.push('\n');
                }
                sequence(out, inner, indent + STEP, bare);
            }
            _ => {
                scalar(out, item, indent);
                out.push('\n');
            }
        }
    }
}

fn first_is_bare(map: &Map) -> bool {
    map.values().next().is_none_or(|first| comment_lines(first).is_empty())
}

/// A key with its colon.
fn write_key(out: &mut String, key: &Key, indent: usize) {
    let explicit = key.text.len() > LONGEST_KEY;
    if explicit {
        out.push_str("? ");
    }
    if is_plain(&key.text) {
        out.push_str(&key.text)
    } else {
        quoted(out, &key.text)
    }
    if explicit {
        out.push('\n');
        blanks(out, indent);
    }
    out.push(':');
}

fn scalar(out: &mut String, node: &Node, indent: usize) {
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Int(number) => _ = write!(out, "{number}"),
        Value::Float(number) => float(out, *number),
        Value::String(text) => string(out, text, indent),
        Value::Sequence(_) => out.push_str("[]"),
        Value::Mapping(_) => out.push_str("{}"),
    }
}

/// A number with a dot, and a sign in its exponent: what has none of them is text to some readers.
fn float(out: &mut String, number: f64) {
    if number.is_nan() {
        return out.push_str(".nan");
    }
    if number.is_infinite() {
        return out.push_str(if number > 0.0 { ".inf" } else { "-.inf" });
    }
    let text = format!("{number:?}");
    match text.split_once('e') {
        None => out.push_str(&text),
        Some((head, exponent)) => {
            let dot = if head.contains('.') { "" } else { ".0" };
            let sign = if exponent.starts_with('-') { "" } else { "+" };
            _ = write!(out, "{head}{dot}e{sign}{exponent}");
        }
    }
}

fn string(out: &mut String, text: &str, indent: usize) {
    if is_plain(text) {
        out.push_str(text);
    } else if is_literal(text) {
        literal(out, text, indent + STEP);
    } else {
        quoted(out, text);
    }
}

/// Whether no reader takes the text for anything but a string of one line.
fn is_plain(text: &str) -> bool {
    let head = |c: char| c.is_ascii_alphabetic() || "_/$(".contains(c);
    let path = text.starts_with("./") || text.starts_with("../");
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    (text.starts_with(head) || path)
        && !text.ends_with([' ', ':'])
        && text.chars().all(|c| c == ' ' || c.is_ascii_graphic())
        && !text.contains(": ")
        && !text.contains(" #")
        && !words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether several lines can stand as they are: nothing in them that a reader would change or hide.
fn is_literal(text: &str) -> bool {
    let shown = |c: char| c == '\n' || c == '\t' || !is_hidden(c);
    text.contains('\n') && text.chars().any(|c| c != '\n') && text.chars().all(shown)
}

/// A block of lines. What starts with a blank, a tab or an empty line says how far it is indented, as a reader could
/// not tell.
fn literal(out: &mut String, text: &str, indent: usize) {
    out.push('|');
    if text.starts_with([' ', '\t', '\n']) {
        _ = write!(out, "{STEP}");
    }
    let body = text.strip_suffix('\n');
    match body {
        None => out.push('-'),
        Some(body) if body.ends_with('\n') => out.push('+'),
        Some(_) => {}
    }
    for line in body.unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            blanks(out, indent);
            out.push_str(line);
        }
    }
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if !is_hidden(c) => out.push(c),
            c if u32::from(c) <= 0xff => _ = write!(out, "\\x{:02x}", u32::from(c)),
            c if u32::from(c) <= 0xffff => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c => _ = write!(out, "\\U{:08x}", u32::from(c)),
        }
    }
    out.push('"');
}

/// Whether a character is not seen, breaks lines for some readers, or is none that may stand in YAML.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn comment_lines(node: &Node) -> &[String] {
    node.meta.as_ref().map_or(&[], |meta| &meta.comments)
}

fn comments(out: &mut String, node: &Node, indent: usize) {
    for line in comment_lines(node).iter().flat_map(|comment| comment.split(char::is_control)) {
        blanks(out, indent);
        let gap = if line.is_empty() || line.starts_with(' ') { "" } else { " " };
        _ = writeln!(out, "#{gap}{line}");
    }
}

fn blanks(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::span::FileId;
    use crate::yaml::parse;

    fn read(text: &str) -> Node {
        let read = parse(FileId(0), text);
        assert!(read.diagnostics.is_empty(), "{:?} in\n{text}", read.diagnostics);
        assert_eq!(read.value.len(), 1, "{text}");
        read.value.into_iter().next().unwrap()
    }

    #[test]
    fn trees_are_printed_as_kubectl_prints_them() {
        let ports = Node::from(vec![Node::from([("port", Node::from(80)), ("name", "http".into())])]);
        let spec = Node::from([
            ("ports", ports),
            ("empty", Map::default().into()),
            ("args", Node::from(vec![Node::from("-c")])),
        ]);
        let node = Node::from([("kind", "Service".into()), ("spec", spec), ("a b", Node::from(true).commented("why"))]);
        let expect = "kind: Service\nspec:\n  ports:\n  - port: 80\n    name: http\n  empty: {}\n  args:\n  - \"-c\"\n# why\na b: true\n";
        assert_eq!(write(&node), expect);
    }

    #[test]
    fn strings_are_quoted_where_a_reader_could_err() {
        for (text, expect) in [
            ("plain text, with: no colon#", "\"plain text, with: no colon#\""),
            ("http://a/b?c=d", "http://a/b?c=d"),
            ("NO", "\"NO\""),
            ("y", "\"y\""),
            ("", "\"\""),
            ("1.36", "\"1.36\""),
            ("12:30", "\"12:30\""),
            ("0o17", "\"0o17\""),
            ("1e3", "\"1e3\""),
            ("~", "\"~\""),
            ("- a", "\"- a\""),
            ("a #b", "\"a #b\""),
            ("ü", "\"ü\""),
            ("a\tb", "\"a\\tb\""),
            ("a\r\nb", "\"a\\r\\nb\""),
            ("a\nb", "|-\n  a\n  b"),
            ("a\n", "|\n  a"),
            (" a\n\n", "|2+\n   a\n"),
            ("\n", "\"\\n\""),
            ("./x", "./x"),
        ] {
            let mut out = String::new();
            string(&mut out, text, 0);
            assert_eq!(out, expect, "{text:?}");
        }
    }

    #[test]
    fn a_key_longer_than_readers_look_reads_back() {
        let key = Key::from("k".repeat(2000));
        let map: Map = [(key, vec![Node::from("a")].into()), (Key::from("b"), Node::from(1))].into_iter().collect();
        let node = Node::from(map);
        assert_eq!(read(&write(&node)), node);
    }

    fn any_node() -> impl Strategy<Value = Node> {
        let text = prop_oneof![
            any::<String>(),
            "[ \\t\\n#:a-c-]{0,12}",
            "(yes|no|null|0x1f|1_0|\\.5|<<|=|!a|&a|\\*a|%a|@a|`a|\\{a|\\[a|\\? a|- a|'a|\"a|---|\\.\\.\\.)",
        ];
        let float = any::<f64>().prop_filter("a number", |number| number.is_finite() && number.fract() != 0.0);
        let leaf = prop_oneof![
            Just(Node::from(Value::Null)),
            any::<bool>().prop_map(Node::from),
            any::<i64>().prop_map(Node::from),
            float.prop_map(Node::from),
            text.clone().prop_map(Node::from),
        ];
        let node = leaf.prop_recursive(4, 24, 4, move |inner| {
            let key = text.clone().prop_filter("no merge", |key| key != "<<");
            let entries = prop::collection::vec((key, inner.clone()), 0..4);
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Node::from),
                entries.prop_map(|all| all.into_iter().map(|(k, v)| (Key::from(k), v)).collect::<Map>().into()),
            ]
        });
        (node, "[a-z #:]{0,5}")
            .prop_map(|(node, comment)| if comment.is_empty() { node } else { node.commented(comment) })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(node in any_node()) {
            let text = write(&node);
            prop_assert_eq!(read(&text), node, "{}", text);
        }
    }
}
