//! The forms in which Secrets are handed over: no value stands where it should not, the real programs open what was
//! encrypted, and nothing changes without a reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tranship_testing::{Fixture, Program, not_run, places};

const PROJECT: &str = "-- compose.yaml
name: shop
services:
  web:
    image: example.com/web:1
    environment:
      DATABASE_URL: postgres://shop:hunter2-and-more@db:5432/shop
    secrets: [token]
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: hunter2-and-more
      EMPTY_PASSWORD: ''
secrets:
  token: {file: ./token.txt}
-- token.txt
a-token: \"with\"
two lines
";
const VALUES: [&str; 2] = ["hunter2-and-more", "two lines"];
/// From the documentation of age; nobody has to be able to decrypt here.
const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

fn tranship(project: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tranship"));
    command.current_dir(project).env_remove("SOPS_AGE_RECIPIENTS").args(arguments).output().unwrap()
}

fn convert(project: &Path, out: &Path, flags: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
    let out_text = out.to_string_lossy().into_owned();
    let done = tranship(project, &[&["convert", "-o", &out_text], flags].concat());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    files(out)
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_path_buf(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Files outside `secrets/`, or public in it, that show a value.
fn leaks(tree: &BTreeMap<PathBuf, Vec<u8>>, out: &Path) -> Vec<String> {
    use std::os::unix::fs::PermissionsExt;
    let public = |path: &Path| fs::metadata(out.join(path)).unwrap().permissions().mode() & 0o077 != 0;
    let shows = |bytes: &[u8]| VALUES.iter().any(|value| String::from_utf8_lossy(bytes).contains(value));
    let leaky = |(path, bytes): &(&PathBuf, &Vec<u8>)| shows(bytes) && (!path.starts_with("secrets") || public(path));
    tree.iter().filter(leaky).map(|(path, _)| path.display().to_string()).collect()
}

fn forms() -> Vec<Vec<&'static str>> {
    vec![
        vec!["--secrets", "files"],
        vec!["--secrets", "existing"],
        vec!["--secrets", "external", "--secret-store", "ClusterSecretStore/team"],
        vec!["--secrets", "external", "--secret-store", "aws:eu-central-1"],
        vec!["--secrets", "external", "--secret-store", "gcp:shop-prod"],
        vec!["--secrets", "external", "--secret-store", "azure:https://shop.vault.azure.net"],
        vec!["--secrets", "vault", "--secret-store", "https://vault.example.com"],
        vec!["--secrets", "sops", "--age-recipient", RECIPIENT],
    ]
}

#[test]
fn no_form_shows_a_value_outside_of_private_files_and_a_second_run_changes_nothing() {
    let project = Fixture::parse(PROJECT).on_disk().unwrap();
    for flags in forms() {
        let out = project.path().join("out").join(flags.join("-").replace(['/', ':'], "-"));
        let first = convert(project.path(), &out, &flags);
        assert_eq!(leaks(&first, &out), [""; 0], "{flags:?}");
        let second = convert(project.path(), &out, &flags);
        assert!(first == second, "{flags:?}: a second run changed something");
        let out_text = out.to_string_lossy().into_owned();
        let differs = tranship(project.path(), &[&["diff", ".", &out_text], &*flags].concat());
        let told = String::from_utf8_lossy(&differs.stdout).into_owned();
        assert!(differs.status.success(), "{flags:?}: {told}");
        let written = first.contains_key(Path::new("secrets/secret-web-env.yaml"));
        assert_eq!(written, flags.contains(&"files"), "{flags:?}");
    }
}

#[test]
fn a_value_that_changes_is_encrypted_anew_and_no_other() {
    let project = Fixture::parse(PROJECT).on_disk().unwrap();
    let out = project.path().join("k8s");
    let flags = ["--secrets", "sops", "--age-recipient", RECIPIENT];
    let first = convert(project.path(), &out, &flags);
    fs::write(project.path().join("token.txt"), "another token").unwrap();
    let second = convert(project.path(), &out, &flags);
    let changed: Vec<_> = first.iter().filter(|(path, bytes)| second.get(*path) != Some(bytes)).collect();
    let changed: Vec<_> = changed.iter().map(|(path, _)| path.display().to_string()).collect();
    let sops: Vec<_> = changed.iter().filter(|path| path.ends_with(".sops.yaml")).collect();
    assert_eq!(sops, ["secrets/secret-token.sops.yaml"], "{changed:?}");
}

#[test]
fn what_is_missing_or_contradicts_itself_writes_nothing() {
    let project = Fixture::parse(PROJECT).on_disk().unwrap();
    fs::write(project.path().join("no.pem"), "no certificate").unwrap();
    for (flags, says) in [
        (vec!["--secrets", "sops"], "--age-recipient"),
        (vec!["--secrets", "sops", "--age-recipient", "age1nobody"], "is no age recipient"),
        (vec!["--secrets", "sealed"], "--sealed-secrets-cert"),
        (vec!["--secrets", "sealed", "--sealed-secrets-cert", "absent.pem"], "absent.pem"),
        (vec!["--secrets", "sealed", "--sealed-secrets-cert", "no.pem"], "no certificate"),
        (vec!["--secrets", "external"], "--secret-store"),
        (vec!["--secrets", "external", "--secret-store", "oracle:x"], "no store of the kind"),
        (vec!["--secrets", "vault", "--secret-store", "vault.example.com"], "no URL"),
        (vec!["--age-recipient", RECIPIENT], "does not fit"),
        (vec!["--secrets", "files", "--secret-store", "x"], "does not fit"),
    ] {
        let done = tranship(project.path(), &[&["convert", "-o", "out"], &*flags].concat());
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{flags:?}: {told}");
        assert!(told.contains(says), "{flags:?}: {told}");
        assert!(!project.path().join("out").exists(), "{flags:?}");
    }
}

/// A program of the testbed, or the note that it is not there.
fn program(name: &str) -> Option<PathBuf> {
    let found = places::program(name);
    if found.is_none() {
        not_run(&format!("no `{name}` here: `testbed/build secrets` makes it"));
    }
    found
}

#[test]
fn the_real_sops_opens_what_was_encrypted() {
    let (Some(sops), Some(keygen)) = (program("sops"), program("age-keygen")) else { return };
    let project = Fixture::parse(PROJECT).on_disk().unwrap();
    let key = project.path().join("key.txt");
    Program::new(keygen).arg("-o").arg(&key).succeed().unwrap();
    let text = fs::read_to_string(&key).unwrap();
    let own = text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    let open = convert(project.path(), &project.path().join("open"), &[]);
    let sealed = ["--secrets", "sops", "--age-recipient", RECIPIENT, "--age-recipient", own];
    let closed = convert(project.path(), &project.path().join("closed"), &sealed);
    let mut opened = 0;
    for path in closed.keys().filter(|path| path.to_string_lossy().ends_with(".sops.yaml")) {
        let file = project.path().join("closed").join(path);
        let decrypt = |file: &Path| {
            let program = Program::new(&sops).args(["decrypt", "--output-type", "json"]);
            program.arg(file).env("SOPS_AGE_KEY_FILE", &key).run().unwrap()
        };
        let done = decrypt(&file);
        assert_eq!(done.code(), Some(0), "{}: {done:?}", path.display());
        let plain: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        let name = path.to_string_lossy().replace(".sops.yaml", ".yaml");
        let source = String::from_utf8(open[Path::new(&name)].clone()).unwrap();
        for (key, value) in plain["stringData"].as_object().unwrap() {
            let value = value.as_str().unwrap();
            let first = value.lines().next().unwrap_or("\"\"");
            assert!(source.contains(key.as_str()) && source.contains(first.trim_matches('"')), "{name} {key}");
        }
        // A change of a plain value is seen too.
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("namespace: shop", "namespace: other")).unwrap();
        assert_ne!(decrypt(&file).code(), Some(0), "a change of {} went unseen", path.display());
        opened += 1;
    }
    assert_eq!(opened, 3);
}

