//! A small converted project, made without files: a web service that is built, and a database with a password.

use std::collections::BTreeMap;
use std::path::Path;

use tranship_emit::backends::manifests::print;
use tranship_emit::backends::secrets::Handed;
use tranship_emit::backends::{build, plain};
use tranship_emit::{Bundle, FileTree};
use tranship_kube::lower::{Lowered, Options, lower};
use tranship_kube::names::NameKind;
use tranship_model::launch::{Difference, Same};
use tranship_model::*;
use tranship_source::{Diagnostic, Secret, Sources, Span};

/// The password in the project; it may stand in `secrets/` alone.
pub const PASSWORD: &str = "correct-horse-battery";

const TEXT: &str = "services:\n  web:\n    build: ./web\n    ports: ['8080:80']\n    develop: {}\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: correct-horse-battery\n    volumes: [data:/var/lib/postgresql/data]\nvolumes: {data: {}}\n";

/// A project with everything a bundle borrows.
pub struct Shop {
    stack: Stack,
    lowered: Lowered,
    texts: Vec<String>,
    leaves: Vec<At>,
    diagnostics: Vec<Diagnostic>,
    sources: Sources,
    workloads: BTreeMap<String, String>,
    same: Same,
    secrets: Handed,
    build: FileTree,
    project_dir: &'static str,
}

impl Shop {
    /// The project as it is read in a directory.
    pub fn in_directory(project_dir: &'static str) -> Self {
        let mut sources = Sources::new();
        let file = sources.add(format!("{project_dir}/compose.yaml"), TEXT);
        let span = |text: &str| {
            let start = TEXT.find(text).unwrap();
            Span::new(file, start, start + text.len())
        };
        let mut ledger = Ledger::new();
        let why = "a build happens before anything is applied";
        ledger.dropped(
            &Origin::at("services.web.develop", span("develop")),
            "it serves development on one machine",
            "",
        );
        ledger.dropped(&Origin::at("services.web.build", span("./web")), why, "build the image and push it");
        let stack = stack(&span);
        let mut lowered = lower(&stack, &Options::default(), ledger);
        let mut diagnostics = std::mem::take(&mut lowered.diagnostics);
        let message = format!("`{project_dir}/missing.conf` does not exist");
        diagnostics.push(Diagnostic::warning("later", "a warning comes after an error"));
        diagnostics.push(Diagnostic::error("bind-absent", message).at(span("data:/var")).help("create the file"));
        let mut lowered = lowered.value;
        let mut names = |service: &String| (service.clone(), lowered.names.name(NameKind::Workload, service));
        let workloads = stack.services.keys().map(&mut names).collect();
        let leaves =
            vec![At::new("services.web.develop", span("develop")), At::new("services.web.build", span("./web"))];
        let build = build::emit(&stack).value;
        let texts = print(&lowered.objects);
        Self {
            stack,
            lowered,
            texts,
            leaves,
            diagnostics,
            sources,
            workloads,
            same: same(),
            secrets: Handed::files(),
            build,
            project_dir,
        }
    }

    /// The bundle of it.
    pub fn bundle(&self) -> Bundle<'_> {
        Bundle {
            stack: &self.stack,
            objects: &self.lowered.objects,
            texts: &self.texts,
            ledger: &self.lowered.ledger,
            leaves: &self.leaves,
            diagnostics: &self.diagnostics,
            sources: &self.sources,
            namespace: &self.lowered.namespace,
            kubernetes: "1.36",
            cluster: <&tranship_kube::cluster::Profile>::default(),
            workloads: &self.workloads,
            external: &[],
            same: &self.same,
            secrets: &self.secrets,
            stayed_away: &[],
            standing: &self.lowered.standing,
            enforced: false,
            build: &self.build,
            release: None,
            chart: "shop",
            environments: &[],
            packagings: plain(),
            project_dir: Path::new(self.project_dir),
            current_dir: Path::new(self.project_dir),
        }
    }
}

/// A comparison that found a difference with a reason and one without.
fn same() -> Same {
    let difference = |what: &str, path: &str, how: &'static str, because: Option<&str>| Difference {
        service: "web".to_owned(),
        what: what.to_owned(),
        path: path.to_owned(),
        how: how.into(),
        because: because.map(str::to_owned),
    };
    let signal = Some("the image's STOPSIGNAL ends the process");
    let differences = vec![
        difference("stop signal", "services.web.stop_signal", "is another in the pod", signal),
        difference("variable MODE", "services.web.environment.MODE", "has another value in the pod", None),
    ];
    Same { services: 2, values: 25, differences }
}

