//! What only Kubernetes knows: fields of a service's objects, in its own words.

use tranship_model::said::{Field, On, chosen, chosen_origin};
use tranship_model::{Origin, Port, Said, Traced};
use tranship_source::Diagnostic;
use tranship_source::yaml::{Key, Node, Value};

use crate::lift::account::Leaves;
use crate::lift::context::Lifting;
use crate::overrides::{self, Front, Kind, ObjectText, Pairs, Probe, Service, Switch, Tree};

/// A field of an object, with the words it was said with.
pub(super) fn field(on: On, path: &[&str], value: impl Into<Node>, words: &str, from: &Origin) -> Field {
    let path = path.iter().map(|&step| step.to_owned()).collect();
    Field { origin: chosen_origin(words, from), on, path, value: value.into().blamed_on(from.span()) }
}

/// Fields in Kubernetes' own words.
pub(super) fn fields(on: On, path: &[&str], tree: &Tree, key: &str) -> Field {
    field(on, path, tree.node.clone(), key, &tree.origin())
}

/// A mapping of texts at one place.
pub(super) fn texts(on: &On, path: &[&str], pairs: Option<&Pairs<Traced<String>>>, key: &str) -> Vec<Field> {
    let pairs = pairs.into_iter().flat_map(|pairs| &pairs.0);
    let one = |(name, value): &(String, Traced<String>)| {
        let path: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
        field(on.clone(), &path, value.value.as_str(), &format!("{key}.{name}: {}", value.value), &value.origin)
    };
    pairs.map(one).collect()
}

/// Everything said of a service that only Kubernetes knows.
pub(in crate::lift) fn of_service(
    cx: &mut Lifting<'_>,
    said: Service,
    ports: &[Port],
    mut out: Vec<Field>,
) -> Option<Box<Said>> {
    let Service {
        workload,
        schedule,
        concurrency_policy: _, // by the kind of workload
        backoff_limit,
        name,
        replicas: _,          // by the model
        image: _,             // by the model
        image_pull_policy: _, // by the model
        image_pull_secrets,
        role: _,    // by the model
        command: _, // by the model
        args: _,    // by the model
        env: _,     // by the model
        mounts: _,  // by the mounts and their volumes
        service,
        entry: _,      // by whoever decides what is reached
        hosts: _,      // by whoever decides what is reached
        entry_port: _, // by whoever decides what is reached
        resources: _,  // by the model, and in `out`
        probes,
        service_account,
        labels,
        annotations,
        node_selector,
        tolerations,
        affinity,
        pod_security_context,
        security_context,
        init_containers,
        passes,
        patch,
    } = said;
    let is_scheduled = workload.map_or(schedule.is_some(), |kind| kind.value == Kind::CronJob);
    out.extend(backoff_limit.iter().filter(|_| is_scheduled).map(|limit| {
        let words = format!("backoffLimit: {}", limit.value);
        let path = ["spec", "jobTemplate", "spec", "backoffLimit"];
        field(On::Workload, &path, i64::from(limit.value), &words, &limit.origin)
    }));
    out.extend(pull_secrets(image_pull_secrets.as_deref()));
    if let Some(front) = &service {
        of_front(cx, front, ports, &mut out);
    }
    for (path, probe) in probes.iter().flat_map(|probes| {
        let overrides::Probes { readiness, liveness, startup } = probes;
        [("readinessProbe", readiness), ("livenessProbe", liveness), ("startupProbe", startup)]
    }) {
        out.extend(probe.as_ref().map(|probe| of_probe(path, probe)));
    }
    out.extend(service_account.iter().map(|name| {
        let words = format!("serviceAccount: {}", name.value.0);
        field(On::Pod, &["spec", "serviceAccountName"], name.value.0.as_str(), &words, &name.origin)
    }));
    for (key, texts_of) in [("labels", labels), ("annotations", annotations)] {
        let Some(ObjectText { workload, pod, service }) = texts_of else { continue };
        let sections = [(On::Workload, "workload", workload), (On::Pod, "pod", pod), (On::Front, "service", service)];
        for (on, part, pairs) in sections {
            out.extend(texts(&on, &["metadata", key], pairs.as_ref(), &format!("{key}.{part}")));
        }
    }
    out.extend(texts(&On::Pod, &["spec", "nodeSelector"], node_selector.as_ref(), "nodeSelector"));
    out.extend(list(&["spec", "tolerations"], tolerations.as_deref(), "tolerations"));
    out.extend(affinity.iter().map(|tree| fields(On::Pod, &["spec", "affinity"], tree, "affinity")));
    out.extend(list(&["spec", "initContainers"], init_containers.as_deref(), "initContainers"));
    out.extend(
        pod_security_context
            .iter()
            .map(|tree| fields(On::Pod, &["spec", "securityContext"], tree, "podSecurityContext")),
    );
    out.extend(
        security_context.iter().map(|tree| fields(On::Container, &["securityContext"], tree, "securityContext")),
    );
    for (part, tree) in patch.into_iter().flat_map(|pairs| pairs.0) {
        let on = match part.as_str() {
            "workload" => On::Workload,
            "pod" => On::Pod,
            "container" => On::Container,
            "service" => On::Front,
            kind => On::Object(kind.to_owned()),
        };
        out.push(fields(on, &[], &tree, &format!("patch.{part}")));
    }
    let name = name.map(|name| {
        let words = format!("name: {}", name.value.0);
        chosen(name.value.0, &words, &name.origin)
    });
    let passes = switches(passes);
    let is_said = name.is_some() || !out.is_empty() || !passes.is_empty();
    is_said.then(|| Box::new(Said { name, fields: out, passes }))
}

