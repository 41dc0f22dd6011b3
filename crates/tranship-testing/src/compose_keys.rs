//! A small valid project for every key of the Compose schema, made by walking the schema.
//!
//! A key that the walk finds and that needs more than the value its type suggests has a line in `SAMPLES` or
//! `AROUND`. Start reading at [`projects`].

use serde_json::{Map, Value, json};

/// A project that uses one key.
#[derive(Clone, Debug)]
pub struct KeyProject {
    /// The key in the schema: `services.*.ports[].target`; `*` stands for a name, `[]` for an item.
    pub key: String,
    /// Where the value stands in the project: `services.a.ports[0].target`.
    pub path: String,
    /// The Compose file. It is JSON, which is YAML as well.
    pub text: String,
}

/// Files the projects refer to, relative to the project directory.
pub const FILES: &[(&str, &str)] = &[
    ("base2.yaml", "services: {included: {image: z}}\n"),
    ("base.yaml", "services: {b: {image: y}, other: {image: z}}\n"),
    ("c.txt", "content\n"),
    ("e.env", "FROM_FILE=1\n"),
    ("l.env", "from.file=1\n"),
    ("w/Dockerfile", "FROM scratch\n"),
    ("w/main.py", "print()\n"),
];

/// Forms that the schema has and that docker compose refuses, as they stand in the projects.
pub const REFUSED: &[&str] = &[
    r#""build":{"ulimits":{"nofile":"1"}"#,
    r#""build":{"ulimits":{"nofile":{"hard":"2""#,
    r#""build":{"ulimits":{"nofile":{"soft":"1""#,
];

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Entry,
    Item,
}

/// One project for each key of the schema, in its order; keys with several forms have one for each.
pub fn projects(schema: &Value) -> Vec<KeyProject> {
    let mut found = Vec::new();
    walk(schema, schema, &mut Vec::new(), 0, &mut found);
    let mut seen = std::collections::BTreeSet::new();
    let all = found.iter().map(|(path, form)| project(path, form));
    all.filter(|project| seen.insert((project.path.clone(), project.text.clone()))).collect()
}

/// A form that the schema lets a value have.
#[derive(Clone, Debug)]
enum Form {
    /// The first one, for which a sample stands in where there is one.
    Main(Value),
    /// A word of a list of words besides the first.
    Word(Value),
    /// Another type, and the first one.
    Type(&'static str, &'static str),
}

impl Form {
    /// The value, made from the key's sample where that has to be of another type.
    fn value(&self, sample: Option<Value>) -> Value {
        match self {
            Self::Main(value) => sample.unwrap_or_else(|| value.clone()),
            Self::Word(word) => word.clone(),
            Self::Type(kind, first) => typed(kind, first, sample.as_ref()),
        }
    }
}

/// A value of a type that says the same as a sample, as far as the type can.
fn typed(kind: &str, first: &str, sample: Option<&Value>) -> Value {
    let text = match sample {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::Bool(flag)) => Some(flag.to_string()),
        _ => None,
    };
    match kind {
        "boolean" => json!(true),
        "integer" => text.and_then(|text| text.parse::<i64>().ok()).map_or(json!(1), |number| json!(number)),
        "number" => text.and_then(|text| text.parse::<f64>().ok()).map_or(json!(1.5), |number| json!(number)),
        "null" => Value::Null,
        "object" => json!({ "k": "x" }),
        _ if first == "boolean" => json!("true"),
        _ => json!(text.unwrap_or_else(|| "1".to_owned())),
    }
}

