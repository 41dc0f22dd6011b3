//! CPU, memory, devices and limits of the kernel.

use tranship_model::{Device, Origin, Resources, Traced, Ulimit};

use super::context::Lifting;
use crate::typed::{self, Bytes, DeviceMapping, DeviceRequest, Limits, Pairs};

/// The keys of a service that resources are made of.
pub(super) struct Keys<'a> {
    pub cpus: &'a Option<Traced<f64>>,
    pub cpu_quota: &'a Option<Traced<i64>>,
    pub cpu_period: &'a Option<Traced<String>>,
    pub mem_limit: &'a Option<Traced<Bytes>>,
    pub mem_reservation: &'a Option<Traced<Bytes>>,
    pub pids_limit: &'a Option<Traced<i64>>,
    pub shm_size: &'a Option<Traced<Bytes>>,
    pub ulimits: &'a Pairs<typed::Ulimit>,
    pub gpus: &'a [DeviceRequest],
    pub devices: &'a [DeviceMapping],
    pub deploy: Option<&'a typed::Resources>,
}

/// The resources of a service. What stands both at the service and under `deploy` is the same by the loader's rules.
pub(super) fn lift(cx: &mut Lifting<'_>, keys: &Keys<'_>) -> Resources {
    let Keys {
        cpus,
        cpu_quota,
        cpu_period,
        mem_limit,
        mem_reservation,
        pids_limit,
        shm_size,
        ulimits,
        gpus,
        devices,
        deploy,
    } = keys;
    let (limits, reservations) = sections(cx, *deploy);
    let mut all: Vec<Device> = gpus.iter().map(device).collect();
    all.extend(limits.devices.iter().chain(&reservations.devices).cloned());
    let cpu_limit = both(millicores(cx, cpus.as_ref(), "cpus"), limits.cpu);
    Resources {
        cpu_limit: quota(cx, cpu_limit, cpu_quota.as_ref(), cpu_period.as_ref()),
        cpu_reserved: reservations.cpu,
        memory_limit: both(bytes(cx, mem_limit.as_ref(), "mem_limit"), limits.memory),
        memory_reserved: both(bytes(cx, mem_reservation.as_ref(), "mem_reservation"), reservations.memory),
        disk_limit: None,
        disk_reserved: None,
        pids_limit: both(pids(cx, pids_limit.as_ref()), limits.pids).or(reservations.pids),
        shm_size: bytes(cx, shm_size.as_ref(), "shm_size"),
        ulimits: ulimits.iter().map(|pair| ulimit(cx, &pair.key, &pair.value)).collect(),
        devices: all,
        device_files: devices.iter().map(|mapping| device_file(cx, mapping)).collect(),
    }
}

/// Amounts of one of the two sections under `deploy.resources`.
#[derive(Default)]
struct Amounts {
    cpu: Option<Traced<u64>>,
    memory: Option<Traced<u64>>,
    pids: Option<Traced<i64>>,
    devices: Vec<Device>,
}

fn sections(cx: &mut Lifting<'_>, deploy: Option<&typed::Resources>) -> (Amounts, Amounts) {
    let Some(section) = deploy else { return Default::default() };
    let typed::Resources { at: _, limits, reservations, extensions } = section;
    cx.decided(extensions, "`x-` keys of the resources are the project's own notes");
    let mut each = |limits: &Option<Limits>| limits.as_ref().map(|limits| amounts(cx, limits)).unwrap_or_default();
    (each(limits), each(reservations))
}

fn amounts(cx: &mut Lifting<'_>, limits: &Limits) -> Amounts {
    let Limits { at: _, cpus, memory, pids: most, devices, generic_resources, extensions } = limits;
    cx.decided(extensions, "`x-` keys of limits and reservations are the project's own notes");
    for resource in generic_resources {
        generic(cx, resource);
    }
    Amounts {
        cpu: millicores(cx, cpus.as_ref(), "cpus"),
        memory: bytes(cx, memory.as_ref(), "memory"),
        pids: pids(cx, most.as_ref()),
        devices: devices.iter().map(device).collect(),
    }
}

fn generic(cx: &mut Lifting<'_>, resource: &typed::GenericResource) {
    let typed::GenericResource { at: _, discrete_resource_spec, extensions } = resource;
    cx.decided(extensions, "`x-` keys of a generic resource are the project's own notes");
    if let Some(typed::DiscreteResource { at: _, kind, value, extensions }) = discrete_resource_spec {
        cx.decided(extensions, "`x-` keys of a generic resource are the project's own notes");
        let why =
            "a generic resource is a name given in the engine's configuration, which says nothing about a cluster";
        let todo = "if the cluster's nodes offer the resource, add its extended resource name to `resources.limits`";
        cx.dropped(kind, why, todo);
        cx.dropped(value, "the number belongs to a generic resource that has no counterpart by itself", todo);
    }
}

/// One value of two that say the same.
fn both<T>(first: Option<Traced<T>>, second: Option<Traced<T>>) -> Option<Traced<T>> {
    match (first, second) {
        (Some(mut first), Some(second)) => {
            first.origin = first.origin.and(&second.origin);
            Some(first)
        }
        (first, second) => first.or(second),
    }
}

