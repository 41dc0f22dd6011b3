//! What a plain scalar means: null, a boolean, a number, a timestamp or text.
//!
//! The rules are those of docker compose's YAML library (go.yaml.in/yaml v4 decoding into an untyped value): YAML 1.2
//! words with 1.1 octals and underscores; `yes`, `on` and `22:22` stay text; whole numbers out of range become floats;
//! a float out of range stays text; dates become timestamps.

use super::node::Value;
use super::timestamp::Timestamp;

/// The tag kept on a timestamp, whose value is its RFC 3339 text as docker compose writes it to JSON.
pub const TIMESTAMP: &str = "!!timestamp";

/// What a plain scalar resolved to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Resolved {
    /// A value of the tree.
    Value(Value),
    /// A point in time.
    Timestamp(Timestamp),
}

/// The value of a plain scalar without a tag.
pub(super) fn resolve(text: &str) -> Resolved {
    let value = match text.as_bytes().first() {
        None => Value::Null,
        Some(b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F') => word(text),
        Some(b'.') => match text {
            ".nan" | ".NaN" | ".NAN" => Value::Float(f64::NAN),
            ".inf" | ".Inf" | ".INF" => Value::Float(f64::INFINITY),
            _ => float(text),
        },
        Some(b'+' | b'-' | b'0'..=b'9') => match Timestamp::parse(text) {
            Some(time) => return Resolved::Timestamp(time),
            None => number(text),
        },
        Some(_) => Value::String(text.to_owned()),
    };
    Resolved::Value(value)
}

fn word(text: &str) -> Value {
    match text {
        "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => Value::String(text.to_owned()),
    }
}

fn number(text: &str) -> Value {
    match text {
        "-0" | "-0.0" => return Value::Float(-0.0),
        "+.inf" | "+.Inf" | "+.INF" => return Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Value::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let stripped = if text.contains('_') { Some(text.replace('_', "")) } else { None };
    let plain = stripped.as_deref().unwrap_or(text);
    match integer(plain) {
        Some(number) => i64::try_from(number).map_or_else(|_| wide(number), Value::Int),
        None if is_float(plain) => match plain.parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Float(number),
            _ => Value::String(text.to_owned()),
        },
        None => Value::String(text.to_owned()),
    }
}

/// A whole number between `i64::MAX` and `u64::MAX`; the raw text keeps its digits.
#[expect(clippy::cast_precision_loss, reason = "the raw text keeps what the float cannot")]
fn wide(number: i128) -> Value {
    Value::Float(number as f64)
}

/// The number a plain scalar writes, where it is whole and too large for `i64`: its value is a float, which is not exact.
pub fn whole(raw: &str) -> Option<u64> {
    let number = integer(&raw.replace('_', ""))?;
    u64::try_from(number).ok().filter(|number| i64::try_from(*number).is_err())
}

/// A whole number with Go's prefixes, from `i64::MIN` to `u64::MAX`; a sign is allowed only within `i64`.
fn integer(text: &str) -> Option<i128> {
    let (negative, digits, signed) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?, true),
        b'+' => (false, text.get(1..)?, true),
        _ => (false, text, false),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, digits.get(2..)?),
        [b'0', b'o' | b'O', _, ..] => (8, digits.get(2..)?),
        [b'0', b'b' | b'B', _, ..] => (2, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if !digits.bytes().all(|b| char::from(b).is_digit(radix)) {
        return None;
    }
    let magnitude = i128::from(u64::from_str_radix(digits, radix).ok()?);
    let number = if negative { -magnitude } else { magnitude };
    let fits = if signed { i64::try_from(number).is_ok() } else { true };
    fits.then_some(number)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = digits(rest);
    let rest = rest.get(whole..).unwrap_or("");
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(tail) => (digits(tail), tail.get(digits(tail)..).unwrap_or("")),
        None => (0, rest),
    };
    if whole == 0 && fraction == 0 {
        return false;
    }
    match rest.strip_prefix(['e', 'E']) {
        Some(tail) => {
            let tail = tail.strip_prefix(['+', '-']).unwrap_or(tail);
            !tail.is_empty() && digits(tail) == tail.len()
        }
        None => rest.is_empty(),
    }
}

fn float(text: &str) -> Value {
    match text.parse::<f64>() {
        Ok(number) if is_float(text) && number.is_finite() => Value::Float(number),
        _ => Value::String(text.to_owned()),
    }
}

