//! Names of images that are built here.

use std::path::Path;

use tranship_model::{Stack, Traced};
use tranship_source::{Checked, Diagnostic, World};

use super::context::digest;
use super::git::commit;

/// How images that are only built are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Naming {
    /// The registry they are pushed to, with a path if it has one; none for images that nodes are given directly.
    pub registry: Option<String>,
    /// Their tag.
    pub tag: Tag,
}

/// The tag of images that are built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tag {
    /// This one.
    Given(String),
    /// The commit that is checked out.
    Git,
    /// A digest of what each is built from.
    Context,
}

impl Default for Tag {
    fn default() -> Self {
        Self::Given("v1".to_owned())
    }
}

impl Tag {
    /// Reads the word of a flag: `git`, `context`, or a tag. The error says why it cannot be one.
    pub fn parse(word: &str) -> Result<Self, String> {
        match word {
            "git" => Ok(Self::Git),
            "context" => Ok(Self::Context),
            tag => {
                let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let good =
                    tag.len() <= 128 && tag.starts_with(word) && tag.chars().all(|c| word(c) || ".-".contains(c));
                if good {
                    Ok(Self::Given(tag.to_owned()))
                } else {
                    Err(format!("`{tag}` cannot be a tag: letters, digits, `_`, `.` and `-`"))
                }
            }
        }
    }
}

/// Names every image that is built and has no name of the project's own: `[registry/]project-service:tag`.
///
/// Errors: `build-git`, `build-context`. The tag is then `v1`.
pub fn name_builds(stack: &mut Stack, naming: &Naming, world: &dyn World, project_dir: &Path) -> Checked<()> {
    let mut faults = Vec::new();
    let project = stack.name.value.clone();
    let is_unnamed = |image: Option<&Traced<String>>| {
        image.is_none_or(|image| matches!(image.origin, tranship_model::Origin::Decided { by: "built-image", .. }))
    };
    let mut git = None;
    for service in stack.services.values_mut() {
        let Some(build) = service.build.as_ref().filter(|_| is_unnamed(service.image.as_ref())) else { continue };
        let (tag, why) = match &naming.tag {
            Tag::Given(tag) => (tag.clone(), "the tag is the one that was asked for".to_owned()),
            Tag::Git => match git.get_or_insert_with(|| commit(world, project_dir)) {
                Some(commit) => (
                    commit.clone(),
                    "the tag is the commit that is checked out; changes since are not in it".to_owned(),
                ),
                None => {
                    if faults.is_empty() {
                        let message =
                            "the project is in no git repository with a commit, so that there is none for the tag";
                        faults.push(Diagnostic::error("build-git", message).help("give a tag with `--tag`"));
                    }
                    ("v1".to_owned(), "there is no commit to name it by".to_owned())
                }
            },
            Tag::Context => match digest(world, project_dir, build) {
                Ok(digest) => (digest, "the tag is a digest of what the image is built from".to_owned()),
                Err(fault) => {
                    faults.push(*fault);
                    ("v1".to_owned(), "what it is built from has no digest".to_owned())
                }
            },
        };
        let registry = naming.registry.as_deref().map(|registry| format!("{}/", registry.trim_end_matches('/')));
        let name = format!("{project}-{}", service.name).to_lowercase();
        let image = format!("{}{name}:{tag}", registry.unwrap_or_default());
        service.image =
            Some(Traced::decided(image, "built-image", format!("the service is built and names no image; {why}")));
    }
    jobs_take_images(stack);
    Checked::new((), faults)
}

/// A job that was made from a service runs that one's image.
fn jobs_take_images(stack: &mut Stack) {
    let of = |service: &tranship_model::Service| service.schedule.as_ref()?.value.image_of.clone();
    let jobs: Vec<(String, String)> =
        stack.services.values().filter_map(|service| Some((service.name.clone(), of(service)?))).collect();
    for (job, pattern) in jobs {
        let Some(from) = stack.services.get(&pattern) else { continue };
        let (image, facts) = (from.image.clone(), from.image_facts.clone());
        if let Some(service) = stack.services.get_mut(&job) {
            service.image = image;
            service.image_facts = facts;
        }
    }
}
