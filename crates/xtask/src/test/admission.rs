//! Whether a real API server admits the pods of projects at the level that the report says they meet.
//!
//! Each pod template is submitted as a bare Pod, by server-side dry run, to a namespace that enforces `restricted`. It
//! has to be admitted where the report finds nothing, and refused for every control that the report names otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};
use tranship_testing::{ApiServer, Program};

use super::differential::project::Project;

/// The namespace pods are submitted to.
const NAMESPACE: &str = "tranship-restricted";

/// What the pods of projects came to.
#[derive(Default)]
pub struct Admissions {
    /// Pods by the level they meet.
    pub levels: BTreeMap<String, usize>,
    /// Why pods are not admitted at `restricted`, and how many.
    pub reasons: BTreeMap<String, usize>,
    /// Where the report and the server disagree.
    pub wrong: Vec<String>,
    /// Projects looked at.
    pub projects: usize,
}

impl Admissions {
    /// The sum, and the exception list with its reasons.
    pub fn told(&self) -> String {
        let of = |level: &str| self.levels.get(level).copied().unwrap_or(0);
        let (restricted, baseline, privileged) = (of("restricted"), of("baseline"), of("privileged"));
        let mut rows: Vec<(&String, &usize)> = self.reasons.iter().collect();
        rows.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), *reason));
        let rows: Vec<String> = rows.into_iter().map(|(reason, count)| format!("{count:>6} {reason}")).collect();
        format!(
            "Pod Security of {} projects: {} pods, {restricted} restricted, {baseline} baseline, {privileged} privileged; exception list: {} pods, for these reasons:\n{}",
            self.projects,
            restricted + baseline + privileged,
            baseline + privileged,
            rows.join("\n")
        )
    }
}

/// Submits the pods of every project that is accepted.
pub fn admit(projects: &[Project], tranship: &Path, server: &ApiServer) -> Result<Admissions> {
    let labels = json!({
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/enforce-version": "v1.36",
    });
    let namespace = json!({
        "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE, "labels": labels },
    });
    server.kubectl().args(["apply", "-f", "-"]).input(namespace.to_string()).succeed()?;
    let mut out = Admissions::default();
    for project in projects {
        one(project, tranship, server, &mut out).with_context(|| project.id.clone())?;
    }
    Ok(out)
}

