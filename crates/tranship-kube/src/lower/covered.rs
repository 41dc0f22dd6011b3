//! Credentials in commands: their values stand in the service's Secret, and the words refer to them.
//!
//! The kubelet replaces `$(NAME)` in `command` and `args`, so that the process is started with the same words as ever. In
//! probes and hooks it replaces nothing: there a shell reads the variable, if the image has one. A variable of the service
//! that holds the same credential is used; otherwise there is one more, [`VARIABLE`].

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use tranship_model::credential::{self, Found};
use tranship_model::{EnvValue, Health, Hook, Origin, Service, Test};

use super::expansion::escape;

/// The name of a variable for a credential that no variable of the service holds; the second one ends in `_2`.
pub const VARIABLE: &str = "SECRET_IN_COMMAND";

/// Programs that come with images that have a shell.
const WITH_SHELL: &[&str] = &[
    "curl",
    "wget",
    "mysql",
    "mysqladmin",
    "mariadb",
    "mariadb-admin",
    "redis-cli",
    "valkey-cli",
    "keydb-cli",
    "psql",
    "pg_isready",
    "mongo",
    "mongosh",
    "rabbitmqctl",
    "rabbitmq-diagnostics",
    "cqlsh",
    "clickhouse",
    "clickhouse-client",
    "sqlcmd",
    "env",
    "timeout",
    "nc",
    "python",
    "python3",
    "node",
    "php",
    "ruby",
    "bash",
    "sh",
];

/// A variable that holds a credential of a command.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) because: String,
    /// Where the command is written.
    pub(crate) origin: Origin,
}

/// The credentials in the commands of one service, each with the variable that holds it.
#[derive(Debug, Default)]
pub(crate) struct Covered {
    names: BTreeMap<String, String>,
    taken: Vec<String>,
    /// Variables that the service does not have by itself.
    pub(crate) variables: Vec<Variable>,
    /// The image's own entrypoint, where the project names none: it tells what the command's words are for.
    program: Vec<String>,
    /// Whether a probe or hook holds one that no shell can be counted on to read.
    exposed: bool,
    /// Whether the image is known to have no shell, or to have one.
    shell: Option<bool>,
}

