//! Our examples and the shared corpus: what is secret stands in `secrets/` and nowhere else.
//!
//! What is secret is told by a list of its own, kept apart from the program's: names of variables, passwords in addresses,
//! and the files of top-level `secrets`. A value of eight characters or more that stands nowhere else in the project may
//! stand nowhere else in the output, nor be said; a shorter one may not be the plain value of its own variable.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tranship_source::FileId;
use tranship_source::yaml::{self, Node};
use tranship_testing::{Finished, Program};

use super::context::Context;
use super::differential::on_two_threads;
use super::differential::project::{self, Project};
use super::outcome::{Outcome, Skipped};

/// Shortest value that is looked for everywhere.
const LONG: usize = 8;

/// What one project came to.
#[derive(Default)]
struct Record {
    /// Long values looked for, long values that stand elsewhere in the project too, and short ones.
    values: [usize; 3],
    /// Each place a value was found at.
    found: Vec<String>,
}

/// One test per accepted project.
pub fn run(context: &Context) -> Result<Outcome> {
    let mut projects = project::examples(&context.root)?;
    let shared = context.shared.as_deref();
    projects.extend(shared.map(project::corpus).transpose()?.unwrap_or_default());
    let tranship = context.tranship()?;
    let records = on_two_threads(&projects, |project| look(project, tranship));
    let mut outcome = Outcome::default();
    let mut sums = [0; 3];
    let mut lines = String::new();
    for (project, looked) in projects.iter().zip(records) {
        let Some(Record { values, found }) = looked.with_context(|| project.id.clone())? else { continue };
        sums.iter_mut().zip(values).for_each(|(sum, more)| *sum += more);
        lines.extend(found.iter().map(|place| format!("{} {place}\n", project.id)));
        let first = found.first().cloned().unwrap_or_default();
        outcome.count(if found.is_empty() { Ok(()) } else { Err(format!("{}: {first}", project.id)) });
    }
    fs::write(context.log("secrets"), lines)?;
    let [long, repeated, short] = sums;
    outcome.notes.push(format!(
        "{long} values looked for in every file and line, {repeated} that stand elsewhere in their project too and {short} \
         short ones by their variable"
    ));
    if shared.is_none() {
        outcome.not_run.push(Skipped { live: false, ..Outcome::no_shared().not_run.remove(0) });
    }
    Ok(outcome.showing(12))
}

/// `None` for a project that is refused.
fn look(project: &Project, tranship: &Path) -> Result<Option<Record>> {
    let (folder, work) = project.copy()?;
    let out = folder.path().join("out");
    let call = |before: &[&str], after: &[&Path]| -> Result<Finished> {
        let mut program = Program::new(tranship).args(project.flags()).args(before).args(after);
        for (name, value) in &project.env {
            program = program.env(name, value);
        }
        Ok(program.dir(&work).only_own_env().run()?)
    };
    let config = call(&["config", "--format", "json"], &[])?;
    let Ok(config) = serde_json::from_str::<Value>(&config.text()) else { return Ok(None) };
    let converted = call(&["convert", "--out"], &[&out])?;
    if !matches!(converted.code(), Some(0 | 1)) {
        return Ok(None);
    }
    let mut leaves = Vec::new();
    walk(&config, "", &mut leaves);
    let (mut secret, mut open): (BTreeSet<String>, Vec<&str>) = (BTreeSet::new(), Vec::new());
    for (path, text) in &leaves {
        let found = credentials(path, text);
        if found.is_empty() { open.push(text) } else { secret.extend(found) }
    }
    for file in secret_files(&config) {
        secret.extend(fs::read_to_string(file).ok().map(|text| text.trim().to_owned()));
    }
    let others = other_files(&work, &config);
    let stands_elsewhere = |value: &String| {
        open.iter().any(|text| text.contains(value.as_str()))
            || leaves
                .iter()
                .any(|(path, text)| path.contains(value.as_str()) || text.matches(value.as_str()).count() > 1)
            || others.iter().any(|text| text.contains(value.as_str()))
    };
    let mut record = Record::default();
    let mut wanted = Vec::new();
    for value in secret {
        let kind = match value.len() >= LONG {
            true if stands_elsewhere(&value) => 1,
            true => 0,
            false => 2,
        };
        record.values[kind] += 1;
        if kind == 0 {
            wanted.push(value);
        }
    }
    let said = format!("{}\n{}", converted.text(), converted.talk());
    let mut texts = vec![("what was said".to_owned(), said)];
    files(&out, &out, &mut texts);
    for (name, text) in &texts {
        record.found.extend(
            wanted.iter().filter(|value| text.contains(value.as_str())).map(|value| format!("{name}: {value}")),
        );
        if is_yaml(name) && name.starts_with("manifests/") {
            for node in yaml::parse(FileId(0), text).value {
                plain_variables(&node, name, &mut record.found);
            }
        }
    }
    Ok(Some(record))
}

/// Every text with its path; keys of variables end the path.
fn walk(value: &Value, path: &str, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| walk(value, &format!("{path}/{key}"), out)),
        Value::Array(items) => items.iter().for_each(|value| walk(value, path, out)),
        Value::String(text) => out.push((path.to_owned(), text.clone())),
        other => out.push((path.to_owned(), other.to_string())),
    }
}

/// What is secret of a text: all of it by the name of its variable, or the password in an address.
fn credentials(path: &str, text: &str) -> Vec<String> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_variable = path.contains("/environment/") || path.contains("/args/");
    if is_variable && is_secret(name, text) {
        return vec![text.to_owned()];
    }
    if !path.starts_with("/services/") && !path.starts_with("/configs/") {
        return Vec::new();
    }
    passwords(text)
}

