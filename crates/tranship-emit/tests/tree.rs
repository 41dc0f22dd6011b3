//! The tree of a small project, file by file. `TRANSHIP_BLESS=1 cargo test -p tranship-emit` rewrites `tests/golden`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "golden files lie on disk")]

mod bundle;

use std::path::Path;

use bundle::{PASSWORD, Shop};
use tranship_emit::backends::manifests::{apply_stream, emit};
use tranship_emit::base::{BASE, PRIVATE_BASE};
use tranship_emit::place::Places;
use tranship_emit::report::build::{Rows, report};
use tranship_emit::report::ledger_rows;
use tranship_emit::state::{KEY, PRIVATE_HASHES, STATE};
use tranship_emit::{FileTree, report_json, report_json_with};
use tranship_testing::schema::faults;

fn tree(shop: &Shop) -> FileTree {
    let emitted = emit(&shop.bundle());
    assert!(emitted.diagnostics.is_empty(), "{:?}", emitted.diagnostics);
    emitted.value
}

fn text(tree: &FileTree, path: &str) -> String {
    String::from_utf8(tree.get(path).unwrap_or_else(|| panic!("no {path}")).bytes.clone()).unwrap()
}

#[test]
fn the_tree_is_the_golden_one() {
    let tree = tree(&Shop::in_directory("/home/me/shop"));
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let bless = std::env::var_os("TRANSHIP_BLESS").is_some();
    // Hashes and copies change with every other file and are tested on their own.
    let shown = tree.iter().filter(|(path, _)| ![KEY, PRIVATE_HASHES, STATE, BASE, PRIVATE_BASE].contains(path));
    for (path, file) in shown {
        // A `.gitignore` would hide its neighbours from Git here too.
        let stored = golden.join(path.replace(".gitignore", "gitignore"));
        if bless {
            std::fs::create_dir_all(stored.parent().unwrap()).unwrap();
            std::fs::write(&stored, &file.bytes).unwrap();
        }
        let expect = std::fs::read_to_string(&stored).unwrap_or_else(|e| panic!("{}: {e}", stored.display()));
        assert_eq!(String::from_utf8_lossy(&file.bytes), expect, "{path}");
    }
    let names: Vec<&str> = tree.iter().map(|(path, _)| path).collect();
    assert_eq!(
        names,
        [
            ".tranship/.gitignore",
            ".tranship/base",
            ".tranship/secrets.json",
            ".tranship/state.json",
            "build/build.sh",
            "build/docker-bake.json",
            "manifests/00-namespace.yaml",
            "manifests/deployment-web.yaml",
            "manifests/service-db.yaml",
            "manifests/service-web.yaml",
            "manifests/statefulset-db.yaml",
            "report.json",
            "report.md",
            "secrets/.base",
            "secrets/.gitignore",
            "secrets/.key",
            "secrets/Kustomization",
            "secrets/secret-db-env.yaml",
        ]
    );
}

#[test]
fn the_same_project_elsewhere_gives_the_same_bytes() {
    let here = tree(&Shop::in_directory("/home/me/shop"));
    assert_eq!(here, tree(&Shop::in_directory("/home/me/shop")));
    assert_eq!(here, tree(&Shop::in_directory("/builds/of/someone/else/shop")));
    for (path, file) in here.iter() {
        assert!(!String::from_utf8_lossy(&file.bytes).contains("/home/me"), "{path} names the machine");
    }
}

#[test]
fn a_secret_stands_in_its_private_file_alone() {
    let tree = tree(&Shop::in_directory("/home/me/shop"));
    for (path, file) in tree.iter() {
        let holds = String::from_utf8_lossy(&file.bytes).contains(PASSWORD);
        assert_eq!(holds, ["secrets/secret-db-env.yaml", PRIVATE_BASE].contains(&path), "{path}");
        assert!(!holds || file.mode == 0o600, "{path}");
    }
    assert_eq!(tree.folders().get("secrets"), Some(&0o700));
}

#[test]
fn the_stream_has_the_namespace_first_and_secrets_on_request() {
    let shop = Shop::in_directory("/home/me/shop");
    let (objects, texts) = (shop.bundle().objects, shop.bundle().texts);
    let full = apply_stream(objects, texts, true);
    assert!(full.starts_with("---\napiVersion: v1\nkind: Namespace\n"), "{full}");
    assert_eq!(full.matches("---\n").count(), objects.objects.len());
    assert!(full.contains(PASSWORD));
    assert!(!apply_stream(objects, texts, false).contains(PASSWORD));
}

#[test]
fn errors_stand_first_in_the_report() {
    let text = text(&tree(&Shop::in_directory("/home/me/shop")), "report.md");
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what} in:\n{text}"));
    assert!(place("## Errors") < place("## Before you apply"));
    assert!(text.contains("`./missing.conf` does not exist. (compose.yaml:10)"), "{text}");
    assert!(text.contains("Build `shop-web` and bring it"), "{text}");
    assert!(text.contains("sh DIR/build/build.sh"), "{text}");
    assert!(text.contains("port-forward service/web 8080:80"), "{text}");
}

#[test]
fn the_report_follows_its_published_schema() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schemas/report.v1.json");
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let shop = Shop::in_directory("/home/me/shop");
    let bundle = shop.bundle();
    let places = Places::of_bundle(&bundle);
    let made = report(&bundle, &places, Rows::All);
    let report = report_json(&made);
    assert_eq!(report, report_json_with(&made, ledger_rows(bundle.ledger, &places)), "in one piece or in two");
    let mut report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(faults(&schema, &schema, &report, "report"), Vec::<String>::new());
    report["summary"]["kept"] = "many".into();
    report["more"] = true.into();
    assert_eq!(faults(&schema, &schema, &report, "report").len(), 2, "the check sees faults");
}
