//! `.dockerignore`: which files of a build context stay out, by the rules of moby's `patternmatcher`.

use std::path::Path;

use tranship_source::path::clean;

/// The patterns of an ignore file, in order; later ones win.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ignore {
    patterns: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    brings_back: bool,
    kind: Match,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Match {
    /// The path itself.
    Exact(String),
    /// `start**`.
    Prefix(String),
    /// `**end`.
    Suffix(String),
    /// Anything with wildcards.
    Glob(Vec<Token>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Just(char),
    /// `?`: one character of a name.
    One,
    /// `*`: any of a name.
    Name,
    /// `**/`: any number of folders.
    Folders,
    /// `**` at the end.
    Rest,
    /// `[a-z]`, and whether it is turned round.
    Class(Vec<(char, char)>, bool),
}

impl Ignore {
    /// Reads an ignore file. The error names a pattern that cannot be one.
    ///
    /// ```
    /// let ignore = tranship_image::Ignore::parse("*.log\n!keep.log\nnode_modules\n").unwrap();
    /// assert!(ignore.ignores("node_modules/a/b.js") && ignore.ignores("x.log") && !ignore.ignores("keep.log"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut patterns = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            patterns.push(rule(line)?);
        }
        Ok(Self { patterns })
    }

    /// Whether a path relative to the context stays out: it or a folder it lies in is named, and nothing later brings
    /// it back.
    pub fn ignores(&self, path: &str) -> bool {
        let mut out = false;
        let folders: Vec<&str> = path.match_indices('/').filter_map(|(at, _)| path.get(..at)).collect();
        for rule in &self.patterns {
            if rule.brings_back != out {
                continue;
            }
            if rule.kind.holds(path) || folders.iter().any(|folder| rule.kind.holds(folder)) {
                out = !rule.brings_back;
            }
        }
        out
    }

    /// Whether a pattern brings files back, so that an ignored folder has to be looked into.
    pub fn brings_back(&self) -> bool {
        self.patterns.iter().any(|rule| rule.brings_back)
    }
}

fn rule(line: &str) -> Result<Rule, String> {
    let (brings_back, pattern) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest.trim()));
    if pattern.is_empty() {
        return Err("`!` alone brings back nothing".to_owned());
    }
    let cleaned = clean(Path::new(pattern)).to_string_lossy().into_owned();
    let pattern = if cleaned.len() > 1 { cleaned.strip_prefix('/').unwrap_or(&cleaned) } else { &cleaned };
    let kind = compile(pattern).ok_or_else(|| format!("`{line}` is no pattern"))?;
    Ok(Rule { brings_back, kind })
}

fn compile(pattern: &str) -> Option<Match> {
    let tokens = tokens(pattern)?;
    let plain = |tokens: &[Token]| {
        let chars = tokens.iter().map(|token| if let Token::Just(c) = token { Some(*c) } else { None });
        chars.collect::<Option<String>>()
    };
    if !pattern.contains('\\') {
        if let Some(text) = plain(&tokens) {
            return Some(Match::Exact(text));
        }
        if let [start @ .., Token::Rest] = tokens.as_slice()
            && let Some(text) = plain(start)
        {
            return Some(Match::Prefix(text));
        }
        if let [Token::Folders, end @ ..] = tokens.as_slice()
            && plain(end).is_some()
        {
            return Some(Match::Suffix(pattern.get(2..)?.to_owned()));
        }
    }
    Some(Match::Glob(tokens))
}

fn tokens(pattern: &str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                chars.next_if_eq(&'/');
                if chars.peek().is_none() { Token::Rest } else { Token::Folders }
            }
            '*' => Token::Name,
            '?' => Token::One,
            '\\' => Token::Just(chars.next()?),
            '[' => class(&mut chars)?,
            c => Token::Just(c),
        });
    }
    Some(out)
}

fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Token> {
    let turned = chars.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        let low = match chars.next()? {
            ']' if !ranges.is_empty() => return Some(Token::Class(ranges, turned)),
            '-' | ']' => return None,
            '\\' => chars.next()?,
            c => c,
        };
        let high = if chars.next_if_eq(&'-').is_some() {
            match chars.next()? {
                '-' | ']' => return None,
                '\\' => chars.next()?,
                c => c,
            }
        } else {
            low
        };
        if low > high {
            return None;
        }
        ranges.push((low, high));
    }
}

impl Match {
    fn holds(&self, path: &str) -> bool {
        match self {
            Self::Exact(text) => path == text,
            Self::Prefix(text) => path.starts_with(text),
            Self::Suffix(text) => path.ends_with(text) || text.strip_prefix('/') == Some(path),
            Self::Glob(tokens) => glob(tokens, &path.chars().collect::<Vec<_>>()),
        }
    }
}

/// Places of the pattern that are reached, step by step through the path: no pattern takes more than its length times
/// the path's.
fn glob(tokens: &[Token], path: &[char]) -> bool {
    let mut reached = vec![false; tokens.len() + 1];
    spread(tokens, &mut reached, 0);
    for c in path {
        let mut next = vec![false; tokens.len() + 1];
        for (at, token) in tokens.iter().enumerate() {
            if !reached.get(at).copied().unwrap_or_default() {
                continue;
            }
            match token {
                Token::Just(wanted) if wanted == c => spread(tokens, &mut next, at + 1),
                Token::One if *c != '/' => spread(tokens, &mut next, at + 1),
                Token::Class(ranges, turned) => {
                    let inside = ranges.iter().any(|(low, high)| low <= c && c <= high);
                    if inside != *turned {
                        spread(tokens, &mut next, at + 1);
                    }
                }
                Token::Name if *c != '/' => spread(tokens, &mut next, at),
                Token::Rest => spread(tokens, &mut next, at),
                // Inside folders until a slash ends one of them.
                Token::Folders => {
                    if let Some(place) = next.get_mut(at) {
                        *place = true;
                    }
                    if *c == '/' {
                        spread(tokens, &mut next, at + 1);
                    }
                }
                _ => {}
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

/// Reaches a place, and those behind tokens that may match nothing.
fn spread(tokens: &[Token], reached: &mut [bool], from: usize) {
    let mut at = from;
    loop {
        if let Some(place) = reached.get_mut(at) {
            *place = true;
        }
        match tokens.get(at) {
            Some(Token::Name | Token::Rest | Token::Folders) => at += 1,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_patterns() {
        for (patterns, path, expect) in [
            ("node_modules", "node_modules/x/y.js", true),
            ("node_modules", "sub/node_modules/x", false),
            ("**/node_modules", "sub/node_modules/x", true),
            ("*.md", "README.md", true),
            ("*.md", "docs/README.md", false),
            ("**/*.md", "docs/README.md", true),
            ("/build/", "build/a", true),
            ("*\n!src", "src/main.rs", false),
            ("*\n!src", "Cargo.toml", true),
            ("a/**/c", "a/b/b/c", true),
            ("a/**/c", "a/c", true),
            ("?.txt", "a.txt", true),
            ("[a-c].txt", "d.txt", false),
            ("docs/**", "docs/x", true),
            ("# note\n\\#x", "#x", true),
        ] {
            assert_eq!(Ignore::parse(patterns).unwrap().ignores(path), expect, "{patterns:?} {path}");
        }
        for wrong in ["!", "a[", "a[b-]"] {
            assert!(Ignore::parse(wrong).is_err(), "{wrong}");
        }
    }
}