/// Passes that are switched on or off, in the words of the report.
pub(super) fn switches(passes: Option<Pairs<Traced<Switch>>>) -> Vec<(String, Traced<bool>)> {
    let one = |(pass, switch): (String, Traced<Switch>)| {
        let words = format!("passes.{pass}: {}", switch.value.word());
        let is_on = chosen(switch.value == Switch::On, &words, &switch.origin);
        (pass, is_on)
    };
    passes.into_iter().flat_map(|pairs| pairs.0).map(one).collect()
}

/// Secrets of registries, for a pod.
pub(super) fn pull_secrets(names: Option<&[Traced<overrides::ObjectName>]>) -> Option<Field> {
    let names = names?;
    let origin = Origin::From(names.iter().flat_map(Leaves::list).collect());
    let node = |name: &Traced<overrides::ObjectName>| Node::from([("name", name.value.0.as_str().into())]);
    let items: Vec<Node> = names.iter().map(node).collect();
    let words: Vec<&str> = names.iter().map(|name| name.value.0.as_str()).collect();
    let words = format!("imagePullSecrets: [{}]", words.join(", "));
    Some(field(On::Pod, &["spec", "imagePullSecrets"], items, &words, &origin))
}

/// A list of mappings of a pod.
fn list(path: &[&str], items: Option<&[Tree]>, key: &str) -> Option<Field> {
    let items = items.filter(|items| !items.is_empty())?;
    let origin = Origin::From(items.iter().map(|tree| tree.at.clone()).collect());
    let nodes: Vec<Node> = items.iter().map(|tree| tree.node.clone()).collect();
    Some(field(On::Pod, path, nodes, key, &origin))
}

/// A probe: taken away, or merged with what the health check gave. Another way of asking takes the place of the old one.
fn of_probe(path: &str, probe: &Probe) -> Field {
    let tree = match probe {
        Probe::Off(at) => {
            let none = Node::from([(path, Node::from(Value::Null))]);
            return field(On::Container, &[], none, &format!("probes: {path} off"), &Origin::From(vec![at.clone()]));
        }
        Probe::Fields(tree) => tree,
    };
    let mut node = tree.node.clone();
    let ways = ["exec", "httpGet", "tcpSocket", "grpc"];
    if let Some(map) = node.as_map_mut()
        && ways.iter().any(|way| map.contains_key(*way))
    {
        for way in ways.into_iter().filter(|way| tree.node.get(way).is_none()) {
            map.insert(Key::from(way), Node::from(Value::Null));
        }
    }
    field(On::Container, &[path], node, path, &tree.origin())
}

fn of_front(cx: &mut Lifting<'_>, front: &Front, ports: &[Port], out: &mut Vec<Field>) {
    let Front { kind, headless, names: _, node_port, node_ports, external_traffic_policy } = front;
    let mut put = |path: &[&str], value: Node, words: String, origin: &Origin| {
        out.push(field(On::Front, path, value, &words, origin));
    };
    let on_nodes = node_port.as_ref().map(|port| &port.origin);
    let on_nodes = on_nodes.or_else(|| node_ports.as_ref()?.0.first().map(|(_, port)| &port.origin));
    match (kind, on_nodes) {
        (Some(kind), _) => {
            let word = kind.value.word();
            put(&["spec", "type"], word.into(), format!("service.type: {word}"), &kind.origin);
        }
        (None, Some(origin)) => put(&["spec", "type"], "NodePort".into(), "service.nodePort".to_owned(), origin),
        (None, None) => {}
    }
    if let Some(headless) = headless.as_ref().filter(|headless| headless.value) {
        put(&["spec", "clusterIP"], "None".into(), "service.headless: true".to_owned(), &headless.origin);
    }
    if let Some(policy) = external_traffic_policy {
        let word = policy.value.word();
        let words = format!("service.externalTrafficPolicy: {word}");
        put(&["spec", "externalTrafficPolicy"], word.into(), words, &policy.origin);
    }
    if let Some(port) = node_port {
        match ports {
            [_, _, ..] => {
                let told = "`nodePort` is for a Service of one port, and this one has several".to_owned();
                let fault = Diagnostic::error("override-contradiction", told).at(port.span());
                let first = ports.first().map_or(tranship_source::Span::NONE, |port| port.origin.span());
                let help = "write `nodePorts` with a port on the nodes for each of them";
                cx.diagnostics.push(fault.related(first, "one of its ports").help(help));
            }
            _ => put(
                &["spec", "ports", "0", "nodePort"],
                i64::from(port.value).into(),
                format!("service.nodePort: {}", port.value),
                &port.origin,
            ),
        }
    }
    for (number, port) in node_ports.iter().flat_map(|pairs| &pairs.0) {
        let (wanted, protocol) = number.split_once('/').unwrap_or((number, "tcp"));
        let known = |port: &Port| port.container.to_string() == wanted && port.protocol.as_str() == protocol;
        let name = ports.iter().find(|port| known(port)).and_then(|port| port.name.as_ref()).map(|n| n.value.clone());
        let name = name.unwrap_or_else(|| format!("{protocol}-{wanted}"));
        let entry = Node::from([("name", name.into()), ("nodePort", i64::from(port.value).into())]);
        let words = format!("service.nodePorts.{number}: {}", port.value);
        put(&["spec", "ports"], Node::from(vec![entry]), words, &port.origin);
    }
}
