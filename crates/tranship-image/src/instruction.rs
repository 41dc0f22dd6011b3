//! One instruction: its kind, flags and arguments.

use tranship_source::{Diagnostic, Span};

use crate::flags::{self, Flags};
use crate::healthcheck::{Healthcheck, timed};
use crate::heredoc::{Heredoc, of_word};
use crate::lines::Line;
use crate::mount;
use crate::words::{first, flags as split_flags, plain, quoted};

/// An instruction and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What it is, with its arguments.
    pub kind: Kind,
    /// Flags in order, without `--`; a flag without `=` has no value.
    pub flags: Flags,
    /// From its first byte to the last of its last line, here-documents included.
    pub span: Span,
    /// Here-documents it was given.
    pub heredocs: Vec<Heredoc>,
}

/// A command: run as it is, or by the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argv {
    /// `["a", "b"]`.
    Exec(Vec<String>),
    /// `a b`.
    Shell(String),
}

/// Files that are put into the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// What is put there, without here-documents.
    pub sources: Vec<String>,
    /// Files whose content is a here-document, named after its word.
    pub inline: Vec<Heredoc>,
    /// Where it is put.
    pub destination: String,
}

/// What an instruction does. Arguments are as written: variables are put in when the facts are read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is the instruction of its name, and its fields are the arguments")]
pub enum Kind {
    From {
        image: String,
        name: Option<String>,
    },
    Run(Argv),
    Cmd(Argv),
    Entrypoint(Argv),
    Shell(Vec<String>),
    Label(Vec<(String, String)>),
    Env(Vec<(String, String)>),
    Arg(Vec<(String, Option<String>)>),
    Expose(Vec<String>),
    Add(Transfer),
    Copy(Transfer),
    Volume(Vec<String>),
    User(String),
    Workdir(String),
    StopSignal(String),
    /// `None` is `HEALTHCHECK NONE`.
    Healthcheck(Option<Healthcheck>),
    Maintainer(String),
    /// An instruction for the stages that start from this one, as written; it is read when one does.
    OnBuild(String),
}

/// Reads a logical line; `None` and a diagnostic where it is no instruction.
pub(crate) fn read(line: Line, escape: char, faults: &mut Vec<Diagnostic>) -> Option<Instruction> {
    let Line { text, span, heredocs } = line;
    let (word, rest) = first(text.trim());
    let (written, rest) = split_flags(rest, escape);
    let parts = Parts { name: word.to_uppercase(), word, rest: rest.trim(), heredocs: &heredocs, text: &text, escape };
    let result = kind(&parts, &written);
    match result {
        Ok((kind, flags)) => Some(Instruction { kind, flags, span, heredocs }),
        Err(why) => {
            let help = "see the Dockerfile reference for the instruction's arguments";
            faults.push(Diagnostic::error("dockerfile-instruction", why).at(span).help(help));
            None
        }
    }
}

/// An instruction taken apart.
struct Parts<'a> {
    name: String,
    word: &'a str,
    rest: &'a str,
    heredocs: &'a [Heredoc],
    text: &'a str,
    escape: char,
}