/// The passwords of `scheme://user:password@`.
fn passwords(text: &str) -> Vec<String> {
    let of = |rest: &str| {
        let (info, _) = rest.split(['/', ' ', '"', '\'']).next()?.rsplit_once('@')?;
        let (_, password) = info.split_once(':')?;
        (!password.is_empty() && !password.contains(['$', '{', '<', '*'])).then(|| password.to_owned())
    };
    text.split("://").skip(1).filter_map(of).collect()
}

/// Whether a variable's name says that its value is secret.
fn is_secret(name: &str, value: &str) -> bool {
    const PARTS: &[&str] = &[
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "SECRET_KEY",
        "API_KEY",
        "APIKEY",
        "ACCESS_KEY",
        "PRIVATE_KEY",
        "CLIENT_SECRET",
        "ENCRYPTION_KEY",
        "SIGNING_KEY",
    ];
    const ENDS: &[&str] = &["_TOKEN", "_SECRET", "_PASS", "_PWD", "_PAT"];
    const OTHERS: &[&str] = &[
        "FILE",
        "PATH",
        "DIR",
        "URL",
        "URI",
        "ENABLED",
        "EXPIRY",
        "TTL",
        "LENGTH",
        "NAME",
        "HEADER",
        "TYPE",
        "USER",
        "MINUTES",
        "HOURS",
        "DAYS",
        "SECONDS",
        "POLICY",
        "RESET",
        "VERSION",
        "ALGORITHM",
        "PREFIX",
        "AUTH",
        "AGE",
        "EXPIRES",
        "EXPIRATION",
        "REQUIRED",
        "LOGIN",
        "PROVIDER",
        "ISSUER",
        "ROTATION",
        "MODE",
        "BACKEND",
        "REALM",
    ];
    const OPEN: &[&str] =
        &["PUBLIC", "RANDOM", "ALLOW", "MAX", "MIN", "ENABLE", "DISABLE", "USE", "REQUIRE", "EMPTY", "SKIP"];
    let name = name.to_ascii_uppercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let last = words.clone().next_back().unwrap_or_default();
    let says = PARTS.iter().any(|part| name.contains(part)) || ENDS.iter().any(|end| name.ends_with(end));
    let switch = ["true", "false", "yes", "no", "on", "off", "none", "null", "default", "disabled", "enabled"];
    let written = !value.is_empty()
        && !switch.contains(&value.to_ascii_lowercase().as_str())
        && !value.starts_with("/run/secrets/")
        && !value.starts_with("file:");
    says && written && !OTHERS.contains(&last) && !words.any(|word| OPEN.contains(&word))
}

/// The files of top-level `secrets`.
fn secret_files(config: &Value) -> Vec<&str> {
    let all = config.get("secrets").and_then(Value::as_object).into_iter().flatten();
    all.filter_map(|(_, secret)| secret.get("file")?.as_str()).collect()
}

/// Whether a file is called as YAML is.
fn is_yaml(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == "yml" || end == "yaml")
}

/// Texts of the project that are neither Compose files nor environments nor secrets: what stands there is no secret of
/// the output's.
fn other_files(work: &Path, config: &Value) -> Vec<String> {
    let mut all = Vec::new();
    files(work, work, &mut all);
    let secret: Vec<&str> = secret_files(config);
    let other = |name: &str| {
        let file = name.rsplit('/').next().unwrap_or(name);
        let compose = file.contains("compose") && is_yaml(file);
        !compose && !file.contains(".env") && !file.ends_with("env") && !secret.iter().any(|path| path.ends_with(name))
    };
    all.into_iter().filter(|(name, _)| other(name)).map(|(_, text)| text).collect()
}

/// Every text file below a folder but those in `secrets/`, with its path.
fn files(root: &Path, folder: &Path, out: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            if folder != root || entry.file_name() != "secrets" {
                files(root, &path, out);
            }
        } else if let Ok(text) = fs::read_to_string(&path) {
            out.push((path.strip_prefix(root).unwrap_or(&path).display().to_string(), text));
        }
    }
}

/// Variables of containers whose names say that they are secret and whose values stand beside them.
fn plain_variables(node: &Node, file: &str, out: &mut Vec<String>) {
    if let Some(map) = node.as_map() {
        let text = |key: &str| node.get(key).and_then(Node::as_str);
        if let (Some(name), Some(value)) = (text("name"), text("value"))
            && is_secret(name, value)
        {
            out.push(format!("{file}: the variable {name} is plain"));
        }
        map.values().for_each(|node| plain_variables(node, file, out));
    }
    node.as_seq().into_iter().flatten().for_each(|node| plain_variables(node, file, out));
}

#[cfg(test)]
mod tests {
    use super::{credentials, is_secret};

    #[test]
    fn the_list_knows_names_and_addresses() {
        for (name, value, expect) in [
            ("POSTGRES_PASSWORD", "x", true),
            ("AWS_SECRET_ACCESS_KEY", "x", true),
            ("GITHUB_TOKEN", "x", true),
            ("POSTGRES_PASSWORD_FILE", "/x", false),
            ("ALLOW_EMPTY_PASSWORD", "1", false),
            ("DB_PASSWORD", "/run/secrets/x", false),
            ("HOME", "x", false),
        ] {
            assert_eq!(is_secret(name, value), expect, "{name}");
        }
        assert_eq!(credentials("/services/a/command", "redis://:pw@db redis://db"), ["pw"]);
        assert_eq!(credentials("/services/a/environment/X_TOKEN", "abc"), ["abc"]);
        assert!(credentials("/services/a/environment/X", "http://db/a@b").is_empty());
    }
}
