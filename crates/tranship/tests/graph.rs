//! `tranship graph` on the examples: every edge has evidence, and every form is whole.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tranship_testing::Fixture;
use tranship_testing::schema::faults;

const EXAMPLES: [&str; 5] = ["chat", "muse", "platform", "songnodes", "todo"];

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}

fn run(directory: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tranship"));
    let Output { status, stdout, stderr } =
        command.arg("graph").args(args).current_dir(directory).env_clear().output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn graph(directory: &Path, args: &[&str]) -> String {
    let (code, out, err) = run(directory, args);
    assert_eq!(code, 0, "{args:?}: {err}");
    out
}

#[test]
fn every_edge_of_the_examples_has_evidence_on_both_sides() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas/graph.v1.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    for name in EXAMPLES {
        for side in ["compose", "kubernetes"] {
            let text = graph(&example(name), &["--side", side, "--as", "json"]);
            let value: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(faults(&schema, &schema, &value, ""), [""; 0], "{name} {side}");
            let edges = value["edges"].as_array().unwrap();
            let nodes = value["nodes"].as_array().unwrap().len() as u64;
            assert!(!edges.is_empty(), "{name} {side}");
            for edge in edges {
                assert!(!edge["evidence"].as_array().unwrap().is_empty(), "{name} {side}: {edge}");
                assert!(edge["from"].as_u64().unwrap() < nodes && edge["to"].as_u64().unwrap() < nodes);
            }
        }
    }
}

#[test]
fn the_terminal_shows_who_calls_whom_and_where_that_is_written() {
    let text = graph(&example("chat"), &[]);
    for line in [
        "caddy :8081 :8443",
        "━━▶ backend :8000",
        "`Caddyfile` line 14 names `backend:8000`",
        "──▶ ai :8100",
        "`AI_URL` names `ai:8100` (docker-compose.yml:82)",
        "──▣ media",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("ALLOWED_HOSTS"), "who may be asked for is not who is called:\n{text}");
}

#[test]
fn the_other_forms_hold_the_same_edges() {
    let edges = |text: &str, line: &str| text.matches(line).count();
    let json: Value = serde_json::from_str(&graph(&example("songnodes"), &["--as", "json"])).unwrap();
    let number = json["edges"].as_array().unwrap().len();
    let dot = graph(&example("songnodes"), &["--as", "dot"]);
    assert_eq!(edges(&dot, " -> "), number);
    let mermaid = graph(&example("songnodes"), &["--as", "mermaid"]);
    assert!(mermaid.starts_with("flowchart LR\n"));
    assert_eq!(edges(&mermaid, "  %% "), number);
    let svg = graph(&example("songnodes"), &["--as", "svg"]);
    assert_eq!(edges(&svg, "<title>"), number + json["nodes"].as_array().unwrap().len());
    assert!(svg.contains("prefers-color-scheme: dark"));
    assert_eq!(svg, graph(&example("songnodes"), &["--as", "svg"]), "the same project, the same bytes");
}

#[test]
fn a_file_is_written_where_one_is_named() {
    let dir = Fixture::parse("-- compose.yaml\nservices: {web: {image: 'nginx:1.29', ports: ['80:80']}}\n")
        .on_disk()
        .unwrap();
    assert_eq!(graph(dir.path(), &["--as", "svg", "-o", "app.svg"]), "");
    assert!(std::fs::read_to_string(dir.path().join("app.svg")).unwrap().ends_with("</svg>\n"));
}

#[test]
fn bad_input_is_told_and_gives_2() {
    let dir = Fixture::parse("-- compose.yaml\nservices: {web: {image: 1, nope: 2}}\n").on_disk().unwrap();
    let (code, out, err) = run(dir.path(), &[]);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("nope"), "{err}");
    let empty = Fixture::parse("-- a.txt\n").on_disk().unwrap();
    assert_eq!(run(empty.path(), &[]).0, 2);
    assert_eq!(run(&example("chat"), &["--as", "png"]).0, 2);
    let (code, _, err) = run(&example("chat"), &["-o", "/nowhere/at/all.svg"]);
    assert_eq!(code, 2);
    assert!(err.contains("writing /nowhere/at/all.svg"), "{err}");
}
