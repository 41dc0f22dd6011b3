//! Walks tree and schema together.

use std::fmt;

use tranship_source::Diagnostic;
use tranship_source::yaml::{Key, Map, Node, Value};

use super::record::{Index, Schema, Types, record};
use super::suggest;

/// Every way in which a tree breaks the Compose schema, in the order of the file.
///
/// Codes: `schema-unknown-key`, `schema-type`, `schema-required`, `schema-value`, `schema-range`, `schema-pattern`,
/// `schema-duplicate-item`, `schema-alternative`, `schema-number`.
pub fn check(root: &Node) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    explain(0, root, &Path::Root, &mut faults);
    endless(root, &Path::Root, &mut faults);
    faults
}

/// Where the walk is: a chain of steps on the stack, printed only when there is something to say.
enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Self::Root, key) => write!(f, "{key}"),
            Self::Key(parent, key) => write!(f, "{parent}.{key}"),
            Self::Item(parent, position) => write!(f, "{parent}[{position}]"),
        }
    }
}

impl Path<'_> {
    fn quoted(&self) -> String {
        if let Self::Root = self { "the file".to_owned() } else { format!("`{self}`") }
    }
}

/// Whether a value follows a schema; stops at the first fault.
fn holds(index: Index, node: &Node) -> bool {
    let Some(schema) = record(index) else { return true };
    if !schema.types.is_empty() && !schema.types.has(type_of(node)) {
        return false;
    }
    if schema.reference.is_some_and(|reference| !holds(reference, node)) {
        return false;
    }
    if !schema.one_of.is_empty() && schema.one_of.iter().filter(|branch| holds(**branch, node)).count() != 1 {
        return false;
    }
    match &node.value {
        Value::Mapping(map) => {
            schema.required.iter().all(|key| map.contains_key(key))
                && map.iter().all(|(key, value)| match property(schema, &key.text) {
                    Property::Known(indices) => indices.into_iter().flatten().all(|i| holds(i, value)),
                    Property::Refused => false,
                })
        }
        Value::Sequence(items) => {
            schema.items.is_none_or(|index| items.iter().all(|item| holds(index, item)))
                && !(schema.unique && repeated(items).is_some())
        }
        Value::String(text) => {
            (schema.words.is_empty() || schema.words.contains(&text.as_str()))
                && schema.pattern.is_none_or(|pattern| pattern.matches(text))
        }
        Value::Int(_) | Value::Float(_) => in_range(schema, node) && schema.words.is_empty(),
        Value::Null | Value::Bool(_) => schema.words.is_empty(),
    }
}

/// Says every way in which a value breaks a schema.
fn explain(index: Index, node: &Node, path: &Path<'_>, faults: &mut Vec<Diagnostic>) {
    let Some(schema) = record(index) else { return };
    if !schema.types.is_empty() && !schema.types.has(type_of(node)) {
        faults.push(wrong_type(schema.types, node, path));
        return;
    }
    if let Some(reference) = schema.reference {
        explain(reference, node, path, faults);
    }
    if !schema.one_of.is_empty() {
        explain_alternatives(schema.one_of, node, path, faults);
    }
    match &node.value {
        Value::Mapping(map) => explain_mapping(schema, node, map, path, faults),
        Value::Sequence(items) => explain_list(schema, items, path, faults),
        Value::String(text) => explain_text(schema, text, node, path, faults),
        Value::Int(_) | Value::Float(_) if !in_range(schema, node) => faults.push(out_of_range(schema, node, path)),
        _ => {}
    }
    let scalar = !matches!(node.value, Value::String(_) | Value::Mapping(_) | Value::Sequence(_));
    if scalar && !schema.words.is_empty() {
        faults.push(wrong_word(schema, node, path));
    }
}

fn explain_mapping(schema: &Schema, node: &Node, map: &Map, path: &Path<'_>, faults: &mut Vec<Diagnostic>) {
    for key in schema.required.iter().filter(|key| !map.contains_key(key)) {
        let message = format!("{} needs the key `{key}`", path.quoted());
        faults.push(Diagnostic::error("schema-required", message).at(node.span));
    }
    for (key, value) in map {
        match property(schema, &key.text) {
            Property::Refused => faults.push(unknown_key(schema, key, value, path)),
            Property::Known(indices) => {
                let step = Path::Key(path, &key.text);
                indices.into_iter().flatten().for_each(|index| explain(index, value, &step, faults));
            }
        }
    }
}

