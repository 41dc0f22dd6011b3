//! One instruction after the other: what each makes of the image.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use tranship_source::{Span, Spanned, path};

use crate::expose::ports;
use crate::facts::{DEFAULT_PATH, ImageFacts, KnownBase, Write};
use crate::flags::value;
use crate::instruction::{Argv, Instruction, Kind, Transfer};
use crate::lexer::{Lookup, expand, expand_content, expand_words};
use crate::mount;
use crate::signal::is_signal;

/// An image in the making.
#[derive(Clone, Debug)]
pub(crate) struct State {
    facts: ImageFacts,
    /// What instructions see: variables and build arguments, which later stages inherit.
    seen: BTreeMap<String, String>,
    /// Whether this stage itself set a command.
    own_cmd: bool,
    /// What is known of the base image.
    base: KnownBase,
    /// Variables that were asked of the base image and are not known of it.
    asked: RefCell<Vec<String>>,
}

impl State {
    /// The start of a stage from nothing.
    pub(crate) fn scratch() -> Self {
        let seen = BTreeMap::from([("PATH".to_owned(), DEFAULT_PATH.to_owned())]);
        let base = KnownBase::default();
        Self { facts: ImageFacts::default(), seen, own_cmd: false, base, asked: RefCell::default() }
    }

    /// The start of a stage from an image.
    pub(crate) fn of_image(name: Spanned<String>, known: Option<&KnownBase>) -> Self {
        let mut out = Self { facts: ImageFacts { base: Some(name), ..ImageFacts::default() }, ..Self::scratch() };
        if let Some(known) = known {
            out.seen.extend(known.env.clone());
            out.base = known.clone();
        }
        out
    }

    /// The start of a stage from this one: variables count again over build arguments of the same name.
    pub(crate) fn inherited(mut self) -> Self {
        self.seen.extend(self.facts.env.iter().map(|(name, text)| (name.clone(), text.value.clone())));
        if !self.facts.env.iter().any(|(name, _)| name == "PATH") {
            let path = self.base.env.get("PATH").cloned();
            self.seen.insert("PATH".to_owned(), path.unwrap_or_else(|| DEFAULT_PATH.to_owned()));
        }
        self.own_cmd = false;
        self
    }

    pub(crate) fn into_facts(self) -> ImageFacts {
        self.facts
    }

    /// The value of a variable; one that only the base image can have is noted.
    fn get(&self, name: &str) -> Option<String> {
        let known = self.facts.env.iter().any(|(key, _)| key == name);
        let told = self.base.all_env || self.base.env.contains_key(name);
        let from_base =
            self.facts.base.is_some() && !told && !known && (name == "PATH" || !self.seen.contains_key(name));
        if from_base && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            self.asked.borrow_mut().push(name.to_owned());
        }
        self.seen.get(name).cloned()
    }

    fn workdir(&self) -> &str {
        let own = self.facts.workdir.as_ref().map(|dir| dir.value.as_str());
        own.or(self.base.workdir.as_deref()).unwrap_or("/")
    }

    fn words(&self, argv: &Argv) -> Vec<String> {
        let default = || vec!["/bin/sh".to_owned(), "-c".to_owned()];
        match argv {
            Argv::Exec(words) => words.clone(),
            Argv::Shell(line) => {
                let mut out = self.facts.shell.as_ref().map_or_else(default, |shell| shell.value.clone());
                out.push(line.clone());
                out
            }
        }
    }

    /// Notes the variables that a kept value took from the base image.
    fn note(&mut self, span: Span) {
        for name in self.asked.take() {
            if !self.facts.assumed.iter().any(|known| known.value == name) {
                self.facts.assumed.push(Spanned::new(name, span));
            }
        }
    }
}

