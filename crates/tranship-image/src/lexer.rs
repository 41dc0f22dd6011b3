//! Words, quotes and variables, as BuildKit's shell lexer (`frontend/dockerfile/shell`) reads them.
//!
//! Where it differs from a shell this follows BuildKit, oddities included: the values have to be those of the image
//! that is built. Start reading at [`expand`].

use std::iter::Peekable;
use std::str::Chars;

use crate::pattern::Pattern;

/// What a variable holds; `None` where it is not set.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A text without its quotes and escapes, with variables put in. The error says why it cannot be read.
///
/// Forms: `$NAME`, `${NAME}`, and in braces after the name `:-word`, `-word`, `:+word`, `+word`, `:?word`, `?word`,
/// `#pattern`, `##pattern`, `%pattern`, `%%pattern`, `/pattern/word`, `//pattern/word`.
///
/// ```
/// let lookup = |name: &str| (name == "V").then(|| "1.2".to_owned());
/// assert_eq!(tranship_image::expand("node:${V%.*}", '\\', &lookup).as_deref(), Ok("node:1"));
/// ```
pub fn expand(text: &str, escape: char, lookup: Lookup<'_>) -> Result<String, String> {
    Ok(Lexer::new(text, escape, lookup).run()?.0)
}

/// The same, split at white space that is not quoted, after variables are put in.
pub fn expand_words(text: &str, escape: char, lookup: Lookup<'_>) -> Result<Vec<String>, String> {
    Ok(Lexer::new(text, escape, lookup).run()?.1)
}

/// The content of a here-document: variables are put in, quotes stay, the escape is `\` whatever the file says.
pub fn expand_content(text: &str, lookup: Lookup<'_>) -> Result<String, String> {
    let mut lexer = Lexer::new(text, '\\', lookup);
    lexer.mode.skip_quotes = true;
    Ok(lexer.run()?.0)
}

/// The words of a line with quotes, escapes and variables as written; how here-documents are looked for.
pub(crate) fn words_as_written(text: &str) -> Result<Vec<String>, String> {
    let mut lexer = Lexer::new(text, '\\', &|_| None);
    lexer.mode = Mode { raw_quotes: true, raw_escapes: true, skip_quotes: false, keep_unset: true };
    Ok(lexer.run()?.1)
}

/// The words of a text whose variables stay as written, with or without its quotes.
pub(crate) fn words_unset(text: &str, raw_quotes: bool) -> Result<Vec<String>, String> {
    let mut lexer = Lexer::new(text, '\\', &|_| None);
    lexer.mode = Mode { raw_quotes, raw_escapes: false, skip_quotes: false, keep_unset: true };
    Ok(lexer.run()?.1)
}

/// How deep `${A:-${B:-…}}` may go. BuildKit has no such bound; nobody writes more, and the stack has an end.
const DEEPEST: usize = 64;

#[derive(Clone, Copy, Default)]
struct Mode {
    /// Quotes stay in the result.
    raw_quotes: bool,
    /// Escapes stay in the result.
    raw_escapes: bool,
    /// Quotes mean nothing.
    skip_quotes: bool,
    /// A variable that is not set stays as written.
    keep_unset: bool,
}

struct Lexer<'a> {
    chars: Peekable<Chars<'a>>,
    escape: char,
    lookup: Lookup<'a>,
    mode: Mode,
    /// How many braces are open.
    depth: usize,
    /// The word being made. All levels share it: a word inside braces makes the one around it forget its beginning.
    word: String,
}

/// The words of one level.
#[derive(Default)]
struct Words {
    done: Vec<String>,
    inside: bool,
}

impl Words {
    fn add(&mut self, word: &mut String, c: char) {
        if !c.is_whitespace() {
            self.add_raw(word, c);
        } else if self.inside && !word.is_empty() {
            self.done.push(std::mem::take(word));
            self.inside = false;
        }
    }