/// Collects every path that holds a value, with the value its type suggests.
fn walk(schema: &Value, node: &Value, path: &mut Vec<Step>, depth: usize, out: &mut Vec<(Vec<Step>, Form)>) {
    let node = resolve(schema, node);
    if depth > 24 {
        return;
    }
    if let Some(forms) = node.get("oneOf").or_else(|| node.get("anyOf")).and_then(Value::as_array) {
        for form in forms {
            walk(schema, form, path, depth + 1, out);
        }
        return;
    }
    let mut inner = false;
    let mut below = |step: Step, child: &Value, out: &mut Vec<_>| {
        inner = true;
        path.push(step);
        walk(schema, child, path, depth + 1, out);
        path.pop();
    };
    for (key, child) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
        below(Step::Key(key.clone()), child, out);
    }
    for (pattern, child) in node.get("patternProperties").and_then(Value::as_object).into_iter().flatten() {
        if pattern != "^x-" {
            below(Step::Entry, child, out);
        }
    }
    if let Some(child) = node.get("items").filter(|child| child.is_object()) {
        below(Step::Item, child, out);
    }
    if !inner {
        out.extend(forms(node).into_iter().map(|form| (path.clone(), form)));
    }
}

/// The node a reference leads to.
fn resolve<'a>(schema: &'a Value, mut node: &'a Value) -> &'a Value {
    while let Some(name) = node.get("$ref").and_then(Value::as_str).and_then(|text| text.rsplit('/').next()) {
        let Some(target) = schema.get("$defs").and_then(|defs| defs.get(name)) else { break };
        node = target;
    }
    node
}

/// Every form a value of the node may have: each word of a list, each type.
fn forms(node: &Value) -> Vec<Form> {
    if let Some(words) = node.get("enum").and_then(Value::as_array) {
        let (first, rest) = words.split_first().map_or((None, &[][..]), |(first, rest)| (Some(first), rest));
        let first = first.map(|word| Form::Main(word.clone()));
        return first.into_iter().chain(rest.iter().map(|word| Form::Word(word.clone()))).collect();
    }
    let kinds: Vec<&str> = match node.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec!["string"],
    };
    let known = ["boolean", "integer", "number", "string", "object", "null"];
    let mut known = known.into_iter().filter(|kind| kinds.contains(kind));
    let Some(first) = known.next().filter(|first| *first != "null") else { return Vec::new() };
    let main = match first {
        "boolean" => json!(true),
        "integer" | "number" => json!(1),
        "object" => json!({ "k": "x" }),
        _ => json!("x"),
    };
    std::iter::once(Form::Main(main)).chain(known.map(|kind| Form::Type(kind, first))).collect()
}

/// The key in the schema, as people read it.
fn key_of(path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            Step::Key(key) if out.is_empty() => out.push_str(key),
            Step::Key(key) => out.extend([".", key]),
            Step::Entry => out.push_str(".*"),
            Step::Item => out.push_str("[]"),
        }
    }
    out
}

fn project(path: &[Step], form: &Form) -> KeyProject {
    let key = key_of(path);
    let sample = SAMPLES.iter().find(|(known, _)| *known == key).map(|(_, text)| parse(text));
    let mut tree = build(path, 0, form.value(sample));
    let mut root = json!({
        "services": { "b": { "image": "y" } },
        "networks": { "n": {} },
        "volumes": { "v": {} },
        "configs": { "c": { "file": "./c.txt" } },
        "secrets": { "s": { "file": "./c.txt" } },
        "models": { "m": { "model": "ai/x" } },
    });
    if let Some(Step::Key(section)) = path.first().filter(|_| path.len() > 1)
        && section != "services"
        && let Some(root) = root.as_object_mut()
    {
        root.remove(section);
    }
    merge(&mut tree, &mut root);
    let mut at = String::new();
    for (depth, step) in path.iter().enumerate() {
        match step {
            Step::Key(key) if at.is_empty() => at.push_str(key),
            Step::Key(key) => at.extend([".", key]),
            Step::Entry => {
                let name = entry_name(&key_of(path.get(..depth).unwrap_or_default()));
                let quoted = name.contains('.');
                at.extend([if quoted { "[\"" } else { "." }, &name, if quoted { "\"]" } else { "" }]);
            }
            Step::Item => at.push_str("[0]"),
        }
    }
    KeyProject { key, path: at, text: tree.to_string() }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// The value inside everything its path needs around it.
fn build(path: &[Step], depth: usize, value: Value) -> Value {
    let here = key_of(path.get(..depth).unwrap_or_default());
    let mut node = match path.get(depth) {
        None => return value,
        Some(Step::Key(key)) => object(key, build(path, depth + 1, value)),
        Some(Step::Entry) => object(&entry_name(&here), build(path, depth + 1, value)),
        Some(Step::Item) => Value::Array(vec![build(path, depth + 1, value)]),
    };
    let full = key_of(path);
    let fits = |(place, unless, _): &&(&str, &[&str], &str)| {
        *place == here && !unless.iter().any(|prefix| full.starts_with(prefix))
    };
    for (_, _, around) in AROUND.iter().filter(fits) {
        merge(&mut node, &mut parse(around));
    }
    node
}

fn object(key: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(key.to_owned(), value)]))
}

