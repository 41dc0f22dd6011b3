//! What the ledger says of a value.

use std::cell::OnceCell;

use tranship_model::{Entry, Ledger, Outcome};

/// The ledger by path, sorted when it is first asked: most projects have differences, few have many.
pub(crate) struct Reasons<'a> {
    ledger: &'a Ledger,
    sorted: OnceCell<Vec<&'a Entry>>,
}

impl<'a> Reasons<'a> {
    pub(crate) fn new(ledger: &'a Ledger) -> Self {
        Self { ledger, sorted: OnceCell::new() }
    }

    /// Why a value is not in the output: it was dropped or led to a decision, and nothing of it stands anywhere.
    pub(crate) fn given_up(&self, path: &str) -> Option<String> {
        let stands = |entry: &Entry| matches!(entry.outcome, Outcome::Kept { .. } | Outcome::Translated { .. });
        if self.at(path).any(stands) { None } else { self.dropped(path).or_else(|| self.decided(path)) }
    }

    /// Why a value, or a part of it, was dropped. What is said of the nearest part counts, as an option further down may
    /// have gone for a reason of its own.
    pub(crate) fn dropped(&self, path: &str) -> Option<String> {
        let why = |entry: &'a Entry| match &entry.outcome {
            Outcome::Dropped { why, .. } => Some((entry, why)),
            _ => None,
        };
        let depth = |entry: &Entry| entry.path.matches(['.', '[']).count();
        self.at(path).filter_map(why).min_by_key(|(entry, _)| depth(entry)).map(|(_, why)| why.clone())
    }

    fn decided(&self, path: &str) -> Option<String> {
        self.at(path).find_map(|entry| match &entry.outcome {
            Outcome::Decided { why } => Some(why.clone()),
            _ => None,
        })
    }

    /// How a value changed its form.
    pub(crate) fn translated(&self, path: &str) -> Option<String> {
        self.at(path).find_map(|entry| match &entry.outcome {
            Outcome::Translated { why, .. } => Some(why.clone()),
            _ => None,
        })
    }

    /// `why`, if a value changed its form for that reason.
    pub(crate) fn translated_as(&self, path: &str, why: &str) -> Option<String> {
        let is = |entry: &Entry| matches!(&entry.outcome, Outcome::Translated { why: known, .. } if known == why);
        self.at(path).any(is).then(|| why.to_owned())
    }

    /// How a value became a volume of the pod that holds nothing of it: such an entry names the pod's volumes and no object.
    pub(crate) fn emptied(&self, path: &str) -> Option<String> {
        self.at(path).find_map(|entry| match &entry.outcome {
            Outcome::Translated { to, why } if to.ends_with(" spec.template.spec.volumes") => Some(why.clone()),
            _ => None,
        })
    }

    /// Whether the ledger knows the value at all.
    pub(crate) fn is_known(&self, path: &str) -> bool {
        self.at(path).next().is_some()
    }

    /// Entries of a path and of everything below it.
    fn at(&self, path: &str) -> impl Iterator<Item = &'a Entry> {
        let all = self.sorted.get_or_init(|| {
            let mut all: Vec<&Entry> = self.ledger.entries.iter().collect();
            all.sort_by(|a, b| a.path.cmp(&b.path));
            all
        });
        let start = all.partition_point(|entry| *entry.path < *path);
        let found = all.get(start..).unwrap_or_default().iter().copied();
        let path = path.to_owned();
        let rest = path.clone();
        found.take_while(move |entry| entry.path.starts_with(&path)).filter(move |entry| {
            let below = entry.path.get(rest.len()..).unwrap_or_default();
            below.is_empty() || below.starts_with(['.', '['])
        })
    }
}

#[cfg(test)]
mod tests {
    use tranship_model::Origin;
    use tranship_source::Span;

    use super::*;

    #[test]
    fn the_reason_of_the_nearest_part_counts() {
        let mut ledger = Ledger::new();
        for (path, why) in [("volumes[0].bind.propagation", "no way"), ("volumes[0].source", "it is the machine")] {
            ledger.dropped(&Origin::at(path, Span::NONE), why, "");
        }
        assert_eq!(Reasons::new(&ledger).dropped("volumes[0]").as_deref(), Some("it is the machine"));
    }
}
