//! The environment: plain values in the pod, credentials in a Secret of the service.

use tranship_model::{EnvValue, EnvVar};
use tranship_source::yaml::{Key, Map, Node};

use super::covered::{Covered, Variable};
use super::expansion::escape;
use super::fields::{Fields, blamed};
use super::workload::{Place, warn};
use super::{Lowering, metadata};
use crate::KubeVersion;
use crate::check::names;
use crate::names::{NameKind, data_key};
use crate::object::Object;

/// The variables in order. Credentials go to `Secret/SERVICE-env`, which is added when there are any; those of commands come
/// last.
pub(crate) fn lower(
    cx: &mut Lowering<'_>,
    place: &Place,
    service: &str,
    env: &[EnvVar],
    covered: &Covered,
) -> Vec<Node> {
    let mut out = Vec::new();
    let mut hidden = Map::default();
    let secret = cx.names.name(NameKind::Secret, &format!("{service}-env"));
    for EnvVar { name, value } in env {
        if let Some(fault) = names::env(name, cx.version >= KubeVersion::ENV_NAMES) {
            let why = format!("the name of a variable {fault}");
            cx.ledger.dropped(&value.origin, &why, "give the variable another name");
            let message = format!("the variable `{name}` cannot be set in a pod");
            warn(cx, "env-name", value.span(), message, "give it another name");
            continue;
        }
        let field = format!("{}[{}]", place.container("env"), out.len());
        match &value.value {
            EnvValue::Plain(text) => {
                let kept = escape(text);
                if kept == *text {
                    cx.ledger.kept(&value.origin, &field);
                } else {
                    let why = "`$` is doubled where the kubelet would expand it; the process sees the same value";
                    cx.ledger.translated(&value.origin, &field, why);
                }
                out.push(Node::from([("name", name.as_str().into()), ("value", blamed(value, kept))]));
            }
            EnvValue::Secret { value: text, because } => {
                let key = data_key(name);
                cx.ledger.translated(&value.origin, &format!("Secret/{secret} stringData[\"{key}\"]"), because);
                hidden.insert(Key::new(key.clone(), value.span()), blamed(value, text.expose().clone()));
                let reference = Node::from([("name", secret.as_str().into()), ("key", key.into())]);
                let from = Fields::new().put("secretKeyRef", reference).node();
                out.push(Node::from([("name", name.as_str().into()), ("valueFrom", from.blamed_on(value.span()))]));
            }
            EnvValue::Elsewhere { secret, key } => {
                cx.ledger.kept(&value.origin, &format!("{field} valueFrom.secretKeyRef"));
                cx.external_secrets.push(secret.clone());
                let reference = Node::from([("name", secret.as_str().into()), ("key", key.as_str().into())]);
                let from = Fields::new().put("secretKeyRef", reference).node();
                out.push(Node::from([("name", name.as_str().into()), ("valueFrom", from.blamed_on(value.span()))]));
            }
            EnvValue::Unset => {
                let why =
                    "the project passes the variable on and it is not set here, so that the process does not see it";
                let todo = format!("set {name} when converting, or give it a value in the project");
                cx.ledger.dropped(&value.origin, why, &todo);
            }
        }
    }
    for Variable { name, value, because, origin } in &covered.variables {
        cx.ledger.translated(origin, &format!("Secret/{secret} stringData[\"{name}\"]"), because);
        hidden.insert(Key::from(name.clone()), value.clone().into());
        out.push(from_secret(name, &secret, name));
    }
    if !hidden.is_empty() {
        let mut object = Object::new("v1", "Secret", secret);
        object.set(&["metadata", "labels"], metadata::labels(cx, &place.name));
        object.set(&["type"], "Opaque");
        object.set(&["stringData"], hidden);
        cx.add(object);
    }
    out
}

/// A variable with the value of a key of a Secret.
pub(crate) fn from_secret(name: &str, secret: &str, key: &str) -> Node {
    let reference = Node::from([("name", secret.into()), ("key", key.into())]);
    let from = Fields::new().put("secretKeyRef", reference).node();
    Node::from([("name", name.into()), ("valueFrom", from)])
}
