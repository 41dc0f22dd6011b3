//! Which service fills an empty volume with the files of its image.
//!
//! Docker copies what an image has at the path of a volume into the volume while that is empty, when it makes the
//! container; of several services, the first that has files there fills it. The first is the one others depend on.
//! What is decided stands in the stack as [`MountSource::Volume`]'s `fill`; the lowering writes it down.

use std::collections::BTreeMap;
use std::path::Path;

use tranship_image::ImageFacts;
use tranship_model::{Build, MountSource, Origin, Role, Service, Stack, Traced};
use tranship_source::World;

use super::holds::{Holds, of_build, of_image};

const BY: &str = "copy-up";

/// What was found at the places where volumes are mounted: by service and path.
#[derive(Default)]
pub(super) struct Findings {
    found: BTreeMap<(String, String), Holds>,
}

impl Findings {
    /// Looks at the places of volumes in an image that is built.
    pub(super) fn of_build(
        &mut self,
        service: &Service,
        build: &Build,
        facts: &ImageFacts,
        world: &dyn World,
        project_dir: &Path,
    ) {
        for target in asked(service) {
            let holds = of_build(world, project_dir, build, facts, target);
            self.found.insert((service.name.clone(), target.to_owned()), holds);
        }
    }

    /// Looks at the places of volumes in an image that is pulled, or that is built by a Dockerfile nobody can read.
    pub(super) fn of_image(&mut self, service: &Service) {
        for target in asked(service) {
            let holds = || match (&service.image, &service.build) {
                (Some(image), None) => of_image(&image.value, target),
                _ => Holds::Perhaps("the Dockerfile cannot be read, and the image may have files there".to_owned()),
            };
            self.found.entry((service.name.clone(), target.to_owned())).or_insert_with(holds);
        }
    }
}

/// Paths at which a service mounts volumes that the project lets be filled.
fn asked(service: &Service) -> impl Iterator<Item = &str> {
    service.mounts.iter().filter_map(|mount| match &mount.source {
        MountSource::Volume { fill, .. } | MountSource::Scratch { fill, .. } if fill.value => {
            Some(mount.target.as_str())
        }
        _ => None,
    })
}

/// What is filled: a volume that services share, or a folder of one alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place<'a> {
    Shared(&'a str),
    Own(&'a str, &'a str),
}

/// A service that could fill a volume.
struct Candidate<'a> {
    service: &'a Service,
    target: &'a str,
    holds: &'a Holds,
    read_only: bool,
}

/// Decides for every mount of a volume whether it fills it.
pub(super) fn settle(stack: &mut Stack, findings: &Findings) {
    let mut decided: BTreeMap<(String, String), Traced<bool>> = BTreeMap::new();
    let depths = std::cell::OnceCell::new();
    for (_, mut candidates) in by_volume(stack, findings) {
        if candidates.len() > 1 {
            let depths = depths.get_or_init(|| depths_of(stack));
            let depth = |name: &str| depths.get(name).copied().unwrap_or_default();
            // Stable: services of one rank stay in the order of the project.
            candidates.sort_by_key(|c| (depth(&c.service.name), c.read_only, c.service.role.value == Role::Proxy));
        }
        let filler = candidates.iter().find(|c| matches!(c.holds, Holds::Files(_)));
        for candidate in &candidates {
            let verdict = verdict(candidate, filler);
            decided.insert((candidate.service.name.clone(), candidate.target.to_owned()), verdict);
        }
    }
    for service in stack.services.values_mut() {
        for mount in &mut service.mounts {
            let (MountSource::Volume { fill, .. } | MountSource::Scratch { fill, .. }) = &mut mount.source else {
                continue;
            };
            let key = (service.name.clone(), mount.target.clone());
            if let Some(verdict) = decided.remove(&key).filter(|_| fill.value) {
                *fill = verdict;
            }
        }
    }
}

fn by_volume<'a>(stack: &'a Stack, findings: &'a Findings) -> Vec<(Place<'a>, Vec<Candidate<'a>>)> {
    let mut out: indexmap::IndexMap<Place<'_>, Vec<Candidate<'_>>> = indexmap::IndexMap::new();
    for service in stack.services.values() {
        for mount in &service.mounts {
            let (volume, fill) = match &mount.source {
                MountSource::Volume { volume, fill, .. } => (Place::Shared(volume), fill),
                MountSource::Scratch { fill, .. } => (Place::Own(&service.name, &mount.target), fill),
                _ => continue,
            };
            let Some(holds) = findings.found.get(&(service.name.clone(), mount.target.clone())) else { continue };
            if fill.value {
                let candidate = Candidate { service, target: &mount.target, holds, read_only: mount.read_only };
                out.entry(volume).or_default().push(candidate);
            }
        }
    }
    out.into_iter().collect()
}

fn verdict(candidate: &Candidate<'_>, filler: Option<&Candidate<'_>>) -> Traced<bool> {
    let (value, because) = match (candidate.holds, filler) {
        (Holds::Nothing(why), _) => (false, format!("nothing of the image goes into the volume: {why}")),
        (_, Some(filler)) if !same_files(candidate, filler) => {
            (false, format!("`{}` fills the volume from its image", filler.service.name))
        }
        (Holds::Files(why) | Holds::Perhaps(why), _) => {
            (true, format!("an empty volume gets what the image has there, as Docker does: {why}"))
        }
    };
    Traced::new(value, Origin::decided(BY, because))
}

