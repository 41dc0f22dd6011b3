//! The comparison agrees with a right lowering and catches every wrong one.

use std::collections::BTreeMap;

use tranship_compose::{LoadOptions, load};
use tranship_kube::lower::{Options, lower};
use tranship_kube::names::NameKind;
use tranship_kube::{Object, ObjectSet};
use tranship_model::diff::diff;
use tranship_model::launch::Same;
use tranship_model::tree::tree;
use tranship_source::MemoryWorld;
use tranship_source::yaml::{Key, Node, Value};
use tranship_testing::compose_keys::{FILES, projects};

use super::{Sides, compare};
use crate::back::explain;
use crate::{carried, rewrite};

const TEXT: &str = r#"
name: proof
services:
  web:
    image: nginx:1.29
    command: [serve, "$$(HOME)", "a b", '']
    environment: {PLAIN: "x$$y", DB_PASSWORD: "p$$(a)ss$$$$", URL: "http://my_db:80/my_db", EMPTY: ""}
    working_dir: /srv
    user: "1000:1001"
    group_add: ["5"]
    hostname: front
    tty: true
    read_only: true
    shm_size: 128m
    stop_grace_period: 1m
    tmpfs: ["/run:size=64m"]
    volumes:
      - "data:/data"
      - "./site.conf:/etc/site.conf:ro"
      - "./conf.d:/etc/conf.d:ro"
    configs: [{source: text, target: /text}]
    secrets: [key]
  my_db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: secret}
    volumes: ["pg:/var/lib/postgresql/data"]
configs: {text: {content: "hello $$world"}}
secrets: {key: {file: ./key}}
volumes: {data: {}, pg: {}}
"#;

fn world() -> MemoryWorld {
    MemoryWorld::new()
        .with("compose.yaml", TEXT)
        .with("site.conf", "listen 80;\n")
        .with("conf.d/a.conf", "a\n")
        .with_mode("conf.d/b.sh", 0o755, "#!/bin/sh\n")
        .with("key", "k")
}

/// What the comparison says of the objects after `spoil` had its way with them.
fn same(spoil: impl Fn(&mut ObjectSet)) -> Same {
    let world = world();
    let loaded = load(&world, &LoadOptions::default());
    let project = loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let lifted = tranship_compose::lift::lift(&project, &loaded.sources, &world).value;
    let (mut stack, ledger) = (lifted.stack, lifted.ledger);
    let renamed = carried(&stack);
    rewrite(&mut stack, &renamed);
    let mut lowered = lower(&stack, &Options::default(), ledger).value;
    spoil(&mut lowered.objects);
    let compose = tranship_compose::launch::launches(&project, &|_| None);
    let kubernetes = tranship_kube::launch::launches(&lowered.objects, &|_| None);
    compare(&Sides {
        compose: &compose,
        kubernetes: &kubernetes,
        container: &|service| lowered.names.get(NameKind::Workload, service),
        image: &|_| None,
        ledger: &lowered.ledger,
        renamed: &renamed,
        world: &world,
    })
}

fn unexplained(same: &Same) -> Vec<String> {
    same.unexplained().map(|difference| format!("{} {}", difference.service, difference.what)).collect()
}

#[test]
fn a_right_lowering_differs_in_what_is_explained_alone() {
    let same = same(|_| {});
    assert_eq!(unexplained(&same), Vec::<String>::new());
    assert_eq!(same.services, 2);
    assert!(same.values > 40, "{}", same.values);
    let explained: Vec<_> = same.differences.iter().map(|d| d.what.as_str()).collect();
    assert_eq!(
        explained,
        ["variable URL", "group 1001", "mount /text"],
        "a new name, the claim's group, a file of a ConfigMap"
    );
}

fn object<'a>(set: &'a mut ObjectSet, kind: &str, name: &str) -> &'a mut Object {
    let found = set.objects.iter_mut().find(|object| object.kind() == kind && object.name() == name);
    found.unwrap_or_else(|| panic!("{kind}/{name}"))
}

/// The node at a path of keys and positions, to change.
fn at<'a>(node: &'a mut Node, path: &[&str]) -> &'a mut Node {
    path.iter().fold(node, |node, step| match &mut node.value {
        Value::Mapping(map) => map.entry(Key::from(*step)).or_insert_with(|| Value::Null.into()),
        Value::Sequence(items) => &mut items[step.parse::<usize>().unwrap()],
        _ => panic!("{step}"),
    })
}

