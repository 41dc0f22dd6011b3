//! The values of a chart: what they are, what is said of each, and what may stand in its place.

use indexmap::IndexMap;
use serde_json::{Map as Json, Value as JsonValue, json};
use tranship_source::yaml::{self, Map, Node, Value};

/// Values by key, in the order they are written.
#[derive(Clone, Debug, Default)]
pub struct Group {
    settings: IndexMap<String, Setting>,
}

#[derive(Clone, Debug)]
struct Setting {
    about: String,
    default: Node,
    schema: JsonValue,
    /// What is below it; empty for a value.
    group: Group,
}

/// What may stand in the place of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// A text, or a number or truth value that is taken for one.
    Word,
    /// A whole number, not below this one.
    Number(i64),
    /// Yes or no.
    Truth,
    /// `Always`, `IfNotPresent`, `Never` or nothing.
    PullPolicy,
    /// A list.
    List,
    /// A mapping.
    Mapping,
    /// A mapping of texts.
    Texts,
    /// Requests and limits.
    Resources,
}

impl Shape {
    fn schema(self) -> JsonValue {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Word => json!({ "type": ["string", "integer", "boolean"] }),
            Self::Number(least) => json!({ "type": "integer", "minimum": least }),
            Self::Truth => json!({ "type": "boolean" }),
            Self::PullPolicy => json!({ "enum": ["", "Always", "IfNotPresent", "Never"] }),
            Self::List => json!({ "type": "array" }),
            Self::Mapping => json!({ "type": "object" }),
            Self::Texts => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
            Self::Resources => {
                let amounts = json!({
                    "type": "object",
                    "additionalProperties": { "type": ["string", "number"] }
                });
                json!({
                    "type": "object",
                    "properties": { "requests": amounts, "limits": amounts, "claims": { "type": "array" } },
                    "additionalProperties": false
                })
            }
        }
    }
}

impl Group {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    /// Whether there is a value or group of a key.
    pub fn has(&self, key: &str) -> bool {
        self.settings.contains_key(key)
    }

    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.settings.keys().map(String::as_str)
    }

    /// Adds a value; the first of a key counts.
    pub fn add(&mut self, key: &str, default: impl Into<Node>, shape: Shape, about: impl Into<String>) {
        let setting = || Setting {
            about: about.into(),
            default: default.into().unplaced(),
            schema: shape.schema(),
            group: Self::default(),
        };
        self.settings.entry(key.to_owned()).or_insert_with(setting);
    }

    /// The group of a key, made where there is none.
    pub fn group(&mut self, key: &str, about: &str) -> &mut Self {
        let setting = || Setting {
            about: about.to_owned(),
            default: Node::from(Value::Null),
            schema: JsonValue::Null,
            group: Self::default(),
        };
        &mut self.settings.entry(key.to_owned()).or_insert_with(setting).group
    }

    /// The group at a path, where there is one.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |group, key| Some(&group.settings.get(*key)?.group))
    }

    /// The default of a key.
    pub fn default_of(&self, key: &str) -> Option<&Node> {
        self.settings.get(key).filter(|setting| setting.group.is_empty()).map(|setting| &setting.default)
    }

    /// Puts keys into this order; others follow as they were added.
    pub fn sort(&mut self, order: &[&str]) {
        let rank = |key: &String| order.iter().position(|known| known == key).unwrap_or(order.len());
        self.settings.sort_by(|a, _, b, _| rank(a).cmp(&rank(b)));
    }

    /// Leaves out groups with nothing in them.
    pub fn prune(&mut self) {
        for setting in self.settings.values_mut() {
            setting.group.prune();
        }
        self.settings.retain(|_, setting| !setting.schema.is_null() || !setting.group.is_empty());
    }

    /// The values as a tree, with comments.
    pub fn tree(&self) -> Node {
        let mut map = Map::default();
        for (key, Setting { about, default, schema: _, group }) in &self.settings {
            let node = if group.is_empty() { default.clone() } else { group.tree() };
            let node = if about.is_empty() { node } else { node.commented(about.as_str()) };
            map.insert(key.as_str().into(), node);
        }
        map.into()
    }

    /// What has to be said for these values to become those of another.
    pub fn difference(&self, other: &Self) -> Map {
        let mut out = Map::default();
        for (key, own) in &self.settings {
            let inner = match other.settings.get(key) {
                Some(other) if !own.group.is_empty() => Node::from(own.group.difference(&other.group)),
                Some(other) if own.default != other.default => replaced(&own.default, &other.default),
                // What can be switched off is; all else has no effect without what it belongs to.
                None if own.default == Node::from(true) => Node::from(false),
                None if own.group.has("enabled") => Node::from([("enabled", false.into())]),
                Some(_) | None => continue,
            };
            if inner.as_map().is_none_or(|map| !map.is_empty()) {
                out.insert(key.as_str().into(), inner);
            }
        }
        // Variables of its own, which the chart does not name.
        let (own, others) = (self.at(&["env"]), other.at(&["env"]));
        let new = others.into_iter().flat_map(|others| &others.settings);
        let new = new.filter(|(name, _)| own.is_none_or(|own| !own.has(name)));
        let list: Vec<Node> = new
            .map(|(name, setting)| Node::from([("name", name.as_str().into()), ("value", setting.default.clone())]))
            .collect();
        if !list.is_empty() && self.has("extraEnv") {
            out.insert("extraEnv".into(), list.into());
        }
        out
    }

    /// What may stand in their places, as a JSON schema. A key that is not there is refused: it would change nothing.
    pub fn schema(&self) -> JsonValue {
        let mut properties = Json::new();
        for (key, Setting { about, default: _, schema, group }) in &self.settings {
            let mut schema = if group.is_empty() { schema.clone() } else { group.schema() };
            if let Some(schema) = schema.as_object_mut().filter(|_| !about.is_empty()) {
                schema.insert("description".to_owned(), about.as_str().into());
            }
            properties.insert(key.clone(), schema);
        }
        json!({ "type": "object", "properties": properties, "additionalProperties": false })
    }

    /// Every value with its path and what is said of it, groups by what is in them.
    pub fn rows(&self) -> Vec<(String, String, String)> {
        let mut out = Vec::new();
        for (key, Setting { about, default, schema: _, group }) in &self.settings {
            if group.is_empty() {
                out.push((key.clone(), short(default), about.clone()));
                continue;
            }
            let inner = group.rows().into_iter();
            out.extend(inner.map(|(path, default, about)| (format!("{key}.{path}"), default, about)));
        }
        out
    }
}

