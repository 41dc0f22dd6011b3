//! Traefik's rules of versions 2 and 3: functions joined by `&&`, `||` and brackets, as hosts and paths.

use tranship_model::PathMatch;
use tranship_model::exposure::is_host;

/// The most alternatives a rule may come to.
const MOST: usize = 64;

/// One host and one path that fit a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) host: Option<String>,
    pub(super) path: Option<PathMatch>,
}

/// Every host and path that fits, or why that cannot be said in hosts and paths.
pub(super) fn fits(rule: &str) -> Result<Vec<Fit>, String> {
    let mut reader = Reader { rest: rule.trim() };
    let fits = reader.either()?;
    if reader.rest.is_empty() { Ok(fits) } else { Err(format!("`{}` is not understood", reader.rest)) }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn take(&mut self, sign: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn either(&mut self) -> Result<Vec<Fit>, String> {
        let mut out = self.both()?;
        while self.take("||") {
            out.extend(self.both()?);
            few(&out)?;
        }
        Ok(out)
    }

    fn both(&mut self) -> Result<Vec<Fit>, String> {
        let mut out = self.one()?;
        while self.take("&&") {
            let other = self.one()?;
            let mut joined = Vec::new();
            for a in &out {
                for b in &other {
                    joined.extend(join(a, b));
                }
            }
            few(&joined)?;
            out = joined;
        }
        if out.is_empty() { Err("nothing fits it".to_owned()) } else { Ok(out) }
    }

    fn one(&mut self) -> Result<Vec<Fit>, String> {
        if self.take("!") {
            return Err("`!` asks for what does not fit, which hosts and paths cannot say".to_owned());
        }
        if self.take("(") {
            let inner = self.either()?;
            return if self.take(")") { Ok(inner) } else { Err("a bracket is not closed".to_owned()) };
        }
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        if name.is_empty() || !self.take("(") {
            return Err(format!("`{}` is not understood", if name.is_empty() { rest } else { name }));
        }
        let words = self.words()?;
        function(name, &words)
    }

    /// Quoted texts up to the bracket that closes.
    fn words(&mut self) -> Result<Vec<&'a str>, String> {
        let mut out = Vec::new();
        while !self.take(")") {
            self.take(",");
            let Some(quote) = self.rest.chars().next().filter(|c| "`\"'".contains(*c)) else {
                return Err("a text without quotes, or a bracket that is not closed".to_owned());
            };
            let inner = self.rest.get(1..).unwrap_or_default();
            let Some((word, rest)) = inner.split_once(quote) else { return Err("a quote is not closed".to_owned()) };
            out.push(word);
            self.rest = rest.trim_start();
        }
        if out.is_empty() { Err("a function without a text".to_owned()) } else { Ok(out) }
    }
}

fn few(fits: &[Fit]) -> Result<(), String> {
    if fits.len() > MOST { Err("it comes to too many hosts and paths".to_owned()) } else { Ok(()) }
}

fn function(name: &str, words: &[&str]) -> Result<Vec<Fit>, String> {
    let path = |path: PathMatch| Fit { host: None, path: Some(path) };
    let plain = |word: &&str| word.starts_with('/') && !word.contains(['{', '*', '?']);
    let one = |word: &&str| match name.to_ascii_lowercase().as_str() {
        "host" => {
            let host = word.to_ascii_lowercase();
            if is_host(&host) && !host.starts_with('*') {
                Ok(Fit { host: Some(host), path: None })
            } else {
                Err(format!("`{word}` is no host"))
            }
        }
        "pathprefix" if plain(word) => Ok(path(PathMatch::Prefix(shorn(word)))),
        "path" if plain(word) => Ok(path(PathMatch::Exact((*word).to_owned()))),
        "pathprefix" | "path" => Err(format!("`{word}` is a pattern")),
        "hostregexp" => any_label(word)
            .map(|host| Fit { host: Some(host), path: None })
            .ok_or_else(|| format!("`{word}` is a pattern")),
        _ => Err(format!("`{name}` looks at more than host and path")),
    };
    words.iter().map(one).collect()
}

/// A prefix without the `/` at its end, as whole steps are compared.
fn shorn(path: &str) -> String {
    let shorn = path.trim_end_matches('/');
    if shorn.is_empty() { "/".to_owned() } else { shorn.to_owned() }
}

