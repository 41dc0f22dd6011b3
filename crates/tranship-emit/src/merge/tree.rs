//! The three-way merge of two trees, and the edits that make it in the text of one of them.
//!
//! Mappings merge by key, lists by the fields Kubernetes tells their items apart by, long texts by line, and everything
//! else as a whole. What was changed on both sides to different values stays as it was written by hand, is a conflict, and
//! keeps its old base, so that it is one again in the next run.

use std::collections::{BTreeMap, BTreeSet};

use tranship_kube::shape::{Items, Shape};
use tranship_model::ledger::{child_path, item_path};
use tranship_source::Span;
use tranship_source::yaml::{Key, Map, Node, Value};

use super::edit::{self, Edit, Left};
use super::{Change, Resolve, lines};

/// A merged value, and what the next run takes for the value written last.
pub(super) struct Both {
    pub(super) value: Node,
    pub(super) base: Node,
}

/// The same of something that may be absent.
struct Maybe {
    value: Option<Node>,
    base: Option<Node>,
}

/// Merges into one text.
pub(super) struct Merger<'t> {
    pub(super) text: &'t str,
    pub(super) resolve: Resolve,
    pub(super) edits: Vec<Edit>,
    pub(super) conflicts: Vec<Change>,
}

/// Where a value stands.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) shape: Shape,
    pub(super) path: String,
    pub(super) left: Left,
    /// Inside braces or brackets, where single values are replaced, and where something comes or goes the innermost pair.
    pub(super) flow: bool,
}

impl Place {
    fn child(&self, key: &str, column: usize) -> Self {
        let path = child_path(&self.path, key);
        Self { shape: self.shape.field(key), path, left: Left::Key(column), flow: self.flow }
    }

    fn item(&self, index: usize, column: usize) -> Self {
        let path = item_path(&self.path, index);
        Self { shape: self.shape.item(), path, left: Left::Dash(column), flow: self.flow }
    }
}

