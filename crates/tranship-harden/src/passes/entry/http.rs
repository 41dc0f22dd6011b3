//! Which ports speak HTTP: what the project says, what the catalog knows, what others do, and only then the number.

use std::collections::HashSet;

use tranship_model::catalog::{self, ImageRef, Kind, Purpose};
use tranship_model::{EnvValue, Health, Port, Protocol, Role, Service, Stack, Test};

/// What is spoken at a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spoken {
    /// HTTP, and how that is known: the end of a sentence.
    Http(String),
    /// Something encrypted, which a shared entry cannot look into.
    Encrypted,
    /// HTTP for people who look after the service or for monitoring.
    Console,
    /// Something else, and how that is known: a sentence.
    Other(String),
}

/// Numbers that are a protocol's own, with its name (IANA's registry of service names, and the products' manuals).
const OTHERS: &[(u16, &str)] = &[
    (21, "FTP"),
    (22, "SSH"),
    (23, "Telnet"),
    (25, "SMTP"),
    (53, "DNS"),
    (110, "POP3"),
    (143, "IMAP"),
    (389, "LDAP"),
    (465, "SMTP"),
    (587, "SMTP"),
    (636, "LDAP"),
    (993, "IMAP"),
    (1025, "SMTP"),
    (1194, "OpenVPN"),
    (1433, "SQL Server"),
    (1521, "Oracle"),
    (1883, "MQTT"),
    (2181, "ZooKeeper"),
    (2222, "SSH"),
    (3306, "MySQL"),
    (4222, "NATS"),
    (5005, "a debugger"),
    (5432, "PostgreSQL"),
    (5671, "AMQP"),
    (5672, "AMQP"),
    (5678, "a debugger"),
    (6379, "Redis"),
    (8883, "MQTT"),
    (9042, "Cassandra"),
    (9092, "Kafka"),
    (9229, "a debugger"),
    (11_211, "Memcached"),
    (25_565, "Minecraft"),
    (27_017, "MongoDB"),
    (50_051, "gRPC"),
];

/// Numbers at which HTTP is served by habit.
const WEB: &[u16] = &[80, 81, 3000, 3001, 4000, 4200, 5000, 5173, 8000, 8008, 8080, 8081, 8888];

/// Numbers at which HTTP is served encrypted by habit.
const ENCRYPTED: &[u16] = &[443, 4443, 8443, 9443];

/// `host:port` pairs that some value of the stack calls by `http://`.
pub(super) struct Called(HashSet<(String, u16)>);

impl Called {
    /// Reads every variable and health check once.
    pub(super) fn new(stack: &Stack) -> Self {
        let mut out = HashSet::new();
        for service in stack.services.values() {
            for variable in &service.env {
                match &variable.value.value {
                    EnvValue::Plain(text) => urls(text, &service.name, &mut out),
                    EnvValue::Secret { value, because: _ } => urls(value.expose(), &service.name, &mut out),
                    EnvValue::Unset | EnvValue::Elsewhere { .. } => {}
                }
            }
            let Health::Check(check) = &service.health else { continue };
            match check.test.as_ref().map(|test| &test.value) {
                Some(Test::Shell(line)) => urls(line, &service.name, &mut out),
                Some(Test::Exec(words)) => words.iter().for_each(|word| urls(word, &service.name, &mut out)),
                None => {}
            }
        }
        Self(out)
    }
}

/// Notes every `http://host[:port]` of a text; the machine itself is the service that says it.
fn urls(text: &str, own: &str, out: &mut HashSet<(String, u16)>) {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("http://") {
        rest = after;
        let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.:".contains(c))).unwrap_or(after.len());
        let authority = after.get(..end).unwrap_or_default();
        let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
        let host = if matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0") { own } else { host };
        if let (false, Ok(port)) = (host.is_empty(), port.parse()) {
            out.insert((host.to_owned(), port));
        }
    }
}

/// What is spoken at a TCP port of a service.
pub(super) fn spoken(service: &Service, port: &Port, called: &Called) -> Spoken {
    let number = port.container;
    if let Some(known) = by_name(port).or_else(|| by_catalog(service, port)) {
        return known;
    }
    if called.0.contains(&(service.name.clone(), number)) {
        return Spoken::Http(format!("it is called by `http://` at {number}"));
    }
    if ENCRYPTED.contains(&number) {
        return Spoken::Encrypted;
    }
    if let Some((_, name)) = OTHERS.iter().find(|(known, _)| *known == number) {
        return Spoken::Other(format!("{number} is the port of {name}"));
    }
    if WEB.contains(&number) {
        return Spoken::Http(format!("{number} is a port of web servers"));
    }
    match product(service) {
        Some(product) if service.role.value != Role::Proxy => {
            Spoken::Other(format!("nothing says what {} speaks at {number}", product.title))
        }
        Some(_) => Spoken::Http("its image is a web server".to_owned()),
        None => Spoken::Http(format!("nothing says what is spoken at {number}, and own code mostly speaks HTTP")),
    }
}

/// What the project says of the port itself.
fn by_name(port: &Port) -> Option<Spoken> {
    if let Some(protocol) = &port.app_protocol {
        let plain = protocol.value.to_ascii_lowercase();
        return Some(match plain.trim_start_matches("kubernetes.io/") {
            "http" | "http2" | "h2c" | "ws" | "websocket" => {
                Spoken::Http(format!("`app_protocol: {}` says so", protocol.value))
            }
            "https" | "wss" | "tls" => Spoken::Encrypted,
            other => Spoken::Other(format!("`app_protocol: {other}` is not HTTP")),
        });
    }
    let name = port.name.as_ref()?.value.to_ascii_lowercase();
    if name.starts_with("https") {
        return Some(Spoken::Encrypted);
    }
    let web = name.starts_with("http") || matches!(name.as_str(), "web" | "ui" | "www");
    web.then(|| Spoken::Http(format!("the port's name `{name}` says so")))
}

/// The product that listens, which a base for own code is not.
fn product(service: &Service) -> Option<&'static catalog::Product> {
    let product = catalog::by_name(&service.product.as_ref()?.value)?;
    (product.kind == Kind::Service).then_some(product)
}

fn by_catalog(service: &Service, port: &Port) -> Option<Spoken> {
    let product = product(service)?;
    let tag = service.image.as_ref().and_then(|image| ImageRef::parse(&image.value).tag);
    let mut ports = product.ports_for(tag);
    let known = ports.find(|known| known.port == port.container && Protocol::from(known.protocol) == port.protocol)?;
    let title = &product.title;
    Some(match (known.http, known.purpose) {
        (true, Purpose::Admin | Purpose::Metrics | Purpose::Peer) => Spoken::Console,
        (true, Purpose::Main | Purpose::Extra) => Spoken::Http(format!("{title} serves it there")),
        (false, _) if ENCRYPTED.contains(&known.port) || known.name.contains("https") => Spoken::Encrypted,
        (false, _) => Spoken::Other(format!("{title} speaks {} at {}", known.name, known.port)),
    })
}
