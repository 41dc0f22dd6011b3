//! `user`: a container starts as somebody else than root, by number, wherever its image works so.

use std::collections::BTreeSet;

use tranship_model::said::is_chosen;
use tranship_model::{MountSource, Service, Stack, Traced, User};

use crate::folders;
use crate::notes::Notes;
use crate::settings::Settings;
use crate::start::{needs_root, product, product_user, said_of_container};

/// The pass's name.
pub const NAME: &str = "user";
/// Who runs an image that works as anybody: far above the ids that images and machines have.
const ANYBODY: u32 = 10001;

/// What a container starts as.
enum Who {
    /// The image's own user, or the one the project names: only its number is written down.
    Same { uid: u32, gid: Option<u32>, because: String },
    /// Another than under Compose, where the image's root would give up its rights for it.
    Instead { uid: u32, gid: u32, because: String },
    /// Root, or nobody knows.
    Stays(String),
}

/// Runs the pass.
pub fn run(stack: &mut Stack, _settings: &Settings, notes: &mut Notes) {
    let shared = shared(stack);
    let is_shared = |volume: &str| shared.contains(volume);
    let decide = |service: &Service| {
        let asked = notes.is_on_for(service) && !is_said(service);
        asked.then(|| who(stack, service, &is_shared))
    };
    let decided: Vec<Option<Who>> = stack.services.values().map(decide).collect();
    for (service, who) in stack.services.values_mut().zip(decided) {
        if let Some(who) = who {
            settle(service, who, notes);
        }
    }
}

/// Whether the user said who it runs as in the words of Kubernetes.
fn is_said(service: &Service) -> bool {
    ["runAsUser", "runAsNonRoot"].iter().any(|field| said_of_container(service, field).is_some())
}

fn who(stack: &Stack, service: &Service, shared: &dyn Fn(&str) -> bool) -> Who {
    // An empty user is the image's own.
    if let Some(user) = service.process.user.as_ref().filter(|user| !user.value.user.is_empty()) {
        return of_project(service, user);
    }
    let Some(facts) = &service.image_facts else {
        return Who::Stays(
            "nobody knows who its image runs as; `--inspect` asks the engine or the registry".to_owned(),
        );
    };
    match &facts.uid {
        Some(uid) if uid.value != 0 => Who::Same {
            uid: uid.value,
            gid: facts.gid.as_ref().map(|gid| gid.value),
            because: match facts.user.as_ref().map(|user| &user.value.user) {
                Some(name) if name.parse::<u32>().is_err() => {
                    format!("`{name}` is user {} of its image, and a pod takes numbers", uid.value)
                }
                _ => format!("its image starts as user {}", uid.value),
            },
        },
        Some(_) => of_root(stack, service, shared),
        None => Who::Stays(match &facts.user {
            Some(user) => {
                format!("only its image knows the number of the user `{}`; write it as a number", user.value.user)
            }
            None => not_known(service),
        }),
    }
}

fn not_known(service: &Service) -> String {
    if service.build.is_some() {
        "its Dockerfile names no user and nobody knows who its base image runs as; add `USER 10001` to it".to_owned()
    } else {
        "nobody knows who its image runs as; `--inspect` asks the engine or the registry".to_owned()
    }
}

/// What the project says with `user`.
fn of_project(service: &Service, user: &Traced<User>) -> Who {
    let User { user: name, group } = &user.value;
    let group = group.as_ref().and_then(|group| group.parse().ok());
    if name == "0" || name == "root" {
        return Who::Stays("the project says that it runs as root".to_owned());
    }
    if let Ok(uid) = name.parse() {
        return Who::Same { uid, gid: group, because: "the project says so".to_owned() };
    }
    let account = product(service).and_then(|(product, tag)| product.account_for(name, tag));
    match account {
        Some(account) => Who::Same {
            uid: account.uid,
            gid: group.or(account.gid),
            because: format!("`{name}` is user {} of its image", account.uid),
        },
        None => Who::Stays(format!("only its image knows the number of the user `{name}`; write it as a number")),
    }
}

/// An image that starts as root.
fn of_root(stack: &Stack, service: &Service, shared: &dyn Fn(&str) -> bool) -> Who {
    let Some(user) = product_user(service) else {
        return Who::Stays(if service.build.is_some() {
            "its Dockerfile makes it root; give the app a user of its own with `USER 10001`".to_owned()
        } else {
            "its image starts as root, and nobody knows whether it works as another user".to_owned()
        });
    };
    let title = product(service).map(|(product, _)| product.title.as_str()).unwrap_or_default();
    if user.runs_unprivileged != Some(true) {
        return Who::Stays(format!("the image of {title} has to start as root"));
    }
    if let Some(why) = needs_root(stack, service, shared) {
        return Who::Stays(why);
    }
    if user.uid == 0 {
        let because = format!("{title} works as any user");
        return Who::Instead { uid: ANYBODY, gid: ANYBODY, because };
    }
    let gid = user.gid.filter(|gid| *gid != 0).unwrap_or(user.uid);
    let because = format!("{title} runs as user {}, for which its image's root only prepares", user.uid);
    Who::Instead { uid: user.uid, gid, because }
}

fn settle(service: &mut Service, who: Who, notes: &mut Notes) {
    let (uid, gid, because, is_other) = match who {
        Who::Stays(because) => return notes.stay_away(&service.name, because),
        Who::Same { uid, gid, because } => (uid, gid, because, false),
        Who::Instead { uid, gid, because } => (uid, Some(gid), because, true),
    };
    let is_number = |user: &Traced<User>| user.value.user.parse::<u32>().is_ok();
    if !service.process.user.as_ref().is_some_and(is_number) {
        let user = User { user: uid.to_string(), group: gid.map(|gid| gid.to_string()) };
        let mut decided = Traced::decided(user, NAME, because.clone());
        if let (Some(said), tranship_model::Origin::Decided { from, .. }) = (&service.process.user, &mut decided.origin)
        {
            from.extend(said.origin.leaves().iter().cloned());
        }
        service.process.user = Some(decided);
    }
    if service.security.non_root.is_none() {
        service.security.non_root = Some(Traced::decided(true, NAME, because.clone()));
    }
    if is_other {
        notes.change(&service.name, "user", because);
        prepare(service, uid, notes);
    } else if service.image_facts.as_ref().and_then(|facts| facts.user.as_ref()).is_some_and(|user| !is_number(user)) {
        notes.change(&service.name, "user", because);
    }
}

/// What root would have prepared: folders that belong to the user.
fn prepare(service: &mut Service, uid: u32, notes: &mut Notes) {
    for mount in &mut service.mounts {
        if let MountSource::Volume { fill, subpath: None, .. } = &mut mount.source
            && !mount.read_only
            && !fill.value
            && !is_chosen(&fill.origin)
        {
            let because = format!("an empty volume gets a folder that belongs to user {uid}, as the image's own does");
            *fill = Traced::decided(true, NAME, because);
        }
    }
    for folder in folders::missing(service).unwrap_or_default() {
        folders::mount(service, folder, NAME, notes);
    }
}

/// Volumes that several services mount.
fn shared(stack: &Stack) -> BTreeSet<String> {
    let (mut once, mut more) = (BTreeSet::new(), BTreeSet::new());
    for service in stack.services.values() {
        let volumes: BTreeSet<&String> = service
            .mounts
            .iter()
            .filter_map(|mount| match &mount.source {
                MountSource::Volume { volume, .. } => Some(volume),
                _ => None,
            })
            .collect();
        for volume in volumes {
            if !once.insert(volume.clone()) {
                more.insert(volume.clone());
            }
        }
    }
    more
}
