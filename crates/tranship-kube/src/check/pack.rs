//! The embedded schemas of all built-in kinds, of which only the tables are read, and one definition at a time.
//!
//! Layout, numbers in seven-bit groups (lowest first, high bit = more follow): first and last minor version, a byte
//! each; strings (count, then length and bytes); definitions (count, then name, count of variants, and per variant a
//! mask of the versions it holds for and its offset in the bodies); kinds (count, then group, version, kind, mask,
//! definition; sorted by the first three); bodies. A body is a schema node: a byte for its type, then what the type needs (see [`Schema`]).

use std::cmp::Ordering;
use std::sync::OnceLock;

use crate::KubeVersion;

/// What a value must look like.
#[derive(Clone, Debug, PartialEq)]
pub enum Schema {
    /// Anything.
    Any,
    /// A mapping of named fields, sorted by name.
    Fields(Vec<Field>),
    /// A mapping of any keys to values of one form.
    Map(Box<Schema>),
    /// A list.
    List(Box<Schema>, ListOf),
    /// Text.
    Text,
    /// Text that is base64.
    Bytes,
    /// Text that is a date with time.
    Time,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// Any number.
    Number,
    /// `true` or `false`.
    Bool,
    /// A whole number or text.
    IntOrText,
    /// An amount such as `500m` or `1Gi`.
    Quantity,
    /// Another definition, by its place in the pack.
    Reference(usize),
}

/// How the items of a list are told apart.
#[derive(Clone, Debug, PartialEq)]
pub enum ListOf {
    /// By their place.
    Items,
    /// By the values of these fields, which must differ.
    Keyed(Vec<&'static str>),
    /// By themselves: no two are equal.
    Set,
}

/// A field of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What its value must look like.
    pub schema: Schema,
}

/// A kind that some known version has.
#[derive(Clone, Copy, Debug)]
pub struct KindEntry {
    group: usize,
    version: usize,
    kind: usize,
    mask: u8,
    definition: usize,
}

/// The schemas, with the tables that lead to each.
pub struct Pack {
    first: u8,
    strings: Vec<(usize, usize)>,
    definitions: Vec<Definition>,
    /// Those of one definition after those of another.
    variants: Vec<Variant>,
    /// Sorted by the texts of group, version and kind.
    kinds: Vec<KindEntry>,
    bodies: usize,
}

struct Definition {
    name: usize,
    /// The first and the number of its variants.
    variants: (usize, usize),
}

struct Variant {
    mask: u8,
    offset: usize,
    schema: OnceLock<Schema>,
}

static BYTES: &[u8] = include_bytes!("../../schema/pack.bin");

/// The embedded schemas.
pub fn pack() -> &'static Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(Pack::read)
}

impl Pack {
    /// The schema of a kind in a version, `None` where that version does not have it.
    pub fn kind(&self, api_version: &str, kind: &str, version: KubeVersion) -> Option<usize> {
        let entry = self.entry(api_version, kind)?;
        (entry.mask & self.bit(version) != 0).then_some(entry.definition)
    }

    /// The versions that know a kind, empty where none does.
    pub fn versions_of(&self, api_version: &str, kind: &str) -> Vec<KubeVersion> {
        let mask = self.entry(api_version, kind).map_or(0, |entry| entry.mask);
        KubeVersion::all().filter(|version| mask & self.bit(*version) != 0).collect()
    }

    /// Whether any known version has the API group of built-in kinds.
    pub fn has_group(&self, api_version: &str) -> bool {
        let (group, _) = split(api_version);
        self.kinds.binary_search_by(|entry| self.text(entry.group).cmp(group)).is_ok()
    }

    /// Every `apiVersion` under which a version has the kind, in alphabetical order.
    pub fn homes_of(&self, kind: &str, version: KubeVersion) -> Vec<String> {
        let mut homes: Vec<String> = self
            .kinds()
            .filter(|(_, _, name, entry)| *name == kind && entry.mask & self.bit(version) != 0)
            .map(|(group, number, _, _)| if group.is_empty() { number.into() } else { format!("{group}/{number}") })
            .collect();
        homes.sort();
        homes
    }

