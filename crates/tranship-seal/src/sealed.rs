//! Sealed Secrets: each value encrypted to the key of the cluster's controller, which alone can open it.
//!
//! Format: bitnami-labs/sealed-secrets, `pkg/crypto`, `HybridEncrypt`: a session key under RSA-OAEP with SHA-256, whose
//! label is the namespace and the name (scope `strict`), then the value under AES-256-GCM with that key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use rsa::pkcs8::DecodePublicKey;
use rsa::sha2::Sha256;
use rsa::{Oaep, RsaPublicKey};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tranship_kube::Object;
use tranship_source::yaml::{Map, Node};
use webpki::EndEntityCert;

use crate::Fault;

/// The public key of a controller.
#[derive(Clone, Debug)]
pub struct Certificate {
    key: RsaPublicKey,
}

impl Certificate {
    /// Reads a certificate, as `kubeseal --fetch-cert` prints it.
    pub fn parse(pem: &[u8]) -> Result<Self, Fault> {
        let der = CertificateDer::from_pem_slice(pem).map_err(|_| Fault::Certificate)?;
        let certificate = EndEntityCert::try_from(&der).map_err(|_| Fault::Certificate)?;
        let info = certificate.subject_public_key_info();
        let key = RsaPublicKey::from_public_key_der(&info).map_err(|_| Fault::Certificate)?;
        Ok(Self { key })
    }

    /// One value, bound to the Secret's namespace and name.
    pub fn seal(&self, namespace: &str, name: &str, plain: &[u8]) -> Result<String, Fault> {
        let mut session = [0_u8; 32];
        SystemRandom::new().fill(&mut session).map_err(|_| Fault::Cipher)?;
        let padding = Oaep::new_with_label::<Sha256, _>(format!("{namespace}/{name}"));
        let wrapped = self.key.encrypt(&mut rsa::rand_core::OsRng, padding, &session).map_err(|_| Fault::Cipher)?;
        let length = u16::try_from(wrapped.len()).map_err(|_| Fault::Cipher)?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &session).map_err(|_| Fault::Cipher)?);
        let mut value = plain.to_vec();
        // The session key is used once, so that its nonce may be zero.
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        key.seal_in_place_append_tag(nonce, Aad::empty(), &mut value).map_err(|_| Fault::Cipher)?;
        Ok(STANDARD.encode([&length.to_be_bytes(), &*wrapped, &value].concat()))
    }

    /// The SealedSecret of a Secret.
    pub fn seal_object(&self, secret: &Object) -> Result<Object, Fault> {
        let (namespace, name) = (secret.namespace(), secret.name());
        let mut hidden = Map::default();
        for (key, value) in secret.get(&["stringData"]).and_then(Node::as_map).into_iter().flatten() {
            let text = value.as_str().unwrap_or_default();
            hidden.insert(key.clone(), self.seal(namespace, name, text.as_bytes())?.into());
        }
        for (key, value) in secret.get(&["data"]).and_then(Node::as_map).into_iter().flatten() {
            let bytes = STANDARD.decode(value.as_str().unwrap_or_default()).map_err(|_| Fault::Cipher)?;
            hidden.insert(key.clone(), self.seal(namespace, name, &bytes)?.into());
        }
        let mut out = Object::new("bitnami.com/v1alpha1", "SealedSecret", name);
        if let Some(metadata) = secret.get(&["metadata"]) {
            out.set(&["metadata"], metadata.clone());
        }
        out.set(&["spec", "encryptedData"], hidden);
        let template = [("metadata", secret.get(&["metadata"]).cloned()), ("type", secret.get(&["type"]).cloned())];
        for (field, node) in template {
            if let Some(node) = node {
                out.set(&["spec", "template", field], node);
            }
        }
        Ok(out)
    }
}
