//! What a container of the image would run, as far as its Dockerfile says so.

use std::collections::BTreeMap;

use tranship_source::Spanned;

use crate::dockerfile::Dockerfile;
use crate::instruction::{Argv, Instruction, Kind, value};

/// Facts of an image. What is `None` or empty is the base image's own; `base` says which that is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageFacts {
    /// The image the last stage comes from in the end; `None` for `scratch`.
    pub base: Option<Spanned<String>>,
    /// Who it runs as, as written: `user[:group]`.
    pub user: Option<Spanned<String>>,
    /// The directory it starts in, absolute.
    pub workdir: Option<Spanned<String>>,
    /// The entrypoint as argv; shell form is wrapped in the shell.
    pub entrypoint: Option<Spanned<Vec<String>>>,
    /// The command as argv; shell form is wrapped in the shell. `Some` and empty where the entrypoint cleared it.
    pub cmd: Option<Spanned<Vec<String>>>,
    /// Variables in the order they were first set.
    pub env: Vec<(String, Spanned<String>)>,
    /// Ports with their protocol.
    pub ports: Vec<Spanned<(u16, String)>>,
    /// Paths declared as volumes.
    pub volumes: Vec<Spanned<String>>,
    /// Labels in the order they were first set.
    pub labels: Vec<(String, Spanned<String>)>,
    /// The signal that ends it.
    pub stop_signal: Option<Spanned<String>>,
    /// Its health check; `Some(None)` switches off the base image's.
    pub healthcheck: Option<Spanned<Option<Healthcheck>>>,
}

/// A health check of an image, with its timings as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Healthcheck {
    /// The command.
    pub test: Argv,
    /// Flags such as `interval=30s`, in order.
    pub timings: Vec<(String, String)>,
}

/// Reads the facts of a stage: `target` by name or number, or the last. `args` are build arguments given from outside.
///
/// Stages it starts from are followed; `None` when there is no such stage.
pub fn facts(file: &Dockerfile, target: Option<&str>, args: &BTreeMap<String, String>) -> Option<ImageFacts> {
    let global = global_args(file, args);
    let mut chain = Vec::new();
    let mut at = file.target(target)?;
    let base = loop {
        let stage = file.stages.get(at)?;
        chain.push(at);
        let name = value(&stage.base, file.escape, &|name| global.get(name).cloned());
        match file.stage(&name, at) {
            Some(earlier) => at = earlier,
            None => break Spanned::new(name, stage.span),
        }
    };
    let mut state = State { facts: ImageFacts::default(), args: BTreeMap::new(), shell: default_shell() };
    state.facts.base = Some(base).filter(|base| base.value != "scratch");
    for at in chain.into_iter().rev() {
        // Arguments and the fact that a command was set count within their own stage.
        state.args.clear();
        let mut cmd_is_own = false;
        for instruction in &file.stages.get(at)?.instructions {
            apply(&mut state, file.escape, instruction, args, &global, &mut cmd_is_own);
        }
    }
    Some(state.facts)
}

struct State {
    facts: ImageFacts,
    args: BTreeMap<String, String>,
    shell: Vec<String>,
}

fn default_shell() -> Vec<String> {
    vec!["/bin/sh".to_owned(), "-c".to_owned()]
}

/// Arguments before the first stage, with what was given from outside.
fn global_args(file: &Dockerfile, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for instruction in &file.args {
        let Kind::Arg(pairs) = &instruction.kind else { continue };
        for (name, default) in pairs {
            let default = default.as_ref().map(|text| value(text, file.escape, &|name| out.get(name).cloned()));
            if let Some(text) = given.get(name).cloned().or(default) {
                out.insert(name.clone(), text);
            }
        }
    }
    out
}

