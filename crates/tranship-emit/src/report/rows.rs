//! The rows of the ledger as JSON. They are three quarters of `report.json`, and what a general writer spends on each is more
//! than what lifting the value did; the bytes are the same.

use tranship_model::{Entry, Ledger};

use super::LedgerRow;
use super::build::ledger_row;
use crate::place::{Place, Places};

/// About what a row takes.
const ROW: usize = 240;

/// The rows of the ledger as they stand between its brackets in `report.json`; empty where there are none.
///
/// They depend on nothing that is found after the lowering, so that they can be written while the objects are checked.
pub fn ledger_rows(ledger: &Ledger, places: &Places<'_>) -> String {
    let mut out = String::with_capacity(ledger.entries.len() * ROW);
    for (number, entry) in ledger.entries.iter().enumerate() {
        out.push_str(if number == 0 { "\n    {" } else { ",\n    {" });
        row(&mut out, entry, places);
        out.push('}');
    }
    out
}

fn row(out: &mut String, entry: &Entry, places: &Places<'_>) {
    let LedgerRow { path, place, whole, outcome, to, why, todo } = ledger_row(entry, places);
    out.push_str("\"path\": ");
    text(out, path);
    if let Some(Place { file, line, column }) = place {
        out.push_str(", \"place\": {\"file\": ");
        text(out, file);
        out.push_str(", \"line\": ");
        number(out, line);
        out.push_str(", \"column\": ");
        number(out, column);
        out.push('}');
    }
    out.push_str(if whole { ", \"whole\": true" } else { ", \"whole\": false" });
    for (key, value) in [("outcome", Some(outcome)), ("to", to), ("why", why.as_deref()), ("todo", todo.as_deref())] {
        let Some(value) = value else { continue };
        out.push_str(", \"");
        out.push_str(key);
        out.push_str("\": ");
        text(out, value);
    }
}

fn text(out: &mut String, text: &str) {
    // One look at every byte, without a branch for each.
    let found = |b: u8| u8::from(b < 0x20) | u8::from(b == b'"') | u8::from(b == b'\\');
    if text.bytes().fold(0, |all, b| all | found(b)) != 0 {
        // A text always serializes.
        out.push_str(&serde_json::to_string(text).unwrap_or_default());
    } else {
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

fn number(out: &mut String, number: usize) {
    if number >= 10 {
        self::number(out, number / 10);
    }
    out.push(char::from_digit(u32::try_from(number % 10).unwrap_or(0), 10).unwrap_or('0'));
}

#[cfg(test)]
mod tests {
    use super::{number, text};

    #[test]
    fn texts_and_numbers_are_written_as_serde_json_writes_them() {
        for value in ["", "plain/path", "a \"b\" \\ c", "tab\tand\u{1}", "é\u{7f}\u{2028}"] {
            let mut out = String::new();
            text(&mut out, value);
            assert_eq!(out, serde_json::to_string(value).unwrap());
        }
        for value in [0, 7, 10, 4_294_967_295] {
            let mut out = String::new();
            number(&mut out, value);
            assert_eq!(out, value.to_string());
        }
    }
}
