//! Whether a JSON document follows a published schema.
#![allow(clippy::panic)]

use serde_json::Value;

/// What a value breaks of a schema, for the keywords that `docs/schemas` uses. `root` is the document that references
/// point into.
///
/// # Panics
///
/// Where the schema uses a type or a reference that there is not.
pub fn faults(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(pointer) = schema["$ref"].as_str() {
        let target = root.pointer(pointer.trim_start_matches('#')).unwrap_or_else(|| panic!("{pointer}"));
        return faults(root, target, value, at);
    }
    if schema["anyOf"].as_array().is_some_and(|any| !any.iter().any(|one| faults(root, one, value, at).is_empty())) {
        out.push(format!("{at}: fits no alternative"));
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("unknown type {other}"),
    };
    if !types.is_empty() && !types.iter().any(|name| is(name)) {
        out.push(format!("{at}: is not {types:?}"));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        out.push(format!("{at}: {value} is none of {}", schema["enum"]));
    }
    if schema.get("const").is_some_and(|only| only != value) {
        out.push(format!("{at}: is not {}", schema["const"]));
    }
    if value.as_i64().is_some_and(|number| schema["minimum"].as_i64().is_some_and(|minimum| number < minimum)) {
        out.push(format!("{at}: is under {}", schema["minimum"]));
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        out.extend(faults(root, &schema["items"], item, &format!("{at}[{index}]")));
    }
    let Some(properties) = schema["properties"].as_object() else { return out };
    for (key, item) in value.as_object().into_iter().flatten() {
        match properties.get(key) {
            Some(property) => out.extend(faults(root, property, item, &format!("{at}.{key}"))),
            None => out.push(format!("{at}: unknown key {key}")),
        }
    }
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(key).is_none() {
            out.push(format!("{at}: lacks {key}"));
        }
    }
    out
}