#[test]
fn the_real_kubeseal_opens_what_was_sealed() {
    let Some(kubeseal) = program("kubeseal") else { return };
    let project = Fixture::parse(PROJECT).on_disk().unwrap();
    let at = |name: &str| project.path().join(name);
    let made = Program::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=sealed", "-days", "2", "-keyout"])
        .arg(at("key.pem"))
        .arg("-out")
        .arg(at("cert.pem"))
        .run();
    if made.is_err() {
        return not_run("no `openssl` here, which makes the controller's key");
    }
    let out = at("k8s");
    let flags = ["--secrets", "sealed", "--sealed-secrets-cert", "cert.pem"];
    let tree = convert(project.path(), &out, &flags);
    assert_eq!(leaks(&tree, &out), [""; 0]);
    assert!(tree == convert(project.path(), &out, &flags), "a second run changed something");
    let mut opened = 0;
    for path in tree.keys().filter(|path| path.to_string_lossy().contains("manifests/sealedsecret-")) {
        let unseal = |bytes: Vec<u8>| {
            let program = Program::new(&kubeseal).args(["--recovery-unseal", "--recovery-private-key"]);
            program.arg(at("key.pem")).args(["-o", "json"]).input(bytes).run().unwrap()
        };
        let done = unseal(tree[path].clone());
        assert_eq!(done.code(), Some(0), "{}: {done:?}", path.display());
        let secret: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(secret["kind"], "Secret");
        let data = secret["data"].as_object().unwrap();
        assert!(!data.is_empty());
        if path.to_string_lossy().ends_with("sealedsecret-db-env.yaml") {
            use base64::Engine;
            let engine = base64::engine::general_purpose::STANDARD;
            let value = engine.decode(data["POSTGRES_PASSWORD"].as_str().unwrap()).unwrap();
            assert_eq!(value, b"hunter2-and-more");
        }
        // It is bound to its name.
        let other = String::from_utf8(tree[path].clone()).unwrap().replace("namespace: shop", "namespace: other");
        assert_ne!(unseal(other.into_bytes()).code(), Some(0));
        opened += 1;
    }
    assert_eq!(opened, 3);
}
