//! Secrets as SOPS keeps them in YAML: the values encrypted one by one, the key of the file encrypted to each recipient.
//!
//! Format: SOPS 3.x, store `yaml`, AES-256-GCM. Everything below `data` and `stringData` is encrypted; the message
//! authentication code covers every value, so that a change of a plain one is seen as well.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{Context, SHA512};
use ring::rand::{SecureRandom, SystemRandom};
use tranship_source::yaml::{Map, Node, Value};

use crate::Fault;
use crate::age::{self, Recipient};

/// The keys at the top of a Secret whose values are encrypted.
pub const ENCRYPTED: [&str; 2] = ["data", "stringData"];
/// The release of SOPS whose format this is.
const VERSION: &str = "3.10.2";

/// Seconds since 1970 as RFC 3339 in UTC.
pub fn time(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days of the proleptic Gregorian calendar, counted from the first of March of the year 0, when leap days come last.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + era * 400 + later;
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// A Secret's tree with its values encrypted. `now` is the time of the change, as RFC 3339 in UTC with whole seconds.
pub fn encrypt(secret: &Node, recipients: &[Recipient], now: &str) -> Result<Node, Fault> {
    let random = SystemRandom::new();
    let mut key = [0_u8; 32];
    random.fill(&mut key).map_err(|_| Fault::Cipher)?;
    let cipher =
        Cipher { key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).map_err(|_| Fault::Cipher)?), random };
    let mut mac = Context::new(&SHA512);
    let mut out = secret.clone();
    for (step, value) in out.as_map_mut().into_iter().flatten() {
        let hidden = ENCRYPTED.contains(&step.text.as_str());
        walk(value, &format!("{}:", step.text), hidden.then_some(&cipher), &mut mac)?;
    }
    let mut hash = String::new();
    for byte in mac.finish().as_ref() {
        _ = write!(hash, "{byte:02X}");
    }
    let mut keys = Vec::new();
    for recipient in recipients {
        let enc = age::encrypt(recipient, &key)?;
        keys.push(Node::from([("recipient", recipient.as_str().into()), ("enc", enc.into())]));
    }
    let sops = Node::from([
        ("age", Node::from(keys)),
        ("lastmodified", now.into()),
        ("mac", cipher.text(&hash, now, "str")?.into()),
        ("encrypted_regex", format!("^({})$", ENCRYPTED.join("|")).into()),
        ("version", VERSION.into()),
    ]);
    if let Some(map) = out.as_map_mut() {
        map.insert("sops".into(), sops);
    }
    Ok(out)
}

/// Every value in order: into the code that covers them all, and encrypted where they are secret.
fn walk(node: &mut Node, path: &str, cipher: Option<&Cipher>, mac: &mut Context) -> Result<(), Fault> {
    let (plain, kind) = match &mut node.value {
        Value::Mapping(map) => return below(map, path, cipher, mac),
        // The path of a list's item is that of the list.
        Value::Sequence(items) => return items.iter_mut().try_for_each(|item| walk(item, path, cipher, mac)),
        Value::Null => return Ok(()),
        Value::Bool(truth) => ((if *truth { "True" } else { "False" }).to_owned(), "bool"),
        Value::Int(number) => (number.to_string(), "int"),
        Value::Float(number) => (number.to_string(), "float"),
        Value::String(text) => (text.clone(), "str"),
    };
    mac.update(plain.as_bytes());
    if let Some(cipher) = cipher.filter(|_| !plain.is_empty()) {
        *node = Node::from(cipher.text(&plain, path, kind)?);
    }
    Ok(())
}

fn below(map: &mut Map, path: &str, cipher: Option<&Cipher>, mac: &mut Context) -> Result<(), Fault> {
    map.iter_mut().try_for_each(|(step, node)| walk(node, &format!("{path}{}:", step.text), cipher, mac))
}

struct Cipher {
    key: LessSafeKey,
    random: SystemRandom,
}

impl Cipher {
    /// A value as SOPS writes it. `path` is what the value is bound to, so that it cannot be moved.
    fn text(&self, plain: &str, path: &str, kind: &str) -> Result<String, Fault> {
        let mut iv = [0_u8; 12];
        self.random.fill(&mut iv).map_err(|_| Fault::Cipher)?;
        let mut data = plain.as_bytes().to_vec();
        let nonce = Nonce::assume_unique_for_key(iv);
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, Aad::from(path.as_bytes()), &mut data)
            .map_err(|_| Fault::Cipher)?;
        let [data, iv, tag] = [&*data, &iv, tag.as_ref()].map(|bytes| STANDARD.encode(bytes));
        Ok(format!("ENC[AES256_GCM,data:{data},iv:{iv},tag:{tag},type:{kind}]"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_798_761_599, "2026-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(time(seconds), text);
        }
    }

    #[test]
    fn values_of_a_secret_are_hidden_and_nothing_else() {
        let to = Recipient::parse("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p").unwrap();
        let secret = Node::from([
            ("kind", "Secret".into()),
            ("stringData", Node::from([("PASSWORD", "hunter2".into()), ("EMPTY", "".into())])),
        ]);
        let sealed = encrypt(&secret, &[to], "2026-01-02T03:04:05Z").unwrap();
        let text = tranship_source::yaml::write(&sealed);
        assert!(!text.contains("hunter2") && text.contains("kind: Secret"), "{text}");
        assert!(text.contains("PASSWORD: ENC[AES256_GCM,data:") && text.contains("EMPTY: \"\""), "{text}");
        assert!(text.contains("encrypted_regex: ^(data|stringData)$"), "{text}");
    }
}
