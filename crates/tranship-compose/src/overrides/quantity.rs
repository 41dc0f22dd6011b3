//! Amounts as Kubernetes writes them.

/// An amount such as `500m`, `2` or `10Gi`, kept as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The text.
    pub text: String,
    /// The amount in thousandths.
    thousandths: f64,
}

/// The endings of amounts and what they stand for, in thousandths.
const ENDINGS: [(&str, f64); 14] = [
    ("Ki", 1_024e3),
    ("Mi", 1_048_576e3),
    ("Gi", 1_073_741_824e3),
    ("Ti", 1_099_511_627_776e3),
    ("Pi", 1_125_899_906_842_624e3),
    ("n", 1e-6),
    ("u", 1e-3),
    ("m", 1.0),
    ("k", 1e6),
    ("M", 1e9),
    ("G", 1e12),
    ("T", 1e15),
    ("P", 1e18),
    ("", 1e3),
];

impl Quantity {
    /// Reads an amount that is not negative.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (ending, one) = ENDINGS.iter().find(|(ending, _)| text.ends_with(ending))?;
        let digits = text.strip_suffix(ending)?;
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let number: f64 = plain.then(|| digits.parse().ok())??;
        Some(Self { text: text.to_owned(), thousandths: number * one })
    }

    /// In thousandths, rounded up.
    pub fn thousandths(&self) -> u64 {
        whole(self.thousandths)
    }

    /// In ones, rounded up.
    pub fn ones(&self) -> u64 {
        whole(self.thousandths / 1e3)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "never negative, and saturates")]
fn whole(number: f64) -> u64 {
    number.ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_kubernetes_reads_them() {
        for (text, expect) in [
            ("500m", Some(500)),
            ("2", Some(2000)),
            ("0.5", Some(500)),
            ("10Gi", Some(10_737_418_240_000)),
            ("1M", Some(1_000_000_000)),
            ("-1", None),
            ("", None),
            ("Gi", None),
            ("10 GB", None),
            ("ten", None),
        ] {
            assert_eq!(Quantity::parse(text).map(|q| q.thousandths()), expect, "{text}");
        }
    }
}
