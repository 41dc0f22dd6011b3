//! `gen schema-pack --from DIR`: the JSON schemas of several Kubernetes versions as one compact pack.
//!
//! `DIR` holds one folder `v1.N.0-local` per version with its `_definitions.json`. Descriptions are left out, a
//! definition that is the same in several versions is stored once. The layout is described and read in
//! `tranship-kube/src/check/pack.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use tranship_testing::places;

const FIRST: u8 = 31;
const LAST: u8 = 37;
const OUT: &str = "crates/tranship-kube/schema/pack.bin";

/// Writes the pack from the schemas in a folder.
pub fn run(from: &Path) -> Result<ExitCode> {
    let versions = (FIRST..=LAST).map(|minor| read(from, minor)).collect::<Result<Vec<_>>>()?;
    let packed = pack(&versions)?;
    fs::write(places::workspace().join(OUT), &packed).with_context(|| format!("writing {OUT}"))?;
    println!("wrote {OUT}: {} bytes", packed.len());
    Ok(ExitCode::SUCCESS)
}

/// The definitions of one version by name.
type Definitions = Map<String, Value>;

fn read(from: &Path, minor: u8) -> Result<Definitions> {
    let path = from.join(format!("v1.{minor}.0-local/_definitions.json"));
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let mut schema: Value = serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
    match schema.get_mut("$defs").map(Value::take) {
        Some(Value::Object(definitions)) => Ok(definitions),
        _ => bail!("{} has no `$defs`", path.display()),
    }
}

/// Group, version and kind.
type Gvk = (String, String, String);

fn pack(versions: &[Definitions]) -> Result<Vec<u8>> {
    let names: BTreeSet<&str> = versions.iter().flat_map(|v| v.keys().map(String::as_str)).collect();
    let index: BTreeMap<&str, usize> = names.iter().enumerate().map(|(i, name)| (*name, i)).collect();
    let mut strings = Strings::default();
    let mut bodies = Vec::new();
    let mut table = Vec::new();
    for name in &names {
        let mut variants: Vec<(u8, Vec<u8>)> = Vec::new();
        for (bit, definitions) in versions.iter().enumerate() {
            let Some(definition) = definitions.get(*name) else { continue };
            let mut body = Vec::new();
            node(definition, &index, &mut strings, &mut body).with_context(|| format!("definition {name}"))?;
            match variants.iter_mut().find(|(_, known)| *known == body) {
                Some((mask, _)) => *mask |= 1 << bit,
                None => variants.push((1 << bit, body)),
            }
        }
        table.push((strings.id(short(name)), variants));
    }
    let kinds = kinds(versions, &index);

    let mut head = Vec::new();
    number(table.len(), &mut head);
    for (name, variants) in table {
        number(name, &mut head);
        number(variants.len(), &mut head);
        for (mask, body) in variants {
            head.push(mask);
            number(bodies.len(), &mut head);
            bodies.extend(body);
        }
    }
    number(kinds.len(), &mut head);
    for ((group, version, kind), (mask, definition)) in kinds {
        for text in [&group, &version, &kind] {
            number(strings.id(text), &mut head);
        }
        head.push(mask);
        number(definition, &mut head);
    }
    let mut out = vec![FIRST, LAST];
    number(strings.list.len(), &mut out);
    for text in &strings.list {
        number(text.len(), &mut out);
        out.extend(text.as_bytes());
    }
    out.extend(head);
    out.extend(bodies);
    Ok(out)
}

/// The last two parts of a definition's name, `core.v1` and `Container` as `core.v1.Container`.
fn short(name: &str) -> &str {
    let mut dots = name.rmatch_indices('.').map(|(at, _)| at);
    dots.nth(2).and_then(|at| name.get(at + 1..)).unwrap_or(name)
}

