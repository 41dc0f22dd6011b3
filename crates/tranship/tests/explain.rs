//! `tranship explain` on the examples: ten values of each, every field of every object, and what is not there.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tranship_source::FileId;
use tranship_source::yaml::parse;
use tranship_testing::Fixture;
use tranship_testing::schema::faults;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)
}

fn run(directory: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tranship"));
    let Output { status, stdout, stderr } = command.args(args).current_dir(directory).env_clear().output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn explain(directory: &Path, args: &[&str]) -> String {
    let (code, out, err) = run(directory, &[&["explain"], args].concat());
    assert_eq!(code, 0, "{args:?}: {err}");
    out
}

fn json(directory: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&explain(directory, &[&["--format", "json"], args].concat())).unwrap()
}

/// A text without the line breaks of the layout, which are no part of what is said.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is asked for, and what the answer has to say.
type Question = (&'static str, &'static [&'static str]);

const QUESTIONS: [(&str, [Question; 10]); 5] = [
    (
        "chat",
        [
            (
                "backend.image",
                &["docker-compose.yml:77:12", "variable TAG from .env:2", "containers[0].image: chat/backend:0.1.0"],
            ),
            (
                "backend.environment.ALLOWED_HOSTS",
                &[".env.local:11:15", "kept: Deployment/backend", "x-tranship: {env:"],
            ),
            (
                "backend.environment.SECRET_KEY",
                &["(a credential, not shown)", "•••", "Secret/backend-env", "which names a credential"],
            ),
            ("caddy.ports", &["\"${HTTP_PORT:-80}:80\"", "Service/caddy spec.ports", "Ingress/caddy spec.rules"]),
            (
                "backend.healthcheck",
                &["whether a pod can serve", "readinessProbe.exec.command", "x-tranship: {probes:"],
            ),
            ("volumes.chat_data", &["PersistentVolumeClaim/chat-data", "a guess", "storageClass"]),
            (
                "caddy.volumes",
                &["ConfigMap/caddy-caddyfile", "`Caddyfile` is a file the process reads", "volumeClaimTemplates"],
            ),
            ("data-processor.restart", &["always restarted", "x-tranship: {workload:"]),
            ("backend.build", &["Kubernetes runs images and builds none"]),
            ("backend.mem_limit", &["resources.limits.memory", "x-tranship: {resources:"]),
        ],
    ),
    (
        "muse",
        [
            ("setup", &["Job/setup", "manifests/job-setup.yaml", "tranship explain setup.FIELD"]),
            ("postgres.image", &["the image is one of PostgreSQL", "port 5432/tcp"]),
            ("postgres.environment.POSTGRES_PASSWORD", &["•••", "is a password of PostgreSQL", "stringData"]),
            ("postgres.shm_size", &["a folder in memory at /dev/shm", "spec.template.spec.volumes"]),
            ("minio.command", &["docker-compose.yml:67:14", "args[3]: \":9001\""]),
            ("nginx.ports", &["appProtocol", "the same protocol by Kubernetes' name"]),
            ("postgres.container_name", &["Service/muse-ai-postgres", "leads to the same pods"]),
            ("postgres.logging", &["dropped: the kubelet's `containerLogMaxSize`"]),
            ("postgres.stop_grace_period", &["terminationGracePeriodSeconds: 60"]),
            ("lilypond.deploy.resources", &["the same amount in Kubernetes' units"]),
        ],
    ),
    (
        "platform",
        [
            ("node-exporter.pid", &["hostPID: true", "the node's own"]),
            ("vault.cap_add", &["capabilities.add[0]", "IPC_LOCK"]),
            ("grafana.user", &["runAsUser: 472", "the same numbers", "{runAsUser: NUMBER"]),
            ("vault.volumes", &["volumeMounts"]),
            ("redis.command", &["(3 lines)", "args[0]: sh"]),
            ("networks.shared", &["pods of any namespace are on it"]),
            ("secrets.postgres_password", &["Secret/postgres-password", "x-tranship: {existing: NAME}"]),
            ("consul.hostname", &["spec.template.spec.hostname"]),
            ("grafana", &["StatefulSet/grafana", "Values:"]),
            ("postgres.labels", &["annotations", "platform.category"]),
        ],
    ),
    (
        "songnodes",
        [
            ("websocket-api.sysctls", &["sysctls[0].value: \"300\"", "podSecurityContext"]),
            ("rest-api.secrets", &["Secret/postgres-password", "stands at its path"]),
            (
                "rabbitmq.environment",
                &["RABBITMQ_DEFAULT_PASS: (a credential, not shown)", "is a password of RabbitMQ"],
            ),
            ("redis.image", &["redis"]),
            ("postgres.volumes", &["ConfigMap/sql", "volumeClaimTemplates"]),
            ("frontend.ports", &["Ingress/frontend spec.rules"]),
            ("rest-api.depends_on", &["an init container waits for it"]),
            ("graph-visualization.deploy", &["containers[0].resources.limits.cpu", "x-tranship: {resources:"]),
            ("postgres.healthcheck.retries", &["none of them restarts it", "failureThreshold"]),
            ("volumes.redis_data", &["it here"]),
        ],
    ),
    (
        "todo",
        [
            ("backend", &["runs as replicas", "[no-state]", "Deployment/backend  manifests/deployment-backend.yaml"]),
            ("backend.environment.LOG_LEVEL", &["variable LOG_LEVEL from .env:5", "env[0].value: info"]),
            ("frontend.image", &["it replaces what stands in compose.yaml:19", "compose.override.yaml:12"]),
            ("frontend.volumes", &["source code", "`COPY` it to `/app/app`"]),
            ("backend.command", &["compose.override.yaml:4", "args[8]: --reload"]),
            ("backend.healthcheck.test", &["readinessProbe.exec.command[1]: -m", "run as it is by the kubelet"]),
            ("backend.depends_on", &["waits for `migrate`", "spec.template.spec.initContainers"]),
            ("backend.security_opt", &["allowPrivilegeEscalation: false", "the other way round"]),
            ("backend.deploy.replicas", &["spec.replicas: 1", "x-tranship: {replicas: NUMBER}"]),
            ("name", &["Namespace/todo", "x-tranship: {namespace: NAME}"]),
        ],
    ),
];

#[test]
fn ten_values_of_each_example_are_explained_in_80_columns() {
    for (name, questions) in QUESTIONS {
        for (subject, parts) in questions {
            let text = explain(&example(name), &[subject]);
            for part in parts {
                assert!(flat(&text).contains(&flat(part)), "{name}: {subject} does not say `{part}`:\n{text}");
            }
            for line in text.lines() {
                let long_word = line.split_whitespace().any(|word| word.chars().count() > 60);
                assert!(line.chars().count() <= 80 || long_word, "{name}: {subject}: {line}");
            }
        }
    }
}

/// What an answer says to write into the project.
fn advice(field: &Value) -> Option<String> {
    let text = field["otherwise"].as_str()?.split_once('`')?.1;
    Some(text.split_once('`')?.0.to_owned()).filter(|text| text.starts_with("x-tranship: "))
}

#[test]
fn what_is_advised_changes_the_field() {
    let project =
        "-- compose.yaml\nservices:\n  web:\n    image: nginx\n    environment: {A: '1'}\n    ports: ['8080:80']\n";
    let project = Fixture::parse(project).on_disk().unwrap();
    let file = project.path().join("compose.yaml");
    let first = std::fs::read_to_string(&file).unwrap();
    for (field, value) in [
        ("deploy/web.spec.template.spec.enableServiceLinks", "true"),
        ("deploy/web.spec.template.spec.containers[0].env[0].value", "7"),
        ("svc/web.spec.ports[0].targetPort", "81"),
    ] {
        let asked = json(project.path(), &["--why", field]);
        let advice = advice(&asked["fields"][0]).unwrap();
        std::fs::write(&file, format!("{first}    {}\n", advice.replace("VALUE", value))).unwrap();
        let told = json(project.path(), &["--why", field]);
        let shown = told["fields"][0]["value"].as_str().unwrap_or_default().trim_matches('"').to_owned();
        assert_eq!(shown, value, "{field}: {advice}");
        std::fs::write(&file, &first).unwrap();
    }
}

#[test]
fn what_is_always_written_is_blamed_on_no_value_that_does_not_say_it() {
    let project = "-- compose.yaml\nservices:\n  db:\n    image: redis:7\n    volumes: ['data:/data']\n    ports: ['6379:6379']\n    \
                   healthcheck: {test: [CMD, redis-cli, ping], interval: 7s, start_period: 1m}\nvolumes:\n  data: {name: own}\n";
    let project = Fixture::parse(project).on_disk().unwrap();
    let container = "statefulset/db.spec.template.spec.containers[0]";
    for (field, rule) in [
        ("statefulset/db.spec.volumeClaimTemplates[0].spec.resources.requests.storage", "size-guess"),
        (&*format!("{container}.startupProbe.periodSeconds"), "probes"),
        (&*format!("{container}.readinessProbe.timeoutSeconds"), "probe-time"),
        (&*format!("{container}.readinessProbe.failureThreshold"), "probe-patience"),
        ("svc/db.spec.ports[0].name", "port-name"),
    ] {
        assert_eq!(json(project.path(), &["--why", field])["fields"][0]["rule"]["rule"], rule, "{field}");
    }
    let interval = json(project.path(), &["--why", &format!("{container}.readinessProbe.periodSeconds")]);
    assert_eq!(interval["fields"][0]["from"][0]["path"], "services.db.healthcheck.interval");
}

#[test]
fn every_field_of_every_object_leads_to_a_value_or_to_a_rule_with_a_reason() {
    let out = tempfile::tempdir().unwrap();
    let check = |name: &str| {
        let directory = example(name);
        let k8s = out.path().join(name);
        let (code, report, err) = run(&directory, &["convert", "--format", "json", "--out", k8s.to_str().unwrap()]);
        assert!(code < 2, "{err}");
        let report: Value = serde_json::from_str(&report).unwrap();
        let objects = report["objects"].as_array().unwrap();
        assert!(objects.len() > 5);
        for object in objects {
            let label = format!("{}/{}", object["kind"].as_str().unwrap(), object["name"].as_str().unwrap());
            let answer = json(&directory, &["--why", &label]);
            assert_eq!(answer["object"]["file"], object["file"], "{label}");
            let fields = answer["fields"].as_array().unwrap();
            assert!(fields.len() > 4, "{label}");
            for field in fields {
                let from = field["from"].as_array().unwrap();
                let named = from.iter().all(|source| !source["path"].as_str().unwrap().is_empty());
                let because = field["rule"]["because"].as_str().unwrap_or_default();
                assert_ne!(field["rule"]["rule"], "nameless", "{name}: {label} {field:#}");
                assert!(named && (!from.is_empty() || because.len() > 10), "{name}: {label} {field:#}");
                if let Some(advice) = advice(field) {
                    let parsed = parse(FileId::NONE, &advice);
                    assert!(parsed.diagnostics.is_empty(), "{label} {advice}: {:?}", parsed.diagnostics);
                }
            }
        }
    };
    std::thread::scope(|scope| QUESTIONS.iter().for_each(|(name, _)| _ = scope.spawn(|| check(name))));
}

#[test]
fn answers_follow_their_published_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas/explain.v1.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    let platform = example("platform");
    for args in [
        &["postgres"][..],
        &["postgres.healthcheck.test"],
        &["secrets"],
        &["--why", "sts/postgres"],
        &["--why", "svc/postgres.kind"],
    ] {
        let answer = json(&platform, args);
        let of = if args[0] == "--why" { "because" } else { "subject" };
        let part = serde_json::json!({ "$ref": format!("#/$defs/{of}") });
        assert_eq!(faults(&schema, &part, &answer, of), Vec::<String>::new(), "{args:?}");
        assert_eq!(faults(&schema, &schema, &answer, of), Vec::<String>::new(), "{args:?}");
    }
}

#[test]
fn fields_of_objects_are_found_however_they_are_written() {
    let todo = example("todo");
    let image = "Deployment/backend spec.template.spec.containers[0].image: todo-backend:0.1.0";
    for field in [
        "deployment/backend.spec.template.spec.containers[0].image",
        "Deployment/backend:spec.template.spec.containers[backend].image",
        "deploy/backend.spec.template.spec.containers.backend.image",
        "deployments/backend spec.template.spec.containers.0.image",
    ] {
        let text = explain(&todo, &["--why", field]);
        assert!(text.starts_with(image), "{field}: {text}");
        for part in ["from services.backend.image", "compose.yaml:9:10", "variable TAG from .env:3", "{image: OTHER}"] {
            assert!(text.contains(part), "{field}: no {part} in {text}");
        }
    }
    for (field, parts) in [
        (
            "svc/backend:spec.ports.8000.port",
            &["from services.backend.ports[0].target: 8000", "listens on the container's port"][..],
        ),
        (
            "deploy/backend.spec.template.spec.containers[0].livenessProbe.failureThreshold",
            &["[probes]", "restarting is the last resort"],
        ),
        (
            "deploy/backend.spec.template.spec.enableServiceLinks",
            &["no value of the project says so", "[no-service-links]", "{patch: {pod:"],
        ),
        ("deploy/backend.metadata.labels.app.kubernetes.io/name", &["[labels]"]),
        ("deploy/backend.kind", &["it writes to no volume that keeps data [no-state]", "{workload:"]),
        ("secret/backend-env.stringData.MCP_TOKEN", &["(a credential, not shown)", "MCP_TOKEN: •••"]),
        ("ns/todo.metadata.name", &["--namespace"]),
    ] {
        let text = flat(&explain(&todo, &["--why", field]));
        for part in parts {
            assert!(text.contains(part), "{field}: no {part} in {text}");
        }
    }
}

#[test]
fn what_does_not_exist_is_refused_with_the_nearest_names() {
    let todo = example("todo");
    for (args, parts) in [
        (&["bakend"][..], &["no service `bakend`", "did you mean `backend`?", "frontend"][..]),
        (&["backend.imge"], &["`backend` has no `imge`", "did you mean `image`?"]),
        (
            &["backend.environment.LOG_LEVL"],
            &["`environment` of the service `backend` has no `LOG_LEVL`", "`LOG_LEVEL`"],
        ),
        (&["volumes.data"], &["the project has no `volumes`"]),
        (&["-f", "../platform/compose.yaml", "backup-now"], &["is left out, since its profile is not enabled: once"]),
        (&["--why", "deployment/backnd.spec"], &["no Deployment `backnd`", "did you mean `backend`?"]),
        (&["--why", "deploymnt/backend"], &["no object of the kind `deploymnt`", "`Deployment`"]),
        (&["--why", "backend"], &["KIND/NAME"]),
        (&["--why", "deploy/backend.spec.replica"], &["Deployment/backend spec has no `replica`", "`replicas`"]),
        (&[], &["required"]),
        (&["backend", "--why", "deploy/backend"], &["cannot be used with"]),
    ] {
        let (code, out, err) = run(&todo, &[&["explain"], args].concat());
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        for part in parts {
            assert!(err.contains(part), "{args:?}: no {part} in {err}");
        }
    }
}

#[test]
fn a_credential_is_shown_nowhere() {
    let project = "-- compose.yaml\nservices:\n  my_db:\n    image: postgres:16\n    environment: {POSTGRES_PASSWORD: hunter2-and-more, A: x}\n  \
                   web:\n    image: nginx\n    environment:\n      - URL=postgres://me:hunter3-and-more@my_db:5432/x\n      \
                   - MODE=${MODE:-plain}\n    secrets: [key]\nsecrets:\n  key:\n    environment: KEY\n-- .env\nKEY=hunter4-and-more\n";
    let project = Fixture::parse(project).on_disk().unwrap();
    for args in [
        &["my_db"][..],
        &["my_db.environment.A"],
        &["my_db.environment"],
        &["web"],
        &["web.environment.URL"],
        &["web.environment.MODE"],
        &["secrets"],
        &["--why", "secret/my-db-env"],
        &["--why", "secret/web-env"],
        &["--why", "secret/key"],
        &["--why", "deploy/web"],
        &["--why", "statefulset/my-db"],
        &["--why", "statefulset/my-db.spec.template.spec.containers[0].env.POSTGRES_PASSWORD.name"],
    ] {
        for format in ["human", "json"] {
            let text = explain(project.path(), &[args, &["--format", format]].concat());
            assert!(!text.contains("hunter"), "{args:?}: {text}");
        }
    }
}

#[test]
fn what_the_user_said_is_told_as_such() {
    let project = "-- compose.yaml\nservices:\n  web:\n    image: nginx\n    restart: always\n    x-tranship: {workload: daemonset, patch: {pod: {spec: {priorityClassName: high}}}}\n";
    let project = Fixture::parse(project).on_disk().unwrap();
    let text = flat(&explain(project.path(), &["--why", "daemonset/web.kind"]));
    assert!(text.contains("you said so: `workload: daemonset` [override]"), "{text}");
    let text = explain(project.path(), &["--why", "ds/web.spec.template.spec.priorityClassName"]);
    assert!(text.contains("services.web.x-tranship.patch.pod"), "{text}");
    let text = explain(project.path(), &["web.x-tranship"]);
    assert!(text.contains("priorityClassName"), "{text}");
}
