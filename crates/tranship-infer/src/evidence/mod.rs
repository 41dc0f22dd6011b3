//! Where hosts are named. Each file reads one kind of place and judges nothing.

mod build_argument;
mod command;
mod config;
mod depends_on;
mod environment;
mod health;
mod label;
pub(crate) mod listening;
mod variable;

pub(crate) use config::files;
pub use variable::Class;
pub(crate) use variable::{class, is_backing};

use std::ops::Range;

use tranship_model::{Origin, Service, Stack};

use crate::reference::{Evidence, Place, Reference, Strength};
use crate::scan::{Form, Found, scheme_port};

/// Every host that a stack names, service by service in the stack's order.
pub fn gather(stack: &Stack) -> Vec<Reference> {
    let mut out = Vec::new();
    for service in stack.services.values() {
        depends_on::gather(service, &mut out);
        environment::gather(service, &mut out);
        command::gather(service, &mut out);
        health::gather(service, &mut out);
        build_argument::gather(service, &mut out);
        label::gather(service, &mut out);
        config::gather(stack, service, &mut out);
    }
    out
}

/// The origin of one word of a list: the leaf of that word where there is one for each.
fn word_origin(origin: &Origin, words: usize, at: usize) -> Origin {
    let leaves = origin.leaves();
    match leaves.get(at).filter(|_| leaves.len() == words) {
        Some(leaf) => Origin::From(vec![leaf.clone()]),
        None => origin.clone(),
    }
}

/// A reference from what the scanner found in a text.
fn reference(
    service: &Service,
    text: &str,
    found: &Found,
    strength: Strength,
    evidence: Evidence,
    origin: &Origin,
    place: impl Fn(Range<usize>) -> Place,
) -> Reference {
    let implied = found.scheme.as_deref().and_then(scheme_port);
    Reference {
        from: service.name.clone(),
        host: found.name(text).to_owned(),
        port: found.port.or(implied),
        port_written: found.port.is_some(),
        scheme: found.scheme.clone(),
        evidence,
        strength: if found.form == Form::OddUrl { Strength::Maybe } else { strength },
        place: place(found.host.clone()),
        origin: origin.clone(),
    }
}

/// Whether a host is no host but every address of the machine, as listeners write it.
pub(crate) fn is_anywhere(host: &str) -> bool {
    matches!(host, "" | "*" | "+" | "0.0.0.0" | "::" | "[::]" | "0")
}
