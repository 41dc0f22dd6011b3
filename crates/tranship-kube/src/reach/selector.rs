//! Label selectors.

use std::collections::BTreeMap;

use tranship_source::yaml::Node;

/// Labels of a pod or a namespace.
pub(super) type Labels<'a> = BTreeMap<&'a str, &'a str>;

/// The labels in a mapping.
pub(super) fn labels(node: Option<&Node>) -> Labels<'_> {
    let map = node.and_then(Node::as_map);
    map.into_iter().flatten().filter_map(|(key, value)| Some((key.text.as_str(), value.as_str()?))).collect()
}

/// What labels have to be; an empty selector picks everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Selector<'a> {
    equal: Vec<(&'a str, &'a str)>,
    expressions: Vec<Expression<'a>>,
}

#[derive(Clone, Debug)]
struct Expression<'a> {
    key: &'a str,
    operator: &'a str,
    values: Vec<&'a str>,
}

impl<'a> Selector<'a> {
    /// Reads a selector.
    pub(super) fn read(node: &'a Node) -> Self {
        let list = node.get("matchExpressions").and_then(Node::as_seq).unwrap_or_default();
        let expression = |node: &'a Node| {
            let values = node.get("values").and_then(Node::as_seq).unwrap_or_default();
            Some(Expression {
                key: node.get("key")?.as_str()?,
                operator: node.get("operator")?.as_str()?,
                values: values.iter().filter_map(Node::as_str).collect(),
            })
        };
        Self {
            equal: labels(node.get("matchLabels")).into_iter().collect(),
            expressions: list.iter().filter_map(expression).collect(),
        }
    }

    /// One of the labels it asks for.
    pub(super) fn first(&self) -> Option<(&'a str, &'a str)> {
        self.equal.first().copied()
    }

    /// Whether it picks what has these labels.
    pub(super) fn matches(&self, labels: &Labels<'_>) -> bool {
        let holds = |Expression { key, operator, values }: &Expression<'_>| {
            let value = labels.get(key);
            match *operator {
                "In" => value.is_some_and(|value| values.contains(value)),
                "NotIn" => !value.is_some_and(|value| values.contains(value)),
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                _ => false,
            }
        };
        self.equal.iter().all(|(key, value)| labels.get(key) == Some(value)) && self.expressions.iter().all(holds)
    }
}
