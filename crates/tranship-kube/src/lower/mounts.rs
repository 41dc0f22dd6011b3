//! Volumes of a pod and where its container mounts them.

use std::collections::BTreeMap;

use tranship_model::mount::BlobMount;
use tranship_model::said::is_chosen;
use tranship_model::{BlobContent, Mount, MountClass, MountSource, Origin, Service, Traced};
use tranship_source::yaml::Node;

use super::fields::{Fields, whole};
use super::fill::{self, Fill};
use super::resources::memory;
use super::workload::{Place, warn};
use super::{Lowering, claim, together};
use crate::KubeVersion;
use crate::names::{NameKind, data_key};

/// What the mounts of a pod's services come to.
#[derive(Default)]
pub(crate) struct Mounted {
    /// Whether claims that no other service uses become templates of the workload.
    own: bool,
    /// Volumes of the pod that are there already, by what they hold.
    given: BTreeMap<String, String>,
    /// The pod's volumes.
    pub(crate) volumes: Vec<Node>,
    /// Claim templates of a StatefulSet.
    pub(crate) own_claims: Vec<Node>,
    /// Whether a claim is mounted that the process may write to.
    pub(crate) writes_to_claim: bool,
    /// Whether a file is mounted that only its owner and group may read; it belongs to root.
    pub(crate) has_private_files: bool,
    /// Volumes that the container lowered last fills from its image.
    pub(crate) fills: Vec<Fill>,
    /// The label of the pods that have to run on one node with this one.
    pub(crate) node_label: Option<String>,
}

/// The folder of a claim that is mounted, so that a file system's own `lost+found` never shows.
pub(crate) const DATA_FOLDER: &str = "data";

/// Why a volume of Compose's that all replicas share is one for each of them.
pub const EACH_ITS_OWN: &str =
    "each replica keeps a claim of its own, as a StatefulSet gives them where one is asked for";

impl Mounted {
    /// No volumes yet. With `own`, claims that no other service uses become templates of the workload.
    pub(crate) fn new(own: bool) -> Self {
        Self { own, ..Self::default() }
    }
}

/// Lowers the mounts of a service: its container's mounts, and the volumes of the pod they need.
pub(crate) fn lower(
    cx: &mut Lowering<'_>,
    place: &Place,
    service: &Service,
    mounts: &[Mount],
    out: &mut Mounted,
) -> Vec<Node> {
    let mut job = Mounting { place, service, out, mounts: Vec::new(), targets: Vec::new() };
    for mount in mounts {
        one(cx, &mut job, mount);
    }
    shm(cx, &mut job);
    job.mounts
}

struct Mounting<'a> {
    place: &'a Place,
    service: &'a Service,
    out: &'a mut Mounted,
    /// The container's mounts.
    mounts: Vec<Node>,
    targets: Vec<String>,
}

fn one(cx: &mut Lowering<'_>, job: &mut Mounting<'_>, mount: &Mount) {
    let Mount { origin, target, read_only, source, class } = mount;
    cx.ledger.reasoned(&class.origin);
    let target = clean(target);
    if target.contains(':') {
        let todo = "mount it at a path without `:`";
        cx.ledger.dropped(origin, &format!("a pod cannot mount at `{target}`, which holds a `:`"), todo);
        warn(cx, "mount-path", origin.span(), format!("`{}` gets no `{target}`", job.service.name), todo);
        return;
    }
    if job.targets.contains(&target) {
        cx.ledger.dropped(origin, &format!("`{target}` is mounted already"), "mount one thing at one place");
        return;
    }
    match source {
        MountSource::Volume { volume, subpath, fill } => {
            volume_mount(cx, job, origin, &target, *read_only, volume, subpath.as_deref(), fill);
        }
        MountSource::Config(blob) => blob_mount(cx, job, origin, &target, blob, false),
        MountSource::Secret(blob) => blob_mount(cx, job, origin, &target, blob, true),
        MountSource::Scratch { size, mode, memory, fill } => {
            scratch(cx, job, origin, &target, *read_only, (*size, *mode, *memory), fill);
        }
        MountSource::Host { path, project_path: _, exists: _ }
            if class.value == MountClass::Host && is_chosen(&class.origin) =>
        {
            host_path(cx, job, origin, &target, path, *read_only);
        }
        MountSource::Host { path, project_path, exists: _ } => {
            let shown = project_path.as_deref().unwrap_or(path);
            host(cx, job, origin, &target, *read_only, shown, class.value);
        }
        MountSource::Image { image, subpath } => {
            image_mount(cx, job, origin, &target, *read_only, image, subpath.as_deref());
        }
    }
}

