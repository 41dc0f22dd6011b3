//! The judges themselves: built from their Go modules or installed from PyPI, once.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use tranship_testing::{Program, places};

/// Where the programs are.
pub struct Tools {
    /// The programs built from Go modules.
    pub go: PathBuf,
    /// The programs of the Python packages.
    pub python: PathBuf,
    /// The schemas kubeconform judges by, as it can read them without a network.
    pub schemas: PathBuf,
}

/// The version of Kubernetes that objects are judged against.
pub const KUBERNETES: &str = "1.36.0";

impl Tools {
    /// Builds and installs what is not there yet.
    pub fn ready() -> Result<Self> {
        let go = places::testbed_bin();
        let build = places::workspace().join("testbed/build");
        let limit = Duration::from_secs(30 * 60);
        Program::new(build).arg("judges").limit(limit).succeed().context("building the judges from their modules")?;
        let home = go.parent().unwrap_or(&go).join("judges");
        let python = home.join("bin");
        if !python.join("checkov").is_file() || !python.join("kubernetes-validate").is_file() {
            let Some(system) = places::program("python3") else { bail!("there is no python3 to install judges with") };
            Program::new(system).args(["-m", "venv"]).arg(&home).limit(limit).succeed()?;
            let versions = versions()?;
            let wanted = [("checkov", "checkov"), ("kubernetes-validate", "kubernetes_validate")];
            let packages = wanted.map(|(package, key)| format!("{package}=={}", version(&versions, key)));
            Program::new(python.join("pip")).args(["install", "--quiet"]).args(packages).limit(limit).succeed()?;
        }
        let schemas = home.join("schemas");
        rewritten(&home, &schemas)?;
        Ok(Self { go, python, schemas })
    }
}

fn versions() -> Result<String> {
    let path = places::workspace().join("testbed/versions");
    fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
}

fn version<'a>(versions: &'a str, key: &str) -> &'a str {
    let line = versions.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    line.and_then(|rest| rest.split_whitespace().next()).unwrap_or_default()
}

/// Schemas of one version without addresses: with them kubeconform waits for the network and finds none.
fn rewritten(home: &Path, out: &Path) -> Result<()> {
    let name = format!("v{KUBERNETES}-local-strict");
    let to = out.join(&name);
    if to.is_dir() {
        return Ok(());
    }
    let libraries = home.join("lib");
    let python = fs::read_dir(&libraries)?.flatten().map(|entry| entry.path());
    let packages = python.map(|path| path.join("site-packages/kubernetes_validate/kubernetes-json-schema").join(&name));
    let Some(from) = packages.into_iter().find(|path| path.is_dir()) else {
        bail!("kubernetes-validate brings no schemas for {KUBERNETES}");
    };
    let half = out.join(format!("{name}.half"));
    fs::create_dir_all(&half)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let mut schema: Value = serde_json::from_slice(&fs::read(&path)?)?;
        plain(&mut schema);
        fs::write(half.join(path.file_name().unwrap_or_default()), serde_json::to_vec(&schema)?)?;
    }
    fs::rename(half, to)?;
    Ok(())
}

fn plain(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.retain(|key, value| !(matches!(key.as_str(), "$schema" | "$id") && value.is_string()));
            map.values_mut().for_each(plain);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        Value::String(text) => {
            if let Some(rest) = text.strip_prefix("/api/").filter(|rest| rest.starts_with("_definitions.json")) {
                *text = rest.to_owned();
            }
        }
        _ => {}
    }
}
