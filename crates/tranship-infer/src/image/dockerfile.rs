//! What the Dockerfile that builds an image says of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tranship_image::instruction::Argv;
use tranship_image::{BuildOptions, ImageFacts, KnownBase, Write, facts, parse};
use tranship_model::catalog::{self, ImageRef, written};
use tranship_model::{Build, Check, Health, ImageKnowledge, Origin, Port, Protocol, Service, Test, Traced, User};
use tranship_source::{Diagnostic, Sources, Span, Spanned, World};

use super::inspected::Inspected;

/// Where files are looked for and what was noticed.
pub(super) struct Reader<'a> {
    pub(super) world: &'a dyn World,
    pub(super) project_dir: &'a Path,
    pub(super) sources: &'a mut Sources,
    pub(super) faults: Vec<Diagnostic>,
    pub(super) told: Option<&'a Inspected>,
}

impl Reader<'_> {
    /// The facts of a service's own Dockerfile, as it says them and as the stack holds them; `None` where it cannot be
    /// read.
    pub(super) fn knowledge(&mut self, service: &Service, build: &Build) -> Option<(ImageFacts, ImageKnowledge)> {
        let (name, text) = self.text(service, build)?;
        let file = self.sources.add(name, text.as_str());
        let parsed = parse(file, &text);
        let options = self.options(service, build);
        let mut image = facts(&parsed.value, &options);
        if let Some(known) = image.value.as_ref().and_then(|facts| self.known_base(facts)) {
            // What the base image sets may stand in values, so that they are read once more with it.
            image = facts(&parsed.value, &BuildOptions { bases: known, ..options });
        }
        self.faults.extend(parsed.diagnostics);
        self.faults.extend(image.diagnostics);
        let facts = image.value?;
        self.noted(&facts);
        let mut told = self.told(&facts);
        let gives = ["setcap ", "chmod u+s", "chmod +s", "chmod 4"];
        told.file_rights = gives.iter().any(|words| text.contains(words));
        told.process_of = process_of(&facts).filter(|_| !self.writes_elsewhere(build, &facts)).map(|base| {
            let because = format!("the image is built from `{base}` and runs its process");
            Traced::decided(base.to_owned(), "image-base", because)
        });
        Some((facts, told))
    }

    /// Whether a file that the Dockerfile puts among the settings of the image names files to write of which the base
    /// image knows nothing, or cannot be looked at.
    fn writes_elsewhere(&self, build: &Build, facts: &ImageFacts) -> bool {
        let Some(base) = &facts.base else { return true };
        let Some(product) = catalog::find(&base.value) else { return true };
        let tag = ImageRef::parse(&base.value).tag;
        let context = folder(self.project_dir, build);
        facts.writes.iter().any(|write| {
            let Write::Copy { sources, elsewhere, to, folder: _ } = &write.value else { return false };
            // Scripts that run at the start, and what is written down from templates, change files of the image.
            let rewritten = product.rewrites.iter().any(|rewrite| to.starts_with(&rewrite.with));
            if rewritten || to.starts_with("/docker-entrypoint.d") {
                return true;
            }
            if !to.starts_with("/etc/") {
                return false;
            }
            let Some(context) = context.as_ref().filter(|_| !elsewhere) else { return true };
            sources.iter().any(|source| {
                let path = tranship_source::path::join(context, Path::new(source.trim_start_matches('/')));
                let is_private = self.world.stat(&path).is_ok_and(|stat| stat.mode & 0o004 == 0);
                is_private
                    || texts(self.world, &path, 2).is_none_or(|texts| {
                        texts.iter().any(|text| written::paths(text).into_iter().any(|path| !product.writes(tag, path)))
                    })
            })
        })
    }

    /// What is known of the image that a build starts from and its values may ask for.
    fn known_base(&self, facts: &ImageFacts) -> Option<BTreeMap<String, KnownBase>> {
        let name = &facts.base.as_ref()?.value;
        let below = self.base(name)?;
        let env: BTreeMap<String, String> =
            below.env.iter().map(|(name, text)| (name.clone(), text.value.clone())).collect();
        let workdir = below.workdir.as_ref().map(|dir| dir.value.clone());
        let asks = below.whole || !env.is_empty() || workdir.is_some();
        asks.then(|| BTreeMap::from([(name.clone(), KnownBase { env, all_env: below.whole, workdir })]))
    }

    /// What is known of an image: what was told of it, else what the catalog knows.
    pub(super) fn base(&self, name: &str) -> Option<ImageKnowledge> {
        let told = self.told.and_then(|told| told.get(name)).cloned();
        told.or_else(|| super::catalog::knowledge(name))
    }

    /// The image that a build starts from; `None` where there is none, or the Dockerfile cannot be read.
    pub(super) fn base_image(&mut self, service: &Service, build: &Build) -> Option<String> {
        let (name, text) = self.text(service, build)?;
        let file = self.sources.add(name, text.as_str());
        let parsed = parse(file, &text).value;
        facts(&parsed, &self.options(service, build)).value?.base.map(|base| base.value)
    }

    /// What a build is given besides its Dockerfile.
    fn options(&self, service: &Service, build: &Build) -> BuildOptions {
        let known = |(key, value): &(String, Option<String>)| {
            Some((key.clone(), value.clone().or_else(|| self.world.env().get(key).cloned())?))
        };
        BuildOptions {
            target: build.target.clone(),
            args: build.args.iter().filter_map(known).collect(),
            platform: service.platform.as_ref().map(|platform| platform.value.clone()),
            bases: BTreeMap::new(),
        }
    }

    /// The Dockerfile's name and text.
    fn text(&mut self, service: &Service, build: &Build) -> Option<(String, String)> {
        if let Some(inline) = &build.settings.dockerfile_inline {
            return Some((format!("dockerfile_inline of {}", service.name), inline.clone()));
        }
        let path = path(self.project_dir, build)?;
        match self.world.read(&path) {
            Ok(bytes) => Some((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) => {
                let shown = build.dockerfile.as_deref().unwrap_or("Dockerfile");
                let message =
                    format!("the Dockerfile `{shown}` of service `{}` cannot be read: {}", service.name, error.kind());
                let help =
                    "put it there, or name another with `dockerfile:`; its ports, user and health check are not known";
                self.faults.push(Diagnostic::warning("dockerfile-absent", message).at(build.origin.span()).help(help));
                None
            }
        }
    }

    /// Values that are not known in full are told: nobody should trust them.
    fn noted(&mut self, facts: &ImageFacts) {
        let Some(base) = &facts.base else { return };
        for name in facts.assumed.iter().filter(|name| name.value != "PATH") {
            let message =
                format!("`${}` comes from the image {}, whose variables are not known here", name.value, base.value);
            let help = format!(
                "it was taken to be empty; set it with ENV in the Dockerfile, or check what leans on `${}`",
                name.value
            );
            self.faults.push(Diagnostic::note("dockerfile-variable", message).at(name.span).help(help));
        }
    }

    fn told(&self, facts: &ImageFacts) -> ImageKnowledge {
        let base = facts.base.as_ref();
        let below = base.and_then(|base| self.base(&base.value)).unwrap_or_default();
        let shell = super::holds::shell_of_build(facts);
        let from_nothing = base.is_none();
        // What somebody told of the base image is what it declares; the catalog knows what its own process does.
        let is_told = below.whole;
        let whole = from_nothing || is_told;
        let mut out = ImageKnowledge { whole, shell, ..below };
        // Ports are the base image's only where this one serves the same; what it declares itself counts more.
        let own_process = facts.entrypoint.is_some() || facts.cmd.is_some();
        if !is_told && (own_process || !facts.ports.is_empty()) {
            out.ports.clear();
        }
        let declared: Vec<Port> = facts.ports.iter().map(|port| self.port(port)).collect();
        out.ports
            .retain(|known| !declared.iter().any(|p| (p.container, p.protocol) == (known.container, known.protocol)));
        out.ports.extend(declared);
        if let Some(user) = &facts.user {
            self.user(facts, user, &mut out);
        } else if from_nothing {
            out.uid = Some(Traced::decided(0, "image-user", "an image from nothing that names no user starts as root"));
            out.gid.clone_from(&out.uid);
        }
        let text = |text: &Option<Spanned<String>>, by: &'static str, word: &str| {
            text.as_ref().map(|text| self.traced(text.value.clone(), by, word, text.span))
        };
        out.workdir = text(&facts.workdir, "image-workdir", "WORKDIR").or(out.workdir);
        out.stop_signal = text(&facts.stop_signal, "image-stop-signal", "STOPSIGNAL").or(out.stop_signal);
        let argv = |argv: &Option<Spanned<Vec<String>>>, word: &str| {
            argv.as_ref().map(|argv| self.traced(argv.value.clone(), "image-command", word, argv.span))
        };
        let none = || {
            from_nothing
                .then(|| Traced::decided(Vec::new(), "image-command", "an image from nothing runs nothing by itself"))
        };
        // An entrypoint of its own forgets the base image's command, unless a command follows.
        let below = (out.entrypoint.take(), out.command.take().filter(|_| facts.entrypoint.is_none()));
        out.entrypoint = argv(&facts.entrypoint, "ENTRYPOINT").or(below.0).or_else(none);
        out.command = argv(&facts.cmd, "CMD").or(below.1).or_else(none);
        let set = |(name, text): &(String, Spanned<String>)| {
            (name.clone(), self.traced(text.value.clone(), "image-env", "ENV", text.span))
        };
        let own: Vec<(String, Traced<String>)> = facts.env.iter().map(set).collect();
        // A variable keeps the place the base image gave it.
        for (name, value) in own {
            match out.env.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = value,
                None => out.env.push((name, value)),
            }
        }
        let volume = |path: &Spanned<String>| self.traced(path.value.clone(), "image-volume", "VOLUME", path.span);
        let declared: Vec<Traced<String>> = facts.volumes.iter().map(volume).collect();
        out.volumes.retain(|known| !declared.contains(known));
        out.volumes.extend(declared);
        if let Some(check) = &facts.healthcheck {
            out.health = self.health(check);
        }
        out
    }

    fn user(&self, facts: &ImageFacts, written: &Spanned<String>, out: &mut ImageKnowledge) {
        let (user, group) = match written.value.split_once(':') {
            Some((user, group)) => (user.to_owned(), Some(group.to_owned()).filter(|group| !group.is_empty())),
            None => (written.value.clone(), None),
        };
        let base = facts.base.as_ref().map(|base| base.value.as_str()).unwrap_or_default();
        let made = facts.accounts.user(&user);
        let usual = super::accounts::user(base, &user);
        let found = user.parse().ok().map(|uid| (uid, None)).or(made).or(usual);
        let gid = match &group {
            Some(group) => {
                facts.accounts.group(group).or_else(|| super::accounts::user(base, group).and_then(|(_, gid)| gid))
            }
            None => found.and_then(|(_, gid)| gid),
        };
        out.uid = found.map(|(uid, _)| self.traced(uid, "image-user", "USER", written.span));
        out.gid = gid.map(|gid| self.traced(gid, "image-user", "USER", written.span));
        out.user = Some(self.traced(User { user, group }, "image-user", "USER", written.span));
    }

    fn port(&self, port: &Spanned<(u16, String)>) -> Port {
        let (container, protocol) = &port.value;
        let protocol = match protocol.as_str() {
            "udp" => Protocol::Udp,
            "sctp" => Protocol::Sctp,
            _ => Protocol::Tcp,
        };
        let origin = self.origin("image-port", "EXPOSE", port.span);
        Port { origin, container: *container, protocol, name: None, app_protocol: None, published: None }
    }

    fn health(&self, check: &Spanned<Option<tranship_image::Healthcheck>>) -> Health {
        let origin = self.origin("image-health", "HEALTHCHECK", check.span);
        let Some(found) = &check.value else { return Health::Disabled(origin) };
        let test = match &found.test {
            Argv::Exec(words) => Test::Exec(words.clone()),
            Argv::Shell(line) => Test::Shell(line.clone()),
        };
        let time = |time: Option<std::time::Duration>| time.map(|time| Traced::new(time, origin.clone()));
        Health::Check(Box::new(Check {
            test: Some(Traced::new(test, origin.clone())),
            interval: time(found.interval),
            timeout: time(found.timeout),
            retries: found.retries.map(|count| Traced::new(u64::from(count), origin.clone())),
            start_period: time(found.start_period),
            start_interval: time(found.start_interval),
            origin: origin.clone(),
        }))
    }

    fn traced<T>(&self, value: T, by: &'static str, word: &str, span: Span) -> Traced<T> {
        Traced::new(value, self.origin(by, word, span))
    }

    /// The reason names the instruction and its line. The Dockerfile's spans are no leaves of the project, so that the
    /// ledger does not hear of them.
    fn origin(&self, by: &'static str, word: &str, span: Span) -> Origin {
        let line = self.sources.get(span.file).map(|source| source.position(span.start).line);
        let place = line.map(|line| format!(" in line {line}")).unwrap_or_default();
        Origin::decided(by, format!("the image's Dockerfile says so with {word}{place}"))
    }
}

