//! `--inspect`: facts of images that somebody is asked for, from the answer to the objects.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tranship_testing::Fixture;
use tranship_testing::registry::{Gate, Registry};

fn check(directory: &Path, args: &[&str], code: i32) -> (String, String) {
    let program = Command::new(env!("CARGO_BIN_EXE_tranship"))
        .args(args)
        .current_dir(directory)
        .env_clear()
        .env("HOME", directory)
        .env("PATH", format!("{}:/usr/bin:/bin", directory.display()))
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8(program.stdout).unwrap(), String::from_utf8(program.stderr).unwrap());
    assert_eq!(program.status.code(), Some(code), "{args:?}\n{out}\n{err}");
    (out, err)
}

const CONFIG: &str = r#"{"ExposedPorts":{"4321/tcp":{}},"StopSignal":"SIGINT","Healthcheck":{"Test":["CMD","ask","me"],"Interval":7000000000}}"#;

#[test]
fn what_a_registry_tells_stands_in_the_objects_with_its_source() {
    let registry = Registry::start(Gate::AnonymousToken, &[("team/web", "1", CONFIG), ("team/base", "2", CONFIG)]);
    let host = registry.host();
    let project = Fixture::parse(&format!(
        "-- compose.yaml\nservices:\n  web: {{image: '{host}/team/web:1'}}\n  built: {{build: .}}\n-- Dockerfile\nFROM {host}/team/base:2\nEXPOSE 99\n"
    ))
    .on_disk()
    .unwrap();
    check(project.path(), &["convert", "--inspect", "registry"], 0);
    let read = |name: &str| fs::read_to_string(project.path().join("k8s").join(name)).unwrap();
    let web = read("manifests/deployment-web.yaml");
    assert!(web.contains("containerPort: 4321") && web.contains("- ask") && web.contains("periodSeconds: 7"), "{web}");
    let built = read("manifests/deployment-built.yaml");
    assert!(
        built.contains("containerPort: 4321") && built.contains("containerPort: 99") && built.contains("- ask"),
        "{built}"
    );
    let report = read("report.md");
    assert!(report.contains("registry says so"), "{report}");
    check(project.path(), &["diff", ".", "k8s", "--inspect", "registry"], 0);
    check(project.path(), &["diff", ".", "k8s"], 1);
    let (out, _) = check(project.path(), &["explain", "web", "--inspect", "registry"], 0);
    assert!(out.contains("4321"), "{out}");
}

#[test]
fn who_cannot_be_reached_is_named_and_nothing_is_written() {
    let gone = Registry::start(Gate::Open, &[]).host();
    let text = format!("-- compose.yaml\nservices: {{web: {{image: '{gone}/team/web:1'}}}}\n");
    let project = Fixture::parse(&text).on_disk().unwrap();
    let (_, err) = check(project.path(), &["convert", "--inspect", "registry"], 2);
    assert!(err.contains(&format!("the registry `{gone}` cannot be reached")), "{err}");
    assert!(!project.path().join("k8s").exists());
    let docker = project.path().join("docker");
    fs::write(&docker, "#!/bin/sh\necho 'Cannot connect to the Docker daemon at unix:///x.' >&2\nexit 1\n").unwrap();
    fs::set_permissions(&docker, fs::Permissions::from_mode(0o755)).unwrap();
    let (_, err) = check(project.path(), &["convert", "--inspect", "engine"], 2);
    assert!(err.contains("the Docker engine cannot be reached: Cannot connect"), "{err}");
    assert!(!project.path().join("k8s").exists());
}

#[test]
fn the_engine_is_asked_by_its_own_program() {
    let project = Fixture::parse("-- compose.yaml\nservices: {web: {image: 'web:1'}, gone: {image: 'gone:1'}}\n")
        .on_disk()
        .unwrap();
    let docker = project.path().join("docker");
    let script = format!(
        "#!/bin/sh\nfor last; do :; done\nif [ \"$last\" = gone:1 ]; then echo 'Error: No such image: gone:1' >&2; exit 1; fi\necho '{CONFIG}'\n"
    );
    fs::write(&docker, script).unwrap();
    fs::set_permissions(&docker, fs::Permissions::from_mode(0o755)).unwrap();
    let (out, err) = check(project.path(), &["convert", "--inspect", "engine", "--stdout"], 0);
    assert!(out.contains("containerPort: 4321"), "{out}");
    assert!(err.contains("image-not-inspected") && err.contains("`gone:1`"), "{err}");
}

#[test]
fn digests_are_kept_and_latest_is_not_asked_for_at_every_start() {
    let digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let project = Fixture::parse(&format!(
        "-- compose.yaml\nservices: {{a: {{image: 'nginx@{digest}'}}, b: {{image: 'nginx:1.29@{digest}'}}, c: {{image: nginx}}}}\n"
    ))
    .on_disk()
    .unwrap();
    let (out, _) = check(project.path(), &["convert", "--stdout"], 0);
    assert!(
        out.contains(&format!("image: nginx@{digest}")) && out.contains(&format!("image: nginx:1.29@{digest}")),
        "{out}"
    );
    assert_eq!(out.matches("imagePullPolicy: IfNotPresent").count(), 1, "{out}");
}
