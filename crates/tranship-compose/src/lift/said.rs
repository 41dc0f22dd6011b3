//! What the user said: `x-tranship` and the labels of kompose, put where the lift would have decided itself.
//!
//! What has a place in the model is chosen here, with [`BY`](tranship_model::said::BY) as its rule; what only Kubernetes
//! knows goes along as fields of its objects, which the lowering puts in last. A value that was overruled is noted as such.

use tranship_model::said::{Field, On, chosen, chosen_origin, is_chosen};
use tranship_model::{
    At, EnvValue, EnvVar, Mount, MountClass, MountSource, Origin, Overlap, Port, PullPolicy, Resources, Role, Said,
    Schedule, Stack, Traced, Volume, Workload,
};
use tranship_source::yaml::{Key, Node, Value};
use tranship_source::{Diagnostic, Secret};

use super::account::Leaves;
use super::context::Lifting;
use super::schedules;
use crate::overrides::{
    self, EVERY, Effect, EnvKind, File, Front, Kind, MountKind, MountSaid, ObjectText, Overrides, Pairs, Probe,
    Project, Quantity, RoleWord, Service, Tree,
};

/// Notes every value that was said, and takes what was wrong with it.
pub(super) fn account(cx: &mut Lifting<'_>, said: &mut Overrides) {
    cx.diagnostics.append(&mut said.diagnostics);
    for (at, words) in std::mem::take(&mut said.said) {
        cx.decided(&at, &format!("you said so: `{words}`"));
    }
    for label in std::mem::take(&mut said.labels) {
        match label.effect {
            Effect::Said(words) => cx.decided(&label.at, &format!("you said so with a label of kompose: `{words}`")),
            Effect::Needless(why) => cx.decided(&label.at, why),
            Effect::Without(why, todo) => {
                cx.dropped(&label.at, &why, todo);
                cx.warn(
                    "label-without-effect",
                    label.at.span,
                    format!("a label of kompose has no effect: {why}"),
                    todo,
                );
            }
        }
    }
}

/// What was said instead of a value, which is noted as overruled; the value itself where nothing was said.
pub(super) fn over<T>(
    cx: &mut Lifting<'_>,
    said: Option<Traced<T>>,
    words: &str,
    own: Option<Traced<T>>,
) -> Option<Traced<T>> {
    let Some(said) = said else { return own };
    if let Some(own) = own {
        overruled(cx, &own, words);
    }
    Some(chosen(said.value, words, &said.origin))
}

fn overruled<T>(cx: &mut Lifting<'_>, own: &Traced<T>, words: &str) {
    cx.decided(own, &format!("you said otherwise: `{words}`"));
}

/// The number of replicas that was said.
pub(super) fn replicas(cx: &mut Lifting<'_>, said: &Service, own: Option<Traced<u32>>) -> Option<Traced<u32>> {
    let words = said.replicas.as_ref().map(|replicas| format!("replicas: {}", replicas.value)).unwrap_or_default();
    over(cx, said.replicas.clone(), &words, own)
}

/// The image that was said.
pub(super) fn image(cx: &mut Lifting<'_>, said: &Service, own: Option<Traced<String>>) -> Option<Traced<String>> {
    let words = said.image.as_ref().map(|image| format!("image: {}", image.value)).unwrap_or_default();
    over(cx, said.image.clone(), &words, own)
}

/// The pull policy that was said of the service, or else of the project.
pub(super) fn pull(
    cx: &mut Lifting<'_>,
    said: &Service,
    own: Option<Traced<PullPolicy>>,
) -> Option<Traced<PullPolicy>> {
    let policy = said.image_pull_policy.as_ref().map(|policy| policy.clone().map(pull_policy));
    let words = said.image_pull_policy.as_ref().map(|p| format!("imagePullPolicy: {}", p.value.word()));
    over(cx, policy, &words.unwrap_or_default(), own)
}

fn pull_policy(policy: overrides::PullPolicy) -> PullPolicy {
    match policy {
        overrides::PullPolicy::Always => PullPolicy::Always,
        overrides::PullPolicy::IfNotPresent => PullPolicy::IfNotPresent,
        overrides::PullPolicy::Never => PullPolicy::Never,
    }
}

