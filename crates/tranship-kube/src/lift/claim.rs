//! Claims as volumes.

use tranship_model::{Origin, Stack, Volume};

use super::{origin, source_name};
use crate::object::Object;

/// Adds the volume of a claim.
pub(crate) fn lift(object: &Object, stack: &mut Stack) {
    let origin = origin(object, "metadata.name", &object.tree);
    stack.volumes.insert(source_name(object), volume(origin));
}

/// A volume of which nothing is said but that it is there.
pub(crate) fn volume(origin: Origin) -> Volume {
    Volume {
        origin,
        name: None,
        external: None,
        driver: None,
        driver_opts: Vec::new(),
        labels: Vec::new(),
        host_path: None,
        said: None,
    }
}
