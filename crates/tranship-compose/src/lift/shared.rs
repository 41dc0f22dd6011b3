//! What services share: networks, volumes, configs, secrets, models.

use std::path::Path;

use tranship_model::{Blob, BlobContent, BlobFile, Network, Origin, Traced, Volume};
use tranship_source::Secret;

use super::context::{Lifting, free_key};
use super::env::texts;
use super::mounts::holds_secret;
use super::{files, said};
use crate::overrides::{is_label, notes};
use crate::typed::{self, FileObject, Ipam, IpamPool, Model, Pair};

/// The engine's name of a thing, where it says more than project and key do.
fn outside_name(
    cx: &mut Lifting<'_>,
    name: Option<&Traced<String>>,
    key: &str,
    external: Option<&Traced<bool>>,
) -> Option<Traced<String>> {
    let name = name?;
    let is_external = external.is_some_and(|external| external.value);
    let usual = if is_external { key.to_owned() } else { format!("{}_{key}", cx.input.name) };
    if name.value != usual {
        return Some(name.clone());
    }
    cx.decided(name, "the engine's usual name, made of project and key; the key itself names it here");
    None
}

/// A network.
pub(super) fn network(cx: &mut Lifting<'_>, pair: &Pair<typed::Network>) -> Network {
    let typed::Network {
        at,
        name,
        driver,
        driver_opts,
        ipam,
        external,
        internal,
        enable_ipv4,
        enable_ipv6,
        attachable,
        labels,
        extensions,
    } = &pair.value;
    cx.decided(extensions, "`x-` keys of a network are the project's own notes");
    network_driver(cx, driver.as_ref());
    for (key, value) in texts(driver_opts) {
        let why =
            format!("`{key}` is an option of the engine's network driver; the cluster's network has its own settings");
        cx.dropped(&value, &why, "");
    }
    if let Some(ipam) = ipam {
        addresses(cx, ipam);
    }
    cx.dropped(enable_ipv4, "whether pods have IPv4 addresses is set for the whole cluster", "");
    cx.dropped(enable_ipv6, "whether pods have IPv6 addresses is set for the whole cluster", "");
    cx.decided(
        attachable,
        "containers started by hand may join an attachable network; pods can always reach each other",
    );
    Network {
        origin: Origin::From(vec![at.clone()]),
        name: outside_name(cx, name.as_ref(), &pair.key, external.as_ref()),
        external: external.clone(),
        internal: internal.clone(),
        labels: texts(labels),
    }
}

fn network_driver(cx: &mut Lifting<'_>, driver: Option<&Traced<String>>) {
    let Some(driver) = driver else { return };
    match driver.value.as_str() {
        "" | "default" | "bridge" | "overlay" => {
            cx.decided(driver, "the cluster's network joins all pods, on one machine or on several");
        }
        "macvlan" | "ipvlan" => cx.dropped(
            driver,
            &format!("`{}` puts containers on the machine's own network, where pods are not", driver.value),
            "if the address on that network matters, attach the pod with Multus",
        ),
        other => {
            let why = format!("`{other}` is a network driver of the engine; a cluster has one network plugin for all");
            cx.dropped(driver, &why, "");
        }
    }
}

fn addresses(cx: &mut Lifting<'_>, ipam: &Ipam) {
    let Ipam { at: _, driver, config, options, extensions } = ipam;
    cx.decided(extensions, "`x-` keys of `ipam` are the project's own notes");
    cx.dropped(driver, "addresses are given by the cluster's network plugin, not by a driver of the engine", "");
    for IpamPool { at: _, subnet, ip_range, gateway, aux_addresses, extensions } in config {
        cx.decided(extensions, "`x-` keys of an address pool are the project's own notes");
        let todo = "where addresses are written in configuration, write service names";
        cx.dropped(subnet, "the pods' subnet is set when the cluster is made", todo);
        cx.dropped(ip_range, "a part of the pods' subnet cannot be set aside for one application", todo);
        cx.dropped(gateway, "the pods' gateway is the node's", "");
        cx.dropped(aux_addresses, "addresses given to hosts by hand are not taken out of the pods' subnet", todo);
    }
    for (key, value) in texts(options) {
        cx.dropped(&value, &format!("`{key}` is an option of the engine's address driver"), "");
    }
}

/// A volume.
pub(super) fn volume(cx: &mut Lifting<'_>, pair: &Pair<typed::Volume>) -> Volume {
    let typed::Volume { at, name, driver, driver_opts, external, labels, extensions } = &pair.value;
    cx.decided(&notes(extensions), "`x-` keys of a volume are the project's own notes");
    let driver_opts = texts(driver_opts);
    let option = |key: &str| driver_opts.iter().find(|(known, _)| known == key).map(|(_, value)| value.value.as_str());
    let is_bind = option("type").is_none_or(|kind| kind == "none" || kind.is_empty())
        && option("o").is_some_and(|o| o.split(',').any(|word| matches!(word.trim(), "bind" | "rbind")));
    let host_path = option("device").filter(|_| is_bind).map(|device| {
        let inside = cx.project_path(Path::new(device));
        inside.unwrap_or_else(|| device.to_owned())
    });
    let mut volume = Volume {
        origin: Origin::From(vec![at.clone()]),
        name: outside_name(cx, name.as_ref(), &pair.key, external.as_ref()),
        external: external.clone(),
        driver: driver.clone().filter(|driver| !driver.value.is_empty()),
        driver_opts,
        labels: texts(labels).into_iter().filter(|(key, _)| !is_label(key)).collect(),
        host_path,
        said: None,
    };
    if let Some(said) = cx.said.volumes.remove(&pair.key) {
        said::of_volume(cx, said, &mut volume);
    }
    volume
}

