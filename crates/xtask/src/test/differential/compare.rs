//! One project, both tools, one verdict.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Map, Value};
use tranship_testing::{Finished, Program};

use super::project::Project;

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Both refuse, or both accept with the same data.
    Agree,
    /// How they differ.
    Differ(String),
}

/// Puts a project to both, in one copy, so that absolute paths are the same.
pub fn compare(project: &Project, tranship: &Path, oracle: &Path) -> Result<Verdict> {
    let (_folder, work) = project.copy()?;
    let run = |program: Program| {
        let program = program.args(["--format", "json"]).dir(&work).only_own_env().limit(Duration::from_secs(30));
        project.env.iter().fold(program, |program, (name, value)| program.env(name, value)).run()
    };
    // The project flags of docker compose come before its command.
    let theirs = run(Program::new(oracle).args(project.flags()).arg("config"))?;
    let ours = run(Program::new(tranship).arg("config").args(project.flags()))?;
    Ok(match judge(&theirs, &ours) {
        // The place of the copy is nothing to read about.
        Verdict::Differ(how) => Verdict::Differ(how.replace(&format!("{}/", work.display()), "")),
        Verdict::Agree => Verdict::Agree,
    })
}

fn judge(theirs: &Finished, ours: &Finished) -> Verdict {
    let say = |done: &Finished| {
        done.talk().lines().filter(|line| !line.contains("level=warning")).take(3).collect::<Vec<_>>().join(" / ")
    };
    match (theirs.code(), ours.code()) {
        (Some(0), Some(0)) => values(&theirs.stdout, &ours.stdout),
        (Some(0), Some(2)) => Verdict::Differ(format!("refused, docker compose accepts: {}", say(ours))),
        (_, Some(0)) => Verdict::Differ(format!("accepted, docker compose refuses: {}", say(theirs))),
        (_, Some(2)) if ours.stderr.is_empty() => Verdict::Differ("refused without a word".to_owned()),
        (_, Some(2)) => Verdict::Agree,
        (_, code) => Verdict::Differ(format!("ended with {code:?}: {}", ours.last_words())),
    }
}

fn values(theirs: &[u8], ours: &[u8]) -> Verdict {
    let [theirs, ours] = [theirs, ours].map(serde_json::from_slice::<Value>);
    match (theirs, ours) {
        (Ok(mut theirs), Ok(mut ours)) => {
            normalise(&mut theirs);
            normalise(&mut ours);
            // The reference prints them in one of its outputs and leaves them out in the other.
            if theirs.get("models").is_none() || ours.get("models").is_none() {
                [&mut theirs, &mut ours]
                    .into_iter()
                    .filter_map(Value::as_object_mut)
                    .for_each(|project| drop(project.remove("models")));
            }
            difference(&theirs, &ours, "").map_or(Verdict::Agree, Verdict::Differ)
        }
        (Err(error), _) => Verdict::Differ(format!("docker compose's output is no JSON: {error}")),
        (_, Err(error)) => Verdict::Differ(format!("our output is no JSON: {error}")),
    }
}

/// Keys under which every name is the user's, so that `x-…` there is no extension.
const FREE: &[&str] = &[
    // tidy: sorted
    "additional_contexts",
    "annotations",
    "args",
    "configs",
    "depends_on",
    "driver_opts",
    "environment",
    "extra_hosts",
    "labels",
    "models",
    "networks",
    "options",
    "secrets",
    "services",
    "sysctls",
    "ulimits",
    "volumes",
    // tidy: end
];

/// Levels out what the reference prints only because of the types it is written in: a null command, an empty `ipam`,
/// extensions below the top level.
fn normalise(project: &mut Value) {
    for (key, value) in project.as_object_mut().into_iter().flatten() {
        drop_extensions(value, FREE.contains(&key.as_str()));
    }
    for service in members(project, "services") {
        drop_empty(service, &["command", "entrypoint"]);
        if let Some(deploy) = service.get_mut("deploy").and_then(Value::as_object_mut) {
            drop_empty(deploy, &["resources", "placement"]);
        }
        let watch =
            service.get_mut("develop").and_then(|develop| develop.get_mut("watch")).and_then(Value::as_array_mut);
        for rule in watch.into_iter().flatten().filter_map(Value::as_object_mut) {
            if let Some(exec) = rule.get_mut("exec").and_then(Value::as_object_mut) {
                drop_empty(exec, &["command"]);
            }
            drop_empty(rule, &["exec"]);
        }
    }
    for network in members(project, "networks") {
        drop_empty(network, &["ipam"]);
    }
}

