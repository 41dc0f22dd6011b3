//! Our reading in the words of the oracle's answer, and where the two differ.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tranship_image::instruction::{Argv, Instruction, Kind, Transfer};
use tranship_image::{
    BuildOptions, DEFAULT_PATH, Dockerfile, Healthcheck, Heredoc, ImageFacts, Stage, expand, facts, parse,
};
use tranship_source::FileId;

use crate::cases::IgnoreCase;

/// One Dockerfile to be compared.
#[derive(Clone, Debug, Default)]
pub struct Case {
    pub name: String,
    pub text: String,
    pub target: String,
    pub args: BTreeMap<String, String>,
}

impl Case {
    pub fn new(name: impl Into<String>, text: &str) -> Self {
        Self { name: name.into(), text: text.to_owned(), ..Self::default() }
    }
}

/// What single instructions are expanded with.
pub fn variables() -> BTreeMap<String, String> {
    [("A", "one"), ("B", "two words"), ("E", ""), ("FOO", "bar"), ("P", "/usr/local/lib.tar.gz"), ("VERSION", "1.2.3")]
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect()
}

/// Every disagreement on a Dockerfile.
pub fn agree(case: &Case, answer: &Value) -> Vec<String> {
    let mut out = Vec::new();
    let checked = parse(FileId(0), &case.text);
    // BuildKit's parser leaves it to the build to miss a stage, unless there is no instruction at all.
    let no_stage = |code: &str| code == "dockerfile-no-stage";
    let file = &checked.value;
    let empty = file.args.is_empty() && file.stages.is_empty();
    let ours = checked.diagnostics.iter().find(|d| empty || !no_stage(d.code));
    let theirs = answer.get("error").or(answer.get("panic"));
    match (ours, theirs) {
        (Some(_), Some(_)) => return out,
        (Some(ours), None) => return vec![format!("{}: only we refuse it: {}", case.name, ours.message)],
        (None, Some(theirs)) => {
            return vec![format!("{}: only BuildKit refuses it: {theirs}\n{}", case.name, case.text)];
        }
        (None, None) => {}
    }
    let mut differ = |what: &str, ours: &Value, theirs: &Value| {
        if ours != theirs {
            out.push(format!("{}: {what}\n  ours   {ours}\n  theirs {theirs}", case.name));
        }
    };
    differ("escape", &json!(file.escape.to_string()), &answer["escape"]);
    differ("syntax", &json!(file.syntax), answer.get("syntax").unwrap_or(&Value::Null));
    let list = |found: &[Instruction]| found.iter().map(|one| instruction(one, file.escape)).collect::<Vec<_>>();
    instructions("arguments", &list(&file.args), &answer["args"], &mut differ);
    let stages: Vec<Value> = file.stages.iter().map(stage).collect();
    differ("stages", &json!(stages), &without_commands(&answer["stages"]));
    for (number, stage) in file.stages.iter().enumerate() {
        let theirs = &answer["stages"][number]["commands"];
        instructions(&format!("stage {number}"), &list(&stage.instructions), theirs, &mut differ);
    }
    image(case, file, checked.has_errors(), answer, &mut differ);
    out
}

fn instructions(what: &str, ours: &[Value], theirs: &Value, differ: &mut dyn FnMut(&str, &Value, &Value)) {
    let empty = Vec::new();
    let theirs = theirs.as_array().unwrap_or(&empty);
    differ(&format!("{what}: number of instructions"), &json!(ours.len()), &json!(theirs.len()));
    for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        let mut theirs = theirs.clone();
        // Words of a message are no part of the verdict.
        if let Some(fault) = theirs.get_mut("expand_error") {
            *fault = json!(true);
        }
        // Mounts and their kin are checked with the image; the instruction keeps its flags as written.
        if let Some(map) = theirs.as_object_mut().filter(|map| map["name"] == "RUN") {
            for key in ["mounts", "network", "security", "expanded", "expand_error"] {
                map.remove(key);
            }
        }
        differ(&format!("{what}: instruction {number}"), &sorted(ours), &sorted(&theirs));
    }
}

