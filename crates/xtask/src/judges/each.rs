//! How each judge is asked and its answer read.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tranship_testing::{Finished, Program};

use super::tools::{KUBERNETES, Tools};

/// One judge.
pub struct Judge {
    /// Its name.
    pub name: &'static str,
    /// What it finds in the files of one application.
    pub run: fn(&Tools, &[PathBuf]) -> Result<Vec<Finding>>,
}

/// Something a judge does not like.
#[derive(Debug)]
pub struct Finding {
    /// The judge's own name for it.
    pub id: String,
    /// What it is about.
    pub object: String,
}

/// All judges.
pub const JUDGES: [Judge; 4] = [
    Judge { name: "kube-score", run: kube_score },
    Judge { name: "checkov", run: checkov },
    Judge { name: "kubeconform", run: kubeconform },
    Judge { name: "kubernetes-validate", run: kubernetes_validate },
];

fn ask(program: PathBuf, args: &[&str], files: &[PathBuf]) -> Result<Finished> {
    Ok(Program::new(program).args(args).args(files).limit(Duration::from_secs(300)).run()?)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// Critical findings and warnings.
fn kube_score(tools: &Tools, files: &[PathBuf]) -> Result<Vec<Finding>> {
    let version = KUBERNETES.rsplit_once('.').map_or(KUBERNETES, |(minor, _)| minor);
    let version = format!("v{version}");
    let args = ["score", "-o", "json", "--kubernetes-version", &version];
    let done = ask(tools.go.join("kube-score"), &args, files)?;
    let objects: Vec<Value> = serde_json::from_slice(&done.stdout).with_context(|| done.last_words())?;
    let mut out = Vec::new();
    for object in &objects {
        for check in list(object, "checks") {
            let skipped = check.get("skipped").and_then(Value::as_bool) == Some(true);
            let grade = check.get("grade").and_then(Value::as_u64);
            if !skipped && matches!(grade, Some(1 | 5)) {
                let id = check.pointer("/check/id").and_then(Value::as_str).unwrap_or_default().to_owned();
                out.push(Finding { id, object: text(object, "object_name").to_owned() });
            }
        }
    }
    Ok(out)
}

/// Failed checks.
fn checkov(tools: &Tools, files: &[PathBuf]) -> Result<Vec<Finding>> {
    let args = ["--framework", "kubernetes", "-o", "json", "--compact", "--quiet", "--skip-download"];
    let program = Program::new(tools.python.join("checkov")).args(args).limit(Duration::from_secs(600));
    let program = files.iter().fold(program, |program, file| program.arg("-f").arg(file));
    let done = program.run()?;
    let answer: Value = serde_json::from_slice(&done.stdout).with_context(|| done.last_words())?;
    let all = if answer.is_array() { answer } else { Value::Array(vec![answer]) };
    let mut out = Vec::new();
    for part in all.as_array().into_iter().flatten() {
        for check in part.pointer("/results/failed_checks").and_then(Value::as_array).into_iter().flatten() {
            out.push(Finding { id: text(check, "check_id").to_owned(), object: text(check, "resource").to_owned() });
        }
    }
    Ok(out)
}

/// Objects that break a schema or have none.
fn kubeconform(tools: &Tools, files: &[PathBuf]) -> Result<Vec<Finding>> {
    let schemas = format!(
        "{}/{{{{ .NormalizedKubernetesVersion }}}}-local{{{{ .StrictSuffix }}}}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json",
        tools.schemas.display()
    );
    let args = ["-strict", "-output", "json", "-kubernetes-version", KUBERNETES, "-schema-location", &schemas];
    let done = ask(tools.go.join("kubeconform"), &args, files)?;
    let answer: Value = serde_json::from_slice(&done.stdout).with_context(|| done.last_words())?;
    let bad = list(&answer, "resources").filter(|one| matches!(text(one, "status"), "statusInvalid" | "statusError"));
    let finding = |one: &Value| Finding {
        id: text(one, "kind").to_owned(),
        object: format!("{} {}", text(one, "name"), text(one, "msg")),
    };
    Ok(bad.map(finding).collect())
}

/// Objects that break a schema; a kind it does not know is a warning of its own.
fn kubernetes_validate(tools: &Tools, files: &[PathBuf]) -> Result<Vec<Finding>> {
    let done = ask(tools.python.join("kubernetes-validate"), &["--strict", "-k", KUBERNETES, "--quiet"], files)?;
    let talk = format!("{}\n{}", done.text(), done.talk());
    let bad = talk.lines().filter(|line| line.starts_with("ERROR") || line.starts_with("WARN"));
    Ok(bad.map(|line| Finding { id: "schema".to_owned(), object: line.to_owned() }).collect())
}
