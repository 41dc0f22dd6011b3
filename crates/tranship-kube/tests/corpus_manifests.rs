//! Real manifests of real projects: the native check and a real API server agree on every object.
//!
//! `-- --nocapture` prints the table. Needs the shared corpus and an API server.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test stops at the first broken promise")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tranship_kube::{External, KubeVersion, Object, ObjectSet, check};
use tranship_source::FileId;
use tranship_source::yaml::{Node, parse};
use tranship_testing::{ApiServer, Judge, Verdict, no_shared, not_run, places, tell};

const NAMESPACE: &str = "corpus";

/// Every object of the plain YAML files of a folder and those below it, with the file it stands in.
fn objects(dir: &Path) -> Vec<(PathBuf, Node)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        if path.is_dir() {
            found.extend(objects(&path));
        } else if yaml {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let parsed = parse(FileId::NONE, &text);
            // Templates are no YAML, and what the reader refuses is another test's business.
            if text.contains("{{") || !parsed.diagnostics.is_empty() {
                continue;
            }
            for node in parsed.value {
                let list = node.get("kind").and_then(Node::as_str) == Some("List");
                let items = node.get("items").and_then(Node::as_seq).filter(|_| list).map(<[Node]>::to_vec);
                found.extend(items.unwrap_or_else(|| vec![node]).into_iter().map(|node| (path.clone(), node)));
            }
        }
    }
    found
}

/// Whether a document is an object of a kind that a bare server can know.
fn is_object(node: &Node) -> bool {
    let text = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default();
    let group = text("apiVersion").split_once('/').map_or("", |(group, _)| group);
    // The autoscaling of `.k8s.io` is the vertical one, which is no part of Kubernetes.
    let added = ["kustomize.config.k8s.io", "gateway.networking.k8s.io", "autoscaling.k8s.io"];
    let built_in = !group.contains('.') || group.ends_with(".k8s.io") && !added.contains(&group);
    !text("apiVersion").is_empty() && !text("kind").is_empty() && built_in && node.get("metadata").is_some()
}

#[test]
fn the_corpus_is_judged_as_the_server_judges_it() {
    let Some(shared) = places::shared() else { return no_shared() };
    let mut judge = match ApiServer::shared().and_then(Judge::new) {
        Ok(judge) => judge,
        Err(reason) => return not_run(&reason),
    };
    judge.namespace(NAMESPACE).unwrap();
    let mut counts: BTreeMap<(bool, bool), usize> = BTreeMap::new();
    let mut apart = Vec::new();
    for folder in ["corpus/manifests", "corpus/pairs"] {
        for (path, node) in objects(&shared.join(folder)) {
            if !is_object(&node) {
                continue;
            }
            let mut object = Object { tree: node };
            let named = object.get(&["metadata", "namespace"]).is_some();
            if named || !matches!(object.kind(), "Namespace" | "ClusterRole" | "ClusterRoleBinding") {
                object.set(&["metadata", "namespace"], NAMESPACE);
            }
            let theirs = judge.judge(&object.tree).unwrap();
            let mut set = ObjectSet::default();
            set.push(object);
            let ours: Vec<_> = check(&set, KubeVersion::default(), &External::none())
                .into_iter()
                .filter(|found| !found.code.starts_with("kube-dangling-"))
                .map(|found| (found.code, found.message))
                .collect();
            let key = (theirs != Verdict::Taken, !ours.is_empty());
            *counts.entry(key).or_default() += 1;
            if key.0 != key.1 {
                apart.push(format!("{}\n  server: {theirs:?}\n  native: {ours:?}", path.display()));
            }
        }
    }
    let count = |theirs, ours| counts.get(&(theirs, ours)).copied().unwrap_or_default();
    tell(&format!("objects: {}", counts.values().sum::<usize>()));
    tell(&format!("both take: {}, both refuse: {}", count(false, false), count(true, true)));
    tell(&format!("refused by the server alone: {}, by us alone: {}", count(true, false), count(false, true)));
    assert!(apart.is_empty(), "{} judged apart:\n{}", apart.len(), apart.join("\n"));
}
