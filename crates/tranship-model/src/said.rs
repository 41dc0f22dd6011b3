//! What the user said outright of the objects that a part of the application becomes; it wins over everything inferred.
//!
//! What has a place in the model stands there, with [`BY`] as the rule that chose it. What only the platform knows is
//! carried here: paths and values are the platform's own words, which the model compares and does not understand.

use tranship_source::yaml::Node;

use crate::origin::{Origin, Traced};

/// The rule of everything the user said: it names a decision that nothing overrules.
pub const BY: &str = "override";

/// What was said of one part of the application.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// What its object is called.
    pub name: Option<Traced<String>>,
    /// Fields of its objects, in the order they are put in: later ones win.
    pub fields: Vec<Field>,
    /// Passes that are switched on or off for it, by name.
    pub passes: Vec<(String, Traced<bool>)>,
}

/// A value for a field of an object.
#[derive(Clone, Debug)]
pub struct Field {
    /// Where it is written.
    pub origin: Origin,
    /// Which object or part of one has the field.
    pub on: On,
    /// The way to the field from there; empty for the part itself.
    pub path: Vec<String>,
    /// What is put there. Mappings are merged with what is there, lists of named things by name, and null takes away.
    pub value: Node,
}

/// Fields are equal as values: where they came from does not count.
impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        (&self.on, &self.path, &self.value) == (&other.on, &other.path, &other.value)
    }
}

/// Which object, or part of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum On {
    /// What runs the pods of a service.
    Workload,
    /// The template of its pods.
    Pod,
    /// The service's own container.
    Container,
    /// What others reach a service by.
    Front,
    /// The claim of a volume.
    Claim,
    /// The object of a config or a secret.
    Blob,
    /// An object by kind and name, as `Deployment/web`; of a service's own objects the kind alone.
    Object(String),
    /// Every object of a kind; `*` for all kinds.
    Every(String),
}

impl On {
    /// The word for it in a path of the model's tree.
    pub fn word(&self) -> String {
        match self {
            Self::Workload => "workload".to_owned(),
            Self::Pod => "pod".to_owned(),
            Self::Container => "container".to_owned(),
            Self::Front => "service".to_owned(),
            Self::Claim => "claim".to_owned(),
            Self::Blob => "object".to_owned(),
            Self::Object(name) => name.clone(),
            Self::Every(kind) => format!("every {kind}"),
        }
    }
}

/// A value the user chose, with the words of the report: `text` is what was written, such as `workload: daemonset`.
pub fn chosen<T>(value: T, text: &str, from: &Origin) -> Traced<T> {
    Traced::new(value, chosen_origin(text, from))
}

/// The origin of what the user chose.
pub fn chosen_origin(text: &str, from: &Origin) -> Origin {
    Origin::Decided { by: BY, because: format!("you said so: `{text}`"), from: from.leaves().to_vec() }
}

/// Whether the user chose it.
pub fn is_chosen(origin: &Origin) -> bool {
    matches!(origin, Origin::Decided { by, .. } if *by == BY)
}
