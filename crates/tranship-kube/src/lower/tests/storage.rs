//! Which pods find the same storage, and where they may run for it.

use super::*;

/// A database of some replicas that writes to the volume `pgdata`.
fn database(replicas: u32) -> Stack {
    let mut db = service("db");
    db.workload = Traced::decided(Workload::Stateful, "test", "a test");
    db.replicas = Some(at(replicas, "services.db.deploy.replicas"));
    db.mounts = vec![mount("pgdata", "/data", false)];
    let mut stack = stack([db]);
    stack.volumes.insert("pgdata".into(), volume("pgdata"));
    stack
}

/// Codes of what is reported.
fn codes(stack: &Stack) -> Vec<&'static str> {
    lower(stack, &Options::default(), Ledger::new()).diagnostics.iter().map(|found| found.code).collect()
}

#[test]
fn replicas_that_share_a_volume_under_compose_share_a_claim() {
    let stack = database(3);
    let out = lowered(&stack);
    assert_eq!(text(&out, "StatefulSet", "db", "spec/volumeClaimTemplates"), "-");
    let claim = "spec/template/spec/volumes/0/persistentVolumeClaim/claimName";
    assert_eq!(text(&out, "StatefulSet", "db", claim), "pgdata");
    assert!(out.objects.find("PersistentVolumeClaim", "pgdata").is_some());
    assert_eq!(codes(&stack), ["replicas-share-volume"]);
    assert!(codes(&database(1)).is_empty());
}

#[test]
fn replicas_have_claims_of_their_own_where_a_stateful_set_was_asked_for_or_the_volume_has_no_name() {
    let said = Origin::at("services.db.x-tranship.workload", Span::NONE);
    let mut asked = database(3);
    asked.services["db"].workload = said::chosen(Workload::Stateful, "workload: statefulset", &said);
    let mut unnamed = database(3);
    unnamed.volumes["pgdata"].origin = Origin::at("services.db.volumes[0]", Span::NONE);
    for stack in [asked, unnamed] {
        let out = lowered(&stack);
        assert_eq!(text(&out, "StatefulSet", "db", "spec/volumeClaimTemplates/0/metadata/name"), "pgdata");
        assert!(out.objects.find("PersistentVolumeClaim", "pgdata").is_none());
        assert!(codes(&stack).is_empty());
    }
}

#[test]
fn pods_that_hang_together_by_several_claims_ask_for_one_label() {
    let (mut a, mut b, mut c) = (service("a"), service("b"), service("c"));
    a.mounts = vec![mount("one", "/one", false)];
    b.mounts = vec![mount("two", "/two", false)];
    c.mounts = vec![mount("one", "/one", false), mount("two", "/two", false)];
    let mut stack = stack(vec![a, b, c]);
    stack.volumes.extend(["one", "two"].map(|name| (name.to_owned(), volume(name))));
    let out = lowered(&stack);
    let required = "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution";
    for name in ["a", "b", "c"] {
        let term =
            "[{labelSelector: {matchLabels: {tranship.dev/claim-one: true}}, topologyKey: kubernetes.io/hostname}]";
        assert_eq!(text(&out, "Deployment", name, required), term);
        let labels = text(&out, "Deployment", name, "spec/template/metadata/labels");
        assert!(labels.contains("tranship.dev/claim-one: true") && !labels.contains("claim-two"), "{labels}");
    }
}

#[test]
fn what_no_node_can_run_is_said() {
    let stack_of = |service: Service| {
        let mut stack = stack([service]);
        stack.volumes.insert("files".into(), volume("files"));
        stack
    };
    let mut apart = service("x");
    apart.mounts = vec![mount("files", "/files", false)];
    apart.replicas = Some(at(2, "services.x.deploy.replicas"));
    apart.placement.max_per_node = Some(at(1, "services.x.deploy.placement.max_replicas_per_node"));
    let mut alone = apart.clone();
    alone.replicas = None;
    let mut everywhere = alone.clone();
    everywhere.workload = Traced::decided(Workload::PerNode, "test", "a test");
    everywhere.placement.max_per_node = None;
    assert_eq!(codes(&stack_of(apart)), ["cannot-be-scheduled"]);
    assert_eq!(codes(&stack_of(everywhere)), ["cannot-be-scheduled"]);
    assert!(codes(&stack_of(alone)).is_empty());
}

#[test]
fn a_share_is_mounted_wherever_its_server_is_named_and_is_a_claim_where_it_is_not() {
    for (device, options, expect) in [
        (":/x", "addr=10.0.0.1,rw", "{server: 10.0.0.1, path: /x}"),
        ("10.0.0.1:/x", "rw,nfsvers=4", "{server: 10.0.0.1, path: /x}"),
        ("[fd00::1]:/x", "rw", "{server: fd00::1, path: /x}"),
        ("10.0.0.1:/x", "addr=10.0.0.2", "{server: 10.0.0.2, path: /x}"),
        (":/x", "rw", "-"),
    ] {
        let mut web = service("web");
        web.mounts = vec![mount("share", "/share", false)];
        let mut stack = stack([web]);
        let mut share = volume("share");
        let option = |name: &str, value: &str| (name.to_owned(), at(value.to_owned(), "volumes.share.driver_opts"));
        share.driver_opts = vec![option("type", "nfs"), option("device", device), option("o", options)];
        stack.volumes.insert("share".into(), share);
        let out = lowered(&stack);
        assert_eq!(text(&out, "Deployment", "web", "spec/template/spec/volumes/0/nfs"), expect);
        let claimed = out.objects.find("PersistentVolumeClaim", "share").is_some();
        assert_eq!(claimed, expect == "-");
        assert_eq!(codes(&stack).contains(&"volume-driver"), claimed);
    }
}
