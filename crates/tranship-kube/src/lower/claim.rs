//! Claims: a PersistentVolumeClaim, or the template of a StatefulSet.

use tranship_model::said::is_chosen;
use tranship_model::{Role, Service, Traced, Volume, Workload};
use tranship_source::yaml::{Key, Map, Node};

use super::fields::Fields;
use super::workload::warn;
use super::{Lowering, external, metadata};
use crate::lift::NAME_ANNOTATION;
use crate::names::NameKind;
use crate::object::Object;

/// Size of a claim that a database, a queue or an object store writes to, where nothing says how much it holds.
const STORE_SIZE: &str = "10Gi";
/// Size of any other claim.
const SIZE: &str = "1Gi";

/// Adds the claim of a volume that is mounted, and is no template of a workload, nor somebody else's.
pub(crate) fn lower(cx: &mut Lowering<'_>, key: &str, volume: &Volume) {
    let Volume { origin, name, external: flag, driver: _, driver_opts: _, labels, host_path: _, said: _ } = volume;
    let claim = cx.names.name(NameKind::Claim, key);
    let is_external = flag.as_ref().is_some_and(|e| e.value);
    let Some(users) = cx.sharers.get(key).cloned() else {
        cx.ledger.dropped(origin, "no service mounts the volume", "");
        note_details(cx, volume, "no service mounts the volume");
        if let Some(flag) = flag {
            cx.ledger.dropped(&flag.origin, "no service mounts the volume", "");
        }
        return;
    };
    if let Some(name) = name.as_ref().filter(|_| is_external) {
        external::note(cx, name, &format!("PersistentVolumeClaim/{claim}"));
    } else if let Some(name) = name {
        let why = "a claim is called by the volume's key, within the project's own namespace";
        cx.ledger.decided(&name.origin, why);
    }
    if let Some(flag) = flag {
        let why = "the volume exists already, so that a claim of this name has to be there before the app is applied";
        cx.ledger.decided(&flag.origin, why);
    }
    if is_external {
        cx.external_claims.push(claim.clone());
        let help = format!("create the PersistentVolumeClaim `{claim}` in namespace `{}` first", cx.namespace);
        warn(cx, "external-volume", origin.span(), format!("volume `{key}` is external and is not written"), &help);
        cx.ledger.translated(
            origin,
            &format!("PersistentVolumeClaim/{claim}"),
            "it is used and not written, as it is external",
        );
        let Volume { driver, driver_opts, labels, .. } = volume;
        let rest = driver_opts.iter().chain(labels).map(|(_, value)| value);
        for value in driver.iter().chain(rest) {
            cx.ledger.dropped(&value.origin, "an external volume is somebody else's", "");
        }
        return;
    }
    driver(cx, volume);
    if nfs(volume).is_some() {
        cx.ledger.translated(origin, "pod volumes", "the NFS share is mounted by the pods that use it");
        return;
    }
    if is_templated(cx, key, volume) {
        return;
    }
    warn_of_sharing_replicas(cx, key, volume);
    let mut object = Object::new("v1", "PersistentVolumeClaim", Node::from(claim.clone()).blamed_on(origin.span()));
    object.set(&["metadata", "labels"], metadata::project_labels(cx));
    metadata::keep_name(&mut object, key);
    metadata::annotate(cx, &mut object, labels);
    object.set(&["spec"], spec(size(cx, &users)));
    let why = "a named volume is a claim; its size is a guess that the report names";
    cx.ledger.translated(origin, &object.label(), why);
    cx.add(object);
}

/// What is noted of a volume for which no claim is written.
fn note_details(cx: &mut Lowering<'_>, volume: &Volume, why: &str) {
    let Volume { origin: _, name, external: _, driver, driver_opts, labels, host_path: _, said: _ } = volume;
    let texts = driver.iter().chain(name).map(|v| &v.origin);
    let pairs = driver_opts.iter().chain(labels).map(|(_, value)| &value.origin);
    for origin in texts.chain(pairs).cloned().collect::<Vec<_>>() {
        cx.ledger.dropped(&origin, why, "");
    }
}

