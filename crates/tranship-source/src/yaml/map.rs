//! A mapping in the order of its file.
//!
//! Nearly all mappings of Compose files and Kubernetes objects have a handful of keys, which are found sooner by looking
//! at them than by hashing, and take half the room. Only one that grows large gets an index.

use std::slice;
use std::vec;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry as Slot;

use super::node::{Key, Node};
use crate::hash::Quick;

/// From so many entries on, looking at each key takes longer than hashing one.
const INDEXED: usize = 24;

/// A mapping that keeps the order of its entries. Two are equal when they hold the same, in whatever order.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: Vec<(Key, Node)>,
    /// Places in `entries` by key, of large mappings only.
    index: Option<Box<HashTable<u32>>>,
}

impl Map {
    /// An empty mapping.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new(), index: None }
    }

    /// An empty mapping with room for so many entries.
    #[must_use]
    pub fn with_capacity(entries: usize) -> Self {
        Self { entries: Vec::with_capacity(entries), index: None }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The place of a key among the entries.
    pub fn get_index_of(&self, key: impl AsRef<str>) -> Option<usize> {
        let key = key.as_ref();
        match &self.index {
            None => self.entries.iter().position(|(known, _)| known.text == key),
            Some(index) => index.find(hash(key), |at| self.is_at(*at, key)).and_then(|at| usize::try_from(*at).ok()),
        }
    }

    /// The entry at a place.
    pub fn get_index(&self, at: usize) -> Option<(&Key, &Node)> {
        self.entries.get(at).map(|(key, node)| (key, node))
    }

    /// Place, key and value of a key.
    pub fn get_full(&self, key: impl AsRef<str>) -> Option<(usize, &Key, &Node)> {
        let at = self.get_index_of(key)?;
        self.entries.get(at).map(|(key, node)| (at, key, node))
    }

    /// The key as it is held, with the place it was written, and its value.
    pub fn get_key_value(&self, key: impl AsRef<str>) -> Option<(&Key, &Node)> {
        self.get_full(key).map(|(_, key, node)| (key, node))
    }

    /// The value of a key.
    pub fn get(&self, key: impl AsRef<str>) -> Option<&Node> {
        let at = self.get_index_of(key)?;
        self.entries.get(at).map(|(_, node)| node)
    }

    /// The value of a key, to change.
    pub fn get_mut(&mut self, key: impl AsRef<str>) -> Option<&mut Node> {
        let at = self.get_index_of(key)?;
        self.entries.get_mut(at).map(|(_, node)| node)
    }

    /// Whether there is such a key.
    pub fn contains_key(&self, key: impl AsRef<str>) -> bool {
        self.get_index_of(key).is_some()
    }

    /// Puts a value under a key and gives the one that stood there. A key that is there keeps its place and span.
    pub fn insert(&mut self, key: Key, value: Node) -> Option<Node> {
        self.insert_full(key, value).1
    }

    /// Like [`Self::insert`], with the place of the entry.
    pub fn insert_full(&mut self, key: Key, value: Node) -> (usize, Option<Node>) {
        if let Some(at) = self.get_index_of(&key)
            && let Some((_, old)) = self.entries.get_mut(at)
        {
            return (at, Some(std::mem::replace(old, value)));
        }
        self.push(key, value);
        (self.len() - 1, None)
    }

    /// Puts a value under a key at a place, or at the end where there are fewer entries; a key that is there moves there.
    pub fn shift_insert(&mut self, at: usize, key: Key, value: Node) -> Option<Node> {
        let old = self.shift_remove(&key);
        self.entries.insert(at.min(self.entries.len()), (key, value));
        self.reindex();
        old
    }

    /// The entry of a key, there or not.
    pub fn entry(&mut self, key: Key) -> Entry<'_> {
        let at = self.get_index_of(&key);
        Entry { map: self, at, key }
    }

    /// Takes a key's value out; the entries after it move up.
    pub fn shift_remove(&mut self, key: impl AsRef<str>) -> Option<Node> {
        self.shift_remove_entry(key).map(|(_, node)| node)
    }

    /// Takes a key and its value out; the entries after it move up.
    pub fn shift_remove_entry(&mut self, key: impl AsRef<str>) -> Option<(Key, Node)> {
        let at = self.get_index_of(key)?;
        let removed = self.entries.remove(at);
        self.reindex();
        Some(removed)
    }

    /// Keeps the entries a test says yes to.
    pub fn retain(&mut self, mut keep: impl FnMut(&Key, &mut Node) -> bool) {
        let before = self.len();
        self.entries.retain_mut(|(key, node)| keep(key, node));
        if self.len() != before {
            self.reindex();
        }
    }

    /// Puts the entries in the order of their keys.
    pub fn sort_keys(&mut self) {
        self.entries.sort_by(|(one, _), (other, _)| one.text.cmp(&other.text));
        self.reindex();
    }

    /// Puts the entries in an order of one's own; equal ones stay as they are.
    pub fn sort_by(&mut self, mut order: impl FnMut(&Key, &Node, &Key, &Node) -> std::cmp::Ordering) {
        self.entries.sort_by(|(one, value), (other, with)| order(one, value, other, with));
        self.reindex();
    }

    /// The entries in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.entries.iter())
    }

    /// The entries in order, their values to change.
    pub fn iter_mut(&mut self) -> IterMut<'_> {
        IterMut(self.entries.iter_mut())
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Key> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The values in order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Node> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(_, node)| node)
    }

    /// The values in order, to change.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Node> + ExactSizeIterator {
        self.entries.iter_mut().map(|(_, node)| node)
    }

    /// The keys in order.
    pub fn into_keys(self) -> impl DoubleEndedIterator<Item = Key> + ExactSizeIterator {
        self.entries.into_iter().map(|(key, _)| key)
    }

    /// The values in order.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = Node> + ExactSizeIterator {
        self.entries.into_iter().map(|(_, node)| node)
    }

    /// The first entry.
    pub fn first(&self) -> Option<(&Key, &Node)> {
        self.get_index(0)
    }

    /// The last entry.
    pub fn last(&self) -> Option<(&Key, &Node)> {
        self.get_index(self.len().checked_sub(1)?)
    }

    /// Adds an entry whose key is known to be new.
    pub(super) fn push(&mut self, key: Key, value: Node) {
        let hash = self.index.is_some().then(|| hash(&key.text));
        self.entries.push((key, value));
        match (&mut self.index, hash) {
            (Some(index), Some(hash)) => {
                let entries = &self.entries;
                let at = place(entries.len() - 1);
                index.insert_unique(hash, at, |at| hash_at(entries, *at));
            }
            _ if self.entries.len() > INDEXED => self.reindex(),
            _ => {}
        }
    }

    fn is_at(&self, at: u32, key: &str) -> bool {
        usize::try_from(at).ok().and_then(|at| self.entries.get(at)).is_some_and(|(known, _)| known.text == key)
    }

    /// Makes the index anew, or none where there are few entries.
    fn reindex(&mut self) {
        if self.entries.len() <= INDEXED {
            self.index = None;
            return;
        }
        let entries = &self.entries;
        let mut index = HashTable::with_capacity(entries.len() * 2);
        for (at, (key, _)) in entries.iter().enumerate() {
            let slot = index.entry(
                hash(&key.text),
                |other: &u32| {
                    usize::try_from(*other).ok().and_then(|at| entries.get(at)).is_some_and(|(k, _)| k == key)
                },
                |at| hash_at(entries, *at),
            );
            if let Slot::Vacant(slot) = slot {
                slot.insert(place(at));
            }
        }
        self.index = Some(Box::new(index));
    }
}

