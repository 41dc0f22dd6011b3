//! What is read, and what is refused and where.

use serde_json::Value;

use super::shape::{KeyInfo, Shape};
use super::*;

fn read(text: &str) -> Overrides {
    let mut sources = tranship_source::Sources::new();
    let file = sources.add("compose.yaml", text);
    let documents = tranship_source::yaml::parse(file, text);
    assert!(documents.diagnostics.is_empty(), "{:?}", documents.diagnostics);
    let reading = typed::read(&documents.value[0]);
    super::read(&reading.value.unwrap(), &reading.misplaced)
}

/// What is said of a service `a` in a line of the extension.
fn of_service(keys: &str) -> Overrides {
    read(&format!("services:\n  a:\n    image: x\n    x-tranship: {keys}\n  b: {{image: y}}\n"))
}

fn codes(said: &Overrides) -> Vec<&'static str> {
    said.diagnostics.iter().map(|fault| fault.code).collect()
}

#[test]
fn every_example_of_the_list_is_read_without_a_fault() {
    let line = |key: &KeyInfo| format!("{{{}: {}}}", key.key, key.example);
    for key in Service::KEYS {
        // A schedule goes with a cronjob alone, and the other way round.
        let said = of_service(&line(key));
        assert!(said.diagnostics.is_empty(), "{}: {:?}", key.key, said.diagnostics);
        assert!(!said.said.is_empty(), "{}", key.key);
    }
    for (place, keys) in [("x-tranship: ", Project::KEYS), ("volumes: {d: {x-tranship: ", Volume::KEYS)] {
        for key in keys {
            let end = if place.starts_with('v') { "}}" } else { "" };
            let said = read(&format!("services: {{a: {{image: x}}}}\n{place}{}{end}\n", line(key)));
            assert!(said.diagnostics.is_empty(), "{}: {:?}", key.key, said.diagnostics);
        }
    }
    for section in ["configs", "secrets"] {
        for key in File::KEYS {
            let said = read(&format!("{section}: {{c: {{content: x, x-tranship: {}}}}}\n", line(key)));
            assert!(said.diagnostics.is_empty(), "{}: {:?}", key.key, said.diagnostics);
        }
    }
}

#[test]
fn what_is_wrong_is_an_error_with_its_place_and_what_to_write() {
    for (keys, code, help) in [
        ("{wrokload: job}", "override-unknown-key", "did you mean `workload`?"),
        ("{workload: deploymnet}", "override-value", "did you mean `deployment`?"),
        ("{workload: [job]}", "override-type", "write one of deployment, statefulset, daemonset, job, cronjob, none"),
        ("{replicas: many}", "override-value", "write a whole number from 0"),
        ("{replicas: -1}", "override-value", "write a whole number from 0"),
        ("{service: {typ: NodePort}}", "override-unknown-key", "did you mean `type`?"),
        ("{service: {nodePort: 70000}}", "override-value", "write a whole number from 1 to 65535"),
        ("{name: My_App}", "override-value", "write a name of at most 52"),
        ("{resources: {limits: {memory: lots}}}", "override-value", "write an amount such as"),
        ("{mounts: {/data: dtaa}}", "override-value", "did you mean `data`?"),
        ("{probes: {liveness: 3}}", "override-value", "write `false`, or a mapping"),
        ("{nodeSelector: ssd}", "override-value", "write a mapping"),
        ("job", "override-value", "write a mapping with the keys"),
        ("{securityContext: [a]}", "override-type", "write a mapping"),
    ] {
        let said = of_service(keys);
        assert_eq!(codes(&said), [code], "{keys}: {:?}", said.diagnostics);
        let fault = &said.diagnostics[0];
        assert!(fault.primary.is_some(), "{keys} has no place");
        assert!(fault.help.as_deref().unwrap_or_default().starts_with(help), "{keys}: {:?}", fault.help);
        assert!(refused(&said.diagnostics));
    }
}