/// Whether both would put the same files there, so that it does not matter who comes first.
fn same_files(a: &Candidate<'_>, b: &Candidate<'_>) -> bool {
    let image = |service: &Service| service.image.as_ref().map(|image| image.value.clone());
    let build = |service: &Service| {
        service.build.as_ref().map(|build| (build.context.clone(), build.dockerfile.clone(), build.target.clone()))
    };
    let same = image(a.service) == image(b.service) && build(a.service) == build(b.service);
    std::ptr::eq(a.service, b.service) || (same && a.target == b.target)
}

/// How many services have to be there before each one: what others depend on is made first.
fn depths_of(stack: &Stack) -> BTreeMap<&str, usize> {
    let mut depths: BTreeMap<&str, usize> = stack.services.keys().map(|name| (name.as_str(), 0)).collect();
    // A chain is never longer than the stack; where services wait for each other in a circle, this still ends.
    for _ in 0..stack.services.len() {
        let mut changed = false;
        for service in stack.services.values() {
            let below = service.depends_on.iter().filter_map(|d| depths.get(d.service.as_str())).max();
            let depth = below.map_or(0, |below| below + 1).min(stack.services.len());
            changed |= depths.insert(&service.name, depth) != Some(depth);
        }
        if !changed {
            break;
        }
    }
    depths
}

#[cfg(test)]
mod tests {
    use tranship_compose::{LoadOptions, load};
    use tranship_testing::Fixture;

    use super::*;
    use crate::image::learn;

    /// `service target` of every mount that fills its volume.
    fn filled(files: &str) -> Vec<String> {
        let world = Fixture::parse(files).in_memory();
        let loaded = load(&world, &LoadOptions::default());
        let project = loaded.project.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
        let mut sources = loaded.sources;
        let mut stack = tranship_compose::lift::lift(&project, &sources, &world).value.stack;
        learn(&mut stack, &world, &project.working_dir, &mut sources);
        let of = |service: &Service| {
            let mounts = service
                .mounts
                .iter()
                .filter(|mount| matches!(&mount.source, MountSource::Volume { fill, .. } if fill.value));
            mounts.map(|mount| format!("{} {}", service.name, mount.target)).collect::<Vec<_>>()
        };
        stack.services.values().flat_map(of).collect()
    }

    #[test]
    fn only_what_may_have_files_fills_a_volume() {
        for (service, dockerfile, expect) in [
            ("image: unknown/app\n    volumes: ['vol:/static']", "", vec!["a /static"]),
            ("image: unknown/app\n    volumes: ['vol:/static:nocopy']", "", vec![]),
            ("image: unknown/app\n    volumes: ['./d:/static']", "", vec![]),
            ("image: unknown/app\n    tmpfs: /static", "", vec![]),
            (
                "image: unknown/app\n    volumes: [{type: volume, source: vol, target: /s, volume: {subpath: x}}]",
                "",
                vec![],
            ),
            ("image: postgres:16\n    volumes: ['vol:/var/lib/postgresql/data']", "", vec![]),
            ("image: nginx\n    volumes: ['vol:/usr/share/nginx/html']", "", vec!["a /usr/share/nginx/html"]),
            ("image: nginx\n    volumes: ['vol:/static']", "", vec![]),
            ("build: .\n    volumes: ['vol:/static']", "FROM alpine\nCOPY x /app/\n", vec![]),
            ("build: .\n    volumes: ['vol:/app/x']", "FROM alpine\nCOPY . /app\n", vec!["a /app/x"]),
            ("build: .\n    volumes: ['vol:/app/absent']", "FROM alpine\nCOPY . /app\n", vec![]),
            ("build: .\n    volumes: ['vol:/static']", "FROM alpine\nRUN make\n", vec!["a /static"]),
            (
                "build: .\n    volumes: ['vol:/static']",
                "FROM a AS b\nRUN make\nFROM scratch\nCOPY --from=b /x /y\n",
                vec![],
            ),
            (
                "build: .\n    volumes: ['vol:/y']",
                "FROM a AS b\nRUN make\nFROM scratch\nCOPY --from=b /x /y\n",
                vec!["a /y"],
            ),
        ] {
            let files = format!(
                "-- compose.yaml\nservices:\n  a:\n    {service}\nvolumes: {{vol: {{}}}}\n-- Dockerfile\n{dockerfile}-- x/y\nz\n"
            );
            assert_eq!(filled(&files), expect, "{service} {dockerfile}");
        }
    }

    #[test]
    fn of_several_services_the_one_with_files_that_others_wait_for_fills() {
        let web = "web: {image: nginx, volumes: ['vol:/usr/share/nginx/html:ro'], depends_on: [app]}";
        for (services, expect) in [
            (format!("{web}\n  app: {{build: ., volumes: ['vol:/dist']}}"), vec!["app /dist"]),
            (format!("{web}\n  app: {{image: alpine, volumes: ['vol:/dist']}}"), vec!["web /usr/share/nginx/html"]),
            (
                "one: {image: u/x, volumes: ['vol:/d']}\n  two: {image: u/x, volumes: ['vol:/d']}".to_owned(),
                vec!["one /d", "two /d"],
            ),
        ] {
            let files = format!(
                "-- compose.yaml\nservices:\n  {services}\nvolumes: {{vol: {{}}}}\n-- Dockerfile\nFROM node\nCOPY dist /dist\n-- dist/x\nx\n"
            );
            assert_eq!(filled(&files), expect, "{services}");
        }
    }
}