/// The files of an image, where the cluster's version mounts them without being asked to.
fn image_mount(
    cx: &mut Lowering<'_>,
    job: &mut Mounting<'_>,
    origin: &Origin,
    target: &str,
    read_only: bool,
    image: &str,
    subpath: Option<&str>,
) {
    if cx.version < KubeVersion::IMAGE_VOLUMES {
        let why = format!(
            "the files of `{image}` are not mounted: Kubernetes {} mounts images only with the feature gate `ImageVolume`",
            cx.version
        );
        let todo = "convert for Kubernetes 1.35 or later, or copy the files into the image with `COPY --from`";
        cx.ledger.dropped(origin, &why, todo);
        warn(
            cx,
            "image-mount",
            origin.span(),
            format!("`{}` does not get the files of `{image}`", job.service.name),
            todo,
        );
        return;
    }
    let (pod_volume, is_new) = volume_name(job, &format!("image:{image}"), &format!("image{target}"));
    if is_new {
        let source = Node::from([("reference", image.into())]);
        let node = Node::from([("name", pod_volume.as_str().into()), ("image", source)]);
        job.out.volumes.push(node.blamed_on(origin.span()));
    }
    let why = "the pod mounts the files of the image, which nobody can write to";
    cx.ledger.translated(origin, &job.place.pod("volumes[].image"), why);
    mount_at(job, origin, &pod_volume, target, subpath.map(str::to_owned), read_only);
}

/// Adds a mount of a volume of the pod.
fn mount_at(job: &mut Mounting<'_>, origin: &Origin, volume: &str, target: &str, sub: Option<String>, read_only: bool) {
    let node = Fields::new()
        .put("name", volume)
        .put("mountPath", target)
        .maybe("subPath", sub)
        .maybe("readOnly", read_only.then_some(true))
        .node();
    job.mounts.push(node.blamed_on(origin.span()));
    job.targets.push(target.to_owned());
}

/// The name of a pod's volume that holds `what`, and whether it is new. Names count on where they would clash.
fn volume_name(job: &mut Mounting<'_>, what: &str, wanted: &str) -> (String, bool) {
    if let Some(name) = job.out.given.get(what) {
        return (name.clone(), false);
    }
    let plain: String = crate::names::label(wanted).chars().take(58).collect();
    let plain = plain.trim_end_matches('-').to_owned();
    let taken = |name: &String| job.out.given.values().any(|given| given == name);
    // One more name than there are volumes is enough to find a free one.
    let counted = (2..job.out.given.len() + 3).map(|n| format!("{plain}-{n}"));
    let name = std::iter::once(plain.clone()).chain(counted).find(|n| !taken(n));
    let name = name.unwrap_or(plain);
    job.out.given.insert(what.to_owned(), name.clone());
    (name, true)
}

