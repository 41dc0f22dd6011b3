//! What docker compose and the engine would start for each service.
//!
//! Read from the resolved tree alone, with what is known of the images: neither the typed view nor the lift has a part in
//! it, so that it can bear witness against both. The rules are docker compose's (`pkg/compose/create.go`) and the
//! engine's (`daemon/commit.go` for what an image adds). Start reading at [`launches`].

mod argv;
mod env;
mod mounts;
mod read;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use tranship_model::ImageKnowledge;
use tranship_model::launch::{Launch, SHARED_MEMORY, Seen, What};
use tranship_source::yaml::{Map, Node};

use crate::project::Project;
use crate::typed::{bytes, duration};

use read::flag;

/// What is known of the image a service runs.
pub type Facts<'f, 'a> = &'f dyn Fn(&str) -> Option<&'a ImageKnowledge>;

/// The process of every service that has a container, in the order of the project.
pub fn launches<'a>(project: &'a Project, facts: Facts<'_, 'a>) -> Vec<(&'a str, Launch<'a>)> {
    let Some(services) = project.section("services") else { return Vec::new() };
    let has_container = |service: &Node| service.get("provider").is_none();
    let one = |(name, service): (&'a tranship_source::yaml::Key, &'a Node)| {
        let name = name.text.as_str();
        has_container(service).then(|| (name, launch(project, services, name, service, facts(name))))
    };
    services.iter().filter_map(one).collect()
}

fn launch<'a>(
    project: &'a Project,
    services: &'a Map,
    name: &str,
    service: &'a Node,
    image: Option<&'a ImageKnowledge>,
) -> Launch<'a> {
    let words = |key: &str| service.get(key).map(Node::as_items);
    let (user, group) = who(service, image);
    let number = |id: Option<u32>, name: Cow<'a, str>| id.map_or(name, |id| Cow::Owned(id.to_string()));
    let group_id = |group: Cow<'a, str>| number(ImageKnowledge::group_id(image, &group), group);
    let user = user.map(|user| number(ImageKnowledge::user_id(image, &user), user));
    let group = group.map(group_id);
    let mounts = mounts::mounts(project, services, name, service, image);
    let or_image = |written: Option<Cow<'a, str>>, known: Option<&'a str>| written.or(known.map(Cow::Borrowed));
    Launch {
        argv: argv::argv(words("entrypoint"), words("command"), image),
        env: env::env(service, image),
        working_dir: or_image(
            service.text_at("working_dir").filter(|dir| !dir.is_empty()),
            image.and_then(|image| image.workdir.as_ref()).map(|dir| dir.value.as_str()),
        ),
        user,
        group,
        groups: service.items_at("group_add").iter().filter_map(Node::as_text).map(group_id).collect(),
        shared_memory: shared_memory(service, &mounts),
        mounts,
        hostname: hostname(services, service, services.len()),
        stop_signal: or_image(
            service.text_at("stop_signal"),
            image.and_then(|image| image.stop_signal.as_ref()).map(|signal| signal.value.as_str()),
        ),
        grace: service.text_at("stop_grace_period").and_then(|text| duration(&text)),
        tty: flag(service, "tty"),
        stdin: flag(service, "stdin_open"),
        read_only_root: flag(service, "read_only"),
    }
}

/// User and group as the engine takes them: the service's own word, else the image's.
fn who<'a>(service: &'a Node, image: Option<&'a ImageKnowledge>) -> (Option<Cow<'a, str>>, Option<Cow<'a, str>>) {
    match service.text_at("user").filter(|user| !user.is_empty()) {
        Some(written) => match written.split_once(':') {
            Some((user, group)) => {
                let group = Some(group).filter(|group| !group.is_empty());
                (Some(Cow::Owned(user.to_owned())), group.map(|group| Cow::Owned(group.to_owned())))
            }
            None => (Some(written), None),
        },
        None => {
            let known = image.and_then(|image| image.user.as_ref());
            let group = known.and_then(|known| known.value.group.as_deref());
            (known.map(|known| Cow::Borrowed(known.value.user.as_str())), group.map(Cow::Borrowed))
        }
    }
}

/// Memory that is mounted at `/dev/shm` takes the place of the engine's own.
fn shared_memory(service: &Node, mounts: &[Seen<'_>]) -> u64 {
    let mounted = mounts.iter().find(|seen| seen.target == "/dev/shm").and_then(|seen| match seen.what {
        What::Memory { size, .. } => size,
        _ => None,
    });
    if let Some(size) = mounted {
        return size;
    }
    let written = service.text_at("shm_size").and_then(|text| bytes(&text));
    written.and_then(|size| u64::try_from(size.0).ok()).filter(|size| *size > 0).unwrap_or(SHARED_MEMORY)
}

/// A container in another's network has that one's host name. A chain is never longer than the project.
fn hostname<'a>(services: &'a Map, service: &'a Node, left: usize) -> Option<Cow<'a, str>> {
    let mode = service.text_at("network_mode").unwrap_or_default();
    match mode.strip_prefix("service:") {
        Some(other) if left > 0 => services.get(other).and_then(|other| hostname(services, other, left - 1)),
        _ => service.text_at("hostname").filter(|name| !name.is_empty()),
    }
}
