//! What the user said: `x-tranship` and the labels of kompose, put where the lift would have decided itself.
//!
//! What has a place in the model is chosen here, with [`BY`](tranship_model::said::BY) as its rule; what only Kubernetes
//! knows goes along as fields of its objects (`objects.rs`), which the lowering puts in last; what is said of storage goes
//! to the volumes (`claims.rs`). A value that was overruled is noted as such.

mod claims;
mod objects;
mod parts;
mod reach;

use tranship_model::said::{Field, On, chosen, chosen_origin, is_chosen};
use tranship_model::{
    At, EnvValue, EnvVar, MountClass, Origin, Overlap, PullPolicy, Resources, Role, Schedule, Traced, Workload,
};
use tranship_source::Secret;

use super::account::Leaves;
use super::context::Lifting;
use super::schedules;
use crate::overrides::{self, EVERY, Effect, EnvKind, Kind, MountKind, MountSaid, Overrides, Pairs, RoleWord, Service};

pub(super) use claims::claims;
pub(super) use objects::of_service;
pub(super) use parts::{of_file, of_project, of_volume};
pub(super) use reach::{of_entry, reach};

use objects::field;

/// Notes every value that was said, and takes what was wrong with it.
pub(in crate::lift) fn account(cx: &mut Lifting<'_>, said: &mut Overrides) {
    cx.diagnostics.append(&mut said.diagnostics);
    for (at, words) in std::mem::take(&mut said.said) {
        cx.decided(&at, &format!("you said so: `{words}`"));
    }
    for label in std::mem::take(&mut said.labels) {
        match label.effect {
            Effect::Said(words) => cx.decided(&label.at, &format!("you said so with a label of kompose: `{words}`")),
            Effect::Needless(why) => cx.decided(&label.at, why),
            Effect::Without(why, todo) => {
                cx.dropped(&label.at, &why, todo);
                cx.warn(
                    "label-without-effect",
                    label.at.span,
                    format!("a label of kompose has no effect: {why}"),
                    todo,
                );
            }
        }
    }
}

/// What was said instead of a value, which is noted as overruled; the value itself where nothing was said.
pub(in crate::lift) fn over<T>(
    cx: &mut Lifting<'_>,
    said: Option<Traced<T>>,
    words: &str,
    own: Option<Traced<T>>,
) -> Option<Traced<T>> {
    let Some(said) = said else { return own };
    if let Some(own) = own {
        overruled(cx, &own, words);
    }
    Some(chosen(said.value, words, &said.origin))
}

fn overruled<T>(cx: &mut Lifting<'_>, own: &Traced<T>, words: &str) {
    cx.decided(own, &format!("you said otherwise: `{words}`"));
}

/// The number of replicas that was said.
pub(in crate::lift) fn replicas(cx: &mut Lifting<'_>, said: &Service, own: Option<Traced<u32>>) -> Option<Traced<u32>> {
    let words = said.replicas.as_ref().map(|replicas| format!("replicas: {}", replicas.value)).unwrap_or_default();
    over(cx, said.replicas.clone(), &words, own)
}

/// The image that was said.
pub(in crate::lift) fn image(
    cx: &mut Lifting<'_>,
    said: &Service,
    own: Option<Traced<String>>,
) -> Option<Traced<String>> {
    let words = said.image.as_ref().map(|image| format!("image: {}", image.value)).unwrap_or_default();
    over(cx, said.image.clone(), &words, own)
}

/// The pull policy that was said of the service, or else of the project.
pub(in crate::lift) fn pull(
    cx: &mut Lifting<'_>,
    said: &Service,
    own: Option<Traced<PullPolicy>>,
) -> Option<Traced<PullPolicy>> {
    let policy = said.image_pull_policy.as_ref().map(|policy| policy.clone().map(pull_policy));
    let words = said.image_pull_policy.as_ref().map(|p| format!("imagePullPolicy: {}", p.value.word()));
    over(cx, policy, &words.unwrap_or_default(), own)
}

fn pull_policy(policy: overrides::PullPolicy) -> PullPolicy {
    match policy {
        overrides::PullPolicy::Always => PullPolicy::Always,
        overrides::PullPolicy::IfNotPresent => PullPolicy::IfNotPresent,
        overrides::PullPolicy::Never => PullPolicy::Never,
    }
}