#[allow(clippy::too_many_arguments, reason = "one argument per part of the mount")]
fn volume_mount(
    cx: &mut Lowering<'_>,
    job: &mut Mounting<'_>,
    origin: &Origin,
    target: &str,
    read_only: bool,
    volume: &str,
    subpath: Option<&str>,
    fill: &Traced<bool>,
) {
    let stack = cx.stack;
    let Some(facts) = stack.volumes.get(volume) else {
        cx.ledger.dropped(origin, &format!("there is no volume `{volume}`"), "define it under `volumes`");
        return;
    };
    let name = cx.names.name(NameKind::Claim, volume);
    let nfs = claim::nfs(facts);
    let external = facts.external.as_ref().is_some_and(|external| external.value);
    let templated = job.out.own && claim::is_templated(cx, volume, facts);
    let (pod_volume, is_new) = volume_name(job, &format!("claim:{volume}"), &name);
    let read_write = !read_only;
    if let Some((server, path)) = nfs {
        if is_new {
            let share = Node::from([("server", server.into()), ("path", path.into())]);
            job.out.volumes.push(Node::from([("name", pod_volume.as_str().into()), ("nfs", share)]));
        }
        let why = "the NFS share is mounted by the pod itself";
        cx.ledger.translated(origin, &job.place.pod("volumes"), why);
        note_fill(cx, job, origin, fill, &pod_volume, target, None);
        mount_at(job, origin, &pod_volume, target, subpath.map(str::to_owned), read_only);
        return;
    }
    if templated {
        if is_new {
            job.out.own_claims.push(claim::template(cx, &job.place.object, &pod_volume, volume, facts));
        }
        let torn = claim::is_torn(cx, volume, facts);
        let why = if torn { EACH_ITS_OWN } else { "each replica keeps a claim of its own" };
        let to = format!("{}, {}", job.place.spec("volumeClaimTemplates"), job.place.container("volumeMounts"));
        cx.ledger.translated(origin, &to, why);
    } else {
        if is_new {
            let claim = Node::from([("claimName", name.as_str().into())]);
            let node = Node::from([("name", pod_volume.as_str().into()), ("persistentVolumeClaim", claim)]);
            job.out.volumes.push(node.blamed_on(origin.span()));
        }
        let why = if external {
            "the claim is there already and is mounted as it is"
        } else {
            "a volume is a claim, of which a folder is mounted so that `lost+found` never shows"
        };
        cx.ledger.translated(origin, &claim_place(job, &name), why);
        if is_new && !external && job.place.object.starts_with("DaemonSet/") && !together::takes_many_nodes(facts) {
            let message = format!("`{}` runs on every node, and one node can mount `{volume}`", job.service.name);
            let help = "write `x-tranship: {accessMode: ReadWriteMany}` to the volume where the storage class can do that, or mount \
                        a path of the node: `x-tranship: {mounts: {PATH: host}}`";
            warn(cx, "cannot-be-scheduled", origin.span(), message, help);
        }
        if let Some(label) = cx.together.get(volume) {
            job.out.node_label = Some(label.clone());
        }
    }
    // What somebody else made has its files where they made them.
    let folder = (!external).then_some(DATA_FOLDER);
    note_fill(cx, job, origin, fill, &pod_volume, target, folder);
    job.out.writes_to_claim |= read_write;
    // A rooted path cannot climb out of the folder.
    let below = subpath.map(|sub| clean(&format!("/{sub}"))).unwrap_or_default();
    let below = format!("{}{}", folder.unwrap_or_default(), below.trim_end_matches('/'));
    let below = below.trim_start_matches('/');
    mount_at(job, origin, &pod_volume, target, (!below.is_empty()).then(|| below.to_owned()), read_only);
}

/// Where a claim is used.
fn claim_place(job: &Mounting<'_>, claim: &str) -> String {
    format!("PersistentVolumeClaim/{claim}, {}", job.place.container("volumeMounts"))
}

/// Notes that an empty volume gets the image's files, or why it does not.
fn note_fill(
    cx: &mut Lowering<'_>,
    job: &mut Mounting<'_>,
    origin: &Origin,
    fill: &Traced<bool>,
    pod_volume: &str,
    target: &str,
    folder: Option<&'static str>,
) {
    cx.ledger.reasoned(&fill.origin);
    if fill.value {
        cx.ledger.translated(origin, &job.place.pod("initContainers"), fill::how(job.service));
        let fill = Fill { volume: pod_volume.to_owned(), folder, target: target.to_owned() };
        job.out.fills.push(fill);
    }
}

