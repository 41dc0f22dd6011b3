//! What could be better in this project: one question per function, each answer with what shows it.
//!
//! Nothing general is said: a project that keeps fixed versions hears nothing of versions.

use std::collections::BTreeMap;

use tranship_model::{EnvValue, Health, MountClass, Role, Service};

use super::ends::ended;
use super::service::placed;
use super::{Advice, Facts};
use crate::code::{Code, Reader};
use crate::graph::Evidence;
use crate::place::{Place, ends};

/// So many places are told of one advice.
const MOST: usize = 6;

type Codes<'a> = BTreeMap<&'a str, Code>;

/// Everything that could be better, what breaks first before what is merely nicer.
pub(super) fn advice(facts: &Facts<'_>, codes: &Codes<'_>, reader: &mut Reader<'_>) -> Vec<Advice> {
    let first = ended_versions(facts, codes).into_iter().chain(state(facts, codes));
    let rest = [
        open_stores(facts),
        plain_credentials(facts),
        engine_socket(facts),
        root(facts, codes),
        loose_tags(facts, codes),
        no_check(facts),
        one_stage(codes),
        large_base(codes),
        whole_context(codes, reader),
        no_lock(codes),
        log_files(facts),
        no_metrics(facts, codes),
    ];
    first.chain(rest.into_iter().flatten()).collect()
}

/// An advice, where something shows it.
fn told(id: &'static str, title: &str, why: &str, todo: &str, mut evidence: Vec<Evidence>) -> Option<Advice> {
    if evidence.is_empty() {
        return None;
    }
    let more = evidence.len().saturating_sub(MOST);
    evidence.truncate(MOST);
    let more = if more > 0 { format!(" ({more} more places)") } else { String::new() };
    Some(Advice { id, title: title.to_owned(), why: format!("{why}{more}"), todo: todo.to_owned(), evidence })
}

fn evidence(what: &str, text: String, place: Option<Place>) -> Evidence {
    Evidence { what: what.to_owned(), text, place }
}