/// The image whose process an image runs: it says neither what is run nor as whom.
fn process_of(facts: &ImageFacts) -> Option<&str> {
    let base = facts.base.as_ref()?;
    let tag = ImageRef::parse(&base.value).tag;
    let product = catalog::find(&base.value).filter(|product| product.kind != catalog::Kind::Base)?;
    let known = product.start_for(tag).and_then(|start| start.command.as_ref());
    let own = facts.cmd.as_ref().map(|words| words.value.first());
    let same = own.is_none_or(|own| match (own, known) {
        (Some(own), Some(known)) => known.first() == Some(own),
        (Some(own), None) => *own == product.name,
        (None, _) => false,
    });
    (facts.entrypoint.is_none() && facts.user.is_none() && same).then_some(base.value.as_str())
}

/// The texts of a file, or of the files of a folder; `None` where they are too many, too large or no text.
fn texts(world: &dyn World, path: &Path, depth: usize) -> Option<Vec<String>> {
    const MOST: usize = 64;
    if let Ok(bytes) = world.read(path) {
        return Some(vec![String::from_utf8(bytes).ok().filter(|text| text.len() < 1 << 16)?]);
    }
    let names = world.list(path).ok().filter(|names| depth > 0 && names.len() < MOST)?;
    let mut out = Vec::new();
    for name in names {
        out.extend(texts(world, &path.join(name), depth - 1)?);
    }
    Some(out)
}

/// Where the Dockerfile of a build lies; `None` for a context that is no folder.
pub(super) fn path(project_dir: &Path, build: &Build) -> Option<PathBuf> {
    let folder = folder(project_dir, build)?;
    let file = build.dockerfile.as_deref().unwrap_or("Dockerfile");
    Some(tranship_source::path::join(&folder, Path::new(file)))
}

/// The folder of a build; `None` for an address.
pub(super) fn folder(project_dir: &Path, build: &Build) -> Option<PathBuf> {
    let address =
        build.context.contains("://") || build.context.starts_with("git@") || build.context.starts_with("github.com/");
    (!address).then(|| tranship_source::path::join(project_dir, Path::new(&build.context)))
}
