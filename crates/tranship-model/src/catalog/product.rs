//! The facts of one product, as its TOML file gives them. An absent key means "not known", never "no".

use serde::Deserialize;

use super::tags;
use crate::service::Role;

/// One product.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its key: the name of its file.
    pub name: String,
    /// Its name as its makers write it.
    pub title: String,
    /// What it does.
    pub role: ProductRole,
    /// The group it is filed under.
    pub category: Category,
    /// Whether it runs on, ends, or is a base to build on.
    pub kind: Kind,
    /// Whether it keeps data that must survive its container.
    pub stateful: bool,
    /// Its images' repositories, without registry and tag.
    pub images: Vec<String>,
    /// Other repositories with the same facts.
    #[serde(default)]
    pub variants: Vec<String>,
    /// Where the facts were read.
    pub sources: Vec<String>,
    /// Ports it listens on, the main one first.
    #[serde(default)]
    pub ports: Vec<Port>,
    /// Directories it keeps state in.
    #[serde(default)]
    pub data: Vec<DataDir>,
    /// Who its process is; the first whose tags match counts.
    #[serde(default)]
    pub users: Vec<TagUser>,
    /// Users of its own, by name.
    #[serde(default)]
    pub accounts: Vec<Account>,
    /// What its images say a container starts with; the first whose tags match counts.
    #[serde(default)]
    pub starts: Vec<Start>,
    /// Paths it writes besides its data; `None` when not known.
    pub writable: Option<Vec<String>>,
    /// Directories its image has files in that people mount over, besides those of its system; where it is given, every
    /// other path outside the system's own directories holds nothing.
    pub files: Option<Vec<String>>,
    /// Folders of its image that it writes to only where something is mounted elsewhere, and that have files.
    #[serde(default)]
    pub rewrites: Vec<Rewrite>,
    /// Whether its image gains rights on purpose while it runs, by `sudo` or the like.
    #[serde(default)]
    pub gains_rights: bool,
    /// Files of its image that lead to the standard output.
    #[serde(default)]
    pub to_output: Vec<String>,
    /// Whether its image is known to have a shell, besides those that are built on or have `files`.
    #[serde(default)]
    pub shell: bool,
    /// The tags whose image has no shell.
    pub no_shell: Option<String>,
    /// What it needs to run a small load, where that is not what others of its role need.
    pub size: Option<Size>,
    /// Where it tells metrics in the form of Prometheus without being asked for more.
    pub metrics: Option<MetricsAt>,
    /// A command of its image that succeeds once the product at `{host}` answers on its main port, whoever runs it.
    pub client: Option<Vec<String>>,
    /// How it is asked for its health.
    #[serde(default)]
    pub probes: Probes,
    /// Variables that carry credentials or identity.
    #[serde(default)]
    pub credentials: Vec<Credential>,
    /// What becomes of it on a cluster; absent: it is kept.
    pub cluster: Option<Cluster>,
    /// How its data leaves it.
    pub dump: Option<Dump>,
    /// When a product that runs on is a one-shot after all.
    pub one_shot: Option<OneShot>,
}

/// What a product does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words are the format's own and say what they mean")]
pub enum ProductRole {
    Database,
    Cache,
    Queue,
    ObjectStore,
    Search,
    TimeSeries,
    Coordination,
    Proxy,
    WebServer,
    Gateway,
    App,
    Identity,
    Secrets,
    Metrics,
    Dashboard,
    Logs,
    Tracing,
    Admin,
    Mail,
    Emulator,
    Worker,
    Scheduler,
    Helper,
    Runtime,
}

