//! Labels of Traefik 2 and 3: routers with their rules, services with their ports, and middlewares.

use std::collections::{BTreeMap, BTreeSet};

use tranship_model::PathMatch;

use super::rule::{Fit, fits};
use super::{Asked, Pair, Wish, refusal};

/// Middlewares by name: those of one service can be used by the routers of another.
#[derive(Clone, Debug, Default)]
pub struct Middlewares(BTreeMap<String, Vec<(String, String)>>);

impl Middlewares {
    /// Adds those that the labels of a service define.
    pub fn read(&mut self, labels: &[Pair<'_>]) {
        for (key, text) in labels {
            let key = key.to_ascii_lowercase();
            let Some(rest) = key.strip_prefix("traefik.http.middlewares.") else { continue };
            let Some((name, option)) = rest.split_once('.') else { continue };
            self.0.entry(name.to_owned()).or_default().push((option.to_owned(), (*text).to_owned()));
        }
    }
}

/// What middlewares do to a route.
#[derive(Default)]
struct Done {
    strip: Vec<String>,
    add: Option<String>,
    redirect: bool,
    lost: Vec<String>,
}

/// A router as its labels say.
#[derive(Default)]
struct Router<'a> {
    rule: Option<&'a str>,
    service: Option<&'a str>,
    middlewares: Vec<&'a str>,
    secure: bool,
    priority: Option<i64>,
    entry_points: Vec<&'a str>,
    keys: Vec<String>,
}

