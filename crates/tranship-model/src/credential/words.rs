//! Credentials among the words of a command: `--password X`, `-pX` of MySQL's programs, `-a X` of Redis'.

use std::ops::Range;

use super::name::by_name;
use super::{Found, is_path, is_placeholder, is_switch};

/// A word of a command with where it stands: the text it is part of, and its bytes there.
struct Token<'a> {
    text: &'a str,
    home: usize,
    at: usize,
}

/// Credentials that the words of a command show by their place, with the number of their word.
pub(super) fn among(words: &[&str]) -> Vec<(usize, Found)> {
    let mut out = Vec::new();
    let whole: Vec<Token<'_>> = words.iter().enumerate().map(|(home, text)| Token { text, home, at: 0 }).collect();
    command(&whole, &mut out);
    for (home, word) in words.iter().enumerate() {
        if word.contains(char::is_whitespace) {
            for part in commands(word, home) {
                command(&part, &mut out);
            }
        } else if let Some((name, value)) = option(word) {
            // The value of an option goes to the end of its word, whatever it holds.
            if hides(name, value) {
                let because = format!("`{name}` names a credential");
                out.push((home, Found { range: word.len() - value.len()..word.len(), because }));
            }
        }
    }
    out
}

fn option(word: &str) -> Option<(&str, &str)> {
    word.strip_prefix('-').and_then(|rest| rest.trim_start_matches('-').split_once('='))
}

fn hides(name: &str, value: &str) -> bool {
    !is_placeholder(value) && !is_switch(value) && !is_path(value) && by_name(name, value).is_some()
}

/// The commands of a script, as far as blanks and operators tell them apart.
fn commands(script: &str, home: usize) -> Vec<Vec<Token<'_>>> {
    let mut out = vec![Vec::new()];
    for range in words_of(script) {
        let text = script.get(range.clone()).unwrap_or_default();
        let ends = text.ends_with([';', '&', '|', '(', '{', '`'])
            || matches!(text, "then" | "do" | "else" | "exec" | "!" | "if" | "until" | "while");
        let clean = text.trim_end_matches([';', '&', '|', ')', '`']);
        // A list in braces or brackets, as YAML and JSON write words.
        let listed = clean.trim_end_matches([',', ']', '}']);
        let clean = if listed.ends_with(['"', '\'']) { listed } else { clean };
        let opened = clean.len() - clean.trim_start_matches(['(', '`', '$', '{', '[']).len();
        let bare = unquoted(clean.get(opened..).unwrap_or_default());
        if let Some(last) = out.last_mut().filter(|_| !bare.0.is_empty() && !ends_only(text)) {
            last.push(Token { text: bare.0, home, at: range.start + opened + bare.1 });
        }
        if ends {
            out.push(Vec::new());
        }
    }
    out
}

fn ends_only(text: &str) -> bool {
    matches!(text, "then" | "do" | "else" | "exec" | "!" | "if" | "until" | "while")
}

/// Words of a script: what stands between blanks, quotes taken together.
fn words_of(script: &str) -> Vec<Range<usize>> {
    let (mut out, mut start, mut quote) = (Vec::new(), None, None);
    for (at, c) in script.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => {
                quote = Some(c);
                start.get_or_insert(at);
            }
            (None, c) if c.is_whitespace() => out.extend(start.take().map(|start| start..at)),
            (None, _) => {
                start.get_or_insert(at);
            }
        }
    }
    out.extend(start.map(|start| start..script.len()));
    out
}

/// A word without the quotes around it, and how many bytes were taken off its beginning.
fn unquoted(text: &str) -> (&str, usize) {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return (inside, 1);
        }
    }
    (text, 0)
}

fn command(tokens: &[Token<'_>], out: &mut Vec<(usize, Found)>) {
    let program = tokens.first().map_or("", |token| token.text.rsplit('/').next().unwrap_or_default());
    for (i, token) in tokens.iter().enumerate() {
        let next = tokens.get(i + 1).filter(|next| !next.text.starts_with('-'));
        if let Some(next) = next.filter(|next| takes(program, token.text, next.text)) {
            let start = if is_user(token.text) { next.text.find(':').map_or(0, |at| at + 1) } else { 0 };
            push(next, start, token.text, out);
        }
        let attached = token.text.strip_prefix("-p").filter(|rest| is_mysql(program) && !rest.is_empty());
        if attached.is_some_and(|password| !password.starts_with("ort") && !password.starts_with("rotocol")) {
            push(token, 2, "-p", out);
        }
    }
}

fn push(token: &Token<'_>, start: usize, name: &str, out: &mut Vec<(usize, Found)>) {
    let value = token.text.get(start..).unwrap_or_default();
    // `-p""` asks for no password.
    if value.chars().all(|c| matches!(c, '"' | '\'')) {
        return;
    }
    if !value.is_empty() && !is_placeholder(value) {
        let range = token.at + start..token.at + token.text.len();
        out.push((token.home, Found { range, because: format!("`{name}` is followed by a credential") }));
    }
}

/// Whether the word after an option is a credential.
fn takes(program: &str, option: &str, value: &str) -> bool {
    if matches!(option, "requirepass" | "masterauth") {
        return !is_switch(value);
    }
    if is_user(option) && matches!(program, "curl" | "wget" | "http" | "elasticsearch-users") {
        return value.contains(':');
    }
    let known = match option {
        "-a" => matches!(program, "redis-cli" | "valkey-cli" | "keydb-cli"),
        "-p" => matches!(program, "mongo" | "mongosh" | "mongodump" | "mongorestore" | "cqlsh"),
        "-P" => matches!(program, "sqlcmd" | "bcp"),
        _ => false,
    };
    known
        || option
            .strip_prefix('-')
            .is_some_and(|rest| !rest.contains('=') && rest.len() > 2 && hides(rest.trim_start_matches('-'), value))
}

fn is_user(option: &str) -> bool {
    matches!(option, "-u" | "--user")
}

fn is_mysql(program: &str) -> bool {
    program.starts_with("mysql") || program.starts_with("mariadb")
}
