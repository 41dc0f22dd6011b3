//! Build arguments that end up in pages: a browser cannot call a service by its name, however late it is found out.
//!
//! Other arguments are used while the image is built, where no service runs.

use tranship_model::Service;

use super::{Class, class, is_anywhere, reference};
use crate::reference::{Evidence, Place, Reference, Strength};
use crate::scan::scan;

pub(super) fn gather(service: &Service, out: &mut Vec<Reference>) {
    let Some(build) = &service.build else { return };
    for (argument, value) in &build.args {
        let Some(text) = value.as_deref().filter(|_| class(argument) == Class::Browser) else { continue };
        for found in scan(text).into_iter().filter(|found| !is_anywhere(found.name(text))) {
            let place = |range| Place::BuildArgument { argument: argument.clone(), range };
            out.push(reference(service, text, &found, Strength::Maybe, Evidence::BuildArgument, &build.origin, place));
        }
    }
}