    /// The names of all kinds a version has, sorted, each once.
    pub fn kind_names(&self, version: KubeVersion) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.kinds().filter(|(.., e)| e.mask & self.bit(version) != 0).map(|(_, _, kind, _)| kind).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The schema of a definition in a version; [`Schema::Any`] where the version does not have it.
    pub fn schema(&self, definition: usize, version: KubeVersion) -> &Schema {
        let variant = self.variants_of(definition).iter().find(|variant| variant.mask & self.bit(version) != 0);
        variant.map_or(&Schema::Any, |variant| variant.schema.get_or_init(|| self.decode(variant.offset)))
    }

    /// The short name of a definition, such as `core.v1.Container`.
    pub fn name(&self, definition: usize) -> &str {
        self.definitions.get(definition).map_or("", |d| self.text(d.name))
    }

    /// The versions in which a definition has a field.
    pub fn versions_with_field(&self, definition: usize, field: &str) -> Vec<KubeVersion> {
        let has = |version: &KubeVersion| match self.schema(definition, *version) {
            Schema::Fields(fields) => find(fields, field).is_some(),
            _ => false,
        };
        KubeVersion::all().filter(has).collect()
    }

    /// The place of a definition by its short name.
    #[cfg(test)]
    pub fn place(&self, name: &str) -> Option<usize> {
        self.definitions.iter().position(|definition| self.text(definition.name) == name)
    }

    fn variants_of(&self, definition: usize) -> &[Variant] {
        let (start, count) = self.definitions.get(definition).map_or((0, 0), |definition| definition.variants);
        self.variants.get(start..start + count).unwrap_or_default()
    }

    fn entry(&self, api_version: &str, kind: &str) -> Option<KindEntry> {
        let (group, version) = split(api_version);
        let order = |entry: &KindEntry| -> Ordering {
            let groups = self.text(entry.group).cmp(group);
            groups.then_with(|| self.text(entry.version).cmp(version)).then_with(|| self.text(entry.kind).cmp(kind))
        };
        self.kinds.binary_search_by(order).ok().and_then(|at| self.kinds.get(at)).copied()
    }

    fn kinds(&self) -> impl Iterator<Item = (&str, &str, &str, &KindEntry)> {
        self.kinds.iter().map(|entry| (self.text(entry.group), self.text(entry.version), self.text(entry.kind), entry))
    }

    fn bit(&self, version: KubeVersion) -> u8 {
        1u8.checked_shl(u32::from(version.minor().saturating_sub(self.first))).unwrap_or(0)
    }

