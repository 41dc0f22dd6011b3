//! `no-escalation`: a process can never gain rights beyond those it started with.

use tranship_model::{EnvValue, Service, Stack, Traced};

use crate::notes::Notes;
use crate::settings::Settings;
use crate::start::said_of_container;

/// The pass's name.
pub const NAME: &str = "no-escalation";

/// Runs the pass.
pub fn run(stack: &mut Stack, _settings: &Settings, notes: &mut Notes) {
    for service in stack.services.values_mut() {
        let is_said = service.security.no_new_privileges.is_some()
            || said_of_container(service, "allowPrivilegeEscalation").is_some();
        if !notes.is_on_for(service) || is_said {
            continue;
        }
        if let Some(because) = gains_rights(service) {
            notes.stay_away(&service.name, because);
            continue;
        }
        let because = "nothing it runs has to gain rights beyond those it starts with";
        service.security.no_new_privileges = Some(Traced::decided(true, NAME, because));
    }
}

/// Why a process has to be able to gain rights; `None` where nothing says so.
fn gains_rights(service: &Service) -> Option<String> {
    let security = &service.security;
    if security.privileged.as_ref().is_some_and(|privileged| privileged.value) {
        return Some("it is privileged, and cannot be kept from gaining rights".to_owned());
    }
    if security.cap_add.iter().any(|name| matches!(name.value.as_str(), "SYS_ADMIN" | "ALL")) {
        return Some("it has the capability SYS_ADMIN, with which it cannot be kept from gaining rights".to_owned());
    }
    if service.image_facts.as_ref().is_some_and(|facts| facts.file_rights) {
        return Some("its Dockerfile gives programs rights of their own with `setcap`".to_owned());
    }
    if let Some(product) = crate::start::product(service).map(|(product, _)| product).filter(|p| p.gains_rights) {
        return Some(format!("the image of {} starts its parts with `sudo` or the like", product.title));
    }
    let argv = [&service.process.entrypoint, &service.process.command];
    let words = argv.into_iter().flatten().flat_map(|argv| &argv.value).flat_map(|word| word.split_whitespace());
    if let Some(word) = words.map(|word| word.rsplit('/').next().unwrap_or(word)).find(|word| *word == "sudo") {
        return Some(format!("it runs `{word}`"));
    }
    let asks = |variable: &&tranship_model::EnvVar| {
        variable.name.split('_').any(|part| part == "SUDO") && !matches!(variable.value.value, EnvValue::Unset)
    };
    service.env.iter().find(asks).map(|variable| format!("its variable {} asks for `sudo`", variable.name))
}
