//! What the user chooses of the way in from outside.

use tranship_kube::cluster::Profile;
use tranship_model::{Tls, Traced, Way};

/// What the user chose of the way in from outside; what is absent is decided.
#[derive(Clone, Debug, Default)]
pub struct Expose {
    /// By what the app is reached; `Some(None)`: by nothing.
    pub way: Option<Traced<Option<Way>>>,
    /// Names it is reached under, of a service or of the front door.
    pub hosts: Vec<(Option<String>, Traced<String>)>,
    /// The domain below which services get names.
    pub domain: Option<Traced<String>>,
    /// The class of the controller that serves it.
    pub class: Option<Traced<String>>,
    /// Where certificates come from.
    pub tls: Option<Traced<Tls>>,
    /// Ports of every node, by service.
    pub node_ports: Vec<(String, Traced<u16>)>,
    /// Services that are reached, or not, whatever they are.
    pub entries: Vec<(String, Traced<bool>)>,
    /// The kind of cluster.
    pub cluster: &'static Profile,
}
