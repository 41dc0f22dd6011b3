//! Bytes to text: UTF-8, or UTF-16 where a byte order mark says so, as docker compose's YAML reader takes them.

use crate::diagnostic::Diagnostic;
use crate::span::{FileId, Span};

/// A file's text, and the place where its bytes stop being text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text; bytes that are none are replaced by U+FFFD.
    pub text: String,
    /// Byte offset in `text` of the first character that was none in the file.
    pub invalid: Option<usize>,
}

impl Decoded {
    /// The error to report for invalid bytes: `invalid-utf8`.
    pub fn fault(&self, file: FileId) -> Option<Diagnostic> {
        let at = self.invalid?;
        let message = "the file is not text: these bytes are not valid UTF-8";
        let span = Span::new(file, at, at + char::REPLACEMENT_CHARACTER.len_utf8());
        Some(Diagnostic::error("invalid-utf8", message).at(span).help("save the file as UTF-8"))
    }
}

/// The text of a file's bytes.
pub fn decode(bytes: Vec<u8>) -> Decoded {
    match bytes.get(..2) {
        Some([0xff, 0xfe]) => utf16(&bytes, u16::from_le_bytes),
        Some([0xfe, 0xff]) => utf16(&bytes, u16::from_be_bytes),
        _ => match String::from_utf8(bytes) {
            Ok(text) => Decoded { text, invalid: None },
            Err(error) => {
                let invalid = Some(error.utf8_error().valid_up_to());
                Decoded { text: String::from_utf8_lossy(error.as_bytes()).into_owned(), invalid }
            }
        },
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded {
    let body = bytes.get(2..).unwrap_or(&[]);
    let (pairs, rest) = body.as_chunks::<2>();
    let mut text = String::with_capacity(body.len());
    let mut invalid = None;
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let c = decoded.unwrap_or_else(|_| {
            invalid = invalid.or(Some(text.len()));
            char::REPLACEMENT_CHARACTER
        });
        text.push(c);
    }
    if !rest.is_empty() {
        invalid = invalid.or(Some(text.len()));
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Decoded { text, invalid }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_text_and_the_first_bad_one_is_named() {
        for (bytes, text, invalid) in [
            (&b"a: \xc3\xa9"[..], "a: é", None),
            (b"a: \xff\xfeb", "a: \u{fffd}\u{fffd}b", Some(3)),
            (b"\xff\xfea\0:\0", "a:", None),
            (b"\xfe\xff\0a\0:", "a:", None),
            (b"\xff\xfea\0b", "a\u{fffd}", Some(1)),
            (b"\xff\xfe\x00\xd8", "\u{fffd}", Some(0)),
            (b"", "", None),
        ] {
            assert_eq!(decode(bytes.to_vec()), Decoded { text: text.into(), invalid }, "{bytes:?}");
        }
    }

    #[test]
    fn the_fault_stands_on_the_replaced_character() {
        let span = decode(b"a: \xff".to_vec()).fault(FileId(3)).and_then(|d| d.primary).unwrap().span;
        assert_eq!(span, Span::new(FileId(3), 3, 6));
    }
}
