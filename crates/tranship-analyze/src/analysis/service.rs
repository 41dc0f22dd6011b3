//! One service: what it is, what it is made with, what it needs, and what becomes of it.

use serde::Serialize;
use tranship_kube::Object;
use tranship_model::catalog::{self, ProductRole};
use tranship_model::{
    Ask, Check, Health, Mount, MountClass, MountSource, Origin, Role, Service, Test, Traced, Workload,
};
use tranship_source::yaml::Node;

use super::Facts;
use super::environment::{self, EnvironmentRow};
use crate::code::{Code, Made};
use crate::graph::{Evidence, Target};
use crate::place::Place;
use crate::tech::{Kind, Serves};

/// A service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceRow {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub place: Option<Place>,
    /// What part it plays, in a few words.
    pub role: String,
    /// How that is known.
    pub role_because: String,
    /// The product, where it is one the catalog knows.
    pub product: Option<String>,
    /// What its code is written with.
    pub framework: Option<Framework>,
    /// What else it is made with.
    pub also: Vec<Framework>,
    /// What runs its code.
    pub runtime: Option<Framework>,
    /// The image that runs.
    pub image: Option<String>,
    /// The Dockerfile, where it is built.
    pub dockerfile: Option<String>,
    /// The folder the build sees.
    pub context: Option<String>,
    /// Ports it listens on.
    pub ports: Vec<PortRow>,
    /// What is mounted.
    pub volumes: Vec<VolumeRow>,
    /// How its health is asked.
    pub health: HealthRow,
    /// Its environment, by kind.
    pub environment: Vec<EnvironmentRow>,
    /// Services it calls or waits for.
    pub needs: Vec<String>,
    /// Hosts outside the project that it calls.
    pub outside: Vec<String>,
    /// What it keeps in its process.
    pub held: Vec<HeldRow>,
    /// What becomes of it.
    pub kubernetes: Option<KubernetesRow>,
}

/// A framework or a runtime, with what shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Framework {
    /// Its name.
    pub name: String,
    /// Its version as written; may be empty.
    pub version: String,
    /// The language.
    pub language: String,
    /// What shows it; never empty.
    pub evidence: Vec<Evidence>,
}

impl Framework {
    fn of(made: &Made) -> Self {
        Self {
            name: made.with.title.clone(),
            version: made.version.clone(),
            language: made.with.language.clone(),
            evidence: made.marks.iter().map(|mark| mark.evidence.clone()).collect(),
        }
    }

    /// Name and version.
    pub fn title(&self) -> String {
        if self.version.is_empty() { self.name.clone() } else { format!("{} {}", self.name, self.version) }
    }
}

/// A port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PortRow {
    /// In the container.
    pub container: u16,
    /// Its protocol.
    pub protocol: &'static str,
    /// On the machine, where it is published.
    pub published: Option<String>,
    /// Where it is written.
    pub place: Option<Place>,
}

/// Something mounted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VolumeRow {
    /// Where in the container.
    pub target: String,
    /// What.
    pub source: String,
    /// What for.
    pub class: &'static str,
    /// Where it is written.
    pub place: Option<Place>,
}

/// How health is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HealthRow {
    /// `project`, `image`, `decided`, `off` or `none`.
    pub from: &'static str,
    /// The question.
    pub asks: String,
    /// Where it is written.
    pub place: Option<Place>,
}

/// Something a service keeps in its process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldRow {
    /// What.
    pub what: &'static str,
    /// What follows.
    pub means: &'static str,
    /// What to do.
    pub instead: &'static str,
    /// What shows it; never empty.
    pub evidence: Vec<Evidence>,
}

/// What becomes of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KubernetesRow {
    /// The workload, as `Deployment/web`.
    pub workload: String,
    /// Why it is of that kind.
    pub because: String,
    /// How many run at once, a number or a range; empty where that is not the kind's to say.
    pub replicas: String,
    /// Why so many.
    pub replicas_because: String,
    /// The other objects that are its own.
    pub objects: Vec<String>,
    /// Every other choice, as `report.json` has them.
    pub decisions: Vec<super::Decision>,
}

