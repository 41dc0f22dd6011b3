//! Commands in the life of a container.

use tranship_model::{EnvValue, EnvVar, Hook, Hooks};
use tranship_source::yaml::Node;

use super::container::expanded;
use super::read::{Part, scalar, text_of};
use super::{Lifting, covered, env};
use crate::lower::before;
use crate::lower::fill::wanted_name;

/// Hooks of the `lifecycle` section, and the init containers that stand for those before the start.
pub(crate) fn lift(cx: &Lifting<'_>, pod: &Part<'_>, container: &Part<'_>, env: &[EnvVar]) -> Hooks {
    let one = |field: &str| {
        let at = format!("lifecycle.{field}.exec.command");
        container.get(&at).map(|node| hook(container, &at, node, env)).into_iter().collect()
    };
    let own = container.node.map(|node| text_of(node, "name")).unwrap_or_default();
    let inits = pod.list("initContainers");
    let named =
        |number: usize| inits.iter().find(|node| wanted_name(text_of(node, "name")) == before::name(own, number));
    let pre_start = (0..inits.len()).map_while(named).map(|node| init(cx, pod, container, node, env)).collect();
    Hooks { pre_start, post_start: one("postStart"), pre_stop: one("preStop") }
}

/// Whether an init container stands for a hook of a container.
pub(crate) fn is_before(node: &Node, own: &str, inits: usize) -> bool {
    (0..inits).any(|number| wanted_name(text_of(node, "name")) == before::name(own, number))
}

/// A hook from its init container: what differs from the service's own container.
fn init(cx: &Lifting<'_>, pod: &Part<'_>, container: &Part<'_>, node: &Node, theirs: &[EnvVar]) -> Hook {
    let part = Part { node: Some(node), ..*pod };
    let differs = |field: &str| part.text(field).filter(|own| container.text(field).as_ref() != Some(own));
    let number = |part: &Part<'_>, field: &str| part.number(&format!("securityContext.{field}")).map(|n| n.value);
    let uid = number(&part, "runAsUser").filter(|uid| number(container, "runAsUser") != Some(*uid));
    let gid = number(&part, "runAsGroup").map(|gid| format!(":{gid}")).unwrap_or_default();
    let flag = |part: &Part<'_>| part.flag("securityContext.privileged").is_some_and(|flag| flag.value);
    let all = env::lift(cx, &part);
    let command = part.texts("args").into_iter().map(|word| expanded(word.value, &all)).collect();
    let own = all.into_iter().filter(|var| !theirs.contains(var));
    let plain = own.filter_map(|EnvVar { name, value }| match value.value {
        EnvValue::Plain(text) => Some((name, Some(text))),
        EnvValue::Secret { value, because: _ } => Some((name, Some(value.expose().clone()))),
        _ => None,
    });
    Hook {
        origin: pod.origin("initContainers", node),
        command,
        image: differs("image").map(|image| image.value),
        user: uid.map(|uid| format!("{uid}{gid}")),
        working_dir: differs("workingDir").map(|dir| dir.value),
        privileged: flag(&part) && !flag(container),
        env: plain.collect(),
    }
}

fn hook(container: &Part<'_>, field: &str, node: &Node, env: &[EnvVar]) -> Hook {
    Hook {
        origin: container.origin(field, node),
        command: node
            .as_seq()
            .unwrap_or_default()
            .iter()
            .filter_map(scalar)
            .map(|word| covered::revealed(word, env))
            .collect(),
        image: None,
        user: None,
        working_dir: None,
        privileged: false,
        env: Vec::new(),
    }
}
