//! Keeps the kubelet from expanding what the process is to see as it is.
//!
//! The kubelet replaces `$(NAME)` in `command`, `args` and `env[].value`, turns `$$` into `$`, and reads the byte after
//! any other `$` as a character of its own, which breaks a character of several bytes
//! (`third_party/forked/golang/expansion/expand.go`). Probes, hooks and values from Secrets are not touched by it.

/// Text that the kubelet turns back into `text`.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(c);
        let risky = |next: &char| *next == '$' || *next == '(' || !next.is_ascii();
        if c == '$' && chars.peek().is_some_and(risky) {
            out.push('$');
        }
    }
    out
}

/// What the kubelet makes of a text that [`escape`] gave: the text.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '$' && chars.peek() == Some(&'$') {
            chars.next();
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the kubelet makes of a text when no variable is known, byte by byte as it does.
    fn expand(input: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut i = 0;
        while i < input.len() {
            if input[i] != b'$' || i + 1 == input.len() {
                out.push(input[i]);
                i += 1;
                continue;
            }
            match input[i + 1] {
                b'$' => out.push(b'$'),
                b'(' => match input[i + 2..].iter().position(|b| *b == b')') {
                    Some(_) => return b"expanded a variable".to_vec(),
                    None => out.extend_from_slice(b"$("),
                },
                byte => out.extend_from_slice(format!("${}", char::from(byte)).as_bytes()),
            }
            i += 2;
        }
        out
    }

    #[test]
    fn only_what_needs_it_is_escaped() {
        for (text, expect) in [("$HOME", "$HOME"), ("$(X)", "$$(X)"), ("a$$b", "a$$$b"), ("5$", "5$"), ("$é", "$$é")]
        {
            assert_eq!(escape(text), expect, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_kubelet_gives_back_every_text(text in "[$()a é{}]{0,12}") {
            prop_assert_eq!(expand(escape(&text).as_bytes()), text.as_bytes());
            prop_assert_eq!(unescape(&escape(&text)), text);
        }
    }
}