fn apply(
    state: &mut State,
    escape: char,
    instruction: &Instruction,
    given: &BTreeMap<String, String>,
    global: &BTreeMap<String, String>,
    cmd_is_own: &mut bool,
) {
    let span = instruction.span;
    let lookup = |name: &str| {
        let set = state.facts.env.iter().find(|(key, _)| key == name).map(|(_, value)| value.value.clone());
        set.or_else(|| state.args.get(name).cloned())
    };
    let put = |text: &str| value(text, escape, &lookup);
    match &instruction.kind {
        Kind::Arg(pairs) => {
            let set: Vec<_> = pairs
                .iter()
                .filter_map(|(name, default)| {
                    let text = given.get(name).cloned().or_else(|| default.as_deref().map(&put));
                    Some((name.clone(), text.or_else(|| global.get(name).cloned())?))
                })
                .collect();
            state.args.extend(set);
        }
        Kind::Env(pairs) => {
            let set: Vec<_> = pairs.iter().map(|(name, text)| (put(name), Spanned::new(put(text), span))).collect();
            for (name, text) in set {
                replace(&mut state.facts.env, name, text);
            }
        }
        Kind::Label(pairs) => {
            let set: Vec<_> = pairs.iter().map(|(name, text)| (put(name), Spanned::new(put(text), span))).collect();
            for (name, text) in set {
                replace(&mut state.facts.labels, name, text);
            }
        }
        Kind::User(user) => state.facts.user = Some(Spanned::new(put(user), span)),
        Kind::Workdir(dir) => {
            let dir = put(dir);
            let start = state.facts.workdir.as_ref().map_or("/", |dir| dir.value.as_str());
            let path = tranship_source::path::join(std::path::Path::new(start), std::path::Path::new(&dir));
            state.facts.workdir = Some(Spanned::new(path.to_string_lossy().into_owned(), span));
        }
        Kind::Expose(words) => {
            let ports: Vec<_> = words.iter().flat_map(|word| ports(&put(word))).collect();
            for port in ports {
                if !state.facts.ports.iter().any(|known| known.value == port) {
                    state.facts.ports.push(Spanned::new(port, span));
                }
            }
        }
        Kind::Volume(paths) => {
            let paths: Vec<_> = paths.iter().map(|path| Spanned::new(put(path), span)).collect();
            state.facts.volumes.extend(paths);
        }
        Kind::StopSignal(signal) => state.facts.stop_signal = Some(Spanned::new(put(signal), span)),
        Kind::Shell(words) => state.shell.clone_from(words),
        Kind::Cmd(argv) => {
            state.facts.cmd = Some(Spanned::new(words(&state.shell, argv), span));
            *cmd_is_own = true;
        }
        Kind::Entrypoint(argv) => {
            state.facts.entrypoint = Some(Spanned::new(words(&state.shell, argv), span));
            // An entrypoint forgets a command that came from below.
            if !*cmd_is_own {
                state.facts.cmd = Some(Spanned::new(Vec::new(), span));
            }
        }
        Kind::Healthcheck(test) => {
            let timings = instruction.flags.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
            let check = test.clone().map(|test| Healthcheck { test, timings: timings.collect() });
            state.facts.healthcheck = Some(Spanned::new(check, span));
        }
        Kind::From { .. } | Kind::Run(_) | Kind::Add(_) | Kind::Copy(_) | Kind::Maintainer(_) | Kind::OnBuild(_) => {}
    }
}

fn replace<T>(list: &mut Vec<(String, T)>, name: String, item: T) {
    match list.iter_mut().find(|(key, _)| *key == name) {
        Some((_, old)) => *old = item,
        None => list.push((name, item)),
    }
}

/// The argv of a command; an empty shell form is an empty argv.
fn words(shell: &[String], argv: &Argv) -> Vec<String> {
    match argv {
        Argv::Exec(words) => words.clone(),
        Argv::Shell(line) if line.is_empty() => Vec::new(),
        Argv::Shell(line) => shell.iter().cloned().chain([line.clone()]).collect(),
    }
}

