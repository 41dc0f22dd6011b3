//! The smallest project that shows each behaviour, lifted from its canonical form.

use std::path::Path;

use tranship_model::{
    At, BlobContent, EnvValue, Health, MountClass, MountSource, Outcome, Restart, Role, Service, Test, Workload,
};
use tranship_source::yaml::parse;
use tranship_source::{Checked, MemoryWorld, Sources, World};

use super::*;

pub(super) fn lifted_in(world: &dyn World, text: &str) -> Checked<Lifted> {
    let mut sources = Sources::new();
    let file = sources.add("compose.yaml", text);
    let documents = parse(file, text);
    assert!(documents.diagnostics.is_empty(), "{:?}", documents.diagnostics);
    let mut environment = Environment::default();
    environment.set("TOKEN", "t0k3n", tranship_source::yaml::VariableFrom::Process);
    let input = Input {
        name: "p",
        working_dir: Path::new("/project"),
        tree: &documents.value[0],
        environment: &environment,
        disabled: &[],
        sources: &sources,
    };
    let lifted = lift_tree(input, world);
    let missing = unaccounted(&lifted.value);
    assert!(missing.is_empty(), "no line for {missing:?}");
    lifted
}

pub(super) fn lifted(text: &str) -> Checked<Lifted> {
    lifted_in(&MemoryWorld::new(), text)
}

/// Leaves neither in the ledger nor behind a value of the stack.
pub(super) fn unaccounted(lifted: &Lifted) -> Vec<String> {
    let mut ledger = lifted.ledger.clone();
    let stack = format!("{:?}", lifted.stack);
    for part in stack.split("At { path: \"").skip(1) {
        let mut path = String::new();
        let mut chars = part.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => break,
                '\\' => path.extend(chars.next()),
                c => path.push(c),
            }
        }
        let is_whole = chars.as_str().split_once("whole: ").is_some_and(|(_, rest)| rest.starts_with("true"));
        let at = At::new(path, tranship_source::Span::NONE);
        ledger.note(&if is_whole { at.whole() } else { at }, Outcome::Kept { to: String::new() });
    }
    ledger.unaccounted(&lifted.leaves).into_iter().map(|at| at.path.to_string()).collect()
}

/// Lifts a service `a` of one line of keys.
pub(super) fn service(keys: &str) -> (Service, Checked<Lifted>) {
    service_in(&MemoryWorld::new(), keys)
}

fn service_in(world: &dyn World, keys: &str) -> (Service, Checked<Lifted>) {
    let lifted = lifted_in(world, &format!("services: {{a: {{{keys}}}}}"));
    (lifted.value.stack.services["a"].clone(), lifted)
}

fn codes(lifted: &Checked<Lifted>) -> Vec<&str> {
    lifted.diagnostics.iter().map(|d| d.code).collect()
}

