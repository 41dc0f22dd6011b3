//! What the reader makes of texts, good and bad.

use super::*;
use crate::yaml::{Map, Value};

const FILE: FileId = FileId(0);

/// A tree in one line: enough to compare shapes, values and tags.
fn show(node: &Node) -> String {
    let tag = node.tag().map(|t| format!("{t} ")).unwrap_or_default();
    let entries =
        |map: &Map| map.iter().map(|(k, v)| format!("{}: {}", k.text, show(v))).collect::<Vec<_>>().join(", ");
    let body = match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::String(text) => format!("{text:?}"),
        Value::Sequence(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        Value::Mapping(map) => format!("{{{}}}", entries(map)),
    };
    tag + &body
}

fn check(text: &str, expect: &str) {
    let checked = parse(FILE, text);
    assert!(checked.diagnostics.is_empty(), "{text:?}: {:?}", checked.diagnostics);
    assert_eq!(checked.value.iter().map(show).collect::<Vec<_>>().join(" | "), expect, "{text:?}");
}

/// Code and text under the primary span of each fault.
fn faults(text: &str) -> Vec<(&'static str, String)> {
    let under = |d: &Diagnostic| {
        let span = d.primary.as_ref().map_or(Span::NONE, |p| p.span);
        text.get(span.start as usize..span.end as usize).unwrap_or("").to_owned()
    };
    parse(FILE, text).diagnostics.iter().map(|d| (d.code, under(d))).collect()
}

#[test]
fn texts_become_trees() {
    check("", "");
    check("# only a comment\n", "");
    check("---\n", "null");
    check("a: 1\n---\nb: 2\n", "{a: 1} | {b: 2}");
    check("\u{feff}a: 1\r\nb: x\r\n", "{a: 1, b: \"x\"}");
    check("a:\nb: ''\nc: ~", "{a: null, b: \"\", c: null}");
    check("a: \"1\"\nb: on\nc: 0o17\nd: 08\n", "{a: \"1\", b: \"on\", c: 15, d: 8.0}");
    check("- a\n- - b\n  - c\n-\n", "[\"a\", [\"b\", \"c\"], null]");
    check("a: |\n  x\n   y\nb: >-\n  x\n  y\n", "{a: \"x\\n y\\n\", b: \"x y\"}");
    check(
        "a: !reset []\nb: !override {c: 1}\nd: !override 5",
        "{a: !reset [], b: !override {c: 1}, d: !override \"5\"}",
    );
    check("a: !!str 5\nb: !!int '5'\nc: !!binary aGk=", "{a: \"5\", b: 5, c: \"hi\"}");
    check("a: 2024-01-01", "{a: !!timestamp \"2024-01-01T00:00:00Z\"}");
    check("\"on\": 1\ny: 2", "{on: 1, y: 2}");
}

#[test]
fn aliases_and_merge_keys_are_expanded() {
    check("a: &x {p: 1}\nb: *x", "{a: {p: 1}, b: {p: 1}}");
    check("a: &x {p: 1, q: 2}\nb:\n  p: 9\n  <<: *x", "{a: {p: 1, q: 2}, b: {p: 9, q: 2}}");
    check("a: &x {p: 1}\nb: &y {p: 2, q: 3}\nc: {<<: [*x, *y]}", "{a: {p: 1}, b: {p: 2, q: 3}, c: {p: 1, q: 3}}");
    check("a: &x [{p: 1}, {p: 2, q: 3}]\nc:\n  <<: *x", "{a: [{p: 1}, {p: 2, q: 3}], c: {p: 1, q: 3}}");
    check("a: &x {p: 1}\nb: &y {<<: *x, q: 2}\nc: {<<: *y}", "{a: {p: 1}, b: {q: 2, p: 1}, c: {q: 2, p: 1}}");
    check("a: {<<: {p: 1}}\nb: {'<<': 1}", "{a: {p: 1}, b: {<<: 1}}");
    check("a: &x {p: !reset 1}\nb: {<<: *x}", "{a: {p: !reset \"1\"}, b: {p: !reset \"1\"}}");
    // A key that is reset gives way to the merged one, which then replaces what earlier files say.
    check("a: &x {p: 1}\nb: {<<: *x, p: !reset null}", "{a: {p: 1}, b: {p: !override 1}}");
    check("a: &x 1\na2: &x 2\nb: *x", "{a: 1, a2: 2, b: 2}");
    check("a: &k key\n*k : v", "{a: \"key\", key: \"v\"}");
}