/// A top-level config.
pub(super) fn config(cx: &mut Lifting<'_>, pair: &Pair<FileObject>) -> Blob {
    let mut blob = blob(cx, pair, "config");
    if let Some(said) = cx.said.configs.remove(&pair.key) {
        said::of_file(said, &mut blob);
    }
    blob
}

/// Makes secrets of the configs that hold credentials; they are mounted at the same paths.
pub(super) fn hide_configs(cx: &mut Lifting<'_>) {
    let why = |blob: &Blob| match &blob.content {
        BlobContent::Files(files) => files.iter().find_map(|file| holds_secret(&file.path, file.bytes.expose())),
        BlobContent::External | BlobContent::Absent(_) => None,
    };
    let found = cx.configs.iter().filter_map(|(key, blob)| Some((key.clone(), why(blob)?)));
    let found: Vec<(String, String)> = found.collect();
    for (key, because) in found {
        let Some(blob) = cx.configs.shift_remove(&key) else { continue };
        let given = free_key(&cx.secrets, &key);
        cx.secrets.insert(given.clone(), blob);
        cx.hidden_configs.insert(key, (given, because));
    }
}

/// A top-level secret.
pub(super) fn secret(cx: &mut Lifting<'_>, pair: &Pair<FileObject>) -> Blob {
    let mut blob = blob(cx, pair, "secret");
    if let Some(said) = cx.said.secrets.remove(&pair.key) {
        said::of_file(said, &mut blob);
    }
    blob
}

fn blob(cx: &mut Lifting<'_>, pair: &Pair<FileObject>, what: &str) -> Blob {
    let FileObject {
        at: _,
        name,
        file,
        environment,
        content,
        external,
        labels,
        driver,
        driver_opts,
        template_driver,
        extensions,
    } = &pair.value;
    cx.decided(&notes(extensions), "`x-` keys of a config or secret are the project's own notes");
    let key = &pair.key;
    let todo = "hand the value over in a file, or create the object in the cluster and mark it `external`";
    cx.dropped(driver, &format!("a driver that fetches the {what} belongs to the engine"), todo);
    for (option, value) in texts(driver_opts) {
        cx.dropped(&value, &format!("`{option}` is for the driver that fetches the {what}"), todo);
    }
    cx.dropped(
        template_driver,
        &format!("the {what} is handed over as it is: nothing in a cluster fills in a template"),
        "write the finished file",
    );
    let is_external = external.as_ref().is_some_and(|external| external.value);
    let held = if is_external {
        cx.decided(file, &format!("the {what} is external, so that its file is not read"));
        cx.decided(environment, &format!("the {what} is external, so that no variable is read for it"));
        cx.decided(content, &format!("the {what} is external, so that its content is not used"));
        BlobContent::External
    } else {
        held(cx, key, what, file.as_ref(), environment.as_ref(), content.as_ref())
    };
    let origin = if is_external {
        Lifting::origin(&[external])
    } else {
        cx.decided(external, &format!("the {what} is the project's own"));
        Lifting::origin(&[file, environment, content])
    };
    let origin = if origin.leaves().is_empty() { Origin::From(vec![pair.value.at.clone()]) } else { origin };
    Blob {
        origin,
        name: outside_name(cx, name.as_ref(), key, external.as_ref()),
        content: held,
        labels: texts(labels),
        said: None,
    }
}

/// Mode of a file docker compose writes itself, from `content` or `environment`.
const WRITTEN_MODE: u32 = 0o444;

fn held(
    cx: &mut Lifting<'_>,
    key: &str,
    what: &str,
    file: Option<&Traced<String>>,
    environment: Option<&Traced<String>>,
    content: Option<&Traced<String>>,
) -> BlobContent {
    let one = |text: &str| {
        let bytes = Secret::new(text.as_bytes().to_vec());
        BlobContent::Files(vec![BlobFile { path: key.to_owned(), bytes, mode: WRITTEN_MODE }])
    };
    if let Some(content) = content {
        return one(&content.value);
    }
    if let Some(file) = file {
        let path = Path::new(&file.value);
        return match files::read(cx.world, path) {
            Ok(read) => BlobContent::Files(read.files),
            Err(fault) => files::absent(cx, &fault, file.span(), &cx.shown(path), &format!("{what} `{key}`")),
        };
    }
    let Some(variable) = environment else {
        return BlobContent::Absent(format!("the {what} `{key}` has no content"));
    };
    let name = &variable.value;
    if let Some(value) = cx.input.environment.get(name) {
        return one(value);
    }
    let why = format!("the {what} `{key}` is to come from the variable `{name}`, which is not set");
    cx.fail("secret-unset", variable.span(), why.clone(), format!("set `{name}` and convert again"));
    BlobContent::Absent(why)
}

/// A language model of Docker's model runner.
pub(super) fn model(cx: &mut Lifting<'_>, pair: &Pair<Model>) {
    let Model { at: _, name, model, context_size, runtime_flags, extensions } = &pair.value;
    cx.decided(extensions, "`x-` keys of a model are the project's own notes");
    let key = &pair.key;
    let todo = "run a model server, such as Ollama, llama.cpp or vLLM, as a service of its own";
    cx.dropped(name, "the name is the one Docker's model runner knows the model by", todo);
    cx.dropped(
        model,
        &format!("Docker's model runner serves `{key}` on the machine, and there is none in a cluster"),
        todo,
    );
    cx.dropped(context_size, "the size of the context is a setting of the server that runs the model", todo);
    cx.dropped(runtime_flags, "flags of the engine that runs the model are settings of its server", todo);
}
