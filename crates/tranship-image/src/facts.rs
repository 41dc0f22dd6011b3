//! What a container of the image would run, as far as its Dockerfile says so.

use std::collections::BTreeMap;

use tranship_source::{Checked, Diagnostic, Spanned};

use crate::accounts::Accounts;
use crate::dockerfile::Dockerfile;
use crate::evaluate::{State, apply};
use crate::healthcheck::Healthcheck;
use crate::instruction::Kind;
use crate::lexer::expand;
use crate::stages::{Base, fault, needed, plan};

/// Facts of an image. What is `None` or empty is the base image's own; `base` says which that is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageFacts {
    /// The image the last stage comes from in the end; `None` for `scratch`.
    pub base: Option<Spanned<String>>,
    /// Who it runs as, as written: `user[:group]`.
    pub user: Option<Spanned<String>>,
    /// The directory it starts in, absolute.
    pub workdir: Option<Spanned<String>>,
    /// The entrypoint as argv; shell form is wrapped in the shell.
    pub entrypoint: Option<Spanned<Vec<String>>>,
    /// The command as argv; shell form is wrapped in the shell. `Some` and empty where the entrypoint cleared it.
    pub cmd: Option<Spanned<Vec<String>>>,
    /// The shell of shell forms, when it is not `/bin/sh -c`.
    pub shell: Option<Spanned<Vec<String>>>,
    /// Variables in the order they were first set.
    pub env: Vec<(String, Spanned<String>)>,
    /// Ports with their protocol.
    pub ports: Vec<Spanned<(u16, String)>>,
    /// Paths declared as volumes.
    pub volumes: Vec<Spanned<String>>,
    /// Labels in the order they were first set.
    pub labels: Vec<(String, Spanned<String>)>,
    /// The signal that ends it.
    pub stop_signal: Option<Spanned<String>>,
    /// Its health check; `Some(None)` switches off the base image's.
    pub healthcheck: Option<Spanned<Option<Healthcheck>>>,
    /// What its stages put into the file system, in order; the base image's own files are not among it.
    pub writes: Vec<Spanned<Write>>,
    /// Users and groups its commands make.
    pub accounts: Accounts,
    /// Variables that values above ask of a base image whose own are not known here; they were taken to be empty, and
    /// `PATH` to be the engine's default.
    pub assumed: Vec<Spanned<String>>,
}

/// What an instruction puts into the file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// A command ran, which may have written anywhere.
    Run {
        /// Whether `/bin/sh` or another shell ran it, so that the image has one.
        shell: bool,
    },
    /// Files went to a path.
    Copy {
        /// What was copied, as paths in the build context where that is where it lies.
        sources: Vec<String>,
        /// Whether it came from another stage, another image, an address or a here-document.
        elsewhere: bool,
        /// Where to, absolute and clean.
        to: String,
        /// Whether the path is certainly a folder: it ends in a slash, or takes several files.
        folder: bool,
    },
}

/// What a build is given besides the Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildOptions {
    /// The stage to build; the last when `None`.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// What it is built for; `linux/amd64` when `None`.
    pub platform: Option<String>,
    /// What is known of images that stages start from, by the name they are called by.
    pub bases: BTreeMap<String, KnownBase>,
}

/// What values of a Dockerfile can ask of the image it starts from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownBase {
    /// Its variables.
    pub env: BTreeMap<String, String>,
    /// Whether these are all of its variables.
    pub all_env: bool,
    /// The directory it starts in.
    pub workdir: Option<String>,
}

/// The `PATH` of a container whose image sets none.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Reads the facts of the stage that is built. Stages it starts from are followed; faults are those at which BuildKit
/// would stop, and the facts are then what can be told all the same. `None` when there is no such stage.
///
/// Errors: `dockerfile-build`, `dockerfile-target`.
pub fn facts(file: &Dockerfile, options: &BuildOptions) -> Checked<Option<ImageFacts>> {
    let mut faults = Vec::new();
    let facts = of_target(file, options, &mut faults);
    Checked::new(facts, faults)
}

