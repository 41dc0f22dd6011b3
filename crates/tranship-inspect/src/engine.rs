//! Asks the container engine through its own program, which knows contexts, remote hosts and certificates.

use std::time::Duration;

use crate::platform::Platform;
use crate::program::run;
use crate::{Answer, Ask, Unreachable};

/// The platform of an image, a blank, and its configuration.
const FORMAT: &str = "{{.Os}}/{{.Architecture}}/{{.Variant}} {{json .Config}}";

const LIMIT: Duration = Duration::from_secs(30);

/// What the engine says of images, in the order of the question.
pub fn inspect(images: &[Ask]) -> Result<Vec<Answer>, Unreachable> {
    inspect_by(&["docker"], images)
}

/// As [`inspect`], by a program that understands the same arguments.
pub fn inspect_by(program: &[&str], images: &[Ask]) -> Result<Vec<Answer>, Unreachable> {
    images.iter().map(|ask| one(program, ask)).collect()
}

fn one(program: &[&str], Ask { image, platform }: &Ask) -> Result<Answer, Unreachable> {
    let unreachable = |why: String| Unreachable {
        who: "the Docker engine".to_owned(),
        why,
        help:
            "start it, or name it with `DOCKER_HOST` or `docker context use`; without `--inspect` the catalog is asked"
                .to_owned(),
    };
    // A name that starts with a dash would be taken for an option.
    let argv = [program, &["image", "inspect", "--format", FORMAT, "--", image]].concat();
    let done = run(&argv, "", LIMIT).map_err(unreachable)?;
    if done.success {
        let said = done.stdout.trim();
        let (has, config) = said.split_once(' ').filter(|(has, _)| !has.starts_with('{')).unwrap_or(("", said));
        let has = Platform::parse(has.trim_end_matches('/'));
        return Ok(
            match platform.as_deref().map(Platform::parse).filter(|wanted| config.len() < said.len() && *wanted != has)
            {
                Some(wanted) => Answer::Absent(format!("the engine has it for {has} and not for {wanted}")),
                None => Answer::Config(config.to_owned()),
            },
        );
    }
    let said = done.stderr.trim();
    if said.to_ascii_lowercase().contains("no such image") || said.contains("invalid reference format") {
        return Ok(Answer::Absent("the engine does not have it; fetch it with `docker pull`".to_owned()));
    }
    Err(unreachable(said.lines().last().unwrap_or("it gave no reason").to_owned()))
}
