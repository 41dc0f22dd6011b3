//! Hand edits of emitted manifests: `diff` finds each one that changes what runs, and none that does not.
//!
//! The edits are made systematically: every field of every object that the examples emit, each list item and each object
//! is a candidate, and of each kind of field a few are taken.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tranship_source::FileId;
use tranship_source::yaml::{Key, Map, Node, Value, parse, write_all};
use tranship_testing::{places, tell};

const EXAMPLES: [&str; 5] = ["chat", "muse", "platform", "songnodes", "todo"];

/// Edits of one kind of field that are tried.
const OF_EACH: usize = 1;

fn tranship(directory: &Path, args: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tranship"));
    let done = command.args(args).current_dir(directory).env_clear().env("HOME", directory).output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    (done.status.code(), text)
}

/// An example with its output.
struct Written {
    name: &'static str,
    project: PathBuf,
    out: TempDir,
    files: Vec<(PathBuf, String)>,
}

impl Written {
    fn new(name: &'static str) -> Self {
        let project = places::workspace().join("examples").join(name);
        let out = TempDir::with_prefix("tranship-edits-").unwrap();
        let tree = out.path().join("k8s");
        let (code, text) = tranship(&project, &["convert", "--out", tree.to_str().unwrap()]);
        assert!(matches!(code, Some(0 | 1)), "{name}: {text}");
        let mut files = Vec::new();
        for folder in ["manifests", "secrets"] {
            let Ok(entries) = fs::read_dir(tree.join(folder)) else { continue };
            for entry in entries {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|end| end == "yaml") {
                    files.push((path.clone(), fs::read_to_string(path).unwrap()));
                }
            }
        }
        files.sort();
        Self { name, project, out, files }
    }

    /// What `diff` says of the project and its output.
    fn diff(&self) -> (Option<i32>, String) {
        tranship(&self.project, &["diff", ".", self.out.path().join("k8s").to_str().unwrap()])
    }

    /// The same while a file has another text, or none.
    fn edited(&self, path: &Path, text: Option<&str>) -> (Option<i32>, String) {
        match text {
            Some(text) => fs::write(path, text).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
        let said = self.diff();
        let (_, original) = self.files.iter().find(|(known, _)| known == path).unwrap();
        fs::write(path, original).unwrap();
        said
    }
}

fn documents(text: &str) -> Vec<Node> {
    let parsed = parse(FileId(0), text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    parsed.value
}

/// One edit: what it is of, and the whole document after it.
struct Edit {
    what: String,
    after: Node,
}

/// Fields that say nothing of what runs: marks and notes.
fn is_note(path: &str) -> bool {
    // Services lead to ports by number, so that the name of a port is a note as well.
    path.starts_with("metadata") || path.contains("metadata.annotations") || path.ends_with("containers.*.ports.*.name")
}

/// Every edit of a document: each leaf changed, each list item taken away.
fn edits(document: &Node) -> Vec<Edit> {
    let mut out = Vec::new();
    let kind = document.get("kind").and_then(Node::as_str).unwrap_or_default().to_owned();
    let mut found = Vec::new();
    visit(document, &mut Vec::new(), &mut found);
    for (path, remove) in found {
        let generic: Vec<&str> =
            path.iter().map(|step| if step.parse::<usize>().is_ok() { "*" } else { step }).collect();
        let generic = generic.join(".");
        if is_note(&generic) {
            continue;
        }
        // Keys of files and variables are the user's; one is as good as another.
        let generic = match generic.split_once("ata.") {
            Some((head, _)) if kind == "ConfigMap" || kind == "Secret" => format!("{head}ata.KEY"),
            _ => generic,
        };
        let mut after = document.clone();
        change(&mut after, &path, remove);
        out.push(Edit { what: format!("{kind} {generic}{}", if remove { " removed" } else { "" }), after });
    }
    out
}

fn visit(node: &Node, path: &mut Vec<String>, out: &mut Vec<(Vec<String>, bool)>) {
    match &node.value {
        Value::Mapping(map) => {
            for (key, below) in map {
                path.push(key.text.clone());
                visit(below, path, out);
                path.pop();
            }
        }
        Value::Sequence(items) => {
            for (index, below) in items.iter().enumerate() {
                path.push(index.to_string());
                out.push((path.clone(), true));
                visit(below, path, out);
                path.pop();
            }
        }
        _ => out.push((path.clone(), false)),
    }
}

fn change(node: &mut Node, path: &[String], remove: bool) {
    let Some((step, rest)) = path.split_first() else {
        let value = match &node.value {
            Value::Bool(truth) => Value::Bool(!truth),
            Value::Int(number) => Value::Int(number + 1),
            Value::Float(number) => Value::Float(number + 1.0),
            Value::String(text) if text == "TCP" => Value::String("UDP".to_owned()),
            // A quantity stays one.
            Value::String(text) if text.starts_with(|c: char| c.is_ascii_digit()) => Value::String(format!("1{text}")),
            Value::String(text) => Value::String(format!("{text}x")),
            _ => Value::String("x".to_owned()),
        };
        *node = value.into();
        return;
    };
    match &mut node.value {
        Value::Mapping(map) => change(map.get_mut(step.as_str()).unwrap(), rest, remove),
        Value::Sequence(items) => {
            let index: usize = step.parse().unwrap();
            if rest.is_empty() && remove {
                items.remove(index);
            } else {
                change(&mut items[index], rest, remove);
            }
        }
        _ => unreachable!("paths lead through what they were found in"),
    }
}

/// The group of an edit for the table.
fn group(what: &str) -> &'static str {
    const GROUPS: [(&str, &str); 15] = [
        ("object", "removed object"),
        ("Probe", "probe"),
        ("image", "image"),
        (".args", "argument"),
        (".command", "argument"),
        (".env", "variable"),
        ("resources", "resource"),
        ("orts", "port"),
        ("volume", "mount"),
        ("ConfigMap", "file"),
        ("Secret", "secret"),
        ("replicas", "replica count"),
        ("ecurityContext", "rights"),
        ("selector", "selector"),
        ("labels", "selector"),
    ];
    GROUPS.iter().find(|(word, _)| what.contains(word)).map_or("other", |(_, group)| group)
}

