//! Stacks from a few lines of Compose, for tests.

use tranship_compose::lift::lift;
use tranship_compose::{LoadOptions, load};
use tranship_model::Stack;
use tranship_source::{MemoryWorld, Span};

use crate::graph::{Call, Shows, Target};

/// The stack of a Compose file, as the lift gives it.
pub(crate) fn stack(compose: &str) -> Stack {
    stack_in(&MemoryWorld::new().with("compose.yaml", compose))
}

/// The stack of the project in a world.
pub(crate) fn stack_in(world: &MemoryWorld) -> Stack {
    let loaded = load(world, &LoadOptions::default());
    let (project, sources) = (loaded.project.unwrap(), loaded.sources);
    lift(&project, &sources, world).value.stack
}

/// A call without a place.
pub(crate) fn call(from: &str, to: &str, port: Option<u16>, shows: Shows) -> Call {
    Call {
        from: from.to_owned(),
        to: Target::Service(to.to_owned()),
        port,
        shows,
        what: "environment".to_owned(),
        text: format!("{shows:?}"),
        span: Span::NONE,
    }
}
