//! Patterns of `${NAME#pattern}` and its kin: `*` is any text, `?` one character, `\` takes the next one as it is.

/// A pattern, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(Vec<Token>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Any,
    One,
    Just(char),
}

impl Pattern {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut tokens = Vec::new();
        let mut chars = text.strip_prefix('\u{feff}').unwrap_or(text).chars().peekable();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '*' => Token::Any,
                '?' => Token::One,
                // Escapes that only kept the character from ending the form it stands in.
                '\\' if matches!(chars.peek(), Some('}' | '/')) => continue,
                '\\' => match chars.next() {
                    Some(next @ ('*' | '?' | '\\')) => Token::Just(next),
                    _ => return Err("a pattern may escape only `*`, `?` and the escape".to_owned()),
                },
                c => Token::Just(c),
            });
        }
        Ok(Self(tokens))
    }

    /// The value without the shortest or longest start that matches.
    pub(crate) fn cut_start(&self, value: &str, greedy: bool) -> String {
        let chars: Vec<char> = value.chars().collect();
        let end = Search::new(&self.0, &chars, greedy).at(0).unwrap_or(0);
        chars.get(end..).unwrap_or_default().iter().collect()
    }

    /// The value without the shortest or longest end that matches.
    pub(crate) fn cut_end(&self, value: &str, greedy: bool) -> String {
        let tokens: Vec<Token> = self.0.iter().rev().copied().collect();
        let chars: Vec<char> = value.chars().rev().collect();
        let end = Search::new(&tokens, &chars, greedy).at(0).unwrap_or(0);
        chars.get(end..).unwrap_or_default().iter().rev().collect()
    }

    /// The value with the first match, or all of them, replaced.
    pub(crate) fn replace(&self, value: &str, with: &str, all: bool) -> String {
        let chars: Vec<char> = value.chars().collect();
        let mut search = Search::new(&self.0, &chars, true);
        let mut out = String::new();
        let mut kept = 0;
        let mut at = 0;
        while at <= chars.len() {
            let Some(end) = search.at(at) else {
                at += 1;
                continue;
            };
            out.extend(chars.get(kept..at).unwrap_or_default());
            // An empty match right after another one is none.
            if end > kept || at == 0 || at > kept {
                if all {
                    out.push_str(&template(with, chars.get(at..end).unwrap_or_default()));
                } else {
                    out.push_str(with);
                }
            }
            kept = end;
            if !all {
                break;
            }
            at = end.max(at + 1);
        }
        out.extend(chars.get(kept..).unwrap_or_default());
        out
    }
}

/// Go's replacement of all matches reads the new text as a template: `$0` is the match, `$$` a dollar, other names are
/// groups that no pattern has.
fn template(text: &str, matched: &[char]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        rest = after;
        if let Some(tail) = after.strip_prefix('$') {
            out.push('$');
            rest = tail;
            continue;
        }
        let (name, tail) = match after.strip_prefix('{') {
            Some(inner) => inner.split_once('}').unwrap_or(("", after)),
            None => after.split_at(word_end(after)),
        };
        if name.is_empty() || word_end(name) != name.len() {
            out.push('$');
            continue;
        }
        if name == "0" {
            out.extend(matched);
        }
        rest = tail;
    }
    out + rest
}

fn word_end(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len())
}

/// Tries a pattern at places of a value; what failed once is not tried again, so that it stays quadratic.
struct Search<'a> {
    tokens: &'a [Token],
    chars: &'a [char],
    greedy: bool,
    failed: Vec<bool>,
}

impl<'a> Search<'a> {
    fn new(tokens: &'a [Token], chars: &'a [char], greedy: bool) -> Self {
        Self { tokens, chars, greedy, failed: vec![false; (tokens.len() + 1) * (chars.len() + 1)] }
    }

    /// Where a match that starts here ends.
    fn at(&mut self, start: usize) -> Option<usize> {
        // Depth first without recursion: a long value must not overflow the stack.
        let mut open = vec![(0, start)];
        while let Some((token, at)) = open.pop() {
            let key = token * (self.chars.len() + 1) + at;
            if self.failed.get(key).copied().unwrap_or(true) {
                continue;
            }
            let Some(wanted) = self.tokens.get(token) else { return Some(at) };
            if let Some(seen) = self.failed.get_mut(key) {
                *seen = true;
            }
            let next = self.chars.get(at);
            match wanted {
                Token::Just(c) if next == Some(c) => open.push((token + 1, at + 1)),
                Token::One if next.is_some_and(|c| *c != '\n') => open.push((token + 1, at + 1)),
                Token::Any => {
                    let more = next.is_some_and(|c| *c != '\n').then_some((token, at + 1));
                    let less = Some((token + 1, at));
                    let (first, second) = if self.greedy { (more, less) } else { (less, more) };
                    open.extend(second);
                    open.extend(first);
                }
                _ => {}
            }
        }
        None
    }
}
