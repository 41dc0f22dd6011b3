//! A hundred thousand hostile strings from Compose text to emitted YAML text, through command, environment, health check,
//! labels and files, and back by readers of their own: the process, the labels and the bytes are the same.
//!
//! Nothing of the product reads the output here: [`reader`] is a small reader of block YAML with the rules of Kubernetes'
//! own, and kubectl, where it is there, reads the same text. The kubelet's expansion is written down a second time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod project;
mod reader;
mod strings;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::thread;

use base64::Engine;
use serde_json::Value;
use tranship_testing::{Program, places, tell};

use project::Service;

/// Projects, and services in each.
const PROJECTS: u64 = 4;
const SERVICES: usize = 10;

#[test]
fn a_hundred_thousand_hostile_strings_arrive() {
    let kubectl = places::program("kubectl");
    let reader = kubectl.as_deref();
    let counts = thread::scope(|scope| {
        let runs: Vec<_> = (0..PROJECTS).map(|seed| scope.spawn(move || arrive(seed, reader))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
    });
    let mut total: BTreeMap<&str, usize> = BTreeMap::new();
    for (what, count) in counts.iter().flatten() {
        *total.entry(what).or_default() += count;
    }
    let sum: usize = total.values().sum();
    let rows: Vec<String> = total.iter().map(|(what, count)| format!("{count} {what}")).collect();
    let readers = if kubectl.is_some() { "two readers, one of them kubectl" } else { "one reader" };
    tell(&format!("{sum} hostile strings arrived unchanged ({}), read back by {readers}", rows.join(", ")));
    assert!(sum >= 100_000, "only {sum} strings");
}

/// One project: written, converted, read back, compared. How many strings of each kind.
fn arrive(seed: u64, kubectl: Option<&Path>) -> BTreeMap<&'static str, usize> {
    let folder = tempfile::TempDir::with_prefix("tranship-hostile-").unwrap();
    let services = project::write(seed, SERVICES, folder.path());
    let done = Command::new(env!("CARGO_BIN_EXE_tranship"))
        .args(["convert", "--stdout"])
        .current_dir(folder.path())
        .env_clear()
        .env("HOME", folder.path())
        .output()
        .unwrap();
    let talk = String::from_utf8_lossy(&done.stderr);
    assert!(matches!(done.status.code(), Some(0 | 1)), "{talk}");
    let errors: Vec<&str> = talk.lines().filter(|line| line.starts_with("error")).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let text = String::from_utf8(done.stdout).unwrap();
    let objects = reader::read(&text);
    let mut counts = BTreeMap::new();
    for service in &services {
        compare(service, &objects, &mut counts);
    }
    if let Some(kubectl) = kubectl {
        let file = folder.path().join("all.yaml");
        std::fs::write(&file, &text).unwrap();
        let objects = read_by_kubectl(kubectl, &file);
        for service in &services {
            compare(service, &objects, &mut BTreeMap::new());
        }
    }
    counts
}

/// The objects as the code of the API server reads them; no server is asked.
fn read_by_kubectl(kubectl: &Path, file: &Path) -> Vec<Value> {
    let program = Program::new(kubectl).args(["annotate", "--local", "--output", "json", "--filename"]).arg(file);
    let done = program.args(["read-by=kubectl", "--overwrite"]).succeed().unwrap();
    let text = done.text();
    serde_json::Deserializer::from_str(&text)
        .into_iter::<Value>()
        .map(Result::unwrap)
        .flat_map(|object| match object["items"].as_array() {
            Some(items) => items.clone(),
            None => vec![object],
        })
        .collect()
}

fn find<'a>(objects: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let found = objects.iter().find(|object| object["kind"] == kind && object["metadata"]["name"] == name);
    found.unwrap_or_else(|| panic!("no {kind}/{name}"))
}

