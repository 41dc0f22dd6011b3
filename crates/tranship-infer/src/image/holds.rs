//! Whether an image has files at a path: those with which the engine fills an empty volume that is mounted there.

use std::path::Path;

use tranship_image::{ImageFacts, Write};
use tranship_model::Build;
use tranship_model::catalog::{self, ImageRef, Kind, Product};
use tranship_source::World;
use tranship_source::path::join;

use super::dockerfile::folder;

/// What is known of a path in an image, with the reason as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// There are files.
    Files(String),
    /// There may be.
    Perhaps(String),
    /// There are none.
    Nothing(String),
}

/// Folders every system has files in.
const SYSTEM: [&str; 11] = ["bin", "boot", "etc", "home", "lib", "lib64", "opt", "root", "sbin", "usr", "var"];

/// Whether a path is a folder or lies below it.
fn within(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_system(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    first.is_empty() || SYSTEM.contains(&first)
}

/// What a pulled image has at a path, as far as the catalog knows.
pub(super) fn of_image(image: &str, path: &str) -> Holds {
    let reference = ImageRef::parse(image);
    match catalog::find(image) {
        Some(product) => of_product(product, reference.tag, path),
        None => Holds::Perhaps(format!("nobody knows what `{image}` has at `{path}`")),
    }
}

fn of_product(product: &Product, tag: Option<&str>, path: &str) -> Holds {
    let title = &product.title;
    if let Some(dir) = product.data_for(tag).find(|dir| within(path, &dir.path) || within(&dir.path, path)) {
        let dir_path = &dir.path;
        return Holds::Nothing(if dir.empty {
            format!("the image of {title} has nothing at `{dir_path}`")
        } else {
            format!("{title} fills `{dir_path}` itself when it starts on an empty one")
        });
    }
    let files = product.files.iter().flatten().find(|known| within(path, known) || within(known, path));
    match (files, &product.files) {
        (Some(known), _) => Holds::Files(format!("the image of {title} has files at `{known}`")),
        (None, known) if !is_system(path) && (known.is_some() || product.kind == Kind::Base) => {
            Holds::Nothing(format!("the image of {title} has nothing at `{path}`"))
        }
        _ => Holds::Perhaps(format!("the image of {title} may have files at `{path}`")),
    }
}

/// What an image that is built has at a path, as far as its Dockerfile and context show.
pub(super) fn of_build(world: &dyn World, project_dir: &Path, build: &Build, facts: &ImageFacts, path: &str) -> Holds {
    let context = folder(project_dir, build);
    let mut perhaps = None;
    for write in &facts.writes {
        let Write::Copy { sources, elsewhere, to, folder } = &write.value else {
            perhaps.get_or_insert_with(|| format!("a command of the Dockerfile may put files to `{path}`"));
            continue;
        };
        let inside = *folder && to == path || to != path && within(to, path);
        if inside
            || (to == path && (*elsewhere || sources.iter().any(|source| is_dir(world, context.as_deref(), source))))
        {
            return Holds::Files(format!("the Dockerfile puts files to `{to}`"));
        }
        let Some(below) = path.strip_prefix(to.trim_end_matches('/')).filter(|rest| rest.starts_with('/')) else {
            continue;
        };
        let below = below.trim_start_matches('/');
        let at =
            |source: &String| context.as_ref().map(|context| join(context, Path::new(source.trim_start_matches('/'))));
        match (*elsewhere, sources.iter().filter_map(at).find(|from| has_files(world, &from.join(below)))) {
            (false, Some(_)) => return Holds::Files(format!("the Dockerfile copies a folder with files to `{path}`")),
            (false, None) if context.is_some() && sources.iter().all(|source| !source.contains(['*', '?', '['])) => {}
            _ => {
                perhaps
                    .get_or_insert_with(|| format!("what the Dockerfile puts to `{to}` may have files for `{path}`"));
            }
        }
    }
    let base = match &facts.base {
        Some(base) => of_image(&base.value, path),
        None => Holds::Nothing(format!("the Dockerfile puts nothing to `{path}`")),
    };
    match (base, perhaps) {
        (Holds::Nothing(_), Some(why)) => Holds::Perhaps(why),
        (base, _) => base,
    }
}

fn is_dir(world: &dyn World, context: Option<&Path>, source: &str) -> bool {
    let Some(context) = context else { return true };
    let path = join(context, Path::new(source.trim_start_matches('/')));
    world.stat(&path).map_or(true, |stat| stat.kind == tranship_source::Kind::Directory)
}

/// Whether a folder of the context has something in it.
fn has_files(world: &dyn World, path: &Path) -> bool {
    world.list(path).is_ok_and(|names| !names.is_empty())
}

/// Whether an image has a shell at `/bin/sh`; `None` where that is not known.
pub(super) fn shell_of_image(image: &str) -> Option<bool> {
    let reference = ImageRef::parse(image);
    if reference.repository.contains("distroless") {
        return Some(false);
    }
    catalog::find(image).and_then(|product| product.shell(reference.tag))
}

/// Whether an image that is built has one: a command in it needed one, or its base has it.
pub(super) fn shell_of_build(facts: &ImageFacts) -> Option<bool> {
    if facts.writes.iter().any(|write| write.value == Write::Run { shell: true }) {
        return Some(true);
    }
    match &facts.base {
        Some(base) => shell_of_image(&base.value),
        None => Some(false),
    }
}
