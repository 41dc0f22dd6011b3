//! Asks registries by the distribution interface of OCI: the manifest of a name, and the configuration it points to.
//!
//! Registries on this machine are asked over plain HTTP first, all others over TLS alone. Credentials go to the
//! registry they are filed under and to the server of tokens it names, never to where it redirects.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tranship_model::catalog::registries::{self, Place};
use ureq::http::StatusCode;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

use crate::credentials::{Login, Store};
use crate::{Answer, Ask, Unreachable};

/// Forms of a manifest: of one image, and of images for several platforms.
const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, \
                      application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json";

/// Manifests and configurations are small; whoever sends more is no registry.
const MOST_BYTES: u64 = 8 << 20;

/// What nodes run on where a project does not say.
const PLATFORM: &str = "linux/amd64";

/// Asks registries with the credentials of an environment.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    store: Store,
    /// Authorizations by registry and repository, so that each is asked for once.
    granted: BTreeMap<(String, String), String>,
}

/// What a request came to.
enum Reply {
    Text(String),
    Refused(String),
}

impl Client {
    /// A client with the credentials, proxies and certificates (`SSL_CERT_FILE`) of an environment.
    pub fn new(env: &BTreeMap<String, String>) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_secs(60)))
            .user_agent("tranship");
        if let Some(certificates) = env.get("SSL_CERT_FILE").and_then(|path| certificates(path)) {
            config =
                config.tls_config(TlsConfig::builder().root_certs(RootCerts::new_with_certs(&certificates)).build());
        }
        Self { agent: config.build().into(), store: Store::of(env), granted: BTreeMap::new() }
    }

    /// What registries say of images, in the order of the question.
    pub fn inspect(&mut self, images: &[Ask]) -> Result<Vec<Answer>, Unreachable> {
        images.iter().map(|ask| self.one(ask)).collect()
    }

    fn one(&mut self, ask: &Ask) -> Result<Answer, Unreachable> {
        let place = registries::place(&ask.image);
        let platform = ask.platform.as_deref().unwrap_or(PLATFORM);
        let mut manifest = match self.manifest(&place, &place.reference)? {
            Ok(manifest) => manifest,
            Err(why) => return Ok(Answer::Absent(why)),
        };
        if let Some(list) = manifest.get("manifests").and_then(Value::as_array) {
            let Some(digest) = of_platform(list, platform) else {
                return Ok(Answer::Absent(format!("it is not made for {platform}")));
            };
            manifest = match self.manifest(&place, &digest)? {
                Ok(manifest) => manifest,
                Err(why) => return Ok(Answer::Absent(why)),
            };
        }
        let digest = manifest.get("config").and_then(|config| config.get("digest")).and_then(Value::as_str);
        let Some(digest) = digest else {
            return Ok(Answer::Absent("its manifest names no configuration".to_owned()));
        };
        let image = match self.get(&place, &format!("blobs/{digest}"))? {
            Reply::Text(text) => text,
            Reply::Refused(why) => return Ok(Answer::Absent(why)),
        };
        let image: Value = serde_json::from_str(&image).unwrap_or_default();
        Ok(match image.get("config") {
            Some(config) => Answer::Config(config.to_string()),
            None => Answer::Absent("its configuration cannot be read".to_owned()),
        })
    }

    fn manifest(&mut self, place: &Place, reference: &str) -> Result<Result<Value, String>, Unreachable> {
        Ok(match self.get(place, &format!("manifests/{reference}"))? {
            Reply::Text(text) => serde_json::from_str(&text).map_err(|_| "its manifest cannot be read".to_owned()),
            Reply::Refused(why) => Err(why),
        })
    }

    /// Asks for something of a repository, with an authorization if one is asked for.
    fn get(&mut self, place: &Place, what: &str) -> Result<Reply, Unreachable> {
        let key = (place.host.clone(), place.repository.clone());
        let mut response = self.request(place, what, self.granted.get(&key).map(String::as_str))?;
        if response.status() == StatusCode::UNAUTHORIZED {
            let challenge = response.headers().get("www-authenticate").and_then(|value| value.to_str().ok());
            let challenge = Challenge::parse(challenge.unwrap_or_default());
            let Some(granted) = self.authorize(place, &challenge)? else {
                return Ok(Reply::Refused(refusal(place, &self.store)));
            };
            response = self.request(place, what, Some(&granted))?;
            self.granted.insert(key, granted);
        }
        match response.status() {
            StatusCode::OK => {
                let limited = response.body_mut().with_config().limit(MOST_BYTES).read_to_string();
                limited.map(Reply::Text).map_err(|fault| unreachable(&place.host, &fault))
            }
            StatusCode::NOT_FOUND => Ok(Reply::Refused(format!("`{}` has no such image", place.host))),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(Reply::Refused(refusal(place, &self.store))),
            StatusCode::TOO_MANY_REQUESTS => Ok(Reply::Refused(format!("`{}` was asked too often", place.host))),
            status => Err(Unreachable {
                who: format!("the registry `{}`", place.host),
                why: format!("it answered with the status {}", status.as_u16()),
                help: help(),
            }),
        }
    }

    fn request(
        &self,
        place: &Place,
        what: &str,
        authorization: Option<&str>,
    ) -> Result<ureq::http::Response<Body>, Unreachable> {
        let Place { host, repository, .. } = place;
        let mut last = None;
        for scheme in schemes(host) {
            let mut request =
                self.agent.get(format!("{scheme}://{host}/v2/{repository}/{what}")).header("Accept", ACCEPT);
            if let Some(authorization) = authorization {
                request = request.header("Authorization", authorization);
            }
            match request.call() {
                Ok(response) => return Ok(response),
                Err(fault) => last = Some(fault),
            }
        }
        Err(match last {
            Some(fault) => unreachable(host, &fault),
            None => {
                Unreachable { who: format!("the registry `{host}`"), why: "it has no address".to_owned(), help: help() }
            }
        })
    }

    /// What a registry asks for before it answers; `None` where there is nothing to give.
    fn authorize(&self, place: &Place, challenge: &Challenge) -> Result<Option<String>, Unreachable> {
        let login = self.store.login(&place.credentials);
        match challenge {
            Challenge::Basic => Ok(login.as_ref().map(Login::basic)),
            Challenge::Bearer { realm, service, scope } => {
                let scope = scope.clone().unwrap_or_else(|| format!("repository:{}:pull", place.repository));
                self.token(place, realm, service.as_deref(), &scope, login.as_ref())
            }
            Challenge::Unknown => Ok(None),
        }
    }

    fn token(
        &self,
        place: &Place,
        realm: &str,
        service: Option<&str>,
        scope: &str,
        login: Option<&Login>,
    ) -> Result<Option<String>, Unreachable> {
        // A password never leaves this machine in the open.
        let safe = realm.starts_with("https://") || schemes(&place.host).contains(&"http");
        if !safe {
            return Ok(None);
        }
        let asked = match login.filter(|login| login.is_refresh_token) {
            Some(login) => self.agent.post(realm).send_form([
                ("grant_type", "refresh_token"),
                ("service", service.unwrap_or_default()),
                ("client_id", "tranship"),
                ("scope", scope),
                ("refresh_token", login.secret()),
            ]),
            None => {
                let mut request = self.agent.get(realm).query("scope", scope);
                if let Some(service) = service {
                    request = request.query("service", service);
                }
                if let Some(login) = login {
                    request = request.header("Authorization", login.basic());
                }
                request.call()
            }
        };
        let mut response = asked.map_err(|fault| unreachable(&place.host, &fault))?;
        if response.status() != StatusCode::OK {
            return Ok(None);
        }
        let text = response.body_mut().with_config().limit(MOST_BYTES).read_to_string();
        let answer: Value = serde_json::from_str(&text.unwrap_or_default()).unwrap_or_default();
        let token = ["token", "access_token"].iter().find_map(|key| answer.get(*key).and_then(Value::as_str));
        Ok(token.map(|token| format!("Bearer {token}")))
    }
}

