//! Asks the container engine through its own program, which knows contexts, remote hosts and certificates.

use std::time::Duration;

use crate::program::run;
use crate::{Answer, Ask, Unreachable};

const LIMIT: Duration = Duration::from_secs(30);

/// What the engine says of images, in the order of the question.
pub fn inspect(images: &[Ask]) -> Result<Vec<Answer>, Unreachable> {
    inspect_by(&["docker"], images)
}

/// As [`inspect`], by a program that understands the same arguments.
pub fn inspect_by(program: &[&str], images: &[Ask]) -> Result<Vec<Answer>, Unreachable> {
    images.iter().map(|ask| one(program, &ask.image)).collect()
}

fn one(program: &[&str], image: &str) -> Result<Answer, Unreachable> {
    let unreachable = |why: String| Unreachable {
        who: "the Docker engine".to_owned(),
        why,
        help:
            "start it, or name it with `DOCKER_HOST` or `docker context use`; without `--inspect` the catalog is asked"
                .to_owned(),
    };
    // A name that starts with a dash would be taken for an option.
    let argv = [program, &["image", "inspect", "--format", "{{json .Config}}", "--", image]].concat();
    let done = run(&argv, "", LIMIT).map_err(unreachable)?;
    if done.success {
        return Ok(Answer::Config(done.stdout.trim().to_owned()));
    }
    let said = done.stderr.trim();
    if said.to_ascii_lowercase().contains("no such image") || said.contains("invalid reference format") {
        return Ok(Answer::Absent("the engine does not have it; fetch it with `docker pull`".to_owned()));
    }
    Err(unreachable(said.lines().last().unwrap_or("it gave no reason").to_owned()))
}