impl Covered {
    /// Looks for credentials in everything a service starts.
    pub(crate) fn of(service: &Service) -> Self {
        let facts = service.image_facts.as_deref();
        let program = facts.and_then(|facts| facts.entrypoint.as_ref()).map(|words| words.value.clone());
        let mut out = Self {
            program: program.unwrap_or_default(),
            shell: facts.and_then(|facts| facts.shell),
            ..Self::default()
        };
        let (entrypoint, command) = (&service.process.entrypoint, &service.process.command);
        let entry = entrypoint.as_ref().map(|words| words.value.as_slice()).unwrap_or_default();
        if let Some(entrypoint) = entrypoint {
            out.add_argv(service, &entrypoint.origin, &[], entry);
        }
        if let Some(command) = command {
            let before = out.before(entry);
            out.add_argv(service, &command.origin, &before, &command.value);
        }
        if let Health::Check(check) = &service.health
            && !service.workload.value.ends()
            && let Some(test) = &check.test
        {
            match &test.value {
                Test::Exec(words) => out.add_words(service, &test.origin, words),
                Test::Shell(line) => out.add_script(service, &test.origin, line),
            }
        }
        let hooks = &service.hooks;
        for hook in &hooks.pre_start {
            out.add_argv(service, &hook.origin, &[], &hook.command);
            out.add_variables(service, hook);
        }
        for hook in hooks.post_start.iter().chain(&hooks.pre_stop) {
            out.add_words(service, &hook.origin, &hook.command);
            out.add_variables(service, hook);
        }
        out
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// What stands before the words of a command: the entrypoint of the project, or the image's.
    fn before(&self, entrypoint: &[String]) -> Vec<String> {
        if entrypoint.is_empty() { self.program.clone() } else { entrypoint.to_vec() }
    }

    fn add_argv(&mut self, service: &Service, origin: &Origin, before: &[String], words: &[String]) {
        for (home, found) in after(before, words) {
            self.add(service, origin, words.get(home).map_or("", String::as_str), found);
        }
    }

    fn add_variables(&mut self, service: &Service, hook: &Hook) {
        for (name, value) in &hook.env {
            let Some(value) = value else { continue };
            if let Some(because) = credential::reason(name, value, None) {
                self.add(service, &hook.origin, value, Found { range: 0..value.len(), because });
            }
        }
    }

    fn add_words(&mut self, service: &Service, origin: &Origin, words: &[String]) {
        if let Some((line, _)) = script(words) {
            return self.add_script(service, origin, line);
        }
        if !after(&[], words).is_empty() && self.can_read(words) {
            self.add_argv(service, origin, &[], words);
        } else {
            self.exposed |= !after(&[], words).is_empty();
        }
    }

    fn add_script(&mut self, service: &Service, origin: &Origin, line: &str) {
        let found = credential::in_text(line);
        let simple = found.iter().all(|found| around(line, &found.range).is_some());
        if simple {
            for found in found {
                self.add(service, origin, line, found);
            }
        } else if let Some(first) = found.into_iter().next() {
            self.add(service, origin, line, Found { range: 0..line.len(), because: first.because });
        }
    }

    /// Gives a credential its variable.
    fn add(&mut self, service: &Service, origin: &Origin, text: &str, found: Found) {
        let Some(value) = text.get(found.range).filter(|value| !self.names.contains_key(*value)) else { return };
        if self.taken.is_empty() {
            self.taken = service.env.iter().map(|var| var.name.clone()).collect();
        }
        let own = service.env.iter().find(|var| match &var.value.value {
            EnvValue::Secret { value: known, because: _ } => known.expose() == value && is_plain_name(&var.name),
            EnvValue::Plain(_) | EnvValue::Elsewhere { .. } | EnvValue::Unset => false,
        });
        let free_name = || {
            let counted = (2..).map(|n| format!("{VARIABLE}_{n}"));
            let free = |name: &String| !self.taken.contains(name);
            let name = std::iter::once(VARIABLE.to_owned()).chain(counted).find(free).unwrap_or_default();
            self.taken.push(name.clone());
            let value = value.to_owned();
            self.variables.push(Variable { name: name.clone(), value, because: found.because, origin: origin.clone() });
            name
        };
        let name = own.map_or_else(free_name, |var| var.name.clone());
        self.names.insert(value.to_owned(), name);
    }

    /// The words of a command for the kubelet, and where they refer to a variable, why it holds a credential.
    pub(crate) fn command(&self, entrypoint: Option<&[String]>, words: &[String]) -> Vec<String> {
        if self.is_empty() {
            return words.iter().map(|word| escape(word)).collect();
        }
        self.argv(&self.before(entrypoint.unwrap_or_default()), words)
    }

    /// The words of an entrypoint for the kubelet.
    pub(crate) fn argv(&self, before: &[String], words: &[String]) -> Vec<String> {
        let mut out: Vec<String> = words.iter().map(|word| escape(word)).collect();
        if self.is_empty() {
            return out;
        }
        let mut by_word: BTreeMap<usize, Vec<Range<usize>>> = BTreeMap::new();
        for (home, found) in after(before, words) {
            by_word.entry(home).or_default().push(found.range);
        }
        for (home, ranges) in by_word {
            let (Some(word), Some(slot)) = (words.get(home), out.get_mut(home)) else { continue };
            *slot = self.put_in(word, &ranges, |text, name| match (name, text.ends_with('$')) {
                (Some(name), _) => format!("$({name})"),
                // A `$` before the reference would take its own `$` away.
                (None, true) => escape(text) + "$",
                (None, false) => escape(text),
            });
        }
        out
    }

    /// The words of a probe or hook that the kubelet runs as they are; `None` where they hold no credential, an error
    /// where they hold one and no shell can be counted on to read it.
    pub(crate) fn run(&self, words: &[String]) -> Option<Result<Vec<String>, ()>> {
        if self.is_empty() && !self.exposed {
            return None;
        }
        if let Some((line, at)) = script(words) {
            let covered = self.script(line)?;
            let mut out = words.to_vec();
            if let Some(slot) = out.get_mut(at) {
                *slot = covered;
            }
            return Some(Ok(out));
        }
        if after(&[], words).is_empty() {
            return None;
        }
        if !self.can_read(words) {
            return Some(Err(()));
        }
        Some(Ok(vec!["/bin/sh".to_owned(), "-c".to_owned(), format!("exec {}", self.line(words))]))
    }

    /// Whether a shell can be counted on beside a program.
    pub(crate) fn can_read(&self, words: &[String]) -> bool {
        let program = words.first().map_or("", |word| word.rsplit('/').next().unwrap_or_default());
        self.shell.unwrap_or_else(|| {
            WITH_SHELL.contains(&program) || Path::new(program).extension().is_some_and(|end| end == "sh")
        })
    }

    /// A line of shell that reads its credentials from variables; `None` where it holds none.
    pub(crate) fn script(&self, line: &str) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        if let Some(name) = self.names.get(line) {
            return Some(format!("eval \"${{{name}}}\""));
        }
        let ranges: Vec<Range<usize>> = credential::in_text(line).into_iter().map(|found| found.range).collect();
        if ranges.is_empty() {
            return None;
        }
        let mut starts = ranges.iter().map(|range| range.start);
        Some(self.put_in(line, &ranges, |text, name| match name {
            Some(name) => match starts.next().and_then(|at| quote_at(line, at)) {
                Some('\'') => format!("'\"${{{name}}}\"'"),
                Some(_) => format!("${{{name}}}"),
                None => format!("\"${{{name}}}\""),
            },
            None => text.to_owned(),
        }))
    }

