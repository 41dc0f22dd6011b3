//! Which values of the environment carry credentials, and how that is known.

use crate::typed::duration;
use tranship_model::catalog::{CredentialKind, Product};

/// Why a variable's value is held to be a credential, a sentence; `None` when it is not.
pub(super) fn reason(name: &str, value: &str, product: Option<&Product>) -> Option<String> {
    if value.trim().is_empty() || is_switch(value) {
        return None;
    }
    if let Some(kind) = product.and_then(|product| known(product, name, value)) {
        return Some(kind);
    }
    by_value(value).or_else(|| by_name(name, value))
}

/// The catalog knows the variable. A connection string is only secret when there is a password in it.
fn known(product: &Product, name: &str, value: &str) -> Option<String> {
    let credential = product.credential(name).filter(|credential| credential.kind.is_secret())?;
    let word = credential.kind.word();
    let open = credential.kind == CredentialKind::Dsn && by_value(value).is_none();
    (!open).then(|| format!("`{name}` is a {word} of {}", product.title))
}

/// The value itself looks like a credential.
pub(super) fn by_value(value: &str) -> Option<String> {
    if value.contains("-----BEGIN ") && value.contains("PRIVATE KEY-----") {
        return Some("the value is a private key".to_owned());
    }
    if url_password(value) {
        return Some("the value is an address with a password in it".to_owned());
    }
    if keyword_password(value) {
        return Some("the value is a connection string with a password in it".to_owned());
    }
    let token = TOKEN_PREFIXES.iter().find(|prefix| value.starts_with(**prefix) && value.len() > prefix.len() + 12)?;
    Some(format!("the value begins with `{token}`, as tokens of its issuer do"))
}

/// First letters of tokens whose issuers mark them.
const TOKEN_PREFIXES: &[&str] = &[
    "AKIA",
    "AIza",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "hf_",
    "sk-",
    "sk_live_",
    "sk_test_",
    "xoxb-",
    "xoxp-",
];

/// Whether there is `scheme://user:password@` in the text.
fn url_password(value: &str) -> bool {
    value.match_indices("://").any(|(at, sign)| {
        let rest = value.get(at + sign.len()..).unwrap_or_default();
        let authority = rest.split(['/', '?', '#', ' ', '"', '\'', ',']).next().unwrap_or_default();
        let user_info = authority.rsplit_once('@').map(|(user_info, _)| user_info);
        user_info.and_then(|text| text.split_once(':')).is_some_and(|(_, password)| !password.is_empty())
    })
}

/// Whether there is `password=…` in the text, as in connection strings and `user:password@tcp(host)`.
fn keyword_password(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let go_style =
        lower.split_once("@tcp(").is_some_and(|(head, _)| head.split_once(':').is_some_and(|(_, p)| !p.is_empty()));
    go_style
        || ["password=", "pwd=", "accountkey=", "sharedaccesskey=", "requirepass "].iter().any(|keyword| {
            lower.match_indices(keyword).any(|(at, word)| {
                let before = lower.get(..at).and_then(|head| head.chars().next_back());
                let after = lower.get(at + word.len()..).and_then(|tail| tail.chars().next());
                before.is_none_or(|c| !c.is_ascii_alphanumeric()) && after.is_some_and(|c| !" ;&,\"'".contains(c))
            })
        })
}

/// Words that make a name a credential's.
const SECRET_WORDS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PASS",
    "PWD",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "CREDENTIAL",
    "CREDENTIALS",
    "APIKEY",
    "SECRETKEY",
    "ACCESSKEY",
    "PRIVATEKEY",
    "AUTHKEY",
    "PASSWORDS",
    "USERPASS",
    "ROOTPASS",
    "DBPASS",
];

/// Words that make a following `KEY` a credential's.
const KEY_WORDS: &[&str] = &[
    "API",
    "ACCESS",
    "SECRET",
    "PRIVATE",
    "ENCRYPTION",
    "ENCRYPT",
    "SIGNING",
    "SIGN",
    "AUTH",
    "MASTER",
    "LICENSE",
    "APP",
    "SESSION",
    "JWT",
    "HMAC",
    "AES",
    "SSH",
    "DEPLOY",
    "COOKIE",
    "ACCOUNT",
    "STORAGE",
    "UNSEAL",
    "FERNET",
    "SALT",
    "HASH",
];

/// Last words that say the value is about a credential and not one.
const ABOUT_WORDS: &[&str] = &[
    "FILE",
    "FILES",
    "PATH",
    "DIR",
    "DIRECTORY",
    "URL",
    "URI",
    "ENDPOINT",
    "HOST",
    "PORT",
    "NAME",
    "USER",
    "USERNAME",
    "EMAIL",
    "EXPIRY",
    "EXPIRE",
    "EXPIRES",
    "EXPIRATION",
    "TTL",
    "ENABLED",
    "ENABLE",
    "DISABLED",
    "LENGTH",
    "SIZE",
    "MIN",
    "MAX",
    "TIMEOUT",
    "ALGORITHM",
    "ALG",
    "TYPE",
    "HEADER",
    "ISSUER",
    "AUDIENCE",
    "SECONDS",
    "MINUTES",
    "HOURS",
    "DAYS",
    "LIFETIME",
    "AGE",
    "POLICY",
    "REQUIRED",
    "ROUNDS",
    "COUNT",
    "LIMIT",
    "PREFIX",
    "SUFFIX",
    "FORMAT",
    "METHOD",
    "MODE",
    "PROVIDER",
    "VERSION",
    "RESET",
    "DURATION",
    "PERIOD",
    "DELAY",
    "LOCATION",
    "KEYTAB",
    "PRINCIPAL",
    "BACKEND",
    "STORE",
    "ENCODING",
    "MANAGER",
    "VALIDATION",
    "STRENGTH",
    "INTERVAL",
    "AUTH",
    "AUTHENTICATION",
    "LOGIN",
    "CLASS",
    "SERVICE",
    "VAR",
    "ENV",
    "COLUMN",
    "FIELD",
    "SCOPE",
    "SCOPES",
    "LEVEL",
];