/// Every image with what names it: those that run as they are, and those that builds start from.
fn images(facts: &Facts<'_>, codes: &Codes<'_>) -> Vec<(String, Evidence)> {
    let mut out: Vec<(String, Evidence)> = Vec::new();
    for service in facts.stack.services.values() {
        let recipe = codes.get(service.name.as_str()).and_then(|code| code.recipe.as_ref());
        let bases = recipe.into_iter().flat_map(|recipe| recipe.bases.iter().map(move |base| (recipe, base)));
        for (recipe, (image, line)) in bases.filter(|(_, (image, _))| !image.is_empty()) {
            let text = format!("`FROM {image}` of `{}`", service.name);
            out.push((image.clone(), evidence("Dockerfile", text, recipe.at(*line))));
        }
        if let (None, Some(image)) = (&service.build, &service.image) {
            let text = format!("`{}` of `{}`", image.value, service.name);
            out.push((image.value.clone(), evidence("image", text, facts.places.of(image.span()))));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    out.retain(|(image, shows)| seen.insert((image.clone(), shows.place.clone())));
    out
}

fn ended_versions(facts: &Facts<'_>, codes: &Codes<'_>) -> Option<Advice> {
    let found = images(facts, codes).into_iter().filter_map(|(image, mut shows)| {
        let (version, when) = ended(&image)?;
        shows.text = format!("{}: {version} got its last fix {when}", shows.text);
        Some(shows)
    });
    told(
        "version-ended",
        "Take versions that still get fixes",
        "faults found since then stay in these images",
        "take a version that is supported; a database of another major version needs a dump and a restore",
        found.collect(),
    )
}

fn state(facts: &Facts<'_>, codes: &Codes<'_>) -> Vec<Advice> {
    let mut out = Vec::new();
    for service in facts.stack.services.values() {
        let Some(code) = codes.get(service.name.as_str()) else { continue };
        for held in &code.held {
            let shows = held.evidence.iter().map(|one| placed(facts, service, one)).collect();
            let title = format!("`{}` keeps {} in its process or beside it", service.name, held.what.title());
            out.extend(told("state-in-process", &title, held.what.means(), held.what.instead(), shows));
        }
    }
    out
}

fn open_stores(facts: &Facts<'_>) -> Option<Advice> {
    let stores = facts
        .stack
        .services
        .values()
        .filter(|service| matches!(service.role.value, Role::Store | Role::Cache | Role::Queue));
    let ports = stores.flat_map(|service| service.ports.iter().map(move |port| (service, port)));
    let open = ports.filter_map(|(service, port)| {
        let published = port.published.as_ref()?;
        let here = published.host_ip.as_deref().is_some_and(|ip| ip.starts_with("127.") || ip == "::1");
        let text = format!("`{}` publishes {} to everyone who reaches the machine", service.name, port.container);
        (!here).then(|| evidence("ports", text, facts.places.of(published.origin.span())))
    });
    told(
        "store-open",
        "Do not publish stores",
        "a port without an address is open to the whole network, past the machine's firewall rules",
        "leave the port out (services reach it without), or bind it to 127.0.0.1; on the cluster `kubectl port-forward` does the same",
        open.collect(),
    )
}

fn plain_credentials(facts: &Facts<'_>) -> Option<Advice> {
    let mut found = Vec::new();
    for service in facts.stack.services.values() {
        for variable in &service.env {
            let EnvValue::Secret { .. } = &variable.value.value else { continue };
            let place = facts.places.of(variable.value.span());
            // What comes from an env file is not in the Compose file.
            let in_project = place.as_ref().is_some_and(|place| ends(&place.file, &[".yml", ".yaml"]));
            if in_project {
                found.push(evidence("environment", format!("`{}` of `{}`", variable.name, service.name), place));
            }
        }
    }
    found.dedup_by(|a, b| a.place == b.place);
    told(
        "credential-in-project",
        "Keep credentials out of the Compose file",
        "whoever reads the repository, and every clone of it, has them or their defaults; `convert` puts them into Secrets",
        "give them by an env file that is not committed or by `secrets:`, and change those that were committed",
        found,
    )
}

fn engine_socket(facts: &Facts<'_>) -> Option<Advice> {
    let mounts = facts.stack.services.values().flat_map(|service| service.mounts.iter().map(move |m| (service, m)));
    let found = mounts.filter(|(_, mount)| mount.class.value == MountClass::Socket).map(|(service, mount)| {
        let text = format!("`{}` mounts `{}`", service.name, mount.target);
        evidence("volume", text, facts.places.of(mount.origin.span()))
    });
    told(
        "engine-socket",
        "Do without the engine's socket",
        "who has it is root on the machine, and nodes of a cluster have none for pods",
        "ask the Kubernetes API with an account of its own, or leave the service out: see `tranship explain`",
        found.collect(),
    )
}

fn root(facts: &Facts<'_>, codes: &Codes<'_>) -> Option<Advice> {
    let found = codes.iter().filter_map(|(service, code)| {
        let recipe = code.recipe.as_ref()?;
        let known = facts.stack.services.get(*service)?.image_facts.as_ref().and_then(|facts| facts.uid.as_ref());
        if known.is_some_and(|uid| uid.value != 0) {
            return None;
        }
        let (base, line) = recipe.base()?;
        let own =
            base.contains("nonroot") || base.contains("distroless") || base.contains("unprivileged") || base.is_empty();
        match &recipe.user {
            Some((user, line)) if matches!(user.as_str(), "root" | "0" | "root:root" | "0:0") => {
                Some(evidence("Dockerfile", format!("`{service}` runs as `{user}`"), recipe.at(*line)))
            }
            None if !own => Some(evidence("Dockerfile", format!("`{service}` names no `USER`"), recipe.at(*line))),
            _ => None,
        }
    });
    told(
        "runs-as-root",
        "Run as a user without rights",
        "unless its base image says otherwise, the process is root in its container, and a fault in it is worth more to an attacker",
        "add `RUN useradd -r -u 10001 app` (on Alpine `adduser -S -u 10001 app`) and `USER 10001`, and hand it the folders it writes",
        found.collect(),
    )
}

fn loose_tags(facts: &Facts<'_>, codes: &Codes<'_>) -> Option<Advice> {
    let found = images(facts, codes).into_iter().filter_map(|(image, shows)| {
        let last = image.rsplit('/').next().unwrap_or_default();
        let tag = last.split_once(':').map_or("latest", |(_, tag)| tag);
        (tag == "latest" && !image.contains('@') && !image.contains('$')).then_some(shows)
    });
    told(
        "loose-tag",
        "Name a version of every image",
        "without one, what runs depends on the day a node fetched it, and replicas may differ",
        "write the version, better still the digest; `convert` warns of each",
        found.collect(),
    )
}

fn no_check(facts: &Facts<'_>) -> Option<Advice> {
    let asked = |service: &Service| {
        let image = service.image_facts.as_ref().is_some_and(|facts| matches!(facts.health, Health::Check(_)));
        let decided = service.operations.ready.as_ref().or(service.operations.live.as_ref());
        // A connection that is taken says little of a process that answers requests.
        let knows = decided.is_some_and(|question| !matches!(question.value.ask, tranship_model::Ask::Tcp { .. }));
        !matches!(service.health, Health::Unsaid) || image || knows
    };
    let found = facts.stack.services.values().filter(|service| {
        !service.ports.is_empty() && !service.workload.value.ends() && service.product.is_none() && !asked(service)
    });
    let shows = found.map(|service| {
        evidence("service", format!("`{}` has no health check", service.name), facts.places.of(service.origin.span()))
    });
    told(
        "no-health-check",
        "Answer the question whether it is well",
        "without a check, traffic is sent as soon as the port is open, and a process that hangs is never restarted",
        "add an endpoint that answers quickly when the process can serve (`/health`), and a `healthcheck:` that asks it",
        shows.collect(),
    )
}

fn one_stage(codes: &Codes<'_>) -> Option<Advice> {
    const BUILDS: [&str; 9] = [
        "npm run build",
        "yarn build",
        "pnpm build",
        "go build",
        "cargo build",
        "mvn ",
        "gradle",
        "dotnet publish",
        "gcc",
    ];
    let found = codes.iter().filter_map(|(service, code)| {
        let recipe = code.recipe.as_ref().filter(|recipe| recipe.stages == 1)?;
        let (command, line) =
            recipe.runs.iter().find(|(command, _)| BUILDS.iter().any(|word| command.contains(word)))?;
        let word = BUILDS.iter().find(|word| command.contains(**word))?.trim();
        let text = format!("`{service}` builds (`{word}`) in the image that runs");
        Some(evidence("Dockerfile", text, recipe.at(*line)))
    });
    told(
        "one-stage",
        "Build in a stage of its own",
        "compilers and sources are in the image that runs: more to fetch and more to attack",
        "name the first stage (`FROM … AS build`), start a second one from a small image and `COPY --from=build` the result",
        found.collect(),
    )
}

fn large_base(codes: &Codes<'_>) -> Option<Advice> {
    const LARGE: [&str; 6] = ["node", "python", "ruby", "openjdk", "golang", "rust"];
    let found = codes.iter().filter_map(|(service, code)| {
        let recipe = code.recipe.as_ref()?;
        let (image, line) = recipe.base()?;
        let tag = image.split_once(':').map_or("", |(_, tag)| tag);
        let small = ["slim", "alpine", "distroless", "jre"].iter().any(|word| tag.contains(word));
        let name = crate::tech::bare(image);
        (LARGE.contains(&name) && !small)
            .then(|| evidence("Dockerfile", format!("`{service}` runs on `{image}`"), recipe.at(*line)))
    });
    told(
        "large-base",
        "Take the small form of the base image",
        "the full images carry compilers and headers of Debian that nothing needs at run time, and every node fetches them",
        "take the `-slim` form (with Python rather than `-alpine`, for which fewer packages have ready builds), or run what a build stage made on `distroless` or `scratch`",
        found.collect(),
    )
}

fn whole_context(codes: &Codes<'_>, reader: &mut Reader<'_>) -> Option<Advice> {
    let mut found = Vec::new();
    for (service, code) in codes {
        let Some(recipe) = &code.recipe else { continue };
        let Some((_, line)) = recipe.copies.iter().find(|(source, _)| matches!(source.as_str(), "." | "./" | "*"))
        else {
            continue;
        };
        let own = format!("{}.dockerignore", recipe.file);
        let has = reader.list(&recipe.context).iter().any(|name| name == ".dockerignore")
            || !recipe.file.is_empty() && reader.text(&own).is_some();
        if !has {
            let text = format!("`{service}` copies `{}` whole, without a `.dockerignore`", recipe.context);
            found.push(evidence("Dockerfile", text, recipe.at(*line)));
        }
    }
    told(
        "no-dockerignore",
        "Say what is no part of the image",
        "`.git`, `.env` and installed packages go into the image, and any change of them builds everything anew",
        "write a `.dockerignore` with at least `.git`, `.env*`, `node_modules`, `__pycache__`",
        found,
    )
}

fn no_lock(codes: &Codes<'_>) -> Option<Advice> {
    const LOCKS: [&str; 6] =
        ["package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "npm-shrinkwrap.json"];
    let found = codes.iter().filter_map(|(service, code)| {
        let has = |name: &str| code.beside.iter().any(|known| known == name);
        let recipe = code.recipe.as_ref()?;
        let folder = code.folders.first()?;
        let missing = has("package.json") && !LOCKS.iter().any(|lock| has(lock));
        let place = Place::new(format!("{folder}/package.json").trim_start_matches("./").to_owned(), 1);
        missing.then(|| {
            let text = format!("`{service}` has no lock file beside `package.json`");
            evidence("file", text, if code.beside.is_empty() { recipe.at(1) } else { Some(place) })
        })
    });
    told(
        "no-lock-file",
        "Keep the versions of packages",
        "the same sources give another image tomorrow",
        "commit the lock file and install with `npm ci` (`yarn install --immutable`, `pnpm install --frozen-lockfile`)",
        found.collect(),
    )
}

fn log_files(facts: &Facts<'_>) -> Option<Advice> {
    let mounts = facts.stack.services.values().flat_map(|service| service.mounts.iter().map(move |m| (service, m)));
    let found = mounts.filter(|(_, mount)| mount.class.value == MountClass::Logs).map(|(service, mount)| {
        let text = format!("`{}` writes logs to `{}`", service.name, mount.target);
        evidence("volume", text, facts.places.of(mount.origin.span()))
    });
    told(
        "log-files",
        "Log to the standard output",
        "files in a volume grow, and `kubectl logs` and everything that gathers logs do not see them",
        "log lines of JSON to the standard output, with a level and an id of the request",
        found.collect(),
    )
}

fn no_metrics(facts: &Facts<'_>, codes: &Codes<'_>) -> Option<Advice> {
    let observer = facts.stack.services.values().find(|service| crate::part::part(service) == Role::Observer)?;
    let silent = facts.stack.services.values().filter(|service| {
        let made = codes.get(service.name.as_str()).is_some_and(|code| !code.made.is_empty());
        made && service.operations.metrics.is_none() && !service.ports.is_empty()
    });
    let shows = silent.map(|service| {
        let text = format!("`{}` tells no metrics, though the project has `{}`", service.name, observer.name);
        evidence("service", text, facts.places.of(service.origin.span()))
    });
    told(
        "no-metrics",
        "Tell metrics",
        "what watches the project knows of these services only whether they are there",
        "add the Prometheus client of the framework, and name path and port in `x-tranship`",
        shows.collect(),
    )
}
