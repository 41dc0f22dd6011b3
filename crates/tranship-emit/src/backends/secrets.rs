//! What lies beside Secrets in each form: an index for kustomize, values to be put into a store and the commands for it.

use std::fmt::Write;

use serde::Serialize;
use tranship_kube::secrets::{Provider, Store, Taken};

use crate::quote::shell;
use crate::tree::File;

/// Where it is kept what was encrypted by the last run.
pub const SEALED: &str = ".tranship/sealed.json";
/// The index of `secrets/` for `kubectl apply -k`. By this name `kubectl apply -f` passes it by.
const INDEX: &str = "secrets/Kustomization";
/// The commands that put values into a store.
const PUSH: &str = "secrets/push.sh";

/// How Secrets are handed over.
#[derive(Clone, Debug, Default)]
pub struct Handed {
    form: &'static str,
    taken: Vec<Taken>,
    store: Option<Store>,
    sealed: Option<String>,
}

/// A Secret that is not written, in the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecretRow<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its keys.
    pub keys: &'a [String],
    /// What it is made of in a store.
    pub entries: Vec<&'a str>,
}

/// How Secrets are handed over, in the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecretRows<'a> {
    /// `files`, `sops`, `sealed`, `external`, `vault` or `existing`.
    pub form: &'static str,
    /// The store, as `Kind/name`.
    pub store: Option<String>,
    /// Those that are not written.
    pub secrets: Vec<SecretRow<'a>>,
    /// Whether there is a script that puts values into the store.
    pub has_push: bool,
}

impl Handed {
    /// As files.
    pub fn files() -> Self {
        Self { form: "files", ..Self::default() }
    }

    /// Not at all, since they are there.
    pub fn existing(taken: Vec<Taken>) -> Self {
        Self { form: "existing", taken, ..Self::default() }
    }

    /// From a store.
    pub fn fetched(taken: Vec<Taken>, store: Store) -> Self {
        let form = if matches!(store.provider, Some(Provider::Vault(_))) { "vault" } else { "external" };
        Self { form, taken, store: Some(store), sealed: None }
    }

    /// Encrypted: `sops` or `sealed`.
    pub fn encrypted(form: &'static str) -> Self {
        Self { form, ..Self::default() }
    }

    /// Keeps what was encrypted, for the next run. It is private.
    pub fn remember(&mut self, sealed: String) {
        self.sealed = Some(sealed);
    }

    /// The names of Secrets that are not in the set, and are there when pods start.
    pub fn promised(&self) -> impl Iterator<Item = &str> {
        self.taken.iter().map(|taken| taken.name.as_str())
    }

    /// Those that somebody else has to see to.
    pub fn asked_for(&self) -> impl Iterator<Item = &str> {
        self.taken.iter().filter(|_| self.store.is_none()).map(|taken| taken.name.as_str())
    }

    /// What the report says.
    pub fn rows<'a>(&'a self) -> SecretRows<'a> {
        let one = |taken: &'a Taken| {
            let Taken { name, keys, entries } = taken;
            SecretRow { name, keys, entries: entries.iter().map(|entry| entry.name.as_str()).collect() }
        };
        SecretRows {
            form: self.form,
            store: self.store.as_ref().map(|store| format!("{}/{}", store.kind, store.name)),
            secrets: self.taken.iter().map(one).collect(),
            has_push: self.provider().is_some(),
        }
    }

    /// What lies beside the Secrets. `written` are the files of Secrets in `secrets/`.
    pub(crate) fn beside(&self, written: &[String]) -> Vec<(String, File)> {
        let mut out = Vec::new();
        if !written.is_empty() {
            let mut index = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n".to_owned();
            for path in written {
                _ = writeln!(index, "- {}", path.trim_start_matches("secrets/"));
            }
            // Only beside encrypted Secrets is it committed with them.
            let file = if self.form == "sops" { File::public(index) } else { File::private(index) };
            out.push((INDEX.to_owned(), file));
        }
        if let Some(sealed) = &self.sealed {
            out.push((SEALED.to_owned(), File::private(sealed.as_str())));
        }
        for entry in self.taken.iter().flat_map(|taken| &taken.entries) {
            let values: serde_json::Map<String, serde_json::Value> =
                entry.values.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect();
            let text = format!("{:#}\n", serde_json::Value::Object(values));
            out.push((values_path(&entry.name), File::private(text)));
        }
        if let Some(provider) = self.provider() {
            out.push((PUSH.to_owned(), File::private(self.push(provider))));
        }
        out
    }

    /// What values have to be put into.
    fn provider(&self) -> Option<&Provider> {
        self.store.as_ref().filter(|_| !self.taken.is_empty()).and_then(|store| store.provider.as_ref())
    }

    /// The commands that put every entry into the store.
    fn push(&self, provider: &Provider) -> String {
        let mut out = "#!/bin/sh\n# Puts the values of this folder into the store the cluster fetches them from.\n\
                       # Run it again when a value changes.\nset -eu\ncd \"$(dirname \"$0\")\"\n\n"
            .to_owned();
        for entry in self.taken.iter().flat_map(|taken| &taken.entries) {
            let (name, file) = (shell(&entry.name), shell(values_path(&entry.name).trim_start_matches("secrets/")));
            _ = match provider {
                Provider::Vault(url) => {
                    writeln!(out, "VAULT_ADDR={} vault kv put -mount=secret {name} @{file}", shell(url))
                }
                Provider::Aws(region) => writeln!(
                    out,
                    "aws secretsmanager create-secret --region {0} --name {name} --secret-string file://{file} 2>/dev/null \
                     ||\n  aws secretsmanager put-secret-value --region {0} --secret-id {name} --secret-string file://{file}",
                    shell(region)
                ),
                Provider::Google(id) => writeln!(
                    out,
                    "gcloud secrets describe --project {0} {name} >/dev/null 2>&1 ||\n  gcloud secrets create --project {0} \
                     {name} --replication-policy automatic\ngcloud secrets versions add --project {0} {name} --data-file \
                     {file}",
                    shell(id)
                ),
                Provider::Azure(url) => {
                    let vault = url.trim_start_matches("https://").split('.').next().unwrap_or_default();
                    let vault = shell(vault);
                    writeln!(
                        out,
                        "az keyvault secret set --vault-name {vault} --name {name} --file {file} --output none"
                    )
                }
            };
        }
        out
    }
}

/// Where the values of an entry lie. The name ends so that `kubectl apply -f` passes it by.
fn values_path(entry: &str) -> String {
    format!("secrets/{}.values", entry.replace('/', "-"))
}
