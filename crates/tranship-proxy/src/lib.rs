//! Proxy configurations as far as they name hosts and ports: nginx, Caddy, Traefik, HAProxy, Envoy, httpd, Prometheus.
//!
//! Each dialect has a file that reads its structure and gives every host with its byte range. A text that does not
//! parse gives what was understood up to there and a warning; nothing is guessed. The crate never resolves a name and
//! never follows an include. Start reading at [`read`].

pub mod address;
mod caddy;
mod dialect;
pub mod docker;
mod envoy;
mod haproxy;
mod httpd;
mod nginx;
mod prometheus;
mod traefik;
mod tree;

pub use address::{Address, address};
pub use dialect::{Dialect, dialect};

use std::ops::Range;

use tranship_source::Checked;

/// What a configuration does with a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Requests are passed on to it.
    Upstream,
    /// It is asked for metrics.
    Scrape,
    /// It is told about something: logs, alerts, samples.
    Sink,
    /// It is asked to resolve names.
    Resolver,
}

/// A host that a configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The host as written.
    pub host: String,
    /// Where the host stands, in bytes of the text.
    pub range: Range<usize>,
    /// The port, written or implied by the scheme.
    pub port: Option<u16>,
    /// The scheme before it, such as `http`.
    pub scheme: Option<String>,
    /// What is done with it.
    pub r#use: Use,
    /// Whether it may be one of [`Read::groups`] instead of a host, in this file or in one beside it.
    pub group: bool,
}

/// What a configuration says of hosts and ports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Hosts it calls, in the order of the text.
    pub names: Vec<Named>,
    /// Ports it listens on.
    pub listens: Vec<u16>,
    /// Names it defines itself and calls like hosts, such as nginx's `upstream` groups.
    pub groups: Vec<String>,
}

impl Read {
    /// Adds the host of an address, unless it stands for none: a socket, a variable, every address.
    fn call(&mut self, text: &str, range: Range<usize>, r#use: Use, port: Option<u16>) {
        let Some(found) = address(text, range) else { return };
        let Address { host, port: written, scheme } = found;
        let Some(name) = text.get(host.clone()) else { return };
        if !address::is_host(name) {
            return;
        }
        let implied = scheme.as_deref().and_then(address::scheme_port).or(port);
        let port = written.or(implied);
        let group = false;
        self.names.push(Named { host: name.to_owned(), range: host, port, scheme, r#use, group });
    }

    fn listen(&mut self, port: u16) {
        if port > 0 && !self.listens.contains(&port) {
            self.listens.push(port);
        }
    }
}

/// Reads a text of a dialect. Warnings: `proxy-syntax`, without a place: the text is a mounted file.
pub fn read(dialect: Dialect, text: &str) -> Checked<Read> {
    match dialect {
        Dialect::Caddy => caddy::read(text),
        Dialect::Envoy => envoy::read(text),
        Dialect::HaProxy => haproxy::read(text),
        Dialect::Httpd => httpd::read(text),
        Dialect::Nginx => nginx::read(text),
        Dialect::Prometheus => prometheus::read(text),
        Dialect::Traefik => traefik::read(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Dialect; 7] = [
        Dialect::Caddy,
        Dialect::Envoy,
        Dialect::HaProxy,
        Dialect::Httpd,
        Dialect::Nginx,
        Dialect::Prometheus,
        Dialect::Traefik,
    ];

    proptest::proptest! {
        #[test]
        fn any_text_is_read_and_every_range_holds_its_host(
            text in "([a-z:0-9.]{1,5}|[ \n;{}\"'`#\\\\$@/é\\[\\]-]|server |proxy_pass http://|targets: |url = |set \\$a ){0,40}",
        ) {
            for dialect in ALL {
                for named in read(dialect, &text).value.names {
                    assert_eq!(text.get(named.range.clone()), Some(named.host.as_str()));
                }
            }
        }
    }
}