/// Files of a ConfigMap or Secret.
fn blob_mount(
    cx: &mut Lowering<'_>,
    job: &mut Mounting<'_>,
    origin: &Origin,
    target: &str,
    mount: &BlobMount,
    is_secret: bool,
) {
    let BlobMount { blob: key, file, mode, uid, gid } = mount;
    let stack = cx.stack;
    let (blobs, kind) =
        if is_secret { (&stack.secrets, NameKind::Secret) } else { (&stack.configs, NameKind::ConfigMap) };
    let Some(blob) = blobs.get(key) else {
        cx.ledger.dropped(origin, &format!("there is no file `{key}`"), "define it in the project");
        return;
    };
    if let BlobContent::Absent(why) = &blob.content {
        cx.ledger.dropped(origin, why, "put the file there and convert again");
        return;
    }
    let name = cx.names.name(kind, key);
    let what = format!("{kind:?}:{name}:{mode:?}");
    let (pod_volume, is_new) = volume_name(job, &what, &name);
    if is_new {
        let source = match &blob.content {
            BlobContent::Files(files) => {
                let item = |file: &tranship_model::BlobFile| {
                    let bits = mode.unwrap_or(file.mode) & 0o777;
                    Fields::new()
                        .put("key", data_key(&file.path))
                        .put("path", file.path.as_str())
                        .put("mode", whole(u64::from(bits)))
                        .node()
                };
                let private = |file: &tranship_model::BlobFile| mode.unwrap_or(file.mode) & 0o004 == 0;
                job.out.has_private_files |= files.iter().any(private);
                let items: Vec<Node> = files.iter().map(item).collect();
                let field = if is_secret { "secretName" } else { "name" };
                Fields::new().put(field, name.as_str()).put("items", items).node()
            }
            BlobContent::External | BlobContent::Absent(_) => {
                let field = if is_secret { "secretName" } else { "name" };
                Fields::new()
                    .put(field, name.as_str())
                    .maybe("defaultMode", mode.map(|m| whole(u64::from(m & 0o777))))
                    .node()
            }
        };
        let field = if is_secret { "secret" } else { "configMap" };
        let node = Node::from([("name", pod_volume.as_str().into()), (field, source)]);
        job.out.volumes.push(node.blamed_on(origin.span()));
    }
    let owner = uid.as_deref().is_some_and(|id| id != "0") || gid.as_deref().is_some_and(|id| id != "0");
    let why = if owner {
        "the file stands at its path with its mode; it belongs to root, since a pod's files have no other owner"
    } else {
        "the file stands at its path with its mode"
    };
    let object = if is_secret { "Secret" } else { "ConfigMap" };
    cx.ledger.translated(origin, &format!("{object}/{name}, {}", job.place.container("volumeMounts")), why);
    mount_at(job, origin, &pod_volume, target, file.clone(), true);
}

#[allow(clippy::too_many_arguments, reason = "one argument per part of the mount")]
fn scratch(
    cx: &mut Lowering<'_>,
    job: &mut Mounting<'_>,
    origin: &Origin,
    target: &str,
    read_only: bool,
    (size, mode, in_memory): (Option<u64>, Option<u32>, bool),
    fill: &Traced<bool>,
) {
    let wanted = if in_memory { format!("tmpfs{target}") } else { format!("scratch{target}") };
    let (pod_volume, _) = volume_name(job, &format!("{}:{wanted}", job.service.name), &wanted);
    let folder = Fields::new()
        .maybe("medium", in_memory.then_some("Memory"))
        .maybe("sizeLimit", size.filter(|size| *size > 0).map(memory));
    let node = Node::from([("name", pod_volume.as_str().into()), ("emptyDir", folder.node())]);
    job.out.volumes.push(node.blamed_on(origin.span()));
    let why = match mode {
        Some(_) => "an empty folder for the life of the pod; its mode is 0777, since a pod cannot give it another",
        None => "an empty folder for the life of the pod",
    };
    cx.ledger.translated(origin, &job.place.pod("volumes"), why);
    note_fill(cx, job, origin, fill, &pod_volume, target, None);
    mount_at(job, origin, &pod_volume, target, None, read_only);
}

