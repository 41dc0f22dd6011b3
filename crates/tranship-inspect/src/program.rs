//! The one way outside programs are run here: an argument list, text on the standard input, a time limit.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// What a program printed and how it ended.
pub struct Done {
    /// Whether it ended without a fault.
    pub success: bool,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

/// Runs a program to its end; the error says why it could not.
pub fn run(argv: &[&str], input: &str, limit: Duration) -> Result<Done, String> {
    let Some((program, arguments)) = argv.split_first() else { return Err("no program is named".to_owned()) };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|fault| match fault.kind() {
            std::io::ErrorKind::NotFound => format!("the program `{program}` is not installed"),
            _ => format!("the program `{program}` cannot be started: {fault}"),
        })?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read what it is told has closed the pipe; its output says the rest.
        drop(stdin.write_all(input.as_bytes()));
    }
    let (stdout, stderr) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let success = wait(&mut child, limit)
        .ok_or_else(|| format!("the program `{program}` did not answer within {} seconds", limit.as_secs()))?;
    let text = |thread: thread::JoinHandle<String>| thread.join().unwrap_or_default();
    Ok(Done { success, stdout: text(stdout), stderr: text(stderr) })
}

fn collect(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            drop(stream.read_to_end(&mut bytes));
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Whether it ended without a fault; `None` after it was ended because it took too long.
fn wait(child: &mut Child, limit: Duration) -> Option<bool> {
    let step = Duration::from_millis(5);
    let mut waited = Duration::ZERO;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.success()),
            Ok(None) if waited < limit => {
                thread::sleep(step);
                waited += step;
            }
            Ok(None) | Err(_) => {
                drop(child.kill());
                drop(child.wait());
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_told_and_heard() {
        let done = run(&["cat"], "hello", Duration::from_secs(10)).unwrap();
        assert!(done.success && done.stdout == "hello");
    }

    #[test]
    fn a_program_that_hangs_or_is_not_there_is_told() {
        assert!(run(&["sleep", "30"], "", Duration::from_millis(50)).err().unwrap().contains("did not answer"));
        assert!(run(&["no-such-program"], "", Duration::from_secs(1)).err().unwrap().contains("not installed"));
    }
}
