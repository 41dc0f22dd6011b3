//! Ofelia: jobs as labels `ofelia.JOB-KIND.NAME.KEY`, or as sections of an INI file mounted into it.
//!
//! `job-exec` runs a command in a container that is running. A pod of its own with the same image, variables and
//! mounts stands in for it: what needs the process itself, such as a socket or `localhost`, is not there, which is said.

use indexmap::IndexMap;
use tranship_model::mount::BlobMount;
use tranship_model::{
    At, BlobContent, EnvValue, EnvVar, Health, Mount, MountClass, MountSource, Origin, Overlap, Role, Service, Traced,
    User, Workload,
};

use super::ini;
use super::{run_at, schedule, take_labels, time_zone};
use crate::lift::account::Leaves;
use crate::lift::context::{Lifting, free_key};
use crate::loader::command_words;

/// One job with everything that is said of it.
struct Job {
    kind: Kind,
    name: String,
    /// The service whose container it is run in, where that is told by where the labels stand.
    on: Option<String>,
    keys: Vec<(String, Traced<String>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Exec,
    Run,
    Local,
    ServiceRun,
}

impl Kind {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "job-exec" => Self::Exec,
            "job-run" => Self::Run,
            "job-local" => Self::Local,
            "job-service-run" => Self::ServiceRun,
            _ => return None,
        })
    }
}

/// Makes a service of every job.
pub(super) fn lift(cx: &mut Lifting<'_>, services: &mut IndexMap<String, Service>) {
    let is_scheduler =
        |s: &Service| s.product.as_ref().is_some_and(|p| p.value == "ofelia") || says(s, "ofelia.service");
    let scheduler = services.values().find(|s| is_scheduler(s)).map(|s| s.name.clone());
    let mut jobs = Vec::new();
    let enabled: Vec<String> =
        services.values().filter(|s| says(s, "ofelia.enabled")).map(|s| s.name.clone()).collect();
    for name in enabled {
        let is_scheduler = scheduler.as_ref() == Some(&name);
        if let Some(service) = services.get_mut(&name) {
            let labels = take_labels(service, "ofelia.");
            of_labels(cx, &name, is_scheduler, labels, &mut jobs);
        }
    }
    if let Some(scheduler) = scheduler.as_ref().and_then(|name| services.get(name)) {
        of_file(cx, scheduler, &mut jobs);
    }
    let zone = time_zone(scheduler.as_ref().and_then(|name| services.get(name)));
    for job in jobs {
        make(cx, services, scheduler.as_deref(), &zone, &job);
    }
}

fn says(service: &Service, label: &str) -> bool {
    service.labels.iter().any(|(name, value)| name == label && value.value == "true")
}

/// Sorts labels into jobs.
fn of_labels(
    cx: &mut Lifting<'_>,
    service: &str,
    is_scheduler: bool,
    labels: Vec<(String, Traced<String>)>,
    jobs: &mut Vec<Job>,
) {
    for (label, value) in labels {
        let mut parts = label.splitn(4, '.').skip(1);
        let (kind, name, key) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        match (Kind::of(kind), name, key) {
            (Some(kind), Some(name), Some(key)) if kind == Kind::Exec || is_scheduler => {
                let on = (!is_scheduler).then(|| service.to_owned());
                let known = jobs.iter_mut().find(|job| job.kind == kind && job.name == name && job.on == on);
                match known {
                    Some(job) => job.keys.push((key.to_lowercase(), value)),
                    None => jobs.push(Job { kind, name: name.to_owned(), on, keys: vec![(key.to_lowercase(), value)] }),
                }
            }
            (Some(_), ..) => {
                cx.dropped(
                    &value,
                    "ofelia reads jobs of this kind from its own labels only",
                    "move it to ofelia's labels",
                );
            }
            (None, ..) if matches!(kind, "enabled" | "service") => {
                cx.decided(&value, "it lets ofelia read the labels, whose jobs are CronJobs here");
            }
            (None, ..) => global(cx, kind, &value),
        }
    }
}

/// A setting of ofelia as a whole: where it reports to.
fn global(cx: &mut Lifting<'_>, key: &str, value: &Traced<String>) {
    let why = format!("`{key}` says where ofelia reports how jobs went, and a CronJob keeps its last runs as objects");
    cx.dropped(value, &why, "watch the metric `kube_job_status_failed`, or `kubectl get jobs`");
}

