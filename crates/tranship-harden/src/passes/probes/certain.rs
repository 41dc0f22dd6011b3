//! What is certain enough to be asked. A question that a healthy container does not answer takes away what worked.

use std::collections::{BTreeMap, BTreeSet};

use tranship_model::catalog::Product;
use tranship_model::{
    Ask, BlobContent, Check, EnvValue, EnvVar, Mount, MountSource, Port, Protocol, Role, Service, Stack, Test,
};

/// What is known beside the service itself.
pub(super) struct Sure<'a> {
    /// Ports of every service: a number among them may be another's.
    pub(super) others: &'a BTreeSet<u16>,
    /// Texts of the configuration that is mounted.
    pub(super) configs: &'a [String],
}

/// Texts of the configuration files that proxies and web servers are given, by service.
pub(super) fn configured(stack: &Stack) -> BTreeMap<String, Vec<String>> {
    let texts = |service: &Service| {
        let config = |mount: &Mount| match &mount.source {
            MountSource::Config(mount) => stack.configs.get(&mount.blob).map(|blob| &blob.content),
            _ => None,
        };
        let files = service.mounts.iter().filter_map(config).filter_map(|content| match content {
            BlobContent::Files(files) => Some(files),
            BlobContent::External | BlobContent::Absent(_) => None,
        });
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
        files.flatten().filter_map(|file| text(file.bytes.expose())).collect::<Vec<_>>()
    };
    let proxies = stack.services.values().filter(|service| service.role.value == Role::Proxy);
    proxies.map(|service| (service.name.clone(), texts(service))).filter(|(_, texts)| !texts.is_empty()).collect()
}

