//! What the writer prints, and that every reader gives it back.

use std::fmt::Write as _;
use std::io::Write as _;
#[expect(clippy::disallowed_types, reason = "the peer is a program")]
use std::process::Command;
use std::process::Stdio;

use proptest::prelude::*;

use super::*;
use crate::span::FileId;
use crate::yaml::{Key, parse};

/// Pieces that mean something to some reader of YAML; texts are made of them.
const PIECES: [&str; 64] = [
    "a",
    "b c",
    "\n",
    "\n\n",
    " ",
    "  ",
    "\t",
    "- ",
    "-",
    ": ",
    ":",
    "#",
    " #",
    "\"",
    "'",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&",
    "*",
    "!",
    "|",
    ">",
    "%",
    "@",
    "`",
    "?",
    "? ",
    "~",
    "=",
    "<<",
    "yes",
    "No",
    "on",
    "y",
    "null",
    "true",
    "0",
    "08",
    "0x1f",
    "0b1",
    "1_0",
    "1e3",
    ".5",
    ".inf",
    "22:22",
    "2024-01-01",
    "---",
    "...",
    "\r",
    "\u{0}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "é",
    "😀",
    "\u{fffe}",
    "${A:-b}",
    "x-",
];

fn tree(text: &str) -> Node {
    let parsed = parse(FileId(0), text);
    assert!(parsed.diagnostics.is_empty(), "{text}\n{:?}", parsed.diagnostics);
    parsed.value.into_iter().next().unwrap()
}

#[test]
fn trees_are_written_as_kubectl_writes_them() {
    let text = "\
# top
apiVersion: v1
data:
  empty: \"\"
  list: []
  map: {}
  text: |
    one
      two

    # no comment
  tail: |-
    a
    b
  kept: |+
    a

  none: null
spec:
  # about the list
  ports:
  # first
  - name: a
    port: 80
  # second
  - - x
    - - z
      - {}
  - |
    block
    item
  - k:
    - nested
    l:
      m: 1.5
";
    assert_eq!(write(&tree(text)), text);
}

#[test]
fn single_values_and_several_documents_are_written() {
    assert_eq!(write(&Node::from("yes")), "\"yes\"\n");
    assert_eq!(write(&Node::from("a\nb\n")), "|\n  a\n  b\n");
    assert_eq!(write(&Node::from(5)), "5\n");
    assert_eq!(write(&Node::from(Map::default())), "{}\n");
    assert_eq!(write(&tree("- a\n- b")), "- a\n- b\n");
    assert_eq!(write_all(&[Node::from([("a", 1.into())]), Node::from([("b", 2.into())])]), "a: 1\n---\nb: 2\n");
}

#[test]
fn tags_times_and_large_numbers_come_back() {
    for text in [
        "a: !reset x\n",
        "a: !override\n  b: 1\n",
        "a: !override\n- b\n",
        "- !x\n  a: 1\n- !y b\n",
        "at: 2024-01-01T00:00:00Z\n",
        "num: 18446744073709551615\n",
    ] {
        assert_eq!(write(&tree(text)), text);
    }
}

#[test]
fn comments_cannot_break_out() {
    let node = Node::from([("a", Node::from(1).commented("one\ntwo\r\u{85}x: y").commented(""))]);
    let text = write(&node);
    assert_eq!(text, "# one\n# two  x: y\n#\na: 1\n");
    assert_eq!(tree(&text).as_map().unwrap().len(), 1);
}

#[test]
fn a_long_key_takes_the_explicit_form() {
    let key = "k".repeat(2000);
    for value in [Node::from(1), Node::from(vec!["a".into()]), Node::from([("b", "c\nd".into())])] {
        let node = Node::from([(key.as_str(), value.clone()), ("z", 1.into())]);
        assert!(same(&tree(&write(&node)), &node), "{}", write(&node));
    }
}

fn same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Mapping(a), Value::Mapping(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, v), (l, w))| k.text == l.text && same(v, w))
        }
        (Value::Sequence(a), Value::Sequence(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
        (a, b) => a == b,
    }
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::collection::vec(prop::sample::select(&PIECES[..]), 0..7).prop_map(|parts| parts.concat()),
        1 => any::<String>(),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| number.to_string()),
    ]
}

fn nodes() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just(Node::from(Value::Null)),
        any::<bool>().prop_map(Node::from),
        any::<i64>().prop_map(Node::from),
        any::<f64>().prop_map(Node::from),
        texts().prop_map(Node::from),
        (texts(), texts()).prop_map(|(text, comment)| Node::from(text).commented(comment)),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Node::from),
            prop::collection::vec((texts(), inner), 0..5).prop_map(|entries| {
                Node::from(entries.into_iter().map(|(key, node)| (Key::from(key), node)).collect::<Map>())
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_tree_is_read_back_as_it_was(node in nodes()) {
        let text = write(&node);
        let back = parse(FileId(0), &text);
        prop_assert!(back.diagnostics.is_empty(), "{text}\n{:?}", back.diagnostics);
        prop_assert!(back.value.first().is_some_and(|back| same(back, &node)), "{text}\n{node:?}");
        prop_assert_eq!(write(&node), text);
    }
}

/// Texts of one to three pieces each, in a fixed order.
fn adversarial() -> Vec<String> {
    let mut texts: Vec<String> = PIECES.iter().map(|piece| (*piece).to_owned()).collect();
    for one in PIECES {
        for two in PIECES {
            texts.push(format!("{one}{two}"));
            texts.push(format!("a{one}{two}b"));
            texts.push(format!("{one}\n{two}\n"));
        }
    }
    texts.sort();
    texts.dedup();
    texts
}

#[test]
#[expect(clippy::disallowed_types, reason = "the peer is a program")]
fn pyyaml_reads_the_same_keys_and_values() {
    let script = "import sys, yaml, json\nfor d in yaml.safe_load_all(sys.stdin.buffer.read().decode()): json.dump(d, sys.stdout); print()";
    let present = Command::new("python3").args(["-c", "import yaml"]).stderr(Stdio::null()).status();
    if !present.is_ok_and(|status| status.success()) {
        eprintln!("not run: PyYAML is not installed");
        return;
    }
    let texts = adversarial();
    let map = texts.iter().map(|text| (Key::from(text.clone()), Node::from(text.clone()))).collect::<Map>();
    let numbers =
        Node::from(vec![1e16.into(), 0.1.into(), 5.into(), (-1.5e-9).into(), true.into(), Value::Null.into()]);
    let mut child =
        Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let text = write_all(&[Node::from(map), numbers]);
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let mut documents = output.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let read = documents.next().unwrap();
    let mut wrong = String::new();
    for text in &texts {
        if read.get(text).and_then(serde_json::Value::as_str) != Some(text) {
            let _ = writeln!(wrong, "{text:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(read.as_object().unwrap().len(), texts.len());
    assert_eq!(documents.next().unwrap(), serde_json::json!([1e16, 0.1, 5, -1.5e-9, true, null]));
}
