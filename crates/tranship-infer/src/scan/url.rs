//! `scheme://[user[:password]@]host[:port][,host2[:port2]]`.

use std::ops::Range;

use tranship_source::url::authority;

use super::{Form, Found, is_host_byte, is_name};

/// Schemes that call a host, with the port they imply. JDBC and driver suffixes (`+asyncpg`) are taken off first.
const NETWORK: &[(&str, Option<u16>)] = &[
    ("amqp", Some(5672)),
    ("amqps", Some(5671)),
    ("bolt", Some(7687)),
    ("cassandra", Some(9042)),
    ("ch", Some(9000)),
    ("clickhouse", None),
    ("cockroachdb", Some(26257)),
    ("couchbase", None),
    ("couchdb", Some(5984)),
    ("db2", Some(50000)),
    ("dns", Some(53)),
    ("elasticsearch", Some(9200)),
    ("etcd", Some(2379)),
    ("ftp", Some(21)),
    ("grpc", None),
    ("grpcs", None),
    ("h2c", None),
    ("http", Some(80)),
    ("https", Some(443)),
    ("imap", Some(143)),
    ("imaps", Some(993)),
    ("influxdb", Some(8086)),
    ("kafka", Some(9092)),
    ("ldap", Some(389)),
    ("ldaps", Some(636)),
    ("mariadb", Some(3306)),
    ("memcache", Some(11211)),
    ("memcached", Some(11211)),
    ("mongo", Some(27017)),
    ("mongodb", Some(27017)),
    ("mongodb+srv", None),
    ("mqtt", Some(1883)),
    ("mqtts", Some(8883)),
    ("mssql", Some(1433)),
    ("mysql", Some(3306)),
    ("mysql2", Some(3306)),
    ("mysqli", Some(3306)),
    ("mysqlx", Some(33060)),
    ("nats", Some(4222)),
    ("neo4j", Some(7687)),
    ("oracle", Some(1521)),
    ("pgsql", Some(5432)),
    ("plaintext", None),
    ("postgis", Some(5432)),
    ("postgres", Some(5432)),
    ("postgresql", Some(5432)),
    ("psql", Some(5432)),
    ("pulsar", Some(6650)),
    ("rabbitmq", Some(5672)),
    ("redis", Some(6379)),
    ("redis-sentinel", Some(26379)),
    ("rediss", Some(6379)),
    ("sentinel", Some(26379)),
    ("sftp", Some(22)),
    ("smtp", Some(25)),
    ("smtps", Some(465)),
    ("sqlserver", Some(1433)),
    ("ssh", Some(22)),
    ("statsd", Some(8125)),
    ("stomp", Some(61613)),
    ("submission", Some(587)),
    ("syslog", Some(514)),
    ("tcp", None),
    ("thrift", None),
    ("tls", None),
    ("udp", None),
    ("valkey", Some(6379)),
    ("ws", Some(80)),
    ("wss", Some(443)),
    ("zk", Some(2181)),
    ("zookeeper", Some(2181)),
];

/// Schemes whose first part is no host.
const OTHER: &[&str] = &[
    "abfs",
    "abfss",
    "about",
    "blob",
    "chrome",
    "data",
    "docker",
    "docker-image",
    "fd",
    "file",
    "gs",
    "hdfs",
    "ipfs",
    "mem",
    "memory",
    "npipe",
    "o3fs",
    "ofs",
    "oci",
    "s3",
    "s3a",
    "s3n",
    "sqlite",
    "sqlite3",
    "unix",
    "urn",
    "vscode",
    "wasb",
];

/// Whether a scheme calls a host over the network.
pub(crate) fn is_network(scheme: &str) -> bool {
    NETWORK.iter().any(|(known, _)| *known == scheme)
}

/// The port a scheme implies.
pub(crate) fn scheme_port(scheme: &str) -> Option<u16> {
    NETWORK.iter().find(|(known, _)| *known == scheme).and_then(|(_, port)| *port)
}