fn stack(span: &dyn Fn(&str) -> Span) -> Stack {
    let at = |path: &str, text: &str| Origin::at(path, span(text));
    let mut web = service("web", at("services.web", "web:"));
    web.image =
        Some(Traced::decided("shop-web".to_owned(), "image-name", "it is only built, which gives it this name"));
    web.build = Some(Build {
        origin: at("services.web.build", "./web"),
        context: "./web".to_owned(),
        dockerfile: None,
        target: Some("prod".to_owned()),
        args: vec![("VERSION".to_owned(), Some("1".to_owned()))],
        settings: Box::default(),
    });
    let published = at("services.web.ports[0].published", "8080");
    web.ports = vec![Port {
        origin: at("services.web.ports[0]", "8080:80"),
        container: 80,
        protocol: Protocol::Tcp,
        name: None,
        app_protocol: None,
        published: Some(Published { origin: published, port: "8080".to_owned(), host_ip: None, mode: None }),
    }];
    let mut db = service("db", at("services.db", "db:"));
    db.image = Some(Traced::new("postgres:16".to_owned(), at("services.db.image", "postgres:16")));
    db.workload = Traced::decided(Workload::Stateful, "keeps-data", "postgres keeps data in a volume of its own");
    let value =
        EnvValue::Secret { value: Secret::new(PASSWORD.to_owned()), because: "its name ends in PASSWORD".to_owned() };
    let origin = at("services.db.environment.POSTGRES_PASSWORD", PASSWORD);
    db.env = vec![EnvVar { name: "POSTGRES_PASSWORD".to_owned(), value: Traced::new(value, origin) }];
    let origin = at("services.db.volumes[0]", "data:/var");
    let source = MountSource::Volume {
        volume: "data".to_owned(),
        subpath: None,
        fill: Traced::decided(false, "catalog", "nothing is there"),
    };
    let class = Traced::new(MountClass::Data, origin.clone());
    db.mounts = vec![Mount { origin, target: "/var/lib/postgresql/data".to_owned(), read_only: false, source, class }];
    let data = Volume {
        origin: at("volumes.data", "data: {}"),
        name: None,
        external: None,
        driver: None,
        driver_opts: Vec::new(),
        labels: Vec::new(),
        host_path: None,
        said: None,
    };
    let origin = at("services.debug", "services");
    let left = LeftOut {
        service: "debug".to_owned(),
        names: Vec::new(),
        profiles: vec!["debug".to_owned()],
        helper: None,
        origin,
    };
    Stack {
        name: Traced::decided("shop".to_owned(), "directory", "the project's directory has this name"),
        services: [web, db].into_iter().map(|service| (service.name.clone(), service)).collect(),
        volumes: [("data".to_owned(), data)].into_iter().collect(),
        networks: [].into_iter().collect(),
        isolation: None,
        configs: [].into_iter().collect(),
        secrets: [].into_iter().collect(),
        outside: indexmap::IndexMap::new(),
        exposure: tranship_model::Exposure::default(),
        left_out: vec![left],
        said: None,
    }
}

/// A service that says nothing.
pub fn service(name: &str, origin: Origin) -> Service {
    Service {
        name: name.to_owned(),
        origin,
        product: None,
        role: Traced::decided(Role::App, "no-product", "no known product runs in it"),
        image: None,
        build: None,
        image_facts: None,
        said: None,
        pull: None,
        platform: None,
        runtime: None,
        workload: Traced::decided(Workload::Stateless, "keeps-nothing", "nothing it mounts has to survive"),
        schedule: None,
        replicas: None,
        process: Process::default(),
        env: Vec::new(),
        mounts: Vec::new(),
        ports: Vec::new(),
        aliases: Vec::new(),
        hostname: None,
        domainname: None,
        networks: Vec::new(),
        health: Health::Unsaid,
        depends_on: Vec::new(),
        resources: Resources::default(),
        security: Security::default(),
        hosts: Vec::new(),
        dns: Dns::default(),
        rollout: Rollout::default(),
        restart: None,
        placement: Placement::default(),
        labels: Vec::new(),
        annotations: Vec::new(),
        hooks: Hooks::default(),
        operations: tranship_model::Operations::default(),
    }
}
