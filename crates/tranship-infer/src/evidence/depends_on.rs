//! `depends_on`: names of services, which the order of starting rests on.

use tranship_model::Service;

use crate::reference::{Evidence, Place, Reference, Strength};

pub(super) fn gather(service: &Service, out: &mut Vec<Reference>) {
    out.extend(service.depends_on.iter().filter(|dependency| dependency.required).map(|dependency| Reference {
        from: service.name.clone(),
        host: dependency.service.clone(),
        port: None,
        port_written: false,
        scheme: None,
        evidence: Evidence::DependsOn,
        strength: Strength::Host,
        place: Place::DependsOn,
        origin: dependency.origin.clone(),
    }));
}