/// Cores in thousandths, rounded up; zero is no limit.
fn millicores(cx: &mut Lifting<'_>, cpus: Option<&Traced<f64>>, key: &str) -> Option<Traced<u64>> {
    let cpus = cpus?;
    let scaled = (cpus.value * 1000.0).ceil();
    if !(scaled > 0.0 && scaled.is_finite()) {
        cx.decided(cpus, &format!("`{key}` of zero asks for no limit"));
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and no machine has 2^64 cores"
    )]
    Some(cpus.with(scaled as u64))
}

/// The share of time that quota and period give, when `cpus` does not say it.
fn quota(
    cx: &mut Lifting<'_>,
    limit: Option<Traced<u64>>,
    quota: Option<&Traced<i64>>,
    period: Option<&Traced<String>>,
) -> Option<Traced<u64>> {
    let microseconds = period.and_then(|period| {
        let plain = period.value.parse::<u64>().ok();
        plain.or_else(|| typed::duration(&period.value).and_then(|d| u64::try_from(d.as_micros()).ok()))
    });
    let time = quota.and_then(|quota| u64::try_from(quota.value).ok()).filter(|time| *time > 0);
    match (limit, time) {
        (None, Some(time)) => {
            let cores = (time * 1000).div_ceil(microseconds.filter(|p| *p > 0).unwrap_or(100_000));
            Some(Traced::new(cores.max(1), Lifting::origin(&[&quota, &period])))
        }
        (limit, _) => {
            let why = if limit.is_some() { "`cpus` says the limit already" } else { "no quota asks for a limit" };
            cx.decided(&quota, &format!("`cpu_quota` has no effect: {why}"));
            cx.decided(&period, &format!("`cpu_period` only scales `cpu_quota`, and {why}"));
            limit
        }
    }
}

/// A size in bytes; zero and less are no limit.
fn bytes(cx: &mut Lifting<'_>, size: Option<&Traced<Bytes>>, key: &str) -> Option<Traced<u64>> {
    let size = size?;
    match u64::try_from(size.value.0) {
        Ok(number) if number > 0 => Some(size.with(number)),
        _ => {
            cx.decided(size, &format!("`{key}` of zero or less asks for no limit"));
            None
        }
    }
}

/// Most processes; zero and less are no limit.
fn pids(cx: &mut Lifting<'_>, most: Option<&Traced<i64>>) -> Option<Traced<i64>> {
    let most = most?;
    if most.value <= 0 {
        cx.decided(most, "a process limit of zero or less asks for no limit");
        return None;
    }
    Some(most.clone())
}

fn ulimit(cx: &mut Lifting<'_>, name: &str, ulimit: &typed::Ulimit) -> Ulimit {
    let (origin, soft, hard) = match ulimit {
        typed::Ulimit::Single(limit) => (limit.origin.clone(), limit.value, limit.value),
        typed::Ulimit::Pair(pair) => {
            let typed::UlimitPair { at, soft, hard, extensions } = pair;
            cx.decided(extensions, "`x-` keys of a ulimit are the project's own notes");
            // The resolved project leaves out zeros, so that a limit of zero is a pair of nothing.
            let first = soft.as_ref().or(hard.as_ref()).map_or(0, |limit| limit.value);
            let value = |limit: &Option<Traced<i64>>| limit.as_ref().map_or(first, |limit| limit.value);
            let leaves = Lifting::origin(&[soft, hard]);
            let origin = if leaves.leaves().is_empty() { Origin::From(vec![at.whole()]) } else { leaves };
            (origin, value(soft), value(hard))
        }
    };
    Ulimit { origin, name: name.to_owned(), soft, hard }
}

fn device(request: &DeviceRequest) -> Device {
    let DeviceRequest { at, capabilities, driver, count, device_ids, options, extensions: _ } = request;
    let words = |list: &[Traced<String>]| list.iter().map(|word| word.value.clone()).collect();
    Device {
        // A request is one thing; its subtree speaks for all of its leaves.
        origin: Origin::From(vec![at.whole()]),
        driver: driver.as_ref().map(|driver| driver.value.clone()),
        count: count.as_ref().and_then(|count| match count.value.as_str() {
            "all" => Some(-1),
            number => number.parse().ok(),
        }),
        ids: words(device_ids),
        capabilities: words(capabilities),
        options: options.iter().map(|p| (p.key.clone(), p.value.text.clone().unwrap_or_default())).collect(),
    }
}

fn device_file(cx: &mut Lifting<'_>, mapping: &DeviceMapping) -> Traced<(String, String, String)> {
    let DeviceMapping { at: _, source, target, permissions, extensions } = mapping;
    cx.decided(extensions, "`x-` keys of a device are the project's own notes");
    let text = |value: &Option<Traced<String>>| value.as_ref().map(|value| value.value.clone()).unwrap_or_default();
    let (from, to) = (text(source), text(target));
    let to = if to.is_empty() { from.clone() } else { to };
    Traced::new((from, to, text(permissions)), Lifting::origin(&[source, target, permissions]))
}
