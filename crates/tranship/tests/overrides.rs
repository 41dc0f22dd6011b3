//! What the user says outright, from the file to the objects, the report and the exit code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::process::Command;

use tranship_testing::Fixture;

const SHOP: &str = "-- compose.yaml
name: shop
x-tranship:
  namespace: prod
  imagePullSecrets: [registry-credentials]
  labels: {team: shop}
  external: [PriorityClass/high]
services:
  web:
    image: nginx:1.29
    ports: ['8080:80']
    healthcheck: {test: [CMD, curl, -f, localhost]}
    volumes: ['./conf:/etc/nginx/conf.d']
    depends_on: [db]
    x-tranship:
      workload: daemonset
      name: front
      service: {type: NodePort, nodePort: 30080, names: [entry]}
      probes: {liveness: false, readiness: {httpGet: {path: /, port: 80}}}
      mounts: {/etc/nginx/conf.d: host}
      resources: {requests: {cpu: 100m}, limits: {memory: 256Mi}}
      serviceAccount: web
      patch: {pod: {spec: {priorityClassName: high}}, Service: {metadata: {annotations: {a/b: c}}}}
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: hunter2-and-more}
    volumes: ['data:/var/lib/postgresql/data']
    labels: {kompose.volume.size: 50Gi, kompose.image-pull-policy: Never, kompose.hpa.cpu: '80'}
volumes:
  data: {x-tranship: {storageClass: fast}}
-- conf/a.conf
x
";

fn check(directory: &Path, args: &[&str], code: i32) -> (String, String) {
    let program = Command::new(env!("CARGO_BIN_EXE_tranship"))
        .args(args)
        .current_dir(directory)
        .env_clear()
        .env("HOME", directory)
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8(program.stdout).unwrap(), String::from_utf8(program.stderr).unwrap());
    assert_eq!(program.status.code(), Some(code), "{args:?}\n{out}\n{err}");
    (out, err)
}

fn project(files: &str) -> tempfile::TempDir {
    Fixture::parse(files).on_disk().unwrap()
}

#[test]
fn what_is_said_stands_in_the_objects_and_in_the_report() {
    let directory = project(SHOP);
    let (out, _) = check(directory.path(), &["convert", "--stdout", "--no-secrets"], 0);
    for line in [
        "kind: DaemonSet",
        "name: front",
        "namespace: prod",
        "team: shop",
        "- name: registry-credentials",
        "nodePort: 30080",
        "type: NodePort",
        "priorityClassName: high",
        "serviceAccountName: web",
        "a/b: c",
        "storage: 50Gi",
        "storageClassName: fast",
        "imagePullPolicy: Never",
        "hostPath:",
        "cpu: 100m",
        "memory: 256Mi",
        "path: /",
    ] {
        assert!(out.contains(line), "no `{line}` in\n{out}");
    }
    let own = out.split("---\n").find(|object| object.contains("kind: DaemonSet")).unwrap();
    assert!(!own.contains("livenessProbe") && !out.contains("curl"), "{out}");
    assert!(!out.contains("kompose."), "labels of kompose leave the pods\n{out}");
    check(directory.path(), &["convert"], 0);
    let report = fs::read_to_string(directory.path().join("k8s/report.md")).unwrap();
    for line in [
        "You said so: `workload: daemonset`",
        "You said so: `mounts./etc/nginx/conf.d: host`",
        "You said so: `storageClass: fast`",
        "no HorizontalPodAutoscaler is written yet",
        "Secret/registry-credentials",
        "ServiceAccount/web",
    ] {
        assert!(report.contains(line), "no `{line}` in\n{report}");
    }
}

#[test]
fn a_project_with_overrides_equals_its_own_output() {
    let directory = project(SHOP);
    check(directory.path(), &["convert", "-o", "out"], 0);
    check(directory.path(), &["diff", ".", "out"], 0);
    let other = SHOP.replace("memory: 256Mi", "memory: 512Mi");
    let changed = project(&other);
    check(changed.path(), &["diff", ".", directory.path().join("out").to_str().unwrap()], 1);
    let path = |directory: &tempfile::TempDir| directory.path().to_str().unwrap().to_owned();
    let label = project(&SHOP.replace("priorityClassName: high", "priorityClassName: low"));
    check(directory.path(), &["diff", &path(&directory), &path(&label)], 1);
}

#[test]
fn what_is_wrong_or_contradicts_itself_is_refused_and_nothing_is_written() {
    for (from, to, expect) in [
        ("workload: daemonset", "wrokload: daemonset", "did you mean `workload`?"),
        ("workload: daemonset", "workload: [daemonset]", "compose.yaml:15"),
        ("name: front", "replicas: 3", "runs once on each node and has a number of replicas as well"),
        ("name: front", "name: db", "are both called `db`"),
        ("{storageClass: fast}", "{existingClaim: old, size: 5Gi}", "which contradicts this"),
        ("kompose.image-pull-policy: Never", "kompose.image-pull-policy: Sometimes", "has to be one of"),
        ("namespace: prod", "tag: 'a b'", "cannot be a tag"),
    ] {
        let directory = project(&SHOP.replace(from, to));
        let (_, err) = check(directory.path(), &["convert"], 2);
        assert!(err.contains(expect), "{to}: {err}");
        assert!(!directory.path().join("k8s").exists(), "{to}: something was written");
    }
}

#[test]
fn flags_count_more_than_the_file() {
    let directory = project(
        &SHOP
            .replace("image: nginx:1.29", "build: .")
            .replace("namespace: prod", "namespace: prod\n  registry: r.example\n  tag: '7'"),
    );
    fs::write(directory.path().join("Dockerfile"), "FROM nginx\n").unwrap();
    let (out, _) = check(directory.path(), &["convert", "--stdout", "--no-secrets"], 0);
    assert!(out.contains("image: r.example/shop-web:7") && out.contains("namespace: prod"), "{out}");
    let flags =
        ["convert", "--stdout", "--no-secrets", "--tag", "8", "--namespace", "test", "--image-pull-secret", "other"];
    let (out, _) = check(directory.path(), &flags, 0);
    assert!(out.contains("image: r.example/shop-web:8") && out.contains("namespace: test"), "{out}");
    assert!(out.contains("- name: other") && out.contains("- name: registry-credentials"), "{out}");
}

#[test]
fn config_prints_the_extension_as_docker_compose_does() {
    let directory = project(SHOP);
    let (yaml, _) = check(directory.path(), &["config"], 0);
    assert!(yaml.contains("workload: daemonset"), "{yaml}");
    let (json, _) = check(directory.path(), &["config", "--format", "json"], 0);
    assert!(!json.contains("daemonset") && json.contains("\"namespace\": \"prod\""), "{json}");
}

#[test]
fn every_example_of_the_documentation_is_taken() {
    let page = include_str!("../../../docs/overrides.md");
    let blocks: Vec<&str> = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let projects: Vec<&&str> = blocks.iter().filter(|block| block.contains("services:")).collect();
    assert!(projects.len() > 4, "{blocks:?}");
    for text in projects {
        let directory = project(&format!("-- compose.yaml\n{text}-- db.txt\nx\n-- uploads/a\nx\n"));
        let program = Command::new(env!("CARGO_BIN_EXE_tranship"))
            .args(["convert", "--stdout", "--no-secrets"])
            .current_dir(directory.path())
            .env_clear()
            .env("HOME", directory.path())
            .output()
            .unwrap();
        let err = String::from_utf8(program.stderr).unwrap();
        assert!(matches!(program.status.code(), Some(0 | 1)) && !err.contains("[override-"), "{text}\n{err}");
    }
}