    fn add_raw(&mut self, word: &mut String, c: char) {
        word.push(c);
        self.inside = true;
    }
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, escape: char, lookup: Lookup<'a>) -> Self {
        // Go's scanner passes over a byte order mark at the start of each text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { chars: text.chars().peekable(), escape, lookup, mode: Mode::default(), depth: 0, word: String::new() }
    }

    fn run(mut self) -> Result<(String, Vec<String>), String> {
        self.until(None, self.mode.raw_escapes)
    }

    /// Reads to the end of the text, or to `stop`, which is taken too.
    fn until(&mut self, stop: Option<char>, raw_escapes: bool) -> Result<(String, Vec<String>), String> {
        if self.depth > DEEPEST {
            return Err("variables are nested too deeply".to_owned());
        }
        let before = std::mem::replace(&mut self.mode.raw_escapes, raw_escapes);
        self.depth += 1;
        let out = self.until_inner(stop);
        self.depth -= 1;
        self.mode.raw_escapes = before;
        out
    }

    fn until_inner(&mut self, stop: Option<char>) -> Result<(String, Vec<String>), String> {
        let mut result = String::new();
        let mut words = Words::default();
        self.word.clear();
        while let Some(&c) = self.chars.peek() {
            if Some(c) == stop {
                self.chars.next();
                return Ok((result, self.finish(words)));
            }
            match c {
                '$' => {
                    let text = self.dollar()?;
                    text.chars().for_each(|c| words.add(&mut self.word, c));
                    result.push_str(&text);
                }
                '\'' | '"' if !self.mode.skip_quotes => {
                    let text = if c == '"' { self.double()? } else { self.single()? };
                    self.word.push_str(&text);
                    words.inside = true;
                    result.push_str(&text);
                }
                '<' => {
                    let text = self.angle();
                    self.word.push_str(&text);
                    words.inside = true;
                    result.push_str(&text);
                }
                _ => {
                    self.chars.next();
                    if c != self.escape {
                        words.add(&mut self.word, c);
                        result.push(c);
                        continue;
                    }
                    if self.mode.raw_escapes {
                        words.add_raw(&mut self.word, c);
                        result.push(c);
                    }
                    let Some(next) = self.chars.next() else { break };
                    words.add_raw(&mut self.word, next);
                    result.push(next);
                }
            }
        }
        match stop {
            Some(stop) => Err(format!("the `{stop}` that should follow is absent")),
            None => Ok((result, self.finish(words))),
        }
    }

    fn finish(&mut self, mut words: Words) -> Vec<String> {
        if !self.word.is_empty() {
            words.done.push(std::mem::take(&mut self.word));
        }
        words.done
    }

    fn single(&mut self) -> Result<String, String> {
        let mut out = String::new();
        self.quote(&mut out);
        loop {
            match self.chars.peek() {
                None => return Err("a single quote is not closed".to_owned()),
                Some('\'') => {
                    self.quote(&mut out);
                    return Ok(out);
                }
                Some(_) => out.extend(self.chars.next()),
            }
        }
    }

    /// Takes a quote, which stays only when quotes are asked for.
    fn quote(&mut self, out: &mut String) {
        let quote = self.chars.next();
        if self.mode.raw_quotes {
            out.extend(quote);
        }
    }

    fn double(&mut self) -> Result<String, String> {
        let mut out = String::new();
        self.quote(&mut out);
        loop {
            match self.chars.peek() {
                None => return Err("a double quote is not closed".to_owned()),
                Some('"') => {
                    self.quote(&mut out);
                    return Ok(out);
                }
                Some('$') => out.push_str(&self.dollar()?),
                Some(_) => self.quoted_char(&mut out),
            }
        }
    }

    /// One character between double quotes: the escape counts only before a quote, `$` and itself.
    fn quoted_char(&mut self, out: &mut String) {
        let Some(c) = self.chars.next() else { return };
        if c != self.escape {
            out.push(c);
            return;
        }
        if self.mode.raw_escapes {
            out.push(c);
        }
        match self.chars.peek().copied() {
            None => {}
            Some(next) if next == '"' || next == '$' || next == self.escape => out.extend(self.chars.next()),
            Some(_) => out.push(c),
        }
    }

    /// `<`, or `<<` with the white space after it, which belongs to the word of a here-document.
    fn angle(&mut self) -> String {
        self.chars.next();
        if self.chars.peek() != Some(&'<') {
            return "<".to_owned();
        }
        self.chars.next();
        let mut out = "<<".to_owned();
        while let Some(c) = self.chars.next_if(|c| matches!(c, '\t' | '\r' | ' ')) {
            out.push(c);
        }
        out
    }

    fn dollar(&mut self) -> Result<String, String> {
        self.chars.next();
        if self.chars.peek() != Some(&'{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".to_owned());
            }
            return Ok(self.get(&name).unwrap_or_else(|| self.unset(|| format!("${name}"))));
        }
        self.chars.next();
        match self.chars.peek() {
            None => return Err("a `${` is not closed".to_owned()),
            Some('{' | '}' | ':') => return Err("a `${` is not followed by a name".to_owned()),
            Some(_) => {}
        }
        let name = self.name();
        match self.chars.next() {
            Some('}') => Ok(self.get(&name).unwrap_or_else(|| self.unset(|| format!("${{{name}}}")))),
            Some(':') => {
                let sign = self.chars.next();
                self.modified(&name, true, sign)
            }
            Some('/') => self.replaced(&name),
            sign @ Some('+' | '-' | '?' | '#' | '%') => self.modified(&name, false, sign),
            Some(sign) => Err(format!("`{sign}` after a name in `${{}}` means nothing")),
            None => Err("a `${` is not closed".to_owned()),
        }
    }

    fn get(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
    }

    fn unset(&self, written: impl FnOnce() -> String) -> String {
        if self.mode.keep_unset { written() } else { String::new() }
    }

    /// `${NAME:-word}` and its kin, from the word on.
    fn modified(&mut self, name: &str, null_is_unset: bool, sign: Option<char>) -> Result<String, String> {
        let Some(sign) = sign else { return Err("a `${` is not closed".to_owned()) };
        let cuts = matches!(sign, '#' | '%');
        if null_is_unset && cuts {
            return Err(format!("`:{sign}` after a name in `${{}}` means nothing"));
        }
        let (word, _) = self.until(Some('}'), cuts)?;
        let value = self.get(name);
        if value.is_none() && self.mode.keep_unset {
            let colon = if null_is_unset { ":" } else { "" };
            return Ok(format!("${{{name}{colon}{sign}{word}}}"));
        }
        let there = value.as_ref().is_some_and(|value| !null_is_unset || !value.is_empty());
        let value = value.unwrap_or_default();
        match (sign, there) {
            ('-' | '?', true) => Ok(value),
            ('-', false) | ('+', true) => Ok(word),
            ('+', false) => Ok(String::new()),
            ('?', false) if word.is_empty() => Err(format!("`{name}` has to be set")),
            ('?', false) => Err(format!("{name}: {word}")),
            ('#' | '%', _) => {
                let (greedy, pattern) = match word.strip_prefix(sign) {
                    Some(rest) => (true, rest),
                    None => (false, word.as_str()),
                };
                let pattern = Pattern::parse(pattern)?;
                Ok(if sign == '%' { pattern.cut_end(&value, greedy) } else { pattern.cut_start(&value, greedy) })
            }
            _ => Err(format!("`{sign}` after a name in `${{}}` means nothing")),
        }
    }

    /// `${NAME/pattern/word}`, from the pattern on.
    fn replaced(&mut self, name: &str) -> Result<String, String> {
        let all = self.chars.next_if_eq(&'/').is_some();
        let (pattern, _) = self.until(Some('/'), true)?;
        let (word, _) = self.until(Some('}'), true)?;
        match self.get(name) {
            None if self.mode.keep_unset => Ok(format!("${{{name}/{pattern}/{word}}}")),
            value => Ok(Pattern::parse(&pattern)?.replace(&value.unwrap_or_default(), &word, all)),
        }
    }

    /// A name: digits, one special sign, or letters, digits and `_`.
    fn name(&mut self) -> String {
        let mut out = String::new();
        match self.chars.peek() {
            Some(c) if is_digit(*c) => {
                while let Some(c) = self.chars.next_if(|c| is_digit(*c)) {
                    out.push(c);
                }
            }
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => out.extend(self.chars.next()),
            _ => {
                while let Some(c) = self.chars.next_if(|c| c.is_alphabetic() || is_digit(*c) || *c == '_') {
                    out.push(c);
                }
            }
        }
        out
    }
}

