//! Labels by which Traefik is told to call another address.

use tranship_model::Service;

use super::{is_anywhere, reference};
use crate::reference::{Evidence, Place, Reference, Strength};
use crate::scan::scan;

pub(super) fn gather(service: &Service, out: &mut Vec<Reference>) {
    for (label, text) in &service.labels {
        let key = label.to_ascii_lowercase();
        if !key.starts_with("traefik.") || !(key.ends_with("forwardauth.address") || key.ends_with("server.url")) {
            continue;
        }
        for found in scan(&text.value).into_iter().filter(|found| !is_anywhere(found.name(&text.value))) {
            let place = |range| Place::Label { label: label.clone(), range };
            out.push(reference(service, &text.value, &found, Strength::Host, Evidence::Label, &text.origin, place));
        }
    }
}
