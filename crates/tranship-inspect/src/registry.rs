//! Asks registries by the distribution interface of OCI: the manifest of a name, and the configuration it points to.
//!
//! Registries on this machine are asked over plain HTTP first and through no proxy, all others over TLS alone, wherever
//! they redirect. Credentials go to the registry they are filed under and to the server of tokens it names, never to where
//! it redirects. What is asked for by its digest has to have it.

use std::collections::BTreeMap;
use std::time::Duration;

use ring::digest;
use serde_json::Value;
use tranship_model::catalog::registries::{self, Place};
use ureq::http::StatusCode;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

use crate::credentials::{Login, Store};
use crate::platform::Platform;
use crate::{Answer, Ask, Unreachable};

/// Forms of a manifest: of one image, and of images for several platforms.
const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, \
                      application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json";

/// Manifests and configurations are small; whoever sends more is no registry.
const MOST_BYTES: u64 = 8 << 20;

/// What nodes run on where a project does not say.
const PLATFORM: &str = "linux/amd64";

/// What a server that expects TLS may answer to a request in the open.
const NOT_SPOKEN: &[u16] = &[400, 426, 497];

/// Asks registries with the credentials of an environment.
#[derive(Debug)]
pub struct Client {
    /// For the rest of the world: TLS only.
    agent: Agent,
    /// For this machine: no proxy, TLS or not.
    here: Agent,
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
        let certificates = env.get("SSL_CERT_FILE").and_then(|path| certificates(path));
        let config = || {
            let config = Agent::config_builder()
                .http_status_as_error(false)
                .timeout_connect(Some(Duration::from_secs(10)))
                .timeout_global(Some(Duration::from_secs(60)))
                .user_agent("tranship");
            match &certificates {
                Some(certificates) => {
                    let roots = RootCerts::new_with_certs(certificates);
                    config.tls_config(TlsConfig::builder().root_certs(roots).build())
                }
                None => config,
            }
        };
        Self {
            agent: config().https_only(true).build().into(),
            here: config().proxy(None).build().into(),
            store: Store::of(env),
            granted: BTreeMap::new(),
        }
    }

    fn agent(&self, is_here: bool) -> &Agent {
        if is_here { &self.here } else { &self.agent }
    }

    /// What registries say of images, in the order of the question; every registry that cannot be reached, once, where
    /// there is one. The others are asked all the same.
    pub fn inspect(&mut self, images: &[Ask]) -> Result<Vec<Answer>, Vec<Unreachable>> {
        let mut faults: BTreeMap<String, Unreachable> = BTreeMap::new();
        let mut answers = Vec::new();
        for ask in images {
            let host = registries::place(&ask.image).host;
            if faults.contains_key(&host) {
                continue;
            }
            match self.one(ask) {
                Ok(answer) => answers.push(answer),
                Err(fault) => drop(faults.insert(host, fault)),
            }
        }
        if faults.is_empty() { Ok(answers) } else { Err(faults.into_values().collect()) }
    }

    fn one(&mut self, ask: &Ask) -> Result<Answer, Unreachable> {
        let place = registries::place(&ask.image);
        let platform = Platform::parse(ask.platform.as_deref().unwrap_or(PLATFORM));
        let mut manifest = match self.manifest(&place, &place.reference)? {
            Ok(manifest) => manifest,
            Err(why) => return Ok(Answer::Absent(why)),
        };
        if let Some(list) = manifest.get("manifests").and_then(Value::as_array) {
            let Some(digest) = of_platform(list, &platform) else {
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
        let image = match self.get(&place, "blobs", digest)? {
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
        Ok(match self.get(place, "manifests", reference)? {
            Reply::Text(text) => serde_json::from_str(&text).map_err(|_| "its manifest cannot be read".to_owned()),
            Reply::Refused(why) => Err(why),
        })
    }

    /// Asks for something of a repository by its tag or digest, with an authorization if one is asked for.
    fn get(&mut self, place: &Place, kind: &str, reference: &str) -> Result<Reply, Unreachable> {
        let what = &format!("{kind}/{reference}");
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
                let limited = response.body_mut().with_config().limit(MOST_BYTES).read_to_vec();
                let bytes = limited.map_err(|fault| unreachable(&place.host, &fault))?;
                Ok(match genuine(reference, &bytes) {
                    Ok(()) => Reply::Text(String::from_utf8_lossy(&bytes).into_owned()),
                    Err(why) => Reply::Refused(format!("what `{}` sent {why}", place.host)),
                })
            }
            StatusCode::NOT_FOUND => Ok(Reply::Refused(format!("`{}` has no such image", place.host))),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(Reply::Refused(refusal(place, &self.store))),
            StatusCode::TOO_MANY_REQUESTS => Ok(Reply::Refused(format!("`{}` was asked too often", place.host))),
            status => Ok(Reply::Refused(format!("`{}` answered with the status {}", place.host, status.as_u16()))),
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
        let schemes = schemes(host);
        for (at, scheme) in schemes.iter().enumerate() {
            let mut request = self
                .agent(is_here(host))
                .get(format!("{scheme}://{host}/v2/{repository}/{what}"))
                .header("Accept", ACCEPT);
            if let Some(authorization) = authorization {
                request = request.header("Authorization", authorization);
            }
            match request.call() {
                // A server of TLS answers a request in the open, and says that it is not one for it.
                Ok(response) if *scheme == "http" && NOT_SPOKEN.contains(&response.status().as_u16()) => {
                    if at + 1 == schemes.len() {
                        return Ok(response);
                    }
                }
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
        let host = realm.strip_prefix("http://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
        let here = host.is_some_and(|host| !host.contains('@') && is_here(host));
        if !here && !realm.starts_with("https://") {
            return Ok(None);
        }
        let agent = self.agent(here || is_here(&place.host));
        let asked = match login.filter(|login| login.is_refresh_token) {
            Some(login) => agent.post(realm).send_form([
                ("grant_type", "refresh_token"),
                ("service", service.unwrap_or_default()),
                ("client_id", "tranship"),
                ("scope", scope),
                ("refresh_token", login.secret()),
            ]),
            None => {
                let mut request = agent.get(realm).query("scope", scope);
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
    if is_here(host) { &["http", "https"] } else { &["https"] }
}

/// Whether a host is this machine.
fn is_here(host: &str) -> bool {
    let name = host.strip_prefix('[').and_then(|rest| rest.split(']').next());
    let name = name.unwrap_or_else(|| host.split(':').next().unwrap_or(host));
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether bytes have the digest they were asked for by; a tag says nothing of them. The rest of a sentence if not.
fn genuine(reference: &str, bytes: &[u8]) -> Result<(), &'static str> {
    let Some((algorithm, expect)) = reference.split_once(':') else { return Ok(()) };
    let algorithm = match algorithm {
        "sha256" => &digest::SHA256,
        "sha512" => &digest::SHA512,
        _ => return Err("has a digest of a kind that cannot be checked"),
    };
    let digest = digest::digest(algorithm, bytes);
    let hex = digest.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    if hex == expect { Ok(()) } else { Err("does not have the digest it was asked for by") }
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
fn of_platform(list: &[Value], platform: &Platform) -> Option<String> {
    let fits = |entry: &&Value| {
        let of = |key: &str| entry.get("platform").and_then(|platform| platform.get(key)).and_then(Value::as_str);
        let (Some(os), Some(architecture)) = (of("os"), of("architecture")) else { return false };
        Platform::of(os, architecture, of("variant").unwrap_or_default()) == *platform
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
    fn what_has_not_its_digest_is_not_believed() {
        let known = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
        for (reference, bytes, fine) in [
            (known, "foo", true),
            (known, "fooo", false),
            ("latest", "anything", true),
            ("md5:acbd18db4cc2f85cedef654fccc4a4d8", "foo", false),
        ] {
            assert_eq!(genuine(reference, bytes.as_bytes()).is_ok(), fine, "{reference}");
        }
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
