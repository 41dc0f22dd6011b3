//! What a real API server says to many single objects, each in a few milliseconds: dry runs over one connection.
//!
//! `kubectl proxy` knows how to reach the server and speaks plain HTTP to us.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tranship_source::yaml;

use crate::api_server::ApiServer;
use crate::places;
use crate::program::announce;

/// The server's word on an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It would take the object.
    Taken,
    /// It refuses the object, with its reason.
    Refused(String),
}

/// A server that is asked about objects. Nothing is kept but the namespaces made by [`Judge::namespace`].
#[derive(Debug)]
pub struct Judge {
    proxy: Child,
    connection: BufReader<TcpStream>,
    address: String,
    /// Plural name and whether it lives in a namespace, by `apiVersion` and kind.
    kinds: BTreeMap<(String, String), (String, bool)>,
    asked: Vec<String>,
}

/// Status and body of an answer.
type Answer = (u16, Vec<u8>);

impl Judge {
    /// Opens a connection to a server.
    pub fn new(server: &ApiServer) -> Result<Self, String> {
        let kubectl = places::program("kubectl").ok_or("no kubectl")?;
        let mut proxy = Command::new(kubectl)
            .arg("--kubeconfig")
            .arg(server.kubeconfig())
            .args(["proxy", "--port=0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("kubectl proxy: {error}"))?;
        announce('+', proxy.id());
        let mut line = String::new();
        if let Some(stdout) = proxy.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        let address = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        let connection = connect(&address).map_err(|error| format!("kubectl proxy said `{}`: {error}", line.trim()));
        match connection {
            Ok(connection) => Ok(Self { proxy, connection, address, kinds: BTreeMap::new(), asked: Vec::new() }),
            Err(error) => {
                end(&mut proxy);
                Err(error)
            }
        }
    }

    /// Makes a namespace, which stays: objects are only judged in one that is there.
    pub fn namespace(&mut self, name: &str) -> Result<(), String> {
        let body = format!("{{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{{\"name\":\"{name}\"}}}}");
        match self.ask("POST", "/api/v1/namespaces", "application/json", body.as_bytes())? {
            (200..=299 | 409, _) => Ok(()),
            (_, body) => Err(message(&body)),
        }
    }

    /// Whether the server would take an object, created strictly and, if that goes well, applied on the server: only
    /// the latter minds equal items in lists whose items must differ. The error means that nobody was there to ask.
    pub fn judge(&mut self, object: &yaml::Node) -> Result<Verdict, String> {
        let object = &json(object);
        let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (api_version, kind, name) = (text("/apiVersion"), text("/kind"), text("/metadata/name"));
        let Some((plural, namespaced)) = self.kind(&api_version, &kind)? else {
            return Ok(Verdict::Refused(format!("no matches for kind \"{kind}\" in version \"{api_version}\"")));
        };
        let root = if api_version.contains('/') { "/apis" } else { "/api" };
        let namespace = text("/metadata/namespace");
        let place = match (namespaced, namespace.as_str()) {
            (false, _) => format!("{root}/{api_version}/{plural}"),
            (true, "") => format!("{root}/{api_version}/namespaces/default/{plural}"),
            (true, own) => format!("{root}/{api_version}/namespaces/{}/{plural}", escape(own)),
        };
        let body = serde_json::to_vec(object).map_err(|error| error.to_string())?;
        let options = "dryRun=All&fieldValidation=Strict&fieldManager=tranship";
        let created = self.ask("POST", &format!("{place}?{options}"), "application/json", &body)?;
        if created.0 == 409 && message(&created.1).contains("already exists") {
            // Something of that name is there; applying says whether ours would do.
        } else if !(200..=299).contains(&created.0) {
            return Ok(Verdict::Refused(message(&created.1)));
        }
        let path = format!("{place}/{}?{options}&force=true", escape(&name));
        let applied = self.ask("PATCH", &path, "application/apply-patch+yaml", &body)?;
        let taken = (200..=299).contains(&applied.0);
        Ok(if taken { Verdict::Taken } else { Verdict::Refused(format!("apply: {}", message(&applied.1))) })
    }

    fn kind(&mut self, api_version: &str, kind: &str) -> Result<Option<(String, bool)>, String> {
        if !self.asked.iter().any(|known| known == api_version) {
            self.asked.push(api_version.to_owned());
            let root = if api_version.contains('/') { "/apis" } else { "/api" };
            let (_, body) = self.ask("GET", &format!("{root}/{}", escape(api_version)), "application/json", &[])?;
            let list: Value = serde_json::from_slice(&body).unwrap_or_default();
            for resource in list.get("resources").and_then(Value::as_array).into_iter().flatten() {
                let text = |key: &str| resource.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                let namespaced = resource.get("namespaced").and_then(Value::as_bool).unwrap_or_default();
                if !text("name").contains('/') {
                    self.kinds.insert((api_version.to_owned(), text("kind")), (text("name"), namespaced));
                }
            }
        }
        Ok(self.kinds.get(&(api_version.to_owned(), kind.to_owned())).cloned())
    }

    /// Asks once more on a new connection where the old one was closed.
    fn ask(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Answer, String> {
        if let Ok(answer) = self.ask_once(method, path, kind, body) {
            return Ok(answer);
        }
        self.connection = connect(&self.address).map_err(|error| error.to_string())?;
        self.ask_once(method, path, kind, body).map_err(|error| format!("{method} {path}: {error}"))
    }

    fn ask_once(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> std::io::Result<Answer> {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        self.connection.get_mut().write_all(&request)?;
        answer(&mut self.connection)
    }
}

/// A tree as JSON.
fn json(node: &yaml::Node) -> Value {
    match &node.value {
        yaml::Value::Null => Value::Null,
        yaml::Value::Bool(truth) => (*truth).into(),
        yaml::Value::Int(number) => (*number).into(),
        yaml::Value::Float(number) => (*number).into(),
        yaml::Value::String(text) => text.as_str().into(),
        yaml::Value::Sequence(items) => items.iter().map(json).collect(),
        yaml::Value::Mapping(map) => map.iter().map(|(key, value)| (key.text.clone(), json(value))).collect(),
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        end(&mut self.proxy);
    }
}

fn end(proxy: &mut Child) {
    drop(proxy.kill());
    drop(proxy.wait());
    announce('-', proxy.id());
}

fn connect(address: &str) -> std::io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(std::time::Duration::from_secs(60)))?;
    Ok(BufReader::new(stream))
}

fn answer(stream: &mut impl BufRead) -> std::io::Result<Answer> {
    let mut status = 0;
    let mut length = None;
    let mut chunked = false;
    for number in 0.. {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end().to_ascii_lowercase();
        if number == 0 {
            status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        } else if line.is_empty() {
            break;
        } else if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok();
        } else if line.starts_with("transfer-encoding:") && line.contains("chunked") {
            chunked = true;
        }
    }
    let mut body = Vec::new();
    if chunked {
        while chunk(stream, &mut body)? {}
    } else {
        stream.take(length.unwrap_or(0)).read_to_end(&mut body)?;
    }
    Ok((status, body))
}

/// Reads one chunk of an answer; false after the last.
fn chunk(stream: &mut impl BufRead, body: &mut Vec<u8>) -> std::io::Result<bool> {
    let mut size = String::new();
    stream.read_line(&mut size)?;
    let size = u64::from_str_radix(size.trim(), 16).map_err(|_| std::io::ErrorKind::InvalidData)?;
    stream.take(size).read_to_end(body)?;
    stream.read_line(&mut String::new())?;
    Ok(size > 0)
}

/// The `message` of a Kubernetes status, or the body itself.
fn message(body: &[u8]) -> String {
    let status: Option<Value> = serde_json::from_slice(body).ok();
    let message = status.as_ref().and_then(|status| status.get("message")).and_then(Value::as_str);
    message.map_or_else(|| String::from_utf8_lossy(body).into_owned(), str::to_owned)
}

/// A path step as a URL holds it; `/` stays.
fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn answers_are_read_by_length_and_in_chunks() {
        for text in [
            "HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
        ] {
            assert_eq!(answer(&mut text.as_bytes()).unwrap(), (201, b"hello".to_vec()));
        }
    }
}