#[test]
fn what_contradicts_itself_is_refused_with_both_places() {
    for (text, code) in [
        ("services: {a: {image: x, x-tranship: {workload: daemonset, replicas: 2}}}", "override-contradiction"),
        ("services: {a: {image: x, x-tranship: {workload: job, schedule: '* * * * *'}}}", "override-contradiction"),
        ("services: {a: {image: x, x-tranship: {workload: deployment, backoffLimit: 2}}}", "override-contradiction"),
        (
            "services: {a: {image: x, x-tranship: {service: {headless: true, type: NodePort}}}}",
            "override-contradiction",
        ),
        (
            "services: {a: {image: x, x-tranship: {service: {nodePort: 30000, type: ClusterIP}}}}",
            "override-contradiction",
        ),
        (
            "services: {a: {image: x, x-tranship: {resources: {requests: {cpu: 2}, limits: {cpu: 500m}}}}}",
            "override-contradiction",
        ),
        (
            "services: {a: {image: x, x-tranship: {mounts: {/d: {existingClaim: c, size: 1Gi}}}}}",
            "override-contradiction",
        ),
        ("services: {a: {image: x, x-tranship: {mounts: {/d: {class: host, size: 1Gi}}}}}", "override-contradiction"),
        ("volumes: {d: {x-tranship: {existingClaim: c, size: 1Gi}}}", "override-contradiction"),
        ("configs: {c: {content: x, x-tranship: {existing: c, name: d}}}", "override-contradiction"),
        (
            "services: {a: {image: x, x-tranship: {name: w}}, b: {image: x, x-tranship: {name: w}}}",
            "override-name-twice",
        ),
        ("services: {a: {image: x, x-tranship: {name: b}}, b: {image: x}}", "override-name-twice"),
        ("services: {a: {image: x, x-tranship: {service: {names: [b]}}}, b: {image: x}}", "override-name-twice"),
    ] {
        let said = read(text);
        assert_eq!(codes(&said), [code], "{text}: {:?}", said.diagnostics);
        assert_eq!(said.diagnostics[0].related.len(), 1, "{text}");
    }
    let said = of_service("{workload: cronjob}");
    assert_eq!(codes(&said), ["override-contradiction"]);
}

#[test]
fn the_extension_is_refused_where_nothing_can_be_said() {
    for text in [
        "services: {a: {image: x, deploy: {x-tranship: {replicas: 2}}}}",
        "networks: {n: {x-tranship: {name: x}}}",
        "services: {a: {image: x, healthcheck: {test: a, x-tranship: {}}}}",
    ] {
        assert_eq!(codes(&read(text)), ["override-place"], "{text}");
    }
    assert!(read("services: {a: {image: x, x-other: {replicas: 2}, x-tranship: }}").diagnostics.is_empty());
}

#[test]
fn labels_of_kompose_come_to_the_same_struct() {
    let said = read(
        "services:\n  a:\n    image: x\n    labels:\n      kompose.controller.type: StatefulSet\n      kompose.service.type: nodeport\n      \
         kompose.service.nodeport.port: 30080\n      kompose.volume.size: 5Gi\n      kompose.image-pull-secret: regcred\n      \
         kompose.service.healthcheck.readiness.http_get_path: /up\n      kompose.service.healthcheck.readiness.http_get_port: 80\n      \
         kompose.service.healthcheck.readiness.interval: 500ms\n      kompose.hpa.cpu: 80\n      kompose.volume.sizze: 3\n      other: label\n",
    );
    assert!(said.diagnostics.is_empty(), "{:?}", said.diagnostics);
    let service = &said.services["a"];
    assert_eq!(service.workload.as_ref().unwrap().value, Kind::StatefulSet);
    let front = service.service.as_ref().unwrap();
    assert_eq!(front.kind.as_ref().unwrap().value, ServiceType::NodePort);
    assert_eq!(front.node_port.as_ref().unwrap().value, 30080);
    assert_eq!(service.mounts.as_ref().unwrap().get("*").unwrap().0.size.as_ref().unwrap().value.text, "5Gi");
    let Some(Probe::Fields(probe)) = &service.probes.as_ref().unwrap().readiness else { panic!("no probe") };
    assert_eq!(probe.node.at(&["httpGet", "path"]).unwrap().as_str(), Some("/up"));
    assert_eq!(probe.node.get("periodSeconds").unwrap().as_int(), Some(1));
    let without: Vec<_> = said.labels.iter().filter(|l| matches!(l.effect, kompose::Effect::Without(..))).collect();
    assert_eq!((said.labels.len(), without.len()), (10, 2));
}