impl Sure<'_> {
    /// A port whose connections say that the service lives, and how that is known.
    pub(super) fn for_liveness(&self, service: &Service, check: &Check) -> Option<(u16, String)> {
        let line = match check.test.as_ref().map(|test| &test.value)? {
            Test::Shell(line) => line.clone(),
            Test::Exec(words) => words.join(" "),
        };
        let declared = |number: &u16| tcp(service).any(|port| port.container == *number && says(service, port));
        if let Some(port) = own_ports(service, &line).into_iter().find(declared) {
            return Some((port, format!("its check asks port {port}, which others reach as well")));
        }
        let product = service.product.as_ref().and_then(|name| tranship_model::catalog::by_name(&name.value));
        if let Some(product) = product.filter(|product| Self::runs_as_known(service, product)) {
            let main =
                product.ports.iter().find(|port| port.protocol == tranship_model::catalog::product::Transport::Tcp);
            let ask = main.map(|port| Ask::Tcp { port: port.port }).filter(|ask| self.holds(service, ask))?;
            if let Ask::Tcp { port } = ask {
                return Some((port, format!("{} takes connections at {port} as long as it lives", product.title)));
            }
        }
        let bound = service.env.iter().find(|variable| variable.name == "PORT").and_then(number);
        let port = bound.filter(declared)?;
        Some((port, format!("its variable PORT says that it listens at {port}")))
    }

    /// A port whose connections say that the service can serve, and how that is known.
    pub(super) fn for_readiness(&self, service: &Service) -> Option<(u16, String)> {
        let mut known: Vec<&Port> = tcp(service).filter(|port| says(service, port)).collect();
        if self.is_elsewhere(service, None) {
            known.retain(|port| is_called(port));
        }
        let bound = service.env.iter().find(|variable| variable.name == "PORT").and_then(number);
        let best = known.iter().find(|port| Some(port.container) == bound);
        let best = best.or_else(|| known.iter().find(|port| is_called(port))).or_else(|| known.first())?;
        let port = best.container;
        Some((port, format!("it declares port {port}, and nothing better is known to be asked")))
    }

    /// Whether a container of a product runs what the product's image runs.
    pub(super) fn runs_as_known(service: &Service, product: &Product) -> bool {
        let mut written = tcp(service).filter(|port| is_written(port)).peekable();
        let known = |port: &Port| product.ports.iter().any(|known| known.port == port.container);
        if written.peek().is_some() && !written.any(known) {
            return false; // The project leads others to ports that the product does not have by itself.
        }
        let words = |argv: &Option<tranship_model::Traced<Vec<String>>>| {
            argv.as_ref().map(|argv| argv.value.join(" ").to_ascii_lowercase())
        };
        let is_own = |text: &str| {
            let first = text.split_whitespace().next().unwrap_or_default();
            let own = product.name.split('-').next().unwrap_or(&product.name);
            let start =
                |argv: &Option<Vec<String>>| argv.as_ref().is_some_and(|a| a.iter().any(|w| text.contains(w.as_str())));
            first.is_empty()
                || first.starts_with('-')
                || text.contains(own)
                || product.starts.iter().any(|s| start(&s.entrypoint) || start(&s.command))
                || matches!(first, "server" | "start" | "start-dev" | "run" | "serve")
        };
        let other = ["sentinel", "exporter", "worker", "scheduler", "migrate"];
        let plain = |text: &str| is_own(text) && !other.iter().any(|word| text.contains(word));
        words(&service.process.entrypoint).is_none_or(|text| plain(&text))
            && words(&service.process.command).is_none_or(|text| plain(&text))
    }

    /// Whether HTTP without TLS is spoken at the product's own paths.
    pub(super) fn speaks_plainly(service: &Service) -> bool {
        let words = [&service.process.entrypoint, &service.process.command].into_iter().flatten();
        let words = words.flat_map(|argv| argv.value.iter().map(String::as_str));
        let mut texts = words.chain(service.env.iter().map(|variable| variable.name.as_str()));
        let moved = |text: &str| {
            let lower = text.to_ascii_lowercase();
            ["route-prefix", "external-url", "relative_path", "base_path", "context_path", "sub_path", "path_prefix"]
                .into_iter()
                .chain(["root_path", "base_url", "baseurl", "root_url", "_tls", "--tls", "ssl", "protocol", "cert"])
                .any(|word| lower.contains(word))
        };
        let certificates = |mount: &Mount| mount.target.contains("cert") || mount.target.contains("tls");
        !texts.any(moved) && !service.mounts.iter().any(certificates)
    }

    /// Whether a question holds for this container: its port is among those of the service and nothing moves it.
    pub(super) fn holds(&self, service: &Service, ask: &Ask) -> bool {
        let (Ask::Tcp { port } | Ask::Http { port, .. }) = ask else { return !self.is_elsewhere(service, None) };
        tcp(service).any(|known| known.container == *port) && !self.is_elsewhere(service, Some(*port))
    }

    /// Whether its settings move it away from a port, or from any port it is known for.
    fn is_elsewhere(&self, service: &Service, port: Option<u16>) -> bool {
        let own: BTreeSet<u16> = match port {
            Some(port) => [port].into(),
            None => tcp(service).map(|port| port.container).collect(),
        };
        let elsewhere = |numbers: &[u16]| !numbers.is_empty() && !numbers.iter().any(|number| own.contains(number));
        let argv = [&service.process.entrypoint, &service.process.command].into_iter().flatten();
        let words: Vec<&str> =
            argv.flat_map(|argv| argv.value.iter()).flat_map(|word| word.split_whitespace()).collect();
        let variable = |variable: &EnvVar| {
            let name = variable.name.to_ascii_uppercase();
            let is_port = name.ends_with("PORT") || name.ends_with("PORT_NUMBER");
            let found = number(variable).filter(|number| is_port && !self.others.contains(number));
            elsewhere(found.as_slice())
        };
        let names_own = |text: &String| own.iter().any(|port| mentions(text, *port));
        let mut speaking = self.configs.iter().filter(|text| speaks_of_ports(text)).peekable();
        elsewhere(&told(&words))
            || service.env.iter().any(variable)
            || speaking.peek().is_some() && !speaking.any(names_own)
    }
}

/// Whether a configuration says where to listen.
fn speaks_of_ports(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim();
        let site = line.ends_with('{')
            && line.split_once(':').is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()));
        site || ["listen", "bind ", "address:", "port_value", "entrypoints"]
            .iter()
            .any(|word| line.to_ascii_lowercase().starts_with(word))
    })
}

/// Whether a number stands in a text on its own.
fn mentions(text: &str, number: u16) -> bool {
    let wanted = number.to_string();
    text.split(|c: char| !c.is_ascii_digit()).any(|word| word == wanted)
}

/// The TCP ports of a service.
fn tcp(service: &Service) -> impl Iterator<Item = &Port> {
    service.ports.iter().filter(|port| port.protocol == Protocol::Tcp)
}

