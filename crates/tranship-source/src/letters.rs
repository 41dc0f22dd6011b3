//! Which letters a text has: a look at each byte tells that most of what might stand in a text does not.

/// The ASCII letters, digits and signs of a text, one bit each. All else in it does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Letters(u128);

impl Letters {
    /// The letters of a text.
    pub const fn of(text: &str) -> Self {
        let (mut bytes, mut bits) = (text.as_bytes(), 0);
        while let [byte, rest @ ..] = bytes {
            if byte.is_ascii() {
                bits |= 1_u128 << *byte;
            }
            bytes = rest;
        }
        Self(bits)
    }

    /// Whether all letters of a word are among these: where not, the word cannot stand in the text.
    ///
    /// Those of a word that is looked for often are best a constant.
    pub const fn may_hold(self, word: Self) -> bool {
        self.0 & word.0 == word.0
    }
}

#[cfg(test)]
mod tests {
    use super::Letters;

    #[test]
    fn a_word_that_stands_in_a_text_may_do_so() {
        for text in ["", "a", "user:pw@tcp(db)", "äöü€ -----BEGIN X", "\u{7f}\0"] {
            let letters = Letters::of(text);
            for (from, _) in text.char_indices() {
                for (to, c) in text.char_indices().skip_while(|(to, _)| *to < from) {
                    assert!(letters.may_hold(Letters::of(&text[from..to + c.len_utf8()])), "{text}");
                }
            }
        }
        assert!(!Letters::of("abc").may_hold(Letters::of("abd")) && !Letters::of("").may_hold(Letters::of("a")));
    }
}