fn unknown_key(schema: &Schema, key: &Key, value: &Node, path: &Path<'_>) -> Diagnostic {
    let text = &key.text;
    if let Path::Root = path {
        let message = format!("`{text}` is no top-level key of a Compose file");
        let fault = Diagnostic::error("schema-unknown-key", message).at(key.span);
        if ["image", "build"].iter().any(|key| value.get(key).is_some()) {
            return fault.help("a service goes under `services:`");
        }
        return suggested(fault, schema, key);
    }
    let message = match schema.patterns.first() {
        Some((pattern, _)) if schema.properties.is_empty() => {
            format!("`{text}` cannot be a key of `{path}`: it must be {}", pattern.describe())
        }
        _ => format!("`{path}` has no key `{text}`"),
    };
    let fault = Diagnostic::error("schema-unknown-key", message).at(key.span);
    if record(0).is_some_and(|root| root.property(text).is_some()) {
        return fault.help(format!("`{text}:` belongs at the top level; check the indentation"));
    }
    suggested(fault, schema, key)
}

fn explain_list(schema: &Schema, items: &[Node], path: &Path<'_>, faults: &mut Vec<Diagnostic>) {
    if let Some(index) = schema.items {
        for (position, item) in items.iter().enumerate() {
            explain(index, item, &Path::Item(path, position), faults);
        }
    }
    if !schema.unique {
        return;
    }
    if let Some((first, second)) = repeated(items) {
        let message = format!("`{path}` has the same item twice");
        let fault = Diagnostic::error("schema-duplicate-item", message).at(second.span);
        faults.push(fault.related(first.span, "first given here"));
    }
}

/// Explains a value that none, or more than one, of several alternatives fits.
fn explain_alternatives(branches: &[Index], node: &Node, path: &Path<'_>, faults: &mut Vec<Diagnostic>) {
    match branches.iter().filter(|branch| holds(**branch, node)).count() {
        1 => return,
        0 => {}
        _ => {
            let message = format!("{} can be read in two ways", path.quoted());
            faults.push(Diagnostic::error("schema-alternative", message).at(node.span));
            return;
        }
    }
    let kind = type_of(node);
    let fitting = branches.iter().copied().filter(|branch| types_of(*branch).has(kind));
    let best = fitting
        .map(|branch| {
            let mut found = Vec::new();
            explain(branch, node, path, &mut found);
            found
        })
        .min_by_key(Vec::len);
    match best {
        Some(found) => faults.extend(found),
        None => {
            let wanted = branches.iter().fold(Types(0), |types, branch| types.or(types_of(*branch)));
            faults.push(wrong_type(wanted, node, path));
        }
    }
}

/// The types a schema takes, references and alternatives included.
fn types_of(index: Index) -> Types {
    let Some(schema) = record(index) else { return Types(u8::MAX) };
    if !schema.types.is_empty() {
        return schema.types;
    }
    if let Some(reference) = schema.reference {
        return types_of(reference);
    }
    let union = schema.one_of.iter().fold(Types(0), |types, branch| types.or(types_of(*branch)));
    if union.is_empty() { Types(u8::MAX) } else { union }
}

/// The schemas for a key: its own and those of the patterns it matches.
fn property(schema: &Schema, key: &str) -> Property {
    let own = schema.property(key);
    let pattern = schema.patterns.iter().find(|(pattern, _)| pattern.matches(key)).map(|(_, index)| *index);
    match (own, pattern) {
        (None, None) if schema.closed => Property::Refused,
        known => Property::Known(known.into()),
    }
}

enum Property {
    Known([Option<Index>; 2]),
    Refused,
}

/// The bits a value answers to: a whole number is an integer and a number.
fn type_of(node: &Node) -> Types {
    match &node.value {
        Value::String(_) => Types(1),
        Value::Bool(_) => Types(2),
        Value::Int(_) => Types(4 | 8),
        Value::Float(number) if number.fract() == 0.0 => Types(4 | 8),
        Value::Float(_) => Types(8),
        Value::Sequence(_) => Types(16),
        Value::Mapping(_) => Types(32),
        Value::Null => Types(64),
    }
}

