//! Task by task: how it is done now and how then, with the names of the project in it.

use std::collections::BTreeMap;

use super::site::{Site, Thing};
use super::{CATEGORIES, Category, Delivery, Row, Task};
use crate::analysis::Facts;
use crate::analysis::dump;

/// The tasks of every category.
pub(super) fn categories(facts: &Facts<'_>, site: &Site, sums: &BTreeMap<&str, Row>) -> Vec<Category> {
    CATEGORIES
        .into_iter()
        .filter_map(|name| {
            let (with, tasks, note) = match name {
                "Cluster management" => cluster(facts, site),
                "Deployment" => deployment(facts),
                "Networking" => networking(facts, site),
                "Data layer" => data(facts, site),
                "CI/CD" => pipeline(facts, site),
                "Monitoring" => monitoring(facts, site),
                _ => secrets(facts, site),
            };
            Some(Category { name, with, tasks, sum: sums.get(name)?.clone(), note })
        })
        .collect()
}

type Told = (String, Vec<Task>, String);

fn task(name: &'static str, current: impl Into<String>, target: impl Into<String>) -> Task {
    Task { name, current: current.into(), target: target.into() }
}

/// An object to show commands with: the first workload.
fn example(facts: &Facts<'_>) -> String {
    let label = facts.stack.services.keys().find_map(|service| facts.workloads.get(service));
    label.map_or_else(|| "deployment/NAME".to_owned(), |label| label.to_ascii_lowercase())
}

fn first(facts: &Facts<'_>) -> String {
    facts.stack.services.keys().next().cloned().unwrap_or_default()
}

fn cluster(facts: &Facts<'_>, site: &Site) -> Told {
    let (title, namespace) = (super::cluster(facts), facts.namespace);
    let policies = facts.objects.iter().filter(|object| object.kind() == "NetworkPolicy").count();
    let networks = facts.stack.networks.len();
    let tasks = vec![
        task("Install", "`docker compose up -d`", format!("{title}, a kubeconfig, then `kubectl apply`")),
        task(
            "Upgrade",
            "`docker compose pull`",
            format!("a new version of {title}, node by node: drain, upgrade, uncordon"),
        ),
        task(
            "Find a fault",
            format!("`docker compose logs {}`", first(facts)),
            format!(
                "`kubectl logs {} -n {namespace}`, `kubectl describe`, `kubectl events -n {namespace}`",
                example(facts)
            ),
        ),
        task("Watch resources", "`docker stats`", format!("`kubectl top pods -n {namespace}` (metrics-server)")),
        task(
            "Networks",
            format!("{networks} Docker networks"),
            format!("a network of pods, Services, {policies} NetworkPolicies (a network plugin that enforces them)"),
        ),
    ];
    let note = match site.scaled {
        0 => format!("{title} brings DNS, storage and scheduling"),
        number => format!("{title} brings DNS, storage and scheduling; {number} of the services scale by themselves"),
    };
    (title.to_owned(), tasks, note)
}

fn deployment(facts: &Facts<'_>) -> Told {
    let (namespace, one) = (facts.namespace, example(facts));
    let delivery = facts.delivery;
    let (deploy, back, change, see) = match delivery {
        Delivery::Kubectl => (
            "`tranship convert` and `kubectl apply`".to_owned(),
            format!("`kubectl rollout undo {one} -n {namespace}`"),
            "the Compose file, then `convert` and `apply`".to_owned(),
            format!("`kubectl rollout status {one} -n {namespace}`"),
        ),
        Delivery::Flux => (
            "a push; Flux applies it".to_owned(),
            "`git revert`; a change by hand is undone by Flux".to_owned(),
            "a change in Git".to_owned(),
            "`flux get kustomizations`, `flux events`".to_owned(),
        ),
        Delivery::ArgoCd => (
            "a push; Argo CD applies it".to_owned(),
            "`git revert`; with automated sync the rollback of the UI is refused".to_owned(),
            "a change in Git".to_owned(),
            "the UI of Argo CD, `argocd app get`".to_owned(),
        ),
    };
    let tasks = vec![
        task("Deploy a version", "`docker compose up -d`", deploy),
        task("Roll back", "the old image in the Compose file, `docker compose up -d`", back),
        task("Change a setting", "an env file on the machine, `docker compose up -d`", change),
        task("Several environments", "further Compose and env files, by hand", "one overlay or values file each"),
        task("See what is deployed", "`docker compose ps`", see),
    ];
    let note = match delivery {
        Delivery::Kubectl => "as many steps as before, with another tool",
        _ => "more to set up at first, less to do at each release: history and rollback are Git's",
    };
    (delivery.title().to_owned(), tasks, note.to_owned())
}

