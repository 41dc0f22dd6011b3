//! The YAML tree: any text gives trees whose spans lie in the text, and no more nodes than the text can pay for.

use tranship_source::FileId;
use tranship_source::yaml::{Node, Value, parse};

/// Aliases repeat what they name; a tree may be larger than its text, but not without limit.
const NODES_PER_BYTE: usize = 100;

/// Reads and looks at every node.
pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let checked = parse(FileId(0), &text);
    let mut count = 0;
    let mut open: Vec<&Node> = checked.value.iter().collect();
    while let Some(node) = open.pop() {
        count += 1;
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        assert!(node.span.is_none() || text.get(start..end).is_some(), "a span outside of the text: {:?}", node.span);
        match &node.value {
            Value::Sequence(items) => open.extend(items),
            Value::Mapping(map) => open.extend(map.values()),
            _ => {}
        }
    }
    assert!(count <= text.len() * NODES_PER_BYTE + 1000, "{count} nodes from {} bytes", text.len());
    for diagnostic in &checked.diagnostics {
        assert!(!diagnostic.message.trim().is_empty(), "a diagnostic without a message");
    }
}
