//! Env files: any text gives variables whose spans lie in the text, or faults that say where.

use tranship_source::FileId;
use tranship_source::dotenv::{parse, parse_raw};

/// Reads it in both formats.
pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let outside = |name: &str| (name == "F").then(|| "outside".to_owned());
    for checked in [parse(FileId(0), &text, &outside), parse_raw(FileId(0), &text, &outside)] {
        for entry in &checked.value {
            for span in [entry.key, entry.span] {
                let inside = text.get(span.start as usize..span.end as usize).is_some();
                assert!(inside, "`{}` has a span outside of the text: {span:?}", entry.name);
            }
        }
        for diagnostic in &checked.diagnostics {
            assert!(!diagnostic.message.trim().is_empty(), "a diagnostic without a message");
        }
    }
}
