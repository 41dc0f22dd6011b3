//! Every key of the Compose schema, from a file to Kubernetes: each leaf has a line, and each line says something.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use tranship_compose::lift::{Lifted, lift};
use tranship_compose::{LoadOptions, load};
use tranship_kube::lower::{Options, lower};
use tranship_model::{At, Entry, Ledger, Outcome};
use tranship_source::MemoryWorld;
use tranship_testing::compose_keys::{FILES, KeyProject, REFUSED, projects};

/// What became of one key's project.
struct Account {
    project: KeyProject,
    ledger: Ledger,
    leaves: Vec<At>,
}

impl Account {
    /// Entries about the key itself. What the loader makes a mapping or a list of is found by its section.
    fn own(&self) -> Vec<&Entry> {
        let path = self.project.path.as_str();
        let sections = path.rmatch_indices(['[', '.']).filter_map(|(at, _)| path.get(..at));
        let sections = sections.filter(|section| section.matches('.').count() >= 2);
        let mut found = std::iter::once(path).chain(sections).map(|section| self.about(section));
        found.find(|entries| !entries.is_empty()).unwrap_or_default()
    }

    /// Entries at or below a path, and those above it that speak for all they hold.
    fn about(&self, path: &str) -> Vec<&Entry> {
        let is_about = |entry: &&Entry| {
            let below =
                entry.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
            let above = path.strip_prefix(&*entry.path).is_some_and(|rest| rest.starts_with(['.', '[']));
            below || (above && entry.whole)
        };
        self.ledger.entries.iter().filter(is_about).collect()
    }
}

static TRIED: LazyLock<(Vec<Account>, Vec<String>)> = LazyLock::new(|| {
    let schema = include_str!("../../tranship-compose/schema/compose-spec.json");
    let schema = serde_json::from_str(schema).expect("the embedded schema is JSON");
    let tried = projects(&schema).into_iter().map(|project| (project.clone(), account(project)));
    let (read, refused): (Vec<_>, Vec<_>) = tried.partition(|(_, account)| account.is_some());
    let refused: Vec<String> = refused.into_iter().map(|(project, _)| project.text).collect();
    (read.into_iter().filter_map(|(_, account)| account).collect(), refused)
});

/// What the loader reads of the projects, and the text of each that it refuses.
static ACCOUNTS: LazyLock<&'static Vec<Account>> = LazyLock::new(|| &TRIED.0);

fn account(project: KeyProject) -> Option<Account> {
    let mut world = MemoryWorld::new().with("compose.yaml", project.text.as_str()).with_env("TOKEN", "t0k3n");
    for (path, content) in FILES {
        world = world.with(path, *content);
    }
    let options = LoadOptions { profiles: vec!["p".to_owned()], all_resources: true, ..LoadOptions::default() };
    let loaded = load(&world, &options);
    let Lifted { stack, ledger, leaves, settings: _ } = lift(loaded.project.as_ref()?, &loaded.sources, &world).value;
    let ledger = lower(&stack, &Options::default(), ledger).value.ledger;
    Some(Account { project, ledger, leaves })
}

