//! Which files make up the project, where it lies and which variables it is read with.

use std::path::Path as FsPath;

use tranship_source::yaml::VariableFrom;
use tranship_source::{Diagnostic, Kind, Span};

use super::env_files;
use super::file;
use super::model::ConfigFile;
use super::remote;
use super::run::Run;
use crate::environment::Environment;
use crate::options::LoadOptions;

const FILES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const OVERRIDES: [&str; 4] =
    ["compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

/// What was found out before any Compose file is read.
pub(crate) struct Found {
    pub(crate) environment: Environment,
    /// The Compose files, absolute; `-` for the standard input.
    pub(crate) files: Vec<String>,
    pub(crate) working_dir: String,
    pub(crate) profiles: Vec<String>,
}

/// Finds the project; `None` where that fails, with the reason reported.
pub(crate) fn discover(run: &mut Run<'_>, options: &LoadOptions) -> Option<Found> {
    let mut search = Search::new(run, options);
    search.read_env_files(&options.files)?;
    let given = if options.files.is_empty() { search.named_by_environment()? } else { options.files.clone() };
    let names = if given.is_empty() { search.by_default() } else { given };
    search.read_env_files(&names)?;
    if names.is_empty() {
        search.nothing_found();
        return None;
    }
    let working_dir = search.working_dir(&names);
    let profiles = search.profiles();
    let current = search.current.clone();
    let absolute = |name: String| if name == "-" { name } else { file::clean(&file::absolute(&current, &name)) };
    let mut files = Vec::new();
    for name in names {
        if remote::is_remote(&name) {
            search.run.report(remote::refusal(&name));
        }
        files.push(absolute(name));
    }
    let environment = search.environment;
    (!run.failed()).then_some(Found { environment, files, working_dir, profiles })
}

/// Reads the Compose files; `None` where one cannot be read.
pub(crate) fn read(run: &mut Run<'_>, names: &[String]) -> Option<Vec<ConfigFile>> {
    let mut files = Vec::new();
    for name in names {
        let text = if name == "-" {
            match run.world.stdin() {
                Ok(bytes) => run.add("<stdin>".to_owned(), bytes),
                Err(fault) => {
                    let message = format!("the standard input cannot be read: {fault}");
                    Err(Box::new(Diagnostic::error("file-unreadable", message)))
                }
            }
        } else {
            run.text(name.as_ref())
        };
        match text {
            Ok((id, text)) => files.push(ConfigFile { name: name.clone(), id, text }),
            Err(mut fault) => {
                fault.message =
                    if fault.primary.is_some() { fault.message } else { format!("Compose file {}", fault.message) };
                run.report(*fault);
            }
        }
    }
    (files.len() == names.len()).then_some(files)
}

struct Search<'r, 'w, 'o> {
    run: &'r mut Run<'w>,
    options: &'o LoadOptions,
    environment: Environment,
    current: String,
    /// The `.env` in force; kept where a later place has none.
    default_env: Option<String>,
}

impl<'r, 'w, 'o> Search<'r, 'w, 'o> {
    fn new(run: &'r mut Run<'w>, options: &'o LoadOptions) -> Self {
        let mut environment = Environment::default();
        for (name, value) in run.world.env() {
            environment.set(name.clone(), value.clone(), VariableFrom::Process);
        }
        let current = run.world.current_dir().display().to_string();
        environment.set_default("PWD", current.clone(), VariableFrom::Process);
        Self { run, options, environment, current, default_env: None }
    }

    fn kind(&self, path: &str) -> Option<Kind> {
        self.run.world.stat(FsPath::new(path)).ok().map(|stat| stat.kind)
    }

    /// The directory relative paths start from, as far as these files say it.
    fn working_dir(&self, names: &[String]) -> String {
        if let Some(dir) = self.options.project_directory.as_deref().filter(|dir| !dir.is_empty()) {
            return file::clean(&file::absolute(&self.current, dir));
        }
        match names.iter().find(|name| *name != "-") {
            Some(first) => file::parent(&file::clean(&file::absolute(&self.current, first))),
            None => self.current.clone(),
        }
    }