fn outcome(lifted: &Checked<Lifted>, path: &str) -> String {
    let entry = lifted.value.ledger.entries.iter().find(|entry| &*entry.path == path);
    match entry.map(|entry| &entry.outcome) {
        Some(Outcome::Decided { why }) => format!("decided: {why}"),
        Some(Outcome::Dropped { why, todo }) => format!("dropped: {why} / {todo}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_job_needs_more_than_an_absent_restart() {
    for (keys, expect) in [
        ("image: flyway/flyway", Workload::Stateless),
        ("image: flyway/flyway, restart: 'no'", task(Some(0))),
        ("image: flyway/flyway, restart: 'on-failure:3'", task(Some(3))),
        ("image: flyway/flyway, restart: always", Workload::Stateless),
        ("image: x, restart: 'no'", Workload::Stateless),
        ("image: x, restart: 'no', command: [npm, run, migrate]", task(Some(0))),
        ("image: x, restart: on-failure, command: [sh, -c, 'alembic upgrade head']", task(None)),
        (
            "image: x, restart: on-failure, command: [sh, -c, 'alembic upgrade head && uvicorn app']",
            Workload::Stateless,
        ),
        (
            "image: x, deploy: {mode: replicated-job, replicas: 3}, scale: 3",
            Workload::Task { completions: 3, parallelism: 3, retries: None },
        ),
        ("image: x, deploy: {mode: global}", Workload::PerNode),
    ] {
        assert_eq!(service(keys).0.workload.value, expect, "{keys}");
    }
    let text = "services: {m: {image: x}, a: {image: y, depends_on: {m: {condition: service_completed_successfully, required: true}}}}";
    assert_eq!(lifted(text).value.stack.services["m"].workload.value, task(None));
}

fn task(retries: Option<u32>) -> Workload {
    Workload::Task { completions: 1, parallelism: 1, retries }
}

#[test]
fn stores_with_data_are_stateful_and_apps_with_a_volume_are_not() {
    let volume = |target: &str| format!("volumes: [{{type: volume, source: v, target: {target}, volume: {{}}}}]");
    for (keys, expect) in [
        (format!("image: 'postgres:16', {}", volume("/var/lib/postgresql/data")), Workload::Stateful),
        ("image: 'postgres:16'".to_owned(), Workload::Stateful),
        ("image: 'redis:7'".to_owned(), Workload::Stateless),
        (format!("image: 'redis:7', {}", volume("/data")), Workload::Stateful),
        (format!("image: 'x', {}", volume("/data")), Workload::Stateless),
    ] {
        assert_eq!(service(&keys).0.workload.value, expect, "{keys}");
    }
    assert_eq!(codes(&service("image: 'elasticsearch:8.15.0'").1), ["data-not-kept"]);
}

#[test]
fn ports_come_from_the_catalog_when_the_project_names_none() {
    let numbers = |keys: &str| service(keys).0.ports.iter().map(|p| p.container).collect::<Vec<_>>();
    assert_eq!(numbers("image: 'redis:7'"), [6379]);
    assert_eq!(numbers("image: 'redis:7', expose: ['7000-7002/tcp', '7001']"), [7000, 7001, 7002, 6379]);
    assert_eq!(numbers("image: 'x', ports: [{target: 80, published: '8080', protocol: tcp, mode: ingress}]"), [80]);
    assert_eq!(numbers("image: 'redis:7', build: {context: /project}"), Vec::<u16>::new());
    assert_eq!(
        numbers("image: 'kong:3', restart: on-failure, command: [kong, migrations, bootstrap]"),
        Vec::<u16>::new()
    );
    let (rabbit, _) =
        service("image: 'rabbitmq:3-management', ports: [{target: 15672, published: '15672', protocol: tcp}]");
    assert!(rabbit.ports.iter().any(|p| p.container == 5672 && p.published.is_none()));
}

#[test]
fn mounts_are_classified_by_target_catalog_and_source() {
    let world = MemoryWorld::new()
        .with("nginx.conf", "server {}")
        .with("certs/tls.key", "k")
        .with(".env", "A=1")
        .with("src/main.py", "print()")
        .with("package.json", "{}")
        .with("conf/a.yml", "a: 1")
        .with("conf/sub/b.yml", "b: 1")
        .with("app.conf", "password = hunter2")
        .with_mode("init/setup.sh", 0o755, "#!/bin/sh")
        .with("html/index.html", "<p>")
        .with_directory("pgdata")
        .with_env("HOME", "/home/u");
    let build = "build: {context: /project}, image: x";
    for (keys, source, target, options, expect) in [
        ("image: x", "/project/nginx.conf", "/etc/nginx/nginx.conf", "", MountClass::Config),
        ("image: x", "/project/app.conf", "/etc/app.conf", "", MountClass::Secret),
        ("image: x", "/project/certs", "/certs", "", MountClass::Secret),
        ("image: x", "/project/.env", "/app/.env", "", MountClass::Secret),
        ("image: x", "/project/conf", "/etc/x", "", MountClass::Config),
        ("image: x", "/project/init", "/docker-entrypoint-initdb.d", "", MountClass::Config),
        ("image: 'nginx:1'", "/project/html", "/usr/share/nginx/html", "", MountClass::Config),
        (build, "/project", "/app", "", MountClass::Source),
        (build, "/project/src", "/app/src", "", MountClass::Source),
        ("image: 'python:3'", "/project/src", "/code", "", MountClass::Source),
        ("image: 'postgres:16'", "/project/pgdata", "/var/lib/postgresql/data", "", MountClass::Data),
        ("image: 'postgres:16'", "/mnt/pg", "/var/lib/postgresql/data", "", MountClass::Data),
        ("image: x", "/project/absent", "/data", "", MountClass::Data),
        ("image: x", "/project/logs", "/var/log/x", "", MountClass::Logs),
        ("image: x", "/project/cache", "/root/.cache", "", MountClass::Cache),
        ("image: x", "/var/run/docker.sock", "/var/run/docker.sock", ", read_only: true", MountClass::Socket),
        ("image: x", "/etc/localtime", "/etc/localtime", ", read_only: true", MountClass::Host),
        ("image: x", "/proc", "/host/proc", ", read_only: true", MountClass::Host),
        ("image: x", "/home/u/.aws", "/root/.aws", "", MountClass::Host),
        ("image: x", "/opt/x.conf", "/etc/x.conf", ", read_only: true", MountClass::Host),
        ("image: x", "/mnt/media", "/media", "", MountClass::Data),
        ("image: x", "/home/u/.app/db", "/db", "", MountClass::Data),
        ("image: x", "/home/u", "/home", "", MountClass::Host),
        ("image: 'grafana/grafana'", "/project/conf", "/var/lib/grafana/dashboards", "", MountClass::Config),
    ] {
        let keys = format!("{keys}, volumes: [{{type: bind, source: {source}, target: {target}{options}}}]");
        let (service, _) = service_in(&world, &keys);
        assert_eq!(service.mounts[0].class.value, expect, "{keys}: {:?}", service.mounts[0].class.origin);
    }
}

#[test]
fn files_keep_their_bytes_and_modes() {
    let world = MemoryWorld::new().with("c/a.conf", [0_u8, 255]).with_mode("c/d/run.sh", 0o755, "x");
    let text = "services: {a: {image: x, volumes: [{type: bind, source: /project/c, target: /etc/c}]}, \
                b: {image: x, volumes: [{type: bind, source: /project/c, target: /etc/d}]}}";
    let lifted = lifted_in(&world, text);
    let stack = &lifted.value.stack;
    assert_eq!(stack.configs.keys().collect::<Vec<_>>(), ["c"], "one source is one blob");
    let BlobContent::Files(files) = &stack.configs["c"].content else { panic!("files") };
    let all: Vec<_> = files.iter().map(|f| (f.path.as_str(), f.bytes.expose().len(), f.mode)).collect();
    assert_eq!(all, [("a.conf", 2, 0o644), ("d/run.sh", 1, 0o755)]);
}

#[test]
fn what_cannot_be_carried_is_an_error_and_the_rest_goes_on() {
    let world = MemoryWorld::new().with("big.bin", vec![b'x'; (1 << 20) + 1]);
    let bind = |source: &str| format!("image: x, volumes: [{{type: bind, source: {source}, target: /etc/x.conf}}]");
    let (big, lifted) = service_in(&world, &bind("/project/big.bin"));
    assert_eq!(codes(&lifted), ["config-too-large"]);
    assert!(matches!(big.mounts[0].source, MountSource::Host { exists: true, .. }));
    let (absent, lifted) = service_in(&world, &bind("/project/absent.conf"));
    assert_eq!(codes(&lifted), ["bind-source-absent"]);
    let MountSource::Config(mount) = &absent.mounts[0].source else { panic!("config") };
    assert!(matches!(lifted.value.stack.configs[&mount.blob].content, BlobContent::Absent(_)));
}

#[test]
fn anonymous_volumes_have_a_name_and_shields_of_source_mounts_go() {
    let (service, lifted) = service("image: x, volumes: [{type: volume, target: /var/lib/x, volume: {}}]");
    assert_eq!(lifted.value.stack.volumes.keys().collect::<Vec<_>>(), ["a-var-lib-x"]);
    assert!(matches!(&service.mounts[0].source, MountSource::Volume { volume, .. } if volume == "a-var-lib-x"));
    let world = MemoryWorld::new().with("package.json", "{}");
    let keys = "build: {context: /project}, volumes: [{type: bind, source: /project, target: /app}, \
                {type: volume, target: /app/node_modules, volume: {}}, {type: volume, source: deps, target: /app/vendor/node_modules}]";
    let (service, lifted) = service_in(&world, keys);
    assert_eq!(service.mounts.len(), 1);
    assert!(lifted.value.stack.volumes.is_empty(), "{:?}", lifted.value.stack.volumes.keys());
    assert!(outcome(&lifted, "services.a.volumes[1].target").contains("hidden by the source mount"));
}

#[test]
fn configs_and_secrets_stand_at_the_paths_docker_compose_gives_them() {
    let text = "services: {a: {image: x, configs: [{source: c}, {source: c, target: etc/c}, {source: c, target: /etc/c2, mode: '0400'}], \
                secrets: [{source: s}, {source: s, target: pw}]}}\n\
                configs: {c: {name: p_c, content: hello}}\nsecrets: {s: {name: p_s, environment: TOKEN}, e: {external: true, name: e}}";
    let lifted = lifted(text);
    let stack = &lifted.value.stack;
    let targets: Vec<&str> = stack.services["a"].mounts.iter().map(|m| m.target.as_str()).collect();
    assert_eq!(targets, ["/c", "/etc/c", "/etc/c2", "/run/secrets/s", "/run/secrets/pw"]);
    let BlobContent::Files(files) = &stack.secrets["s"].content else { panic!("files") };
    assert_eq!(files[0].bytes.expose(), b"t0k3n");
    assert_eq!(stack.secrets["e"].content, BlobContent::External);
    let MountSource::Config(mount) = &stack.services["a"].mounts[2].source else { panic!("config") };
    assert_eq!(mount.mode, Some(0o400));
}

#[test]
fn a_secret_from_a_variable_that_is_not_set_is_an_error() {
    let lifted = lifted("services: {}\nsecrets: {s: {name: p_s, environment: NOBODY}}");
    assert_eq!(codes(&lifted), ["secret-unset"]);
}

#[test]
fn credentials_are_told_from_plain_variables() {
    let (service, _) =
        service("image: 'postgres:16', environment: {POSTGRES_PASSWORD: x, POSTGRES_USER: u, PASSED: null, A: b}");
    let kinds: Vec<&str> = service
        .env
        .iter()
        .map(|var| match &var.value.value {
            EnvValue::Plain(_) => "plain",
            EnvValue::Secret { .. } => "secret",
            EnvValue::Unset => "unset",
            EnvValue::Elsewhere { .. } => "elsewhere",
        })
        .collect();
    assert_eq!(kinds, ["secret", "plain", "unset", "plain"]);
}

#[test]
fn health_checks_keep_their_form() {
    let health = |keys: &str| service(&format!("image: x, healthcheck: {{{keys}}}")).0.health;
    assert!(matches!(health("test: [NONE], interval: 1s"), Health::Disabled(_)));
    assert!(matches!(health("disable: true, test: [CMD, a]"), Health::Disabled(_)));
    let test = |keys: &str| match health(keys) {
        Health::Check(check) => check.test.map(|test| test.value),
        other => panic!("{other:?}"),
    };
    assert_eq!(test("test: [CMD-SHELL, 'curl x || exit 1']"), Some(Test::Shell("curl x || exit 1".to_owned())));
    assert_eq!(test("test: [CMD, a, b]"), Some(Test::Exec(vec!["a".to_owned(), "b".to_owned()])));
    assert_eq!(test("interval: 500ms"), None);
}

#[test]
fn every_name_that_resolves_becomes_an_alias() {
    let text = "services: {db: {image: x, container_name: main-db, hostname: db, networks: {n: {aliases: [store, main-db]}}}, \
                a: {image: y, links: ['db:database', db], external_links: ['old:legacy']}}\nnetworks: {n: {name: p_n}}";
    let lifted = lifted(text);
    let names: Vec<&str> = lifted.value.stack.services["db"].aliases.iter().map(|a| a.value.as_str()).collect();
    assert_eq!(names, ["main-db", "store", "database"]);
    assert_eq!(codes(&lifted), ["link-outside"]);
}

#[test]
fn restart_beats_the_restart_policy() {
    let restart = |keys: &str| service(&format!("image: x, {keys}")).0.restart.map(|r| r.value);
    assert_eq!(restart("restart: 'on-failure:3'"), Some(Restart::OnFailure { max: Some(3) }));
    assert_eq!(
        restart("deploy: {restart_policy: {condition: on-failure, max_attempts: 2, delay: 5s}}"),
        Some(Restart::OnFailure { max: Some(2) })
    );
    assert_eq!(restart("deploy: {restart_policy: {condition: any, max_attempts: 2}}"), Some(Restart::Always));
    assert_eq!(restart("restart: always, deploy: {restart_policy: {condition: none}}"), Some(Restart::Always));
}

#[test]
fn resources_are_counted_in_thousandths_and_bytes() {
    let (service, _) = service(
        "image: x, cpus: 0.5, mem_limit: '1048576', deploy: {resources: {limits: {cpus: 0.5}}}, pids_limit: -1",
    );
    let resources = service.resources;
    assert_eq!(resources.cpu_limit.as_ref().map(|c| c.value), Some(500));
    assert_eq!(resources.cpu_limit.map(|c| c.origin.leaves().len()), Some(2));
    assert_eq!(resources.memory_limit.map(|m| m.value), Some(1 << 20));
    assert_eq!(resources.pids_limit, None);
    let quota = self::service("image: x, cpu_quota: 50000, cpu_period: '25000'").0.resources.cpu_limit;
    assert_eq!(quota.map(|c| c.value), Some(2000));
}

#[test]
fn roles_come_from_the_catalog_and_builds_are_the_projects_own() {
    for (keys, expect) in [
        ("image: 'postgres:16'", Role::Store),
        ("image: 'redis:7'", Role::Cache),
        ("image: 'nginx:1'", Role::Proxy),
        ("image: 'rabbitmq:3'", Role::Queue),
        ("image: nobody/knows", Role::App),
        ("image: 'postgres:16', build: {context: /project}", Role::App),
    ] {
        assert_eq!(service(keys).0.role.value, expect, "{keys}");
    }
    let (built, _) = service("build: {context: /project/web, dockerfile: Dockerfile, cache_from: [x]}");
    assert_eq!(built.image.unwrap().value, "p-a");
    assert_eq!(built.build.unwrap().context, "web");
}

#[test]
fn a_provided_service_is_left_out_and_said_so() {
    let text = "services: {db: {provider: {type: cloud, options: {size: ['1']}}}, a: {image: x, depends_on: {db: {condition: service_started}}}}";
    let lifted = lifted(text);
    assert_eq!(lifted.value.stack.services.keys().collect::<Vec<_>>(), ["a"]);
    assert_eq!(codes(&lifted), ["service-provider"]);
}

#[test]
fn mounts_of_other_services_are_taken_over() {
    let text = "services: {a: {image: x, volumes: [{type: volume, source: v, target: /d}]}, b: {image: y, volumes_from: ['a:ro']}}\nvolumes: {v: {name: p_v}}";
    let lifted = lifted(text);
    let mount = &lifted.value.stack.services["b"].mounts[0];
    assert!(mount.read_only && mount.target == "/d");
}

fn none() -> Traced<bool> {
    Traced::decided(false, "tmpfs", "nothing is copied into memory")
}

#[test]
fn memory_mounts_keep_size_and_mode_in_both_forms() {
    let (service, _) = service(
        "image: x, tmpfs: ['/run:size=64m,mode=1777'], volumes: [{type: tmpfs, target: /t, tmpfs: {size: '1024', mode: 448}}]",
    );
    let scratch: Vec<_> = service.mounts.iter().map(|m| m.source.clone()).collect();
    assert_eq!(
        scratch,
        [
            MountSource::Scratch { size: Some(1024), mode: Some(0o700), memory: true, fill: none() },
            MountSource::Scratch { size: Some(64 << 20), mode: Some(0o1777), memory: true, fill: none() },
        ]
    );
}

#[test]
fn unknown_keys_are_gaps_and_never_silent() {
    let text = "services: {a: {image: x, colour: red}}";
    let mut sources = Sources::new();
    let file = sources.add("compose.yaml", text);
    let tree = &parse(file, text).value[0];
    let environment = Environment::default();
    let input = Input {
        name: "p",
        working_dir: Path::new("/project"),
        tree,
        environment: &environment,
        disabled: &[],
        sources: &sources,
    };
    let lifted = lift_tree(input, &MemoryWorld::new());
    assert_eq!(codes(&lifted), ["ledger-gap"]);
    assert_eq!(unaccounted(&lifted.value), ["services.a.colour"]);
}

#[test]
fn paths_written_relative_to_the_project_belong_to_it_even_outside() {
    let text = "services:\n  a:\n    image: x\n    volumes:\n      - ../shared.conf:/etc/a.conf\n      - /else.conf:/etc/b.conf\n      - type: bind\n        source: ../shared.conf\n        target: /etc/c.conf\n";
    let world = MemoryWorld::new().with("compose.yaml", text).with("/shared.conf", "x").with("/else.conf", "y");
    let loaded = crate::load(&world, &crate::LoadOptions::default());
    let project = loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let lifted = lift(&project, &loaded.sources, &world);
    let classes: Vec<MountClass> =
        lifted.value.stack.services["a"].mounts.iter().map(|mount| mount.class.value).collect();
    assert_eq!(classes, [MountClass::Config, MountClass::Host, MountClass::Config]);
    let place = lifted.value.stack.services["a"].mounts[0].class.span();
    assert!(!place.is_none(), "a decision knows the place it was made for");
}

#[test]
fn options_of_a_folder_in_memory_that_cannot_be_read_are_said() {
    for (option, code) in [
        ("size=64m", None),
        ("size=50%", Some("tmpfs-option")),
        ("mode=abc", Some("tmpfs-option")),
        ("size=zz", Some("tmpfs-option")),
    ] {
        let (_, lifted) = service(&format!("image: x, tmpfs: ['/t:{option}']"));
        assert_eq!(codes(&lifted).first().copied(), code, "{option}");
        let said = outcome(&lifted, "services.a.tmpfs[0]");
        assert_eq!(said.starts_with("dropped"), code.is_some(), "{option}: {said}");
    }
}

#[test]
fn a_range_of_ports_that_ends_before_it_begins_is_said() {
    let (service, lifted) = service("image: x, expose: ['80-70', '81-82']");
    assert_eq!(service.ports.iter().map(|port| port.container).collect::<Vec<_>>(), [81, 82]);
    assert_eq!(codes(&lifted), ["expose-backwards"]);
    assert!(outcome(&lifted, "services.a.expose[0]").starts_with("dropped: `80-70` ends before it begins"));
}

#[test]
fn every_port_of_the_machine_is_a_matter_of_moments() {
    let (service, _) = service("image: x, expose: ['1-65000', '1-65000/udp', '60000-65000']");
    assert_eq!(service.ports.len(), 130_000);
}
