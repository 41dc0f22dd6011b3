//! What is known of the process a container starts: its product, its user, and what it needs root for.

use tranship_model::catalog::{self, ImageRef, Kind, Product, ProductRole, TagUser, written};
use tranship_model::said::{Field, On};
use tranship_model::{BlobContent, MountClass, MountSource, Service, Stack};
use tranship_source::yaml::Node;

/// The product whose own process a service runs, with its image's tag: the service's image, or the one it is built from
/// and leaves as it is.
pub(crate) fn product(service: &Service) -> Option<(&'static Product, Option<&str>)> {
    let built = || service.image_facts.as_ref()?.process_of.as_ref().map(|image| image.value.as_str());
    let image = if service.build.is_some() { built()? } else { service.image.as_ref()?.value.as_str() };
    let product = catalog::find(image).filter(|product| product.kind != Kind::Base)?;
    Some((product, ImageRef::parse(image).tag))
}

/// What the catalog knows of the product's user.
pub(crate) fn product_user(service: &Service) -> Option<&'static TagUser> {
    product(service).and_then(|(product, tag)| product.user_for(tag))
}

/// The number of the user that a container starts as; `None` where nobody knows it.
pub(crate) fn uid(service: &Service) -> Option<u32> {
    if let Some(said) = said_of_container(service, "runAsUser").and_then(Node::as_int) {
        return u32::try_from(said).ok();
    }
    match &service.process.user {
        Some(user) if user.value.user == "root" => Some(0),
        Some(user) => user.value.user.parse().ok(),
        None => service.image_facts.as_ref()?.uid.as_ref().map(|uid| uid.value),
    }
}

/// What the user said of a field of the security context of a container or its pod.
pub(crate) fn said_of_container<'a>(service: &'a Service, field: &str) -> Option<&'a Node> {
    let mut fields = service.said.as_ref()?.fields.iter().rev();
    fields.find_map(|said| below(said, field))
}

fn below<'a>(said: &'a Field, field: &str) -> Option<&'a Node> {
    let way: &[&str] = match said.on {
        On::Container => &["securityContext", field],
        On::Pod => &["spec", "securityContext", field],
        _ => return None,
    };
    let path: Vec<&str> = said.path.iter().map(String::as_str).collect();
    way.strip_prefix(path.as_slice()).and_then(|rest| said.value.at(rest))
}

/// Shells: what they are told to run, nobody but the project knows.
const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "zsh", "su"];

/// Whether a container runs what its product's image runs, as far as its argv tells; the reason where it does not.
pub(crate) fn own_argv(service: &Service) -> Option<String> {
    let name = |word: &String| word.rsplit('/').next().unwrap_or_default().to_owned();
    let first = |argv: &Option<tranship_model::Traced<Vec<String>>>| argv.as_ref()?.value.first().map(name);
    let known = service.image_facts.as_ref().and_then(|facts| first(&facts.entrypoint));
    match (first(&service.process.entrypoint), first(&service.process.command)) {
        (Some(entry), _) if known.as_ref() != Some(&entry) => {
            Some(format!("the project has `{entry}` started in the place of the image's entrypoint"))
        }
        (_, Some(word)) if SHELLS.contains(&word.as_str()) => {
            Some(format!("the project has `{word}` run a command of its own"))
        }
        _ => None,
    }
}

