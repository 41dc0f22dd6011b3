//! What became of each leaf of the project. Nothing is lost in silence.

use std::collections::HashSet;

use tranship_source::Span;
use tranship_source::hash::BuildQuick;

use crate::origin::{At, KeyPath, Origin};

/// What became of a leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It stands in the output with the same meaning and the same value.
    Kept {
        /// Where: `Deployment/web spec.replicas`.
        to: String,
    },
    /// It stands in the output in another form.
    Translated {
        /// Where: `Deployment/web spec.template.spec.containers[0].livenessProbe`.
        to: String,
        /// How and why it changed, a sentence.
        why: String,
    },
    /// It led to a decision and is not itself in the output.
    Decided {
        /// What was decided and why, a sentence.
        why: String,
    },
    /// It is not in the output.
    Dropped {
        /// Why, a sentence.
        why: String,
        /// What the user can do about it; empty when there is nothing to do.
        todo: String,
    },
}

impl Outcome {
    /// The word for the outcome: `kept`, `translated`, `decided` or `dropped`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Kept { .. } => "kept",
            Self::Translated { .. } => "translated",
            Self::Decided { .. } => "decided",
            Self::Dropped { .. } => "dropped",
        }
    }
}

/// One leaf, or a whole subtree of leaves, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Path in the resolved project.
    pub path: KeyPath,
    /// Where it was written.
    pub span: Span,
    /// Whether the entry speaks for every leaf below the path.
    pub whole: bool,
    /// What became of it.
    pub outcome: Outcome,
}

/// Every entry, in the order it was made. One leaf may have several, as when it goes to two objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The entries.
    pub entries: Vec<Entry>,
}

impl Ledger {
    /// An empty ledger.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes what became of a leaf.
    pub fn note(&mut self, at: &At, outcome: Outcome) {
        self.entries.push(Entry { path: at.path.clone(), span: at.span, whole: at.whole, outcome });
    }

    /// Notes for every leaf behind a value that it stands at `to` unchanged.
    pub fn kept(&mut self, origin: &Origin, to: &str) {
        for at in origin.leaves() {
            self.note(at, Outcome::Kept { to: to.to_owned() });
        }
    }

    /// Notes for every leaf behind a value that it stands at `to` in another form.
    pub fn translated(&mut self, origin: &Origin, to: &str, why: &str) {
        for at in origin.leaves() {
            self.note(at, Outcome::Translated { to: to.to_owned(), why: why.to_owned() });
        }
    }

    /// Notes for every leaf behind a value that it led to a decision.
    pub fn decided(&mut self, origin: &Origin, why: &str) {
        for at in origin.leaves() {
            self.note(at, Outcome::Decided { why: why.to_owned() });
        }
    }

    /// Notes for every leaf behind a decision what was decided, by the decision's own reason.
    pub fn reasoned(&mut self, origin: &Origin) {
        if let Origin::Decided { because, .. } = origin {
            self.decided(origin, because);
        }
    }

    /// Notes for every leaf behind a value that it is not in the output.
    pub fn dropped(&mut self, origin: &Origin, why: &str, todo: &str) {
        for at in origin.leaves() {
            self.note(at, Outcome::Dropped { why: why.to_owned(), todo: todo.to_owned() });
        }
    }

    /// The paths among `leaves` that no entry speaks for: neither one of the same path nor one of a whole section above.
    pub fn unaccounted<'a>(&self, leaves: impl IntoIterator<Item = &'a At>) -> Vec<&'a At> {
        let known: HashSet<&str, BuildQuick> = self.entries.iter().map(|entry| &*entry.path).collect();
        let whole: HashSet<&str, BuildQuick> =
            self.entries.iter().filter(|entry| entry.whole).map(|entry| &*entry.path).collect();
        let spoken_for = |at: &At| known.contains(&*at.path) || sections(&at.path).any(|path| whole.contains(path));
        leaves.into_iter().filter(|at| !spoken_for(at)).collect()
    }
}

/// A path and every subtree it lies in, longest first. Dots and brackets inside a quoted key do not end a step.
pub fn sections(path: &str) -> impl Iterator<Item = &str> {
    let mut ends = Vec::new();
    let mut quoted = false;
    let mut escaped = false;
    for (i, c) in path.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '.' | '[' if !quoted && i > 0 => ends.push(i),
            _ => {}
        }
    }
    ends.push(path.len());
    ends.into_iter().rev().filter_map(move |end| path.get(..end))
}

/// The path of `key` below `parent`, quoted as `["a.b"]` where the key is not plain.
pub fn child_path(parent: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'/'));
    if !plain {
        return format!("{parent}[\"{}\"]", key.replace('\\', "\\\\").replace('"', "\\\""));
    }
    let mut path = String::with_capacity(parent.len() + 1 + key.len());
    path.push_str(parent);
    if !parent.is_empty() {
        path.push('.');
    }
    path.push_str(key);
    path
}

/// The path of the list item at `index` below `parent`.
pub fn item_path(parent: &str, index: usize) -> String {
    [parent, "[", &index.to_string(), "]"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_a_whole_section_speaks_for_it_and_no_other() {
        let mut ledger = Ledger::new();
        ledger.kept(&Origin::at("services.web", Span::NONE), "x");
        ledger.kept(&Origin::From(vec![At::new("services.web.build", Span::NONE).whole()]), "x");
        let leaves = ["services.web.build.args.A", "services.web.builder", "services.web.build"]
            .map(|path| At::new(path, Span::NONE));
        let missing: Vec<_> = ledger.unaccounted(&leaves).into_iter().map(|at| &*at.path).collect();
        assert_eq!(missing, ["services.web.builder"]);
    }

    #[test]
    fn keys_with_dots_are_one_step() {
        let path = child_path("services.web.labels", "a.b[\"c\"]");
        let all: Vec<_> = sections(&path).collect();
        assert_eq!(all.len(), 4, "{all:?}");
    }
}
