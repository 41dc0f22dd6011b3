//! The variables of a container, in the kubelet's order: `envFrom`, then `env`, each of which may use those before it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use tranship_model::ImageKnowledge;
use tranship_model::launch::Variable;
use tranship_source::yaml::Node;

use super::Cluster;
use super::expand::expand;
use super::files;
use super::read::{flag, name_at};
use crate::object::Object;

/// Variables of the pod's own, which `$(NAME)` sees; those of the image it does not see.
pub(super) struct Own<'a>(BTreeMap<Cow<'a, str>, Variable<'a>>);

impl Own<'_> {
    /// The value of a variable for `$(NAME)`.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Variable::Value(value)) => Some(value),
            _ => None,
        }
    }
}

pub(super) fn own<'a>(world: &Cluster<'a>, container: &'a Node) -> Own<'a> {
    let mut out = Own(BTreeMap::new());
    for source in container.items_at("envFrom") {
        all_of(world, source, &mut out);
    }
    for entry in container.items_at("env") {
        let name = name_at(entry, "name");
        let Some(from) = entry.get("valueFrom") else {
            let value = entry.text_at("value").unwrap_or_default();
            let value = expand(value, &|name| out.value(name));
            out.0.insert(Cow::Borrowed(name), Variable::Value(value));
            continue;
        };
        if let Some(value) = referred(world, from) {
            out.0.insert(Cow::Borrowed(name), value);
        }
    }
    out
}

/// The image's variables where the pod has none of the name.
pub(super) fn with_image<'a>(own: Own<'a>, image: Option<&'a ImageKnowledge>) -> Vec<(Cow<'a, str>, Variable<'a>)> {
    let Own(mut all) = own;
    for (name, value) in image.map(|image| image.env.as_slice()).unwrap_or_default() {
        all.entry(Cow::Borrowed(name)).or_insert(Variable::Value(Cow::Borrowed(&value.value)));
    }
    all.into_iter().collect()
}

/// Every key of a ConfigMap or Secret as a variable. What is not among the objects may bring any.
fn all_of<'a>(world: &Cluster<'a>, source: &'a Node, out: &mut Own<'a>) {
    let prefix = name_at(source, "prefix");
    for (field, known) in [("configMapRef", &world.config_maps), ("secretRef", &world.secrets)] {
        let Some(object) = source.get(field).and_then(|reference| known.get(name_at(reference, "name"))) else {
            continue;
        };
        for (key, bytes) in files::contents(object) {
            let value = files::readable(bytes).map_or(Variable::Somewhere, Variable::Value);
            let name = if prefix.is_empty() { Cow::Borrowed(key) } else { Cow::Owned(format!("{prefix}{key}")) };
            out.0.insert(name, value);
        }
    }
}

/// The value of a reference; `None` where the kubelet leaves the variable out.
fn referred<'a>(world: &Cluster<'a>, from: &'a Node) -> Option<Variable<'a>> {
    for (field, known) in [("configMapKeyRef", &world.config_maps), ("secretKeyRef", &world.secrets)] {
        let Some(reference) = from.get(field) else { continue };
        let object: Option<&&'a Object> = known.get(name_at(reference, "name"));
        let Some(object) = object else { return Some(Variable::Somewhere) };
        let found = files::content(object, name_at(reference, "key"));
        return match found {
            Some(bytes) => Some(files::readable(bytes).map_or(Variable::Somewhere, Variable::Value)),
            None if flag(reference, "optional") => None,
            // The container would not start; nobody may take that for the same.
            None => Some(Variable::Unset),
        };
    }
    Some(Variable::Somewhere)
}
