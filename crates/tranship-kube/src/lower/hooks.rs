//! Commands in the life of a container.

use tranship_model::{Hook, Hooks};
use tranship_source::yaml::Node;

use super::Lowering;
use super::fields::{Fields, texts};
use super::workload::{Place, warn};

/// The `lifecycle` section.
pub(crate) fn lower(cx: &mut Lowering<'_>, place: &Place, hooks: &Hooks) -> Option<Node> {
    let Hooks { pre_start: _, post_start, pre_stop } = hooks; // Before the start: by init containers.
    Fields::new()
        .maybe("postStart", handler(cx, place, "postStart", post_start))
        .maybe("preStop", handler(cx, place, "preStop", pre_stop))
        .some()
}

/// One handler that runs the commands of all hooks in turn.
fn handler(cx: &mut Lowering<'_>, place: &Place, field: &str, hooks: &[Hook]) -> Option<Node> {
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
        cx.ledger.translated(origin, &to, "run by the kubelet in the container");
        commands.push(if plain { command.clone() } else { in_shell(command, working_dir.as_deref(), env) });
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
fn in_shell(command: &[String], dir: Option<&str>, env: &[(String, Option<String>)]) -> Vec<String> {
    let enter = dir.map(|dir| format!("cd {} && ", quote(dir))).unwrap_or_default();
    let sets = env.iter().filter_map(|(name, value)| Some(format!("{name}={}", quote(value.as_ref()?))));
    let sets: Vec<String> = sets.collect();
    let with = if sets.is_empty() { String::new() } else { format!("env {} ", sets.join(" ")) };
    vec!["/bin/sh".into(), "-c".into(), format!("{enter}{with}{}", line(command))]
}

/// An argv as a line of shell.
fn line(argv: &[String]) -> String {
    argv.iter().map(|arg| quote(arg)).collect::<Vec<_>>().join(" ")
}

/// A word that the shell reads back as it is.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