/// The role that was said.
pub(super) fn role(said: &Service, own: Traced<Role>) -> Traced<Role> {
    let Some(role) = &said.role else { return own };
    let value = match role.value {
        RoleWord::App => Role::App,
        RoleWord::Store => Role::Store,
        RoleWord::Cache => Role::Cache,
        RoleWord::Queue => Role::Queue,
        RoleWord::Proxy => Role::Proxy,
        RoleWord::Observer => Role::Observer,
        RoleWord::Admin => Role::Admin,
        RoleWord::Helper => Role::Helper,
    };
    chosen(value, &format!("role: {}", role.value.word()), &role.origin)
}

/// An argv that was said.
pub(super) fn argv(
    cx: &mut Lifting<'_>,
    said: Option<&Vec<Traced<String>>>,
    key: &str,
    own: Option<Traced<Vec<String>>>,
) -> Option<Traced<Vec<String>>> {
    let said = said.map(|words| {
        let origin = Origin::From(words.iter().flat_map(Leaves::list).collect());
        Traced::new(words.iter().map(|word| word.value.clone()).collect(), origin)
    });
    over(cx, said, key, own)
}

/// The kind of workload that was said; `None` where nothing was.
pub(super) fn workload(said: &Service, replicas: Option<u32>) -> Option<Traced<Workload>> {
    let retries = said.backoff_limit.as_ref().map(|limit| limit.value);
    let Some(kind) = &said.workload else {
        let schedule = said.schedule.as_ref()?;
        return Some(chosen(Workload::Scheduled, &format!("schedule: {}", schedule.value), &schedule.origin));
    };
    let value = match kind.value {
        Kind::Deployment => Workload::Stateless,
        Kind::StatefulSet => Workload::Stateful,
        Kind::DaemonSet => Workload::PerNode,
        Kind::Job => task(replicas.unwrap_or(1).max(1), retries),
        Kind::CronJob => Workload::Scheduled,
        Kind::None => return None,
    };
    Some(chosen(value, &format!("workload: {}", kind.value.word()), &kind.origin))
}

/// When a service runs, where that was said.
pub(super) fn schedule(cx: &mut Lifting<'_>, said: &Service) -> Option<Traced<Schedule>> {
    let overlap = match said.concurrency_policy.as_ref().map(|policy| policy.value) {
        Some(overrides::ConcurrencyPolicy::Allow) | None => Overlap::Allow,
        Some(overrides::ConcurrencyPolicy::Forbid) => Overlap::Skip,
        Some(overrides::ConcurrencyPolicy::Replace) => Overlap::Replace,
    };
    let mut schedule = schedules::said(cx, said.schedule.as_ref()?, overlap)?;
    if let Some(policy) = &said.concurrency_policy {
        schedule.origin = schedule.origin.and(&policy.origin);
    }
    Some(schedule)
}

fn task(runs: u32, retries: Option<u32>) -> Workload {
    Workload::Task { completions: runs, parallelism: runs, retries }
}

/// How often a failed run is tried again, where that was said of a task the lift found itself.
pub(super) fn retries(said: &Service, own: Traced<Workload>) -> Traced<Workload> {
    match (&said.backoff_limit, own.value) {
        (Some(limit), Workload::Task { completions, parallelism, retries: _ }) if !is_chosen(&own.origin) => {
            let value = Workload::Task { completions, parallelism, retries: Some(limit.value) };
            let words = format!("backoffLimit: {}", limit.value);
            Traced::new(value, chosen_origin(&words, &limit.origin).and(&own.origin))
        }
        _ => own,
    }
}

/// Variables by what was said of them.
pub(super) fn env(cx: &mut Lifting<'_>, service: &str, said: &Service, env: &mut [EnvVar]) {
    for (name, kind) in said.env.iter().flat_map(|pairs| &pairs.0) {
        let Some(variable) = env.iter_mut().find(|variable| variable.name == *name) else {
            nothing(cx, kind.span(), &format!("`{service}` has no variable `{name}`"));
            continue;
        };
        let words = format!("env.{name}: {}", kind.value.word());
        let EnvVar { name: _, value } = variable;
        let text = match &value.value {
            EnvValue::Plain(text) => text.clone(),
            EnvValue::Secret { value, because: _ } => value.expose().clone(),
            EnvValue::Elsewhere { .. } | EnvValue::Unset => continue,
        };
        value.origin = value.origin.clone().and(&kind.origin);
        value.value = match kind.value {
            EnvKind::Plain => EnvValue::Plain(text),
            EnvKind::Secret => {
                EnvValue::Secret { value: Secret::new(text), because: format!("you said so: `{words}`") }
            }
        };
    }
}

