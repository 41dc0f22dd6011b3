//! Image facts against the engine's own: twenty images are built by a Docker engine from stand-ins that carry the names of
//! official images, and what we tell of each from its Dockerfile has to be what the engine says of the image it built.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tranship_compose::{LoadOptions, load};
use tranship_infer::image::{Inspected, learn_with, wanted};
use tranship_inspect::{Answer, Ask, engine};
use tranship_model::{Check, Health, ImageKnowledge, Stack, Test};
use tranship_source::{MemoryWorld, Sources};
use tranship_testing::not_run::{NO_ENGINE, not_run};
use tranship_testing::tell;

/// Stand-ins for official images, with what their makers document a container of each to start with.
const BASES: [(&str, &str); 10] = [
    ("node:22", "ENV NODE_VERSION=22.1.0\nENTRYPOINT [\"docker-entrypoint.sh\"]\nCMD [\"node\"]"),
    (
        "python:3.13-slim",
        "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nCMD [\"python3\"]",
    ),
    ("golang:1.25", "ENV GOPATH=/go PATH=/go/bin:/usr/local/go/bin:/usr/bin:/bin\nWORKDIR /go"),
    (
        "nginx:1.29",
        "EXPOSE 80\nSTOPSIGNAL SIGQUIT\nENTRYPOINT [\"/docker-entrypoint.sh\"]\nCMD [\"nginx\", \"-g\", \"daemon off;\"]",
    ),
    (
        "postgres:17",
        "ENV PGDATA=/var/lib/postgresql/data\nVOLUME /var/lib/postgresql/data\nEXPOSE 5432\nSTOPSIGNAL SIGINT\nENTRYPOINT [\"docker-entrypoint.sh\"]\nCMD [\"postgres\"]",
    ),
    (
        "php:8.4-fpm",
        "ENV PHP_INI_DIR=/usr/local/etc/php\nWORKDIR /var/www/html\nEXPOSE 9000\nSTOPSIGNAL SIGQUIT\nENTRYPOINT [\"docker-php-entrypoint\"]\nCMD [\"php-fpm\"]",
    ),
    ("ruby:3.4", "ENV GEM_HOME=/usr/local/bundle LANG=C.UTF-8\nCMD [\"irb\"]"),
    ("debian:12", "CMD [\"bash\"]"),
    ("alpine:3.22", "CMD [\"/bin/sh\"]"),
    (
        "redis:8",
        "VOLUME /data\nWORKDIR /data\nEXPOSE 6379\nENTRYPOINT [\"docker-entrypoint.sh\"]\nCMD [\"redis-server\"]",
    ),
];

/// What twenty services are built from.
const BUILDS: [&str; 20] = [
    "FROM node:22\nWORKDIR /app\nUSER node\nEXPOSE 3000\nCMD [\"server.js\"]",
    "FROM node:22\nENTRYPOINT [\"/tini\", \"--\"]",
    "FROM node:22\nCMD npm start",
    "FROM python:3.13-slim\nENV PATH=\"/venv/bin:$PATH\" A=$NOTHING\nWORKDIR srv\nCMD [\"gunicorn\", \"-b\", \":8000\"]\nEXPOSE 8000 8001/udp",
    "FROM python:3.13-slim\nHEALTHCHECK --interval=5s --timeout=2s --start-period=1m --retries=4 CMD curl -f http://localhost/ || exit 1",
    "FROM golang:1.25 AS build\nWORKDIR src\nENV CGO_ENABLED=0\nFROM debian:12\nCOPY --from=build /x /x\nUSER 1000:1000\nENTRYPOINT /x",
    "FROM golang:1.25\nWORKDIR src/app\nENV GOBIN=$GOPATH/bin",
    "FROM nginx:1.29\nEXPOSE 8080/tcp\nHEALTHCHECK CMD [\"wget\", \"-q\", \"localhost\"]",
    "FROM nginx:1.29\nHEALTHCHECK NONE\nCMD [\"nginx-debug\", \"-g\", \"daemon off;\"]",
    "FROM postgres:17\nENV POSTGRES_DB=shop\nVOLUME [\"/backup\", \"/var/lib/postgresql/data\"]",
    "FROM postgres:17\nUSER postgres\nSTOPSIGNAL 9\nENV PGDATA=$PGDATA/pg",
    "FROM php:8.4-fpm\nWORKDIR public\nENV A=\"x y\" B='$A'",
    "FROM php:8.4-fpm\nSHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nCMD php -S 0.0.0.0:80",
    "FROM ruby:3.4\nARG PORT=9292\nENV PORT=${PORT:-80} HOME=/home/app\nEXPOSE $PORT\nCMD [\"rackup\"]\nUSER app:app",
    "FROM ruby:3.4\nENV LANG=de_DE.UTF-8\nENV GEM_PATH ${GEM_HOME}:/gems",
    "FROM debian:12\nVOLUME /a /b\nVOLUME [\"/a\"]\nEXPOSE 53/udp 53",
    "FROM alpine:3.22 AS base\nENV A=1\nUSER 7\nFROM base\nENV B=$A$A\nCMD []",
    "ARG TAG=3.22\nFROM alpine:$TAG\nARG TAG\nENV VERSION=$TAG",
    "FROM redis:8\nCMD [\"redis-server\", \"--appendonly\", \"yes\"]\nWORKDIR ..",
    "FROM scratch\nENV PATH=/only\nENTRYPOINT [\"/x\"]\nEXPOSE 1-3",
];

