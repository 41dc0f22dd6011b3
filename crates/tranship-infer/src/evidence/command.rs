//! Words of the entrypoint, the command and of hooks: `--flag=host:port`, `wait-for-it db:5432`, `pg_isready -h db`.

use std::ops::Range;

use tranship_model::{Hooks, Origin, Service};

use super::{is_anywhere, reference, word_origin};
use crate::reference::{Evidence, Place, Reference, Strength};
use crate::scan::{Form, is_name, scan};

pub(super) fn gather(service: &Service, out: &mut Vec<Reference>) {
    if let Some(entrypoint) = &service.process.entrypoint {
        words(service, &entrypoint.value, &entrypoint.origin, |word, range| Place::Entrypoint { word, range }, out);
    }
    if let Some(command) = &service.process.command {
        words(service, &command.value, &command.origin, |word, range| Place::Command { word, range }, out);
    }
    let Hooks { pre_start, post_start, pre_stop } = &service.hooks;
    for (hook, entry) in pre_start.iter().chain(post_start).chain(pre_stop).enumerate() {
        words(service, &entry.command, &entry.origin, |word, range| Place::Hook { hook, word, range }, out);
    }
}

fn words(
    service: &Service,
    words: &[String],
    origin: &Origin,
    place: impl Fn(usize, Range<usize>) -> Place,
    out: &mut Vec<Reference>,
) {
    for (at, word) in words.iter().enumerate() {
        let origin = word_origin(origin, words.len(), at);
        let before = at.checked_sub(1).and_then(|at| words.get(at)).map_or("", String::as_str);
        line(service, before, word, Evidence::Command, &origin, |range| place(at, range), out);
    }
}

/// One word of an argv, which may be a whole shell script. `before` is the word before it.
pub(super) fn line(
    service: &Service,
    before: &str,
    text: &str,
    evidence: Evidence,
    origin: &Origin,
    place: impl Fn(Range<usize>) -> Place,
    out: &mut Vec<Reference>,
) {
    let first = out.len();
    for found in scan(text).into_iter().filter(|found| !is_anywhere(found.name(text))) {
        let waits = text.get(..found.host.start).is_some_and(waits) || waits(before);
        let sure = found.form != Form::Pair || waits;
        let strength = if sure { Strength::Host } else { Strength::Maybe };
        out.push(reference(service, text, &found, strength, evidence, origin, &place));
    }
    let seen: Vec<Range<usize>> = out.get(first..).unwrap_or(&[]).iter().filter_map(|r| range_of(&r.place)).collect();
    for Flagged { range, port, sure } in flagged(before, text) {
        if seen.iter().any(|other| other.start <= range.start && range.end <= other.end) {
            continue;
        }
        let host = text.get(range.clone()).unwrap_or("").to_owned();
        out.push(Reference {
            from: service.name.clone(),
            host,
            port,
            port_written: port.is_some(),
            scheme: None,
            evidence,
            strength: if sure { Strength::Host } else { Strength::Maybe },
            place: place(range),
            origin: origin.clone(),
        });
    }
}

fn range_of(place: &Place) -> Option<Range<usize>> {
    match place {
        Place::Entrypoint { range, .. }
        | Place::Command { range, .. }
        | Place::Hook { range, .. }
        | Place::Health { range, .. } => Some(range.clone()),
        _ => None,
    }
}

/// Whether a text ends with a tool that waits for what follows.
fn waits(head: &str) -> bool {
    let last = head.split_whitespace().next_back().unwrap_or("");
    let tool = last.rsplit('/').next().unwrap_or(last).trim_end_matches(".sh");
    matches!(tool, "wait-for-it" | "wait-for" | "wait_for_it" | "wait4x" | "waitforit")
}

/// A host that a flag or a tool names.
#[derive(PartialEq)]
struct Flagged {
    range: Range<usize>,
    port: Option<u16>,
    /// Whether it can be nothing else.
    sure: bool,
}

/// Hosts after a flag for one (`-h db`, `--host=db`), and the two words of `nc -z db 5432`.
fn flagged(before: &str, text: &str) -> Vec<Flagged> {
    let mut out = Vec::new();
    let mut last = before;
    let mut tool = "";
    let tokens = tokens(text);
    for (at, range) in tokens.iter().enumerate() {
        let token = text.get(range.clone()).unwrap_or("");
        let (flag, value) = token.split_once('=').filter(|(flag, _)| flag.starts_with('-')).unwrap_or((last, token));
        let start = range.end - value.len();
        if is_host_flag(flag) && is_name(value) {
            out.push(Flagged { range: start..range.end, port: port_flag(text, &tokens), sure: false });
        }
        let next = tokens.get(at + 1).and_then(|range| text.get(range.clone()));
        if matches!(tool, "nc" | "ncat" | "telnet" | "ping") && is_name(token) && !token.starts_with('-') {
            let port = next.and_then(|next| next.parse().ok());
            if port.is_some() || tool == "ping" {
                // A word and a number after a tool that connects are where it connects to.
                out.push(Flagged { range: range.clone(), port, sure: port.is_some() });
            }
        }
        if matches!(token, "nc" | "ncat" | "telnet" | "ping") {
            tool = token;
        } else if matches!(token, ";" | "&&" | "||" | "|" | "do" | "then") {
            tool = "";
        }
        last = token;
    }
    out.dedup();
    out
}

fn is_host_flag(flag: &str) -> bool {
    matches!(flag, "-h" | "-H" | "--host" | "--hostname" | "--db-host" | "--db_host" | "--server")
        || flag.ends_with("-host") && flag.starts_with("--")
}

/// The number after `-p`, `-P` or `--port` in the same line.
fn port_flag(text: &str, tokens: &[Range<usize>]) -> Option<u16> {
    let words: Vec<&str> = tokens.iter().filter_map(|range| text.get(range.clone())).collect();
    let joined = words.iter().find_map(|word| word.strip_prefix("--port="));
    let apart = || {
        words.windows(2).find(|pair| matches!(pair, ["-p" | "-P" | "--port", _])).and_then(|pair| pair.get(1).copied())
    };
    joined.or_else(apart)?.parse().ok()
}

/// The words of a shell line; quotes, brackets and separators end a word.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        let ends = c.is_whitespace() || "\"'`();&|<>".contains(c);
        match (ends, start) {
            (true, Some(from)) => {
                out.push(from..at);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    out.extend(start.map(|from| from..text.len()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_after_flags_and_tools_are_found() {
        let check = |before: &str, text: &str, expect: &[(&str, Option<u16>)]| {
            let found = flagged(before, text);
            let found: Vec<_> = found.iter().map(|one| (&text[one.range.clone()], one.port)).collect();
            assert_eq!(found, expect, "{text}");
        };
        check("", "until pg_isready -h db -p 5433; do sleep 1; done", &[("db", Some(5433))]);
        check("--host", "db", &[("db", None)]);
        check("", "--host=db", &[("db", None)]);
        check("", "while ! nc -z db 5432; do :; done", &[("db", Some(5432))]);
        check("", "gunicorn app --workers 4", &[]);
    }
}