/// A path among the service's own settings that it may write to and that neither its product is known to write nor a
/// mount holds.
pub(crate) fn writes_elsewhere<'a>(stack: &'a Stack, service: &'a Service) -> Option<&'a str> {
    let (product, tag) = product(service)?;
    let texts = service.mounts.iter().filter_map(|mount| match &mount.source {
        MountSource::Config(blob) => stack.configs.get(&blob.blob),
        _ => None,
    });
    let texts = texts.filter_map(|blob| match &blob.content {
        BlobContent::Files(files) => Some(files),
        BlobContent::External | BlobContent::Absent(_) => None,
    });
    let texts = texts.flatten().filter_map(|file| std::str::from_utf8(file.bytes.expose()).ok());
    let argv = service.process.command.iter().flat_map(|argv| &argv.value).map(String::as_str);
    let held = |path: &str| {
        let holds = |mount: &tranship_model::Mount| !mount.read_only && within(path, &mount.target);
        product.writes(tag, path) || service.mounts.iter().any(holds)
    };
    // A file of the project's own is named because it is read.
    let read = |path: &str| service.mounts.iter().any(|mount| mount.target == path || within(path, &mount.target));
    texts.chain(argv).flat_map(written::paths).find(|path| !held(path) && !read(path))
}

/// Whether a path is a folder or lies below it.
pub(crate) fn within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a process of a product stays root to open ports, logs and keys for others that do the work.
pub(crate) fn has_root_master(product: &Product) -> bool {
    matches!(product.role, ProductRole::Proxy | ProductRole::WebServer | ProductRole::Gateway)
}

/// Why a container that starts as root cannot be started as its product's own user; `None` where it can.
pub(crate) fn needs_root(stack: &Stack, service: &Service, shared: &dyn Fn(&str) -> bool) -> Option<String> {
    if service.security.privileged.as_ref().is_some_and(|p| p.value) {
        return Some("it is privileged".to_owned());
    }
    let capability = service.security.cap_add.iter().map(|name| name.value.as_str());
    if let Some(name) = capability.clone().find(|name| !["NET_BIND_SERVICE", "SYS_NICE"].contains(name)) {
        return Some(format!("the project gives it the capability {name}, which only root has"));
    }
    if let Some(why) = own_argv(service) {
        return Some(format!("{why}, which may need root"));
    }
    let hooks = &service.hooks;
    if hooks.pre_start.iter().chain(&hooks.post_start).chain(&hooks.pre_stop).any(|hook| hook.user.is_none()) {
        return Some("its hooks may need root".to_owned());
    }
    if !service.resources.devices.is_empty() {
        return Some("it is given devices, which belong to root".to_owned());
    }
    let on_node = service.security.network_mode.as_ref().is_some_and(|mode| mode.value == "host");
    if on_node && service.ports.iter().any(|port| port.container < 1024) {
        return Some("it listens on a port below 1024 of the node itself".to_owned());
    }
    if let Some(path) = writes_elsewhere(stack, service) {
        return Some(format!("its settings name `{path}`, which may belong to root"));
    }
    let (product, _) = product(service)?;
    service.mounts.iter().find_map(|mount| match &mount.source {
        MountSource::Host { .. } if mount.class.value == MountClass::Host && !mount.read_only => {
            Some(format!("`{}` is the node's own and may belong to root", mount.target))
        }
        MountSource::Volume { volume, .. } if has_driver(stack, volume) => {
            Some(format!("`{}` is a share, whose files keep their owners", mount.target))
        }
        MountSource::Volume { volume, .. } if has_root_master(product) && shared(volume) => {
            let keys = ["/etc/", "cert", "ssl", "acme", "letsencrypt"];
            let reads_keys = keys.iter().any(|word| mount.target.contains(word));
            (reads_keys || !mount.read_only)
                .then(|| format!("files that others put to `{}` may be readable by root alone", mount.target))
        }
        _ if has_root_master(product) && within(&mount.target, "/docker-entrypoint.d") => {
            Some(format!("a script of the project's own runs at its start, at `{}`", mount.target))
        }
        _ => None,
    })
}

/// Whether a volume is a share of the network, where a pod's group changes nothing.
fn has_driver(stack: &Stack, volume: &str) -> bool {
    let is_share = |(key, value): &(String, tranship_model::Traced<String>)| {
        key == "type" && ["nfs", "cifs"].iter().any(|kind| value.value.starts_with(kind))
    };
    stack.volumes.get(volume).is_some_and(|volume| volume.driver_opts.iter().any(is_share))
}
