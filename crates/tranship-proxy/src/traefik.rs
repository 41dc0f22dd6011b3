//! Traefik's files: entry points are listened on, servers and forward authentication are called.
//!
//! TOML is read line by line: tables do not matter to the few keys that hold addresses.

use std::ops::Range;

use tranship_source::Checked;
use tranship_source::yaml::Node;

use crate::address::{listening_port, words};
use crate::{Read, Use, tree};

/// Reads a static or dynamic file, YAML or TOML.
pub(crate) fn read(text: &str) -> Checked<Read> {
    if is_toml(text) {
        return Checked::clean(toml(text));
    }
    let (documents, faults) = tree::documents(text, "Traefik");
    let mut out = Read::default();
    for document in &documents {
        tree::walk(document, &mut Vec::new(), &mut |path, node| entry(&mut out, text, path, node));
    }
    Checked::new(out, faults)
}

fn entry(out: &mut Read, text: &str, path: &[&str], node: &Node) {
    let Some(range) = tree::range(text, node) else { return };
    let lower: Vec<String> = path.iter().map(|key| key.to_ascii_lowercase()).collect();
    let within = |key: &str| lower.iter().any(|step| step == key);
    let last = lower.last().map_or("", String::as_str);
    key(out, text, range, within("entrypoints"), within("servers") || within("forwardauth"), last);
}

fn key(out: &mut Read, text: &str, range: Range<usize>, entry_point: bool, called: bool, last: &str) {
    match last {
        "address" if entry_point => {
            if let Some(port) = text.get(range).and_then(listening_port) {
                out.listen(port);
            }
        }
        "url" | "address" if called => out.call(text, range, Use::Upstream, None),
        _ => {}
    }
}

/// A table's head stands on a line of its own, which YAML's lists do not.
fn is_toml(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.any(|line| line.starts_with('[') && line.ends_with(']') && !line.contains(','))
}

fn toml(text: &str) -> Read {
    let mut out = Read::default();
    let mut base = 0;
    let mut table = String::new();
    for line in text.split_inclusive('\n') {
        let body = line.trim();
        if body.starts_with('[') {
            table = body.to_ascii_lowercase();
        } else if let Some((name, _)) = body.split_once('=').filter(|_| !body.starts_with('#')) {
            let words = words(line, base);
            let start = words.first().map_or(base, |word| word.start);
            let last = name.trim().to_ascii_lowercase();
            let value = quoted(line, base).filter(|value| value.start >= start);
            if let Some(value) = value {
                let called = table.contains("servers") || table.contains("forwardauth");
                key(&mut out, text, value, table.contains("entrypoints"), called, &last);
            }
        }
        base += line.len();
    }
    out
}

/// What stands between the first pair of quotes.
fn quoted(line: &str, base: usize) -> Option<Range<usize>> {
    let open = line.find(['"', '\''])?;
    let quote = line.get(open..)?.chars().next()?;
    let length = line.get(open + 1..)?.find(quote)?;
    Some(base + open + 1..base + open + 1 + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) {
        let read = read(text).value;
        let names: Vec<_> =
            read.names.iter().map(|n| format!("{}:{}", &text[n.range.clone()], n.port.unwrap_or(0))).collect();
        assert_eq!((names, read.listens), (vec!["api:8000".to_owned(), "auth:80".to_owned()], vec![443]), "{text}");
    }

    #[test]
    fn servers_and_entry_points_are_found_in_yaml_and_toml() {
        check(
            "entryPoints:\n  web: {address: \":443\"}\nhttp:\n  services:\n    a:\n      loadBalancer:\n        servers:\n        \
             - url: \"http://api:8000/\"\n  middlewares:\n    m: {forwardAuth: {address: 'http://auth/x'}}\n",
        );
        check(
            "[entryPoints.web]\n  address = \":443\"\n[[http.services.a.loadBalancer.servers]]\n  url = \"http://api:8000/\"\n\
             [http.middlewares.m.forwardAuth]\n  address = 'http://auth/x'\n",
        );
    }
}
