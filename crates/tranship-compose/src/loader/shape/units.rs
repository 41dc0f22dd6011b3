//! Durations and sizes: read in every form docker compose reads, printed in one.

/// Nanoseconds of a duration such as `1m30s`, `1.5h` or `2w`; `None` where it is none.
pub(super) fn duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.as_bytes() {
        [b'-', ..] => (true, text.get(1..)?),
        [b'+', ..] => (false, text.get(1..)?),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let (nanoseconds, tail) = step(rest)?;
        total = total.checked_add(nanoseconds)?;
        rest = tail;
    }
    Some(if negative { -total } else { total })
}

/// One number with its unit.
fn step(text: &str) -> Option<(i64, &str)> {
    let end = |text: &str, of: fn(char) -> bool| text.find(|c| !of(c)).unwrap_or(text.len());
    let digit = |c: char| c.is_ascii_digit();
    let whole_end = end(text, digit);
    let (whole, mut rest) = text.split_at(whole_end);
    let mut fraction = "";
    if let Some(tail) = rest.strip_prefix('.') {
        let (digits, tail) = tail.split_at(end(tail, digit));
        (fraction, rest) = (digits, tail);
    }
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (unit, rest) = rest.split_at(end(rest, |c| c != '.' && !c.is_ascii_digit()));
    let unit: i64 = match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        "w" => 604_800_000_000_000,
        _ => return None,
    };
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part = part_of(fraction, unit);
    Some((whole.checked_mul(unit)?.checked_add(part)?, rest))
}

/// A fraction of a unit in whole nanoseconds.
fn part_of(fraction: &str, unit: i64) -> i64 {
    let digits = fraction.get(..fraction.len().min(18)).unwrap_or("");
    let value: i128 = digits.parse().unwrap_or(0);
    let scale = 10i128.pow(u32::try_from(digits.len()).unwrap_or(0));
    i64::try_from(value * i128::from(unit) / scale).unwrap_or(0)
}

/// A duration as docker compose prints it: `1m30s`, `1.5ms`, `0s`.
pub(super) fn print_duration(nanoseconds: i64) -> String {
    let (sign, n) = (if nanoseconds < 0 { "-" } else { "" }, nanoseconds.unsigned_abs());
    let body = match n {
        0 => "0s".to_owned(),
        1..1_000 => format!("{n}ns"),
        1_000..1_000_000 => format!("{}µs", decimal(n, 1_000)),
        1_000_000..1_000_000_000 => format!("{}ms", decimal(n, 1_000_000)),
        _ => {
            let seconds = decimal(n % 60_000_000_000, 1_000_000_000);
            match (n / 3_600_000_000_000, n / 60_000_000_000 % 60) {
                (0, 0) => format!("{seconds}s"),
                (0, minutes) => format!("{minutes}m{seconds}s"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
            }
        }
    };
    format!("{sign}{body}")
}

fn decimal(n: u64, unit: u64) -> String {
    let width = unit.ilog10() as usize;
    let text = format!("{}.{:0width$}", n / unit, n % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Bytes of a size such as `512`, `64m`, `1.5 GiB` or `-1`; `None` where it is none.
pub(super) fn bytes(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<i64>() {
        return Some(number);
    }
    let at = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')?;
    let (number, unit) = match text.as_bytes().get(at) {
        Some(b' ') => (text.get(..at)?, text.get(at + 1..)?),
        _ => text.split_at(at + 1),
    };
    let number: f64 = number.parse().ok().filter(|n| *n >= 0.0)?;
    let power = match unit.to_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return None,
    };
    #[allow(clippy::cast_possible_truncation)]
    Some((number * 1024f64.powi(power)) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_in_one_way() {
        for (text, expect) in [
            ("90s", "1m30s"),
            ("1.5h", "1h30m0s"),
            ("1d", "24h0m0s"),
            ("100ms", "100ms"),
            ("1500us", "1.5ms"),
            ("0", "0s"),
            ("-1m", "-1m0s"),
            ("1h0.25s", "1h0m0.25s"),
        ] {
            assert_eq!(print_duration(duration(text).unwrap()), expect, "{text}");
        }
        for text in ["", "5", "x", "1y", ".s", "-"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_count_in_steps_of_1024() {
        for (text, expect) in [("64m", 67_108_864), ("1.5 GiB", 1_610_612_736), ("10b", 10), ("-1", -1), ("1kb", 1024)]
        {
            assert_eq!(bytes(text), Some(expect), "{text}");
        }
        for text in ["", "m", "1x", "-1m", "1kbb"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }
}
