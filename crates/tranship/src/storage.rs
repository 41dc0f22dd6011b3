//! What the user chooses of storage, and what the kind of cluster brings: classes and sizes of claims.
//!
//! A flag counts more than what the project says in `x-tranship`, and that more than what the kind of cluster brings.

use std::collections::BTreeSet;

use clap::Args;
use tranship_kube::check::nearest;
use tranship_kube::cluster::Profile;
use tranship_model::said::{self, Field, On};
use tranship_model::{MountSource, Origin, Stack, Volume};
use tranship_source::Diagnostic;
use tranship_source::yaml::Node;

/// Flags of storage.
#[derive(Clone, Debug, Default, Args)]
pub struct StorageFlags {
    /// Storage class of every claim [default: that of the kind of cluster, else the cluster's default]
    #[arg(long, value_name = "CLASS")]
    pub storage_class: Option<String>,
    /// Size of a volume's claim; may be given several times [default: 10Gi for databases, queues and object stores, 1Gi
    /// otherwise]
    #[arg(long = "volume-size", value_name = "VOLUME=SIZE", value_parser = size)]
    pub sizes: Vec<(String, String)>,
}

const CLASS: &[&str] = &["spec", "storageClassName"];
const SIZE: &[&str] = &["spec", "resources", "requests", "storage"];

impl StorageFlags {
    /// Puts classes and sizes into what is said of the volumes that get claims.
    ///
    /// Errors: `option-volume-size`.
    pub fn put(&self, stack: &mut Stack, cluster: &Profile, faults: &mut Vec<Diagnostic>) {
        if self.storage_class.is_none() && self.sizes.is_empty() && cluster.storage_class.is_none() {
            return;
        }
        let mounted: BTreeSet<String> =
            stack.services.values().flat_map(|service| &service.mounts).filter_map(volume_of).collect();
        for (name, volume) in stack.volumes.iter_mut().filter(|(name, _)| mounted.contains(*name)) {
            if volume.external.as_ref().is_some_and(|external| external.value) || is_share(volume) {
                continue;
            }
            match (&self.storage_class, cluster.storage_class) {
                (Some(class), _) => say(volume, CLASS, class, &format!("--storage-class {class}")),
                (None, Some(class)) if !says(volume, CLASS) => {
                    let because = format!("it is the storage class of {}", cluster.title);
                    add(volume, CLASS, class, Origin::decided("cluster", because));
                }
                _ => {}
            }
            if let Some((_, size)) = self.sizes.iter().rev().find(|(wanted, _)| wanted == name) {
                say(volume, SIZE, size, &format!("--volume-size {name}={size}"));
            }
        }
        for (name, _) in self.sizes.iter().filter(|(name, _)| !mounted.contains(name)) {
            let known = mounted.iter().map(String::as_str);
            let help = match nearest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the volumes are {}", mounted.iter().cloned().collect::<Vec<_>>().join(", ")),
            };
            faults.push(
                Diagnostic::error("option-volume-size", format!("no service mounts a volume `{name}`")).help(help),
            );
        }
    }
}

fn volume_of(mount: &tranship_model::Mount) -> Option<String> {
    match &mount.source {
        MountSource::Volume { volume, .. } => Some(volume.clone()),
        _ => None,
    }
}

/// Whether a volume is a share of a server, which has no claim.
fn is_share(volume: &Volume) -> bool {
    volume.driver_opts.iter().any(|(key, value)| key == "type" && value.value.starts_with("nfs"))
}

fn says(volume: &Volume, path: &[&str]) -> bool {
    volume.said.as_ref().is_some_and(|said| said.fields.iter().any(|field| field.path == path))
}

/// A flag takes the place of what the project says.
fn say(volume: &mut Volume, path: &[&str], value: &str, words: &str) {
    if let Some(said) = &mut volume.said {
        said.fields.retain(|field| field.path != path);
    }
    add(volume, path, value, said::chosen_origin(words, &Origin::From(Vec::new())));
}

fn add(volume: &mut Volume, path: &[&str], value: &str, origin: Origin) {
    let path = path.iter().map(|&step| step.to_owned()).collect();
    volume.said.get_or_insert_default().fields.push(Field { origin, on: On::Claim, path, value: Node::from(value) });
}

/// A volume and a size as Kubernetes writes it.
fn size(text: &str) -> Result<(String, String), String> {
    let wrong = || "write `VOLUME=SIZE`, such as `data=20Gi`".to_owned();
    let (name, size) = text.split_once('=').ok_or_else(wrong)?;
    let unit = size.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number: f64 = size.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    let units = ["", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    if name.is_empty() || !units.contains(&unit) || number <= 0.0 {
        return Err(wrong());
    }
    Ok((name.to_owned(), size.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_or_refused() {
        assert_eq!(size("data=20Gi"), Ok(("data".to_owned(), "20Gi".to_owned())));
        assert_eq!(size("data=1.5Ti"), Ok(("data".to_owned(), "1.5Ti".to_owned())));
        for text in ["data", "data=", "=1Gi", "data=1GB", "data=0", "data=-1Gi", "data=Gi"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