/// Field of the object and the keys that have to stand there. `*` is a service or an entry, as in the schema.
const EXPECTED: &[(&str, &str)] = &[
    ("services.*.image", "containers[0].image"),
    ("services.*.pull_policy", "containers[0].imagePullPolicy"),
    ("services.*.command", "containers[0].args"),
    ("services.*.entrypoint", "containers[0].command"),
    ("services.*.working_dir", "containers[0].workingDir"),
    ("services.*.environment[]", "containers[0].env"),
    ("services.*.environment.*", "containers[0].env"),
    ("services.*.tty", "containers[0].tty"),
    ("services.*.stdin_open", "containers[0].stdin"),
    ("services.*.user", "securityContext.runAsUser"),
    ("services.*.group_add[]", "securityContext.supplementalGroups"),
    ("services.*.cap_add[]", "securityContext.capabilities.add"),
    ("services.*.cap_drop[]", "securityContext.capabilities.drop"),
    ("services.*.privileged", "securityContext.privileged"),
    ("services.*.read_only", "securityContext.readOnlyRootFilesystem"),
    ("services.*.sysctls.*", "securityContext.sysctls"),
    ("services.*.hostname", "spec.template.spec.hostname"),
    ("services.*.extra_hosts.*", "hostAliases"),
    ("services.*.extra_hosts[]", "hostAliases"),
    ("services.*.dns", "dnsConfig.nameservers"),
    ("services.*.dns[]", "dnsConfig.nameservers"),
    ("services.*.dns_search", "dnsConfig.searches"),
    ("services.*.dns_search[]", "dnsConfig.searches"),
    ("services.*.dns_opt[]", "dnsConfig.options"),
    ("services.*.stop_grace_period", "terminationGracePeriodSeconds"),
    ("services.*.shm_size", "spec.template.spec.volumes"),
    ("services.*.platform", "affinity.nodeAffinity"),
    ("services.*.container_name", "Service/"),
    ("services.*.networks.*.aliases[]", "Service/"),
    ("services.*.expose[]", "containers[0].ports"),
    ("services.*.ports[]", "spec.ports"),
    ("services.*.ports[].target", "spec.ports"),
    ("services.*.ports[].name", "spec.ports"),
    ("services.*.ports[].app_protocol", "appProtocol"),
    ("services.*.ports[].protocol", "spec.ports"),
    ("services.*.healthcheck.test", "readinessProbe.exec.command"),
    ("services.*.healthcheck.interval", "readinessProbe.periodSeconds"),
    ("services.*.healthcheck.timeout", "readinessProbe.timeoutSeconds"),
    ("services.*.healthcheck.retries", "readinessProbe.failureThreshold"),
    ("services.*.healthcheck.start_period", "startupProbe"),
    ("services.*.cpus", "resources.limits.cpu"),
    ("services.*.mem_limit", "resources.limits.memory"),
    ("services.*.mem_reservation", "resources.requests.memory"),
    ("services.*.gpus", "resources.limits"),
    ("services.*.gpus[].count", "resources.limits"),
    ("services.*.scale", "spec.replicas"),
    ("services.*.deploy.replicas", "spec.replicas"),
    ("services.*.deploy.resources.limits.cpus", "resources.limits.cpu"),
    ("services.*.deploy.resources.limits.memory", "resources.limits.memory"),
    ("services.*.deploy.resources.reservations.cpus", "resources.requests.cpu"),
    ("services.*.deploy.resources.reservations.memory", "resources.requests.memory"),
    ("services.*.deploy.resources.reservations.devices[].count", "resources.limits"),
    ("services.*.deploy.update_config.parallelism", "spec.strategy"),
    ("services.*.deploy.update_config.order", "spec.strategy"),
    ("services.*.deploy.update_config.monitor", "spec.minReadySeconds"),
    ("services.*.deploy.placement.constraints[]", "affinity.nodeAffinity"),
    ("services.*.deploy.placement.preferences[].spread", "topologySpreadConstraints"),
    ("services.*.deploy.placement.max_replicas_per_node", "podAntiAffinity"),
    ("services.*.labels.*", "metadata.annotations"),
    ("services.*.labels[]", "metadata.annotations"),
    ("services.*.annotations.*", "metadata.annotations"),
    ("services.*.annotations[]", "metadata.annotations"),
    ("services.*.configs[]", "ConfigMap/"),
    ("services.*.configs[].source", "ConfigMap/"),
    ("services.*.configs[].target", "ConfigMap/"),
    ("services.*.configs[].mode", "ConfigMap/"),
    ("services.*.secrets[]", "Secret/"),
    ("services.*.secrets[].source", "Secret/"),
    ("services.*.secrets[].target", "Secret/"),
    ("services.*.secrets[].mode", "Secret/"),
    ("services.*.tmpfs", "spec.template.spec.volumes"),
    ("services.*.tmpfs[]", "spec.template.spec.volumes"),
    ("services.*.volumes[].tmpfs.size", "spec.template.spec.volumes"),
    ("services.*.volumes[].read_only", "volumeMounts"),
    ("services.*.volumes[].volume.subpath", "volumeMounts"),
    ("services.*.pre_start[].command", "spec.template.spec.initContainers"),
    ("services.*.pre_start[].image", "spec.template.spec.initContainers"),
    ("services.*.pre_start[].user", "spec.template.spec.initContainers"),
    ("services.*.post_start[].command", "lifecycle.postStart"),
    ("services.*.pre_stop[].command", "lifecycle.preStop"),
    ("services.*.network_mode", "hostNetwork"),
    ("services.*.pid", "hostPID"),
    ("services.*.ipc", "hostIPC"),
    ("configs.*.content", "ConfigMap/"),
    ("configs.*.file", "ConfigMap/"),
    ("configs.*.environment", "ConfigMap/"),
    ("secrets.*.file", "Secret/"),
    ("secrets.*.environment", "Secret/"),
    ("services.*.volumes[].source", "volumeMounts"),
    ("services.*.volumes[].target", "volumeMounts"),
];

