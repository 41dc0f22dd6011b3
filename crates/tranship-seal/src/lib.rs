//! Encrypts Secrets so that they may be committed: SOPS with age, and Sealed Secrets.
//!
//! Encryption takes fresh randomness each time, so that this crate alone gives other bytes on every run; whoever writes a
//! tree keeps what was sealed before as long as what is in it is the same. Nothing here decrypts, reads files or prints.
//! The primitives are ring's and rsa's; what is written here is the framing of three published formats: age
//! (age-encryption.org/v1, X25519 recipients), SOPS (its YAML store) and Sealed Secrets (`HybridEncrypt`). A whole age
//! library would bring twice as many crates as the rest of the program has.

pub mod age;
pub mod sealed;
pub mod sops;

/// Why something cannot be sealed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Fault {
    /// What was given as a recipient is none.
    #[error("`{0}` is no age recipient: one begins with `age1` and has 62 characters, as `age-keygen -y` prints it")]
    Recipient(String),
    /// What was given as a certificate is none.
    #[error("it is no certificate with an RSA key: fetch the controller's with `kubeseal --fetch-cert`")]
    Certificate,
    /// The machine gave no randomness, or a value is too large for a cipher.
    #[error("the value could not be encrypted")]
    Cipher,
}

/// Fresh randomness for keyed hashes of what was sealed.
pub fn salt() -> Result<[u8; 32], Fault> {
    use ring::rand::SecureRandom;
    let mut salt = [0; 32];
    ring::rand::SystemRandom::new().fill(&mut salt).map_err(|_| Fault::Cipher)?;
    Ok(salt)
}
