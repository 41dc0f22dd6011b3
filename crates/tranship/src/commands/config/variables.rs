//! `config --variables`: the variables the files name, with defaults and alternatives.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use tranship_source::template::{self, Declared};
use tranship_source::yaml::{self, Key, Node, Value};

use super::Format;

/// The variables as a table, or as data.
pub(super) fn print(tree: &Node, format: Option<Format>) -> String {
    let mut found = BTreeMap::new();
    collect(tree, &mut found);
    match format {
        None => table(&found),
        Some(Format::Json) => {
            let entry = |variable: &Declared| {
                let Declared { name, default, alternative, required } = variable;
                json!({"Name": name, "DefaultValue": default, "PresenceValue": alternative, "Required": required})
            };
            let map: serde_json::Map<String, Json> = found.iter().map(|(name, v)| (name.clone(), entry(v))).collect();
            format!("{:#}\n", Json::Object(map))
        }
        Some(Format::Yaml) => {
            let entry = |(name, variable): (&String, &Declared)| {
                let Declared { name: own, default, alternative, required } = variable;
                let node = Node::from([
                    ("name", Node::from(own.as_str())),
                    ("defaultvalue", Node::from(default.as_str())),
                    ("presencevalue", Node::from(alternative.as_str())),
                    ("required", Node::from(*required)),
                ]);
                (Key::from(name.as_str()), node)
            };
            yaml::write(&Node::from(found.iter().map(entry).collect::<yaml::Map>()))
        }
    }
}

fn collect(node: &Node, found: &mut BTreeMap<String, Declared>) {
    match &node.value {
        Value::Mapping(map) => map.values().for_each(|child| collect(child, found)),
        Value::Sequence(items) => items.iter().for_each(|child| collect(child, found)),
        Value::String(text) if text.contains('$') => {
            for variable in template::variables(text) {
                match found.get_mut(&variable.name) {
                    Some(known) => known.combine(variable),
                    None => {
                        found.insert(variable.name.clone(), variable);
                    }
                }
            }
        }
        _ => {}
    }
}

fn table(found: &BTreeMap<String, Declared>) -> String {
    let head = ["NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"].map(str::to_owned);
    let row = |v: &Declared| [v.name.clone(), v.required.to_string(), v.default.clone(), v.alternative.clone()];
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(found.values().map(row)).collect();
    super::origins::columns(&rows)
}
