//! Packagings, one file each: the same objects in every form that teams hand over.
//!
//! A packaging is a [`Backend`]: one file in this folder, and one line in [`BACKENDS`]. It reads the [`Bundle`] and gives files
//! below a folder of its own. Secrets, what builds the images and the report lie beside all of them; [`manifests`] puts the
//! whole tree together.

pub mod build;
pub mod helm;
mod kustomize;
pub mod manifests;
pub mod secrets;

use tranship_kube::Object;
use tranship_source::Checked;

use crate::bundle::Bundle;
use crate::place::Places;
use crate::tree::FileTree;

/// One form in which an application is handed over.
pub struct Backend {
    /// The word that asks for it.
    pub name: &'static str,
    /// What it gives, as `--help` and the documentation say it.
    pub about: &'static str,
    /// Whether Secrets have to lie in `secrets/` as objects for it.
    pub needs_secrets: bool,
    /// Whether it is installed under names that are only known then, so that it has to know where names stand.
    pub needs_release: bool,
    /// Whether it says what is other in environments.
    pub has_environments: bool,
    /// Its files, with their paths in the output.
    pub emit: fn(&Bundle<'_>, &Places<'_>) -> Checked<FileTree>,
    /// Where an object lies; `None` for a packaging that refers to the files of another.
    pub file: Option<fn(&Bundle<'_>, &Object) -> String>,
    /// How it is installed.
    pub install: fn(&Bundle<'_>) -> Install,
}

/// How a packaging is installed, as the report tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Install {
    /// Its folder in the output.
    pub folder: String,
    /// The title of the section: the packaging's proper name.
    pub title: &'static str,
    /// Commands for a shell in the output's folder; none where the report has a section of its own for it.
    pub commands: Vec<String>,
    /// What has to be known, in sentences of Markdown.
    pub note: String,
}

/// All packagings, in the order in which they are written and told of.
pub const BACKENDS: &[Backend] = &[manifests::BACKEND, helm::BACKEND, kustomize::BACKEND];

/// A packaging is known by its name.
impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Plain manifests alone: what is written where nobody asks for a packaging.
pub fn plain() -> &'static [&'static Backend] {
    const PLAIN: &[&Backend] = &[&manifests::BACKEND];
    PLAIN
}

/// The packagings of these names, each once and in the order of [`BACKENDS`]; the first name that nobody has. `all` means
/// every one.
pub fn named(names: &[String]) -> Result<Vec<&'static Backend>, &str> {
    if let Some(unknown) = names.iter().find(|name| *name != "all" && BACKENDS.iter().all(|one| one.name != **name)) {
        return Err(unknown);
    }
    let wanted = |one: &&Backend| names.iter().any(|name| name == "all" || name == one.name);
    Ok(BACKENDS.iter().filter(wanted).collect())
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn packagings_are_found_by_name_once_and_in_their_order() {
        let names = |text: &str| {
            let names: Vec<String> = text.split(',').map(str::to_owned).collect();
            named(&names).map(|found| found.iter().map(|one| one.name).collect::<Vec<_>>()).map_err(str::to_owned)
        };
        assert_eq!(names("kustomize,manifests,kustomize"), Ok(vec!["manifests", "kustomize"]));
        assert_eq!(names("all").map(|all| all.len()), Ok(super::BACKENDS.len()));
        assert_eq!(names("manifests,tarball"), Err("tarball".to_owned()));
    }
}