fn kind(parts: &Parts<'_>, written: &[String]) -> Result<(Kind, Flags), String> {
    let Parts { name, rest, escape, .. } = parts;
    let (rest, escape) = (*rest, *escape);
    // HEALTHCHECK NONE and STOPSIGNAL take any flag without a word.
    let unread = match name.as_str() {
        "STOPSIGNAL" => true,
        "HEALTHCHECK" => check_word(rest).0.eq_ignore_ascii_case("NONE"),
        _ => false,
    };
    let known = if unread { Ok(Flags::new()) } else { flags::read(name, written) };
    let one = || {
        if rest.is_empty() { Err(format!("{name} takes exactly one argument")) } else { Ok(rest.to_owned()) }
    };
    let some = |words: Vec<String>| if words.is_empty() { Err(format!("{name} needs an argument")) } else { Ok(words) };
    let kind = match name.as_str() {
        "FROM" => from(rest)?,
        "RUN" => Kind::Run(argv(rest)?),
        "CMD" => Kind::Cmd(argv(rest)?),
        "ENTRYPOINT" => Kind::Entrypoint(argv(rest)?),
        "SHELL" => match argv(rest)? {
            Argv::Exec(words) if !words.is_empty() => Kind::Shell(words),
            _ => return Err("SHELL takes a JSON list".to_owned()),
        },
        "LABEL" => Kind::Label(pairs(rest, escape, name)?),
        "ENV" => Kind::Env(pairs(rest, escape, name)?),
        "ARG" => Kind::Arg(args(rest, escape)?),
        "EXPOSE" => Kind::Expose(some(plain(rest))?),
        "ADD" => Kind::Add(transfer(parts)?),
        "COPY" => Kind::Copy(transfer(parts)?),
        "VOLUME" => Kind::Volume(volumes(some(list(rest)?)?)?),
        "USER" => Kind::User(one()?),
        "WORKDIR" => Kind::Workdir(one()?),
        "STOPSIGNAL" => Kind::StopSignal(one()?),
        "MAINTAINER" => Kind::Maintainer(one()?),
        "HEALTHCHECK" => Kind::Healthcheck(healthcheck(rest, known.as_ref().map_err(Clone::clone)?)?),
        "ONBUILD" => Kind::OnBuild(on_build(parts)?),
        _ => return Err(format!("`{}` is no instruction", parts.word)),
    };
    let known = known?;
    if matches!(kind, Kind::Run(_)) {
        mount::check_flags(&known)?;
    }
    Ok((kind, known))
}

fn from(rest: &str) -> Result<Kind, String> {
    let words = plain(rest);
    match words.as_slice() {
        [image] => Ok(Kind::From { image: image.clone(), name: None }),
        [image, word, name] if word.eq_ignore_ascii_case("as") => {
            let name = name.to_lowercase();
            let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
            let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c));
            if !(starts && plain) {
                return Err(format!(
                    "`{name}` cannot be the name of a stage: it starts with a letter and has no signs but `-_.`"
                ));
            }
            Ok(Kind::From { image: image.clone(), name: Some(name) })
        }
        _ => Err("FROM takes an image, and a name after AS".to_owned()),
    }
}

/// A JSON list of texts is run as it is; anything else goes to the shell.
fn argv(text: &str) -> Result<Argv, String> {
    Ok(json(text).transpose()?.map_or_else(|| Argv::Shell(text.to_owned()), Argv::Exec))
}

/// The texts of a JSON list; `None` where the text is no such list, an error where it holds anything but texts.
pub(crate) fn json(text: &str) -> Option<Result<Vec<String>, String>> {
    let text = text.trim_start();
    let values: Vec<serde_json::Value> = text.starts_with('[').then(|| serde_json::from_str(text).ok())??;
    let texts = values.into_iter().map(|value| match value {
        serde_json::Value::String(text) => Ok(text),
        _ => Err("a JSON list may hold only texts".to_owned()),
    });
    Some(texts.collect())
}

fn list(text: &str) -> Result<Vec<String>, String> {
    Ok(json(text).transpose()?.unwrap_or_else(|| plain(text)))
}

fn volumes(paths: Vec<String>) -> Result<Vec<String>, String> {
    let trimmed = paths.into_iter().map(|path| path.trim().to_owned());
    let checked =
        trimmed.map(|path| if path.is_empty() { Err("a VOLUME cannot be empty".to_owned()) } else { Ok(path) });
    checked.collect()
}

fn transfer(parts: &Parts<'_>) -> Result<Transfer, String> {
    let mut words = list(parts.rest)?;
    let destination = words.pop().filter(|_| !words.is_empty());
    let destination = destination.ok_or_else(|| format!("{} needs a source and a destination", parts.name))?;
    if of_word(&destination).ok().flatten().is_some() {
        return Err(format!("{} cannot have a here-document as its destination", parts.name));
    }
    let mut out = Transfer { sources: Vec::new(), inline: Vec::new(), destination };
    for word in words {
        match of_word(&word).ok().flatten() {
            None => out.sources.push(word),
            Some(asked) => {
                let given = parts.heredocs.iter().rev().find(|given| given.name == asked.name);
                let content = given.map(|given| given.content.clone()).unwrap_or_default();
                let expand = asked.expand;
                out.inline.push(Heredoc { name: asked.name, content, expand, cut_tabs: asked.cut_tabs });
            }
        }
    }
    Ok(out)
}

