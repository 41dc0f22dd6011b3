//! The regular expressions the schema uses, each as a function: they are few, and an engine would cost its start.

/// One of the schema's regular expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// `^x-`
    Extension,
    /// `^.+$` and `.+`
    NotEmpty,
    /// `^[a-zA-Z0-9._-]+$`
    Name,
    /// `^[a-z]+$`
    LowerCase,
    /// `[a-zA-Z0-9][a-zA-Z0-9_.-]+` anywhere in the text
    ContainerName,
    /// The words of `pull_policy`, the whole text
    PullPolicy,
}

impl Pattern {
    /// Whether a text matches.
    pub fn matches(self, text: &str) -> bool {
        match self {
            Self::Extension => text.starts_with("x-"),
            // The point matches everything but a line break; unanchored, one other character is enough.
            Self::NotEmpty => !text.is_empty() && text.chars().any(|c| c != '\n'),
            Self::Name => !text.is_empty() && text.bytes().all(is_name),
            Self::LowerCase => !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase()),
            Self::ContainerName => text
                .as_bytes()
                .windows(2)
                .any(|pair| matches!(pair, [a, b] if a.is_ascii_alphanumeric() && is_name(*b))),
            Self::PullPolicy => pull_policy(text),
        }
    }

    /// What a text must be, for a message.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Extension => "a text that begins with `x-`",
            Self::NotEmpty => "a text that is not empty",
            Self::Name => "a name of letters, digits, `.`, `_` and `-`",
            Self::LowerCase => "a word of lower-case letters",
            Self::ContainerName => "a name of at least two letters, digits, `.`, `_` or `-`, a letter or digit first",
            Self::PullPolicy => {
                "`always`, `never`, `missing`, `if_not_present`, `build`, `refresh`, `daily`, `weekly` or `every_` with a \
                 duration such as `every_12h`"
            }
        }
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

fn pull_policy(text: &str) -> bool {
    const WORDS: [&str; 8] = ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"];
    let Some(mut rest) = text.strip_prefix("every_") else { return WORDS.contains(&text) };
    while !rest.is_empty() {
        let tail = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        match tail.strip_prefix(['w', 'd', 'h', 'm', 's']) {
            Some(next) if tail.len() < rest.len() => rest = next,
            _ => return false,
        }
    }
    text.len() > "every_".len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_agree_with_their_expressions() {
        for (pattern, yes, no) in [
            (Pattern::Extension, &["x-", "x-a"][..], &["", "ax-", "X-a"][..]),
            (Pattern::NotEmpty, &["a", " ", "a\nb"], &["", "\n"]),
            (Pattern::Name, &["a", "A.b_c-9"], &["", "a b", "ä", "a/b"]),
            (Pattern::LowerCase, &["nofile"], &["", "NoFile", "a1"]),
            (Pattern::ContainerName, &["ab", "_ab", "a b c_"], &["", "a", "_a", "a b"]),
            (
                Pattern::PullPolicy,
                &["always", "every_1d", "every_1w2h"],
                &["", "Always", "every_", "every_d", "every_1x"],
            ),
        ] {
            for text in yes {
                assert!(pattern.matches(text), "{pattern:?} {text}");
            }
            for text in no {
                assert!(!pattern.matches(text), "{pattern:?} {text}");
            }
        }
    }
}
