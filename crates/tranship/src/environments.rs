//! Environments beside the project itself: the same Compose files with some of their own.

use std::path::Path;

use anyhow::bail;
use tranship_compose::{LoadOptions, Project};
use tranship_emit::environment::Environment;
use tranship_emit::release::Release;
use tranship_kube::lower::{Options, lower};
use tranship_source::{Diagnostic, Kind, Severity, World};

use crate::choices::{Choices, Preset};
use crate::cli::ProjectFlags;
use crate::disk::DiskWorld;
use crate::release::marked;
use crate::talk;
use crate::understand::understand;

/// An environment that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Its files; none to look for them.
    pub files: Vec<String>,
}

/// `NAME` or `NAME=FILE+FILE`.
pub fn parse(text: &str) -> Result<Wanted, String> {
    let (name, files) = text.split_once('=').map_or((text, ""), |(name, files)| (name, files));
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let legal = name.len() <= 40 && !name.is_empty() && name.chars().all(inner) && !name.starts_with('-');
    if !legal || name.ends_with('-') {
        return Err("an environment is named by small letters, digits and `-`: `staging`".to_owned());
    }
    let files: Vec<String> = files.split('+').filter(|file| !file.is_empty()).map(str::to_owned).collect();
    if text.contains('=') && files.is_empty() {
        return Err(format!("name files behind `=`: `{name}=compose.{name}.yaml+.env.{name}`"));
    }
    Ok(Wanted { name: name.to_owned(), files })
}

/// Reads every environment; `None` where one is refused, which was told then.
pub fn read(
    wanted: &[Wanted],
    world: &DiskWorld,
    flags: &ProjectFlags,
    choices: &Choices,
    base: &Project,
    marks: bool,
) -> anyhow::Result<Option<Vec<Environment>>> {
    let mut out: Vec<Environment> = Vec::new();
    for one in wanted {
        if out.iter().any(|known| known.name == one.name) {
            bail!("`--env {}` is given twice", one.name);
        }
        let options = options(one, world, flags, base)?;
        let mut choices = choices.clone();
        if one.name == "dev" {
            choices.preset = Preset::Dev;
        }
        let Some(read) = environment(&one.name, world, &options, &choices, marks) else { return Ok(None) };
        out.push(read);
    }
    Ok(Some(out))
}

/// The files of the project and those of the environment.
fn options(wanted: &Wanted, world: &DiskWorld, flags: &ProjectFlags, base: &Project) -> anyhow::Result<LoadOptions> {
    let Wanted { name, files } = wanted;
    let is_file = |path: &Path| world.stat(path).is_ok_and(|stat| stat.kind == Kind::File);
    let folder = base.working_dir.as_path();
    let own = |names: &[String]| -> Vec<String> {
        let paths = names.iter().map(|name| folder.join(name)).filter(|path| is_file(path));
        paths.map(|path| path.display().to_string()).collect()
    };
    let mut options = flags.load_options();
    let (mut compose, mut env) = (Vec::new(), Vec::new());
    if files.is_empty() {
        let stems = ["compose", "docker-compose"].iter();
        let names =
            stems.flat_map(|stem| ["yaml", "yml"].map(|end| format!("{stem}.{name}.{end}"))).collect::<Vec<_>>();
        compose = own(&names).into_iter().take(1).collect();
        env = own(&[format!(".env.{name}")]);
        let is_known = matches!(name.as_str(), "dev" | "prod");
        if compose.is_empty() && env.is_empty() && !is_known {
            bail!(
                "nothing says what the environment `{name}` is: there is neither `compose.{name}.yaml` nor `.env.{name}` in {}; \
                 write one, or name its files: `--env {name}=FILE+FILE`",
                folder.display()
            );
        }
    }
    for file in files {
        let path = tranship_source::path::join(world.current_dir(), Path::new(file));
        if !is_file(&path) {
            bail!("the environment `{name}` names `{file}`, which is no file");
        }
        let is_compose = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if is_compose { &mut compose } else { &mut env }.push(path.display().to_string());
    }
    options.files.clone_from(&base.compose_files);
    options.files.extend(compose);
    if options.files.iter().any(|file| file == "-") {
        bail!("the standard input can be read once: give the Compose file by its name beside `--env`");
    }
    if !env.is_empty() {
        if options.env_files.is_empty() {
            options.env_files = own(&[".env".to_owned()]);
        }
        options.env_files.extend(env);
    }
    options.project_directory = Some(folder.display().to_string());
    options.project_name = Some(base.name.clone());
    Ok(options)
}

fn environment(
    name: &str,
    world: &DiskWorld,
    options: &LoadOptions,
    choices: &Choices,
    marks: bool,
) -> Option<Environment> {
    let loaded = tranship_compose::load(world, options);
    let (mut diagnostics, mut sources) = (loaded.diagnostics, loaded.sources);
    let Some(project) = loaded.project else {
        eprintln!("the environment `{name}`:");
        talk::diagnostics(&diagnostics, &sources);
        return None;
    };
    let known = understand(&project, &mut sources, world, choices, &mut diagnostics);
    if known.refused {
        eprintln!("the environment `{name}`:");
        talk::diagnostics(&diagnostics, &sources);
        return None;
    }
    let options =
        Options { namespace: known.namespace, version: choices.kube_version, pod_security: choices.is_production() };
    let lowered = lower(&known.stack, &options, known.ledger).take(&mut diagnostics);
    let release: Option<Release> = marks.then(|| {
        let texts = tranship_emit::backends::manifests::print(&lowered.objects);
        let plan = crate::secrets::Plan::Files;
        marked((&known.stack, known.before.as_ref()), &known.renamed, &options, &plan, &texts)
    });
    let errors = |fault: &&Diagnostic| fault.severity == Severity::Error;
    let count = diagnostics.iter().filter(errors).count();
    if count > 0 {
        eprintln!("the environment `{name}` has {}", tranship_emit::report::count(count, "error"));
    }
    Some(Environment { name: name.to_owned(), stack: known.stack, objects: lowered.objects, release })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn environments_are_named_with_their_files() {
        let files = |text: &str| parse(text).map(|wanted| wanted.files.join(" "));
        assert_eq!(files("staging"), Ok(String::new()));
        assert_eq!(files("staging=a.yaml+.env.b"), Ok("a.yaml .env.b".to_owned()));
        for wrong in ["", "Prod", "a/b", "a=", "-a", "a-"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
