//! `tranship analyze` and `tranship overhead` on the examples: what is found, beside what is expected.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tranship_testing::Fixture;
use tranship_testing::schema::faults;

const EXAMPLES: [&str; 5] = ["chat", "muse", "platform", "songnodes", "todo"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn example(name: &str) -> PathBuf {
    root().join("examples").join(name)
}

fn run(directory: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tranship"));
    let Output { status, stdout, stderr } = command.args(args).current_dir(directory).env_clear().output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn told(directory: &Path, args: &[&str]) -> String {
    let (code, out, err) = run(directory, args);
    assert_eq!(code, 0, "{args:?}: {err}");
    out
}

fn json(directory: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&told(directory, &[args, &["--as", "json"]].concat())).unwrap()
}

fn schema(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(root().join("docs/schemas").join(name)).unwrap()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

fn list(value: &Value, of: impl Fn(&Value) -> String) -> String {
    value.as_array().unwrap().iter().map(of).collect::<Vec<_>>().join("; ")
}

/// What was found in a project, short enough to be read: what passes decide is left to their own tests.
fn brief(analysis: &Value) -> String {
    let mut out = String::new();
    let shown = |evidence: &Value| {
        let place = &evidence["place"];
        if place.is_null() {
            text(&evidence["text"]).to_owned()
        } else {
            format!("{} ({}:{})", text(&evidence["text"]), text(&place["file"]), place["line"])
        }
    };
    for service in analysis["services"].as_array().unwrap() {
        let made = |what: &str| {
            let one = &service[what];
            if one.is_null() {
                return "-".to_owned();
            }
            format!("{} {} from {}", text(&one["name"]), text(&one["version"]), shown(&one["evidence"][0]))
        };
        _ = writeln!(
            out,
            "{}: {} ({})",
            text(&service["name"]),
            text(&service["role"]),
            text(&service["role_because"])
        );
        _ = writeln!(out, "  framework: {}", made("framework"));
        _ = writeln!(out, "  runtime: {}", made("runtime"));
        _ = writeln!(out, "  health: {} {}", text(&service["health"]["from"]), text(&service["health"]["asks"]));
        _ = writeln!(out, "  needs: {}", list(&service["needs"], |one| text(one).to_owned()));
        _ = writeln!(
            out,
            "  keeps: {}",
            list(&service["held"], |one| format!("{}, {}", text(&one["what"]), shown(&one["evidence"][0])))
        );
    }
    _ = writeln!(out, "volumes: {}", list(&analysis["storage"], |one| text(&one["name"]).to_owned()));
    _ = writeln!(out, "credentials: {}", list(&analysis["secrets"], |one| text(&one["name"]).to_owned()));
    _ = writeln!(out, "improvements: {}", list(&analysis["improvements"], |one| text(&one["id"]).to_owned()));
    for concern in analysis["overhead"]["concerns"].as_array().unwrap() {
        let name = text(&concern["name"]);
        _ = writeln!(out, "{name}: {} = {}", text(&concern["current_tool"]), concern["current"]["sum"]);
    }
    out
}

#[test]
fn the_examples_are_what_they_are() {
    let schema = schema("analysis.v1.json");
    for name in EXAMPLES {
        let analysis = json(&example(name), &["analyze"]);
        assert_eq!(faults(&schema, &schema, &analysis, ""), [""; 0], "{name}");
        let found = brief(&analysis);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/analyze").join(format!("{name}.txt"));
        if std::env::var_os("TRANSHIP_BLESS").is_some() {
            std::fs::write(&path, &found).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(found, expected, "{name}: read the difference, then TRANSHIP_BLESS=1 writes it");
    }
}

#[test]
fn every_sentence_has_evidence_and_no_credential_is_told() {
    for name in EXAMPLES {
        let analysis = json(&example(name), &["analyze"]);
        for part in ["improvements", "benefits"] {
            for one in analysis[part].as_array().unwrap() {
                assert!(!one["evidence"].as_array().unwrap().is_empty(), "{name}: {one}");
            }
        }
        for service in analysis["services"].as_array().unwrap() {
            assert!(!text(&service["kubernetes"]["because"]).is_empty(), "{name}: {service}");
        }
    }
    let secret = "k3nnwort-9x7q-geheim";
    let text = format!(
        "-- compose.yaml\nservices:\n  db: {{image: 'postgres:17', environment: {{POSTGRES_PASSWORD: {secret}}}}}\n  web:\n    build: .\n    \
         environment: {{DATABASE_URL: 'sqlite:////a.db?key={secret}', DB: 'postgres://u:{secret}@db/x'}}\n    \
         healthcheck: {{test: 'curl -u u:{secret} http://localhost/'}}\n-- Dockerfile\nFROM python:3.12\nCOPY . .\n\
         -- app.py\nPASSWORD = '{secret}'; db = sqlite3.connect('x', 'postgres://u:{secret}@h/x')\n-- requirements.txt\nflask\n"
    );
    let dir = Fixture::parse(&text).on_disk().unwrap();
    for form in ["text", "md", "html", "json"] {
        let out = told(dir.path(), &["analyze", "--as", form]);
        assert!(!out.contains(secret), "{form}: {out}");
    }
}

#[test]
fn the_sums_of_the_overhead_add_up() {
    let schema = schema("overhead.v1.json");
    for name in EXAMPLES {
        for delivery in ["kubectl", "flux", "argocd"] {
            let value = json(&example(name), &["overhead", "--delivery", delivery]);
            assert_eq!(faults(&schema, &schema, &value, ""), [""; 0], "{name}");
            let overhead = &value["overhead"];
            let concerns = overhead["concerns"].as_array().unwrap();
            let sum = |concern: &Value, when: &str| {
                let points = concern[when]["points"].as_array().unwrap();
                let sum: i64 = points.iter().map(|point| point["points"].as_i64().unwrap()).sum();
                assert_eq!(Some(sum), concern[when]["sum"].as_i64(), "{name}: {concern}");
                sum
            };
            let categories = overhead["categories"].as_array().unwrap();
            assert_eq!(categories.len(), 7);
            for category in categories {
                let own = concerns.iter().filter(|concern| concern["category"] == category["name"]);
                let (now, then) =
                    own.fold((0, 0), |(now, then), one| (now + sum(one, "current"), then + sum(one, "target")));
                let row = &category["sum"];
                let told = [&row["current"], &row["target"], &row["delta"]].map(|value| value.as_i64().unwrap());
                assert_eq!(told, [now, then, then - now], "{name}: {}", category["name"]);
            }
        }
    }
}

#[test]
fn the_tables_of_one_machine_against_a_cluster_are_all_there() {
    let text = told(&example("chat"), &["overhead", "--cluster", "k3s", "--as", "md"]);
    for words in [
        "| Orchestration | `docker-compose.yml` (6 services) | Low (3) | K3s |",
        "| Reverse proxy | Caddy | Low (3) |",
        "SQLite (a file, no server) in `backend`",
        "| Caching | None | N/A (0) |",
        "| Rate limiting | in the memory of `backend` | Trivial (1) |",
        "| Service discovery | Docker DNS (service names) | Automatic (0) |",
        "| Secret management | `.env.local` | Low (2) |",
        "### 1. Cluster management (K3s)",
        "### 7. Secret management (Kubernetes Secrets)",
        "| Roll back | the old image in the Compose file, `docker compose up -d` | `git revert`",
        "| Total (mean) |",
        "points = the sum of",
        "| `media-storage` | Flask | Python |",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[test]
fn only_what_is_needed_is_read() {
    let mut text = "-- compose.yaml\nservices: {web: {build: .}}\n-- Dockerfile\nFROM node:22\nCOPY . .\n-- package.json\n{\"dependencies\": {\"express\": \"5\"}}\n".to_owned();
    for number in 0..600 {
        _ = write!(text, "-- node_modules/p{number}/index.js\nx\n-- src/m{number}/a.js\nx\n");
    }
    let dir = Fixture::parse(&text).on_disk().unwrap();
    let (code, _, err) = run(dir.path(), &["analyze"]);
    assert_eq!(code, 0, "{err}");
    let analysis = json(dir.path(), &["analyze"]);
    assert!(analysis["read"]["files"].as_u64().unwrap() <= 90, "{}", analysis["read"]);
    assert!(err.contains("read "), "{err}");
    assert_eq!(analysis["services"][0]["framework"]["name"], "Express");
}

#[test]
fn every_form_is_the_same_for_the_same_project_and_bad_input_gives_2() {
    for form in ["text", "md", "html", "json"] {
        let args = ["analyze", "--as", form];
        assert_eq!(told(&example("todo"), &args), told(&example("todo"), &args), "{form}");
    }
    let page = told(&example("todo"), &["analyze", "--as", "html"]);
    assert!(page.starts_with("<!doctype html>") && page.contains("<svg") && !page.contains("src="), "{page}");
    for (directory, args) in [
        (example("todo"), &["analyze", "--as", "pdf"][..]),
        (example("todo"), &["overhead", "--delivery", "mail"]),
        (example("todo"), &["analyze", "-o", "/nowhere/at/all.md"]),
        (root().join("docs"), &["analyze"]),
        (root().join("docs"), &["overhead"]),
    ] {
        let (code, out, err) = run(&directory, args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(!err.is_empty());
    }
}
