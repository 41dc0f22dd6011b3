//! Labels of caddy-docker-proxy: sites with their directives, as far as they pass requests on.

use std::collections::BTreeMap;

use tranship_model::PathMatch;
use tranship_model::exposure::is_host;

use super::{Asked, Pair, Wish, refusal};

/// Directives that keep requests out, answer them, or change what is asked for.
const GUARDS: &[&str] = &[
    "abort",
    "basic_auth",
    "basicauth",
    "error",
    "forward_auth",
    "php_fastcgi",
    "redir",
    "request_body",
    "respond",
    "rewrite",
    "root",
    "route",
    "try_files",
    "uri",
];
/// Directives that change nothing a route could lose.
const HARMLESS: &[&str] = &["file_server", "log", "tls"];

/// A site: its addresses, its directives by their path, and the labels it is made of.
#[derive(Default)]
struct Site<'a> {
    addresses: &'a str,
    directives: Vec<(Vec<&'a str>, &'a str)>,
    keys: Vec<String>,
}

/// What the labels of a service ask Caddy for.
pub fn caddy(labels: &[Pair<'_>]) -> Asked {
    let mut out = Asked::default();
    let mut sites: BTreeMap<&str, Site<'_>> = BTreeMap::new();
    for (key, text) in labels {
        let (site, rest) = key.split_once('.').map_or((*key, None), |(site, rest)| (site, Some(rest)));
        let number = site.strip_prefix("caddy").filter(|rest| {
            rest.is_empty()
                || rest.strip_prefix('_').is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()))
        });
        if number.is_none() {
            continue;
        }
        out.keys.push((*key).to_owned());
        let found = sites.entry(site).or_default();
        found.keys.push((*key).to_owned());
        match rest {
            None => found.addresses = text,
            Some(rest) => found.directives.push((rest.split('.').map(unnumbered).collect(), text)),
        }
    }
    for (name, site) in sites {
        if site.addresses.starts_with('(') || site.addresses.is_empty() {
            continue; // A snippet for others, or options for all sites.
        }
        match site.wishes(name) {
            Ok((wishes, lost)) => {
                out.wishes.extend(wishes);
                out.lost.extend(lost.into_iter().map(|why| refusal(name, why, &site.keys)));
            }
            Err(why) => out.refused.push(refusal(name, why, &site.keys)),
        }
    }
    out
}

/// A directive without the number that orders it, `1_reverse_proxy`.
fn unnumbered(directive: &str) -> &str {
    match directive.split_once('_') {
        Some((number, rest)) if !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()) => rest,
        _ => directive,
    }
}

impl Site<'_> {
    fn wishes(&self, name: &str) -> Result<(Vec<Wish>, Vec<String>), String> {
        let mut lost = Vec::new();
        let mut targets: Vec<(PathMatch, bool, u16)> = Vec::new();
        for (path, text) in &self.directives {
            match path.as_slice() {
                ["reverse_proxy"] => {
                    let (matcher, port) = upstream(text)?;
                    targets.push((matcher.unwrap_or_else(PathMatch::all), false, port));
                }
                [within @ ("handle" | "handle_path"), "reverse_proxy"] => {
                    let of = |(path, text): &&(Vec<&str>, &str)| path.as_slice() == [*within] && !text.is_empty();
                    let matcher =
                        self.directives.iter().find(of).map_or(Ok(PathMatch::all()), |(_, text)| matcher(text))?;
                    let (inner, port) = upstream(text)?;
                    if inner.is_some() {
                        return Err("a path stands within a path".to_owned());
                    }
                    targets.push((matcher, *within == "handle_path", port));
                }
                ["handle" | "handle_path"] | [] => {}
                [.., directive] if GUARDS.contains(directive) => {
                    return Err(format!(
                        "`{directive}` answers requests, keeps them out or changes them, which no route does"
                    ));
                }
                [.., directive] if directive.starts_with('@') => {
                    return Err(format!("`{directive}` looks at more than host and path"));
                }
                [first, ..] if HARMLESS.contains(first) => {}
                [first, ..] => {
                    let why = format!("`{first}` is left out");
                    if !lost.contains(&why) {
                        lost.push(why);
                    }
                }
            }
        }
        if targets.is_empty() {
            return Err("no `reverse_proxy` of it leads to the service".to_owned());
        }
        let mut wishes = Vec::new();
        for address in self.addresses.split([',', ' ']).map(str::trim).filter(|address| !address.is_empty()) {
            let (host, secure) = site_address(address)?;
            for (path, strip, port) in &targets {
                wishes.push(Wish {
                    name: name.to_owned(),
                    host: host.clone(),
                    path: path.clone(),
                    port: Some(*port),
                    replace: strip.then(String::new),
                    // Caddy sends to the encrypted address by itself.
                    redirect: secure,
                    secure,
                    priority: None,
                    keys: self.keys.clone(),
                });
            }
        }
        Ok((wishes, lost))
    }
}

/// The host of a site's address, and whether it is served encrypted, which is Caddy's way where nothing is said.
fn site_address(text: &str) -> Result<(Option<String>, bool), String> {
    let (scheme, rest) = text.split_once("://").map_or((None, text), |(scheme, rest)| (Some(scheme), rest));
    let (host, port) = rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port)));
    let host = host.to_ascii_lowercase();
    let plain = scheme == Some("http") || port == Some("80");
    match port {
        None | Some("80" | "443") => {}
        Some(port) => return Err(format!("it listens at {port}, and the entry of a cluster at 80 and 443")),
    }
    if host.is_empty() {
        return Ok((None, false));
    }
    if host.contains('/') || !is_host(&host) {
        return Err(format!("`{text}` is no host"));
    }
    Ok((Some(host), !plain))
}