/// Registries on this machine speak plain HTTP, unless they do not.
fn schemes(host: &str) -> &'static [&'static str] {
    let name = host.strip_prefix('[').and_then(|rest| rest.split(']').next());
    let name = name.unwrap_or_else(|| host.split(':').next().unwrap_or(host));
    let here = name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    if here { &["http", "https"] } else { &["https"] }
}

fn unreachable(host: &str, fault: &ureq::Error) -> Unreachable {
    Unreachable { who: format!("the registry `{host}`"), why: fault.to_string(), help: help() }
}

fn help() -> String {
    "check the name and the network (`HTTPS_PROXY` and `SSL_CERT_FILE` count); without `--inspect` the catalog is asked"
        .to_owned()
}

fn refusal(place: &Place, store: &Store) -> String {
    let host = &place.host;
    match store.login(&place.credentials) {
        Some(_) => format!("`{host}` does not let these credentials see it, or has no such image"),
        None => format!("`{host}` asks for credentials, or has no such image; `docker login` keeps them"),
    }
}

fn certificates(path: &str) -> Option<Vec<Certificate<'static>>> {
    let text = std::fs::read(path).ok()?;
    let of = |item| if let PemItem::Certificate(certificate) = item { Some(certificate) } else { None };
    let found: Vec<_> = parse_pem(&text).filter_map(Result::ok).filter_map(of).collect();
    (!found.is_empty()).then_some(found)
}

