//! Puts a server outside in the place of a service: the service goes, and whoever called it calls the server.
//!
//! Values that the proof of names shows to call the service are rewritten: addresses as a whole, with user, password,
//! database and options, single variables of host, port, user, password and database where they held the old ones. The
//! name itself keeps leading there, for everything else. Start reading at [`replace`].

mod address;
mod values;

use tranship_model::hardening::Change;
use tranship_model::ledger::child_path;
use tranship_model::{At, Ledger, MountSource, Origin, Outside, Service, Stack, said};
use tranship_source::{Checked, Diagnostic};

use crate::judge::Verdict;
use crate::proof::prove;
use crate::reference::{Place, Reference};

#[cfg(test)]
mod tests;

pub use address::{Address, parse};
use values::Old;

/// Replaces a service by a server; gives what processes will see otherwise than under Compose.
///
/// Errors: `option-external`. Warnings: `external-not-rewritten`.
pub fn replace(stack: &mut Stack, ledger: &mut Ledger, service: &str, address: &Address) -> Checked<Vec<Change>> {
    let calls = calls(stack, service);
    let Some(gone) = stack.services.shift_remove(service) else {
        let known = stack.services.keys().map(String::as_str);
        let near = tranship_kube::check::nearest(service, known);
        let help =
            near.map_or_else(|| "name a service of the project".to_owned(), |near| format!("did you mean `{near}`?"));
        let fault =
            Diagnostic::error("option-external", format!("there is no service `{service}` to be replaced")).help(help);
        return Checked::new(Vec::new(), vec![fault]);
    };
    let (mut diagnostics, mut changes) = (Vec::new(), Vec::new());
    let old = Old::of(&gone);
    let port = address.port.or_else(|| old.port());
    for other in stack.services.values_mut() {
        for (variable, origin) in values::rewrite(other, &calls, &old, address, port) {
            let why = format!("`{service}` is a server outside now, and this calls it");
            ledger.translated(&origin, &format!("service `{}`, `{variable}`", other.name), &why);
            let (service, what) = (other.name.clone(), child_path("environment", &variable));
            changes.push(Change { service, pass: "external", what, because: why });
        }
    }
    let told = address.user.is_some() || address.password.is_some() || port != old.port();
    for reference in calls.iter().filter(|reference| !matches!(reference.place, Place::Env { .. } | Place::DependsOn)) {
        if told {
            diagnostics.push(not_rewritten(reference, service));
        }
    }
    forget(stack, ledger, &gone, address);
    let words = format!("--external {service}={}://{}", address.scheme, address.host);
    let from = said::chosen_origin(&words, &Origin::From(Vec::new()));
    for name in std::iter::once(&gone.name).chain(gone.aliases.iter().map(|alias| &alias.value)) {
        let ports = gone.ports.iter().map(|port| port.container).collect();
        let outside = Outside { origin: from.clone(), host: address.host.clone(), port, called_at: ports };
        stack.outside.insert(name.clone(), outside);
    }
    Checked::new(changes, diagnostics)
}

/// Everything that calls the service, by the proof of names.
fn calls(stack: &Stack, service: &str) -> Vec<Reference> {
    let reaches = |verdict: &Verdict| match verdict {
        Verdict::Reaches { services, .. } => services.iter().any(|name| name == service),
        Verdict::Gap(crate::judge::Gap::Closed { service: closed, .. }) => closed == service,
        _ => false,
    };
    let proven = prove(stack).value.proven.into_iter();
    proven.filter(|one| one.reference.from != service && reaches(&one.verdict)).map(|one| one.reference).collect()
}

fn not_rewritten(reference: &Reference, service: &str) -> Diagnostic {
    let Reference { from, place, origin, .. } = reference;
    let message = format!("`{from}` calls `{service}` in {place}, which keeps its port, user and password");
    let help = "write the new ones there; the name leads to the server already";
    Diagnostic::warning("external-not-rewritten", message).at(origin.span()).help(help)
}

/// Nobody waits for the service, and what only it mounted goes with it.
fn forget(stack: &mut Stack, ledger: &mut Ledger, gone: &Service, address: &Address) {
    let why = format!("`{}` is the server `{}` now: `--external`", gone.name, address.host);
    let whole: Vec<At> = gone.origin.leaves().iter().map(At::whole).collect();
    ledger.decided(&Origin::From(whole), &why);
    for service in stack.services.values_mut() {
        let (waited, kept) = std::mem::take(&mut service.depends_on).into_iter().partition(|d| d.service == gone.name);
        service.depends_on = kept;
        let waited: Vec<tranship_model::Dependency> = waited;
        for dependency in waited {
            ledger.decided(&dependency.origin, &why);
        }
    }
    let mounted = |stack: &Stack, wanted: &dyn Fn(&MountSource) -> bool| {
        stack.services.values().flat_map(|service| &service.mounts).any(|mount| wanted(&mount.source))
    };
    for mount in &gone.mounts {
        match &mount.source {
            MountSource::Config(blob) => {
                let same = |other: &MountSource| matches!(other, MountSource::Config(b) if b.blob == blob.blob);
                if !mounted(stack, &same) {
                    drop_blob(stack.configs.shift_remove(&blob.blob), ledger, &why);
                }
            }
            MountSource::Secret(blob) => {
                let same = |other: &MountSource| matches!(other, MountSource::Secret(b) if b.blob == blob.blob);
                if !mounted(stack, &same) {
                    drop_blob(stack.secrets.shift_remove(&blob.blob), ledger, &why);
                }
            }
            _ => {}
        }
    }
}

fn drop_blob(blob: Option<tranship_model::Blob>, ledger: &mut Ledger, why: &str) {
    let Some(blob) = blob else { return };
    ledger.decided(&blob.origin, why);
    for origin in blob.name.iter().map(|name| &name.origin).chain(blob.labels.iter().map(|(_, label)| &label.origin)) {
        ledger.decided(origin, why);
    }
}
