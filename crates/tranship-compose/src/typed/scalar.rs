//! Scalars: text, truth, numbers, sizes, durations, modes, argv.

use std::time::Duration;

use tranship_model::ledger::item_path;
use tranship_model::{At, Origin, Traced};
use tranship_source::yaml::{Node, Value};

use super::decode::{Decode, Decoder, Nullable};

/// A size in bytes; -1 stands for no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub i64);

/// Permission bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode(pub u32);

/// A list of words whose emptiness says something: it clears what the image has.
pub type Argv = Traced<Vec<String>>;

/// A value of any shape.
#[derive(Clone, Debug)]
pub struct Any {
    /// Its path and place; speaks for everything below it.
    pub at: At,
    /// The value.
    pub node: Node,
}

/// The text of a scalar as it was written; `None` for null, lists and mappings.
pub(crate) fn text(node: &Node) -> Option<String> {
    match &node.value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) if node.raw().is_some() => node.raw().map(str::to_owned),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) => None,
    }
}

/// Reads a scalar with a function on its text.
fn scalar<T>(
    node: &Node,
    path: &str,
    decoder: &mut Decoder,
    what: &str,
    read: fn(&str) -> Option<T>,
) -> Option<Traced<T>> {
    let value = text(node).as_deref().and_then(read);
    if value.is_none() {
        decoder.gap(path, node.span, format!("{} where {what} is expected", node.type_name()));
    }
    value.map(|value| Traced::at(value, path, node.span))
}

impl Decode for Traced<String> {
    fn decode(node: &Node, path: &str, decoder: &mut Decoder) -> Option<Self> {
        scalar(node, path, decoder, "a text", |text| Some(text.to_owned()))
    }
}

impl Decode for Traced<bool> {
    fn decode(node: &Node, path: &str, decoder: &mut Decoder) -> Option<Self> {
        scalar(node, path, decoder, "true or false", |text| match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "y" | "on" | "1" => Some(true),
            "false" | "no" | "n" | "off" | "0" => Some(false),
            _ => None,
        })
    }
}

impl Decode for Traced<i64> {
    fn decode(node: &Node, path: &str, decoder: &mut Decoder) -> Option<Self> {
        scalar(node, path, decoder, "a whole number", |text| text.trim().parse().ok())
    }
}

impl Decode for Traced<f64> {
    fn decode(node: &Node, path: &str, decoder: &mut Decoder) -> Option<Self> {
        scalar(node, path, decoder, "a number", |text| text.trim().parse().ok())
    }
}

impl Decode for Traced<Bytes> {
    fn decode(node: &Node, path: &str, decoder: &mut Decoder) -> Option<Self> {
        scalar(node, path, decoder, "a size", bytes)
    }
}

impl Decode for Traced<Mode> {
    fn decode(node: &Node, path: &str, decoder: &mut Decoder) -> Option<Self> {
        let number = node.as_int().and_then(|number| u32::try_from(number).ok());
        let value = number.or_else(|| u32::from_str_radix(node.as_str()?.trim_start_matches("0o"), 8).ok());
        if value.is_none() {
            decoder.gap(path, node.span, format!("{} where permission bits are expected", node.type_name()));
        }
        value.map(|bits| Traced::at(Mode(bits), path, node.span))
    }
}

impl Decode for Traced<Duration> {
    fn decode(node: &Node, path: &str, decoder: &mut Decoder) -> Option<Self> {
        scalar(node, path, decoder, "a duration", duration)
    }
}

impl Decode for Argv {
    const EMPTY_SPEAKS: bool = true;

    fn decode(node: &Node, path: &str, decoder: &mut Decoder) -> Option<Self> {
        let Some(items) = node.as_seq() else {
            return scalar(node, path, decoder, "a list of words", |text| Some(vec![text.to_owned()]));
        };
        let mut leaves = Vec::new();
        let mut words = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let word = Traced::<String>::decode(item, &item_path(path, i), decoder)?;
            leaves.extend(word.origin.leaves().iter().cloned());
            words.push(word.value);
        }
        if leaves.is_empty() {
            leaves.push(At::new(path, node.span));
        }
        Some(Self::new(words, Origin::From(leaves)))
    }
}

impl Decode for Nullable {
    fn decode(node: &Node, path: &str, decoder: &mut Decoder) -> Option<Self> {
        let text = text(node);
        if text.is_none() && !node.is_null() {
            decoder.gap(path, node.span, format!("{} where a text is expected", node.type_name()));
            return None;
        }
        Some(Self { at: At::new(path, node.span), text })
    }
}

impl Decode for Any {
    const EMPTY_SPEAKS: bool = true;

    fn decode(node: &Node, path: &str, _: &mut Decoder) -> Option<Self> {
        Some(Self { at: At::new(path, node.span).whole(), node: node.clone() })
    }
}

/// A size such as `64m`, `1.5gb` or `1048576`; units are powers of 1024 as the engine reads them.
pub fn bytes(text: &str) -> Option<Bytes> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return Some(Bytes(number));
    }
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at_checked(digits)?;
    let power = match unit.trim().to_ascii_lowercase().trim_end_matches('b').trim_end_matches('i') {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    let value = number.parse::<f64>().ok()? * 1024_f64.powi(power);
    #[expect(clippy::cast_possible_truncation, reason = "the engine cuts fractions of bytes off as well")]
    Some(Bytes(value as i64))
}

/// A duration such as `1m30s`, `500ms`, `1d` or `1.5h`. Negative ones are none.
pub fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut total = 0.0_f64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(unit_end)?;
        let nanos = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3_600e9,
            "d" => 86_400e9,
            "w" => 604_800e9,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * nanos;
        rest = tail;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates at 584 years and is never negative"
    )]
    (!text.trim().is_empty()).then(|| Duration::from_nanos(total.round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        for (text, expect) in [
            ("1m30s", Some(90_000)),
            ("500ms", Some(500)),
            ("1h0m0s", Some(3_600_000)),
            ("1.5s", Some(1_500)),
            ("2d", Some(172_800_000)),
            ("0", Some(0)),
            ("0s", Some(0)),
            ("", None),
            ("5", None),
            ("5x", None),
        ] {
            assert_eq!(duration(text), expect.map(Duration::from_millis), "{text}");
        }
    }

    #[test]
    fn sizes_count_in_powers_of_1024() {
        for (text, expect) in [
            ("64m", Some(64 << 20)),
            ("1.5gb", Some(3 << 29)),
            ("7", Some(7)),
            ("-1", Some(-1)),
            ("1kib", Some(1024)),
            ("x", None),
        ] {
            assert_eq!(bytes(text).map(|b| b.0), expect, "{text}");
        }
    }
}
