//! Who a process runs as, and the commands run beside it.

use tranship_model::{Hook, Hooks, Traced, User};

use super::account::Leaves;
use super::context::Lifting;
use crate::typed;

/// `user` or `user:group`.
pub(super) fn user(user: Option<&Traced<String>>) -> Option<Traced<User>> {
    let written = user.filter(|user| !user.value.is_empty())?;
    let (user, group) = written.value.split_once(':').map_or((written.value.as_str(), None), |(u, g)| (u, Some(g)));
    Some(written.with(User { user: user.to_owned(), group: group.filter(|g| !g.is_empty()).map(str::to_owned) }))
}

/// The hooks of a service.
pub(super) fn hooks(
    cx: &mut Lifting<'_>,
    pre_start: &[typed::Hook],
    post_start: &[typed::Hook],
    pre_stop: &[typed::Hook],
) -> Hooks {
    let mut each = |hooks: &[typed::Hook]| hooks.iter().map(|h| hook(cx, h)).collect();
    Hooks { pre_start: each(pre_start), post_start: each(post_start), pre_stop: each(pre_stop) }
}

fn hook(cx: &mut Lifting<'_>, hook: &typed::Hook) -> Hook {
    let typed::Hook { at: _, command, image, user, privileged, working_dir, environment, per_replica, extensions } =
        hook;
    cx.decided(extensions, "`x-` keys of a hook are the project's own notes");
    if per_replica.as_ref().is_some_and(|flag| flag.value) {
        cx.decided(per_replica, "each pod runs its own hooks, which is what `per_replica: true` asks for");
    } else {
        let why = "each pod runs its own hooks, and nothing runs once before the first of several";
        cx.dropped(
            per_replica,
            why,
            "make it a service of its own that others wait for with `service_completed_successfully`",
        );
    }
    Hook {
        origin: Lifting::origin(&[command, image, user, privileged, working_dir, environment]),
        command: command.as_ref().map(|argv| argv.value.clone()).unwrap_or_default(),
        image: image.as_ref().map(|image| image.value.clone()).filter(|image| !image.is_empty()),
        user: user.as_ref().map(|user| user.value.clone()),
        working_dir: working_dir.as_ref().map(|dir| dir.value.clone()),
        privileged: privileged.as_ref().is_some_and(|p| p.value),
        env: environment.iter().map(|pair| (pair.key.clone(), pair.value.text.clone())).collect(),
    }
}

/// Notes an empty `user`, which is the image's own.
pub(super) fn note_empty_user(cx: &mut Lifting<'_>, user: Option<&Traced<String>>) {
    if let Some(user) = user.filter(|user| user.value.is_empty()) {
        cx.decided(&user.list(), "an empty `user` is the image's own user");
    }
}
