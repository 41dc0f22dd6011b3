//! A registry on this machine, asked as the command asks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use tranship_inspect::registry::Client;
use tranship_inspect::{Answer, Ask};
use tranship_testing::registry::{Gate, PASSWORD, Registry, USER};

const CONFIG: &str = r#"{"User":"7","Env":["A=b"]}"#;

fn client(registry: &Registry, login: bool) -> (Client, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let auths = format!(r#"{{"auths":{{"{}":{{"username":"{USER}","password":"{PASSWORD}"}}}}}}"#, registry.host());
    if login {
        std::fs::write(folder.path().join("config.json"), auths).unwrap();
    }
    let env = BTreeMap::from([("DOCKER_CONFIG".to_owned(), folder.path().to_str().unwrap().to_owned())]);
    (Client::new(&env), folder)
}

fn ask(registry: &Registry, image: &str, platform: Option<&str>) -> Ask {
    Ask { image: format!("{}/{image}", registry.host()), platform: platform.map(str::to_owned) }
}

#[test]
fn the_configuration_comes_through_every_gate() {
    for (gate, login) in [
        (Gate::Open, false),
        (Gate::Basic, true),
        (Gate::Token, true),
        (Gate::AnonymousToken, false),
        (Gate::AnonymousToken, true),
    ] {
        let registry = Registry::start(gate, &[("team/web", "1", CONFIG)]);
        let (mut client, _folder) = client(&registry, login);
        let answers =
            client.inspect(&[ask(&registry, "team/web:1", None), ask(&registry, "team/web:1", Some("linux/s390x"))]);
        assert_eq!(answers.unwrap(), [Answer::Config(CONFIG.to_owned()), Answer::Config("{}".to_owned())], "{gate:?}");
        let tokens = registry.asked().iter().filter(|line| line.contains("/token")).count();
        assert!(tokens <= 1, "a token is asked for once: {:?}", registry.asked());
    }
}

#[test]
fn an_image_that_is_not_to_be_had_is_told_and_the_others_are_asked() {
    let registry = Registry::start(Gate::Open, &[("a", "1", CONFIG)]);
    let (mut client, _folder) = client(&registry, false);
    let asked = [ask(&registry, "b:1", None), ask(&registry, "a:1", Some("linux/arm64")), ask(&registry, "a:1", None)];
    let answers = client.inspect(&asked).unwrap();
    assert!(matches!(&answers[0], Answer::Absent(why) if why.contains("no such image")), "{answers:?}");
    assert!(matches!(&answers[1], Answer::Absent(why) if why.contains("linux/arm64")), "{answers:?}");
    assert_eq!(answers[2], Answer::Config(CONFIG.to_owned()));
}

#[test]
fn platforms_are_found_by_any_of_their_names() {
    let registry = Registry::start(Gate::Open, &[("a", "1", CONFIG)]);
    let (mut client, _folder) = client(&registry, false);
    for platform in ["linux/amd64", "linux/x86_64", "amd64", "linux", "LINUX/AMD64"] {
        let answers = client.inspect(&[ask(&registry, "a:1", Some(platform))]).unwrap();
        assert_eq!(answers, [Answer::Config(CONFIG.to_owned())], "{platform}");
    }
}

#[test]
fn one_registry_that_is_not_there_does_not_keep_the_others_from_being_asked() {
    let gone = Registry::start(Gate::Open, &[]).host();
    let registry = Registry::start(Gate::Open, &[("a", "1", CONFIG)]);
    let (mut client, _folder) = client(&registry, false);
    let absent = |name: &str| Ask { image: format!("{gone}/{name}:1"), platform: None };
    let faults = client.inspect(&[absent("x"), ask(&registry, "a:1", None), absent("y")]).unwrap_err();
    assert_eq!(faults.len(), 1, "each registry is named once: {faults:?}");
    assert!(registry.asked().iter().any(|line| line.contains("/blobs/")), "{:?}", registry.asked());
}

#[test]
fn registries_of_this_machine_are_asked_through_no_proxy() {
    let registry = Registry::start(Gate::Open, &[("a", "1", CONFIG)]);
    let program = std::env::current_exe().unwrap();
    // Proxies are read from the process's own environment.
    if std::env::var_os("ALL_PROXY").is_none() {
        let mut again = std::process::Command::new(program);
        again.args(["--exact", "registries_of_this_machine_are_asked_through_no_proxy"]);
        let done =
            again.env("ALL_PROXY", "http://127.0.0.1:9").env("HTTP_PROXY", "http://127.0.0.1:9").output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
        return;
    }
    let (mut client, _folder) = client(&registry, false);
    assert_eq!(client.inspect(&[ask(&registry, "a:1", None)]).unwrap(), [Answer::Config(CONFIG.to_owned())]);
}

#[test]
fn a_server_of_tls_on_this_machine_is_asked_again_over_tls() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let thread = std::thread::spawn(move || {
        let mut first = Vec::new();
        for stream in listener.incoming().take(2) {
            let mut stream = stream.unwrap();
            let mut bytes = [0; 512];
            let read = stream.read(&mut bytes).unwrap();
            first.push(bytes[..read].first().copied());
            let _ =
                stream.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
        }
        first
    });
    let fault = Client::new(&BTreeMap::new()).inspect(&[Ask { image: format!("{host}/a:1"), platform: None }]);
    assert!(fault.is_err(), "{fault:?}");
    // The second connection begins with a TLS handshake.
    assert_eq!(thread.join().unwrap(), [Some(b'G'), Some(0x16)]);
}

#[test]
fn credentials_that_are_missing_are_asked_for_and_never_shown() {
    for gate in [Gate::Basic, Gate::Token] {
        let registry = Registry::start(gate, &[("a", "1", CONFIG)]);
        let (mut client, _folder) = client(&registry, false);
        let answers = client.inspect(&[ask(&registry, "a:1", None)]).unwrap();
        assert!(matches!(&answers[0], Answer::Absent(why) if why.contains("docker login")), "{answers:?}");
        assert!(!format!("{client:?}{answers:?}").contains(PASSWORD));
    }
}

#[test]
fn a_registry_that_is_not_there_is_an_error_that_names_it() {
    let host = Registry::start(Gate::Open, &[]).host();
    let mut client = Client::new(&BTreeMap::new());
    let faults = client.inspect(&[Ask { image: format!("{host}/a:1"), platform: None }]).unwrap_err();
    let fault = faults.first().unwrap();
    assert!(fault.to_string().contains(&host), "{fault}");
    assert!(!fault.help.is_empty());
}
