//! What the proof of names found, as the calls a graph is drawn from.

use std::collections::BTreeSet;

use tranship_analyze::graph::{Call, Shows, Target};
use tranship_infer::{Evidence, Place, Proof, Proven, Reference, Strength, Verdict, targets};
use tranship_model::Stack;

/// Every call that something in the project shows, in the order of the stack; hosts outside the project among them.
pub fn calls(stack: &Stack, proof: &Proof) -> Vec<Call> {
    // A service that names the address it is reached at calls nobody.
    let own: BTreeSet<&str> = stack.exposure.routes.iter().filter_map(|route| route.value.host.as_deref()).collect();
    let is_own =
        |call: &Call| matches!(&call.to, Target::Outside(host) if own.contains(host.as_str()) || is_local(host));
    proof.proven.iter().flat_map(|proven| of(stack, proven)).filter(|call| !is_own(call)).collect()
}

/// Whether a name leads to the machine it is asked on.
fn is_local(host: &str) -> bool {
    host.ends_with(".localhost")
}

fn of(stack: &Stack, proven: &Proven) -> Vec<Call> {
    let reference = &proven.reference;
    // A host that is named where a container asks itself is none that it calls, nor is one that it answers to.
    if matches!(reference.evidence, Evidence::Health) || names_callers(&reference.place) {
        return Vec::new();
    }
    let outside = proven.verdict == Verdict::External && reference.strength == Strength::Host;
    let outside = outside.then(|| Target::Outside(reference.host.to_ascii_lowercase()));
    let inside = targets(stack, proven).into_iter().map(|to| Target::Service(to.to_owned()));
    inside.chain(outside).map(|to| call(reference, to)).collect()
}

fn call(reference: &Reference, to: Target) -> Call {
    let shows = match reference.evidence {
        Evidence::DependsOn => Shows::Order,
        Evidence::Config(dialect) if dialect.routes() => Shows::Route,
        Evidence::Label => Shows::Route,
        _ => Shows::Name,
    };
    let host = match reference.port {
        Some(port) if reference.port_written => format!("{}:{port}", reference.host),
        _ => reference.host.clone(),
    };
    let text = match &reference.place {
        Place::DependsOn => "`depends_on`".to_owned(),
        place => format!("{place} names `{host}`"),
    };
    Call {
        from: reference.from.clone(),
        to,
        port: reference.port,
        shows,
        what: reference.evidence.to_string(),
        text,
        span: reference.origin.span(),
    }
}

/// Whether a variable lists hosts that may call or be asked for, and none that is called.
fn names_callers(place: &Place) -> bool {
    const WORDS: [&str; 7] = ["ALLOWED_HOST", "TRUSTED", "WHITELIST", "ALLOWLIST", "ORIGIN", "NO_PROXY", "CSRF"];
    match place {
        Place::Env { variable, .. } => {
            let variable = variable.to_ascii_uppercase();
            WORDS.iter().any(|word| variable.contains(word))
        }
        _ => false,
    }
}
