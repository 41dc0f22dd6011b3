//! Volumes of a pod as mounts.

use tranship_model::mount::BlobMount;
use tranship_model::{Blob, BlobContent, Mount, MountClass, MountSource, Resources, Stack, Traced, Volume};
use tranship_source::Diagnostic;
use tranship_source::yaml::Node;

use super::quantity::bytes;
use super::read::{Part, scalar, text_of};
use super::{Lifting, claim, hooks, source_name};
use crate::lower::{DATA_FOLDER, fill};
use crate::object::Object;

/// The container's mounts; claim templates become volumes of the stack, and `/dev/shm` a size.
pub(crate) fn lift(
    cx: &mut Lifting<'_>,
    object: &Object,
    spec: &Part<'_>,
    pod: &Part<'_>,
    container: &Part<'_>,
    stack: &mut Stack,
    resources: &mut Resources,
) -> Vec<Mount> {
    let templates = templates(object, spec, stack);
    let by_init = by_init(cx, object, pod, container);
    let mut out = Vec::new();
    for node in container.list("volumeMounts") {
        let target = text_of(node, "mountPath").to_owned();
        let origin = container.origin("volumeMounts", node);
        let name = text_of(node, "name");
        let sub = node.get("subPath").and_then(Node::as_str);
        let volume = pod.list("volumes").iter().find(|volume| text_of(volume, "name") == name);
        if let (Some(volume), "/dev/shm") = (volume, target.as_str()) {
            let size = volume.at(&["emptyDir", "sizeLimit"]).and_then(scalar).and_then(|text| bytes(&text));
            resources.shm_size = size.map(|size| Traced::new(size, origin));
            continue;
        }
        let template = templates.iter().find(|(known, _)| known == name).map(|(_, source)| source.as_str());
        let fill = by_init.contains(&target);
        let source = match (template, volume) {
            (Some(source), _) => Some((of_volume(source, sub, fill), MountClass::Data)),
            (None, Some(volume)) => {
                keep_absent(cx, object, volume, stack);
                share(object, volume, stack);
                source(cx, volume, sub, fill)
            }
            (None, None) => None,
        };
        let Some((source, class)) = source else {
            let message = format!("the mount at `{target}` of {} is not read back", object.label());
            cx.diagnostics.push(Diagnostic::warning("lift-mount", message).at(node.span));
            continue;
        };
        let blob = matches!(source, MountSource::Config(_) | MountSource::Secret(_));
        let read_only = !blob && node.get("readOnly").and_then(Node::as_bool).unwrap_or(false);
        let class = Traced::decided(class, "volume-kind", "the kind of volume tells what it is for");
        out.push(Mount { origin, target, read_only, source, class });
    }
    out
}

/// Names of claim templates and of the volumes they stand for.
fn templates(object: &Object, spec: &Part<'_>, stack: &mut Stack) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for node in spec.list("volumeClaimTemplates") {
        let name = node.at(&["metadata", "name"]).and_then(Node::as_str).unwrap_or_default().to_owned();
        let kept = node.at(&["metadata", "annotations", super::NAME_ANNOTATION]).and_then(Node::as_str);
        let source = kept.unwrap_or(&name).to_owned();
        let origin = super::origin(object, "spec.volumeClaimTemplates", node);
        stack.volumes.entry(source.clone()).or_insert_with(|| claim::volume(origin));
        out.push((name, source));
    }
    out
}

/// A mount of a claim; the folder every claim of ours has is not part of the stack.
fn of_volume(volume: &str, sub: Option<&str>, fill: bool) -> MountSource {
    let below = sub.map(|sub| match sub.strip_prefix(DATA_FOLDER) {
        Some("") => None,
        Some(rest) if rest.starts_with('/') => Some(rest.trim_start_matches('/').to_owned()),
        _ => Some(sub.to_owned()),
    });
    MountSource::Volume { volume: volume.to_owned(), subpath: below.flatten(), fill: filled(fill) }
}

/// Whether the image's files go into a volume, which an init container shows.
fn filled(fill: bool) -> Traced<bool> {
    Traced::decided(fill, "init-container", "an init container fills the volume from the image, or none does")
}