/// Every URL's hosts; `covered` gains what they span, so that nothing in them is read again.
pub(super) fn find(text: &str, covered: &mut Vec<Range<usize>>) -> Vec<Found> {
    let marks: Vec<usize> = text.match_indices("://").map(|(at, _)| at).collect();
    let starts: Vec<usize> = marks.iter().map(|at| scheme_start(text, *at)).collect();
    let mut out = Vec::new();
    for (i, mark) in marks.iter().enumerate() {
        let start = starts.get(i).copied().unwrap_or(*mark);
        let bound = starts.get(i + 1).copied().filter(|next| *next > mark + 2).unwrap_or(text.len());
        one(text, start, *mark, bound, covered, &mut out);
    }
    out
}

/// Where the scheme that ends at `end` begins.
fn scheme_start(text: &str, end: usize) -> usize {
    let inner = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'_' | b':' | b'.');
    let head = text.as_bytes().get(..end).unwrap_or(&[]);
    end - head.iter().rev().take_while(|b| inner(b)).count()
}

/// The scheme without what drivers put around it: `jdbc:`, `thin:`, `+asyncpg`, a list's key before it.
fn scheme(written: &str) -> String {
    let last = written.rsplit(':').find(|part| !part.is_empty()).unwrap_or(written);
    let last = last.to_ascii_lowercase();
    if is_network(&last) {
        return last;
    }
    match last.split_once('+') {
        // `git+ssh`, `amqp+ssl`: the part that is known, the first one first.
        Some((first, second)) => {
            if is_network(first) || !is_network(second) {
                first.to_owned()
            } else {
                second.to_owned()
            }
        }
        None => last,
    }
}

fn one(text: &str, start: usize, mark: usize, bound: usize, covered: &mut Vec<Range<usize>>, out: &mut Vec<Found>) {
    let scheme = scheme(text.get(start..mark).unwrap_or(""));
    let body = mark + 3;
    let rest = text.get(body..bound).unwrap_or("");
    let stop = |c: char| c.is_whitespace() || "\"'`<>\\|".contains(c);
    let token = rest.get(..rest.find(stop).unwrap_or(rest.len())).unwrap_or("");
    covered.push(start..body + token.len());
    if scheme.is_empty() || OTHER.contains(&scheme.as_str()) {
        return;
    }
    let Some(Range { start: from, end: to }) = authority(token, &scheme).map(|found| found.hosts) else { return };
    let form = if is_network(&scheme) { Form::Url } else { Form::OddUrl };
    let mut at = from;
    for piece in token.get(from..to).unwrap_or("").split(',') {
        if let Some((host, port)) = host_port(piece) {
            let inside = body + at + host.start..body + at + host.end;
            if form == Form::Url || port.is_some() {
                out.push(Found { host: inside, port, scheme: Some(scheme.clone()), form, whole: true });
            }
        }
        at += piece.len() + 1;
    }
}

/// The host and the port of one piece; hosts that listen everywhere count too.
fn host_port(piece: &str) -> Option<(Range<usize>, Option<u16>)> {
    let skipped = piece.len() - piece.trim_start_matches('[').len();
    if skipped > 0 {
        let close = piece.find(']')?;
        let port = piece.get(close + 1..)?.strip_prefix(':').and_then(|digits| digits.parse().ok());
        return Some((1..close, port));
    }
    let (host, port) = match piece.split_once(':') {
        Some((host, digits)) => {
            let digits = digits.trim_end_matches(',');
            let number = digits.split(|c: char| !c.is_ascii_digit()).next().unwrap_or("");
            // `http://api:$PORT`: the port is not known, the host is.
            (
                host,
                if number.is_empty() && !digits.starts_with('$') && !digits.is_empty() {
                    return None;
                } else {
                    number.parse().ok()
                },
            )
        }
        None => (piece, None),
    };
    let anywhere = matches!(host, "" | "+" | "*") && port.is_some();
    let clean = host.bytes().all(is_host_byte) && (is_name(host) || super::is_ipv4(host));
    (anywhere || clean).then_some((0..host.len(), port))
}