    fn text(&self, id: usize) -> &'static str {
        let (start, end) = self.strings.get(id).copied().unwrap_or_default();
        BYTES.get(start..end).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }

    fn read() -> Self {
        let mut reader = Reader { bytes: BYTES, at: 0 };
        let first = reader.byte();
        let _last = reader.byte();
        let strings: Vec<(usize, usize)> = reader.many(|reader| {
            let length = reader.number();
            let start = reader.at;
            reader.at += length;
            (start, reader.at)
        });
        let mut variants = Vec::with_capacity(strings.len());
        let definitions = reader.many(|reader| {
            let name = reader.number();
            let (start, count) = (variants.len(), reader.number());
            variants.extend((0..count).map(|_| Variant {
                mask: reader.byte(),
                offset: reader.number(),
                schema: OnceLock::new(),
            }));
            Definition { name, variants: (start, count) }
        });
        let kinds = reader.many(|reader| KindEntry {
            group: reader.number(),
            version: reader.number(),
            kind: reader.number(),
            mask: reader.byte(),
            definition: reader.number(),
        });
        Self { first, strings, definitions, variants, kinds, bodies: reader.at }
    }

    fn decode(&self, offset: usize) -> Schema {
        let mut reader = Reader { bytes: BYTES, at: self.bodies + offset };
        self.node(&mut reader)
    }

    fn node(&self, reader: &mut Reader<'_>) -> Schema {
        match reader.byte() {
            b'{' => Schema::Fields(reader.many(|reader| Field {
                name: self.text(reader.number()),
                required: reader.byte() != 0,
                schema: self.node(reader),
            })),
            b'm' => Schema::Map(Box::new(self.node(reader))),
            b'[' => Schema::List(Box::new(self.node(reader)), ListOf::Items),
            b'u' => Schema::List(Box::new(self.node(reader)), ListOf::Set),
            b'k' => {
                let keys = reader.many(|reader| self.text(reader.number()));
                Schema::List(Box::new(self.node(reader)), ListOf::Keyed(keys))
            }
            b's' => Schema::Text,
            b'b' => Schema::Bytes,
            b't' => Schema::Time,
            b'i' => Schema::Int32,
            b'l' => Schema::Int64,
            b'n' => Schema::Number,
            b'o' => Schema::Bool,
            b'x' => Schema::IntOrText,
            b'q' => Schema::Quantity,
            b'r' => Schema::Reference(reader.number()),
            _ => Schema::Any,
        }
    }
}

/// The field of a name among fields that are sorted by name.
pub fn find<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    fields.binary_search_by(|field| field.name.cmp(name)).ok().and_then(|at| fields.get(at))
}

/// Group and version of an `apiVersion`; the core group is empty.
pub fn split(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// Reads the pack; past its end everything is zero.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte
    }

    fn number(&mut self) -> usize {
        let mut value = 0;
        for shift in (0..28).step_by(7) {
            let byte = self.byte();
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        value
    }

    fn many<T>(&mut self, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.number();
        (0..count).map(|_| one(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_every_version_decodes_to_fields_and_its_references_lead_somewhere() {
        let pack = pack();
        assert!(pack.kinds.len() > 150, "{} kinds", pack.kinds.len());
        for version in KubeVersion::all() {
            for (group, number, kind, entry) in pack.kinds() {
                if entry.mask & pack.bit(version) == 0 {
                    continue;
                }
                let schema = pack.schema(entry.definition, version);
                assert!(matches!(schema, Schema::Fields(_)), "{group}/{number} {kind} in {version}");
            }
            for place in 0..pack.definitions.len() {
                if pack.variants_of(place).iter().any(|v| v.mask & pack.bit(version) != 0) {
                    references(pack.schema(place, version), &mut |target| {
                        assert!(
                            pack.variants_of(target).iter().any(|v| v.mask & pack.bit(version) != 0),
                            "{}",
                            pack.name(target)
                        );
                    });
                }
            }
        }
    }

    fn references(schema: &Schema, see: &mut impl FnMut(usize)) {
        match schema {
            Schema::Reference(target) => see(*target),
            Schema::Fields(fields) => fields.iter().for_each(|field| references(&field.schema, see)),
            Schema::Map(inner) | Schema::List(inner, _) => references(inner, see),
            _ => {}
        }
    }

    #[test]
    fn kinds_are_known_by_version() {
        let pack = pack();
        assert!(pack.kinds().map(|(group, version, kind, _)| (group, version, kind)).is_sorted());
        let default = KubeVersion::default();
        assert!(pack.kind("apps/v1", "Deployment", default).is_some());
        assert!(pack.kind("extensions/v1beta1", "Deployment", default).is_none());
        assert_eq!(pack.homes_of("Ingress", default), ["networking.k8s.io/v1"]);
        assert!(pack.has_group("batch/v1") && pack.has_group("v1") && !pack.has_group("example.com/v1"));
        let pod = pack.kind("v1", "Pod", default).map(|place| pack.name(place));
        assert_eq!(pod, Some("core.v1.Pod"));
    }
}
