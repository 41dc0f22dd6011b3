//! The code behind a service: where it lies, what builds and starts it, what it is written with, what it keeps.
//!
//! Only a few kinds of files are read, each once: Dockerfiles, manifests of packages, and a small number of source files.
//! [`Reader`] counts them and stops where there are too many; folders of dependencies and of build output are never
//! entered.

mod files;
mod folders;
mod manifest;
mod marks;
mod recipe;
mod source;
mod state;
#[cfg(test)]
mod tests;

pub use files::Reader;
pub use marks::{Made, Mark};
pub use recipe::Recipe;
pub use state::{Held, What};

use tranship_model::Service;
use tranship_model::catalog::{self, Product, ProductRole};

/// What is known of a service's code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// Its Dockerfile, where it is built.
    pub recipe: Option<Recipe>,
    /// What it is made with, the heaviest first.
    pub made: Vec<Made>,
    /// What it keeps in its process or beside it.
    pub held: Vec<Held>,
    /// Files in its folder, as `docs` of the folder's names, that later questions ask for: `.dockerignore`, lock files.
    pub beside: Vec<String>,
    /// The folders its code lies in, from the project directory.
    pub folders: Vec<String>,
    /// Words of the command that starts it.
    pub words: Vec<String>,
}

impl Code {
    /// The product whose image is built upon, where it is one with a part of its own and no mere runtime.
    pub fn base_product(&self) -> Option<&'static Product> {
        let (image, _) = self.recipe.as_ref()?.base()?;
        catalog::find(image).filter(|product| product.role != ProductRole::Runtime)
    }
}

/// Looks at the code of a service.
pub fn look(reader: &mut Reader<'_>, service: &Service) -> Code {
    let recipe = recipe::read(reader, service);
    let words = recipe::words(service, recipe.as_ref());
    let folders = folders::folders(reader, service, recipe.as_ref());
    let packages = manifest::packages(reader, &folders);
    let sources = source::sources(reader, &folders, &words);
    let made = marks::made(reader, service, recipe.as_ref(), &folders, &packages, &sources, &words);
    let held = state::held(service, &packages, &sources);
    let beside = folders.iter().flat_map(|folder| reader.list(folder).to_vec()).collect();
    Code { recipe, made, held, beside, folders, words }
}