fn image(case: &Case, file: &Dockerfile, refused: bool, answer: &Value, differ: &mut dyn FnMut(&str, &Value, &Value)) {
    let target = Some(case.target.clone()).filter(|target| !target.is_empty());
    let options = BuildOptions { target, args: case.args.clone(), ..BuildOptions::default() };
    let built = facts(file, &options);
    let ours = refused || built.has_errors();
    let why = built.diagnostics.first().map(|d| d.message.clone());
    let theirs = answer.get("build_error");
    if ours != theirs.is_some() {
        differ("verdict on the build", &json!(why), &json!(theirs));
        return;
    }
    if let (Some(facts), None) = (&built.value, theirs) {
        differ("image", &sorted(&config(facts)), &sorted(&their_config(&answer["config"], facts)));
    }
}

fn without_commands(stages: &Value) -> Value {
    let mut out = stages.clone();
    for stage in out.as_array_mut().into_iter().flatten() {
        stage.as_object_mut().unwrap().remove("commands");
    }
    sorted(&out)
}

fn stage(stage: &Stage) -> Value {
    let name = stage.name.clone().unwrap_or_default();
    sorted(&json!({"name": name, "base": stage.base, "platform": stage.platform.clone().unwrap_or_default()}))
}

/// The oracle writes maps sorted.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, Value> = map.iter().map(|(key, value)| (key, self::sorted(value))).collect();
            json!(sorted)
        }
        Value::Array(list) => list.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn instruction(one: &Instruction, escape: char) -> Value {
    let plain = described(one, &|text| Ok(text.to_owned())).unwrap();
    let mut out = plain.as_object().unwrap().clone();
    let known = variables();
    let expander = |text: &str| expand(text, escape, &|name| known.get(name).cloned());
    let able = !matches!(
        one.kind,
        Kind::Cmd(_)
            | Kind::Entrypoint(_)
            | Kind::Shell(_)
            | Kind::Expose(_)
            | Kind::Healthcheck(_)
            | Kind::Maintainer(_)
            | Kind::OnBuild(_)
    );
    if !able {
        return Value::Object(out);
    }
    // Mounts are checked when the image is made; here only their sources are compared.
    if matches!(one.kind, Kind::Run(_)) {
        return Value::Object(out);
    }
    match described(one, &expander) {
        Ok(with_values) => drop(out.insert("expanded".to_owned(), with_values)),
        Err(_) => drop(out.insert("expand_error".to_owned(), json!(true))),
    }
    Value::Object(out)
}

type Expander<'a> = &'a dyn Fn(&str) -> Result<String, String>;

fn described(one: &Instruction, expand: Expander<'_>) -> Result<Value, String> {
    let list = |words: &[String]| words.iter().map(|word| expand(word)).collect::<Result<Vec<_>, _>>();
    let pairs = |pairs: &[(String, String)]| {
        pairs.iter().map(|(key, text)| Ok(json!([expand(key)?, expand(text)?]))).collect::<Result<Vec<_>, String>>()
    };
    let files = |list: &[Heredoc]| -> Value {
        list.iter().map(|file| json!({"name": file.name, "data": file.content, "chomp": file.cut_tabs})).collect()
    };
    Ok(match &one.kind {
        Kind::From { .. } => json!({}),
        Kind::Run(argv) => {
            json!({"name": "RUN", "words": words(argv), "shell": shell(argv), "files": files(&one.heredocs)})
        }
        Kind::Cmd(argv) => json!({"name": "CMD", "words": words(argv), "shell": shell(argv), "files": []}),
        Kind::Entrypoint(argv) => {
            json!({"name": "ENTRYPOINT", "words": words(argv), "shell": shell(argv), "files": []})
        }
        Kind::Shell(words) => json!({"name": "SHELL", "words": words}),
        Kind::Label(list) => json!({"name": "LABEL", "pairs": pairs(list)?}),
        Kind::Env(list) => json!({"name": "ENV", "pairs": pairs(list)?}),
        Kind::Arg(list) => {
            let one = |(key, text): &(String, Option<String>)| {
                Ok(json!([expand(key)?, text.as_deref().map(expand).transpose()?]))
            };
            json!({"name": "ARG", "args": list.iter().map(one).collect::<Result<Vec<_>, String>>()?})
        }
        Kind::Expose(words) => {
            let mut words = words.clone();
            words.sort();
            json!({"name": "EXPOSE", "words": words})
        }
        Kind::Add(transfer) => {
            let mut out = moved(one, transfer, expand)?;
            out.insert("name".to_owned(), json!("ADD"));
            out.insert("checksum".to_owned(), json!(expand(flag(one, "checksum"))?));
            Value::Object(out)
        }
        Kind::Copy(transfer) => {
            let mut out = moved(one, transfer, expand)?;
            out.insert("name".to_owned(), json!("COPY"));
            out.insert("from".to_owned(), json!(flag(one, "from")));
            out.insert("parents".to_owned(), json!(truth(one, "parents")));
            Value::Object(out)
        }
        Kind::Volume(words) => json!({"name": "VOLUME", "words": list(words)?}),
        Kind::User(text) => json!({"name": "USER", "text": expand(text)?}),
        Kind::Workdir(text) => json!({"name": "WORKDIR", "text": expand(text)?}),
        Kind::StopSignal(text) => json!({"name": "STOPSIGNAL", "text": expand(text)?}),
        Kind::Maintainer(text) => json!({"name": "MAINTAINER", "text": text}),
        Kind::OnBuild(text) => json!({"name": "ONBUILD", "text": text}),
        Kind::Healthcheck(check) => json!({"name": "HEALTHCHECK", "health": health(check.as_ref())}),
    })
}