/// The value of a scalar with one of YAML's own tags, or what is wrong with it.
pub(super) fn tagged(tag: &str, text: &str) -> Result<Resolved, String> {
    let refuse = || Err(format!("`{}` is no value for the tag `!!{tag}`", excerpt(text)));
    let string = |text: String| Ok(Resolved::Value(Value::String(text)));
    if tag == "str" {
        return string(text.to_owned());
    }
    if tag == "binary" {
        return base64(text).map_or_else(refuse, |bytes| string(String::from_utf8_lossy(&bytes).into_owned()));
    }
    match (tag, resolve(text)) {
        ("int", ok @ Resolved::Value(Value::Int(_)))
        | ("float", ok @ Resolved::Value(Value::Float(_)))
        | ("bool", ok @ Resolved::Value(Value::Bool(_)))
        | ("null", ok @ Resolved::Value(Value::Null))
        | ("timestamp", ok @ Resolved::Timestamp(_)) => Ok(ok),
        #[expect(clippy::cast_precision_loss, reason = "the tag asks for it")]
        ("float", Resolved::Value(Value::Int(number))) => Ok(Resolved::Value(Value::Float(number as f64))),
        ("int" | "float" | "bool" | "null", Resolved::Timestamp(_)) => match number(text) {
            Value::Int(n) if tag == "int" => Ok(Resolved::Value(Value::Int(n))),
            _ => refuse(),
        },
        ("int" | "float" | "bool" | "null" | "timestamp", _) => refuse(),
        _ => string(text.to_owned()),
    }
}

fn excerpt(text: &str) -> String {
    let head: String = text.chars().take(20).collect();
    if head.len() < text.len() { format!("{head}…") } else { head }
}

/// Standard base64 with padding; line breaks are passed over.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count, mut padding) = (0u32, 0u32, 0u32);
    for byte in text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count % 4 == 0 {
            let [_, a, b, c] = bits.to_be_bytes();
            out.extend([a, b, c]);
            bits = 0;
        }
    }
    match (count % 4, padding) {
        (0, 0) => {}
        (2, 2) => out.push(u8::try_from(bits >> 4 & 0xff).ok()?),
        (3, 1) => out.extend([u8::try_from(bits >> 10 & 0xff).ok()?, u8::try_from(bits >> 2 & 0xff).ok()?]),
        _ => return None,
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(resolved: Resolved) -> String {
        match resolved {
            Resolved::Value(Value::String(text)) => format!("string {text}"),
            Resolved::Value(value) => format!("{value:?}"),
            Resolved::Timestamp(time) => format!("time {}", time.rfc3339()),
        }
    }

    /// The right-hand sides are what compose-go 2.15.0 with go.yaml.in/yaml v4.0.0-rc.6 reads.
    #[test]
    fn plain_scalars_mean_what_docker_compose_takes_them_for() {
        for (text, expect) in [
            ("", "Null"),
            ("~", "Null"),
            ("NULL", "Null"),
            ("nULL", "string nULL"),
            ("True", "Bool(true)"),
            ("FALSE", "Bool(false)"),
            ("tRUE", "string tRUE"),
            ("on", "string on"),
            ("yes", "string yes"),
            ("y", "string y"),
            ("0", "Int(0)"),
            ("+0", "Int(0)"),
            ("-0", "Float(-0.0)"),
            ("-00", "Int(0)"),
            ("42", "Int(42)"),
            ("+1", "Int(1)"),
            ("0755", "Int(493)"),
            ("0o17", "Int(15)"),
            ("0x1F", "Int(31)"),
            ("-0x1F", "Int(-31)"),
            ("0b11", "Int(3)"),
            ("0x", "string 0x"),
            ("0b2", "string 0b2"),
            ("08", "Float(8.0)"),
            ("1_000", "Int(1000)"),
            ("1_", "Int(1)"),
            ("_1", "string _1"),
            ("9223372036854775807", "Int(9223372036854775807)"),
            ("-9223372036854775808", "Int(-9223372036854775808)"),
            ("18446744073709551615", "Float(1.8446744073709552e19)"),
            ("12345678901234567890123", "Float(1.2345678901234568e22)"),
            ("1.", "Float(1.0)"),
            ("1.e3", "Float(1000.0)"),
            ("1e3", "Float(1000.0)"),
            (".5", "Float(0.5)"),
            ("1_0.5", "Float(10.5)"),
            ("1e999", "string 1e999"),
            (".5e999", "string .5e999"),
            (".", "string ."),
            ("-", "string -"),
            ("+", "string +"),
            ("-.5", "Float(-0.5)"),
            (".inf", "Float(inf)"),
            ("-.INF", "Float(-inf)"),
            ("+.nan", "string +.nan"),
            ("22:22", "string 22:22"),
            ("1.2.3", "string 1.2.3"),
            ("1e", "string 1e"),
            ("infinity", "string infinity"),
            ("2024-01-01", "time 2024-01-01T00:00:00Z"),
            ("2024-13-01", "string 2024-13-01"),
        ] {
            assert_eq!(show(resolve(text)), expect, "{text}");
        }
    }

    #[test]
    fn tags_demand_their_type() {
        for (tag, text, expect) in [
            ("str", "5", Some("string 5")),
            ("int", "5", Some("Int(5)")),
            ("int", "x", None),
            ("float", "3", Some("Float(3.0)")),
            ("bool", "yes", None),
            ("null", "", Some("Null")),
            ("null", "x", None),
            ("binary", "aGk=", Some("string hi")),
            ("binary", "aG k=", None),
            ("binary", "a", None),
            ("timestamp", "2024-01-01", Some("time 2024-01-01T00:00:00Z")),
            ("set", "x", Some("string x")),
        ] {
            assert_eq!(tagged(tag, text).ok().map(show).as_deref(), expect, "{tag} {text}");
        }
    }
}
