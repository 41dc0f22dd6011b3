//! `config` beside the reference: the examples with their expected output, and real docker compose over the corpus.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tranship_testing::{no_shared, not_run, places};

const BINARY: &str = env!("CARGO_BIN_EXE_tranship");

/// One run of a command in a directory, with an environment of its own.
fn run(binary: &Path, arguments: &[String], dir: &Path, env: &BTreeMap<String, String>) -> Output {
    let mut command = Command::new(binary);
    command.args(arguments).current_dir(dir).env_clear().env("PATH", "/usr/bin:/bin").envs(env).stdin(Stdio::null());
    command.output().unwrap_or_else(|fault| panic!("{}: {fault}", binary.display()))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path()).unwrap(), target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Leaves out what docker compose's JSON only owes to its Go types, as the examples' README says.
fn normal(mut document: Value) -> Value {
    extensions(&mut document, true);
    if let Some(object) = document.as_object_mut() {
        object.remove("models");
    }
    let drop = |value: &mut Value, path: &[&str]| {
        let Some((last, path)) = path.split_last() else { return };
        let parent = path.iter().try_fold(value, |value, key| value.get_mut(*key));
        if let Some(object) = parent.and_then(Value::as_object_mut)
            && object.get(*last).is_some_and(|v| v.is_null() || v.as_object().is_some_and(serde_json::Map::is_empty))
        {
            object.remove(*last);
        }
    };
    let each = |value: &mut Value, key: &str, with: &dyn Fn(&mut Value)| match value.get_mut(key) {
        Some(Value::Object(entries)) => entries.values_mut().for_each(with),
        Some(Value::Array(items)) => items.iter_mut().for_each(with),
        _ => {}
    };
    each(&mut document, "networks", &|network| drop(network, &["ipam"]));
    each(&mut document, "services", &|service| {
        for path in [&["command"][..], &["entrypoint"], &["deploy", "resources"], &["deploy", "placement"]] {
            drop(service, path);
        }
        for hooks in ["pre_start", "post_start", "pre_stop"] {
            each(service, hooks, &|hook| drop(hook, &["command"]));
        }
        if let Some(develop) = service.get_mut("develop") {
            each(develop, "watch", &|trigger| {
                drop(trigger, &["exec", "command"]);
                drop(trigger, &["exec"]);
            });
        }
        if let Some(Value::Object(blkio)) = service.get_mut("blkio_config") {
            for entry in blkio.values_mut().filter_map(Value::as_array_mut).flatten().filter_map(Value::as_object_mut) {
                *entry = std::mem::take(entry).into_iter().map(|(key, value)| (key.to_lowercase(), value)).collect();
            }
        }
    });
    document
}