#[test]
fn every_wrong_value_is_found() {
    let pod = ["spec", "template", "spec"];
    let container = ["spec", "template", "spec", "containers", "0"];
    let in_container: &[(&str, &[&str], Node)] = &[
        ("web argv", &["args", "1"], "$(PLAIN)".into()),
        ("web argv", &["command"], vec![Node::from("sh")].into()),
        ("web variable PLAIN", &["env", "0", "value"], "x$$$$y".into()),
        ("web variable EMPTY", &["env", "3", "value"], "e".into()),
        ("web working directory", &["workingDir"], "/".into()),
        ("web user", &["securityContext", "runAsUser"], 0_i64.into()),
        ("web user", &["securityContext", "runAsGroup"], 0_i64.into()),
        ("web terminal", &["tty"], false.into()),
        ("web standard input", &["stdin"], true.into()),
        ("web root file system", &["securityContext", "readOnlyRootFilesystem"], false.into()),
        ("web mount /data", &["volumeMounts", "0", "mountPath"], "/date".into()),
        ("web mount /data", &["volumeMounts", "0", "readOnly"], true.into()),
        ("web mount /etc/site.conf", &["volumeMounts", "1", "subPath"], "other".into()),
    ];
    for (expect, path, value) in in_container {
        let found = unexplained(&same(|set| {
            let web = &mut object(set, "Deployment", "web").tree;
            *at(web, &[&container, *path].concat()) = value.clone();
        }));
        assert!(found.iter().any(|line| line == expect), "{path:?}: {found:?}");
    }
    let in_pod: &[(&str, &[&str], Node)] = &[
        ("web host name", &["hostname"], "back".into()),
        ("web time to end", &["terminationGracePeriodSeconds"], 61_i64.into()),
        ("web group 5", &["securityContext", "supplementalGroups"], Vec::new().into()),
        ("web shared memory", &["volumes"], Vec::new().into()),
        ("web file /etc/conf.d/b.sh", &["volumes", "2", "configMap", "items", "1", "mode"], 420_i64.into()),
        ("web mount /etc/conf.d", &["volumes", "2", "configMap", "items", "1", "path"], "c.sh".into()),
    ];
    for (expect, path, value) in in_pod {
        let found = unexplained(&same(|set| {
            let web = &mut object(set, "Deployment", "web").tree;
            *at(web, &[&pod, *path].concat()) = value.clone();
        }));
        assert!(found.iter().any(|line| line == expect), "{path:?}: {found:?}");
    }
    for (expect, kind, name, path) in [
        ("web file /etc/site.conf", "ConfigMap", "site-conf", ["data", "site.conf"]),
        ("web file /text", "ConfigMap", "text", ["data", "text"]),
        ("web file /run/secrets/key", "Secret", "key", ["stringData", "key"]),
        ("web variable DB_PASSWORD", "Secret", "web-env", ["stringData", "DB_PASSWORD"]),
        ("my_db variable POSTGRES_PASSWORD", "Secret", "my-db-env", ["stringData", "POSTGRES_PASSWORD"]),
    ] {
        let found = unexplained(&same(|set| *at(&mut object(set, kind, name).tree, &path) = "other".into()));
        assert_eq!(found, [expect]);
    }
    let gone = unexplained(&same(|set| set.objects.retain(|object| object.kind() != "StatefulSet")));
    assert_eq!(gone, ["my_db container"]);
}

#[test]
fn two_volumes_never_become_one() {
    let found = unexplained(&same(|set| {
        *at(&mut object(set, "StatefulSet", "my-db").tree, &["spec", "volumeClaimTemplates"]) = Value::Null.into();
        let data = Node::from([("claimName", "data".into())]);
        let pg = Node::from([("name", "pg".into()), ("persistentVolumeClaim", data)]);
        *at(&mut object(set, "StatefulSet", "my-db").tree, &["spec", "template", "spec", "volumes"]) = vec![pg].into();
    }));
    assert_eq!(found, ["my_db mount /var/lib/postgresql/data"]);
}

#[test]
fn one_volume_of_several_replicas_never_becomes_many() {
    let found = unexplained(&same(|set| {
        *at(&mut object(set, "StatefulSet", "my-db").tree, &["spec", "replicas"]) = 2_i64.into();
    }));
    assert_eq!(found, ["my_db mount /var/lib/postgresql/data"]);
}

#[test]
fn a_file_that_the_user_of_the_process_cannot_read_is_found() {
    let secret = ["spec", "template", "spec", "volumes"];
    let found = unexplained(&same(|set| {
        let web = &mut object(set, "Deployment", "web").tree;
        *at(web, &["spec", "template", "spec", "securityContext", "fsGroup"]) = Value::Null.into();
        let volumes = at(web, &secret);
        let Value::Sequence(volumes) = &mut volumes.value else { panic!() };
        for volume in volumes.iter_mut().filter(|volume| volume.get("secret").is_some()) {
            *at(volume, &["secret", "items", "0", "mode"]) = 256_i64.into();
        }
    }));
    assert_eq!(found, ["web file /run/secrets/key"]);
}

#[test]
fn every_key_of_the_schema_starts_the_same_process_and_comes_back_or_has_a_reason() {
    let schema = include_str!("../../../tranship-compose/schema/compose-spec.json");
    let schema = serde_json::from_str(schema).unwrap();
    let (mut tried, mut wrong) = (0, Vec::new());
    for case in projects(&schema) {
        let mut world = MemoryWorld::new().with("compose.yaml", case.text.as_str()).with_env("TOKEN", "t0k3n");
        for (path, content) in FILES {
            world = world.with(path, *content);
        }
        let options = LoadOptions { profiles: vec!["p".to_owned()], all_resources: true, ..LoadOptions::default() };
        let loaded = load(&world, &options);
        let Some(project) = loaded.project else { continue };
        tried += 1;
        let lifted = tranship_compose::lift::lift(&project, &loaded.sources, &world).value;
        let lowered = lower(&lifted.stack, &Options::default(), lifted.ledger).value;
        let compose = tranship_compose::launch::launches(&project, &|_| None);
        let kubernetes = tranship_kube::launch::launches(&lowered.objects, &|_| None);
        let same = compare(&Sides {
            compose: &compose,
            kubernetes: &kubernetes,
            container: &|service| lowered.names.get(NameKind::Workload, service),
            image: &|_| None,
            ledger: &lowered.ledger,
            renamed: &BTreeMap::new(),
            world: &world,
        });
        wrong.extend(same.unexplained().map(|one| format!("{}: {} {} in {}", case.path, one.what, one.how, case.text)));
        let digest = |bytes: &[u8]| blake3::hash(bytes).to_hex().to_string();
        let again = tranship_kube::lift::lift(&lowered.objects).value;
        let found = diff(&tree(&lifted.stack, &digest), &tree(&again, &digest));
        let bare = explain(&lifted.stack, &lowered.ledger, found).into_iter().filter(|one| one.because.is_none());
        wrong.extend(bare.map(|one| format!("{}: {:?} does not come back", case.path, one.difference)));
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 300, "{tried}");
}
