//! `read-only-root`: nothing of the image can be changed; the folders that are written are known and get empty volumes.

use tranship_model::{Service, Stack, Traced};

use crate::folders;
use crate::notes::Notes;
use crate::settings::Settings;
use crate::start::{own_argv, product, product_user, said_of_container, uid, writes_elsewhere};

/// The pass's name.
pub const NAME: &str = "read-only-root";

/// Runs the pass.
pub fn run(stack: &mut Stack, _settings: &Settings, notes: &mut Notes) {
    let asked = |service: &Service| {
        notes.is_on_for(service)
            && service.security.read_only_root.is_none()
            && said_of_container(service, "readOnlyRootFilesystem").is_none()
    };
    let decide = |service: &Service| asked(service).then(|| unknown(stack, service));
    let decided: Vec<Option<Option<String>>> = stack.services.values().map(decide).collect();
    for (service, unknown) in stack.services.values_mut().zip(decided) {
        match (unknown, folders::missing(service)) {
            (None, _) => {}
            (Some(Some(because)), _) => notes.stay_away(&service.name, because),
            (Some(None), None) => {
                notes.stay_away(&service.name, "a folder it writes to lies in one that it can only read");
            }
            (Some(None), Some(missing)) => {
                let title = product(service).map(|(product, _)| product.title.as_str()).unwrap_or_default();
                let because = format!("the folders that {title} writes to are known and are volumes");
                notes.change(&service.name, "read_only", because.clone());
                service.security.read_only_root = Some(Traced::decided(true, NAME, because));
                for folder in missing {
                    folders::mount(service, folder, NAME, notes);
                }
            }
        }
    }
}

/// Why nobody knows what a service writes; `None` where it is known.
fn unknown(stack: &Stack, service: &Service) -> Option<String> {
    let Some((product, _)) = product(service) else {
        return Some(if service.build.is_some() {
            "nobody knows where the app writes; `read_only: true` with a `tmpfs` for each folder says so".to_owned()
        } else {
            "nobody knows where its image writes; `read_only: true` with a `tmpfs` for each folder says so".to_owned()
        });
    };
    if product.writable.is_none() {
        return Some(format!("nobody knows all folders that {} writes to", product.title));
    }
    if service.security.privileged.as_ref().is_some_and(|privileged| privileged.value) {
        return Some("it is privileged".to_owned());
    }
    let prepares = product_user(service).is_none_or(|user| user.starts_as_root && user.uid != 0);
    if prepares && uid(service).is_none_or(|uid| uid == 0) {
        return Some(format!("the image of {} starts as root and may change its own files", product.title));
    }
    if let Some(why) = own_argv(service) {
        return Some(format!("{why}, which may write anywhere"));
    }
    let hooks = &service.hooks;
    if [&hooks.pre_start, &hooks.post_start, &hooks.pre_stop].iter().any(|hooks| !hooks.is_empty()) {
        return Some("its hooks may write anywhere".to_owned());
    }
    let elsewhere = writes_elsewhere(stack, service)?;
    Some(format!("its settings name `{elsewhere}`, which it may write to"))
}