/// The matcher and the port of a `reverse_proxy`: `/api/* {{upstreams 8080}}`.
fn upstream(text: &str) -> Result<(Option<PathMatch>, u16), String> {
    let Some((before, rest)) = text.split_once("{{") else {
        return Err(format!("`{text}` leads to another address than the service"));
    };
    let before = before.trim();
    let matcher = if before.is_empty() { None } else { Some(matcher(before)?) };
    let inner = rest.split("}}").next().unwrap_or_default();
    let words: Vec<&str> = inner.split_whitespace().collect();
    let port = match words.as_slice() {
        ["upstreams"] | ["upstreams", "http"] => 80,
        ["upstreams", "https", ..] => return Err("the service itself speaks HTTPS".to_owned()),
        ["upstreams", port] | ["upstreams", "http", port] => {
            port.parse().map_err(|_| format!("`{port}` is no port"))?
        }
        _ => return Err(format!("`{text}` is not understood")),
    };
    Ok((matcher, port))
}

/// A path matcher: `/api/*`, `/api*`, `/page`, `*`.
fn matcher(text: &str) -> Result<PathMatch, String> {
    if text == "*" || text == "/*" {
        return Ok(PathMatch::all());
    }
    let (path, open) = text.strip_suffix('*').map_or((text, false), |path| (path, true));
    if !path.starts_with('/') || path.contains(['*', ' ', '{', '@']) {
        return Err(format!("`{text}` is no plain path"));
    }
    if open {
        Ok(PathMatch::Prefix(path.trim_end_matches('/').to_owned()))
    } else {
        Ok(PathMatch::Exact(path.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(labels: &[Pair<'_>]) -> (Vec<String>, usize, usize) {
        let asked = caddy(labels);
        let line = |wish: &Wish| {
            let exact = if matches!(wish.path, PathMatch::Exact(_)) { "$" } else { "" };
            let replace = wish.replace.as_ref().map(|text| format!(" as {text:?}")).unwrap_or_default();
            let secure = if wish.secure { " secure" } else { "" };
            let port = wish.port.unwrap_or_default();
            format!("{}{}{exact}:{port}{replace}{secure}", wish.host.as_deref().unwrap_or("*"), wish.path.text())
        };
        (asked.wishes.iter().map(line).collect(), asked.refused.len(), asked.lost.len())
    }

    #[test]
    fn sites_become_wishes() {
        let proxy = ("caddy.reverse_proxy", "{{upstreams 3000}}");
        for (labels, expect) in [
            (&[("caddy", "a.test"), proxy][..], &["a.test/:3000 secure"][..]),
            (&[("caddy", "http://a.test"), proxy], &["a.test/:3000"]),
            (&[("caddy", "a.test, b.test"), proxy], &["a.test/:3000 secure", "b.test/:3000 secure"]),
            (&[("caddy", "a.test"), ("caddy.reverse_proxy", "/api/* {{upstreams}}")], &["a.test/api:80 secure"]),
            (&[("caddy_0", "a.test"), ("caddy_0.1_reverse_proxy", "{{upstreams http 81}}")], &["a.test/:81 secure"]),
            (
                &[
                    ("caddy", "http://a.test"),
                    ("caddy.handle_path", "/api/*"),
                    ("caddy.handle_path.0_reverse_proxy", "{{upstreams 8080}}"),
                ],
                &["a.test/api:8080 as \"\""],
            ),
            (&[("caddy", "http://a.test"), ("caddy.reverse_proxy", "/x {{upstreams 1}}")], &["a.test/x$:1"]),
            (&[("caddy", "(snippet)"), ("caddy.header", "x")], &[]),
            (&[("caddy.email", "a@b.c")], &[]),
            (&[("caddyless", "x")], &[]),
        ] {
            let (wishes, refused, _) = asked(labels);
            assert_eq!((wishes, refused), (expect.iter().map(|s| (*s).to_owned()).collect(), 0), "{labels:?}");
        }
        assert_eq!(asked(&[("caddy", "a.test"), proxy, ("caddy.encode", "gzip"), ("caddy.tls", "internal")]).2, 1);
    }

    #[test]
    fn what_a_route_cannot_do_is_refused() {
        let (site, proxy) = (("caddy", "a.test"), ("caddy.reverse_proxy", "{{upstreams 80}}"));
        for labels in [
            &[site, proxy, ("caddy.basicauth", "/ a b")][..],
            &[site, ("caddy.respond", "hello")],
            &[site, ("caddy.reverse_proxy", "other:80")],
            &[site, ("caddy.reverse_proxy", "{{upstreams https 443}}")],
            &[site, ("caddy.reverse_proxy", "@api {{upstreams 80}}")],
            &[("caddy", "a.test:8443"), proxy],
            &[("caddy", "a_b.test"), proxy],
        ] {
            let (wishes, refused, _) = asked(labels);
            assert!(wishes.is_empty() && refused == 1, "{labels:?} {wishes:?}");
        }
    }
}
