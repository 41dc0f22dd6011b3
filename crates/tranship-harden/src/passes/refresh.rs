//! Pods are replaced when the files and credentials they are given change, as `docker compose up` makes containers anew.

use tranship_model::{EnvValue, MountSource, Service, Stack, Traced};

use crate::notes::Notes;
use crate::settings::Settings;

/// The rule of what is decided here.
pub const NAME: &str = "refresh";

/// Runs the pass.
pub(super) fn run(stack: &mut Stack, _settings: &Settings, notes: &mut Notes) {
    for service in stack.services.values_mut().filter(|service| !service.workload.value.ends()) {
        if notes.is_on_for(service) && service.operations.refreshed.is_none() && is_given(service) {
            let because = "a process reads its settings when it starts, so that a change of them needs new pods";
            service.operations.refreshed = Some(Traced::decided(true, NAME, because));
        }
    }
}

/// Whether it is given files or credentials that lie outside its pod's template.
fn is_given(service: &Service) -> bool {
    let file = |source: &MountSource| matches!(source, MountSource::Config(_) | MountSource::Secret(_));
    let credential = |value: &EnvValue| matches!(value, EnvValue::Secret { .. } | EnvValue::Elsewhere { .. });
    service.mounts.iter().any(|mount| file(&mount.source))
        || service.env.iter().any(|variable| credential(&variable.value.value))
}
