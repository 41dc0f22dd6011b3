//! Where errors lie, so that what only follows from one is not said as well.

use std::collections::BTreeMap;

use tranship_source::{FileId, Span};

/// The places of errors. Of those that lie inside each other only the outermost and the innermost are kept, each by its
/// beginning, so that their ends grow with their beginnings and the nearest one answers.
#[derive(Debug, Default)]
pub(super) struct Blame {
    outer: BTreeMap<(FileId, u32), u32>,
    inner: BTreeMap<(FileId, u32), u32>,
}

impl Blame {
    /// Notes an error.
    pub(super) fn add(&mut self, span: Span) {
        let Span { file, start, end } = span;
        if !self.around(span) {
            let hidden = |(key, last): (&(FileId, u32), &u32)| (*last <= end).then_some(*key);
            while let Some(key) = self.outer.range((file, start)..=(file, u32::MAX)).next().and_then(hidden) {
                self.outer.remove(&key);
            }
            self.outer.insert((file, start), end);
        }
        if !self.inside(span) {
            let hidden = |(key, last): (&(FileId, u32), &u32)| (*last >= end).then_some(*key);
            while let Some(key) = self.inner.range((file, 0)..=(file, start)).next_back().and_then(hidden) {
                self.inner.remove(&key);
            }
            self.inner.insert((file, start), end);
        }
    }

    /// Whether an error lies at or around a place.
    pub(super) fn around(&self, Span { file, start, end }: Span) -> bool {
        self.outer.range((file, 0)..=(file, start)).next_back().is_some_and(|(_, last)| end <= *last)
    }

    /// Whether an error lies inside a place.
    pub(super) fn inside(&self, Span { file, start, end }: Span) -> bool {
        self.inner.range((file, start)..=(file, u32::MAX)).next().is_some_and(|(_, last)| *last <= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_those_of_a_look_at_every_error() {
        let mut number = 7_u32;
        let mut next = |below: u32| {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (number >> 16) % below
        };
        for _ in 0..200 {
            let (mut blame, mut all) = (Blame::default(), Vec::new());
            for _ in 0..30 {
                let (file, start, length) = (FileId(next(2)), next(20), next(8));
                let span = Span { file, start, end: start + length };
                let around = all.iter().any(|e: &Span| e.file == file && e.start <= span.start && span.end <= e.end);
                let inside = all.iter().any(|e: &Span| e.file == file && span.start <= e.start && e.end <= span.end);
                assert_eq!((blame.around(span), blame.inside(span)), (around, inside), "{span:?} {all:?}");
                if next(2) == 0 {
                    blame.add(span);
                    all.push(span);
                }
            }
        }
    }
}
