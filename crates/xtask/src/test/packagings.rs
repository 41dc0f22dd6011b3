//! Every form of an app renders to the same objects, by the real programs: `helm template` of both lines of Helm and
//! `kustomize build`, object by object, up to the list in `docs/packagings.md`.
//!
//! Also held to: `helm lint --strict` with each file of values; a release by another name shares no object with the first; the
//! schema refuses what is no value; and texts that look like templates arrive as they are, many of them at random.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};
use tempfile::TempDir;
use tranship_source::FileId;
use tranship_source::yaml::{self, Node};
use tranship_testing::program::scratch;
use tranship_testing::{Finished, Mutator, Program, places};

use super::context::Context;
use super::differential::on_two_threads;
use super::differential::project::{self, Project};
use super::outcome::{Outcome, Skipped};

/// What a chart is rendered for: Helm's own default is the version it was built with.
const KUBERNETES: &str = "1.36.0";
/// How many variables hold texts made at random.
const HOSTILE: usize = 300;

/// What one project came to: how many objects were compared, and every difference.
#[derive(Default)]
struct Record {
    objects: usize,
    faults: Vec<String>,
}

/// One test for each project that is accepted.
pub fn run(context: &Context) -> Result<Outcome> {
    let missing: Vec<&str> =
        ["helm", "helm3", "kustomize"].into_iter().filter(|name| !places::testbed_bin().join(name).is_file()).collect();
    if !missing.is_empty() {
        let reason = format!("packagings: {} are not built: `testbed/build packagings`", missing.join(", "));
        return Ok(Outcome::no_server(reason));
    }
    let hostile = hostile()?;
    let mut projects =
        vec![Project { id: "hostile texts".to_owned(), dir: hostile.path().into(), ..Project::default() }];
    projects.extend(project::examples(&context.root)?);
    let own = projects.len();
    let shared = context.shared.as_deref();
    let corpus = shared.map(project::corpus).transpose()?.unwrap_or_default();
    projects.extend(corpus);
    let tranship = context.tranship()?;
    let thorough: BTreeSet<String> = projects.iter().take(own).map(|project| project.id.clone()).collect();
    let records = on_two_threads(&projects, |project| look(project, tranship, thorough.contains(&project.id)));
    let mut outcome = Outcome::default();
    let (mut objects, mut lines, mut count) = (0, String::new(), 0);
    for (project, record) in projects.iter().zip(records) {
        let Some(Record { objects: compared, faults }) = record.with_context(|| project.id.clone())? else { continue };
        objects += compared;
        count += 1;
        for fault in &faults {
            _ = writeln!(lines, "{} {fault}", project.id);
        }
        let first = faults.first().cloned().unwrap_or_default();
        outcome.count(if faults.is_empty() { Ok(()) } else { Err(format!("{}: {first}", project.id)) });
    }
    fs::write(context.log("packagings"), lines)?;
    outcome
        .notes
        .push(format!("{objects} objects of {count} projects compared with what Helm 4, Helm 3 and Kustomize render"));
    if shared.is_none() {
        outcome.not_run.push(Skipped { live: false, ..Outcome::no_shared().not_run.remove(0) });
    }
    Ok(outcome.showing(12))
}

/// A project whose variables, command, configuration and credentials look like templates.
fn hostile() -> Result<TempDir> {
    let folder = TempDir::with_prefix_in("tranship-hostile-", scratch())?;
    let mut mutator = Mutator::new(6);
    let seed =
        "{{ .Values.x }} {{- end }} {{/* }} ${A} $(B) {{{ }}} `{{ \"x\" }}` http://db:80/{{ {% x %}\n\t- a: 'b'\n";
    let mut texts: Vec<String> = (0..HOSTILE).map(|_| mutator.edit(seed)).collect();
    texts.extend(["{", "{{", "{{{", "}}", "http://db/{{{", "{db}", "1e5", "yes", " ", "{{\"{{\"}}"].map(str::to_owned));
    texts.retain(|text| !text.contains('\0'));
    let node = |text: &str| Node::from(text.replace('$', "$$"));
    let environment: yaml::Map =
        texts.iter().enumerate().map(|(at, text)| (format!("V{at}").into(), node(text))).collect();
    let secrets: yaml::Map =
        texts.iter().take(20).enumerate().map(|(at, text)| (format!("P{at}_PASSWORD").into(), node(text))).collect();
    let words: Vec<Node> = texts.iter().take(40).map(|text| node(text)).collect();
    let content = texts.iter().take(60).cloned().collect::<String>() + "\nupstream http://db:80;\n";
    let config = Node::from([("source", "c".into()), ("target", "/etc/{{c}}.conf".into())]);
    let web = Node::from([
        ("image", "busybox:1.37".into()),
        ("command", words.into()),
        ("environment", environment.into()),
        ("configs", vec![config].into()),
        ("labels", Node::from([("a.b/c", node("{{ x }}"))])),
    ]);
    let db = Node::from([("image", "postgres:16".into()), ("environment", secrets.into())]);
    let tree = Node::from([
        ("name", "hostile".into()),
        ("services", Node::from([("web", web), ("db", db)])),
        ("configs", Node::from([("c", Node::from([("content", node(&content))]))])),
    ]);
    fs::write(folder.path().join("compose.yaml"), yaml::write(&tree))?;
    Ok(folder)
}