fn wrong_type(wanted: Types, node: &Node, path: &Path<'_>) -> Diagnostic {
    let number = Types(8);
    let names: Vec<_> = Types::ALL
        .iter()
        .filter(|(types, name, _)| wanted.has(*types) && !(*name == "integer" && wanted.has(number)))
        .map(|(_, _, name)| *name)
        .collect();
    let wanted = match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => "something else".to_owned(),
    };
    let given = if node.is_null() { "empty" } else { node.type_name() };
    let message = format!("{} must be {wanted}, and is {given}", path.quoted());
    let fault = Diagnostic::error("schema-type", message).at(node.span);
    let scalar = matches!(node.value, Value::Int(_) | Value::Float(_) | Value::Bool(_));
    if scalar && names.contains(&"a string") { fault.help("put the value in quotes") } else { fault }
}

fn explain_text(schema: &Schema, text: &str, node: &Node, path: &Path<'_>, faults: &mut Vec<Diagnostic>) {
    if !schema.words.is_empty() && !schema.words.contains(&text) {
        faults.push(wrong_word(schema, node, path));
    }
    if let Some(pattern) = schema.pattern.filter(|pattern| !pattern.matches(text)) {
        let message = format!("{} must be {}", path.quoted(), pattern.describe());
        faults.push(Diagnostic::error("schema-pattern", message).at(node.span));
    }
}

fn wrong_word(schema: &Schema, node: &Node, path: &Path<'_>) -> Diagnostic {
    let words = schema.words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let one = if schema.words.len() == 1 { "" } else { "one of " };
    let fault = Diagnostic::error("schema-value", format!("{} must be {one}{words}", path.quoted())).at(node.span);
    match node.as_str().and_then(|text| suggest::nearest(text, schema.words.iter().copied())) {
        Some(meant) => fault.help(format!("did you mean `{meant}`?")).fix("use the known word", node.span, meant),
        None => fault,
    }
}

fn suggested(fault: Diagnostic, schema: &Schema, key: &Key) -> Diagnostic {
    match suggest::nearest(&key.text, schema.properties.iter().map(|(key, _)| *key)) {
        Some(meant) => fault.help(format!("did you mean `{meant}`?")).fix("use the known key", key.span, meant),
        None => fault,
    }
}

fn in_range(schema: &Schema, node: &Node) -> bool {
    let Some(number) = number(node) else { return true };
    schema.minimum.is_none_or(|least| number >= least) && schema.maximum.is_none_or(|most| number <= most)
}

fn out_of_range(schema: &Schema, node: &Node, path: &Path<'_>) -> Diagnostic {
    let range = match (schema.minimum, schema.maximum) {
        (Some(least), Some(most)) => format!("between {least} and {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => "in range".to_owned(),
    };
    Diagnostic::error("schema-range", format!("{} must be {range}", path.quoted())).at(node.span)
}

#[expect(clippy::cast_precision_loss, reason = "JSON numbers are floats to the schema")]
fn number(node: &Node) -> Option<f64> {
    match node.value {
        Value::Int(number) => Some(number as f64),
        Value::Float(number) => Some(number),
        _ => None,
    }
}

/// The first item that equals an earlier one, with that one. Long lists of texts take no quadratic time.
fn repeated(items: &[Node]) -> Option<(&Node, &Node)> {
    let mut texts = std::collections::HashMap::new();
    let mut others: Vec<&Node> = Vec::new();
    for item in items {
        if let Some(text) = item.as_str() {
            if let Some(first) = texts.insert(text, item) {
                return Some((first, item));
            }
        } else if let Some(first) = others.iter().find(|other| same(other, item)) {
            return Some((first, item));
        } else {
            others.push(item);
        }
    }
    None
}

/// Whether two values are the same JSON.
fn same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Mapping(a), Value::Mapping(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
        }
        (Value::Sequence(a), Value::Sequence(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => number(one) == number(other),
        (a, b) => a == b,
    }
}

/// Numbers without an end have no JSON, so compose-go refuses a file that holds one anywhere.
fn endless(node: &Node, path: &Path<'_>, faults: &mut Vec<Diagnostic>) {
    match &node.value {
        Value::Float(number) if !number.is_finite() => {
            let message = format!("{} is no number that can be written as JSON", path.quoted());
            let fault = Diagnostic::error("schema-number", message).at(node.span);
            faults.push(fault.help("put the value in quotes if text is meant"));
        }
        Value::Sequence(items) => {
            for (i, item) in items.iter().enumerate() {
                endless(item, &Path::Item(path, i), faults);
            }
        }
        Value::Mapping(map) => {
            for (key, value) in map {
                endless(value, &Path::Key(path, &key.text), faults);
            }
        }
        _ => {}
    }
}
