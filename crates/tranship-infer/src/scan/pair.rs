//! `host:port` on its own: in lists, after `=` and `@`, in words of a command.

use std::ops::Range;

use super::{Form, Found, is_host_byte, is_ipv4, is_name};

/// Every `host:port` outside of what is `covered` already.
pub(super) fn find(text: &str, covered: &[Range<usize>]) -> Vec<Found> {
    let bytes = text.as_bytes();
    let mut out: Vec<Found> = Vec::new();
    for (colon, _) in text.match_indices(':') {
        if covered.iter().any(|range| range.contains(&colon)) || out.last().is_some_and(|last| last.host.end >= colon) {
            continue;
        }
        let head = bytes.get(..colon).unwrap_or(&[]);
        let start = colon - head.iter().rev().take_while(|b| is_host_byte(**b)).count();
        if start > 0 && !opens(bytes.get(start - 1).copied()) {
            continue;
        }
        let digits = bytes.get(colon + 1..).unwrap_or(&[]).iter().take_while(|b| b.is_ascii_digit()).count();
        let after = colon + 1 + digits;
        if !ends(bytes, after, start > 0 && bytes.get(start - 1) == Some(&b'@')) {
            continue;
        }
        let number = text.get(colon + 1..after).filter(|digits| !digits.starts_with('0'));
        let Some(port @ 1..) = number.and_then(|digits| digits.parse::<u16>().ok()) else { continue };
        let host = text.get(start..colon).unwrap_or("");
        // `:8080` alone is a port to listen on; in a list it would be anything.
        let anywhere = host.is_empty() && (start == 0 || bytes.get(start - 1) == Some(&b'=')) && after == bytes.len();
        if is_name(host) || is_ipv4(host) || anywhere {
            let whole = start == 0 || bytes.get(start - 1).is_some_and(|b| b" ,;=@".contains(b));
            out.push(Found { host: start..colon, port: Some(port), scheme: None, form: Form::Pair, whole });
        }
    }
    out
}

/// What may stand before a host: nothing, or a byte that separates.
fn opens(before: Option<u8>) -> bool {
    before.is_some_and(|b| b.is_ascii_whitespace() || b",;=\"'`([{|&<>@".contains(&b))
}

/// What may stand after a port: nothing, a byte that separates, or a second port as ZooKeeper has it.
fn ends(bytes: &[u8], at: usize, after_at: bool) -> bool {
    match bytes.get(at) {
        None => true,
        Some(b':') => {
            let rest = bytes.get(at + 1..).unwrap_or(&[]);
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            let next = rest.get(digits);
            after_at || digits > 0 && next.is_none_or(|b| b",;: \"'".contains(b)) && next != Some(&b':')
        }
        Some(b'/') => bytes.get(at + 1).is_none_or(u8::is_ascii_alphabetic),
        Some(b) => b.is_ascii_whitespace() || b",;\"'`)]}|&<>#?".contains(b),
    }
}
