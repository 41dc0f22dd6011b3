//! Commands in the life of a container.

use std::time::Duration;

use tranship_model::{Hook, Hooks, Traced};
use tranship_source::yaml::Node;

use tranship_model::credential;

use super::Lowering;
use super::covered::{Covered, quote};
use super::fields::{Fields, texts, whole};
use super::probe::{COVERED, NO_SHELL};
use super::workload::{Place, warn};

/// The `lifecycle` section. A container has one handler before its end: commands of the project's own, or the time in
/// which it goes on serving while others learn that it leaves.
pub(crate) fn lower(
    cx: &mut Lowering<'_>,
    place: &Place,
    hooks: &Hooks,
    drain: Option<&Traced<Duration>>,
    covered: &Covered,
) -> Option<Node> {
    let Hooks { pre_start: _, post_start, pre_stop } = hooks; // Before the start: by init containers.
    let sleep = |drain: &Traced<Duration>| {
        Node::from([("sleep", Node::from([("seconds", whole(drain.value.as_secs().max(1)))]))])
    };
    Fields::new()
        .maybe("postStart", handler(cx, place, "postStart", post_start, covered))
        .maybe("preStop", handler(cx, place, "preStop", pre_stop, covered).or_else(|| drain.map(sleep)))
        .some()
}

/// One handler that runs the commands of all hooks in turn.
fn handler(cx: &mut Lowering<'_>, place: &Place, field: &str, hooks: &[Hook], covered: &Covered) -> Option<Node> {
    let mut commands = Vec::new();
    for Hook { origin, command, image: _, user, working_dir, privileged, env } in hooks {
        let to = place.container(&format!("lifecycle.{field}.exec.command"));
        let other = user.is_some() || *privileged;
        if other {
            let why = "a hook runs as the container's own user with its own rights";
            cx.ledger.dropped(origin, why, "let the container's user do it, or do it in the image's entrypoint");
            let message = format!("a hook of `{}` asks for another user or all rights", place.name);
            warn(cx, "hook-dropped", origin.span(), message, "let the container's own user run it");
            continue;
        }
        let plain = working_dir.is_none() && env.is_empty();
        let run = covered.run(command);
        let hides = matches!(run, Some(Ok(_))) || env.iter().any(|(name, value)| is_credential(name, value.as_deref()));
        cx.ledger.translated(origin, &to, if hides { COVERED } else { "run by the kubelet in the container" });
        if matches!(run, Some(Err(()))) && plain {
            let message = format!("a hook of `{}` holds a credential that anyone may read", place.name);
            warn(cx, "credential-in-hook", origin.span(), message, NO_SHELL);
        }
        commands.push(match run {
            Some(Ok(run)) if plain => run,
            _ if plain => command.clone(),
            _ => in_shell(command, working_dir.as_deref(), env, covered),
        });
    }
    let argv = match commands.as_slice() {
        [] => return None,
        [one] => texts(one),
        many => texts(["/bin/sh", "-c", &many.iter().map(|c| line(c)).collect::<Vec<_>>().join(" && ")]),
    };
    let span = hooks.iter().map(|hook| hook.origin.span()).find(|span| !span.is_none());
    let node = Node::from([("exec", Node::from([("command", argv)]))]);
    Some(span.map_or(node.clone(), |span| node.blamed_on(span)))
}

/// A command in a folder and with variables of its own.
fn in_shell(command: &[String], dir: Option<&str>, env: &[(String, Option<String>)], covered: &Covered) -> Vec<String> {
    let enter = dir.map(|dir| format!("cd {} && ", quote(dir))).unwrap_or_default();
    let sets = env.iter().filter_map(|(name, value)| {
        let value = value.as_ref()?;
        let hidden = covered.variable(value).filter(|_| is_credential(name, Some(value)));
        Some(hidden.map_or_else(|| format!("{name}={}", quote(value)), |known| format!("{name}=\"${{{known}}}\"")))
    });
    let sets: Vec<String> = sets.collect();
    let with = if sets.is_empty() { String::new() } else { format!("env {} ", sets.join(" ")) };
    vec!["/bin/sh".into(), "-c".into(), format!("{enter}{with}{}", covered.line(command))]
}

/// An argv as a line of shell.
fn line(argv: &[String]) -> String {
    argv.iter().map(|arg| quote(arg)).collect::<Vec<_>>().join(" ")
}

/// Whether a variable of a hook carries a credential.
pub(crate) fn is_credential(name: &str, value: Option<&str>) -> bool {
    value.is_some_and(|value| credential::reason(name, value, None).is_some())
}
