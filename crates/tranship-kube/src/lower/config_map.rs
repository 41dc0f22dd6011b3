//! ConfigMaps of files.

use tranship_model::{Blob, BlobContent, BlobFile};
use tranship_source::Span;
use tranship_source::yaml::{Key, Map, Node};

use super::{Lowering, external, metadata};
use crate::names::{NameKind, data_key};
use crate::object::Object;

/// Adds the ConfigMap of a blob.
pub(crate) fn lower(cx: &mut Lowering<'_>, key: &str, blob: &Blob) {
    let Blob { origin, name, content, labels, said: _ } = blob;
    let given = cx.names.name(NameKind::ConfigMap, key);
    let mut object = Object::new("v1", "ConfigMap", Node::from(given.clone()).blamed_on(origin.span()));
    if let Some(name) = name.as_ref().filter(|_| external::is_external(blob)) {
        external::note(cx, name, &object.label());
    } else if let Some(name) = name {
        cx.ledger
            .decided(&name.origin, "a ConfigMap is called by the config's key, within the project's own namespace");
    }
    match content {
        BlobContent::External => {
            cx.ledger.translated(origin, &object.label(), "it is used and not written, as it is external");
            cx.external_config_maps.push(given);
            metadata::annotate(cx, &mut object, labels);
        }
        BlobContent::Absent(why) => {
            cx.ledger.dropped(origin, why, "put the file there and convert again");
            metadata::annotate(cx, &mut object, labels);
        }
        BlobContent::Files(files) => {
            object.set(&["metadata", "labels"], metadata::project_labels(cx));
            metadata::keep_name(&mut object, key);
            metadata::annotate(cx, &mut object, labels);
            let (text, binary) = contents(files, origin.span());
            if !text.is_empty() {
                object.set(&["data"], text);
            }
            if !binary.is_empty() {
                object.set(&["binaryData"], binary);
            }
            cx.ledger.translated(origin, &object.label(), "its files are data of a ConfigMap");
            cx.add(object);
        }
    }
}

/// Files by key: those that are text as they are, all others in base64.
pub(crate) fn contents(files: &[BlobFile], span: Span) -> (Map, Map) {
    let (mut text, mut binary) = (Map::default(), Map::default());
    for file in files {
        let key = Key::new(data_key(&file.path), span);
        match readable(file.bytes.expose()) {
            Some(content) => text.insert(key, Node::from(content).blamed_on(span)),
            None => binary.insert(key, base64(file.bytes.expose()).blamed_on(span)),
        };
    }
    (text, binary)
}

/// Bytes that are text which YAML carries: UTF-8 without control characters other than line ends and tabs.
pub(crate) fn readable(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let odd = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t' | '\r')) || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    (!text.contains(odd)).then_some(text)
}

/// Bytes as Kubernetes carries them.
pub(crate) fn base64(bytes: &[u8]) -> Node {
    use base64::Engine;
    Node::from(base64::engine::general_purpose::STANDARD.encode(bytes))
}
