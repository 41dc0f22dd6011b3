//! The schema's JSON as a table of small records, made once per run.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};
use tranship_source::hash::BuildQuick;

use super::pattern::Pattern;

/// The schema of a Compose file.
pub static SCHEMA: LazyLock<Compiled> =
    LazyLock::new(|| Compiled::read(include_str!("../../schema/compose-spec.json")));

/// Names one record of [`Compiled`].
pub type Index = usize;

/// Every schema of the file; the first is the root.
#[derive(Debug, Default)]
pub struct Compiled {
    /// All records.
    pub schemas: Vec<Schema>,
    definitions: HashMap<String, Index, BuildQuick>,
    /// Keywords and patterns that were met and are not understood; a test keeps it empty.
    pub unknown: Vec<String>,
}

/// The types a value may have, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Types(pub u8);

impl Types {
    /// The types and their names, in the order messages list them.
    pub const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self(1), "string", "a string"),
        (Self(2), "boolean", "a boolean"),
        (Self(4), "integer", "a whole number"),
        (Self(8), "number", "a number"),
        (Self(16), "array", "a list"),
        (Self(32), "object", "a mapping"),
        (Self(64), "null", "null"),
    ];

    fn named(name: &str) -> Self {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map_or(Self(0), |(types, _, _)| *types)
    }

    /// Whether a type is among these.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both together.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether nothing is said about types.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What the schema says of keys it does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Additional {
    /// Nothing.
    #[default]
    Any,
    /// They are faults.
    No,
    /// Their values follow another schema.
    Schema(Index),
}

/// One schema: every field that is absent says nothing.
#[derive(Debug, Default)]
pub struct Schema {
    /// The types a value may have; none means any.
    pub types: Types,
    /// Another schema that holds too.
    pub reference: Option<Index>,
    /// Keys with their schemas.
    pub properties: HashMap<String, Index, BuildQuick>,
    /// Keys by pattern with their schemas.
    pub patterns: Vec<(Pattern, Index)>,
    /// Other keys.
    pub additional: Additional,
    /// Items of a list.
    pub items: Option<Index>,
    /// Exactly one of these holds.
    pub one_of: Vec<Index>,
    /// Keys that must be there.
    pub required: Vec<String>,
    /// The words a value may be.
    pub words: Vec<String>,
    /// The least number.
    pub minimum: Option<f64>,
    /// The greatest number.
    pub maximum: Option<f64>,
    /// What a text must match.
    pub pattern: Option<Pattern>,
    /// Whether a list may hold nothing twice.
    pub unique: bool,
}

impl Compiled {
    fn read(text: &str) -> Self {
        let json: Value = serde_json::from_str(text).unwrap_or_default();
        let mut compiled = Self { schemas: vec![Schema::default()], ..Self::default() };
        let Value::Object(root) = &json else { return compiled };
        let definitions = root.get("$defs").and_then(Value::as_object);
        for name in definitions.into_iter().flat_map(Map::keys) {
            compiled.schemas.push(Schema::default());
            compiled.definitions.insert(format!("#/$defs/{name}"), compiled.schemas.len() - 1);
        }
        let root = compiled.schema(&json);
        compiled.put(0, root);
        for (name, definition) in definitions.into_iter().flatten() {
            let schema = compiled.schema(definition);
            if let Some(index) = compiled.definitions.get(&format!("#/$defs/{name}")).copied() {
                compiled.put(index, schema);
            }
        }
        compiled
    }

    fn put(&mut self, index: Index, schema: Schema) {
        if let Some(place) = self.schemas.get_mut(index) {
            *place = schema;
        }
    }

    fn add(&mut self, json: &Value) -> Index {
        let schema = self.schema(json);
        self.schemas.push(schema);
        self.schemas.len() - 1
    }

    fn schema(&mut self, json: &Value) -> Schema {
        let mut schema = Schema::default();
        for (keyword, value) in json.as_object().into_iter().flatten() {
            self.keyword(&mut schema, keyword, value);
        }
        schema
    }

    fn keyword(&mut self, schema: &mut Schema, keyword: &str, value: &Value) {
        let strings = |value: &Value| {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        match keyword {
            "type" => {
                let names = value.as_str().map_or_else(|| strings(value), |name| vec![name.to_owned()]);
                schema.types = names.iter().fold(Types(0), |types, name| types.or(Types::named(name)));
            }
            "$ref" => {
                schema.reference = value.as_str().and_then(|name| self.definitions.get(name)).copied();
                if schema.reference.is_none() {
                    self.unknown.push(format!("$ref {value}"));
                }
            }
            "properties" => {
                for (name, property) in value.as_object().into_iter().flatten() {
                    let index = self.add(property);
                    schema.properties.insert(name.clone(), index);
                }
            }
            "patternProperties" => {
                for (expression, property) in value.as_object().into_iter().flatten() {
                    let index = self.add(property);
                    schema.patterns.push((self.pattern(expression), index));
                }
            }
            "additionalProperties" => {
                schema.additional = match value {
                    Value::Bool(false) => Additional::No,
                    Value::Bool(true) => Additional::Any,
                    _ => Additional::Schema(self.add(value)),
                };
            }
            "items" => schema.items = Some(self.add(value)),
            "oneOf" => schema.one_of = value.as_array().into_iter().flatten().map(|branch| self.add(branch)).collect(),
            "required" => schema.required = strings(value),
            "enum" => schema.words = strings(value),
            "minimum" => schema.minimum = value.as_f64(),
            "maximum" => schema.maximum = value.as_f64(),
            "pattern" => schema.pattern = value.as_str().map(|expression| self.pattern(expression)),
            "uniqueItems" => schema.unique = value.as_bool().unwrap_or(false),
            "description" | "title" | "default" | "deprecated" | "$schema" | "$id" | "$defs" => {}
            other => self.unknown.push(other.to_owned()),
        }
    }

    fn pattern(&mut self, expression: &str) -> Pattern {
        let pattern = Pattern::read(expression);
        if pattern == Pattern::Unknown {
            self.unknown.push(format!("pattern {expression}"));
        }
        pattern
    }
}
