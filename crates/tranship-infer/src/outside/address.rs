//! The address of a server outside: `scheme://user:password@host:port/database?options`.

use tranship_source::Secret;

/// The address of a server.
#[derive(Clone, Debug)]
pub struct Address {
    /// Its scheme, such as `postgres`.
    pub scheme: String,
    /// The user, as it stands in the address.
    pub user: Option<String>,
    /// The password, as it stands in the address.
    pub password: Option<Secret<String>>,
    /// The host: a name, or an address of four numbers.
    pub host: String,
    /// The port, written or the scheme's own.
    pub port: Option<u16>,
    /// The path with its `/`, such as the database; empty where there is none.
    pub path: String,
    /// Options such as `sslmode`, in order.
    pub options: Vec<(String, String)>,
}

/// Ports of schemes (IANA, and the products' manuals).
const PORTS: &[(&str, u16)] = &[
    ("amqp", 5672),
    ("amqps", 5671),
    ("clickhouse", 9000),
    ("http", 80),
    ("https", 443),
    ("mariadb", 3306),
    ("mongodb", 27_017),
    ("mysql", 3306),
    ("nats", 4222),
    ("postgres", 5432),
    ("postgresql", 5432),
    ("redis", 6379),
    ("rediss", 6379),
];

/// Reads an address; the reason why it is none names nothing of it, as it may hold a password.
pub fn parse(text: &str) -> Result<Address, &'static str> {
    let (scheme, rest) = text.split_once("://").ok_or("an address begins with a scheme, such as `postgres://`")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
    if scheme.is_empty() || !scheme.chars().all(plain) {
        return Err("the scheme is of letters and digits");
    }
    if scheme == "mongodb+srv" {
        return Err("an address by SRV records has no host that a name could lead to");
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let (login, place) = authority.rsplit_once('@').map_or((None, authority), |(login, place)| (Some(login), place));
    let (user, password) = match login.map(|login| login.split_once(':').unwrap_or((login, ""))) {
        Some((user, password)) => (filled(user), filled(password).map(Secret::new)),
        None => (None, None),
    };
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse::<u16>().map_err(|_| "the port is a number from 1 to 65535")?)),
        None => (place, None),
    };
    let name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if host.is_empty() || !host.chars().all(name) || port == Some(0) {
        return Err("the host is a name or an address of four numbers, alone");
    }
    let family = scheme.split('+').next().unwrap_or(scheme);
    let own = PORTS.iter().find(|(known, _)| *known == family).map(|(_, port)| *port);
    let option = |pair: &str| {
        pair.split_once('=').map_or((pair.to_owned(), String::new()), |(k, v)| (k.to_owned(), v.to_owned()))
    };
    Ok(Address {
        scheme: scheme.to_owned(),
        user,
        password,
        host: host.to_owned(),
        port: port.or(own),
        path: if path == "/" { String::new() } else { path.to_owned() },
        options: query.split('&').filter(|pair| !pair.is_empty()).map(option).collect(),
    })
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A text of an address as it is meant, `%40` as `@`.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match code.filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_or_refused() {
        let found = parse("postgresql://u:p%40@db.example.com/shop?sslmode=require").unwrap();
        assert_eq!((found.host.as_str(), found.port, found.path.as_str()), ("db.example.com", Some(5432), "/shop"));
        assert_eq!(found.options, [("sslmode".to_owned(), "require".to_owned())]);
        assert_eq!(decoded(found.password.unwrap().expose()), "p@");
        assert_eq!(parse("redis://10.0.0.1:6380").unwrap().port, Some(6380));
        for text in
            ["db.example.com", "://x", "postgres://", "postgres://h:99999", "mongodb+srv://x", "postgres://a,b/x"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