#[test]
fn two_hundred_hand_edits_that_change_what_runs_are_found() {
    let mut tried: BTreeMap<String, usize> = BTreeMap::new();
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    let mut missed = Vec::new();
    for written in EXAMPLES.map(Written::new) {
        assert_eq!(written.diff().0, Some(0), "{}: {}", written.name, written.diff().1);
        for (path, text) in &written.files {
            let shown = path.file_name().unwrap().to_string_lossy().into_owned();
            let all = documents(text);
            let [document] = all.as_slice() else { panic!("{shown} holds {} documents", all.len()) };
            let kind = document.get("kind").and_then(Node::as_str).unwrap();
            // An absent Secret is not comparable, which is another answer than a difference.
            let mut candidates: Vec<(String, Option<String>)> = Vec::new();
            if kind != "Secret" {
                candidates.push((format!("{kind} object removed"), None));
            }
            let changed = edits(document).into_iter();
            candidates.extend(changed.map(|edit| (edit.what, Some(write_all(&[edit.after])))));
            for (what, text) in candidates {
                let count = tried.entry(what.clone()).or_default();
                if *count == OF_EACH {
                    continue;
                }
                *count += 1;
                *groups.entry(group(&what)).or_default() += 1;
                let (code, said) = written.edited(path, text.as_deref());
                if code != Some(1) {
                    missed.push(format!("{} {shown}: {what}: exit {code:?}: {said}", written.name));
                }
            }
        }
    }
    let total: usize = tried.values().sum();
    let table: Vec<String> = groups.iter().map(|(group, count)| format!("{group} {count}")).collect();
    tell(&format!("{total} hand edits of {} kinds, {} not found: {}", tried.len(), missed.len(), table.join(", ")));
    assert!(missed.is_empty(), "{} of {total} not found:\n{}", missed.len(), missed.join("\n"));
    assert!(total >= 200, "only {total} edits");
}

/// A document with the keys of every mapping the other way round.
fn reversed(node: &Node) -> Node {
    match &node.value {
        Value::Mapping(map) => {
            let turned = map.iter().rev().map(|(key, below)| (Key::from(key.text.as_str()), reversed(below)));
            Value::Mapping(turned.collect()).into()
        }
        Value::Sequence(items) => Value::Sequence(items.iter().map(reversed).collect()).into(),
        value => value.clone().into(),
    }
}

/// The document as JSON, in which every string is quoted.
fn json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::String(text) => text.as_str().into(),
        Value::Sequence(items) => items.iter().map(json).collect(),
        Value::Mapping(map) => map.iter().map(|(key, below)| (key.text.clone(), json(below))).collect(),
    }
}

/// A way of writing that changes nothing.
type Rewrite = fn(&str) -> String;

const REWRITES: [(&str, Rewrite); 6] = [
    ("comments", |text| format!("# mine\n---\n# more\n{text}\n# the end\n")),
    ("key order", |text| write_all(&documents(text).iter().map(reversed).collect::<Vec<_>>())),
    ("quoting", |text| {
        documents(text).iter().map(|node| format!("{:#}\n", json(node))).collect::<Vec<_>>().join("---\n")
    }),
    ("line ends", |text| format!("{}\n\n\n", text.trim_end())),
    ("what tools note", |text| write_all(&documents(text).into_iter().map(annotated).collect::<Vec<_>>())),
    ("volumes called otherwise", |text| write_all(&documents(text).into_iter().map(renamed).collect::<Vec<_>>())),
];

