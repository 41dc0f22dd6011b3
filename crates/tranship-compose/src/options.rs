//! What a caller may ask of the loader.

/// Which project to load and how far; the fields are docker compose's flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// `-f`: Compose files in order, `-` for the standard input. Empty: `COMPOSE_FILE`, then the default names.
    pub files: Vec<String>,
    /// `-p`: the project's name.
    pub project_name: Option<String>,
    /// `--project-directory`: where relative paths start.
    pub project_directory: Option<String>,
    /// `--profile`: profiles to enable. Empty: `COMPOSE_PROFILES`.
    pub profiles: Vec<String>,
    /// `--env-file`: files to read variables from. Empty: `COMPOSE_ENV_FILES`, then `.env`.
    pub env_files: Vec<String>,
    /// Services to keep, with what they depend on. Empty: all that the profiles enable.
    pub services: Vec<String>,
    /// `--all-resources`: keep resources no service uses.
    pub all_resources: bool,
    /// `--no-interpolate`: leave variables as they are written; the tree is then the merged model, not a project.
    pub no_interpolate: bool,
    /// `--no-normalize`: add no defaults that only mean what is meant anyway.
    pub no_normalize: bool,
    /// `--no-path-resolution`: leave relative paths as they are written.
    pub no_path_resolution: bool,
    /// `--no-consistency`: do not check that references lead somewhere.
    pub no_consistency: bool,
    /// `--no-env-resolution`: do not read the services' env files.
    pub no_env_resolution: bool,
    /// Do not check against the schema. Only for listing variables.
    pub no_validation: bool,
}
