//! A tree as JSON text, keys sorted, the way docker compose prints it.

use tranship_source::yaml::{Map, Node, Value, whole};

/// The tree as indented JSON with a line break at the end. `dollars` doubles every `$`, so that the text can be loaded
/// again.
pub fn print(node: &Node, dollars: bool) -> String {
    let mut printer = Printer { out: String::new(), dollars };
    printer.node(node, 0);
    printer.out.push('\n');
    printer.out
}

struct Printer {
    out: String,
    dollars: bool,
}

impl Printer {
    fn node(&mut self, node: &Node, depth: usize) {
        match &node.value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Int(number) => self.out.push_str(&number.to_string()),
            Value::Float(number) => match node.raw().and_then(whole) {
                Some(exact) => self.out.push_str(&exact.to_string()),
                None => self.float(*number),
            },
            Value::String(text) => self.text(text),
            Value::Sequence(items) => self.sequence(items, depth),
            Value::Mapping(map) => self.mapping(map, depth),
        }
    }

    /// JSON knows no infinity; docker compose cannot print one either.
    fn float(&mut self, number: f64) {
        match serde_json::Number::from_f64(number) {
            Some(number) => self.out.push_str(&number.to_string()),
            None => self.text(&number.to_string()),
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '$' if self.dollars => self.out.push_str("$$"),
                c if c < ' ' => {
                    let code = format!("\\u{:04x}", u32::from(c));
                    self.out.push_str(&code);
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    fn line(&mut self, depth: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", depth));
    }

    fn sequence(&mut self, items: &[Node], depth: usize) {
        if items.is_empty() {
            return self.out.push_str("[]");
        }
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.line(depth + 1);
            self.node(item, depth + 1);
        }
        self.line(depth);
        self.out.push(']');
    }

    fn mapping(&mut self, map: &Map, depth: usize) {
        if map.is_empty() {
            return self.out.push_str("{}");
        }
        let mut entries: Vec<(&str, &Node)> = map.iter().map(|(key, node)| (key.text.as_str(), node)).collect();
        entries.sort_by_key(|(key, _)| *key);
        self.out.push('{');
        for (index, (key, node)) in entries.into_iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.line(depth + 1);
            self.text(key);
            self.out.push_str(": ");
            self.node(node, depth + 1);
        }
        self.line(depth);
        self.out.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_dollars_doubled() {
        let node = Node::from([("b", Node::from("$x\"\n")), ("a", Node::from(vec![Node::from(1)]))]);
        assert_eq!(print(&node, true), "{\n  \"a\": [\n    1\n  ],\n  \"b\": \"$$x\\\"\\n\"\n}\n");
    }
}
