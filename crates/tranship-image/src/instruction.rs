//! One instruction: its kind, flags and arguments.

use tranship_source::{Diagnostic, Span};

use crate::expand::{expand, raw_words};
use crate::lines::{Heredoc, Line};

/// An instruction and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What it is, with its arguments.
    pub kind: Kind,
    /// Flags in order, without `--`; a flag without `=` has no value.
    pub flags: Vec<(String, Option<String>)>,
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
    Add(Vec<String>),
    Copy(Vec<String>),
    Volume(Vec<String>),
    User(String),
    Workdir(String),
    StopSignal(String),
    /// `None` is `HEALTHCHECK NONE`.
    Healthcheck(Option<Argv>),
    Maintainer(String),
    OnBuild(Box<Kind>),
}

/// Reads a logical line; `None` and a diagnostic where it is no instruction.
pub(crate) fn read(line: Line, escape: char, faults: &mut Vec<Diagnostic>) -> Option<Instruction> {
    let Line { text, span, heredocs } = line;
    let (word, rest) = split_word(&text);
    let (flags, rest) = flags(rest, escape);
    match kind(word, rest, escape) {
        Ok(kind) => Some(Instruction { kind, flags, span, heredocs }),
        Err(why) => {
            let help = "see the Dockerfile reference for the instruction's arguments";
            faults.push(Diagnostic::error("dockerfile-instruction", why).at(span).help(help));
            None
        }
    }
}

fn split_word(text: &str) -> (&str, &str) {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (word, rest.trim())
}

/// Flags stand first; `--` alone ends them.
fn flags(text: &str, escape: char) -> (Vec<(String, Option<String>)>, &str) {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(flag) = rest.strip_prefix("--") {
        let word = raw_words(flag, escape).into_iter().next().unwrap_or_default();
        if word.is_empty() || flag.starts_with(char::is_whitespace) {
            return (out, flag.trim_start());
        }
        rest = flag.get(word.len()..).unwrap_or_default().trim_start();
        out.push(match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word, None),
        });
    }
    (out, rest)
}

fn kind(word: &str, rest: &str, escape: char) -> Result<Kind, String> {
    let name = word.to_ascii_uppercase();
    let some =
        |text: &str| if text.is_empty() { Err(format!("{name} needs an argument")) } else { Ok(text.to_owned()) };
    Ok(match name.as_str() {
        "FROM" => from(rest)?,
        "RUN" => Kind::Run(argv(&some(rest)?)),
        "CMD" => Kind::Cmd(argv(rest)),
        "ENTRYPOINT" => Kind::Entrypoint(argv(rest)),
        "SHELL" => match argv(rest) {
            Argv::Exec(words) if !words.is_empty() => Kind::Shell(words),
            _ => return Err("SHELL takes a JSON list".to_owned()),
        },
        "LABEL" => Kind::Label(pairs(&some(rest)?, escape, &name)?),
        "ENV" => Kind::Env(pairs(&some(rest)?, escape, &name)?),
        "ARG" => Kind::Arg(args(&some(rest)?, escape)),
        "EXPOSE" => Kind::Expose(raw_words(&some(rest)?, escape)),
        "ADD" => Kind::Add(sources(&some(rest)?, escape, &name)?),
        "COPY" => Kind::Copy(sources(&some(rest)?, escape, &name)?),
        "VOLUME" => Kind::Volume(list(&some(rest)?, escape)),
        "USER" => Kind::User(some(rest)?),
        "WORKDIR" => Kind::Workdir(some(rest)?),
        "STOPSIGNAL" => Kind::StopSignal(some(rest)?),
        "HEALTHCHECK" => healthcheck(rest)?,
        "MAINTAINER" => Kind::Maintainer(some(rest)?),
        "ONBUILD" => {
            let (word, rest) = split_word(rest);
            if ["ONBUILD", "FROM", "MAINTAINER"].contains(&word.to_ascii_uppercase().as_str()) {
                return Err(format!("{word} is not allowed as an ONBUILD trigger"));
            }
            let (_, rest) = flags(rest, escape);
            Kind::OnBuild(Box::new(kind(word, rest, escape)?))
        }
        _ => return Err(format!("`{word}` is no instruction")),
    })
}

fn from(rest: &str) -> Result<Kind, String> {
    let words: Vec<&str> = rest.split_whitespace().collect();
    match words.as_slice() {
        [image] => Ok(Kind::From { image: (*image).to_owned(), name: None }),
        [image, word, name] if word.eq_ignore_ascii_case("as") => {
            Ok(Kind::From { image: (*image).to_owned(), name: Some(name.to_ascii_lowercase()) })
        }
        _ => Err("FROM takes an image, and a name after AS".to_owned()),
    }
}

/// A JSON list of texts is run as it is; anything else goes to the shell.
fn argv(text: &str) -> Argv {
    match json(text) {
        Some(words) => Argv::Exec(words),
        None => Argv::Shell(text.to_owned()),
    }
}

fn json(text: &str) -> Option<Vec<String>> {
    text.starts_with('[').then(|| serde_json::from_str(text).ok())?
}

fn list(text: &str, escape: char) -> Vec<String> {
    json(text).unwrap_or_else(|| raw_words(text, escape))
}

fn sources(text: &str, escape: char, name: &str) -> Result<Vec<String>, String> {
    let words = list(text, escape);
    if words.len() < 2 { Err(format!("{name} needs a source and a destination")) } else { Ok(words) }
}

/// `k=v k2="v 2"`, or the old form `k v` with everything after the first word as the value.
fn pairs(text: &str, escape: char, name: &str) -> Result<Vec<(String, String)>, String> {
    let words = raw_words(text, escape);
    if words.first().is_some_and(|first| !first.contains('=')) {
        let (key, value) = split_word(text);
        return if value.is_empty() {
            Err(format!("{name} needs a value"))
        } else {
            Ok(vec![(key.to_owned(), value.to_owned())])
        };
    }
    let pair = |word: String| match word.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("`{word}` must be of the form name=value")),
    };
    words.into_iter().map(pair).collect()
}

fn args(text: &str, escape: char) -> Vec<(String, Option<String>)> {
    let one = |word: String| match word.split_once('=') {
        Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
        None => (word, None),
    };
    raw_words(text, escape).into_iter().map(one).collect()
}

fn healthcheck(rest: &str) -> Result<Kind, String> {
    let (word, rest) = split_word(rest);
    match word.to_ascii_uppercase().as_str() {
        "NONE" => Ok(Kind::Healthcheck(None)),
        "CMD" if !rest.is_empty() => Ok(Kind::Healthcheck(Some(argv(rest)))),
        "CMD" => Err("HEALTHCHECK CMD needs a command".to_owned()),
        _ => Err("HEALTHCHECK takes CMD or NONE".to_owned()),
    }
}

/// A text without its quotes, with variables put in.
pub(crate) fn value(text: &str, escape: char, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    expand(text, escape, lookup)
}