/// A decimal digit; letters of other scripts are letters, their digits are rare enough to be taken as signs.
fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_quotes() {
        let lookup = |name: &str| match name {
            "A" => Some("one".to_owned()),
            "E" => Some(String::new()),
            "P" => Some("a.tar.gz".to_owned()),
            _ => None,
        };
        for (text, expect) in [
            ("$A ${A}x \"$A\" '$A'", Ok("one onex one $A")),
            (r"\$A \\ \x", Ok(r"$A \ x")),
            (r#""\x \" \$A""#, Ok(r#"\x " $A"#)),
            ("${E:-d} ${E-d} ${N:-${A}} ${A:+alt} ${E:+alt}", Ok("d  one alt ")),
            ("${A#o} ${A%e} ${A/n/N} $", Ok("ne on oNe $")),
            ("${P%.*} ${P%%.*} ${P#*.} ${P##*.} ${P//a/b}", Ok("a.tar a tar.gz gz b.tbr.gz")),
            ("${open", Err(())),
            ("'open", Err(())),
            ("${N:?why}", Err(())),
            ("${A^}", Err(())),
            ("${}", Err(())),
        ] {
            assert_eq!(expand(text, '\\', &lookup).as_deref().map_err(|_| ()), expect, "{text}");
        }
    }

    #[test]
    fn words_are_split_after_variables_are_put_in() {
        let lookup = |name: &str| (name == "A").then(|| "80 443".to_owned());
        assert_eq!(expand_words("$A \"$A\" a\\ b", '\\', &lookup).unwrap(), ["80", "443", "80 443", "a b"]);
    }

    #[test]
    fn contents_keep_their_quotes() {
        let lookup = |name: &str| (name == "A").then(|| "1".to_owned());
        assert_eq!(expand_content("'$A' \"${A}\" \\$A\n", &lookup).unwrap(), "'1' \"1\" $A\n");
    }
}