fn nothing(cx: &mut Lifting<'_>, span: tranship_source::Span, what: &str) {
    cx.warn(
        "override-nothing",
        span,
        format!("what is said has no effect: {what}"),
        "take it away, or correct the name",
    );
}

/// What was said of the mount at a path, or of every mount.
pub(super) fn of_mount<'a>(mounts: Option<&'a Pairs<MountSaid>>, target: &str) -> Option<&'a overrides::MountKeys> {
    let mounts = mounts?;
    mounts.get(target).or_else(|| mounts.get(EVERY)).map(|said| &said.0)
}

/// Whether something is said of the mount at a path itself.
pub(super) fn is_particular(mounts: Option<&Pairs<MountSaid>>, target: &str) -> bool {
    mounts.is_some_and(|mounts| mounts.get(target).is_some())
}

/// The class that was said of the mount at a path.
pub(super) fn class(mounts: Option<&Pairs<MountSaid>>, target: &str) -> Option<Traced<MountClass>> {
    let class = of_mount(mounts, target)?.class.as_ref()?;
    let value = match class.value {
        MountKind::Data => MountClass::Data,
        MountKind::Config => MountClass::Config,
        MountKind::Secret => MountClass::Secret,
        MountKind::Logs => MountClass::Logs,
        MountKind::Source => MountClass::Source,
        MountKind::Cache => MountClass::Cache,
        MountKind::Host => MountClass::Host,
        MountKind::EmptyDir => MountClass::Scratch,
    };
    Some(chosen(value, &format!("mounts.{target}: {}", class.value.word()), &class.origin))
}

/// Claims of mounts: what was said of each goes to the volume it mounts.
pub(super) fn claims(cx: &mut Lifting<'_>, service: &str, said: &Service, mounts: &mut [Mount]) {
    let Some(all) = &said.mounts else { return };
    for mount in mounts.iter_mut() {
        let Some(keys) = of_mount(Some(all), &mount.target) else { continue };
        let MountSource::Volume { volume, subpath, .. } = &mut mount.source else { continue };
        if let Some(path) = &keys.sub_path {
            *subpath = Some(path.value.clone());
            mount.origin = mount.origin.clone().and(&path.origin);
        }
        let Some(known) = cx.volumes.get_mut(volume.as_str()) else { continue };
        let faults = put_claim(known, Claim::of_mount(keys), all.get(&mount.target).is_some());
        cx.diagnostics.extend(faults);
    }
    for (target, keys) in all.0.iter().filter(|(target, _)| target != EVERY) {
        if !mounts.iter().any(|mount| mount.target == *target) {
            let span = overrides::span_of(keys);
            nothing(cx, span, &format!("`{service}` mounts nothing at `{target}`"));
        }
    }
}

/// What can be said of a claim.
struct Claim<'a> {
    size: Option<&'a Traced<Quantity>>,
    class: Option<Traced<String>>,
    mode: Option<Traced<String>>,
    existing: Option<Traced<String>>,
}

impl<'a> Claim<'a> {
    fn of_mount(keys: &'a overrides::MountKeys) -> Self {
        let overrides::MountKeys { class: _, size, storage_class, access_mode, existing_claim, sub_path: _ } = keys;
        Self::new(size.as_ref(), storage_class.as_ref(), access_mode.as_ref(), existing_claim.as_ref())
    }

    fn new(
        size: Option<&'a Traced<Quantity>>,
        class: Option<&Traced<overrides::ObjectName>>,
        mode: Option<&Traced<overrides::AccessMode>>,
        existing: Option<&Traced<overrides::ObjectName>>,
    ) -> Self {
        Self {
            size,
            class: class.map(|class| class.with(class.value.0.clone())),
            mode: mode.map(|mode| mode.with(mode.value.word().to_owned())),
            existing: existing.map(|name| name.with(name.value.0.clone())),
        }
    }

