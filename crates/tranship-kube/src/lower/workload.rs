//! One service: its workload, its Services and what only it uses.

use tranship_model::{Build, Dependency, PullPolicy, Service, Traced, Workload};
use tranship_source::yaml::{Map, Node};
use tranship_source::{Diagnostic, Span};

use super::covered::Covered;
use super::fields::{Fields, blamed};
use super::fill::{self, Inits};
use super::mounts::Mounted;
use super::{
    Lowering, account, autoscaler, before, container, cron_job, daemon_set, deployment, disruption_budget, env, hooks,
    job, metadata, mounts, network_policy, pod, probe, resources, waits,
};
use super::{scheduling, security, service, stateful_set};
use crate::object::Object;

/// Where a workload's fields stand, for the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// `Deployment/web`.
    pub(crate) object: String,
    /// The workload's name.
    pub(crate) name: String,
    /// Which of the pod's containers is the service's.
    pub(crate) index: usize,
    /// Whether no other service lives in the pod.
    pub(crate) alone: bool,
}

impl Place {
    /// A field of the workload's spec.
    pub(crate) fn spec(&self, field: &str) -> String {
        [&self.object, " spec.", field].concat()
    }

    /// Where the pod's template stands.
    fn template(&self) -> &'static str {
        if self.object.starts_with("CronJob/") { "spec.jobTemplate.spec.template" } else { "spec.template" }
    }

    /// A field of the pod.
    pub(crate) fn pod(&self, field: &str) -> String {
        [&self.object, " ", self.template(), ".spec.", field].concat()
    }

    /// The labels of the pods.
    pub(crate) fn labels(&self) -> String {
        [&self.object, " ", self.template(), ".metadata.labels"].concat()
    }

    /// The annotations of the pods.
    pub(crate) fn annotations(&self) -> String {
        [&self.object, " ", self.template(), ".metadata.annotations"].concat()
    }

    /// A field of the service's container.
    pub(crate) fn container(&self, field: &str) -> String {
        // Said of nearly every value there is.
        let index = self.index.to_string();
        [&self.object, " ", self.template(), ".spec.containers[", &index, "].", field].concat()
    }
}

/// A workload in the making: what every kind of controller needs.
pub(crate) struct Parts<'a> {
    pub(crate) service: &'a Service,
    pub(crate) place: Place,
    pub(crate) template: Node,
    pub(crate) selector: Node,
    /// Claims that belong to this workload alone.
    pub(crate) own_claims: Vec<Node>,
    /// Whether a mounted claim keeps two pods from running at once.
    pub(crate) writes_to_claim: bool,
}

impl Parts<'_> {
    /// The pod's template, for the one object that has it.
    pub(crate) fn take_template(&mut self) -> Node {
        std::mem::replace(&mut self.template, Node::from(Map::default()))
    }
}