/// A driver of the container engine is no storage class.
fn driver(cx: &mut Lowering<'_>, volume: &Volume) {
    let nfs = nfs(volume).is_some();
    if let Some(driver) = &volume.driver {
        match driver.value.as_str() {
            "local" | "" => cx.ledger.decided(&driver.origin, "the cluster's default storage class provides the claim"),
            other => {
                let why = format!("the driver `{other}` belongs to the container engine");
                cx.ledger.dropped(&driver.origin, &why, "name a storage class of the cluster in the claim");
                let message = format!("the volume driver `{other}` is replaced by the default storage class");
                warn(cx, "volume-driver", driver.span(), message, "name a storage class of the cluster in the claim");
            }
        }
    }
    let kind = option(volume, "type").unwrap_or_default();
    let (lost, todo) = match kind {
        _ if nfs => (None, "mount a PersistentVolume with `mountOptions` by `existingClaim`, or set them on the nodes"),
        _ if is_nfs_type(volume) => (
            Some("an NFS share without a server is not mounted"),
            "name the server, as `addr=` in `o` or before the path in `device`",
        ),
        "cifs" | "smb" | "smb3" => (
            Some("a Windows share is not mounted, which takes the driver `smb.csi.k8s.io` in the cluster"),
            "install the driver, make a PersistentVolume of the share and name its claim with `existingClaim`",
        ),
        "tmpfs" => (
            Some("a volume in memory outlives its containers under Compose alone"),
            "give the services that use it a `tmpfs` of their own, or leave it on disk",
        ),
        _ => (None, "choose a storage class with the same property"),
    };
    if let Some(lost) = lost {
        let message = format!("{lost}; the volume is a claim that starts empty");
        warn(cx, "volume-driver", volume.origin.span(), message, todo);
    }
    for (name, value) in &volume.driver_opts {
        let others = other_options(&value.value);
        match lost {
            Some(lost) => cx.ledger.dropped(&value.origin, lost, todo),
            None if nfs && name == "o" && !others.is_empty() => {
                let why = format!("a pod's own NFS mount takes no options, and the node chooses: `{others}`");
                cx.ledger.dropped(&value.origin, &why, todo);
            }
            None if nfs => cx.ledger.translated(&value.origin, "pod volumes[].nfs", "server and path of the share"),
            None => {
                let why = format!("`{name}` is an option of the container engine's volume driver");
                cx.ledger.dropped(&value.origin, &why, todo);
            }
        }
    }
}

/// The options of a mount that neither name the server nor say what every mount is.
fn other_options(list: &str) -> String {
    let others =
        list.split(',').map(str::trim).filter(|part| !part.is_empty() && *part != "rw" && !part.starts_with("addr="));
    others.collect::<Vec<_>>().join(",")
}

/// Server and path of a volume whose options name an NFS share. The server is `addr=` among the options, or stands before
/// the path. Without one the volume is a claim like any other, which is reported.
pub(crate) fn nfs(volume: &Volume) -> Option<(String, String)> {
    if !is_nfs_type(volume) {
        return None;
    }
    let device = option(volume, "device")?;
    let (host, path) = match device.split_once(":/") {
        Some((host, path)) => (host, format!("/{path}")),
        None => ("", device.trim_start_matches(':').to_owned()),
    };
    let written =
        option(volume, "o").and_then(|list| list.split(',').find_map(|part| part.trim().strip_prefix("addr=")));
    let server = written.unwrap_or(host).trim_start_matches('[').trim_end_matches(']');
    (!server.is_empty()).then(|| (server.to_owned(), path))
}

/// Whether the engine would mount the volume by NFS.
fn is_nfs_type(volume: &Volume) -> bool {
    option(volume, "type").is_some_and(|kind| kind.starts_with("nfs"))
}

fn option<'a>(volume: &'a Volume, name: &str) -> Option<&'a str> {
    volume.driver_opts.iter().find(|(key, _)| key == name).map(|(_, value)| value.value.as_str())
}

