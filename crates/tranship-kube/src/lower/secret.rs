//! Secrets of files.

use tranship_model::{Blob, BlobContent};
use tranship_source::yaml::Node;

use super::config_map::contents;
use super::{Lowering, external, metadata};
use crate::names::NameKind;
use crate::object::Object;

/// Adds the Secret of a blob. Text stands in `stringData`, where people can read and change it.
pub(crate) fn lower(cx: &mut Lowering<'_>, key: &str, blob: &Blob) {
    let Blob { origin, name, content, labels, said: _ } = blob;
    let given = cx.names.name(NameKind::Secret, key);
    let mut object = Object::new("v1", "Secret", Node::from(given.clone()).blamed_on(origin.span()));
    if let Some(name) = name.as_ref().filter(|_| external::is_external(blob)) {
        external::note(cx, name, &object.label());
    } else if let Some(name) = name {
        cx.ledger.decided(&name.origin, "a Secret is called by the secret's key, within the project's own namespace");
    }
    match content {
        BlobContent::External => {
            cx.ledger.translated(origin, &object.label(), "it is used and not written, as it is external");
            cx.external_secrets.push(given);
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
            object.set(&["type"], "Opaque");
            let (text, binary) = contents(files, origin.span());
            if !text.is_empty() {
                object.set(&["stringData"], text);
            }
            if !binary.is_empty() {
                object.set(&["data"], binary);
            }
            cx.ledger.translated(origin, &object.label(), "its files are data of a Secret");
            cx.add(object);
        }
    }
}
