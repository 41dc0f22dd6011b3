//! How a text is written so that every YAML reader gives it back as the same text.
//!
//! Readers of YAML 1.1 (kubectl, PyYAML) and of 1.2 disagree about `yes`, `0755`, `22:22` and dates; whatever any of
//! them could take for something else than text is put in quotes.

use std::borrow::Cow;
use std::fmt::Write;

/// Words that some reader takes for a boolean, null, a default or a merge; compared in lower case.
const WORDS: [&str; 12] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<"];

/// The text on one line: plain where that is safe, else in quotes.
pub fn inline(text: &str) -> Cow<'_, str> {
    if is_word(text) || is_plain(text) {
        return Cow::Borrowed(text);
    }
    let escapes = text.chars().any(|c| !is_shown(c));
    let single = !escapes && text.contains(['"', '\\']);
    Cow::Owned(if single { format!("'{}'", text.replace('\'', "''")) } else { double(text) })
}

/// Whether a text is plain at first sight, as most are: a letter, then letters, digits and what names and paths hold.
fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/'))
        && !is_taken(text)
}

/// Whether some reader takes the text for a word of its own.
fn is_taken(text: &str) -> bool {
    text.len() <= 5 && WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether a text may stand without quotes as a value or key of block style.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let starts = match first {
        '-' => text.chars().nth(1).is_some_and(|c| c.is_ascii_alphabetic() || c == '-') && !text.starts_with("---"),
        '.' | '/' | '_' | '$' | '+' | '(' | '~' | '^' | ';' => !text.starts_with("..."),
        _ => first.is_alphanumeric(),
    };
    starts
        && text.chars().all(|c| matches!(c, ' '..='~') || c.is_alphanumeric())
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !is_taken(text)
        && !looks_numeric(text)
}

/// Whether any reader could take the text for a number, a time of day or a date: it begins like one and holds nothing
/// that such a value cannot hold.
fn looks_numeric(text: &str) -> bool {
    let mut chars = text.chars();
    let begins = match chars.next() {
        Some('+' | '-') => chars.next().is_some_and(|c| c.is_numeric() || matches!(c, '.' | '_')),
        Some('.') => chars.next().is_some_and(|c| c.is_numeric() || matches!(c, '_' | 'i' | 'I' | 'n' | 'N')),
        Some(c) => c.is_numeric(),
        None => false,
    };
    let possible = |c: char| c.is_numeric() || c.is_ascii_hexdigit() || "_.:+-, xXoOiInNtTzZ".contains(c);
    begins && text.chars().all(possible)
}

/// Whether every reader takes the character as it is and people can see it.
fn is_shown(c: char) -> bool {
    let hidden = matches!(
        c,
        '\u{ad}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    let printable = matches!(c, ' '..='~' | '\u{a1}'..='\u{d7ff}' | '\u{e000}'..='\u{ffef}' | '\u{10000}'..);
    printable && !hidden
}

/// The text on one line in double quotes.
pub fn double(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_shown(c) => out.push(c),
            c => {
                let code = u32::from(c);
                let _ = match code {
                    0..=0xff => write!(out, "\\x{code:02X}"),
                    0x100..=0xffff => write!(out, "\\u{code:04X}"),
                    _ => write!(out, "\\U{code:08X}"),
                };
            }
        }
    }
    out.push('"');
    out
}

/// The header of a literal block two deeper than its parent that gives the text back, or `None` where quotes are needed.
///
/// A text that begins with a blank or an empty line says its indentation (`|2`), which readers could not tell. One whose
/// first line begins with a tab, or with a later line of white space alone, is where readers differ all the same.
pub fn block_header(text: &str) -> Option<&'static str> {
    if !text.contains('\n') || !text.chars().all(|c| is_shown(c) || c == '\n' || c == '\t') {
        return None;
    }
    let body = text.trim_end_matches('\n');
    let blank = |line: &str| !line.is_empty() && line.trim_matches([' ', '\t']).is_empty();
    if body.is_empty() || body.trim_start_matches('\n').starts_with('\t') || body.split('\n').any(blank) {
        return None;
    }
    let told = text.starts_with([' ', '\n']);
    Some(match (text.len() - body.len(), told) {
        (0, false) => "|-",
        (1, false) => "|",
        (_, false) => "|+",
        (0, true) => "|2-",
        (1, true) => "|2",
        (_, true) => "|2+",
    })
}

