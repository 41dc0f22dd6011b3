//! What a mount is for, told from its target, the catalog, and what lies at its source.

use std::path::Path;

use tranship_model::{MountClass, Role, Traced};
use tranship_source::{Kind, Stat, World};

use super::evidence::{self, Contents};
use super::{About, within};

/// What is known of a mount of a path of the machine.
pub(super) struct Bind<'a> {
    /// The path on the machine, absolute.
    pub source: &'a Path,
    /// The path seen from the project directory; `None` outside.
    pub project_path: Option<&'a str>,
    /// Whether it belongs to the project: inside its directory, or written relative to it.
    pub belongs: bool,
    /// The path in the container.
    pub target: &'a str,
    /// Whether the container may not write to it.
    pub read_only: bool,
    /// What is at the source.
    pub stat: Option<&'a Stat>,
}

fn say(class: MountClass, by: &'static str, because: impl Into<String>) -> Traced<MountClass> {
    Traced::decided(class, by, because)
}

/// The class of a volume: data, unless its place or name says that it can be made again.
pub(super) fn volume(about: &About<'_>, name: Option<&str>, target: &str) -> Traced<MountClass> {
    if let Some(dir) = about.data_dir(target) {
        return say(MountClass::Data, "catalog-data", format!("{} keeps its data at `{dir}`", about.title()));
    }
    if is_cache(target) || name.is_some_and(names_cache) {
        return say(MountClass::Cache, "cache-path", format!("what is at `{target}` can be made again"));
    }
    if is_logs(target) {
        return say(MountClass::Logs, "log-path", format!("`{target}` is a place for logs"));
    }
    let what = if name.is_some() { "a named volume" } else { "a volume" };
    say(MountClass::Data, "volume", format!("{what} keeps what is written to `{target}`"))
}

/// The class of a mount of a path of the machine.
pub(super) fn bind(world: &dyn World, about: &About<'_>, bind: &Bind<'_>) -> Traced<MountClass> {
    by_machine(world, bind).or_else(|| by_data_dir(about, bind)).or_else(|| outside(world, bind)).unwrap_or_else(|| {
        match bind.stat.map(|stat| &stat.kind) {
            Some(Kind::File) => file(about, bind),
            Some(Kind::Directory) => directory(world, about, bind),
            Some(Kind::Other) => say(MountClass::Socket, "special-file", "it is neither a file nor a directory"),
            None => absent(about, bind),
        }
    })
}

/// Parts of the machine that containers look at.
const MACHINE: &[&str] = &[
    "/boot",
    "/cgroup",
    "/dev",
    "/etc/group",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/localtime",
    "/etc/machine-id",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/resolv.conf",
    "/etc/shadow",
    "/etc/ssl/certs",
    "/etc/timezone",
    "/lib/modules",
    "/proc",
    "/run",
    "/sys",
    "/usr/share/zoneinfo",
    "/var/lib/docker",
    "/var/log",
    "/usr/src",
    "/usr/lib",
    "/usr/bin",
    "/lib/firmware",
    "/bin",
    "/sbin",
    "/var/run",
];

fn by_machine(world: &dyn World, bind: &Bind<'_>) -> Option<Traced<MountClass>> {
    let source = bind.source.to_string_lossy();
    let is_socket = |path: &str| within(path, "/tmp/.X11-unix") || evidence::ending(path) == "sock";
    if is_socket(&source) || is_socket(bind.target) {
        return Some(say(MountClass::Socket, "socket", format!("`{source}` is a socket of the machine")));
    }
    if bind.belongs {
        return None;
    }
    let part = MACHINE.iter().find(|part| within(&source, part));
    if let Some(part) = part {
        return Some(say(MountClass::Host, "machine", format!("`{part}` is a part of the machine")));
    }
    if source == "/" {
        return Some(say(MountClass::Host, "machine", "it is the whole machine"));
    }
    let home = world.home()?;
    (home == bind.source).then(|| say(MountClass::Host, "home", "it is the user's home directory"))
}

fn by_data_dir(about: &About<'_>, bind: &Bind<'_>) -> Option<Traced<MountClass>> {
    let dir = about.data_dir(bind.target).filter(|_| !bind.read_only)?;
    let is_file = bind.stat.is_some_and(|stat| stat.kind == Kind::File);
    // A file inside a data directory, or a folder below it that is there already, may as well be settings or a plugin.
    let is_part = is_file || (bind.target != dir && within(bind.target, dir) && bind.stat.is_some());
    (!is_part).then(|| say(MountClass::Data, "catalog-data", format!("{} keeps its data at `{dir}`", about.title())))
}

