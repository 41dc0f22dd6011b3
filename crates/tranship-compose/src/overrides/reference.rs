//! The published schema and the reference page, made from the list of keys.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::keys::{File, Front, Mount, ObjectText, Probes, Project, ResourceAmounts, Service, Volume};
use super::shape::{KeyInfo, Shape};
use super::{KEY, kompose};

/// The JSON schema (draft 2020-12) of the extension, for a whole Compose file.
pub fn schema() -> Value {
    let mut defs = Map::new();
    for (name, keys) in sections() {
        defs.insert(name.to_owned(), object(keys));
    }
    let extension = |name: &str| json!({ "properties": { KEY: { "$ref": format!("#/$defs/{name}") } } });
    let each = |name: &str| json!({ "additionalProperties": extension(name) });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("The extension `{KEY}` of Compose files, version 1"),
        "description": "What the user says outright of the Kubernetes objects an application becomes.",
        "type": "object",
        "properties": {
            KEY: { "$ref": "#/$defs/Project" },
            "services": each("Service"),
            "volumes": each("Volume"),
            "configs": each("File"),
            "secrets": each("File"),
        },
        "$defs": defs,
    })
}

/// Every section by its name in the schema.
fn sections() -> [(&'static str, &'static [KeyInfo]); 9] {
    [
        ("Project", Project::KEYS),
        ("Service", Service::KEYS),
        ("Front", Front::KEYS),
        ("Mount", Mount::KEYS),
        ("ResourceAmounts", ResourceAmounts::KEYS),
        ("Probes", Probes::KEYS),
        ("ObjectText", ObjectText::KEYS),
        ("Volume", Volume::KEYS),
        ("File", File::KEYS),
    ]
}

fn object(keys: &[KeyInfo]) -> Value {
    let property = |key: &KeyInfo| {
        let mut value = of(&(key.shape)());
        if let Some(map) = value.as_object_mut() {
            map.insert("description".to_owned(), key.doc.trim().into());
        }
        (key.key.to_owned(), value)
    };
    let properties: Map<String, Value> = keys.iter().map(property).collect();
    json!({ "type": ["object", "null"], "additionalProperties": false, "properties": properties })
}

fn of(shape: &Shape) -> Value {
    // Compose fills in variables as text, so that a number or a truth may be written as one.
    match shape {
        Shape::Text(_) => json!({ "type": ["string", "number", "boolean"] }),
        Shape::Name(longest) => {
            json!({ "type": "string", "pattern": "^[a-z]([-a-z0-9]*[a-z0-9])?$", "maxLength": longest })
        }
        Shape::Number(least, most) => json!({ "oneOf": [
            { "type": "integer", "minimum": least, "maximum": most },
            { "type": "string", "pattern": "^[0-9]+$" },
        ] }),
        Shape::Truth => json!({ "oneOf": [{ "type": "boolean" }, { "enum": ["true", "false"] }] }),
        Shape::Quantity => json!({ "oneOf": [
            { "type": "number", "minimum": 0 },
            { "type": "string", "pattern": "^[0-9.]+(n|u|m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$" },
        ] }),
        Shape::Words(words) => json!({ "enum": words }),
        Shape::List(item) => json!({ "oneOf": [of(item), { "type": "array", "items": of(item) }] }),
        Shape::Map(_, value) => json!({ "type": "object", "additionalProperties": of(value) }),
        Shape::Section(name, _) => json!({ "$ref": format!("#/$defs/{name}") }),
        Shape::Tree(_) => json!({ "type": "object" }),
        Shape::OrFalse(value) => json!({ "oneOf": [{ "const": false }, of(value)] }),
        Shape::Short(short, long) => json!({ "oneOf": [of(short), of(long)] }),
    }
}

/// The reference of every key and of every label, as Markdown.
pub fn markdown() -> String {
    let mut out = String::new();
    let parts: [(&str, &str, &[KeyInfo]); 4] = [
        ("Of the whole project", "at the top level", Project::KEYS),
        ("Of a service", "in `services.NAME`", Service::KEYS),
        ("Of a volume", "in `volumes.NAME`", Volume::KEYS),
        ("Of a config or secret", "in `configs.NAME` or `secrets.NAME`", File::KEYS),
    ];
    for (title, place, keys) in parts {
        let _infallible = write!(out, "### {title}\n\n`{KEY}` {place}.\n\n");
        table(keys, "", &mut out);
    }
    out.push_str("### Labels of kompose\n\n| label | here |\n|---|---|\n");
    for (label, here) in kompose::LABELS {
        let _infallible = writeln!(out, "| `{label}` | {here} |");
    }
    out
}

fn table(keys: &[KeyInfo], prefix: &str, out: &mut String) {
    if prefix.is_empty() {
        out.push_str("| key | what it says | value | example |\n|---|---|---|---|\n");
    }
    for key in keys {
        let shape = (key.shape)();
        let words = match inner(&shape) {
            Some(_) => "the keys below".to_owned(),
            None => shape.words(),
        };
        let escape = |text: &str| text.replace('|', "\\|");
        let _infallible = writeln!(
            out,
            "| `{prefix}{}` | {} | {} | `{}` |",
            key.key,
            escape(key.doc.trim()),
            escape(&words),
            escape(key.example)
        );
        if let Some((keys, below)) = inner(&shape) {
            table(keys, &format!("{prefix}{}{below}.", key.key), out);
        }
    }
    if prefix.is_empty() {
        out.push('\n');
    }
}

/// The keys of a section that lies below a key, and what stands between.
fn inner(shape: &Shape) -> Option<(&'static [KeyInfo], &'static str)> {
    match shape {
        Shape::Section(_, keys) => Some((keys, "")),
        Shape::Map(_, value) => inner(value).map(|(keys, _)| (keys, ".PATH")),
        Shape::Short(_, long) => inner(long),
        _ => None,
    }
}
