//! What the project says of how it is run now: proxies, stores, CI, monitoring, env files, limits.

use std::collections::BTreeMap;

use tranship_model::catalog::{self, ProductRole};
use tranship_model::{Role, Service};

use crate::analysis::{Facts, placed, secrets};
use crate::code::{Code, Reader, What};
use crate::part::part;
use crate::place::{Place, ends};

/// A thing with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Thing {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) place: Option<Place>,
}

/// How a project is run now.
#[derive(Clone, Debug, Default)]
pub(super) struct Site {
    /// The Compose file.
    pub(super) compose: String,
    pub(super) proxies: Vec<Thing>,
    /// Servers that keep data.
    pub(super) stores: Vec<Thing>,
    /// Databases in files, by the service that writes them.
    pub(super) embedded: Vec<Thing>,
    pub(super) caches: Vec<Thing>,
    pub(super) queues: Vec<Thing>,
    pub(super) observers: Vec<Thing>,
    pub(super) limiters: Vec<Thing>,
    /// Services that are built.
    pub(super) built: Vec<Thing>,
    /// Files of CI.
    pub(super) ci: Vec<Thing>,
    /// Files credentials are written in.
    pub(super) secret_files: Vec<Thing>,
    pub(super) credentials: usize,
    pub(super) tests: Option<Thing>,
    /// Tools that change schemas.
    pub(super) migrations: Option<Thing>,
    pub(super) scaled: usize,
    /// Services with a check of the project's.
    pub(super) checked: usize,
}

pub(super) fn site(facts: &Facts<'_>, codes: &BTreeMap<&str, Code>, reader: &mut Reader<'_>) -> Site {
    let mut site = Site { compose: "compose.yaml".to_owned(), ..Site::default() };
    if let Some(place) = facts.stack.services.values().find_map(|service| facts.places.of(service.origin.span())) {
        site.compose = place.file;
    }
    for service in facts.stack.services.values() {
        let product = service.product.as_ref().and_then(|product| catalog::by_name(&product.value));
        let thing = thing(facts, service);
        let into = match (part(service), product.map(|product| product.role)) {
            (Role::Proxy, role) if role != Some(ProductRole::WebServer) || is_entry(service) => Some(&mut site.proxies),
            (Role::Store, _) => Some(&mut site.stores),
            (Role::Cache, _) => Some(&mut site.caches),
            (Role::Queue, _) => Some(&mut site.queues),
            (Role::Observer, _) => Some(&mut site.observers),
            _ => None,
        };
        if let Some(into) = into {
            into.push(thing.clone());
        }
        let code = codes.get(service.name.as_str());
        let on = code.and_then(Code::base_product).filter(|product| product.role.role() == Role::Proxy);
        if let Some(product) = on.filter(|_| part(service) == Role::App && calls_others(facts, service)) {
            site.proxies.push(Thing { title: product.title.clone(), ..thing.clone() });
        }
        if service.build.is_some() {
            site.built.push(thing.clone());
        }
        if service.operations.scaling.is_some() {
            site.scaled += 1;
        }
        if matches!(service.health, tranship_model::Health::Check(_)) {
            site.checked += 1;
        }
        let Some(code) = code else { continue };
        for held in &code.held {
            let shows = held.evidence.first().and_then(|one| placed(facts, service, one).place);
            let place = shows.or_else(|| thing.place.clone());
            let own = Thing { name: service.name.clone(), title: held.what.title().to_owned(), place };
            match held.what {
                What::Sqlite => site.embedded.push(own),
                What::Limiter => site.limiters.push(own),
                _ => {}
            }
        }
        if site.tests.is_none() {
            let test = code.beside.iter().find(|name| is_test(name));
            let folder = code.folders.first().map_or(".", String::as_str);
            site.tests = test.map(|name| Thing {
                name: service.name.clone(),
                title: test_tool(name).to_owned(),
                place: Some(Place::new(reader.name(folder, name), 1)),
            });
        }
        if site.migrations.is_none() {
            let found = code.beside.iter().find(|name| {
                matches!(name.as_str(), "alembic.ini" | "alembic" | "migrations" | "prisma" | "manage.py" | "db")
            });
            let folder = code.folders.first().map_or(".", String::as_str);
            site.migrations = found.map(|name| Thing {
                name: service.name.clone(),
                title: migration_tool(name).to_owned(),
                place: Some(Place::new(reader.name(folder, name), 1)),
            });
        }
    }
    site.ci = ci(reader);
    credentials(facts, &mut site);
    site
}

