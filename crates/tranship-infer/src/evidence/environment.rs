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
    let before = out.len();
    let secret = matches!(variable.value.value, EnvValue::Secret { .. });
    for found in scan(text) {
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
    if out.len() == before && !text.contains("://") {
        bare(service, variable, text, class, out);
    }
}

/// Hosts without a port, alone or in a list.
fn bare(service: &Service, variable: &EnvVar, text: &str, class: Class, out: &mut Vec<Reference>) {
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
        let numbers = is_ipv4(piece);
        if !is_name(piece) && !numbers || is_anywhere(piece) || is_word(piece) {
            continue;
        }
        out.push(Reference {
            from: service.name.clone(),
            host: piece.to_owned(),
            port,
            port_written: port.is_some(),
            scheme: None,
            evidence: Evidence::Environment,
            strength: if text == piece { strength } else { Strength::Maybe },
            place: Place::Env { variable: variable.name.clone(), range: start..start + piece.len() },
            origin: variable.value.origin.clone(),
        });
    }
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
