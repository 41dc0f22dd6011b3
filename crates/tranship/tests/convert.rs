//! `tranship convert` as a user runs it: what it writes, prints and exits with.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tranship_testing::Fixture;

const SHOP: &str = "-- compose.yaml
name: shop
services:
  web:
    image: nginx:1.29
    ports: ['8080:80']
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: hunter2-and-more
    volumes: [data:/var/lib/postgresql/data]
volumes:
  data: {}
";

/// A project with what `docker compose` takes and we have an error finding for.
const ABSENT: &str = "-- compose.yaml
services:
  web:
    image: nginx:1.29
    volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro']
";

fn run(directory: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tranship"))
        .args(args)
        .current_dir(directory)
        .env_clear()
        .env("HOME", directory)
        .output()
        .unwrap()
}

fn check(directory: &Path, args: &[&str], code: i32) -> (String, String) {
    let Output { status, stdout, stderr } = run(directory, args);
    let (out, err) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert_eq!(status.code(), Some(code), "{args:?}\n{out}\n{err}");
    (out, err)
}

/// Every file below a folder with its rights and bytes.
fn tree(root: &Path) -> Vec<(String, u32, Vec<u8>)> {
    fn walk(root: &Path, folder: &Path, out: &mut Vec<(String, u32, Vec<u8>)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                walk(root, &path, out);
            } else {
                out.push((name, mode(&path), fs::read(&path).unwrap()));
            }
        }
    }
    let mut out = Vec::new();
    walk(root, root, &mut out);
    out.sort();
    out
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions()) & 0o777
}

#[cfg(not(unix))]
fn mode(_path: &Path) -> u32 {
    0
}

#[test]
fn a_project_becomes_a_tree_and_the_talk_goes_to_stderr() {
    let project = Fixture::parse(SHOP).on_disk().unwrap();
    let (out, err) = check(project.path(), &["convert"], 0);
    assert_eq!(out, "");
    assert!(err.contains("2 services") && err.contains("written to k8s") && err.contains("report.md"), "{err}");
    let names: Vec<String> = tree(&project.path().join("k8s")).into_iter().map(|(name, _, _)| name).collect();
    for name in
        ["manifests/00-namespace.yaml", "manifests/deployment-web.yaml", "secrets/secret-db-env.yaml", "report.md"]
    {
        assert!(names.contains(&name.to_owned()), "no {name} in {names:?}");
    }
    let (_, err) = check(project.path(), &["convert"], 0);
    assert!(err.contains("unchanged in k8s"), "{err}");
}

#[test]
fn the_tree_depends_on_the_project_alone() {
    let (one, other) = (Fixture::parse(SHOP).on_disk().unwrap(), Fixture::parse(SHOP).on_disk().unwrap());
    check(one.path(), &["convert"], 0);
    check(one.path(), &["convert", "--out", "else/where"], 0);
    let file = other.path().join("compose.yaml");
    check(
        Path::new("/"),
        &["-f", file.to_str().unwrap(), "convert", "-o", other.path().join("x").to_str().unwrap()],
        0,
    );
    let first = tree(&one.path().join("k8s"));
    assert_eq!(first, tree(&one.path().join("else/where")));
    assert_eq!(first, tree(&other.path().join("x")));
    for (name, mode, bytes) in first {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains(one.path().to_str().unwrap()), "{name} names the machine");
        let holds = ["secrets/secret-db-env.yaml", "secrets/.base"].contains(&&*name);
        assert_eq!(text.contains("hunter2-and-more"), holds, "{name}");
        let private = name.starts_with("secrets/") && name != "secrets/.gitignore" || name == ".tranship/secrets.json";
        assert_eq!(mode, if private { 0o600 } else { 0o644 }, "{name}");
    }
}

#[test]
fn the_stream_holds_secrets_unless_they_are_not_wanted() {
    let project = Fixture::parse(SHOP).on_disk().unwrap();
    let (out, _) = check(project.path(), &["convert", "--stdout"], 0);
    assert!(out.starts_with("---\napiVersion: v1\nkind: Namespace\n") && out.contains("hunter2-and-more"), "{out}");
    let (out, _) = check(project.path(), &["convert", "--stdout", "--no-secrets"], 0);
    assert!(!out.contains("kind: Secret") && !out.contains("hunter2"), "{out}");
    assert!(!project.path().join("k8s").exists());
}

#[test]
fn the_machine_view_is_the_report() {
    let project = Fixture::parse(SHOP).on_disk().unwrap();
    let (out, _) = check(project.path(), &["convert", "--format", "json", "--namespace", "prod"], 0);
    let mut report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let output = report.as_object_mut().unwrap().shift_remove("output").unwrap();
    assert_eq!((&output["dry_run"], &output["conflicts"]), (&false.into(), &serde_json::json!([])));
    let file = fs::read(project.path().join("k8s/report.json")).unwrap();
    assert_eq!(report, serde_json::from_slice::<serde_json::Value>(&file).unwrap());
    assert_eq!((&report["version"], &report["namespace"]), (&1.into(), &"prod".into()));
    assert_eq!(report["unaccounted"], serde_json::json!([]));
}