/// Paths outside the project: data stays data, the rest is the machine's.
fn outside(world: &dyn World, bind: &Bind<'_>) -> Option<Traced<MountClass>> {
    if bind.belongs {
        return None;
    }
    if let Some(class) = by_place(bind).filter(|_| !bind.read_only) {
        return Some(class);
    }
    let source = bind.source.to_string_lossy();
    let is_file = bind.stat.is_some_and(|stat| stat.kind == Kind::File);
    let in_home = world.home().and_then(|home| bind.source.strip_prefix(home).ok());
    // `~/.aws` and its like are the user's own settings; `~/.app/data/db` is a place the project chose.
    let settings = in_home.is_some_and(|rest| {
        let first = rest.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
        first.is_some_and(|first| {
            first.starts_with('.') && (rest.components().count() == 1 || SETTINGS.contains(&first.as_str()))
        })
    });
    if !is_file && !bind.read_only && !settings && (is_data_place(bind.target) || !is_config_place(bind.target)) {
        let because = format!("the service keeps files of `{source}` at `{}`", bind.target);
        return Some(say(MountClass::Data, "outside-data", because));
    }
    let what = if in_home.is_some() { "in the user's home directory" } else { "outside the project" };
    Some(say(MountClass::Host, "outside", format!("`{source}` lies {what}, and other machines do not have it")))
}

/// Folders of a home directory that hold the user's own settings and keys.
const SETTINGS: &[&str] = &[".aws", ".azure", ".config", ".docker", ".gcloud", ".gnupg", ".kube", ".local", ".ssh"];

fn file(about: &About<'_>, bind: &Bind<'_>) -> Traced<MountClass> {
    let name = bind.source.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if evidence::is_state(&name) && !bind.read_only {
        return say(MountClass::Data, "state-file", format!("`{name}` is a file the process keeps state in"));
    }
    if evidence::ending(&name) == "log" {
        return say(MountClass::Logs, "log-file", format!("`{name}` is a log"));
    }
    let code = evidence::is_code(&name) || evidence::is_marker(&name);
    if code && in_build(about, bind) && is_code_place(about, bind.target) {
        return say(MountClass::Source, "source-file", format!("`{name}` is code that the image is built from"));
    }
    say(MountClass::Config, "file", format!("`{name}` is a file the process reads"))
}

fn directory(world: &dyn World, about: &About<'_>, bind: &Bind<'_>) -> Traced<MountClass> {
    if let Some(class) = by_place(bind) {
        return class;
    }
    let contents = evidence::look(world, bind.source);
    source(about, bind, &contents).unwrap_or_else(|| config_or_data(about, bind, &contents))
}

/// Caches and logs, by where they are mounted.
fn by_place(bind: &Bind<'_>) -> Option<Traced<MountClass>> {
    if is_cache(bind.target) {
        return Some(say(MountClass::Cache, "cache-path", format!("what is at `{}` can be made again", bind.target)));
    }
    let logs = is_logs(bind.target) && !bind.read_only;
    logs.then(|| say(MountClass::Logs, "log-path", format!("`{}` is a place for logs", bind.target)))
}

fn source(about: &About<'_>, bind: &Bind<'_>, contents: &Contents) -> Option<Traced<MountClass>> {
    let because = if matches!(bind.project_path, Some(".")) && !is_config_place(bind.target) {
        "it is the whole project directory".to_owned()
    } else if is_config_place(bind.target) {
        return None;
    } else if let Some(marker) = &contents.marker {
        format!("it holds `{marker}`, so it is a project of code")
    } else if in_build(about, bind) && is_code_place(about, bind.target) && contents.code >= contents.other {
        "it is in the folder the image is built from, and mounted where the image has its code".to_owned()
    } else if contents.code > contents.config + contents.other {
        "most of its files are code".to_owned()
    } else {
        return None;
    };
    Some(say(MountClass::Source, "source-folder", because))
}

fn config_or_data(about: &About<'_>, bind: &Bind<'_>, contents: &Contents) -> Traced<MountClass> {
    let target = bind.target;
    if is_config_place(target) && (bind.read_only || !contents.is_empty()) {
        return say(MountClass::Config, "config-path", format!("`{target}` is a place for configuration"));
    }
    if bind.read_only {
        return say(MountClass::Config, "read-only", "the process only reads it");
    }
    let only_config = contents.config > 0 && contents.code + contents.other == 0;
    let keeps = is_data_place(target) || matches!(about.role, Role::Store | Role::Queue | Role::Cache);
    if only_config && !keeps {
        return say(MountClass::Config, "config-files", "all of its files are configuration");
    }
    say(MountClass::Data, "writable-folder", format!("the process may write to `{target}`"))
}