impl ProductRole {
    /// The part it plays in a stack.
    pub fn role(self) -> Role {
        match self {
            Self::Database
            | Self::ObjectStore
            | Self::Search
            | Self::TimeSeries
            | Self::Coordination
            | Self::Secrets => Role::Store,
            Self::Cache => Role::Cache,
            Self::Queue => Role::Queue,
            Self::Proxy | Self::WebServer | Self::Gateway => Role::Proxy,
            Self::Metrics | Self::Dashboard | Self::Logs | Self::Tracing => Role::Observer,
            Self::Admin => Role::Admin,
            Self::Helper => Role::Helper,
            Self::App
            | Self::Identity
            | Self::Mail
            | Self::Emulator
            | Self::Worker
            | Self::Scheduler
            | Self::Runtime => Role::App,
        }
    }
}

/// The group a product is filed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words are the format's own and say what they mean")]
pub enum Category {
    Applications,
    Databases,
    Infrastructure,
    Monitoring,
    Storage,
    Utilities,
}

/// How a product runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It runs on.
    Service,
    /// It does its work and ends.
    OneShot,
    /// Others build on it.
    Base,
}

/// A port a product listens on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// Its name, IANA-style, at most 15 characters.
    pub name: String,
    /// The port in the container.
    pub port: u16,
    /// Its protocol.
    pub protocol: Transport,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether plain HTTP is spoken there.
    pub http: bool,
    /// The tags it holds for.
    pub tags: Option<String>,
}

/// A port's protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the protocols' own names")]
pub enum Transport {
    Tcp,
    Udp,
    Sctp,
}

impl From<Transport> for crate::network::Protocol {
    fn from(transport: Transport) -> Self {
        match transport {
            Transport::Tcp => Self::Tcp,
            Transport::Udp => Self::Udp,
            Transport::Sctp => Self::Sctp,
        }
    }
}

/// What a port is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// What clients connect to.
    Main,
    /// For people who look after it.
    Admin,
    /// For monitoring.
    Metrics,
    /// For others of its kind.
    Peer,
    /// Anything else.
    Extra,
}

/// A directory that holds state.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataDir {
    /// Where it lies in the container.
    pub path: String,
    /// What it holds.
    pub what: String,
    /// The tags it holds for.
    pub tags: Option<String>,
    /// Whether the image has nothing there, so that an empty volume hides no file of it.
    #[serde(default)]
    pub empty: bool,
    /// Whether the image declares it as a `VOLUME`, so that the engine makes one where nothing is mounted.
    #[serde(default)]
    pub declared: bool,
    /// A variable that moves the data below the mount.
    pub subdirectory_env: Option<String>,
}

/// A folder that is written where something else is there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rewrite {
    /// The folder.
    pub path: String,
    /// The folder whose presence makes the product write.
    pub with: String,
}

/// Who the process is in the images of some tags.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagUser {
    /// The tags it holds for.
    pub tags: Option<String>,
    /// The user that does the work in the end.
    pub uid: u32,
    /// Its group.
    pub gid: Option<u32>,
    /// Whether the container begins as root.
    pub starts_as_root: bool,
    /// Whether the image also works when started as another user directly.
    pub runs_unprivileged: Option<bool>,
}

/// A user that the images have in `/etc/passwd`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its number.
    pub uid: u32,
    /// The number of its group; the same as the user's when absent.
    pub gid: Option<u32>,
    /// The tags it holds for.
    pub tags: Option<String>,
}

/// What a container of the images of some tags starts with. What is absent is not known; an empty list is none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// The tags it holds for.
    pub tags: Option<String>,
    /// The entrypoint.
    pub entrypoint: Option<Vec<String>>,
    /// The command.
    pub command: Option<Vec<String>>,
    /// The directory.
    pub workdir: Option<String>,
    /// Variables that are the same in every release, in order.
    #[serde(default)]
    pub env: Vec<(String, String)>,
    /// The signal that ends it.
    pub stop_signal: Option<String>,
}

/// What a product needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// CPU kept for it, in thousandths of a core.
    pub cpu: u32,
    /// Memory kept for it, in MiB.
    pub memory: u32,
    /// Most memory, in MiB: never less than it needs to start.
    pub memory_limit: u32,
}

