//! `--inspect`: what the container engine or registries say of the images a project leans on.

use std::path::Path;

use clap::ValueEnum;
use tranship_infer::image::{Inspected, Wanted, wanted};
use tranship_inspect::{Answer, Ask, Unreachable, engine, registry};
use tranship_model::Stack;
use tranship_source::{Diagnostic, World};

/// Whom to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Inspect {
    /// The Docker engine, about images it has
    Engine,
    /// The registries the images lie in
    Registry,
}

/// What was told of every image that is run or started from; `None` after an error that names who cannot be reached.
///
/// Errors: `inspect-unreachable`. Notes: `image-not-inspected`, for which the catalog counts.
pub fn inspect(
    whom: Inspect,
    stack: &Stack,
    world: &dyn World,
    project_dir: &Path,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Inspected> {
    let asks: Vec<Ask> = wanted(stack, world, project_dir)
        .into_iter()
        .map(|Wanted { image, platform }| Ask { image, platform })
        .collect();
    let (mut told, answers) = match whom {
        Inspect::Engine => (Inspected::by_engine(), engine::inspect(&asks).map_err(|fault| vec![fault])),
        Inspect::Registry => (Inspected::by_registry(), registry::Client::new(world.env()).inspect(&asks)),
    };
    let answers = match answers {
        Ok(answers) => answers,
        Err(faults) => {
            for Unreachable { who, why, help } in faults {
                let message = format!("{who} cannot be reached: {why}");
                diagnostics.push(Diagnostic::error("inspect-unreachable", message).help(help));
            }
            return None;
        }
    };
    for (ask, answer) in asks.iter().zip(answers) {
        let why = match answer {
            Answer::Config(config) => match told.add(&ask.image, &config) {
                Ok(()) => continue,
                Err(why) => format!("its configuration cannot be read: {why}"),
            },
            Answer::Absent(why) => why,
        };
        let message = format!("nothing was learned of the image `{}`: {why}", ask.image);
        let used = stack.services.values().filter_map(|service| service.image.as_ref());
        let span = used.filter(|image| image.value == ask.image).map(tranship_model::Traced::span).next();
        let note = Diagnostic::note("image-not-inspected", message).help("what the catalog knows of it counts");
        diagnostics.push(note.at(span.unwrap_or(tranship_source::Span::NONE)));
    }
    Some(told)
}