fn one(project: &Project, tranship: &Path, server: &ApiServer, out: &mut Admissions) -> Result<()> {
    let (folder, work) = project.copy()?;
    let written = folder.path().join("out");
    let mut program = Program::new(tranship).args(project.flags()).args(["convert", "--format", "json", "--out"]);
    for (name, value) in &project.env {
        program = program.env(name, value);
    }
    let done = program.arg(&written).dir(&work).only_own_env().run()?;
    if !matches!(done.code(), Some(0 | 1)) {
        return Ok(());
    }
    let report: Value = serde_json::from_str(&done.text()).context("reading the report")?;
    let rows = report["pod_security"]["pods"].as_array().cloned().unwrap_or_default();
    out.projects += 1;
    let read = server.kubectl().args(["create", "--dry-run=client", "-o", "json", "-R", "-f"]);
    let read = read.arg(written.join("manifests")).run()?;
    let pods = pods(&read.text());
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": pods.values().collect::<Vec<_>>() });
    let asked = server.kubectl().args(["create", "--dry-run=server", "-f", "-"]).input(list.to_string()).run()?;
    let (taken, told) = (asked.text(), asked.talk());
    for row in &rows {
        let object = row["object"].as_str().unwrap_or_default();
        let id = format!("{}: {object}", project.id);
        *out.levels.entry(row["level"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        let Some(name) = pods.get(object).and_then(|pod| pod["metadata"]["name"].as_str()) else {
            out.wrong.push(format!("{id}: its pod is not among the objects that kubectl reads"));
            continue;
        };
        let violations = row["violations"].as_array().cloned().unwrap_or_default();
        let controls: BTreeSet<&str> = violations.iter().filter_map(|v| v["control"].as_str()).collect();
        let admitted = taken.lines().any(|line| line.starts_with(&format!("pod/{name} ")));
        let refusal = told.lines().find(|line| line.contains(&format!("pods \"{name}\" is forbidden: violates")));
        match refusal {
            None if admitted && controls.is_empty() => {}
            None if admitted => out.wrong.push(format!("{id}: admitted, although the report names {controls:?}")),
            None => {
                let own = told.lines().find(|line| line.contains(&format!("\"{name}\"")));
                out.wrong.push(format!("{id}: neither admitted nor refused by Pod Security: {}", own.unwrap_or("?")));
            }
            Some(line) => {
                let missed: Vec<&&str> =
                    controls.iter().filter(|control| !line.contains(at_restricted(control))).collect();
                if controls.is_empty() || !missed.is_empty() {
                    out.wrong.push(format!("{id}: the report names {controls:?}, the server says: {line}"));
                }
                *out.reasons.entry(reason(&violations)).or_default() += 1;
            }
        }
    }
    Ok(())
}

/// The control that speaks for one of the baseline where `restricted` is enforced.
fn at_restricted(control: &str) -> &str {
    match control {
        "hostPath volumes" => "restricted volume types",
        "non-default capabilities" => "unrestricted capabilities",
        other => other,
    }
}

/// The reason a pod is on the exception list: what a pass says of it, else what is wrong.
fn reason(violations: &[Value]) -> String {
    let told = violations.iter().find_map(|violation| violation["because"].as_str());
    let wrong = violations.iter().filter(|violation| violation["level"] == "baseline");
    let wrong = wrong.chain(violations).find_map(|violation| violation["what"].as_str());
    let text = told.or(wrong).unwrap_or("no reason is given");
    let parts: Vec<&str> = text.split('`').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "…" }).collect();
    parts.concat()
}

/// The pods of objects, as bare Pods by their object's label.
fn pods(text: &str) -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    let documents = serde_json::Deserializer::from_str(text).into_iter::<Value>().filter_map(Result::ok);
    let objects = documents.flat_map(|document| match document["items"].as_array() {
        Some(items) => items.clone(),
        None => vec![document],
    });
    for object in objects {
        let kind = object["kind"].as_str().unwrap_or_default();
        let template = match kind {
            "CronJob" => &object["spec"]["jobTemplate"]["spec"]["template"],
            "Deployment" | "StatefulSet" | "DaemonSet" | "Job" => &object["spec"]["template"],
            _ => continue,
        };
        let label = format!("{kind}/{}", object["metadata"]["name"].as_str().unwrap_or_default());
        let name = format!("p{}", out.len());
        out.insert(label, pod(&name, template, &object["spec"]["volumeClaimTemplates"]));
    }
    out
}

/// A bare Pod. What would have to exist beside it is left out, since nothing of it counts for its level.
fn pod(name: &str, template: &Value, claims: &Value) -> Value {
    let mut spec = template["spec"].as_object().cloned().unwrap_or_default();
    for field in ["serviceAccount", "priorityClassName", "runtimeClassName"] {
        spec.remove(field);
    }
    // A token of an account is asked for in the name of one.
    spec.insert("serviceAccountName".to_owned(), "default".into());
    let claimed = claims.as_array().into_iter().flatten().filter_map(|claim| claim["metadata"]["name"].as_str());
    let claimed = claimed.map(|claim| json!({ "name": claim, "persistentVolumeClaim": { "claimName": claim } }));
    let mut volumes = spec.get("volumes").and_then(Value::as_array).cloned().unwrap_or_default();
    volumes.extend(claimed);
    spec.insert("volumes".to_owned(), volumes.into());
    let mut metadata = Map::new();
    for key in ["labels", "annotations"] {
        metadata.insert(key.to_owned(), template["metadata"][key].clone());
    }
    metadata.insert("name".to_owned(), name.into());
    metadata.insert("namespace".to_owned(), NAMESPACE.into());
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec })
}
