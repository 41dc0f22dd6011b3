//! What a hand edit and a new conversion come to: a three-way merge against what was written last.
//!
//! Manifests merge as trees, and the result is made as edits in the text written by hand, so that its comments, order
//! and layout stay wherever the conversion changes nothing. The merged text is read again and compared with the merged
//! tree; where both differ the file is left alone and is a conflict as a whole. Other files merge by line. Start reading at
//! [`merge`].

pub(crate) mod edit;
pub mod lines;
#[cfg(test)]
mod tests;
mod tree;

use tranship_kube::shape::Shape;
use tranship_source::yaml::{self, Node, ParseOptions};
use tranship_source::{Diagnostic, FileId, Span};

use edit::Left;
use tree::{Both, Merger, Place};

/// How conflicts are settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resolve {
    /// Not at all: the hand edit stays, and the conflict is reported.
    #[default]
    Report,
    /// The hand edit stays and is none any more.
    Mine,
    /// The generated value takes its place.
    Generated,
}

/// A value that was changed by hand and by the conversion, to different values.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its path in the object; empty where the whole file is meant.
    pub path: String,
    /// Where it stands in the text of the hand edit, or where it was deleted.
    pub span: Span,
    /// What was written last.
    pub last: Option<Node>,
    /// What the conversion writes now.
    pub next: Option<Node>,
    /// What stands there.
    pub hand: Option<Node>,
}

/// What a merge gives.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The text to write.
    pub text: String,
    /// What the next run takes for the text written last: the generated one, with the old values where there is a
    /// conflict.
    pub base: String,
    /// What is in conflict.
    pub conflicts: Vec<Change>,
    /// Why the text written by hand could not be merged at all.
    pub fault: Option<Diagnostic>,
}

impl Merged {
    fn clean(text: impl Into<String>, base: &str) -> Self {
        Self { text: text.into(), base: base.to_owned(), conflicts: Vec::new(), fault: None }
    }
}

/// Merges a file: `last` is what was written, `next` what would be written now, `hand` what is there. Spans of conflicts
/// lie in `file`, the text of `hand`.
pub fn merge(path: &str, last: &str, next: &str, hand: &str, file: FileId, resolve: Resolve) -> Merged {
    if last == next || next == hand {
        return Merged::clean(hand, next);
    }
    if last == hand {
        return Merged::clean(next, next);
    }
    if matches!(extension(path), "yaml" | "yml") && !is_template(path) {
        manifest(last, next, hand, file, resolve)
    } else {
        text(path, last, next, hand, file, resolve)
    }
}

/// Whether a file is a template of a chart, which is no YAML before it is rendered.
fn is_template(path: &str) -> bool {
    path.starts_with("helm/") && path.contains("/templates/")
}

fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Merges by line. The result of a JSON file has to be JSON.
fn text(path: &str, last: &str, next: &str, hand: &str, file: FileId, resolve: Resolve) -> Merged {
    let merged = lines::merge(last, next, hand);
    let sound = |text: &String| extension(path) != "json" || serde_json::from_str::<serde_json::Value>(text).is_ok();
    match merged {
        Ok(merged) if sound(&merged) => Merged::clean(merged, next),
        Ok(_) => refused(last, next, hand, Span::new(file, 0, 0), resolve, None),
        Err(line) => {
            let start = lines::split(hand).iter().take(line.saturating_sub(1)).map(|line| line.len()).sum();
            let end =
                lines::split(hand).get(line.saturating_sub(1)).map_or(start, |line| start + line.trim_end().len());
            refused(last, next, hand, Span::new(file, start, end), resolve, None)
        }
    }
}

/// A file that is in conflict as a whole.
fn refused(last: &str, next: &str, hand: &str, span: Span, resolve: Resolve, fault: Option<Diagnostic>) -> Merged {
    match resolve {
        Resolve::Mine => Merged::clean(hand, next),
        Resolve::Generated => Merged::clean(next, next),
        Resolve::Report => {
            let change = Change { path: String::new(), span, last: None, next: None, hand: None };
            Merged { text: hand.to_owned(), base: last.to_owned(), conflicts: vec![change], fault }
        }
    }
}

fn manifest(last: &str, next: &str, hand: &str, file: FileId, resolve: Resolve) -> Merged {
    let whole = |fault| refused(last, next, hand, Span::new(file, 0, 0), resolve, fault);
    let (Some(old), Some(new)) = (single(last), single(next)) else { return whole(None) };
    let documents = match read(hand, file) {
        Ok(documents) => documents,
        Err(fault) => return whole(Some(*fault)),
    };
    let Some((at, document)) = find(&documents, &old) else { return whole(None) };
    let shape = Shape::of(word(&old, "apiVersion"), word(&old, "kind"));
    let mut merger = Merger { text: hand, resolve, edits: Vec::new(), conflicts: Vec::new() };
    let place = Place { shape, path: String::new(), left: Left::Key(0), flow: false };
    let Both { value, base } = merger.merge(&old, &new, document, &place);
    let Merger { text: _, resolve: _, mut edits, conflicts } = merger;
    edits.extend(heading(last, next, hand));
    let edited = edit::apply(hand, edits);
    let same = |text: &String| {
        read(text, file).is_ok_and(|read| read.len() == documents.len() && read.get(at) == Some(&value))
    };
    match edited.filter(same) {
        Some(text) if conflicts.is_empty() => Merged::clean(text, next),
        Some(text) => {
            let base = format!("{}{}", comments(next), yaml::write(&base));
            Merged { text, base, conflicts, fault: None }
        }
        None => whole(None),
    }
}

fn read(text: &str, file: FileId) -> Result<Vec<Node>, Box<Diagnostic>> {
    let options = ParseOptions { string_keys: false, comments: false };
    yaml::parse_with(file, text, options).ok().map(|(documents, _)| documents).map_err(|faults| {
        // There is no error without a fault.
        let first = faults.into_iter().next();
        Box::new(first.unwrap_or_else(|| Diagnostic::error("yaml-syntax", "the file is no YAML")))
    })
}

/// The only document of a text of ours.
fn single(text: &str) -> Option<Node> {
    let mut documents = read(text, FileId::NONE).ok()?;
    (documents.len() == 1).then(|| documents.pop()).flatten()
}

/// The document of an object among those of a file: the one of its kind and name, or the only one.
fn find<'a>(documents: &'a [Node], object: &Node) -> Option<(usize, &'a Node)> {
    let name = |node: &Node| node.at(&["metadata", "name"]).and_then(Node::as_str).map(str::to_owned);
    let same = |node: &Node| word(node, "kind") == word(object, "kind") && name(node) == name(object);
    let mut filled = documents.iter().enumerate().filter(|(_, node)| node.as_map().is_some());
    let found = filled.clone().find(|(_, node)| same(node));
    found.or_else(|| filled.next().filter(|_| filled.next().is_none()))
}

fn word<'a>(node: &'a Node, key: &str) -> &'a str {
    node.get(key).and_then(Node::as_str).unwrap_or_default()
}

/// The comment lines a text begins with.
fn comments(text: &str) -> &str {
    let end = text.split_inclusive('\n').take_while(|line| line.starts_with('#')).map(str::len).sum();
    text.get(..end).unwrap_or_default()
}

/// The change of the comment at the head, which is ours as long as nobody wrote another.
fn heading(last: &str, next: &str, hand: &str) -> Option<edit::Edit> {
    let (old, new) = (comments(last), comments(next));
    (old != new && !old.is_empty() && hand.starts_with(old))
        .then(|| edit::Edit { range: 0..old.len(), text: new.to_owned() })
}