/// The name an entry has in the project.
fn entry_name(parent: &str) -> String {
    let name = match parent.rsplit('.').next().unwrap_or(parent) {
        "services" => "a",
        "networks" => "n",
        "volumes" => "v",
        "configs" => "c",
        "secrets" => "s",
        "models" => "m",
        "depends_on" => "b",
        "ulimits" => "nofile",
        "extra_hosts" => "host",
        "sysctls" => "net.ipv4.tcp_rmem",
        _ => "k",
    };
    name.to_owned()
}

/// Adds what `other` has and `node` has not.
fn merge(node: &mut Value, other: &mut Value) {
    let (Value::Object(node), Value::Object(other)) = (node, other) else { return };
    for (key, value) in std::mem::take(other) {
        let mut value = value;
        match node.get_mut(&key) {
            Some(known) => merge(known, &mut value),
            None => drop(node.insert(key, value)),
        }
    }
}

/// Forms of a mount that are no bind mount.
const NOT_BIND: &[&str] = &[
    "services.*.volumes[].c",
    "services.*.volumes[].im",
    "services.*.volumes[].r",
    "services.*.volumes[].s",
    "services.*.volumes[].t",
    "services.*.volumes[].v",
];

/// Forms of a mount that are no mount of memory.
const NOT_TMPFS: &[&str] = &[
    "services.*.volumes[].b",
    "services.*.volumes[].c",
    "services.*.volumes[].im",
    "services.*.volumes[].r",
    "services.*.volumes[].s",
    "services.*.volumes[].ta",
    "services.*.volumes[].ty",
    "services.*.volumes[].v",
];

/// Forms of a mount that are no mount of an image.
const NOT_IMAGE: &[&str] = &[
    "services.*.volumes[].b",
    "services.*.volumes[].c",
    "services.*.volumes[].r",
    "services.*.volumes[].s",
    "services.*.volumes[].t",
    "services.*.volumes[].v",
];