/// The jobs of the INI file that is mounted into the scheduler.
fn of_file(cx: &mut Lifting<'_>, scheduler: &Service, jobs: &mut Vec<Job>) {
    let argv = scheduler.process.command.iter().flat_map(|command| &command.value);
    let path = argv.clone().find_map(|arg| arg.strip_prefix("--config=")).unwrap_or("/etc/ofelia/config.ini");
    let mount = scheduler.mounts.iter().find(|mount| mount.target == path);
    let (Some(mount), blobs) = (match mount.map(|mount| &mount.source) {
        Some(MountSource::Config(blob)) => (Some(blob), &cx.configs),
        Some(MountSource::Secret(blob)) => (Some(blob), &cx.secrets),
        _ => return,
    }) else {
        return;
    };
    let BlobMount { blob, file, .. } = mount;
    let Some(BlobContent::Files(files)) = blobs.get(blob).map(|blob| &blob.content) else { return };
    let Some(found) = files.iter().find(|known| file.as_ref().is_none_or(|file| *file == known.path)) else { return };
    let text = String::from_utf8_lossy(found.bytes.expose()).into_owned();
    let because = format!("the job stands in `{path}` of `{}`", scheduler.name);
    for ini::Section { kind, name, keys } in ini::read(&text) {
        let traced = |(key, value): (String, String)| (key, Traced::decided(value, "ofelia-file", because.clone()));
        let keys: Vec<_> = keys.into_iter().map(traced).collect();
        match Kind::of(&kind) {
            Some(kind) => jobs.push(Job { kind, name, on: None, keys }),
            None => keys.iter().for_each(|(key, value)| global(cx, key, value)),
        }
    }
}

/// The service of one job.
fn make(
    cx: &mut Lifting<'_>,
    services: &mut IndexMap<String, Service>,
    scheduler: Option<&str>,
    zone: &str,
    job: &Job,
) {
    let value = |wanted: &str| job.keys.iter().find(|(key, _)| key == wanted).map(|(_, value)| value);
    let leaves: Vec<At> = job.keys.iter().flat_map(|(_, value)| value.list()).collect();
    let span = job.keys.first().map_or(tranship_source::Span::NONE, |(_, value)| value.span());
    let Some(times) = value("schedule") else {
        cx.dropped(&leaves, "a job without a schedule never runs", "write its `schedule`");
        return;
    };
    let container = value("container").map(|container| container.value.clone());
    let target = match (job.kind, value("image"), job.on.clone().or(container)) {
        (Kind::Run | Kind::ServiceRun, Some(_), _) | (Kind::Local, ..) => scheduler.map(str::to_owned),
        (_, _, Some(name)) => service_of(services, &name, cx.input.name),
        (_, _, None) => None,
    };
    let Some(target) = target else {
        let message = format!("the job `{}` runs in a container that is no service of the project", job.name);
        cx.warn("schedule-target", span, message, "name a service of the project, or give the job an image");
        cx.dropped(&leaves, "the container it runs in is not one of the project's", "name a service's container");
        return;
    };
    let overlap = match value("no-overlap") {
        Some(flag) if flag.value == "true" || flag.value.is_empty() => Overlap::Skip,
        _ => Overlap::Allow,
    };
    let whole = job.kind == Kind::Run && value("image").is_none();
    let fresh = value("image").is_some() && job.kind != Kind::Exec && job.kind != Kind::Local;
    let image_of = (!whole && !fresh).then(|| target.clone());
    let origin = Origin::From(leaves.clone());
    let Some(times) = schedule(cx, &job.name, times, origin.clone(), zone, overlap, image_of) else {
        cx.dropped(&leaves, "the job is not carried over, as its schedule cannot be read", "write five fields");
        return;
    };
    let because = format!("the job `{}` of ofelia runs at set times", job.name);
    if whole {
        if let Some(service) = services.get_mut(&target) {
            run_at(service, times, because);
        }
        return;
    }
    let Some(pattern) = services.get(&target) else { return };
    let name = free_key(services, &format!("{target}-{}", slug(&job.name)));
    let mut service = like(pattern, name.clone(), &origin, fresh);
    run_at(&mut service, times, because);
    if fresh {
        service.image = value("image").cloned();
    }
    settings(cx, job, &mut service);
    if job.kind == Kind::Exec {
        warn_of_local(cx, job, &target, span, &service);
    }
    services.insert(name, service);
}

