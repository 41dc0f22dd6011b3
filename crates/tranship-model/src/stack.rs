//! A whole application.

use indexmap::IndexMap;

use crate::exposure::Exposure;
use crate::isolation::Isolation;
use crate::mount::{Blob, Volume};
use crate::network::Network;
use crate::origin::{Origin, Traced};
use crate::outside::Outside;
use crate::said::Said;
use crate::service::Service;

/// An application of several services with everything they share. Keys are the names used in the project.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// The project's name.
    pub name: Traced<String>,
    /// What runs, in the order of the project.
    pub services: IndexMap<String, Service>,
    /// Storage that outlives a container: named volumes, anonymous ones, and directories of the host that hold data.
    pub volumes: IndexMap<String, Volume>,
    /// What services are joined to.
    pub networks: IndexMap<String, Network>,
    /// Who may reach whom; `None`: everybody.
    pub isolation: Option<Traced<Isolation>>,
    /// Files handed to services that hold no secret: top-level configs and mounted configuration files.
    pub configs: IndexMap<String, Blob>,
    /// Files handed to services that are secret.
    pub secrets: IndexMap<String, Blob>,
    /// Names that lead to servers outside, which stand in the places of services.
    pub outside: IndexMap<String, Outside>,
    /// How it is reached from outside.
    pub exposure: Exposure,
    /// Services behind profiles that are not active.
    pub left_out: Vec<LeftOut>,
    /// What the user said of all objects.
    pub said: Option<Box<Said>>,
}

/// Why a service that works for the container engine is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helper {
    /// Whether something has to be set up in its place.
    pub replaced: bool,
    /// Why, a sentence without its full stop.
    pub because: String,
    /// What does its work instead, or what to do.
    pub instead: String,
}

/// A service that is not part of this run.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// Its name.
    pub service: String,
    /// Other names it would answer to.
    pub names: Vec<String>,
    /// The profiles that would bring it in.
    pub profiles: Vec<String>,
    /// Why it has no place here, where that is the reason.
    pub helper: Option<Helper>,
    /// Where it is written.
    pub origin: Origin,
}
