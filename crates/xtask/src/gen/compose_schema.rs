//! `schema/table.rs` of `tranship-compose`: the JSON schema of Compose files as constants, so that no run has to read it.
//!
//! A keyword or a regular expression that the check does not know is an error here.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use super::Generated;

const FROM: &str = "crates/tranship-compose/schema/compose-spec.json";
const TO: &str = "crates/tranship-compose/src/schema/table.rs";

/// The regular expressions of the schema and the names of their functions in `pattern.rs`.
const PATTERNS: &[(&str, &str)] = &[
    ("^x-", "Extension"),
    ("^.+$", "NotEmpty"),
    (".+", "NotEmpty"),
    ("^[a-zA-Z0-9._-]+$", "Name"),
    ("^[a-z]+$", "LowerCase"),
    ("[a-zA-Z0-9][a-zA-Z0-9_.-]+", "ContainerName"),
    ("^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+)$", "PullPolicy"),
];

/// The types of JSON schema, as bits.
const TYPES: &[(&str, u8)] =
    &[("string", 1), ("boolean", 2), ("integer", 4), ("number", 8), ("array", 16), ("object", 32), ("null", 64)];

/// The table as a Rust file.
pub fn generate(root: &Path) -> Result<Vec<Generated>> {
    let text = fs::read_to_string(root.join(FROM)).with_context(|| format!("reading {FROM}"))?;
    let json: Value = serde_json::from_str(&text).with_context(|| format!("reading {FROM}"))?;
    let mut file =
        "//! The Compose schema, the root first. Written by `cargo xtask gen` from `schema/compose-spec.json`.\n\n\
                    use super::pattern::Pattern;\nuse super::record::{Schema, Types};\n\n\
                    /// Every schema of the file.\npub(super) static SCHEMAS: &[Schema] = &[\n"
            .to_owned();
    for record in records(&json)? {
        let _infallible = writeln!(file, "    Schema {{ {record}..Schema::ANY }},");
    }
    Ok(vec![(TO.to_owned(), file + "];\n")])
}

/// The fields of every schema that say something, as Rust.
fn records(json: &Value) -> Result<Vec<String>> {
    let definitions = json.get("$defs").and_then(Value::as_object);
    let mut table = Table { records: vec![String::new()], definitions: BTreeMap::new() };
    for name in definitions.into_iter().flat_map(Map::keys) {
        table.definitions.insert(format!("#/$defs/{name}"), table.records.len());
        table.records.push(String::new());
    }
    table.records[0] = table.schema(json)?;
    for (name, definition) in definitions.into_iter().flatten() {
        let record = table.schema(definition)?;
        let index = table.definitions[&format!("#/$defs/{name}")];
        table.records[index] = record;
    }
    Ok(table.records)
}

struct Table {
    records: Vec<String>,
    definitions: BTreeMap<String, usize>,
}

impl Table {
    fn add(&mut self, json: &Value) -> Result<usize> {
        let record = self.schema(json)?;
        self.records.push(record);
        Ok(self.records.len() - 1)
    }

    fn schema(&mut self, json: &Value) -> Result<String> {
        let mut record = String::new();
        for (keyword, value) in json.as_object().into_iter().flatten() {
            record.push_str(&self.keyword(keyword, value)?);
        }
        Ok(record)
    }

    fn keyword(&mut self, keyword: &str, value: &Value) -> Result<String> {
        Ok(match keyword {
            "type" => {
                let names = value.as_str().map_or_else(|| strings(value), |name| vec![name]);
                let bit = |name: &&str| TYPES.iter().find(|(known, _)| known == name).map_or(0, |(_, bit)| *bit);
                format!("types: Types({}), ", names.iter().map(bit).sum::<u8>())
            }
            "$ref" => {
                let target = value.as_str().and_then(|name| self.definitions.get(name));
                format!("reference: Some({}), ", target.with_context(|| format!("{value} leads nowhere"))?)
            }
            "properties" => {
                let mut properties = BTreeMap::new();
                for (name, property) in value.as_object().into_iter().flatten() {
                    properties.insert(name, self.add(property)?);
                }
                let entries: Vec<String> =
                    properties.into_iter().map(|(name, index)| format!("({name:?}, {index})")).collect();
                format!("properties: &[{}], ", entries.join(", "))
            }
            "patternProperties" => {
                let mut entries = Vec::new();
                for (expression, property) in value.as_object().into_iter().flatten() {
                    let index = self.add(property)?;
                    entries.push(format!("({}, {index})", pattern(expression)?));
                }
                format!("patterns: &[{}], ", entries.join(", "))
            }
            "additionalProperties" => match value {
                Value::Bool(false) => "closed: true, ".to_owned(),
                Value::Bool(true) => String::new(),
                _ => bail!("a schema for other keys: {value}"),
            },
            "items" => format!("items: Some({}), ", self.add(value)?),
            "oneOf" => {
                let branches = value.as_array().into_iter().flatten();
                let branches = branches.map(|branch| self.add(branch)).collect::<Result<Vec<_>>>()?;
                format!("one_of: &{branches:?}, ")
            }
            "required" => format!("required: &{:?}, ", strings(value)),
            "enum" => format!("words: &{:?}, ", strings(value)),
            "minimum" => format!("minimum: Some({:?}), ", value.as_f64().context("a minimum that is no number")?),
            "maximum" => format!("maximum: Some({:?}), ", value.as_f64().context("a maximum that is no number")?),
            "pattern" => format!("pattern: Some({}), ", pattern(value.as_str().unwrap_or_default())?),
            "uniqueItems" => format!("unique: {}, ", value.as_bool().unwrap_or(false)),
            "description" | "title" | "default" | "deprecated" | "$schema" | "$id" | "$defs" => String::new(),
            other => bail!("no such keyword is known: {other}"),
        })
    }
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The function of a regular expression.
fn pattern(expression: &str) -> Result<String> {
    let known = PATTERNS.iter().find(|(known, _)| *known == expression);
    let (_, name) = known.with_context(|| format!("no function for the expression {expression}"))?;
    Ok(format!("Pattern::{name}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::records;

    #[test]
    fn what_a_schema_says_becomes_the_fields_of_a_record() {
        let schema = json!({"type": ["object", "null"], "properties": {"b": {"$ref": "#/$defs/x"}, "a": {}}, "$defs": {"x": {"minimum": 1}}});
        let found = records(&schema).unwrap();
        let expect = [
            "types: Types(96), properties: &[(\"a\", 3), (\"b\", 2)], ",
            "minimum: Some(1.0), ",
            "reference: Some(1), ",
            "",
        ];
        assert_eq!(found, expect);
    }

    #[test]
    fn what_the_check_does_not_know_is_refused() {
        assert!(records(&json!({"anyOf": []})).is_err());
        assert!(records(&json!({"pattern": "^unheard-of$"})).is_err());
    }
}