/// The service whose container has a name: its own, or the one the engine gives it.
fn service_of(services: &IndexMap<String, Service>, name: &str, project: &str) -> Option<String> {
    let plain = name.strip_prefix(&format!("{project}-")).or_else(|| name.strip_prefix(&format!("{project}_")));
    let plain = plain.and_then(|rest| rest.rsplit_once(['-', '_'])).map(|(service, _)| service);
    let has = |service: &&Service| {
        service.name == name || Some(service.name.as_str()) == plain || service.aliases.iter().any(|a| a.value == name)
    };
    services.values().find(has).map(|service| service.name.clone())
}

fn slug(name: &str) -> String {
    crate::lift::context::slug(&name.replace('_', "-")).to_lowercase()
}

/// A service with the image, variables and mounts of another, or with nothing of it, for a command that ends.
fn like(pattern: &Service, name: String, origin: &Origin, fresh: bool) -> Service {
    let mut service = pattern.clone();
    service.name = name;
    service.origin = origin.clone();
    service.role = Traced::decided(Role::App, "schedule", "a command that runs at set times");
    service.workload = Traced::decided(Workload::Scheduled, "schedule", "it runs at set times");
    service.build = None;
    service.product = None;
    service.ports.clear();
    service.aliases.clear();
    service.hostname = None;
    service.health = Health::Unsaid;
    service.depends_on.clear();
    service.replicas = None;
    service.restart = None;
    service.rollout = tranship_model::Rollout::default();
    service.labels.clear();
    service.annotations.clear();
    service.hooks = tranship_model::Hooks::default();
    service.process.command = None;
    service.process.entrypoint = None;
    service.process.tty = None;
    service.process.stdin = None;
    if fresh {
        service.pull = None;
        service.env.clear();
        service.mounts.clear();
        service.networks.clear();
        service.process = tranship_model::Process::default();
        service.resources = tranship_model::Resources::default();
        service.security = tranship_model::Security::default();
        service.hosts.clear();
        service.dns = tranship_model::Dns::default();
        service.placement = tranship_model::Placement::default();
    }
    // What is the pattern's own has its lines already.
    forget(&mut service, origin);
    service
}

/// The volumes are the pattern's, and its own pods fill them.
fn forget(service: &mut Service, origin: &Origin) {
    for mount in &mut service.mounts {
        mount.origin = origin.clone();
        if let MountSource::Volume { fill, .. } | MountSource::Scratch { fill, .. } = &mut mount.source {
            *fill = Traced::decided(false, "schedule", "the service that the volume belongs to fills it");
        }
    }
    // The engine's socket and the machine stay behind, as they do for the service itself.
    service.mounts.retain(|mount| !matches!(mount.source, MountSource::Host { .. }));
}

/// Puts the job's own settings into its service.
fn settings(cx: &mut Lifting<'_>, job: &Job, service: &mut Service) {
    let root = || User { user: "0".to_owned(), group: None };
    if job.kind != Kind::Local {
        service.process.user =
            Some(Traced::decided(root(), "ofelia-user", "ofelia runs jobs as root unless told otherwise"));
    }
    for (key, value) in &job.keys {
        match key.as_str() {
            "schedule" | "container" | "image" | "no-overlap" => {}
            "command" => {
                let words = command_words(&value.value);
                let words = words.unwrap_or_else(|| value.value.split_whitespace().map(str::to_owned).collect());
                let argv = Some(Traced::new(words, value.origin.clone()));
                // A command that is run in a container does not pass through its entrypoint.
                match job.kind {
                    Kind::Exec | Kind::Local => service.process.entrypoint = argv,
                    Kind::Run | Kind::ServiceRun => service.process.command = argv,
                }
            }
            "user" => {
                let (user, group) =
                    value.value.split_once(':').map_or((&*value.value, None), |(u, g)| (u, Some(g.to_owned())));
                let user = User { user: user.to_owned(), group };
                service.process.user = Some(value.with(user));
            }
            "tty" => service.process.tty = Some(value.with(value.value == "true")).filter(|tty| tty.value),
            "dir" => service.process.working_dir = Some(value.clone()),
            "environment" | "env" => environment(value, service),
            "volume" => volumes(cx, value, service),
            "network" => cx.decided(value, "pods share one flat network, so that the job reaches every service"),
            "delete" | "pull" | "hostname" => {
                cx.decided(
                    value,
                    "a CronJob keeps its last runs and removes older ones; images are pulled when absent",
                );
            }
            other => global(cx, other, value),
        }
    }
}