#[test]
fn what_compose_refuses_and_options_that_contradict_leave_no_tree() {
    for text in [
        "-- other.txt\n",
        "-- compose.yaml\nservices: {web: {image: [}}\n",
        "-- compose.yaml\nservices: {web: {imag: x}}\n",
        "-- compose.yaml\nservices: {web: {image: x, env_file: gone.env}}\n",
        "-- compose.yaml\nservices: {web: {image: '${GONE:?say it}'}}\n",
        "-- compose.yaml\nservices: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}\n",
    ] {
        let project = Fixture::parse(text).on_disk().unwrap();
        let (out, err) = check(project.path(), &["convert"], 2);
        assert!(out.is_empty() && err.contains("error"), "{text}: {err}");
        assert!(!project.path().join("k8s").exists(), "{text}");
    }
    let project = Fixture::parse(SHOP).on_disk().unwrap();
    for args in [
        &["--namespace", "No_Good"][..],
        &["--kube-version", "1.99"],
        &["--stdout", "--out", "x"],
        &["--stdout", "--format", "json"],
        &["--no-secrets"],
        &["--format", "xml"],
    ] {
        let args = [&["convert"], args].concat();
        let (out, err) = check(project.path(), &args, 2);
        assert!(out.is_empty() && err.contains("error"), "{args:?}: {err}");
        assert!(!project.path().join("k8s").exists() && !project.path().join("x").exists(), "{args:?}");
    }
}

#[test]
fn any_other_error_leaves_a_complete_tree_and_stands_first() {
    let project = Fixture::parse(ABSENT).on_disk().unwrap();
    let (_, err) = check(project.path(), &["convert"], 1);
    assert!(err.contains("error"), "{err}");
    let report = fs::read_to_string(project.path().join("k8s/report.md")).unwrap();
    let errors = report.find("## Errors").expect("a section for errors");
    assert!(report.find("\n## ") == Some(errors - 1), "{report}");
    assert!(report.contains("compose.yaml:4"), "{report}");
    assert!(project.path().join("k8s/manifests/deployment-web.yaml").is_file());
}

#[test]
fn what_flags_made_is_equal_with_the_same_flags() {
    let project = tempfile::tempdir().unwrap();
    std::fs::write(project.path().join("compose.yaml"), "services:\n  web:\n    build: .\n").unwrap();
    std::fs::write(project.path().join("Dockerfile"), "FROM scratch\nCMD [\"/web\"]\n").unwrap();
    let flags =
        ["--registry", "registry.example.com/shop", "--tag", "t1", "--image-pull-secret", "pull", "--namespace", "n"];
    check(project.path(), &[&["convert", "-o", "out"], flags.as_slice()].concat(), 0);
    check(project.path(), &[&["diff", ".", "out"], flags.as_slice()].concat(), 0);
    let (out, _) = check(project.path(), &["diff", ".", "out"], 1);
    assert!(out.contains("registry.example.com/shop"), "{out}");
    let (out, _) = check(
        project.path(),
        &[&["explain", "--why", "deployment/web.spec.template.spec.containers[0].image"], flags.as_slice()].concat(),
        0,
    );
    assert!(out.contains("registry.example.com/shop"), "{out}");
}

#[test]
fn a_volume_that_is_there_already_is_mounted_as_it_is() {
    let project = tempfile::tempdir().unwrap();
    let text = "services:\n  web:\n    image: nginx:1.29\n    volumes:\n      - own:/a\n      - theirs:/b\n      - type: volume\n        \
                source: theirs\n        target: /c\n        volume: {subpath: data/www}\nvolumes:\n  own: {}\n  theirs: {external: true}\n";
    fs::write(project.path().join("compose.yaml"), text).unwrap();
    let (out, _) = check(project.path(), &["convert", "--stdout"], 0);
    for part in [
        "mountPath: /a\n          subPath: data\n",
        "mountPath: /b\n        - ",
        "mountPath: /c\n          subPath: data/www\n",
    ] {
        assert!(out.contains(part), "no {part:?} in {out}");
    }
    check(project.path(), &["convert", "-o", "out"], 0);
    check(project.path(), &["diff", ".", "out"], 0);
    check(project.path(), &["diff", "."], 0);
}

#[test]
fn a_foreign_directory_and_a_hand_edit_are_safe() {
    let project = Fixture::parse(SHOP).on_disk().unwrap();
    let k8s = project.path().join("k8s");
    fs::create_dir(&k8s).unwrap();
    fs::write(k8s.join("notes.txt"), "mine").unwrap();
    let (_, err) = check(project.path(), &["convert"], 2);
    assert!(err.contains("--force"), "{err}");
    assert_eq!(tree(&k8s).len(), 1);
    check(project.path(), &["convert", "--force"], 0);
    assert_eq!(fs::read_to_string(k8s.join("notes.txt")).unwrap(), "mine");
    let web = k8s.join("manifests/deployment-web.yaml");
    fs::write(&web, "edited").unwrap();
    let before = tree(&k8s);
    let (_, err) = check(project.path(), &["convert"], 0);
    assert!(err.contains("unchanged in k8s"), "{err}");
    assert_eq!(tree(&k8s), before);
    check(project.path(), &["convert", "--force"], 0);
    assert_eq!(fs::read_to_string(k8s.join("manifests/deployment-web.yaml.bak")).unwrap(), "edited");
}

#[test]
fn files_of_services_that_are_gone_go_and_the_directory_one_stands_in_stays() {
    let project = Fixture::parse(SHOP).on_disk().unwrap();
    let k8s = project.path().join("k8s");
    fs::create_dir(&k8s).unwrap();
    let args = ["-f", "../compose.yaml", "convert", "--out", "."];
    check(&k8s, &args, 0);
    let inode = fs::metadata(&k8s).unwrap();
    fs::write(project.path().join("compose.yaml"), "name: shop\nservices: {web: {image: 'nginx:1.29'}}\n").unwrap();
    let (_, err) = check(&k8s, &args, 0);
    assert!(err.contains("removed secrets/secret-db-env.yaml"), "{err}");
    assert!(!k8s.join("secrets").exists() && k8s.join("manifests/deployment-web.yaml").is_file());
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::MetadataExt::ino(&inode),
        std::os::unix::fs::MetadataExt::ino(&fs::metadata(&k8s).unwrap())
    );
}