/// Lowers a service with those that live in its pod.
pub(crate) fn lower(cx: &mut Lowering<'_>, service: &Service) {
    let Service {
        name,
        origin: _,      // by the container
        product: _,     // by the container
        role: _,        // by the container
        image: _,       // by the container
        build: _,       // by the container
        image_facts: _, // known, not written
        pull: _,        // by the container
        platform,
        runtime,
        workload,
        schedule: _, // by the controller
        replicas: _, // by the controller
        process,
        env: _,     // by the container
        mounts: _,  // by the container
        ports: _,   // by the container
        aliases: _, // once all services have their names
        hostname,
        domainname,
        networks: _,   // by the pod's labels
        health: _,     // by the container
        depends_on: _, // by the container
        resources: _,  // by the container
        security,
        hosts,
        dns,
        rollout: _, // by the controller
        restart: _, // by the controller
        placement,
        labels,
        annotations,
        hooks: _, // by the container
        operations,
        said: _, // once all objects are there
    } = service;
    let workload_name = cx.workload(name);
    let joined = cx.joined(name);
    let object = format!("{}/{workload_name}", kind(workload.value));
    let place = Place { object, name: workload_name, index: 0, alone: joined.is_empty() };
    let mut mounted = Mounted::new(matches!(workload.value, Workload::Stateful));
    let everyone: Vec<&Service> = std::iter::once(service).chain(joined.iter().copied()).collect();
    let mut inits = Inits::new(everyone.iter().map(|service| cx.workload(&service.name)).collect());
    let mut containers = vec![container_of(cx, &place, service, &mut mounted, &mut inits)];
    for (at, other) in joined.iter().enumerate() {
        let place = Place { index: at + 1, ..place.clone() };
        containers.push(container_of(cx, &place, other, &mut mounted, &mut inits));
        pod::note_joined(cx, &place, service, other);
    }
    let (init_containers, lent) = inits.finish();
    let Mounted { mut volumes, own_claims, writes_to_claim, has_private_files, node_label, .. } = mounted;

    let mut spec = pod::settings(Fields::new());
    spec = account::lower(cx, &place, spec, &everyone);
    spec = waits::account(cx, &place, spec, &everyone);
    let shares_files = writes_to_claim || has_private_files;
    spec = spec.maybe("securityContext", security::pod(cx, &place, &everyone, shares_files));
    spec = security::namespaces(cx, &place, spec, security);
    let shared = pod::shares_processes(&joined) || container::wants_init(process, joined.len());
    spec = spec.maybe("shareProcessNamespace", shared.then_some(true));
    let on_node = security.network_mode.as_ref().is_some_and(|mode| mode.value == "host");
    spec = pod::naming(cx, &place, spec, hostname.as_ref(), domainname.as_ref(), hosts, dns, on_node);
    spec = pod::grace(cx, &place, spec, process, operations.drain.as_ref());
    spec = scheduling::lower(
        cx,
        &place,
        spec,
        platform.as_ref(),
        runtime.as_ref(),
        placement,
        node_label.as_deref(),
        service,
    );
    volumes.extend(lent);
    let spec = spec.filled("initContainers", init_containers).put("containers", containers).filled("volumes", volumes);

    let mut pod_labels = metadata::labels(cx, &place.name);
    let network_labels = network_policy::labels(cx, &place, &everyone);
    if let Some(map) = pod_labels.as_map_mut() {
        map.extend(node_label.iter().map(|label| (label.as_str().into(), Node::from("true"))));
        map.extend(network_labels);
        map.extend(everyone.iter().flat_map(|service| service::alias_labels(cx, service)));
    }
    let to = place.annotations();
    let mut notes = metadata::annotations(cx, &to, labels, annotations);
    for other in &joined {
        notes.extend(metadata::annotations(cx, &to, &other.labels, &other.annotations));
    }
    let template = Fields::new().put("metadata", template_metadata(pod_labels, notes)).put("spec", spec.node()).node();
    let selector = metadata::selector(cx, &place.name);
    let mut parts = Parts { service, place, template, selector, own_claims, writes_to_claim };
    let object = match workload.value {
        Workload::Stateless => deployment::lower(cx, &mut parts),
        Workload::Stateful => stateful_set::lower(cx, &mut parts),
        Workload::PerNode => daemon_set::lower(cx, &mut parts),
        Workload::Task { completions, parallelism, retries } => {
            job::lower(cx, &mut parts, completions, parallelism, retries)
        }
        Workload::Scheduled => cron_job::lower(cx, &mut parts),
    };
    cx.add(object);
    autoscaler::lower(cx, service, &parts.place);
    disruption_budget::lower(cx, service, &parts.place, parts.selector);
    if operations.refreshed.as_ref().is_some_and(|refreshed| refreshed.value) {
        cx.refreshed.push(parts.place.object);
    }
    service::lower(cx, service, &joined);
}

/// The container of a service; its volumes go to the pod's.
fn container_of(
    cx: &mut Lowering<'_>,
    place: &Place,
    service: &Service,
    mounted: &mut Mounted,
    inits: &mut Inits,
) -> Node {
    let Service {
        name,
        origin,
        product,
        role,
        image,
        build,
        image_facts,
        pull,
        platform: _, // by the pod
        runtime: _,  // by the pod
        workload,
        schedule: _, // by the controller
        replicas: _, // by the controller
        process,
        env,
        mounts,
        ports,
        aliases: _,    // once all services have their names
        hostname: _,   // by the pod
        domainname: _, // by the pod
        networks: _,   // by the pod's labels
        health,
        depends_on,
        resources,
        security,
        hosts: _,       // by the pod
        dns: _,         // by the pod
        rollout: _,     // by the controller
        restart: _,     // by the controller
        placement: _,   // by the pod
        labels: _,      // by the pod
        annotations: _, // by the pod
        hooks,
        operations,
        said: _, // once all objects are there
    } = service;
    let host = cx.host(name);
    metadata::renamed(cx, "service", name, &host, origin);
    cx.ledger.translated(origin, &place.object, "a service is a workload and the Service others reach it by");
    for origin in
        [Some(&workload.origin), product.as_ref().map(|p| &p.origin), Some(&role.origin)].into_iter().flatten()
    {
        cx.ledger.reasoned(origin);
    }
    let is_task = workload.value.ends();
    let volume_mounts = mounts::lower(cx, place, service, mounts, mounted);
    let mut container = Fields::new().put("name", cx.workload(name));
    container = image_of(cx, place, container, image.as_ref(), build.as_ref(), pull.as_ref());
    let covered = Covered::of(service);
    container = container::process(cx, place, container, process, image_facts.as_deref(), &covered);
    container = container.filled("env", env::lower(cx, place, name, env, &covered));
    container = container.filled("ports", container::ports(cx, place, ports));
    container = container.filled("resources", resources::lower(cx, place, resources));
    container = container.filled("volumeMounts", volume_mounts);
    container = probe::lower(cx, place, container, health, operations, is_task, &covered);
    let drain = operations.drain.as_ref();
    container = container.maybe("lifecycle", hooks::lower(cx, place, hooks, drain, &covered));
    container = container
        .maybe("securityContext", security::container(cx, place, security, process, image_facts.as_deref(), name));
    for dependency in depends_on {
        note_dependency(cx, place, service, dependency);
    }
    let container = container.node();
    fill::lower(cx, service, &container, &std::mem::take(&mut mounted.fills), inits);
    waits::lower(cx, place, service, inits);
    before::lower(cx, place, service, &container, &covered, inits);
    container
}

