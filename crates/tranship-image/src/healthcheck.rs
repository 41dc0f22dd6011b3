//! Health checks of images and Go's way to write durations.

use std::time::Duration;

use crate::flags::{Flags, value};
use crate::instruction::Argv;

/// A health check of an image. Timings that are `None` have the engine's default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Healthcheck {
    /// The command.
    pub test: Argv,
    /// Time between two checks.
    pub interval: Option<Duration>,
    /// Time a check may take.
    pub timeout: Option<Duration>,
    /// Time after the start in which failures do not count.
    pub start_period: Option<Duration>,
    /// Time between two checks within the start period.
    pub start_interval: Option<Duration>,
    /// Failures in a row that make it unhealthy.
    pub retries: Option<u32>,
}

/// A check with the timings of its flags.
pub(crate) fn timed(test: Argv, flags: &Flags) -> Result<Healthcheck, String> {
    let time =
        |name: &str| value(flags, name).filter(|text| !text.is_empty()).map_or(Ok(None), |text| interval(name, text));
    Ok(Healthcheck {
        test,
        interval: time("interval")?,
        timeout: time("timeout")?,
        start_period: time("start-period")?,
        start_interval: time("start-interval")?,
        retries: retries(value(flags, "retries").unwrap_or_default())?,
    })
}

/// 0 means the default; anything else is a millisecond or more.
fn interval(name: &str, text: &str) -> Result<Option<Duration>, String> {
    let nanos = duration(text).ok_or_else(|| format!("`{text}` is no duration for `--{name}`"))?;
    match u64::try_from(nanos) {
        Ok(0) => Ok(None),
        Ok(nanos) if nanos >= 1_000_000 => Ok(Some(Duration::from_nanos(nanos))),
        _ => Err(format!("`--{name}` cannot be less than 1ms")),
    }
}

fn retries(text: &str) -> Result<Option<u32>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let count = text.parse::<i32>().ok().and_then(|count| u32::try_from(count).ok());
    let count = count.ok_or_else(|| format!("`{text}` is no number for `--retries`"))?;
    Ok(Some(count).filter(|count| *count > 0))
}

/// Nanoseconds of a duration such as `1m30s`, `.5s`, `-2h`, `0`.
fn duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(end);
        let end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, next) = tail.split_at(end);
        total += nanos(number, unit)?;
        rest = next;
    }
    i64::try_from(sign * total).ok()
}

fn nanos(number: &str, unit: &str) -> Option<i128> {
    let unit: i128 = match unit {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && part.is_empty()) || part.contains('.') {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    // Digits beyond the eighteenth are less than any nanosecond.
    let part = part.get(..18).unwrap_or(part);
    let digits = u32::try_from(part.len()).ok()?;
    let part: i128 = if part.is_empty() { 0 } else { part.parse().ok()? };
    whole.checked_mul(unit)?.checked_add(part * unit / 10_i128.pow(digits))
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_as_go_writes_them() {
        for (text, expect) in [
            ("1m30s", Some(90_000_000_000)),
            (".5s", Some(500_000_000)),
            ("-2ms", Some(-2_000_000)),
            ("0", Some(0)),
            ("1.h", Some(3_600_000_000_000)),
            ("30", None),
            ("", None),
            ("s", None),
            ("1d", None),
            ("1 s", None),
            ("9999999h", None),
        ] {
            assert_eq!(duration(text), expect, "{text}");
        }
    }
}