/// Words anywhere in a name that say the value is no credential.
const OPEN_WORDS: &[&str] = &[
    "PUBLIC",
    "ALLOW",
    "ENABLE",
    "DISABLE",
    "REQUIRE",
    "MAX",
    "MIN",
    "TOKENS",
    "RANDOM",
    "EMPTY",
    "ONETIME",
    "SKIP",
    "USE",
    "TOKENIZER",
];

/// The name says so.
fn by_name(name: &str, value: &str) -> Option<String> {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let last = words.last()?;
    let is_path = value.starts_with("/run/secrets/") || value.starts_with("file:") || duration(value).is_some();
    if is_path || ABOUT_WORDS.contains(last) || words.iter().any(|word| OPEN_WORDS.contains(word)) || name == "PWD" {
        return None;
    }
    let plain = words.iter().find(|word| SECRET_WORDS.contains(*word));
    let key = words
        .windows(2)
        .find(|pair| pair.get(1) == Some(&"KEY") && pair.first().is_some_and(|word| KEY_WORDS.contains(word)));
    let numbered = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let hit = match (plain, key) {
        (Some(word), _) => (*word).to_owned(),
        (None, Some(pair)) => pair.join("_"),
        (None, None) if SECRET_WORDS.contains(&numbered) => numbered.to_owned(),
        (None, None) => return None,
    };
    Some(format!("the name holds `{hit}`, which names a credential"))
}

/// The words of a name, in capitals: split at what is no letter or digit, and where small letters meet capitals.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        let starts = !c.is_ascii_alphanumeric() || (small && c.is_ascii_uppercase());
        if starts {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_uppercase());
        }
        small = c.is_ascii_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a value only switches something on or off.
fn is_switch(value: &str) -> bool {
    matches!(
        value.trim().to_ascii_lowercase().as_str(),
        "true" | "false" | "yes" | "no" | "on" | "off" | "none" | "null" | "default" | "disabled" | "enabled"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_told_from_what_is_about_them() {
        for (name, value, expect) in [
            ("POSTGRES_PASSWORD", "x", true),
            ("DB_PASS", "x", true),
            ("dbPassword", "x", true),
            ("JWT_SECRET", "x", true),
            ("SECRET_KEY_BASE", "x", true),
            ("API_KEY", "x", true),
            ("OPENAI_API_KEY", "x", true),
            ("AWS_ACCESS_KEY_ID", "x", true),
            ("APP_KEY", "base64:x", true),
            ("ADMIN_PASSWORD1", "x", true),
            ("MINIO_SECRET_KEY", "x", true),
            ("PASSWORD", "", false),
            ("POSTGRES_PASSWORD_FILE", "/run/secrets/x", false),
            ("DB_PASSWORD", "/run/secrets/x", false),
            ("TOKEN_EXPIRY", "30m", false),
            ("ACCESS_TOKEN_EXPIRE_MINUTES", "30", false),
            ("PASSWORD_LENGTH", "12", false),
            ("MAX_TOKENS", "4096", false),
            ("TOKEN_URL", "http://auth/token", false),
            ("TOKEN_URL", "http://u:p@auth/token", true),
            ("ALLOW_EMPTY_PASSWORD", "yes", false),
            ("MYSQL_RANDOM_ROOT_PASSWORD", "1", false),
            ("POSTGRES_PASSWORD", "1", true),
            ("secret.key.rotation", "5m", false),
            ("PUBLIC_KEY", "x", false),
            ("NEXT_PUBLIC_API_KEY", "x", false),
            ("PWD", "/app", false),
            ("CACHE_KEY_PREFIX", "x", false),
            ("COMPASS", "x", false),
            ("DATABASE_URL", "postgres://u:p@db/x", true),
            ("DATABASE_URL", "postgres://u@db/x", false),
            ("DATABASE_URL", "postgres://db:5432/x", false),
            ("DSN", "root:pw@tcp(db:3306)/x", true),
            ("CONNECTION", "Server=db;User=sa;Password=x;", true),
            ("CONNECTION", "Server=db;Password=;", false),
            ("SOMETHING", "-----BEGIN RSA PRIVATE KEY-----\nx", true),
            ("BOT", "ghp_0123456789abcdef", true),
        ] {
            assert_eq!(reason(name, value, None).is_some(), expect, "{name}={value}");
        }
    }

    #[test]
    fn the_catalog_knows_credentials_whose_names_do_not_tell() {
        let product = tranship_model::catalog::by_name("redis").unwrap();
        let why = reason("REDISCLI_AUTH", "x", Some(product)).unwrap();
        assert!(why.contains("Redis"), "{why}");
    }
}
