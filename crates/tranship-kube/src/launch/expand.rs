//! `$(NAME)` in `command`, `args` and `env[].value`, byte by byte as the kubelet does it
//! (`third_party/forked/golang/expansion/expand.go`).

use std::borrow::Cow;

/// What the kubelet makes of a text. A name that is not known stays as it is written.
pub(crate) fn expand<'a, 'v>(text: Cow<'a, str>, lookup: &dyn Fn(&str) -> Option<&'v str>) -> Cow<'a, str> {
    if !text.contains('$') {
        return text;
    }
    let input = text.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(input.len());
    let mut rest = input;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let Some((next, beyond)) = after.split_first().filter(|_| *byte == b'$') else {
            out.push(*byte);
            continue;
        };
        match next {
            b'$' => {
                out.push(b'$');
                rest = beyond;
            }
            b'(' => match beyond.iter().position(|byte| *byte == b')').and_then(|end| beyond.split_at_checked(end)) {
                Some((name, tail)) => {
                    reference(name, lookup, &mut out);
                    rest = tail.get(1..).unwrap_or_default();
                }
                None => {
                    out.extend_from_slice(b"$(");
                    rest = beyond;
                }
            },
            // One byte counts as one character, whatever it is a part of.
            other => {
                out.push(b'$');
                let mut buffer = [0; 4];
                out.extend_from_slice(char::from(*other).encode_utf8(&mut buffer).as_bytes());
                rest = beyond;
            }
        }
    }
    Cow::Owned(String::from_utf8(out).unwrap_or_else(|fault| String::from_utf8_lossy(fault.as_bytes()).into_owned()))
}

fn reference<'v>(name: &[u8], lookup: &dyn Fn(&str) -> Option<&'v str>, out: &mut Vec<u8>) {
    match std::str::from_utf8(name).ok().and_then(lookup) {
        Some(value) => out.extend_from_slice(value.as_bytes()),
        None => {
            out.extend_from_slice(b"$(");
            out.extend_from_slice(name);
            out.push(b')');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn references_are_replaced_and_doubled_signs_are_one() {
        let lookup = |name: &str| (name == "A").then_some("$(A)$$");
        for (text, expect) in [
            ("plain", "plain"),
            ("$(A)", "$(A)$$"),
            ("x$(A)y", "x$(A)$$y"),
            ("$$(A)", "$(A)"),
            ("$$$(A)", "$$(A)$$"),
            ("$(B)", "$(B)"),
            ("$()", "$()"),
            ("$(A", "$(A"),
            ("$A $", "$A $"),
            ("$$", "$"),
            ("$$$", "$$"),
            ("$$$$", "$$"),
            ("$\n(", "$\n("),
            ("é$(A)", "é$(A)$$"),
        ] {
            assert_eq!(expand(text.into(), &lookup), expect, "{text}");
        }
        assert_ne!(expand("$é".into(), &lookup), "$é", "the kubelet tears the character apart");
    }
}