/// Where a product tells metrics.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsAt {
    /// The container's port.
    pub port: u16,
    /// The path asked for.
    pub path: String,
    /// The tags it holds for.
    pub tags: Option<String>,
    /// The variable and the value that switch it on, where it is off without.
    pub env: Option<(String, String)>,
}

/// How a product is asked for its health.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probes {
    /// Whether it can serve.
    pub readiness: Option<Probe>,
    /// Whether it lives.
    pub liveness: Option<Probe>,
    /// Whether it came up.
    pub startup: Option<Probe>,
}

/// One question for a product's health.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// A command; `$(VAR:-default)` names a variable of the container.
    pub exec: Option<Vec<String>>,
    /// A request.
    pub http: Option<HttpProbe>,
    /// A connection.
    pub tcp: Option<TcpProbe>,
    /// The tags it holds for.
    pub tags: Option<String>,
}

/// A request that has to succeed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpProbe {
    /// The path asked for.
    pub path: String,
    /// The port.
    pub port: u16,
}

/// A connection that has to succeed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TcpProbe {
    /// The port.
    pub port: u16,
}

/// The one question a probe asks.
#[derive(Clone, Copy, Debug)]
pub enum ProbeCheck<'a> {
    /// A command.
    Exec(&'a [String]),
    /// A request.
    Http(&'a HttpProbe),
    /// A connection to a port.
    Tcp(u16),
}

impl Probe {
    /// What it asks; `None` would be a fault in the file.
    pub fn check(&self) -> Option<ProbeCheck<'_>> {
        match (&self.exec, &self.http, &self.tcp) {
            (Some(argv), None, None) => Some(ProbeCheck::Exec(argv)),
            (None, Some(http), None) => Some(ProbeCheck::Http(http)),
            (None, None, Some(tcp)) => Some(ProbeCheck::Tcp(tcp.port)),
            _ => None,
        }
    }
}

/// A variable that carries credentials or identity.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// The variable.
    pub env: String,
    /// Its form that names a file to read.
    pub file: Option<String>,
    /// The tags whose image knows that form.
    pub file_tags: Option<String>,
    /// What it carries.
    pub kind: CredentialKind,
    /// What the image uses when it is absent.
    pub default: Option<String>,
}

/// What a variable carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words are the format's own and say what they mean")]
pub enum CredentialKind {
    Password,
    User,
    Database,
    Token,
    Key,
    Dsn,
    Secret,
}

impl CredentialKind {
    /// Whether nobody else may read it. Names of users and databases are no secret.
    pub fn is_secret(self) -> bool {
        !matches!(self, Self::User | Self::Database)
    }

    /// The word for it in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::User => "user name",
            Self::Database => "database name",
            Self::Token => "token",
            Self::Key => "key",
            Self::Dsn => "connection string",
            Self::Secret => "secret",
        }
    }
}

/// How data leaves a product.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dump {
    /// The method.
    pub method: DumpMethod,
}

/// A way for data to leave a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DumpMethod {
    /// PostgreSQL's own.
    PgDump,
    /// MySQL's and MariaDB's own.
    Mysqldump,
    /// MongoDB's own.
    Mongodump,
    /// Redis' snapshot file.
    Rdb,
    /// RabbitMQ's export of everything but messages.
    Definitions,
    /// Object by object.
    S3,
    /// The product's own snapshot or export call.
    Api,
    /// A copy of its directories while it is stopped.
    Volume,
}

/// What becomes of a product on a cluster, and why.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// Whether it goes along.
    pub decision: Decision,
    /// Whether that holds only where it is given the container engine, by its socket, its folder or its address.
    #[serde(default)]
    pub with_engine: bool,
    /// Why, a sentence without its full stop.
    pub because: String,
    /// What does its work instead, or what to do; a sentence without its full stop.
    pub instead: String,
}