/// Every kind with the versions that know it and its definition. The meta kinds (`DeleteOptions` …) are no objects.
fn kinds(versions: &[Definitions], index: &BTreeMap<&str, usize>) -> BTreeMap<Gvk, (u8, usize)> {
    let mut kinds = BTreeMap::new();
    for (bit, definitions) in versions.iter().enumerate() {
        for (name, definition) in definitions.iter().filter(|(name, _)| !name.contains(".apis.meta.")) {
            let groups = definition.get("x-kubernetes-group-version-kind").and_then(Value::as_array);
            for gvk in groups.into_iter().flatten() {
                let part = |key: &str| gvk.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                let place = index.get(name.as_str()).copied().unwrap_or_default();
                let entry = kinds.entry((part("group"), part("version"), part("kind"))).or_insert((0, place));
                entry.0 |= 1 << bit;
            }
        }
    }
    kinds
}

#[derive(Default)]
struct Strings {
    list: Vec<String>,
    known: BTreeMap<String, usize>,
}

impl Strings {
    fn id(&mut self, text: &str) -> usize {
        if let Some(id) = self.known.get(text) {
            return *id;
        }
        self.list.push(text.to_owned());
        self.known.insert(text.to_owned(), self.list.len() - 1);
        self.list.len() - 1
    }
}

/// Writes a schema node: one byte for its type, then what the type needs.
fn node(schema: &Value, index: &BTreeMap<&str, usize>, strings: &mut Strings, out: &mut Vec<u8>) -> Result<()> {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap_or_default();
        out.push(b'r');
        number(*index.get(name).with_context(|| format!("`{target}` leads nowhere"))?, out);
        return Ok(());
    }
    if let Some(options) = schema.get("oneOf").and_then(Value::as_array) {
        let number = options.iter().any(|o| type_of(o) == "number");
        out.push(if number { b'q' } else { b'x' });
        return Ok(());
    }
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    match (type_of(schema), format) {
        ("object", _) => object(schema, index, strings, out)?,
        ("array", _) => list(schema, index, strings, out)?,
        ("string", "byte") => out.push(b'b'),
        ("string", "date-time") => out.push(b't'),
        ("string", _) => out.push(b's'),
        ("integer", "int64") => out.push(b'l'),
        ("integer", _) => out.push(b'i'),
        ("number", _) => out.push(b'n'),
        ("boolean", _) => out.push(b'o'),
        ("", _) => out.push(b'*'),
        (other, _) => bail!("no such type: {other}"),
    }
    Ok(())
}

/// The type that is not null. Null means absent everywhere in Kubernetes, so it is not stored.
fn type_of(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or_default()
        }
        _ => "",
    }
}

fn object(schema: &Value, index: &BTreeMap<&str, usize>, strings: &mut Strings, out: &mut Vec<u8>) -> Result<()> {
    let Some(fields) = schema.get("properties").and_then(Value::as_object) else {
        if let Some(values) = schema.get("additionalProperties").filter(|v| v.is_object()) {
            out.push(b'm');
            return node(values, index, strings, out);
        }
        out.push(b'*');
        return Ok(());
    };
    let required: BTreeSet<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    out.push(b'{');
    number(fields.len(), out);
    let fields: BTreeMap<&String, &Value> = fields.iter().collect();
    for (name, field) in fields {
        number(strings.id(name), out);
        out.push(u8::from(required.contains(name.as_str())));
        node(field, index, strings, out)?;
    }
    Ok(())
}

fn list(schema: &Value, index: &BTreeMap<&str, usize>, strings: &mut Strings, out: &mut Vec<u8>) -> Result<()> {
    match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
        Some("map") => {
            out.push(b'k');
            let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
            let keys: Vec<&str> = keys.into_iter().flatten().filter_map(Value::as_str).collect();
            number(keys.len(), out);
            for key in keys {
                number(strings.id(key), out);
            }
        }
        Some("set") => out.push(b'u'),
        _ => out.push(b'['),
    }
    node(schema.get("items").unwrap_or(&Value::Null), index, strings, out)
}

/// Seven bits per byte, the lowest first; the high bit says that more follow.
fn number(mut value: usize, out: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}