/// Whether each replica of a StatefulSet has a claim of its own made from the volume, which nobody else mounts.
///
/// Under Compose all replicas share a volume with a name. Apart they would each start empty, so that more than one
/// replica has claims of its own only where a StatefulSet was asked for, or the volume has no name.
pub(crate) fn is_templated(cx: &Lowering<'_>, key: &str, volume: &Volume) -> bool {
    let external = volume.external.as_ref().is_some_and(|external| external.value);
    let apart = |home: &Service| pods(home) < 2 || is_chosen(&home.workload.origin) || is_unnamed(volume);
    let stateful = |home: &&Service| home.workload.value == Workload::Stateful;
    !external && nfs(volume).is_none() && only_home(cx, key).filter(stateful).is_some_and(apart)
}

/// The service in whose pod the volume is mounted, if only one service mounts it.
fn only_home<'a>(cx: &Lowering<'a>, key: &str) -> Option<&'a Service> {
    let [user] = cx.sharers.get(key)?.as_slice() else { return None };
    // A service in another's pod has the claims of that pod.
    let own = cx.stack.services.get(user)?;
    super::pod::home(cx.stack, own).map_or(Some(own), |home| cx.stack.services.get(home))
}

/// Whether the replicas that share the volume under Compose each have another in the cluster.
pub(crate) fn is_torn(cx: &Lowering<'_>, key: &str, volume: &Volume) -> bool {
    !is_unnamed(volume) && only_home(cx, key).is_some_and(|home| pods(home) > 1) && is_templated(cx, key, volume)
}

/// How many pods a service has at once.
pub(crate) fn pods(service: &Service) -> u32 {
    match service.workload.value {
        Workload::Task { parallelism, .. } => parallelism,
        _ => service.replicas.as_ref().map_or(1, |replicas| replicas.value),
    }
}

/// Whether the volume is a mount's own: it stands in no section of volumes and is no folder of the machine.
fn is_unnamed(volume: &Volume) -> bool {
    volume.host_path.is_none() && !volume.origin.leaves().iter().any(|at| at.path.starts_with("volumes."))
}

/// Several replicas of a store on one volume harm its data on both platforms.
fn warn_of_sharing_replicas(cx: &mut Lowering<'_>, key: &str, volume: &Volume) {
    let Some(home) = only_home(cx, key).filter(|home| home.workload.value == Workload::Stateful) else { return };
    let count = pods(home);
    if count < 2 {
        return;
    }
    let message =
        format!("the {count} replicas of `{}` write to one volume `{key}`, as under docker compose", home.name);
    let help = "few stores bear that: run one replica, or write `x-tranship: {workload: statefulset}` for a claim of \
                each replica's own, which the product has to keep equal by itself";
    warn(cx, "replicas-share-volume", home.replicas.as_ref().map_or(volume.origin.span(), Traced::span), message, help);
}

/// The claim template of a StatefulSet.
pub(crate) fn template(cx: &mut Lowering<'_>, object: &str, name: &str, key: &str, volume: &Volume) -> Node {
    let to = format!("{object} spec.volumeClaimTemplates");
    cx.ledger.translated(
        &volume.origin,
        &to,
        "each replica keeps a claim of its own; its size is a guess that the report names",
    );
    let users = cx.sharers.get(key).cloned().unwrap_or_default();
    let mut notes = metadata::annotations(cx, &to, &volume.labels, &[]);
    if name != key {
        notes.insert(Key::from(NAME_ANNOTATION), key.into());
    }
    let metadata = Fields::new().put("name", name).filled("annotations", notes).node();
    let node = Node::from([("metadata", metadata), ("spec", spec(size(cx, &users)).into())]);
    node.blamed_on(volume.origin.span())
}

/// One node at a time, from the default class.
fn spec(size: &str) -> Map {
    let request = Node::from([("storage", size.into())]);
    let node = Fields::new()
        .put("accessModes", Node::from(vec![Node::from("ReadWriteOnce")]))
        .put("resources", Node::from([("requests", request)]))
        .node();
    node.as_map().cloned().unwrap_or_default()
}

fn size(cx: &Lowering<'_>, users: &[String]) -> &'static str {
    let keeps = |role: Role| matches!(role, Role::Store | Role::Queue);
    let is_store = |name: &String| cx.stack.services.get(name).is_some_and(|s| keeps(s.role.value));
    if users.iter().any(is_store) { STORE_SIZE } else { SIZE }
}