/// What the labels of a service ask Traefik for.
pub fn traefik(labels: &[Pair<'_>], middlewares: &Middlewares) -> Asked {
    let mut out = Asked::default();
    let mut routers: BTreeMap<String, Router<'_>> = BTreeMap::new();
    let mut ports: BTreeMap<String, (u16, String)> = BTreeMap::new();
    let mut encrypted = BTreeSet::new();
    for (key, text) in labels {
        let lower = key.to_ascii_lowercase();
        let Some(rest) = lower.strip_prefix("traefik.") else { continue };
        out.keys.push((*key).to_owned());
        match rest.split('.').collect::<Vec<_>>().as_slice() {
            ["enable"] if text.eq_ignore_ascii_case("false") => return Asked { keys: out.keys, ..Asked::default() },
            ["http", "routers", name, option @ ..] => {
                let router = routers.entry((*name).to_owned()).or_default();
                router.keys.push((*key).to_owned());
                router.option(option, text);
            }
            ["http", "services", name, "loadbalancer", "server", "port"] => {
                if let Ok(port) = text.trim().parse() {
                    ports.insert((*name).to_owned(), (port, (*key).to_owned()));
                }
            }
            ["http", "services", name, "loadbalancer", "server", "scheme"] if *text == "https" => {
                encrypted.insert((*name).to_owned());
            }
            [kind @ ("tcp" | "udp"), "routers", name, "rule" | "entrypoints"] => {
                let why =
                    format!("it passes on {} as it is, which no Ingress and no HTTPRoute does", kind.to_uppercase());
                let known = out.refused.iter().any(|refused| refused.name == **name);
                if !known {
                    out.refused.push(refusal(name, why, &[(*key).to_owned()]));
                }
            }
            ["frontend", ..] | ["port"] if lower.ends_with("rule") => {
                out.refused.push(refusal("frontend", "it is a rule of Traefik 1", &[(*key).to_owned()]));
            }
            _ => {}
        }
    }
    for (name, router) in routers {
        let of_service =
            router.service.map(|service| service.split('@').next().unwrap_or(service).to_ascii_lowercase());
        let found = match (&of_service, ports.len()) {
            (Some(service), _) => ports.get(service),
            (None, 1) => ports.values().next(),
            (None, _) => ports.get(&name),
        };
        let is_encrypted =
            of_service.as_ref().map_or_else(|| !encrypted.is_empty(), |service| encrypted.contains(service));
        let mut keys = router.keys.clone();
        keys.extend(found.iter().map(|(_, key)| key.clone()));
        if is_encrypted {
            out.refused.push(refusal(
                &name,
                "the service itself speaks HTTPS, which each controller takes in a way of its own",
                &keys,
            ));
            continue;
        }
        match router.wishes(&name, found.map(|(port, _)| *port), &keys, middlewares) {
            Ok((wishes, lost)) => {
                out.lost.extend(lost.into_iter().map(|why| refusal(&name, why, &keys)));
                out.wishes.extend(wishes);
            }
            Err(why) => out.refused.push(refusal(&name, why, &keys)),
        }
    }
    out.wishes = merged(std::mem::take(&mut out.wishes));
    out
}

impl<'a> Router<'a> {
    fn option(&mut self, option: &[&str], text: &'a str) {
        let list = || text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
        match option {
            ["rule"] => self.rule = Some(text),
            ["service"] => self.service = Some(text),
            ["middlewares"] => self.middlewares = list(),
            ["entrypoints"] => self.entry_points = list(),
            ["priority"] => self.priority = text.trim().parse().ok(),
            ["tls"] => self.secure = !text.eq_ignore_ascii_case("false"),
            ["tls", ..] => self.secure = true,
            _ => {}
        }
    }

    fn wishes(
        &self,
        name: &str,
        port: Option<u16>,
        keys: &[String],
        middlewares: &Middlewares,
    ) -> Result<(Vec<Wish>, Vec<String>), String> {
        let rule = self.rule.ok_or("it has no rule, and Traefik's own default is set where it runs")?;
        if self.service.is_some_and(|service| service.ends_with("@internal")) {
            return Err("it leads to Traefik's own pages, which are not there any more".to_owned());
        }
        let mut done = Done::default();
        for middleware in &self.middlewares {
            apply(middleware, middlewares, &mut done, 0)?;
        }
        let secure = self.secure || self.entry_points.iter().any(|point| matches!(*point, "websecure" | "https"));
        let mut wishes = Vec::new();
        for Fit { host, path } in fits(rule).map_err(|why| format!("of its rule {why}"))? {
            let path = path.unwrap_or_else(PathMatch::all);
            let replace = replaced(&path, &done)?;
            let (name, keys) = (name.to_owned(), keys.to_vec());
            let (redirect, priority) = (done.redirect, self.priority);
            wishes.push(Wish { name, host, path, port, replace, redirect, secure, priority, keys });
        }
        Ok((wishes, done.lost))
    }
}

/// What stands in place of the path, after prefixes were taken away and added.
fn replaced(path: &PathMatch, done: &Done) -> Result<Option<String>, String> {
    if done.strip.is_empty() && done.add.is_none() {
        return Ok(None);
    }
    let PathMatch::Prefix(prefix) = path else { return Err("it changes the path of a single page".to_owned()) };
    let prefix = prefix.trim_end_matches('/');
    let kept = match done.strip.as_slice() {
        [] => prefix,
        strip if strip.iter().any(|one| one.trim_end_matches('/') == prefix) => "",
        _ => return Err("it takes away another prefix than the one it asks for".to_owned()),
    };
    Ok(Some(format!("{}{kept}", done.add.as_deref().unwrap_or_default().trim_end_matches('/'))))
}

/// Middlewares that keep requests out; a route without them would let everybody in.
const GUARDS: &[&str] = &[
    "basicauth",
    "digestauth",
    "forwardauth",
    "inflightreq",
    "ipallowlist",
    "ipwhitelist",
    "passtlsclientcert",
    "plugin",
    "ratelimit",
];
/// Middlewares that change what is asked for.
const CHANGES: &[&str] = &["replacepath", "replacepathregex", "redirectregex", "stripprefixregex"];

fn apply(name: &str, all: &Middlewares, done: &mut Done, depth: usize) -> Result<(), String> {
    let (own, provider) = name.split_once('@').unwrap_or((name, "docker"));
    let own = own.to_ascii_lowercase();
    let Some(options) = all.0.get(&own).filter(|_| provider == "docker" && depth < 8) else {
        return Err(format!("its middleware `{name}` is defined elsewhere, and may keep requests out"));
    };
    for (option, text) in options {
        let (kind, key) = option.split_once('.').unwrap_or((option, ""));
        match (kind, key) {
            ("stripprefix", "prefixes") => done.strip.extend(text.split(',').map(|prefix| prefix.trim().to_owned())),
            ("addprefix", "prefix") => done.add = Some(text.trim().to_owned()),
            ("redirectscheme", "scheme") => done.redirect |= text == "https",
            ("stripprefix" | "redirectscheme", _) => {}
            ("chain", "middlewares") => {
                for inner in text.split(',').map(str::trim).filter(|inner| !inner.is_empty()) {
                    apply(inner, all, done, depth + 1)?;
                }
            }
            (guard, _) if GUARDS.contains(&guard) => {
                return Err(format!(
                    "its middleware `{name}` ({guard}) keeps requests out, and a route without it would not"
                ));
            }
            (change, _) if CHANGES.contains(&change) => {
                return Err(format!("its middleware `{name}` ({change}) changes what is asked for"));
            }
            (other, _) => {
                let why = format!("its middleware `{name}` ({other}) is left out");
                if !done.lost.contains(&why) {
                    done.lost.push(why);
                }
            }
        }
    }
    Ok(())
}

/// Routers of one host and path are one wish: one for each of Traefik's entry points.
fn merged(wishes: Vec<Wish>) -> Vec<Wish> {
    let mut out: Vec<Wish> = Vec::new();
    for wish in wishes {
        let same =
            |known: &&mut Wish| known.host == wish.host && known.path == wish.path && known.replace == wish.replace;
        match out.iter_mut().find(same).filter(|known| known.port == wish.port) {
            Some(known) => {
                known.redirect |= wish.redirect;
                known.secure |= wish.secure;
                known.keys.extend(wish.keys);
            }
            None => out.push(wish),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(labels: &[Pair<'_>]) -> (Vec<String>, Vec<String>, usize) {
        let mut middlewares = Middlewares::default();
        middlewares.read(labels);
        let asked = traefik(labels, &middlewares);
        let line = |wish: &Wish| {
            let exact = if matches!(wish.path, PathMatch::Exact(_)) { "$" } else { "" };
            let port = wish.port.map(|port| format!(":{port}")).unwrap_or_default();
            let replace = wish.replace.as_ref().map(|text| format!(" as {text:?}")).unwrap_or_default();
            let flags = [(wish.secure, " secure"), (wish.redirect, " redirect")];
            let flags: String = flags.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
            format!("{}{}{exact}{port}{replace}{flags}", wish.host.as_deref().unwrap_or("*"), wish.path.text())
        };
        (asked.wishes.iter().map(line).collect(), asked.refused.into_iter().map(|r| r.why).collect(), asked.lost.len())
    }

    const RULE: Pair<'_> = ("traefik.http.routers.web.rule", "Host(`a.test`) && PathPrefix(`/api`)");

    #[test]
    fn routers_become_wishes() {
        for (labels, expect) in [
            (&[RULE][..], &["a.test/api"][..]),
            (&[RULE, ("traefik.http.services.web.loadbalancer.server.port", "8080")], &["a.test/api:8080"]),
            (&[RULE, ("traefik.http.routers.web.tls.certresolver", "le")], &["a.test/api secure"]),
            (&[RULE, ("Traefik.HTTP.Routers.web.entrypoints", "websecure")], &["a.test/api secure"]),
            (&[RULE, ("traefik.enable", "false")], &[]),
            (
                &[
                    RULE,
                    ("traefik.http.routers.web.middlewares", "s@docker"),
                    ("traefik.http.middlewares.s.stripprefix.prefixes", "/api"),
                ],
                &["a.test/api as \"\""],
            ),
            (
                &[
                    RULE,
                    ("traefik.http.routers.web.middlewares", "p"),
                    ("traefik.http.middlewares.p.addprefix.prefix", "/v1"),
                ],
                &["a.test/api as \"/v1/api\""],
            ),
            (
                &[
                    RULE,
                    ("traefik.http.routers.web.tls", "true"),
                    ("traefik.http.routers.plain.rule", "Host(`a.test`) && PathPrefix(`/api`)"),
                    ("traefik.http.routers.plain.middlewares", "to-https"),
                    ("traefik.http.middlewares.to-https.redirectscheme.scheme", "https"),
                ],
                &["a.test/api secure redirect"],
            ),
        ] {
            let (wishes, refused, _) = asked(labels);
            assert_eq!(wishes, expect, "{labels:?} {refused:?}");
            assert!(refused.is_empty(), "{labels:?} {refused:?}");
        }
    }

    #[test]
    fn what_an_entry_cannot_do_is_refused_and_what_it_leaves_out_is_named() {
        for labels in [
            &[
                RULE,
                ("traefik.http.routers.web.middlewares", "auth"),
                ("traefik.http.middlewares.auth.basicauth.users", "a:b"),
            ][..],
            &[RULE, ("traefik.http.routers.web.middlewares", "auth@file")],
            &[RULE, ("traefik.http.routers.web.middlewares", "missing")],
            &[
                RULE,
                ("traefik.http.routers.web.middlewares", "s"),
                ("traefik.http.middlewares.s.stripprefix.prefixes", "/other"),
            ],
            &[RULE, ("traefik.http.routers.web.service", "api@internal")],
            &[RULE, ("traefik.http.services.web.loadbalancer.server.scheme", "https")],
            &[("traefik.http.routers.web.rule", "Host(`a.test`) && Method(`GET`)")],
            &[("traefik.http.routers.web.tls", "true")],
            &[("traefik.tcp.routers.db.rule", "HostSNI(`*`)")],
            &[("traefik.frontend.rule", "Host:a.test")],
        ] {
            let (wishes, refused, _) = asked(labels);
            assert!(wishes.is_empty() && refused.len() == 1, "{labels:?} {wishes:?} {refused:?}");
        }
        let headers = [
            RULE,
            ("traefik.http.routers.web.middlewares", "h"),
            ("traefik.http.middlewares.h.headers.stsseconds", "1"),
        ];
        assert_eq!(asked(&headers).2, 1);
    }
}
