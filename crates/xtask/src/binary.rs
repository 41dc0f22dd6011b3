//! The product as a program: built by Cargo, and where Cargo put it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use tranship_testing::{Program, places};

/// Longest time one call of Cargo may take on a slow machine that compiles everything.
const CARGO_LIMIT: Duration = Duration::from_secs(45 * 60);

/// Cargo, in the workspace, without colours: they would hide the lines we read.
pub fn cargo(args: &[&str]) -> Program {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    Program::new(cargo).args(args).dir(places::workspace()).env("CARGO_TERM_COLOR", "never").limit(CARGO_LIMIT)
}

/// Builds `tranship` with further arguments, such as `--release`.
pub fn build(further: &[&str]) -> Result<PathBuf> {
    let arguments = ["build", "--package", "tranship", "--message-format", "json"];
    let done = cargo(&arguments).args(further).succeed()?;
    let messages = done.text();
    let mut messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.find_map(|message| executable(&message)).context("cargo built no program called `tranship`")
}

fn executable(message: &Value) -> Option<PathBuf> {
    let path = message.get("executable")?.as_str()?;
    (message.pointer("/target/name")?.as_str()? == "tranship").then(|| PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::executable;
    use serde_json::json;

    #[test]
    fn the_program_is_found_among_cargos_messages() {
        let message = |name: &str, path: Option<&str>| json!({ "target": { "name": name }, "executable": path });
        assert_eq!(executable(&message("tranship", Some("a/b"))), Some("a/b".into()));
        assert_eq!(executable(&message("tranship", None)), None);
        assert_eq!(executable(&message("xtask", Some("a/b"))), None);
    }
}