fn moved(one: &Instruction, transfer: &Transfer, expand: Expander<'_>) -> Result<Map<String, Value>, String> {
    let Transfer { sources, inline, destination } = transfer;
    let sources = sources.iter().map(|source| expand(source)).collect::<Result<Vec<_>, _>>()?;
    let files: Value =
        inline.iter().map(|file| json!({"name": file.name, "data": file.text(), "expand": file.expand})).collect();
    let excluded = one.flags.iter().filter(|(name, _)| name == "exclude").map(|(_, value)| value.clone());
    let out = json!({
        "sources": sources, "files": files, "destination": expand(destination)?,
        "chown": expand(flag(one, "chown"))?, "chmod": expand(flag(one, "chmod"))?,
        "link": truth(one, "link"), "exclude": excluded.collect::<Vec<_>>(),
    });
    Ok(out.as_object().unwrap().clone())
}

fn flag<'a>(one: &'a Instruction, name: &str) -> &'a str {
    let found = one.flags.iter().find(|(flag, _)| flag == name).and_then(|(_, value)| value.as_deref());
    found.unwrap_or_default()
}

fn truth(one: &Instruction, name: &str) -> bool {
    let found = one.flags.iter().find(|(flag, _)| flag == name).map(|(_, value)| value.clone());
    found.is_some_and(|value| value.is_none_or(|value| value.to_lowercase() == "true"))
}

fn words(argv: &Argv) -> Vec<String> {
    match argv {
        Argv::Exec(words) => words.clone(),
        Argv::Shell(line) if line.is_empty() => Vec::new(),
        Argv::Shell(line) => vec![line.clone()],
    }
}

fn shell(argv: &Argv) -> bool {
    matches!(argv, Argv::Shell(_))
}

fn health(check: Option<&Healthcheck>) -> Value {
    let Some(check) = check else { return json!({"Test": ["NONE"]}) };
    let Healthcheck { test, interval, timeout, start_period, start_interval, retries } = check;
    let mut argv = vec![if shell(test) { "CMD-SHELL" } else { "CMD" }.to_owned()];
    argv.extend(words(test));
    let mut out = Map::new();
    out.insert("Test".to_owned(), json!(argv));
    let times = [
        ("Interval", interval),
        ("Timeout", timeout),
        ("StartPeriod", start_period),
        ("StartInterval", start_interval),
    ];
    for (key, time) in times {
        if let Some(time) = time {
            out.insert(key.to_owned(), json!(u64::try_from(time.as_nanos()).unwrap()));
        }
    }
    if let Some(count) = retries {
        out.insert("Retries".to_owned(), json!(count));
    }
    Value::Object(out)
}

