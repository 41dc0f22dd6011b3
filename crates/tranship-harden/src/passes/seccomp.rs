//! `seccomp`: system calls are filtered by the runtime's own profile, as Docker does unasked and a pod has to ask for.

use tranship_model::{Stack, Traced};

use crate::notes::Notes;
use crate::settings::Settings;
use crate::start::said_of_container;

/// The pass's name.
pub const NAME: &str = "seccomp";

/// Runs the pass.
pub fn run(stack: &mut Stack, _settings: &Settings, notes: &mut Notes) {
    for service in stack.services.values_mut() {
        let is_privileged = service.security.privileged.as_ref().is_some_and(|privileged| privileged.value);
        let is_said = service.security.seccomp.is_some() || said_of_container(service, "seccompProfile").is_some();
        if !notes.is_on_for(service) || is_said {
            continue;
        }
        if is_privileged {
            notes.stay_away(&service.name, "a privileged container has no filter under Docker either");
            continue;
        }
        let because = "Docker filters system calls by the profile of the runtime; a pod has to ask for it";
        service.security.seccomp = Some(Traced::decided("builtin".to_owned(), NAME, because));
    }
}