/// The paths of a container whose volumes an init container fills. One that does something else is reported.
fn by_init(cx: &mut Lifting<'_>, object: &Object, pod: &Part<'_>, container: &Part<'_>) -> Vec<String> {
    let own = fill::name(container.node.map(|node| text_of(node, "name")).unwrap_or_default());
    let mut out = Vec::new();
    for node in pod.list("initContainers") {
        match fill::targets(node) {
            Some(targets) if fill::wanted_name(text_of(node, "name")) == own => out.extend(targets),
            Some(_) => {}
            None if fill::lends(node)
                || crate::lower::waits::read(node, &|_| None).is_some()
                || pod.list("containers").iter().any(|own| hooks::is_before(node, text_of(own, "name"), 20)) => {}
            None => {
                let message =
                    format!("the init container `{}` of {} is not read back", text_of(node, "name"), object.label());
                cx.diagnostics.push(Diagnostic::warning("lift-init-container", message).at(node.span));
            }
        }
    }
    out
}

/// A mounted ConfigMap or Secret that is not in the set exists elsewhere.
fn keep_absent(cx: &Lifting<'_>, object: &Object, volume: &Node, stack: &mut Stack) {
    for (field, key, kind) in [("configMap", "name", "ConfigMap"), ("secret", "secretName", "Secret")] {
        let Some(name) = volume.at(&[field, key]).and_then(Node::as_str) else { continue };
        if cx.set.find(kind, name).is_some() {
            continue;
        }
        let origin = super::origin(object, "spec.template.spec.volumes", volume);
        let blob = Blob { origin, name: None, content: BlobContent::External, labels: Vec::new(), said: None };
        let blobs = if field == "secret" { &mut stack.secrets } else { &mut stack.configs };
        blobs.entry(name.to_owned()).or_insert(blob);
    }
}

/// An NFS share that pods mount by themselves is a volume of the engine's own driver with options that name it.
fn share(object: &Object, volume: &Node, stack: &mut Stack) {
    let Some(nfs) = volume.get("nfs") else { return };
    let origin = || super::origin(object, "spec.template.spec.volumes", volume);
    let options = [
        ("type", "nfs".to_owned()),
        ("o", format!("addr={}", text_of(nfs, "server"))),
        ("device", format!(":{}", text_of(nfs, "path"))),
    ];
    stack.volumes.entry(text_of(volume, "name").to_owned()).or_insert_with(|| Volume {
        driver_opts: options.map(|(name, value)| (name.to_owned(), Traced::new(value, origin()))).to_vec(),
        ..claim::volume(origin())
    });
}

fn source(cx: &Lifting<'_>, volume: &Node, sub: Option<&str>, fill: bool) -> Option<(MountSource, MountClass)> {
    if let Some(claim) = volume.at(&["persistentVolumeClaim", "claimName"]).and_then(Node::as_str) {
        let source = match cx.set.find("PersistentVolumeClaim", claim) {
            Some(own) => of_volume(&source_name(own), sub, fill),
            // Somebody else's claim is mounted as it is.
            None => {
                MountSource::Volume { volume: claim.to_owned(), subpath: sub.map(str::to_owned), fill: filled(fill) }
            }
        };
        return Some((source, MountClass::Data));
    }
    if let Some(folder) = volume.get("emptyDir") {
        let memory = text_of(folder, "medium") == "Memory";
        let size = folder.get("sizeLimit").and_then(scalar).and_then(|text| bytes(&text));
        return Some((MountSource::Scratch { size, mode: None, memory, fill: filled(fill) }, MountClass::Scratch));
    }
    for (field, key, kind) in [("configMap", "name", "ConfigMap"), ("secret", "secretName", "Secret")] {
        let Some(source) = volume.get(field) else { continue };
        let name = text_of(source, key);
        let blob = cx.set.find(kind, name).map_or_else(|| name.to_owned(), source_name);
        let mount = BlobMount { blob, file: sub.map(str::to_owned), mode: None, uid: None, gid: None };
        return Some(if field == "secret" {
            (MountSource::Secret(mount), MountClass::Secret)
        } else {
            (MountSource::Config(mount), MountClass::Config)
        });
    }
    if let Some(image) = volume.at(&["image", "reference"]).and_then(Node::as_str) {
        let subpath = sub.map(str::to_owned);
        return Some((MountSource::Image { image: image.to_owned(), subpath }, MountClass::Image));
    }
    if volume.get("nfs").is_some() {
        let (volume, subpath) = (text_of(volume, "name").to_owned(), sub.map(str::to_owned));
        return Some((MountSource::Volume { volume, subpath, fill: filled(fill) }, MountClass::Data));
    }
    let path = volume.at(&["hostPath", "path"])?.as_str()?.to_owned();
    Some((MountSource::Host { path, project_path: None, exists: true }, MountClass::Host))
}
