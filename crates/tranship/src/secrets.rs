//! The form in which Secrets are handed over: as files, encrypted, fetched from a store, or not at all.
//!
//! What was encrypted by an earlier run stays as it is for as long as what is in it is the same, since the same text
//! encrypted again gives other bytes. How that is known stands in `.tranship/sealed.json`, which is private.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use tranship_emit::backends::secrets::{Handed, SEALED};
use tranship_kube::secrets::{Provider, Store, take};
use tranship_kube::{Object, ObjectSet};
use tranship_seal::age::Recipient;
use tranship_seal::sealed::Certificate;
use tranship_seal::sops;
use tranship_source::{Sources, Span, World};

/// Flags of every command that makes objects.
#[derive(Clone, Debug, Default, Args)]
pub struct SecretFlags {
    /// How Secrets are handed over
    #[arg(long = "secrets", value_enum, value_name = "FORM", default_value_t)]
    form: Form,
    /// Who may decrypt with `--secrets sops`, as `age-keygen -y` prints it; may be given several times
    /// [default: SOPS_AGE_RECIPIENTS]
    #[arg(long = "age-recipient", value_name = "AGE1…")]
    recipients: Vec<String>,
    /// The controller's certificate for `--secrets sealed`, as `kubeseal --fetch-cert` prints it
    #[arg(long = "sealed-secrets-cert", value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Where `--secrets external` and `vault` fetch values: the name of a SecretStore that is there, or
    /// `ClusterSecretStore/NAME`, or one to be written: `aws:REGION`, `gcp:PROJECT`, `azure:URL`, `vault:URL`
    #[arg(long = "secret-store", value_name = "STORE")]
    store: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// As they are, in DIR/secrets, which Git ignores
    #[default]
    Files,
    /// Encrypted with SOPS to age recipients, in DIR/secrets
    Sops,
    /// As SealedSecrets, which the controller in the cluster alone can open
    Sealed,
    /// Fetched by the External Secrets operator from a store
    External,
    /// Fetched by the External Secrets operator from a Vault
    Vault,
    /// Not written: they are in the cluster already
    Existing,
}

/// What is to be done with Secrets.
#[derive(Debug)]
pub enum Plan {
    /// They are written as they are.
    Files,
    /// They are there already.
    Existing,
    /// They are fetched from a store.
    Fetched(Store),
    /// They are encrypted to age recipients.
    Sops(Vec<Recipient>),
    /// They are encrypted to a controller.
    Sealed(Box<Certificate>, Vec<u8>),
}

impl SecretFlags {
    /// What the flags come to; an error where they contradict each other or something is missing.
    pub fn plan(&self, world: &dyn World) -> anyhow::Result<Plan> {
        let Self { form, recipients, certificate, store } = self;
        let belongs = |flag: &str, given: bool, forms: &[Form]| {
            if given && !forms.contains(form) {
                bail!("`{flag}` does not fit `--secrets {}`; leave one of them out", form.word());
            }
            Ok(())
        };
        belongs("--age-recipient", !recipients.is_empty(), &[Form::Sops])?;
        belongs("--sealed-secrets-cert", certificate.is_some(), &[Form::Sealed])?;
        belongs("--secret-store", store.is_some(), &[Form::External, Form::Vault])?;
        Ok(match form {
            Form::Files => Plan::Files,
            Form::Existing => Plan::Existing,
            Form::External => {
                let Some(store) = store else {
                    bail!("`--secrets external` fetches values from a store: name it with `--secret-store`");
                };
                Plan::Fetched(read_store(store)?)
            }
            Form::Vault => {
                let Some(url) = store else {
                    bail!("`--secrets vault` fetches values from a Vault: give its URL, `--secret-store https://…`");
                };
                let url = url.strip_prefix("vault:").unwrap_or(url);
                if !url.starts_with("http://") && !url.starts_with("https://") {
                    bail!("`{url}` is no URL of a Vault: one begins with `https://`");
                }
                Plan::Fetched(own_store(Provider::Vault(url.to_owned())))
            }
            Form::Sops => {
                let from_env = || world.env().get("SOPS_AGE_RECIPIENTS").map(String::as_str).unwrap_or_default();
                let all: Vec<&str> = if recipients.is_empty() {
                    from_env().split(',').map(str::trim).filter(|text| !text.is_empty()).collect()
                } else {
                    recipients.iter().map(String::as_str).collect()
                };
                if all.is_empty() {
                    bail!(
                        "`--secrets sops` encrypts to age recipients and there is none: give `--age-recipient AGE1…`, or \
                         set SOPS_AGE_RECIPIENTS; `age-keygen -o key.txt` makes a key and prints its recipient"
                    );
                }
                Plan::Sops(all.into_iter().map(Recipient::parse).collect::<Result<_, _>>()?)
            }
            Form::Sealed => {
                let Some(path) = certificate else {
                    bail!(
                        "`--secrets sealed` encrypts to the key of the cluster's controller: give its certificate with \
                         `--sealed-secrets-cert FILE`; `kubeseal --fetch-cert` prints it"
                    );
                };
                let shown = path.display();
                let pem = world.read(path).with_context(|| format!("cannot read the certificate {shown}"))?;
                let certificate = Certificate::parse(&pem).with_context(|| format!("cannot use {shown}"))?;
                Plan::Sealed(Box::new(certificate), pem)
            }
        })
    }
}