/// `*.` and the domain, for a pattern that takes one label of any letters before it.
fn any_label(pattern: &str) -> Option<String> {
    let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
    let heads = [
        "{subdomain:[a-z0-9-]+}",
        "{subdomain:[a-zA-Z0-9-]+}",
        "{subdomain:[a-z]+}",
        "[a-z0-9-]+",
        "[^.]+",
        "[a-zA-Z0-9-]+",
    ];
    let rest = heads.iter().find_map(|head| pattern.strip_prefix(head))?;
    let domain = rest.strip_prefix("\\.").or_else(|| rest.strip_prefix('.'))?.replace("\\.", ".");
    let host = format!("*.{domain}");
    is_host(&host).then_some(host)
}

/// What fits both; nothing where they exclude each other.
fn join(a: &Fit, b: &Fit) -> Option<Fit> {
    let host = match (&a.host, &b.host) {
        (Some(a), Some(b)) if a != b => return None,
        (a, b) => a.clone().or_else(|| b.clone()),
    };
    let path = match (&a.path, &b.path) {
        (Some(a), Some(b)) => match narrower(a, b) {
            Some(path) => Some(path),
            None => return None,
        },
        (a, b) => a.clone().or_else(|| b.clone()),
    };
    Some(Fit { host, path })
}

fn narrower(a: &PathMatch, b: &PathMatch) -> Option<PathMatch> {
    let within = |path: &str, prefix: &str| {
        prefix == "/" || path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    match (a, b) {
        (PathMatch::Exact(x), PathMatch::Exact(y)) => (x == y).then(|| a.clone()),
        (PathMatch::Exact(x), PathMatch::Prefix(y)) => within(x, y).then(|| a.clone()),
        (PathMatch::Prefix(y), PathMatch::Exact(x)) => within(x, y).then(|| b.clone()),
        (PathMatch::Prefix(x), PathMatch::Prefix(y)) if within(x, y) => Some(a.clone()),
        (PathMatch::Prefix(x), PathMatch::Prefix(y)) if within(y, x) => Some(b.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(rule: &str) -> String {
        let one = |fit: Fit| {
            let path = match fit.path {
                None => String::new(),
                Some(PathMatch::Prefix(path)) => path,
                Some(PathMatch::Exact(path)) => format!("{path}$"),
            };
            fit.host.unwrap_or_else(|| "*".to_owned()) + &path
        };
        let all = |fits: Vec<Fit>| fits.into_iter().map(one).collect::<Vec<_>>().join(" ");
        fits(rule).map_or_else(|why| format!("! {why}"), all)
    }

    #[test]
    fn rules_come_to_hosts_and_paths() {
        for (rule, expect) in [
            ("Host(`a.test`)", "a.test"),
            ("Host(`a.test`, `b.test`)", "a.test b.test"),
            ("Host(`A.test`) && PathPrefix(`/api/`)", "a.test/api"),
            (
                "(Host(`a.test`) || Host(\"b.test\")) && (PathPrefix(`/x`) || Path('/y'))",
                "a.test/x a.test/y$ b.test/x b.test/y$",
            ),
            ("PathPrefix(`/api`, `/v2`)", "*/api */v2"),
            ("PathPrefix(`/api`) && PathPrefix(`/api/v2`)", "*/api/v2"),
            ("PathPrefix(`/`)", "*/"),
            ("HostRegexp(`{subdomain:[a-z]+}.a.test`)", "*.a.test"),
            ("HostRegexp(`^[a-z0-9-]+\\.a\\.test$`)", "*.a.test"),
        ] {
            assert_eq!(words(rule), expect, "{rule}");
        }
    }

    #[test]
    fn what_hosts_and_paths_cannot_say_is_refused() {
        for rule in [
            "",
            "Host(`a.test`",
            "Host(a.test)",
            "Host:a.test",
            "!Host(`a.test`)",
            "Host(`a.test`) && Headers(`x`, `y`)",
            "Host(`a.test`) && Host(`b.test`)",
            "Path(`/a`) && Path(`/b`)",
            "PathPrefix(`/{id:[0-9]+}`)",
            "HostRegexp(`.*`)",
            "Host(`${DOMAIN}`)",
            "Host(`a.test`) extra",
        ] {
            assert!(fits(rule).is_err(), "{rule}: {}", words(rule));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(Host|Path|PathPrefix|[(`)|&!,/a.é ]|\\|\\||&&){0,30}") {
            let _ = fits(&text);
        }
    }
}
