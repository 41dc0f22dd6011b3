//! A process of its own that ends what is left running when a task ends, be it by a signal that cannot be caught.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdin, Command, ExitCode, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// The list of live groups, in the folder of temporary files.
const GROUPS: &str = "groups";

/// Held open for as long as we live.
static PIPE: OnceLock<ChildStdin> = OnceLock::new();

/// Starts the leash and ties every program that the runner starts from now on to it.
pub fn tie() -> Result<()> {
    let own = std::env::current_exe().context("finding our own program")?;
    let scratch = std::env::temp_dir().join(format!("tranship-run-{}", std::process::id()));
    fs::create_dir(&scratch).with_context(|| format!("making {}", scratch.display()))?;
    fs::write(scratch.join(GROUPS), "").with_context(|| format!("writing in {}", scratch.display()))?;
    let mut child = Command::new(own)
        .arg("leash")
        .arg(&scratch)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()
        .context("starting the leash")?;
    if let Some(pipe) = child.stdin.take() {
        PIPE.get_or_init(|| pipe);
        tranship_testing::program::leash(scratch.join(GROUPS));
    }
    Ok(())
}

/// The leash itself: when the pipe closes it ends the process groups that are left, and deletes the folder of temporary
/// files that [`tie`] made.
pub fn hold(args: &[String]) -> Result<ExitCode> {
    let [scratch] = args else { bail!("usage: xtask leash FOLDER") };
    let list = Path::new(scratch).join(GROUPS);
    // The pipe carries nothing: its end is the message.
    drop(std::io::stdin().lock().read_to_end(&mut Vec::new()));
    let mut live = BTreeSet::new();
    for word in fs::read_to_string(&list).unwrap_or_default().lines() {
        keep(&mut live, word);
    }
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        live.retain(|group| killpg(Pid::from_raw(*group), signal).is_ok());
        if live.is_empty() {
            break;
        }
        thread::sleep(Duration::from_secs(2));
    }
    if list.is_file() {
        fs::remove_dir_all(scratch).with_context(|| format!("deleting {scratch}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn keep(live: &mut BTreeSet<i32>, word: &str) {
    if let Some(Ok(group)) = word.strip_prefix('+').map(str::parse) {
        live.insert(group);
    } else if let Some(Ok(group)) = word.strip_prefix('-').map(str::parse) {
        live.remove(&group);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::keep;

    #[test]
    fn groups_are_kept_until_they_end() {
        let mut live = BTreeSet::new();
        for word in ["+12", "+13", "nonsense", "-12", "-99"] {
            keep(&mut live, word);
        }
        assert_eq!(live, BTreeSet::from([13]));
    }
}