/// What stands around a key: place, keys it is not added for, and the text.
const AROUND: &[(&str, &[&str], &str)] = &[
    (
        "services.*",
        &["services.*.image", "services.*.build", "services.*.provider", "services.*.extends"],
        r#"{"image": "x"}"#,
    ),
    ("services.*.build", &["services.*.build.dockerfile_inline"], r#"{"context": "./w"}"#),
    ("services.*.build.secrets[]", &[], r#"{"source": "s"}"#),
    ("services.*.blkio_config.device_read_bps[]", &[], r#"{"path": "/dev/sda", "rate": 1}"#),
    ("services.*.blkio_config.device_read_iops[]", &[], r#"{"path": "/dev/sda", "rate": 1}"#),
    ("services.*.blkio_config.device_write_bps[]", &[], r#"{"path": "/dev/sda", "rate": 1}"#),
    ("services.*.blkio_config.device_write_iops[]", &[], r#"{"path": "/dev/sda", "rate": 1}"#),
    ("services.*.blkio_config.weight_device[]", &[], r#"{"path": "/dev/sda", "weight": 10}"#),
    ("services.*.configs[]", &[], r#"{"source": "c"}"#),
    ("services.*.secrets[]", &[], r#"{"source": "s"}"#),
    ("services.*.depends_on.*", &[], r#"{"condition": "service_started"}"#),
    ("services.*.deploy.resources.reservations.devices[]", &[], r#"{"capabilities": ["gpu"]}"#),
    (
        "services.*.deploy.resources.reservations.generic_resources[].discrete_resource_spec",
        &[],
        r#"{"kind": "ssd", "value": 1}"#,
    ),
    ("services.*.deploy.restart_policy", &[], r#"{"condition": "on-failure"}"#),
    (
        "services.*.develop.watch[]",
        &["services.*.develop.watch[].exec"],
        r#"{"path": "./w", "action": "sync", "target": "/w"}"#,
    ),
    (
        "services.*.develop.watch[]",
        &[
            "services.*.develop.watch[].ig",
            "services.*.develop.watch[].in",
            "services.*.develop.watch[].p",
            "services.*.develop.watch[].a",
            "services.*.develop.watch[].t",
        ],
        r#"{"path": "./w", "action": "sync+exec", "target": "/w"}"#,
    ),
    ("services.*.develop.watch[].exec", &[], r#"{"command": ["x"]}"#),
    ("services.*.devices[]", &[], r#"{"source": "/dev/a", "target": "/dev/b"}"#),
    ("services.*.env_file[]", &[], r#"{"path": "e.env"}"#),
    ("services.*.extends", &[], r#"{"service": "b"}"#),
    ("services.*.gpus[]", &[], r#"{"capabilities": ["gpu"]}"#),
    ("services.*.healthcheck", &["services.*.healthcheck.disable"], r#"{"test": ["CMD", "x"]}"#),
    ("services.*.logging", &[], r#"{"driver": "syslog"}"#),
    ("services.*.ports[]", &[], r#"{"target": 80, "published": "8080"}"#),
    ("services.*.post_start[]", &[], r#"{"command": ["x"]}"#),
    ("services.*.pre_start[]", &[], r#"{"command": ["x"], "image": "x"}"#),
    ("services.*.pre_stop[]", &[], r#"{"command": ["x"]}"#),
    ("services.*.provider", &[], r#"{"type": "x"}"#),
    ("services.*.build.ulimits.*", &[], r#"{"soft": 1, "hard": 2}"#),
    ("services.*.ulimits.*", &[], r#"{"soft": 1, "hard": 2}"#),
    (
        "services.*.volumes[]",
        &["services.*.volumes[].bind", "services.*.volumes[].tmpfs", "services.*.volumes[].image"],
        r#"{"type": "volume", "source": "v", "target": "/data"}"#,
    ),
    ("services.*.volumes[]", NOT_BIND, r#"{"type": "bind", "source": "./w", "target": "/srv/files"}"#),
    ("services.*.volumes[]", NOT_TMPFS, r#"{"type": "tmpfs", "target": "/run"}"#),
    ("services.*.volumes[]", NOT_IMAGE, r#"{"type": "image", "source": "y", "target": "/files"}"#),
    ("include[]", &[], r#"{"path": "base2.yaml"}"#),
    ("networks.*.ipam.config[]", &[], r#"{"subnet": "10.9.0.0/16"}"#),
    ("models.*", &[], r#"{"model": "ai/x"}"#),
    (
        "configs.*",
        &["configs.*.content", "configs.*.environment", "configs.*.external", "configs.*.file"],
        r#"{"file": "./c.txt"}"#,
    ),
    ("secrets.*", &["secrets.*.environment", "secrets.*.external", "secrets.*.file"], r#"{"file": "./c.txt"}"#),
];

/// Values that mean something where a value of the type alone would not. JSON; what is none is a text.
const SAMPLES: &[(&str, &str)] = &[
    ("name", "p"),
    ("version", r#""3.8""#),
    ("include[]", "base2.yaml"),
    ("include[].path", "base2.yaml"),
    ("include[].path[]", "base2.yaml"),
    ("include[].env_file", "e.env"),
    ("include[].env_file[]", "e.env"),
    ("include[].project_directory", "."),
    ("configs.*.environment", "TOKEN"),
    ("configs.*.file", "./c.txt"),
    ("secrets.*.environment", "TOKEN"),
    ("secrets.*.file", "./c.txt"),
    ("networks.*.driver", "macvlan"),
    ("networks.*.ipam.config[].subnet", "10.9.0.0/16"),
    ("networks.*.ipam.config[].ip_range", "10.9.1.0/24"),
    ("networks.*.ipam.config[].gateway", "10.9.0.1"),
    ("networks.*.ipam.config[].aux_addresses.*", "10.9.0.9"),
    ("services.*.build", "./w"),
    ("services.*.build.additional_contexts.*", "./w"),
    ("services.*.build.additional_contexts[]", "k=./w"),
    ("services.*.build.args[]", "A=1"),
    ("services.*.build.context", "./w"),
    ("services.*.build.dockerfile_inline", "FROM scratch"),
    ("services.*.build.extra_hosts.*", "10.0.0.1"),
    ("services.*.build.extra_hosts.*[]", "10.0.0.1"),
    ("services.*.build.extra_hosts[]", "host=10.0.0.1"),
    ("services.*.build.labels[]", "a=b"),
    ("services.*.build.platforms[]", "linux/arm64"),
    ("services.*.build.secrets[]", "s"),
    ("services.*.build.secrets[].source", "s"),
    ("services.*.build.secrets[].mode", r#""0400""#),
    ("services.*.build.shm_size", r#""64m""#),
    ("services.*.build.ssh.*", "/key"),
    ("services.*.build.ssh[]", "default"),
    ("services.*.build.ulimits.*.soft", "1"),
    ("services.*.build.ulimits.*.hard", "2"),
    ("services.*.annotations[]", "a=b"),
    ("services.*.blkio_config.weight", "300"),
    ("services.*.cap_add[]", "NET_ADMIN"),
    ("services.*.cap_drop[]", "ALL"),
    ("services.*.cgroup", "private"),
    ("services.*.configs[]", "c"),
    ("services.*.configs[].source", "c"),
    ("services.*.configs[].mode", r#""0440""#),
    ("services.*.configs[].uid", r#""103""#),
    ("services.*.configs[].gid", r#""103""#),
    ("services.*.container_name", "named"),
    ("services.*.cpu_quota", "50000"),
    ("services.*.cpu_period", "100000"),
    ("services.*.cpu_count", "2"),
    ("services.*.cpu_rt_period", "400000"),
    ("services.*.cpu_rt_runtime", "400000"),
    ("services.*.cpus", "0.5"),
    ("services.*.cpuset", r#""0,1""#),
    ("services.*.credential_spec.config", "c"),
    ("services.*.depends_on[]", "b"),
    ("services.*.depends_on.*.condition", "service_healthy"),
    ("services.*.deploy.mode", "global"),
    ("services.*.deploy.endpoint_mode", "dnsrr"),
    ("services.*.deploy.labels[]", "a=b"),
    ("services.*.deploy.replicas", "2"),
    ("services.*.deploy.placement.constraints[]", "node.labels.zone == a"),
    ("services.*.deploy.placement.preferences[].spread", "node.labels.zone"),
    ("services.*.deploy.resources.limits.cpus", r#""0.5""#),
    ("services.*.deploy.resources.limits.memory", "64M"),
    ("services.*.deploy.resources.reservations.cpus", r#""0.25""#),
    ("services.*.deploy.resources.reservations.memory", "32M"),
    ("services.*.deploy.resources.reservations.devices[].capabilities[]", "gpu"),
    ("services.*.deploy.resources.reservations.devices[].device_ids[]", r#""0""#),
    ("services.*.deploy.resources.reservations.devices[].options[]", "a=b"),
    ("services.*.deploy.restart_policy.condition", "on-failure"),
    ("services.*.deploy.restart_policy.delay", "5s"),
    ("services.*.deploy.restart_policy.window", "60s"),
    ("services.*.deploy.rollback_config.delay", "5s"),
    ("services.*.deploy.rollback_config.failure_action", "pause"),
    ("services.*.deploy.rollback_config.monitor", "5s"),
    ("services.*.deploy.rollback_config.max_failure_ratio", "0.5"),
    ("services.*.deploy.rollback_config.order", "start-first"),
    ("services.*.deploy.update_config.delay", "5s"),
    ("services.*.deploy.update_config.failure_action", "pause"),
    ("services.*.deploy.update_config.monitor", "5s"),
    ("services.*.deploy.update_config.max_failure_ratio", "0.5"),
    ("services.*.deploy.update_config.order", "start-first"),
    ("services.*.develop.watch[].path", "./w"),
    ("services.*.develop.watch[].action", "rebuild"),
    ("services.*.develop.watch[].exec.environment[]", "A=b"),
    ("services.*.device_cgroup_rules[]", "c 1:3 mr"),
    ("services.*.devices[]", "/dev/a:/dev/b:r"),
    ("services.*.devices[].source", "/dev/a"),
    ("services.*.devices[].target", "/dev/b"),
    ("services.*.devices[].permissions", "r"),
    ("services.*.dns", "1.1.1.1"),
    ("services.*.dns[]", "1.1.1.1"),
    ("services.*.dns_opt[]", "ndots:2"),
    ("services.*.dns_search", "example.com"),
    ("services.*.dns_search[]", "example.com"),
    ("services.*.domainname", "example.com"),
    ("services.*.env_file", "e.env"),
    ("services.*.env_file[]", "e.env"),
    ("services.*.env_file[].path", "e.env"),
    ("services.*.env_file[].format", "raw"),
    ("services.*.environment[]", "A=b"),
    ("services.*.expose[]", r#""3000""#),
    ("services.*.extends", "b"),
    ("services.*.extends.service", "b"),
    ("services.*.extends.file", "base.yaml"),
    ("services.*.external_links[]", "old:legacy"),
    ("services.*.extra_hosts.*", "10.0.0.1"),
    ("services.*.extra_hosts.*[]", "10.0.0.1"),
    ("services.*.extra_hosts[]", "host=10.0.0.1"),
    ("services.*.gpus[].capabilities[]", "gpu"),
    ("services.*.gpus[].device_ids[]", r#""0""#),
    ("services.*.gpus[].options[]", "a=b"),
    ("services.*.group_add[]", r#""100""#),
    ("services.*.healthcheck.interval", "5s"),
    ("services.*.healthcheck.timeout", "5s"),
    ("services.*.healthcheck.start_period", "5s"),
    ("services.*.healthcheck.start_interval", "5s"),
    ("services.*.healthcheck.test", "curl x || exit 1"),
    ("services.*.healthcheck.test[]", "NONE"),
    ("services.*.hostname", "named"),
    ("services.*.ipc", "host"),
    ("services.*.label_file", "l.env"),
    ("services.*.label_file[]", "l.env"),
    ("services.*.labels[]", "a=b"),
    ("services.*.links[]", "b:other"),
    ("services.*.mac_address", "02:42:ac:11:65:43"),
    ("services.*.mem_limit", r#""64m""#),
    ("services.*.mem_reservation", r#""32m""#),
    ("services.*.mem_swappiness", "60"),
    ("services.*.memswap_limit", r#""128m""#),
    ("services.*.models[]", "m"),
    ("services.*.network_mode", "host"),
    ("services.*.networks[]", "n"),
    ("services.*.networks.*.ipv4_address", "10.9.0.5"),
    ("services.*.networks.*.ipv6_address", "2001:db8::5"),
    ("services.*.networks.*.link_local_ips[]", "169.254.1.1"),
    ("services.*.networks.*.mac_address", "02:42:ac:11:65:43"),
    ("services.*.oom_score_adj", "100"),
    ("services.*.pid", "host"),
    ("services.*.pids_limit", "100"),
    ("services.*.platform", "linux/arm64"),
    ("services.*.ports[]", r#""8080:80""#),
    ("services.*.ports[].mode", "host"),
    ("services.*.ports[].name", "web"),
    ("services.*.ports[].host_ip", "127.0.0.1"),
    ("services.*.ports[].target", "80"),
    ("services.*.ports[].published", r#""8080""#),
    ("services.*.ports[].protocol", "udp"),
    ("services.*.ports[].app_protocol", "http"),
    ("services.*.post_start[].environment[]", "A=b"),
    ("services.*.pre_start[].environment[]", "A=b"),
    ("services.*.pre_stop[].environment[]", "A=b"),
    ("services.*.profiles[]", "p"),
    ("services.*.pull_policy", "always"),
    ("services.*.pull_refresh_after", "24h"),
    ("services.*.restart", "always"),
    ("services.*.scale", "2"),
    ("services.*.secrets[]", "s"),
    ("services.*.secrets[].source", "s"),
    ("services.*.secrets[].mode", r#""0400""#),
    ("services.*.secrets[].uid", r#""103""#),
    ("services.*.secrets[].gid", r#""103""#),
    ("services.*.security_opt[]", "no-new-privileges:true"),
    ("services.*.shm_size", r#""64m""#),
    ("services.*.stop_grace_period", "20s"),
    ("services.*.stop_signal", "SIGQUIT"),
    ("services.*.storage_opt", r#"{"size": "1G"}"#),
    ("services.*.sysctls[]", "net.ipv4.tcp_rmem=1"),
    ("services.*.tmpfs", "/run"),
    ("services.*.tmpfs[]", "/run:size=64m"),
    ("services.*.ulimits.*.soft", "1"),
    ("services.*.ulimits.*.hard", "2"),
    ("services.*.user", r#""1000:1000""#),
    ("services.*.userns_mode", "host"),
    ("services.*.uts", "host"),
    ("services.*.volumes[]", "v:/data"),
    ("services.*.volumes[].type", "volume"),
    ("services.*.volumes[].source", "v"),
    ("services.*.volumes[].target", "/data"),
    ("services.*.volumes[].bind.propagation", "rshared"),
    ("services.*.volumes[].bind.recursive", "disabled"),
    ("services.*.volumes[].bind.selinux", "z"),
    ("services.*.volumes[].volume.labels[]", "a=b"),
    ("services.*.volumes[].tmpfs.size", r#""64m""#),
    ("services.*.volumes[].tmpfs.mode", "448"),
    ("services.*.volumes_from[]", "b"),
    ("services.*.working_dir", "/work"),
    ("services.*.cpu_percent", "50"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_project_that_holds_it() {
        let schema = json!({
            "properties": { "name": { "type": "string" }, "services": { "patternProperties": { ".": { "$ref": "#/$defs/service" } } } },
            "$defs": { "service": { "properties": { "image": { "type": "string" }, "ports": { "items": { "oneOf": [
                { "type": "string" }, { "properties": { "target": { "type": ["integer", "string"] } } } ] } } } } },
        });
        let all = projects(&schema);
        let keys: Vec<(&str, &str)> = all.iter().map(|p| (p.key.as_str(), p.path.as_str())).collect();
        let expect = [
            ("name", "name"),
            ("services.*.image", "services.a.image"),
            ("services.*.ports[]", "services.a.ports[0]"),
            ("services.*.ports[].target", "services.a.ports[0].target"),
            ("services.*.ports[].target", "services.a.ports[0].target"),
        ];
        assert_eq!(keys, expect, "a key of two types has a project for each");
        assert!(all[3].text.contains(r#""target":80"#), "{}", all[3].text);
        assert!(all[4].text.contains(r#""target":"80""#), "{}", all[4].text);
    }
}
