//! The resolved project as structs: one field for each key of the Compose specification.
//!
//! [`read`] decodes the canonical tree. Every value knows its path and place. A key that no struct has, or a value of a
//! shape that no field takes, is a [`Gap`]: a fault of this tool, reported and never swallowed. Nothing is checked or
//! decided here; the loader refused what is wrong before. Start reading at [`Project`], then [`service::Service`].

mod build;
mod decode;
mod deploy;
mod leaves;
mod resource;
mod scalar;
mod section;
mod service;

pub use build::{Build, Develop, Trigger};
pub use decode::{Extension, Gap, Nullable, Pair, Pairs, Reading};
pub use deploy::{
    Deploy, DeviceRequest, DiscreteResource, GenericResource, Limits, Placement, Preference, Resources, RestartPolicy,
    Update,
};
pub use leaves::leaves;
pub use resource::{FileObject, Ipam, IpamPool, Model, Network, Volume};
pub(crate) use scalar::text as scalar_text;
pub use scalar::{Any, Argv, Bytes, Mode, bytes, duration};
pub use service::{
    Attachment, BindOptions, Blkio, CredentialSpec, Dependency, DeviceMapping, EnvFile, FileReference, Healthcheck,
    Hook, ImageOptions, Logging, ModelBinding, Mount, Port, Provider, Service, Throttle, TmpfsOptions, Ulimit,
    UlimitPair, VolumeOptions, WeightDevice,
};

use tranship_model::Traced;
use tranship_source::yaml::Node;

use decode::Decode;
use section::section;

section! {
    /// A whole project.
    Project {
        name "name": Option<Traced<String>>,
        services "services": Pairs<Box<Service>>,
        networks "networks": Pairs<Network>,
        volumes "volumes": Pairs<Volume>,
        configs "configs": Pairs<FileObject>,
        secrets "secrets": Pairs<FileObject>,
        models "models": Pairs<Model>,
    }
}

/// Decodes a canonical tree.
pub fn read(tree: &Node) -> Reading<Project> {
    let mut decoder = decode::Decoder::default();
    let value = Project::decode(tree, "", &mut decoder);
    decoder.finish(value)
}

#[cfg(test)]
mod tests;