/// One or several values, as a text or as a JSON list.
fn items(value: &str) -> Vec<String> {
    let inner = value.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match inner {
        Some(inner) => {
            inner.split(',').map(|item| item.trim().trim_matches('"').to_owned()).filter(|i| !i.is_empty()).collect()
        }
        None => vec![value.to_owned()],
    }
}

fn environment(value: &Traced<String>, service: &mut Service) {
    for item in items(&value.value) {
        let Some((name, text)) = item.split_once('=') else { continue };
        service.env.retain(|var| var.name != name);
        let held = match tranship_model::credential::reason(name, text, None) {
            Some(because) => EnvValue::Secret { value: tranship_source::Secret::new(text.to_owned()), because },
            None => EnvValue::Plain(text.to_owned()),
        };
        service.env.push(EnvVar { name: name.to_owned(), value: value.with(held) });
    }
}

/// `SOURCE:TARGET[:ro]`: a volume of the project by its key or by the engine's name, else a path of the machine.
fn volumes(cx: &mut Lifting<'_>, value: &Traced<String>, service: &mut Service) {
    for item in items(&value.value) {
        let mut parts = item.split(':');
        let (Some(source), Some(target)) = (parts.next(), parts.next()) else { continue };
        let read_only = parts.next() == Some("ro");
        let project = format!("{}_", cx.input.name);
        let key = source.strip_prefix(&project).unwrap_or(source);
        let named = |(known, volume): (&String, &tranship_model::Volume)| {
            let by_name = volume.name.as_ref().is_some_and(|name| name.value == source);
            (known == key || by_name).then(|| known.clone())
        };
        let fill = Traced::decided(false, "schedule", "the service that the volume belongs to fills it");
        let (source, class) = match cx.volumes.iter().find_map(named) {
            Some(volume) => (MountSource::Volume { volume, subpath: None, fill }, MountClass::Data),
            None => {
                let path = std::path::Path::new(source);
                let project_path = cx.project_path(path);
                (MountSource::Host { path: source.to_owned(), project_path, exists: false }, MountClass::Host)
            }
        };
        let class = Traced::decided(class, "schedule", "a job of ofelia mounts it");
        service.mounts.push(Mount {
            origin: value.origin.clone(),
            target: target.to_owned(),
            read_only,
            source,
            class,
        });
    }
}

/// Programs that ask the server beside them unless they are told of another.
const CLIENTS: [&str; 9] =
    ["pg_dump", "pg_dumpall", "psql", "mysqldump", "mysql", "mongodump", "redis-cli", "mariadb-dump", "rabbitmqctl"];

/// A command that talks to the process beside it finds nobody in a pod of its own.
fn warn_of_local(cx: &mut Lifting<'_>, job: &Job, target: &str, span: tranship_source::Span, service: &Service) {
    let words = service.process.entrypoint.iter().flat_map(|argv| &argv.value);
    let near = ["localhost", "127.0.0.1", ".sock", "::1"];
    let names_it = words.clone().any(|word| near.iter().any(|near| word.contains(near)));
    let host = |word: &&String| word.starts_with("-h") || word.starts_with("--host") || word.contains("--uri");
    let asks = words.clone().any(|word| CLIENTS.iter().any(|client| word.contains(client)))
        && !words.clone().any(|w| host(&w));
    let signals =
        words.clone().any(|word| matches!(word.as_str(), "kill" | "pkill" | "killall" | "nginx" | "supervisorctl"));
    if names_it || asks || signals {
        let message = format!(
            "the job `{}` runs in a pod of its own, where the process of `{target}` is not beside it",
            job.name
        );
        let help = format!(
            "let it call `{target}` by its name, such as with `-h {target}`, instead of the socket or `localhost`"
        );
        cx.warn("schedule-beside", span, message, help);
    }
}
