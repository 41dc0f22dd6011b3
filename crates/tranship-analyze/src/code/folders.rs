//! Where the code of a service lies: the folder its Dockerfile copies from, the context, or what is mounted as sources.

use tranship_model::{MountClass, MountSource, Service};

use super::files::Reader;
use super::recipe::Recipe;
use crate::tech;

/// So many folders of one service are looked at.
const MOST: usize = 6;

/// The folders with code, from the project directory; the surest ones alone where they are told.
pub(super) fn folders(reader: &mut Reader<'_>, service: &Service, recipe: Option<&Recipe>) -> Vec<String> {
    let mut sure: Vec<String> = Vec::new();
    let mut wide: Vec<String> = Vec::new();
    if let Some(recipe) = recipe {
        for (source, _) in &recipe.copies {
            let plain = source.trim_start_matches("./").trim_start_matches('/');
            let named = plain.split(['*', '$', '[']).next().unwrap_or_default();
            let folder = match (named == plain, named.rsplit_once('/')) {
                (true, _) if reader.is_folder(&reader.name(&recipe.context, named)) => named,
                (_, Some((folder, _))) => folder,
                _ => "",
            };
            let path = reader.name(&recipe.context, folder);
            if path != recipe.context {
                sure.push(path);
            }
        }
        if let Some((folder, _)) = recipe.file.rsplit_once('/') {
            sure.push(folder.to_owned());
        }
        wide.push(recipe.context.clone());
    } else if let Some(build) = service.build.as_ref().filter(|build| !build.context.contains("://")) {
        wide.push(reader.name(&build.context, "."));
    }
    for mount in &service.mounts {
        if let (MountSource::Host { project_path: Some(path), .. }, MountClass::Source) =
            (&mount.source, mount.class.value)
        {
            sure.push(reader.name(path, "."));
        }
    }
    let own = with_marks(reader, sure);
    // A context that is the service's own folder says as much as what is copied from it.
    let context = with_marks(reader, wide.clone());
    match (own.is_empty(), context.is_empty()) {
        (_, false) if is_narrow(reader, service, &context) => merged(context, own),
        (false, _) => own,
        (true, false) => context,
        (true, true) => below(reader, service, &wide),
    }
}

/// Whether a context belongs to one service: no folder below it has manifests of its own.
fn is_narrow(reader: &mut Reader<'_>, service: &Service, context: &[String]) -> bool {
    let below: Vec<String> = context.iter().flat_map(|folder| reader.folders_in(folder)).collect();
    let others = with_marks(reader, below);
    others.is_empty() || context.iter().any(|folder| folder.ends_with(service.name.as_str()))
}

fn merged(mut all: Vec<String>, more: Vec<String>) -> Vec<String> {
    for folder in more {
        if !all.contains(&folder) {
            all.push(folder);
        }
    }
    all.truncate(MOST);
    all
}

/// Folders in which a file marks a runtime, each once.
fn with_marks(reader: &mut Reader<'_>, folders: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for folder in folders {
        let names = reader.list(&folder);
        let marked = names.iter().any(|name| tech::all().iter().any(|known| known.has_file(name)));
        if marked && !out.contains(&folder) && out.len() < MOST {
            out.push(folder);
        }
    }
    out
}

/// Folders one or two steps below that are marked; the one that is called as the service alone, where there is one.
fn below(reader: &mut Reader<'_>, service: &Service, wide: &[String]) -> Vec<String> {
    let first: Vec<String> = wide.iter().flat_map(|folder| reader.folders_in(folder)).collect();
    let mut found = with_marks(reader, first.clone());
    if found.is_empty() {
        let second: Vec<String> = first.iter().take(40).flat_map(|folder| reader.folders_in(folder)).collect();
        found = with_marks(reader, second);
    }
    if let Some(own) = found.iter().find(|folder| folder.rsplit('/').next() == Some(service.name.as_str())) {
        return vec![own.clone()];
    }
    if found.is_empty() { wide.to_vec() } else { found }
}
