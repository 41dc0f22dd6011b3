//! One behaviour each, on the smallest stack that shows it.

use std::time::Duration;

use indexmap::IndexMap;
use tranship_model::*;
use tranship_source::yaml::Node;
use tranship_source::{Secret, Span};

pub(crate) mod entry;
pub(crate) mod operations;
pub(crate) mod reach;
mod storage;

use super::{Lowered, Options, lower};
use crate::{External, KubeVersion, check};

fn at<T>(value: T, path: &str) -> Traced<T> {
    Traced::at(value, path, Span::NONE)
}

#[test]
fn workloads_made_in_halves_are_those_made_one_after_the_other() {
    // The last two want one name: the halves have to find out.
    for names in
        [&["a", "b", "c_c", "d"][..], &["a", "b.b", "c", "d"], &["a_b", "c", "d", "a.b"], &["x", "y", "x-headless"]]
    {
        let stack = stack(names.iter().map(|name| {
            let mut service = service(name);
            service.workload = Traced::decided(Workload::Stateful, "test", "a test");
            service
        }));
        let made = |in_halves: bool| {
            let mut cx = super::begin(&stack, &Options::default(), Ledger::new(), crate::names::Names::prefixed("p-"));
            super::workloads(&mut cx, &stack.services.values().collect::<Vec<_>>(), in_halves);
            let labels: Vec<String> = cx.objects.iter().map(crate::Object::label).collect();
            (labels, cx.ledger, format!("{:?} {:?}", cx.objects, cx.diagnostics))
        };
        assert_eq!(made(true), made(false), "{names:?}");
    }
}

pub(crate) fn service(name: &str) -> Service {
    Service {
        name: name.to_owned(),
        origin: Origin::at(format!("services.{name}"), Span::NONE),
        product: None,
        role: Traced::decided(Role::App, "test", "a test"),
        image: Some(at("img:1".to_owned(), "image")),
        build: None,
        image_facts: None,
        said: None,
        pull: None,
        platform: None,
        runtime: None,
        workload: Traced::decided(Workload::Stateless, "test", "a test"),
        schedule: None,
        replicas: None,
        process: Process::default(),
        env: Vec::new(),
        mounts: Vec::new(),
        ports: Vec::new(),
        aliases: Vec::new(),
        hostname: None,
        domainname: None,
        networks: Vec::new(),
        health: Health::Unsaid,
        depends_on: Vec::new(),
        resources: Resources::default(),
        security: Security::default(),
        hosts: Vec::new(),
        dns: Dns::default(),
        rollout: Rollout::default(),
        restart: None,
        placement: Placement::default(),
        labels: Vec::new(),
        annotations: Vec::new(),
        hooks: Hooks::default(),
        operations: tranship_model::Operations::default(),
    }
}

pub(crate) fn stack(services: impl IntoIterator<Item = Service>) -> Stack {
    Stack {
        name: at("shop".to_owned(), "name"),
        services: services.into_iter().map(|s| (s.name.clone(), s)).collect(),
        volumes: IndexMap::new(),
        networks: IndexMap::new(),
        isolation: None,
        configs: IndexMap::new(),
        secrets: IndexMap::new(),
        outside: IndexMap::new(),
        exposure: tranship_model::Exposure::default(),
        left_out: Vec::new(),
        said: None,
    }
}

pub(crate) fn volume(name: &str) -> Volume {
    Volume {
        origin: Origin::at(format!("volumes.{name}"), Span::NONE),
        name: None,
        external: None,
        driver: None,
        driver_opts: Vec::new(),
        labels: Vec::new(),
        host_path: None,
        said: None,
    }
}

pub(crate) fn mount(volume: &str, target: &str, read_only: bool) -> Mount {
    Mount {
        origin: Origin::at("volumes[0]", Span::NONE),
        target: target.to_owned(),
        read_only,
        source: MountSource::Volume {
            volume: volume.to_owned(),
            subpath: None,
            fill: Traced::decided(false, "test", "a test"),
        },
        class: Traced::decided(MountClass::Data, "test", "a test"),
    }
}

fn port(number: u16, protocol: Protocol) -> Port {
    let origin = Origin::at("ports[0]", Span::NONE);
    Port { origin, container: number, protocol, name: None, app_protocol: None, published: None }
}

