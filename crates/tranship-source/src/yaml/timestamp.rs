//! Dates and times as docker compose's YAML library reads and prints them.

/// A date and time with its distance from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    nanosecond: u32,
    /// Seconds east of UTC.
    offset: i32,
}

impl Timestamp {
    /// Reads `2001-12-14`, `2001-12-14 21:59:43.10` and `2001-12-14t21:59:43.10-05:00`; fields but the year may be short.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.get(4) != Some(&b'-') || !bytes.iter().take(4).all(u8::is_ascii_digit) {
            return None;
        }
        let mut cursor = Cursor { rest: text };
        let year = cursor.digits(4, 4)?;
        cursor.expect('-')?;
        let month = cursor.digits(1, 2)?;
        cursor.expect('-')?;
        let day = cursor.digits(1, 2)?;
        if !(1..=12).contains(&month) || day == 0 || day > days(year, month) {
            return None;
        }
        let date = Self { year, month, day, hour: 0, minute: 0, second: 0, nanosecond: 0, offset: 0 };
        match cursor.rest.chars().next() {
            None => Some(date),
            Some(separator @ ('T' | 't' | ' ')) => cursor.clock(date, separator != ' '),
            Some(_) => None,
        }
    }

    /// The text docker compose writes to JSON and YAML, such as `2001-12-14T21:59:43.1-05:00`.
    pub fn rfc3339(&self) -> String {
        let Self { year, month, day, hour, minute, second, nanosecond, offset } = *self;
        let fraction = fraction(nanosecond);
        let zone = if offset == 0 { "Z".to_owned() } else { zone(offset, ":") };
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}")
    }

    /// The text docker compose makes of it where a string is wanted, such as `2001-12-14 00:00:00 +0000 UTC`.
    pub fn go_text(&self) -> String {
        let Self { year, month, day, hour, minute, second, nanosecond, offset } = *self;
        let fraction = fraction(nanosecond);
        let zone = if offset == 0 { "+0000 UTC".to_owned() } else { [zone(offset, ""), zone(offset, "")].join(" ") };
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{fraction} {zone}")
    }
}

fn fraction(nanosecond: u32) -> String {
    if nanosecond == 0 {
        return String::new();
    }
    format!(".{nanosecond:09}").trim_end_matches('0').to_owned()
}

fn zone(offset: i32, colon: &str) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.unsigned_abs() / 60;
    format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

struct Cursor<'t> {
    rest: &'t str,
}

impl Cursor<'_> {
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if count < least {
            return None;
        }
        let number = self.rest.get(..count)?.parse().ok()?;
        self.rest = self.rest.get(count..)?;
        Some(number)
    }

    fn expect(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(c)?;
        Some(())
    }

    /// The time behind a date; with `zoned` a zone must follow, else nothing may.
    fn clock(&mut self, date: Timestamp, zoned: bool) -> Option<Timestamp> {
        self.rest = self.rest.get(1..)?;
        let hour = self.digits(1, 2)?;
        self.expect(':')?;
        let minute = self.digits(1, 2)?;
        self.expect(':')?;
        let second = self.digits(1, 2)?;
        let nanosecond = self.fraction();
        let offset = if zoned { self.zone()? } else { 0 };
        let fits = hour < 24 && minute < 60 && second < 60 && self.rest.is_empty();
        fits.then_some(Timestamp { hour, minute, second, nanosecond, offset, ..date })
    }

    /// A fraction of a second, cut after nine digits. A point without digits is left for the caller to refuse.
    fn fraction(&mut self) -> u32 {
        let Some(tail) = self.rest.strip_prefix(['.', ',']) else { return 0 };
        let count = tail.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 {
            return 0;
        }
        self.rest = tail.get(count..).unwrap_or("");
        tail.bytes().take(count).chain(std::iter::repeat(b'0')).take(9).fold(0, |sum, b| sum * 10 + u32::from(b - b'0'))
    }

    fn zone(&mut self) -> Option<i32> {
        if self.expect('Z').is_some() {
            return Some(0);
        }
        let sign = match self.rest.chars().next()? {
            '+' => 1,
            '-' => -1,
            _ => return None,
        };
        self.rest = self.rest.get(1..)?;
        let hours = self.digits(2, 2)?;
        self.expect(':')?;
        let minutes = self.digits(2, 2)?;
        let fits = hours <= 24 && minutes < 60;
        fits.then_some(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_printed_as_go_does() {
        for (text, json, string) in [
            ("2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01 00:00:00 +0000 UTC"),
            ("2024-2-9", "2024-02-09T00:00:00Z", "2024-02-09 00:00:00 +0000 UTC"),
            ("2001-12-14 21:59:43.10", "2001-12-14T21:59:43.1Z", "2001-12-14 21:59:43.1 +0000 UTC"),
            ("2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43.1-05:00", "2001-12-14 21:59:43.1 -0500 -0500"),
            ("2001-12-14T2:5:4Z", "2001-12-14T02:05:04Z", "2001-12-14 02:05:04 +0000 UTC"),
        ] {
            let time = Timestamp::parse(text).unwrap();
            assert_eq!((time.rfc3339().as_str(), time.go_text().as_str()), (json, string), "{text}");
        }
        for text in [
            "2024-02-30",
            "2023-02-29",
            "2024-1",
            "2024-01-01T",
            "2024-01-01 25:00:00",
            "2024-01-01 10:00",
            "2024-01-01T10:00:00",
            "2024-01-01 10:00:00Z",
            "24-01-01",
            "2024-01-01x",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