    fn fields(&self) -> Vec<Field> {
        let size = self.size.map(|size| {
            let words = format!("size: {}", size.value.text);
            field(
                On::Claim,
                &["spec", "resources", "requests", "storage"],
                size.value.text.as_str(),
                &words,
                &size.origin,
            )
        });
        let class = self.class.as_ref().map(|class| {
            let words = format!("storageClass: {}", class.value);
            field(On::Claim, &["spec", "storageClassName"], class.value.as_str(), &words, &class.origin)
        });
        let mode = self.mode.as_ref().map(|mode| {
            let modes = Node::from(vec![Node::from(mode.value.as_str())]);
            field(On::Claim, &["spec", "accessModes"], modes, &format!("accessMode: {}", mode.value), &mode.origin)
        });
        size.into_iter().chain(class).chain(mode).collect()
    }
}

/// Puts what was said of a claim into its volume; something else said there already is a contradiction, unless this is
/// said of every mount alike, which gives way.
fn put_claim(volume: &mut Volume, claim: Claim<'_>, is_particular: bool) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let fields = claim.fields();
    if fields.is_empty() && claim.existing.is_none() {
        return faults;
    }
    let said = volume.said.get_or_insert_default();
    for new in fields {
        match said.fields.iter().find(|known| known.path == new.path) {
            Some(known) if known.value != new.value && is_particular => {
                let told = "two different things are said of one volume";
                let fault = Diagnostic::error("override-contradiction", told).at(new.origin.span());
                faults.push(fault.related(known.origin.span(), "which contradicts this").help("take one of them away"));
            }
            Some(_) => {}
            None => said.fields.push(new),
        }
    }
    if let Some(existing) = claim.existing {
        let words = format!("existingClaim: {}", existing.value);
        volume.external = Some(chosen(true, &words, &existing.origin));
        said.name = Some(chosen(existing.value, &words, &existing.origin));
    }
    faults
}

/// A field of an object, with the words it was said with.
fn field(on: On, path: &[&str], value: impl Into<Node>, words: &str, from: &Origin) -> Field {
    let path = path.iter().map(|&step| step.to_owned()).collect();
    Field { origin: chosen_origin(words, from), on, path, value: value.into().blamed_on(from.span()) }
}

/// Fields in Kubernetes' own words.
fn fields(on: On, path: &[&str], tree: &Tree, key: &str) -> Field {
    field(on, path, tree.node.clone(), key, &tree.origin())
}

/// A mapping of texts at one place.
fn texts(on: &On, path: &[&str], pairs: Option<&Pairs<Traced<String>>>, key: &str) -> Vec<Field> {
    let pairs = pairs.into_iter().flat_map(|pairs| &pairs.0);
    let one = |(name, value): &(String, Traced<String>)| {
        let path: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
        field(on.clone(), &path, value.value.as_str(), &format!("{key}.{name}: {}", value.value), &value.origin)
    };
    pairs.map(one).collect()
}

/// Amounts: what the model has goes there, the rest is fields of the container.
pub(super) fn resources(cx: &mut Lifting<'_>, said: &Service, own: &mut Resources, out: &mut Vec<Field>) {
    let Some(overrides::ResourceAmounts { requests, limits }) = &said.resources else { return };
    for (section, amounts) in [("requests", requests), ("limits", limits)] {
        for (name, amount) in amounts.iter().flat_map(|pairs| &pairs.0) {
            let words = format!("resources.{section}.{name}: {}", amount.value.text);
            let is_limit = section == "limits";
            let (slot, value) = match name.as_str() {
                "cpu" if is_limit => (&mut own.cpu_limit, amount.value.thousandths()),
                "cpu" => (&mut own.cpu_reserved, amount.value.thousandths()),
                "memory" if is_limit => (&mut own.memory_limit, amount.value.ones()),
                "memory" => (&mut own.memory_reserved, amount.value.ones()),
                other => {
                    let path = ["resources", section, other];
                    out.push(field(On::Container, &path, amount.value.text.as_str(), &words, &amount.origin));
                    continue;
                }
            };
            *slot = over(cx, Some(amount.with(value)), &words, slot.take());
        }
    }
}

/// The names that were said, as further names of the service.
pub(super) fn names(said: &Service) -> Vec<Traced<String>> {
    let names = said.service.iter().flat_map(|front| &front.names).flatten();
    names.map(|name| chosen(name.value.0.clone(), &format!("service.names: {}", name.value.0), &name.origin)).collect()
}

/// Everything said of a service that only Kubernetes knows.
pub(super) fn of_service(
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
        resources: _, // by the model, and in `out`
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
    (name.is_some() || !out.is_empty()).then(|| Box::new(Said { name, fields: out }))
}