/// A float as every reader takes it: with a point, and a sign in its exponent.
pub(super) fn float(number: f64) -> String {
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf".to_owned() } else { "-.inf".to_owned() };
    }
    let text = format!("{number:?}");
    let (mantissa, exponent) = text.split_once('e').map_or((text.as_str(), None), |(m, e)| (m, Some(e)));
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let exponent =
        exponent.map_or(String::new(), |e| if e.starts_with('-') { format!("e{e}") } else { format!("e+{e}") });
    format!("{mantissa}{point}{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_where_some_reader_would_see_more_than_text() {
        for (text, expect) in [
            ("nginx:1.27", "nginx:1.27"),
            ("hello world", "hello world"),
            ("500m", "500m"),
            ("128Mi", "128Mi"),
            ("--flag=x", "--flag=x"),
            ("-c", "-c"),
            ("/data", "/data"),
            ("$(VAR)", "$(VAR)"),
            ("größe", "größe"),
            ("a:b", "a:b"),
            ("", "\"\""),
            ("y", "\"y\""),
            ("On", "\"On\""),
            ("NO", "\"NO\""),
            ("~", "\"~\""),
            ("=", "\"=\""),
            ("<<", "\"<<\""),
            ("null", "\"null\""),
            ("0755", "\"0755\""),
            ("1_000", "\"1_000\""),
            ("1e3", "\"1e3\""),
            ("0xff", "\"0xff\""),
            (".5", "\".5\""),
            (".inf", "\".inf\""),
            ("+1", "\"+1\""),
            ("-1", "\"-1\""),
            ("22:22", "\"22:22\""),
            ("8080:80", "\"8080:80\""),
            ("10.0.0.1", "\"10.0.0.1\""),
            ("2024-01-01", "\"2024-01-01\""),
            ("2024-01-01T10:00:00Z", "\"2024-01-01T10:00:00Z\""),
            ("a: b", "\"a: b\""),
            ("a:", "\"a:\""),
            ("a #b", "\"a #b\""),
            ("#b", "\"#b\""),
            (" a", "\" a\""),
            ("a ", "\"a \""),
            ("- a", "\"- a\""),
            ("---", "\"---\""),
            ("...", "\"...\""),
            ("{a}", "\"{a}\""),
            ("*.example", "\"*.example\""),
            ("@a", "\"@a\""),
            ("%a", "\"%a\""),
            ("say \"hi\"", "say \"hi\""),
            ("{\"a\":\"it's\"}", "'{\"a\":\"it''s\"}'"),
            ("\"a\"\n", "\"\\\"a\\\"\\n\""),
            ("a\tb\u{1}\u{85}\u{2028}\u{feff}", "\"a\\tb\\x01\\x85\\u2028\\uFEFF\""),
            ("😀", "\"😀\""),
        ] {
            assert_eq!(inline(text), expect, "{text:?}");
            assert!(!is_word(text) || is_plain(text), "{text:?}");
        }
    }

    #[test]
    fn blocks_are_used_where_every_reader_gives_the_text_back() {
        for (text, expect) in [
            ("a\nb", Some("|-")),
            ("a\nb\n", Some("|")),
            ("a\n\n  b\n\tc\n\n", Some("|+")),
            ("a", None),
            ("\na", Some("|2-")),
            (" a\n", Some("|2")),
            (" a\nb\n\n", Some("|2+")),
            ("\n", None),
            ("\ta\nb", None),
            ("\n\ta\nb", None),
            ("a\n \nb", None),
            ("a\n ", None),
            ("a\r\nb", None),
            ("a\u{85}\nb", None),
        ] {
            assert_eq!(block_header(text), expect, "{text:?}");
        }
    }

    #[test]
    fn floats_keep_their_point() {
        for (number, expect) in
            [(1.0, "1.0"), (0.1, "0.1"), (1e16, "1.0e+16"), (1.5e-9, "1.5e-9"), (-0.0, "-0.0"), (f64::INFINITY, ".inf")]
        {
            assert_eq!(float(number), expect);
        }
    }
}
