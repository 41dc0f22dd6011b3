//! Keys and bytes of ConfigMaps and Secrets, as the server keeps them.

use std::borrow::Cow;

use base64::Engine;
use tranship_source::yaml::Node;

use crate::object::Object;

/// The sections of an object that hold bytes, those that win first, and whether they are in base64.
fn sections(object: &Object) -> [(&'static str, bool); 2] {
    if object.kind() == "Secret" {
        [("stringData", false), ("data", true)]
    } else {
        [("data", false), ("binaryData", true)]
    }
}

/// The bytes under a key.
pub(super) fn content<'a>(object: &'a Object, key: &str) -> Option<Cow<'a, [u8]>> {
    sections(object).into_iter().find_map(|(section, encoded)| bytes(object.tree.get(section)?.get(key)?, encoded))
}

/// Every key with its bytes.
pub(super) fn contents(object: &Object) -> Vec<(&str, Cow<'_, [u8]>)> {
    let mut out: Vec<(&str, Cow<'_, [u8]>)> = Vec::new();
    for (section, encoded) in sections(object) {
        for (key, node) in object.tree.get(section).and_then(Node::as_map).into_iter().flatten() {
            if out.iter().all(|(known, _)| *known != key.text) {
                out.extend(bytes(node, encoded).map(|bytes| (key.text.as_str(), bytes)));
            }
        }
    }
    out
}

fn bytes(node: &Node, encoded: bool) -> Option<Cow<'_, [u8]>> {
    let text = node.as_text()?;
    if encoded {
        let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        return base64::engine::general_purpose::STANDARD.decode(packed).ok().map(Cow::Owned);
    }
    Some(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    })
}

/// Bytes as text; `None` where they are none.
pub(super) fn readable(bytes: Cow<'_, [u8]>) -> Option<Cow<'_, str>> {
    match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}