/// `8080`, `53/udp`, `3000-3002/tcp`; anything else is no port.
fn ports(word: &str) -> Vec<(u16, String)> {
    let (numbers, protocol) = word.split_once('/').unwrap_or((word, "tcp"));
    let (from, to) = numbers.split_once('-').unwrap_or((numbers, numbers));
    match (from.parse::<u16>(), to.parse::<u16>()) {
        (Ok(from), Ok(to)) => (from..=to).map(|port| (port, protocol.to_ascii_lowercase())).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use tranship_source::FileId;

    use super::*;
    use crate::dockerfile::parse;

    fn of(text: &str) -> ImageFacts {
        let checked = parse(FileId(0), text);
        assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
        facts(&checked.value, None, &BTreeMap::new()).unwrap()
    }

    #[test]
    fn stages_are_followed_and_their_arguments_are_their_own() {
        let facts =
            of("ARG V=20\nFROM node:${V}-alpine AS base\nENV A=1\nUSER node\nFROM golang AS other\nUSER root\n\
                        FROM base\nARG V\nENV B=\"$A-$V\"\nWORKDIR /app\nWORKDIR src\nEXPOSE 8080 53/udp\n");
        assert_eq!(facts.base.unwrap().value, "node:20-alpine");
        assert_eq!(facts.user.unwrap().value, "node");
        assert_eq!(facts.workdir.unwrap().value, "/app/src");
        assert_eq!(facts.env.iter().map(|(k, v)| format!("{k}={}", v.value)).collect::<Vec<_>>(), ["A=1", "B=1-20"]);
        assert_eq!(facts.ports.iter().map(|p| p.value.0).collect::<Vec<_>>(), [8080, 53]);
    }

    #[test]
    fn an_entrypoint_forgets_an_inherited_command_only() {
        let facts = of("FROM a AS x\nCMD [\"old\"]\nFROM x\nENTRYPOINT [\"run\"]\n");
        assert_eq!(facts.cmd.unwrap().value, Vec::<String>::new());
        let facts = of("FROM a\nCMD sleep 1\nENTRYPOINT [\"run\"]\n");
        assert_eq!(facts.cmd.unwrap().value, ["/bin/sh", "-c", "sleep 1"]);
    }

    #[test]
    fn comments_blank_lines_and_heredocs_do_not_end_an_instruction() {
        let text = "# escape=`\r\nFROM a`\r\n  AS b\r\nRUN <<EOF cat <<-'X' && echo `\r\n# note\r\n\r\n done\r\n\
                    one\r\nEOF\r\n\ttwo\r\n\tX\r\nUSER 7\r\n";
        let checked = parse(FileId(0), text);
        assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
        let stage = &checked.value.stages[0];
        assert_eq!(stage.name.as_deref(), Some("b"));
        let run = &stage.instructions[0];
        assert_eq!(run.heredocs.iter().map(|h| h.content.as_str()).collect::<Vec<_>>(), ["one\n", "two\n"]);
        assert!(matches!(&run.kind, Kind::Run(Argv::Shell(line)) if line.ends_with("echo  done")));
        assert_eq!(stage.instructions.len(), 2);
    }

    #[test]
    fn a_shift_is_no_heredoc_and_broken_lines_are_reported_and_left_out() {
        let checked = parse(FileId(0), "FROM a\nRUN echo $((1 << 2))\nBOGUS x\nENV\nUSER 1\n");
        assert_eq!(checked.diagnostics.len(), 2, "{:?}", checked.diagnostics);
        assert_eq!(checked.value.stages[0].instructions.len(), 2);
    }

    #[test]
    fn health_checks_keep_their_timings() {
        let facts = of("FROM a\nHEALTHCHECK --interval=5s --retries=3 CMD curl -f localhost || exit 1\n");
        let check = facts.healthcheck.unwrap().value.unwrap();
        assert_eq!(check.timings, [("interval".to_owned(), "5s".to_owned()), ("retries".to_owned(), "3".to_owned())]);
        assert_eq!(of("FROM a\nHEALTHCHECK NONE\n").healthcheck.unwrap().value, None);
    }
}
