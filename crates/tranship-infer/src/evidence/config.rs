//! Mounted configurations: proxies by their dialect, other texts for URLs and `host:port` of known names.

use std::collections::BTreeSet;
use std::ops::Range;

use tranship_model::{BlobContent, BlobFile, BlobMount, Mount, MountSource, Service, Stack};
use tranship_proxy::{Dialect, Named, Use, dialect, read};

use super::is_anywhere;
use crate::reference::{Evidence, Place, Reference, Strength};
use crate::scan::{Form, Found, is_name, scan, scheme_port};

/// The longest text that is searched, in bytes.
const LONGEST: usize = 512 * 1024;

/// Extensions of files that hold pages, pictures, keys or data, and no addresses of the application.
const PASSED_OVER: &[&str] = &[
    "crt", "css", "csv", "cypher", "gif", "html", "ico", "jpg", "js", "key", "lua", "map", "md", "pem", "png", "py",
    "sql", "svg", "ts", "woff", "woff2",
];

/// A file as a container sees it.
pub(crate) struct Mounted<'a> {
    pub mount: &'a Mount,
    pub secret: bool,
    pub blob: &'a str,
    pub file: &'a BlobFile,
    /// Path in the container.
    pub target: String,
    pub text: &'a str,
}

/// Every text file that a service mounts.
pub(crate) fn files<'a>(stack: &'a Stack, service: &'a Service) -> Vec<Mounted<'a>> {
    let mut out = Vec::new();
    for mount in &service.mounts {
        let (secret, BlobMount { blob, file, .. }) = match &mount.source {
            MountSource::Config(of) => (false, of),
            MountSource::Secret(of) => (true, of),
            _ => continue,
        };
        let blobs = if secret { &stack.secrets } else { &stack.configs };
        let Some(BlobContent::Files(files)) = blobs.get(blob).map(|blob| &blob.content) else { continue };
        for entry in files.iter().filter(|entry| file.as_ref().is_none_or(|file| *file == entry.path)) {
            let bytes = entry.bytes.expose();
            let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= LONGEST) else { continue };
            let target = match file {
                Some(_) => mount.target.clone(),
                None => format!("{}/{}", mount.target.trim_end_matches('/'), entry.path),
            };
            out.push(Mounted { mount, secret, blob, file: entry, target, text });
        }
    }
    out
}

/// The dialect of a mounted file.
pub(crate) fn dialect_of(service: &Service, mounted: &Mounted<'_>) -> Option<Dialect> {
    dialect(service.product.as_ref().map(|product| product.value.as_str()), &mounted.target, mounted.text)
}

pub(super) fn gather(stack: &Stack, service: &Service, out: &mut Vec<Reference>) {
    let files = files(stack, service);
    let mut groups = BTreeSet::new();
    let mut named = Vec::new();
    for mounted in &files {
        match dialect_of(service, mounted) {
            Some(dialect) => {
                let found = read(dialect, mounted.text).value;
                groups.extend(found.groups);
                named.extend(found.names.into_iter().map(|name| (dialect, mounted, name)));
            }
            None => plain(service, mounted, out),
        }
    }
    for (dialect, mounted, name) in
        named.into_iter().filter(|(_, _, name)| !(name.group && groups.contains(&name.host)))
    {
        if !is_anywhere(&name.host) {
            out.push(from_proxy(service, mounted, dialect, name));
        }
    }
}

fn from_proxy(service: &Service, mounted: &Mounted<'_>, dialect: Dialect, name: Named) -> Reference {
    let Named { host, range, port, scheme, r#use, group: _ } = name;
    Reference {
        from: service.name.clone(),
        host,
        port_written: port.is_some() && port != scheme.as_deref().and_then(scheme_port),
        port,
        scheme: if r#use == Use::Resolver { Some("dns".to_owned()) } else { scheme },
        evidence: Evidence::Config(dialect),
        strength: Strength::Host,
        place: place(mounted, range),
        origin: mounted.mount.origin.clone(),
    }
}

/// Addresses in a text of no known form count where they are names of the stack; comments do not count.
fn plain(service: &Service, mounted: &Mounted<'_>, out: &mut Vec<Reference>) {
    let extension = mounted.target.rsplit_once('.').map_or("", |(_, extension)| extension);
    if PASSED_OVER.contains(&extension.to_ascii_lowercase().as_str()) {
        return;
    }
    let mut base = 0;
    for line in mounted.text.split_inclusive('\n') {
        let comment = line.trim_start().starts_with(['#', ';']) || line.trim_start().starts_with("//");
        let hosts = if comment { Vec::new() } else { scan(line) };
        let keyed = if comment || !hosts.is_empty() { None } else { keyed(line) };
        out.extend(keyed.map(|host| Reference {
            from: service.name.clone(),
            host: line.get(host.clone()).unwrap_or("").to_owned(),
            port: None,
            port_written: false,
            scheme: None,
            evidence: Evidence::Text,
            strength: Strength::Maybe,
            place: place(mounted, base + host.start..base + host.end),
            origin: mounted.mount.origin.clone(),
        }));
        for Found { host, port, scheme, form, whole } in hosts {
            let name = line.get(host.clone()).unwrap_or("");
            let sure = form != Form::Pair || whole || port.is_some_and(|port| port > 1023);
            if is_anywhere(name) || !sure {
                continue;
            }
            out.push(Reference {
                from: service.name.clone(),
                host: name.to_owned(),
                port: port.or_else(|| scheme.as_deref().and_then(scheme_port)),
                port_written: port.is_some(),
                scheme,
                evidence: Evidence::Text,
                strength: Strength::Maybe,
                place: place(mounted, base + host.start..base + host.end),
                origin: mounted.mount.origin.clone(),
            });
        }
        base += line.len();
    }
}

/// The name after a key for a host: `host: db`, `spring.redis.host=cache`, `"Host": "db",`.
fn keyed(line: &str) -> Option<Range<usize>> {
    let separator = line.find([':', '='])?;
    let key = line.get(..separator)?.trim().trim_start_matches("- ").trim_matches(['"', '\'']);
    let last = key.rsplit(['.', '_', '-']).next().unwrap_or(key).to_ascii_lowercase();
    if !matches!(last.as_str(), "host" | "hostname" | "hosts" | "server" | "address" | "addr" | "endpoint") {
        return None;
    }
    let value = line.get(separator + 1..)?;
    let trimmed = value.trim_start_matches([' ', '\t', '"', '\'', '[']);
    let start = separator + 1 + value.len() - trimmed.len();
    let name = trimmed.trim_end().trim_end_matches(['"', '\'', ',', ';', ']']);
    is_name(name).then(|| start..start + name.len())
}

fn place(mounted: &Mounted<'_>, range: Range<usize>) -> Place {
    let head = mounted.text.get(..range.start).unwrap_or("");
    Place::File {
        secret: mounted.secret,
        blob: mounted.blob.to_owned(),
        file: mounted.file.path.clone(),
        line: head.matches('\n').count() + 1,
        range,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_after_keys_for_hosts_are_found() {
        for (line, expect) in [
            ("  host: my_db\n", Some("my_db")),
            ("spring.redis.host=cache", Some("cache")),
            ("  \"Host\": \"db\",", Some("db")),
            ("hosts = ['my_es']", Some("my_es")),
            ("hostpath: x", None),
            ("name: db", None),
            ("host: ${DB}", None),
        ] {
            assert_eq!(keyed(line).map(|range| &line[range]), expect, "{line}");
        }
    }
}
