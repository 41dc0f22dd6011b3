//! Credentials: which service has which, where it is written, how it was told, and where it stands afterwards.

use std::collections::BTreeMap;

use serde::Serialize;
use tranship_model::{EnvValue, MountSource};

use super::Facts;
use crate::place::Place;

/// A credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecretRow {
    /// The variable or the file.
    pub name: String,
    /// `variable` or `file`.
    pub form: &'static str,
    /// Who gets it.
    pub services: Vec<String>,
    /// How it is known to be one.
    pub because: String,
    /// Where it is written.
    pub place: Option<Place>,
}

/// Every credential, by name in the order of the project; one that several services get from one line is one row.
pub(crate) fn rows(facts: &Facts<'_>) -> Vec<SecretRow> {
    let mut out: Vec<SecretRow> = Vec::new();
    let mut known: BTreeMap<(String, Option<Place>), usize> = BTreeMap::new();
    let mut add = |row: SecretRow, service: &str| {
        let at = *known.entry((row.name.clone(), row.place.clone())).or_insert_with(|| {
            out.push(row);
            out.len() - 1
        });
        if let Some(row) = out.get_mut(at).filter(|row| !row.services.iter().any(|known| known == service)) {
            row.services.push(service.to_owned());
        }
    };
    for service in facts.stack.services.values() {
        for variable in &service.env {
            let because = match &variable.value.value {
                EnvValue::Secret { because, value: _ } => because.clone(),
                EnvValue::Elsewhere { secret, key } => format!("it stands in the Secret `{secret}` under `{key}`"),
                EnvValue::Plain(_) | EnvValue::Unset => continue,
            };
            let place = facts.places.of(variable.value.span());
            let name = variable.name.clone();
            add(SecretRow { name, form: "variable", services: Vec::new(), because, place }, &service.name);
        }
        for mount in &service.mounts {
            let MountSource::Secret(blob) = &mount.source else { continue };
            let because = match &mount.class.origin {
                tranship_model::Origin::Decided { because, .. } => because.clone(),
                tranship_model::Origin::From(_) => "it is a secret of the project".to_owned(),
            };
            let place = facts.places.of(mount.origin.span());
            add(
                SecretRow { name: blob.blob.clone(), form: "file", services: Vec::new(), because, place },
                &service.name,
            );
        }
    }
    out
}