/// The role that was said.
pub(in crate::lift) fn role(said: &Service, own: Traced<Role>) -> Traced<Role> {
    let Some(role) = &said.role else { return own };
    let value = match role.value {
        RoleWord::App => Role::App,
        RoleWord::Store => Role::Store,
        RoleWord::Cache => Role::Cache,
        RoleWord::Queue => Role::Queue,
        RoleWord::Proxy => Role::Proxy,
        RoleWord::Observer => Role::Observer,
        RoleWord::Admin => Role::Admin,
        RoleWord::Helper => Role::Helper,
    };
    chosen(value, &format!("role: {}", role.value.word()), &role.origin)
}

/// An argv that was said.
pub(in crate::lift) fn argv(
    cx: &mut Lifting<'_>,
    said: Option<&Vec<Traced<String>>>,
    key: &str,
    own: Option<Traced<Vec<String>>>,
) -> Option<Traced<Vec<String>>> {
    let said = said.map(|words| {
        let origin = Origin::From(words.iter().flat_map(Leaves::list).collect());
        Traced::new(words.iter().map(|word| word.value.clone()).collect(), origin)
    });
    over(cx, said, key, own)
}

/// The kind of workload that was said; `None` where nothing was.
pub(in crate::lift) fn workload(said: &Service, replicas: Option<u32>) -> Option<Traced<Workload>> {
    let retries = said.backoff_limit.as_ref().map(|limit| limit.value);
    let Some(kind) = &said.workload else {
        let schedule = said.schedule.as_ref()?;
        return Some(chosen(Workload::Scheduled, &format!("schedule: {}", schedule.value), &schedule.origin));
    };
    let value = match kind.value {
        Kind::Deployment => Workload::Stateless,
        Kind::StatefulSet => Workload::Stateful,
        Kind::DaemonSet => Workload::PerNode,
        Kind::Job => task(replicas.unwrap_or(1).max(1), retries),
        Kind::CronJob => Workload::Scheduled,
        Kind::None => return None,
    };
    Some(chosen(value, &format!("workload: {}", kind.value.word()), &kind.origin))
}

/// When a service runs, where that was said.
pub(in crate::lift) fn schedule(cx: &mut Lifting<'_>, said: &Service) -> Option<Traced<Schedule>> {
    let overlap = match said.concurrency_policy.as_ref().map(|policy| policy.value) {
        Some(overrides::ConcurrencyPolicy::Allow) | None => Overlap::Allow,
        Some(overrides::ConcurrencyPolicy::Forbid) => Overlap::Skip,
        Some(overrides::ConcurrencyPolicy::Replace) => Overlap::Replace,
    };
    let mut schedule = schedules::said(cx, said.schedule.as_ref()?, overlap)?;
    if let Some(policy) = &said.concurrency_policy {
        schedule.origin = schedule.origin.and(&policy.origin);
    }
    Some(schedule)
}

fn task(runs: u32, retries: Option<u32>) -> Workload {
    Workload::Task { completions: runs, parallelism: runs, retries }
}

/// How often a failed run is tried again, where that was said of a task the lift found itself.
pub(in crate::lift) fn retries(said: &Service, own: Traced<Workload>) -> Traced<Workload> {
    match (&said.backoff_limit, own.value) {
        (Some(limit), Workload::Task { completions, parallelism, retries: _ }) if !is_chosen(&own.origin) => {
            let value = Workload::Task { completions, parallelism, retries: Some(limit.value) };
            let words = format!("backoffLimit: {}", limit.value);
            Traced::new(value, chosen_origin(&words, &limit.origin).and(&own.origin))
        }
        _ => own,
    }
}

