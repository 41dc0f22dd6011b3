//! What the user chooses for all passes.

use tranship_kube::KubeVersion;
use tranship_model::Call;

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

/// How narrow the network is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Services that share a network of the project reach each other.
    #[default]
    Networks,
    /// Services reach each other where the project shows a call, on its port.
    Graph,
    /// Everybody reaches everybody.
    Open,
}

/// Whether services wait for what they depend on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Waits {
    /// They do.
    #[default]
    Always,
    /// They start at once.
    Never,
}

/// What the user chose for all passes, and what is known of the project beside its stack.
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
    /// How narrow the network is.
    pub reach: Reach,
    /// Whether services wait for what they depend on.
    pub waits: Waits,
    /// The image of the containers that wait, where no client of another image does.
    pub wait_image: Option<String>,
    /// Calls between services that something in the project shows; without ports where none is named.
    pub calls: Vec<Call>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            preset: Preset::default(),
            version: KubeVersion::default(),
            expose: Expose::default(),
            cpu_limits: true,
            reach: Reach::default(),
            waits: Waits::default(),
            wait_image: None,
            calls: Vec::new(),
        }
    }
}