fn members<'a>(project: &'a mut Value, key: &str) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    let all = project.get_mut(key).and_then(Value::as_object_mut);
    all.into_iter().flat_map(|members| members.values_mut().filter_map(Value::as_object_mut))
}

fn drop_empty(of: &mut Map<String, Value>, keys: &[&str]) {
    let empty = |value: &Value| value.is_null() || value.as_object().is_some_and(Map::is_empty);
    of.retain(|key, value| !(keys.contains(&key.as_str()) && empty(value)));
}

fn drop_extensions(value: &mut Value, free: bool) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| free || !key.starts_with("x-"));
            for (key, value) in map.iter_mut() {
                drop_extensions(value, !free && FREE.contains(&key.as_str()));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| drop_extensions(item, false)),
        _ => {}
    }
}

/// The first place where two documents differ; the order of keys is free.
fn difference(theirs: &Value, ours: &Value, at: &str) -> Option<String> {
    match (theirs, ours) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter().find_map(|key| {
                let at = format!("{at}.{key}");
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => difference(a, b, &at),
                    (Some(a), None) => Some(format!("{at}: missing, docker compose has {}", brief(a))),
                    (None, b) => Some(format!("{at}: docker compose has no {}", b.map(brief).unwrap_or_default())),
                }
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().find_map(|(index, (a, b))| difference(a, b, &format!("{at}[{index}]")))
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => None,
        (a, b) if a == b => None,
        (a, b) => Some(format!("{at}: docker compose has {}, we have {}", brief(a), brief(b))),
    }
}

fn brief(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 100 { text } else { format!("{}…", text.chars().take(100).collect::<String>()) }
}

#[cfg(test)]
mod tests {
    use super::{Verdict, values};

    fn check(theirs: &str, ours: &str, expect: Option<&str>) {
        let expect = expect.map_or(Verdict::Agree, |how| Verdict::Differ(how.to_owned()));
        assert_eq!(values(theirs.as_bytes(), ours.as_bytes()), expect, "{theirs} {ours}");
    }

    #[test]
    fn documents_are_compared_as_data() {
        check(r#"{"a":1,"b":[1]}"#, r#"{"b":[1.0],"a":1}"#, None);
        check(r#"{"a":"1"}"#, r#"{"a":1}"#, Some(r#".a: docker compose has "1", we have 1"#));
        check(r#"{"a":null}"#, r"{}", Some(".a: missing, docker compose has null"));
        check(r"{}", r#"{"a":{}}"#, Some(".a: docker compose has no {}"));
        check(r#"{"a":[1,2]}"#, r#"{"a":[1]}"#, Some(".a: docker compose has [1,2], we have [1]"));
        check("{}", "oops", Some("our output is no JSON: expected value at line 1 column 1"));
    }

    #[test]
    fn what_reflects_the_types_of_the_reference_alone_is_levelled() {
        check(r#"{"services":{"a":{"command":null,"image":"x"}}}"#, r#"{"services":{"a":{"image":"x"}}}"#, None);
        check(
            r#"{"services":{"a":{"command":[]}}}"#,
            r#"{"services":{"a":{}}}"#,
            Some(".services.a.command: missing, docker compose has []"),
        );
        check(r#"{"services":{"a":{"build":{"x-b":1}}}}"#, r#"{"services":{"a":{"build":{}}}}"#, None);
        check(r#"{"x-a":1}"#, "{}", Some(".x-a: missing, docker compose has 1"));
        check(r#"{"networks":{"a":{"ipam":{}}}}"#, r#"{"networks":{"a":{}}}"#, None);
    }
}