/// A Docker engine of the test's own, with its own folder and socket, so that nobody's images are touched.
struct Engine {
    child: Child,
    socket: String,
    _folder: tempfile::TempDir,
}

impl Engine {
    /// Starts it; `None` where it cannot be.
    fn start() -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("engine").tempdir().ok()?;
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let socket = format!("unix://{}", path("s"));
        let child = Command::new("dockerd")
            .args(["--data-root", &path("d"), "--exec-root", &path("e"), "--pidfile", &path("p"), "-H", &socket])
            .args(["--bridge", "none", "--iptables=false", "--ip-masq=false", "--storage-driver", "vfs"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut engine = Self { child, socket, _folder: folder };
        let since = Instant::now();
        while since.elapsed() < Duration::from_secs(40) {
            if engine.child.try_wait().ok()?.is_some() {
                return None;
            }
            if engine.docker(&["version"]).status().is_ok_and(|status| status.success()) {
                return Some(engine);
            }
            std::thread::yield_now();
        }
        None
    }

    fn docker(&self, args: &[&str]) -> Command {
        let mut command = Command::new("docker");
        // The older builder needs no plugin, and no image but ours.
        command
            .args(["-H", &self.socket])
            .args(args)
            .env("DOCKER_BUILDKIT", "0")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Builds images side by side; each is a name and the text of a Dockerfile.
    fn build(&self, folder: &Path, images: &[(String, String)]) {
        std::thread::scope(|scope| {
            for images in images.chunks(images.len().div_ceil(4)) {
                scope.spawn(move || {
                    for (image, dockerfile) in images {
                        self.build_one(folder, image, dockerfile);
                    }
                });
            }
        });
    }

    fn build_one(&self, folder: &Path, image: &str, dockerfile: &str) {
        let file = folder.join(format!("{}.Dockerfile", image.replace(':', "-")));
        fs::write(&file, format!("{dockerfile}\n")).unwrap();
        let args = ["build", "-t", image, "-f", file.to_str().unwrap(), folder.to_str().unwrap()];
        let output = self.docker(&args).stderr(Stdio::piped()).output().unwrap();
        assert!(output.status.success(), "{image}: {}\n{dockerfile}", String::from_utf8_lossy(&output.stderr));
    }

    fn told(&self, images: &[String]) -> Inspected {
        let asks: Vec<Ask> = images.iter().map(|image| Ask { image: image.clone(), platform: None }).collect();
        let mut told = Inspected::by_engine();
        for (ask, answer) in asks.iter().zip(engine::inspect_by(&["docker", "-H", &self.socket], &asks).unwrap()) {
            let Answer::Config(config) = answer else { panic!("{}: {answer:?}", ask.image) };
            told.add(&ask.image, &config).unwrap();
        }
        told
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Asked to end, it also ends the runtime it started.
        drop(Command::new("kill").arg(self.child.id().to_string()).status());
        drop(self.child.wait());
    }
}

#[test]
fn what_is_told_from_twenty_dockerfiles_is_what_the_engine_built() {
    let Some(engine) = Engine::start() else { return not_run(NO_ENGINE) };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x"), "x").unwrap();
    let bases = BASES.map(|(image, contract)| (image.to_owned(), format!("FROM scratch\nCOPY x /x\n{contract}")));
    engine.build(folder.path(), &bases);
    let builds = BUILDS.iter().enumerate().map(|(at, text)| (format!("built:{at}"), (*text).to_owned()));
    engine.build(folder.path(), &builds.collect::<Vec<_>>());
    let mut world = MemoryWorld::new();
    let mut compose = "services:\n".to_owned();
    for (at, dockerfile) in BUILDS.iter().enumerate() {
        world = world.with(format!("{at}.Dockerfile"), format!("{dockerfile}\n").as_str());
        writeln!(compose, "  s{at}: {{build: {{context: ., dockerfile: {at}.Dockerfile}}}}").unwrap();
    }
    let built: Vec<String> = (0..BUILDS.len()).map(|at| format!("built:{at}")).collect();
    let world = world.with("compose.yaml", compose.as_str());
    let (ours, bases) = stack(&world, |stack, project| {
        let images: Vec<String> = wanted(stack, &world, project).into_iter().map(|wanted| wanted.image).collect();
        (engine.told(&images), images.len())
    });
    // The engine's word on the images it built, read as facts of services that run them.
    let lines = built.iter().enumerate().map(|(at, image)| format!("  s{at}: {{image: '{image}'}}"));
    let run = lines.collect::<Vec<_>>().join("\n");
    let world = MemoryWorld::new().with("compose.yaml", format!("services:\n{run}\n").as_str());
    let (theirs, _) = stack(&world, |_, _| (engine.told(&built), 0));
    let mut wrong = Vec::new();
    for (at, dockerfile) in BUILDS.iter().enumerate() {
        let of = |stack: &Stack| facts(stack.services[&format!("s{at}")].image_facts.as_ref().unwrap());
        let (ours, theirs) = (of(&ours), of(&theirs));
        for (name, value) in &theirs {
            if ours.get(name) != Some(value) {
                wrong.push(format!("{dockerfile}\n  {name}: we say {:?}, the engine {value:?}", ours.get(name)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    tell(&format!(
        "image facts: {} of {} images as the engine built them, from {bases} bases",
        BUILDS.len(),
        BUILDS.len()
    ));
}

/// A project as a stack that knows what was told of its images.
fn stack(world: &MemoryWorld, told: impl FnOnce(&Stack, &Path) -> (Inspected, usize)) -> (Stack, usize) {
    let loaded = load(world, &LoadOptions::default());
    let project = loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let mut sources: Sources = loaded.sources;
    let mut stack = tranship_compose::lift::lift(&project, &sources, world).value.stack;
    let (told, count) = told(&stack, &project.working_dir);
    let faults = learn_with(&mut stack, world, &project.working_dir, &mut sources, Some(&told)).diagnostics;
    assert!(faults.is_empty(), "{faults:?}");
    (stack, count)
}

/// Facts by name, as text.
fn facts(known: &ImageKnowledge) -> BTreeMap<&'static str, String> {
    let ImageKnowledge {
        whole,
        user,
        uid: _,
        gid: _,
        workdir,
        entrypoint,
        command,
        env,
        ports,
        volumes,
        process_of: _,
        file_rights: _,
        shell: _,
        stop_signal,
        health,
        user_ids: _,
        group_ids: _,
    } = known;
    let argv = |argv: &Option<tranship_model::Traced<Vec<String>>>| {
        format!("{:?}", argv.as_ref().map(|argv| argv.value.clone()).unwrap_or_default())
    };
    let user = user.as_ref().map(|user| (user.value.user.clone(), user.value.group.clone()));
    let ports: BTreeSet<String> =
        ports.iter().map(|port| format!("{}/{}", port.container, port.protocol.as_str())).collect();
    let volumes: BTreeSet<&str> = volumes.iter().map(|path| path.value.as_str()).collect();
    let mut env: Vec<String> = env.iter().map(|(name, value)| format!("{name}={}", value.value)).collect();
    // The engine writes its default path where an image sets none.
    if !env.iter().any(|line| line.starts_with("PATH=")) {
        env.insert(0, format!("PATH={}", tranship_image::DEFAULT_PATH));
    }
    BTreeMap::from([
        ("all is known", whole.to_string()),
        ("user", format!("{user:?}")),
        ("workdir", workdir.as_ref().map_or("/", |dir| dir.value.as_str()).to_owned()),
        ("entrypoint", argv(entrypoint)),
        ("command", argv(command)),
        ("env", format!("{env:?}")),
        ("ports", format!("{ports:?}")),
        ("volumes", format!("{volumes:?}")),
        ("stop signal", format!("{:?}", stop_signal.as_ref().map(|signal| signal.value.clone()))),
        ("health", health_of(health)),
    ])
}

fn health_of(health: &Health) -> String {
    match health {
        Health::Unsaid => "none".to_owned(),
        Health::Disabled(_) => "off".to_owned(),
        Health::Check(check) => {
            let Check { origin: _, test, interval, timeout, retries, start_period, start_interval: _ } = &**check;
            let test = test.as_ref().map(|test| match &test.value {
                Test::Exec(argv) => format!("{argv:?}"),
                Test::Shell(line) => line.clone(),
            });
            let times: Vec<_> =
                [interval, timeout, start_period].map(|time| time.as_ref().map(|time| time.value)).into();
            format!("{test:?} {times:?} {:?}", retries.as_ref().map(|retries| retries.value))
        }
    }
}