/// Applies an instruction; the error is what BuildKit would stop at.
pub(crate) fn apply(
    state: &mut State,
    instruction: &Instruction,
    escape: char,
    given: &BTreeMap<String, String>,
    global: &BTreeMap<String, String>,
) -> Result<(), String> {
    let span = instruction.span;
    state.asked.take();
    match &instruction.kind {
        Kind::Arg(pairs) => {
            for (name, default) in pairs {
                let text = match (given.get(name), default) {
                    (Some(given), _) => Some(given.clone()),
                    (None, Some(text)) => Some(expand(text, escape, &|name| state.get(name))?),
                    (None, None) => global.get(name).cloned(),
                };
                if let Some(text) = text {
                    state.seen.insert(name.clone(), text);
                }
            }
        }
        Kind::Env(pairs) => {
            for (name, text) in expanded(pairs, escape, &|name| state.get(name))? {
                state.seen.insert(name.clone(), text.clone());
                replace(&mut state.facts.env, name, Spanned::new(text, span));
            }
            state.note(span);
        }
        Kind::Label(pairs) => {
            for (name, text) in expanded(pairs, escape, &|name| state.get(name))? {
                replace(&mut state.facts.labels, name, Spanned::new(text, span));
            }
            state.note(span);
        }
        Kind::User(user) => {
            let user = expand(user, escape, &|name| state.get(name))?;
            state.facts.user = Some(Spanned::new(user, span));
            state.note(span);
        }
        Kind::Workdir(dir) => {
            let dir = expand(dir, escape, &|name| state.get(name))?;
            // An absolute path stays as it is written, its slashes and dots too.
            let dir = if dir.starts_with('/') {
                dir
            } else if dir.is_empty() {
                state.workdir().to_owned()
            } else {
                path::clean(&Path::new(state.workdir()).join(dir)).to_string_lossy().into_owned()
            };
            state.facts.workdir = Some(Spanned::new(dir, span));
            state.note(span);
        }
        Kind::Expose(words) => expose(state, words, escape, span)?,
        Kind::Volume(paths) => {
            for text in paths {
                let text = expand(text, escape, &|name| state.get(name))?;
                if text.is_empty() {
                    return Err("a VOLUME cannot be empty".to_owned());
                }
                if !state.facts.volumes.iter().any(|known| known.value == text) {
                    state.facts.volumes.push(Spanned::new(text, span));
                }
            }
            state.note(span);
        }
        Kind::StopSignal(signal) => {
            let signal = expand(signal, escape, &|name| state.get(name))?;
            if !is_signal(&signal) {
                return Err(format!("`{signal}` is no signal"));
            }
            state.facts.stop_signal = Some(Spanned::new(signal, span));
        }
        Kind::Shell(words) => state.facts.shell = Some(Spanned::new(words.clone(), span)),
        Kind::Cmd(argv) => {
            state.facts.cmd = Some(Spanned::new(state.words(argv), span));
            state.own_cmd = true;
        }
        Kind::Entrypoint(argv) => {
            state.facts.entrypoint = Some(Spanned::new(state.words(argv), span));
            // An entrypoint forgets a command that came from below.
            if !state.own_cmd {
                state.facts.cmd = Some(Spanned::new(Vec::new(), span));
            }
        }
        Kind::Healthcheck(check) => state.facts.healthcheck = Some(Spanned::new(check.clone(), span)),
        Kind::Run(argv) => {
            mount::check(&instruction.flags, escape, &|name| state.get(name), state.workdir())?;
            make_accounts(state, argv, instruction);
            let shell = matches!(argv, Argv::Shell(_)) && state.facts.shell.as_ref().is_none_or(is_posix);
            state.facts.writes.push(Spanned::new(Write::Run { shell }, span));
        }
        Kind::Add(transfer) => put(state, instruction, transfer, escape, true)?,
        Kind::Copy(transfer) => put(state, instruction, transfer, escape, false)?,
        Kind::From { .. } | Kind::Maintainer(_) | Kind::OnBuild(_) => {}
    }
    Ok(())
}

/// Notes the users a command makes. The shell would put variables in; what cannot be read so is left as it is.
fn make_accounts(state: &mut State, argv: &Argv, instruction: &Instruction) {
    let line = match argv {
        Argv::Exec(words) => words.join(" "),
        Argv::Shell(line) => line.clone(),
    };
    let texts = std::iter::once(line).chain(instruction.heredocs.iter().map(|heredoc| heredoc.content.clone()));
    let read: Vec<String> = texts.filter(|text| text.contains("user") || text.contains("group")).collect();
    for text in read {
        let text = expand_content(&text, &|name| state.get(name)).unwrap_or(text);
        state.facts.accounts.read(&text);
    }
    state.asked.take();
}

