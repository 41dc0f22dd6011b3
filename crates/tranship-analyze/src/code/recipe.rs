//! What a Dockerfile says of the code it builds: base images, commands, what is copied, what is installed.

use tranship_image::instruction::{Argv, Kind};
use tranship_image::{BuildOptions, Stage, facts, parse};
use tranship_model::{Service, Traced};
use tranship_source::{FileId, Span};

use super::files::Reader;
use crate::place::Place;

/// A Dockerfile as far as it tells of the code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipe {
    /// The file, from the project directory; empty where its text stands in the project.
    pub file: String,
    /// The folder the build sees.
    pub context: String,
    /// Base images of the stages that are built, the last stage's own last, each with its line.
    pub bases: Vec<(String, usize)>,
    /// Whether the last stage starts from an image of its own and others come before it.
    pub stages: usize,
    /// Its lines that are no comments, with their numbers.
    pub lines: Vec<(String, usize)>,
    /// Commands that run while it is built, with their lines.
    pub runs: Vec<(String, usize)>,
    /// What is copied from the context, with the line.
    pub copies: Vec<(String, usize)>,
    /// The argv it starts with.
    pub argv: Vec<String>,
    /// The line of the command it starts with.
    pub starts_at: usize,
    /// The user it says, with the line.
    pub user: Option<(String, usize)>,
    /// The line of its health check.
    pub health: Option<usize>,
}

impl Recipe {
    /// A place in it.
    pub fn at(&self, line: usize) -> Option<Place> {
        (!self.file.is_empty()).then(|| Place::new(self.file.clone(), line))
    }

    /// The base image of what runs, with its line; `None` where it starts from nothing.
    pub fn base(&self) -> Option<&(String, usize)> {
        self.bases.last()
    }
}

/// Reads the Dockerfile of a service; `None` where it is not built or the file is not there.
pub(super) fn read(reader: &mut Reader<'_>, service: &Service) -> Option<Recipe> {
    let build = service.build.as_ref()?;
    let context = folder(&build.context)?;
    let (file, text) = match &build.settings.dockerfile_inline {
        Some(text) => (String::new(), std::sync::Arc::from(text.as_str())),
        None => {
            let named = build.dockerfile.as_deref().unwrap_or("Dockerfile");
            let name = reader.name(&context, named);
            let text = reader.text(&name)?;
            (name, text)
        }
    };
    let parsed = parse(FileId(0), &text).value;
    let line = |span: Span| {
        let before = text.get(..span.start as usize).unwrap_or_default();
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    };
    let args = build.args.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
    let options = BuildOptions { target: build.target.clone(), args, ..BuildOptions::default() };
    let known = facts(&parsed, &options).value;
    let last = match build.target.as_deref().filter(|target| !target.is_empty()) {
        Some(target) => parsed.stage(target, parsed.stages.len()).or_else(|| target.parse().ok())?,
        None => parsed.stages.len().checked_sub(1)?,
    };
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#'));
    let lines = lines.map(|(at, line)| (line.to_owned(), at + 1)).collect();
    let mut recipe = Recipe { lines, file, context: reader.name(&context, "."), stages: last + 1, ..Recipe::default() };
    for (number, stage) in parsed.stages.iter().enumerate().take(last + 1) {
        let is_stage = parsed.stage(&stage.base, number).is_some();
        if !is_stage && stage.base != "scratch" {
            recipe.bases.push((expanded(&parsed, stage), line(stage.span)));
        }
        for instruction in &stage.instructions {
            let at = line(instruction.span);
            match &instruction.kind {
                Kind::Run(Argv::Shell(text)) => {
                    let docs = instruction.heredocs.iter().map(|doc| doc.content.as_str());
                    let all: Vec<&str> = std::iter::once(text.as_str()).chain(docs).collect();
                    recipe.runs.push((all.join("\n"), at));
                }
                Kind::Run(Argv::Exec(words)) => recipe.runs.push((words.join(" "), at)),
                Kind::Copy(transfer) | Kind::Add(transfer)
                    if !instruction.flags.iter().any(|(flag, _)| flag == "from") =>
                {
                    recipe.copies.extend(transfer.sources.iter().map(|source| (source.clone(), at)));
                }
                Kind::Cmd(_) | Kind::Entrypoint(_) => recipe.starts_at = at,
                Kind::User(user) => recipe.user = Some((user.clone(), at)),
                Kind::Healthcheck(Some(_)) => recipe.health = Some(at),
                _ => {}
            }
        }
    }
    // The image that runs stands last, also where the last stage starts from an earlier one.
    let own = known.as_ref().and_then(|facts| facts.base.as_ref());
    match own {
        Some(own) => {
            let at = line(own.span);
            recipe.bases.retain(|(image, _)| *image != own.value);
            recipe.bases.push((own.value.clone(), at));
        }
        None => recipe.bases.push((String::new(), 0)),
    }
    if let Some(facts) = known {
        recipe.user = facts.user.map(|user| (user.value.clone(), line(user.span)));
        let starts = [facts.entrypoint, facts.cmd].into_iter().flatten();
        recipe.argv = starts.flat_map(|words| words.value).collect();
    }
    Some(recipe)
}

/// A base as far as the defaults of the arguments before it say.
fn expanded(file: &tranship_image::Dockerfile, stage: &Stage) -> String {
    let lookup = |name: &str| {
        file.args.iter().find_map(|instruction| match &instruction.kind {
            Kind::Arg(args) => args.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.clone()),
            _ => None,
        })
    };
    tranship_image::expand(&stage.base, file.escape, &lookup).unwrap_or_else(|_| stage.base.clone())
}

/// The folder a build sees; `None` where it is no folder of this machine.
fn folder(context: &str) -> Option<String> {
    let remote = context.contains("://") || context.starts_with("git@") || context.starts_with("github.com/");
    (!remote && context != "-").then(|| context.to_owned())
}

/// The words a service starts with: what the project says, else what its Dockerfile says. Words in shell lines count
/// one by one.
pub(super) fn words(service: &Service, recipe: Option<&Recipe>) -> Vec<String> {
    let said = |argv: &Option<Traced<Vec<String>>>| argv.as_ref().map(|argv| argv.value.clone());
    let process = &service.process;
    let own = [said(&process.entrypoint), said(&process.command)];
    let argv: Vec<String> = match own {
        [None, None] => recipe.map(|recipe| recipe.argv.clone()).unwrap_or_default(),
        own => own.into_iter().flatten().flatten().collect(),
    };
    let split = argv.iter().flat_map(|word| word.split(|c: char| c.is_whitespace() || ";&|()\"'".contains(c)));
    split.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
