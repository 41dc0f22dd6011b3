//! A quick hash for maps of short keys, the same in every run.
//!
//! Each word is folded in by a multiplication to twice its width, so that every bit of a key reaches every bit of the
//! result. Maps that hold texts of the user keep their own order, so no output depends on it.

use std::hash::{BuildHasherDefault, Hasher};

/// Makes a [`Quick`] for each key.
pub type BuildQuick = BuildHasherDefault<Quick>;

/// The state of one hash.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quick(u64);

impl Quick {
    /// The fraction of the golden ratio and that of pi: numbers without a pattern.
    const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
    const FACTOR: u64 = 0x243f_6a88_85a3_08d3;

    #[expect(clippy::cast_possible_truncation, reason = "the upper half has been mixed into the lower")]
    fn fold(&mut self, word: u64) {
        let wide = u128::from(self.0 ^ word ^ Self::SEED) * u128::from(Self::FACTOR);
        self.0 = (wide ^ (wide >> 64)) as u64;
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.fold(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            // The number of bytes is in the word, so that a text and the same with zeros at its end differ.
            let start = u64::try_from(rest.len()).unwrap_or(0);
            self.fold(rest.iter().fold(start, |word, byte| (word << 8) | u64::from(*byte)));
        }
    }

    /// The mark at the end of a text, which needs no multiplication of its own.
    fn write_u8(&mut self, byte: u8) {
        self.0 = self.0.rotate_left(5) ^ u64::from(byte);
    }

    fn write_usize(&mut self, number: usize) {
        self.fold(u64::try_from(number).unwrap_or(u64::MAX));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::hash::BuildHasher;

    use super::BuildQuick;

    fn hash(text: &str) -> u64 {
        BuildQuick::default().hash_one(text)
    }

    #[test]
    fn the_same_text_has_the_same_hash_and_near_ones_others() {
        let texts: Vec<String> =
            (0..20_000).map(|n| format!("service-{n}")).chain((0..64).map(|n| "\0".repeat(n))).collect();
        let hashes: BTreeSet<u64> = texts.iter().map(|text| hash(text)).collect();
        assert_eq!(hashes.len(), texts.len());
        assert!(texts.iter().all(|text| hash(text) == hash(&text.clone())));
    }

    #[test]
    fn numbered_names_spread_over_the_low_and_the_high_bits() {
        let mut low = [0_u32; 64];
        let mut high = [0_u32; 64];
        for number in 0..6400 {
            let hash = hash(&format!("db{number}"));
            *low.get_mut(usize::try_from(hash & 63).unwrap()).unwrap() += 1;
            *high.get_mut(usize::try_from(hash >> 58).unwrap()).unwrap() += 1;
        }
        assert!(low.iter().chain(&high).all(|count| (50..=170).contains(count)), "{low:?} {high:?}");
    }
}
