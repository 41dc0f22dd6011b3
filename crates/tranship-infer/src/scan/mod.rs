//! Finds hosts in one text: URLs, DSNs, connection strings, lists of `host:port`.
//!
//! It knows forms, not names: whether a host exists is for others to say. Start reading at [`scan`].

mod dsn;
mod pair;
mod url;

use std::ops::Range;

pub(crate) use url::{is_network, scheme_port};

/// The form a host was found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// After `scheme://`, in a scheme that calls over the network.
    Url,
    /// After a scheme that is not known, with a port.
    OddUrl,
    /// In a driver's own notation: `tcp(db:3306)`, `Host=db;Port=5432`.
    Dsn,
    /// `host:port` on its own.
    Pair,
}

/// A host in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where the host stands; empty where an address to listen on has none.
    pub host: Range<usize>,
    /// The port that is written.
    pub port: Option<u16>,
    /// The scheme in small letters.
    pub scheme: Option<String>,
    /// The form it was found in.
    pub form: Form,
    /// Whether it begins the text or stands after a blank, as `host:port` in a list does.
    pub whole: bool,
}

impl Found {
    /// The host's text.
    pub fn name<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.host.clone()).unwrap_or("")
    }
}

/// Every host in a text, in order; none twice.
pub(crate) fn scan(text: &str) -> Vec<Found> {
    let mut covered = Vec::new();
    let mut out = url::find(text, &mut covered);
    out.extend(dsn::find(text, &mut covered));
    out.extend(pair::find(text, &covered));
    out.sort_by_key(|found| (found.host.start, found.host.end));
    out
}

/// Whether a byte can stand in a host name.
pub(crate) fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// Whether a text has the form of a host name: letters, digits, `-`, `_`, `.`, a letter somewhere, no odd ends.
pub(crate) fn is_name(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    text.len() <= 253
        && text.bytes().all(is_host_byte)
        && ends(text.chars().next())
        && ends(text.chars().next_back())
        && !text.contains("..")
        && text.chars().any(|c| c.is_ascii_alphabetic())
}

/// Whether a text is an IPv4 address.
pub(crate) fn is_ipv4(text: &str) -> bool {
    text.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `form host:port scheme` of everything found.
    fn found(text: &str) -> Vec<String> {
        let show = |f: Found| {
            let port = f.port.map_or_else(|| "-".to_owned(), |port| port.to_string());
            format!("{:?} {}:{port} {}", f.form, f.name(text), f.scheme.as_deref().unwrap_or("-")).trim().to_owned()
        };
        scan(text).into_iter().map(show).collect()
    }

    fn check(text: &str, expect: &[&str]) {
        assert_eq!(found(text), expect, "{text}");
    }

    #[test]
    fn urls_of_all_kinds() {
        check("http://api:8000/x", &["Url api:8000 http"]);
        check("wss://live/ws?a=b", &["Url live:- wss"]);
        check("postgres://u:p%40@db:5432/app", &["Url db:5432 postgres"]);
        check("postgresql+asyncpg://u:p@db/app", &["Url db:- postgresql"]);
        check("postgres://u:a/b@c@db:5432/x", &["Url db:5432 postgres"]);
        check("jdbc:postgresql://db:5432/x", &["Url db:5432 postgresql"]);
        check("jdbc:sqlserver://sql:1433;databaseName=x", &["Url sql:1433 sqlserver"]);
        check("jdbc:oracle:thin:@ora:1521:xe", &["Pair ora:1521 -"]);
        check("amqp://guest:guest@rabbit:5672//", &["Url rabbit:5672 amqp"]);
        check("redis://:secret@cache:6379/0", &["Url cache:6379 redis"]);
        check(
            "mongodb://u:p@m1:27017,m2:27018,m3/db?replicaSet=r",
            &["Url m1:27017 mongodb", "Url m2:27018 mongodb", "Url m3:- mongodb"],
        );
        check("mongodb+srv://u:p@cluster0.example.net/db", &["Url cluster0.example.net:- mongodb+srv"]);
        check("http://es1:9200,http://es2:9200", &["Url es1:9200 http", "Url es2:9200 http"]);
        check("nats://a:4222, nats://b:4222", &["Url a:4222 nats", "Url b:4222 nats"]);
        check(
            "INTERNAL://kafka:29092,EXTERNAL://localhost:9092",
            &["OddUrl kafka:29092 internal", "OddUrl localhost:9092 external"],
        );
        check("ldap://dir:389", &["Url dir:389 ldap"]);
        check("smtp://u:p@mail:25", &["Url mail:25 smtp"]);
        check(
            "http://0.0.0.0:80;http://+:81;http://*:82;http://:83",
            &["Url 0.0.0.0:80 http", "Url +:81 http", "Url *:82 http", "Url :83 http"],
        );
        check("http://[::1]:80/", &["Url ::1:80 http"]);
        check("curl -f http://localhost:8080/health || exit 1", &["Url localhost:8080 http"]);
        check("{\"url\": \"http://api:80\"}", &["Url api:80 http"]);
    }

    #[test]
    fn dsns_and_connection_strings() {
        check("u:p@tcp(db:3306)/app?parseTime=true", &["Dsn db:3306 -"]);
        check("Host=db;Port=5433;Database=x;Username=u", &["Dsn db:5433 -"]);
        check("host=db port=5432 user=u dbname=x", &["Dsn db:5432 -"]);
        check("Server=tcp:sql,1433;Initial Catalog=x;User Id=sa", &["Dsn sql:1433 -"]);
        check("Server=sql;Database=x", &["Dsn sql:- -"]);
        check("mysql:host=db;port=3306;dbname=x", &["Dsn db:3306 -"]);
        check("postgresql:///x?host=/var/run", &[]);
    }

    #[test]
    fn lists_of_hosts_and_ports() {
        check("kafka1:9092,kafka2:9092", &["Pair kafka1:9092 -", "Pair kafka2:9092 -"]);
        check("server.1=zoo1:2888:3888;2181", &["Pair zoo1:2888 -"]);
        check("1@kafka:29093", &["Pair kafka:29093 -"]);
        check("--db=db:5432", &["Pair db:5432 -"]);
        check("wait-for-it db:5432 -- run", &["Pair db:5432 -"]);
        check("[\"api:80\"]", &["Pair api:80 -"]);
        check("zk:2181/kafka", &["Pair zk:2181 -"]);
        check(":8080", &["Pair :8080 -"]);
        check("0.0.0.0:8080", &["Pair 0.0.0.0:8080 -"]);
    }

    #[test]
    fn what_is_no_host() {
        for text in [
            "12:30",
            "12:30:15",
            "C:\\x",
            "a@b.c",
            "library/redis:7",
            "x:5000/y:1.2",
            "sha256:0123",
            "http://",
            "key: 1",
            "${DB}:5432",
            "http://$HOST:80",
            "/var/lib:/data",
            "a:99999",
            "file:///x",
            "sqlite:///db:1",
            "s3://bucket/x",
            "2024-01-01T10:00:00Z",
            "user:1000:1000:x",
            "http://{host}:80/",
            "rgba(1:2)",
            "0:80",
        ] {
            let hosts: Vec<_> = found(text).into_iter().filter(|f| !f.starts_with("Pair x:5000")).collect();
            assert!(hosts.is_empty(), "{text}: {hosts:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_and_every_range_fits(text in "[a-z0-9:/@,;=. \\[\\]()é\"${}-]{0,60}") {
            for found in scan(&text) {
                assert!(text.get(found.host.clone()).is_some());
            }
        }
    }
}