fn expanded(pairs: &[(String, String)], escape: char, lookup: Lookup<'_>) -> Result<Vec<(String, String)>, String> {
    pairs.iter().map(|(name, text)| Ok((expand(name, escape, lookup)?, expand(text, escape, lookup)?))).collect()
}

fn expose(state: &mut State, words: &[String], escape: char, span: Span) -> Result<(), String> {
    let mut found = Vec::new();
    for word in words {
        for word in expand_words(word, escape, &|name| state.get(name))? {
            found.extend(ports(&word)?);
        }
    }
    for port in found {
        if !state.facts.ports.iter().any(|known| known.value == port) {
            state.facts.ports.push(Spanned::new(port, span));
        }
    }
    state.note(span);
    Ok(())
}

/// Checks what an ADD or COPY says and notes where it puts its files.
fn put(
    state: &mut State,
    instruction: &Instruction,
    transfer: &Transfer,
    escape: char,
    add: bool,
) -> Result<(), String> {
    let name = if add { "ADD" } else { "COPY" };
    let lookup = |name: &str| state.get(name);
    let flag = |name: &str| expand(value(&instruction.flags, name).unwrap_or_default(), escape, &lookup);
    flag("chown")?;
    let mode = flag("chmod")?;
    let checksum = if add { flag("checksum")? } else { String::new() };
    let sources =
        transfer.sources.iter().map(|source| expand(source, escape, &lookup)).collect::<Result<Vec<_>, _>>()?;
    let to = expand(&transfer.destination, escape, &lookup)?;
    for inline in transfer.inline.iter().filter(|inline| inline.expand) {
        expand_content(&inline.text(), &lookup)?;
    }
    if !mode.is_empty() && !is_mode(&mode) {
        return Err(format!("`{mode}` is no mode of a file"));
    }
    let fetched = |source: &String| source.starts_with("http://") || source.starts_with("https://") || is_git(source);
    if !add && sources.iter().any(fetched) {
        return Err(format!("{name} takes no addresses; use ADD"));
    }
    if !checksum.is_empty() && !matches!(sources.as_slice(), [source] if fetched(source)) {
        return Err("a checksum belongs to one source that is fetched".to_owned());
    }
    let elsewhere = value(&instruction.flags, "from").is_some_and(|from| !from.is_empty())
        || !transfer.inline.is_empty()
        || sources.iter().any(fetched);
    let folder = to.ends_with('/') || matches!(to.as_str(), "." | "..") || sources.len() > 1;
    let to = path::clean(&Path::new(state.workdir()).join(to)).to_string_lossy().into_owned();
    state.facts.writes.push(Spanned::new(Write::Copy { sources, elsewhere, to, folder }, instruction.span));
    Ok(())
}

/// Whether the shell of shell forms is one that comes with `/bin/sh`.
fn is_posix(shell: &Spanned<Vec<String>>) -> bool {
    shell.value.first().is_some_and(|program| program.ends_with("sh") && !program.ends_with("pwsh"))
}

fn is_git(source: &str) -> bool {
    ["git://", "ssh://", "git@"].iter().any(|prefix| source.starts_with(prefix))
}

/// `0755`, or the words of `chmod` such as `u=rwX,go=rX`.
fn is_mode(text: &str) -> bool {
    if text.chars().all(|c| c.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).is_ok_and(|mode| mode <= 0o7777);
    }
    text.split(',').all(|clause| {
        let signs = clause.trim_start_matches(['u', 'g', 'o', 'a']);
        signs.starts_with(['+', '-', '=']) && signs.chars().all(|c| "+-=rwxXstugo".contains(c))
    })
}

fn replace<T>(list: &mut Vec<(String, T)>, name: String, item: T) {
    match list.iter_mut().find(|(key, _)| *key == name) {
        Some((_, old)) => *old = item,
        None => list.push((name, item)),
    }
}