fn of_target(file: &Dockerfile, options: &BuildOptions, faults: &mut Vec<Diagnostic>) -> Option<ImageFacts> {
    let global = global_args(file, options, faults);
    let stages = plan(file, &global, faults);
    let target = target(file, options, faults)?;
    let mut made: Vec<Option<State>> = stages.iter().map(|_| None).collect();
    for at in needed(&stages, target, faults) {
        let stage = stages.get(at)?;
        faults.extend(stage.faults.iter().cloned());
        let span = file.stages.get(at)?.span;
        let mut image = match &stage.base {
            Base::Stage(base) => made.get(*base).cloned().flatten()?.inherited(),
            Base::Scratch => State::scratch(),
            Base::Image(name) => State::of_image(Spanned::new(name.clone(), span), options.bases.get(name)),
        };
        for (instruction, escape) in &stage.instructions {
            if let Err(why) = apply(&mut image, instruction, *escape, &options.args, &global) {
                faults.push(fault(why, instruction.span));
            }
        }
        *made.get_mut(at)? = Some(image);
    }
    made.get(target).cloned().flatten().map(State::into_facts)
}

fn target(file: &Dockerfile, options: &BuildOptions, faults: &mut Vec<Diagnostic>) -> Option<usize> {
    let Some(name) = options.target.as_deref().filter(|name| !name.is_empty()) else {
        return file.stages.len().checked_sub(1);
    };
    let found = file.stage(name, file.stages.len());
    if found.is_none() {
        let names: Vec<&str> = file.stages.iter().filter_map(|stage| stage.name.as_deref()).collect();
        let message = format!("the Dockerfile has no stage `{name}`");
        let help = match names.as_slice() {
            [] => "its stages have no names; write `AS name` after FROM".to_owned(),
            names => format!("its stages are {}", names.join(", ")),
        };
        faults.push(Diagnostic::error("dockerfile-target", message).help(help));
    }
    found
}

/// Arguments that `FROM` lines see: the platform's, and those before the first stage, with what was given from outside.
fn global_args(file: &Dockerfile, options: &BuildOptions, faults: &mut Vec<Diagnostic>) -> BTreeMap<String, String> {
    let mut out = platform_args(file, options);
    for instruction in &file.args {
        let Kind::Arg(pairs) = &instruction.kind else { continue };
        for (name, default) in pairs {
            let value = match (options.args.get(name), default) {
                (Some(given), _) => Some(given.clone()),
                (None, Some(text)) => {
                    let expanded = expand(text, file.escape, &|name| out.get(name).cloned());
                    expanded.map_err(|why| faults.push(fault(why, instruction.span))).ok()
                }
                (None, None) => None,
            };
            if let Some(value) = value {
                out.insert(name.clone(), value);
            }
        }
    }
    out
}

