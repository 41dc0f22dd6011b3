//! Splits an instruction into command, flags and words. Quotes and escapes of words stay: expansion takes them away.

/// White space between the parts of an instruction.
pub(crate) fn is_gap(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

/// The first word and what follows the white space after it.
pub(crate) fn first(text: &str) -> (&str, &str) {
    text.split_once(is_gap).map_or((text, ""), |(word, rest)| (word, rest.trim_start_matches(is_gap)))
}

/// Words between white space, whatever quotes they have.
pub(crate) fn plain(text: &str) -> Vec<String> {
    text.split(is_gap).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Splits a text into words at white space outside quotes; quotes and escapes stay as they are written.
pub(crate) fn quoted(text: &str, escape: char) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match quote {
            None if c.is_whitespace() => {
                if !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
                continue;
            }
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(mark) if c == mark => quote = None,
            Some('\'') => {}
            _ if c == escape => {
                // An escape at the very end is dropped.
                if let Some(next) = chars.next() {
                    word.extend([c, next]);
                }
                continue;
            }
            _ => {}
        }
        word.push(c);
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

/// Flags at the start, each with its dashes, and what follows them; a lone `--` ends them.
///
/// BuildKit reads flags byte by byte, so a character beyond ASCII in one falls apart; so it does here.
pub(crate) fn flags(text: &str, escape: char) -> (Vec<String>, &str) {
    let bytes = text.as_bytes();
    let at = |position: usize| bytes.get(position).map(|byte| char::from(*byte));
    let mut out = Vec::new();
    let mut position = 0;
    loop {
        while at(position).is_some_and(char::is_whitespace) {
            position += 1;
        }
        if at(position).is_none() {
            return (out, "");
        }
        if at(position) != Some('-') || at(position + 1) != Some('-') {
            return (out, text.get(position..).unwrap_or_default());
        }
        let (word, quoted, end) = flag(&at, position, escape);
        if word == "--" {
            return (out, text.get(end..).unwrap_or_default());
        }
        if quoted || !word.is_empty() {
            out.push(word);
        }
        position = end;
    }
}

/// One flag without its quotes, whether it had any, and where it ends.
fn flag(at: &dyn Fn(usize) -> Option<char>, start: usize, escape: char) -> (String, bool, usize) {
    let mut word = String::new();
    let mut quote = None;
    let mut quoted = false;
    let mut position = start;
    while let Some(c) = at(position) {
        position += 1;
        match quote {
            None if c.is_whitespace() => return (word, quoted, position - 1),
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                quoted = true;
            }
            Some(mark) if c == mark => quote = None,
            _ if c == escape => match at(position) {
                Some(next) => {
                    word.push(next);
                    position += 1;
                }
                None => quote = None,
            },
            _ => word.push(c),
        }
    }
    (word, quoted, position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_quotes() {
        assert_eq!(quoted(r#"a "b c" d\ e 'f g' """#, '\\'), ["a", "\"b c\"", r"d\ e", "'f g'", "\"\""]);
    }

    #[test]
    fn flags_lose_their_quotes_and_end_at_two_dashes() {
        for (text, flags_, rest) in [
            ("--a=1 --b=\"x y\" c --d", vec!["--a=1", "--b=x y"], "c --d"),
            ("--a -- --b", vec!["--a"], " --b"),
            ("x", vec![], "x"),
            ("--a\\ b", vec!["--a b"], ""),
        ] {
            assert_eq!(flags(text, '\\'), (flags_.into_iter().map(str::to_owned).collect(), rest), "{text}");
        }
    }
}