    fn given_env_files(&self) -> Vec<String> {
        if !self.options.env_files.is_empty() {
            return self.options.env_files.clone();
        }
        let listed = self.run.world.env().get("COMPOSE_ENV_FILES").map_or("", String::as_str);
        listed.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// Adds the variables of the env files; `None` where one is at fault.
    fn read_env_files(&mut self, names: &[String]) -> Option<()> {
        let given = self.given_env_files();
        if given.is_empty() {
            self.find_default_env(names)?;
        }
        let home = self.run.world.home().map(|home| home.display().to_string());
        let absolute = |name: &String| {
            let name = match (name.strip_prefix('~'), &home) {
                (Some(rest), Some(home)) => file::join(home, rest),
                _ => name.clone(),
            };
            (file::clean(&file::absolute(&self.current, &name)), Span::NONE)
        };
        let files: Vec<_> = if given.is_empty() {
            self.default_env.iter().map(absolute).collect()
        } else {
            given.iter().map(absolute).collect()
        };
        let faults = env_files::read_variables(self.run, &mut self.environment, &files);
        let failed = env_files::any_error(&faults);
        self.run.report_all(faults);
        (!failed).then_some(())
    }

    fn find_default_env(&mut self, names: &[String]) -> Option<()> {
        if let Some(text) = self.variable_or_process("COMPOSE_DISABLE_ENV_FILE") {
            match parse_bool(&text) {
                Some(true) => return Some(()),
                Some(false) => {}
                None => {
                    let message = format!("`COMPOSE_DISABLE_ENV_FILE` is `{text}`, which is no truth value");
                    self.run.report(Diagnostic::error("wrong-type", message).help("set it to `true` or `false`"));
                    return None;
                }
            }
        }
        let path = file::join(&self.working_dir(names), ".env");
        if env_files::is_file(self.run, FsPath::new(&path)) {
            self.default_env = Some(path);
        }
        Some(())
    }

    fn variable_or_process(&self, name: &str) -> Option<String> {
        self.environment.get(name).map(str::to_owned)
    }

    /// The files `COMPOSE_FILE` names.
    fn named_by_environment(&mut self) -> Option<Vec<String>> {
        let Some(list) = self.environment.get("COMPOSE_FILE").map(str::to_owned) else { return Some(Vec::new()) };
        let separator =
            self.environment.get("COMPOSE_PATH_SEPARATOR").filter(|s| !s.is_empty()).unwrap_or(":").to_owned();
        let mut names = Vec::new();
        for entry in list.split(separator.as_str()) {
            let path = file::clean(&file::absolute(&self.current, entry));
            let wrong = match self.kind(&path) {
                _ if entry == "-" || remote::is_remote(entry) => None,
                Some(Kind::File) => None,
                Some(Kind::Directory) => Some("is a directory, not a file"),
                Some(Kind::Other) => Some("is no regular file"),
                None => Some("does not exist"),
            };
            if let Some(wrong) = wrong {
                let message = format!("Compose file `{entry}`, named by `COMPOSE_FILE`, {wrong}");
                self.run.report(Diagnostic::error("file-unreadable", message).help("correct `COMPOSE_FILE`"));
            }
            names.push(if entry == "-" || remote::is_remote(entry) { entry.to_owned() } else { path });
        }
        (!self.run.failed()).then_some(names)
    }

    /// The files of the usual names, here or in a directory above.
    fn by_default(&mut self) -> Vec<String> {
        let mut dir = self.working_dir(&[]);
        loop {
            let files = self.present(&FILES, &dir);
            if let Some(first) = files.first() {
                let mut names = vec![first.clone()];
                self.several(&files);
                let overrides = self.present(&OVERRIDES, &dir);
                self.several(&overrides);
                names.extend(overrides.into_iter().next());
                return names;
            }
            let parent = file::parent(&dir);
            if parent == dir {
                return Vec::new();
            }
            dir = parent;
        }
    }

    fn present(&self, names: &[&str], dir: &str) -> Vec<String> {
        names.iter().map(|name| file::join(dir, name)).filter(|path| self.kind(path).is_some()).collect()
    }

    fn several(&mut self, files: &[String]) {
        if let [first, others @ ..] = files
            && !others.is_empty()
        {
            let shown: Vec<String> = files.iter().map(|path| self.run.shown(path.as_ref())).collect();
            let message = format!("several files could be meant: {}", shown.join(", "));
            let help = format!("`{}` is taken; name another with `-f`", self.run.shown(first.as_ref()));
            self.run.report(Diagnostic::warning("several-files", message).help(help));
        }
    }

    fn nothing_found(&mut self) {
        let dir = self.working_dir(&[]);
        let message = format!("there is no Compose file in `{dir}` or above it");
        let help = "go to the project's directory, or name the file with `-f`";
        self.run.report(Diagnostic::error("no-compose-file", message).help(help));
    }

    fn profiles(&self) -> Vec<String> {
        if !self.options.profiles.is_empty() {
            return self.options.profiles.clone();
        }
        let listed = self.environment.get("COMPOSE_PROFILES").unwrap_or("");
        listed.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    }
}

/// A truth value as Go's flags take it.
fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