/// Nothing is at the source: the engine makes a directory there when the container starts.
fn absent(about: &About<'_>, bind: &Bind<'_>) -> Traced<MountClass> {
    if let Some(class) = by_place(bind) {
        return class;
    }
    let name = bind.target.rsplit('/').next().unwrap_or_default();
    if evidence::ending(name) == "log" {
        return say(MountClass::Logs, "log-file", format!("`{name}` is a log"));
    }
    if !bind.read_only && evidence::is_state(name) {
        return say(MountClass::Data, "state-file", format!("`{name}` is a file the process keeps state in"));
    }
    let looks_like_file = evidence::is_config(name) || evidence::is_code(name);
    if !looks_like_file && !bind.read_only && in_build(about, bind) && is_code_place(about, bind.target) {
        let because = "it is in the folder the image is built from, and mounted where the image has its code";
        return say(MountClass::Source, "source-folder", because);
    }
    if looks_like_file || bind.read_only || is_config_place(bind.target) {
        return say(MountClass::Config, "absent", "the process reads it, and there is nothing at the source");
    }
    say(MountClass::Data, "made-at-start", "nothing is there yet; the engine makes a directory that the process fills")
}

/// Whether the image is built from a folder that holds the source, or lies in it.
fn in_build(about: &About<'_>, bind: &Bind<'_>) -> bool {
    let Some(build) = about.build else { return false };
    let Some(project_path) = bind.project_path else { return Path::new(&build.context) == bind.source };
    let below = |path: &str, folder: &str| folder == "." || within(path, folder);
    below(project_path, &build.context) || below(&build.context, project_path)
}

/// Places where images keep the code they run.
const CODE_PLACES: &[&str] = &[
    "/app",
    "/application",
    "/backend",
    "/code",
    "/frontend",
    "/go/src",
    "/home/node",
    "/opt/app",
    "/project",
    "/src",
    "/srv/app",
    "/usr/app",
    "/usr/local/app",
    "/usr/src",
    "/var/www",
    "/work",
    "/workdir",
    "/workspace",
];

fn is_code_place(about: &About<'_>, target: &str) -> bool {
    let below_working_dir = about.working_dir.is_some_and(|dir| dir != "/" && within(target, dir));
    below_working_dir || CODE_PLACES.iter().any(|place| within(target, place))
}

/// Places where programs look for configuration, or serve files from.
fn is_config_place(target: &str) -> bool {
    let starts = [
        "/docker-entrypoint",
        "/etc",
        "/usr/local/apache2",
        "/usr/local/etc",
        "/usr/share/nginx",
        "/usr/share/caddy",
        "/run/secrets",
    ];
    let starts = starts.iter().any(|place| within(target, place) || target.starts_with("/docker-entrypoint"));
    let parts =
        ["certs", "cert", "ssl", "tls", "conf", "conf.d", "initdb.d", "provisioning", "dashboards", "templates"];
    starts || target.split('/').any(|part| parts.contains(&part))
}

/// Places where programs keep what they are given.
fn is_data_place(target: &str) -> bool {
    let parts = [
        "backup",
        "backups",
        "config",
        "data",
        "database",
        "db",
        "downloads",
        "files",
        "library",
        "media",
        "movies",
        "music",
        "photos",
        "public",
        "repositories",
        "storage",
        "uploads",
        "upload",
        "volume",
        "volumes",
    ];
    within(target, "/var/lib")
        || target.rsplit('/').next().is_some_and(|last| parts.contains(&last))
        || target.split('/').nth(1).is_some_and(|first| parts.contains(&first))
}

/// Places whose files can be made again.
fn is_cache(target: &str) -> bool {
    let names = [
        ".cache",
        ".cargo",
        ".gradle",
        ".m2",
        ".mypy_cache",
        ".next",
        ".npm",
        ".nuget",
        ".nuxt",
        ".pnpm-store",
        ".pytest_cache",
        ".ruff_cache",
        ".turbo",
        ".venv",
        ".yarn",
        "__pycache__",
        "bower_components",
        "node_modules",
        "tmp",
        "venv",
    ];
    let starts = ["/go/pkg", "/tmp", "/usr/local/cargo/registry", "/usr/local/bundle", "/var/cache", "/var/tmp"];
    starts.iter().any(|place| within(target, place)) || target.split('/').any(|part| names.contains(&part))
}

fn names_cache(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.contains("cache") || lower.contains("node_modules") || lower.contains("node-modules")
}

fn is_logs(target: &str) -> bool {
    within(target, "/var/log") || target.rsplit('/').next().is_some_and(|last| matches!(last, "log" | "logs"))
}
