//! Runtimes and frameworks the tool knows: data in `technologies/`, whose README describes every key.

mod list;

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// A runtime or a framework.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Technology {
    /// Its key: the name of its file.
    pub name: String,
    /// Its name as its makers write it.
    pub title: String,
    /// Whether it runs code or is what code is written with.
    pub kind: Kind,
    /// The language.
    pub language: String,
    /// What runs it, as people call it.
    pub runtime: String,
    /// What a service made with it does.
    pub serves: Serves,
    /// The heavier of two is named first.
    pub weight: u32,
    /// Packages, with the ecosystem before a colon.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Words of a start command.
    #[serde(default)]
    pub words: Vec<String>,
    /// Names of files beside the code.
    #[serde(default)]
    pub files: Vec<String>,
    /// Base images without registry and tag.
    #[serde(default)]
    pub images: Vec<String>,
    /// Words in the text of a Dockerfile.
    #[serde(default)]
    pub dockerfile: Vec<String>,
    /// Beginnings of lines in the code.
    #[serde(default)]
    pub imports: Vec<String>,
}

/// Whether something runs code or is what code is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It runs code.
    Runtime,
    /// Code is written with it.
    Framework,
}

/// What a service does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Serves {
    /// Answers programs.
    Api,
    /// Answers people with pages it makes.
    Site,
    /// Hands files to a browser that does the work.
    Pages,
    /// Works on what others put into a queue or a schedule.
    Worker,
    /// Not told.
    App,
}

impl Technology {
    /// Whether a file's name is one of its marks.
    pub fn has_file(&self, name: &str) -> bool {
        self.files.iter().any(|mark| match mark.strip_prefix('*') {
            Some(end) => name.ends_with(end),
            None => mark == name,
        })
    }

    /// Whether an image, with registry and tag or without, is one of its own.
    pub fn has_image(&self, image: &str) -> bool {
        let name = bare(image);
        let ends = |mark: &String| {
            if let Some(start) = mark.strip_suffix('*') {
                return name.starts_with(start);
            }
            name == *mark
                || (mark.contains('/') && name.ends_with(&format!("/{mark}")))
                || name == format!("library/{mark}")
        };
        self.images.iter().any(ends)
    }
}

/// An image without its registry, tag and digest.
pub fn bare(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    let (head, last) = match image.rsplit_once('/') {
        Some((_, last)) => (image.len() - last.len(), last),
        None => (0, image),
    };
    let tag = last.split_once(':').map_or(last.len(), |(name, _)| name.len());
    let name = image.get(..head + tag).unwrap_or(image);
    match name.split_once('/') {
        Some((registry, rest)) if registry.contains(['.', ':']) || registry == "localhost" => rest,
        _ => name,
    }
}

/// Every technology, sorted by name. A file that does not parse would be a fault, which the tests refuse.
pub fn all() -> &'static [Technology] {
    static ALL: OnceLock<Vec<Technology>> = OnceLock::new();
    ALL.get_or_init(|| list::TECHNOLOGIES.iter().filter_map(|(_, text)| toml::from_str(text).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "compares the list with the folder it is made from")]
    fn the_list_names_every_file_and_every_file_parses() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("technologies");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<String> = names.filter_map(|name| Some(name.strip_suffix(".toml")?.to_owned())).collect();
        files.sort();
        let listed: Vec<&str> = list::TECHNOLOGIES.iter().map(|(name, _)| *name).collect();
        assert_eq!(files, listed);
        for (name, text) in list::TECHNOLOGIES {
            let parsed: Technology = toml::from_str(text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            assert_eq!(parsed.name, *name);
            let lists = [&parsed.packages, &parsed.words, &parsed.files];
            let marks =
                lists.into_iter().chain([&parsed.images, &parsed.dockerfile, &parsed.imports]).collect::<Vec<_>>();
            assert!(marks.iter().any(|marks| !marks.is_empty()), "{name} can never be found");
            assert!(parsed.packages.iter().all(|package| package.contains(':')), "{name}");
        }
    }

    #[test]
    fn images_are_found_whatever_registry_and_tag() {
        let find =
            |image: &str| all().iter().filter(|known| known.has_image(image)).map(|t| &*t.name).collect::<Vec<_>>();
        for (image, expect) in [
            ("python:3.12-slim", "python"),
            ("public.ecr.aws/docker/library/node:20", ""),
            ("mcr.example.com/dotnet/sdk:8.0", "dotnet"),
            ("library/golang", "go"),
            ("localhost:5000/rust@sha256:00", "rust"),
            ("someone/python", ""),
        ] {
            let found = find(image);
            assert_eq!(found.first().copied().unwrap_or(""), expect, "{image}");
        }
    }
}