#[test]
fn every_fault_is_reported_where_it_stands() {
    for (text, expect) in [
        ("a: 1\nb: 2\na: 3\nc: 4\nc: 5", vec![("yaml-duplicate-key", "a"), ("yaml-duplicate-key", "c")]),
        ("a: {<<: {x: 1}, <<: {y: 2}}", vec![("yaml-duplicate-key", "<<")]),
        ("a: {1: x, true: y, ~: z}", vec![("yaml-key", "1"), ("yaml-key", "true"), ("yaml-key", "~")]),
        ("{a}: 1", vec![("yaml-key", "{a}")]),
        ("a: *x\nb: *y", vec![("yaml-alias", "*x"), ("yaml-alias", "*y")]),
        ("a: &x [*x]", vec![("yaml-alias", "*x")]),
        (
            "a: {<<: 5}\nb: {<<: }\nc: {<<: [[{}]]}",
            vec![("yaml-merge", "5"), ("yaml-merge", ""), ("yaml-merge", "[{}]")],
        ),
        ("a: !!int x\nb: !!bool yes", vec![("yaml-tag", "x"), ("yaml-tag", "yes")]),
        ("a:\n\t- b\n", vec![("yaml-tab", "\t")]),
        ("a:\n  b: 1\n \tc: 2\n", vec![("yaml-tab", "\t")]),
        ("a: [1, 2", vec![("yaml-syntax", "")]),
        ("a: b: c", vec![("yaml-syntax", "")]),
        ("a: @x", vec![("yaml-syntax", "")]),
        ("a: \u{1}", vec![("yaml-syntax", "")]),
    ] {
        let found = faults(text);
        let found: Vec<_> = found.iter().map(|(code, text)| (*code, text.as_str())).collect();
        assert_eq!(found, expect, "{text:?}");
    }
}

#[test]
fn a_duplicate_key_names_both_places() {
    let checked = parse(FILE, "a: 1\nb: 2\na: 3\n");
    let fault = checked.diagnostics.first().unwrap();
    assert_eq!(fault.primary.as_ref().unwrap().span, Span::new(FILE, 10, 11));
    assert_eq!(fault.related.first().unwrap().span, Span::new(FILE, 0, 1));
}

#[test]
fn spans_cover_what_was_written() {
    let text = "a:\n  b: \"x\"\n  c: !override\n    - 1\n\n# end\nd: {e: f} # c\ng: |\n  t\nh:\n";
    let documents = parse(FILE, text).value;
    let under = |path: &[&str]| {
        let span = documents.first().unwrap().at(path).unwrap().span;
        text.get(span.start as usize..span.end as usize).unwrap()
    };
    for (path, expect) in [
        (&["a"][..], "b: \"x\"\n  c: !override\n    - 1"),
        (&["a", "b"], "\"x\""),
        (&["a", "c"], "!override\n    - 1"),
        (&["a", "c", "0"], "1"),
        (&["d"], "{e: f}"),
        (&["h"], ""),
    ] {
        assert_eq!(under(path), expect, "{path:?}");
    }
}

#[test]
fn comments_stay_with_the_key_or_item_below_them() {
    let text =
        "# top\na:\n  # one\n  # two\n  b: 1 # side\n  c:\n    # item\n    - x\n    # map\n    - k: v\n# last\nd: 2\n";
    let documents = parse(FILE, text).value;
    let comments = |path: &[&str]| {
        documents.first().unwrap().at(path).unwrap().meta.as_ref().map_or(Vec::new(), |meta| meta.comments.clone())
    };
    assert_eq!(comments(&["a"]), ["top"]);
    assert_eq!(comments(&["a", "b"]), ["one", "two"]);
    assert_eq!(comments(&["a", "c", "0"]), ["item"]);
    assert_eq!(comments(&["a", "c", "1"]), ["map"]);
    assert_eq!(comments(&["d"]), ["last"]);
    let many = format!("a:\n{}  b: 1\n", "  # c\n".repeat(5000));
    assert!(parse(FILE, &many).diagnostics.is_empty());
}

#[test]
fn keys_of_any_kind_are_taken_where_options_say_so() {
    let options = ParseOptions { string_keys: false, comments: false };
    let checked = parse_with(FILE, "1: a\ntrue: b\n0x1F: c\n", options);
    assert!(checked.diagnostics.is_empty());
    assert_eq!(checked.value.first().map(show).unwrap(), "{1: \"a\", true: \"b\", 0x1F: \"c\"}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the time taken is what is tested")]
fn hostile_texts_end_soon_and_with_an_error() {
    let bomb = (1..12).fold("a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned(), |text, i| {
        let before = format!("*a{},", i - 1).repeat(9);
        format!("{text}a{i}: &a{i} [{before}]\n")
    });
    let long = format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(1 << 20), "*a,".repeat(100_000));
    let stairs = (1..2000).fold("a0: &a0 [x]\n".to_owned(), |text, i| format!("{text}a{i}: &a{i} [*a{}]\n", i - 1));
    let blocks = (0..3000).fold(String::new(), |text, i| text + &" ".repeat(i) + "a:\n");
    let copies = format!("{}x{}", "[&a ".repeat(200), "]".repeat(200));
    for (name, text, code) in [
        ("alias bomb", bomb, "yaml-expansion"),
        ("long text often", long, "yaml-expansion"),
        ("stairs of aliases", stairs, "yaml-depth"),
        ("deep lists", "[".repeat(20_000), "yaml-depth"),
        ("deep mappings", "{a: ".repeat(20_000), "yaml-depth"),
        ("deep blocks", blocks, "yaml-depth"),
        ("deep items", "- ".repeat(20_000), "yaml-depth"),
    ] {
        let start = std::time::Instant::now();
        let checked = parse(FILE, &text);
        assert!(checked.diagnostics.iter().any(|d| d.code == code), "{name}: {:?}", checked.diagnostics.first());
        drop(checked);
        assert!(start.elapsed().as_secs() < 20, "{name} took {:?}", start.elapsed());
    }
    assert!(parse(FILE, &copies).diagnostics.is_empty());
}
