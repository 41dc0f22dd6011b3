//! Words, quotes and variables, as BuildKit's shell lexer (`frontend/dockerfile/shell`) reads them.

/// Splits a text into words at white space outside quotes; quotes and escapes stay as they are written.
pub fn raw_words(text: &str, escape: char) -> Vec<String> {
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
                word.push(c);
                if let Some(next) = chars.next() {
                    word.push(next);
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

/// Removes quotes and escapes and puts variables in. A variable `lookup` does not know becomes empty.
///
/// Forms: `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME-word}`, `${NAME:+word}`, `${NAME+word}`, `${NAME:?word}`,
/// `${NAME#pattern}`, `${NAME%pattern}` and `${NAME/a/b}` without wildcards. Anything else stays as it is written.
pub fn expand(text: &str, escape: char, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut double = false;
    while let Some(c) = rest.chars().next() {
        let tail = &rest[c.len_utf8()..];
        rest = match c {
            '\'' if !double => {
                let end = tail.find('\'').unwrap_or(tail.len());
                out.push_str(&tail[..end]);
                tail.get(end + 1..).unwrap_or_default()
            }
            '"' => {
                double = !double;
                tail
            }
            '$' => variable(tail, escape, lookup, &mut out),
            c if c == escape => escaped(tail, escape, double, &mut out),
            c => {
                out.push(c);
                tail
            }
        };
    }
    out
}

/// After an escape: outside quotes any character stands for itself; inside, only `"`, `$` and the escape do.
fn escaped<'a>(tail: &'a str, escape: char, double: bool, out: &mut String) -> &'a str {
    let Some(next) = tail.chars().next() else { return tail };
    if double && next != '"' && next != '$' && next != escape {
        out.push(escape);
    }
    out.push(next);
    &tail[next.len_utf8()..]
}

/// After a `$`.
fn variable<'a>(tail: &'a str, escape: char, lookup: &dyn Fn(&str) -> Option<String>, out: &mut String) -> &'a str {
    if let Some(inner) = tail.strip_prefix('{') {
        let Some(end) = closing(inner, escape) else {
            out.push_str("${");
            return inner;
        };
        out.push_str(&braced(&inner[..end], escape, lookup));
        return &inner[end + 1..];
    }
    let end = tail.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(tail.len());
    let starts = tail.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    // `$1` and `$@` are one character long.
    let end = match (starts, tail.chars().next()) {
        (true, _) => end,
        (false, Some(c)) if c.is_ascii_digit() || "@*#".contains(c) => 1,
        _ => 0,
    };
    if end == 0 {
        out.push('$');
    } else {
        out.push_str(&lookup(&tail[..end]).unwrap_or_default());
    }
    &tail[end..]
}

/// Where the brace that was opened is closed.
fn closing(text: &str, escape: char) -> Option<usize> {
    let mut depth = 0_usize;
    let mut skip = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if skip => skip = false,
            c if c == escape => skip = true,
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn braced(inner: &str, escape: char, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
    let (name, operator) = inner.split_at(end);
    let value = lookup(name);
    let word = |text: &str| expand(text, escape, lookup);
    let set = value.is_some();
    let filled = value.as_ref().is_some_and(|v| !v.is_empty());
    let value = value.unwrap_or_default();
    for (sign, there, keep) in [
        (":-", filled, true),
        (":+", filled, false),
        (":?", filled, true),
        ("-", set, true),
        ("+", set, false),
        ("?", set, true),
    ] {
        let Some(rest) = operator.strip_prefix(sign) else { continue };
        return match (there, keep) {
            (true, true) => value,
            (true, false) | (false, true) if !sign.ends_with('?') => word(rest),
            _ => String::new(),
        };
    }
    cut(operator, &value, &word).unwrap_or(value)
}

/// The forms that cut or replace, for patterns without wildcards.
fn cut(operator: &str, value: &str, word: &dyn Fn(&str) -> String) -> Option<String> {
    let literal = |text: &str| Some(word(text)).filter(|text| !text.contains(['*', '?', '[']));
    if let Some(rest) = operator.strip_prefix("//") {
        let (from, to) = rest.split_once('/').unwrap_or((rest, ""));
        return Some(value.replace(&literal(from)?, &word(to)));
    }
    if let Some(rest) = operator.strip_prefix('/') {
        let (from, to) = rest.split_once('/').unwrap_or((rest, ""));
        return Some(value.replacen(&literal(from)?, &word(to), 1));
    }
    if let Some(rest) = operator.strip_prefix("##").or_else(|| operator.strip_prefix('#')) {
        return Some(value.strip_prefix(literal(rest)?.as_str()).unwrap_or(value).to_owned());
    }
    let rest = operator.strip_prefix("%%").or_else(|| operator.strip_prefix('%'))?;
    Some(value.strip_suffix(literal(rest)?.as_str()).unwrap_or(value).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_quotes() {
        let lookup = |name: &str| match name {
            "A" => Some("one".to_owned()),
            "E" => Some(String::new()),
            _ => None,
        };
        for (text, expect) in [
            ("$A ${A}x \"$A\" '$A'", "one onex one $A"),
            (r"\$A \\ \x", r"$A \ x"),
            (r#""\x \" \$A""#, r#"\x " $A"#),
            ("${E:-d} ${E-d} ${N:-${A}} ${A:+alt} ${E:+alt}", "d  one alt "),
            ("${A#o} ${A%e} ${A/n/N} $", "ne on oNe $"),
            ("${open", "${open"),
        ] {
            assert_eq!(expand(text, '\\', &lookup), expect, "{text}");
        }
    }

    #[test]
    fn words_keep_their_quotes() {
        assert_eq!(raw_words(r#"a "b c" d\ e 'f g'"#, '\\'), ["a", "\"b c\"", r"d\ e", "'f g'"]);
    }
}