/// `None` for a project that is refused. Our own projects are looked at by both lines of Helm and with every file of values.
fn look(project: &Project, tranship: &Path, thorough: bool) -> Result<Option<Record>> {
    let (folder, work) = project.copy()?;
    let out = folder.path().join("out");
    let mut program = Program::new(tranship).args(project.flags());
    program = program.args(["convert", "--as", "manifests,helm,kustomize", "--out"]).arg(&out);
    for (name, value) in &project.env {
        program = program.env(name, value);
    }
    let done = program.dir(&work).only_own_env().run()?;
    if !matches!(done.code(), Some(0 | 1)) {
        return Ok(None);
    }
    let mut record = Record::default();
    let plain = written(&out)?;
    record.objects = plain.len();
    let built = tool("kustomize").arg("build").arg(out.join("kustomize/overlays/prod")).run()?;
    compare("kustomize", &plain, &rendered(&built, "kustomize", &mut record.faults), &mut record.faults);
    let chart = only_folder(&out.join("helm"))?;
    let name = chart.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let namespace =
        plain.keys().find(|(kind, _)| kind == "Namespace").map(|(_, name)| name.clone()).unwrap_or_default();
    let secrets = out.join("secrets/values.yaml");
    let template = |helm: &str, release: &str, more: &[&str]| -> Result<Finished> {
        let program =
            tool(helm).args(["template", release]).arg(&chart).args(["-n", &namespace, "--kube-version", KUBERNETES]);
        let program = if secrets.is_file() { program.arg("-f").arg(&secrets) } else { program };
        Ok(program.args(more).run()?)
    };
    let expect = as_a_chart(plain);
    let prod = chart.join("values-prod.yaml").display().to_string();
    let ways = [("helm", vec![]), ("helm3", vec![]), ("helm", vec!["-f", &prod])];
    for (helm, more) in ways.into_iter().take(if thorough { 3 } else { 1 }) {
        let done = template(helm, &name, &more)?;
        compare(helm, &expect, &as_a_chart(rendered(&done, helm, &mut record.faults)), &mut record.faults);
    }
    // Where the project's own names leave room for another before them.
    let other = template("helm", "r2", &[])?;
    if !other.talk().contains("too long for the names of objects") {
        let others = as_a_chart(rendered(&other, "another release", &mut record.faults));
        let shared = others.keys().filter(|key| expect.contains_key(*key) && !is_by_name(key));
        record.faults.extend(shared.map(|(kind, name)| format!("two releases both have {kind}/{name}")));
    }
    for values in ["values-dev.yaml", "values-prod.yaml"].into_iter().take(if thorough { 2 } else { 1 }) {
        for helm in ["helm", "helm3"].into_iter().take(if thorough { 2 } else { 1 }) {
            let done = tool(helm).args(["lint", "--strict"]).arg(&chart).arg("-f").arg(chart.join(values)).run()?;
            if done.code() != Some(0) {
                record.faults.push(format!("{helm} lint with {values}: {}", done.last_words()));
            }
        }
    }
    let wrongs = ["global.nothing=1", "nothing.image.tag=x", "global.networkPolicies=perhaps"];
    for wrong in wrongs.into_iter().filter(|_| thorough) {
        let has_policies = expect.keys().any(|(kind, _)| kind == "NetworkPolicy");
        let done = template("helm", &name, &["--set", wrong])?;
        if done.code() == Some(0) && (has_policies || !wrong.contains("Policies")) {
            record.faults.push(format!("the schema takes `{wrong}`"));
        }
    }
    Ok(Some(record))
}

fn tool(name: &str) -> Program {
    Program::new(places::testbed_bin().join(name))
}

type Objects = BTreeMap<(String, String), Value>;

/// What lies in `manifests/` and `secrets/`.
fn written(out: &Path) -> Result<Objects> {
    let mut objects = Objects::new();
    for folder in ["manifests", "secrets"] {
        let folder = out.join(folder);
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry?.path();
            let values = path.ends_with("secrets/values.yaml");
            if path.extension().is_some_and(|end| end == "yaml") && !values {
                objects.extend(read(&fs::read_to_string(&path)?)?);
            }
        }
    }
    Ok(objects)
}

fn rendered(done: &Finished, what: &str, faults: &mut Vec<String>) -> Objects {
    if done.code() != Some(0) {
        faults.push(format!("{what} refuses: {}", done.last_words()));
        return Objects::new();
    }
    read(&done.text()).unwrap_or_else(|fault| {
        faults.push(format!("{what} gives no YAML: {fault:#}"));
        Objects::new()
    })
}