/// The objects of a stack, which every known version must take.
fn lowered(stack: &Stack) -> Lowered {
    let lowered = lower(stack, &Options::default(), Ledger::new()).value;
    for version in [KubeVersion::OLDEST, KubeVersion::NEWEST] {
        let found = check(&lowered.objects, version, &External::of(&lowered));
        assert!(found.is_empty(), "{version}: {found:#?}");
    }
    lowered
}

fn text(out: &Lowered, kind: &str, name: &str, path: &str) -> String {
    // The name of a Job ends in a digest.
    let job =
        |object: &&crate::Object| (kind, object.kind()) == ("Job", "Job") && crate::lift::source_name(object) == name;
    let found = out.objects.find(kind, name).or_else(|| out.objects.iter().find(job));
    let object = found.unwrap_or_else(|| panic!("no {kind}/{name}"));
    let steps: Vec<&str> = path.split('/').collect();
    match object.get(&steps) {
        None => "-".to_owned(),
        Some(node) => plain(node),
    }
}

fn plain(node: &Node) -> String {
    use tranship_source::yaml::Value;
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Float(n) => n.to_string(),
        Value::String(s) => s.clone(),
        Value::Sequence(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", ")),
        Value::Mapping(map) => {
            let pairs: Vec<_> = map.iter().map(|(k, v)| format!("{}: {}", k.text, plain(v))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

const CONTAINER: &str = "spec/template/spec/containers/0";

#[test]
fn a_service_without_known_ports_is_headless_so_that_its_name_resolves() {
    let mut with_ports = service("api");
    with_ports.ports = vec![port(80, Protocol::Tcp), port(80, Protocol::Tcp), port(53, Protocol::Udp)];
    let out = lowered(&stack([service("worker"), with_ports]));
    assert_eq!(text(&out, "Service", "worker", "spec/clusterIP"), "None");
    assert_eq!(text(&out, "Service", "worker", "spec/ports"), "-");
    assert_eq!(text(&out, "Service", "api", "spec/clusterIP"), "-");
    assert_eq!(text(&out, "Service", "api", "spec/ports/0/port"), "80");
    assert_eq!(text(&out, "Service", "api", "spec/ports/1/protocol"), "UDP");
    assert_eq!(text(&out, "Service", "api", "spec/ports/2"), "-");
}

#[test]
fn compose_entrypoint_is_command_and_command_is_args() {
    let list = |items: &[&str]| Some(at(items.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>(), "x"));
    for (entrypoint, command, expect) in [
        (None, list(&["a", "$(X)"]), ("-", "[a, $$(X)]")),
        (list(&["e"]), None, ("[e]", "-")),
        (list(&["e"]), list(&["a"]), ("[e]", "[a]")),
        (list(&[]), list(&["a"]), ("[a]", "-")),
        (list(&[""]), list(&["a"]), ("[a]", "-")),
        (list(&[]), None, ("[serve, $$(X)]", "-")),
        (list(&[]), list(&[]), ("[serve, $$(X)]", "-")),
        (list(&[""]), None, ("-", "-")),
        (None, list(&[]), ("-", "-")),
    ] {
        let mut web = service("web");
        let image = ImageKnowledge { command: list(&["serve", "$(X)"]), ..ImageKnowledge::default() };
        web.image_facts = Some(Box::new(image));
        web.process.entrypoint = entrypoint;
        web.process.command = command;
        let out = lowered(&stack([web]));
        let got = ["command", "args"].map(|f| text(&out, "Deployment", "web", &format!("{CONTAINER}/{f}")));
        assert_eq!((got[0].as_str(), got[1].as_str()), expect);
    }
}

#[test]
fn the_claim_of_a_stateful_service_in_the_pod_of_a_stateless_one_is_made() {
    let web = service("web");
    let mut db = service("db");
    db.workload = Traced::decided(Workload::Stateful, "test", "a test");
    db.security.network_mode = Some(at("service:web".to_owned(), "services.db.network_mode"));
    db.mounts = vec![mount("data", "/data", false)];
    let mut stack = stack([web, db]);
    stack.volumes.insert("data".to_owned(), volume("data"));
    let out = lowered(&stack);
    assert!(out.objects.find("PersistentVolumeClaim", "data").is_some());
}

#[test]
fn a_file_that_not_everyone_may_read_belongs_to_the_group_of_the_process() {
    for (mode, expect) in [(0o600, "1001"), (0o644, "-")] {
        let mut web = service("web");
        let user = User { user: "1000".to_owned(), group: Some("1001".to_owned()) };
        web.process.user = Some(at(user, "services.web.user"));
        let file = Some("key.pem".to_owned());
        let blob = BlobMount { blob: "key".to_owned(), file, mode: None, uid: None, gid: None };
        web.mounts = vec![Mount { source: MountSource::Config(blob), ..mount("", "/etc/key.pem", true) }];
        let mut stack = stack([web]);
        let file = BlobFile { path: "key.pem".to_owned(), bytes: Secret::new(b"k".to_vec()), mode };
        let origin = Origin::at("services.web.volumes[0]", Span::NONE);
        let blob = Blob { origin, name: None, content: BlobContent::Files(vec![file]), labels: Vec::new(), said: None };
        stack.configs.insert("key".to_owned(), blob);
        let group = text(&lowered(&stack), "Deployment", "web", "spec/template/spec/securityContext/fsGroup");
        assert_eq!(group, expect, "{mode:o}");
    }
}

#[test]
fn credentials_go_to_a_secret_and_never_into_the_pod() {
    let mut web = service("web");
    let secret = EnvValue::Secret { value: Secret::new("pa$(ss".to_owned()), because: "it is a password".into() };
    web.env = vec![
        EnvVar { name: "PLAIN".into(), value: at(EnvValue::Plain("a$(b)".into()), "environment.PLAIN") },
        EnvVar { name: "DB_PASSWORD".into(), value: at(secret, "environment.DB_PASSWORD") },
        EnvVar { name: "GONE".into(), value: at(EnvValue::Unset, "environment.GONE") },
    ];
    let out = lowered(&stack([web]));
    assert_eq!(
        text(&out, "Deployment", "web", &format!("{CONTAINER}/env")),
        "[{name: PLAIN, value: a$$(b)}, {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: web-env, key: DB_PASSWORD}}}]"
    );
    assert_eq!(text(&out, "Secret", "web-env", "stringData/DB_PASSWORD"), "pa$(ss");
    let words: Vec<_> = out.ledger.entries.iter().filter(|e| e.path.contains("environment")).collect();
    assert_eq!(words.iter().map(|e| e.outcome.word()).collect::<Vec<_>>(), ["translated", "translated", "dropped"]);
}

#[test]
fn probes_keep_dockers_patience_and_seconds_are_whole() {
    let time = |millis| Some(at(Duration::from_millis(millis), "t"));
    let mut web = service("web");
    web.health = Health::Check(Box::new(Check {
        origin: Origin::at("healthcheck", Span::NONE),
        test: Some(at(Test::Shell("curl -f localhost || exit 1".into()), "healthcheck.test")),
        interval: time(500),
        timeout: time(2500),
        retries: Some(at(4, "healthcheck.retries")),
        start_period: time(60_000),
        start_interval: None,
    }));
    let out = lowered(&stack([web]));
    let probe = |name: &str, field: &str| text(&out, "Deployment", "web", &format!("{CONTAINER}/{name}/{field}"));
    assert_eq!(probe("readinessProbe", "exec/command"), "[/bin/sh, -c, curl -f localhost || exit 1]");
    assert_eq!(probe("readinessProbe", "periodSeconds"), "1");
    assert_eq!(probe("readinessProbe", "timeoutSeconds"), "3");
    assert_eq!(probe("readinessProbe", "failureThreshold"), "4");
    // Docker restarts nothing: neither does a pod that is not asked more.
    assert_eq!(probe("livenessProbe", "failureThreshold"), "-");
    // The start period, and then as long as the check's own patience.
    assert_eq!(probe("startupProbe", "failureThreshold"), "64");
}

#[test]
fn a_volume_of_two_services_is_one_claim_and_one_node() {
    let (mut web, mut backup) = (service("web"), service("backup"));
    web.mounts = vec![mount("files", "/files", false)];
    backup.mounts = vec![mount("files", "/data", true)];
    let mut stack = stack([web, backup]);
    stack.volumes.insert("files".into(), volume("files"));
    let out = lowered(&stack);
    let claims: Vec<_> = out.objects.iter().filter(|o| o.kind() == "PersistentVolumeClaim").collect();
    assert_eq!(claims.len(), 1);
    let term = "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/0";
    for name in ["web", "backup"] {
        let selector = text(&out, "Deployment", name, &format!("{term}/labelSelector/matchLabels"));
        assert_eq!(selector, "{tranship.dev/claim-files: true}");
    }
    assert_eq!(text(&out, "Deployment", "backup", &format!("{CONTAINER}/volumeMounts/0/readOnly")), "true");
    assert_eq!(text(&out, "Deployment", "web", &format!("{CONTAINER}/volumeMounts/0/subPath")), "data");
    assert_eq!(text(&out, "Deployment", "web", "spec/strategy/type"), "Recreate");
}

#[test]
fn a_stateful_service_keeps_its_claim_as_a_template_and_its_name() {
    let mut db = service("db");
    db.workload = Traced::decided(Workload::Stateful, "test", "a test");
    db.role = Traced::decided(Role::Store, "test", "a test");
    db.ports = vec![port(5432, Protocol::Tcp)];
    db.mounts = vec![mount("pgdata", "/var/lib/postgresql/data", false)];
    let mut stack = stack([db]);
    stack.volumes.insert("pgdata".into(), volume("pgdata"));
    let out = lowered(&stack);
    assert_eq!(text(&out, "StatefulSet", "db", "spec/serviceName"), "db-headless");
    assert_eq!(text(&out, "StatefulSet", "db", "spec/volumeClaimTemplates/0/metadata/name"), "pgdata");
    assert_eq!(text(&out, "StatefulSet", "db", "spec/volumeClaimTemplates/0/spec/resources/requests/storage"), "10Gi");
    assert_eq!(text(&out, "Service", "db-headless", "spec/clusterIP"), "None");
    assert_eq!(text(&out, "Service", "db", "spec/clusterIP"), "-");
    assert!(out.objects.find("PersistentVolumeClaim", "pgdata").is_none());
}

#[test]
fn every_name_leads_somewhere_and_no_name_is_taken_from_another() {
    let (mut a, mut b) = (service("a"), service("b_1"));
    a.aliases = vec![at("api".into(), "a1"), at("b_1".into(), "a2"), at("both".into(), "a3"), at("x.y".into(), "a4")];
    b.aliases = vec![at("both".into(), "b1"), at("My_App".into(), "b2")];
    let checked = lower(&stack([a, b]), &Options::default(), Ledger::new());
    let out = checked.value;
    let services: Vec<_> = out.objects.iter().filter(|o| o.kind() == "Service").map(|o| o.name().to_owned()).collect();
    assert_eq!(services, ["a", "b-1", "my-app", "api", "both"]);
    assert_eq!(text(&out, "Service", "both", "spec/selector"), "{tranship.dev/alias-both: true}");
    for name in ["a", "b-1"] {
        let labels = text(&out, "Deployment", name, "spec/template/metadata/labels");
        assert!(labels.contains("tranship.dev/alias-both: true"), "{labels}");
    }
    let dropped: Vec<_> =
        out.ledger.entries.iter().filter(|e| e.outcome.word() == "dropped").map(|e| &*e.path).collect();
    assert_eq!(dropped, ["a2", "a4"]);
    assert_eq!(checked.diagnostics.iter().filter(|d| d.code == "name-changed").count(), 2);
}

#[test]
fn a_name_that_cannot_be_carried_is_told_with_whom_it_means() {
    let mut web = service("web");
    web.aliases = vec![at("web.internal".into(), "services.web.networks.default.aliases[0]")];
    let out = lower(&stack([web]), &Options::default(), Ledger::new()).value;
    let dropped = |entry: &Entry| match &entry.outcome {
        Outcome::Dropped { why, todo } => why.contains("`web.internal`") && todo.contains("`web`"),
        _ => false,
    };
    assert!(out.ledger.entries.iter().any(dropped));
}

#[test]
fn parts_of_the_machine_are_never_mounted() {
    let mut web = service("web");
    let host = |path: &str, target: &str, class| Mount {
        origin: Origin::at(format!("mount {target}"), Span::NONE),
        target: target.to_owned(),
        read_only: false,
        source: MountSource::Host { path: path.to_owned(), project_path: None, exists: true },
        class: Traced::decided(class, "test", "a test"),
    };
    web.mounts = vec![
        host("/var/run/docker.sock", "/var/run/docker.sock", MountClass::Socket),
        host("/etc/localtime", "/etc/localtime", MountClass::Host),
        host("/p/src", "/app", MountClass::Source),
        host("/p/logs", "/logs", MountClass::Logs),
    ];
    let out = lowered(&stack([web]));
    assert_eq!(text(&out, "Deployment", "web", "spec/template/spec/volumes"), "[{name: scratch-logs, emptyDir: {}}]");
    let words: Vec<_> = out.ledger.entries.iter().filter(|e| e.path.starts_with("mount")).collect();
    assert_eq!(
        words.iter().map(|e| e.outcome.word()).collect::<Vec<_>>(),
        ["dropped", "dropped", "dropped", "translated"]
    );
}

#[test]
fn what_a_version_cannot_do_is_dropped_with_its_name() {
    let sample = samples().into_iter().find(|(name, _)| *name == "an image and a folder").unwrap().1;
    let old = KubeVersion::new(34).unwrap();
    let options = Options { version: old, ..Options::default() };
    let checked = lower(&sample, &options, Ledger::new());
    let out = checked.value;
    assert_eq!(check(&out.objects, old, &External::of(&out)), vec![]);
    assert_eq!(text(&out, "Deployment", "web", "spec/template/spec/hostname"), "web-example-com");
    assert_eq!(checked.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), ["image-mount"]);
}

#[test]
fn a_task_is_a_job_that_is_tried_again() {
    let mut migrate = service("migrate");
    let task = Workload::Task { completions: 1, parallelism: 1, retries: Some(3) };
    migrate.workload = Traced::decided(task, "test", "a test");
    let out = lowered(&stack([migrate]));
    assert_eq!(text(&out, "Job", "migrate", "spec/backoffLimit"), "3");
    assert_eq!(text(&out, "Job", "migrate", "spec/template/spec/restartPolicy"), "OnFailure");
}

#[test]
fn a_service_with_the_network_of_another_is_a_container_of_its_pod() {
    let (mut vpn, mut torrent) = (service("vpn"), service("torrent"));
    vpn.ports = vec![port(8888, Protocol::Tcp)];
    torrent.ports = vec![port(8080, Protocol::Tcp)];
    torrent.security.network_mode = Some(at("service:vpn".into(), "services.torrent.network_mode"));
    torrent.mounts = vec![mount("files", "/files", false)];
    let mut stack = stack([torrent, vpn]);
    stack.volumes.insert("files".into(), volume("files"));
    let out = lowered(&stack);
    assert!(out.objects.find("Deployment", "torrent").is_none());
    assert!(out.objects.find("Service", "torrent").is_none());
    let containers = |field: &str| text(&out, "Deployment", "vpn", &format!("spec/template/spec/containers/{field}"));
    assert_eq!(containers("0/name"), "vpn");
    assert_eq!(containers("1/name"), "torrent");
    assert_eq!(containers("1/volumeMounts/0/mountPath"), "/files");
    assert_eq!(text(&out, "Deployment", "vpn", "spec/template/spec/volumes/0/name"), "files");
    assert_eq!(text(&out, "Service", "vpn", "spec/ports/1/port"), "8080");
    let entry = out.ledger.entries.iter().find(|e| &*e.path == "services.torrent.network_mode").unwrap();
    assert_eq!(entry.outcome.word(), "translated");
}

#[test]
fn another_name_of_a_pod_leads_to_the_ports_of_all_its_services() {
    let (mut vpn, mut guest) = (service("vpn"), service("guest"));
    vpn.aliases = vec![at("gw".into(), "services.vpn.networks.default.aliases[0]")];
    vpn.ports = vec![port(80, Protocol::Tcp)];
    guest.ports = vec![port(8080, Protocol::Tcp)];
    guest.security.network_mode = Some(at("service:vpn".into(), "services.guest.network_mode"));
    let out = lowered(&stack([vpn, guest]));
    assert_eq!(text(&out, "Service", "gw", "spec/ports/1/port"), "8080");
    assert_eq!(text(&out, "Service", "gw", "spec/ports"), text(&out, "Service", "vpn", "spec/ports"));
}

#[test]
fn a_variable_is_dropped_only_where_the_version_cannot_take_its_name() {
    let mut web = service("web");
    let value = |path: &str| at(EnvValue::Plain("x".into()), path);
    web.env =
        ["1BAD", "A B", "elastic/x", "GOOD", "é"].map(|name| EnvVar { name: name.into(), value: value(name) }).into();
    let stack = stack([web]);
    for (version, count) in [(KubeVersion::OLDEST, 1), (KubeVersion::NEWEST, 4)] {
        let out = lower(&stack, &Options { version, ..Options::default() }, Ledger::new());
        let env = out.value.objects.find("Deployment", "web").unwrap();
        let env = env.get(&["spec", "template", "spec", "containers", "0", "env"]).and_then(Node::as_seq);
        assert_eq!(env.unwrap_or_default().len(), count, "{version}");
        assert!(check(&out.value.objects, version, &External::of(&out.value)).is_empty());
    }
}

#[test]
fn no_value_of_a_project_leads_to_an_object_that_the_server_refuses() {
    let mut web = service("web");
    web.rollout.monitor = Some(at(Duration::from_secs(900), "services.web.deploy.update_config.monitor"));
    web.health = Health::Check(Box::new(Check {
        origin: Origin::at("healthcheck", Span::NONE),
        test: Some(at(Test::Exec(vec!["true".into()]), "healthcheck.test")),
        interval: None,
        timeout: None,
        retries: Some(at(3_000_000_000, "healthcheck.retries")),
        start_period: None,
        start_interval: None,
    }));
    let mut named = port(8080, Protocol::Tcp);
    named.name = Some(at("tcp-80".into(), "services.web.ports[0].name"));
    web.ports = vec![port(80, Protocol::Tcp), named];
    web.dns.servers = (1..5).map(|n| at(format!("10.0.0.{n}"), "services.web.dns")).collect();
    let out = lowered(&stack([web]));
    assert_eq!(text(&out, "Deployment", "web", "spec/progressDeadlineSeconds"), "1500");
    assert_eq!(text(&out, "Deployment", "web", &format!("{CONTAINER}/readinessProbe/failureThreshold")), "2147483647");
    assert_eq!(text(&out, "Service", "web", "spec/ports/0/name"), "tcp-80-2");
    assert_eq!(text(&out, "Service", "web", "spec/ports/1/name"), "tcp-80");
    let servers = text(&out, "Deployment", "web", "spec/template/spec/dnsConfig/nameservers");
    assert_eq!(servers, "[10.0.0.1, 10.0.0.2, 10.0.0.3]");
    assert!(out.ledger.entries.iter().any(|e| &*e.path == "services.web.dns" && e.outcome.word() == "dropped"));
}

#[test]
fn a_pod_that_holds_a_port_of_its_node_leaves_before_the_next_one_comes() {
    let strategy = |service: Service| text(&lowered(&stack([service])), "Deployment", "web", "spec/strategy");
    let mut host = service("web");
    host.security.network_mode = Some(at("host".into(), "services.web.network_mode"));
    let mut many = host.clone();
    many.replicas = Some(at(2, "services.web.deploy.replicas"));
    let mut patched = service("web");
    let value = Node::from(vec![Node::from([("containerPort", 80_i64.into()), ("hostPort", 80_i64.into())])]);
    let origin = Origin::at("services.web.x-tranship.patch.container.ports", Span::NONE);
    let field = said::Field { origin, on: said::On::Container, path: vec!["ports".into()], value };
    patched.said = Some(Box::new(said::Said { fields: vec![field], ..said::Said::default() }));
    assert_eq!(strategy(service("web")), "-");
    assert_eq!(strategy(host), "{type: Recreate}");
    assert_eq!(strategy(patched), "{type: Recreate}");
    assert_eq!(strategy(many), "{type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}");
}

#[test]
fn no_two_containers_of_a_pod_have_one_name() {
    let (mut a, mut guest) = (service("a"), service("fill-a"));
    a.mounts = vec![mount("files", "/files", false)];
    let MountSource::Volume { fill, .. } = &mut a.mounts[0].source else { panic!() };
    fill.value = true;
    guest.security.network_mode = Some(at("service:a".into(), "services.fill-a.network_mode"));
    let mut stack = stack([a, guest]);
    stack.volumes.insert("files".into(), volume("files"));
    let out = lowered(&stack);
    let name = |list: &str| text(&out, "Deployment", "a", &format!("spec/template/spec/{list}/name"));
    assert_eq!([name("containers/1"), name("initContainers/1")], ["fill-a", "fill-a--init"]);
    let back = crate::lift::lift(&out.objects).value;
    let filled = |mount: &Mount| matches!(&mount.source, MountSource::Volume { fill, .. } if fill.value);
    assert!(back.services["a"].mounts.iter().any(filled));
}

#[test]
fn two_runs_give_the_same_objects() {
    let build = || {
        let mut web = service("web");
        web.labels = vec![("b".into(), at("1".into(), "l")), ("a".into(), at("2".into(), "l"))];
        lowered(&stack([web, service("other")]))
    };
    assert_eq!(format!("{:?}", build().objects), format!("{:?}", build().objects));
}

/// Stacks that Kubernetes holds whole, for the way back.
pub(crate) fn samples() -> Vec<(&'static str, Stack)> {
    let words = |items: &[&str]| Some(at(items.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>(), "x"));
    let mut web = service("My_Web");
    web.process.entrypoint = words(&["/bin/web", "$(X)$$"]);
    web.process.command = words(&["--port", "80"]);
    web.process.working_dir = Some(at("/srv".into(), "w"));
    web.process.user = Some(at(User { user: "1000".into(), group: Some("1000".into()) }, "u"));
    web.process.stop_grace = Some(at(Duration::from_secs(20), "g"));
    let secret = EnvValue::Secret { value: Secret::new("p".to_owned()), because: "it is a password".into() };
    web.env = vec![
        EnvVar { name: "A".into(), value: at(EnvValue::Plain("$(B) $$ é".into()), "a") },
        EnvVar { name: "PASSWORD".into(), value: at(secret, "p") },
    ];
    web.ports = vec![port(80, Protocol::Tcp), port(53, Protocol::Udp)];
    web.ports[0].name = Some(at("http".into(), "n"));
    web.aliases = vec![at("www".into(), "alias")];
    web.mounts = vec![mount("Data_Vol", "/data", false)];
    web.resources.cpu_limit = Some(at(1500, "c"));
    web.resources.memory_reserved = Some(at(64 << 20, "m"));
    web.resources.shm_size = Some(at(1 << 26, "s"));
    web.security.cap_drop = vec![at("ALL".into(), "d")];
    web.security.sysctls = vec![("net.ipv4.ip_unprivileged_port_start".into(), at("0".into(), "s"))];
    web.hosts = vec![HostEntry { origin: Origin::at("h", Span::NONE), name: "x".into(), address: "10.0.0.1".into() }];
    web.annotations = vec![("a.b/c".into(), at("1".into(), "a"))];
    web.placement.constraints = vec![at("node.labels.disk == ssd".into(), "p")];
    let mut with_volume = stack([web]);
    with_volume.volumes.insert("Data_Vol".into(), volume("Data_Vol"));

    let mut db = service("db");
    db.workload = Traced::decided(Workload::Stateful, "test", "a test");
    db.ports = vec![port(5432, Protocol::Tcp)];
    db.mounts = vec![mount("pg_data", "/var/lib/postgresql/data", false)];
    let mut stateful = stack([db]);
    stateful.volumes.insert("pg_data".into(), volume("pg_data"));

    let mut configured = service("proxy");
    let file = |path: &str, text: &str, mode| BlobFile { path: path.into(), bytes: Secret::new(text.into()), mode };
    let blob = |files| Blob {
        origin: Origin::at("configs", Span::NONE),
        name: None,
        content: BlobContent::Files(files),
        labels: Vec::new(),
        said: None,
    };
    let whole = BlobMount { blob: "conf_d".into(), file: None, mode: None, uid: None, gid: None };
    configured.mounts = vec![Mount {
        origin: Origin::at("volumes[0]", Span::NONE),
        target: "/etc/conf.d".into(),
        read_only: false,
        source: MountSource::Config(whole),
        class: Traced::decided(MountClass::Config, "test", "a test"),
    }];
    let mut with_files = stack([configured]);
    with_files.configs.insert("conf_d".into(), blob(vec![file("a.conf", "x", 0o644), file("sub/run.sh", "y", 0o755)]));

    let mut filling = service("site");
    filling.mounts = vec![mount("html", "/usr/share/$(nginx)", true)];
    if let MountSource::Volume { fill, .. } = &mut filling.mounts[0].source {
        fill.value = true;
    }
    let mut with_fill = stack([filling]);
    with_fill.volumes.insert("html".into(), volume("html"));
    let mut lent = with_fill.clone();
    lent.services["site"].image_facts =
        Some(Box::new(ImageKnowledge { shell: Some(true), ..ImageKnowledge::default() }));

    let mut image = service("web");
    image.hostname = Some(at("web.example.com".into(), "hostname"));
    image.mounts = vec![Mount {
        origin: Origin::at("volumes[0]", Span::NONE),
        target: "/models".into(),
        read_only: false,
        source: MountSource::Image { image: "models:1".into(), subpath: Some("small".into()) },
        class: Traced::decided(MountClass::Image, "test", "a test"),
    }];
    let mut cache = mount("unused", "/cache", false);
    cache.source = MountSource::Scratch {
        size: Some(1 << 20),
        mode: None,
        memory: false,
        fill: Traced::decided(true, "test", "a test"),
    };
    image.mounts.push(cache);

    let mut nightly = service("nightly");
    nightly.workload = Traced::decided(Workload::Scheduled, "test", "a test");
    let schedule = Schedule {
        cron: "0 3 * * *".into(),
        time_zone: "Europe/Berlin".into(),
        overlap: Overlap::Skip,
        image_of: Some("web".into()),
    };
    nightly.schedule = Some(at(schedule, "labels"));
    nightly.annotations = vec![("a.b/c".into(), at("1".into(), "a"))];
    nightly.mounts = vec![mount("files", "/files", false)];
    let mut scheduled = stack([nightly]);
    scheduled.volumes.insert("files".into(), volume("files"));

    let mut prepared = service("app");
    prepared.process.init = Some(at(true, "init"));
    prepared.runtime = Some(at("nvidia".into(), "runtime"));
    prepared.process.working_dir = Some(at("/srv".into(), "w"));
    prepared.process.user = Some(at(User { user: "1000".into(), group: None }, "u"));
    prepared.env = vec![EnvVar { name: "A".into(), value: at(EnvValue::Plain("1".into()), "a") }];
    let hook = |command: &str, image: Option<&str>, user: Option<&str>| Hook {
        origin: Origin::at("pre_start[0]", Span::NONE),
        command: vec![command.to_owned(), "$(A)".to_owned()],
        image: image.map(str::to_owned),
        user: user.map(str::to_owned),
        working_dir: None,
        privileged: false,
        env: vec![("A".into(), Some("2".into())), ("B".into(), Some("3".into()))],
    };
    prepared.hooks.pre_start = vec![hook("migrate", None, None), hook("fetch", Some("curl:8"), Some("0:0"))];

    vec![
        ("hooks before the start", stack([prepared])),
        ("a schedule", scheduled),
        ("an image and a folder", stack([image])),
        ("a volume", with_volume),
        ("a template", stateful),
        ("files", with_files),
        ("a filled volume", with_fill),
        ("a volume filled with the image's own shell", lent),
    ]
}

#[test]
fn more_ports_than_an_object_can_name_are_reached_by_the_pods_own_names() {
    let port = |container: u16| Port {
        origin: Origin::at("ports", Span::NONE),
        container,
        protocol: Protocol::Tcp,
        name: None,
        app_protocol: None,
        published: None,
    };
    for (most, headless) in [(1000, false), (1001, true)] {
        let web = Service { ports: (1..=most).map(port).collect(), ..service("web") };
        let lowered = lower(&stack([web]), &Options::default(), Ledger::new());
        let codes: Vec<&str> = lowered.diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(codes.contains(&"ports-many"), headless, "{codes:?}");
        let object = lowered.value.objects.find("Service", "web").unwrap();
        assert_eq!(object.get(&["spec", "clusterIP"]).and_then(Node::as_str), headless.then_some("None"));
        assert_eq!(object.get(&["spec", "ports"]).is_none(), headless);
    }
}