/// Secrets of registries, for a pod.
fn pull_secrets(names: Option<&[Traced<overrides::ObjectName>]>) -> Option<Field> {
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

/// What was said of a volume goes into it.
pub(super) fn of_volume(cx: &mut Lifting<'_>, said: overrides::Volume, volume: &mut Volume) {
    let overrides::Volume { size, storage_class, access_mode, existing_claim, labels, annotations, patch } = said;
    let claim = Claim::new(size.as_ref(), storage_class.as_ref(), access_mode.as_ref(), existing_claim.as_ref());
    let faults = put_claim(volume, claim, true);
    cx.diagnostics.extend(faults);
    let mut more = texts(&On::Claim, &["metadata", "labels"], labels.as_ref(), "labels");
    more.extend(texts(&On::Claim, &["metadata", "annotations"], annotations.as_ref(), "annotations"));
    more.extend(patch.iter().map(|tree| fields(On::Claim, &[], tree, "patch")));
    if !more.is_empty() {
        volume.said.get_or_insert_default().fields.extend(more);
    }
}

/// What was said of a config or secret goes into it.
pub(super) fn of_file(said: File, blob: &mut tranship_model::Blob) {
    let File { name, existing, immutable, labels, annotations, patch } = said;
    let mut out = texts(&On::Blob, &["metadata", "labels"], labels.as_ref(), "labels");
    out.extend(texts(&On::Blob, &["metadata", "annotations"], annotations.as_ref(), "annotations"));
    out.extend(
        immutable.iter().map(|flag| {
            field(On::Blob, &["immutable"], flag.value, &format!("immutable: {}", flag.value), &flag.origin)
        }),
    );
    out.extend(patch.iter().map(|tree| fields(On::Blob, &[], tree, "patch")));
    let mut own = name.map(|name| {
        let words = format!("name: {}", name.value.0);
        chosen(name.value.0, &words, &name.origin)
    });
    if let Some(existing) = existing {
        let words = format!("existing: {}", existing.value.0);
        blob.content = tranship_model::BlobContent::External;
        blob.origin = chosen_origin(&words, &existing.origin).and(&blob.origin);
        own = Some(chosen(existing.value.0, &words, &existing.origin));
    }
    if own.is_some() || !out.is_empty() {
        blob.said = Some(Box::new(Said { name: own, fields: out }));
    }
}

/// What was said of the whole project: of all objects, and of parts that say nothing themselves.
pub(super) fn of_project(said: Project, stack: &mut Stack) {
    let Project {
        namespace: _, // by whoever lowers
        registry: _,  // by whoever names images
        tag: _,       // by whoever names images
        external: _,  // by whoever checks
        image_pull_policy,
        image_pull_secrets,
        storage_class,
        volume_size,
        labels,
        annotations,
        patch,
    } = said;
    if let Some(policy) = &image_pull_policy {
        let words = format!("imagePullPolicy: {}", policy.value.word());
        for service in stack.services.values_mut().filter(|service| service.pull.is_none()) {
            service.pull = Some(chosen(pull_policy(policy.value), &words, &policy.origin));
        }
    }
    if storage_class.is_some() || volume_size.is_some() {
        for volume in stack.volumes.values_mut().filter(|volume| !volume.external.as_ref().is_some_and(|e| e.value)) {
            let claim = Claim::new(volume_size.as_ref(), storage_class.as_ref(), None, None);
            put_claim(volume, claim, false);
        }
    }
    let every = On::Every("*".to_owned());
    let mut out = texts(&every, &["metadata", "labels"], labels.as_ref(), "labels");
    out.extend(texts(&every, &["metadata", "annotations"], annotations.as_ref(), "annotations"));
    out.extend(pull_secrets(image_pull_secrets.as_deref()));
    for (object, tree) in patch.into_iter().flat_map(|pairs| pairs.0) {
        let on = if object.contains('/') { On::Object(object.clone()) } else { On::Every(object.clone()) };
        out.push(fields(on, &[], &tree, &format!("patch.{object}")));
    }
    if !out.is_empty() {
        stack.said = Some(Box::new(Said { name: None, fields: out }));
    }
}

/// A service that is left out because the user said so.
pub(super) fn left_out(cx: &mut Lifting<'_>, at: &At) {
    cx.decided(&at.whole(), "you said so: `workload: none`; it is no part of the output");
}
