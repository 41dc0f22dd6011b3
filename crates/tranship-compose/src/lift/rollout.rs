//! `restart` and the parts of `deploy` that say how versions follow each other and where replicas run.

use tranship_model::rollout::architecture;
use tranship_model::{Placement, Restart, Rollout, Traced};

use super::context::Lifting;
use crate::typed::{self, Preference, RestartPolicy, Update};

/// How a new version replaces the old one.
pub(super) fn rollout(cx: &mut Lifting<'_>, update: Option<&Update>, back: Option<&Update>) -> Rollout {
    let mut rollout = Rollout::default();
    if let Some(Update { at: _, parallelism, delay, failure_action, monitor, max_failure_ratio, order, extensions }) =
        update
    {
        cx.decided(extensions, "`x-` keys of `update_config` are the project's own notes");
        rollout.parallelism = parallelism.as_ref().map(|number| number.with(u64::try_from(number.value).unwrap_or(0)));
        rollout.delay.clone_from(delay);
        rollout.monitor.clone_from(monitor);
        rollout.start_first = order.as_ref().map(|order| order.with(order.value == "start-first"));
        rollout.failure_action.clone_from(failure_action);
        rollout.max_failure_ratio.clone_from(max_failure_ratio);
    }
    if let Some(Update { at: _, parallelism, delay, failure_action, monitor, max_failure_ratio, order, extensions }) =
        back
    {
        cx.decided(extensions, "`x-` keys of `rollback_config` are the project's own notes");
        rollout.back = Some(Lifting::origin(&[parallelism, delay, failure_action, monitor, max_failure_ratio, order]));
    }
    rollout
}

/// What happens when a process ends: `restart`, else `deploy.restart_policy`, as docker compose reads them.
pub(super) fn restart(
    cx: &mut Lifting<'_>,
    written: Option<&Traced<String>>,
    policy: Option<&RestartPolicy>,
) -> Option<Traced<Restart>> {
    let first = written.filter(|restart| !restart.value.is_empty());
    if let Some(empty) = written.filter(|restart| restart.value.is_empty()) {
        cx.decided(empty, "an empty `restart` says nothing");
    }
    let second = policy.and_then(|policy| from_policy(cx, policy, first.is_some()));
    first.map(|restart| restart.with(policy_word(&restart.value))).or(second)
}

/// `always`, `unless-stopped`, `on-failure:3`, `no`.
fn policy_word(word: &str) -> Restart {
    let (word, count) = word.split_once(':').map_or((word, None), |(word, count)| (word, Some(count)));
    match word {
        "always" => Restart::Always,
        "unless-stopped" => Restart::UnlessStopped,
        "on-failure" => {
            Restart::OnFailure { max: count.and_then(|count| count.trim().parse().ok()).filter(|n| *n > 0) }
        }
        _ => Restart::No,
    }
}

fn from_policy(cx: &mut Lifting<'_>, policy: &RestartPolicy, beaten: bool) -> Option<Traced<Restart>> {
    let RestartPolicy { at: _, condition, delay, max_attempts, window, extensions } = policy;
    cx.decided(extensions, "`x-` keys of `restart_policy` are the project's own notes");
    cx.dropped(
        delay,
        "the kubelet waits 10 seconds before a second start, then twice as long each time up to 5 minutes, and no pod \
         can change that",
        "",
    );
    cx.dropped(
        window,
        "whether a start succeeded is told by the probes; a pod has no time to wait before it counts",
        "give the service a health check with a `start_period`",
    );
    if beaten {
        let why = "docker compose reads `restart` first, and it is written";
        cx.decided(condition, why);
        cx.decided(max_attempts, &format!("the limit belongs to `restart_policy.condition`; {why}"));
        return None;
    }
    let max = max_attempts.as_ref().and_then(|max| u32::try_from(max.value).ok()).filter(|max| *max > 0);
    let word = condition.as_ref().map_or("any", |condition| condition.value.as_str());
    let restart = match word {
        "none" => Restart::No,
        "on-failure" => Restart::OnFailure { max },
        _ => Restart::Always,
    };
    if condition.is_none() && max_attempts.is_none() {
        return None;
    }
    if word != "on-failure" {
        let why = format!("a number of attempts only matters with the condition `on-failure`, and it is `{word}`");
        cx.decided(max_attempts, &why);
        return condition.as_ref().map(|condition| condition.with(restart));
    }
    Some(Traced::new(restart, Lifting::origin(&[condition, max_attempts])))
}

/// Where replicas may run.
pub(super) fn placement(cx: &mut Lifting<'_>, placement: Option<&typed::Placement>) -> Placement {
    let Some(section) = placement else { return Placement::default() };
    let typed::Placement { at: _, constraints, preferences, max_replicas_per_node, extensions } = section;
    cx.decided(extensions, "`x-` keys of `placement` are the project's own notes");
    let mut spread = Vec::new();
    for Preference { at: _, spread: over, extensions } in preferences {
        cx.decided(extensions, "`x-` keys of a placement preference are the project's own notes");
        spread.extend(over.clone());
    }
    let constraints = constraints.iter().map(|constraint| constraint.with(condition(&constraint.value))).collect();
    Placement { constraints, spread, max_per_node: per_node(cx, max_replicas_per_node.as_ref()) }
}

/// A condition with one space around its sign, and an architecture by the word that nodes of a cluster have for it.
fn condition(text: &str) -> String {
    let split = |sign: &'static str| text.split_once(sign).map(|(key, value)| (key.trim(), sign, value.trim()));
    let Some((key, sign, value)) = split("==").or_else(|| split("!=")) else { return text.to_owned() };
    let value = if key == "node.platform.arch" { architecture(value) } else { value };
    format!("{key} {sign} {value}")
}

fn per_node(cx: &mut Lifting<'_>, most: Option<&Traced<i64>>) -> Option<Traced<u64>> {
    let most = most?;
    match u64::try_from(most.value) {
        Ok(number) if number > 0 => Some(most.with(number)),
        _ => {
            cx.decided(most, "zero replicas per node is no limit");
            None
        }
    }
}
