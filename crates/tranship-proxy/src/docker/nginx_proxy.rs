//! Variables that nginx-proxy reads: `VIRTUAL_HOST` and those that go with it.

use tranship_model::PathMatch;
use tranship_model::exposure::is_host;

use super::{Asked, Pair, Wish, refusal};

/// Variables that are read.
const READ: &[&str] = &[
    "LETSENCRYPT_HOST",
    "VIRTUAL_DEST",
    "VIRTUAL_HOST",
    "VIRTUAL_HOST_MULTIPORTS",
    "VIRTUAL_PATH",
    "VIRTUAL_PORT",
    "VIRTUAL_PROTO",
];

/// What the variables of a service ask nginx-proxy for.
pub fn nginx_proxy(variables: &[Pair<'_>]) -> Asked {
    let mut out = Asked::default();
    let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, text)| text.trim());
    let value = |name: &str| value(name).filter(|text| !text.is_empty());
    let (hosts, many) = (value("VIRTUAL_HOST"), value("VIRTUAL_HOST_MULTIPORTS"));
    if hosts.is_none() && many.is_none() {
        return out;
    }
    out.keys = variables.iter().map(|(name, _)| *name).filter(|name| READ.contains(name)).map(str::to_owned).collect();
    let name = "VIRTUAL_HOST";
    if many.is_some() {
        out.refused.push(refusal("VIRTUAL_HOST_MULTIPORTS", "several ports in one variable are not read", &out.keys));
        return out;
    }
    if let Some(protocol) = value("VIRTUAL_PROTO").filter(|protocol| *protocol != "http") {
        let why = format!("the service itself speaks {protocol}, and a route passes on HTTP");
        out.refused.push(refusal(name, why, &out.keys));
        return out;
    }
    let path = value("VIRTUAL_PATH").unwrap_or("/");
    if !path.starts_with('/') || path.contains(['*', '~', ' ']) {
        out.refused.push(refusal(name, format!("the path `{path}` is a pattern"), &out.keys));
        return out;
    }
    let prefix = path.trim_end_matches('/');
    let path = if prefix.is_empty() { PathMatch::all() } else { PathMatch::Prefix(prefix.to_owned()) };
    let dest = value("VIRTUAL_DEST").map(|dest| dest.trim_end_matches('/'));
    let replace = dest.filter(|dest| *dest != prefix).map(str::to_owned);
    let issued: Vec<&str> = value("LETSENCRYPT_HOST").unwrap_or_default().split(',').map(str::trim).collect();
    for host in hosts.unwrap_or_default().split(',').map(str::trim).filter(|host| !host.is_empty()) {
        let host = host.split(':').next().unwrap_or(host).to_ascii_lowercase();
        if !is_host(&host) {
            out.refused.push(refusal(name, format!("`{host}` is a pattern or no host"), &out.keys));
            continue;
        }
        let secure = issued.contains(&host.as_str());
        out.wishes.push(Wish {
            name: name.to_owned(),
            host: Some(host),
            path: path.clone(),
            port: value("VIRTUAL_PORT").and_then(|port| port.parse().ok()),
            replace: replace.clone(),
            redirect: secure,
            secure,
            priority: None,
            keys: out.keys.clone(),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_become_wishes_or_are_refused() {
        for (variables, expect) in [
            (&[("VIRTUAL_HOST", "a.test,*.b.test"), ("VIRTUAL_PORT", "3000")][..], "a.test/:3000 *.b.test/:3000"),
            (&[("VIRTUAL_HOST", "a.test"), ("LETSENCRYPT_HOST", "a.test")], "a.test/:0 secure"),
            (&[("VIRTUAL_HOST", "a.test"), ("VIRTUAL_PATH", "/api/"), ("VIRTUAL_DEST", "/")], "a.test/api:0 as \"\""),
            (&[("VIRTUAL_HOST", "a.test"), ("VIRTUAL_PATH", "/api"), ("VIRTUAL_DEST", "/api/")], "a.test/api:0"),
            (&[("VIRTUAL_HOST", "~^www\\d"), ("VIRTUAL_PORT", "80")], "refused"),
            (&[("VIRTUAL_HOST", "a.test"), ("VIRTUAL_PROTO", "https")], "refused"),
            (&[("VIRTUAL_HOST", "a.test"), ("VIRTUAL_PATH", "~ ^/x")], "refused"),
            (&[("VIRTUAL_HOST_MULTIPORTS", "a.test: {}")], "refused"),
            (&[("VIRTUAL_PORT", "80")], ""),
        ] {
            let asked = nginx_proxy(variables);
            let line = |wish: &Wish| {
                let replace = wish.replace.as_ref().map(|text| format!(" as {text:?}")).unwrap_or_default();
                let secure = if wish.secure { " secure" } else { "" };
                let host = wish.host.as_deref().unwrap_or("*");
                format!("{host}{}:{}{replace}{secure}", wish.path.text(), wish.port.unwrap_or_default())
            };
            let mut found: Vec<String> = asked.wishes.iter().map(line).collect();
            found.extend(asked.refused.iter().map(|_| "refused".to_owned()));
            assert_eq!(found.join(" "), expect, "{variables:?}");
        }
    }
}