/// The place of an entry as the index holds it. A file of 4 GiB is refused long before.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn hash(key: &str) -> u64 {
    use std::hash::Hasher;
    let mut quick = Quick::default();
    quick.write(key.as_bytes());
    quick.finish()
}

fn hash_at(entries: &[(Key, Node)], at: u32) -> u64 {
    usize::try_from(at).ok().and_then(|at| entries.get(at)).map_or(0, |(key, _)| hash(&key.text))
}

/// A key that may be there or not.
#[derive(Debug)]
pub struct Entry<'a> {
    map: &'a mut Map,
    at: Option<usize>,
    key: Key,
}

impl<'a> Entry<'a> {
    /// The value, put there where there was none.
    pub fn or_insert(self, value: Node) -> &'a mut Node {
        self.or_insert_with(|| value)
    }

    /// The value, made where there was none.
    pub fn or_insert_with(self, make: impl FnOnce() -> Node) -> &'a mut Node {
        let Self { map, at, key } = self;
        let at = at.unwrap_or_else(|| {
            map.push(key, make());
            map.len() - 1
        });
        &mut map.entries[at].1
    }

    /// Whether the key is there.
    pub fn is_there(&self) -> bool {
        self.at.is_some()
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(key, node)| other.get(key) == Some(node))
    }
}