/// The row of a service.
pub(super) fn row(facts: &Facts<'_>, service: &Service, code: Option<&Code>) -> ServiceRow {
    let made = code.map(|code| code.made.as_slice()).unwrap_or_default();
    let mut frameworks = made.iter().filter(|made| made.with.kind == Kind::Framework).map(Framework::of);
    let framework = frameworks.next();
    let also: Vec<Framework> = frameworks.collect();
    let runtime = made.iter().find(|made| made.with.kind == Kind::Runtime);
    let product = service.product.as_ref().and_then(|product| catalog::by_name(&product.value));
    let (role, role_because) = part(facts, service, code);
    let outgoing = facts.calls.iter().filter(|call| call.from == service.name);
    let (mut needs, mut outside) = (Vec::new(), Vec::new());
    for call in outgoing {
        let (all, name) = match &call.to {
            Target::Service(name) => (&mut needs, name),
            Target::Outside(host) => (&mut outside, host),
        };
        if !all.contains(name) {
            all.push(name.clone());
        }
    }
    let recipe = code.and_then(|code| code.recipe.as_ref());
    ServiceRow {
        name: service.name.clone(),
        place: facts.places.of(service.origin.span()),
        role,
        role_because,
        product: product.map(|product| product.title.clone()),
        framework,
        also,
        runtime: runtime.map(Framework::of),
        image: service.image.as_ref().map(|image| image.value.clone()),
        dockerfile: recipe.map(|recipe| recipe.file.clone()),
        context: match (recipe, &service.build) {
            (Some(recipe), _) => Some(recipe.context.clone()),
            (None, build) => build.as_ref().map(|build| build.context.clone()),
        },
        ports: service
            .ports
            .iter()
            .map(|port| PortRow {
                container: port.container,
                protocol: port.protocol.as_str(),
                published: port.published.as_ref().map(|published| published.port.clone()),
                place: facts.places.of(port.origin.span()),
            })
            .collect(),
        volumes: service.mounts.iter().map(|mount| volume(facts, mount)).collect(),
        health: health(facts, service),
        environment: environment::rows(facts, service),
        needs,
        outside,
        held: held(facts, service, code),
        kubernetes: kubernetes(facts, service),
    }
}

fn held(facts: &Facts<'_>, service: &Service, code: Option<&Code>) -> Vec<HeldRow> {
    let held = code.map(|code| code.held.as_slice()).unwrap_or_default();
    held.iter()
        .map(|held| HeldRow {
            what: held.what.title(),
            means: held.what.means(),
            instead: held.what.instead(),
            evidence: held.evidence.iter().map(|one| placed(facts, service, one)).collect(),
        })
        .collect()
}

/// Evidence with the place of the variable it names, where it has none.
pub(crate) fn placed(facts: &Facts<'_>, service: &Service, evidence: &Evidence) -> Evidence {
    let mut out = evidence.clone();
    if out.place.is_none() {
        let name = out.text.trim_matches('`').split('=').next().unwrap_or_default().to_owned();
        let variable = service.env.iter().find(|variable| variable.name == name);
        out.place = variable.and_then(|variable| facts.places.of(variable.value.span()));
    }
    out
}

/// Programs that answer requests, whatever the code behind them is written with.
const SERVERS: [&str; 9] =
    ["uvicorn", "gunicorn", "uwsgi", "hypercorn", "daphne", "puma", "php-fpm", "apache2-foreground", "frankenphp"];