fn platform_args(file: &Dockerfile, options: &BuildOptions) -> BTreeMap<String, String> {
    let platform = options.platform.as_deref().unwrap_or("linux/amd64");
    let mut parts = platform.splitn(3, '/');
    let os = parts.next().unwrap_or_default();
    let machine = parts.next().unwrap_or("amd64");
    let variant = parts.next().unwrap_or_default();
    let last = file.stages.last().and_then(|stage| stage.name.clone());
    let stage = options.target.clone().filter(|name| !name.is_empty()).or(last).unwrap_or_else(|| "default".to_owned());
    let mut out = BTreeMap::new();
    for side in ["BUILD", "TARGET"] {
        for (name, value) in
            [("PLATFORM", platform), ("OS", os), ("OSVERSION", ""), ("ARCH", machine), ("VARIANT", variant)]
        {
            out.insert(format!("{side}{name}"), value.to_owned());
        }
    }
    out.insert("TARGETSTAGE".to_owned(), stage);
    for (name, value) in &mut out {
        if let Some(given) = options.args.get(name) {
            value.clone_from(given);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use tranship_source::FileId;

    use super::*;
    use crate::dockerfile::parse;
    use crate::instruction::Argv;

    fn of(text: &str) -> ImageFacts {
        let checked = parse(FileId(0), text);
        assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
        let facts = facts(&checked.value, &BuildOptions::default());
        assert!(facts.diagnostics.is_empty(), "{:?}", facts.diagnostics);
        facts.value.unwrap()
    }

    #[test]
    fn stages_are_followed_and_know_the_arguments_of_those_below() {
        let facts =
            of("ARG V=20\nFROM node:${V}-alpine AS base\nENV A=1\nUSER node\nFROM golang AS other\nUSER root\n\
                        FROM base\nARG V\nENV B=\"$A-$V\"\nWORKDIR /app\nWORKDIR src\nEXPOSE 8080 53/udp\n");
        assert_eq!(facts.base.unwrap().value, "node:20-alpine");
        assert_eq!(facts.user.unwrap().value, "node");
        assert_eq!(facts.workdir.unwrap().value, "/app/src");
        assert_eq!(facts.env.iter().map(|(k, v)| format!("{k}={}", v.value)).collect::<Vec<_>>(), ["A=1", "B=1-20"]);
        assert_eq!(facts.ports.iter().map(|p| p.value.0).collect::<Vec<_>>(), [8080, 53]);
    }

    #[test]
    fn an_entrypoint_forgets_an_inherited_command_only() {
        let facts = of("FROM a AS x\nCMD [\"old\"]\nFROM x\nENTRYPOINT [\"run\"]\n");
        assert_eq!(facts.cmd.unwrap().value, Vec::<String>::new());
        let facts = of("FROM a\nCMD sleep 1\nENTRYPOINT [\"run\"]\n");
        assert_eq!(facts.cmd.unwrap().value, ["/bin/sh", "-c", "sleep 1"]);
    }

    #[test]
    fn values_that_lean_on_an_unknown_base_are_named() {
        let facts = of("FROM java\nENV PATH=$JAVA_HOME/bin:$PATH OWN=1\nENV X=$OWN\nRUN echo $OTHER\n");
        assert_eq!(facts.assumed.iter().map(|name| name.value.as_str()).collect::<Vec<_>>(), ["JAVA_HOME", "PATH"]);
        assert_eq!(of("FROM scratch\nENV PATH=/x:$PATH\n").assumed, []);
    }

    #[test]
    fn health_checks_have_their_timings() {
        let facts = of("FROM a\nHEALTHCHECK --interval=5s --retries=3 CMD curl -f localhost || exit 1\n");
        let check = facts.healthcheck.unwrap().value.unwrap();
        assert_eq!(check.interval, Some(std::time::Duration::from_secs(5)));
        assert_eq!((check.timeout, check.retries), (None, Some(3)));
        assert_eq!(check.test, Argv::Shell("curl -f localhost || exit 1".to_owned()));
        assert_eq!(of("FROM a\nHEALTHCHECK NONE\n").healthcheck.unwrap().value, None);
    }

    #[test]
    fn broken_lines_are_reported_at_their_place_and_the_rest_is_read() {
        let text = "FROM a\nBOGUS x\nENV\nUSER 1\nEXPOSE web\n";
        let checked = parse(FileId(0), text);
        let at = |d: &Diagnostic| {
            d.primary.as_ref().map(|label| text[label.span.start as usize..label.span.end as usize].to_owned())
        };
        assert_eq!(checked.diagnostics.iter().filter_map(at).collect::<Vec<_>>(), ["BOGUS x", "ENV"]);
        let facts = facts(&checked.value, &BuildOptions::default());
        assert_eq!(facts.diagnostics.iter().filter_map(at).collect::<Vec<_>>(), ["EXPOSE web"]);
        assert_eq!(facts.value.unwrap().user.unwrap().value, "1");
        let none =
            super::facts(&checked.value, &BuildOptions { target: Some("x".to_owned()), ..BuildOptions::default() });
        assert_eq!((none.value, none.diagnostics.first().map(|d| d.code)), (None, Some("dockerfile-target")));
    }
}
