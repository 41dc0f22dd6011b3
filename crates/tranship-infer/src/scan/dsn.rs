//! Notations of database drivers: go-sql-driver's `tcp(host:port)`, and `Host=…;Port=…` of libpq, ODBC and ADO.NET.

use std::ops::Range;

use super::{Form, Found, is_ipv4, is_name};

/// Every host in a driver's notation.
pub(super) fn find(text: &str, covered: &mut Vec<Range<usize>>) -> Vec<Found> {
    let mut out = in_parentheses(text, covered);
    if out.is_empty() && covered.is_empty() {
        out.extend(keyed(text, covered));
    }
    out
}

fn in_parentheses(text: &str, covered: &mut Vec<Range<usize>>) -> Vec<Found> {
    let mut out = Vec::new();
    for (at, mark) in text.match_indices("tcp(") {
        let start = at + mark.len();
        let Some(length) = text.get(start..).and_then(|rest| rest.find(')')) else { continue };
        let inner = text.get(start..start + length).unwrap_or("");
        let (host, port) = inner.split_once(':').map_or((inner, None), |(host, port)| (host, port.parse().ok()));
        if is_name(host) || is_ipv4(host) {
            // What stands before it is the user and the password.
            covered.push(0..start + length);
            out.push(Found { host: start..start + host.len(), port, scheme: None, form: Form::Dsn, whole: true });
        }
    }
    out
}

/// A connection string has a key for the host and another one that only connection strings have.
fn keyed(text: &str, covered: &mut Vec<Range<usize>>) -> Option<Found> {
    let separator = if text.contains(';') { ';' } else { ' ' };
    let mut host = None;
    let mut port = None;
    let mut known = 0;
    let mut base = 0;
    for part in text.split(separator) {
        if let Some((key, value)) = part.split_once('=') {
            let key = key.rsplit([':', '?', '"', '\'']).next().unwrap_or(key).trim().to_ascii_lowercase();
            let written = value.trim().trim_matches(['"', '\'']);
            let start =
                base + part.len() - value.len() + (value.len() - value.trim_start_matches([' ', '"', '\'']).len());
            match key.as_str() {
                "host" | "server" | "data source" | "datasource" | "addr" | "address" | "hostname" | "hostaddr" => {
                    host = host.or(Some((start, written)));
                }
                "port" => port = written.parse().ok(),
                "user"
                | "user id"
                | "userid"
                | "uid"
                | "username"
                | "password"
                | "pwd"
                | "database"
                | "dbname"
                | "initial catalog"
                | "integrated security"
                | "sslmode"
                | "trusted_connection" => known += 1,
                _ => {}
            }
        }
        base += part.len() + separator.len_utf8();
    }
    let (start, written) = host?;
    if known == 0 && port.is_none() {
        return None;
    }
    covered.push(0..text.len());
    let skipped = if written.starts_with("tcp:") { 4 } else { 0 };
    let body = written.get(skipped..)?;
    let name = body.split([',', ':', '\\']).next().unwrap_or(body);
    let beside = body.get(name.len() + 1..).and_then(|digits| digits.trim().parse().ok());
    let start = start + skipped;
    (is_name(name) || is_ipv4(name)).then(|| Found {
        host: start..start + name.len(),
        port: beside.or(port),
        scheme: None,
        form: Form::Dsn,
        whole: true,
    })
}
