//! Every key of the Compose schema, loaded and lifted: none is a gap, none goes without a line, no reason is shared.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use tranship_model::Outcome;
use tranship_source::{Checked, MemoryWorld, Severity};
use tranship_testing::compose_keys::{self, FILES, KeyProject, projects};

use super::tests::unaccounted;
use super::{Lifted, lift};
use crate::{LoadOptions, load};

/// Keys whose every value docker compose itself refuses: its schema and its types disagree.
const REFUSED: &[&str] = &["services.*.cpu_percent"];

type Outcomes = Vec<(KeyProject, Result<Checked<Lifted>, String>)>;

/// Every key's project and what lifting gave, made once for all tests.
static KEYS: LazyLock<Outcomes> = LazyLock::new(|| {
    let schema = serde_json::from_str(include_str!("../../schema/compose-spec.json")).unwrap();
    let each = |project: KeyProject| {
        let checked = lifted(&project);
        (project, checked)
    };
    projects(&schema).into_iter().map(each).collect()
});

fn lifted(project: &KeyProject) -> Result<Checked<Lifted>, String> {
    let mut world = MemoryWorld::new().with("compose.yaml", project.text.as_str()).with_env("TOKEN", "t0k3n");
    for (path, content) in FILES {
        world = world.with(path, *content);
    }
    let options = LoadOptions { profiles: vec!["p".to_owned()], all_resources: true, ..LoadOptions::default() };
    let loaded = load(&world, &options);
    let Some(loaded_project) = &loaded.project else {
        let faults = loaded.diagnostics.iter().filter(|d| d.severity == Severity::Error);
        return Err(faults.map(|d| d.message.clone()).collect::<Vec<_>>().join("; "));
    };
    Ok(lift(loaded_project, &loaded.sources, &world))
}

#[test]
fn every_key_of_the_schema_is_lifted_without_a_gap() {
    let mut faults = Vec::new();
    for (project, checked) in KEYS.iter() {
        match checked {
            Err(why) if REFUSED.contains(&project.key.as_str()) => assert!(!why.is_empty()),
            Err(_) if compose_keys::REFUSED.iter().any(|form| project.text.contains(form)) => {}
            Err(why) => faults.push(format!("{}: does not load: {why}\n  {}", project.key, project.text)),
            Ok(checked) => {
                let gaps = checked.diagnostics.iter().filter(|d| d.code == "ledger-gap");
                faults.extend(gaps.map(|gap| format!("{}: {}", project.key, gap.message)));
                let missing = unaccounted(&checked.value);
                faults.extend(missing.iter().map(|path| format!("{}: no line for {path}", project.key)));
            }
        }
    }
    assert!(faults.is_empty(), "{} of the schema's keys fall short:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn unrelated_keys_share_no_reason() {
    let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (project, checked) in KEYS.iter() {
        let Ok(checked) = checked else { continue };
        for entry in &checked.value.ledger.entries {
            let (Outcome::Dropped { why, .. } | Outcome::Decided { why }) = &entry.outcome else { continue };
            if entry.path.starts_with(project.path.as_str()) {
                users.entry(why.clone()).or_default().insert(project.key.clone());
            }
        }
    }
    let family = |key: &str| key.trim_start_matches("services.*.").split(['.', '[']).next().unwrap_or(key).to_owned();
    let shared: Vec<String> = users
        .iter()
        .filter(|(_, keys)| keys.iter().map(|key| family(key)).collect::<BTreeSet<_>>().len() > 1)
        .map(|(why, keys)| format!("{why}: {keys:?}"))
        .collect();
    assert!(shared.is_empty(), "{}", shared.join("\n"));
}

/// The keys that only the container engine has, each with what is said about it.
#[test]
fn keys_of_the_engine_alone_are_dropped_with_a_reason() {
    let expected = [
        "blkio_config.weight",
        "cgroup",
        "cgroup_parent",
        "cpu_count",
        "cpu_rt_period",
        "cpu_rt_runtime",
        "cpu_shares",
        "cpuset",
        "credential_spec.file",
        "device_cgroup_rules[]",
        "external_links[]",
        "isolation",
        "mac_address",
        "mem_swappiness",
        "memswap_limit",
        "oom_kill_disable",
        "oom_score_adj",
        "storage_opt",
        "use_api_socket",
    ];
    for key in expected {
        let full = format!("services.*.{key}");
        let found = KEYS.iter().find(|(project, _)| project.key == full);
        let Some((project, Ok(checked))) = found else { panic!("{full} does not load") };
        let dropped = checked.value.ledger.entries.iter().any(|entry| {
            entry.path.starts_with(project.path.as_str()) && matches!(entry.outcome, Outcome::Dropped { .. })
        });
        assert!(dropped, "{full} has no line that it is dropped");
    }
}