/// Removes `x-` keys below the top.
fn extensions(value: &mut Value, top: bool) {
    match value {
        Value::Object(object) => {
            if !top {
                object.retain(|key, _| !key.starts_with("x-"));
            }
            object.values_mut().for_each(|value| extensions(value, false));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| extensions(value, false)),
        // One number is another whether it has a fraction of nothing or none.
        Value::Number(number) => *value = number.as_f64().map_or(Value::Null, Value::from),
        _ => {}
    }
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let items = value.get(key).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The arguments of an example, as its README says.
fn arguments(case: &Value, dir: &Path) -> Vec<String> {
    let mut all = vec!["config".to_owned()];
    let mut option =
        |flag: &str, values: Vec<String>| all.extend(values.into_iter().flat_map(|v| [flag.to_owned(), v]));
    option("-f", texts(case, "files"));
    let project = case["project_dir"].as_str().map(|own| dir.join(own).display().to_string());
    option("--project-directory", project.into_iter().collect());
    option("-p", case["name"].as_str().map(str::to_owned).into_iter().collect());
    option("--profile", texts(case, "profiles"));
    option("--env-file", texts(case, "env_files"));
    all.extend(texts(case, "flags"));
    all.extend(["--format".to_owned(), "json".to_owned()]);
    all.extend(texts(case, "services"));
    all
}

#[test]
fn the_examples_print_what_they_expect() {
    let Some(shared) = places::shared() else { return no_shared() };
    let mut wrong = Vec::new();
    for entry in fs::read_dir(shared.join("loader-examples/cases")).unwrap().map(Result::unwrap) {
        let case: Value = serde_json::from_slice(&fs::read(entry.path().join("case.json")).unwrap()).unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let dir = scratch.path().canonicalize().unwrap().join("project");
        copy(&entry.path().join("project"), &dir);
        let place = |text: &str| text.replace("${DIR}", &dir.display().to_string());
        let env = case["env"].as_object().into_iter().flatten();
        let env = env.map(|(key, value)| (key.clone(), place(value.as_str().unwrap_or("")))).collect();
        let start = dir.join(case["cwd"].as_str().unwrap_or("."));
        let output = run(Path::new(BINARY), &arguments(&case, &dir), &start, &env);
        let expect: Value = serde_json::from_str(&place(&case["expect"].to_string())).unwrap();
        let got = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        if normal(got) != normal(expect) {
            wrong.push(format!("{}: {}", case["id"], String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A project of the corpus: where it lies, its Compose files and the variables it presupposes.
struct Real {
    id: String,
    folder: PathBuf,
    flags: Vec<String>,
    setting: Value,
}

/// The projects of the corpus' index, with what the settings say of each.
fn corpus(root: &Path) -> Vec<Real> {
    let settings: Value = serde_json::from_slice(&fs::read(root.join("settings.json")).unwrap()).unwrap();
    let index = fs::read_to_string(root.join("index.tsv")).unwrap();
    let mut lines = index.lines();
    let head: Vec<&str> = lines.next().unwrap_or("").split('\t').collect();
    let column = |name: &str| head.iter().position(|title| *title == name).unwrap();
    let (id, main) = (column("id"), column("main"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let name = (*cells.get(id)?).trim_matches('"').to_owned();
        let folder = root.join(&name);
        let files = cells.get(main)?.trim_matches('"').split(" + ").map(str::trim).filter(|file| !file.is_empty());
        let mut flags: Vec<String> = files.flat_map(|file| ["-f".to_owned(), file.to_owned()]).collect();
        let source = fs::read(folder.join("SOURCE.txt")).unwrap_or_default();
        let source = String::from_utf8_lossy(&source).into_owned();
        let dir = source.lines().find_map(|line| line.strip_prefix("project directory: ")).map(str::trim);
        if let Some(dir) = dir.filter(|dir| !dir.is_empty() && folder.join(dir).is_dir()) {
            flags.extend(["--project-directory".to_owned(), dir.to_owned()]);
        }
        let real = name.starts_with("compose/") || name.starts_with("pairs/");
        real.then(|| Real { setting: settings[&name].clone(), id: name, folder, flags })
    };
    lines.filter_map(row).collect()
}

/// Gives a project what it presupposes: variables, and empty or copied env files.
fn prepare(setting: &Value, dir: &Path) -> BTreeMap<String, String> {
    for name in texts(setting, "touch") {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    for pair in setting["copy"].as_array().into_iter().flatten() {
        fs::copy(dir.join(pair[0].as_str().unwrap()), dir.join(pair[1].as_str().unwrap())).unwrap();
    }
    let env = setting["env"].as_object().into_iter().flatten();
    let env = env.map(|(key, value)| (key.clone(), value.as_str().unwrap_or("").to_owned()));
    env.chain([("HOME".to_owned(), "/root".to_owned())]).collect()
}

#[test]
fn the_corpus_means_what_docker_compose_says() {
    let Some(shared) = places::shared() else { return no_shared() };
    let Some(oracle) = places::program("docker-compose") else {
        return not_run("no docker-compose in the testbed");
    };
    let mut wrong = Vec::new();
    for Real { id, folder, flags, setting } in corpus(&shared.join("corpus")) {
        let scratch = tempfile::tempdir().unwrap();
        let dir = scratch.path().canonicalize().unwrap().join("project");
        copy(&folder, &dir);
        let env = prepare(&setting, &dir);
        let command = ["config", "--format", "json"].map(str::to_owned);
        let arguments: Vec<String> = flags.into_iter().chain(command).collect();
        let theirs = run(&oracle, &arguments, &dir, &env);
        let ours = run(Path::new(BINARY), &arguments, &dir, &env);
        if theirs.status.success() != ours.status.success() {
            wrong.push(format!("{id}: verdict: {}", String::from_utf8_lossy(&ours.stderr)));
        } else if ours.status.success() {
            let read = |output: &Output| normal(serde_json::from_slice(&output.stdout).unwrap_or(Value::Null));
            if read(&theirs) != read(&ours) {
                wrong.push(format!("{id}: other values"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_view_prints_and_every_fault_exits_with_two() {
    let scratch = tempfile::tempdir().unwrap();
    let text = "services: {web: {image: 'nginx:${TAG:-1}', profiles: [p]}, db: {image: pg, volumes: ['data:/d']}}\nvolumes: {data: }\n";
    fs::write(scratch.path().join("compose.yaml"), text).unwrap();
    let env = BTreeMap::from([("COMPOSE_PROFILES".to_owned(), "p".to_owned())]);
    for (flags, expect) in [
        ("--services", "db\nweb\n"),
        ("--volumes", "data\n"),
        ("--networks", "default\n"),
        ("--profiles", "p\n"),
        ("--images", "pg\nnginx:1\n"),
        ("--quiet", ""),
        ("--variables", "NAME  REQUIRED  DEFAULT VALUE  ALTERNATE VALUE\nTAG   false     1\n"),
    ] {
        let output = run(Path::new(BINARY), &["config".to_owned(), flags.to_owned()], scratch.path(), &env);
        assert_eq!(String::from_utf8_lossy(&output.stdout), expect, "{flags}");
    }
    for flags in [["--format", "toml"], ["--hash", "nope"], ["--lock-image-digests", "web"], ["nope", "web"]] {
        let arguments: Vec<String> = ["config"].iter().chain(&flags).map(|flag| (*flag).to_owned()).collect();
        let output = run(Path::new(BINARY), &arguments, scratch.path(), &env);
        assert_eq!(output.status.code(), Some(2), "{flags:?}");
        assert!(!output.stderr.is_empty(), "{flags:?}");
    }
}
