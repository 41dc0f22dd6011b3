//! Damages text in the ways people and machines do, the same way for the same seed: fuzzing for the stable toolchain.

/// A source of variants of a text.
#[derive(Clone, Debug)]
pub struct Mutator {
    state: u64,
}

/// Scalars that have upset parsers before.
const SCALARS: [&str; 24] = [
    "",
    "~",
    "null",
    "true",
    "no",
    "0",
    "-1",
    "1e400",
    "0x1F",
    "18446744073709551616",
    "1.5",
    "''",
    "\"\\u0000\"",
    "[]",
    "{}",
    "*a",
    "&a b",
    "!reset null",
    "!override []",
    "${A",
    "${A:-${B:?c}}",
    "$$",
    "a: b",
    "- -",
];

impl Mutator {
    /// A mutator that repeats itself for the same seed.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number below `bound`; 0 when the bound is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        // SplitMix64: full period, and good enough to pick lines with.
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let number = z ^ (z >> 31);
        usize::try_from(number % (bound.max(1) as u64)).unwrap_or(0)
    }

    /// A variant of the text with one to three faults: in its lines, and now and then in its bytes.
    pub fn damage(&mut self, text: &str) -> Vec<u8> {
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        for _ in 0..=self.below(3) {
            self.damage_lines(&mut lines);
        }
        let mut bytes = lines.concat().into_bytes();
        if self.below(4) == 0 {
            self.damage_bytes(&mut bytes);
        }
        bytes
    }

    /// A variant that stays text: what a person might have typed.
    pub fn edit(&mut self, text: &str) -> String {
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        self.damage_lines(&mut lines);
        lines.concat()
    }

    fn damage_lines(&mut self, lines: &mut Vec<String>) {
        let at = self.below(lines.len());
        let other = self.below(lines.len());
        let Some(line) = lines.get(at).cloned() else { return };
        match self.below(8) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, line),
            2 => lines.swap(at, other),
            3 => lines.insert(at, format!("  {line}")),
            4 => self.replace(lines, at, line.strip_prefix("  ").unwrap_or(&line)),
            5 => self.replace(lines, at, &format!("  {line}")),
            _ => {
                let scalar = SCALARS.get(self.below(SCALARS.len())).copied().unwrap_or_default();
                let head = line.split_once(": ").map_or(line.trim_end(), |(key, _)| key);
                let head = head.trim_end_matches([':', '\n']);
                self.replace(lines, at, &format!("{head}: {scalar}\n"));
            }
        }
    }

    #[expect(clippy::unused_self, reason = "reads as one more kind of damage")]
    fn replace(&self, lines: &mut [String], at: usize, with: &str) {
        if let Some(line) = lines.get_mut(at) {
            with.clone_into(line);
        }
    }

    fn damage_bytes(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len());
        let piece: Vec<u8> = bytes.iter().skip(at).take(self.below(40)).copied().collect();
        match self.below(5) {
            0 => bytes.truncate(at),
            1 => bytes.splice(at..at, [b'\t', 0xff, 0x00, b'\r', 0xc3].into_iter().skip(self.below(5))).for_each(drop),
            2 => bytes.splice(at..at, b"[{".repeat(self.below(400))).for_each(drop),
            3 => bytes.splice(at..at, piece.repeat(self.below(20))).for_each(drop),
            _ => bytes.splice(at..at + piece.len(), []).for_each(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Mutator;

    const TEXT: &str = "services:\n  web:\n    image: nginx\n    ports:\n      - \"80:80\"\n";

    #[test]
    fn the_same_seed_gives_the_same_variants() {
        let variants = |seed| (0..50).map(move |_| seed).scan(Mutator::new(seed), |m, _| Some(m.damage(TEXT)));
        assert!(variants(1).eq(variants(1)));
        assert!(!variants(1).eq(variants(2)));
    }

    #[test]
    fn most_variants_differ_from_the_text_and_from_each_other() {
        let mut mutator = Mutator::new(7);
        let seen: std::collections::BTreeSet<_> = (0..200).map(|_| mutator.damage(TEXT)).collect();
        assert!(seen.len() > 120, "{}", seen.len());
    }

    #[test]
    fn an_empty_text_can_be_damaged_too() {
        let mut mutator = Mutator::new(0);
        for _ in 0..500 {
            mutator.damage("");
            mutator.edit("");
        }
    }
}