impl Form {
    fn word(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// The store of a flag.
fn read_store(text: &str) -> anyhow::Result<Store> {
    let provider = match text.split_once(':') {
        Some(("aws", region)) => Provider::Aws(region.to_owned()),
        Some(("gcp", project)) => Provider::Google(project.to_owned()),
        Some(("azure", url)) => Provider::Azure(url.to_owned()),
        Some(("vault", url)) => Provider::Vault(url.to_owned()),
        Some((other, _)) => bail!("there is no store of the kind `{other}`: use `aws:`, `gcp:`, `azure:` or `vault:`"),
        None => {
            let (kind, name) = match text.split_once('/') {
                Some(("SecretStore", name)) => ("SecretStore", name),
                Some(("ClusterSecretStore", name)) => ("ClusterSecretStore", name),
                Some((other, _)) => bail!("`{other}` is no kind of store: use `SecretStore` or `ClusterSecretStore`"),
                None => ("SecretStore", text),
            };
            let part = |part: &str| !part.is_empty() && tranship_kube::names::label(part) == part;
            if !name.split('.').all(part) {
                bail!("`{name}` is no name of a store: small letters, digits and `-`");
            }
            return Ok(Store { kind, name: name.to_owned(), provider: None });
        }
    };
    if text.ends_with(':') {
        bail!("`{text}` says nothing after the colon: a region, a project or a URL");
    }
    Ok(own_store(provider))
}

/// A store that is written with the project.
fn own_store(provider: Provider) -> Store {
    Store { kind: "SecretStore", name: "secrets".to_owned(), provider: Some(provider) }
}

impl Plan {
    /// Whether Secrets are written as they are, so that the objects stay as they were lowered.
    pub fn is_plain(&self) -> bool {
        matches!(self, Self::Files)
    }

    /// Puts the objects of this form in the place of Secrets, but leaves those that are encrypted to [`Plan::seal`]: what
    /// takes no randomness is the same for every command.
    pub fn place(&self, set: &mut ObjectSet, project: &str) -> Handed {
        match self {
            Self::Files => Handed::files(),
            Self::Existing => Handed::existing(take(set, project, None)),
            Self::Fetched(store) => Handed::fetched(take(set, project, Some(store)), store.clone()),
            Self::Sops(_) => Handed::encrypted("sops"),
            Self::Sealed(..) => Handed::encrypted("sealed"),
        }
    }

    /// Encrypts the Secrets of a set. `out` is the directory of an earlier run, whose texts stay where their content does.
    pub fn seal(
        &self,
        set: &mut ObjectSet,
        handed: &mut Handed,
        out: Option<&Path>,
        world: &dyn World,
    ) -> anyhow::Result<()> {
        let to: Vec<u8> = match self {
            Self::Sops(recipients) => recipients.iter().flat_map(|one| one.as_str().bytes().chain([b'\n'])).collect(),
            Self::Sealed(_, pem) => pem.clone(),
            Self::Files | Self::Existing | Self::Fetched(_) => return Ok(()),
        };
        let before = out.map(|out| Before::read(out, world)).unwrap_or_default();
        let salt = before.salt.map_or_else(tranship_seal::salt, Ok)?;
        let mut files = BTreeMap::new();
        for object in set.objects.iter_mut().filter(|object| object.kind() == "Secret") {
            let plain = tranship_source::yaml::write(&object.tree);
            let mut hasher = blake3::Hasher::new_keyed(&salt);
            hasher.update(&to).update(&[0]).update(plain.as_bytes());
            let hash = hasher.finalize().to_hex().to_string();
            let (name, path) = (object.name().to_owned(), self.path(object.name()));
            let kept = (before.files.get(&name) == Some(&hash)).then(|| before.object(&path, world)).flatten();
            let place = object.get(&["metadata", "name"]).map_or(Span::NONE, |name| name.span);
            *object = match (kept, self) {
                (Some(kept), _) => Object { tree: kept.tree.unplaced().blamed_on(place) },
                (None, Self::Sealed(certificate, _)) => certificate.seal_object(object)?,
                (None, Self::Sops(recipients)) => {
                    Object { tree: sops::encrypt(&object.tree, recipients, &sops::time(world.now()))? }
                }
                (None, _) => continue,
            };
            files.insert(name, hash);
        }
        if !files.is_empty() {
            let salt = blake3::Hash::from(salt).to_hex().to_string();
            let text = serde_json::to_string_pretty(&Sealed { version: VERSION, salt, files })?;
            handed.remember(text + "\n");
        }
        Ok(())
    }

    /// Where the encrypted form of a Secret lies.
    fn path(&self, name: &str) -> String {
        match self {
            Self::Sealed(..) => format!("manifests/sealedsecret-{name}.yaml"),
            _ => format!("secrets/secret-{name}.sops.yaml"),
        }
    }
}

const VERSION: u32 = 1;

/// `sealed.json`: what was encrypted, as keyed hashes.
#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    version: u32,
    salt: String,
    files: BTreeMap<String, String>,
}

/// What an earlier run encrypted.
#[derive(Debug, Default)]
struct Before {
    out: PathBuf,
    salt: Option<[u8; 32]>,
    files: BTreeMap<String, String>,
}

impl Before {
    fn read(out: &Path, world: &dyn World) -> Self {
        let read = || {
            let bytes = world.read(&out.join(SEALED)).ok()?;
            let Sealed { version, salt, files } = serde_json::from_slice(&bytes).ok()?;
            let salt = *blake3::Hash::from_hex(salt).ok().filter(|_| version == VERSION)?.as_bytes();
            Some(Self { out: out.to_path_buf(), salt: Some(salt), files })
        };
        read().unwrap_or_default()
    }

    /// What stands in a file, where it is one object.
    fn object(&self, path: &str, world: &dyn World) -> Option<Object> {
        let text = String::from_utf8(world.read(&self.out.join(path)).ok()?).ok()?;
        let mut sources = Sources::new();
        let file = sources.add(path, text.as_str());
        let mut read = tranship_kube::read::read(file, &text);
        (read.value.len() == 1 && read.diagnostics.is_empty()).then(|| read.value.pop()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_are_read() {
        let name = |text: &str| read_store(text).map(|store| format!("{}/{}", store.kind, store.name)).ok();
        assert_eq!(name("team").as_deref(), Some("SecretStore/team"));
        assert_eq!(name("ClusterSecretStore/team").as_deref(), Some("ClusterSecretStore/team"));
        assert_eq!(name("aws:eu-central-1").as_deref(), Some("SecretStore/secrets"));
        for wrong in ["", "aws:", "oracle:x", "Secret/x", "Team A"] {
            assert_eq!(name(wrong), None, "{wrong}");
        }
    }
}