/// A path of the machine that the user asks for: the node's own.
fn host_path(
    cx: &mut Lowering<'_>,
    job: &mut Mounting<'_>,
    origin: &Origin,
    target: &str,
    path: &str,
    read_only: bool,
) {
    let (pod_volume, is_new) = volume_name(job, &format!("host:{path}"), &format!("host{path}"));
    if is_new {
        let node =
            Node::from([("name", pod_volume.as_str().into()), ("hostPath", Node::from([("path", path.into())]))]);
        job.out.volumes.push(node.blamed_on(origin.span()));
    }
    let why = "the node's own path, as you said: every node the pod may run on has to have it";
    cx.ledger.translated(origin, &job.place.pod("volumes"), why);
    mount_at(job, origin, &pod_volume, target, None, read_only);
}

/// A path of the machine: never a hostPath unasked.
fn host(
    cx: &mut Lowering<'_>,
    job: &mut Mounting<'_>,
    origin: &Origin,
    target: &str,
    read_only: bool,
    path: &str,
    class: MountClass,
) {
    let service = &job.service.name;
    let (why, todo, code) = match class {
        MountClass::Logs | MountClass::Cache => {
            let what = if class == MountClass::Logs { "logs go to" } else { "files that can be made again go to" };
            let (pod_volume, _) =
                volume_name(job, &format!("{}:{target}", job.service.name), &format!("scratch{target}"));
            let node = Node::from([("name", pod_volume.as_str().into()), ("emptyDir", Fields::new().node())]);
            job.out.volumes.push(node.blamed_on(origin.span()));
            cx.ledger.translated(
                origin,
                &job.place.pod("volumes"),
                &format!("{what} an empty folder for the life of the pod"),
            );
            mount_at(job, origin, &pod_volume, target, None, read_only);
            return;
        }
        MountClass::Source => (
            format!("`{path}` is source code that is mounted for development, and it has to be in the image"),
            format!("`COPY` it to `{target}` in the Dockerfile"),
            "source-mount",
        ),
        MountClass::Socket => (
            format!("`{path}` is a socket of the machine, which gives a pod power over its node"),
            "use what the cluster offers instead, such as its API with a ServiceAccount".to_owned(),
            "socket-mount",
        ),
        MountClass::Host => (
            format!("`{path}` is a part of the machine, and a pod may run on any machine"),
            "most images bring what they need; mount it as a hostPath by hand if the pod belongs to its node"
                .to_owned(),
            "host-mount",
        ),
        MountClass::Data | MountClass::Config | MountClass::Secret | MountClass::Scratch | MountClass::Image => (
            format!("`{path}` could not be carried over as a file or a volume"),
            "put the files into the image or into a volume".to_owned(),
            "mount-dropped",
        ),
    };
    cx.ledger.dropped(origin, &why, &todo);
    let message = format!("`{service}` does not get `{path}` at `{target}`");
    warn(cx, code, origin.span(), message, &todo);
}

/// Shared memory of a size of its own is a folder in memory.
fn shm(cx: &mut Lowering<'_>, job: &mut Mounting<'_>) {
    let Some(size) = &job.service.resources.shm_size else { return };
    let target = "/dev/shm";
    if job.targets.iter().any(|t| t == target) {
        cx.ledger.decided(&size.origin, "`/dev/shm` is mounted already");
        return;
    }
    let (pod_volume, _) = volume_name(job, &format!("{}:{target}", job.service.name), "dev-shm");
    let folder = Fields::new().put("medium", "Memory").put("sizeLimit", memory(size.value)).node();
    let node = Node::from([("name", pod_volume.as_str().into()), ("emptyDir", folder)]);
    job.out.volumes.push(node.blamed_on(size.span()));
    cx.ledger.translated(&size.origin, &job.place.pod("volumes"), "shared memory is a folder in memory at /dev/shm");
    mount_at(job, &size.origin, &pod_volume, target, None, false);
}

/// A path without a slash at its end, repeated slashes or dots.
fn clean(path: &str) -> String {
    tranship_source::path::clean(std::path::Path::new(path)).to_string_lossy().into_owned()
}