fn read(text: &str) -> Result<Objects> {
    let parsed = yaml::parse(FileId(0), text);
    if let Some(fault) = parsed.diagnostics.first() {
        anyhow::bail!("{}", fault.message);
    }
    let object = |node: &Node| {
        let value = json(node);
        let word = |path: &str| value.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        (!value.is_null()).then(|| ((word("/kind"), word("/metadata/name")), value.clone()))
    };
    Ok(parsed.value.iter().filter_map(object).collect())
}

fn json(node: &Node) -> Value {
    match &node.value {
        yaml::Value::Null => Value::Null,
        yaml::Value::Bool(truth) => (*truth).into(),
        yaml::Value::Int(number) => (*number).into(),
        yaml::Value::Float(number) => (*number).into(),
        yaml::Value::String(text) => text.as_str().into(),
        yaml::Value::Sequence(items) => items.iter().map(json).collect(),
        yaml::Value::Mapping(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.text.clone(), json(value))).collect::<Map<_, _>>())
        }
    }
}

fn compare(what: &str, expect: &Objects, found: &Objects, faults: &mut Vec<String>) {
    if found.is_empty() {
        return; // Said already.
    }
    let keys: BTreeSet<_> = expect.keys().chain(found.keys()).collect();
    for key in keys {
        let label = format!("{what}: {}/{}", key.0, key.1);
        match (expect.get(key), found.get(key)) {
            (Some(_), None) => faults.push(format!("{label} is missing")),
            (None, Some(_)) => faults.push(format!("{label} is one too many")),
            (Some(expect), Some(found)) => differ(&label, expect, found, faults),
            (None, None) => {}
        }
    }
}

fn differ(at: &str, expect: &Value, found: &Value, faults: &mut Vec<String>) {
    match (expect, found) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let (a, b) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
                differ(&format!("{at}.{key}"), a, b, faults);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (number, (a, b)) in a.iter().zip(b).enumerate() {
                differ(&format!("{at}[{number}]"), a, b, faults);
            }
        }
        (a, b) if a == b => {}
        (a, b) => faults.push(format!("{at}: {a} became {b}")),
    }
}

/// Objects without what is different in a chart on purpose, as `docs/packagings.md` lists it.
fn as_a_chart(objects: Objects) -> Objects {
    const DIGESTS: [&str; 2] = ["tranship.dev/config-hash", "tranship.dev/secret-hash"];
    let jobs: Vec<(String, String)> = objects
        .keys()
        .filter(|(kind, _)| kind == "Job")
        .filter_map(|(_, name)| Some((name.clone(), format!("{}-DIGEST", name.rsplit_once('-')?.0))))
        .collect();
    let mut out = Objects::new();
    for ((kind, name), mut object) in objects {
        let hook = object.pointer("/metadata/annotations/helm.sh~1hook").is_some();
        if kind == "Namespace" || hook {
            continue;
        }
        rename(&mut object, &jobs);
        if let Some(labels) = object.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
            labels.remove("app.kubernetes.io/managed-by");
        }
        if let Some(metadata) = object.pointer_mut("/metadata").and_then(Value::as_object_mut)
            && let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut)
        {
            annotations.remove("helm.sh/resource-policy");
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
        let pods = object.pointer_mut("/spec/template/metadata/annotations").and_then(Value::as_object_mut);
        for (key, value) in pods.into_iter().flatten() {
            if DIGESTS.contains(&key.as_str()) || key.starts_with("tranship.dev/restart-") {
                *value = "DIGEST".into();
            }
        }
        let name = jobs.iter().find(|(job, _)| kind == "Job" && *job == name).map_or(name, |(_, plain)| plain.clone());
        out.insert((kind, name), object);
    }
    out
}

fn rename(value: &mut Value, jobs: &[(String, String)]) {
    match value {
        Value::String(text) => {
            let ends = |job: &str| text == job || text.strip_suffix(job).is_some_and(|head| head.ends_with('/'));
            if let Some((job, plain)) = jobs.iter().find(|(job, _)| ends(job)) {
                *text = format!("{}{plain}", text.strip_suffix(job.as_str()).unwrap_or_default());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, jobs)),
        Value::Object(map) => map.values_mut().for_each(|value| rename(value, jobs)),
        _ => {}
    }
}

/// Kinds that people name themselves, or that belong to no release.
fn is_by_name((kind, _): &(String, String)) -> bool {
    matches!(kind.as_str(), "SecretStore" | "ClusterIssuer" | "Issuer")
}

fn only_folder(parent: &Path) -> Result<PathBuf> {
    let mut folders = fs::read_dir(parent)?.map(|entry| entry.map(|entry| entry.path()));
    folders.next().with_context(|| format!("nothing is in {}", parent.display()))?.map_err(Into::into)
}
