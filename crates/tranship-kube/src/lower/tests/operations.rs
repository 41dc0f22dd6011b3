//! How services are run: probes, scaling, budgets, drains, marks.

use super::*;

fn asked(ask: Ask) -> Traced<Question> {
    let question = Question { ask, period: Duration::from_secs(5), timeout: Duration::from_secs(3), failures: 2 };
    Traced::decided(question, "test", "a test")
}

/// A service with everything that says how it is run.
pub(crate) fn run_with_care() -> Stack {
    let mut web = service("web");
    web.ports = vec![port(80, Protocol::Tcp)];
    web.process.stop_grace = Some(at(Duration::from_secs(15), "stop_grace_period"));
    web.operations = Operations {
        ready: Some(asked(Ask::Http { path: "/ready".to_owned(), port: 80 })),
        live: Some(asked(Ask::Tcp { port: 80 })),
        started: Some(asked(Ask::Exec(vec!["up".to_owned()]))),
        scaling: Some(Traced::decided(Scaling { min: 2, max: 5, cpu_percent: 70 }, "test", "a test")),
        disruption: Some(Traced::decided(1, "test", "a test")),
        drain: Some(Traced::decided(Duration::from_secs(5), "test", "a test")),
        refreshed: Some(Traced::decided(true, "test", "a test")),
        ..Operations::default()
    };
    web.rollout.parallelism = Some(Traced::decided(1, "test", "a test"));
    web.rollout.start_first = Some(Traced::decided(true, "test", "a test"));
    web.rollout.monitor = Some(Traced::decided(Duration::from_secs(5), "test", "a test"));
    web.placement.spread = vec![Traced::decided("kubernetes.io/hostname".to_owned(), "test", "a test")];
    web.annotations = vec![("prometheus.io/path".to_owned(), Traced::decided("/m".to_owned(), "test", "a test"))];
    let blob = BlobMount { blob: "settings".to_owned(), file: None, mode: None, uid: None, gid: None };
    web.mounts = vec![Mount { source: MountSource::Config(blob), ..mount("", "/etc/settings", false) }];
    web.mounts[0].class.value = MountClass::Config;
    web.resources.disk_limit = Some(Traced::decided(1 << 30, "test", "a test"));
    let secret = EnvValue::Secret { value: Secret::new("correct horse battery".to_owned()), because: String::new() };
    web.env = vec![EnvVar { name: "PASSWORD".to_owned(), value: at(secret, "environment.PASSWORD") }];
    let mut stack = stack([web]);
    let file = BlobFile { path: "a.conf".to_owned(), bytes: Secret::new(b"a".to_vec()), mode: 0o644 };
    let origin = Origin::at("services.web.volumes[0]", Span::NONE);
    let blob = Blob { origin, name: None, content: BlobContent::Files(vec![file]), labels: Vec::new(), said: None };
    stack.configs.insert("settings".to_owned(), blob);
    stack
}

#[test]
fn questions_are_probes_and_a_drain_is_a_sleep_that_counts_for_the_end() {
    let out = lowered(&run_with_care());
    let of = |field: &str| text(&out, "Deployment", "web", &format!("{CONTAINER}/{field}"));
    assert_eq!(of("readinessProbe/httpGet"), "{path: /ready, port: 80}");
    assert_eq!(of("livenessProbe/tcpSocket/port"), "80");
    assert_eq!(of("startupProbe/exec/command"), "[up]");
    assert_eq!(of("lifecycle/preStop/sleep/seconds"), "5");
    assert_eq!(text(&out, "Deployment", "web", "spec/template/spec/terminationGracePeriodSeconds"), "20");
    assert_eq!(of("resources/limits/ephemeral-storage"), "1Gi");
}

#[test]
fn an_autoscaler_owns_the_number_of_replicas() {
    let mut stack = run_with_care();
    stack.services["web"].replicas = Some(at(3, "deploy.replicas"));
    let out = lowered(&stack);
    assert_eq!(text(&out, "Deployment", "web", "spec/replicas"), "-");
    assert_eq!(text(&out, "HorizontalPodAutoscaler", "web", "spec/minReplicas"), "2");
    let target = text(&out, "HorizontalPodAutoscaler", "web", "spec/scaleTargetRef");
    assert_eq!(target, "{apiVersion: apps/v1, kind: Deployment, name: web}");
    assert_eq!(text(&out, "PodDisruptionBudget", "web", "spec/unhealthyPodEvictionPolicy"), "AlwaysAllow");
}

#[test]
fn pods_carry_a_mark_of_their_credentials_that_follows_them_and_gives_nothing_away() {
    let mark = |stack: &Stack| {
        let out = lowered(stack);
        let object = out.objects.find("Deployment", "web").unwrap();
        let path = ["spec", "template", "metadata", "annotations", crate::lower::checksum::SECRET];
        object.get(&path).and_then(Node::as_str).map(str::to_owned)
    };
    let with = |text: &str| {
        let mut stack = run_with_care();
        let secret = EnvValue::Secret { value: Secret::new(text.to_owned()), because: String::new() };
        stack.services["web"].env[0].value.value = secret;
        stack
    };
    let (one, same, other) =
        (mark(&with("correct horse battery")), mark(&run_with_care()), mark(&with("another staple")));
    assert!(one.is_some() && one == same);
    assert_ne!(one, other);
    assert_eq!(mark(&with("short")), None, "a credential alone that is short could be guessed from its mark");
}
