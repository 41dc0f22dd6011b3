//! The environment, with the values that stand in ConfigMaps and Secrets.

use tranship_model::{EnvValue, EnvVar, Traced};
use tranship_source::Secret;
use tranship_source::yaml::Node;

use super::Lifting;
use super::read::{Part, scalar, text_of};
use crate::lower::expansion::unescape;
use crate::names::data_key;
use crate::object::Object;

/// The variables in order: those of `envFrom` first, as the kubelet sets them, then those of `env`.
pub(crate) fn lift(cx: &Lifting<'_>, container: &Part<'_>) -> Vec<EnvVar> {
    let mut out: Vec<EnvVar> = Vec::new();
    for source in container.list("envFrom") {
        let prefix = text_of(source, "prefix");
        for (kind, field) in [("ConfigMap", "configMapRef"), ("Secret", "secretRef")] {
            let Some(name) = source.at(&[field, "name"]).and_then(Node::as_str) else { continue };
            let Some(object) = cx.set.find(kind, name) else { continue };
            for (key, text) in entries(object) {
                let origin = container.origin("envFrom", source);
                let value = if kind == "Secret" { hidden(text, name) } else { EnvValue::Plain(text) };
                set(&mut out, EnvVar { name: format!("{prefix}{key}"), value: Traced::new(value, origin) });
            }
        }
    }
    for node in container.list("env") {
        let name = text_of(node, "name").to_owned();
        let Some(value) = value(cx, node) else { continue };
        set(&mut out, EnvVar { name, value: Traced::new(value, container.origin("env", node)) });
    }
    out
}

/// A later variable of the same name wins.
fn set(out: &mut Vec<EnvVar>, var: EnvVar) {
    match out.iter_mut().find(|known| known.name == var.name) {
        Some(known) => *known = var,
        None => out.push(var),
    }
}

fn value(cx: &Lifting<'_>, node: &Node) -> Option<EnvValue> {
    if let Some(reference) = node.at(&["valueFrom", "secretKeyRef"]) {
        let name = text_of(reference, "name");
        let key = text_of(reference, "key");
        let text = cx.set.find("Secret", name).and_then(|object| entry(object, key));
        let elsewhere = || EnvValue::Elsewhere { secret: name.to_owned(), key: key.to_owned() };
        return Some(text.map_or_else(elsewhere, |text| hidden(text, name)));
    }
    if let Some(reference) = node.at(&["valueFrom", "configMapKeyRef"]) {
        let object = cx.set.find("ConfigMap", text_of(reference, "name"));
        let text = object.and_then(|object| entry(object, text_of(reference, "key")));
        return Some(text.map_or(EnvValue::Unset, EnvValue::Plain));
    }
    if node.get("valueFrom").is_some() {
        return None;
    }
    Some(EnvValue::Plain(node.get("value").and_then(scalar).map_or_else(String::new, |text| unescape(&text))))
}

fn hidden(text: String, secret: &str) -> EnvValue {
    EnvValue::Secret { value: Secret::new(text), because: format!("it stands in the Secret `{secret}`") }
}

fn entry(object: &Object, key: &str) -> Option<String> {
    entries(object).into_iter().find(|(name, _)| name == key || data_key(name) == key).map(|(_, text)| text)
}

/// The texts of a ConfigMap or Secret; `stringData` wins over `data`, as the server has it.
pub(crate) fn entries(object: &Object) -> Vec<(String, String)> {
    super::blobs::files(object)
        .into_iter()
        .filter_map(|(key, bytes)| Some((key, String::from_utf8(bytes).ok()?)))
        .collect()
}