/// Keys that the loader uses up: what they bring in has its lines, and they are no part of the resolved project.
fn is_used_up(key: &str) -> bool {
    let used_up = ["version", "include", "env_file", "label_file", "extends", "pull_refresh_after", "external.name"];
    used_up.iter().any(|used| key.contains(used))
}

#[test]
fn every_leaf_of_every_key_has_a_line() {
    let mut faults = Vec::new();
    println!("{:<64} {:<11} where, or why not", "key", "outcome");
    for account in *ACCOUNTS {
        let missing = account.ledger.unaccounted(&account.leaves);
        faults.extend(missing.iter().map(|at| format!("{}: no line for {}", account.project.key, at.path)));
        for entry in account.own().into_iter().take(1) {
            println!("{:<64} {:<11} {}", account.project.key, entry.outcome.word(), said(&entry.outcome));
        }
        let is_null = account.project.text.contains(":null");
        if account.own().is_empty() && !is_null && !is_used_up(&account.project.key) {
            faults.push(format!("{}: no entry about the key", account.project.key));
        }
    }
    assert!(faults.is_empty(), "{} fall short:\n{}", faults.len(), faults.join("\n"));
    assert!(ACCOUNTS.len() > 480, "only {} forms were tried", ACCOUNTS.len());
}

#[test]
fn every_form_of_every_key_is_read_or_refused_as_docker_compose_refuses_it() {
    let known = |text: &&String| REFUSED.iter().any(|part| text.contains(part));
    let faults: Vec<&String> = TRIED.1.iter().filter(|text| !known(text)).collect();
    assert!(faults.is_empty(), "{} are refused:\n{faults:#?}", faults.len());
}

fn said(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Kept { to } | Outcome::Translated { to, .. } => to,
        Outcome::Decided { why } | Outcome::Dropped { why, .. } => why,
    }
}

#[test]
fn keys_that_kubernetes_has_stand_in_the_field_they_belong_to() {
    let mut faults = Vec::new();
    for (key, field) in EXPECTED {
        let of_key: Vec<&Account> = ACCOUNTS.iter().filter(|account| account.project.key == *key).collect();
        if of_key.is_empty() {
            faults.push(format!("{key}: no project uses it"));
        }
        let stands = |entry: &Entry| match &entry.outcome {
            Outcome::Kept { to } | Outcome::Translated { to, .. } => to.contains(field),
            Outcome::Decided { .. } | Outcome::Dropped { .. } => false,
        };
        if !of_key.iter().any(|account| account.own().into_iter().any(stands)) {
            let found: Vec<String> = of_key
                .iter()
                .flat_map(|account| account.own())
                .map(|entry| format!("    {} {}: {}", entry.path, entry.outcome.word(), said(&entry.outcome)))
                .collect();
            faults.push(format!("{key}: does not stand in {field}\n{}", found.join("\n")));
        }
    }
    assert!(faults.is_empty(), "{} fall short:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn what_is_kept_or_translated_has_a_field_to_show_and_what_is_dropped_a_reason() {
    for account in *ACCOUNTS {
        for entry in &account.ledger.entries {
            assert!(!said(&entry.outcome).trim().is_empty(), "{}: {}", account.project.key, entry.path);
        }
    }
}

#[test]
fn unrelated_keys_share_no_reason() {
    let mut users: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for account in *ACCOUNTS {
        for entry in account.own() {
            let (Outcome::Dropped { why, .. } | Outcome::Decided { why }) = &entry.outcome else { continue };
            users.entry(why).or_default().insert(family(&account.project.key));
        }
    }
    let unrelated =
        |keys: &BTreeSet<String>| !RELATED.iter().any(|set| keys.iter().all(|key| set.contains(&key.as_str())));
    let shared: Vec<_> = users
        .iter()
        .filter(|(_, keys)| keys.len() > 1 && unrelated(keys))
        .map(|(why, keys)| format!("{why}: {keys:?}"))
        .collect();
    assert!(shared.is_empty(), "{}", shared.join("\n"));
}

/// Keys that are one and the same thing by two names.
const RELATED: &[&[&str]] = &[&["pre_start", "post_start", "pre_stop"], &["deploy", "gpus"], &["deploy", "pids_limit"]];

/// The key a reader would look up: the first one below the service or the section.
fn family(key: &str) -> String {
    key.trim_start_matches("services.*.").split(['.', '[']).next().unwrap_or(key).to_owned()
}