/// With what `kubectl apply` notes.
fn annotated(mut node: Node) -> Node {
    let metadata = node.as_map_mut().and_then(|map| map.get_mut("metadata")).and_then(Node::as_map_mut).unwrap();
    let notes = metadata.entry(Key::from("annotations")).or_insert_with(|| Value::Mapping(Map::default()).into());
    notes.as_map_mut().unwrap().insert(Key::from("kubectl.kubernetes.io/last-applied-configuration"), "{}".into());
    node
}

fn field<'a>(node: &'a mut Node, key: &str) -> Option<&'a mut Node> {
    node.as_map_mut()?.get_mut(key)
}

/// Every volume of the pod by another name and in another order.
fn renamed(mut node: Node) -> Node {
    let templates: Vec<String> = node
        .at(&["spec", "volumeClaimTemplates"])
        .and_then(Node::as_seq)
        .unwrap_or_default()
        .iter()
        .filter_map(|claim| claim.at(&["metadata", "name"])?.as_str().map(str::to_owned))
        .collect();
    let rename = |item: &mut Node| {
        if let Some(name) = field(item, "name").filter(|name| templates.iter().all(|t| name.as_str() != Some(t))) {
            *name = format!("{}-mine", name.as_str().unwrap_or_default()).into();
        }
    };
    let pod = field(&mut node, "spec").and_then(|spec| field(spec, "template")).and_then(|t| field(t, "spec"));
    let Some(pod) = pod else { return node };
    if let Some(Value::Sequence(volumes)) = field(pod, "volumes").map(|volumes| &mut volumes.value) {
        volumes.iter_mut().for_each(rename);
        volumes.reverse();
    }
    for list in ["initContainers", "containers"] {
        let Some(Value::Sequence(containers)) = field(pod, list).map(|list| &mut list.value) else { continue };
        for container in containers {
            if let Some(Value::Sequence(mounts)) = field(container, "volumeMounts").map(|mounts| &mut mounts.value) {
                mounts.iter_mut().for_each(rename);
            }
        }
    }
    node
}

#[test]
fn edits_that_change_nothing_are_no_difference() {
    let mut tried = 0;
    for written in EXAMPLES.map(Written::new) {
        for (what, rewrite) in REWRITES {
            for (path, text) in &written.files {
                fs::write(path, rewrite(text)).unwrap();
                tried += 1;
            }
            let (code, said) = written.diff();
            assert_eq!(code, Some(0), "{} {what}: {said}", written.name);
            for (path, text) in &written.files {
                fs::write(path, text).unwrap();
            }
        }
    }
    tell(&format!("{tried} hand edits that change nothing, none told as a difference"));
}

#[test]
fn a_secret_that_is_not_at_hand_is_not_comparable_and_named() {
    let written = Written::new("muse");
    let (path, _) = written.files.iter().find(|(path, _)| path.to_string_lossy().contains("/secrets/")).unwrap();
    let (_, said) = written.edited(path, None);
    assert!(said.contains("not comparable: the secret is not at hand"), "{said}");
}

/// Manifests of which `diff` once said that they were the same, with a word that is changed.
const MANIFESTS: [(&str, &str, &str); 4] = [
    ("image: second:1", "image: second:2", CRON_JOB),
    ("args: [y]", "args: [z]", CRON_JOB),
    ("value: b", "value: c", CRON_JOB),
    ("k: two", "k: three", TWO_NAMESPACES),
];

const CRON_JOB: &str = "apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: '0 3 * * *'
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
          - {name: one, image: first:1}
          - {name: two, image: second:1, args: [y], env: [{name: A, value: b}]}
";

const TWO_NAMESPACES: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: c, namespace: one}
data: {k: two}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c, namespace: two}
data: {k: v}
";

#[test]
fn changes_in_a_second_container_and_in_another_namespace_are_found() {
    let directory = TempDir::with_prefix("tranship-edits-").unwrap();
    for (before, after, text) in MANIFESTS {
        fs::write(directory.path().join("a.yaml"), text).unwrap();
        fs::write(directory.path().join("b.yaml"), text.replacen(before, after, 1)).unwrap();
        assert_eq!(tranship(directory.path(), &["diff", "a.yaml", "a.yaml"]).0, Some(0), "{before}");
        let (code, said) = tranship(directory.path(), &["diff", "a.yaml", "b.yaml"]);
        assert_eq!(code, Some(1), "{before}: {said}");
    }
}