fn networking(facts: &Facts<'_>, site: &Site) -> Told {
    let proxy = site.proxies.first();
    let name = proxy.map_or_else(|| "published ports".to_owned(), |proxy| proxy.title.clone());
    let kept = |what: &str| match proxy {
        Some(proxy) => format!("{} in its pod, {what}", proxy.title),
        None => what.to_owned(),
    };
    let health = format!("{} of {} services have a check", site.checked, facts.stack.services.len());
    let tls = facts.stack.exposure.tls.is_some();
    let tasks = vec![
        task("Add a route", format!("{name}'s configuration"), kept("and a rule of the Ingress for a new host")),
        task(
            "Encrypt (TLS)",
            if proxy.is_some() { name.clone() } else { "None".to_owned() },
            if tls {
                "the Ingress, by a certificate as a Secret"
            } else {
                "none yet: `--tls` with cert-manager or a Secret"
            },
        ),
        task(
            "Lead by path",
            if proxy.is_some() { name.clone() } else { "None".to_owned() },
            kept("paths of the Ingress"),
        ),
        task("Spread load", "None (one of each)", "Services over all replicas that are ready"),
        task("Ask for health", health, "probes; what is not ready gets no traffic"),
    ];
    let class = facts.cluster.ingress_class.unwrap_or("the cluster's class");
    let way = facts.stack.exposure.way.as_ref().map_or("Services", |way| way.value.as_str());
    let note = format!(
        "the proxy's configuration stays as it is; ingress-nginx, once the usual controller, was retired in March 2026, and {class} is what is meant here"
    );
    (way.to_owned(), tasks, note)
}

fn list(things: &[Thing]) -> String {
    let mut names: Vec<&str> = things.iter().map(|thing| thing.title.as_str()).collect();
    names.dedup();
    names.join(", ")
}

