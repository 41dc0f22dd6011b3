//! A process of its own that ends what is left running when a task ends, be it by a signal that cannot be caught.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// Starts the leash and ties every program that the runner starts from now on to it.
pub fn tie() -> Result<()> {
    let own = std::env::current_exe().context("finding our own program")?;
    let mut child = Command::new(own)
        .arg("leash")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()
        .context("starting the leash")?;
    if let Some(pipe) = child.stdin.take() {
        tranship_testing::program::leash(pipe);
    }
    Ok(())
}

/// The leash itself: keeps the list of live process groups; when the pipe closes it ends those that are left.
pub fn hold() -> ExitCode {
    let mut live = BTreeSet::new();
    for word in std::io::stdin().lock().lines().map_while(Result::ok) {
        keep(&mut live, &word);
    }
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        live.retain(|group| killpg(Pid::from_raw(*group), signal).is_ok());
        if live.is_empty() {
            break;
        }
        thread::sleep(Duration::from_secs(2));
    }
    ExitCode::SUCCESS
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