/// What part a service plays, and how that is known.
fn part(facts: &Facts<'_>, service: &Service, code: Option<&Code>) -> (String, String) {
    let product = service.product.as_ref().and_then(|product| catalog::by_name(&product.value));
    let built_on = code.and_then(Code::base_product).filter(|_| service.build.is_some());
    if service.workload.value.ends() {
        let word = if service.workload.value == Workload::Scheduled { "task at set times" } else { "task" };
        return (word.to_owned(), reason(&service.workload));
    }
    if let Some(product) = product.filter(|product| product.role != ProductRole::Runtime) {
        return (
            product_word(shown_role(facts, service, product.role)).to_owned(),
            format!("its image is {}'s", product.title),
        );
    }
    let framework = code.and_then(|code| code.made.first()).filter(|made| made.with.kind == Kind::Framework);
    if let Some(made) = framework {
        let word = match made.with.serves {
            Serves::Api => "API server",
            Serves::Site => "web application",
            Serves::Pages => "frontend",
            Serves::Worker => "worker",
            Serves::App => "application",
        };
        return (word.to_owned(), format!("it is made with {}", made.with.title));
    }
    let server = code.and_then(|code| code.words.iter().find(|word| SERVERS.contains(&word.as_str())));
    if let Some(server) = server.filter(|_| service.build.is_some()) {
        return ("web application".to_owned(), format!("it starts {server}"));
    }
    if let Some(product) = built_on {
        return (
            product_word(shown_role(facts, service, product.role)).to_owned(),
            format!("it is built on {}'s image", product.title),
        );
    }
    match service.role.value {
        Role::App => ("application".to_owned(), "nothing says more".to_owned()),
        role => (role_word(role).to_owned(), reason(&service.role)),
    }
}

/// The role of a product here: a web server that calls others passes requests on.
fn shown_role(facts: &Facts<'_>, service: &Service, role: ProductRole) -> ProductRole {
    let calls = facts.calls.iter().any(|call| call.from == service.name && matches!(call.to, Target::Service(_)));
    match role {
        ProductRole::WebServer if calls => ProductRole::Proxy,
        ProductRole::TimeSeries if crate::part::part(service) == Role::Observer => ProductRole::Metrics,
        role => role,
    }
}

fn product_word(role: ProductRole) -> &'static str {
    match role {
        ProductRole::Database => "database",
        ProductRole::Cache => "cache",
        ProductRole::Queue => "message broker",
        ProductRole::ObjectStore => "object storage",
        ProductRole::Search => "search engine",
        ProductRole::TimeSeries => "time series database",
        ProductRole::Coordination => "coordination",
        ProductRole::Proxy => "reverse proxy",
        ProductRole::WebServer => "web server",
        ProductRole::Gateway => "API gateway",
        ProductRole::App => "application",
        ProductRole::Identity => "identity provider",
        ProductRole::Secrets => "secret store",
        ProductRole::Metrics => "metrics",
        ProductRole::Dashboard => "dashboards",
        ProductRole::Logs => "logs",
        ProductRole::Tracing => "traces",
        ProductRole::Admin => "console",
        ProductRole::Mail => "mail",
        ProductRole::Emulator => "emulator of a cloud service",
        ProductRole::Worker => "worker",
        ProductRole::Scheduler => "scheduler",
        ProductRole::Helper => "helper",
        ProductRole::Runtime => "runtime",
    }
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::App => "application",
        Role::Store => "store",
        Role::Cache => "cache",
        Role::Queue => "message broker",
        Role::Proxy => "reverse proxy",
        Role::Observer => "monitoring",
        Role::Admin => "console",
        Role::Helper => "helper of the container engine",
    }
}

/// Why a value is what it is, in a sentence.
pub(super) fn reason<T>(value: &Traced<T>) -> String {
    match &value.origin {
        Origin::Decided { because, .. } => because.clone(),
        Origin::From(_) => "the project says so".to_owned(),
    }
}

fn volume(facts: &Facts<'_>, mount: &Mount) -> VolumeRow {
    let source = match &mount.source {
        MountSource::Volume { volume, .. } => format!("volume {volume}"),
        MountSource::Config(blob) => format!("config {}", blob.blob),
        MountSource::Secret(blob) => format!("secret {}", blob.blob),
        MountSource::Scratch { memory: true, .. } => "memory".to_owned(),
        MountSource::Scratch { .. } => "an empty folder".to_owned(),
        MountSource::Host { path, project_path, .. } => {
            project_path.as_ref().map_or_else(|| path.clone(), |path| format!("./{}", path.trim_start_matches("./")))
        }
        MountSource::Image { image, .. } => format!("image {image}"),
    };
    let place = facts.places.of(mount.origin.span());
    VolumeRow { target: mount.target.clone(), source, class: class(mount.class.value), place }
}

