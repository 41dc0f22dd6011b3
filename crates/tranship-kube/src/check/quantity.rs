//! Amounts as Kubernetes writes them: `500m`, `1.5Gi`, `2e3`.

use std::cmp::Ordering;

use tranship_source::yaml::{Node, Value};

/// An amount, exact: `digits` times ten to the `exponent`, times two to the `binary`.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    digits: i128,
    exponent: i32,
    binary: u32,
}

impl Quantity {
    /// Reads an amount: a number with an optional sign and fraction, then a suffix or an exponent.
    pub fn parse(text: &str) -> Option<Self> {
        let end = text.find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c))).unwrap_or(text.len());
        let (number, suffix) = text.split_at_checked(end)?;
        let (negative, number) = match number.as_bytes().first()? {
            b'-' => (true, number.get(1..)?),
            b'+' => (false, number.get(1..)?),
            _ => (false, number),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let length = whole.len() + fraction.len();
        if length == 0 || length > 30 {
            return None;
        }
        let digit = |sum: i128, byte: u8| byte.is_ascii_digit().then(|| sum * 10 + i128::from(byte - b'0'));
        let digits = whole.bytes().chain(fraction.bytes()).try_fold(0, digit)?;
        let (power, binary) = scale(suffix)?;
        let exponent = power.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        Some(Self { digits: if negative { -digits } else { digits }, exponent, binary })
    }

    /// The amount of a node: text, or a number as it was written.
    pub fn of(node: &Node) -> Option<Self> {
        match &node.value {
            Value::String(text) => Self::parse(text),
            Value::Int(number) => Self::parse(&number.to_string()),
            Value::Float(number) => Self::parse(&number.to_string()),
            _ => None,
        }
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.digits < 0
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// Whether it has no fraction.
    pub fn is_whole(self) -> bool {
        let Some(divisor) = u32::try_from(-self.exponent).ok().and_then(|places| 10i128.checked_pow(places)) else {
            return self.exponent >= 0 || self.is_zero();
        };
        self.digits.checked_mul(1i128 << self.binary).is_some_and(|scaled| scaled % divisor == 0)
    }

    /// How it compares with another amount. Amounts too large for 128 bits compare by their rounded value.
    pub fn compare(self, other: Self) -> Ordering {
        let lowest = self.exponent.min(other.exponent);
        let exact = |quantity: Self| {
            let places = u32::try_from(quantity.exponent.checked_sub(lowest)?).ok()?;
            let scaled = quantity.digits.checked_mul(10i128.checked_pow(places)?)?;
            scaled.checked_mul(1i128 << quantity.binary)
        };
        match (exact(self), exact(other)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => self.rounded().total_cmp(&other.rounded()),
        }
    }

    #[allow(clippy::cast_precision_loss)]
    fn rounded(self) -> f64 {
        self.digits as f64 * 10f64.powi(self.exponent) * 2f64.powi(i32::try_from(self.binary).unwrap_or(0))
    }
}

/// The powers of ten and of two of a suffix.
fn scale(suffix: &str) -> Option<(i32, u32)> {
    Some(match suffix {
        "" => (0, 0),
        "n" => (-9, 0),
        "u" => (-6, 0),
        "m" => (-3, 0),
        "k" => (3, 0),
        "M" => (6, 0),
        "G" => (9, 0),
        "T" => (12, 0),
        "P" => (15, 0),
        "E" => (18, 0),
        "Ki" => (0, 10),
        "Mi" => (0, 20),
        "Gi" => (0, 30),
        "Ti" => (0, 40),
        "Pi" => (0, 50),
        "Ei" => (0, 60),
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) || digits.len() > 3 {
                return None;
            }
            (exponent.parse().ok()?, 0)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_as_the_server_reads_them() {
        for good in ["1", "0", "-1", "+1", "1.5", ".5", "5.", "500m", "1Gi", "2k", "1e3", "1E3", "1E-3", "12E", "1n"] {
            assert!(Quantity::parse(good).is_some(), "{good}");
        }
        for bad in ["", "-", ".", "1gb", "1GB", "1 Gi", "1K", "1ki", "m", "1e", "0x10", "1.2.3", "1-", "one", "1Gi "] {
            assert!(Quantity::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn amounts_compare_across_suffixes() {
        let cases =
            [("1", "1000m", Ordering::Equal), ("1Gi", "1G", Ordering::Greater), ("0.5", "501m", Ordering::Less)];
        for (a, b, expect) in cases {
            let (left, right) = (Quantity::parse(a).unwrap(), Quantity::parse(b).unwrap());
            assert_eq!(left.compare(right), expect, "{a} {b}");
        }
        assert!(Quantity::parse("2000m").unwrap().is_whole() && !Quantity::parse("1500m").unwrap().is_whole());
    }
}