fn compare(service: &Service, objects: &[Value], counts: &mut BTreeMap<&'static str, usize>) {
    let name = &service.name;
    let pod = &find(objects, "Deployment", name)["spec"]["template"];
    let container = &pod["spec"]["containers"][0];
    let env = variables(container, objects);
    let mut same = |what: &'static str, expect: &[String], got: &[String]| {
        for (at, (a, b)) in expect.iter().zip(got).enumerate() {
            assert_eq!(a, b, "{name} {what} {at}");
        }
        assert_eq!(expect.len(), got.len(), "{name} {what}");
        *counts.entry(what).or_default() += expect.len();
    };
    let expanded = |field: &str| -> Vec<String> { words(&container[field]).iter().map(|w| expand(w, &env)).collect() };
    same("words of entrypoints", &service.entrypoint, &expanded("command"));
    same("words of commands", &service.command, &expanded("args"));
    let values: Vec<String> = (0..service.env.len()).map(|at| env[&format!("H{at}")].clone()).collect();
    same("variables", &service.env, &values);
    same("words of health checks", &service.health, &words(&container["readinessProbe"]["exec"]["command"]));
    // A label with a credential in it is left out, with a warning.
    let open = |(_, text): &(usize, &String)| tranship_model::credential::by_value(text).is_none();
    let labels: Vec<(usize, &String)> = service.labels.iter().enumerate().filter(open).collect();
    let got =
        labels.iter().map(|(at, _)| pod["metadata"]["annotations"][format!("l{at}")].as_str().unwrap().to_owned());
    let expect: Vec<String> = labels.iter().map(|(_, text)| (*text).clone()).collect();
    same("labels", &expect, &got.collect::<Vec<_>>());
    *counts.entry("labels left out for a credential").or_default() += service.labels.len() - expect.len();
    for (path, bytes) in &service.files {
        assert_eq!(&file(pod, container, objects, path), bytes, "{name} {path}");
        *counts.entry("files").or_default() += 1;
    }
}

fn words(list: &Value) -> Vec<String> {
    let words = list.as_array().map(Vec::as_slice).unwrap_or_default();
    words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

/// The container's variables as the kubelet sets them.
fn variables(container: &Value, objects: &[Value]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for entry in container["env"].as_array().unwrap() {
        let name = entry["name"].as_str().unwrap().to_owned();
        let reference = &entry["valueFrom"]["secretKeyRef"];
        let value = match reference["name"].as_str() {
            Some(secret) => {
                let object = find(objects, "Secret", secret);
                object["stringData"][reference["key"].as_str().unwrap()].as_str().unwrap().to_owned()
            }
            None => expand(entry["value"].as_str().unwrap_or_default(), &out),
        };
        out.insert(name, value);
    }
    out
}

/// The kubelet's expansion, from its description: `$(NAME)` is the value of a known name, `$$` is `$`, and a `$` before
/// anything else takes the next byte along as a character.
fn expand(text: &str, env: &BTreeMap<String, String>) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if bytes[at] != b'$' || at + 1 == bytes.len() {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        let close = bytes[at + 2..].iter().position(|byte| *byte == b')').map(|close| at + 2 + close);
        match (bytes[at + 1], close) {
            (b'$', _) => out.push(b'$'),
            (b'(', Some(close)) => {
                let name = std::str::from_utf8(&bytes[at + 2..close]).unwrap();
                match env.get(name) {
                    Some(value) => out.extend_from_slice(value.as_bytes()),
                    None => out.extend_from_slice(&bytes[at..=close]),
                }
                at = close + 1;
                continue;
            }
            (b'(', None) => out.extend_from_slice(b"$("),
            (byte, _) => out.extend_from_slice(format!("${}", char::from(byte)).as_bytes()),
        }
        at += 2;
    }
    String::from_utf8(out).unwrap()
}

/// The bytes a process reads at a path: the mount that covers it, its volume's item, and that key of the object.
fn file(pod: &Value, container: &Value, objects: &[Value], path: &str) -> Vec<u8> {
    let mounts = container["volumeMounts"].as_array().unwrap().iter();
    let covers = |mount: &&Value| path.starts_with(mount["mountPath"].as_str().unwrap());
    let mount = mounts.filter(covers).max_by_key(|mount| mount["mountPath"].as_str().unwrap().len());
    let mount = mount.unwrap_or_else(|| panic!("nothing is mounted at {path}"));
    let below = path[mount["mountPath"].as_str().unwrap().len()..].trim_start_matches('/');
    let inside = match mount["subPath"].as_str() {
        Some(sub) if below.is_empty() => sub.to_owned(),
        Some(sub) => format!("{sub}/{below}"),
        None => below.to_owned(),
    };
    let volumes = pod["spec"]["volumes"].as_array().unwrap();
    let volume = volumes.iter().find(|volume| volume["name"] == mount["name"]).unwrap();
    let (kind, source) = match volume["configMap"]["name"].as_str() {
        Some(name) => ("ConfigMap", (&volume["configMap"], name)),
        None => ("Secret", (&volume["secret"], volume["secret"]["secretName"].as_str().unwrap())),
    };
    let items = source.0["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["path"] == inside).unwrap_or_else(|| panic!("no item for {path}"));
    let key = item["key"].as_str().unwrap();
    let object = find(objects, kind, source.1);
    let text = if kind == "Secret" { &object["stringData"] } else { &object["data"] };
    let packed = if kind == "Secret" { &object["data"] } else { &object["binaryData"] };
    match text[key].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => base64::engine::general_purpose::STANDARD.decode(packed[key].as_str().unwrap()).unwrap(),
    }
}
