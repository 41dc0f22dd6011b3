//! CPU, memory and devices.

use tranship_model::{Device, Origin, Resources, Traced, Ulimit};
use tranship_source::yaml::{Key, Map, Node};

use super::Lowering;
use super::fields::{Fields, blamed};
use super::workload::{Place, warn};

/// The `resources` section.
pub(crate) fn lower(cx: &mut Lowering<'_>, place: &Place, resources: &Resources) -> Node {
    let Resources {
        cpu_limit,
        cpu_reserved,
        memory_limit,
        memory_reserved,
        disk_limit,
        disk_reserved,
        pids_limit,
        shm_size: _, // by the mounts
        ulimits,
        devices,
        device_files,
    } = resources;
    let mut limits = Map::default();
    let mut requests = Map::default();
    let pairs = [("cpu", cpu_limit, cpu_reserved, cpu as fn(u64) -> String)];
    let bytes = [("memory", memory_limit, memory_reserved), ("ephemeral-storage", disk_limit, disk_reserved)];
    let bytes = bytes.map(|(name, limit, reserved)| (name, limit, reserved, memory as _));
    for (name, limit, reserved, text) in pairs.into_iter().chain(bytes) {
        for (map, section, value) in [(&mut limits, "limits", limit), (&mut requests, "requests", reserved)] {
            let Some(value) = value else { continue };
            let to = place.container(&format!("resources.{section}.{name}"));
            let because = match &value.origin {
                Origin::Decided { because, .. } => because,
                Origin::From(_) => "the same amount in Kubernetes' units",
            };
            cx.ledger.translated(&value.origin, &to, because);
            map.insert(Key::from(name), blamed(value, text(value.value)));
        }
        within(cx, &mut requests, limit.as_ref(), reserved.as_ref(), name, text);
    }
    for device in devices {
        gpu(cx, place, &mut limits, device);
    }
    if let Some(limit) = pids_limit {
        let why = "the number of processes is limited by the kubelet's `podPidsLimit`, not by a pod";
        cx.ledger.dropped(&limit.origin, why, "set `podPidsLimit` in the nodes' kubelet configuration");
    }
    for Ulimit { origin, name, soft: _, hard: _ } in ulimits {
        let why = format!("a pod has no `{name}` limit of its own; it gets the one of the node's container runtime");
        cx.ledger.dropped(origin, &why, "set it in the runtime's configuration, or with `ulimit` in the entrypoint");
    }
    for file in device_files {
        let (host, _, _) = &file.value;
        let why = format!("`{host}` is a device of one machine, and a pod gets devices from a device plugin");
        cx.ledger.dropped(&file.origin, &why, "install a device plugin and ask for its resource");
        let message = format!("`{}` gets no device `{host}`", place.name);
        warn(cx, "device-dropped", file.span(), message, "install a device plugin and ask for its resource");
    }
    Fields::new().filled("limits", limits).filled("requests", requests).node()
}

/// What is kept never passes the limit: the API server refuses that, and Docker does too at start.
fn within(
    cx: &mut Lowering<'_>,
    requests: &mut Map,
    limit: Option<&Traced<u64>>,
    reserved: Option<&Traced<u64>>,
    name: &str,
    text: fn(u64) -> String,
) {
    let (Some(limit), Some(reserved)) = (limit, reserved) else { return };
    if reserved.value <= limit.value {
        return;
    }
    requests.insert(Key::from(name), blamed(reserved, text(limit.value)));
    let message = format!("more {name} is reserved than the limit allows");
    warn(cx, "reservation-over-limit", reserved.span(), message, "the limit is used for both; lower the reservation");
}

/// GPUs by the resource their device plugin offers.
fn gpu(cx: &mut Lowering<'_>, place: &Place, limits: &mut Map, device: &Device) {
    let Device { origin, driver, count, ids, capabilities, options: _ } = device;
    let resource = match driver.as_deref().unwrap_or("nvidia") {
        "nvidia" | "" => "nvidia.com/gpu",
        "amd" | "amd.com" => "amd.com/gpu",
        "intel" => "gpu.intel.com/i915",
        other => {
            let why = format!("no device plugin is known for the driver `{other}`");
            cx.ledger.dropped(origin, &why, "add the plugin's resource to `resources.limits` by hand");
            let message = format!("`{}` gets no device of the driver `{other}`", place.name);
            warn(cx, "device-dropped", origin.span(), message, "add the plugin's resource by hand");
            return;
        }
    };
    let is_gpu = capabilities.is_empty()
        || capabilities.iter().any(|c| ["gpu", "compute", "utility", "graphics"].contains(&&**c));
    if !is_gpu {
        let why = format!("no device plugin is known for {}", capabilities.join(", "));
        cx.ledger.dropped(origin, &why, "add the plugin's resource to `resources.limits` by hand");
        return;
    }
    let number = match count {
        Some(n) if *n > 0 => *n,
        _ if !ids.is_empty() => i64::try_from(ids.len()).unwrap_or(1),
        _ => 1,
    };
    let why = match count {
        Some(-1) => "a pod asks for a number of devices and never for all of them: it gets one",
        _ => "devices are asked for by the resource of their plugin",
    };
    cx.ledger.translated(origin, &place.container(&format!("resources.limits[\"{resource}\"]")), why);
    limits.insert(Key::from(resource), Node::from(number.to_string()).blamed_on(origin.span()));
}

/// CPU in thousandths as a quantity: `250m`, `2`.
fn cpu(milli: u64) -> String {
    if milli.is_multiple_of(1000) { (milli / 1000).to_string() } else { format!("{milli}m") }
}

/// Bytes as the shortest exact quantity: `512Mi`, `1500`.
pub(crate) fn memory(bytes: u64) -> String {
    let units = [(1u64 << 40, "Ti"), (1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")];
    let unit = units.iter().find(|(size, _)| bytes >= *size && bytes.is_multiple_of(*size));
    unit.map_or_else(|| bytes.to_string(), |(size, name)| format!("{}{name}", bytes / size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_short_and_exact() {
        for (bytes, text) in [(512 << 20, "512Mi"), (1 << 30, "1Gi"), (1500, "1500"), (0, "0"), (3 << 19, "1536Ki")] {
            assert_eq!(memory(bytes), text);
        }
        for (milli, text) in [(250, "250m"), (2000, "2"), (1500, "1500m")] {
            assert_eq!(cpu(milli), text);
        }
    }
}
