//! A small registry of images on the loopback address, by the distribution interface of OCI: manifests, indexes,
//! configurations, and the two ways of asking for credentials.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// How a registry asks who is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Not at all.
    Open,
    /// By user and password in each request.
    Basic,
    /// By a token, which its own server gives for user and password.
    Token,
    /// By a token, which its own server gives to everybody.
    AnonymousToken,
}

/// The user all closed gates let in.
pub const USER: &str = "me";
/// The user's password.
pub const PASSWORD: &str = "s3cret-of-the-test";

/// A running registry; it ends when it is dropped.
#[derive(Debug)]
pub struct Registry {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<String>>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shelf {
    gate: Gate,
    own: String,
    /// Bodies with their type, by path.
    answers: BTreeMap<String, (String, String)>,
}

impl Registry {
    /// Starts a registry with images: repository, tag and the configuration as JSON. Each is an index whose entries are for
    /// `linux/amd64` and, as an image without any settings, for `linux/s390x`.
    ///
    /// # Panics
    /// When no port of the loopback address can be had.
    #[expect(clippy::expect_used, reason = "a machine without a loopback address runs no test")]
    pub fn start(gate: Gate, images: &[(&str, &str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port of the loopback address");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shelf = Shelf { gate, own: address.to_string(), answers: answers(images) };
        let (stopping, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let thread = thread::spawn({
            let (stopping, asked) = (Arc::clone(&stopping), Arc::clone(&asked));
            move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    if stopping.load(Ordering::SeqCst) {
                        return;
                    }
                    // A client that hangs up in the middle is none of the registry's business.
                    drop(serve(&stream, &shelf, &asked));
                }
            }
        });
        Self { address, stopping, asked, thread: Some(thread) }
    }

    /// `127.0.0.1:PORT`, as images are named by it.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The requests so far: method, path, and whether credentials came along.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread, which waits for a client.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn answers(images: &[(&str, &str, &str)]) -> BTreeMap<String, (String, String)> {
    let mut out = BTreeMap::new();
    for (at, (repository, tag, config)) in images.iter().enumerate() {
        let mut entries = Vec::new();
        for (architecture, config) in [("s390x", "{}"), ("amd64", *config)] {
            let body = format!(r#"{{"number":{at},"architecture":"{architecture}","os":"linux","config":{config}}}"#);
            let image = digest_of(&body);
            out.insert(format!("/v2/{repository}/blobs/{image}"), ("application/octet-stream".to_owned(), body));
            let body = format!(r#"{{"schemaVersion":2,"config":{{"digest":"{image}","size":1}},"layers":[]}}"#);
            let kind = "application/vnd.oci.image.manifest.v1+json";
            let manifest = digest_of(&body);
            out.insert(format!("/v2/{repository}/manifests/{manifest}"), (kind.to_owned(), body));
            entries.push(format!(
                r#"{{"digest":"{manifest}","platform":{{"os":"linux","architecture":"{architecture}"}}}}"#
            ));
        }
        let body = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, entries.join(","));
        let kind = "application/vnd.oci.image.index.v1+json";
        out.insert(format!("/v2/{repository}/manifests/{tag}"), (kind.to_owned(), body));
    }
    out
}

/// The digest of a text as registries write it.
pub fn digest_of(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

fn serve(stream: &TcpStream, shelf: &Shelf, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next().unwrap_or("").to_owned(), words.next().unwrap_or("").to_owned());
    let (mut authorization, mut length) = (String::new(), 0);
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim().is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').unwrap_or((&header, ""));
        match name.to_ascii_lowercase().as_str() {
            "authorization" => value.trim().clone_into(&mut authorization),
            "content-length" => length = value.trim().parse().unwrap_or(0),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let with = if authorization.is_empty() { "" } else { " with credentials" };
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{method} {path}{with}"));
    let (status, extra, kind, body) = answer(shelf, &path, &authorization);
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n{extra}\r\n",
        body.len()
    );
    let mut stream = stream;
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

/// `me:s3cret-of-the-test` as HTTP writes it.
const BASIC: &str = "Basic bWU6czNjcmV0LW9mLXRoZS10ZXN0";

fn answer<'a>(shelf: &'a Shelf, path: &str, authorization: &str) -> (&'static str, String, &'a str, &'a str) {
    const JSON: &str = "application/json";
    if path.starts_with("/token") {
        let fine = shelf.gate == Gate::AnonymousToken || authorization == BASIC;
        return if fine {
            ("200 OK", String::new(), JSON, r#"{"token":"t0k"}"#)
        } else {
            ("401 Unauthorized", String::new(), JSON, "{}")
        };
    }
    let (fine, challenge) = match shelf.gate {
        Gate::Open => (true, String::new()),
        Gate::Basic => (authorization == BASIC, "Basic realm=\"test\"".to_owned()),
        Gate::Token | Gate::AnonymousToken => {
            (authorization == "Bearer t0k", format!("Bearer realm=\"http://{}/token\",service=\"test\"", shelf.own))
        }
    };
    if !fine {
        return ("401 Unauthorized", format!("WWW-Authenticate: {challenge}\r\n"), JSON, "{}");
    }
    match shelf.answers.get(path) {
        Some((kind, body)) => ("200 OK", String::new(), kind, body),
        None => ("404 Not Found", String::new(), JSON, "{}"),
    }
}