/// The kind of object for a kind of workload.
fn kind(workload: Workload) -> &'static str {
    match workload {
        Workload::Stateless => "Deployment",
        Workload::Stateful => "StatefulSet",
        Workload::PerNode => "DaemonSet",
        Workload::Task { .. } => "Job",
        Workload::Scheduled => "CronJob",
    }
}

fn template_metadata(labels: Node, annotations: Map) -> Node {
    Fields::new().put("labels", labels).filled("annotations", annotations).node()
}

/// The image, how it comes to the node, and what becomes of its build section.
fn image_of(
    cx: &mut Lowering<'_>,
    place: &Place,
    container: Fields,
    image: Option<&Traced<String>>,
    build: Option<&Build>,
    pull: Option<&Traced<PullPolicy>>,
) -> Fields {
    if let Some(Build { origin, context, dockerfile: _, target: _, args: _, settings: _ }) = build {
        let why =
            format!("the image is built from `{context}` before it is run; Kubernetes runs images and builds none");
        cx.ledger.decided(origin, &why);
    }
    let container = match image {
        Some(image) => {
            cx.ledger.kept(&image.origin, &place.container("image"));
            container.put("image", blamed(image, image.value.clone()))
        }
        None => container,
    };
    let Some(pull) = pull else { return container };
    let Some(policy) = policy(pull.value) else {
        cx.ledger.decided(&pull.origin, "the image is built before it is run, so that it is pulled like any other");
        return container;
    };
    cx.ledger.translated(&pull.origin, &place.container("imagePullPolicy"), "the same policy by Kubernetes' name");
    container.put("imagePullPolicy", blamed(pull, policy))
}

/// A pull policy by Kubernetes' name.
pub(crate) fn policy(pull: PullPolicy) -> Option<&'static str> {
    match pull {
        PullPolicy::Always => Some("Always"),
        PullPolicy::IfNotPresent => Some("IfNotPresent"),
        PullPolicy::Never => Some("Never"),
        PullPolicy::Build => None,
    }
}

/// What becomes of a dependency: someone waits for it, or nothing has to be waited for.
fn note_dependency(cx: &mut Lowering<'_>, place: &Place, service: &Service, dependency: &Dependency) {
    let Dependency { service: other, origin, condition, restart, required: _ } = dependency;
    let home = |service: &Service| pod::home(cx.stack, service).unwrap_or(&service.name).to_owned();
    if cx.stack.services.get(other).is_some_and(|other| home(other) == home(service)) {
        cx.ledger.decided(origin, &format!("`{other}` is in the same pod, whose containers start and go together"));
        return;
    }
    if *restart && place.object.starts_with("Job/") {
        cx.ledger.decided(origin, "a task runs anew by itself once it changed, and what it waits for is in it");
    } else if *restart {
        let why = format!("pods are replaced when the template of `{other}` changed, whose digest they carry");
        cx.ledger.translated(origin, &place.annotations(), &why);
    }
    if service.operations.waits.iter().any(|wait| wait.value.service == *other) {
        return; // Told where it waits.
    }
    let state = match condition {
        tranship_model::Condition::Started => "is started, which needs no wait: a cluster starts everything at once",
        tranship_model::Condition::Healthy => "is healthy, for which nothing waits: it is restarted until it can go on",
        tranship_model::Condition::Completed => {
            "has ended without a fault, for which nothing waits: it is restarted until it can go on"
        }
    };
    cx.ledger.decided(origin, &format!("`{}` starts when `{other}` {state}", service.name));
}

/// An object with the workload's labels.
pub(crate) fn object(cx: &Lowering<'_>, api_version: &str, parts: &Parts<'_>, spec: Fields) -> Object {
    let kind = parts.place.object.split('/').next().unwrap_or_default();
    let name = Node::from(parts.place.name.clone()).blamed_on(parts.service.origin.span());
    let mut object = Object::new(api_version, kind, name);
    object.set(&["metadata", "labels"], metadata::labels(cx, &parts.place.name));
    metadata::keep_name(&mut object, &parts.service.name);
    object.set(&["spec"], spec.node());
    object
}

/// A remark that a value is not carried over, as a warning with its place.
pub(crate) fn warn(cx: &mut Lowering<'_>, code: &'static str, span: Span, message: String, help: &str) {
    cx.diagnostics.push(Diagnostic::warning(code, message).at(span).help(help));
}
