//! Ports a service is seen to listen on, beyond those it declares.
//!
//! Some are said (an address to listen on, a health check of its own port, a proxy's `listen`); others are mentioned:
//! the number stands in its environment, command or configuration and belongs to no other host.

use std::collections::BTreeSet;
use std::ops::Range;

use tranship_model::{Health, Service, Stack, Test};
use tranship_proxy::read;

use super::config::{dialect_of, files};
use super::{Class, class, environment, is_anywhere};
use crate::scan::{Form, scan};

/// Ports of one service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listening {
    /// It says that it listens there.
    pub said: BTreeSet<u16>,
    /// The number is mentioned.
    pub mentioned: BTreeSet<u16>,
}

/// What a service says and mentions. `own` tells whether a host is the service itself, by name or as `localhost`.
pub(crate) fn listening(stack: &Stack, service: &Service, own: impl Fn(&str) -> bool) -> Listening {
    let mut out = Listening::default();
    let local = |host: &str| super::super::directory::is_local(host);
    for variable in &service.env {
        let Some(text) = environment::text(variable) else { continue };
        let bound = class(&variable.name) == Class::Own;
        note(&mut out, text, |host| own(host) || bound && local(host));
        if bound_port(&variable.name) {
            out.said.extend(text.trim().parse::<u16>().ok().filter(|port| *port > 0));
        }
    }
    let process = &service.process;
    for words in [&process.entrypoint, &process.command].into_iter().flatten() {
        for word in &words.value {
            note(&mut out, word, |host| own(host));
        }
    }
    if let Health::Check(check) = &service.health {
        let words: Vec<&str> = match check.test.as_ref().map(|test| &test.value) {
            Some(Test::Shell(line)) => vec![line],
            Some(Test::Exec(words)) => words.iter().map(String::as_str).collect(),
            None => Vec::new(),
        };
        for word in words {
            note(&mut out, word, |host| own(host) || local(host));
        }
    }
    for (key, value) in service.labels.iter().filter(|(key, _)| key.to_ascii_lowercase().contains("port")) {
        let said = key.ends_with("loadbalancer.server.port");
        let ports = if said { &mut out.said } else { &mut out.mentioned };
        ports.extend(value.value.trim().parse::<u16>().ok());
    }
    for mounted in files(stack, service) {
        match dialect_of(service, &mounted) {
            Some(dialect) => out.said.extend(read(dialect, mounted.text).value.listens),
            None => {
                for line in mounted.text.lines().filter(|line| speaks_of_ports(line)) {
                    note(&mut out, line, &own);
                }
            }
        }
    }
    out
}

/// Variables by which processes are told their own port.
fn bound_port(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let names = [
        "PORT",
        "HTTP_PORT",
        "HTTPS_PORT",
        "SERVER_PORT",
        "APP_PORT",
        "LISTEN_PORT",
        "VIRTUAL_PORT",
        "WEB_PORT",
        "API_PORT",
    ];
    names.contains(&upper.as_str())
}

fn speaks_of_ports(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    ["port", "listen", "bind", "addr", "endpoint", "0.0.0.0"].iter().any(|word| lower.contains(word))
}

/// Addresses to listen on are said; other numbers that belong to no other host are mentioned.
fn note(out: &mut Listening, text: &str, own: impl Fn(&str) -> bool) {
    let mut others: Vec<Range<usize>> = Vec::new();
    for found in scan(text) {
        let host = found.name(text);
        if is_anywhere(host) || own(host) {
            out.said.extend(found.port);
        } else if found.form != Form::Pair || crate::scan::is_name(host) {
            let length = found.port.map_or(0, |port| port.to_string().len() + 1);
            others.push(found.host.start..found.host.end + length);
        }
    }
    for (start, number) in numbers(text) {
        if !others.iter().any(|range| range.contains(&start)) {
            out.mentioned.insert(number);
        }
    }
}

/// Numbers that could be ports: two to five digits on their own.
fn numbers(text: &str) -> Vec<(usize, u16)> {
    let mut out = Vec::new();
    let mut at = 0;
    for part in text.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let digits = part.trim_end_matches(|c: char| !c.is_ascii_digit());
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let joins = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '.';
        let rest = text.get(at + digits.len()..).unwrap_or("");
        let version = rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let letters = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let alone = !before.is_some_and(joins) && !letters && !version;
        if (2..=5).contains(&digits.len()) && alone {
            out.extend(digits.parse().ok().filter(|port| *port > 0).map(|port| (at, port)));
        }
        at += part.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn said_mentioned_and_neither() {
        let check = |text: &str, said: &[u16], mentioned: &[u16]| {
            let mut out = Listening::default();
            note(&mut out, text, |host| host == "me");
            out.mentioned.retain(|port| !out.said.contains(port));
            assert_eq!(
                (out.said, out.mentioned),
                (said.iter().copied().collect(), mentioned.iter().copied().collect()),
                "{text}"
            );
        };
        check("--port 3000", &[], &[3000]);
        check("0.0.0.0:8080", &[8080], &[]);
        check("http://*:81", &[81], &[]);
        check("PLAINTEXT://me:29092,OUT://localhost:9092", &[29092], &[]);
        check("http://db:5432 7", &[], &[]);
        check("v1.2345 x99 16.4", &[], &[]);
    }
}
