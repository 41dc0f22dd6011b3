//! A script of the testbed that runs for as long as we hold its standard input open.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::places;

/// `testbed/SCRIPT serve DIR`. It stops when this is dropped or when we end, however that happens.
#[derive(Debug)]
pub struct Served {
    child: Child,
    kubeconfig: PathBuf,
}

impl Served {
    /// Starts it and waits for the path of its kubeconfig. The script makes the folder and deletes it, also when we are killed;
    /// it takes none that is there already.
    pub fn start(script: &str, folder: &Path) -> Result<Self, String> {
        let mut child = Command::new(places::workspace().join("testbed").join(script))
            .args([OsStr::new("serve"), folder.as_os_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("testbed/{script}: {error}"))?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        if line.trim().is_empty() {
            drop(child.wait());
            return Err(format!("testbed/{script} said why on standard error"));
        }
        Ok(Self { child, kubeconfig: line.trim().into() })
    }

    /// The path of its kubeconfig.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It answers the closed pipe by stopping the servers and deleting their data.
        drop(self.child.wait());
    }
}