/// `k=v k2="v 2"`, or the old form `k v` with everything after the first word as the value.
fn pairs(text: &str, escape: char, name: &str) -> Result<Vec<(String, String)>, String> {
    let words = quoted(text, escape);
    let Some(start) = words.first() else { return Err(format!("{name} needs an argument")) };
    if !start.contains('=') {
        let (key, value) = text.split_once(crate::words::is_gap).ok_or_else(|| format!("{name} needs a value"))?;
        return Ok(vec![(key.to_owned(), value.trim_start_matches(crate::words::is_gap).to_owned())]);
    }
    let pair = |word: String| match word.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("`{word}` must be of the form name=value")),
    };
    words.into_iter().map(pair).collect()
}

fn args(text: &str, escape: char) -> Result<Vec<(String, Option<String>)>, String> {
    let one = |word: String| match word.split_once('=') {
        Some(("", _)) => Err("an ARG cannot have an empty name".to_owned()),
        Some((key, value)) => Ok((key.to_owned(), Some(value.to_owned()))),
        None => Ok((word, None)),
    };
    let words = quoted(text, escape);
    if words.is_empty() { Err("ARG needs an argument".to_owned()) } else { words.into_iter().map(one).collect() }
}

/// The kind of a health check and its command. White space is looked for byte by byte, as BuildKit does.
fn check_word(rest: &str) -> (&str, &str) {
    let space = |byte: &u8| char::from(*byte).is_whitespace();
    let end = rest.as_bytes().iter().position(space).unwrap_or(rest.len());
    let (word, tail) = (rest.get(..end).unwrap_or(rest), rest.get(end..).unwrap_or_default());
    (word, tail.trim_start())
}

fn healthcheck(rest: &str, flags: &Flags) -> Result<Option<Healthcheck>, String> {
    let (word, rest) = check_word(rest);
    match (word.to_uppercase().as_str(), argv(rest)?) {
        ("", _) => Err("HEALTHCHECK needs an argument".to_owned()),
        ("NONE", Argv::Exec(words)) if words.is_empty() => Ok(None),
        ("NONE", Argv::Shell(line)) if line.is_empty() => Ok(None),
        ("NONE", _) => Err("HEALTHCHECK NONE takes no arguments".to_owned()),
        ("CMD", Argv::Exec(words)) if words.is_empty() => Err("HEALTHCHECK CMD needs a command".to_owned()),
        ("CMD", Argv::Shell(line)) if line.is_empty() => Err("HEALTHCHECK CMD needs a command".to_owned()),
        ("CMD", test) => timed(test, flags).map(Some),
        _ => Err("HEALTHCHECK takes CMD or NONE".to_owned()),
    }
}

/// The instruction after ONBUILD, as written. Only what stops BuildKit's parser is a fault here.
fn on_build(parts: &Parts<'_>) -> Result<String, String> {
    let (word, rest) = first(parts.rest);
    let name = word.to_uppercase();
    match name.as_str() {
        "" => return Err("ONBUILD needs an argument".to_owned()),
        "ONBUILD" | "FROM" | "MAINTAINER" => return Err(format!("{name} is not allowed as an ONBUILD trigger")),
        _ => {}
    }
    let (_, rest) = split_flags(rest, parts.escape);
    let rest = rest.trim();
    match name.as_str() {
        "RUN" | "CMD" | "ENTRYPOINT" | "SHELL" => drop(argv(rest)?),
        "ADD" | "COPY" | "VOLUME" => drop(list(rest)?),
        "HEALTHCHECK" if !rest.is_empty() => drop(argv(check_word(rest).1)?),
        "ENV" | "LABEL" => match quoted(rest, parts.escape).as_slice() {
            [] => {}
            [start, ..] if !start.contains('=') => drop(pairs(rest, parts.escape, &name)?),
            words => {
                if let Some(word) = words.iter().find(|word| !word.contains('=')) {
                    return Err(format!("`{word}` must be of the form name=value"));
                }
            }
        },
        _ => {}
    }
    let head = parts.text.trim_start().get(parts.word.len()..).unwrap_or_default().trim_start();
    let mut out = head.to_owned();
    for heredoc in parts.heredocs {
        out.push('\n');
        out.push_str(&heredoc.content);
        out.push_str(&heredoc.name);
    }
    Ok(out)
}
