//! Values as text the way docker compose prints them when a number or truth value stands where text is meant.

use tranship_source::yaml::{Node, TIMESTAMP, Timestamp, Value, whole};

/// The text of any value: `null` becomes `<nil>`, lists `[a b]`, mappings `map[k:v]` with sorted keys.
pub(crate) fn text(node: &Node) -> String {
    match &node.value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => wide(node).unwrap_or_else(|| float(*number)),
        Value::String(text) if is_time(node) => {
            Timestamp::parse(text).map_or_else(|| text.clone(), |time| time.go_text())
        }
        Value::String(text) => text.clone(),
        Value::Sequence(items) => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(" ")),
        Value::Mapping(map) => {
            let mut entries: Vec<String> = map.iter().map(|(k, v)| format!("{}:{}", k.text, text(v))).collect();
            entries.sort();
            format!("map[{}]", entries.join(" "))
        }
    }
}

/// The digits of a whole number that is too large for `i64`, which docker compose prints as they are.
fn wide(node: &Node) -> Option<String> {
    node.raw().and_then(whole).map(|number| number.to_string())
}

/// Whether a value is a date, which docker compose does not take for text.
pub(crate) fn is_time(node: &Node) -> bool {
    node.tag() == Some(TIMESTAMP)
}

/// The shortest text that reads back as the number, with an exponent from a million up and below 1e-4.
pub(crate) fn float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&power) {
        return format!("{number}");
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", power.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_beyond_63_bits_keep_their_digits() {
        let doc = "[9223372036854775808, 18446744073709551615, 0x8000000000000000, 18446744073709551616, 9.5e18]";
        let parsed = tranship_source::yaml::parse(tranship_source::FileId(0), doc);
        let texts: Vec<String> = parsed.value.first().and_then(Node::as_seq).unwrap().iter().map(text).collect();
        let expect =
            ["9223372036854775808", "18446744073709551615", "9223372036854775808", "1.8446744073709552e+19", "9.5e+18"];
        assert_eq!(texts, expect);
    }

    #[test]
    fn numbers_print_as_go_prints_them() {
        for (number, expect) in [
            (1.5, "1.5"),
            (1e21, "1e+21"),
            (123_456.0, "123456"),
            (1_234_567.0, "1.234567e+06"),
            (0.00001, "1e-05"),
            (3.0, "3"),
        ] {
            assert_eq!(float(number), expect);
        }
    }
}
