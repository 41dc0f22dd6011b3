//! Values that call a service that is a server outside now.

use std::collections::BTreeSet;
use std::ops::Range;

use tranship_model::catalog::{self, CredentialKind};
use tranship_model::{EnvValue, EnvVar, Origin, Service};
use tranship_source::Secret;

use super::address::{Address, decoded};
use crate::reference::{Place, Reference};

/// What values said of the service before.
pub(super) struct Old {
    ports: Vec<u16>,
    credentials: Vec<(CredentialKind, String)>,
}

impl Old {
    /// Ports and credentials of a service, by its variables and the catalog.
    pub(super) fn of(service: &Service) -> Self {
        let product = service.product.as_ref().and_then(|product| catalog::by_name(&product.value));
        let value = |name: &str| service.env.iter().find(|variable| variable.name == name).and_then(text);
        let credentials = product.iter().flat_map(|product| &product.credentials).filter_map(|credential| {
            let value = value(&credential.env).map(str::to_owned).or_else(|| credential.default.clone())?;
            (!value.is_empty()).then_some((credential.kind, value))
        });
        Self { ports: service.ports.iter().map(|port| port.container).collect(), credentials: credentials.collect() }
    }

    /// The port it was called at.
    pub(super) fn port(&self) -> Option<u16> {
        self.ports.first().copied()
    }

    fn was(&self, kind: CredentialKind, value: &str) -> bool {
        self.credentials.iter().any(|(known, old)| *known == kind && old == value)
    }
}

fn text(variable: &EnvVar) -> Option<&str> {
    match &variable.value.value {
        EnvValue::Plain(text) => Some(text),
        EnvValue::Secret { value, because: _ } => Some(value.expose()),
        EnvValue::Unset | EnvValue::Elsewhere { .. } => None,
    }
}

/// Rewrites the variables of a service that call the old one; gives each with its origin.
pub(super) fn rewrite(
    service: &mut Service,
    calls: &[Reference],
    old: &Old,
    address: &Address,
    port: Option<u16>,
) -> Vec<(String, Origin)> {
    let mut places: Vec<(&str, &Range<usize>)> = Vec::new();
    for reference in calls.iter().filter(|reference| reference.from == service.name) {
        if let Place::Env { variable, range } = &reference.place {
            places.push((variable, range));
        }
    }
    // From the back to the front, so that ranges before stay right.
    places.sort_by_key(|(_, range)| std::cmp::Reverse(range.start));
    let mut done = Vec::new();
    let mut heads = BTreeSet::new();
    for (name, range) in places {
        let Some(variable) = service.env.iter_mut().find(|variable| variable.name == name) else { continue };
        let Some(before) = text(variable) else { continue };
        let Some((after, has_password)) = called(before, range, address, port) else { continue };
        if before == before.get(range.clone()).unwrap_or_default() {
            heads.insert(head(name).to_owned());
        }
        put(variable, after, has_password);
        done.push((name.to_owned(), variable.value.origin.clone()));
    }
    if heads.is_empty() {
        return done;
    }
    for variable in &mut service.env {
        let beside =
            heads.contains(head(&variable.name)) || heads.iter().any(|head| variable.name.starts_with(head.as_str()));
        if !beside {
            continue;
        }
        let Some(before) = text(variable) else { continue };
        if let Some((after, secret)) = companion(&variable.name, before, old, address, port) {
            put(variable, after, secret);
            done.push((variable.name.clone(), variable.value.origin.clone()));
        }
    }
    done
}

/// What stands before the last word of a variable's name: `DB_` of `DB_HOST`.
fn head(name: &str) -> &str {
    match name.rfind('_') {
        Some(end) => name.get(..=end).unwrap_or(name),
        // `PGHOST`, `PGPORT` and their like.
        None => ["HOST", "PORT", "USER", "PASSWORD", "DATABASE"]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .unwrap_or(name),
    }
}