/// The facts as an image's configuration.
fn config(facts: &ImageFacts) -> Value {
    let set = |names: Vec<String>| names.into_iter().map(|name| (name, json!({}))).collect::<Map<_, _>>();
    let text = |text: Option<&tranship_source::Spanned<String>>| text.map(|t| t.value.clone()).unwrap_or_default();
    let list = |list: Option<&tranship_source::Spanned<Vec<String>>>| list.map(|l| l.value.clone()).unwrap_or_default();
    json!({
        "User": text(facts.user.as_ref()),
        "WorkingDir": text(facts.workdir.as_ref()),
        "Entrypoint": list(facts.entrypoint.as_ref()),
        "Cmd": list(facts.cmd.as_ref()),
        "Shell": list(facts.shell.as_ref()),
        "StopSignal": text(facts.stop_signal.as_ref()),
        "Env": facts.env.iter().map(|(name, text)| format!("{name}={}", text.value)).collect::<Vec<_>>(),
        "Labels": facts.labels.iter().map(|(name, text)| (name.clone(), json!(text.value))).collect::<Map<_, _>>(),
        "ExposedPorts": set(facts.ports.iter().map(|port| format!("{}/{}", port.value.0, port.value.1)).collect()),
        "Volumes": set(facts.volumes.iter().map(|path| path.value.clone()).collect()),
        "Healthcheck": facts.healthcheck.as_ref().map(|check| health(check.value.as_ref())),
    })
}

/// Their configuration with the same keys. What BuildKit adds to every image is not the Dockerfile's: `PATH`, and `/` for
/// an image from nothing.
fn their_config(config: &Value, facts: &ImageFacts) -> Value {
    let own_path = facts.env.iter().any(|(name, _)| name == "PATH");
    let default = format!("PATH={DEFAULT_PATH}");
    let mut env: Vec<Value> = config["Env"].as_array().cloned().unwrap_or_default();
    if own_path {
        // Theirs keeps the place of the added one.
        let at = env.iter().position(|one| one.as_str().is_some_and(|one| one.starts_with("PATH="))).unwrap();
        let path = env.remove(at);
        let place = facts.env.iter().position(|(name, _)| name == "PATH").unwrap();
        env.insert(place, path);
    } else {
        env.retain(|one| one.as_str() != Some(&default));
    }
    let or = |key: &str, other: Value| config.get(key).filter(|value| !value.is_null()).cloned().unwrap_or(other);
    let dir = or("WorkingDir", json!(""));
    let dir = if facts.workdir.is_none() && dir == "/" { json!("") } else { dir };
    json!({
        "User": or("User", json!("")), "WorkingDir": dir, "Entrypoint": or("Entrypoint", json!([])),
        "Cmd": or("Cmd", json!([])), "Shell": or("Shell", json!([])), "StopSignal": or("StopSignal", json!("")),
        "Env": env, "Labels": or("Labels", json!({})), "ExposedPorts": or("ExposedPorts", json!({})),
        "Volumes": or("Volumes", json!({})), "Healthcheck": or("Healthcheck", Value::Null),
    })
}

/// The disagreement on a single text.
pub fn word((text, escape): &(String, char), answer: &Value) -> Option<String> {
    let known = variables();
    let lookup = |name: &str| known.get(name).cloned();
    let ours = match (expand(text, *escape, &lookup), tranship_image::expand_words(text, *escape, &lookup)) {
        (Ok(result), Ok(words)) => json!({"result": result, "words": words}),
        _ => json!({"error": true}),
    };
    let theirs = if answer.get("error").is_some() { json!({"error": true}) } else { answer.clone() };
    (ours != theirs).then(|| format!("{text:?} with {escape:?}\n  ours   {ours}\n  theirs {answer}"))
}

/// Every disagreement on an ignore file.
pub fn ignore(case: &IgnoreCase, answer: &Value) -> Vec<String> {
    let IgnoreCase { text, paths } = case;
    match (tranship_image::Ignore::parse(text), answer.get("error")) {
        (Err(_), Some(_)) => Vec::new(),
        (Err(why), None) => vec![format!("{text:?}: only we refuse it: {why}")],
        (Ok(_), Some(why)) => vec![format!("{text:?}: only moby refuses it: {why}")],
        (Ok(ignore), None) => {
            let differs = |(path, theirs): (&String, &Value)| {
                let ours = ignore.ignores(path);
                (json!(ours) != *theirs).then(|| format!("{text:?} {path}: ours {ours}, theirs {theirs}"))
            };
            paths.iter().zip(answer["ignored"].as_array().unwrap()).filter_map(differs).collect()
        }
    }
}
