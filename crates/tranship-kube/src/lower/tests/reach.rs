//! Who reaches whom, and what waits for what.

use std::time::Duration;

use tranship_model::isolation::Entry;
use tranship_model::operations::HOST;

use super::*;
use crate::reach::Reach;

fn wait(service: &str, until: Until, patience: Option<u64>) -> Traced<Wait> {
    let patience = patience.map(Duration::from_secs);
    at(Wait { service: service.to_owned(), until, image: "wait:1".to_owned(), patience }, "depends_on")
}

fn depends(service: &str, condition: Condition, restart: bool) -> Dependency {
    let origin = Origin::at("depends_on", Span::NONE);
    Dependency { service: service.to_owned(), origin, condition, restart, required: true }
}

fn network(name: Option<&str>, internal: bool) -> Network {
    Network {
        origin: Origin::at("networks.n", Span::NONE),
        name: name.map(|name| at(name.to_owned(), "name")),
        external: name.map(|_| at(true, "external")),
        internal: internal.then(|| at(true, "internal")),
        labels: Vec::new(),
    }
}

fn join(service: &mut Service, networks: &[&str]) {
    let one = |network: &&str| Attachment {
        network: (*network).to_owned(),
        origin: Origin::at(format!("services.x.networks.{network}"), Span::NONE),
    };
    service.networks = networks.iter().map(one).collect();
}

fn entry(service: &str, port: u16, from: Caller) -> Entry {
    let origin = Origin::decided("test", "a test");
    Entry { service: service.to_owned(), port, protocol: Protocol::Tcp, from, origin }
}

/// `web` waits for `db` and for the task `migrate`, which waits for `db`.
fn shop() -> Stack {
    let (mut web, mut db, mut migrate) = (service("web"), service("My_Db"), service("migrate"));
    web.ports = vec![port(80, Protocol::Tcp)];
    db.ports = vec![port(5432, Protocol::Tcp)];
    migrate.workload =
        Traced::decided(Workload::Task { completions: 1, parallelism: 1, retries: Some(3) }, "test", "a test");
    migrate.restart = Some(at(Restart::OnFailure { max: Some(3) }, "restart"));
    let client = ["ask", "-h", HOST].map(str::to_owned).to_vec();
    web.depends_on = vec![depends("My_Db", Condition::Healthy, true), depends("migrate", Condition::Completed, false)];
    web.operations.waits =
        vec![wait("My_Db", Until::Answers { command: client }, None), wait("migrate", Until::Completed, None)];
    web.operations.account = Some(Traced::decided(Account::default(), "test", "a test"));
    migrate.depends_on = vec![depends("My_Db", Condition::Started, false)];
    migrate.operations.waits = vec![wait("My_Db", Until::Connects { port: 5432 }, Some(60))];
    stack(vec![web, db, migrate])
}

/// Stacks whose services wait, on networks and with calls named one by one.
pub(crate) fn samples() -> Vec<(&'static str, Stack)> {
    let mut shared = shop();
    for (service, networks) in [("web", &["front", "other"][..]), ("My_Db", &["back"]), ("migrate", &["back"])] {
        join(&mut shared.services[service], networks);
    }
    shared.networks.insert("front".to_owned(), network(None, false));
    shared.networks.insert("back".to_owned(), network(None, true));
    shared.networks.insert("other".to_owned(), network(Some("proxy_net"), false));
    let isolation = Isolation {
        calls: Calls::Shared,
        entries: vec![entry("web", 80, Caller::Anyone), entry("web", 9100, Caller::Platform)],
        platform: vec!["migrate".to_owned()],
        open: vec!["My_Db".to_owned()],
    };
    shared.isolation = Some(Traced::decided(isolation, "test", "a test"));
    let mut named = shop();
    let call =
        |from: &str, to: &str, ports: Vec<(u16, Protocol)>| Call { from: from.to_owned(), to: to.to_owned(), ports };
    let calls = vec![call("migrate", "My_Db", Vec::new()), call("web", "My_Db", vec![(5432, Protocol::Tcp)])];
    let isolation =
        Isolation { calls: Calls::Named(calls), entries: Vec::new(), platform: Vec::new(), open: Vec::new() };
    named.isolation = Some(Traced::decided(isolation, "test", "a test"));
    vec![("networks and waits", shared), ("calls one by one", named)]
}

#[test]
fn a_changed_task_is_another_job_and_who_waits_for_it_names_that() {
    let name = |stack: &Stack| {
        let out = lowered(stack);
        let jobs: Vec<String> =
            out.objects.iter().filter(|object| object.kind() == "Job").map(|job| job.name().to_owned()).collect();
        let [job] = jobs.as_slice() else { panic!("{jobs:?}") };
        let asked = text(&out, "Deployment", "web", "spec/template/spec/initContainers/1/args/1");
        assert_eq!(asked, format!("/apis/batch/v1/namespaces/shop/jobs/{job}"));
        assert_eq!(text(&out, "Role", "web-waits", "rules/0/resourceNames/0"), *job);
        assert!(job.starts_with("migrate-") && job.len() == "migrate-".len() + 8, "{job}");
        job.clone()
    };
    let before = shop();
    let mut after = shop();
    after.services["migrate"].image = Some(at("img:2".to_owned(), "image"));
    assert_eq!(name(&before), name(&shop()));
    assert_ne!(name(&before), name(&after));
}

#[test]
fn only_the_container_that_asks_the_api_has_a_token() {
    let out = lowered(&shop());
    let spec = "spec/template/spec";
    assert_eq!(text(&out, "Deployment", "web", &format!("{spec}/initContainers/1/volumeMounts/0/name")), "wait-token");
    assert_eq!(text(&out, "Deployment", "web", &format!("{spec}/initContainers/0/volumeMounts")), "-");
    assert_eq!(text(&out, "Deployment", "web", &format!("{spec}/containers/0/volumeMounts")), "-");
    assert_eq!(text(&out, "Deployment", "web", &format!("{spec}/serviceAccountName")), "web");
    assert_eq!(text(&out, "RoleBinding", "web-waits", "subjects/0/name"), "web");
}

#[test]
fn a_service_that_restarts_with_another_changes_with_it() {
    let all = |stack: &Stack| {
        let out = lowered(stack);
        let object = out.objects.find("Deployment", "web").unwrap();
        object.get(&["spec", "template", "metadata", "annotations", "tranship.dev/restart-my-db"]).map(plain)
    };
    let mut changed = shop();
    changed.services["My_Db"].image = Some(at("img:2".to_owned(), "image"));
    assert!(all(&shop()).is_some());
    assert_ne!(all(&shop()), all(&changed));
}

#[test]
fn policies_let_through_what_the_isolation_says() {
    let all = samples();
    let open = |stack: &Stack| {
        let out = lowered(stack);
        let reach = Reach::new(&out.objects);
        let pods: Vec<String> = reach.workloads().map(str::to_owned).collect();
        let find = |name: &str| pods.iter().find(|pod| pod.contains(name)).unwrap().clone();
        let ask = |from: &str, to: &str, port| reach.calls(&find(from), &find(to), (port, "TCP")).unwrap();
        [ask("web", "db", 5432), ask("migrate", "db", 5432), ask("migrate", "db", 1), ask("db", "migrate", 1)]
    };
    // In the first `db` is open to all, and reaches those that let it in.
    assert_eq!(open(&all[0].1), [false, true, true, true]);
    assert_eq!(open(&all[1].1), [true, true, true, false]);
}
