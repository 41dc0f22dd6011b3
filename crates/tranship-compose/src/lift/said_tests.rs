//! What the user says goes through to the stack, and what it overrules is noted.

use crate::lift::tests::{lifted, service};
use tranship_model::said::{BY, On, is_chosen};
use tranship_model::{EnvValue, MountClass, MountSource, PullPolicy, Role, Workload};

/// The fields said of the objects of a service, each on one line.
fn fields(service: &tranship_model::Service) -> Vec<String> {
    let fields = service.said.iter().flat_map(|said| &said.fields);
    fields.map(|field| format!("{} {}", field.on.word(), field.path.join("."))).collect()
}

#[test]
fn what_the_model_has_a_place_for_is_chosen_there() {
    let (a, checked) = service(
        "image: nginx, command: [x], scale: 2, pull_policy: always, environment: {A_PASSWORD: p, B: q}, mem_limit: 1g, x-tranship: {workload: \
         statefulset, replicas: 3, image: 'r/y:1', imagePullPolicy: Never, role: store, args: [z], env: {A_PASSWORD: plain, B: \
         secret}, resources: {limits: {memory: 512Mi, cpu: 500m, example.com/fpga: 1}}, service: {names: [other]}}",
    );
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    assert_eq!(a.workload.value, Workload::Stateful);
    assert!(is_chosen(&a.workload.origin));
    assert_eq!(a.replicas.as_ref().unwrap().value, 3);
    assert_eq!(a.image.as_ref().unwrap().value, "r/y:1");
    assert_eq!(a.pull.as_ref().unwrap().value, PullPolicy::Never);
    assert_eq!(a.role.value, Role::Store);
    assert_eq!(a.process.command.as_ref().unwrap().value, ["z"]);
    assert!(matches!(&a.env[0].value.value, EnvValue::Plain(text) if text == "p"));
    assert!(matches!(&a.env[1].value.value, EnvValue::Secret { because, .. } if because.contains("you said so")));
    assert_eq!(a.resources.memory_limit.as_ref().unwrap().value, 512 << 20);
    assert_eq!(a.resources.cpu_limit.as_ref().unwrap().value, 500);
    assert_eq!(a.aliases.iter().map(|alias| alias.value.as_str()).collect::<Vec<_>>(), ["other"]);
    assert_eq!(fields(&a), ["container resources.limits.example.com/fpga"]);
    let why = |path: &str| {
        let of = checked.value.ledger.entries.iter().filter(|entry| &*entry.path == path);
        of.map(|entry| format!("{:?}", entry.outcome)).collect::<Vec<_>>().join(" ")
    };
    assert!(why("services.a.scale").contains("you said otherwise: `replicas: 3`"), "{}", why("services.a.scale"));
    assert!(why("services.a.x-tranship.workload").contains("you said so: `workload: statefulset`"));
}

#[test]
fn mounts_are_what_the_user_says() {
    for (said, expect) in [
        ("data", "volume"),
        ("config", "config"),
        ("secret", "secret"),
        ("host", "host"),
        ("emptyDir", "scratch"),
        ("source", "host"),
    ] {
        let world = tranship_source::MemoryWorld::new().with("/project/conf/a.conf", "x");
        let text = format!(
            "services: {{a: {{image: x, volumes: [{{type: bind, source: /project/conf, target: /etc/a}}], x-tranship: {{mounts: {{/etc/a: {said}}}}}}}}}"
        );
        let checked = crate::lift::tests::lifted_in(&world, &text);
        let stack = &checked.value.stack;
        let mount = &stack.services["a"].mounts[0];
        let found = match &mount.source {
            MountSource::Volume { .. } => "volume",
            MountSource::Config(_) => "config",
            MountSource::Secret(_) => "secret",
            MountSource::Host { .. } => "host",
            MountSource::Scratch { .. } => "scratch",
            MountSource::Image { .. } => "image",
        };
        assert_eq!(found, expect, "{said}");
        assert!(is_chosen(&mount.class.origin), "{said}");
        assert_eq!(stack.secrets.len(), usize::from(said == "secret"));
    }
}

