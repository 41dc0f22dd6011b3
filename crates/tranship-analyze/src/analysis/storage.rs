//! What is kept where: every volume with its users, its claim, and how its data can be taken along.

use serde::Serialize;
use tranship_model::catalog::{self, DumpMethod};
use tranship_model::{MountSource, Service};
use tranship_source::yaml::Node;

use super::Facts;
use super::service::class;
use crate::place::Place;

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StorageRow {
    /// Its name.
    pub name: String,
    /// `volume`, `folder of the machine`, or `there already`.
    pub kind: &'static str,
    /// Who mounts it.
    pub uses: Vec<Use>,
    /// What for.
    pub class: &'static str,
    /// The claim it becomes; empty where it becomes none.
    pub claim: String,
    /// Its size.
    pub size: String,
    /// How its data leaves it.
    pub leaves_by: String,
    /// Where it is written.
    pub place: Option<Place>,
}

/// A mount of a volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Use {
    /// The service.
    pub service: String,
    /// Where in its container.
    pub target: String,
    /// Whether it only reads.
    pub read_only: bool,
}

/// Every volume of the project.
pub(super) fn rows(facts: &Facts<'_>) -> Vec<StorageRow> {
    let row = |(key, volume): (&String, &tranship_model::Volume)| {
        let mounts = facts.stack.services.values().flat_map(|service| service.mounts.iter().map(move |m| (service, m)));
        let of_it =
            mounts.filter(|(_, mount)| matches!(&mount.source, MountSource::Volume { volume, .. } if volume == key));
        let users: Vec<_> = of_it.collect();
        let (claim, size) = claim(facts, key);
        StorageRow {
            name: key.clone(),
            kind: match (&volume.external, &volume.host_path) {
                (Some(external), _) if external.value => "there already",
                (_, Some(_)) => "folder of the machine",
                _ => "volume",
            },
            class: users.first().map_or("data", |(_, mount)| class(mount.class.value)),
            leaves_by: users.iter().find_map(|(service, _)| dump(service)).unwrap_or("a copy of its files").to_owned(),
            uses: users
                .iter()
                .map(|(service, mount)| Use {
                    service: service.name.clone(),
                    target: mount.target.clone(),
                    read_only: mount.read_only,
                })
                .collect(),
            claim,
            size,
            place: facts.places.of(volume.origin.span()),
        }
    };
    facts.stack.volumes.iter().map(row).collect()
}

/// The claim of a volume and its size: an object of its own, or a template of a StatefulSet.
fn claim(facts: &Facts<'_>, volume: &str) -> (String, String) {
    let Some(name) = facts.claims.get(volume) else { return (String::new(), String::new()) };
    let size = |tree: &Node| {
        let size = tree.at(&["spec", "resources", "requests", "storage"]).and_then(Node::as_str);
        size.unwrap_or_default().to_owned()
    };
    if let Some(object) = facts.objects.find("PersistentVolumeClaim", name) {
        return (object.label(), size(&object.tree));
    }
    let templates = facts.objects.iter().filter_map(|object| {
        let templates = object.get(&["spec", "volumeClaimTemplates"]).and_then(Node::as_seq)?;
        let own = templates.iter().find(|one| one.at(&["metadata", "name"]).and_then(Node::as_str) == Some(name))?;
        Some((object.label(), size(own)))
    });
    templates.into_iter().next().unwrap_or_default()
}

/// How a product's data leaves it, in words.
pub(crate) fn dump(service: &Service) -> Option<&'static str> {
    let product = service.product.as_ref().and_then(|product| catalog::by_name(&product.value))?;
    Some(match product.dump.as_ref()?.method {
        DumpMethod::PgDump => "pg_dump",
        DumpMethod::Mysqldump => "mysqldump",
        DumpMethod::Mongodump => "mongodump",
        DumpMethod::Rdb => "an RDB snapshot",
        DumpMethod::Definitions => "an export of its definitions; messages stay behind",
        DumpMethod::S3 => "a copy object by object",
        DumpMethod::Api => "its own snapshot call",
        DumpMethod::Volume => "a copy of its files while it is stopped",
    })
}
