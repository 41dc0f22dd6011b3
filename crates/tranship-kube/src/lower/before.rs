//! Init containers for what has to run before a service starts: each `pre_start` hook, in the order of the project.

use tranship_model::{Hook, Service};
use tranship_source::yaml::{Key, Map, Node};

use super::Lowering;
use super::covered::Covered;
use super::env::from_secret;
use super::expansion::escape;
use super::fields::{Fields, texts};
use super::fill::Inits;
use super::hooks::is_credential;
use super::workload::{Place, warn};
use crate::names::NameKind;

/// The name of the init container of a service's hook, by the name of its container.
pub(crate) fn name(container: &str, number: usize) -> String {
    let base: String = container.chars().take(45).collect();
    format!("{}-before-{}", base.trim_end_matches('-'), number + 1)
}

/// Adds the init containers of a service to those of its pod.
pub(crate) fn lower(
    cx: &mut Lowering<'_>,
    place: &Place,
    service: &Service,
    container: &Node,
    covered: &Covered,
    inits: &mut Inits,
) {
    let own = container.get("name").and_then(Node::as_str).unwrap_or_default();
    for (number, hook) in service.hooks.pre_start.iter().enumerate() {
        let why = "an init container runs it to its end in each pod, before the service's own container starts";
        cx.ledger.translated(&hook.origin, &place.pod("initContainers"), why);
        let name = inits.free(name(own, number));
        let node = one(cx, &name, hook, service, container, covered);
        inits.push(node.blamed_on(hook.origin.span()));
    }
}

fn one(cx: &mut Lowering<'_>, name: &str, hook: &Hook, service: &Service, container: &Node, covered: &Covered) -> Node {
    let Hook { origin: _, command, image, user: _, working_dir, privileged: _, env } = hook;
    let like = |field: &str| container.get(field).cloned();
    let same_image = image.is_none();
    let dir = working_dir.as_deref().map(Node::from).or_else(|| like("workingDir").filter(|_| same_image));
    Fields::new()
        .put("name", name)
        .maybe("image", image.as_deref().map(Node::from).or_else(|| like("image")))
        .maybe("imagePullPolicy", like("imagePullPolicy").filter(|_| same_image))
        .filled("args", texts(covered.argv(&[], command)))
        .maybe("workingDir", dir)
        .filled(
            "env",
            variables(container, env, &cx.names.name(NameKind::Secret, &format!("{}-env", service.name)), covered),
        )
        .maybe("resources", like("resources"))
        .maybe("volumeMounts", like("volumeMounts"))
        .maybe("securityContext", rights(cx, hook, service, container))
        .node()
}

/// The service's variables, with those of the hook over them.
fn variables(container: &Node, own: &[(String, Option<String>)], secret: &str, covered: &Covered) -> Vec<Node> {
    let theirs = container.get("env").and_then(Node::as_seq).unwrap_or_default();
    let named = |node: &Node| own.iter().any(|(name, _)| node.get("name").and_then(Node::as_str) == Some(name));
    let kept = theirs.iter().filter(|node| !named(node)).cloned();
    let set = own.iter().filter_map(|(name, value)| {
        let value = value.as_ref()?;
        if is_credential(name, Some(value))
            && let Some(known) = covered.variable(value)
        {
            let held = theirs.iter().find(|node| node.get("name").and_then(Node::as_str) == Some(known));
            let from = held.and_then(|node| node.get("valueFrom")).cloned();
            return Some(match from {
                Some(from) => Node::from([("name", name.as_str().into()), ("valueFrom", from)]),
                None => from_secret(name, secret, known),
            });
        }
        let value = escape(value);
        Some(Node::from([("name", name.as_str().into()), ("value", value.into())]))
    });
    kept.chain(set).collect()
}

/// The service's own rights, with the user and the rights the hook asks for. Another image brings its own user.
fn rights(cx: &mut Lowering<'_>, hook: &Hook, service: &Service, container: &Node) -> Option<Node> {
    let mut map: Map = container.get("securityContext").and_then(Node::as_map).cloned().unwrap_or_default();
    if hook.image.is_some() || hook.user.is_some() {
        map.shift_remove("runAsUser");
        map.shift_remove("runAsGroup");
    }
    if let Some(user) = &hook.user {
        let (uid, gid) = user.split_once(':').map_or((user.as_str(), None), |(uid, gid)| (uid, Some(gid)));
        let uid = if uid == "root" { Some(0) } else { uid.parse::<u32>().ok() };
        match uid {
            Some(uid) => {
                map.insert(Key::from("runAsUser"), i64::from(uid).into());
                let gid = gid.and_then(|gid| gid.parse::<u32>().ok());
                map.extend(gid.map(|gid| (Key::from("runAsGroup"), Node::from(i64::from(gid)))));
            }
            None => {
                let message = format!(
                    "a `pre_start` hook of `{}` runs as the image's own user instead of `{user}`",
                    service.name
                );
                warn(cx, "user-by-name", hook.origin.span(), message, "write the user's number, such as `1000:1000`");
            }
        }
    }
    if hook.privileged {
        map.insert(Key::from("privileged"), true.into());
    }
    (!map.is_empty()).then(|| Node::from(map))
}
