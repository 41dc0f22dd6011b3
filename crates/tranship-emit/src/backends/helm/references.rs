//! Secrets and claims by their names: where the chart's values say what they are called, and every place that names one.

use tranship_kube::Object;
use tranship_source::yaml::Node;

use super::chart::{Chart, holds_secret};
use super::tree::{Piece, Tree};
use super::values::{Shape, key, literal, path};

impl Chart<'_> {
    /// Finds where values of each Secret and claim are said: with the service they belong to, else for all.
    pub(super) fn find_homes(&mut self) {
        let bundle = self.bundle;
        let mut asked: Vec<&str> = bundle.secrets.asked_for().collect();
        for object in bundle.objects {
            match object.kind() {
                "Secret" if holds_secret(object) => {
                    let home = self.home_of_secret(object);
                    self.own_secrets.insert(object.name().to_owned());
                    self.homes.insert(object.name().to_owned(), home);
                }
                "Secret" | "SealedSecret" => asked.push(object.name()),
                "PersistentVolumeClaim" => {
                    let home = self.home_of_claim(object);
                    self.claims.insert(object.name().to_owned(), home);
                }
                _ => {}
            }
        }
        for name in asked {
            let home = vec!["global".to_owned(), "secrets".to_owned(), key(name)];
            let group = self.values.group("global", "").group("secrets", SECRETS).group(&key(name), "");
            let about = format!("Name of the Secret that takes the place of `{name}`");
            group.add("existingSecret", name, Shape::Text, about);
            self.homes.insert(name.to_owned(), home);
        }
    }

    /// A service has one Secret of its own; every other is for all.
    fn home_of_secret(&mut self, object: &Object) -> Vec<String> {
        let about = "Name of a Secret that is there already, with the same keys; then none is made";
        let owner =
            self.key_of(object).filter(|owner| !self.homes.values().any(|home| home == std::slice::from_ref(owner)));
        match owner {
            Some(owner) => {
                self.service(&owner).add("existingSecret", "", Shape::Text, about);
                vec![owner]
            }
            None => {
                let key = key(object.name());
                let group = self.values.group("global", "").group("secrets", SECRETS).group(&key, "");
                group.add("existingSecret", "", Shape::Text, about);
                vec!["global".to_owned(), "secrets".to_owned(), key]
            }
        }
    }

    /// A claim's values are with the first service that mounts it.
    fn home_of_claim(&mut self, object: &Object) -> Vec<String> {
        let bundle = self.bundle;
        let mounts = |other: &&Object| {
            let volumes = pod(other).and_then(|pod| pod.get("volumes")).map(Node::as_items).unwrap_or_default();
            volumes.iter().any(|volume| {
                volume.at(&["persistentVolumeClaim", "claimName"]).and_then(Node::as_str) == Some(object.name())
            })
        };
        let owner = bundle.objects.iter().find(mounts).and_then(|other| self.key_of(other));
        vec![owner.unwrap_or_else(|| "global".to_owned()), "persistence".to_owned(), key(object.name())]
    }

    /// Puts into every place that names a Secret or a claim the name that the values say.
    pub(super) fn refer(&self, tree: &mut Tree) {
        match tree {
            Tree::List(_) => tree.items_mut().for_each(|item| self.refer(item)),
            Tree::Map(entries) => {
                for entry in entries {
                    let field = match entry.key.as_str() {
                        "secret" if entry.value.get("secretName").is_some() => "secretName",
                        "secretKeyRef" | "secretRef" | "secret" => "name",
                        "persistentVolumeClaim" => "claimName",
                        _ => {
                            self.refer(&mut entry.value);
                            continue;
                        }
                    };
                    let Some(name) = entry.value.at_mut(&[field]) else { continue };
                    let said = bare(name).and_then(|bare| match field {
                        "claimName" => self.claim_name(&bare),
                        _ => self.secret_name(&bare),
                    });
                    if let Some(said) = said {
                        *name = Tree::Expression(said);
                    }
                }
            }
            _ => {}
        }
    }

    fn secret_name(&self, name: &str) -> Option<String> {
        let home = self.homes.get(name)?;
        let said = at(home, "existingSecret");
        Some(if self.own_secrets.contains(name) { self.or_own(&said, name) } else { format!("{said} | quote") })
    }

    fn claim_name(&self, name: &str) -> Option<String> {
        Some(self.or_own(&at(self.claims.get(name)?, "existingClaim"), name))
    }

    /// A name the user gives, else that of the chart's own object.
    fn or_own(&self, said: &str, name: &str) -> String {
        format!("{said} | default (printf \"%s%s\" ({}) {})", self.helper("prefix"), literal(name))
    }
}

const SECRETS: &str = "Secrets of more than one service, and such as are there already";

/// The expression of a value below a home.
pub(super) fn at(home: &[String], key: &str) -> String {
    let keys: Vec<&str> = home.iter().map(String::as_str).chain([key]).collect();
    path(&keys)
}

/// A name without what the release puts before it.
fn bare(tree: &Tree) -> Option<String> {
    let Tree::Text(pieces) = tree else { return None };
    Some(
        pieces
            .iter()
            .filter_map(|piece| if let Piece::Words(words) = piece { Some(words.as_str()) } else { None })
            .collect(),
    )
}

/// The spec of the pods of a workload.
pub(super) fn pod(object: &Object) -> Option<&Node> {
    object
        .get(&["spec", "template", "spec"])
        .or_else(|| object.get(&["spec", "jobTemplate", "spec", "template", "spec"]))
}