/// A variable beside one of the host that held the old port, user, password or database.
fn companion(name: &str, before: &str, old: &Old, address: &Address, port: Option<u16>) -> Option<(String, bool)> {
    let upper = name.to_ascii_uppercase();
    let is = |words: &[&str]| words.iter().any(|word| upper.ends_with(word));
    if is(&["PORT"]) && old.ports.iter().any(|port| before == port.to_string()) {
        return port.map(|port| (port.to_string(), false));
    }
    if is(&["PASSWORD", "PASS", "PWD"]) && old.was(CredentialKind::Password, before) {
        return address.password.as_ref().map(|password| (decoded(password.expose()), true));
    }
    if is(&["USER", "USERNAME"]) && old.was(CredentialKind::User, before) {
        return address.user.as_ref().map(|user| (decoded(user), false));
    }
    if is(&["DB", "DATABASE", "NAME", "DBNAME"]) && old.was(CredentialKind::Database, before) {
        let database = address.path.trim_start_matches('/');
        return (!database.is_empty()).then(|| (decoded(database), false));
    }
    None
}

/// A value with the server in place of the host at `range`, and whether a password is in it now.
fn called(before: &str, range: &Range<usize>, address: &Address, port: Option<u16>) -> Option<(String, bool)> {
    let (head, tail) = (before.get(..range.start)?, before.get(range.end..)?);
    let scheme =
        head.rfind("://").filter(|at| !head.get(at + 3..).is_some_and(|login| login.contains(['/', ' ', ','])));
    let (old_port, rest) = match tail.strip_prefix(':') {
        Some(after) => {
            let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            after.split_at_checked(end)?
        }
        None => ("", tail),
    };
    let written = if old_port.is_empty() { None } else { port };
    let Some(at) = scheme else {
        let port = written.map(|port| format!(":{port}")).unwrap_or_default();
        return Some((format!("{head}{}{port}{rest}", address.host), false));
    };
    let start = head.get(..at + 3)?;
    let login = head.get(at + 3..)?.trim_end_matches('@');
    let (old_user, old_password) = login.split_once(':').unwrap_or((login, ""));
    let user = address.user.as_deref().unwrap_or(old_user);
    let password = address.password.as_ref().map_or(old_password, |password| password.expose().as_str());
    let login = match (user, password) {
        ("", "") => String::new(),
        (user, "") => format!("{user}@"),
        (user, password) => format!("{user}:{password}@"),
    };
    let end = rest.find(|c: char| c.is_whitespace() || "\"'`,;".contains(c)).unwrap_or(rest.len());
    let (place, after) = rest.split_at_checked(end)?;
    let (path, query) = place.split_once('?').unwrap_or((place, ""));
    let path = if address.path.is_empty() { path } else { address.path.as_str() };
    let port = written.or_else(|| port.filter(|_| address.port != default_of(start))).map(|port| format!(":{port}"));
    let query = options(query, address);
    let host = &address.host;
    let port = port.unwrap_or_default();
    Some((format!("{start}{login}{host}{port}{path}{query}{after}"), !password.is_empty()))
}

/// The port that a scheme stands for.
fn default_of(start: &str) -> Option<u16> {
    super::parse(&format!("{start}x")).ok().and_then(|address| address.port)
}

/// Options of both, the server's own first where both say one.
fn options(query: &str, address: &Address) -> String {
    let key = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let kept =
        query.split('&').filter(|pair| !pair.is_empty() && !address.options.iter().any(|(own, _)| *own == key(pair)));
    let own = address
        .options
        .iter()
        .map(|(key, value)| if value.is_empty() { key.clone() } else { format!("{key}={value}") });
    let all: Vec<String> = kept.map(str::to_owned).chain(own).collect();
    if all.is_empty() { String::new() } else { format!("?{}", all.join("&")) }
}

fn put(variable: &mut EnvVar, after: String, has_password: bool) {
    let because = match &variable.value.value {
        EnvValue::Secret { value: _, because } => Some(because.clone()),
        _ => has_password.then(|| "it holds the password of a server outside".to_owned()),
    };
    variable.value.value = match because {
        Some(because) => EnvValue::Secret { value: Secret::new(after), because },
        None => EnvValue::Plain(after),
    };
}
