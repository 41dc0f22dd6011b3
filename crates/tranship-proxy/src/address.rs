//! One address as proxies write it: `host`, `host:port`, `scheme://host:port/path`, `[::1]:80`.

use std::ops::Range;

/// The parts of an address, with byte ranges of the text it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Where the host stands.
    pub host: Range<usize>,
    /// The port that is written.
    pub port: Option<u16>,
    /// The scheme that is written.
    pub scheme: Option<String>,
}

/// Reads the address at `range` of `text`; `None` for sockets of the machine and for what is no address.
pub fn address(text: &str, range: Range<usize>) -> Option<Address> {
    let whole = text.get(range.clone())?;
    if whole.starts_with("unix:") || whole.starts_with('/') {
        return None;
    }
    let (scheme, body) = match whole.split_once("://") {
        Some((scheme, _)) => (Some(scheme.rsplit(':').next().unwrap_or(scheme)), scheme.len() + 3),
        None => (None, 0),
    };
    let rest = whole.get(body..)?;
    let end = rest.find(['/', '?', '#', ' ', ';', '|']).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let skipped = authority.rfind('@').map_or(0, |at| at + 1);
    let hostport = authority.get(skipped..)?;
    let (host, port) = split(hostport);
    let start = range.start + body + skipped;
    let port = match port {
        None => None,
        Some(written) if written.starts_with(['$', '{', '%']) => None, // It is put in elsewhere.
        Some(written) => Some(port_of(written)?),
    };
    let inner = host.len() - host.trim_start_matches('[').len();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let host = start + inner..start + inner + bare.len();
    Some(Address { host, port, scheme: scheme.map(str::to_ascii_lowercase) })
}

/// A host and what follows its last colon; the colons of an IPv6 address in brackets are its own.
fn split(hostport: &str) -> (&str, Option<&str>) {
    match hostport.rfind(':') {
        Some(colon) if !hostport.get(colon..).unwrap_or("").contains(']') => {
            (hostport.get(..colon).unwrap_or(""), hostport.get(colon + 1..))
        }
        _ => (hostport, None),
    }
}

/// Whether a text can be a host name or an address: no variable, no placeholder, not empty.
pub fn is_host(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    !name.is_empty()
        && name.chars().all(inner)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == ':' || c == '_')
}

/// The port a scheme implies.
pub fn scheme_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" | "h2c" => Some(80),
        "https" | "wss" => Some(443),
        "fcgi" => Some(9000),
        "ajp" => Some(8009),
        _ => None,
    }
}

/// The port of a listening address: `80`, `:80`, `*:80`, `0.0.0.0:80`, `[::]:80`.
pub(crate) fn listening_port(word: &str) -> Option<u16> {
    let word = word.split('/').next().unwrap_or(word);
    let digits = word.rsplit(':').next().unwrap_or(word);
    digits.parse().ok()
}

/// A word without quotes around it, and without the `>` that ends a section's name.
pub(crate) fn unquoted(text: &str, range: Range<usize>) -> Range<usize> {
    let Some(word) = text.get(range.clone()) else { return range };
    let head = word.len() - word.trim_start_matches(['"', '\'']).len();
    let tail = word.len() - word.trim_end_matches(['"', '\'', '>']).len();
    if head + tail >= word.len() { range } else { range.start + head..range.end - tail }
}

/// A port as it is written: a number, the first of a range, the name of a known service.
fn port_of(text: &str) -> Option<u16> {
    let first = text.split_once('-').filter(|(_, last)| last.parse::<u16>().is_ok()).map_or(text, |(first, _)| first);
    let named = match text {
        "http" => Some(80),
        "https" => Some(443),
        "mysql" => Some(3306),
        "postgresql" => Some(5432),
        "redis" => Some(6379),
        "ldap" => Some(389),
        "smtp" => Some(25),
        _ => None,
    };
    named.or_else(|| first.parse().ok())
}

/// Where each word of `line` stands, in bytes from `base`.
pub(crate) fn words(line: &str, base: usize) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = None;
    for (at, c) in line.char_indices() {
        match (c.is_whitespace(), start) {
            (true, Some(from)) => {
                out.push(base + from..base + at);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    out.extend(start.map(|from| base + from..base + line.len()));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<(&str, Option<u16>, Option<&str>)>) {
        let found = address(text, 0..text.len());
        let found = found.as_ref().map(|a| (&text[a.host.clone()], a.port, a.scheme.as_deref()));
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn the_forms_of_an_address() {
        check("api", Some(("api", None, None)));
        check("api:80", Some(("api", Some(80), None)));
        check("http://api:8000/x?y", Some(("api", Some(8000), Some("http"))));
        check("proxy:fcgi://php:9000", Some(("php", Some(9000), Some("fcgi"))));
        check("https://u:p@api/", Some(("api", None, Some("https"))));
        check("[::1]:80", Some(("::1", Some(80), None)));
        check("unix:/run/x.sock", None);
        check("/run/x.sock", None);
        check("api:port", None);
        check("api:8000-8003", Some(("api", Some(8000), None)));
        check("api:http", Some(("api", Some(80), None)));
        check("api:$PORT", Some(("api", None, None)));
    }

    #[test]
    fn variables_and_placeholders_are_no_hosts() {
        for name in ["$x", "${HOST}", "{$HOST}", "", "*", "+", "api$n"] {
            assert!(!is_host(name), "{name}");
        }
        assert!(is_host("my_db") && is_host("a.b") && is_host("127.0.0.1"));
    }
}