/// Whether a port is this service's own: another one's command may run in an image that declares ports.
fn says(service: &Service, port: &Port) -> bool {
    let own = service.process.command.is_some() || service.process.entrypoint.is_some();
    is_written(port) || is_called(port) || !own
}

/// Whether the project names the port.
fn is_written(port: &Port) -> bool {
    port.origin.leaves().iter().any(|at| at.path.contains(".ports") || at.path.contains(".expose"))
}

/// Whether others call it.
fn is_called(port: &Port) -> bool {
    matches!(&port.origin, tranship_model::Origin::Decided { by, .. } if *by == "called-port")
}

/// The number a variable holds.
fn number(variable: &EnvVar) -> Option<u16> {
    match &variable.value.value {
        EnvValue::Plain(text) => text.trim().parse().ok().filter(|port| *port > 0),
        EnvValue::Secret { .. } | EnvValue::Elsewhere { .. } | EnvValue::Unset => None,
    }
}

/// Ports that a command line tells a program to listen at.
fn told(words: &[&str]) -> Vec<u16> {
    let mut out = Vec::new();
    let mut expects = false;
    for word in words {
        let lower = word.trim_matches(['"', '\'']).to_ascii_lowercase();
        let (key, value) = lower.split_once('=').map_or((lower.as_str(), None), |(key, value)| (key, Some(value)));
        let is_key = key == "-p"
            || (key.starts_with('-') || value.is_some()) && key.trim_start_matches('-').ends_with("port")
            || (key.starts_with('-') && ["address", "addr", "listen", "bind"].iter().any(|word| key.ends_with(word)));
        let given = if is_key { value } else { expects.then_some(lower.as_str()) };
        let last = given.and_then(|text| text.rsplit(':').next()).and_then(|text| text.parse::<u16>().ok());
        out.extend(last.filter(|port| *port > 0));
        expects = is_key && value.is_none();
    }
    out
}

/// The ports of the container itself that a check names.
fn own_ports(service: &Service, line: &str) -> Vec<u16> {
    let mut out = Vec::new();
    for host in ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"] {
        for (at, _) in line.match_indices(host) {
            let before = line.get(..at).unwrap_or_default();
            let rest = line.get(at + host.len()..).unwrap_or_default();
            let port = match rest.strip_prefix(':') {
                Some(rest) => variable(service, rest).or_else(|| digits(rest)),
                None if before.ends_with("http://") => Some(80),
                None if before.ends_with("https://") => Some(443),
                None => rest.strip_prefix([' ', '/']).and_then(digits),
            };
            out.extend(port);
        }
    }
    out
}

fn digits(text: &str) -> Option<u16> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

/// The value of a variable of the service at the start of a text: `$PORT`, `${PORT}`, `${PORT:-80}`.
fn variable(service: &Service, text: &str) -> Option<u16> {
    let name = text.strip_prefix('$')?.trim_start_matches('{');
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    let (name, rest) = name.split_at(end);
    let set = service.env.iter().find(|variable| variable.name == name).and_then(number);
    set.or_else(|| digits(rest.strip_prefix(":-")?))
}

/// The path and port at which a proxy is told by labels to ask a service.
pub(super) fn labelled(service: &Service) -> Option<(String, u16)> {
    let labels = || service.labels.iter().chain(&service.annotations);
    let value = |end: &str| labels().find(|(key, _)| key.ends_with(end)).map(|(_, value)| value.value.as_str());
    let path = value("loadbalancer.healthcheck.path").filter(|path| path.starts_with('/'))?;
    let port = value("loadbalancer.healthcheck.port").or_else(|| value("loadbalancer.server.port"));
    let port = port.and_then(|text| text.trim().parse().ok());
    let only = || {
        let mut all = tcp(service);
        all.next().filter(|_| all.next().is_none()).map(|port| port.container)
    };
    Some((path.to_owned(), port.or_else(only)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_tell_where_a_program_listens() {
        for (line, expect) in [
            ("redis-server --port 6380", vec![6380]),
            ("minio server /data --console-address :9001 --address=:9100", vec![9001, 9100]),
            ("postgres -p 5433", vec![5433]),
            ("postgres -c port=5433", vec![5433]),
            ("redis-server --appendonly yes --maxmemory 512", vec![]),
            ("celery worker --concurrency 40", vec![]),
        ] {
            assert_eq!(told(&line.split_whitespace().collect::<Vec<_>>()), expect, "{line}");
        }
    }
}
