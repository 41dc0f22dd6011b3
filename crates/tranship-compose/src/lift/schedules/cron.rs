//! Times of the schedulers people use beside the engine, in the five fields a cluster has.

/// A schedule in a cluster's words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Times {
    /// Five fields or a word.
    pub cron: String,
    /// The time zone that is written before the fields.
    pub time_zone: Option<String>,
    /// What is lost, a sentence.
    pub lost: Option<String>,
}

/// Reads five fields, six with the second before them, or a word such as `@every 1h30m`; `None` for anything else.
pub(super) fn read(written: &str) -> Option<Times> {
    let written = written.trim();
    let (time_zone, rest) = match written.split_once(' ') {
        Some((first, rest)) if first.starts_with("TZ=") || first.starts_with("CRON_TZ=") => {
            (first.split_once('=').map(|(_, zone)| zone.to_owned()), rest.trim())
        }
        _ => (None, written),
    };
    let (cron, lost) = match rest.strip_prefix("@every ") {
        Some(time) => every(seconds(time.trim())?),
        None if rest.starts_with('@') => (word(rest)?, None),
        None => fields(rest)?,
    };
    Some(Times { cron, time_zone, lost })
}

fn word(word: &str) -> Option<String> {
    let known = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    known.contains(&word).then(|| word.to_owned())
}

const FINEST: &str = "a cluster starts jobs at most once a minute";

/// An interval: as fields where it divides the hour or the day, so that runs do not shift.
fn every(seconds: u64) -> (String, Option<String>) {
    let (minutes, rest) = (seconds / 60, seconds % 60);
    let cron = match minutes {
        0 | 1 => "* * * * *".to_owned(),
        n if n < 60 && 60 % n == 0 => format!("*/{n} * * * *"),
        60 => "0 * * * *".to_owned(),
        n if n % 60 == 0 && n < 1440 && 1440 % n == 0 => format!("0 */{} * * *", n / 60),
        1440 => "0 0 * * *".to_owned(),
        n => format!("@every {n}m"),
    };
    let lost = match (minutes, rest) {
        (0, _) => Some(format!("{FINEST}, and every {seconds} seconds is asked for")),
        (_, 0) => None,
        _ => Some(format!("a cluster counts in minutes, and the {rest} seconds beyond {minutes} minutes are left out")),
    };
    (cron, lost)
}

/// A time as Go writes it: `1h30m`, `90s`, `1.5h`.
fn seconds(text: &str) -> Option<u64> {
    let mut total = 0_f64;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, after) = rest.split_at(end);
        let unit_end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let factor = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return None,
        };
        total += number.parse::<f64>().ok().filter(|number| *number >= 0.0)? * factor;
        rest = after;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is positive, and years fit")]
    (0.001..1e10).contains(&total).then_some(total.max(1.0) as u64)
}

/// Five fields, or six of which the first is the second.
fn fields(text: &str) -> Option<(String, Option<String>)> {
    let all: Vec<&str> = text.split_whitespace().collect();
    let (second, five) = match all.as_slice() {
        five @ [_, _, _, _, _] => (None, five),
        [second, five @ ..] if five.len() == 5 => (Some(*second), five),
        _ => return None,
    };
    let known = |field: &&str| field.chars().all(|c| c.is_ascii_alphanumeric() || "*/,-?".contains(c));
    if !five.iter().chain(second.iter()).all(known) {
        return None;
    }
    let lost = match second.map(str::parse::<u32>) {
        None | Some(Ok(0)) => None,
        Some(Ok(at)) => Some(format!("a cluster starts jobs on the full minute, and not {at} seconds after it")),
        Some(Err(_)) => Some(format!("{FINEST}, and the seconds `{}` ask for more", second.unwrap_or_default())),
    };
    // Sunday is 0 everywhere and 7 nowhere in a cluster's reader.
    let five: Vec<&str> = five.iter().enumerate().map(|(at, f)| if at == 4 && *f == "7" { "0" } else { f }).collect();
    Some((five.join(" "), lost))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_five_fields_and_what_is_lost_is_said() {
        for (written, cron, lost) in [
            ("0 3 * * *", "0 3 * * *", false),
            ("0 0 3 * * *", "0 3 * * *", false),
            ("30 0 3 * * MON-FRI", "0 3 * * MON-FRI", true),
            ("*/10 * * * * *", "* * * * *", true),
            ("0 0 1 ? * 7", "0 1 ? * 0", false),
            ("@daily", "@daily", false),
            ("@every 10s", "* * * * *", true),
            ("@every 1m", "* * * * *", false),
            ("@every 15m", "*/15 * * * *", false),
            ("@every 60m", "0 * * * *", false),
            ("@every 6h", "0 */6 * * *", false),
            ("@every 24h", "0 0 * * *", false),
            ("@every 1h30m", "@every 90m", false),
            ("@every 90s", "* * * * *", true),
        ] {
            let read = read(written).unwrap_or_else(|| panic!("{written}"));
            assert_eq!((read.cron.as_str(), read.lost.is_some()), (cron, lost), "{written}");
        }
        assert_eq!(read("CRON_TZ=Asia/Tokyo 0 6 * * *").unwrap().time_zone.as_deref(), Some("Asia/Tokyo"));
        for written in ["", "@reboot", "0 3 * *", "* * * * * * *", "@every soon", "0 3 L * *x $"] {
            assert_eq!(read(written), None, "{written}");
        }
    }
}
