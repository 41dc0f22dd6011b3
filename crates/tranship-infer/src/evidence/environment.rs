//! Values of the environment: URLs, lists, connection strings, and `FOO_HOST` with `FOO_PORT` beside it.

use std::ops::Range;

use tranship_model::{EnvValue, EnvVar, Service};

use super::{Class, class, is_anywhere, reference};
use crate::reference::{Evidence, Place, Reference, Strength};
use crate::scan::{Form, is_ipv4, is_name, scan};

pub(super) fn gather(service: &Service, out: &mut Vec<Reference>) {
    for variable in &service.env {
        if let Some(text) = text(variable) {
            value(service, variable, text, out);
        }
    }
}

/// The text of a variable, secret or not: a host in it is no secret.
pub(super) fn text(variable: &EnvVar) -> Option<&str> {
    match &variable.value.value {
        EnvValue::Plain(text) => Some(text),
        EnvValue::Secret { value, because: _ } => Some(value.expose()),
        EnvValue::Unset | EnvValue::Elsewhere { .. } => None,
    }
}

fn value(service: &Service, variable: &EnvVar, text: &str, out: &mut Vec<Reference>) {
    let class = class(&variable.name);
    let place = |range: Range<usize>| Place::Env { variable: variable.name.clone(), range };
    let mut covered: Vec<Range<usize>> = Vec::new();
    let secret = matches!(variable.value.value, EnvValue::Secret { .. });
    for found in scan(text) {
        covered.push(found.host.clone());
        let host = found.name(text);
        let pair = found.form == Form::Pair;
        // `admin:12345` in a secret is a user and a password unless an address is expected or stands behind them.
        let expected = matches!(class, Class::Host | Class::Address)
            || text.get(..found.host.start).is_some_and(|head| head.ends_with('@'));
        if is_anywhere(host) || pair && (class == Class::Opaque || secret && !expected) {
            continue;
        }
        let sure = !pair || found.whole && matches!(class, Class::Host | Class::Address);
        let strength = if sure { Strength::Host } else { Strength::Maybe };
        out.push(reference(service, text, &found, strength, Evidence::Environment, &variable.value.origin, place));
    }
    if text.contains("://") {
        return;
    }
    if text.starts_with(['{', '[']) {
        return members(service, variable, text, &covered, out);
    }
    bare(service, variable, text, class, &covered, out);
}

/// Hosts of a JSON text: `"host": "db"`, by the names of its keys.
fn members(service: &Service, variable: &EnvVar, text: &str, covered: &[Range<usize>], out: &mut Vec<Reference>) {
    for (at, _) in text.match_indices('"') {
        let Some(head) = text.get(..at).map(str::trim_end).and_then(|head| head.strip_suffix(':')) else { continue };
        let Some(key) = head.trim_end().strip_suffix('"').and_then(|head| head.rsplit('"').next()) else { continue };
        let Some(value) = text.get(at + 1..).and_then(|rest| rest.split('"').next()) else { continue };
        let range = at + 1..at + 1 + value.len();
        let known = covered.iter().any(|other| other.start < range.end && range.start < other.end);
        if !known && is_host_key(key) && (is_name(value) || is_ipv4(value)) && !is_word(value) {
            out.push(plain(service, variable, value, range, None, Strength::Maybe));
        }
    }
}

/// Whether a key of a settings file means a host; `host` alone does here, unlike the variable `HOST`.
fn is_host_key(key: &str) -> bool {
    let known = ["host", "hostname", "server", "addr", "address"];
    class(key) == Class::Host || known.contains(&key.to_ascii_lowercase().as_str())
}

fn plain(
    service: &Service,
    variable: &EnvVar,
    host: &str,
    range: Range<usize>,
    port: Option<u16>,
    strength: Strength,
) -> Reference {
    Reference {
        from: service.name.clone(),
        host: host.to_owned(),
        port,
        port_written: port.is_some(),
        scheme: None,
        evidence: Evidence::Environment,
        strength,
        place: Place::Env { variable: variable.name.clone(), range },
        origin: variable.value.origin.clone(),
    }
}

/// Hosts without a port, alone or in a list.
fn bare(
    service: &Service,
    variable: &EnvVar,
    text: &str,
    class: Class,
    covered: &[Range<usize>],
    out: &mut Vec<Reference>,
) {
    let strength = match class {
        Class::Host => Strength::Host,
        Class::Address | Class::Own | Class::Public | Class::Neutral => Strength::Maybe,
        Class::Browser | Class::Opaque => return,
    };
    // A word alone in a variable that says nothing is a name of the stack at best by chance.
    if class == Class::Neutral && !text.contains(',') && !super::variable::is_backing(&variable.name) {
        return;
    }
    let port = port_beside(service, &variable.name);
    let mut at = 0;
    for piece in text.split([',', ';', ' ']) {
        let start = at;
        at += piece.len() + 1;
        if covered.iter().any(|other| other.start < at && start < other.end) {
            continue;
        }
        let whole = text == piece;
        let piece = if matches!(class, Class::Host | Class::Address) { address(piece) } else { piece };
        let numbers = is_ipv4(piece);
        if !is_name(piece) && !numbers || is_anywhere(piece) || is_word(piece) {
            continue;
        }
        let strength = if whole && text == piece { strength } else { Strength::Maybe };
        out.push(plain(service, variable, piece, start..start + piece.len(), port, strength));
    }
}

/// The host of an address without a scheme and with no port that could be read: `db/path`, `db:`.
fn address(piece: &str) -> &str {
    let (head, tail) = piece.split_once(['/', ':']).unwrap_or((piece, ""));
    if tail.starts_with(|c: char| c.is_ascii_digit()) { piece } else { head }
}

/// Words that say that there is no host, or that something is on or off.
fn is_word(piece: &str) -> bool {
    let words = [
        "all",
        "any",
        "auto",
        "default",
        "disabled",
        "enabled",
        "false",
        "n",
        "nil",
        "no",
        "none",
        "null",
        "off",
        "on",
        "true",
        "undefined",
        "unset",
        "y",
        "yes",
    ];
    words.contains(&piece.to_ascii_lowercase().as_str())
}

/// The port of `FOO_HOST`: the number in `FOO_PORT`.
fn port_beside(service: &Service, name: &str) -> Option<u16> {
    let upper = name.to_ascii_uppercase();
    let stem =
        ["HOSTNAME", "HOSTS", "HOST", "ADDRESS", "ADDR", "SERVER"].iter().find_map(|end| upper.strip_suffix(end))?;
    let wanted = format!("{stem}PORT");
    let beside = service.env.iter().find(|other| other.name.eq_ignore_ascii_case(&wanted))?;
    text(beside)?.trim().parse().ok()
}