#[test]
fn claims_take_what_is_said_of_mounts_and_volumes_and_the_project() {
    let checked = lifted(
        "x-tranship: {storageClass: slow, volumeSize: 3Gi}\nservices: {a: {image: postgres, volumes: [{type: volume, source: d, target: \
         /var/lib/postgresql/data}, {type: volume, source: e, target: /e}, {type: volume, target: /f}], x-tranship: {mounts: {/f: {size: 7Gi}}}}}\nvolumes: {d: {x-tranship: {size: 20Gi, \
         accessMode: ReadWriteMany}}, e: {x-tranship: {existingClaim: old}}}",
    );
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    let volumes = &checked.value.stack.volumes;
    let said = |key: &str| {
        let said = volumes[key].said.as_ref().unwrap();
        let one = |field: &tranship_model::said::Field| {
            format!("{}={}", field.path.last().unwrap(), field.value.as_str().unwrap_or("[..]"))
        };
        (said.name.as_ref().map(|name| name.value.clone()), said.fields.iter().map(one).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(said("d"), (None, "storage=20Gi accessModes=[..] storageClassName=slow".to_owned()));
    assert_eq!(said("e").0.as_deref(), Some("old"));
    assert!(volumes["e"].external.as_ref().is_some_and(|external| external.value));
    assert_eq!(said("a-f"), (None, "storage=7Gi storageClassName=slow".to_owned()));
}

#[test]
fn a_volume_of_which_two_things_are_said_is_refused() {
    let checked = lifted(
        "services: {a: {image: x, volumes: [{type: volume, source: d, target: /d}], x-tranship: {mounts: {/d: {size: 7Gi}}}}}\nvolumes: \
         {d: {x-tranship: {size: 20Gi}}}",
    );
    assert_eq!(checked.diagnostics.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["override-contradiction"]);
    let checked = lifted(
        "services: {a: {image: x, volumes: [{type: volume, source: d, target: /d}], x-tranship: {mounts: {/d: host}}}}\nvolumes: {d: {}}",
    );
    assert_eq!(checked.diagnostics.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["override-contradiction"]);
}

#[test]
fn what_only_kubernetes_knows_goes_along_as_fields() {
    let (a, checked) = service(
        "image: x, expose: ['80'], x-tranship: {name: shop-a, imagePullSecrets: [c], service: {type: NodePort, nodePorts: {'80': 30080}}, probes: \
         {liveness: false, readiness: {httpGet: {path: /, port: 80}}}, serviceAccount: s, labels: {pod: {t: f}}, nodeSelector: {d: s}, \
         tolerations: [{operator: Exists}], securityContext: {runAsUser: 7}, patch: {pod: {spec: {priorityClassName: p}}, Deployment: {spec: {a: 1}}}}",
    );
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    assert_eq!(a.said.as_ref().unwrap().name.as_ref().unwrap().value, "shop-a");
    assert_eq!(
        fields(&a),
        [
            "pod spec.imagePullSecrets",
            "service spec.type",
            "service spec.ports",
            "container readinessProbe",
            "container ",
            "pod spec.serviceAccountName",
            "pod metadata.labels.t",
            "pod spec.nodeSelector.d",
            "pod spec.tolerations",
            "container securityContext",
            "pod ",
            "Deployment ",
        ]
    );
    assert!(
        a.said
            .iter()
            .flat_map(|said| &said.fields)
            .all(|field| matches!(&field.origin, tranship_model::Origin::Decided { by, .. } if *by == BY))
    );
    assert!(a.said.iter().flat_map(|said| &said.fields).any(|field| field.on == On::Object("Deployment".to_owned())));
}

#[test]
fn a_service_that_is_left_out_is_waited_for_by_nobody() {
    let checked = lifted(
        "services: {a: {image: x, depends_on: {db: {condition: service_started, required: true}}}, db: {image: postgres, x-tranship: {workload: none}}}",
    );
    let stack = &checked.value.stack;
    assert_eq!(stack.services.keys().collect::<Vec<_>>(), ["a"]);
    assert!(stack.services["a"].depends_on.is_empty());
}

#[test]
fn labels_of_kompose_leave_the_service_and_say_the_same() {
    let (a, _) = service(
        "image: x, labels: {kompose.controller.type: daemonset, kompose.volume.size: 5Gi, keep: me}, volumes: [{type: volume, target: /data}]",
    );
    assert_eq!(a.workload.value, Workload::PerNode);
    assert_eq!(a.labels.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["keep"]);
    assert_eq!(a.mounts[0].class.value, MountClass::Data);
    let (_, checked) = service("image: x, labels: {kompose.hpa.cpu: 80}");
    assert_eq!(checked.diagnostics.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["label-without-effect"]);
}

#[test]
fn what_is_said_of_nothing_is_told() {
    for keys in ["{env: {NOPE: secret}}", "{mounts: {/nope: data}}"] {
        let (_, checked) = service(&format!("image: x, x-tranship: {keys}"));
        assert_eq!(
            checked.diagnostics.iter().map(|fault| fault.code).collect::<Vec<_>>(),
            ["override-nothing"],
            "{keys}"
        );
    }
}

#[test]
fn a_cronjob_runs_at_its_times() {
    let (a, checked) = service(
        "image: x, x-tranship: {workload: cronjob, schedule: '*/5 * * * *', concurrencyPolicy: Forbid, backoffLimit: 2}",
    );
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    assert_eq!(a.workload.value, Workload::Scheduled);
    let schedule = a.schedule.as_ref().unwrap();
    assert_eq!((schedule.value.cron.as_str(), schedule.value.overlap), ("*/5 * * * *", tranship_model::Overlap::Skip));
    assert_eq!(fields(&a), ["workload spec.jobTemplate.spec.backoffLimit"]);
    let (a, _) = service(
        "image: x, labels: {kompose.cronjob.schedule: '1 * * * *', kompose.cronjob.concurrency_policy: Forbid}",
    );
    assert_eq!(
        (a.workload.value, a.schedule.as_ref().unwrap().value.cron.as_str()),
        (Workload::Scheduled, "1 * * * *")
    );
    let (_, checked) = service("image: x, x-tranship: {schedule: sometimes}");
    assert_eq!(checked.diagnostics.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["override-value"]);
}