impl Merger<'_> {
    /// Merges a value that all three have.
    pub(super) fn merge(&mut self, last: &Node, next: &Node, hand: &Node, place: &Place) -> Both {
        if last == next || next == hand {
            return Both { value: hand.clone(), base: next.clone() };
        }
        if place.flow || !edit::is_flow(self.text, hand) {
            return self.inner(last, next, hand, place);
        }
        let inside = Place { flow: true, ..place.clone() };
        let is_empty = matches!(&hand.value, Value::Mapping(map) if map.is_empty())
            || hand.as_seq().is_some_and(<[Node]>::is_empty);
        if !is_empty {
            return self.inner(last, next, hand, &inside);
        }
        let mark = self.edits.len();
        let both = self.inner(last, next, hand, &inside);
        self.edits.truncate(mark);
        if both.value != *hand {
            self.edits.push(edit::replace(self.text, hand, place.left, &both.value));
        }
        both
    }

    fn inner(&mut self, last: &Node, next: &Node, hand: &Node, place: &Place) -> Both {
        match (&last.value, &next.value, &hand.value) {
            (Value::Mapping(a), Value::Mapping(b), Value::Mapping(c)) => self.maps(a, b, (c, hand), place),
            (Value::Sequence(a), Value::Sequence(b), Value::Sequence(c)) => {
                self.lists((a, last), (b, next), (c, hand), place)
            }
            (Value::String(a), Value::String(b), Value::String(c)) if b.contains('\n') => match lines::merge(a, b, c) {
                Ok(text) => {
                    let value = Node::from(text);
                    self.put(hand, &value, place);
                    Both { value, base: next.clone() }
                }
                Err(_) => self.whole(last, next, hand, place),
            },
            _ => self.whole(last, next, hand, place),
        }
    }

    /// Merges a value that cannot be merged in parts.
    fn whole(&mut self, last: &Node, next: &Node, hand: &Node, place: &Place) -> Both {
        if (last == hand || self.resolve == Resolve::Generated) && self.put(hand, next, place) {
            return Both { value: next.clone(), base: next.clone() };
        }
        self.stays(last, next, hand, place)
    }

    /// The value by hand stays, which is a conflict where nobody said so.
    fn stays(&mut self, last: &Node, next: &Node, hand: &Node, place: &Place) -> Both {
        if self.resolve == Resolve::Mine {
            return Both { value: hand.clone(), base: next.clone() };
        }
        self.conflict(place, hand.span, Some(last), Some(next), Some(hand));
        Both { value: hand.clone(), base: last.clone() }
    }

    /// Puts a value in the place of another; whether it can be done without taking away what only the text has.
    fn put(&mut self, hand: &Node, value: &Node, place: &Place) -> bool {
        let (start, end) = edit::bounds(self.text, hand);
        let parts = matches!(hand.value, Value::Mapping(_) | Value::Sequence(_));
        if parts && self.resolve != Resolve::Generated && edit::has_notes(self.text, start..end) {
            return false;
        }
        self.edits.push(if place.flow {
            Edit { range: start..end, text: edit::flow(value) }
        } else {
            edit::replace(self.text, hand, place.left, value)
        });
        true
    }

    fn conflict(&mut self, place: &Place, span: Span, last: Option<&Node>, next: Option<&Node>, hand: Option<&Node>) {
        let (last, next, hand) = (last.cloned(), next.cloned(), hand.cloned());
        self.conflicts.push(Change { path: place.path.clone(), span, last, next, hand });
    }

    /// A value the hand edit has and the other two do not both have.
    fn one_sided(&mut self, last: Option<&Node>, next: Option<&Node>, hand: &Node, place: &Place) -> Maybe {
        let kept = |base: Option<&Node>| Maybe { value: Some(hand.clone()), base: base.cloned() };
        match (last, next) {
            (Some(last), Some(next)) => {
                let Both { value, base } = self.merge(last, next, hand, place);
                Maybe { value: Some(value), base: Some(base) }
            }
            (None, None) => kept(None),
            (Some(last), None) if last == hand || self.resolve == Resolve::Generated => {
                Maybe { value: None, base: None }
            }
            (None, Some(next)) if next == hand => kept(Some(next)),
            (None, Some(next)) if next.as_map().is_some() && hand.as_map().is_some() => {
                let Both { value, base } = self.merge(&Node::from(Map::default()), next, hand, place);
                Maybe { value: Some(value), base: Some(base) }
            }
            (None, Some(next)) if self.resolve == Resolve::Generated => {
                self.put(hand, next, place);
                Maybe { value: Some(next.clone()), base: Some(next.clone()) }
            }
            _ if self.resolve == Resolve::Mine => kept(next),
            _ => {
                self.conflict(place, hand.span, last, next, Some(hand));
                kept(last)
            }
        }
    }

    /// A value the hand edit does not have: new, or deleted by hand.
    fn absent(&mut self, last: Option<&Node>, next: &Node, place: &Place, parent: Span) -> Maybe {
        let stays_away = |base: &Node| Maybe { value: None, base: Some(base.clone()) };
        match last {
            None => Maybe { value: Some(next.clone()), base: Some(next.clone()) },
            Some(last) if last == next || self.resolve == Resolve::Mine => stays_away(next),
            Some(_) if self.resolve == Resolve::Generated => {
                Maybe { value: Some(next.clone()), base: Some(next.clone()) }
            }
            Some(last) => {
                self.conflict(place, parent, Some(last), Some(next), None);
                stays_away(last)
            }
        }
    }

    fn maps(&mut self, last: &Map, next: &Map, (hand, node): (&Map, &Node), place: &Place) -> Both {
        let mark = self.edits.len();
        let first = hand.keys().next().map_or(0, |key| key.span.start as usize);
        let column = first - edit::line_start(self.text, first).min(first);
        let (mut value, mut base) = (Map::default(), Map::default());
        let mut layout = Layout::default();
        for (key, old) in hand {
            let at = place.child(&key.text, column);
            let merged = self.one_sided(last.get(key), next.get(key), old, &at);
            let end = edit::bounds(self.text, old).1.max(key.span.end as usize);
            layout.found(key.span.start as usize, end, merged.value.is_some());
            keep(&mut value, key, merged.value);
            keep(&mut base, key, merged.base);
        }
        for (key, new) in next {
            if let Some(at) = hand.get_index_of(key) {
                layout.after = value.contains_key(key).then_some(at).or(layout.after);
                continue;
            }
            let merged = self.absent(last.get(key), new, &place.child(&key.text, column), node.span);
            if let Some(new) = &merged.value {
                layout.put(edit::entry(column, &key.text, new));
            }
            keep(&mut value, key, merged.value);
            keep(&mut base, key, merged.base);
        }
        let value = Node::from(value);
        if !self.lay_out(layout, mark, node, &value, place) {
            return self.stays(&Node::from(last.clone()), &Node::from(next.clone()), node, place);
        }
        Both { value, base: Node::from(base) }
    }

    fn lists(
        &mut self,
        (last, last_node): (&[Node], &Node),
        (next, next_node): (&[Node], &Node),
        (hand, node): (&[Node], &Node),
        place: &Place,
    ) -> Both {
        let Some(keys) = Keys::of(place, [last, next, hand]) else {
            return self.placed((last, last_node), (next, next_node), (hand, node), place);
        };
        let mark = self.edits.len();
        let by_key = |items: &[Node]| items.iter().cloned().map(|item| (keys.of_item(&item), item)).collect::<Vec<_>>();
        let map = |items: &[Node]| by_key(items).into_iter().collect::<BTreeMap<_, _>>();
        let (of_last, of_next) = (map(last), map(next));
        let in_hand: BTreeSet<String> = hand.iter().map(|item| keys.of_item(item)).collect();
        let column = hand.first().and_then(|item| edit::dash(self.text, item));
        let column = column.map_or(0, |dash| dash - edit::line_start(self.text, dash));
        let (mut value, mut base): (Vec<(String, Node)>, Vec<Node>) = (Vec::new(), Vec::new());
        let mut layout = Layout::default();
        for (index, (key, old)) in by_key(hand).into_iter().enumerate() {
            let at = place.item(index, column);
            let merged = self.one_sided(of_last.get(&key), of_next.get(&key), &old, &at);
            let start = edit::dash(self.text, &old).unwrap_or(usize::MAX);
            layout.found(start, edit::bounds(self.text, &old).1, merged.value.is_some());
            value.extend(merged.value.map(|item| (key, item)));
            base.extend(merged.base);
        }
        let mut previous: Option<String> = None;
        for (index, (key, new)) in by_key(next).into_iter().enumerate() {
            if in_hand.contains(&key) {
                if value.iter().any(|(known, _)| *known == key) {
                    layout.after = hand.iter().position(|item| keys.of_item(item) == key);
                    previous = Some(key);
                }
                continue;
            }
            let merged = self.absent(of_last.get(&key), &new, &place.item(index, column), node.span);
            base.extend(merged.base);
            let Some(new) = merged.value else { continue };
            layout.put(edit::item(column, &new));
            let at = previous.as_ref().and_then(|p| value.iter().position(|(known, _)| known == p));
            value.insert(at.map_or(0, |at| at + 1), (key.clone(), new));
            previous = Some(key);
        }
        let value = Node::from(value.into_iter().map(|(_, item)| item).collect::<Vec<_>>());
        if !self.lay_out(layout, mark, node, &value, place) {
            return self.stays(last_node, next_node, node, place);
        }
        Both { value, base: Node::from(base) }
    }

    /// Merges a list whose items are told apart by their place: item by item where none came or went on either side, or
    /// where nobody changed it by hand.
    fn placed(
        &mut self,
        (last, last_node): (&[Node], &Node),
        (next, next_node): (&[Node], &Node),
        (hand, node): (&[Node], &Node),
        place: &Place,
    ) -> Both {
        let equal = last.len() == next.len() && last.len() == hand.len();
        let mappings = [last, next, hand].into_iter().flatten().all(|item| item.as_map().is_some());
        if !equal || !(mappings || last_node == node) {
            return self.whole(last_node, next_node, node, place);
        }
        let column = hand.first().and_then(|item| edit::dash(self.text, item));
        let column = column.map_or(0, |dash| dash - edit::line_start(self.text, dash));
        let items = last.iter().zip(next).zip(hand).enumerate();
        let both: Vec<Both> = items.map(|(at, ((a, b), c))| self.merge(a, b, c, &place.item(at, column))).collect();
        let (value, base): (Vec<Node>, Vec<Node>) = both.into_iter().map(|both| (both.value, both.base)).unzip();
        Both { value: Node::from(value), base: Node::from(base) }
    }

    /// The edits for entries or items that go or come. Where lines cannot be told apart, the whole is written anew; whether
    /// that takes nothing away which only the text has.
    fn lay_out(&mut self, layout: Layout, mark: usize, node: &Node, value: &Node, place: &Place) -> bool {
        if layout.added.is_empty() && layout.old.iter().all(|old| old.stays) {
            return true;
        }
        if place.flow {
            self.edits.truncate(mark);
            let (start, end) = edit::bounds(self.text, node);
            let lines =
                self.resolve != Resolve::Generated && self.text.get(start..end).is_some_and(|t| t.contains('\n'));
            return !lines && self.put(node, value, place);
        }
        let on_own_lines =
            |old: &Old| old.stays || (old.start < self.text.len() && edit::leads_its_line(self.text, old.start));
        let first = layout.old.first();
        let before_first = layout.added.iter().any(|(after, _)| after.is_none());
        let fits = first.is_some_and(|old| !before_first || edit::leads_its_line(self.text, old.start))
            && layout.old.iter().any(|old| old.stays)
            && layout.old.iter().all(on_own_lines);
        if !fits {
            self.edits.truncate(mark);
            return self.put(node, value, place);
        }
        for old in layout.old.iter().filter(|old| !old.stays) {
            let range = edit::line_start(self.text, old.start)..edit::next_line(self.text, old.end);
            self.edits.push(Edit { range, text: String::new() });
        }
        for (after, lines) in layout.added {
            let at = match after.and_then(|at| layout.old.get(at)) {
                Some(old) => edit::next_line(self.text, old.end),
                None => first.map_or(0, |old| edit::line_start(self.text, old.start)),
            };
            self.edits.push(edit::insert(self.text, at, lines));
        }
        true
    }
}

