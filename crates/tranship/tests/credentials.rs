//! Credentials stand in `secrets/` and nowhere else, and every process is started as ever.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tranship_testing::Fixture;

fn run(directory: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tranship"));
    let Output { status, stdout, stderr } = command.args(args).current_dir(directory).env_clear().output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// Every file below a folder but those of secrets, with its text.
fn open_files(folder: &Path) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().unwrap() != "secrets" {
            out.extend(open_files(&path));
        } else if path.is_file() {
            out.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    out
}

/// Each credential begins with `leak`, each of another kind or in another place.
const PROJECT: &str = r#"
-- compose.yaml
name: shop
services:
  web:
    image: debian
    environment:
      DB_PASSWORD: leak01-of-the-environment
      DATABASE_URL: postgres://u:leak02/x@db:5432/app
      SPRING_APPLICATION_JSON: '{"spring":{"datasource":{"password":"leak03"}}}'
    command: ["serve", "--password", "leak04", "--api-key=leak05$", "redis://:leak06@db:6379", "--db=$${DB}",
      "--db-password=leak01-of-the-environment"]
    healthcheck:
      test: mysqladmin ping -pleak07 --password=leak08 && echo 'password=leak09' || exit 1
    labels:
      traefik.http.middlewares.auth.basicauth.users: "u:leak10"
      db.password: leak11
      plain: stays
    pre_start:
      - command: ["migrate", "--token=leak12"]
        environment: {DB_PASSWORD: leak13, PLAIN: stays}
    post_start:
      - command: ["announce", "--token", "leak14"]
        environment: {API_TOKEN: leak15}
    pre_stop:
      - command: ["/bin/sh", "-c", "curl -u 'admin:leak16' http://db/ && echo $$(cat /x) --token=leak17"]
    configs: [conf, open]
    build: {context: ., args: {NPM_TOKEN: leak18}}
  db:
    image: postgres:17
    environment: {POSTGRES_PASSWORD: leak19}
    healthcheck: {test: ["CMD", "psql", "postgres://postgres:leak19@localhost/postgres", "-c", "select 1"]}
    volumes: ["data:/var/lib/postgresql/data"]
    entrypoint: ["docker-entrypoint.sh", "--secret=leak20"]
  bare:
    image: acme/unknown
    healthcheck: {test: ["CMD", "/app", "check", "--token=seen21"]}
configs:
  conf: {content: "password: leak22\n"}
  open: {content: "colour: blue\n"}
volumes: {data: {}}
-- Dockerfile
FROM debian
"#;

#[test]
fn what_is_secret_stands_in_secrets_alone() {
    let project = Fixture::parse(PROJECT).on_disk().unwrap();
    let folder = project.path();
    let (code, _, err) = run(folder, &["convert", "--out", "k8s"]);
    assert!(code < 2, "{err}");
    for (path, text) in open_files(&folder.join("k8s")) {
        assert!(!text.contains("leak"), "{path}:\n{text}");
    }
    let report: Value = serde_json::from_str(&run(folder, &["convert", "--format", "json", "--out", "k8s"]).1).unwrap();
    for row in report["processes"]["differences"].as_array().unwrap() {
        assert!(row["because"].is_string(), "{row}");
    }
    let (code, out, err) = run(folder, &["diff", ".", "k8s"]);
    assert_eq!(code, 0, "{out}{err}");
    let (_, out, _) = run(folder, &["diff", "--format", "json", "."]);
    assert!(!out.contains("leak"), "{out}");
    let back: Value = serde_json::from_str(&out).unwrap();
    for row in back["back"].as_array().unwrap() {
        assert!(row["because"].is_string(), "{row}");
    }
}

#[test]
fn what_is_said_shows_no_credential() {
    let texts = [
        "services:\n  a:\n    image: acme/app\n    environment:\n      DATABASE_URL: \"postgres://u:leak01@dbx:5432/app\"\n      \
         DB_PASSWORD: leak02 # http://nowhere:1\n    command: [\"redis-server\", \"--requirepass\", \"leak03\", \"http://dbx:1\"]\n  \
         db: {image: postgres, environment: {POSTGRES_PASSWORD: \"leak04$$X\"}}\n",
        // Refused before anything is known of it.
        "services:\n  a: {imgae: x, environment: {DB_PASSWORD: leak05}}\n",
        "services:\n  a:\n    image: x\n    enviroment:\n      DB_PASSWORD: leak06\n    environment: {API_TOKEN: leak07, BAD: [1]}\n",
    ];
    for text in texts {
        let project = Fixture::parse(&format!("-- compose.yaml\n{text}")).on_disk().unwrap();
        let (_, out, err) = run(project.path(), &["convert", "--format", "json"]);
        assert!(err.contains("error["), "{err}");
        assert!(!err.contains("leak") && !out.contains("leak"), "{err}\n{out}");
    }
}

#[test]
fn explanations_show_no_credential() {
    let project = Fixture::parse(PROJECT).on_disk().unwrap();
    for place in
        ["web.command", "web.healthcheck", "web.labels", "web.post_start", "web.pre_start", "web.environment", "web"]
    {
        let (code, out, err) = run(project.path(), &["explain", place]);
        assert_eq!(code, 0, "{place}: {err}");
        assert!(!out.contains("leak") && !err.contains("leak"), "{place}\n{out}{err}");
    }
}

#[test]
fn commands_refer_to_credentials_and_say_the_same() {
    let project = Fixture::parse(PROJECT).on_disk().unwrap();
    let (_, out, err) = run(project.path(), &["convert", "--stdout"]);
    for expect in [
        "- $(SECRET_IN_COMMAND)\n",
        "- --api-key=$(SECRET_IN_COMMAND_2)\n",
        "- redis://:$(SECRET_IN_COMMAND_3)@db:6379\n",
        "- --db-password=$(DB_PASSWORD)\n",
        "mysqladmin ping -p\"${SECRET_IN_COMMAND_4}\" --password=\"${SECRET_IN_COMMAND_5}\"",
        "'password='\"${SECRET_IN_COMMAND_6}\"''",
        "/bin/sh\n",
        "eval \"${SECRET_IN_COMMAND",
        "exec psql postgres://postgres:\"${POSTGRES_PASSWORD}\"@localhost/postgres -c 'select 1'",
        "colour: blue",
        "plain: stays",
    ] {
        assert!(out.contains(expect), "{expect}\n{out}");
    }
    for expect in ["credential-in-check", "credential-in-label", "build-credential"] {
        assert!(err.contains(expect), "{expect}\n{err}");
    }
}
