//! Credentials inside a text: in addresses, connection strings, settings, headers.

use std::ops::Range;

use tranship_source::Letters;
use tranship_source::url::authority;

use super::name::by_name;
use super::{Found, is_path, is_placeholder, is_switch};

/// First letters of tokens whose issuers mark them.
const TOKENS: &[(&str, Letters)] = &[
    marked("AKIA"),
    marked("AIza"),
    marked("ghp_"),
    marked("gho_"),
    marked("ghs_"),
    marked("github_pat_"),
    marked("glpat-"),
    marked("hf_"),
    marked("sk-"),
    marked("sk_live_"),
    marked("sk_test_"),
    marked("xoxb-"),
    marked("xoxp-"),
];

/// What the value of an `Authorization` header begins with.
const SCHEMES: &[(&str, Letters)] = &[marked("Bearer "), marked("Basic "), marked("bearer ")];

const fn marked(word: &'static str) -> (&'static str, Letters) {
    (word, Letters::of(word))
}

/// Shortest user of a web address without a password that is held to be a token.
const TOKEN_USER: usize = 16;

/// Credentials that a text shows by its form, in order; ranges may overlap.
pub(super) fn find(text: &str) -> Vec<Found> {
    const BEGIN: Letters = Letters::of("-----BEGIN ");
    const SCHEME: Letters = Letters::of("://");
    const DRIVER: Letters = Letters::of("@tcp(");
    const CLOSE: Letters = Letters::of("</");
    let mut out = Vec::new();
    if text.is_empty() {
        return out;
    }
    let letters = Letters::of(text);
    if letters.may_hold(BEGIN) {
        private_keys(text, &mut out);
    }
    if letters.may_hold(SCHEME) || letters.may_hold(DRIVER) {
        addresses(text, &mut out);
    }
    settings(text, &mut out);
    if letters.may_hold(CLOSE) {
        elements(text, &mut out);
    }
    headers(text, letters, &mut out);
    tokens(text, letters, &mut out);
    out.sort_by_key(|found| (found.range.start, found.range.end));
    out
}

fn private_keys(text: &str, out: &mut Vec<Found>) {
    let mut from = 0;
    while let Some(begin) = text.get(from..).and_then(|rest| rest.find("-----BEGIN ")).map(|at| from + at) {
        let tail = text.get(begin..).unwrap_or_default();
        let Some(end) = tail.find("PRIVATE KEY-----").map(|at| at + 16) else { return };
        let close =
            tail.get(end..).and_then(|rest| rest.find("PRIVATE KEY-----")).map_or(tail.len(), |at| end + at + 16);
        out.push(Found::new(begin..begin + close, "the value is a private key"));
        from = begin + close;
    }
}

/// `scheme://user:password@`, and the `user:password@tcp(host)` of Go's drivers.
fn addresses(text: &str, out: &mut Vec<Found>) {
    const ADDRESS: &str = "the value is an address with a password in it";
    for (at, sign) in text.match_indices("://") {
        let body = at + sign.len();
        // Up to the next address, so that a list of many is read once.
        let rest = text.get(body..).and_then(|rest| rest.split("://").next()).unwrap_or_default();
        let stop = |c: char| c.is_whitespace() || "\"'`<>\\|".contains(c);
        let token = rest.get(..rest.find(stop).unwrap_or(rest.len())).unwrap_or_default();
        let head = text.get(..at).unwrap_or_default();
        let scheme = head.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
        let Some(user) = authority(token, &scheme).and_then(|found| found.user_info) else { continue };
        let info = token.get(user).unwrap_or_default();
        let (start, word) = match info.split_once(':') {
            Some((user, password)) => (user.len() + 1, password),
            // A token in place of the user, as Git hosts and Sentry have it; `0x…` is a public key.
            None if scheme.starts_with("http") && info.len() >= TOKEN_USER && !info.starts_with("0x") => (0, info),
            None => continue,
        };
        if !word.is_empty() && !is_placeholder(word) {
            out.push(Found::new(body + start..body + start + word.len(), ADDRESS));
        }
    }
    for (at, _) in text.match_indices("@tcp(") {
        let head = text.get(..at).unwrap_or_default();
        let from = head.rfind(|c: char| c.is_whitespace() || "\"'=".contains(c)).map_or(0, |at| at + 1);
        let info = head.get(from..).unwrap_or_default();
        if let Some((user, password)) = info.split_once(':').filter(|(_, password)| !is_placeholder(password)) {
            let start = from + user.len() + 1;
            out.push(Found::new(
                start..start + password.len(),
                "the value is a connection string with a password in it",
            ));
        }
    }
}

/// `password=…`, `password: …` and `"password": "…"` with any name that names a credential.
fn settings(text: &str, out: &mut Vec<Found>) {
    for (at, sign) in text.match_indices(['=', ':']) {
        let Some(key) = key_before(text, at) else { continue };
        let Some(range) = value_after(text, at + 1, sign == ":", key) else { continue };
        let value = text.get(range.clone()).unwrap_or_default();
        if is_placeholder(value) || is_switch(value) || is_path(value) {
            continue;
        }
        let why = || format!("`{key}` in it names a credential");
        if connection_key(key) || by_name(key, value).is_some() {
            out.push(Found { range, because: why() });
        }
    }
}

/// Keys of connection strings that no rule about names of variables covers.
fn connection_key(key: &str) -> bool {
    ["pwd", "accountkey", "sharedaccesskey", "sharedaccesssignature"]
        .iter()
        .any(|known| key.eq_ignore_ascii_case(known))
}