#[test]
fn every_documented_label_has_an_effect_of_its_own() {
    let value = |label: &str| match label.rsplit('.').next().unwrap_or_default() {
        "type" if label.contains("controller") => "daemonset",
        "type" if label.contains("volume") => "emptyDir",
        "type" => "loadbalancer",
        "schedule" => "* * * * *",
        "concurrency_policy" => "Forbid",
        "image-pull-policy" => "Always",
        "external-traffic-policy" => "local",
        "disable" | "expose" => "true",
        "size" => "1Gi",
        "interval" | "timeout" | "start_period" => "10s",
        name if name.ends_with("port") || name == "retries" || name == "backoff_limit" || name == "fsgroup" => "80",
        _ => "x",
    };
    for (label, here) in kompose::LABELS {
        let said = read(&format!("services: {{a: {{image: x, labels: {{{label}: '{}'}}}}}}", value(label)));
        assert!(said.diagnostics.is_empty(), "{label}: {:?}", said.diagnostics);
        let effect = &said.labels[0].effect;
        let right = match effect {
            kompose::Effect::Said(_) => !here.starts_with("no "),
            kompose::Effect::Needless(_) => here.starts_with("no need"),
            kompose::Effect::Without(why, _) => here.starts_with("no effect") && !why.contains("no label"),
        };
        assert!(right, "{label}: {effect:?}");
    }
    let said = read("services: {a: {image: x, labels: {kompose.service.type: outside}}}");
    assert_eq!(codes(&said), ["override-value"]);
}

#[test]
fn the_extension_counts_more_than_a_label() {
    let said = read(
        "services: {a: {image: x, labels: {kompose.controller.type: daemonset, kompose.service.type: nodeport}, x-tranship: {workload: job}}}",
    );
    assert_eq!(codes(&said), ["override-label"]);
    assert!(!refused(&said.diagnostics));
    let service = &said.services["a"];
    assert_eq!(service.workload.as_ref().unwrap().value, Kind::Job);
    assert!(service.service.is_some(), "what only the label says is kept");
}

#[test]
fn advice_names_the_key_that_decides_a_field() {
    for (section, field, key) in [
        ("services", "workload", Some("services.web.x-tranship.workload")),
        ("services", "resources.memory_limit", Some("services.web.x-tranship.resources.limits")),
        ("services", "process.command", Some("services.web.x-tranship.args")),
        ("services", "env.SECRET", Some("services.web.x-tranship.env")),
        ("services", "mounts./data", Some("services.web.x-tranship.mounts")),
        ("services", "aliases", Some("services.web.x-tranship.service.names")),
        ("services", "unheard-of", None),
        ("volumes", "driver", Some("volumes.web.x-tranship.storageClass")),
        ("volumes", "origin", Some("volumes.web.x-tranship.size")),
        ("configs", "content", Some("configs.web.x-tranship.name")),
        ("networks", "internal", None),
    ] {
        let how = how_to(section, "web", field);
        assert_eq!(how.as_ref().map(|how| how.key.as_str()), key, "{section} {field}");
        if let Some(how) = how {
            let said = read(
                &format!("services: {{web: {{image: x}}}}\n{}", how.yaml)
                    .replace("services: {web: {image: x}}\nservices", "services"),
            );
            assert!(said.diagnostics.is_empty(), "{}: {:?}", how.yaml, said.diagnostics);
        }
    }
}

#[test]
fn the_schema_describes_every_key_and_refuses_others() {
    fn count(keys: &[KeyInfo], schema: &Value, whole: &Value) -> usize {
        let properties = schema["properties"].as_object().unwrap();
        assert_eq!(schema["additionalProperties"], Value::Bool(false));
        assert_eq!(properties.len(), keys.len());
        keys.iter()
            .map(|key| {
                let property = &properties[key.key];
                assert!(property["description"].as_str().is_some_and(|text| text.ends_with('.')), "{}", key.key);
                match (key.shape)() {
                    Shape::Section(name, inner) => 1 + count(inner, &whole["$defs"][name], whole),
                    _ => 1,
                }
            })
            .sum()
    }
    let schema = schema();
    assert!(count(Service::KEYS, &schema["$defs"]["Service"], &schema) > 35);
    let page = markdown();
    for key in Service::KEYS.iter().chain(Project::KEYS).chain(Volume::KEYS).chain(File::KEYS) {
        assert!(page.contains(&format!("| `{}` |", key.key)), "{}", key.key);
    }
}