/// The digest of the image for a platform.
fn of_platform(list: &[Value], platform: &str) -> Option<String> {
    let mut parts = platform.split('/');
    let (os, architecture, variant) = (parts.next()?, parts.next().unwrap_or("amd64"), parts.next());
    let fits = |entry: &&Value| {
        let of = |key: &str| entry.get("platform").and_then(|platform| platform.get(key)).and_then(Value::as_str);
        of("os") == Some(os)
            && of("architecture") == Some(architecture)
            && variant.is_none_or(|v| of("variant") == Some(v))
    };
    Some(list.iter().find(fits)?.get("digest")?.as_str()?.to_owned())
}

/// What a registry asks for.
#[derive(Debug, PartialEq, Eq)]
enum Challenge {
    Basic,
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
    Unknown,
}

impl Challenge {
    /// Reads a header such as `Bearer realm="https://…",service="…",scope="…"`.
    fn parse(header: &str) -> Self {
        let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Self::Basic;
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Self::Unknown;
        }
        let mut values: BTreeMap<String, String> = BTreeMap::new();
        let mut rest = rest.trim();
        while let Some((key, tail)) = rest.split_once('=') {
            let (value, tail) = match tail.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => tail.split_once(',').unwrap_or((tail, "")),
            };
            values.insert(key.trim_matches([',', ' ']).to_ascii_lowercase(), value.to_owned());
            rest = tail.trim_start_matches([',', ' ']);
        }
        match values.remove("realm") {
            Some(realm) => Self::Bearer { realm, service: values.remove("service"), scope: values.remove("scope") },
            None => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_with_commas_in_their_values() {
        let header =
            r#"Bearer realm="https://auth.example/token",service="r.example",scope="repository:a/b:pull,push""#;
        let expect = Challenge::Bearer {
            realm: "https://auth.example/token".to_owned(),
            service: Some("r.example".to_owned()),
            scope: Some("repository:a/b:pull,push".to_owned()),
        };
        assert_eq!(Challenge::parse(header), expect);
        assert_eq!(Challenge::parse("Basic realm=\"x\""), Challenge::Basic);
        assert_eq!(Challenge::parse("Negotiate"), Challenge::Unknown);
    }

    #[test]
    fn only_this_machine_is_asked_in_the_open() {
        for (host, open) in
            [("localhost:5000", true), ("127.0.0.1:5000", true), ("[::1]:5000", true), ("r.example", false)]
        {
            assert_eq!(schemes(host).contains(&"http"), open, "{host}");
        }
    }
}