/// What Helm has to be told to make one value another: it merges mappings, and takes a key out for null.
fn replaced(own: &Node, other: &Node) -> Node {
    let (Some(from), Some(to)) = (own.as_map(), other.as_map()) else { return other.clone() };
    let mut out = Map::default();
    for (key, value) in from {
        match to.get(&key.text) {
            None => _ = out.insert(key.clone(), Node::from(Value::Null)),
            Some(new) if new != value => _ = out.insert(key.clone(), replaced(value, new)),
            Some(_) => {}
        }
    }
    for (key, value) in to.iter().filter(|(key, _)| !from.contains_key(&key.text)) {
        out.insert(key.clone(), value.clone());
    }
    out.into()
}

fn short(node: &Node) -> String {
    match &node.value {
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::Sequence(items) if !items.is_empty() => "a list".to_owned(),
        Value::Mapping(map) if !map.is_empty() => "a mapping".to_owned(),
        _ => yaml::write(node).lines().next().unwrap_or_default().to_owned(),
    }
}

/// A key of values for a name: letters and digits, since Helm reads `a-b` as a subtraction.
pub fn key(name: &str) -> String {
    let mut out = String::new();
    let mut upper = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            upper = !out.is_empty();
        } else if out.is_empty() {
            if c.is_ascii_digit() {
                out.push('n');
            }
            out.push(c.to_ascii_lowercase());
        } else if upper {
            out.push(c.to_ascii_uppercase());
            upper = false;
        } else {
            out.push(c);
        }
    }
    if out.is_empty() { "service".to_owned() } else { out }
}

/// The expression of a value: `.Values.a.b`, with `index` where a key is no word.
pub fn path(keys: &[&str]) -> String {
    let word = |key: &&str| {
        key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let plain = keys.iter().take_while(|key| word(key)).count();
    let (words, rest) = keys.split_at(plain);
    let head = words.iter().fold(".Values".to_owned(), |path, key| path + "." + key);
    if rest.is_empty() {
        return head;
    }
    let rest: Vec<String> = rest.iter().map(|key| literal(key)).collect();
    format!("(index {head} {})", rest.join(" "))
}

/// A text in an expression.
pub fn literal(text: &str) -> String {
    JsonValue::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::{Group, Shape, key, path};

    #[test]
    fn keys_are_words_of_an_expression() {
        for (name, expect) in
            [("web", "web"), ("data-processor", "dataProcessor"), ("My_DB", "myDB"), ("2fa", "n2fa"), ("é", "service")]
        {
            assert_eq!(key(name), expect);
        }
        assert_eq!(path(&["web", "env", "A_B"]), ".Values.web.env.A_B");
        assert_eq!(path(&["web", "env", "a.b\"c"]), "(index .Values.web.env \"a.b\\\"c\")");
    }

    #[test]
    fn a_difference_says_what_is_other_and_takes_out_what_is_gone() {
        use tranship_source::yaml::{Node, write};
        let sizes = |limit: Option<&str>| {
            let mut node = Node::from([("requests", Node::from([("cpu", "1".into())]))]);
            if let (Some(limit), Some(map)) = (limit, node.as_map_mut()) {
                map.insert("limits".into(), Node::from([("cpu", limit.into())]));
            }
            node
        };
        let values = |replicas: i64, limit: Option<&str>, env: &[&str], budget: bool| {
            let mut values = Group::default();
            let web = values.group("web", "");
            web.add("replicas", replicas, Shape::Number(0), "");
            web.add("resources", sizes(limit), Shape::Resources, "");
            web.add("extraEnv", Vec::new(), Shape::List, "");
            for name in env {
                web.group("env", "").add(name, "x", Shape::Word, "");
            }
            if budget {
                web.group("disruptionBudget", "").add("enabled", true, Shape::Truth, "");
            }
            values
        };
        let difference = values(2, Some("2"), &["A"], true).difference(&values(1, None, &["A", "B"], false));
        assert_eq!(
            write(&difference.into()),
            "web:\n  replicas: 1\n  resources:\n    limits: null\n  disruptionBudget:\n    enabled: false\n  extraEnv:\n  - name: B\n    value: x\n"
        );
    }

    #[test]
    fn a_key_that_is_not_there_is_refused_by_the_schema() {
        let mut values = Group::default();
        values.group("web", "The service web").add("replicas", 2, Shape::Number(0), "How many run at once");
        let schema = values.schema();
        assert_eq!(schema.pointer("/properties/web/additionalProperties"), Some(&false.into()));
        assert_eq!(schema.pointer("/properties/web/properties/replicas/minimum"), Some(&0.into()));
    }
}
