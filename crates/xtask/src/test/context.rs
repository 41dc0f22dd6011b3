//! What the stages share: where things are, the built binary, the API server, the logs.

use std::cell::OnceCell;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use tranship_testing::{ApiServer, Finished, places};

/// Shared by all stages of a run.
pub struct Context {
    /// The root of the workspace.
    pub root: PathBuf,
    /// The shared material, where it lies beside the clone.
    pub shared: Option<PathBuf>,
    /// Whether this is a CI machine, which has Rust, Go and root: there a live test that does not run has failed.
    pub ci: bool,
    logs: PathBuf,
    binary: OnceCell<Result<PathBuf, String>>,
    server: OnceCell<Result<ApiServer, String>>,
}

impl Context {
    /// Finds the places and empties the logs of the last run.
    pub fn new() -> Result<Self> {
        let root = places::workspace();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |named| root.join(named));
        let logs = target.join("test-logs");
        if logs.is_dir() {
            fs::remove_dir_all(&logs).with_context(|| format!("emptying {}", logs.display()))?;
        }
        fs::create_dir_all(&logs).with_context(|| format!("making {}", logs.display()))?;
        Ok(Self {
            shared: places::shared(),
            ci: env::var("CI").is_ok_and(|value| value == "true" || value == "1"),
            root,
            logs,
            binary: OnceCell::new(),
            server: OnceCell::new(),
        })
    }

    /// The log of a stage.
    pub fn log(&self, stage: &str) -> PathBuf {
        self.logs.join(format!("{stage}.log"))
    }

    /// Keeps all that a program said in the stage's log.
    pub fn keep(&self, stage: &str, done: &Finished) -> Result<()> {
        let path = self.log(stage);
        let before = fs::read(&path).unwrap_or_default();
        fs::write(&path, [before.as_slice(), &done.stdout, &done.stderr].concat())
            .with_context(|| format!("writing {}", path.display()))
    }

    /// A path as a person in the workspace would write it.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// The product, built the way the tests build it. An unoptimised build is fast enough for every stage here, and an
    /// optimised one would cost more than it saves.
    pub fn tranship(&self) -> Result<&Path> {
        let built = self.binary.get_or_init(|| crate::binary::build(&[]).map_err(|error| format!("{error:#}")));
        built.as_deref().map_err(|error| anyhow!("{error}"))
    }

    /// The API server of this run, started when first asked for. The error says in one line why there is none.
    pub fn server(&self) -> Result<&ApiServer, String> {
        self.server.get_or_init(ApiServer::start).as_ref().map_err(Clone::clone)
    }
}
