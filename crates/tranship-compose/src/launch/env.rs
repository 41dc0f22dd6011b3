//! The variables of a process: the image's, and over them the service's.

use std::borrow::Cow;
use std::collections::BTreeMap;

use tranship_model::ImageKnowledge;
use tranship_model::launch::Variable;
use tranship_source::yaml::Node;

/// A variable without a value takes the image's away. Those that tell a service of its models have values the engine's
/// model runner knows.
pub(super) fn env<'a>(service: &'a Node, image: Option<&'a ImageKnowledge>) -> Vec<(Cow<'a, str>, Variable<'a>)> {
    let known = image.map(|image| image.env.as_slice()).unwrap_or_default();
    let own = service.get("environment").and_then(Node::as_map);
    let models = service.get("models").and_then(Node::as_map);
    let mut out: BTreeMap<Cow<'a, str>, Variable<'a>> = BTreeMap::new();
    for (name, value) in known {
        out.insert(Cow::Borrowed(name), Variable::Value(Cow::Borrowed(&value.value)));
    }
    for (name, binding) in models.into_iter().flatten() {
        let upper = name.text.to_ascii_uppercase().replace('-', "_");
        for (key, end) in [("endpoint_var", "_URL"), ("model_var", "_MODEL")] {
            let written = binding.get(key).and_then(Node::as_text);
            out.insert(written.unwrap_or_else(|| Cow::Owned(format!("{upper}{end}"))), Variable::Somewhere);
        }
    }
    for (name, value) in own.into_iter().flatten() {
        out.insert(Cow::Borrowed(&name.text), value.as_text().map_or(Variable::Unset, Variable::Value));
    }
    out.into_iter().collect()
}
