//! The one way outside programs are run: an argument list, a time limit, output captured and quoted when it goes wrong.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// Names the list of live process groups, for us and for everything we start that uses this runner as well.
pub const LEASH: &str = "TRANSHIP_LEASH";

static LIST: OnceLock<PathBuf> = OnceLock::new();

/// From now on each process group that a [`Program`] starts, here or in what it starts, is noted in the file (`+ID`), and
/// so is its end (`-ID`): whoever holds the leash can then end what is left. The folder of the file takes everyone's
/// temporary files, so that they can go with it. Only the first call counts.
pub fn leash(list: PathBuf) {
    LIST.get_or_init(|| list);
}

/// Where temporary files belong: the folder that goes with the leash, or the system's.
pub fn scratch() -> PathBuf {
    list().and_then(|list| list.parent().map(Path::to_path_buf)).unwrap_or_else(std::env::temp_dir)
}

fn list() -> Option<PathBuf> {
    LIST.get().cloned().or_else(|| std::env::var_os(LEASH).map(PathBuf::from))
}

pub(crate) fn announce(sign: char, group: u32) {
    if let Some(list) = list() {
        let file = OpenOptions::new().append(true).create(true).open(list);
        // A list that cannot be written can only mean that the leash is gone; the work itself goes on.
        drop(file.and_then(|mut file| file.write_all(format!("{sign}{group}\n").as_bytes())));
    }
}

/// A program to run, built up by argument.
#[derive(Clone, Debug)]
pub struct Program {
    argv: Vec<OsString>,
    dir: Option<PathBuf>,
    env: Vec<(OsString, OsString)>,
    only_env: bool,
    input: Vec<u8>,
    limit: Duration,
}

impl Program {
    /// A program by name or path, with two minutes to end.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            argv: vec![program.as_ref().to_owned()],
            dir: None,
            env: Vec::new(),
            only_env: false,
            input: Vec::new(),
            limit: Duration::from_secs(120),
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.argv.push(argument.as_ref().to_owned());
        self
    }

    /// Adds several arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.argv.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// The directory to start in.
    #[must_use]
    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.dir = Some(dir.as_ref().to_path_buf());
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Passes nothing of our own environment but `PATH` and `HOME`.
    #[must_use]
    pub fn only_own_env(mut self) -> Self {
        self.only_env = true;
        self
    }

    /// What the program reads on its standard input; nothing by default.
    #[must_use]
    pub fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// How long the program may take before it is killed.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it to its end. An exit status other than 0 is no error here; see [`Finished::success`].
    pub fn run(&self) -> Result<Finished, Trouble> {
        let started = Instant::now();
        let mut child = self.command().spawn().map_err(|error| Trouble(format!("{self}: {error}")))?;
        announce('+', child.id());
        let stdout = collect(child.stdout.take());
        let stderr = collect(child.stderr.take());
        let stdin = feed(child.stdin.take(), self.input.clone());
        let status = wait(&mut child, self.limit);
        announce('-', child.id());
        let [stdout, stderr] = [stdout, stderr].map(|reader| reader.join().unwrap_or_default());
        drop(stdin.join());
        let finished =
            Finished { argv: self.to_string(), status: status.ok(), stdout, stderr, took: started.elapsed() };
        match finished.status {
            Some(_) => Ok(finished),
            None => Err(Trouble(format!("{self}: killed after {} s\n{}", self.limit.as_secs(), finished.last_words()))),
        }
    }

    /// Runs it and takes an exit status other than 0 as an error that quotes the output.
    pub fn succeed(&self) -> Result<Finished, Trouble> {
        self.run()?.success()
    }

    fn command(&self) -> Command {
        let (program, arguments) =
            self.argv.split_first().map_or((OsStr::new(""), &[][..]), |(p, a)| (p.as_os_str(), a));
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if self.only_env {
            command.env_clear();
            command.envs(["PATH", "HOME"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        if let Some(list) = list() {
            command.env("TMPDIR", list.parent().unwrap_or(Path::new("/tmp"))).env(LEASH, list);
        }
        command.process_group(0);
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        command
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, argument) in self.argv.iter().enumerate() {
            let gap = if number == 0 { "" } else { " " };
            write!(f, "{gap}{}", argument.to_string_lossy())?;
        }
        Ok(())
    }
}

/// A program that ended by itself.
#[derive(Clone, Debug)]
pub struct Finished {
    argv: String,
    status: Option<ExitStatus>,
    /// What it wrote to its standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to its standard error.
    pub stderr: Vec<u8>,
    /// How long it took, from the start to its end.
    pub took: Duration,
}

impl Finished {
    /// The exit status; `None` when a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    /// The standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// The standard error as text.
    pub fn talk(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Itself when the exit status is 0, or an error that quotes the output.
    pub fn success(self) -> Result<Self, Trouble> {
        if self.code() == Some(0) {
            return Ok(self);
        }
        let how = self.code().map_or("ended by a signal".to_owned(), |code| format!("exit status {code}"));
        Err(Trouble(format!("{}: {how}\n{}", self.argv, self.last_words())))
    }

    /// The last forty lines of both streams, standard error last.
    pub fn last_words(&self) -> String {
        let both = format!("{}{}", self.text(), self.talk());
        let lines: Vec<&str> = both.lines().collect();
        let from = lines.len().saturating_sub(40);
        let last = lines.get(from..).unwrap_or_default().join("\n    ");
        format!("    {last}\n")
    }
}

/// A program that could not be started, took too long, or failed where it must not; its output is quoted.
#[derive(Clone, Debug)]
pub struct Trouble(String);

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.trim_end())
    }
}

