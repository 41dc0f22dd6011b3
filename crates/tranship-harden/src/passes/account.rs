//! `account`: each workload is somebody of its own to the platform's API, who may do nothing there and gets no token.

use tranship_model::{Account, Service, Stack, Traced};

use crate::notes::Notes;
use crate::settings::Settings;

/// The pass's name.
pub const NAME: &str = "account";

/// Runs the pass.
pub fn run(stack: &mut Stack, _settings: &Settings, notes: &mut Notes) {
    for service in stack.services.values_mut().filter(|service| notes.is_on_for(service)) {
        if service.operations.account.is_none() && !is_said(service) {
            let because = "nothing under Compose speaks to the cluster's API: no token is mounted";
            service.operations.account = Some(Traced::decided(Account::default(), NAME, because));
        }
    }
}

/// Whether the user named an account.
fn is_said(service: &Service) -> bool {
    let names = |path: &[String]| path.last().is_some_and(|key| key == "serviceAccountName");
    service.said.as_ref().is_some_and(|said| {
        said.fields.iter().any(|field| names(&field.path) || field.value.at(&["spec", "serviceAccountName"]).is_some())
    })
}