/// What a mount is for, in a word.
pub(super) fn class(class: MountClass) -> &'static str {
    match class {
        MountClass::Data => "data",
        MountClass::Config => "configuration",
        MountClass::Secret => "credentials",
        MountClass::Logs => "logs",
        MountClass::Source => "source code",
        MountClass::Socket => "socket of the machine",
        MountClass::Cache => "cache",
        MountClass::Host => "part of the machine",
        MountClass::Scratch => "scratch",
        MountClass::Image => "files of an image",
    }
}

/// How its health is asked: by the project, else by the image, else as decided.
fn health(facts: &Facts<'_>, service: &Service) -> HealthRow {
    let told = |from, check: &Check| {
        let asks = check.test.as_ref().map_or_else(
            || "the image's own check".to_owned(),
            |test| match &test.value {
                Test::Exec(words) => words.join(" "),
                Test::Shell(line) => line.clone(),
            },
        );
        HealthRow { from, asks: covered(&asks), place: facts.places.of(check.origin.span()) }
    };
    match &service.health {
        Health::Check(check) => return told("project", check),
        Health::Disabled(origin) => {
            return HealthRow { from: "off", asks: String::new(), place: facts.places.of(origin.span()) };
        }
        Health::Unsaid => {}
    }
    if let Some(Health::Check(check)) = service.image_facts.as_ref().map(|facts| &facts.health) {
        return told("image", check);
    }
    let operations = &service.operations;
    let decided = [&operations.ready, &operations.live, &operations.started].into_iter().flatten().next();
    match decided {
        Some(question) => {
            let asks = match &question.value.ask {
                Ask::Exec(words) => covered(&words.join(" ")),
                Ask::Http { path, port } => format!("GET {path} at port {port}"),
                Ask::Tcp { port } => format!("a connection to port {port}"),
            };
            HealthRow { from: "decided", asks, place: facts.places.of(question.span()) }
        }
        None => HealthRow { from: "none", asks: String::new(), place: None },
    }
}

/// A command without the credentials in it.
fn covered(text: &str) -> String {
    let mut out = text.to_owned();
    for found in tranship_model::credential::in_text(text).into_iter().rev() {
        out.replace_range(found.range, "•••");
    }
    out
}

fn kubernetes(facts: &Facts<'_>, service: &Service) -> Option<KubernetesRow> {
    let label = facts.workloads.get(&service.name)?;
    let (kind, name) = label.split_once('/')?;
    let object = facts.objects.find(kind, name)?;
    let own = object.get(&["metadata", "labels", "app.kubernetes.io/name"]).and_then(Node::as_str);
    let of_it = |other: &&Object| {
        let theirs = other.get(&["metadata", "labels", "app.kubernetes.io/name"]).and_then(Node::as_str);
        theirs.is_some() && theirs == own && other.label() != *label
    };
    let (replicas, replicas_because) = match (&service.operations.scaling, &service.replicas) {
        (Some(scaling), _) => (format!("{}–{}", scaling.value.min, scaling.value.max), reason(scaling)),
        (None, Some(replicas)) => (replicas.value.to_string(), reason(replicas)),
        (None, None) if matches!(kind, "Deployment" | "StatefulSet") => {
            let number = object.get(&["spec", "replicas"]).and_then(Node::as_int).unwrap_or(1);
            (number.to_string(), String::new())
        }
        (None, None) => (String::new(), String::new()),
    };
    let mine = facts.decisions.iter().filter(|decision| decision.service.as_deref() == Some(service.name.as_str()));
    Some(KubernetesRow {
        workload: label.clone(),
        because: reason(&service.workload),
        replicas,
        replicas_because,
        objects: facts.objects.iter().filter(of_it).map(Object::label).collect(),
        decisions: mine.cloned().collect(),
    })
}