    /// Words as a line of shell, credentials read from their variables.
    pub(crate) fn line(&self, words: &[String]) -> String {
        let found = after(&[], words);
        let word = |(at, word): (usize, &String)| {
            let ranges: Vec<Range<usize>> =
                found.iter().filter(|(home, _)| *home == at).map(|(_, found)| found.range.clone()).collect();
            self.put_in(word, &ranges, |text, name| match name {
                Some(name) => format!("\"${{{name}}}\""),
                None if text.is_empty() && !word.is_empty() => String::new(),
                None => quote(text),
            })
        };
        words.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
    }

    /// The variable of a credential.
    pub(crate) fn variable(&self, value: &str) -> Option<&str> {
        self.names.get(value).map(String::as_str)
    }

    /// A text with its credentials replaced by what `write` makes of their variables, and the rest by what it makes of it.
    fn put_in(
        &self,
        text: &str,
        ranges: &[Range<usize>],
        mut write: impl FnMut(&str, Option<&str>) -> String,
    ) -> String {
        if ranges.is_empty() {
            return write(text, None);
        }
        let (mut out, mut at) = (String::new(), 0);
        for range in ranges {
            let Some(name) = text.get(range.clone()).and_then(|value| self.variable(value)) else { continue };
            out.push_str(&write(text.get(at..range.start).unwrap_or_default(), None));
            out.push_str(&write("", Some(name)));
            at = range.end;
        }
        let rest = text.get(at..).unwrap_or_default();
        if !rest.is_empty() {
            out.push_str(&write(rest, None));
        }
        out
    }
}

/// Credentials among words that stand behind others.
fn after(before: &[String], words: &[String]) -> Vec<(usize, Found)> {
    let all: Vec<&str> = before.iter().chain(words).map(String::as_str).collect();
    let found = credential::in_words(&all).into_iter();
    found.filter_map(|(home, found)| Some((home.checked_sub(before.len())?, found))).collect()
}

/// The line of a shell that is called with one, and which word it is.
fn script(words: &[String]) -> Option<(&str, usize)> {
    let [program, flag, line, ..] = words else { return None };
    let shell = program.rsplit('/').next().unwrap_or_default();
    let is_shell =
        matches!(shell, "sh" | "bash" | "ash" | "dash" | "zsh") && matches!(flag.as_str(), "-c" | "-ec" | "-lc");
    is_shell.then_some((line, 2))
}

/// Whether a range of a script can be replaced by a variable where it stands, so that the same text comes of it.
fn around(script: &str, range: &Range<usize>) -> Option<()> {
    let head = script.get(..range.start)?;
    let value = script.get(range.clone())?;
    if head.contains("<<") || head.contains('`') || head.contains("$(") || head.contains('\\') || head.contains('#') {
        return None;
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.,:/@%+=^".contains(c);
    let fits = match quote_at(script, range.start) {
        Some('\'') => !value.contains('\''),
        Some(_) => !value.contains(['"', '$', '`', '\\', '!']),
        None => value.chars().all(plain),
    };
    fits.then_some(())
}

/// The quote that a place of a script stands in.
fn quote_at(script: &str, at: usize) -> Option<char> {
    let mut open = None;
    for c in script.get(..at).unwrap_or_default().chars() {
        match open {
            Some(quote) if quote == c => open = None,
            None if matches!(c, '"' | '\'') => open = Some(c),
            _ => {}
        }
    }
    open
}

/// Whether a shell and the kubelet take a name as one of a variable.
fn is_plain_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A word that the shell reads back as it is.
pub(crate) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