impl Extend<(Key, Node)> for Map {
    fn extend<T: IntoIterator<Item = (Key, Node)>>(&mut self, entries: T) {
        let entries = entries.into_iter();
        self.entries.reserve(entries.size_hint().0);
        for (key, node) in entries {
            self.insert(key, node);
        }
    }
}

impl FromIterator<(Key, Node)> for Map {
    fn from_iter<T: IntoIterator<Item = (Key, Node)>>(entries: T) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<const N: usize> From<[(Key, Node); N]> for Map {
    fn from(entries: [(Key, Node); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl IntoIterator for Map {
    type Item = (Key, Node);
    type IntoIter = vec::IntoIter<(Key, Node)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Key, &'a Node);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<'a> IntoIterator for &'a mut Map {
    type Item = (&'a Key, &'a mut Node);
    type IntoIter = IterMut<'a>;

    fn into_iter(self) -> IterMut<'a> {
        self.iter_mut()
    }
}

/// Entries in order.
#[derive(Clone, Debug)]
pub struct Iter<'a>(slice::Iter<'a, (Key, Node)>);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Key, &'a Node);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, node)| (key, node))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(key, node)| (key, node))
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// Entries in order, their values to change.
#[derive(Debug)]
pub struct IterMut<'a>(slice::IterMut<'a, (Key, Node)>);

impl<'a> Iterator for IterMut<'a> {
    type Item = (&'a Key, &'a mut Node);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, node)| (&*key, node))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for IterMut<'_> {}

#[cfg(test)]
mod tests {
    use super::{INDEXED, Map};
    use crate::yaml::{Key, Node};

    fn numbers(count: usize) -> Map {
        (0..count).map(|n| (Key::from(format!("key{n}")), Node::from(i64::try_from(n).unwrap()))).collect()
    }

    #[test]
    fn small_and_large_mappings_find_keep_and_forget_alike() {
        for count in [0, 1, INDEXED, INDEXED + 1, 1000] {
            let mut map = numbers(count);
            assert_eq!(map.len(), count);
            assert_eq!(map.index.is_some(), count > INDEXED);
            for n in 0..count {
                assert_eq!(map.get_index_of(format!("key{n}")), Some(n));
            }
            assert!(!map.contains_key("key") && !map.contains_key(format!("key{count}")));
            assert_eq!(map.insert("key0".into(), "new".into()).is_some(), count > 0);
            assert_eq!(map.shift_remove("key0"), Some("new".into()));
            assert_eq!(map.shift_remove("key0"), None);
            assert_eq!(map.get_index_of("key1"), (count > 1).then_some(0));
            map.retain(|key, _| key.text.ends_with('7'));
            assert_eq!(map.get_index_of("key17"), (count > 17).then_some(1));
            assert_eq!(map.keys().map(|key| &key.text).filter(|text| map.get(text).is_none()).count(), 0);
            map.shift_insert(0, "first".into(), 0.into());
            assert_eq!((map.get_index_of("first"), map.get_index_of("key17")), (Some(0), (count > 17).then_some(2)));
        }
    }

    #[test]
    fn an_entry_is_made_once_and_the_order_does_not_count_for_equality() {
        let mut map = Map::new();
        *map.entry("b".into()).or_insert_with(|| 1.into()) = 2.into();
        map.entry("b".into()).or_insert(3.into());
        map.insert("a".into(), 1.into());
        let other = Map::from([("a".into(), 1.into()), ("b".into(), 2.into())]);
        assert_eq!(map, other);
        map.sort_keys();
        assert_eq!(map.iter().map(|(key, _)| key.text.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_ne!(map, numbers(2));
    }
}
