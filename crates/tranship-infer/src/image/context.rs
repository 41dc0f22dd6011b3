//! A digest of everything a build is made from, so that a tag changes when the image may.

use std::path::Path;

use tranship_image::Ignore;
use tranship_model::Build;
use tranship_source::world::Kind;
use tranship_source::{Diagnostic, World};

use super::dockerfile::{folder, path};

/// Twelve digits over the files of a build's context that its ignore file leaves in, the Dockerfile, target and
/// arguments; the error says what could not be read.
pub fn digest(world: &dyn World, project_dir: &Path, build: &Build) -> Result<String, Box<Diagnostic>> {
    let fault = |message: String| {
        let help = "give the image a tag of its own with `--tag`";
        Box::new(Diagnostic::error("build-context", message).at(build.origin.span()).help(help))
    };
    let folder = folder(project_dir, build)
        .ok_or_else(|| fault("the build context is an address, which has no digest here".to_owned()))?;
    let mut hasher = blake3::Hasher::new();
    let dockerfile = path(project_dir, build);
    let recipe = match (&build.settings.dockerfile_inline, &dockerfile) {
        (Some(text), _) => text.clone().into_bytes(),
        (None, Some(path)) => {
            world.read(path).map_err(|error| fault(format!("the Dockerfile cannot be read: {}", error.kind())))?
        }
        (None, None) => Vec::new(),
    };
    part(&mut hasher, b"dockerfile", &recipe);
    part(&mut hasher, b"target", build.target.as_deref().unwrap_or_default().as_bytes());
    for (name, value) in &build.args {
        let value = value.clone().or_else(|| world.env().get(name).cloned()).unwrap_or_default();
        part(&mut hasher, format!("arg {name}").as_bytes(), value.as_bytes());
    }
    let ignore = ignore(world, &folder, dockerfile.as_deref()).map_err(fault)?;
    walk(world, &folder, "", &ignore, &mut hasher)
        .map_err(|(path, error)| fault(format!("`{path}` in the build context cannot be read: {}", error.kind())))?;
    Ok(hasher.finalize().to_hex().chars().take(12).collect())
}

/// A name and its content, with their lengths, so that no two lists of files give one stream.
fn part(hasher: &mut blake3::Hasher, name: &[u8], content: &[u8]) {
    for bytes in [name, content] {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    }
}

/// The ignore file beside the Dockerfile counts before the context's own.
fn ignore(world: &dyn World, folder: &Path, dockerfile: Option<&Path>) -> Result<Ignore, String> {
    let own = dockerfile.map(|path| {
        let mut name = path.as_os_str().to_owned();
        name.push(".dockerignore");
        name.into()
    });
    let common = folder.join(".dockerignore");
    let text = own.into_iter().chain([common]).find_map(|path: std::path::PathBuf| world.read(&path).ok());
    let text = text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    Ignore::parse(&text).map_err(|why| format!("the ignore file of the build context cannot be read: {why}"))
}

type Unread = (String, std::io::Error);

fn walk(
    world: &dyn World,
    root: &Path,
    below: &str,
    ignore: &Ignore,
    hasher: &mut blake3::Hasher,
) -> Result<(), Unread> {
    for name in world.list(&root.join(below)).map_err(|error| (below.to_owned(), error))? {
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let full = root.join(&path);
        let ignored = ignore.ignores(&path);
        let Ok(stat) = world.stat(&full) else { continue };
        if let Some(link) = &stat.link {
            // A link is itself: where it leads may lie outside, or in a circle.
            if !ignored {
                part(hasher, format!("link {path}").as_bytes(), link.to_string_lossy().as_bytes());
            }
            continue;
        }
        match stat.kind {
            Kind::Directory if !ignored || ignore.brings_back() => walk(world, root, &path, ignore, hasher)?,
            Kind::File if !ignored => {
                let mode = if stat.mode & 0o111 == 0 { "file" } else { "program" };
                let content = world.read(&full).map_err(|error| (path.clone(), error))?;
                part(hasher, format!("{mode} {path}").as_bytes(), &content);
            }
            _ => {}
        }
    }
    Ok(())
}
