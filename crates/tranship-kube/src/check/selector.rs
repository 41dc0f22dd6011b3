//! Label selectors: what they match.

use tranship_source::yaml::Node;

use super::look::Look;

/// Whether a selector of `matchLabels` and `matchExpressions` matches labels. An empty one matches everything.
pub fn matches(selector: &Node, labels: Option<&Node>) -> bool {
    let labels_match = selector.get("matchLabels").is_none_or(|wanted| equal(wanted, labels));
    labels_match && selector.items("matchExpressions").iter().all(|expression| holds(expression, labels))
}

/// Whether all wanted labels are there with their values, as a Service selects.
pub fn equal(wanted: &Node, labels: Option<&Node>) -> bool {
    let Some(wanted) = wanted.as_map() else { return true };
    wanted.iter().all(|(key, value)| labels.and_then(|labels| labels.get(&key.text)) == Some(value))
}

/// Whether a selector asks for nothing, and so matches everything.
pub fn is_empty(selector: &Node) -> bool {
    selector.entries("matchLabels").next().is_none() && selector.items("matchExpressions").is_empty()
}

fn holds(expression: &Node, labels: Option<&Node>) -> bool {
    let key = expression.text("key").unwrap_or("");
    let value = labels.and_then(|labels| labels.get(key));
    let listed = || value.is_some_and(|value| expression.items("values").contains(value));
    match expression.text("operator") {
        Some("In") => listed(),
        Some("NotIn") => !listed(),
        Some("Exists") => value.is_some(),
        Some("DoesNotExist") => value.is_none(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_select_by_presence_and_value() {
        let labels = Node::from([("app", Node::from("web"))]);
        let expression = |operator: &str, values: &[&str]| {
            let values = values.iter().map(|v| Node::from(*v)).collect::<Vec<_>>();
            let one = Node::from([("key", "app".into()), ("operator", operator.into()), ("values", values.into())]);
            Node::from([("matchExpressions", Node::from(vec![one]))])
        };
        for (operator, values, expect) in [
            ("In", &["web", "api"][..], true),
            ("NotIn", &["web"][..], false),
            ("Exists", &[][..], true),
            ("DoesNotExist", &[][..], false),
        ] {
            assert_eq!(matches(&expression(operator, values), Some(&labels)), expect, "{operator}");
        }
        assert!(matches(&Node::from([]), None));
    }
}
