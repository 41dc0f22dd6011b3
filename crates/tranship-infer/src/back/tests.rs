//! Reasons hold where the values bear them out, and nowhere else.

use tranship_kube::lower::{Options, lower};
use tranship_model::diff::{Difference, diff};
use tranship_model::tree::tree;
use tranship_model::{Ledger, Stack};
use tranship_source::yaml::Node;

use super::{Explained, explain};
use crate::fixture::stack;

const TEXT: &str = "
services:
  web:
    image: nginx:1.29
    ports: ['8080:80']
    depends_on: [db]
    labels: {a: b}
    restart: always
    init: true
    user: www-data
    stop_signal: SIGINT
    healthcheck: {test: [CMD, sh, -c, 'true'], start_period: 7s}
    volumes: ['/var/run/docker.sock:/var/run/docker.sock', 'logs:/var/log/web']
  side: {image: busybox, network_mode: 'service:web', labels: {c: d}}
  db: {image: 'postgres:16', volumes: ['data:/var/lib/postgresql/data']}
volumes: {data: {driver: local}, logs: {}}
";

/// What does not come back of a project, with the reasons.
fn back(text: &str) -> Vec<Explained> {
    let project = stack(text);
    let lowered = lower(&project, &Options::default(), Ledger::new()).value;
    let again = tranship_kube::lift::lift(&lowered.objects).value;
    let digest = |bytes: &[u8]| bytes.len().to_string();
    explain(&project, &lowered.ledger, diff(&tree(&project, &digest), &tree(&again, &digest)))
}

#[test]
fn a_project_comes_back_but_for_what_has_a_reason() {
    let all = back(TEXT);
    let bare: Vec<_> = all.iter().filter(|found| found.because.is_none()).map(|found| &found.difference).collect();
    assert!(bare.is_empty(), "{bare:#?}");
    let paths: Vec<&str> = all.iter().map(|found| found.difference.path.as_str()).collect();
    for path in ["services.web.process.init", "services.web.mounts[\"/var/run/docker.sock\"]", "services.web.restart"] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
    assert!(!paths.iter().any(|path| path.starts_with("services.side.image")), "the second container came back");
}

fn one(stack: &Stack, path: &str, left: Option<Node>, right: Option<Node>) -> Option<String> {
    let found = vec![Difference { path: path.to_owned(), left, right }];
    explain(stack, &Ledger::new(), found).pop().unwrap().because
}

#[test]
fn a_reason_needs_the_values_it_speaks_of() {
    let stack = stack(TEXT);
    let word = |text: &str| Some(Node::from(text));
    for (path, left, right, has_reason) in [
        ("services.web.image", word("a"), word("b"), false),
        ("services.web.env.A", word("a"), None, false),
        ("services.web.process.command", word("a"), None, false),
        ("services.web.health.retries", None, Some(3_i64.into()), true),
        ("services.web.health.retries", None, Some(4_i64.into()), false),
        ("services.web.health.interval", word("10000ms"), word("30000ms"), false),
        ("services.web.annotations.a", None, word("b"), true),
        ("services.web.annotations.a", None, word("other"), false),
        ("services.web.process.user", word("root"), word("0"), true),
        ("services.web.process.user", word("app"), word("0"), false),
        ("services.web.replicas", Some(1_i64.into()), None, true),
        ("services.web.replicas", Some(2_i64.into()), None, false),
        ("services.web.restart", word("always"), None, true),
        ("services.web.mounts./var/log/web.volume", word("logs"), word("data"), false),
        ("volumes.data", word("x"), None, false),
        ("services.db", word("x"), None, false),
    ] {
        let because = one(&stack, path, left, right);
        assert_eq!(because.is_some(), has_reason, "{path}: {because:?}");
    }
}
