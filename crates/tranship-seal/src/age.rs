//! Files encrypted to age recipients of the kind X25519, as armored text (age-encryption.org/v1).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bech32::primitives::decode::CheckedHrpstring;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{agreement, hkdf, hmac};

use crate::Fault;

/// Who may decrypt: a public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    text: String,
    key: [u8; 32],
}

impl Recipient {
    /// Reads a recipient, `age1…`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let refused = || Fault::Recipient(text.to_owned());
        let checked = CheckedHrpstring::new::<bech32::Bech32>(text).map_err(|_| refused())?;
        let bytes: Vec<u8> = checked.byte_iter().collect();
        let key: [u8; 32] = bytes.try_into().map_err(|_| refused())?;
        if checked.hrp().as_str() != "age" {
            return Err(refused());
        }
        Ok(Self { text: text.to_owned(), key })
    }

    /// The recipient as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The payload is one chunk: what is encrypted here are keys.
const MOST: usize = 64 * 1024;

/// Encrypts up to 64 KiB to a recipient, as armored text.
pub fn encrypt(recipient: &Recipient, plain: &[u8]) -> Result<String, Fault> {
    if plain.len() > MOST {
        return Err(Fault::Cipher);
    }
    let random = SystemRandom::new();
    let mut file_key = [0_u8; 16];
    random.fill(&mut file_key).map_err(|_| Fault::Cipher)?;
    let mut header = b"age-encryption.org/v1\n".to_vec();
    header.extend(stanza(recipient, &file_key, &random)?.bytes());
    header.extend(b"---");
    let mac_key = hmac::Key::new(hmac::HMAC_SHA256, &derive(&[], &file_key, b"header")?);
    let mac = hmac::sign(&mac_key, &header);
    let mut out = header;
    out.extend(format!(" {}\n", STANDARD_NO_PAD.encode(mac)).bytes());
    let mut salt = [0_u8; 16];
    random.fill(&mut salt).map_err(|_| Fault::Cipher)?;
    out.extend(salt);
    // The counter of the first chunk is zero, and its last byte says that it is the last one.
    let mut nonce = [0_u8; 12];
    nonce[11] = 1;
    out.extend(seal(&derive(&salt, &file_key, b"payload")?, nonce, plain)?);
    Ok(armor(&out))
}

/// The file key wrapped for a recipient.
fn stanza(recipient: &Recipient, file_key: &[u8], random: &SystemRandom) -> Result<String, Fault> {
    let ephemeral = agreement::EphemeralPrivateKey::generate(&agreement::X25519, random).map_err(|_| Fault::Cipher)?;
    let share = ephemeral.compute_public_key().map_err(|_| Fault::Cipher)?;
    let peer = agreement::UnparsedPublicKey::new(&agreement::X25519, recipient.key);
    let salt = [share.as_ref(), &recipient.key].concat();
    let wrap =
        agreement::agree_ephemeral(ephemeral, &peer, |shared| derive(&salt, shared, b"age-encryption.org/v1/X25519"))
            .map_err(|_| Fault::Recipient(recipient.text.clone()))??;
    let body = seal(&wrap, [0; 12], file_key)?;
    Ok(format!("-> X25519 {}\n{}\n", STANDARD_NO_PAD.encode(share), STANDARD_NO_PAD.encode(body)))
}

/// HKDF with SHA-256 to a key of 32 bytes.
fn derive(salt: &[u8], secret: &[u8], info: &[u8]) -> Result<[u8; 32], Fault> {
    let mut key = [0_u8; 32];
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let info = [info];
    let expanded = extracted.expand(&info, hkdf::HKDF_SHA256).map_err(|_| Fault::Cipher)?;
    expanded.fill(&mut key).map_err(|_| Fault::Cipher)?;
    Ok(key)
}

fn seal(key: &[u8; 32], nonce: [u8; 12], plain: &[u8]) -> Result<Vec<u8>, Fault> {
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).map_err(|_| Fault::Cipher)?);
    let mut out = plain.to_vec();
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut out).map_err(|_| Fault::Cipher)?;
    Ok(out)
}

fn armor(bytes: &[u8]) -> String {
    let encoded = STANDARD.encode(bytes);
    let mut out = "-----BEGIN AGE ENCRYPTED FILE-----\n".to_owned();
    for line in encoded.as_bytes().chunks(64) {
        out.extend(line.iter().map(|byte| char::from(*byte)));
        out.push('\n');
    }
    out + "-----END AGE ENCRYPTED FILE-----\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_checked() {
        // From the format's own documentation.
        let good = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
        assert_eq!(Recipient::parse(good).unwrap().as_str(), good);
        for bad in ["", "age1", "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8q", "ssh-ed25519 AAAA"] {
            assert_eq!(Recipient::parse(bad), Err(Fault::Recipient(bad.to_owned())), "{bad}");
        }
    }

    #[test]
    fn every_file_is_encrypted_anew() {
        let to = Recipient::parse("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p").unwrap();
        let (a, b) = (encrypt(&to, b"key").unwrap(), encrypt(&to, b"key").unwrap());
        assert_ne!(a, b);
        assert!(a.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n") && a.lines().all(|line| line.len() <= 64));
        assert_eq!(encrypt(&to, &vec![0; MOST + 1]), Err(Fault::Cipher));
    }
}
