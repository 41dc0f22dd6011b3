//! Credentials of registries, from where `docker login` keeps them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::program::run;

/// A user and what proves it.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password, or a token that stands for one.
    secret: String,
    /// Whether the secret is a token to be exchanged for others.
    pub is_refresh_token: bool,
}

/// Neither the password nor the token is ever printed.
impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Login {
    /// The password or token, for the registry it is for.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The two as the `Authorization` of HTTP.
    pub fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.user, self.secret)))
    }
}

/// Where credentials are looked up.
#[derive(Clone, Debug, Default)]
pub struct Store {
    /// The engine's configuration file.
    config: Option<Value>,
}

impl Store {
    /// The store of this environment: `DOCKER_CONFIG`, else `.docker` in the home directory.
    pub fn of(env: &BTreeMap<String, String>) -> Self {
        let folder = env.get("DOCKER_CONFIG").map(PathBuf::from);
        let folder = folder.or_else(|| env.get("HOME").map(|home| PathBuf::from(home).join(".docker")));
        let text = folder.and_then(|folder| std::fs::read_to_string(folder.join("config.json")).ok());
        Self::parse(&text.unwrap_or_default())
    }

    /// The store of a configuration file's text; what does not read holds nothing.
    pub fn parse(text: &str) -> Self {
        Self { config: serde_json::from_str(text).ok() }
    }

    /// The credentials filed under a key; `None` where there are none.
    pub fn login(&self, key: &str) -> Option<Login> {
        let config = self.config.as_ref()?;
        let helper =
            config.get("credHelpers").and_then(|helpers| helpers.get(key)).or_else(|| config.get("credsStore"));
        if let Some(helper) = helper.and_then(Value::as_str).filter(|name| !name.is_empty())
            && let Some(login) = from_helper(helper, key)
        {
            return Some(login);
        }
        let auths = config.get("auths")?.as_object()?;
        let bare = |known: &str| {
            let known = known.trim_start_matches("https://").trim_start_matches("http://");
            known.split('/').next().unwrap_or(known).to_owned()
        };
        let entry =
            auths.get(key).or_else(|| auths.iter().find(|(known, _)| bare(known) == bare(key)).map(|(_, v)| v))?;
        from_entry(entry)
    }
}

fn from_entry(entry: &Value) -> Option<Login> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(token) = text("identitytoken") {
        return Some(Login { user: String::new(), secret: token.to_owned(), is_refresh_token: true });
    }
    let decoded =
        text("auth").and_then(|auth| STANDARD.decode(auth).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    let pair = decoded.as_deref().and_then(|pair| pair.split_once(':'));
    let (user, secret) = pair.or_else(|| Some((text("username")?, text("password")?)))?;
    Some(Login { user: user.to_owned(), secret: secret.trim_end_matches('\0').to_owned(), is_refresh_token: false })
}

/// Asks a credential helper, a program of the name `docker-credential-NAME`.
fn from_helper(helper: &str, key: &str) -> Option<Login> {
    let plain = helper.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let program = format!("docker-credential-{helper}");
    let done = plain.then(|| run(&[&program, "get"], key, Duration::from_secs(20)).ok())??;
    let answer: Value = serde_json::from_str(&done.stdout).ok().filter(|_| done.success)?;
    let text = |key: &str| answer.get(key).and_then(Value::as_str);
    let (user, secret) = (text("Username")?, text("Secret")?);
    let is_refresh_token = user == "<token>";
    Some(Login { user: user.to_owned(), secret: secret.to_owned(), is_refresh_token })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_found_by_host_however_they_were_filed() {
        let auth = STANDARD.encode("me:pass:word");
        let store = Store::parse(&format!(
            r#"{{"auths": {{"https://r.example/v2/": {{"auth": "{auth}"}}, "t.example": {{"identitytoken": "tok"}}, "e.example": {{}}}}}}"#
        ));
        let login = store.login("r.example").unwrap();
        assert_eq!((login.user.as_str(), login.secret()), ("me", "pass:word"));
        assert!(!format!("{login:?}").contains("pass:word"), "a password is printed");
        assert!(store.login("t.example").unwrap().is_refresh_token);
        assert_eq!(store.login("e.example"), None);
        assert_eq!(store.login("other.example"), None);
        assert_eq!(Store::parse("no json").login("r.example"), None);
    }
}