fn data(facts: &Facts<'_>, site: &Site) -> Told {
    let stores = if site.stores.is_empty() { None } else { Some(list(&site.stores)) };
    let embedded = (!site.embedded.is_empty()).then(|| "SQLite (made by the application)".to_owned());
    let now = match (&stores, &embedded) {
        (Some(stores), Some(embedded)) => format!("{stores}; {embedded}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => "None".to_owned(),
    };
    let then = match (&stores, &embedded) {
        (Some(stores), _) => format!("StatefulSets with claims: {stores}"),
        (None, Some(_)) => "the file on a claim, one replica, stopped at each update".to_owned(),
        (None, None) => "None".to_owned(),
    };
    let mut methods: Vec<&str> = facts.stack.services.values().filter_map(dump).collect();
    methods.sort_unstable();
    methods.dedup();
    let backup_now = match (methods.is_empty(), &embedded) {
        (false, _) => format!("`docker compose exec` and {}", methods.join(", ")),
        (true, Some(_)) => "a copy of the file".to_owned(),
        (true, None) => "None".to_owned(),
    };
    let backup_then = match (methods.is_empty(), &embedded) {
        (false, _) => format!("a CronJob with {}, and a restore that was tried", methods.join(", ")),
        (true, Some(_)) => {
            "a CronJob that copies the file by SQLite's own backup, and a restore that was tried".to_owned()
        }
        (true, None) => "None".to_owned(),
    };
    let schema = site.migrations.as_ref().map_or_else(
        || ("the application at its start", "a Job before the release, so that replicas do not race"),
        |_| ("by hand or at the start", "a Job before the release"),
    );
    let caches = if site.caches.is_empty() { "None".to_owned() } else { list(&site.caches) };
    let tool = site.migrations.as_ref().map(|tool| format!(" ({})", tool.title)).unwrap_or_default();
    let pools = if stores.is_some() { "each process its own connections" } else { "N/A" };
    let tasks = vec![
        task("Set up databases", now, then),
        task("Back up", backup_now, backup_then),
        task("Change schemas", format!("{}{tool}", schema.0), format!("{}{tool}", schema.1)),
        task(
            "Connections",
            pools,
            if stores.is_some() {
                "replicas multiply them: a pool per process, or PgBouncer and its like"
            } else {
                "N/A"
            },
        ),
        task(
            "Set up caches",
            caches.clone(),
            if site.caches.is_empty() {
                "None".to_owned()
            } else {
                format!("{caches} in a pod, with a claim where it had a volume")
            },
        ),
        task(
            "Look after caches",
            if site.caches.is_empty() { "N/A" } else { "`docker compose exec`" },
            if site.caches.is_empty() { "N/A" } else { "`kubectl exec`; a limit of memory and what is evicted at it" },
        ),
    ];
    let note = match (&stores, &embedded) {
        (None, Some(_)) => {
            "nothing new to run as long as one replica is enough; PostgreSQL for the second one would be 4 points more (a program, a backup, changes of the schema)"
        }
        (None, None) => "no data is kept",
        _ => "the same programs, now with claims; what they need to be backed up does not change",
    };
    ("claims and StatefulSets".to_owned(), tasks, note.to_owned())
}

fn pipeline(facts: &Facts<'_>, site: &Site) -> Told {
    let built = site.built.len();
    let ci = site.ci.first().map(|ci| ci.title.clone());
    let by = |manual: &str| ci.clone().unwrap_or_else(|| manual.to_owned());
    let tests = site.tests.as_ref().map(|tests| format!(" ({})", tests.title)).unwrap_or_default();
    let tasks = if built == 0 {
        vec![
            task("Build images", "nothing is built", "nothing is built"),
            task("Deploy", "by hand", facts.delivery.title()),
        ]
    } else {
        vec![
            task(
                "Build images",
                by("`docker compose build`"),
                format!("a pipeline, {built} images (or `docker buildx bake` with the written file)"),
            ),
            task(
                "Push images",
                if ci.is_some() { by("") } else { "N/A (they stay on the machine)".to_owned() },
                "to a registry, by digest",
            ),
            task(
                "Deploy",
                by("Manual"),
                match facts.delivery {
                    Delivery::Kubectl => "the pipeline, by `kubectl apply`".to_owned(),
                    delivery => format!("{} follows the repository", delivery.title()),
                },
            ),
            task("Test", by(&format!("Manual{tests}")), format!("before a merge{tests}")),
            task("Lint", by("Manual"), "before a merge"),
        ]
    };
    let note = if built == 0 {
        "there is no code to build"
    } else {
        "to be set up once; afterwards it keeps faults out by itself"
    };
    (ci.unwrap_or_else(|| "a pipeline".to_owned()), tasks, note.to_owned())
}

fn monitoring(facts: &Facts<'_>, site: &Site) -> Told {
    let told = facts.stack.services.values().filter(|service| service.operations.metrics.is_some()).count();
    let observers = if site.observers.is_empty() { "None".to_owned() } else { list(&site.observers) };
    let keep = |otherwise: &str| if site.observers.is_empty() { otherwise.to_owned() } else { observers.clone() };
    let tasks = vec![
        task(
            "Logs",
            "`docker compose logs`",
            format!("`kubectl logs {} -n {}`; gone with the pod unless gathered", example(facts), facts.namespace),
        ),
        task("Metrics", keep("None"), format!("metrics-server for now; {told} services tell their own to Prometheus")),
        task("Alerts", keep("None"), keep("none yet (Alertmanager)")),
        task("Traces", keep("None"), keep("none yet (OpenTelemetry)")),
        task("Health", format!("{} checks", site.checked), "the same as probes, which act: no traffic, restart"),
    ];
    (
        "kubectl and probes".to_owned(),
        tasks,
        "what is there today stays; gathering logs and alerts is a step of its own".to_owned(),
    )
}

fn secrets(facts: &Facts<'_>, site: &Site) -> Told {
    let files: Vec<String> = site.secret_files.iter().take(4).map(|file| format!("`{}`", file.title)).collect();
    let now = if files.is_empty() { "None".to_owned() } else { files.join(", ") };
    let git = match facts.delivery {
        Delivery::Kubectl => "Secrets, written apart from everything else",
        _ => "Secrets, in Git only encrypted (`--secrets sops|sealed`) or from a store (`--secrets external`)",
    };
    let tasks = vec![
        task("Keep", now, git),
        task(
            "Rotate",
            "an edit, `docker compose up -d`",
            "a change of the Secret; pods whose Secret changed are replaced",
        ),
        task(
            "Say who may read",
            "rights of files",
            format!("RBAC in the namespace `{}`; everyone who may make pods there reads them too", facts.namespace),
        ),
    ];
    let number = site.credentials;
    (
        "Kubernetes Secrets".to_owned(),
        tasks,
        format!("{number} credentials; encrypted at rest only where the cluster is told to"),
    )
}
