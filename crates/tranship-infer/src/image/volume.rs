//! Volumes that an image declares: Docker makes one without a name for each that nothing is mounted at.
//!
//! What a store keeps there has to survive its pod, so that it gets a volume of the stack; anything else gets an empty
//! folder that goes with the pod, as it cannot be found again under Docker either.

use indexmap::IndexMap;
use tranship_model::{ImageKnowledge, Mount, MountClass, MountSource, Origin, Role, Service, Traced, Volume};
use tranship_source::Diagnostic;
use tranship_source::path::clean;

/// Mounts what the image declares and the project does not mount. Notes `volume-unnamed` where a store keeps data so.
pub(super) fn declared(
    service: &mut Service,
    facts: &ImageKnowledge,
    volumes: &mut IndexMap<String, Volume>,
) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    for volume in &facts.volumes {
        let target = clean(std::path::Path::new(&volume.value)).to_string_lossy().into_owned();
        if !target.starts_with('/') || target == "/" || service.mounts.iter().any(|mount| covers(mount, &target)) {
            continue;
        }
        let because = because(volume);
        let keeps = matches!(service.role.value, Role::Store | Role::Queue) && !service.workload.value.ends();
        let fill = Traced::decided(true, "copy-up", "the engine fills an empty volume with what the image has there");
        let (source, class) = if keeps {
            let key = free_key(volumes, &format!("{}{}", service.name, target.replace('/', "-")));
            volumes.insert(key.clone(), plain(&because));
            notes.push(note(service, &target));
            let class = format!("a store keeps its data there, and {because}");
            (
                MountSource::Volume { volume: key, subpath: None, fill },
                Traced::decided(MountClass::Data, "image-volume", class),
            )
        } else {
            let class = format!("{because}; nobody names the volume, so that it goes with the pod");
            let source = MountSource::Scratch { size: None, mode: None, memory: false, fill };
            (source, Traced::decided(MountClass::Scratch, "image-volume", class))
        };
        let origin = Origin::decided("image-volume", because);
        service.mounts.push(Mount { origin, target, read_only: false, source, class });
    }
    notes
}

/// Whether a mount of the project takes the place of a volume that the image declares: at the path itself, or a volume
/// above it, in which the path is a folder.
fn covers(mount: &Mount, target: &str) -> bool {
    let above = target.strip_prefix(mount.target.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'));
    mount.target == target || (above && matches!(mount.source, MountSource::Volume { .. }))
}

fn because(volume: &Traced<String>) -> String {
    match &volume.origin {
        Origin::Decided { because, .. } => because.clone(),
        Origin::From(_) => format!("the image declares `{}` as a volume", volume.value),
    }
}

fn note(service: &Service, target: &str) -> Diagnostic {
    let message = format!("`{}` keeps its data at `{target}` in a volume without a name", service.name);
    let help = format!("it becomes a claim of its own; mount a named volume at `{target}` to say so in the project");
    Diagnostic::note("volume-unnamed", message).at(service.origin.span()).help(help)
}

fn plain(because: &str) -> Volume {
    Volume {
        origin: Origin::decided("image-volume", because),
        name: None,
        external: None,
        driver: None,
        driver_opts: Vec::new(),
        labels: Vec::new(),
        host_path: None,
        said: None,
    }
}

fn free_key(taken: &IndexMap<String, Volume>, wanted: &str) -> String {
    let counted = (2..taken.len() + 3).map(|n| format!("{wanted}-{n}"));
    let free = std::iter::once(wanted.to_owned()).chain(counted).find(|key| !taken.contains_key(key));
    free.unwrap_or_else(|| wanted.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::tests::learned;

    #[test]
    fn what_an_image_declares_is_mounted_where_nothing_is() {
        for (service, expect) in [
            ("image: 'postgres:16'", "volume web-var-lib-postgresql-data"),
            ("image: 'postgres:16'\n    volumes: ['vol:/var/lib/postgresql/data']", "volume vol"),
            ("image: 'postgres:16'\n    volumes: ['vol:/var/lib/postgresql']", "volume vol"),
            ("image: 'postgres:16'\n    tmpfs: /var/lib/postgresql/data", "memory"),
            ("image: 'redis:7'", "scratch"),
            ("build: .", "scratch filled"),
            ("build: .\n    volumes: ['vol:/data']", "volume vol filled"),
        ] {
            let files = format!(
                "-- compose.yaml\nservices:\n  web:\n    {service}\nvolumes: {{vol: {{}}}}\n-- Dockerfile\nFROM x/y\nVOLUME /data\n"
            );
            let (stack, _) = learned(&files);
            let show = |mount: &Mount| match &mount.source {
                MountSource::Volume { volume, fill, .. } => {
                    format!("volume {volume}{}", if fill.value { " filled" } else { "" })
                }
                MountSource::Scratch { memory: true, .. } => "memory".to_owned(),
                MountSource::Scratch { fill, .. } => format!("scratch{}", if fill.value { " filled" } else { "" }),
                other => format!("{other:?}"),
            };
            let web = stack.services.get("web").unwrap();
            assert_eq!(web.mounts.iter().map(show).collect::<Vec<_>>().join(", "), expect, "{service}");
        }
    }
}
