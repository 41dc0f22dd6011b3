//! What the user chooses for all passes.

use tranship_kube::KubeVersion;

use crate::expose::Expose;

/// How much is decided beyond what the project says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// What a careful platform team would run.
    #[default]
    Production,
    /// As close to Compose as a cluster allows, for a developer's own.
    Dev,
}

impl Preset {
    /// The preset's name, as the user writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Dev => "dev",
        }
    }
}

/// What the user chose for all passes.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How much is decided.
    pub preset: Preset,
    /// The version of Kubernetes the objects are for: some rules hold from one on.
    pub version: KubeVersion,
    /// How the app is reached from outside.
    pub expose: Expose,
    /// Whether a limit of CPU is decided where the project has none.
    pub cpu_limits: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { preset: Preset::default(), version: KubeVersion::default(), expose: Expose::default(), cpu_limits: true }
    }
}
