//! Asks the testbed's program.

use std::time::Duration;

use serde_json::{Value, json};
use tranship_testing::{Program, places};

use crate::cases::IgnoreCase;
use crate::compare::{Case, variables};

/// BuildKit's answers on Dockerfiles; `None` where the program is not built.
pub fn dockerfiles(cases: &[Case]) -> Option<Vec<Value>> {
    let list: Vec<Value> = cases
        .iter()
        .map(|case| json!({"Text": case.text, "Target": case.target, "Args": case.args, "Env": variables()}))
        .collect();
    ask(&json!({"Dockerfiles": list}), "dockerfiles")
}

/// BuildKit's answers on single texts.
pub fn words(texts: &[(String, char)]) -> Option<Vec<Value>> {
    let list: Vec<Value> = texts
        .iter()
        .map(|(text, escape)| json!({"Text": text, "Escape": escape.to_string(), "Env": variables()}))
        .collect();
    ask(&json!({"Words": list}), "words")
}

/// moby's answers on ignore files.
pub fn ignores(cases: &[IgnoreCase]) -> Option<Vec<Value>> {
    let list: Vec<Value> = cases.iter().map(|case| json!({"Text": case.text, "Paths": case.paths})).collect();
    ask(&json!({"Ignores": list}), "ignores")
}

fn ask(request: &Value, key: &str) -> Option<Vec<Value>> {
    let program = places::program("dockerfile-oracle")?;
    let done = Program::new(program).input(request.to_string()).limit(Duration::from_secs(300)).succeed().unwrap();
    let mut answer: Value = serde_json::from_slice(&done.stdout).unwrap();
    Some(answer[key].take().as_array().unwrap().clone())
}