/// Whether a service calls others of the project.
fn calls_others(facts: &Facts<'_>, service: &Service) -> bool {
    facts.calls.iter().any(|call| call.from == service.name && matches!(call.to, crate::graph::Target::Service(_)))
}

fn is_entry(service: &Service) -> bool {
    service.ports.iter().any(|port| port.published.is_some())
}

fn thing(facts: &Facts<'_>, service: &Service) -> Thing {
    let product = service.product.as_ref().and_then(|product| catalog::by_name(&product.value));
    Thing {
        name: service.name.clone(),
        title: product.map_or_else(|| service.name.clone(), |product| product.title.clone()),
        place: facts.places.of(service.origin.span()),
    }
}

fn is_test(name: &str) -> bool {
    matches!(
        name,
        "tests"
            | "test"
            | "pytest.ini"
            | "conftest.py"
            | "spec"
            | "__tests__"
            | "jest.config.js"
            | "vitest.config.ts"
            | "phpunit.xml"
    )
}

fn test_tool(name: &str) -> &'static str {
    match name {
        "pytest.ini" | "conftest.py" => "pytest",
        "jest.config.js" => "jest",
        "vitest.config.ts" => "vitest",
        "phpunit.xml" => "phpunit",
        "spec" => "rspec",
        _ => "the tests in their folder",
    }
}

fn migration_tool(name: &str) -> &'static str {
    match name {
        "alembic.ini" | "alembic" => "Alembic",
        "prisma" => "Prisma",
        "manage.py" => "Django's migrations",
        _ => "scripts in a folder",
    }
}

/// Files of CI systems beside the project.
fn ci(reader: &mut Reader<'_>) -> Vec<Thing> {
    const FILES: [(&str, &str); 7] = [
        (".gitlab-ci.yml", "GitLab CI"),
        (".travis.yml", "Travis CI"),
        ("Jenkinsfile", "Jenkins"),
        ("azure-pipelines.yml", "Azure Pipelines"),
        ("bitbucket-pipelines.yml", "Bitbucket Pipelines"),
        (".drone.yml", "Drone"),
        (".woodpecker.yml", "Woodpecker"),
    ];
    let mut out = Vec::new();
    let names = reader.list(".");
    let has = |name: &str| names.iter().any(|known| known == name);
    for (file, title) in FILES {
        if has(file) {
            out.push(Thing { name: file.to_owned(), title: title.to_owned(), place: Some(Place::new(file, 1)) });
        }
    }
    if has(".github") {
        let workflows = reader.list(".github/workflows");
        let first = workflows.iter().find(|name| ends(name, &[".yml", ".yaml"]));
        out.extend(first.map(|name| Thing {
            name: name.clone(),
            title: "GitHub Actions".to_owned(),
            place: Some(Place::new(format!(".github/workflows/{name}"), 1)),
        }));
    }
    if has(".circleci") {
        out.push(Thing {
            name: ".circleci".to_owned(),
            title: "CircleCI".to_owned(),
            place: Some(Place::new(".circleci/config.yml", 1)),
        });
    }
    out
}

/// Credentials, and the files of the project they are written in.
fn credentials(facts: &Facts<'_>, site: &mut Site) {
    for row in secrets(facts) {
        site.credentials += 1;
        let Some(place) = row.place.filter(|_| row.form == "variable") else { continue };
        if !site.secret_files.iter().any(|known| known.name == place.file) {
            let name = place.file.clone();
            site.secret_files.push(Thing { title: name.clone(), name, place: Some(place) });
        }
    }
}