/// The key that ends before a `=` or `:`, without its quotes and the `-D` or `--` before it.
fn key_before(text: &str, at: usize) -> Option<&str> {
    let head = text.get(..at)?;
    let head = head.strip_suffix(['"', '\'']).or_else(|| head.strip_suffix("\\\"")).unwrap_or(head);
    let inner = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let start = head.char_indices().rev().take_while(|(_, c)| inner(*c)).last()?.0;
    let key = head.get(start..)?.trim_start_matches(['-', '.']);
    (!key.is_empty() && key.len() < 80).then_some(key)
}

/// The value that begins at some byte: the quoted text, or up to what ends it.
fn value_after(text: &str, from: usize, is_colon: bool, key: &str) -> Option<Range<usize>> {
    let rest = text.get(from..)?;
    let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let quoted_key = text.get(..from)?.trim_end_matches([':', '=']).ends_with(['"', '\'']);
    // `a:b` is no setting, `a: b` and `"a":"b"` are; `a = b` is one at the beginning of a line only.
    if is_colon && blank == 0 && !quoted_key {
        return None;
    }
    if !is_colon && blank > 0 {
        let line = text.get(..from)?.rsplit('\n').next().unwrap_or_default();
        if line.trim_end_matches(['=', ' ', '\t']).trim_start() != key {
            return None;
        }
    }
    let start = from + blank;
    let value = text.get(start..)?;
    if let Some(quote) = ["\\\"", "\"", "'"].into_iter().find(|quote| value.starts_with(quote)) {
        let inside = value.get(quote.len()..)?;
        let end = inside.find(quote).unwrap_or(inside.len());
        return (end > 0).then_some(start + quote.len()..start + quote.len() + end);
    }
    let end = if is_colon { colon_end(value) } else { equals_end(value) };
    let end = value.get(..end)?.trim_end().len();
    (end > 0).then_some(start..start + end)
}

/// A value after `: ` goes to the end of the line, or of the flow mapping.
fn colon_end(value: &str) -> usize {
    let line = value.find(['\n', '\r']).unwrap_or(value.len());
    let line = value.get(..line).unwrap_or_default();
    [", ", " #", "}", "\"", "' "].iter().filter_map(|stop| line.find(stop)).min().unwrap_or(line.len())
}

/// A value after `=` goes to a blank, a quote, or a `;`, `,`, `&` before which it ends.
fn equals_end(value: &str) -> usize {
    for (at, c) in value.char_indices() {
        let next = value.get(at + c.len_utf8()..).unwrap_or_default();
        let ends = match c {
            '"' | '\'' | '`' | '<' | '>' | '|' => true,
            ';' | ',' | '&' | ')' => next.is_empty() || next.starts_with([';', '&', ' ']) || starts_setting(next),
            _ => c.is_whitespace(),
        };
        if ends {
            return at;
        }
    }
    value.len()
}

/// Whether a text begins with `key=`.
fn starts_setting(text: &str) -> bool {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"_-. ".contains(c)).unwrap_or(text.len());
    end > 0 && text.get(end..).is_some_and(|rest| rest.starts_with('='))
}

/// `<password>…</password>`.
fn elements(text: &str, out: &mut Vec<Found>) {
    for (at, _) in text.match_indices("</") {
        let name = text.get(at + 2..).and_then(|rest| rest.split('>').next()).unwrap_or_default();
        let Some(head) = text.get(..at) else { continue };
        let start = head.rfind(['<', '>']).map_or(0, |at| at + 1);
        let value = head.get(start..).unwrap_or_default();
        let opened =
            head.get(..start).is_some_and(|head| head.strip_suffix('>').is_some_and(|head| head.ends_with(name)));
        if opened && !name.is_empty() && !is_placeholder(value) && !is_switch(value) && by_name(name, value).is_some() {
            out.push(Found { range: start..at, because: format!("`{name}` in it names a credential") });
        }
    }
}

/// `Authorization: Basic …`, `Bearer …`.
fn headers(text: &str, letters: Letters, out: &mut Vec<Found>) {
    for (scheme, _) in SCHEMES.iter().filter(|(_, marks)| letters.may_hold(*marks)) {
        for (at, _) in text.match_indices(scheme) {
            let start = at + scheme.len();
            let rest = text.get(start..).unwrap_or_default();
            let end = rest.find(|c: char| c.is_whitespace() || "\"'`,;)".contains(c)).unwrap_or(rest.len());
            let word = rest.get(..end).unwrap_or_default();
            let head = text.get(..at).unwrap_or_default().trim_end();
            let named =
                head.get(head.len().saturating_sub(14)..).is_some_and(|end| end.eq_ignore_ascii_case("authorization:"));
            let long = word.len() >= 12 && word.bytes().any(|b| b.is_ascii_digit());
            if !is_placeholder(word) && (named || long) {
                out.push(Found::new(start..start + end, "it is the value of an `Authorization` header"));
            }
        }
    }
}

/// Words that begin as tokens of known issuers do.
fn tokens(text: &str, letters: Letters, out: &mut Vec<Found>) {
    for (prefix, _) in TOKENS.iter().filter(|(_, marks)| letters.may_hold(*marks)) {
        for (at, _) in text.match_indices(prefix) {
            let begins = text.get(..at).and_then(|head| head.chars().next_back());
            let rest = text.get(at..).unwrap_or_default();
            let inner = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
            let end = rest.find(|c| !inner(c)).unwrap_or(rest.len());
            let word = rest.get(..end).unwrap_or_default();
            let digits = word.bytes().any(|b| b.is_ascii_digit()) || word.bytes().any(|b| b.is_ascii_uppercase());
            if begins.is_none_or(|c| !inner(c)) && end > prefix.len() + 12 && digits {
                let because = format!("the value begins with `{prefix}`, as tokens of its issuer do");
                out.push(Found { range: at..at + end, because });
            }
        }
    }
}
