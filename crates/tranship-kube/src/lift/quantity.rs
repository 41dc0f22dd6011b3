//! Quantities such as `250m` and `512Mi`.

/// Bytes of a quantity; parts of a byte are rounded up.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let (number, scale) = split(text)?;
    whole(number, scale, 1)
}

/// Thousandths of a quantity; smaller parts are rounded up.
pub(crate) fn milli(text: &str) -> Option<u64> {
    let (number, scale) = split(text)?;
    whole(number, scale, 1000)
}

/// The number of a quantity and what its suffix multiplies it by, as numerator and denominator.
fn split(text: &str) -> Option<(&str, (u128, u128))> {
    let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, suffix) = text.split_at(at);
    let kilo = |n: u32| (1000_u128.pow(n), 1);
    let kibi = |n: u32| (1024_u128.pow(n), 1);
    let scale = match suffix {
        "" => (1, 1),
        "n" => (1, 1_000_000_000),
        "u" => (1, 1_000_000),
        "m" => (1, 1000),
        "k" => kilo(1),
        "M" => kilo(2),
        "G" => kilo(3),
        "T" => kilo(4),
        "P" => kilo(5),
        "E" => kilo(6),
        "Ki" => kibi(1),
        "Mi" => kibi(2),
        "Gi" => kibi(3),
        "Ti" => kibi(4),
        "Pi" => kibi(5),
        "Ei" => kibi(6),
        other => {
            let power: i32 = other.strip_prefix(['e', 'E'])?.parse().ok()?;
            let size = 10_u128.checked_pow(power.unsigned_abs())?;
            if power < 0 { (1, size) } else { (size, 1) }
        }
    };
    Some((number, scale))
}

fn whole(number: &str, (up, down): (u128, u128), unit: u128) -> Option<u64> {
    let (head, tail) = number.split_once('.').unwrap_or((number, ""));
    let digits: u128 = format!("{head}{tail}").parse().ok()?;
    let below = down.checked_mul(10_u128.checked_pow(u32::try_from(tail.len()).ok()?)?)?;
    let value = digits.checked_mul(up)?.checked_mul(unit)?.div_ceil(below);
    u64::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_exactly() {
        for (text, expect) in [("512Mi", Some(512 << 20)), ("1.5Gi", Some(3 << 29)), ("1k", Some(1000)), ("x", None)] {
            assert_eq!(bytes(text), expect, "{text}");
        }
        for (text, expect) in [("250m", Some(250)), ("2", Some(2000)), ("0.1", Some(100)), ("1e1", Some(10_000))] {
            assert_eq!(milli(text), expect, "{text}");
        }
    }
}