/// Whether a product goes along to a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It does, although it may seem that it does not.
    Keep,
    /// Something of the cluster's does what it did for the app, once it is set up.
    Replaced,
    /// The cluster does its work already, or there is no such work.
    LeftOut,
}

/// What makes a product a one-shot.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneShot {
    /// First words of a command that ends.
    pub commands: Vec<String>,
}

/// Whether a path is a folder or lies below it; `/var/run` is `/run` in every image.
fn is_below(path: &str, folder: &str) -> bool {
    let plain =
        |path: &str| path.strip_prefix("/var/run").map_or_else(|| path.to_owned(), |rest| format!("/run{rest}"));
    let (path, folder) = (plain(path), plain(folder));
    path.strip_prefix(folder.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn holds(pattern: Option<&String>, tag: Option<&str>) -> bool {
    pattern.is_none_or(|pattern| tags::matches(pattern, tag))
}

impl Product {
    /// The ports images of a tag listen on.
    pub fn ports_for(&self, tag: Option<&str>) -> impl Iterator<Item = &Port> {
        self.ports.iter().filter(move |port| holds(port.tags.as_ref(), tag))
    }

    /// The directories images of a tag keep state in.
    pub fn data_for(&self, tag: Option<&str>) -> impl Iterator<Item = &DataDir> {
        self.data.iter().filter(move |dir| holds(dir.tags.as_ref(), tag))
    }

    /// Whether images of a tag have a shell at `/bin/sh`: what others build on has one, and what was looked at.
    pub fn shell(&self, tag: Option<&str>) -> Option<bool> {
        let none = self.no_shell.as_ref().is_some_and(|pattern| tags::matches(pattern, tag));
        let some = self.kind == Kind::Base || self.files.is_some() || self.shell;
        if none { Some(false) } else { some.then_some(true) }
    }

    /// Whether a path that a program may write to is one of those this product is known to write in images of a tag.
    pub fn writes(&self, tag: Option<&str>, path: &str) -> bool {
        let data = self.data_for(tag).map(|dir| dir.path.as_str());
        let mut folders = data.chain(self.writable.iter().flatten().map(String::as_str));
        self.to_output.iter().any(|file| file == path) || folders.any(|folder| is_below(path, folder))
    }

    /// Who the process is in images of a tag.
    pub fn user_for(&self, tag: Option<&str>) -> Option<&TagUser> {
        self.users.iter().find(|user| holds(user.tags.as_ref(), tag))
    }

    /// The user of a name in images of a tag.
    pub fn account_for(&self, name: &str, tag: Option<&str>) -> Option<&Account> {
        self.accounts.iter().find(|account| account.name == name && holds(account.tags.as_ref(), tag))
    }

    /// What containers of images of a tag start with.
    pub fn start_for(&self, tag: Option<&str>) -> Option<&Start> {
        self.starts.iter().find(|start| holds(start.tags.as_ref(), tag))
    }

    /// Where images of a tag tell metrics.
    pub fn metrics_for(&self, tag: Option<&str>) -> Option<&MetricsAt> {
        self.metrics.as_ref().filter(|metrics| holds(metrics.tags.as_ref(), tag))
    }

    /// How images of a tag are asked whether they can serve.
    pub fn readiness_for(&self, tag: Option<&str>) -> Option<&Probe> {
        self.probes.readiness.as_ref().filter(|probe| holds(probe.tags.as_ref(), tag))
    }

    /// How images of a tag are asked whether they live.
    pub fn liveness_for(&self, tag: Option<&str>) -> Option<&Probe> {
        self.probes.liveness.as_ref().filter(|probe| holds(probe.tags.as_ref(), tag))
    }

    /// How images of a tag are asked whether they came up.
    pub fn startup_for(&self, tag: Option<&str>) -> Option<&Probe> {
        self.probes.startup.as_ref().filter(|probe| holds(probe.tags.as_ref(), tag))
    }

    /// The variable's entry among the credentials.
    pub fn credential(&self, env: &str) -> Option<&Credential> {
        self.credentials.iter().find(|credential| credential.env == env)
    }

    /// The word of a command line that makes it a one-shot, or the product's name where it always is one.
    pub fn one_shot_word<'a>(&'a self, argv: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        if self.kind == Kind::OneShot {
            return Some(&self.name);
        }
        let known = &self.one_shot.as_ref()?.commands;
        argv.into_iter().find(|word| known.iter().any(|command| command == word))
    }

    /// Where the file breaks the format's rules beyond what its types say; for the catalog's tests.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut expect = |holds: bool, what: String| {
            if !holds {
                faults.push(what);
            }
        };
        expect(!self.images.is_empty(), "no image is named".to_owned());
        expect(!self.sources.is_empty(), "no source is given".to_owned());
        for source in &self.sources {
            expect(source.starts_with("https://"), format!("{source} is no address"));
        }
        for image in self.images.iter().chain(&self.variants) {
            let plain = super::ImageRef::parse(image);
            expect(plain.repository == image, format!("{image} has a registry, tag or digest"));
            expect(!image.starts_with("library/"), format!("{image} has Docker's own prefix"));
        }
        for port in &self.ports {
            let chars = port.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            let letter = port.name.chars().any(|c| c.is_ascii_lowercase());
            let ends = !port.name.starts_with('-') && !port.name.ends_with('-') && !port.name.contains("--");
            expect(chars && letter && ends && port.name.len() <= 15, format!("{} is no port name", port.name));
            expect(port.port != 0, format!("{} has port 0", port.name));
        }
        for path in self
            .data
            .iter()
            .map(|dir| &dir.path)
            .chain(self.writable.iter().chain(&self.files).flatten())
            .chain(&self.to_output)
        {
            expect(
                path.starts_with('/') && (path.len() == 1 || !path.ends_with('/')),
                format!("{path} is no clean path"),
            );
        }
        if let Some(metrics) = &self.metrics {
            expect(metrics.port != 0 && metrics.path.starts_with('/'), "metrics at no port or path".to_owned());
        }
        for path in self.rewrites.iter().flat_map(|rewrite| [&rewrite.path, &rewrite.with]) {
            expect(path.starts_with('/') && !path.ends_with('/'), format!("{path} is no clean path"));
        }
        let probes = [&self.probes.readiness, &self.probes.liveness, &self.probes.startup];
        for probe in probes.into_iter().flatten() {
            expect(probe.check().is_some(), "a probe asks none or several questions".to_owned());
        }
        if let Some(Size { cpu, memory, memory_limit }) = self.size {
            expect(cpu >= 10 && memory >= 16 && memory_limit >= memory, "a size that nothing can run in".to_owned());
        }
        let open_start = self.starts.iter().position(|start| start.tags.is_none());
        expect(
            open_start.is_none_or(|at| at + 1 == self.starts.len()),
            "a start for every tag stands before others, which never match".to_owned(),
        );
        let open_user = self.users.iter().position(|user| user.tags.is_none());
        expect(
            open_user.is_none_or(|at| at + 1 == self.users.len()),
            "a user for every tag stands before others, which never match".to_owned(),
        );
        for text in self.cluster.iter().flat_map(|cluster| [&cluster.because, &cluster.instead]) {
            expect(!text.is_empty() && !text.ends_with('.'), format!("`{text}` is no sentence without its full stop"));
        }
        let mut names: Vec<&str> = self.credentials.iter().map(|credential| credential.env.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        expect(names.len() == self.credentials.len(), "a credential is listed twice".to_owned());
        if let Some(one_shot) = &self.one_shot {
            expect(!one_shot.commands.is_empty() || self.kind == Kind::OneShot, "one_shot without commands".to_owned());
        }
        faults
    }
}
