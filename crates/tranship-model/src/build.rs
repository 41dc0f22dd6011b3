//! How an image is built.

use crate::origin::Origin;

/// How an image is built.
#[derive(Clone, Debug, PartialEq)]
pub struct Build {
    /// Where it is written: the whole `build` section.
    pub origin: Origin,
    /// The folder the build sees, relative to the project directory where it lies inside.
    pub context: String,
    /// The Dockerfile, relative to the context.
    pub dockerfile: Option<String>,
    /// The stage to build.
    pub target: Option<String>,
    /// Build arguments in order; without a value they come from the environment of the build.
    pub args: Vec<(String, Option<String>)>,
    /// Everything else the builder is told.
    pub settings: Box<BuildSettings>,
}

/// What the builder is told besides context, Dockerfile, target and arguments. Nothing of it is part of what runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BuildSettings {
    /// The text of a Dockerfile that is no file.
    pub dockerfile_inline: Option<String>,
    /// Further folders, images and targets, by the name a Dockerfile uses; folders inside the project are relative to it.
    pub contexts: Vec<(String, String)>,
    /// Labels of the image.
    pub labels: Vec<(String, String)>,
    /// Caches to read.
    pub cache_from: Vec<String>,
    /// Caches to write.
    pub cache_to: Vec<String>,
    /// Whether nothing is taken from the cache.
    pub no_cache: bool,
    /// Stages for which nothing is taken from the cache.
    pub no_cache_filter: Vec<String>,
    /// Whether base images are fetched anew.
    pub pull: bool,
    /// The network of commands.
    pub network: Option<String>,
    /// The record of provenance.
    pub provenance: Option<String>,
    /// The bill of materials.
    pub sbom: Option<String>,
    /// Keys that are lent, as `default` or `id=path`.
    pub ssh: Vec<String>,
    /// Secrets that are lent.
    pub secrets: Vec<BuildSecret>,
    /// Shared memory of commands, in bytes.
    pub shm_size: Option<u64>,
    /// Extra names for commands, as `name=address`.
    pub extra_hosts: Vec<String>,
    /// Limits of commands: name, soft and hard.
    pub ulimits: Vec<(String, i64, i64)>,
    /// Rights the builder has to grant.
    pub entitlements: Vec<String>,
    /// Whether commands have all rights.
    pub privileged: bool,
    /// How commands are kept apart, on Windows.
    pub isolation: Option<String>,
    /// Further names of the image.
    pub tags: Vec<String>,
    /// What it is built for.
    pub platforms: Vec<String>,
}

/// A secret lent to the builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildSecret {
    /// The name by which a Dockerfile asks for it.
    pub id: String,
    /// Where its value is.
    pub source: BuildSecretSource,
}

/// Where the value of a secret for the builder is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildSecretSource {
    /// In a file, relative to the project directory where it lies inside.
    File(String),
    /// In a variable of the environment.
    Variable(String),
    /// Not said.
    Unknown,
}