impl std::error::Error for Trouble {}

fn collect(stream: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // A broken pipe ends the output; what came before it is what there is.
            drop(stream.read_to_end(&mut bytes));
        }
        bytes
    })
}

fn feed(stream: Option<ChildStdin>, input: Vec<u8>) -> JoinHandle<()> {
    thread::spawn(move || {
        if let Some(mut stream) = stream {
            // A program may end without reading its input.
            drop(stream.write_all(&input));
        }
    })
}

/// Waits for the end, or kills at the limit and returns an error.
fn wait(child: &mut Child, limit: Duration) -> Result<ExitStatus, ()> {
    let deadline = Instant::now() + limit;
    let mut nap = Duration::from_micros(200);
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Ok(status);
        }
        if Instant::now() >= deadline {
            let id = Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX));
            // It may have ended in this moment; then there is nothing to kill.
            let _ended = killpg(id, Signal::SIGKILL);
            drop(child.wait());
            return Err(());
        }
        thread::sleep(nap);
        nap = (nap * 2).min(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Program;

    #[test]
    fn output_and_input_are_passed_whole() {
        let long = "line\n".repeat(50_000);
        let done = Program::new("cat").input(long.clone()).succeed().unwrap();
        assert_eq!(done.text(), long);
    }

    #[test]
    fn a_failure_names_the_command_its_status_and_its_last_words() {
        let error = Program::new("sh").args(["-c", "echo why >&2; exit 7"]).succeed().unwrap_err().to_string();
        assert_eq!(error, "sh -c echo why >&2; exit 7: exit status 7\n    why");
    }

    #[test]
    fn a_program_that_hangs_is_killed_with_what_it_started() {
        let started = Instant::now();
        let error = Program::new("sh").args(["-c", "sleep 30 & sleep 30"]).limit(Duration::from_millis(100)).run();
        assert!(error.unwrap_err().to_string().contains("killed after"));
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error_with_its_name() {
        let error = Program::new("no-such-program-here").run().unwrap_err().to_string();
        assert!(error.starts_with("no-such-program-here: "), "{error}");
    }

    #[test]
    fn the_environment_can_be_its_own() {
        let done = Program::new("env").only_own_env().env("ONE", "1").succeed().unwrap();
        let names: Vec<String> = done.text().lines().filter_map(|l| Some(l.split_once('=')?.0.to_owned())).collect();
        assert!(names.contains(&"ONE".to_owned()) && !names.contains(&"CARGO_MANIFEST_DIR".to_owned()), "{names:?}");
    }
}