/// Variables by what was said of them.
pub(in crate::lift) fn env(cx: &mut Lifting<'_>, service: &str, said: &Service, env: &mut [EnvVar]) {
    for (name, kind) in said.env.iter().flat_map(|pairs| &pairs.0) {
        let Some(variable) = env.iter_mut().find(|variable| variable.name == *name) else {
            nothing(cx, kind.span(), &format!("`{service}` has no variable `{name}`"));
            continue;
        };
        let words = format!("env.{name}: {}", kind.value.word());
        let EnvVar { name: _, value } = variable;
        let text = match &value.value {
            EnvValue::Plain(text) => text.clone(),
            EnvValue::Secret { value, because: _ } => value.expose().clone(),
            EnvValue::Elsewhere { .. } | EnvValue::Unset => continue,
        };
        value.origin = value.origin.clone().and(&kind.origin);
        value.value = match kind.value {
            EnvKind::Plain => EnvValue::Plain(text),
            EnvKind::Secret => {
                EnvValue::Secret { value: Secret::new(text), because: format!("you said so: `{words}`") }
            }
        };
    }
}

fn nothing(cx: &mut Lifting<'_>, span: tranship_source::Span, what: &str) {
    cx.warn(
        "override-nothing",
        span,
        format!("what is said has no effect: {what}"),
        "take it away, or correct the name",
    );
}

/// What was said of the mount at a path, or of every mount.
pub(in crate::lift) fn of_mount<'a>(
    mounts: Option<&'a Pairs<MountSaid>>,
    target: &str,
) -> Option<&'a overrides::MountKeys> {
    let mounts = mounts?;
    mounts.get(target).or_else(|| mounts.get(EVERY)).map(|said| &said.0)
}

/// Whether something is said of the mount at a path itself.
pub(in crate::lift) fn is_particular(mounts: Option<&Pairs<MountSaid>>, target: &str) -> bool {
    mounts.is_some_and(|mounts| mounts.get(target).is_some())
}

/// The class that was said of the mount at a path.
pub(in crate::lift) fn class(mounts: Option<&Pairs<MountSaid>>, target: &str) -> Option<Traced<MountClass>> {
    let class = of_mount(mounts, target)?.class.as_ref()?;
    let value = match class.value {
        MountKind::Data => MountClass::Data,
        MountKind::Config => MountClass::Config,
        MountKind::Secret => MountClass::Secret,
        MountKind::Logs => MountClass::Logs,
        MountKind::Source => MountClass::Source,
        MountKind::Cache => MountClass::Cache,
        MountKind::Host => MountClass::Host,
        MountKind::EmptyDir => MountClass::Scratch,
    };
    Some(chosen(value, &format!("mounts.{target}: {}", class.value.word()), &class.origin))
}

/// Amounts: what the model has goes there, the rest is fields of the container.
pub(in crate::lift) fn resources(cx: &mut Lifting<'_>, said: &Service, own: &mut Resources, out: &mut Vec<Field>) {
    let Some(overrides::ResourceAmounts { requests, limits }) = &said.resources else { return };
    for (section, amounts) in [("requests", requests), ("limits", limits)] {
        for (name, amount) in amounts.iter().flat_map(|pairs| &pairs.0) {
            let words = format!("resources.{section}.{name}: {}", amount.value.text);
            let is_limit = section == "limits";
            let (slot, value) = match name.as_str() {
                "cpu" if is_limit => (&mut own.cpu_limit, amount.value.thousandths()),
                "cpu" => (&mut own.cpu_reserved, amount.value.thousandths()),
                "memory" if is_limit => (&mut own.memory_limit, amount.value.ones()),
                "memory" => (&mut own.memory_reserved, amount.value.ones()),
                "ephemeral-storage" if is_limit => (&mut own.disk_limit, amount.value.ones()),
                "ephemeral-storage" => (&mut own.disk_reserved, amount.value.ones()),
                other => {
                    let path = ["resources", section, other];
                    out.push(field(On::Container, &path, amount.value.text.as_str(), &words, &amount.origin));
                    continue;
                }
            };
            *slot = over(cx, Some(amount.with(value)), &words, slot.take());
        }
    }
}

/// The names that were said, as further names of the service.
pub(in crate::lift) fn names(said: &Service) -> Vec<Traced<String>> {
    let names = said.service.iter().flat_map(|front| &front.names).flatten();
    names.map(|name| chosen(name.value.0.clone(), &format!("service.names: {}", name.value.0), &name.origin)).collect()
}

/// A service that is left out because the user said so.
pub(in crate::lift) fn left_out(cx: &mut Lifting<'_>, at: &At) {
    cx.decided(&at.whole(), "you said so: `workload: none`; it is no part of the output");
}
