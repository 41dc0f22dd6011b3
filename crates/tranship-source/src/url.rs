//! Where the hosts and the credentials of an address stand.

use std::ops::Range;

/// The parts of what follows `://`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// `user:password`, where there is an `@`.
    pub user_info: Option<Range<usize>>,
    /// The hosts with their ports; several are separated by `,`.
    pub hosts: Range<usize>,
}

/// Where user and hosts begin and end in what follows `://` of a scheme. A password may hold what else ends an authority,
/// but for addresses of the web, where an `@` in a path is common.
pub fn authority(token: &str, scheme: &str) -> Option<Authority> {
    let end = |from: usize| {
        let rest = token.get(from..).unwrap_or("");
        from + rest.find(['/', '?', '#', ';', ')', '}', ']']).map_or(rest.len(), |at| at)
    };
    if token.starts_with('[') {
        let close = token.find(']')?;
        let after = token.get(close..).unwrap_or("");
        let hosts = 0..close + after.find(['/', '?', '#', ';']).unwrap_or(after.len());
        return Some(Authority { user_info: None, hosts });
    }
    let plain = end(0);
    let head = token.get(..plain)?;
    if let Some(at) = head.rfind('@') {
        return Some(Authority { user_info: Some(0..at), hosts: at + 1..host_end(token, at + 1, end(at + 1)) });
    }
    let web = matches!(scheme, "http" | "https" | "ws" | "wss");
    match token.rfind('@').filter(|_| !web && head.contains(':') && !are_ports(head)) {
        Some(at) => Some(Authority { user_info: Some(0..at), hosts: at + 1..host_end(token, at + 1, end(at + 1)) }),
        None => Some(Authority { user_info: None, hosts: 0..plain }),
    }
}

/// An address in brackets ends behind its bracket.
fn host_end(token: &str, from: usize, usual: usize) -> usize {
    let rest = token.get(from..).unwrap_or("");
    let Some(close) = rest.find(']').filter(|_| rest.starts_with('[')) else { return usual };
    let after = rest.get(close..).unwrap_or("");
    from + close + after.find(['/', '?', '#', ';']).unwrap_or(after.len())
}

/// Whether each piece is a host with a port or without, so that no password stands there.
fn are_ports(head: &str) -> bool {
    head.split(',').all(|piece| {
        piece.split_once(':').is_none_or(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_hold_what_ends_an_authority_elsewhere() {
        for (token, scheme, user, hosts) in [
            ("u:p@db:5432/x", "postgres", "u:p", "db:5432"),
            ("u:pa/ss@db:5432/x", "postgres", "u:pa/ss", "db:5432"),
            ("u:pa?ss@db", "postgres", "u:pa?ss", "db"),
            ("u:pa#ss@db", "postgres", "u:pa#ss", "db"),
            ("u:p@a:1,b:2/x", "mongodb", "u:p", "a:1,b:2"),
            ("db:5432/x?mail=a@b", "postgres", "-", "db:5432"),
            ("web:80/@scope/name", "http", "-", "web:80"),
            ("[::1]:80/x", "http", "-", "[::1]:80"),
            ("u:p@[::1]:80/x", "redis", "u:p", "[::1]:80"),
            ("db", "redis", "-", "db"),
        ] {
            let found = authority(token, scheme).unwrap();
            assert_eq!(found.user_info.map_or("-", |range| &token[range]), user, "{token}");
            assert_eq!(&token[found.hosts], hosts, "{token}");
        }
    }
}
