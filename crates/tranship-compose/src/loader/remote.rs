//! Resources on other machines: known by their names, and refused.

use tranship_source::Diagnostic;

/// Whether docker compose would fetch this name with git or from a registry.
pub(crate) fn is_remote(name: &str) -> bool {
    let plain = name.split(['#', '?']).next().unwrap_or(name);
    let web = plain.starts_with("https://") || plain.starts_with("http://");
    name.starts_with("oci://")
        || name.starts_with("github.com/")
        || name.starts_with("git://")
        || name.starts_with("ssh://")
        || (web && std::path::Path::new(plain).extension().is_some_and(|end| end == "git"))
        || is_scp(plain)
}

/// `user@host:path`, as git takes it.
fn is_scp(name: &str) -> bool {
    let Some((user, rest)) = name.split_once('@') else { return false };
    let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    rest.split_once(':').is_some_and(|(host, path)| word(user) && word(host) && !path.is_empty())
}

/// The fault of a resource that lies on another machine.
pub(crate) fn refusal(name: &str) -> Diagnostic {
    let message = format!("`{name}` lies on another machine, and this command fetches nothing");
    let help = "fetch it yourself, and name the local copy";
    Diagnostic::error("remote-resource", message).help(help)
}
