//! Secrets of a known type have the keys of that type.

use base64::Engine;

use super::super::look::Look;
use super::super::report::Report;
use super::Subject;

/// Reports a Secret that lacks what its type promises.
pub fn check(subject: &Subject<'_>, report: &mut Report<'_>) {
    let tree = &subject.object.tree;
    let has =
        |key: &str| ["data", "stringData"].iter().any(|field| tree.field(field).is_some_and(|d| d.get(key).is_some()));
    let lacks = |keys: &[&'static str]| keys.iter().copied().filter(|key| !has(key)).collect::<Vec<_>>();
    let missing = match tree.text("type").unwrap_or("Opaque") {
        "kubernetes.io/tls" => lacks(&["tls.crt", "tls.key"]),
        "kubernetes.io/dockerconfigjson" => lacks(&[".dockerconfigjson"]),
        "kubernetes.io/dockercfg" => lacks(&[".dockercfg"]),
        "kubernetes.io/ssh-auth" => lacks(&["ssh-privatekey"]),
        "kubernetes.io/basic-auth" if !has("username") && !has("password") => vec!["username", "password"],
        _ => Vec::new(),
    };
    if !missing.is_empty() {
        let what = format!("a Secret of this type needs {}", missing.join(" and "));
        report.fault_at(tree, "type", "kube-secret-type", what, "add the keys, or write `type: Opaque`");
    }
    for key in [".dockerconfigjson", ".dockercfg"] {
        let plain = tree.at(&["stringData", key]).and_then(|node| node.as_str()).map(|text| text.as_bytes().to_vec());
        let encoded = tree.at(&["data", key]).and_then(|node| node.as_str());
        let decoded = encoded.and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok());
        let Some(bytes) = plain.or(decoded) else { continue };
        let promised = tree.text("type").is_some_and(|name| name.ends_with(&key.replace(".docker", "docker")));
        if promised && serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&bytes).is_err() {
            let help = "give it the content of Docker's `config.json`";
            report.fault_at(tree, "type", "kube-secret-type", format!("`{key}` is no JSON object"), help);
        }
    }
    let account = ["metadata", "annotations", "kubernetes.io/service-account.name"];
    if tree.text("type") == Some("kubernetes.io/service-account-token") && tree.at(&account).is_none() {
        let what = "needs the annotation `kubernetes.io/service-account.name`";
        report.fault_at(tree, "type", "kube-secret-type", what, "name the account in that annotation");
    }
}