/// Where the entries of a mapping or the items of a list stand in the text, and what comes between them.
#[derive(Default)]
struct Layout {
    old: Vec<Old>,
    /// Lines to put in, each after the entry at a position, or before all.
    added: Vec<(Option<usize>, String)>,
    /// The entry after which the next new one goes.
    after: Option<usize>,
}

struct Old {
    start: usize,
    end: usize,
    stays: bool,
}

impl Layout {
    fn found(&mut self, start: usize, end: usize, stays: bool) {
        self.old.push(Old { start, end, stays });
    }

    fn put(&mut self, lines: String) {
        self.added.push((self.after, lines));
    }
}

fn keep(map: &mut Map, key: &Key, value: Option<Node>) {
    if let Some(value) = value {
        map.insert(key.clone(), value);
    }
}

/// What the items of a list are told apart by.
enum Keys {
    /// The values at these paths.
    Fields(Vec<Vec<String>>),
    /// The items themselves.
    Own,
}

impl Keys {
    /// How the items of three lists are told apart; `None` where they are not, or two have the same key.
    fn of(place: &Place, lists: [&[Node]; 3]) -> Option<Self> {
        let keys = match place.shape.items() {
            Items::Keyed(fields) => Self::Fields(fields.iter().map(|field| vec![(*field).to_owned()]).collect()),
            Items::Set => Self::Own,
            // The schema calls it a list without keys, and its items are objects with names.
            _ if place.path.ends_with("volumeClaimTemplates") => {
                Self::Fields(vec![vec!["metadata".into(), "name".into()]])
            }
            Items::Unknown => Self::Fields(vec![vec!["name".into()]]),
            Items::Placed => return None,
        };
        let fits = |items: &[Node]| {
            let mut seen = BTreeSet::new();
            items.iter().all(|item| keys.fit(item) && seen.insert(keys.of_item(item)))
        };
        lists.into_iter().all(fits).then_some(keys)
    }

    fn fit(&self, item: &Node) -> bool {
        match self {
            Self::Own => item.as_str().is_some(),
            // A Service's port may leave its protocol out, and then it is TCP.
            Self::Fields(fields) => item.as_map().is_some() && fields.iter().any(|field| find(item, field).is_some()),
        }
    }

    fn of_item(&self, item: &Node) -> String {
        let text = |field: &Vec<String>| match find(item, field).map(|node| &node.value) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Int(number)) => number.to_string(),
            Some(other) => format!("{other:?}"),
            None if field.last().is_some_and(|name| name == "protocol") => "TCP".to_owned(),
            None => String::new(),
        };
        match self {
            Self::Own => item.as_str().unwrap_or_default().to_owned(),
            Self::Fields(fields) => fields.iter().map(text).collect::<Vec<_>>().join("\u{0}"),
        }
    }
}

fn find<'a>(item: &'a Node, path: &[String]) -> Option<&'a Node> {
    path.iter().try_fold(item, |node, step| node.get(step))
}
